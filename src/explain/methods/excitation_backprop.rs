//! Excitation backprop: the probability that a unit wins when the class is handed down the network.
//!
//! Source: Zhang, Lin, Brandt, Shen, Sclaroff, *Top-down Neural Attention by Excitation Backprop*, ECCV 2016
//! (arXiv 1608.00507). The marginal winning probability of the class is shared out, layer by layer, among the units that
//! excite it ([`Rule::Excitation`]); in contrast, that of “not the class”, whose weights have the other sign, is taken off
//! where the classifier was passed. The map is the sum over channels at one of the network's maps of features.

use std::sync::Arc;

use crate::{
    Control, ExplainError, Explanation, Family, Kind, Method, Parameter, Saliency, Scale, Subject, Table, field,
    imaging::Interpolation, method::explains, model::Rule, stopwatch::Stopwatch,
};

/// The row of excitation backprop.
pub static EXCITATION_BACKPROP: Method = Method {
    id: "excitation-backprop",
    title: "Excitation backprop",
    color: [100, 181, 205],
    family: Family::Gradients,
    meaning: "How probably a place is the one that excites the class, when the class is handed down from unit to unit.",
    misleads: "Only what excites is followed, so that without contrast other classes in the picture light up as well. It is a rule for ReLU and for units that are never below 0; networks with other activations have none.",
    computes: "The class wins, and hands its winning down: every unit shares it out among the units before it, in the shares of what they add to it, activation times weight, where that is above 0. In contrast, what would be handed down to “anything but this class” is taken off. The map is where the winning has come to at a layer in the middle of the network.",
    source: "Jianming Zhang, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff: Top-down Neural Attention by Excitation Backprop, ECCV 2016 (arXiv 1608.00507)",
    parameters: Table::of::<ExcitationBackpropParameters>("excitation_backprop", ROWS),
    explains_logits: true,
    refuses: |classifier| classifier.refuses(Rule::Excitation),
    ..Method::of::<ExcitationBackprop>()
};

static ROWS: &[Parameter] = &[
    Parameter::new(
        "contrast",
        "excitation-backprop-contrast",
        Kind::Switch,
        field!(ExcitationBackpropParameters, contrast),
        "Take off what excites anything but the class",
    )
    .value_name("BOOL")
    .in_captions(),
    Parameter::new(
        "cells",
        "excitation-backprop-cells",
        Kind::Whole(|_| 4..=112, Scale::Log),
        field!(ExcitationBackpropParameters, cells),
        "The deepest layer with at least so many cells is read",
    )
    .unit("cells along a side")
    .in_captions(),
];

/// The parameters of excitation backprop.
#[derive(Debug, Clone, PartialEq)]
pub struct ExcitationBackpropParameters {
    /// Take off what excites anything but the class.
    pub contrast: bool,
    /// The deepest map of features with at least so many cells along a side is read, from 4 to 112; the last one if none
    /// has so few.
    pub cells: usize,
}

impl Default for ExcitationBackpropParameters {
    fn default() -> Self {
        Self { contrast: true, cells: 14 }
    }
}

explains!(ExcitationBackprop: ExcitationBackpropParameters, |_| 2, excitation_backprop);

/// The winning probability at a map of features, summed over channels; of a contrast what is above 0.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails, has no such rule, or does not answer with
/// numbers.
pub fn excitation_backprop(
    subject: &Subject<'_>,
    parameters: &ExcitationBackpropParameters,
    control: &Control,
) -> Result<Explanation, ExplainError> {
    EXCITATION_BACKPROP.parameters.check(parameters, subject.input.size.shorter())?;
    control.checkpoint()?;
    let clock = Stopwatch::start(control);
    let ExcitationBackpropParameters { contrast, cells } = *parameters;
    let winning = subject.classifier.winning(&subject.input.planar, subject.raw_target(), cells, contrast)?;
    if winning.values.iter().any(|value| !value.is_finite()) {
        return Err(ExplainError::NotANumber { what: "a feature" });
    }
    let saliency = Saliency {
        width: winning.width,
        height: winning.height,
        values: winning.values.iter().map(|value| value.max(0.0)).collect(),
        interpolation: Interpolation::HalfPixel,
        clipped_fraction: 0.0,
        full: None,
    };
    let parameters = Arc::new(parameters.clone());
    Ok(Explanation::of(&EXCITATION_BACKPROP, subject.target, saliency, parameters, clock.seconds()))
}
