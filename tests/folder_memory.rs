//! Memory does not grow with the pictures of a folder: a process of its own, because a peak never falls.
//!
//!     IGOSCOPE_TEST_PICTURES=5000 cargo test --test folder_memory -- --nocapture
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test finds wrong may end it")]

#[allow(dead_code, reason = "what other tests need")]
mod common;

use std::fs;

use common::{
    driver::{app, asset, click, is_idle, wait, window_of},
    path, peak, quick,
};
use egui_kittest::kittest::Queryable as _;
use igoscope::{
    app::Options,
    explain::{GRAD_CAM, usual_methods},
    model::ModelChoice,
    worker::HostOptions,
};

/// Of 451 × 300 pixels each, which take two and a half times [`EACH`] where they are kept.
const PICTURES: usize = 800;
/// The most memory for each of them, in bytes: a gigabyte for 5000.
const EACH: f64 = 200e3;
/// More than are in memory at once.
const LOOKED_AT: usize = 26;

/// Classified, some explained by the queue, some looked at. A small network from a file, so that it takes seconds.
#[test]
fn five_thousand_pictures_need_less_than_a_gigabyte() {
    let pictures = std::env::var("IGOSCOPE_TEST_PICTURES").map_or(PICTURES, |count| count.parse().unwrap());
    needs_little(pictures);
}

fn needs_little(count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    let picture = |number: usize| pictures.join(format!("{number:04}.jpg"));
    fs::copy(asset("chelsea.jpg"), picture(0)).unwrap();
    for number in 1..count {
        fs::hard_link(picture(0), picture(number)).unwrap();
    }
    let host =
        HostOptions { model: ModelChoice::File(path("tests/fixtures/onnx/plain.onnx")), ..HostOptions::default() };
    let options = Options { host, pictures: vec![pictures], ..Options::default() };
    let hidden = usual_methods().into_iter().filter(|method| *method != &GRAD_CAM);
    let hidden: Vec<_> = hidden.map(|method| serde_json::json!({ "method": method.id })).collect();
    let settings = serde_json::json!({ "tiles": { "hidden": hidden } }).to_string();
    let results = folder.path().join("results");
    let mut window =
        window_of(options, settings, move |app| app.with_parameters(quick(1)).with_results_folder(results.clone()));
    let state = |window: &common::driver::Window| {
        let collection = app(window).state().collection.as_ref();
        collection.map_or((0, 0), |collection| (collection.classified, collection.explained()))
    };
    wait(&mut window, "every picture is classified", |window| state(window).0 == count && is_idle(window));
    click(&mut window, &format!("Table ({count})"));
    window.get_by_label("Search pictures").focus();
    window.step();
    window.get_by_label("Search pictures").type_text("00");
    window.run_steps(3);
    let shown = app(&window).state().collection.as_ref().unwrap().shown().to_vec();
    click(&mut window, &format!("Explain all ({})", shown.len()));
    wait(&mut window, "some are explained", |window| state(window).1 >= LOOKED_AT);
    click(&mut window, "Cancel the queue");
    // High enough for all of their rows.
    window.set_size(egui::Vec2::new(1440.0, 1200.0));
    window.run_steps(3);
    let names: Vec<String> = {
        let collection = app(&window).state().collection.as_ref().unwrap();
        shown[..LOOKED_AT].iter().map(|index| collection.name_of(*index).to_owned()).collect()
    };
    for (name, index) in names.iter().zip(&shown) {
        click(&mut window, name);
        wait(&mut window, "it is on the wall", |window| {
            app(window).state().row_on_the_wall() == Some(*index) && is_idle(window)
        });
        click(&mut window, &format!("Table ({count})"));
    }
    assert!(app(&window).state().pictures.len() < LOOKED_AT);
    let peak = peak();
    println!("{:.0} MB at most", peak / 1e6);
    assert!(peak < EACH * count as f64, "{peak} bytes");
}
