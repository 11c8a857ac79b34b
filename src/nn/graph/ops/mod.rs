//! What each operation does.

use super::{builder::Value, op::Op, shape::Shape};

pub(super) fn shapes(_op: &Op, _inputs: &[&Value]) -> Result<Vec<Shape>, String> {
    Err("not there yet".to_owned())
}

pub(super) fn fold(_op: &Op, _inputs: &[&Value], _shapes: &[Shape]) -> Result<Vec<Vec<f32>>, String> {
    Err("not there yet".to_owned())
}
