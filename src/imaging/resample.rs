//! Resizing grids of numbers: saliency up to the picture, or down to a coarser grid for a fair comparison.

use serde::{Deserialize, Serialize};

/// How values between grid points are found when a grid is resized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interpolation {
    /// The value of the cell that the new cell's centre lies in.
    Nearest,
    /// Bilinear, the corner cells' centres on each other: PyTorch's `align_corners=True`, as I-GOS enlarges its mask.
    AlignCorners,
    /// Bilinear between cell centres, flat beyond the outermost: PyTorch's `align_corners=False`.
    HalfPixel,
}

/// A grid `[h, w]` of `(w, h)` cells resized to `(out_w, out_h)`; shrinking skips values, see [`area_average`].
///
/// A side of 0, in or out, gives zeros.
pub fn resample(
    values: &[f32],
    (w, h): (usize, usize),
    (out_w, out_h): (usize, usize),
    interpolation: Interpolation,
) -> Vec<f32> {
    let columns = blends(w, out_w, interpolation);
    let rows = blends(h, out_h, interpolation);
    weighted(values, (w, h), &columns, &rows)
}

/// A grid `[h, w]` of `(w, h)` cells averaged down to `(out_w, out_h)`: each new cell is the mean of what it covers,
/// by area, so cells on a border count in part and the mean of the whole is kept, whatever the ratio.
///
/// A side of 0, in or out, gives zeros.
pub fn area_average(values: &[f32], (w, h): (usize, usize), (out_w, out_h): (usize, usize)) -> Vec<f32> {
    weighted(values, (w, h), &covers(w, out_w), &covers(h, out_h))
}

/// The cells, from `start` on, that make one new cell along an axis, and their weights, of sum 1.
struct Blend {
    start: usize,
    weights: Vec<f32>,
}

/// The new grid of the blends of columns and rows: first along each needed row, then across rows.
fn weighted(values: &[f32], (w, h): (usize, usize), columns: &[Blend], rows: &[Blend]) -> Vec<f32> {
    let mut result = vec![0.0; columns.len() * rows.len()];
    if w == 0 || h == 0 || result.is_empty() {
        return result;
    }
    assert_eq!(values.len(), w * h, "values are [{h}, {w}]");
    let narrowed: Vec<f32> = values
        .chunks_exact(w)
        .flat_map(|row| columns.iter().map(|column| dot(&column.weights, &row[column.start..])))
        .collect();
    let stride = columns.len();
    for (to, row) in result.chunks_exact_mut(stride).zip(rows) {
        let sources = narrowed.chunks_exact(stride).skip(row.start);
        for (weight, source) in row.weights.iter().zip(sources) {
            for (to, from) in to.iter_mut().zip(source) {
                *to += weight * from;
            }
        }
    }
    result
}

fn dot(weights: &[f32], values: &[f32]) -> f32 {
    weights.iter().zip(values).map(|(weight, value)| weight * value).sum()
}

fn blends(length: usize, out: usize, interpolation: Interpolation) -> Vec<Blend> {
    let last = length.saturating_sub(1);
    let ratio = length as f64 / out as f64;
    (0..out)
        .map(|cell| {
            let position = match interpolation {
                Interpolation::Nearest => {
                    // In integers, where a centre on a border cannot fall to either side by rounding.
                    return Blend { start: (2 * cell + 1) * length / (2 * out), weights: vec![1.0] };
                }
                Interpolation::AlignCorners if out == 1 => 0.0,
                Interpolation::AlignCorners => (cell * last) as f64 / (out - 1) as f64,
                Interpolation::HalfPixel => ((cell as f64 + 0.5) * ratio - 0.5).max(0.0),
            };
            let start = (position as usize).min(last);
            let above = (position - start as f64) as f32;
            let weights = if start == last { vec![1.0] } else { vec![1.0 - above, above] };
            Blend { start, weights }
        })
        .collect()
}

fn covers(length: usize, out: usize) -> Vec<Blend> {
    // On a ruler of `length·out` marks an old cell is `out` long and a new one `length`, so every overlap is whole.
    (0..out)
        .map(|cell| {
            let (from, to) = (cell * length, (cell + 1) * length);
            let start = from / out;
            let weights = (start..to.div_ceil(out))
                .map(|old| {
                    let overlap = to.min((old + 1) * out) - from.max(old * out);
                    (overlap as f64 / length as f64) as f32
                })
                .collect();
            Blend { start, weights }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Interpolation; 3] = [Interpolation::Nearest, Interpolation::AlignCorners, Interpolation::HalfPixel];

    fn assert_close(values: &[f32], expected: &[f32]) {
        assert_eq!(values.len(), expected.len());
        for (value, wanted) in values.iter().zip(expected) {
            assert!((value - wanted).abs() < 1e-6, "{values:?} is not {expected:?}");
        }
    }

    #[test]
    fn align_corners_puts_corners_on_corners() {
        let values = resample(&[0.0, 3.0], (2, 1), (4, 1), Interpolation::AlignCorners);
        assert_close(&values, &[0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn half_pixel_is_flat_beyond_the_outer_centres() {
        let values = resample(&[0.0, 4.0], (1, 2), (1, 4), Interpolation::HalfPixel);
        assert_close(&values, &[0.0, 1.0, 3.0, 4.0]);
    }

    #[test]
    fn nearest_repeats_cells() {
        let values = resample(&[1.0, 2.0, 3.0, 4.0], (2, 2), (4, 2), Interpolation::Nearest);
        assert_close(&values, &[1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]);
        assert_close(&resample(&[1.0, 2.0, 3.0], (3, 1), (1, 1), Interpolation::Nearest), &[2.0]);
    }

    #[test]
    fn interpolation_agrees_with_pytorch() {
        // torch.nn.functional.interpolate(arange(6).reshape(1, 1, 2, 3), (3, 4), mode="bilinear", …)
        let grid = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let aligned = resample(&grid, (3, 2), (4, 3), Interpolation::AlignCorners);
        let thirds = [0.0, 2.0 / 3.0, 4.0 / 3.0, 2.0];
        let expected: Vec<f32> = [0.0, 1.5, 3.0].iter().flat_map(|y| thirds.map(|x| x + y)).collect();
        assert_close(&aligned, &expected);
        let half = resample(&grid, (3, 2), (4, 3), Interpolation::HalfPixel);
        let columns = [0.0, 0.625, 1.375, 2.0];
        let expected: Vec<f32> = [0.0, 1.5, 3.0].iter().flat_map(|y| columns.map(|x| x + y)).collect();
        assert_close(&half, &expected);
    }

    #[test]
    fn area_average_counts_border_cells_in_part() {
        // Each new cell covers one and a half: (1 + 2/2) / 1.5 and (2/2 + 4) / 1.5.
        assert_close(&area_average(&[1.0, 2.0, 4.0], (3, 1), (2, 1)), &[4.0 / 3.0, 10.0 / 3.0]);
    }

    #[test]
    fn area_average_of_whole_blocks_is_their_mean() {
        let values = [1.0, 3.0, 10.0, 20.0, 5.0, 7.0, 30.0, 40.0];
        assert_close(&area_average(&values, (4, 2), (2, 1)), &[4.0, 25.0]);
    }

    #[test]
    fn an_empty_side_gives_zeros() {
        for interpolation in ALL {
            assert_eq!(resample(&[], (0, 3), (2, 1), interpolation), [0.0, 0.0]);
            assert!(resample(&[1.0], (1, 1), (0, 5), interpolation).is_empty());
        }
        assert_eq!(area_average(&[], (0, 0), (1, 1)), [0.0]);
    }

    fn grid_and_size() -> impl Strategy<Value = (Vec<f32>, (usize, usize), (usize, usize))> {
        (1..12_usize, 1..12_usize, 1..20_usize, 1..20_usize).prop_flat_map(|(w, h, out_w, out_h)| {
            (prop::collection::vec(0.0..1.0_f32, w * h), Just((w, h)), Just((out_w, out_h)))
        })
    }

    proptest! {
        #[test]
        fn area_average_keeps_the_mean((values, from, to) in grid_and_size()) {
            let mean = |values: &[f32]| values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
            let averaged = area_average(&values, from, to);
            prop_assert!((mean(&values) - mean(&averaged)).abs() < 1e-6);
        }

        #[test]
        fn no_interpolation_leaves_the_range((values, from, to) in grid_and_size()) {
            let low = values.iter().copied().fold(f32::INFINITY, f32::min) - 1e-6;
            let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max) + 1e-6;
            for interpolation in ALL {
                let resampled = resample(&values, from, to, interpolation);
                prop_assert_eq!(resampled.len(), to.0 * to.1);
                prop_assert!(resampled.iter().all(|value| (low..=high).contains(value)));
            }
        }

        #[test]
        fn the_same_size_changes_nothing((values, from, _) in grid_and_size()) {
            for interpolation in ALL {
                prop_assert_eq!(&resample(&values, from, from, interpolation), &values);
            }
            prop_assert_eq!(&area_average(&values, from, from), &values);
        }
    }
}
