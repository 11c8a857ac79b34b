//! Convolutions with any windows: in groups, dilated, with a padding of its own on every side; and their transposes.
//!
//! Square windows with one stride are [layers](super::super::chain), which are quicker; this is for all others, and for
//! batches.

use std::ops::Range;

use pulp::Simd;

use super::{check_row, map_shape};
use crate::{
    Conv2d, DepthwiseConv2d, GroupedConv2d, Padding,
    activation::Activation,
    buffer::Buffer,
    graph::{
        layout::Layout,
        op::{Conv, ConvTranspose},
        shape::Shape,
        step::{Compiled, Context, Port, Record, Shared, Step, first_of, only},
    },
    kernels::{
        gemm::{NR, Packed, Rows},
        simd::{self, Kernel},
    },
    layer::Layer,
};

/// Values of a strip's patches: 64 KiB, so that they stay in a core's second-level cache.
const STRIP_VALUES: usize = 16 * 1024;

/// Windows in a strip at least: every strip reads all weights anew, which must be little beside its products.
const LEAST_STRIP: usize = 56;

/// The shape of a convolution's result.
pub(in crate::graph) fn shape(conv: &Conv, inputs: &[&[usize]]) -> Result<Shape, String> {
    let [images, channels, height, width] = map_shape(inputs[0])?;
    let [outputs, own, rows, columns] = weight_shape(inputs[1])?;
    if conv.groups == 0 || !outputs.is_multiple_of(conv.groups) || own.checked_mul(conv.groups) != Some(channels) {
        return Err(format!(
            "its input has the shape {:?} and its weight {:?}, which do not fit in {} groups",
            inputs[0], inputs[1], conv.groups
        ));
    }
    if let Some(bias) = inputs.get(2) {
        check_row("bias", bias, outputs)?;
    }
    let [height, width] = windows([height, width], [rows, columns], conv).map_err(|why| {
        format!("its windows of the weight {:?} do not fit the input {:?}: {why}", inputs[1], inputs[0])
    })?;
    Ok(vec![images, outputs, height, width])
}

/// The shape of a transposed convolution's result.
pub(super) fn transposed_shape(op: &ConvTranspose, inputs: &[&[usize]]) -> Result<Shape, String> {
    let ConvTranspose { conv, output_padding } = op;
    let [images, channels, height, width] = map_shape(inputs[0])?;
    let [own, outputs, rows, columns] = weight_shape(inputs[1])?;
    let outputs = outputs.checked_mul(conv.groups).filter(|outputs| *outputs > 0);
    let Some(outputs) = outputs.filter(|_| own == channels && own.is_multiple_of(conv.groups)) else {
        return Err(format!(
            "its input has the shape {:?} and its weight {:?}, which do not fit in {} groups",
            inputs[0], inputs[1], conv.groups
        ));
    };
    if let Some(bias) = inputs.get(2) {
        check_row("bias", bias, outputs)?;
    }
    let side = |axis: usize, len: usize, kernel: usize| -> Option<usize> {
        let [before, after] = conv.padding.pairs()[axis];
        let window = conv.dilations[axis].checked_mul(kernel - 1)?.checked_add(1)?;
        let reach = (len - 1).checked_mul(conv.strides[axis])?.checked_add(window)?;
        reach.checked_add(output_padding[axis])?.checked_sub(before.checked_add(after)?).filter(|len| *len > 0)
    };
    let fits = conv.strides.iter().chain(&conv.dilations).all(|step| *step > 0);
    match [side(0, height, rows), side(1, width, columns)] {
        [Some(height), Some(width)] if fits => Ok(vec![images, outputs, height, width]),
        _ => Err(format!("nothing is left of the input {:?} with the weight {:?} and {op:?}", inputs[0], inputs[1])),
    }
}

fn weight_shape(shape: &[usize]) -> Result<[usize; 4], String> {
    shape.try_into().map_err(|_| format!("its weight has the shape {shape:?} where [out, in, height, width] is wanted"))
}

/// How many windows there are down and across.
pub(in crate::graph) fn windows(map: [usize; 2], kernel: [usize; 2], conv: &Conv) -> Result<[usize; 2], String> {
    let along = |axis: usize| -> Option<usize> {
        let [before, after] = conv.padding.pairs()[axis];
        let window = conv.dilations[axis].checked_mul(kernel[axis] - 1)?.checked_add(1)?;
        let padded = map[axis].checked_add(before)?.checked_add(after)?;
        padded.checked_sub(window)?.checked_div(conv.strides[axis])?.checked_add(1)
    };
    match [along(0), along(1)] {
        [Some(down), Some(across)] if conv.dilations.iter().all(|step| *step > 0) => Ok([down, across]),
        _ => Err(format!("{conv:?}")),
    }
}

/// What a layer calls the padding of square windows on a map, if it has a name for it.
pub(in crate::graph) fn square_padding(
    conv: &Conv,
    [kernel, across]: [usize; 2],
    map: [usize; 2],
    result: [usize; 2],
) -> Option<Padding> {
    let stride = conv.strides[0];
    if kernel != across || conv.strides[1] != stride || kernel > 1 && conv.dilations != [1; 2] {
        return None;
    }
    let before = [conv.padding.top, conv.padding.left];
    // Windows that see nothing of the map are for others.
    if before.iter().any(|pad| *pad >= kernel) {
        return None;
    }
    let is = |padding: &Padding| {
        [0, 1].iter().all(|axis| padding.along(map[*axis], kernel, stride) == (before[*axis], result[*axis]))
    };
    [Padding::Symmetric(before[0]), Padding::Same].into_iter().find(is)
}

/// The layer that does the same to a single image, if there is one: `weight` is `[out, in / groups, kernel, kernel]`.
pub(in crate::graph) fn layer(
    conv: &Conv,
    weight: &[f32],
    [outputs, own, kernel, across]: [usize; 4],
    bias: Vec<f32>,
    map: [usize; 2],
    result: [usize; 2],
) -> Option<Layer> {
    let stride = conv.strides[0];
    let padding = square_padding(conv, [kernel, across], map, result)?;
    let activation = Activation::None;
    Some(if conv.groups == 1 {
        Layer::Conv2d(Conv2d::new(weight.to_vec(), bias, own, kernel, stride, padding, activation))
    } else if own == 1 && outputs == conv.groups {
        Layer::DepthwiseConv2d(DepthwiseConv2d::new(weight, bias, kernel, stride, padding, activation))
    } else {
        let (weight, groups) = (weight.to_vec(), conv.groups);
        // The layer fills panels with neighbouring groups; where few numbers divide the groups, with far too many.
        let fills = |count: &usize| groups.is_multiple_of(*count) && count * (outputs / groups) >= NR;
        (1..=2 * NR).find(fills)?;
        Layer::GroupedConv2d(GroupedConv2d::new(weight, bias, groups, kernel, stride, padding, activation))
    })
}

pub(super) fn compile(conv: &Conv, ports: &[Port], result: &[usize]) -> Compiled {
    let weight = &ports[1];
    let step = Convolution {
        windows: Windows::new(conv, ports[0].shape(), result, weight.shape()),
        filters: Filters::new(conv.groups, weight),
        bias: ports.get(2).map(|bias| bias.values().to_vec()),
        is_transposed: false,
    };
    step.compiled(ports, result)
}

pub(super) fn compile_transposed(op: &ConvTranspose, ports: &[Port], result: &[usize]) -> Compiled {
    let weight = &ports[1];
    let step = Convolution {
        windows: Windows::new(&op.conv, result, ports[0].shape(), weight.shape()),
        filters: Filters::new(op.conv.groups, weight),
        bias: ports.get(2).map(|bias| bias.values().to_vec()),
        is_transposed: true,
    };
    step.compiled(ports, result)
}

/// A convolution from one map, the source, to another, the sums; or, transposed, from the sums to the source.
#[derive(Debug)]
struct Convolution {
    windows: Windows,
    filters: Filters,
    bias: Option<Vec<f32>>,
    is_transposed: bool,
}

/// Where the windows are.
#[derive(Debug)]
struct Windows {
    images: usize,
    /// Height and width of the map that they are on, and its channels.
    source: [usize; 2],
    source_channels: usize,
    /// How many windows there are down and across, and channels of the sums.
    sums: [usize; 2],
    sum_channels: usize,
    kernel: [usize; 2],
    strides: [usize; 2],
    dilations: [usize; 2],
    /// Zeros above and before the map.
    before: [usize; 2],
}

/// What windows are multiplied with.
#[derive(Debug)]
enum Filters {
    /// One filter a channel: `[taps, channels]`.
    Depthwise(Vec<f32>),
    /// Of every group, `[taps, in] × [out]` and `[out] × [taps, in]`.
    Grouped(Vec<[Packed; 2]>),
}

impl Filters {
    /// Of a weight `[out, in / groups, kernel h, kernel w]`, whose outputs are the sums.
    fn new(groups: usize, weight: &Port) -> Self {
        let shape = weight.shape();
        let (outputs, own, taps) = (shape[0], shape[1], shape[2] * shape[3]);
        let at = |output: usize, input: usize, tap: usize| weight.values()[(output * own + input) * taps + tap];
        if own == 1 && outputs == groups {
            return Self::Depthwise((0..taps * groups).map(|index| at(index % groups, 0, index / groups)).collect());
        }
        let each = outputs / groups;
        let group = |group: usize| {
            let at = |output: usize, column: usize| at(group * each + output, column % own, column / own);
            [Packed::new(taps * own, each, |column, output| at(output, column)), Packed::new(each, taps * own, at)]
        };
        Self::Grouped((0..groups).map(group).collect())
    }
}

impl Windows {
    fn new(conv: &Conv, source: &[usize], sums: &[usize], weight: &[usize]) -> Self {
        Self {
            images: source[0],
            source: [source[2], source[3]],
            source_channels: source[1],
            sums: [sums[2], sums[3]],
            sum_channels: sums[1],
            kernel: [weight[2], weight[3]],
            strides: conv.strides,
            dilations: conv.dilations,
            before: [conv.padding.top, conv.padding.left],
        }
    }

    /// Where the values of a window's tap begin in the source; `None` beside the map.
    #[inline(always)]
    fn place(&self, window: usize, tap: usize) -> Option<usize> {
        let [down, across] = self.sums;
        let (image, y, x) = (window / (down * across), window / across % down, window % across);
        let along = |axis: usize, window: usize, tap: usize| {
            let place = window * self.strides[axis] + tap * self.dilations[axis];
            place.checked_sub(self.before[axis]).filter(|place| *place < self.source[axis])
        };
        let (y, x) = (along(0, y, tap / self.kernel[1])?, along(1, x, tap % self.kernel[1])?);
        Some(((image * self.source[0] + y) * self.source[1] + x) * self.source_channels)
    }

    fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    fn count(&self) -> usize {
        self.images * self.sums[0] * self.sums[1]
    }

    fn source_len(&self) -> usize {
        self.images * self.source[0] * self.source[1] * self.source_channels
    }

    /// Windows that are worked on together.
    fn strips(&self, patch: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let (strip, count) = ((STRIP_VALUES / patch).max(LEAST_STRIP), self.count());
        (0..count).step_by(strip).map(move |first| first..count.min(first + strip))
    }
}

impl Convolution {
    fn compiled(self, ports: &[Port], result: &[usize]) -> Compiled {
        let mut wanted = vec![None; ports.len()];
        wanted[0] = Some(Layout::channels_last(ports[0].shape()));
        Compiled::step(wanted, Layout::channels_last(result), self)
    }

    /// The sums of windows on a source.
    fn convolve(&self, source: &[f32], context: &mut Context) -> Buffer {
        let windows = &self.windows;
        let mut sums = context.pool.take(windows.count() * windows.sum_channels);
        match &self.filters {
            Filters::Depthwise(weight) => {
                sums.fill(0.0);
                for (window, sum) in sums.chunks_exact_mut(windows.sum_channels).enumerate() {
                    for (tap, weight) in weight.chunks_exact(windows.sum_channels).enumerate() {
                        if let Some(place) = windows.place(window, tap) {
                            simd::run(MultiplyAdd { sum, values: &source[place..], weight });
                        }
                    }
                }
            }
            Filters::Grouped(groups) => {
                let own = windows.source_channels / groups.len();
                let each = windows.sum_channels / groups.len();
                let patch = windows.taps() * own;
                for strip in windows.strips(patch) {
                    let mut patches = context.pool.take(strip.len() * patch);
                    let mut products = context.pool.take(strip.len() * each);
                    for (group, [weight, _]) in groups.iter().enumerate() {
                        for (place, window) in patches.chunks_exact_mut(patch).zip(strip.clone()) {
                            for (tap, place) in place.chunks_exact_mut(own).enumerate() {
                                match windows.place(window, tap) {
                                    Some(from) => place.copy_from_slice(&source[from + group * own..][..own]),
                                    None => place.fill(0.0),
                                }
                            }
                        }
                        weight.multiply(&mut products, Rows::whole(&patches, strip.len(), patch));
                        let to = sums[strip.start * windows.sum_channels..].chunks_exact_mut(windows.sum_channels);
                        for (to, product) in to.zip(products.chunks_exact(each)) {
                            to[group * each..(group + 1) * each].copy_from_slice(product);
                        }
                    }
                    context.pool.put(patches);
                    context.pool.put(products);
                }
            }
        }
        sums
    }

    /// The transpose: what the sums are sent back to.
    fn scatter(&self, sums: &[f32], context: &mut Context) -> Buffer {
        let windows = &self.windows;
        let mut source = context.zeros(windows.source_len());
        match &self.filters {
            Filters::Depthwise(weight) => {
                for (window, values) in sums.chunks_exact(windows.sum_channels).enumerate() {
                    for (tap, weight) in weight.chunks_exact(windows.sum_channels).enumerate() {
                        if let Some(place) = windows.place(window, tap) {
                            let sum = &mut source[place..place + windows.source_channels];
                            simd::run(MultiplyAdd { sum, values, weight });
                        }
                    }
                }
            }
            Filters::Grouped(groups) => {
                let own = windows.source_channels / groups.len();
                let each = windows.sum_channels / groups.len();
                let patch = windows.taps() * own;
                for strip in windows.strips(patch) {
                    let mut patches = context.pool.take(strip.len() * patch);
                    for (group, [_, weight]) in groups.iter().enumerate() {
                        let from = &sums[strip.start * windows.sum_channels + group * each..];
                        weight.multiply(&mut patches, Rows::whole(from, strip.len(), windows.sum_channels));
                        for (patch, window) in patches.chunks_exact(patch).zip(strip.clone()) {
                            for (tap, values) in patch.chunks_exact(own).enumerate() {
                                if let Some(place) = windows.place(window, tap) {
                                    let sums = &mut source[place + group * own..][..own];
                                    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                                }
                            }
                        }
                    }
                    context.pool.put(patches);
                }
            }
        }
        source
    }
}

impl Step for Convolution {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        // The others were taken in.
        let results = inputs.into_iter().take(1).map(|input| {
            let mut result =
                if self.is_transposed { self.scatter(&input, context) } else { self.convolve(&input, context) };
            if let Some(bias) = &self.bias {
                result.chunks_exact_mut(bias.len()).for_each(|row| super::add_to(row, bias));
            }
            context.release(input);
            result.into()
        });
        (results.collect(), Record::Nothing)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, _: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let gradient = only(gradients);
        let result =
            if self.is_transposed { self.convolve(&gradient, context) } else { self.scatter(&gradient, context) };
        context.pool.put(gradient);
        first_of(2 + usize::from(self.bias.is_some()), result)
    }
}

/// `sum ← sum + values · weight`.
struct MultiplyAdd<'a> {
    sum: &'a mut [f32],
    values: &'a [f32],
    weight: &'a [f32],
}

impl Kernel for MultiplyAdd<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for ((sum, value), weight) in self.sum.iter_mut().zip(self.values).zip(self.weight) {
            *sum += value * weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{
        Margins, Op,
        tests::{check, check_layers, forward, numbers, refusal, scattered},
    };

    fn margins(top: usize, left: usize, bottom: usize, right: usize) -> Margins {
        Margins { top, left, bottom, right }
    }

    #[test]
    fn gradients_of_all_kinds_of_windows() {
        let dilated = Conv { dilations: [2, 1], padding: margins(2, 0, 1, 3), ..Conv::default() };
        let strided = Conv { strides: [2, 3], padding: margins(0, 1, 1, 0), ..Conv::default() };
        let same = Conv { padding: Margins::all(1), ..Conv::default() };
        for (conv, channels, weight) in [
            (dilated, 3, [4, 3, 3, 2]),
            (strided, 3, [2, 3, 1, 3]),
            (same, 3, [4, 3, 3, 3]),
            (Conv { strides: [2, 2], padding: margins(0, 0, 1, 1), ..Conv::default() }, 2, [3, 2, 3, 3]),
            (Conv { groups: 4, ..same }, 4, [4, 1, 3, 3]),
            (Conv { groups: 4, ..dilated }, 4, [4, 1, 3, 2]),
            (Conv { groups: 2, ..same }, 4, [6, 2, 3, 3]),
            (Conv { groups: 2, ..dilated }, 4, [6, 2, 3, 2]),
            (Conv { groups: 2, ..Conv::default() }, 2, [4, 1, 2, 2]),
            (Conv::default(), 5, [3, 5, 1, 1]),
            (Conv { strides: [2, 2], ..Conv::default() }, 5, [3, 5, 1, 1]),
        ] {
            check(&Op::Conv(conv), &[&[1, channels, 5, 6], &weight, &[weight[0]]]);
        }
        check(&Op::Conv(dilated), &[&[2, 3, 4, 4], &[2, 3, 3, 2]]);
        check(&Op::Conv(same), &[&[2, 3, 4, 4], &[2, 3, 3, 3]]);
    }

    #[test]
    fn a_padding_is_on_the_sides_it_is_said_to_be() {
        let conv = Conv { padding: margins(1, 0, 0, 2), ..Conv::default() };
        let weight = vec![1.0, 10.0, 100.0, 1000.0];
        let result = forward(&Op::Conv(conv), &[&[1, 1, 2, 2], &[1, 1, 2, 2]], &[vec![1.0, 2.0, 3.0, 4.0], weight]);
        assert_eq!(result, [2100.0, 200.0, 0.0, 4321.0, 402.0, 0.0]);
    }

    #[test]
    fn a_dilated_window_leaves_pixels_out() {
        let conv = Conv { dilations: [2, 2], ..Conv::default() };
        let weight = vec![1.0, 10.0, 100.0, 1000.0];
        let result = forward(&Op::Conv(conv), &[&[1, 1, 3, 4], &[1, 1, 2, 2]], &[numbers(12), weight]);
        assert_eq!(result, [10820.0, 11931.0]);
    }

    #[test]
    fn a_transposed_convolution_is_pytorchs() {
        let op = ConvTranspose {
            conv: Conv { strides: [2, 1], padding: margins(1, 0, 0, 0), ..Conv::default() },
            output_padding: [1, 0],
        };
        let shapes: [&[usize]; 3] = [&[1, 1, 2, 2], &[1, 1, 3, 2], &[1]];
        let result = forward(&Op::ConvTranspose(op), &shapes, &[vec![1.0, 2.0, 3.0, 4.0], numbers(6), vec![0.5]]);
        // Of six rows, one every two pixels with one left over, the first is cut off.
        assert_eq!(result.len(), 5 * 3);
        assert_eq!(result[..6], [2.5, 7.5, 6.5, 4.5, 16.5, 14.5]);
        assert_eq!(result[6..], [6.5, 17.5, 12.5, 12.5, 31.5, 20.5, 0.5, 0.5, 0.5]);
    }

    #[test]
    fn gradients_of_transposed_convolutions() {
        let conv = Conv { strides: [2, 3], dilations: [1, 2], padding: margins(1, 0, 2, 1), groups: 1 };
        check(
            &Op::ConvTranspose(ConvTranspose { conv, output_padding: [1, 0] }),
            &[&[1, 3, 4, 3], &[3, 2, 3, 2], &[2]],
        );
        let conv = Conv { groups: 3, strides: [2, 2], ..Conv::default() };
        let op = Op::ConvTranspose(ConvTranspose { conv, output_padding: [0, 0] });
        check(&op, &[&[1, 3, 3, 3], &[3, 1, 2, 2], &[3]]);
        check(&op, &[&[2, 6, 3, 3], &[6, 2, 2, 2]]);
    }

    #[test]
    fn a_window_that_does_not_fit_is_refused() {
        let conv = Conv { groups: 2, ..Conv::default() };
        assert!(refusal(&Op::Conv(conv), &[&[1, 4, 5, 5], &[2, 4, 1, 1]]).contains("[2, 4, 1, 1]"));
        assert!(refusal(&Op::Conv(Conv::default()), &[&[1, 4, 5, 5], &[2, 4, 6, 1]]).contains("[2, 4, 6, 1]"));
        assert!(refusal(&Op::Conv(Conv::default()), &[&[1, 4, 5], &[2, 4, 6, 1]]).contains("[1, 4, 5]"));
        assert!(refusal(&Op::Conv(Conv::default()), &[&[1, 4, 5, 5], &[2, 4, 1, 1], &[3]]).contains("[3]"));
        for conv in [
            Conv { groups: 0, ..Conv::default() },
            Conv { strides: [0, 1], ..Conv::default() },
            Conv { dilations: [1, 0], ..Conv::default() },
            Conv { dilations: [usize::MAX, 1], ..Conv::default() },
            Conv { padding: margins(usize::MAX, 0, 1, 0), ..Conv::default() },
            Conv { padding: margins(1 << 40, 0, 1, 0), ..Conv::default() },
        ] {
            refusal(&Op::Conv(conv), &[&[1, 4, 5, 5], &[2, 4, 2, 2]]);
            refusal(
                &Op::ConvTranspose(ConvTranspose { conv, output_padding: [0; 2] }),
                &[&[1, 2, 5, 5], &[2, 4, 2, 2]],
            );
        }
    }

    #[test]
    fn layers_and_windows_of_any_kind_agree() {
        // What a layer does must be what the windows do for two images.
        let conv = Conv { strides: [2, 2], padding: Margins::all(1), ..Conv::default() };
        let shapes: [&[usize]; 3] = [&[1, 16, 7, 7], &[16, 16, 3, 3], &[16]];
        let values: Vec<Vec<f32>> =
            shapes.iter().enumerate().map(|(seed, shape)| scattered(shape.iter().product(), seed)).collect();
        let single = forward(&Op::Conv(conv), &shapes, &values);
        let twice = [values[0].clone(), values[0].clone()].concat();
        let two = forward(
            &Op::Conv(conv),
            &[&[2, 16, 7, 7], &[16, 16, 3, 3], &[16]],
            &[twice, values[1].clone(), values[2].clone()],
        );
        for (one, two) in single.iter().cycle().zip(two) {
            assert!((one - two).abs() < 1e-3, "{one} {two}");
        }
        for (kernel, stride, groups) in [(1, 1, 1), (3, 1, 1), (3, 2, 1), (5, 1, 1), (3, 1, 16), (3, 2, 4), (4, 4, 1)] {
            let conv =
                Conv { strides: [stride; 2], padding: Margins::all((kernel - 1) / 2), groups, ..Conv::default() };
            check_layers(&Op::Conv(conv), &[&[1, 16, 9, 7], &[32, 16 / groups, kernel, kernel][..], &[32]]);
        }
        let depthwise = Conv { groups: 16, padding: Margins::all(1), ..Conv::default() };
        check_layers(&Op::Conv(depthwise), &[&[1, 16, 9, 7], &[16, 1, 3, 3], &[16]]);
    }
}
