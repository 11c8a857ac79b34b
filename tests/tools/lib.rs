//! What the tests compute with, number by number: a crate of its own, so that it is optimised where the tests are not.

mod made;
mod raster;

pub use made::{le_bytes, made, uniform};
pub use raster::Raster;
