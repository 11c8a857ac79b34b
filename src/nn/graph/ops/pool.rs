//! Pools: the largest value, or the mean, of each window.

use pulp::Simd;

use super::map_shape;
use crate::{
    MaxPool2d, Padding,
    buffer::Buffer,
    graph::{
        layout::Layout,
        op::Pool,
        shape::Shape,
        step::{Compiled, Context, Port, Record, Shared, Step, mismatch, only},
    },
    kernels::simd::{self, Kernel},
    layer::Layer,
};

/// Width and height of a window up to which there is a layer for it.
const MOST_TAPS: usize = 15;

/// Lines of all windows along an axis at most, as each is listed.
const MOST_LINES: usize = 1 << 22;

pub(super) fn shape(pool: &Pool, input: &[usize]) -> Result<Shape, String> {
    let [images, channels, height, width] = map_shape(input)?;
    match [windows(pool, 0, height), windows(pool, 1, width)] {
        [Some(height), Some(width)] => Ok(vec![images, channels, height, width]),
        _ => Err(format!("its windows do not fit the input {input:?}: {pool:?}")),
    }
}

/// How many windows there are along an axis.
fn windows(pool: &Pool, axis: usize, len: usize) -> Option<usize> {
    let [before, after] = pool.padding.pairs()[axis];
    let (stride, dilation) = (pool.strides[axis], pool.dilations[axis]);
    let window = dilation.checked_mul(pool.kernel[axis].checked_sub(1)?)?.checked_add(1)?;
    // With more, there would be windows without a value.
    if dilation == 0 || stride == 0 || before >= window || after >= window {
        return None;
    }
    // The lines of all windows are listed.
    let lists = |count: usize| count.checked_mul(pool.kernel[axis]).filter(|lines| *lines <= MOST_LINES).map(|_| count);
    let over = len.checked_add(before)?.checked_add(after)?.checked_sub(window)?;
    if !pool.ceil {
        return lists(over / stride + 1);
    }
    let count = over.div_ceil(stride) + 1;
    // A window that begins past the last value and the padding before it has nothing to see.
    lists(if (count - 1).checked_mul(stride)? < len + before { count } else { count - 1 })
}

/// The layer that does the same to a single image, if there is one.
pub(in crate::graph) fn max_layer(pool: &Pool, map: [usize; 2], result: [usize; 2]) -> Option<Layer> {
    let Pool { kernel: [kernel, across], strides: [stride, along], dilations, padding: margins, .. } = *pool;
    if kernel != across || stride != along || dilations != [1; 2] || !(1..=MOST_TAPS).contains(&kernel) {
        return None;
    }
    let before = [margins.top, margins.left];
    let is = |padding: &Padding| {
        [0, 1].iter().all(|axis| padding.along(map[*axis], kernel, stride) == (before[*axis], result[*axis]))
    };
    let padding = [Padding::Symmetric(before[0]), Padding::Ceiling(before[0]), Padding::Same];
    padding.into_iter().find(is).map(|padding| Layer::MaxPool2d(MaxPool2d::new(kernel, stride, padding)))
}

pub(super) fn compile_max(pool: &Pool, port: &Port, result: &[usize]) -> Compiled {
    compiled(MaxPool(Windows::new(pool, port.shape(), result)), port, result)
}

pub(super) fn compile_average(pool: &Pool, count_padding: bool, port: &Port, result: &[usize]) -> Compiled {
    let windows = Windows::new(pool, port.shape(), result);
    let along = |axis: usize| counted(pool, count_padding, axis, port.shape()[axis + 2], result[axis + 2]);
    let (rows, columns) = (along(0), along(1));
    let shares = rows.iter().flat_map(|rows| columns.iter().map(move |columns| 1.0 / (rows * columns) as f32));
    compiled(AveragePool { shares: shares.collect(), windows }, port, result)
}

/// Of each of `count` windows along an axis of `len` values, how many values its mean is of.
pub(in crate::graph) fn counted(pool: &Pool, count_padding: bool, axis: usize, len: usize, count: usize) -> Vec<usize> {
    let [before, after] = pool.padding.pairs()[axis];
    let counts = |place: &usize| {
        if count_padding { *place < before + len + after } else { (before..before + len).contains(place) }
    };
    let taps =
        |window: usize| (0..pool.kernel[axis]).map(move |tap| window * pool.strides[axis] + tap * pool.dilations[axis]);
    (0..count).map(|window| taps(window).filter(counts).count().max(1)).collect()
}

/// Of each of `count` windows along an axis of `len` values, those that are in it.
pub(in crate::graph) fn lines(pool: &Pool, axis: usize, len: usize, count: usize) -> Vec<Vec<usize>> {
    let [before, _] = pool.padding.pairs()[axis];
    let place = |window: usize, tap: usize| {
        let place = (window * pool.strides[axis] + tap * pool.dilations[axis]).checked_sub(before);
        place.filter(|place| *place < len)
    };
    let of = |window: usize| (0..pool.kernel[axis]).filter_map(|tap| place(window, tap)).collect();
    (0..count).map(of).collect()
}

fn compiled(step: impl Step + 'static, port: &Port, result: &[usize]) -> Compiled {
    Compiled::step(vec![Some(Layout::channels_last(port.shape()))], Layout::channels_last(result), step)
}

/// Where the windows are.
#[derive(Debug)]
struct Windows {
    images: usize,
    /// Height and width of the map.
    map: [usize; 2],
    channels: usize,
    /// Of every window down, and across, the lines of the map that are in it.
    lines: [Vec<Vec<usize>>; 2],
}

impl Windows {
    fn new(pool: &Pool, map: &[usize], result: &[usize]) -> Self {
        let lines = |axis: usize| lines(pool, axis, map[axis + 2], result[axis + 2]);
        Self { images: map[0], map: [map[2], map[3]], channels: map[1], lines: [lines(0), lines(1)] }
    }

    fn in_image(&self) -> usize {
        self.lines[0].len() * self.lines[1].len()
    }

    fn result_len(&self) -> usize {
        self.images * self.in_image() * self.channels
    }

    fn map_len(&self) -> usize {
        self.images * self.map[0] * self.map[1] * self.channels
    }

    /// Calls `visit(window, place)` for every pixel of every window: where the values of both begin.
    fn each(&self, mut visit: impl FnMut(usize, usize)) {
        let mut window = 0;
        for image in 0..self.images {
            for rows in &self.lines[0] {
                for columns in &self.lines[1] {
                    for row in rows {
                        let line = (image * self.map[0] + row) * self.map[1];
                        columns.iter().for_each(|column| visit(window, (line + column) * self.channels));
                    }
                    window += self.channels;
                }
            }
        }
    }
}

#[derive(Debug)]
struct MaxPool(Windows);

impl Step for MaxPool {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let Self(windows) = self;
        let mut kept = Vec::new();
        let results: Vec<Shared> = inputs
            .into_iter()
            .map(|input| {
                let mut values = context.pool.take(windows.result_len());
                values.fill(f32::NEG_INFINITY);
                windows.each(|window, place| {
                    let largest = &mut values[window..window + windows.channels];
                    simd::run(Larger { largest, values: &input[place..] });
                });
                let values: Shared = values.into();
                if context.recording {
                    kept = vec![Some(input), Some(values.clone())];
                } else {
                    context.release(input);
                }
                values
            })
            .collect();
        (results, Record::Kept(kept))
    }

    /// Each window's gradient goes to its largest pixel; to the first, where several are equal.
    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let Self(windows) = self;
        let mut gradient = only(gradients);
        let [Some(input), Some(result)] = record.kept() else { mismatch("what was pooled", "nothing") };
        let mut values = context.zeros(windows.map_len());
        windows.each(|window, place| {
            let range = window..window + windows.channels;
            let each = values[place..].iter_mut().zip(&input[place..]).zip(&mut gradient[range.clone()]);
            for (((value, input), gradient), largest) in each.zip(&result[range]) {
                // What was given away is not given to others.
                if input == largest {
                    *value += std::mem::take(gradient);
                }
            }
        });
        context.pool.put(gradient);
        context.release_all([input, result]);
        vec![Some(values)]
    }
}

#[derive(Debug)]
struct AveragePool {
    windows: Windows,
    /// Of each window in an image, what a value's part of it is.
    shares: Vec<f32>,
}

impl Step for AveragePool {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let Self { windows, shares } = self;
        let results = inputs.into_iter().map(|input| {
            let mut values = context.zeros(windows.result_len());
            windows.each(|window, place| {
                let share = shares[window / windows.channels % windows.in_image()];
                let sum = &mut values[window..window + windows.channels];
                simd::run(AddShare { sum, values: &input[place..], share });
            });
            context.release(input);
            values.into()
        });
        (results.collect(), Record::Nothing)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, _: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let Self { windows, shares } = self;
        let gradient = only(gradients);
        let mut values = context.zeros(windows.map_len());
        windows.each(|window, place| {
            let share = shares[window / windows.channels % windows.in_image()];
            let sum = &mut values[place..place + windows.channels];
            simd::run(AddShare { sum, values: &gradient[window..], share });
        });
        context.pool.put(gradient);
        vec![Some(values)]
    }
}

struct Larger<'a> {
    largest: &'a mut [f32],
    values: &'a [f32],
}

impl Kernel for Larger<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (largest, value) in self.largest.iter_mut().zip(self.values) {
            // A NaN is larger than anything, so that damaged weights are noticed.
            *largest = if *value > *largest || value.is_nan() { *value } else { *largest };
        }
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
        Margins, Op,
        tests::{check, forward, numbers, refusal},
    };

    const PLAIN: Pool = Pool {
        kernel: [2, 2],
        strides: [2, 2],
        dilations: [1, 1],
        padding: Margins { top: 0, left: 0, bottom: 0, right: 0 },
        ceil: false,
    };

    #[test]
    fn the_mean_is_of_what_counts() {
        let pool = Pool { kernel: [3, 3], padding: Margins::all(1), ceil: true, ..PLAIN };
        let mean = |count_padding| forward(&Op::AveragePool { pool, count_padding }, &[&[1, 1, 4, 4]], &[numbers(16)]);
        // torch.nn.functional.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=…).
        assert_eq!(mean(false), [2.5, 4.0, 5.0, 8.5, 10.0, 11.0, 12.5, 14.0, 15.0]);
        let padded =
            [10.0 / 9.0, 24.0 / 9.0, 10.0 / 6.0, 51.0 / 9.0, 10.0, 33.0 / 6.0, 25.0 / 6.0, 42.0 / 6.0, 15.0 / 4.0];
        for (found, wanted) in mean(true).iter().zip(padded) {
            assert!((found - wanted).abs() < 1e-5, "{found} {wanted}");
        }
    }

    #[test]
    fn a_last_window_of_ceil_mode_begins_on_the_map() {
        let pool = Pool {
            kernel: [1, 2],
            strides: [1, 3],
            padding: Margins { left: 1, right: 1, ..Margins::default() },
            ceil: true,
            ..PLAIN
        };
        assert_eq!(shape(&pool, &[1, 1, 1, 5]).unwrap(), [1, 1, 1, 2]);
        assert_eq!(shape(&Pool { strides: [1, 2], ..pool }, &[1, 1, 1, 6]).unwrap(), [1, 1, 1, 4]);
        assert_eq!(shape(&Pool { ceil: false, ..pool }, &[1, 1, 1, 6]).unwrap(), [1, 1, 1, 3]);
    }

    #[test]
    fn the_largest_is_of_a_dilated_window_on_the_map() {
        let pool = Pool {
            kernel: [2, 2],
            strides: [1, 1],
            dilations: [2, 2],
            padding: Margins { top: 1, ..Margins::default() },
            ceil: false,
        };
        let below: Vec<f32> = numbers(12).iter().map(|value| value - 20.0).collect();
        let result = forward(&Op::MaxPool(pool), &[&[1, 1, 3, 4]], &[below]);
        assert_eq!(result, [-14.0, -13.0, -10.0, -9.0]);
    }

    #[test]
    fn gradients_of_pools() {
        let pools = [
            PLAIN,
            Pool {
                kernel: [3, 2],
                strides: [2, 1],
                padding: Margins { top: 1, left: 0, bottom: 2, right: 1 },
                ceil: true,
                ..PLAIN
            },
            Pool { kernel: [3, 3], padding: Margins::all(1), ceil: true, ..PLAIN },
            Pool { kernel: [2, 3], dilations: [2, 1], strides: [1, 1], ..PLAIN },
        ];
        for pool in pools {
            for shape in [[1, 3, 5, 6], [2, 2, 4, 4]] {
                check(&Op::MaxPool(pool), &[&shape]);
                for count_padding in [false, true] {
                    check(&Op::AveragePool { pool, count_padding }, &[&shape]);
                }
            }
        }
    }

    #[test]
    fn the_first_of_equals_gets_all_of_the_gradient() {
        use crate::graph::{GraphBuilder, Plan, State};
        // With a stride of its own each way, for which there is no layer.
        for strides in [[2, 2], [2, 1]] {
            let mut builder = GraphBuilder::default();
            let input = builder.input(&[1, 1, 2, 2]).unwrap();
            let pool = builder.add("pool", Op::MaxPool(Pool { strides, ..PLAIN }), &[input]).unwrap();
            let plan = Plan::new(&builder.finish(&[pool]).unwrap(), &[]).unwrap();
            let mut state = State::default();
            plan.forward_recording(&[1.0, 3.0, 3.0, 3.0], &mut state);
            let mut gradient = [0.0; 4];
            plan.backward(&[&[2.0]], &mut state, &mut gradient);
            assert_eq!(gradient, [0.0, 2.0, 0.0, 0.0]);
        }
    }

    #[test]
    fn windows_that_do_not_fit_are_refused() {
        for pool in [
            Pool { kernel: [0, 1], ..PLAIN },
            Pool { kernel: [6, 1], ..PLAIN },
            Pool { strides: [0, 1], ..PLAIN },
            Pool { dilations: [0, 1], ..PLAIN },
            Pool { padding: Margins::all(2), ..PLAIN },
            Pool { kernel: [1 << 50, 1], padding: Margins { top: (1 << 50) - 1, ..Margins::default() }, ..PLAIN },
            Pool { dilations: [usize::MAX, usize::MAX], ..PLAIN },
            Pool {
                kernel: [1 << 13, 1],
                padding: Margins { top: (1 << 13) - 1, bottom: (1 << 13) - 1, ..Margins::default() },
                ..PLAIN
            },
        ] {
            assert!(refusal(&Op::MaxPool(pool), &[&[1, 4, 5, 5]]).contains("[1, 4, 5, 5]"));
        }
        assert!(refusal(&Op::MaxPool(PLAIN), &[&[4, 5, 5]]).contains("[4, 5, 5]"));
    }
}
