//! Deletion and insertion: what judges every method in the same way.

mod changed;
mod curves;
mod judges;
mod parameters;
mod random;
mod spread;

pub use changed::{Canvas, Change, Ranking, Reading};
pub use curves::{CurvePoint, Curves, HALVED, Judging, NEARLY_ALL, judge, judge_order, rank};
pub use judges::{Judge, SecondOpinion};
pub use parameters::CurveParameters;
pub use random::{Band, RandomOrders, judge_random_orders};
pub use spread::{MeanAndDeviation, Spread};
