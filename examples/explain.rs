//! Explains a sample picture with the embedded network: `cargo run --example explain`.

use candle_core::Device;
use igoscope::{
    explain::{Control, GRAD_CAM, Parameters, Subject, judge},
    imaging::SAMPLES,
    model::{Batch, Target, load_embedded},
};

fn main() -> anyhow::Result<()> {
    let classifier = load_embedded(&Device::Cpu, 0, None)?;
    let photo = SAMPLES[0].photo()?;
    let input = classifier.spec().preprocess(&photo)?;

    let logits = classifier.logits(&Batch::new(&input.planar, input.planar.len()))?;
    let probabilities = classifier.spec().head.answers(&logits[0]);
    let class = (0..probabilities.len()).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b])).unwrap_or(0);
    println!("{}: {}, {:.1} %", photo.name, classifier.spec().labels.name(class), 100.0 * probabilities[class]);

    let subject = Subject { classifier: classifier.as_ref(), input: &input, target: Target::probability(class) };
    let (parameters, control) = (Parameters::default(), Control::default());
    let explanation = GRAD_CAM.explain(&subject, &parameters, &control, &mut |_| {})?;
    let curves = judge(&subject, &explanation.saliency, &parameters.curves, &control, &mut |_| {})?;
    println!("{}: deletion {:.3}, insertion {:.3}", GRAD_CAM.title, curves.deletion(), curves.insertion());
    Ok(())
}
