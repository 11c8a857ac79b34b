//! Attention rollout: which patches the class token has gathered from, through all blocks.
//!
//! Source: Abnar, Zuidema, *Quantifying Attention Flow in Transformers*, ACL 2020 (arXiv 2005.00928).

use super::{explain_attention, refusal};
use crate::{
    Control, ExplainError, Explanation, Family, Method, Subject, Table, method::explains, model::AttentionOfBlock,
};

/// Attention rollout's row.
pub static ATTENTION_ROLLOUT: Method = Method {
    id: "attention-rollout",
    title: "Attention rollout",
    color: [110, 80, 150],
    family: Family::Attention,
    meaning: "How much of what the class token has gathered in the end came from the patch, through all blocks.",
    misleads: "It is the same map for every class, and attention is not importance: what a token gathers may cancel out or go unused.",
    computes: "In every block each token gathers from all others, in shares. These shares, averaged over heads, with as much again for what a token keeps of itself, are multiplied from block to block: what comes out says how much of each patch has reached the class token. No class is asked for.",
    source: "Samira Abnar, Willem Zuidema: Quantifying Attention Flow in Transformers, ACL 2020 (arXiv 2005.00928)",
    parameters: Table::of::<()>("attention_rollout", &[]),
    explains_logits: true,
    refuses: refusal,
    ..Method::of::<AttentionRollout>()
};

explains!(AttentionRollout, 2, attention_rollout);

/// The class token's row of Â_L·…·Â_1, with Â the mean of a block's attention over heads and the identity, each a half: a
/// value a patch.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn attention_rollout(subject: &Subject<'_>, control: &Control) -> Result<Explanation, ExplainError> {
    explain_attention(&ATTENTION_ROLLOUT, subject, control, gathered)
}

/// How much each token has given to the first one.
fn gathered(blocks: &[AttentionOfBlock]) -> Vec<f32> {
    let tokens = blocks.first().map_or(0, |block| block.tokens);
    // From the last block to the first one, the row of the class token alone.
    let mut row = vec![0.0_f64; tokens];
    if let Some(class) = row.first_mut() {
        *class = 1.0;
    }
    for block in blocks.iter().rev() {
        let mut next: Vec<f64> = row.iter().map(|value| value / 2.0).collect();
        for head in block.shares.chunks_exact((tokens * tokens).max(1)) {
            for (weight, shares) in row.iter().zip(head.chunks_exact(tokens)) {
                let weight = weight / (2.0 * block.heads as f64);
                next.iter_mut().zip(shares).for_each(|(sum, share)| *sum += weight * f64::from(*share));
            }
        }
        row = next;
    }
    row.into_iter().map(|value| value as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gathered_adds_up_to_one() {
        let block =
            |shares: &[f32]| AttentionOfBlock { heads: 1, tokens: 2, shares: shares.to_vec(), gradient: vec![0.0; 4] };
        // First the class token looks at the patch, then at itself.
        let found = gathered(&[block(&[0.0, 1.0, 0.5, 0.5]), block(&[1.0, 0.0, 0.0, 1.0])]);
        assert_eq!(found, [0.5, 0.5]);
    }
}
