//! What convolutions and pools say of their windows.

use super::super::{call::Call, node::Node};
use crate::nn::graph::{Margins, ValueId};

/// The most pixels that a stride, a dilation or a padding may be.
const MAX_PIXELS: i64 = 1 << 20;

/// Windows as ONNX describes them, of rows and columns. Along one axis only, there is one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    pub kernel: [usize; 2],
    pub strides: [usize; 2],
    pub dilations: [usize; 2],
    pub padding: Margins,
    /// Whether the map has one axis.
    pub is_line: bool,
}

impl Windows {
    /// The windows of a node over a map of a shape, `[1, c, h, w]` or `[1, c, w]`; the kernel is that of the weights if
    /// it is known.
    pub fn of(node: Node<'_>, shape: &[usize], kernel: Option<&[usize]>) -> Result<Self, String> {
        let axes = match shape.len() {
            3 => 1,
            4 => 2,
            rank => return Err(format!("its input has {rank} axes, and igoscope computes pictures: 4 axes")),
        };
        let pixels = |name: &str, unset: usize| -> Result<Vec<usize>, String> {
            let Some(given) = node.ints(name) else { return Ok(vec![unset; axes]) };
            let all = given.iter().map(|&value| usize::try_from(value).ok().filter(|_| value <= MAX_PIXELS));
            let all: Option<Vec<usize>> = all.collect();
            all.filter(|all| all.len() == axes).ok_or_else(|| format!("its {name} cannot be {given:?}"))
        };
        let kernel = match (kernel, node.has("kernel_shape")) {
            (Some(kernel), _) => kernel.to_vec(),
            (None, true) => pixels("kernel_shape", 1)?,
            (None, false) => return Err("it does not say how large its windows are".to_owned()),
        };
        if kernel.len() != axes || kernel.contains(&0) {
            return Err(format!("its windows cannot be {kernel:?}"));
        }
        let (strides, dilations) = (pixels("strides", 1)?, pixels("dilations", 1)?);
        if strides.contains(&0) || dilations.contains(&0) {
            return Err("its windows cannot be 0 pixels apart".to_owned());
        }
        let reach = |axis: usize| (kernel[axis] - 1).saturating_mul(dilations[axis]).saturating_add(1);
        let padding: Vec<[usize; 2]> = match node.text("auto_pad").unwrap_or("NOTSET") {
            "VALID" => vec![[0; 2]; axes],
            side @ ("SAME_UPPER" | "SAME_LOWER") => (0..axes)
                .map(|axis| {
                    let (size, stride) = (shape[axis + 2], strides[axis]);
                    let covered = (size.div_ceil(stride).max(1) - 1).saturating_mul(stride).saturating_add(reach(axis));
                    let missing = covered.saturating_sub(size);
                    let less = missing / 2;
                    if side == "SAME_UPPER" { [less, missing - less] } else { [missing - less, less] }
                })
                .collect(),
            "NOTSET" => match node.ints("pads") {
                None => vec![[0; 2]; axes],
                Some(pads) => {
                    let one = |value: i64| usize::try_from(value).ok().filter(|_| value <= MAX_PIXELS);
                    let all: Option<Vec<usize>> = pads.iter().map(|&value| one(value)).collect();
                    let all = all.filter(|all| all.len() == 2 * axes);
                    let all = all.ok_or_else(|| format!("its pads cannot be {pads:?}"))?;
                    (0..axes).map(|axis| [all[axis], all[axis + axes]]).collect()
                }
            },
            other => return Err(format!("its auto_pad cannot be “{other}”")),
        };
        let pair = |all: &[usize]| if axes == 1 { [1, all[0]] } else { [all[0], all[1]] };
        let [[top, bottom], [left, right]] = if axes == 1 { [[0; 2], padding[0]] } else { [padding[0], padding[1]] };
        Ok(Self {
            kernel: pair(&kernel),
            strides: pair(&strides),
            dilations: pair(&dilations),
            padding: Margins { top, left, bottom, right },
            is_line: axes == 1,
        })
    }
}

/// A map of one axis as one of one row.
pub(super) fn as_map(call: &mut Call<'_>, line: ValueId) -> Result<ValueId, String> {
    let shape = call.builder.shape(line).to_vec();
    let [n, c, w] = shape[..] else { return Ok(line) };
    call.reshaped(line, &[n, c, 1, w])
}

/// A map of one row as one of one axis.
pub(super) fn as_line(call: &mut Call<'_>, map: ValueId) -> Result<ValueId, String> {
    let shape = call.builder.shape(map).to_vec();
    let [n, c, _, w] = shape[..] else { return Ok(map) };
    call.reshaped(map, &[n, c, w])
}
