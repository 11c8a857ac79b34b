//! The gradient: how much the score moves with every pixel.
//!
//! Source: Simonyan, Vedaldi, Zisserman, *Deep Inside Convolutional Networks: Visualising Image Classification Models and
//! Saliency Maps*, ICLR workshop 2014 (arXiv 1312.6034). A pixel's value is the largest size of its three colours'
//! gradients, as in the paper, or their sum. The paper's score is the logit; here it is the subject's target.

use std::sync::Arc;

use crate::{
    Colours, Control, ExplainError, Explanation, Family, Kind, Method, Parameter, Subject, Table, field,
    method::explains, names, pixels::map_of, stopwatch::Stopwatch,
};

/// The gradient's row.
pub static GRADIENT: Method = Method {
    id: "gradient",
    title: "Gradient",
    color: [148, 103, 189],
    family: Family::Gradients,
    meaning: "How much the score moves when a pixel changes a little.",
    misleads: "It is a slope and no amount: it is noisy from pixel to pixel, and small where the network is already sure.",
    computes: "One pass forwards and one back give the gradient of the score with respect to every pixel. A pixel counts as much as the largest gradient of its three colours, or as their sum, whatever the sign.",
    source: "Karen Simonyan, Andrea Vedaldi, Andrew Zisserman: Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps, ICLR workshop 2014 (arXiv 1312.6034)",
    parameters: Table::of::<GradientParameters>("gradient", ROWS),
    ..Method::of::<Gradient>()
};

static ROWS: &[Parameter] = &[Parameter::new(
    "colours",
    "gradient-colours",
    Kind::Choice(names::<Colours>),
    field!(GradientParameters, colours),
    "How the gradients of a pixel's three colours become one value",
)
.value_name("COLOURS")
.in_captions()];

/// The parameters of the gradient.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GradientParameters {
    /// How the gradients of a pixel's three colours become one value.
    pub colours: Colours,
}

explains!(Gradient: GradientParameters, |_| 1, gradient);

/// |∂f_c/∂x| of every pixel, at input size.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn gradient(
    subject: &Subject<'_>,
    parameters: &GradientParameters,
    control: &Control,
) -> Result<Explanation, ExplainError> {
    let clock = Stopwatch::start(control);
    let (_, gradient) = subject.gradient(control)?;
    let saliency = map_of(&gradient, subject.input.size, parameters.colours)?;
    Ok(Explanation::of(&GRADIENT, subject.target, saliency, Arc::new(parameters.clone()), clock.seconds()))
}
