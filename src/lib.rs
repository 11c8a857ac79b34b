//! igoscope shows *why* an image classifier made its decision.
//!
//! A picture goes in; I-GOS optimises a deletion mask for it, iteration by iteration, beside Grad-CAM and
//! integrated gradients, and deletion and insertion curves judge them all. The window and the command line
//! are two readers of the same stream of events.
//!
//! # Rooms
//!
//! A room imports only from floors below it (`ARCHITECTURE.md` has the picture). Those of floors 0 to 2 are crates of their
//! own; `tests/suite/rooms.rs` keeps the others.
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
pub mod export;
pub mod worker;

pub use igoscope_device as device;
pub use igoscope_explain as explain;
pub use igoscope_imaging as imaging;
pub use igoscope_model as model;
pub use igoscope_nn as nn;
