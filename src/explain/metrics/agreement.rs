//! How far maps agree with each other.

use super::{Saliency, correlation::spearman, rank};

/// The share of the most important places that two maps are compared in.
const TOP: f64 = 0.2;

/// How far two maps agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// The correlation of the ranks of their places, in `[−1, 1]`; none where one has no differences.
    pub ranks: Option<f32>,
    /// The share of the most important fifth of the places that is the same in both, in `[0, 1]`; 0.2 is chance.
    pub top: f32,
}

/// How far each of some maps agrees with each, on a grid of `grid` cells a side; and the order in which maps that agree
/// stand near each other: from the one that agrees most with all others, always the next that is nearest to the last.
pub fn agreement(maps: &[&Saliency], grid: usize, seed: u64) -> (Vec<Vec<Agreement>>, Vec<usize>) {
    let cells: Vec<Vec<f32>> = maps.iter().map(|map| map.on_grid(grid.max(1))).collect();
    let first = |cells: &Vec<f32>| {
        let count = ((TOP * cells.len() as f64).round() as usize).max(1);
        let mut top = rank(cells, seed)[..count.min(cells.len())].to_vec();
        top.sort_unstable();
        top
    };
    let tops: Vec<Vec<usize>> = cells.iter().map(first).collect();
    let pair = |one: usize, other: usize| {
        let shared = tops[one].iter().filter(|cell| tops[other].binary_search(cell).is_ok()).count();
        let ranks = if one == other { Some(1.0) } else { spearman(&cells[one], &cells[other]) };
        Agreement { ranks, top: shared as f32 / tops[one].len().max(1) as f32 }
    };
    let matrix: Vec<Vec<Agreement>> =
        (0..maps.len()).map(|one| (0..maps.len()).map(|other| pair(one, other)).collect()).collect();
    let order = near(&matrix);
    (matrix, order)
}

fn near(matrix: &[Vec<Agreement>]) -> Vec<usize> {
    let value = |agreement: &Agreement| agreement.ranks.unwrap_or(-1.0);
    let sum = |row: &[Agreement]| row.iter().map(value).sum::<f32>();
    let mut left: Vec<usize> = (0..matrix.len()).collect();
    let mut order = Vec::with_capacity(left.len());
    let best = |left: &[usize], of: &dyn Fn(usize) -> f32| {
        (0..left.len()).max_by(|&a, &b| of(left[a]).total_cmp(&of(left[b])).then(left[b].cmp(&left[a])))
    };
    loop {
        let last: Option<usize> = order.last().copied();
        let nearness = |map: usize| last.map_or_else(|| sum(&matrix[map]), |last| value(&matrix[last][map]));
        let Some(place) = best(&left, &nearness) else { return order };
        order.push(left.remove(place));
    }
}
