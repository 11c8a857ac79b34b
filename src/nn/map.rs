//! The activations of one sample.

use super::buffer::Buffer;

/// `[height, width, channels]`: one sample's activations, channels last.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
    /// `height × width × channels` values.
    pub values: Buffer,
}

impl Map {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planar_and_back_is_the_same() {
        let planar: Vec<f32> = (0..24).map(|v| v as f32).collect();
        let map = Map::from_planar(&planar, 3, 2, 4, Buffer::default());
        assert_eq!(&map.values[..3], &[0.0, 8.0, 16.0]);
        let mut back = vec![0.0; 24];
        map.write_planar(&mut back);
        assert_eq!(back, planar);
    }
}
