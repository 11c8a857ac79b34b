//! Points of I-GOS's path, made when they are needed: Φ(I, (s/S)·up(M)) + n.

use crate::{Mask, model::Samples, noise::Noise, subject::Scene, upsampling::Upsampling};

/// One point of the path of one mask.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PathSample {
    /// Which of the masks.
    pub mask: usize,
    /// s/S.
    pub scale: f32,
    /// Which random numbers its noise is made of; none for no noise.
    pub stream: Option<u64>,
}

impl PathSample {
    /// The end of a mask's path, without noise.
    pub fn end(mask: usize) -> Self {
        Self { mask, scale: 1.0, stream: None }
    }
}

/// Points of the paths of some masks.
pub(crate) struct PathSamples<'a> {
    scene: &'a Scene<'a>,
    masks: Vec<Vec<f32>>,
    samples: Vec<PathSample>,
    points: usize,
    noise: Noise,
}

impl<'a> PathSamples<'a> {
    /// No points yet, for paths of `points` points.
    pub fn new(scene: &'a Scene<'a>, upsampling: &Upsampling, masks: &[&Mask], points: usize, noise: Noise) -> Self {
        let masks = masks
            .iter()
            .map(|mask| {
                let mut pixels = vec![0.0; scene.pixels];
                upsampling.up(&mask.values, &mut pixels);
                pixels
            })
            .collect();
        Self { scene, masks, samples: Vec::new(), points, noise }
    }

    pub fn push(&mut self, sample: PathSample) {
        self.samples.push(sample);
    }

    /// Adds some points (from 1 to S) of a mask's path. The same iteration and draw give the same noise again.
    pub fn extend(&mut self, mask: usize, points: impl Iterator<Item = usize>, iteration: usize, draw: usize) {
        for point in points {
            // 16 bits for the point, 16 for the draw: far more than either can be.
            let stream = (iteration as u64) << 32 | (draw as u64 & 0xffff) << 16 | (point as u64 & 0xffff);
            self.push(PathSample { mask, scale: point as f32 / self.points as f32, stream: Some(stream) });
        }
    }
}

impl Samples for PathSamples<'_> {
    fn len(&self) -> usize {
        self.samples.len()
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let sample = self.samples[index];
        self.scene.compose(&self.masks[sample.mask], sample.scale, planar);
        if let Some(stream) = sample.stream {
            self.noise.add(planar, stream);
        }
    }
}
