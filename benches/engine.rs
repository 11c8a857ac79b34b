//! How fast the network and the methods on it are: `cargo bench`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench is no library")]

use std::sync::LazyLock;

use candle_core::Device;
use divan::{Bencher, counter::ItemsCount};
use igoscope::{
    explain::{Control, CurveParameters, IgosParameters, LineSearch, Named, Subject, grad_cam, igos, judge},
    imaging::{Sample, gaussian_blur},
    model::{Batch, Classifier, Input, Score, Target, load_embedded},
};

static MODEL: LazyLock<Box<dyn Classifier>> = LazyLock::new(|| load_embedded(&Device::Cpu, 0, None).unwrap());
static INPUT: LazyLock<Input> = LazyLock::new(|| {
    let photo = Sample::named("coffee").unwrap().photo().unwrap();
    MODEL.spec().preprocess(&photo).unwrap()
});

/// Espresso.
const TARGET: Target = Target { score: Score::Probability, class: 967, against: None };

fn main() {
    divan::main();
}

fn subject() -> Subject<'static> {
    Subject { classifier: MODEL.as_ref(), input: &INPUT, target: TARGET }
}

fn samples(count: usize) -> Vec<f32> {
    INPUT.planar.repeat(count)
}

#[divan::bench(args = [1, 20], sample_count = 10)]
fn forward(bencher: Bencher<'_, '_>, count: usize) {
    let batch = samples(count);
    bencher.counter(ItemsCount::new(count)).bench(|| MODEL.logits(&Batch::new(&batch, INPUT.planar.len())).unwrap());
}

#[divan::bench(args = [1, 20], sample_count = 10)]
fn forward_and_input_gradient(bencher: Bencher<'_, '_>, count: usize) {
    let batch = samples(count);
    bencher
        .counter(ItemsCount::new(count))
        .bench(|| MODEL.gradients(&Batch::new(&batch, INPUT.planar.len()), TARGET, &|_, _| {}).unwrap());
}

#[divan::bench(args = ["path-shared", "path", "end-point"], sample_count = 3)]
fn igos_of_three_iterations(bencher: Bencher<'_, '_>, search: &str) {
    let line_search = LineSearch::ALL.iter().copied().find(|kind| kind.name() == search).unwrap();
    let parameters = IgosParameters { iterations: 3, line_search, ..IgosParameters::default() };
    bencher.bench(|| igos(&subject(), &parameters, &Control::default(), &mut |_| {}).unwrap());
}

#[divan::bench(sample_count = 10)]
fn grad_cam_map(bencher: Bencher<'_, '_>) {
    bencher.bench(|| grad_cam(&subject(), &Control::default()).unwrap());
}

#[divan::bench(sample_count = 3)]
fn deletion_and_insertion(bencher: Bencher<'_, '_>) {
    let saliency = grad_cam(&subject(), &Control::default()).unwrap().saliency;
    let parameters = CurveParameters::default();
    bencher.bench(|| judge(&subject(), &saliency, &parameters, &Control::default(), &mut |_| {}).unwrap());
}

#[divan::bench(sample_count = 10)]
fn blurred_baseline(bencher: Bencher<'_, '_>) {
    bencher.bench(|| gaussian_blur(&INPUT.planar, INPUT.size, 51, 50.0));
}
