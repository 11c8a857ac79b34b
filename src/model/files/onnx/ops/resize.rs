//! Maps of another size.

use super::{
    super::call::{Call, Results, axis, size},
    Row,
};
use crate::nn::graph::{Coordinates, Nearest, Op, Resize, ResizeMode};

pub(super) const TABLE: &[Row] = &[("Resize", resize), ("Upsample", upsample)];

fn resize(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let rank = shape.len();
    let node = call.node;
    // Version 10 has scales where later ones have the region of interest.
    let (scales_at, is_old) = if call.opset < 11 { (1, true) } else { (2, false) };
    let along: Vec<usize> = match node.ints("axes") {
        Some(given) => given.iter().map(|&one| axis(one, rank)).collect::<Result<_, _>>()?,
        None => (0..rank).collect(),
    };
    let given_scales = call.known_if_there(scales_at)?.map(|scales| scales.floats()).filter(|all| !all.is_empty());
    let given_sizes = if is_old { None } else { call.ints_if_there(3)?.filter(|all| !all.is_empty()) };
    let (mut sizes, mut scales) = (shape.clone(), vec![1.0; rank]);
    match (given_sizes, given_scales) {
        (Some(given), _) if given.len() == along.len() => {
            for (&axis, &wanted) in along.iter().zip(&given) {
                sizes[axis] = size(wanted)?;
                scales[axis] = sizes[axis] as f32 / shape[axis] as f32;
            }
            if !matches!(node.text("keep_aspect_ratio_policy"), None | Some("stretch")) {
                return Err("only its policy “stretch” for other proportions is computed".to_owned());
            }
        }
        (None, Some(given)) if given.len() == along.len() => {
            for (&axis, &scale) in along.iter().zip(&given) {
                sizes[axis] = scaled(shape[axis], scale)?;
                scales[axis] = scale;
            }
        }
        _ => return Err("it does not say for each axis how large the result is".to_owned()),
    }
    if sizes == shape {
        return Ok(vec![call.input(0)?]);
    }
    let nearest = match node.text("nearest_mode").unwrap_or("round_prefer_floor") {
        _ if is_old => Nearest::Floor,
        "round_prefer_floor" => Nearest::RoundPreferFloor,
        "round_prefer_ceil" => Nearest::RoundPreferCeil,
        "floor" => Nearest::Floor,
        "ceil" => Nearest::Ceil,
        other => return Err(format!("its nearest_mode cannot be “{other}”")),
    };
    let mode = match node.text("mode").unwrap_or("nearest") {
        "nearest" => ResizeMode::Nearest(nearest),
        "linear" => ResizeMode::Linear,
        "cubic" => ResizeMode::Cubic { coefficient: node.float("cubic_coeff_a", -0.75) },
        other => return Err(format!("its mode “{other}” is not computed")),
    };
    let coordinates = match node.text("coordinate_transformation_mode").unwrap_or("half_pixel") {
        _ if is_old => Coordinates::Asymmetric,
        "half_pixel" => Coordinates::HalfPixel,
        "half_pixel_symmetric" => Coordinates::HalfPixelSymmetric,
        "pytorch_half_pixel" => Coordinates::PytorchHalfPixel,
        "align_corners" => Coordinates::AlignCorners,
        "asymmetric" => Coordinates::Asymmetric,
        other => return Err(format!("its coordinates “{other}” are not computed")),
    };
    let input = call.take(0)?;
    let (exclude_outside, antialias) = (node.is_on("exclude_outside"), node.is_on("antialias"));
    call.finish(Op::Resize(Resize { sizes, scales, mode, coordinates, exclude_outside, antialias }), &[input])
}

fn scaled(size: usize, scale: f32) -> Result<usize, String> {
    let scaled = (size as f32 * scale).floor();
    if (0.0..1e9).contains(&scaled) { Ok(scaled as usize) } else { Err(format!("it cannot scale by {scale}")) }
}

/// What versions before 10 had instead.
fn upsample(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let scales = match call.node.floats("scales") {
        Some(scales) => scales.to_vec(),
        None => call.known(1)?.floats(),
    };
    if scales.len() != shape.len() {
        return Err(format!("it has {} scales for {} axes", scales.len(), shape.len()));
    }
    let sizes = shape.iter().zip(&scales).map(|(&size, &scale)| scaled(size, scale)).collect::<Result<Vec<_>, _>>()?;
    let mode = match call.node.text("mode").unwrap_or("nearest") {
        "nearest" => ResizeMode::Nearest(Nearest::Floor),
        "linear" | "bilinear" => ResizeMode::Linear,
        other => return Err(format!("its mode “{other}” is not computed")),
    };
    let input = call.take(0)?;
    let coordinates = Coordinates::Asymmetric;
    let op = Resize { sizes, scales, mode, coordinates, exclude_outside: false, antialias: false };
    call.finish(Op::Resize(op), &[input])
}
