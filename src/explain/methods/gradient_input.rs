//! Gradient × input: how far the score would fall if a pixel became mean grey and the score were a straight line.
//!
//! Source: Shrikumar, Greenside, Shcherbina, Kundaje, *Not Just a Black Box: Learning Important Features Through
//! Propagating Activation Differences*, 2016 (arXiv 1605.01713), which names it as what it improves on. The input is in
//! the network's numbers, where mean grey is 0.

use std::sync::Arc;

use crate::{
    Colours, Control, ExplainError, Explanation, Family, Method, Nothing, Subject, Table,
    method::explains,
    nothing::ROUNDING,
    pixels::{map_of, signed_map_of},
    stopwatch::Stopwatch,
};

/// The row of gradient × input.
pub static GRADIENT_INPUT: Method = Method {
    id: "gradient-input",
    title: "Gradient × input",
    color: [188, 128, 189],
    family: Family::Gradients,
    meaning: "How much each pixel would add to the score by not being mean grey, if the score were a straight line.",
    misleads: "No network is a straight line, so that the values add up to nothing in particular; mean grey counts for nothing whatever it shows.",
    computes: "The gradient of the score with respect to every pixel is multiplied with the pixel itself, in the network's own numbers. Where they have one sign the pixel speaks for the class, where they have two against it.",
    source: "Avanti Shrikumar, Peyton Greenside, Anna Shcherbina, Anshul Kundaje: Not Just a Black Box: Learning Important Features Through Propagating Activation Differences, 2016 (arXiv 1605.01713)",
    parameters: Table::of::<()>("gradient_input", &[]),
    ..Method::of::<GradientInput>()
};

explains!(GradientInput, 1, gradient_input);

/// x ⊙ ∂f_c/∂x: the sum over a pixel's colours of the sizes, at input size; signed, their sum.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn gradient_input(subject: &Subject<'_>, control: &Control) -> Result<Explanation, ExplainError> {
    let clock = Stopwatch::start(control);
    let (score, mut values) = subject.gradient(control)?;
    for (value, input) in values.iter_mut().zip(&subject.input.planar) {
        *value *= input;
    }
    let size = subject.input.size;
    let (saliency, signed) = (map_of(&values, size, Colours::Sum)?, signed_map_of(&values, size)?);
    let total: f64 = saliency.values.iter().map(|value| f64::from(*value)).sum();
    let nothing = (total <= ROUNDING * f64::from(score.abs())).then_some(Nothing::Rounding);
    let explanation = Explanation::of(&GRADIENT_INPUT, subject.target, saliency, Arc::new(()), clock.seconds());
    Ok(Explanation { signed: Some(signed), nothing, ..explanation })
}
