//! Our side of the comparison with PyTorch: does what `compare.py` asks for on standard input, one line each, and
//! answers with one line of JSON. `compare.py` says what is asked.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench is no library")]

use std::{
    fs,
    io::{self, BufRead, Write},
    path::PathBuf,
    time::Instant,
};

use candle_core::Device;
use clap::Parser;
use gemm::Parallelism;
use igoscope::{
    explain::{Control, IgosParameters, LineSearch, Named as _, Subject, igos},
    imaging::{CropRule, Size},
    model::{Architecture, Batch, Classifier, Input, Target, load_embedded, load_file},
    nn::compute_pool,
};
use image::RgbImage;
use serde_json::{Value, json};

/// Values of one input.
const SIDE: usize = 224;
const INPUT: usize = 3 * SIDE * SIDE;

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value = "efficientnet-lite0")]
    model: String,
    /// Not for the embedded network.
    #[arg(long)]
    weights: Option<PathBuf>,
    /// float32, little endian, `[n, 3, 224, 224]`.
    #[arg(long)]
    inputs: Option<PathBuf>,
    #[arg(long, default_value_t = 0)]
    class: usize,
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

struct Peer {
    classifier: Box<dyn Classifier>,
    inputs: Vec<f32>,
    class: usize,
    threads: usize,
}

fn main() {
    let arguments = Arguments::parse();
    let Some(path) = &arguments.inputs else {
        eprintln!("benches/compare/run.sh asks this program for its times; alone it does nothing");
        return;
    };
    let architecture = Architecture::named(&arguments.model).expect("a model's name");
    let classifier = match &arguments.weights {
        Some(weights) => load_file(architecture, weights, &Device::Cpu, arguments.threads, None),
        None => load_embedded(&Device::Cpu, arguments.threads, None),
    };
    let inputs = fs::read(path).expect("inputs can be read");
    let peer = Peer {
        classifier: classifier.expect("the model can be hosted"),
        inputs: inputs.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect(),
        class: arguments.class,
        threads: arguments.threads,
    };
    println!("{}", json!({ "ready": true }));
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        println!("{}", peer.answer(&words).unwrap_or_else(|error| json!({ "error": error })));
        io::stdout().flush().unwrap();
    }
}

impl Peer {
    fn answer(&self, words: &[&str]) -> Result<Value, String> {
        let number = |text: &str| text.parse::<usize>().map_err(|error| format!("{text}: {error}"));
        match words {
            ["forward", count] => {
                let batch = self.batch(number(count)?);
                let started = Instant::now();
                self.classifier.logits(&batch).map_err(|error| error.to_string())?;
                Ok(json!({ "seconds": started.elapsed().as_secs_f64() }))
            }
            ["gradient", count] => {
                let batch = self.batch(number(count)?);
                let started = Instant::now();
                self.gradients(&batch)?;
                Ok(json!({ "seconds": started.elapsed().as_secs_f64() }))
            }
            ["check", path] => {
                let logits = self.classifier.logits(&self.batch(1)).map_err(|error| error.to_string())?;
                let gradient = self.gradients(&self.batch(1))?;
                let bytes: Vec<u8> = logits[0].iter().chain(&gradient).flat_map(|value| value.to_le_bytes()).collect();
                fs::write(path, bytes).map_err(|error| error.to_string())?;
                Ok(json!({ "ok": true }))
            }
            ["igos", search, iterations, points, mask] => {
                self.igos(search, number(iterations)?, number(points)?, number(mask)?)
            }
            ["matmul"] => Ok(json!({ "gflops": matrix_peak(self.threads) })),
            ["memory"] => Ok(json!({ "peak_bytes": peak_bytes()? })),
            _ => Err(format!("what is {words:?}?")),
        }
    }

    fn batch(&self, count: usize) -> Batch<'_> {
        Batch::new(&self.inputs[..count * INPUT], INPUT)
    }

    /// The gradient of the last sample that was finished.
    fn gradients(&self, batch: &Batch<'_>) -> Result<Vec<f32>, String> {
        let last = std::sync::Mutex::new(Vec::new());
        self.classifier
            .gradients(batch, Target::probability(self.class), &|_, gradient| {
                gradient.clone_into(&mut last.lock().unwrap());
            })
            .map_err(|error| error.to_string())?;
        Ok(last.into_inner().unwrap())
    }

    fn igos(&self, search: &str, iterations: usize, points: usize, mask: usize) -> Result<Value, String> {
        let line_search = LineSearch::ALL
            .iter()
            .copied()
            .find(|kind| kind.name() == search)
            .ok_or_else(|| format!("no search is called {search}"))?;
        let parameters = IgosParameters {
            iterations,
            integration_steps: points,
            mask_size: mask,
            line_search,
            // PyTorch's run has no early stop either.
            convergence_tolerance: 0.0,
            ..IgosParameters::default()
        };
        // Only the numbers are looked at; the picture is for the eye.
        let crop = CropRule::new(256, SIDE as u32).apply(&RgbImage::new(SIDE as u32, SIDE as u32));
        let normalisation = self.classifier.spec().normalisation;
        let input = Input { planar: self.inputs[..INPUT].to_vec(), size: Size::square(SIDE), crop, normalisation };
        let subject =
            Subject { classifier: self.classifier.as_ref(), input: &input, target: Target::probability(self.class) };
        let started = Instant::now();
        let explanation =
            igos(&subject, &parameters, &Control::default(), &mut |_| {}).map_err(|error| error.to_string())?;
        let seconds = started.elapsed().as_secs_f64();
        let steps = &explanation.iterations;
        Ok(json!({
            "seconds": seconds,
            "forward": steps.iter().map(|step| step.number("forward_passes") as usize).sum::<usize>(),
            "backward": steps.iter().map(|step| step.number("backward_passes") as usize).sum::<usize>(),
            "score": steps.last().map(|step| step.number("score")),
        }))
    }
}

/// GFLOP/s of single-precision products that fit the cache, each thread on its own: the ceiling of everything else.
#[allow(unsafe_code, reason = "that is gemm's interface")]
fn matrix_peak(threads: usize) -> f64 {
    const SIZE: usize = 768;
    const ROUNDS: usize = 6;
    let pool = compute_pool(threads).expect("threads");
    let multiply = |_: rayon::BroadcastContext<'_>| {
        let (left, right) = (vec![0.5_f32; SIZE * SIZE], vec![0.25_f32; SIZE * SIZE]);
        let mut product = vec![0.0_f32; SIZE * SIZE];
        let stride = SIZE as isize;
        for _ in 0..ROUNDS {
            // SAFETY: three matrices of SIZE × SIZE values, row after row, the product apart from the others.
            unsafe {
                gemm::gemm(
                    SIZE,
                    SIZE,
                    SIZE,
                    product.as_mut_ptr(),
                    1,
                    stride,
                    false,
                    left.as_ptr(),
                    1,
                    stride,
                    right.as_ptr(),
                    1,
                    stride,
                    0.0,
                    1.0,
                    false,
                    false,
                    false,
                    Parallelism::None,
                );
            }
        }
        std::hint::black_box(product[0])
    };
    (0..3)
        .map(|_| {
            let started = Instant::now();
            pool.broadcast(multiply);
            let work = 2 * SIZE.pow(3) * ROUNDS * pool.current_num_threads();
            work as f64 / started.elapsed().as_secs_f64() / 1e9
        })
        .fold(0.0, f64::max)
}

/// The most memory this process has held.
fn peak_bytes() -> Result<u64, String> {
    let status = fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok())
        .map(|kilobytes| kilobytes * 1024)
        .ok_or_else(|| "the system does not say".to_owned())
}
