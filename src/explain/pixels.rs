//! From a value for every number of the input to a map: the channels of a pixel become one value.

use super::{ExplainError, Named, Saliency, choice};
use crate::imaging::{Interpolation, Size};

/// Share of the largest values that are drawn alike. Gradients have heavy tails.
const CLIPPED_FRACTION: f32 = 0.005;

/// How the values of a pixel's channels become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colours {
    /// The largest of their sizes.
    #[default]
    Largest,
    /// The sum of their sizes.
    Sum,
}

impl Named for Colours {
    const ALL: &'static [Self] = &[Self::Largest, Self::Sum];

    fn name(self) -> &'static str {
        match self {
            Self::Largest => "largest",
            Self::Sum => "sum",
        }
    }
}

choice!(Colours);

/// The sizes of `values`, `[channels, height, width]`, as a map at input size.
///
/// # Errors
/// One of them is not a number.
pub(crate) fn map_of(values: &[f32], size: Size, colours: Colours) -> Result<Saliency, ExplainError> {
    reduced(values, size, |pixel, value| match colours {
        Colours::Largest => pixel.max(value.abs()),
        Colours::Sum => pixel + value.abs(),
    })
}

/// The sum of a pixel's values, `[channels, height, width]`, as a map at input size: below 0 where they are.
///
/// # Errors
/// One of them is not a number.
pub(crate) fn signed_map_of(values: &[f32], size: Size) -> Result<Saliency, ExplainError> {
    reduced(values, size, |pixel, value| pixel + value)
}

fn reduced(values: &[f32], size: Size, add: impl Fn(f32, f32) -> f32) -> Result<Saliency, ExplainError> {
    if !values.iter().all(|value| value.is_finite()) {
        return Err(ExplainError::NotANumber { what: "a gradient" });
    }
    let mut pixels = vec![0.0; size.area()];
    for plane in values.chunks_exact(pixels.len().max(1)) {
        for (pixel, value) in pixels.iter_mut().zip(plane) {
            *pixel = add(*pixel, *value);
        }
    }
    Ok(of_pixels(pixels, size))
}

/// A value a pixel, `[height, width]`, as a map.
pub(crate) fn of_pixels(values: Vec<f32>, size: Size) -> Saliency {
    Saliency {
        width: size.width,
        height: size.height,
        values,
        interpolation: Interpolation::Nearest,
        clipped_fraction: CLIPPED_FRACTION,
        full: None,
    }
}
