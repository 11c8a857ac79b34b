//! What is said of a map: its areas, what they come to in a sentence, and that it is no finding where it is none.

use super::numbers::{answer, score, share, short};
use crate::explain::{
    Baseline, Better, Curves, Explanation, Finished, Metric, NEARLY_ALL, Named as _, Run, SecondOpinion, Spread,
};
use crate::model::Head;

/// The areas under both curves, and their difference.
pub fn areas(curves: &Curves) -> Vec<String> {
    let area = |area: f32| score(f64::from(area));
    vec![
        format!("deletion {}", area(curves.deletion())),
        format!("insertion {}", area(curves.insertion())),
        format!("ins − del {}", area(curves.difference())),
    ]
}

/// How much of the picture keeps the score, and how much takes it away; what cannot be said is left out.
pub fn statements(curves: &Curves) -> Option<String> {
    let [kept, halved] = curves.statement().map(|found| found.map(share));
    let kept = kept.map(|part| format!("{part} of the picture keep {} of the score", share(NEARLY_ALL)));
    let what = if kept.is_some() { "it" } else { "the score" };
    let halved = halved.map(|part| format!("deleting {part} halves {what}"));
    let parts: Vec<String> = [kept, halved].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What a second judge says.
pub fn second(opinion: &SecondOpinion) -> String {
    let [deletion, insertion] =
        [opinion.curves.deletion(), opinion.curves.insertion()].map(|area| score(f64::from(area)));
    format!("{}: deletion {deletion}, insertion {insertion}", opinion.judge.words())
}

/// How far the areas move by chance.
pub fn chance(spread: &Spread) -> Option<String> {
    let [deletion, insertion] = spread.deviations()?.map(|area| {
        let [mean, deviation] = [area.mean, area.deviation].map(|area| score(f64::from(area)));
        format!("{mean} ± {deviation}")
    });
    Some(format!("over {} seeds: deletion {deletion}, insertion {insertion}", spread.areas.len()))
}

/// That a map is no better than chance, if it is so.
pub fn no_better_than_random(run: &Run, finished: &Finished) -> Option<String> {
    let is_no_better = finished.is_found() && run.random.do_as_well_as(&finished.curves);
    is_no_better.then(|| "no better than a random order".to_owned())
}

/// What is said of a map beside its areas: that it is no better than chance, sentences, second judges, and spread.
pub fn details(run: &Run, finished: &Finished) -> Vec<String> {
    let warning = no_better_than_random(run, finished);
    let second = finished.second.iter().map(second);
    let chance = finished.spread.as_ref().and_then(chance);
    warning.into_iter().chain(statements(&finished.curves)).chain(second).chain(chance).collect()
}

/// What was measured of a map besides, by name.
pub fn measures(finished: &Finished) -> Vec<String> {
    finished.measures.iter().map(|measure| format!("{} {}", measure.metric.title, value(measure.value))).collect()
}

/// What a metric comes to, or that it has no value.
pub fn value(value: Option<f32>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| short(f64::from(value)))
}

/// A metric's range, and which values are better.
pub fn range(metric: &Metric) -> String {
    let better = match metric.better {
        Better::Higher => "; higher is better",
        Better::Lower => "; lower is better",
        Better::Neither => "",
    };
    format!("{}{better}", metric.range)
}

/// That a method found nothing, and why, if it is so.
pub fn nothing(explanation: &Explanation) -> Option<String> {
    Some(format!("found nothing: {}", explanation.why_nothing()?))
}

/// What may find something where a method found nothing.
pub fn remedy(explanation: &Explanation) -> Option<String> {
    explanation.remedy().map(|remedy| remedy.words())
}

/// What came of a method, in parts: its areas, or that it found nothing.
pub fn result(finished: &Finished) -> Vec<String> {
    nothing(&finished.explanation).map_or_else(|| areas(&finished.curves), |nothing| vec![nothing])
}

/// What the model makes of the picture that deletion ends with.
pub fn baseline(run: &Run) -> String {
    let what = match run.parameters.curves.baseline {
        Baseline::Blur => "the blurred picture",
        other => other.name(),
    };
    format!("{} on {what}: {}", run.class.name, answer(run.baseline.answer))
}

/// What is wrong with that picture, if it still is the class, and what to try.
pub fn baseline_warning(run: &Run) -> Option<String> {
    let other = match run.parameters.curves.baseline {
        Baseline::Grey => Baseline::Blur,
        _ => Baseline::Grey,
    };
    let name = other.name();
    let still = match run.model.head {
        Head::Sigmoid => "still more probable than not",
        Head::Softmax | Head::Binary | Head::Regression => "still the most probable class",
    };
    run.baseline
        .is_still_the_class
        .then(|| format!("{still}, so that no deletion ends lower: try --curve-baseline {name}"))
}

/// Both, in parts.
pub fn of_baseline(run: &Run) -> Vec<String> {
    [baseline(run)].into_iter().chain(baseline_warning(run)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{CurvePoint, Judge};

    fn curves(points: &[(f32, f32, f32)]) -> Curves {
        let point = |&(fraction, deletion, insertion): &(f32, f32, f32)| CurvePoint { fraction, deletion, insertion };
        Curves { points: points.iter().map(point).collect(), ..Curves::default() }
    }

    #[test]
    fn statements_leave_out_what_cannot_be_said() {
        let both = curves(&[(0.0, 0.8, 0.1), (0.12, 0.3, 0.6), (0.2, 0.2, 0.8), (1.0, 0.1, 0.8)]);
        let said = "20 % of the picture keep 90 % of the score; deleting 12 % halves it";
        assert_eq!(statements(&both).as_deref(), Some(said));
        let halves = curves(&[(0.0, 0.8, 0.1), (0.12, 0.3, 0.6), (1.0, 0.1, 0.8)]);
        assert_eq!(statements(&halves).as_deref(), Some("deleting 12 % halves the score"));
        let neither = curves(&[(0.0, 0.8, 0.79), (0.5, 0.8, 0.8), (1.0, 0.79, 0.8)]);
        assert_eq!(statements(&neither), None, "the baseline alone keeps the score, whatever the map");
    }

    #[test]
    fn a_second_judge_is_named_before_what_it_says() {
        let judge = Judge { baseline: Baseline::Grey, model: None };
        let opinion = SecondOpinion { judge, curves: curves(&[(0.0, 0.25, 0.5), (1.0, 0.25, 0.5)]) };
        assert_eq!(second(&opinion), "on grey: deletion 0.250, insertion 0.500");
        let spread = Spread { areas: vec![[0.125, 0.5], [0.375, 0.5]] };
        let chance = chance(&spread).unwrap();
        assert_eq!(chance, "over 2 seeds: deletion 0.250 ± 0.177, insertion 0.500 ± 0.000");
        assert_eq!(areas(&opinion.curves), ["deletion 0.250", "insertion 0.500", "ins − del 0.250"]);
    }
}
