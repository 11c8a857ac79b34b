//! How far areas move by chance: the same method with other seeds, and ties in other orders.

/// The areas of one method's map, made and judged several times with seeds of their own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spread {
    /// Deletion and insertion of each, the run's own first.
    pub areas: Vec<[f32; 2]>,
}

/// A mean with its sample standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct MeanAndDeviation {
    /// The mean.
    pub mean: f32,
    /// The sample standard deviation: what is written after ±.
    pub deviation: f32,
}

impl Spread {
    /// Of deletion and of insertion; none of fewer than two.
    pub fn deviations(&self) -> Option<[MeanAndDeviation; 2]> {
        let of = |number: usize| deviation(&self.areas.iter().map(|areas| areas[number]).collect::<Vec<_>>());
        Some([of(0)?, of(1)?])
    }
}

fn deviation(values: &[f32]) -> Option<MeanAndDeviation> {
    if values.len() < 2 {
        return None;
    }
    let count = values.len() as f64;
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum();
    Some(MeanAndDeviation { mean: mean as f32, deviation: (squares / (count - 1.0)).sqrt() as f32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_sample_standard_deviation() {
        let spread = Spread { areas: vec![[0.1, 0.5], [0.2, 0.5], [0.3, 0.5]] };
        let [deletion, insertion] = spread.deviations().unwrap();
        assert!((deletion.mean - 0.2).abs() < 1e-6 && (deletion.deviation - 0.1).abs() < 1e-6);
        assert_eq!(insertion, MeanAndDeviation { mean: 0.5, deviation: 0.0 });
        assert!(Spread { areas: vec![[0.1, 0.5]] }.deviations().is_none(), "one is no spread");
    }
}
