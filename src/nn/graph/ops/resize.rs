//! Interpolation to another size: every value along an axis becomes a sum of some values along it, axis by axis.

use pulp::Simd;

use crate::{
    buffer::Buffer,
    graph::{
        layout::Layout,
        op::{Coordinates, Nearest, Resize, ResizeMode},
        shape::{self, Shape},
        step::{Compiled, Context, Port, Record, Shared, Step, only},
    },
    kernels::simd::{self, Kernel},
};

/// Places along an axis at most, after a resize.
const LONGEST: usize = 1 << 20;

/// Values that those of an axis are sums of at most, all together.
const MOST_TAPS: usize = 1 << 24;

pub(super) fn shape(resize: &Resize, input: &[usize]) -> Result<Shape, String> {
    let fits = resize.sizes.len() == input.len() && resize.scales.len() == input.len();
    if !fits || resize.scales.iter().any(|scale| !(*scale > 0.0 && scale.is_finite())) {
        return Err(format!("the shape {input:?} cannot be resized to {:?} by {:?}", resize.sizes, resize.scales));
    }
    // What a value is a sum of is listed.
    let is_long = |axis: &usize| resize.sizes[*axis] > LONGEST && !stays(resize, *axis, input);
    if let Some(axis) = (0..input.len()).find(is_long) {
        return Err(format!("the axis {axis} of the shape {input:?} cannot be resized to {}", resize.sizes[axis]));
    }
    // So is what a filter stretches over, of which each of the result's values has a list.
    let listed = |axis: usize| resize.sizes[axis].saturating_mul(taps_each(resize, axis));
    if let Some(axis) = (0..input.len()).find(|axis| resize.antialias && listed(*axis) > MOST_TAPS) {
        return Err(format!("the axis {axis} of the shape {input:?} cannot be resized to {}", resize.sizes[axis]));
    }
    Ok(resize.sizes.clone())
}

/// How many of the input's values one of the result's is a sum of along an axis, about.
fn taps_each(resize: &Resize, axis: usize) -> usize {
    // Far more than there may be are as many as one can count.
    (4.0 * stretched_over(resize, axis)) as usize
}

/// How many products it takes for each value, about.
pub(super) fn products_each(resize: &Resize) -> usize {
    (0..resize.scales.len()).map(|axis| taps_each(resize, axis)).fold(1, usize::saturating_add)
}

/// How many of the input's values lie under one of the result's along an axis that becomes shorter; 1 along others.
fn stretched_over(resize: &Resize, axis: usize) -> f32 {
    if resize.antialias { (1.0 / resize.scales[axis]).max(1.0) } else { 1.0 }
}

pub(super) fn compile(resize: &Resize, port: &Port, result: &[usize]) -> Compiled {
    let from = port.shape();
    let layout = if from.len() == 4 { Layout::channels_last(from) } else { port.form.layout.clone() };
    let output = Layout::new(layout.order().to_vec(), result);
    let mut shape = from.to_vec();
    let mut passes = Vec::new();
    let mut axes: Vec<usize> = (0..from.len()).filter(|axis| !stays(resize, *axis, from)).collect();
    // What becomes shorter goes first, so that nothing between is larger than both the input and the result.
    axes.sort_by_key(|axis| result[*axis] >= from[*axis]);
    for axis in axes {
        let taps = taps(resize, axis, from[axis], result[axis]);
        let dims: Vec<usize> = output.order().iter().map(|axis| shape[*axis]).collect();
        let place = output.order().iter().position(|other| *other == axis).unwrap_or_default();
        passes.push(Pass {
            repeats: dims[..place].iter().product(),
            lens: [from[axis], result[axis]],
            within: dims[place + 1..].iter().product(),
            taps,
        });
        shape[axis] = result[axis];
    }
    // Along an axis of one value the two canonical orders may differ: the values lie alike.
    debug_assert_eq!(shape::size(&shape), shape::size(result), "every axis has its new length");
    Compiled::step(vec![Some(Layout::new(output.order().to_vec(), from))], output, Interpolation(passes))
}

/// Whether nothing is done along an axis.
pub(in crate::graph) fn stays(resize: &Resize, axis: usize, input: &[usize]) -> bool {
    resize.sizes[axis] == input[axis] && resize.scales[axis] == 1.0
}

/// Of every value along the result, the places of the input it is a sum of, and their weights.
pub(in crate::graph) fn taps(resize: &Resize, axis: usize, from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
    let scale = resize.scales[axis];
    let last = (from - 1) as f32;
    let inside = |place: f32| place.clamp(0.0, last) as usize;
    let of = |index: usize| -> Vec<(usize, f32)> {
        let place = coordinate(resize.coordinates, index as f32, [from as f32, to as f32], scale);
        let below = place.floor();
        let rest = place - below;
        let over = stretched_over(resize, axis);
        if over > 1.0 && !matches!(resize.mode, ResizeMode::Nearest(_)) {
            return stretched(resize, place, over, last);
        }
        match resize.mode {
            ResizeMode::Nearest(nearest) => vec![(
                inside(match nearest {
                    Nearest::RoundPreferFloor => (place - 0.5).ceil(),
                    Nearest::RoundPreferCeil => (place + 0.5).floor(),
                    Nearest::Floor => below,
                    Nearest::Ceil => place.ceil(),
                }),
                1.0,
            )],
            ResizeMode::Linear => vec![(inside(below), 1.0 - rest), (inside(below + 1.0), rest)],
            ResizeMode::Cubic { coefficient } => {
                let mut taps: Vec<(f32, f32)> = [-1.0, 0.0, 1.0, 2.0]
                    .into_iter()
                    .map(|step| (below + step, cubic((rest - step).abs(), coefficient)))
                    .collect();
                if resize.exclude_outside {
                    taps.retain(|(place, _)| (0.0..=last).contains(place));
                    let sum: f32 = taps.iter().map(|(_, weight)| weight).sum();
                    taps.iter_mut().for_each(|(_, weight)| *weight /= sum);
                }
                taps.into_iter().map(|(place, weight)| (inside(place), weight)).collect()
            }
        }
    };
    (0..to).map(of).collect()
}

/// What a value is a sum of where it stands for `over` of the input's values.
fn stretched(resize: &Resize, place: f32, over: f32, last: f32) -> Vec<(usize, f32)> {
    let reach = if matches!(resize.mode, ResizeMode::Cubic { .. }) { 2.0 * over } else { over };
    let weight = |at: f32| {
        let distance = (at - place).abs() / over;
        match resize.mode {
            ResizeMode::Cubic { coefficient } => cubic(distance, coefficient),
            _ => (1.0 - distance).max(0.0),
        }
    };
    let (mut first, mut end) = ((place - reach).ceil(), (place + reach).floor());
    if resize.exclude_outside {
        (first, end) = (first.max(0.0), end.min(last));
    }
    // Of one that is too far away for any, nothing.
    let taps: Vec<(f32, f32)> =
        (0..(end - first + 1.0).max(0.0) as usize).map(|step| first + step as f32).map(|at| (at, weight(at))).collect();
    let sum: f32 = taps.iter().map(|(_, weight)| weight).sum();
    // Beside the input there are its ends.
    taps.into_iter().map(|(at, weight)| (at.clamp(0.0, last) as usize, weight / sum)).collect()
}

/// The place of the input that belongs to one of the result.
fn coordinate(coordinates: Coordinates, index: f32, [from, to]: [f32; 2], scale: f32) -> f32 {
    let half_pixel = (index + 0.5) / scale - 0.5;
    match coordinates {
        Coordinates::HalfPixel => half_pixel,
        Coordinates::HalfPixelSymmetric => from / 2.0 * (1.0 - to / (scale * from)) + half_pixel,
        Coordinates::PytorchHalfPixel => {
            if to > 1.0 {
                half_pixel
            } else {
                0.0
            }
        }
        Coordinates::AlignCorners => {
            if to > 1.0 {
                index * (from - 1.0) / (to - 1.0)
            } else {
                0.0
            }
        }
        Coordinates::Asymmetric => index / scale,
    }
}

/// The weight of a value at a distance.
///
/// Source: Keys, *Cubic Convolution Interpolation for Digital Image Processing*, 1981.
fn cubic(distance: f32, a: f32) -> f32 {
    let d = distance;
    if d <= 1.0 {
        ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0
    } else if d < 2.0 {
        (((d - 5.0) * d + 8.0) * d - 4.0) * a
    } else {
        0.0
    }
}

/// Along one axis after the other.
#[derive(Debug)]
struct Interpolation(Vec<Pass>);

struct Pass {
    /// How many times the axis comes.
    repeats: usize,
    /// Of the axis, before and after.
    lens: [usize; 2],
    /// Values from one place along the axis to the next.
    within: usize,
    taps: Vec<Vec<(usize, f32)>>,
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} → {}", self.lens[0], self.lens[1])
    }
}

impl Pass {
    fn run(&self, values: &[f32], is_backward: bool, context: &mut Context) -> Buffer {
        let [from, to] = self.lens.map(|len| len * self.within);
        let mut result = context.zeros(self.repeats * if is_backward { from } else { to });
        for repeat in 0..self.repeats {
            for (index, taps) in self.taps.iter().enumerate() {
                let there = repeat * to + index * self.within;
                for (place, weight) in taps {
                    let here = repeat * from + place * self.within;
                    let (read, written) = if is_backward { (there, here) } else { (here, there) };
                    let sum = &mut result[written..written + self.within];
                    simd::run(AddShare { sum, values: &values[read..], share: *weight });
                }
            }
        }
        result
    }
}

impl Step for Interpolation {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let results = inputs.into_iter().map(|input| {
            self.0.iter().fold(input, |values, pass| {
                let next = pass.run(&values, false, context);
                context.release(values);
                next.into()
            })
        });
        (results.collect(), Record::Nothing)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, _: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let gradient = self.0.iter().rev().fold(only(gradients), |gradient, pass| {
            let next = pass.run(&gradient, true, context);
            context.pool.put(gradient);
            next
        });
        vec![Some(gradient)]
    }
}

struct AddShare<'a> {
    sum: &'a mut [f32],
    values: &'a [f32],
    share: f32,
}

impl Kernel for AddShare<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (sum, value) in self.sum.iter_mut().zip(self.values) {
            *sum += self.share * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{
        Op,
        tests::{check, forward, numbers, refusal},
    };

    fn plain(sizes: Vec<usize>, scales: Vec<f32>, mode: ResizeMode, coordinates: Coordinates) -> Resize {
        Resize { sizes, scales, mode, coordinates, exclude_outside: false, antialias: false }
    }

    /// 0, 1, 2, … along one axis.
    fn along(from: usize, to: usize, mode: ResizeMode, coordinates: Coordinates) -> Vec<f32> {
        let scales = vec![1.0, 1.0, 1.0, to as f32 / from as f32];
        let resize = plain(vec![1, 1, 1, to], scales, mode, coordinates);
        forward(&Op::Resize(resize), &[&[1, 1, 1, from]], &[numbers(from)])
    }

    fn near(found: &[f32], wanted: &[f32]) {
        assert!(
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-5),
            "{found:?}"
        );
    }

    #[test]
    fn lines_between_values_are_onnxs() {
        // onnx.reference, Resize of version 19.
        near(&along(2, 4, ResizeMode::Linear, Coordinates::HalfPixel), &[0.0, 0.25, 0.75, 1.0]);
        near(&along(2, 4, ResizeMode::Linear, Coordinates::AlignCorners), &[0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]);
        near(&along(2, 4, ResizeMode::Linear, Coordinates::Asymmetric), &[0.0, 0.5, 1.0, 1.0]);
        near(&along(4, 2, ResizeMode::Linear, Coordinates::HalfPixel), &[0.5, 2.5]);
        near(&along(4, 1, ResizeMode::Linear, Coordinates::PytorchHalfPixel), &[0.0]);
        near(&along(4, 1, ResizeMode::Linear, Coordinates::HalfPixel), &[1.5]);
    }

    #[test]
    fn the_nearest_value_is_onnxs() {
        // The same reference and onnxruntime.
        use Coordinates::{AlignCorners, Asymmetric, HalfPixel};
        use Nearest::{Ceil, Floor, RoundPreferCeil, RoundPreferFloor};
        for (nearest, coordinates, six, eight) in [
            (RoundPreferFloor, HalfPixel, [0, 0, 1, 2, 2, 3], [0, 0, 1, 1, 2, 2, 3, 3]),
            (RoundPreferFloor, Asymmetric, [0, 1, 1, 2, 3, 3], [0, 0, 1, 1, 2, 2, 3, 3]),
            (RoundPreferCeil, HalfPixel, [0, 1, 1, 2, 3, 3], [0, 0, 1, 1, 2, 2, 3, 3]),
            (RoundPreferCeil, Asymmetric, [0, 1, 1, 2, 3, 3], [0, 1, 1, 2, 2, 3, 3, 3]),
            (Floor, HalfPixel, [0, 0, 1, 1, 2, 3], [0, 0, 0, 1, 1, 2, 2, 3]),
            (Floor, Asymmetric, [0, 0, 1, 2, 2, 3], [0, 0, 1, 1, 2, 2, 3, 3]),
            (Floor, AlignCorners, [0, 0, 1, 1, 2, 3], [0, 0, 0, 1, 1, 2, 2, 3]),
            (Ceil, HalfPixel, [0, 1, 2, 2, 3, 3], [0, 1, 1, 2, 2, 3, 3, 3]),
            (Ceil, AlignCorners, [0, 1, 2, 2, 3, 3], [0, 1, 1, 2, 2, 3, 3, 3]),
        ] {
            let mode = ResizeMode::Nearest(nearest);
            near(&along(4, 6, mode, coordinates), &six.map(|value| value as f32));
            near(&along(4, 8, mode, coordinates), &eight.map(|value| value as f32));
        }
        near(&along(5, 3, ResizeMode::Nearest(Ceil), HalfPixel), &[1.0, 2.0, 4.0]);
    }

    #[test]
    fn cubic_curves_are_onnxs() {
        let cubic = |exclude_outside, coordinates| {
            let mode = ResizeMode::Cubic { coefficient: -0.75 };
            let resize =
                Resize { exclude_outside, ..plain(vec![1, 1, 1, 6], vec![1.0, 1.0, 1.0, 1.5], mode, coordinates) };
            forward(&Op::Resize(resize), &[&[1, 1, 1, 4]], &[numbers(4)])
        };
        let half = cubic(false, Coordinates::HalfPixel);
        near(&half, &[-0.086_806, 0.406_25, 1.212_964, 1.787_038, 2.593_75, 3.086_806]);
        let half = cubic(true, Coordinates::HalfPixel);
        near(&half, &[-0.101_351, 0.371_429, 1.212_963, 1.787_037, 2.628_571, 3.101_351]);
        near(&cubic(false, Coordinates::AlignCorners), &[0.0, 0.504, 1.248, 1.752, 2.496, 3.0]);
        near(&cubic(true, Coordinates::Asymmetric), &[0.0, 0.543_86, 1.370_37, 2.0, 2.766_666, 3.162_162]);
    }

    #[test]
    fn what_becomes_shorter_may_be_filtered() {
        // onnx.reference and onnxruntime; where what lies outside is left out, torch's interpolate and Pillow too.
        let values = vec![0.0, 3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0];
        let cubic = ResizeMode::Cubic { coefficient: -0.5 };
        for (mode, exclude_outside, wanted) in [
            (ResizeMode::Linear, false, [1.534_884, 2.833_333, 5.0]),
            (ResizeMode::Linear, true, [1.736_842, 2.833_333, 5.394_737]),
            (cubic, false, [1.455_78, 2.902_149, 5.238_585]),
            (cubic, true, [1.570_33, 2.855_294, 5.493_418]),
        ] {
            let plain = plain(vec![3], vec![3.0 / 8.0], mode, Coordinates::HalfPixel);
            let op = Op::Resize(Resize { exclude_outside, antialias: true, ..plain });
            near(&forward(&op, &[&[8]], std::slice::from_ref(&values)), &wanted);
            check(&op, &[&[8]]);
        }
        // What becomes longer is as it was.
        let longer = plain(vec![4], vec![2.0], ResizeMode::Linear, Coordinates::HalfPixel);
        let op = Op::Resize(Resize { antialias: true, ..longer });
        near(&forward(&op, &[&[2]], &[numbers(2)]), &[0.0, 0.25, 0.75, 1.0]);
        for scale in [1e-9, 2.0_f32.powi(-62), 2.0_f32.powi(-63), 1e-30, f32::MIN_POSITIVE] {
            let thin = plain(vec![3], vec![scale], ResizeMode::Linear, Coordinates::HalfPixel);
            refusal(&Op::Resize(Resize { antialias: true, ..thin }), &[&[4]]);
        }
    }

    #[test]
    fn what_becomes_shorter_goes_first() {
        // The other way round there would be four gigabytes between.
        let (sizes, scales) = (vec![1 << 16, 1], vec![65_536.0, 1.0 / 16_384.0]);
        let op = Op::Resize(plain(sizes, scales, ResizeMode::Linear, Coordinates::AlignCorners));
        assert_eq!(forward(&op, &[&[1, 1 << 14]], &[vec![3.0; 1 << 14]]), vec![3.0; 1 << 16]);
    }

    #[test]
    fn a_scale_need_not_be_the_sizes_quotient() {
        let scaled = |coordinates| {
            let (sizes, scales) = (vec![3], vec![0.7]);
            let op = Op::Resize(plain(sizes, scales, ResizeMode::Linear, coordinates));
            forward(&op, &[&[5]], &[numbers(5)])
        };
        near(&scaled(Coordinates::HalfPixel), &[0.214_286, 1.642_857, 3.071_429]);
        near(&scaled(Coordinates::HalfPixelSymmetric), &[0.571_429, 2.0, 3.428_571]);
    }

    #[test]
    fn gradients_go_to_the_values_that_a_sum_is_of() {
        let cubic = ResizeMode::Cubic { coefficient: -0.5 };
        for mode in [ResizeMode::Nearest(Nearest::Floor), ResizeMode::Linear, cubic] {
            for (sizes, scales) in
                [([1, 2, 5, 7], [1.0, 1.0, 5.0 / 3.0, 1.75]), ([1, 2, 2, 4], [1.0, 1.0, 2.0 / 3.0, 1.0])]
            {
                let (sizes, scales) = (sizes.to_vec(), scales.to_vec());
                let resize = Resize { exclude_outside: true, ..plain(sizes, scales, mode, Coordinates::HalfPixel) };
                check(&Op::Resize(resize), &[&[1, 2, 3, 4]]);
            }
        }
        let (sizes, scales) = (vec![2, 1 << 21], vec![1.0, 1e6]);
        let long = plain(sizes, scales, ResizeMode::Linear, Coordinates::HalfPixel);
        refusal(&Op::Resize(long), &[&[2, 2]]);
        for scales in [vec![1.0], vec![1.0, 0.0], vec![1.0, f32::NAN]] {
            let resize = plain(vec![2, 3], scales, ResizeMode::Linear, Coordinates::HalfPixel);
            assert!(refusal(&Op::Resize(resize), &[&[2, 2]]).contains("[2, 2]"));
        }
    }
}
