//! Random orders: what every area is to be held against, as a line in the charts, in words and as a table.

use std::fmt::Write as _;

use super::{chart::Ribbon, numbers::score};
use crate::explain::{Band, RandomOrders};

/// Their name wherever methods have theirs.
pub const TITLE: &str = "Random order";

/// Their colour, which is no method's.
const COLOR: [u8; 3] = [0x76; 3];

/// The line and area of one of the two curves, with the area under the mean in the legend; none without orders.
/// `of` chooses between deletion and insertion.
pub fn ribbon(random: &RandomOrders, of: fn([Band; 2]) -> Band) -> Option<Ribbon> {
    let area = of(random.areas()?).mean;
    let points = random.points().into_iter();
    Some(Ribbon {
        name: format!("{TITLE} {}", score(f64::from(area))),
        color: COLOR,
        points: points
            .map(|(fraction, deletion, insertion)| (f64::from(fraction), of([deletion, insertion])))
            .collect(),
    })
}

/// An area with its lowest and highest: `0.336 (0.302 to 0.371)`. One order has no others around it.
pub fn area(band: Band, orders: usize) -> String {
    let [mean, low, high] = [band.mean, band.low, band.high].map(|area| score(f64::from(area)));
    if orders > 1 { format!("{mean} ({low} to {high})") } else { mean }
}

/// What the areas are, in parts; none without orders.
pub fn words(random: &RandomOrders) -> Vec<String> {
    let orders = random.curves.len();
    let Some([deletion, insertion]) = random.areas() else { return Vec::new() };
    vec![
        format!("deletion {}", area(deletion, orders)),
        format!("insertion {}", area(insertion, orders)),
        format!("ins − del {}", score(f64::from(insertion.mean - deletion.mean))),
    ]
}

/// How many there are, in words.
pub fn count(random: &RandomOrders) -> String {
    match random.curves.len() {
        1 => "1 order".to_owned(),
        orders => format!("{orders} orders"),
    }
}

/// A table: `fraction,deletion,insertion` of their mean, then the lowest and highest of both.
pub fn csv(random: &RandomOrders) -> String {
    let mut text = "fraction,deletion,insertion,deletion_low,deletion_high,insertion_low,insertion_high\n".to_owned();
    for (fraction, deletion, insertion) in random.points() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{fraction},{},{},{},{},{},{}",
            deletion.mean, insertion.mean, deletion.low, deletion.high, insertion.low, insertion.high
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{CurvePoint, Curves};

    fn orders(scores: &[f32]) -> RandomOrders {
        let point = |score: f32, fraction: f32| CurvePoint { fraction, deletion: score, insertion: 2.0 * score };
        let curves = |score: &f32| Curves {
            points: [0.0, 1.0].map(|fraction| point(*score, fraction)).to_vec(),
            ..Curves::default()
        };
        RandomOrders { curves: scores.iter().map(curves).collect() }
    }

    #[test]
    fn the_mean_is_said_with_what_is_around_it() {
        let random = orders(&[0.125, 0.375]);
        let expected = ["deletion 0.250 (0.125 to 0.375)", "insertion 0.500 (0.250 to 0.750)", "ins − del 0.250"];
        assert_eq!(words(&random), expected);
        assert_eq!(words(&orders(&[0.25]))[0], "deletion 0.250", "one order has nothing around it");
        assert!(words(&orders(&[])).is_empty() && ribbon(&orders(&[]), |[deletion, _]| deletion).is_none());
    }

    #[test]
    fn line_and_table_have_every_fraction() {
        let random = orders(&[0.125, 0.375]);
        let line = ribbon(&random, |[_, insertion]| insertion).unwrap();
        assert_eq!((line.name.as_str(), line.points.len()), ("Random order 0.500", 2));
        assert_eq!(line.points[1], (1.0, Band { mean: 0.5, low: 0.25, high: 0.75 }));
        assert_eq!(csv(&random).lines().nth(2), Some("1,0.25,0.5,0.125,0.375,0.25,0.75"));
    }
}
