//! The mask and its algebra.

use crate::imaging::Interpolation;

use super::saliency::Saliency;

/// m × m values in `[0, 1]`, row by row: 1 keeps a pixel, 0 deletes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mask {
    /// m.
    pub size: usize,
    /// `size × size` values.
    pub values: Vec<f32>,
}

impl Mask {
    /// The mask that keeps everything.
    pub fn ones(size: usize) -> Self {
        Self { size, values: vec![1.0; size * size] }
    }

    /// mean|1 − M|.
    pub fn l1(&self) -> f64 {
        self.values.iter().map(|m| f64::from((1.0 - m).abs())).sum::<f64>() / self.values.len() as f64
    }

    /// Mean absolute change of a cell from another mask of the same size.
    pub fn mean_change(&self, other: &Self) -> f64 {
        let sum: f64 = self.values.iter().zip(&other.values).map(|(a, b)| f64::from((a - b).abs())).sum();
        sum / self.values.len() as f64
    }

    /// TV(M): the mean squared difference of vertical neighbours plus that of horizontal ones.
    pub fn tv(&self) -> f64 {
        let sum: f64 = self.neighbours().map(|(a, b)| f64::from(self.values[a] - self.values[b]).powi(2)).sum();
        sum / self.pairs()
    }

    /// Adds λ₁ · ∂mean|1 − M| + λ₂ · ∂TV(M) to `gradient`. At M = 1 the first one's subgradient is 0.
    pub fn add_regulariser_gradient(&self, l1_weight: f64, tv_weight: f64, gradient: &mut [f64]) {
        let l1 = l1_weight / self.values.len() as f64;
        for (sum, &m) in gradient.iter_mut().zip(&self.values) {
            if m < 1.0 {
                *sum -= l1;
            }
        }
        let tv = 2.0 * tv_weight / self.pairs();
        for (a, b) in self.neighbours() {
            let slope = tv * f64::from(self.values[a] - self.values[b]);
            gradient[a] += slope;
            gradient[b] -= slope;
        }
    }

    /// P(M − α·G): the mask after a step, clamped to `[0, 1]`.
    pub fn stepped(&self, step: f64, gradient: &[f64]) -> Self {
        let values =
            self.values.iter().zip(gradient).map(|(&m, g)| (f64::from(m) - step * g).clamp(0.0, 1.0) as f32).collect();
        Self { size: self.size, values }
    }

    /// 1 − M: what was deleted is important.
    pub fn saliency(&self) -> Saliency {
        Saliency {
            width: self.size,
            height: self.size,
            values: self.values.iter().map(|m| 1.0 - m).collect(),
            interpolation: Interpolation::AlignCorners,
            clipped_fraction: 0.0,
            full: Some(1.0),
        }
    }

    /// Pairs of vertical neighbours; as many as of horizontal ones.
    fn pairs(&self) -> f64 {
        (self.size * self.size.saturating_sub(1)).max(1) as f64
    }

    /// The indices of all vertical and horizontal neighbours.
    fn neighbours(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let size = self.size;
        let vertical = (0..size * size.saturating_sub(1)).map(move |i| (i + size, i));
        let horizontal = (0..size * size).filter(move |i| i % size + 1 < size).map(|i| (i + 1, i));
        vertical.chain(horizontal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bumpy() -> Mask {
        let values = (0..25).map(|i| 0.5 + 0.4 * (i as f32 * 1.7).sin()).collect();
        Mask { size: 5, values }
    }

    #[test]
    fn regulariser_gradient_is_the_slope_of_the_regularisers() {
        let mask = bumpy();
        let mut gradient = vec![0.0; 25];
        mask.add_regulariser_gradient(3.0, 7.0, &mut gradient);
        let value = |mask: &Mask| 3.0 * mask.l1() + 7.0 * mask.tv();
        for (cell, expected) in gradient.iter().enumerate() {
            let moved = |by: f32| {
                let mut mask = mask.clone();
                mask.values[cell] += by;
                mask
            };
            let slope = (value(&moved(1e-3)) - value(&moved(-1e-3))) / 2e-3;
            assert!((slope - expected).abs() < 1e-3 * expected.abs().max(0.1), "{slope} {expected}");
        }
    }

    #[test]
    fn a_whole_mask_pays_nothing_and_has_no_slope() {
        let mask = Mask::ones(4);
        let mut gradient = vec![0.0; 16];
        mask.add_regulariser_gradient(1.0, 20.0, &mut gradient);
        assert_eq!((mask.l1(), mask.tv()), (0.0, 0.0));
        assert!(gradient.iter().all(|g| *g == 0.0));
    }

    #[test]
    fn a_step_stays_between_deleting_and_keeping() {
        let gradient: Vec<f64> = (0..25).map(|i| f64::from(i) - 12.0).collect();
        let stepped = bumpy().stepped(1.0, &gradient);
        assert!(stepped.values.iter().all(|m| (0.0..=1.0).contains(m)));
        assert_eq!((stepped.values[0], stepped.values[24]), (1.0, 0.0));
    }
}
