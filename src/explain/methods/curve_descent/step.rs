//! How an order takes a step: along a smoothed gradient, with momentum, by about the same distance everywhere.

/// Share of the gradients before in the direction of a step.
const MOMENTUM: f64 = 0.8;

/// Share of the squares before in what a step is divided by.
const SQUARES: f64 = 0.95;

/// How large the square's root counts at least, relative to that of all cells: cells that hardly matter move little.
const FLOOR: f64 = 0.1;

/// Where a Gaussian is cut off, in standard deviations.
const CUT: f64 = 3.0;

/// The running means of the gradient and its square, of each cell.
pub(super) struct Momentum {
    means: Vec<f64>,
    squares: Vec<f64>,
    steps: i32,
}

impl Momentum {
    pub fn of(cells: usize) -> Self {
        Self { means: vec![0.0; cells], squares: vec![0.0; cells], steps: 0 }
    }

    /// Moves the order against the gradient: a cell whose gradient is always the same by `size`.
    pub fn step(&mut self, order: &mut [f64], gradient: &[f64], size: f64) {
        self.steps += 1;
        for ((mean, square), g) in self.means.iter_mut().zip(&mut self.squares).zip(gradient) {
            *mean = MOMENTUM * *mean + (1.0 - MOMENTUM) * g;
            *square = SQUARES * *square + (1.0 - SQUARES) * g * g;
        }
        // Both began at 0.
        let (mean_share, square_share) = (1.0 - MOMENTUM.powi(self.steps), 1.0 - SQUARES.powi(self.steps));
        let typical = (self.squares.iter().sum::<f64>() / self.squares.len() as f64 / square_share).sqrt();
        if typical <= 0.0 {
            return;
        }
        for ((s, mean), square) in order.iter_mut().zip(&self.means).zip(&self.squares) {
            *s -= size * (mean / mean_share) / ((square / square_share).sqrt() + FLOOR * typical);
        }
    }
}

/// Reach of the mean that an order is drawn towards: the standard deviation of a Gaussian, in cells.
const NEIGHBOURHOOD: f64 = 1.0;

/// Moves each place of an order by the share `towards` to the mean of those around it: a step of diffusion.
pub(super) fn diffuse(order: &mut [f64], size: usize, towards: f64) {
    if towards <= 0.0 {
        return;
    }
    let means = smoothed(order, size, NEIGHBOURHOOD);
    order.iter_mut().zip(&means).for_each(|(place, mean)| *place += towards * (mean - *place));
}

/// A map of `size` × `size` cells under a Gaussian of a standard deviation in cells; as it is for 0. At the edges the
/// cells that are there share the weight of those that are not.
pub(super) fn smoothed(values: &[f64], size: usize, std: f64) -> Vec<f64> {
    let reach = (CUT * std).ceil() as usize;
    if reach == 0 {
        return values.to_vec();
    }
    let weights: Vec<f64> = (0..=reach).map(|by| (-0.5 * (by as f64 / std).powi(2)).exp()).collect();
    // Along rows, and turned: twice is both ways, and turned back.
    let along = |values: &[f64]| {
        let mut turned = vec![0.0; values.len()];
        for (y, row) in values.chunks_exact(size).enumerate() {
            for x in 0..size {
                let (first, last) = (x.saturating_sub(reach), (x + reach).min(size - 1));
                let (mut sum, mut whole) = (0.0, 0.0);
                for (other, value) in row.iter().enumerate().take(last + 1).skip(first) {
                    let weight = weights[x.abs_diff(other)];
                    sum += weight * value;
                    whole += weight;
                }
                turned[x * size + y] = sum / whole;
            }
        }
        turned
    };
    along(&along(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_keeps_what_is_even_and_spreads_what_is_not() {
        let even = smoothed(&[3.0; 25], 5, 1.5);
        assert!(even.iter().all(|value| (value - 3.0).abs() < 1e-12));
        let mut one = vec![0.0; 81];
        one[4 * 9 + 4] = 1.0;
        let spread = smoothed(&one, 9, 1.0);
        let expected = (-0.5_f64).exp() * spread[40];
        assert!((spread[41] - expected).abs() < 1e-9 && (spread[40 + 9] - expected).abs() < 1e-9);
        // A Gaussian of standard deviation 1 is 1 / 2π high.
        assert!((spread[40] - 0.159).abs() < 2e-3, "{}", spread[40]);
        assert_eq!(smoothed(&one, 9, 0.0), one);
    }

    #[test]
    fn diffusion_draws_a_place_towards_its_neighbours_and_leaves_an_even_order() {
        let mut one = vec![0.0; 81];
        one[40] = 1.0;
        let mean = smoothed(&one, 9, NEIGHBOURHOOD);
        let mut drawn = one.clone();
        diffuse(&mut drawn, 9, 0.25);
        assert!((drawn[40] - (0.75 + 0.25 * mean[40])).abs() < 1e-12 && (drawn[41] - 0.25 * mean[41]).abs() < 1e-12);
        let mut even = vec![2.0; 81];
        diffuse(&mut even, 9, 1.0);
        assert!(even.iter().all(|place| (place - 2.0).abs() < 1e-12));
        diffuse(&mut one, 9, 0.0);
        assert_eq!(one[40], 1.0);
    }

    #[test]
    fn the_first_step_goes_against_the_gradient_by_its_size_or_less() {
        let mut order = vec![0.0; 3];
        Momentum::of(3).step(&mut order, &[2.0, -2.0, 0.0], 1.0);
        assert!(order[0] < -0.9 && order[0] >= -1.0 && order[1] == -order[0] && order[2] == 0.0, "{order:?}");
    }

    #[test]
    fn no_gradient_moves_nothing() {
        let mut order = vec![1.0, 2.0];
        Momentum::of(2).step(&mut order, &[0.0, 0.0], 1.0);
        assert_eq!(order, [1.0, 2.0]);
    }
}
