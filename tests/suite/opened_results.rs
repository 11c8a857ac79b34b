//! Results of `igoscope evaluate` in the window, as if it had computed them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use egui_kittest::kittest::Queryable as _;
use igoscope::{
    app::Options,
    dataset::{Head, Line, MapScale, read_lines},
    explain::GRAD_CAM,
    export::read_npy,
    imaging::CropMode,
    model::ModelChoice,
    worker::HostOptions,
};

use crate::common::{
    dataset::{write_network, write_pictures},
    driver::{Window, app, click, is_idle, log, shows, wait, window_with},
    quick,
};

/// A folder with pictures, and with results of the first five in `out`.
fn evaluated(more: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_network(folder.path());
    write_pictures(&folder.path().join("pictures"), 2);
    let mut command = Command::new(env!("CARGO_BIN_EXE_igoscope"));
    command.current_dir(folder.path()).args(["evaluate", "pictures", "--out", "out", "--limit", "5"]);
    command.args(["--weights", "ten.safetensors", "--labels", "ten.txt", "--method", "grad-cam"]);
    command.args(["--curve-steps", "4", "--curve-grid", "7", "--random-orders", "2"]);
    let output = command.args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

/// A window that opens the results.
fn opened(folder: &Path) -> Window {
    let host = HostOptions {
        model: ModelChoice::File(folder.join("ten.safetensors")),
        labels: Some(folder.join("ten.txt")),
        ..HostOptions::default()
    };
    let options = Options { pictures: vec![folder.join("out")], host, ..Options::default() };
    let results = folder.join("results");
    let mut window = window_with(options, quick(7), move |app| app.with_results_folder(results.clone()));
    wait(&mut window, "the results are there", |window| {
        let collection = app(window).state().collection.as_ref();
        collection.is_some_and(|collection| collection.classified == collection.rows.len())
    });
    window
}

fn lines(out: &Path) -> Vec<Line> {
    let mut lines = read_lines(out, &Head::read(out).unwrap()).unwrap();
    for result in lines.iter_mut().filter_map(|line| line.result.as_mut()) {
        result.seconds = None;
    }
    lines
}

fn map_of(lines: &[Line], picture: &str) -> PathBuf {
    let line = lines.iter().find(|line| line.picture == picture && line.method.as_deref() == Some("grad-cam"));
    PathBuf::from(&line.unwrap().result.as_ref().unwrap().map.as_ref().unwrap().file)
}

/// Cut otherwise, of the class that they are labelled with, by a method and a metric that are not the usual ones.
#[test]
fn results_open_as_if_the_window_had_computed_them_and_are_gone_on_with() {
    let folder = evaluated(&["--class", "label", "--crop", "squash", "--metric", "sparseness"]);
    let out = folder.path().join("out");
    let whole = lines(&out);
    // As if it had been ended before the last picture.
    let file = out.join("results.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.split_inclusive('\n').take(8).collect::<String>()).unwrap();
    assert_eq!(lines(&out), whole[..8]);
    // A map that nobody would make of this picture.
    let [tabby, espresso] = ["tabby/00.png", "espresso/00.png"].map(|name| out.join(map_of(&whole, name)));
    fs::copy(&espresso, &tabby).unwrap();

    let mut window = opened(folder.path());
    assert_eq!(app(&window).state().messages.shown_error(), None);
    assert!(shows(&window, "5 pictures"), "of six, as it was limited");
    assert_eq!(app(&window).state().wanted_methods(), [&GRAD_CAM]);
    let rows = app(&window).state().collection.as_ref().unwrap().rows.clone();
    let seen = rows[2].seen.as_ref().unwrap();
    assert_eq!((seen.explained.as_str(), seen.predicted.as_str()), ("tabby", "tiger cat"));
    assert!(rows[4].seen.is_some() && !rows[4].is_explained(), "its class is known all the same");

    click(&mut window, "tabby/00.png");
    wait(&mut window, "it is on the wall", |window| {
        let state = app(window).state();
        is_idle(window) && state.shown().is_some_and(|run| run.has_a_result())
    });
    let run = app(&window).state().shown().unwrap();
    assert_eq!((run.seen.as_ref().unwrap().class.name.as_str(), run.question.crop), ("tabby", CropMode::Squash));
    let map = run.method(&GRAD_CAM).unwrap().explanation.as_ref().unwrap();
    assert_eq!(map.saliency.values, read_npy(&espresso).unwrap().0, "it comes from the disk");
    assert_eq!(Some(map.seconds), rows[2].outcome("grad-cam").unwrap().seconds, "and took what it took there");

    click(&mut window, "Table (5)");
    click(&mut window, "Explain all (1)");
    wait(&mut window, "it is done", |window| {
        let state = app(window).state();
        state.collection.as_ref().unwrap().explained() == 5 && !state.queue.is_busy()
    });
    assert_eq!(lines(&out), whole, "the same as without a window");
    assert!(!folder.path().join("results").exists(), "in the folder that was opened");
    assert!(window.query_by_label("Explain all").is_none() && !log(&window).contains("something else"));
}

/// By its scale, its width, its methods and what is written on it, as the command's flags say.
#[test]
fn a_figure_is_drawn_as_the_menu_says() {
    let folder = evaluated(&["--method", "integrated-gradients", "--integrated-gradients-steps", "2"]);
    let out = folder.path().join("out");
    let mut window = opened(folder.path());
    click(&mut window, "How the figure is drawn");
    wait(&mut window, "the menu is open", |window| shows(window, "nature"));
    for choice in ["the largest value of all maps", "nature", "The pictures' names", "The device, in the caption"] {
        click(&mut window, choice);
        assert!(shows(&window, choice), "the menu stays open while it is used");
    }
    click(&mut window, "Integrated gradients");
    // One at least stays.
    click(&mut window, "Grad-CAM");
    let figure = &app(&window).state().figure;
    assert_eq!(
        (figure.scale, figure.width.0, figure.methods.as_slice()),
        (MapScale::One, 89.0, &["grad-cam".to_owned()][..])
    );
    window.key_press(egui::Key::Escape);
    window.run_steps(2);
    click(&mut window, "Figure");
    wait(&mut window, "the figure is drawn", |_| out.join("figure-1.png").is_file());
    let caption = fs::read_to_string(out.join("figure-1.txt")).unwrap();
    for expected in ["Maps of Grad-CAM for", "all maps relative", "espresso/00.png: espresso", "on CPU"] {
        assert!(caption.contains(expected), "{expected}: {caption}");
    }
    let svg = fs::read_to_string(out.join("figure-1.svg")).unwrap();
    assert!(svg.contains("width=\"89.000mm\""));
    assert_eq!(svg.matches("<image").count(), 3 * 2 + 1, "one method, and one bar");
}
