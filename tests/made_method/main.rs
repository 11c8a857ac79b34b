//! A method is one file and one line: what `halves.rs` adds is on every surface, and nothing else was told of it.
//!
//! It is a program of its own, as the list of methods is read once in a process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test finds wrong may end it")]

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "what the other tests need")]
mod common;
mod halves;

use std::{fs, path::Path, sync::Once};

use clap::Parser as _;
use common::{
    driver::{Window, app, asset, by_value, click, is_idle, shows, wait, window},
    quick,
};
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;
use halves::{HALVES, HalvesParameters};
use igoscope::{
    app::Options,
    cli::{Arguments, Task, explain},
    explain::{
        CURVE_DESCENT, GRAD_CAM, IGOS, INTEGRATED_GRADIENTS, IgosParameters, Parameters, add_method, methods, tables,
        usual_methods,
    },
};
use serde_json::Value;

/// The one line.
fn with_halves() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| add_method(&HALVES).unwrap());
}

fn coffee() -> Window {
    let mut window = window(Options { pictures: vec![asset("coffee.jpg")], ..Options::default() }, quick(2));
    wait(&mut window, "the run is finished", is_idle);
    window.run_steps(3);
    window
}

/// What is asked for with a command line.
fn asked(line: &str) -> Box<igoscope::cli::ExplainArguments> {
    let arguments = Arguments::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{error}"));
    let Some(Task::Explain(arguments)) = arguments.task else { panic!("explain was asked for") };
    arguments
}

#[test]
fn it_is_a_method_like_the_others_and_comes_once() {
    with_halves();
    assert_eq!(methods().last(), Some(&&HALVES));
    assert_eq!(usual_methods(), [&IGOS, &CURVE_DESCENT, &GRAD_CAM, &INTEGRATED_GRADIENTS, &HALVES]);
    assert!(tables().any(|table| *table == HALVES.parameters));
    assert!(add_method(&HALVES).is_err(), "the list was read, and has it");
    assert_eq!(Parameters::default().get(), Some(&HalvesParameters::default()));
}

#[test]
fn it_has_a_tile_a_timeline_curves_and_a_row_of_parameters() {
    with_halves();
    let mut window = coffee();
    let run = app(&window).state().shown().unwrap().clone();
    let curves = run.method(&HALVES).unwrap().curves.clone().expect("it was run and judged");
    let caption = format!("Halves: Deletion {:.3}, Insertion {:.3}", curves.deletion(), curves.insertion());
    assert!(window.query_by_label_contains(&caption).is_some(), "its tile has its areas: {caption}");
    assert!(window.query_by_label_contains("Halves, 3 iterations").is_some(), "its tile has its picture");
    assert!(shows(&window, "Halves deletion curve") && shows(&window, "Halves insertion curve"), "the legends have it");

    // Three methods iterate: one can choose whose iterations are on the timeline.
    assert_eq!(app(&window).state().timeline_method(), Some(&IGOS));
    click(&mut window, "Method on the timeline");
    window.get_all_by_role_and_label(Role::Button, "Halves").last().unwrap().click();
    window.run_steps(4);
    assert_eq!(app(&window).state().timeline_method(), Some(&HALVES));
    assert_eq!(app(&window).state().iterations().len(), 3);
    assert!(shows(&window, "Halves halves"), "the chart is of its terms");
    window.key_press(Key::ArrowLeft);
    window.run_steps(4);
    assert_eq!(app(&window).state().step_number(), Some(1));
    assert!(window.query_by_label_contains("Halves, iteration 2 of 3").is_some(), "its tile shows what is chosen");
    assert!(shows(&window, "iteration 2 of 3"), "and so does the timeline");

    // Its parameters are in a group of their own, its preset in the menu, and commands know its name.
    by_value(&mut window);
    window.run_ok();
    let header = window.get_by_role_and_label(Role::DisclosureTriangle, "Halves");
    header.click_accesskit();
    window.run_steps(20);
    assert!(window.query_by_role_and_label(Role::Slider, "Strength").is_some());
    click(&mut window, "Presets");
    wait(&mut window, "the presets are offered", |window| shows(window, "faint"));
    window.key_press(Key::Escape);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    window.get_by_label("Find a command").type_text("halves");
    window.run_steps(3);
    for command in ["Hide tile: Halves", "Timeline: Halves", "Copy the map of Halves"] {
        assert!(window.query_all_by_label_contains(command).count() > 0, "{command}");
    }
}

#[test]
fn it_is_run_again_only_where_its_own_parameters_changed() {
    with_halves();
    let mut window = coffee();
    let first = app(&window).state().shown().unwrap().clone();
    let map = |run: &igoscope::explain::Explanation| run.saliency.clone();
    let of = |window: &Window, method| {
        let run = app(window).state().shown().unwrap();
        run.method(method).unwrap().explanation.clone().unwrap()
    };
    let set = |window: &mut Window, slider: &str, value: f64| {
        wait(window, "the slider is there", |window| window.query_by_role_and_label(Role::Slider, slider).is_some());
        window.get_by_role_and_label(Role::Slider, slider).set_value_accesskit(value);
        window.run_steps(3);
        wait(window, "it is explained with that", |window| {
            let state = app(window).state();
            is_idle(window) && state.shown().is_some_and(|run| run.parameters == state.parameters)
        });
    };
    by_value(&mut window);
    set(&mut window, "Iterations", 1.0);
    assert!(std::sync::Arc::ptr_eq(
        &of(&window, &HALVES),
        &first.method(&HALVES).unwrap().explanation.clone().unwrap()
    ));
    assert_ne!(of(&window, &IGOS).iterations.len(), 2);

    let igos = of(&window, &IGOS);
    window.get_by_role_and_label(Role::DisclosureTriangle, "Halves").click_accesskit();
    window.run_steps(20);
    set(&mut window, "Strength", 1.0);
    assert!(std::sync::Arc::ptr_eq(&of(&window, &IGOS), &igos), "I-GOS's map holds");
    assert_ne!(map(&of(&window, &HALVES)), map(first.method(&HALVES).unwrap().explanation.as_ref().unwrap()));
}

#[test]
fn it_is_copied_and_compared() {
    with_halves();
    let mut window = coffee();
    click(&mut window, "What is saved, and copied");
    wait(&mut window, "the maps are offered", |window| shows(window, "Copy I-GOS"));
    assert!(shows(&window, "Copy Halves"));
    window.key_press(Key::Escape);
    window.run_steps(2);

    let first = app(&window).state().shown().unwrap().id;
    by_value(&mut window);
    window.run_ok();
    window.get_by_role_and_label(Role::DisclosureTriangle, "Halves").click_accesskit();
    window.run_steps(20);
    wait(&mut window, "the slider is there", |window| {
        window.query_by_role_and_label(Role::Slider, "Strength").is_some()
    });
    window.get_by_role_and_label(Role::Slider, "Strength").set_value_accesskit(1.0);
    window.run_steps(3);
    wait(&mut window, "it is explained again", |window| {
        is_idle(window) && app(window).state().shown().is_some_and(|run| run.id != first)
    });
    let second = app(&window).state().shown().unwrap().id;
    click(&mut window, "Runs");
    for run in [first, second] {
        click(&mut window, &format!("Pin Run {}", run.0));
    }
    click(&mut window, "Compare");
    assert!(shows(&window, "Halves, deletion") && shows(&window, "Halves, insertion"));
    window.get_all_by_role_and_label(Role::Button, "Halves").next().unwrap().click();
    window.run_steps(3);
    for run in [first, second] {
        let label = format!("Halves, Run {}", run.0);
        wait(&mut window, "its maps are beside each other", |window| shows(window, &label));
    }
}

#[test]
fn its_flags_are_taken_checked_and_explained_in_the_help() {
    with_halves();
    let parameters = asked("igoscope explain a.jpg --halves-strength 0.25 --iterations 4").parameters;
    let parameters = parameters.applied_to(&Parameters::default());
    assert_eq!(parameters.get(), Some(&HalvesParameters { strength: 0.25, ..HalvesParameters::default() }));
    assert_eq!(parameters.get::<IgosParameters>().unwrap().iterations, 4);
    assert_eq!(asked("igoscope explain a.jpg").methods(), usual_methods(), "it is run where none is named");
    let faint = asked("igoscope explain a.jpg --preset faint").parameters.applied_to(&Parameters::default());
    assert_eq!(faint.get::<HalvesParameters>().unwrap().strength, 0.1);
    let help = Arguments::try_parse_from(["igoscope", "explain", "--help"]).unwrap_err().to_string();
    assert!(help.contains("How much of the left half is gone at the end [default: 0.5]"), "{help}");
    assert!(help.contains("halves, all]"), "{help}");
    let wrong = asked("igoscope explain assets/samples/coffee.jpg --method halves --halves-strength 9");
    let error = format!("{:#}", explain(&wrong).unwrap_err());
    assert!(error.contains("halves_strength is 9: it must be from 0 to 1"), "{error}");
}

#[test]
fn it_is_in_every_file_and_is_run_again_from_its_record() {
    with_halves();
    let out = tempfile::tempdir().unwrap();
    let line = format!(
        "igoscope explain assets/samples/coffee.jpg --method halves,grad-cam --halves-strength 0.75 --curve-steps 5 \
         --figure --animation --report --caption --out {}",
        out.path().display()
    );
    explain(&asked(&line)).unwrap();
    let folder = out.path().join("coffee");
    for file in ["overlay.png", "heatmap.png", "saliency.npy", "curves.csv", "mask.npy", "animation.gif"]
        .map(|it| format!("halves.{it}"))
    {
        assert!(folder.join(&file).is_file(), "{file}");
    }
    assert!(fs::read_to_string(folder.join("figure.svg")).unwrap().contains("strength 0.75"));
    let report = fs::read_to_string(out.path().join("report.html")).unwrap();
    assert!(report.contains("Halves’s iterations in numbers") && report.contains("spared share"));
    let record = |folder: &Path| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join("run.json")).unwrap()).unwrap()
    };
    let run = record(&folder);
    assert_eq!(run["parameters"]["halves"]["strength"], 0.75);
    assert_eq!(run["methods"]["halves"]["parameters"]["rounds"], 3);
    let steps = run["methods"]["halves"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 3);
    assert_eq!(steps[2]["iteration"], 3);
    assert!((steps[2]["spared"].as_f64().unwrap() - 0.625).abs() < 1e-6, "{}", steps[2]);
    assert!(steps[2]["faded_score"].is_f64());
    // It is judged as the others are, twice, and its best round is told.
    let own = &run["methods"]["halves"];
    assert_eq!((&own["found"], &own["judges"][0]["baseline"]), (&true.into(), &"grey".into()));
    assert!(own["insertion_minus_deletion"].is_f64() && own["kept_iteration"].is_u64(), "{own}");
    assert!(report.contains("Random order") && report.contains(", best, faded score"), "the report says it too");

    let again = tempfile::tempdir().unwrap();
    let line =
        format!("igoscope explain --config {} --out {}", folder.join("run.json").display(), again.path().display());
    explain(&asked(&line)).unwrap();
    let second = record(&again.path().join("coffee"));
    assert_eq!(second["parameters"], run["parameters"]);
    let steps = |run: &Value| run["methods"]["halves"]["steps"].as_array().unwrap().clone();
    assert_eq!(steps(&second), steps(&run), "bit for bit");
}
