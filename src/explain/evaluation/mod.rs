//! Deletion and insertion: what judges every method in the same way.

mod changed;
mod curves;
mod parameters;

pub use changed::{Canvas, Change, Ranking};
pub use curves::{CurvePoint, Curves, judge, judge_order, rank};
pub use parameters::CurveParameters;
