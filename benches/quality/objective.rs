//! The objective of I-GOS for any mask: how far two ways to optimise it have come, by the same measure.

use igoscope::{
    explain::{Baseline, IgosParameters, Mask, Subject},
    model::Batch,
};

/// f_c of the picture without what a mask deletes, and I-GOS's prices for what it deletes and for its edges, with its
/// default weights and without noise.
pub fn objective(subject: &Subject<'_>, mask: &Mask) -> f64 {
    let IgosParameters { l1_weight, tv_weight, .. } = IgosParameters::default();
    let size = subject.input.size;
    let deleted = mask.saliency().drawn_at(size.width, size.height);
    let mut planar = subject.input.planar.clone();
    let baseline = subject.baseline(Baseline::Blur, 0);
    for (place, value) in planar.iter_mut().enumerate() {
        *value += (baseline[place] - *value) * deleted[place % size.area()];
    }
    let logits = subject.classifier.logits(&Batch::new(&planar, planar.len())).expect("an answer");
    f64::from(subject.value_of(&logits[0])) + l1_weight * mask.l1() + tv_weight * mask.tv()
}
