//! Points of iGOS++'s four paths, made when they are needed.

use super::Masks;
use crate::{
    Mask,
    model::Samples,
    noise::Noise,
    subject::{Scene, compose},
    upsampling::Upsampling,
};

/// One of the four paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// D(M_x).
    Deletion,
    /// N(M_y).
    Insertion,
    /// D(M_x ⊙ M_y).
    DeletionByBoth,
    /// N(M_x ⊙ M_y).
    InsertionByBoth,
}

impl Part {
    /// All, in the order of their samples.
    pub const ALL: [Self; 4] = [Self::Deletion, Self::Insertion, Self::DeletionByBoth, Self::InsertionByBoth];

    /// 1 where a low score is wanted, −1 where a high one is.
    pub fn sign(self) -> f64 {
        if self.deletes() { 1.0 } else { -1.0 }
    }

    fn deletes(self) -> bool {
        matches!(self, Self::Deletion | Self::DeletionByBoth)
    }
}

struct Sample {
    /// Which of the masks over the pixels.
    mask: usize,
    /// s/S.
    scale: f32,
    part: Part,
    /// Which random numbers its noise is made of; none for no noise.
    stream: Option<u64>,
}

/// Points of the four paths of two masks.
pub(super) struct PathSamples<'a> {
    scene: &'a Scene<'a>,
    /// M_x, M_y and their product, a value a pixel.
    masks: Vec<Vec<f32>>,
    samples: Vec<Sample>,
    points: usize,
    noise: Noise,
}

impl<'a> PathSamples<'a> {
    /// None yet, of paths of so many points.
    pub fn new(scene: &'a Scene<'a>, points: usize, noise: Noise) -> Self {
        Self { scene, masks: Vec::new(), samples: Vec::new(), points, noise }
    }

    /// Adds some points, from 1 to S, of all four paths, one path after the other. The same iteration and draw give the
    /// same noise again.
    pub fn add(&mut self, upsampling: &Upsampling, masks: &Masks, points: &[usize], iteration: usize, draw: usize) {
        let up = |mask: &Mask| {
            let mut pixels = vec![0.0; self.scene.pixels];
            upsampling.up(&mask.values, &mut pixels);
            pixels
        };
        let (deletion, insertion) = (up(&masks.deletion), up(&masks.insertion));
        let both = deletion.iter().zip(&insertion).map(|(x, y)| x * y).collect();
        self.masks = vec![deletion, insertion, both];
        for (number, part) in Part::ALL.into_iter().enumerate() {
            for &point in points {
                // 16 bits each for the draw and the point of a path: far more than either can be.
                let place = (number * self.points + point) as u64 & 0xffff;
                let stream = (iteration as u64) << 32 | (draw as u64 & 0xffff) << 16 | place;
                let scale = point as f32 / self.points as f32;
                self.samples.push(Sample { mask: number.min(2), scale, part, stream: Some(stream) });
            }
        }
    }

    /// Adds, without noise, what a mask leaves of the picture and what it deletes.
    pub fn add_ends(&mut self, upsampling: &Upsampling, mask: &Mask) {
        let mut pixels = vec![0.0; self.scene.pixels];
        upsampling.up(&mask.values, &mut pixels);
        self.masks = vec![pixels];
        for part in [Part::Deletion, Part::Insertion] {
            self.samples.push(Sample { mask: 0, scale: 1.0, part, stream: None });
        }
    }

    pub fn count(&self) -> usize {
        self.samples.len()
    }

    /// s/S of a sample.
    pub fn scale(&self, index: usize) -> f32 {
        self.samples[index].scale
    }

    /// What a gradient by a sample's mask, a value a pixel, is by M_x and by M_y; none by one that it does not depend
    /// on.
    pub fn by_masks(&self, index: usize, by_pixel: &[f32]) -> [Option<Vec<f32>>; 2] {
        let times = |mask: &[f32]| Some(by_pixel.iter().zip(mask).map(|(by, mask)| by * mask).collect());
        match self.samples[index].part {
            Part::Deletion => [Some(by_pixel.to_vec()), None],
            Part::Insertion => [None, Some(by_pixel.to_vec())],
            Part::DeletionByBoth | Part::InsertionByBoth => [times(&self.masks[1]), times(&self.masks[0])],
        }
    }
}

impl Samples for PathSamples<'_> {
    fn len(&self) -> usize {
        self.samples.len()
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let &Sample { mask, scale, part, stream } = &self.samples[index];
        let Scene { image, baseline, .. } = self.scene;
        if part.deletes() {
            compose(image, baseline, &self.masks[mask], scale, planar);
        } else {
            compose(baseline, image, &self.masks[mask], scale, planar);
        }
        if let Some(stream) = stream {
            self.noise.add(planar, stream);
        }
    }
}
