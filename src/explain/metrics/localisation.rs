//! Whether a map is where a person says the thing is.

use super::{About, Better, Cost, How, Measuring, Metric};
use crate::{ExplainError, imaging::Region, rank};

/// Whether the most important place is in it.
pub(super) const POINTING_GAME: Metric = Metric {
    id: "pointing-game",
    title: "Pointing game",
    about: About::Localisation,
    better: Better::Higher,
    range: "0 or 1; over pictures, the share of those",
    meaning: "Whether the most important place is in the marked part.",
    source: "Jianming Zhang et al.: Top-down Neural Attention by Excitation Backprop, ECCV 2016 (arXiv 1608.00507)",
    cost: Cost::Forward(0),
    how: How::Whole(pointing_game),
};

/// How many of the most important places are in it.
pub(super) const RELEVANCE_RANK_ACCURACY: Metric = Metric {
    id: "relevance-rank-accuracy",
    title: "Relevance rank accuracy",
    about: About::Localisation,
    better: Better::Higher,
    range: "0 to 1; the marked part's share of the picture is chance",
    meaning: "As many of the most important places as the marked part has: the share of them that is in it.",
    source: "Leila Arras, Ahmed Osman, Wojciech Samek: CLEVR-XAI, Information Fusion 2022 (arXiv 2003.07258)",
    cost: Cost::Forward(0),
    how: How::Whole(relevance_rank_accuracy),
};

/// How much of the importance is in it.
pub(super) const RELEVANCE_MASS_ACCURACY: Metric = Metric {
    id: "relevance-mass-accuracy",
    title: "Relevance mass accuracy",
    about: About::Localisation,
    better: Better::Higher,
    range: "0 to 1; the marked part's share of the picture is chance",
    meaning: "The share of all importance that is in the marked part.",
    source: "Leila Arras, Ahmed Osman, Wojciech Samek: CLEVR-XAI, Information Fusion 2022 (arXiv 2003.07258)",
    cost: Cost::Forward(0),
    how: How::Whole(relevance_mass_accuracy),
};

/// How well they cover each other.
pub(super) const INTERSECTION_OVER_UNION: Metric = Metric {
    id: "iou",
    title: "Intersection over union",
    about: About::Localisation,
    better: Better::Higher,
    range: "0 to 1",
    meaning: "As many of the most important places as the marked part has: what both share, of what either has.",
    source: "Bolei Zhou et al.: Learning Deep Features for Discriminative Localization, CVPR 2016 (arXiv 1512.04150)",
    cost: Cost::Forward(0),
    how: How::Whole(intersection_over_union),
};

fn pointing_game(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(places(of).map(|places| {
        let first = rank(&places.importance, of.seed())[0];
        f32::from(places.is_marked[first])
    }))
}

fn relevance_rank_accuracy(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(places(of).map(|places| places.shared(of.seed()) as f32 / places.marked() as f32))
}

fn relevance_mass_accuracy(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    let share = |places: Places| {
        let positive = |value: &f32| f64::from(value.max(0.0));
        let all: f64 = places.importance.iter().map(positive).sum();
        let inside = places.importance.iter().zip(&places.is_marked).filter(|(_, is_marked)| **is_marked);
        (all > 0.0).then(|| (inside.map(|(value, _)| positive(value)).sum::<f64>() / all) as f32)
    };
    Ok(places(of).and_then(share))
}

fn intersection_over_union(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(places(of).map(|places| {
        let (shared, marked) = (places.shared(of.seed()), places.marked());
        shared as f32 / (2 * marked - shared) as f32
    }))
}

/// The places of the curves' grid, and which of them are marked.
struct Places {
    importance: Vec<f32>,
    is_marked: Vec<bool>,
}

impl Places {
    fn marked(&self) -> usize {
        self.is_marked.iter().filter(|is_marked| **is_marked).count()
    }

    /// How many of the most important places, as many as are marked, are.
    fn shared(&self, seed: u64) -> usize {
        rank(&self.importance, seed)[..self.marked()].iter().filter(|place| self.is_marked[**place]).count()
    }
}

/// None where nothing is marked, or no place's middle is in what is.
fn places(of: &Measuring<'_>) -> Option<Places> {
    let Region { x, y, width, height } = of.place?;
    let (grid, size) = (of.grid(), of.size());
    // The outer cells' centres are on the picture's edges, as the curves' mask is enlarged.
    let at = |cell: usize, side: usize| cell as f32 * side as f32 / (grid.max(2) - 1) as f32;
    let is_across = |cell: usize| (x..=x + width).contains(&at(cell % grid, size.width));
    let is_down = |cell: usize| (y..=y + height).contains(&at(cell / grid, size.height));
    let is_marked: Vec<bool> = (0..grid * grid).map(|cell| is_across(cell) && is_down(cell)).collect();
    is_marked.contains(&true).then(|| Places { importance: of.cells(), is_marked })
}
