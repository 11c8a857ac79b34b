//! One answer of a network in a file, for `sweep.py` and `speed.py` to hold against PyTorch's: its logits, and the gradient of
//! the largest one with respect to the picture.
//!
//! ```text
//! cargo bench --bench onnx -- FILE SIDE INPUT OUTPUT [REPEATS]
//! ```
//!
//! INPUT are numbers in single precision, `[3, SIDE, SIDE]`; OUTPUT gets the logits and then the gradient, the same way. It
//! prints the seconds that loading and the gradient took, what the network is computed as, and for so many repeats the
//! median seconds of a forward, and of a forward with the gradient.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::{
    env,
    error::Error,
    fs,
    path::PathBuf,
    sync::Mutex,
    time::{Duration, Instant},
};

use candle_core::Device;
use igoscope::{
    imaging::Size,
    model::{Batch, Hub, ModelChoice, Said, Score, Target, inspect, load_as},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [file, size, input, output, repeats @ ..] = arguments.as_slice() else {
        println!("usage: FILE SIZE INPUT OUTPUT [REPEATS]");
        return Ok(());
    };
    let repeats: usize = repeats.first().map_or(Ok(0), |repeats| repeats.parse())?;
    let size: Size = size.parse()?;
    let begin = Instant::now();
    let path = PathBuf::from(file);
    let choice = ModelChoice::File(path.clone());
    let model = match load_as(&choice, &Said::default(), &Hub::from_env(), &Device::Cpu, 1, Some(size)) {
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
    let target = Target { score: Score::Logit, class, against: None };
    let begin = Instant::now();
    model.gradients(&samples, target, &take)?;
    let computed = begin.elapsed();
    let (mut forwards, mut gradients) = (Vec::new(), Vec::new());
    for _ in 0..repeats {
        let begin = Instant::now();
        model.logits(&samples)?;
        forwards.push(begin.elapsed());
        let begin = Instant::now();
        model.gradients(&samples, target, &take)?;
        gradients.push(begin.elapsed());
    }
    let gradient = gradient.into_inner()?;
    fs::write(output, logits.iter().chain(&gradient).flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?;
    // It is read once more, and large ones are not there twice.
    drop(model);
    let facts = inspect(&path)?;
    let kind = facts.lines().find_map(|line| line.strip_prefix("computed as")).unwrap_or_default();
    println!("computed {} {}", loaded.as_secs_f64(), computed.as_secs_f64());
    println!("as {}", kind.trim());
    if let (Some(forward), Some(gradient)) = (median(forwards), median(gradients)) {
        println!("times {} {}", forward.as_secs_f64(), gradient.as_secs_f64());
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}
