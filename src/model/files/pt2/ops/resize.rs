//! Maps of other sizes.

use super::{
    super::call::{Call, Results, size},
    Row,
};
use crate::nn::graph::{Coordinates, Nearest, Op, Resize, ResizeMode};

pub(super) const TABLE: &[Row] = &[
    ("upsample_nearest2d", |call| nearest(call, Nearest::Floor, Coordinates::Asymmetric)),
    ("_upsample_nearest_exact2d", |call| nearest(call, Nearest::RoundPreferCeil, Coordinates::HalfPixel)),
    ("upsample_bilinear2d", |call| smooth(call, ResizeMode::Linear, false)),
    ("upsample_bicubic2d", |call| smooth(call, ResizeMode::Cubic { coefficient: -0.75 }, false)),
    // As Pillow has them: with its coefficient, and nothing beside the map.
    ("_upsample_bilinear2d_aa", |call| smooth(call, ResizeMode::Linear, true)),
    ("_upsample_bicubic2d_aa", |call| smooth(call, ResizeMode::Cubic { coefficient: -0.5 }, true)),
    ("pixel_shuffle", |call| {
        let input = call.tensor("self")?;
        let block = call.size("upscale_factor")?;
        call.finish(Op::DepthToSpace { block, channels_first: true }, &[input])
    }),
];

fn nearest(call: &mut Call<'_>, nearest: Nearest, coordinates: Coordinates) -> Results {
    resize(call, ResizeMode::Nearest(nearest), coordinates, false)
}

fn smooth(call: &mut Call<'_>, mode: ResizeMode, antialias: bool) -> Results {
    let corners = call.is_on("align_corners", false)?;
    if corners && antialias {
        // What PyTorch does then puts no corners on corners.
        return Err("it filters maps with their corners aligned, which igoscope does not compute".to_owned());
    }
    resize(call, mode, if corners { Coordinates::AlignCorners } else { Coordinates::HalfPixel }, antialias)
}

/// To a size, or by factors; where both are said, as decompositions do, the factors tell which places belong together.
fn resize(call: &mut Call<'_>, mode: ResizeMode, coordinates: Coordinates, antialias: bool) -> Results {
    let name = if call.argument("input").is_some() { "input" } else { "self" };
    let input = call.tensor(name)?;
    let shape = call.shape(input);
    let &[n, c, rows, columns] = shape.as_slice() else { return Err(format!("its map has the shape {shape:?}")) };
    let factors = match call.argument("scale_factors") {
        Some(super::super::program::Argument::Floats(factors)) => factors.iter().map(|factor| Some(*factor)).collect(),
        _ => vec![call.maybe_float("scales_h")?, call.maybe_float("scales_w")?],
    };
    let factor = |axis: usize| factors.get(axis).copied().flatten().filter(|factor| *factor > 0.0);
    let sizes = match call.maybe_ints("output_size")? {
        Some(sizes) => sizes.into_iter().map(size).collect::<Result<Vec<usize>, _>>()?,
        None => {
            let (Some(vertical), Some(horizontal)) = (factor(0), factor(1)) else {
                return Err("neither its size nor its factors are known".to_owned());
            };
            vec![size((rows as f64 * vertical) as i64)?, size((columns as f64 * horizontal) as i64)?]
        }
    };
    let &[to_rows, to_columns] = sizes.as_slice() else { return Err(format!("its size cannot be {sizes:?}")) };
    let scale = |axis: usize, to: usize, from: usize| factor(axis).unwrap_or(to as f64 / from as f64) as f32;
    let scales = vec![1.0, 1.0, scale(0, to_rows, rows), scale(1, to_columns, columns)];
    let sizes = vec![n, c, to_rows, to_columns];
    call.finish(
        Op::Resize(Resize { sizes, scales, mode, coordinates, exclude_outside: antialias, antialias }),
        &[input],
    )
}
