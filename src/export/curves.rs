//! Deletion and insertion of all methods of a run, as charts and as a table.

use std::fmt::Write as _;

use super::{
    chart::{Axis, Chart, Mark, Scale, Series},
    numbers::score,
};
use crate::explain::{CurvePoint, Curves, Finished, Run};

/// The deletion chart and the insertion chart, with each method's area in the legend.
pub fn charts(run: &Run) -> [Chart; 2] {
    let chart = |title: &str, x: &str, area: fn(&Curves) -> f32, value: fn(&CurvePoint) -> f32| Chart {
        title: title.to_owned(),
        x: Axis::new(x, 0.0, 1.0, Scale::Percent),
        y: Axis::new(format!("probability of {}", run.class.name), 0.0, 1.0, Scale::Linear),
        series: run.methods.iter().map(|finished| series(finished, area, value)).collect(),
    };
    [
        chart("Deletion (less area is better)", "cells deleted", Curves::deletion, |point| point.deletion),
        chart("Insertion (more area is better)", "cells inserted", Curves::insertion, |point| point.insertion),
    ]
}

fn series(finished: &Finished, area: fn(&Curves) -> f32, value: fn(&CurvePoint) -> f32) -> Series {
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
