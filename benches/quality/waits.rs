//! How long a user waits: a whole run with every method as the window asks for it, by the worker's own events.

use std::{path::PathBuf, sync::Arc, time::Instant};

use igoscope::{
    explain::{Method, Parameters, run_order},
    imaging::{CropMode, Photo},
    model::{ModelChoice, Score},
    worker::{Command, Event, HostOptions, Network, Request, RunId, Worker},
};

/// The usual methods in the order to run them.
fn order() -> Vec<&'static Method> {
    run_order().into_iter().filter(|method| method.is_usual).collect()
}

/// Seconds from the model's answer, each known once it happened.
#[derive(Debug, Default, Clone, Copy)]
struct Waits {
    /// The first map that can be seen.
    first: Option<f64>,
    /// The whole of it.
    map: Option<f64>,
    /// The first points of its curves.
    curves: Option<f64>,
    /// Its curves' end.
    judged: Option<f64>,
}

/// Explains every picture with every method, and prints the medians.
pub fn print(pictures: &[PathBuf], model: &str, threads: usize) {
    let choice = ModelChoice::named(model).unwrap_or_else(|| ModelChoice::File(model.into()));
    let worker = Worker::start(HostOptions { model: choice, threads, ..HostOptions::default() }, || {});
    let ready = worker.events().recv().expect("a worker");
    assert!(matches!(ready, Event::ModelReady { .. }), "{ready:?}");
    let mut all: Vec<Vec<Waits>> = vec![Vec::new(); order().len()];
    let mut ends = Vec::new();
    for (number, path) in pictures.iter().enumerate() {
        let photo = Photo::open(path).unwrap_or_else(|error| panic!("{error}"));
        let request = Request {
            network: Network::Model,
            given: None,
            metrics: Vec::new(),
            marked: None,
            run: RunId(number as u64),
            photo: Arc::new(photo),
            crop: CropMode::default(),
            class: None,
            against: None,
            score: Score::default(),
            methods: order(),
            known: Vec::new(),
            parameters: Parameters::default(),
            seeds: 1,
        };
        worker.send(Command::Explain(Box::new(request)));
        let (waits, end) = follow(&worker);
        for (all, waits) in all.iter_mut().zip(waits) {
            all.push(waits);
        }
        ends.push(Some(end));
        eprintln!("{} {end:.1} s", path.display());
    }
    println!("\n{model}, {} pictures: seconds from the model's answer, medians\n", pictures.len());
    println!("| method, in the order of running | first map | whole map | curves begin | curves end |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (method, waits) in order().iter().zip(&all) {
        let median_of = |value: fn(&Waits) -> Option<f64>| median(waits.iter().map(value));
        let [first, map, curves, judged] =
            [median_of(|w| w.first), median_of(|w| w.map), median_of(|w| w.curves), median_of(|w| w.judged)];
        println!("| {} | {first} | {map} | {curves} | {judged} |", method.title);
    }
    println!("\nThe run with random orders and second judges ends after {} s.", median(ends.into_iter()));
}

/// Reads one run to its end.
fn follow(worker: &Worker) -> (Vec<Waits>, f64) {
    let order = order();
    let mut waits = vec![Waits::default(); order.len()];
    let place = |method: &Method| order.iter().position(|own| *own == method).expect("a method that was asked for");
    let mut answered = Instant::now();
    loop {
        let event = worker.events().recv().expect("a worker");
        let now = answered.elapsed().as_secs_f64();
        match event {
            Event::Predicted { .. } => answered = Instant::now(),
            Event::Iteration { method, .. } => drop(waits[place(method)].first.get_or_insert(now)),
            Event::Explained { explanation, .. } => {
                let own = &mut waits[place(explanation.method)];
                own.first.get_or_insert(now);
                own.map = Some(now);
            }
            Event::CurvePoint { method, .. } => drop(waits[place(method)].curves.get_or_insert(now)),
            Event::Judged { method, .. } => waits[place(method)].judged = Some(now),
            Event::Finished { .. } => return (waits, now),
            Event::Failed { message, .. } => panic!("{message}"),
            _ => {}
        }
    }
}

/// The median of what is known, in words.
fn median(values: impl Iterator<Item = Option<f64>>) -> String {
    let mut known: Vec<f64> = values.flatten().collect();
    known.sort_by(f64::total_cmp);
    known.get(known.len() / 2).map_or_else(String::new, |value| format!("{value:.2}"))
}
