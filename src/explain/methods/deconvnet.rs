//! DeconvNet: what is above 0 is sent back through every ReLU, whatever it let through on the way forwards.
//!
//! Source: Zeiler, Fergus, *Visualizing and Understanding Convolutional Networks*, ECCV 2014 (arXiv 1311.2901), from the
//! class's logit as in Springenberg et al. 2015. It is a rule of going back ([`Rule::Deconvolution`]).

use std::sync::Arc;

use crate::{
    Colours, Control, ExplainError, Explanation, Family, Method, Subject, Table, method::explains, model::Rule,
    pixels::map_of, stopwatch::Stopwatch,
};

/// DeconvNet's row.
pub static DECONVNET: Method = Method {
    id: "deconvnet",
    title: "DeconvNet",
    color: [221, 132, 82],
    family: Family::Gradients,
    meaning: "Which pixels would excite what excites the class, if every unit were at work.",
    misleads: "Without max pooling it does not depend on the picture at all but for what is sent back through other layers, and it hardly depends on the class. It is a rule for ReLU; networks with other activations have none.",
    computes: "The class's logit is sent back through the network as a gradient is, but at every ReLU what is above 0 goes on and nothing else, whether the unit was at work for this picture or not. Only the places of the largest values in max pools are the picture's.",
    source: "Matthew D. Zeiler, Rob Fergus: Visualizing and Understanding Convolutional Networks, ECCV 2014 (arXiv 1311.2901)",
    parameters: Table::of::<()>("deconvnet", &[]),
    explains_logits: true,
    refuses: |classifier| classifier.refuses(Rule::Deconvolution),
    ..Method::of::<DeconvNet>()
};

explains!(DeconvNet, 1, deconvnet);

/// What a DeconvNet sends back to every pixel: the largest size of its three colours, at input size.
///
/// # Errors
/// A cancellation, or a model that fails, has no such rule, or does not answer with numbers.
pub fn deconvnet(subject: &Subject<'_>, control: &Control) -> Result<Explanation, ExplainError> {
    let clock = Stopwatch::start(control);
    let sent = subject.sent_back(subject.raw_target(), Rule::Deconvolution, control)?;
    let saliency = map_of(&sent, subject.input.size, Colours::Largest)?;
    Ok(Explanation::of(&DECONVNET, subject.target, saliency, Arc::new(()), clock.seconds()))
}
