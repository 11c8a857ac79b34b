//! Global average pooling: the mean over all pixels.

use pulp::Simd;

use crate::{
    activation::multiply_derivative,
    buffer::BufferPool,
    feature_map::FeatureMap,
    kernels::simd::{self, Kernel},
    tape::{Saved, Tape},
};

/// `[h, w, channels]` → `[1, 1, channels]`.
pub(crate) fn mean(input: &FeatureMap, pool: &mut BufferPool) -> FeatureMap {
    let mut values = pool.take(input.channels);
    values.fill(0.0);
    simd::run(Sum { pixels: &input.values, sums: &mut values });
    let share = 1.0 / input.pixels() as f32;
    for sum in values.iter_mut() {
        *sum *= share;
    }
    FeatureMap { height: 1, width: 1, channels: input.channels, values }
}

/// [`mean`], with what its backward needs.
pub(crate) fn global_average_forward(input: FeatureMap, tape: &mut Tape) -> FeatureMap {
    let mean = mean(&input, &mut tape.pool);
    tape.push(Saved::Shape(input.shape()));
    tape.pool.put(input.values);
    mean
}

/// Every pixel contributed the same share.
pub(crate) fn global_average_backward(gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
    let [height, width, channels] = tape.pop_shape();
    let mut values = tape.pool.take(height * width * channels);
    let share = 1.0 / (height * width) as f32;
    for pixel in values.chunks_exact_mut(channels) {
        for (value, gradient) in pixel.iter_mut().zip(gradient.values.iter()) {
            *value = gradient * share;
        }
    }
    multiply_derivative(&mut values, tape);
    tape.pool.put(gradient.values);
    FeatureMap { height, width, channels, values }
}

/// `sums += pixels`, summed up.
struct Sum<'a> {
    pixels: &'a [f32],
    sums: &'a mut [f32],
}

impl Kernel for Sum<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for pixel in self.pixels.chunks_exact(self.sums.len()) {
            for (sum, value) in self.sums.iter_mut().zip(pixel) {
                *sum += value;
            }
        }
    }
}
