//! Whether the sum of importance over some places is what their deletion costs.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{About, Better, Cost, How, Measuring, Metric, correlation::pearson};
use crate::{ExplainError, model::Samples, subject::Scene, upsampling::Upsampling};

/// Sets of places that are deleted.
const SETS: usize = 100;
/// The share of the places in each.
const SHARE: f64 = 0.2;
/// The shares of Sensitivity-n, with as many sets each as [`SETS`] are together.
const SHARES: [f64; 4] = [0.1, 0.3, 0.5, 0.7];

/// Pearson's correlation at one size.
pub(super) const FAITHFULNESS_CORRELATION: Metric = Metric {
    id: "faithfulness-correlation",
    title: "Faithfulness correlation",
    about: About::Faithfulness,
    better: Better::Higher,
    range: "−1 to 1; 0 is chance",
    meaning: "Also known as μFidelity: 100 random sets of a fifth of the grid's places are deleted: the correlation of the importance in a set with what the class's probability falls by.",
    source: "Umang Bhatt, Adrian Weller, José Moura: Evaluating and Aggregating Feature-based Model Explanations, IJCAI 2020 (arXiv 2005.00631)",
    cost: Cost::Forward(SETS + 1),
    how: How::Whole(faithfulness_correlation),
};

/// The same at several sizes.
pub(super) const SENSITIVITY_N: Metric = Metric {
    id: "sensitivity-n",
    title: "Sensitivity-n",
    about: About::Faithfulness,
    better: Better::Higher,
    range: "−1 to 1; 0 is chance",
    meaning: "The same correlation for random sets of a tenth, three, five and seven tenths of the places, on average.",
    source: "Marco Ancona et al.: Towards better understanding of gradient-based attribution methods for Deep Neural Networks, ICLR 2018 (arXiv 1711.06104)",
    cost: Cost::Forward(SETS + 1),
    how: How::Whole(sensitivity_n),
};

fn faithfulness_correlation(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    correlation(of, SHARE, SETS)
}

fn sensitivity_n(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    let each = SHARES.map(|share| correlation(of, share, SETS / SHARES.len()));
    let mut sum = 0.0;
    for found in each {
        let Some(found) = found? else { return Ok(None) };
        sum += found;
    }
    Ok(Some(sum / SHARES.len() as f32))
}

fn correlation(of: &Measuring<'_>, share: f64, sets: usize) -> Result<Option<f32>, ExplainError> {
    let cells = of.cells();
    let size = ((share * cells.len() as f64).round() as usize).clamp(1, cells.len());
    let mut random = ChaCha8Rng::seed_from_u64(of.seed());
    let mut order: Vec<usize> = (0..cells.len()).collect();
    let draw = |_| order.partial_shuffle(&mut random, size).0.to_vec();
    let drawn: Vec<Vec<usize>> = (0..sets).map(draw).collect();
    let curves = &of.parameters.curves;
    let scene = Scene::new(of.subject, curves.baseline, curves.seed);
    let samples =
        Deleted { scene: &scene, upsampling: &Upsampling::new(of.grid(), of.size()), cells: cells.len(), sets: &drawn };
    let answers = of.subject.measures(&samples, of.control)?;
    let Some((whole, answers)) = answers.split_first() else { return Ok(None) };
    let importance = |set: &Vec<usize>| set.iter().map(|cell| f64::from(cells[*cell])).sum::<f64>() as f32;
    let importance: Vec<f32> = drawn.iter().map(importance).collect();
    let falls: Vec<f32> = answers.iter().map(|answer| whole - answer).collect();
    Ok(pearson(&importance, &falls))
}

/// The picture, and then the picture without each set of its places.
struct Deleted<'a> {
    scene: &'a Scene<'a>,
    upsampling: &'a Upsampling,
    cells: usize,
    sets: &'a [Vec<usize>],
}

impl Samples for Deleted<'_> {
    fn len(&self) -> usize {
        self.sets.len() + 1
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let mut mask = vec![1.0; self.cells];
        if let Some(set) = index.checked_sub(1).and_then(|number| self.sets.get(number)) {
            set.iter().for_each(|cell| mask[*cell] = 0.0);
        }
        let mut pixels = vec![0.0; self.scene.pixels];
        self.upsampling.up(&mask, &mut pixels);
        self.scene.compose(&pixels, 1.0, planar);
    }
}
