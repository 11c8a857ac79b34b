//! Pieces that panels are made of.

pub mod icons;
pub mod list_keys;
pub mod painting;
pub mod rows;
pub mod steady;
