//! Eigen-CAM: what the features have in common, whatever the class.
//!
//! Source: Muhammad, Yeasin, *Eigen-CAM: Class Activation Map using Principal Components*, IJCNN 2020 (arXiv 2008.00299).

use super::{CamParameters, Layer, Sums, explain_layer};
use crate::{Control, ExplainError, Explanation, Family, Method, Nothing, Subject, method::explains, model::Features};

/// Eigen-CAM's row.
pub static EIGEN_CAM: Method = Method {
    id: "eigen-cam",
    title: "Eigen-CAM",
    color: [139, 195, 74],
    family: Family::Activations,
    meaning: "Where the network's features are strong together: what it looks at, whatever the class.",
    misleads: "It is the same map for every class and explains none; where a picture shows several things it follows the most striking.",
    computes: "The network's last map of features is read, and the mixture of features is found that has most of all their strength in it: their first principal component. The map is how strong this mixture is at each place. No class is asked for.",
    source: "Mohammed Bany Muhammad, Mohammed Yeasin: Eigen-CAM: Class Activation Map using Principal Components, IJCNN 2020 (arXiv 2008.00299)",
    parameters: CamParameters::TABLE,
    explains_logits: true,
    ..Method::of::<EigenCam>()
};

explains!(EigenCam: CamParameters, |_| 1, eigen_cam);

/// ReLU(A·v), with A the features as a row a place and v the direction in which they are longest: the first right
/// singular vector, at the features' size. With [`CamParameters::centred`] each feature's mean is taken off first.
///
/// A singular vector has no sign of its own: v points to where the features are stronger, by their length at a place.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn eigen_cam(
    subject: &Subject<'_>,
    parameters: &CamParameters,
    control: &Control,
) -> Result<Explanation, ExplainError> {
    explain_layer(&EIGEN_CAM, subject, parameters, control, |layer| sums(layer, parameters.centred))
}

fn sums(layer: &Layer<'_>, is_centred: bool) -> Result<Sums, ExplainError> {
    let features = layer.features(layer.logit())?;
    let matrix = Matrix::of(&features, is_centred);
    let projection = matrix.first_component();
    let nothing = projection.is_none().then_some(Nothing::Ties);
    let mut values = projection.unwrap_or_else(|| vec![0.0; matrix.rows]);
    let places = features.activations.chunks_exact(features.channels.max(1));
    let lengths: Vec<f64> =
        places.map(|place| place.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()).collect();
    let mean = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
    let offset = if is_centred { mean } else { 0.0 };
    let agreement: f64 = values.iter().zip(&lengths).map(|(value, length)| value * (length - offset)).sum();
    if agreement < 0.0 {
        values.iter_mut().for_each(|value| *value = -*value);
    }
    let values = values.into_iter().map(|value| value as f32).collect();
    Ok(Sums { nothing, ..Sums::of(&features, values) })
}

/// Features as a row a place.
struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

/// Power iterations at most. The error shrinks by the ratio of the two largest eigenvalues in each.
const ITERATIONS: usize = 5000;

/// The direction is found once it moves by less than this.
const STILL: f64 = 1e-12;

impl Matrix {
    fn of(features: &Features, is_centred: bool) -> Self {
        let columns = features.channels.max(1);
        let mut values: Vec<f64> = features.activations.iter().copied().map(f64::from).collect();
        let rows = values.len() / columns;
        if is_centred {
            let mut means = vec![0.0; columns];
            for row in values.chunks_exact(columns) {
                means.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / rows as f64);
            }
            for row in values.chunks_exact_mut(columns) {
                row.iter_mut().zip(&means).for_each(|(value, mean)| *value -= mean);
            }
        }
        Self { rows, columns, values }
    }

    /// A·v, a number a row, with v the first right singular vector; none where all is 0.
    fn first_component(&self) -> Option<Vec<f64>> {
        // A·v = σ·u. Both u, of A·Aᵀ, and v, of Aᵀ·A, will do: whichever matrix is the smaller.
        let row = |row: usize| &self.values[row * self.columns..][..self.columns];
        if self.rows <= self.columns {
            let gram = symmetric(self.rows, |one, other| dot(row(one), row(other)));
            let (direction, square) = largest(&gram, self.rows)?;
            return Some(direction.iter().map(|value| value * square.sqrt()).collect());
        }
        let mut gram = vec![0.0; self.columns * self.columns];
        for place in 0..self.rows {
            for (value, sums) in row(place).iter().zip(gram.chunks_exact_mut(self.columns)) {
                sums.iter_mut().zip(row(place)).for_each(|(sum, other)| *sum += value * other);
            }
        }
        let (direction, _) = largest(&gram, self.columns)?;
        Some((0..self.rows).map(|place| dot(row(place), &direction)).collect())
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn symmetric(size: usize, value: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let mut all = vec![0.0; size * size];
    for one in 0..size {
        for other in one..size {
            let value = value(one, other);
            (all[one * size + other], all[other * size + one]) = (value, value);
        }
    }
    all
}

/// The eigenvector of the largest eigenvalue of a matrix that has none below 0, of length 1, and the eigenvalue.
fn largest(matrix: &[f64], size: usize) -> Option<(Vec<f64>, f64)> {
    // The longest row has a part in it.
    let rows = matrix.chunks_exact(size.max(1));
    let mut direction = rows.max_by(|one, other| dot(one, one).total_cmp(&dot(other, other)))?.to_vec();
    let mut value = 0.0;
    for _ in 0..ITERATIONS {
        let length = dot(&direction, &direction).sqrt();
        if length <= 0.0 || !length.is_finite() {
            return None;
        }
        direction.iter_mut().for_each(|part| *part /= length);
        let next: Vec<f64> = matrix.chunks_exact(size).map(|row| dot(row, &direction)).collect();
        value = dot(&next, &direction);
        let moved: f64 = next.iter().zip(&direction).map(|(next, part)| (next - value * part).abs()).sum();
        if moved <= STILL * value {
            break;
        }
        direction = next;
    }
    let length = dot(&direction, &direction).sqrt();
    direction.iter_mut().for_each(|part| *part /= length);
    (value > 0.0).then_some((direction, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Features u·vᵀ·3 with a little of another direction: both ways to the component find it.
    #[test]
    fn the_first_component_is_the_longest_direction_whichever_side_is_longer() {
        for (places, channels) in [(3, 8), (8, 3)] {
            let part = |at: usize, step: f32| (at as f32 * step).sin() + 1.5;
            let values = (0..places * channels)
                .map(|at| 3.0 * part(at / channels, 1.3) * part(at % channels, 0.7) + 0.01 * (at as f32 * 2.9).sin());
            let activations: Vec<f32> = values.collect();
            let features = Features { width: places, height: 1, channels, gradient: activations.clone(), activations };
            let found = Matrix::of(&features, false).first_component().unwrap();
            let ratios: Vec<f64> =
                found.iter().enumerate().map(|(at, value)| value / f64::from(part(at, 1.3))).collect();
            assert!(ratios.iter().all(|ratio| (ratio / ratios[0] - 1.0).abs() < 0.01), "{ratios:?}");
        }
    }

    #[test]
    fn features_that_are_all_zero_have_none() {
        let features =
            Features { width: 2, height: 2, channels: 3, activations: vec![0.0; 12], gradient: vec![0.0; 12] };
        assert_eq!(Matrix::of(&features, false).first_component(), None);
    }
}
