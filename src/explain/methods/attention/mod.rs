//! Methods that read a transformer's attention.

mod le_grad;
mod rollout;

use std::sync::Arc;

pub use le_grad::{LE_GRAD, le_grad};
pub use rollout::{ATTENTION_ROLLOUT, attention_rollout};

use crate::{
    Control, ExplainError, Explanation, Method, Nothing, Saliency, Subject,
    imaging::Interpolation,
    model::{AttentionOfBlock, Classifier},
    stopwatch::Stopwatch,
};

/// Why there is nothing to say of a network without attention that can be read.
fn refusal(classifier: &dyn Classifier) -> Option<&'static str> {
    (!classifier.has_attention()).then_some(
        "it reads the attention of a transformer's tokens (ViT or DINOv2, on the CPU), and this network has none to read",
    )
}

/// Explains by what `read` makes of the attention of all blocks: a value a token, of which those of patches are the map.
fn explain_attention(
    method: &'static Method,
    subject: &Subject<'_>,
    control: &Control,
    read: impl FnOnce(&[AttentionOfBlock]) -> Vec<f32>,
) -> Result<Explanation, ExplainError> {
    control.checkpoint()?;
    let clock = Stopwatch::start(control);
    let own = Arc::new(());
    if let Some(reason) = refusal(subject.classifier) {
        let refused = Explanation::of_nothing(method, subject.target, Nothing::Refused, own);
        return Ok(Explanation { notes: vec![("refused", reason.to_owned())], ..refused });
    }
    let logit = subject.target.in_score(subject.classifier.spec().head.raw_score());
    let blocks = subject.classifier.attention(&subject.input.planar, logit)?;
    let tokens = read(&blocks);
    if tokens.iter().any(|value| !value.is_finite()) {
        return Err(ExplainError::NotANumber { what: "a share of attention" });
    }
    // The last tokens are patches in the picture's shape.
    let grid = subject.input.size.patches(tokens.len());
    let saliency = Saliency {
        width: grid.width,
        height: grid.height,
        values: tokens[tokens.len() - grid.area()..].to_vec(),
        interpolation: Interpolation::HalfPixel,
        clipped_fraction: 0.0,
        full: None,
    };
    let explanation = Explanation::of(method, subject.target, saliency, own, clock.seconds());
    Ok(Explanation { notes: vec![("blocks", blocks.len().to_string())], ..explanation })
}
