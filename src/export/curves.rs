//! Deletion and insertion of all methods of a run, as charts and as a table.

use std::fmt::Write as _;

use super::{
    chart::{Axis, Chart, Mark, Scale, Series},
    numbers::score,
    random,
};
use crate::{
    explain::{Band, CurvePoint, Curves, Finished, Run},
    model::Score,
};

/// The deletion chart and the insertion chart, with each method's area in the legend. A method that found nothing has
/// no line; random orders have one, and an area around it.
pub fn charts(run: &Run) -> [Chart; 2] {
    let found = || run.methods.iter().filter(|finished| finished.is_found());
    let measure = run.model.head.measure();
    let chart = |title: &str, x: &str, of: Of| Chart {
        title: title.to_owned(),
        x: Axis::new(x, 0.0, 1.0, Scale::Percent),
        y: measure_axis(format!("{} of {}", measure.name(), run.class.name), measure, values(run).into_iter()),
        ribbons: random::ribbon(&run.random, of.random).into_iter().collect(),
        series: found().map(|finished| series(finished, of)).collect(),
    };
    let deletion =
        Of { area: Curves::deletion, value: |point| point.deletion, random: |[deletion, _]: [Band; 2]| deletion };
    let insertion =
        Of { area: Curves::insertion, value: |point| point.insertion, random: |[_, insertion]: [Band; 2]| insertion };
    [
        chart("Deletion (less area is better)", "cells deleted", deletion),
        chart("Insertion (more area is better)", "cells inserted", insertion),
    ]
}

/// Every number that the two charts show.
fn values(run: &Run) -> Vec<f64> {
    let found = run.methods.iter().filter(|finished| finished.is_found()).map(|finished| &finished.curves);
    let points = found.chain(&run.random.curves).flat_map(|curves| &curves.points);
    points.flat_map(|point| [f64::from(point.deletion), f64::from(point.insertion)]).collect()
}

/// The axis of what curves measure, as far as these values reach; a probability's begins at 0, and is the whole one where
/// nothing is measured yet, or nothing but 0.
pub fn measure_axis(title: String, measure: Score, values: impl Iterator<Item = f64>) -> Axis {
    if measure == Score::Probability {
        let most = values.fold(0.0, f64::max);
        return Axis::new(title, 0.0, if most > 0.0 { most } else { 1.0 }, Scale::Linear);
    }
    let ends = values.fold(None, |ends: Option<[f64; 2]>, value| {
        let [low, high] = ends.unwrap_or([value; 2]);
        Some([low.min(value), high.max(value)])
    });
    match ends {
        Some([low, high]) if low < high => Axis::new(title, low, high, Scale::Linear),
        // One number, or none, in the middle of its axis.
        ends => {
            let [middle, _] = ends.unwrap_or_default();
            Axis::new(title, middle - 0.5, middle + 0.5, Scale::Linear)
        }
    }
}

/// What one of the two charts shows.
#[derive(Clone, Copy)]
struct Of {
    area: fn(&Curves) -> f32,
    value: fn(&CurvePoint) -> f32,
    random: fn([Band; 2]) -> Band,
}

fn series(finished: &Finished, Of { area, value, .. }: Of) -> Series {
    let method = finished.explanation.method;
    let place = |point: &CurvePoint| [f64::from(point.fraction), f64::from(value(point))];
    Series {
        name: format!("{} {}", method.title, score(f64::from(area(&finished.curves)))),
        color: method.color,
        mark: Mark::Line,
        points: finished.curves.points.iter().map(place).collect(),
    }
}

/// A method's curves as a table: `fraction,deletion,insertion`.
pub fn csv(curves: &Curves) -> String {
    let mut text = "fraction,deletion,insertion\n".to_owned();
    for point in &curves.points {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{},{},{}", point.fraction, point.deletion, point.insertion);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_reaches_as_far_as_the_values_do_and_a_probabilitys_begins_at_0() {
        let range = |measure, values: &[f64]| measure_axis(String::new(), measure, values.iter().copied()).range;
        assert_eq!(range(Score::Probability, &[0.25, 0.5]), [0.0, 0.5]);
        assert_eq!((range(Score::Probability, &[]), range(Score::Probability, &[0.0])), ([0.0, 1.0], [0.0, 1.0]));
        assert_eq!(range(Score::Output, &[3.0, -20.0, 7.5]), [-20.0, 7.5]);
        assert_eq!((range(Score::Output, &[3.0]), range(Score::Output, &[])), ([2.5, 3.5], [-0.5, 0.5]));
    }
}
