//! The activations of one sample at one place of a network.

use std::ops::Range;

use pulp::Simd;

use super::{
    buffer::{Buffer, BufferPool},
    kernels::simd::{self, Kernel},
};

/// `[height, width, channels]`: one sample's activations, channels last.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMap {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
    /// `height × width × channels` values.
    pub values: Buffer,
}

impl FeatureMap {
    /// Height, width and channels.
    pub fn shape(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    /// How many pixels it has.
    pub fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Channels last from `[channels, height, width]`, into `values`, whose content does not matter.
    pub fn from_planar(planar: &[f32], channels: usize, height: usize, width: usize, mut values: Buffer) -> Self {
        let pixels = height * width;
        values.set_len(pixels * channels);
        for (channel, plane) in planar.chunks_exact(pixels).enumerate() {
            for (pixel, value) in values.chunks_exact_mut(channels).zip(plane) {
                pixel[channel] = *value;
            }
        }
        Self { height, width, channels, values }
    }

    /// `[channels, height, width]`, into `planar`, which must be as long as `values`.
    pub fn write_planar(&self, planar: &mut [f32]) {
        for (channel, plane) in planar.chunks_exact_mut(self.pixels()).enumerate() {
            for (value, pixel) in plane.iter_mut().zip(self.values.chunks_exact(self.channels)) {
                *value = pixel[channel];
            }
        }
    }

    /// Another one with the same values.
    pub(super) fn copied(&self, pool: &mut BufferPool) -> Self {
        let mut values = pool.take(self.values.len());
        values.copy_from_slice(&self.values);
        Self { values, ..*self }
    }

    /// Adds the values of a map of the same shape.
    pub(super) fn add(&mut self, other: &Self) {
        simd::run(Add { sum: &mut self.values, other: &other.values });
    }

    /// One with some of the channels.
    pub(super) fn some_channels(&self, channels: Range<usize>, pool: &mut BufferPool) -> Self {
        let Self { height, width, .. } = *self;
        let mut values = pool.take(self.pixels() * channels.len());
        for (some, all) in values.chunks_exact_mut(channels.len()).zip(self.values.chunks_exact(self.channels)) {
            some.copy_from_slice(&all[channels.clone()]);
        }
        Self { height, width, channels: channels.len(), values }
    }

    /// Sets the channels from `first` on to those of a map of the same size.
    pub(super) fn set_channels(&mut self, first: usize, some: &Self) {
        let places = first..first + some.channels;
        let pixels = self.values.chunks_exact_mut(self.channels).zip(some.values.chunks_exact(some.channels));
        for (all, some) in pixels {
            all[places.clone()].copy_from_slice(some);
        }
    }
}

struct Add<'a> {
    sum: &'a mut [f32],
    other: &'a [f32],
}

impl Kernel for Add<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (sum, value) in self.sum.iter_mut().zip(self.other) {
            *sum += value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planar_and_back_is_the_same() {
        let planar: Vec<f32> = (0..24).map(|v| v as f32).collect();
        let map = FeatureMap::from_planar(&planar, 3, 2, 4, Buffer::default());
        assert_eq!(&map.values[..3], &[0.0, 8.0, 16.0]);
        let mut back = vec![0.0; 24];
        map.write_planar(&mut back);
        assert_eq!(back, planar);
    }
}
