//! LeGrad: where more attention would raise the class, block by block.
//!
//! Source: Bousselham, Boggust, Chaybouti, Strobelt, Kuehne, *LeGrad: An Explainability Method for Vision Transformers via
//! Feature Formation Sensitivity*, ICCV 2025 (arXiv 2404.03214).

use super::{explain_attention, refusal};
use crate::{
    Control, ExplainError, Explanation, Family, Method, Subject, Table, method::explains, model::AttentionOfBlock,
};

/// LeGrad's row.
pub static LE_GRAD: Method = Method {
    id: "le-grad",
    title: "LeGrad",
    color: [200, 100, 0],
    family: Family::Attention,
    meaning: "Where more attention to the patch would raise the class, on average over blocks.",
    misleads: "Early blocks are read as if they were the last one, which they were not trained to be; it is as coarse as the patches are.",
    computes: "What each block of the transformer has made of the picture is read as if it were the last: by the network's own norm and classifier. The class's logit is then followed back to the attention of that block, and where more attention would raise it counts. The map is the mean over tokens, heads and blocks.",
    source: "Walid Bousselham, Angie Boggust, Sofian Chaybouti, Hendrik Strobelt, Hilde Kuehne: LeGrad: An Explainability Method for Vision Transformers via Feature Formation Sensitivity, ICCV 2025 (arXiv 2404.03214)",
    parameters: Table::of::<()>("le_grad", &[]),
    explains_logits: true,
    refuses: refusal,
    ..Method::of::<LeGrad>()
};

explains!(LeGrad, 2, le_grad);

/// The mean over blocks, heads and queries of ReLU(∂s/∂A), with A a block's attention and s the logit of the class that
/// the network's norm and classifier make of what goes out of that block: a value a patch.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn le_grad(subject: &Subject<'_>, control: &Control) -> Result<Explanation, ExplainError> {
    explain_attention(&LE_GRAD, subject, control, sensitivity)
}

/// How much more attention to each token would raise the class.
fn sensitivity(blocks: &[AttentionOfBlock]) -> Vec<f32> {
    let tokens = blocks.first().map_or(0, |block| block.tokens);
    let mut sums = vec![0.0_f64; tokens];
    for block in blocks {
        let share = 1.0 / (block.heads * tokens * blocks.len()) as f64;
        for row in block.gradient.chunks_exact(tokens.max(1)) {
            sums.iter_mut().zip(row).for_each(|(sum, slope)| *sum += share * f64::from(slope.max(0.0)));
        }
    }
    sums.into_iter().map(|value| value as f32).collect()
}
