//! A method that nobody needs: it fades one half of the picture away, round by round.
//!
//! It is all that a method is: a type that says what it does, and a row. Nothing of igoscope knows it.

use std::sync::Arc;

use igoscope::{
    explain::{
        Before, Control, Explain, ExplainError, Explanation, Family, Iteration, IterationChart, Kind, Mask, Method,
        Parameter, Preset, Scale, Shade, Subject, Table, Term, TermLine, TermMark, TermRole, Update, Value, field,
    },
    model::Batch,
};

/// Cells along a side of its mask.
const SIZE: usize = 4;

#[derive(Debug, Clone, PartialEq)]
pub struct HalvesParameters {
    pub rounds: usize,
    pub strength: f64,
}

impl Default for HalvesParameters {
    fn default() -> Self {
        Self { rounds: 3, strength: 0.5 }
    }
}

pub static HALVES: Method = Method {
    id: "halves",
    title: "Halves",
    color: [213, 94, 0],
    family: Family::Masks,
    is_usual: true,
    run_order: 9,
    meaning: "The left half of the picture.",
    misleads: "Whenever what matters is on the right.",
    computes: "The left half of the picture is faded away, round by round.",
    source: "Nobody’s: it is made for this test",
    parameters: Table::of::<HalvesParameters>(
        "halves",
        &[
            Parameter::new(
                "rounds",
                "halves-rounds",
                Kind::Whole(|_| 1..=9, Scale::Linear),
                field!(HalvesParameters, rounds),
                "Rounds of fading",
            ),
            Parameter::new(
                "strength",
                "halves-strength",
                Kind::Real(|_| 0.0..=1.0, Scale::Linear),
                field!(HalvesParameters, strength),
                "How much of the left half is gone at the end",
            )
            .in_captions(),
        ],
    ),
    presets: &[Preset {
        name: "faint",
        purpose: "Hardly anything",
        values: || Box::new(HalvesParameters { strength: 0.1, ..HalvesParameters::default() }),
    }],
    terms: TERMS,
    charts: &[IterationChart {
        id: "terms",
        title: "halves",
        help: "What is left of both",
        axis: "what is left",
        has_scores: true,
        is_log: false,
        lines: &[line("spared", Shade::First, Before::Unknown), line("faded_score", Shade::Strong, Before::Score)],
    }],
    ..Method::of::<Halves>()
};

static TERMS: &[Term] =
    &[Term::new("faded_score", "faded score").role(TermRole::Score), Term::new("spared", "spared share")];

const fn line(term: &'static str, shade: Shade, before: Before) -> TermLine {
    TermLine { term, id: term, title: term, shade, mark: TermMark::Line, before, only_if: None }
}

struct Halves;

impl Explain for Halves {
    type Parameters = HalvesParameters;

    fn explain(
        subject: &Subject<'_>,
        parameters: &HalvesParameters,
        control: &Control,
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<Explanation, ExplainError> {
        let side = subject.input.size.width;
        let mut mask = Mask::ones(SIZE);
        let mut iterations = Vec::new();
        for number in 1..=parameters.rounds {
            control.checkpoint()?;
            let left = 1.0 - parameters.strength as f32 * number as f32 / parameters.rounds as f32;
            for row in mask.values.chunks_exact_mut(SIZE) {
                row[..SIZE / 2].fill(left);
            }
            let mut planar = subject.input.planar.clone();
            for row in planar.chunks_exact_mut(side) {
                row[..side / 2].iter_mut().for_each(|value| *value *= left);
            }
            let logits = subject.classifier.logits(&Batch::new(&planar, planar.len()))?;
            let score = f64::from(subject.value_of(&logits[0]));
            let spared = mask.values.iter().map(|value| f64::from(*value)).sum::<f64>() / mask.values.len() as f64;
            let values = vec![Value::Real(score), Value::Real(spared)];
            let iteration = Arc::new(Iteration { number, terms: TERMS, values, seconds: 0.01, mask: mask.clone() });
            report(Update::Iteration(&iteration));
            iterations.push(iteration);
        }
        let parameters = Arc::new(parameters.clone());
        Ok(Explanation::of_iterations(&HALVES, subject.target, iterations, "faded_score", parameters, 0.03))
    }

    fn passes(parameters: &HalvesParameters) -> usize {
        parameters.rounds
    }

    fn iterations(parameters: &HalvesParameters) -> usize {
        parameters.rounds
    }
}
