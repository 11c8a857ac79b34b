//! Shapes of tensors: lengths of their axes, the outermost first.

/// Lengths of a tensor's axes. No axes are a single value.
pub(super) type Shape = Vec<usize>;

/// How many values a tensor has, unless no number can say it.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1, |count: usize, len| count.checked_mul(*len))
}

/// The same for a shape that was checked.
pub(super) fn size(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// Values from one to the next along every axis, if they lie row after row.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The shape that two are broadcast to, as NumPy does it.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Result<Shape, String> {
    let rank = a.len().max(b.len());
    let len = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis]);
    (0..rank)
        .map(|axis| match (len(a, axis), len(b, axis)) {
            (a, b) if a == b => Ok(a),
            (1, len) | (len, 1) => Ok(len),
            _ => Err(format!("the shapes {a:?} and {b:?} cannot be broadcast to one")),
        })
        .collect()
}
