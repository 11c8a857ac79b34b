//! Nearly every test of the whole crate, as one program: each program links Candle and egui anew.
//!
//! Apart stand those that need a process to themselves: `memory` and `hostile_weights`, because a peak never falls, and
//! `text`, because a process speaks one language.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test finds wrong may end it")]

#[path = "../common/mod.rs"]
mod common;

mod attention;
mod bad_pictures;
mod bands;
mod black_box;
mod cam;
mod collection;
mod colour_profiles;
mod command_line;
mod commands;
mod curve_descent;
mod evaluate;
mod explain_parity;
mod export;
mod fetch;
mod gradients;
mod heads;
mod hub;
mod igos_properties;
mod kernels;
mod masks;
mod metrics;
mod models_in_window;
mod network_parity;
mod nothing;
mod oblong;
mod old_and_new;
mod onnx;
mod onnx_in_window;
mod opened_results;
mod people;
mod pictures;
mod precision;
mod pt2;
mod readings;
mod records;
mod rooms;
mod saved;
mod sizes;
mod state_dicts;
mod taken;
mod taken_by_clicks;
mod tape_networks;
mod wall;
mod weights;
mod window;
mod window_time;
mod worker;
mod zoo_parity;
