//! Sums and elementary functions that compilers turn into vector code.

/// Partial sums side by side: as many as the widest register has lanes.
const LANES: usize = 16;

/// The sum of some values.
#[inline(always)]
pub(crate) fn sum(values: &[f32]) -> f32 {
    let chunks = values.chunks_exact(LANES);
    let rest: f32 = chunks.remainder().iter().sum();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    rest + lanes.iter().sum::<f32>()
}

/// The sum of the products of two rows of equal length.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(a, b)| a * b).sum();
    let mut lanes = [0.0; LANES];
    for (left, right) in left.zip(right) {
        for ((lane, a), b) in lanes.iter_mut().zip(left).zip(right) {
            *lane += a * b;
        }
    }
    rest + lanes.iter().sum::<f32>()
}

/// The largest of some values; one that is not a number is none of them.
#[inline(always)]
pub(crate) fn largest(values: &[f32]) -> f32 {
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder().iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = lane.max(*value);
        }
    }
    let (low, high) = lanes.split_at_mut(LANES / 2);
    for (low, high) in low.iter_mut().zip(high) {
        *low = low.max(*high);
    }
    low.iter().copied().fold(rest, f32::max)
}

/// The error function, to an absolute 3e-7.
#[inline(always)]
pub(crate) fn erf(x: f32) -> f32 {
    /// Beyond it the function is ±1 in single precision.
    const END: f32 = 4.0;
    /// Odd over even polynomial, in x² (the minimax fit that Eigen and XLA use).
    const ABOVE: [f32; 7] = [
        -2.726_142_3e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const BELOW: [f32; 5] = [-1.456_607_2e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329_2e-3, -1.426_473_9e-2];
    let x = if x < -END { -END } else { x };
    let x = if x > END { END } else { x };
    let square = x * x;
    let above = ABOVE.iter().fold(0.0, |sum, term| sum * square + term);
    let below = BELOW.iter().fold(0.0, |sum, term| sum * square + term);
    x * above / below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_function_is_the_integral_of_the_bell_curve() {
        // Simpson's rule, on intervals far smaller than the curve.
        let mut integral = 0.0;
        let bell = |x: f64| 2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp();
        for step in 0..500 {
            let (from, to) = (f64::from(step) * 0.01, f64::from(step + 1) * 0.01);
            integral += (to - from) / 6.0 * (bell(from) + 4.0 * bell((from + to) / 2.0) + bell(to));
            assert!((f64::from(erf(to as f32)) - integral).abs() < 3e-7, "at {to}");
            assert!((f64::from(erf(-to as f32)) + integral).abs() < 3e-7, "at -{to}");
        }
        assert!(erf(f32::NAN).is_nan());
    }

    #[test]
    fn the_largest_is_found_wherever_it_is() {
        for len in [1, 5, 16, 39] {
            for place in 0..len {
                let mut values = vec![-3.0; len];
                values[place] = -1.0;
                values[(place + 1) % len] = if len > 1 { f32::NAN } else { -1.0 };
                assert_eq!(largest(&values), -1.0);
            }
        }
        assert_eq!(largest(&[]), f32::NEG_INFINITY);
    }

    #[test]
    fn sums_take_every_value_once() {
        for len in [0, 5, 16, 39] {
            let values: Vec<f32> = (0..len).map(|value| value as f32).collect();
            assert_eq!(sum(&values), values.iter().sum::<f32>());
            assert_eq!(dot(&values, &values), values.iter().map(|v| v * v).sum::<f32>());
        }
    }
}
