//! Guided backpropagation: the gradient, without what is below 0 at any ReLU.
//!
//! Source: Springenberg, Dosovitskiy, Brox, Riedmiller, *Striving for Simplicity: The All Convolutional Net*, ICLR
//! workshop 2015 (arXiv 1412.6806). It is a rule of going back ([`Rule::Guided`]), begun at the logit whatever the score.

use std::sync::Arc;

use crate::{
    Colours, Control, ExplainError, Explanation, Family, Method, Subject, Table, method::explains, model::Rule,
    pixels::map_of, stopwatch::Stopwatch,
};

/// The row of guided backpropagation.
pub static GUIDED_BACKPROP: Method = Method {
    id: "guided-backprop",
    title: "Guided backprop",
    color: [196, 78, 82],
    family: Family::Gradients,
    meaning: "Which pixels excite what excites the class, all the way through the network.",
    misleads: "It hardly depends on the class, or on what the network has learnt late: it draws the picture's edges (Adebayo et al. 2018). It is a rule for ReLU; networks with other activations have none.",
    computes: "The gradient of the class's logit goes back through the network, but at every ReLU only what is above 0 goes on. What is left are the pixels that excite units that excite units, up to the class; what inhibits is not followed.",
    source: "Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller: Striving for Simplicity: The All Convolutional Net, ICLR workshop 2015 (arXiv 1412.6806)",
    parameters: Table::of::<()>("guided_backprop", &[]),
    explains_logits: true,
    refuses: |classifier| classifier.refuses(Rule::Guided),
    ..Method::of::<GuidedBackprop>()
};

explains!(GuidedBackprop, 1, guided_backprop);

/// What guided backpropagation sends back to every pixel: the largest size of its three colours, at input size.
///
/// # Errors
/// A cancellation, or a model that fails, has no such rule, or does not answer with numbers.
pub fn guided_backprop(subject: &Subject<'_>, control: &Control) -> Result<Explanation, ExplainError> {
    let clock = Stopwatch::start(control);
    let sent = subject.sent_back(subject.raw_target(), Rule::Guided, control)?;
    let saliency = map_of(&sent, subject.input.size, Colours::Largest)?;
    Ok(Explanation::of(&GUIDED_BACKPROP, subject.target, saliency, Arc::new(()), clock.seconds()))
}
