//! What the curves say of a map, below its tile.

use super::caption::Caption;
use crate::{
    app::numbers,
    explain::{Band, Curves, Named as _, RandomOrders, SecondOpinion, Spread},
};
use std::sync::Arc;

/// The areas of a map and what follows from them; all there is to know is said where one points at them.
pub fn caption(
    curves: &Curves,
    second: &[Arc<SecondOpinion>],
    random: Option<&RandomOrders>,
    spread: Option<&Spread>,
) -> Caption {
    let mut areas = areas(curves);
    for (area, by_chance) in areas.iter_mut().zip(spread.and_then(Spread::deviations).into_iter().flatten()) {
        let deviation = numbers::score(f64::from(by_chance.deviation));
        *area = text!("caption-chance", area = area.as_str(), deviation = deviation);
    }
    let numbers = [text!("deletion"), text!("insertion"), text!("difference")].into_iter().zip(areas).collect();
    let is_no_better = random.is_some_and(|random| random.do_as_well_as(curves));
    let warning = is_no_better.then(|| text!("caption-no-better"));
    let said = statements(curves);
    let opinions = second.iter().map(|second| opinion(second));
    let random = random.and_then(RandomOrders::areas).map(random_areas);
    let more = warning.iter().chain(said.first()).cloned().chain(opinions).chain(random).collect();
    let [deletion, insertion] = [text!("chart-deletion-says"), text!("chart-insertion-says")];
    let says = vec![text!("method-judges", deletion = deletion, insertion = insertion)];
    Caption { numbers, warning, statements: said, more, says, ..Caption::default() }
}

/// Deletion, insertion, and the difference of the numbers as they are written, so that they add up.
fn areas(curves: &Curves) -> [String; 3] {
    let thousandths = |area: f32| (f64::from(area) * 1e3).round();
    let [deletion, insertion] = [curves.deletion(), curves.insertion()];
    let difference = (thousandths(insertion) - thousandths(deletion)) / 1e3;
    [numbers::score(f64::from(deletion)), numbers::score(f64::from(insertion)), numbers::score(difference)]
}

/// How much of the picture keeps nearly all of the score, and how much of it is half of the score: the same in fewer and
/// fewer words.
fn statements(curves: &Curves) -> Vec<String> {
    let [keeps, loses] = curves.statement().map(|share| share.map(numbers::share));
    match (keeps, loses) {
        (Some(keeps), Some(loses)) => vec![
            text!("statement-both", keeps = keeps.as_str(), loses = loses.as_str()),
            text!("statement-both-short", keeps = keeps.as_str(), loses = loses.as_str()),
            text!("statement-both-shortest", keeps = keeps, loses = loses),
        ],
        (Some(keeps), None) => {
            vec![text!("statement-keeps", share = keeps.as_str()), text!("statement-keeps-short", share = keeps)]
        }
        (None, Some(loses)) => {
            vec![text!("statement-loses", share = loses.as_str()), text!("statement-loses-short", share = loses)]
        }
        (None, None) => Vec::new(),
    }
}

/// The areas by a second judge.
fn opinion(second: &SecondOpinion) -> String {
    let [deletion, insertion, _] = areas(&second.curves);
    let baseline = second.judge.baseline.name();
    match &second.judge.model {
        Some(model) => {
            let model = model.as_str();
            text!(
                "caption-second-model",
                model = model,
                baseline = baseline,
                deletion = deletion,
                insertion = insertion
            )
        }
        None => text!("caption-second", baseline = baseline, deletion = deletion, insertion = insertion),
    }
}

/// The areas of random orders.
fn random_areas(areas: [Band; 2]) -> String {
    let [deletion, insertion] = areas.map(|band| numbers::score(f64::from(band.mean)));
    text!("caption-random", deletion = deletion, insertion = insertion)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{Baseline, CurvePoint, Judge};

    fn curves(points: &[(f32, f32, f32)]) -> Curves {
        let point = |&(fraction, deletion, insertion): &(f32, f32, f32)| CurvePoint { fraction, deletion, insertion };
        Curves { points: points.iter().map(point).collect(), ..Curves::default() }
    }

    #[test]
    fn everything_that_judges_say_is_told_of_a_map() {
        let curves = curves(&[(0.0, 0.8, 0.0), (0.25, 0.4, 0.8), (1.0, 0.0, 0.8)]);
        let judge = Judge { baseline: Baseline::Grey, model: None };
        let second = [Arc::new(SecondOpinion { judge, curves: curves.clone() })];
        let random = RandomOrders { curves: vec![self::curves(&[(0.0, 0.5, 0.25), (1.0, 0.5, 0.25)])] };
        let caption = caption(&curves, &second, Some(&random), None);
        let words: Vec<String> = caption.numbers.iter().map(|(name, number)| format!("{name} {number}")).collect();
        assert_eq!(words, ["Deletion 0.300", "Insertion 0.700", "ins − del 0.400"]);
        assert_eq!(caption.statements[0], "25 % of the picture keep 90 % of the score · deleting 25 % halves it");
        assert_eq!(caption.more[1..], ["on grey: 0.300 / 0.700", "random order: 0.500 / 0.250"]);
        assert_eq!(caption.warning, None);
    }

    #[test]
    fn a_map_that_a_random_order_does_as_well_as_is_warned_of() {
        let curves = curves(&[(0.0, 0.5, 0.25), (1.0, 0.5, 0.25)]);
        let random = RandomOrders { curves: vec![curves.clone()] };
        let caption = caption(&curves, &[], Some(&random), None);
        assert_eq!(caption.warning.as_deref(), Some("No better than a random order"));
        assert_eq!(caption.more[0], "No better than a random order");
    }

    #[test]
    fn what_only_the_whole_picture_does_is_no_statement() {
        let flat = curves(&[(0.0, 0.8, 0.0), (0.5, 0.8, 0.1), (1.0, 0.0, 0.8)]);
        assert!(caption(&flat, &[], None, None).statements.is_empty());
        let falls = curves(&[(0.0, 0.8, 0.0), (0.5, 0.1, 0.1), (1.0, 0.0, 0.8)]);
        let spread = Spread { areas: vec![[0.1, 0.5], [0.2, 0.5]] };
        let numbers = caption(&falls, &[], None, Some(&spread)).numbers;
        assert_eq!((numbers[0].1.as_str(), numbers[2].1.as_str()), ("0.250 ± 0.071", "0.000"));
        assert_eq!(caption(&falls, &[], None, None).more, ["Deleting 50 % of the picture halves the score"]);
    }
}
