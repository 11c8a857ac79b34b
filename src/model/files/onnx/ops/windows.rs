//! What convolutions and pools say of their windows.

use super::super::{call::Call, node::Node};
use crate::nn::graph::{Margins, ValueId};

/// The most pixels that a stride, a dilation or a padding may be.
const MAX_PIXELS: i64 = 1 << 20;

/// Windows along one axis, as ONNX describes them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Along {
    pub kernel: usize,
    pub stride: usize,
    pub dilation: usize,
    /// Before and behind.
    pub padding: [usize; 2],
}

impl Along {
    /// Windows that are the values themselves.
    const SINGLE: Self = Self { kernel: 1, stride: 1, dilation: 1, padding: [0; 2] };

    /// Whether every window is one value, and every value has one.
    pub fn is_single(&self) -> bool {
        self.kernel == 1 && self.stride == 1 && self.padding == [0; 2]
    }
}

/// Windows of rows and columns. Along one axis only, there is one row.
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
        match along(node, shape, kernel)?[..] {
            [columns] => Ok(Self { is_line: true, ..Self::of_axes(Along::SINGLE, columns) }),
            [rows, columns] => Ok(Self::of_axes(rows, columns)),
            _ => Err(is_no_picture(shape)),
        }
    }

    /// Windows of rows and columns.
    pub fn of_axes(rows: Along, columns: Along) -> Self {
        let [[top, bottom], [left, right]] = [rows.padding, columns.padding];
        Self {
            kernel: [rows.kernel, columns.kernel],
            strides: [rows.stride, columns.stride],
            dilations: [rows.dilation, columns.dilation],
            padding: Margins { top, left, bottom, right },
            is_line: false,
        }
    }
}

/// Of what has more axes than a map.
pub(super) fn is_no_picture(shape: &[usize]) -> String {
    format!("its input has {} axes, and igoscope computes pictures: 4 axes", shape.len())
}

/// The windows of a node along every axis of a map of one to three; as for [`Windows::of`].
pub(super) fn along(node: Node<'_>, shape: &[usize], kernel: Option<&[usize]>) -> Result<Vec<Along>, String> {
    let axes = match shape.len() {
        3..=5 => shape.len() - 2,
        _ => return Err(is_no_picture(shape)),
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
    let of_axis = |axis: usize| Along {
        kernel: kernel[axis],
        stride: strides[axis],
        dilation: dilations[axis],
        padding: padding[axis],
    };
    Ok((0..axes).map(of_axis).collect())
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
