//! The mean over all pixels.

use super::{
    map::Map,
    pass::{Pass, Saved},
};

/// `[h, w, channels]` → `[1, 1, channels]`.
pub(crate) fn global_average_forward(input: Map, pass: &mut Pass) -> Map {
    let mut values = pass.buffer(input.channels);
    values.fill(0.0);
    for pixel in input.values.chunks_exact(input.channels) {
        for (sum, value) in values.iter_mut().zip(pixel) {
            *sum += value;
        }
    }
    let share = 1.0 / input.pixels() as f32;
    for sum in &mut values {
        *sum *= share;
    }
    pass.save(Saved::Shape([input.height, input.width, input.channels]));
    pass.give(input.values);
    Map { height: 1, width: 1, channels: input.channels, values }
}

/// Every pixel contributed the same share.
pub(crate) fn global_average_backward(gradient: Map, pass: &mut Pass) -> Map {
    let [height, width, channels] = pass.take_shape().unwrap_or([1, 1, gradient.channels]);
    let mut values = pass.buffer(height * width * channels);
    let share = 1.0 / (height * width) as f32;
    for pixel in values.chunks_exact_mut(channels) {
        for (value, gradient) in pixel.iter_mut().zip(&gradient.values) {
            *value = gradient * share;
        }
    }
    pass.give(gradient.values);
    Map { height, width, channels, values }
}
