//! One answer of a network in a file, for `sweep.py` to hold against PyTorch's: its logits, and the gradient of the largest
//! one with respect to the picture.
//!
//! ```text
//! cargo bench --bench onnx -- FILE SIDE INPUT OUTPUT
//! ```
//!
//! INPUT are numbers in single precision, `[3, SIDE, SIDE]`; OUTPUT gets the logits and then the gradient, the same way.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::{env, error::Error, fs, path::PathBuf, sync::Mutex, time::Instant};

use candle_core::Device;
use igoscope::model::{Batch, Hub, ModelChoice, Said, Score, Target, load_as};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [file, side, input, output] = arguments.as_slice() else {
        println!("usage: FILE SIDE INPUT OUTPUT");
        return Ok(());
    };
    let side: usize = side.parse()?;
    let begin = Instant::now();
    let choice = ModelChoice::File(PathBuf::from(file));
    let model = match load_as(&choice, &Said::default(), &Hub::from_env(), &Device::Cpu, 1, Some(side)) {
        Ok(model) => model,
        Err(why) => {
            println!("refused {why}");
            return Ok(());
        }
    };
    let loaded = begin.elapsed();
    let planar: Vec<f32> = fs::read(input)?.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    let samples = Batch::new(&planar, planar.len());
    let logits = model.logits(&samples)?.concat();
    let class = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap_or(0);
    let gradient = Mutex::new(Vec::new());
    let take = |_: usize, values: &[f32]| {
        if let Ok(mut gradient) = gradient.lock() {
            *gradient = values.to_vec();
        }
    };
    let begin = Instant::now();
    model.gradients(&samples, Target { score: Score::Logit, class, against: None }, &take)?;
    let computed = begin.elapsed();
    let gradient = gradient.into_inner()?;
    fs::write(output, logits.iter().chain(&gradient).flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?;
    println!("computed {} {}", loaded.as_secs_f64(), computed.as_secs_f64());
    Ok(())
}
