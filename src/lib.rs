//! igoscope shows *why* an image classifier made its decision.
//!
//! A picture goes in; I-GOS optimises a deletion mask for it, iteration by iteration, beside Grad-CAM and
//! integrated gradients, and deletion and insertion curves judge them all. The window and the command line
//! are two readers of the same stream of events.
//!
//! # Rooms
//!
//! A room imports only from floors below it (`ARCHITECTURE.md` has the picture, `tests/suite/rooms.rs` keeps it true).
//!
//! | floor | rooms |
//! | --- | --- |
//! | 5 | [`app`], [`cli`] |
//! | 4 | [`dataset`] |
//! | 3 | [`worker`], [`export`] |
//! | 2 | [`explain`] |
//! | 1 | [`model`] |
//! | 0 | [`nn`], [`imaging`], [`device`] |

pub mod app;
pub mod cli;
pub mod dataset;
pub mod device;
pub mod explain;
pub mod export;
pub mod imaging;
pub mod model;
pub mod worker;

pub use igoscope_nn as nn;
