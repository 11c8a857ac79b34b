//! Random orders of the cells: what an area is worth.
//!
//! A map's area says nothing without that of an order that knows nothing. Some random orders give a line with its band.

use super::{CurveParameters, Curves, judge_order};
use crate::{Control, ExplainError, Subject, model::Score, rank};

/// Steps of a random order's curves at most: their mean is smooth, and needs no more.
const MOST_STEPS: usize = 20;

/// What insertion − deletion has to be above that of a random order, for a map to be better, where probabilities are
/// measured: what is seen in numbers of three places.
const LEAST_ADVANTAGE: f32 = 5e-4;

/// The curves of some random orders.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RandomOrders {
    /// Those of each order, all at the same fractions.
    pub curves: Vec<Curves>,
}

/// Mean, lowest and highest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Band {
    /// Their mean.
    pub mean: f32,
    /// The lowest.
    pub low: f32,
    /// The highest.
    pub high: f32,
}

impl Band {
    /// Of some numbers; none of none.
    pub fn of(values: impl IntoIterator<Item = f32>) -> Option<Self> {
        let values: Vec<f32> = values.into_iter().collect();
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let low = values.iter().copied().reduce(f32::min)?;
        Some(Self { mean, low, high: values.iter().copied().reduce(f32::max)? })
    }

    /// Half of the way from the lowest to the highest: what is written after ±.
    pub fn half(self) -> f32 {
        (self.high - self.low) / 2.0
    }
}

impl RandomOrders {
    /// The areas under deletion and under insertion.
    pub fn areas(&self) -> Option<[Band; 2]> {
        let deletion = Band::of(self.curves.iter().map(Curves::deletion))?;
        Some([deletion, Band::of(self.curves.iter().map(Curves::insertion))?])
    }

    /// Whether one of the orders does as well as a map with these curves: the map is no better than chance.
    pub fn do_as_well_as(&self, curves: &Curves) -> bool {
        let least = if curves.measure == Score::Probability { LEAST_ADVANTAGE } else { 0.0 };
        self.curves.iter().any(|order| curves.difference() - order.difference() <= least)
    }

    /// At every fraction: that, deletion and insertion.
    pub fn points(&self) -> Vec<(f32, Band, Band)> {
        let Some(first) = self.curves.first() else { return Vec::new() };
        let at = |number: usize| {
            let points = || self.curves.iter().filter_map(move |curves| curves.points.get(number));
            let deletion = Band::of(points().map(|point| point.deletion))?;
            Some((first.points[number].fraction, deletion, Band::of(points().map(|point| point.insertion))?))
        };
        (0..first.points.len()).filter_map(at).collect()
    }
}

impl CurveParameters {
    /// Steps of a random order's curves.
    pub fn random_steps(&self) -> usize {
        self.steps.min(MOST_STEPS)
    }
}

/// Judges as many random orders as the parameters ask for, each of a seed of its own.
///
/// # Errors
/// As [`judge_order`].
pub fn judge_random_orders(
    subject: &Subject<'_>,
    parameters: &CurveParameters,
    control: &Control,
) -> Result<RandomOrders, ExplainError> {
    let parameters = CurveParameters { steps: parameters.random_steps(), ..parameters.clone() };
    let flat = vec![0.0; parameters.grid * parameters.grid];
    let orders = (0..parameters.random_orders as u64).map(|number| rank(&flat, parameters.seed.wrapping_add(number)));
    let curves = orders.map(|order| judge_order(subject, &order, &parameters, control, &mut |_| {}));
    Ok(RandomOrders { curves: curves.collect::<Result<_, _>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CurvePoint;

    #[test]
    fn a_band_is_the_mean_and_what_is_around_it() {
        assert_eq!(Band::of([0.25, 0.75, 0.5]), Some(Band { mean: 0.5, low: 0.25, high: 0.75 }));
        assert_eq!(Band::of([]), None);
    }

    #[test]
    fn a_band_is_had_at_every_fraction() {
        let curves = |score: f32| {
            let point = |fraction: f32| CurvePoint { fraction, deletion: score, insertion: 2.0 * score };
            Curves { points: [0.0, 1.0].map(point).to_vec(), ..Curves::default() }
        };
        let orders = RandomOrders { curves: vec![curves(0.1), curves(0.3)] };
        let points = orders.points();
        assert_eq!(points.len(), 2);
        assert_eq!((points[1].0, points[1].1.low, points[1].2.high), (1.0, 0.1, 0.6));
        assert!((orders.areas().unwrap()[1].mean - 0.4).abs() < 1e-6);
        // Insertion − deletion of the two are 0.1 and 0.3.
        assert!(orders.do_as_well_as(&curves(0.25)) && orders.do_as_well_as(&curves(0.3004)), "the best one counts");
        let outputs = |score: f32| Curves { measure: Score::Output, ..curves(score) };
        assert!(!orders.do_as_well_as(&outputs(0.3001)) && orders.do_as_well_as(&outputs(0.3)), "of any size");
        assert!(!orders.do_as_well_as(&curves(0.31)) && !RandomOrders::default().do_as_well_as(&curves(0.0)));
        assert!(RandomOrders::default().areas().is_none() && RandomOrders::default().points().is_empty());
    }
}
