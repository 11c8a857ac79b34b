//! Iterations, runs, parameters and pictures over time: the window driven without a display, with the real worker and
//! the embedded model.

use std::{fs, path::Path, sync::Arc, thread, time::Duration};

use egui::{Key, Modifiers, Role, accesskit::Toggled};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use igoscope::{
    app::Options,
    explain::{GRAD_CAM, IGOS, IgosParameters, usual_methods},
    worker::{HostOptions, RunId},
};

use crate::common::{
    driver::{
        Window, app, asset, by_value, click, full_size, is_idle, log, remembering, shows, steps, turn_to, wait, window,
    },
    quick,
};

fn explained(name: &str, iterations: usize) -> Window {
    explained_by(HostOptions::default(), name, iterations)
}

fn explained_by(host: HostOptions, name: &str, iterations: usize) -> Window {
    let mut window = window(Options { sample: Some(name.to_owned()), host, ..Options::default() }, quick(iterations));
    wait(&mut window, "the first run is finished", is_idle);
    window
}

fn shown(window: &Window) -> RunId {
    app(window).state().shown().unwrap().id
}

/// Waits for another run to be on the wall, and at its end.
fn wait_for_another(window: &mut Window, than: RunId) -> RunId {
    wait(window, "another run is finished", |window| is_idle(window) && shown(window) != than);
    shown(window)
}

fn set(window: &mut Window, slider: &str, value: f64) {
    if !shows(window, "Objective") {
        by_value(window);
    }
    // A group that was opened just now is still unfolding.
    wait(window, "the slider is there", |window| window.query_by_role_and_label(Role::Slider, slider).is_some());
    window.get_by_role_and_label(Role::Slider, slider).set_value_accesskit(value);
    window.step();
}

fn iterations(window: &Window) -> usize {
    app(window).state().parameters.get::<IgosParameters>().unwrap().iterations
}

#[test]
fn iterations_are_played_stopped_looped_and_scrubbed_and_then_nothing_moves() {
    let mut window = explained("coffee", 6);
    let kept = app(&window).state().shown().unwrap().method(&IGOS).unwrap().explanation.as_ref().unwrap().kept.unwrap();
    assert_eq!(app(&window).state().step_number(), Some(kept - 1), "the timeline stands at the best one");
    assert!(shows(&window, "best") && window.query_by_label_contains("I-GOS, 6 iterations").is_some());
    click(&mut window, "Speed");
    click(&mut window, "4 ×");
    click(&mut window, "Play");
    let mut seen = Vec::new();
    wait(&mut window, "it is played to its end", |window| {
        let is_playing = app(window).state().playback.is_playing();
        seen.extend(app(window).state().step_number().filter(|_| is_playing));
        !is_playing
    });
    assert_eq!((seen.first(), seen.last()), (Some(&0), Some(&5)), "from the first to the last");
    assert!(seen.windows(2).all(|pair| pair[0] <= pair[1]), "and none before the one before it");
    assert!(shows(&window, "Play"), "the button plays again");
    assert_eq!(app(&window).state().step_number(), Some(kept - 1), "and the result is on the wall again");

    // At its end nothing is drawn again: no timer is left running.
    assert!(window.run_ok().is_some());
    assert!(!app(&window).state().playback.is_playing());

    click(&mut window, "Loop");
    click(&mut window, "Play");
    let mut before = 0;
    wait(&mut window, "the end was followed by the beginning", |window| {
        let number = app(window).state().step_number().unwrap();
        std::mem::replace(&mut before, number) == 5 && number == 0
    });
    click(&mut window, "Stop playing");
    let stopped = app(&window).state().step_number();
    thread::sleep(Duration::from_millis(400));
    window.step();
    assert_eq!(app(&window).state().step_number(), stopped);

    set(&mut window, "Iteration", 3.0);
    window.step();
    assert_eq!(app(&window).state().step_number(), Some(2));
    assert!(shows(&window, "I-GOS, iteration 3 of 6"));
}

#[test]
fn a_run_is_shown_again_noted_done_again_and_deleted() {
    let mut window = explained("rocket", 2);
    let first = shown(&window);
    set(&mut window, "Iterations", 3.0);
    let second = wait_for_another(&mut window, first);
    assert_eq!(steps(&window), 3);

    click(&mut window, "Runs");
    assert!(shows(&window, &format!("Run {}", second.0)));
    click(&mut window, &format!("Run {}", first.0));
    assert_eq!((shown(&window), steps(&window)), (first, 2));
    assert!(app(&window).state().active().is_none(), "nothing is computed for it");

    window.get_by_label("Note").focus();
    window.step();
    window.get_by_label("Note").type_text("too coarse");
    window.step();
    window.step();
    let note = |window: &Window, run: RunId| {
        let history = app(window).state().history().unwrap();
        history.entries().iter().find(|entry| entry.run.id == run).map(|entry| entry.note.clone())
    };
    assert_eq!(note(&window, first).as_deref(), Some("too coarse"));

    click(&mut window, "Rerun");
    assert_eq!(iterations(&window), 2, "with its parameters");
    let third = wait_for_another(&mut window, first);
    assert_eq!(steps(&window), 2);
    let run = |id| app(&window).state().history().unwrap().get(id).unwrap();
    let map = |id| run(id).method(&IGOS).unwrap().explanation.clone().unwrap();
    assert!(!Arc::ptr_eq(&map(first), &map(third)), "it was computed again");
    assert_eq!(map(first).saliency, map(third).saliency, "and is the same, from the same seed");

    click(&mut window, "Delete run");
    assert_eq!(shown(&window), second);
    assert!(app(&window).state().history().unwrap().get(third).is_none());
}

#[test]
fn two_pinned_runs_are_compared_with_what_differs_and_by_how_much() {
    // In small pictures one iteration finds nothing in one of them.
    let mut window = explained_by(full_size(), "coffee", 1);
    let first = shown(&window);
    set(&mut window, "Mask size", 14.0);
    let second = wait_for_another(&mut window, first);
    click(&mut window, "Runs");
    assert!(window.get_by_label("Compare").accesskit_node().is_disabled(), "nothing is pinned");
    for run in [second, first] {
        click(&mut window, &format!("Pin Run {}", run.0));
    }
    click(&mut window, "Compare");
    let (one, other) = (first.0, second.0);
    assert!(shows(&window, &format!("Run {one} and Run {other}")));
    assert!(shows(&window, "Parameters, 1 differs"));
    assert!(shows(&window, "Mask size m"));
    let run = |id| app(&window).state().history().unwrap().get(id).unwrap();
    let map = |id| run(id).method(&IGOS).unwrap().explanation.clone().unwrap();
    let difference = map(second).saliency.minus(&map(first).saliency, 448, 448);
    let most = difference.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    assert!(most > 0.0);
    let label = format!("Difference Run {other} − Run {one}, at most");
    wait(&mut window, "the difference is drawn", |window| window.query_by_label_contains(&label).is_some());
    // Grad-CAM has no parameters: the same map, taken over.
    click(&mut window, "Grad-CAM");
    assert!(Arc::ptr_eq(
        app(&window)
            .state()
            .history()
            .unwrap()
            .get(first)
            .unwrap()
            .method(&GRAD_CAM)
            .unwrap()
            .explanation
            .as_ref()
            .unwrap(),
        app(&window)
            .state()
            .history()
            .unwrap()
            .get(second)
            .unwrap()
            .method(&GRAD_CAM)
            .unwrap()
            .explanation
            .as_ref()
            .unwrap(),
    ));
    window.key_press(Key::Escape);
    window.step();
    window.step();
    assert!(!shows(&window, "Parameters, 1 differs"));
    assert!(window.query_by_label_contains("I-GOS, 1 iteration").is_some(), "the wall is back");
}

#[test]
fn two_classes_are_explained_side_by_side_from_the_menu_of_a_class() {
    let mut window = explained_by(full_size(), "coffee", 1);
    let first = shown(&window);
    window.get_by_label("cup").click_secondary();
    window.step();
    window.step();
    click(&mut window, "Compare with cup");
    let second = wait_for_another(&mut window, first);
    assert!(shows(&window, &format!("Run {} and Run {}", first.0, second.0)));
    assert!(shows(&window, "Parameters, 1 differs") && shows(&window, "Class"));
    for class in ["espresso", "cup"] {
        assert!(window.get_all_by_label(class).count() > 1, "{class} is above its map and in the list");
    }
    let difference = format!("Difference Run {} − Run {}, at most", second.0, first.0);
    wait(&mut window, "the difference is drawn", |window| window.query_by_label_contains(&difference).is_some());
}

#[test]
fn only_the_curves_are_drawn_again_when_only_their_parameters_change() {
    let mut window = explained("camera", 2);
    let first = shown(&window);
    by_value(&mut window);
    window.get_by_label("Curves").scroll_to_me();
    window.run_ok();
    click(&mut window, "Curves");
    set(&mut window, "Curve steps", 4.0);
    let second = wait_for_another(&mut window, first);
    let state = app(&window).state();
    for method in usual_methods() {
        let of = |id| state.history().unwrap().get(id).unwrap().method(method).unwrap();
        let map = |id| of(id).explanation.clone().unwrap();
        assert!(Arc::ptr_eq(&map(first), &map(second)), "{method} was not made again");
        assert_eq!(of(second).curves.as_ref().unwrap().points.len(), 5);
        assert_eq!(of(first).curves.as_ref().unwrap().points.len(), 7);
    }
}

#[test]
fn changes_are_undone_reset_and_saved_as_presets_and_each_is_explained() {
    let mut window = explained("camera", 1);
    let first = shown(&window);
    assert!(window.get_by_label("Undo").accesskit_node().is_disabled());
    set(&mut window, "Iterations", 2.0);
    let second = wait_for_another(&mut window, first);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.step();
    assert_eq!(iterations(&window), 1);
    wait(&mut window, "the run before is on the wall", |window| shown(window) == first);
    assert!(is_idle(&window), "nothing is computed again");
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.step();
    wait(&mut window, "the run after is on the wall", |window| shown(window) == second);

    click(&mut window, "Presets");
    window.get_by_label("Preset name").focus();
    window.step();
    window.get_by_label("Preset name").type_text("two");
    window.step();
    click(&mut window, "Save preset");
    wait(&mut window, "the menu is closed", |window| !shows(window, "Preset name"));
    assert_eq!(app(&window).state().presets.len(), 1);

    // What contradicts cannot be entered.
    set(&mut window, "Search points", 150.0);
    window.step();
    let igos = app(&window).state().parameters.get::<IgosParameters>().unwrap().clone();
    assert_eq!(igos.search_points, igos.integration_steps);

    click(&mut window, "Reset Iterations");
    assert_eq!(iterations(&window), 15);
    click(&mut window, "Stop");
    click(&mut window, "Presets");
    wait(&mut window, "the preset is offered", |window| shows(window, "two"));
    click(&mut window, "two");
    assert_eq!(iterations(&window), 2);
    wait(&mut window, "its run is on the wall", |window| is_idle(window) && shown(window) == second);

    click(&mut window, "Reset all");
    window.step();
    assert_eq!(app(&window).state().parameters, igoscope::explain::Parameters::default());
    assert!(window.get_by_label("Reset all").accesskit_node().is_disabled());
    click(&mut window, "Stop");
    click(&mut window, "Presets");
    wait(&mut window, "the presets are offered", |window| shows(window, "Fast"));
    click(&mut window, "Fast");
    assert_eq!(app(&window).state().parameters.get::<IgosParameters>().unwrap().mask_size, 14);
    click(&mut window, "Stop");
}

#[derive(Debug)]
struct OnDisk(std::path::PathBuf);

impl egui::DroppedFile for OnDisk {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn a_dropped_folder_gives_its_pictures_and_any_can_be_closed() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("more")).unwrap();
    for (sample, name) in [("rocket.jpg", "a.jpg"), ("coffee.jpg", "more/b.jpg")] {
        fs::copy(asset(sample), folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
    let mut window = window(Options::default(), quick(1));
    window.input_mut().dropped_files.push(Arc::new(OnDisk(folder.path().to_owned())));
    window.step();
    wait(&mut window, "both pictures are open and the first explained", |window| {
        is_idle(window) && app(window).state().pictures.len() == 2
    });
    assert!(app(&window).state().messages.shown_error().is_none(), "{}", log(&window));
    assert_eq!(app(&window).state().picture().unwrap().photo.name, "a");
    let a = shown(&window);
    turn_to(&mut window, "b");
    wait(&mut window, "the other one is explained", is_idle);
    click(&mut window, "Close b");
    window.step();
    assert_eq!(app(&window).state().pictures.len(), 1);
    assert_eq!(shown(&window), a, "the one that is left keeps its result");

    let empty = tempfile::tempdir().unwrap();
    window.input_mut().dropped_files.push(Arc::new(OnDisk(empty.path().to_owned())));
    window.step();
    wait(&mut window, "it says that there is nothing", |window| {
        app(window).state().messages.shown_error().is_some_and(|error| error.contains("no picture in this folder"))
    });
}

#[test]
fn files_that_were_opened_are_remembered_and_missing_ones_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["first.jpg", "second.jpg"].map(|name| folder.path().join(name));
    for path in &paths {
        fs::copy(asset("coffee.jpg"), path).unwrap();
    }
    let options = Options { pictures: paths.to_vec(), ..Options::default() };
    let mut window = window(options, quick(1));
    wait(&mut window, "both are open", |window| is_idle(window) && app(window).state().pictures.len() == 2);
    let settings = app(&window).settings();
    drop(window);

    fs::remove_file(&paths[0]).unwrap();
    let mut window = remembering(Options::default(), Some(quick(1)), settings);
    window.step();
    click(&mut window, "Recent");
    wait(&mut window, "it was looked which are missing", |window| {
        window.query_by_label_contains("first.jpg").is_some_and(|node| node.accesskit_node().is_disabled())
    });
    window.get_by_label_contains("second.jpg").click();
    window.step();
    wait(&mut window, "it is open and explained", is_idle);
    assert_eq!(app(&window).state().picture().unwrap().photo.name, "second");
}

#[test]
fn a_window_without_a_picture_explains_a_sample_and_says_where_ones_own_goes() {
    let options = Options { welcomes: true, ..Options::default() };
    let mut window = remembering(options.clone(), Some(quick(1)), String::new());
    wait(&mut window, "the sample is explained", is_idle);
    assert!(shows(&window, "Drop your own pictures anywhere"));
    click(&mut window, "Close the welcome");
    assert!(!shows(&window, "Drop your own pictures anywhere"));
    click(&mut window, "Recent");
    let menu = "At the start, open";
    wait(&mut window, "the menu is open", |window| window.query_by_label_contains(menu).is_some());
    window.get_by_label_contains(menu).click();
    window.step();
    wait(&mut window, "the choices are there", |window| shows(window, "Nothing"));
    click(&mut window, "Nothing");
    let settings = app(&window).settings();
    drop(window);

    let mut window = remembering(options, Some(quick(1)), settings);
    for _ in 0..20 {
        window.step();
    }
    assert!(shows(&window, "Drop a picture here"), "as it was asked to");
}

#[test]
fn what_was_chosen_is_there_again_and_broken_settings_are_no_harm() {
    let mut window = remembering(Options::default(), None, String::new());
    window.step();
    set(&mut window, "Iterations", 7.0);
    click(&mut window, "Runs");
    let settings = app(&window).settings();
    drop(window);
    let mut again = remembering(Options::default(), None, settings);
    again.step();
    assert_eq!(iterations(&again), 7);
    let tab = again.get_by_role_and_label(Role::Button, "Runs");
    assert_eq!(tab.accesskit_node().toggled(), Some(Toggled::True));
    for broken in ["", "{", "[]", r#"{"parameters":7,"look":[],"recent":{"a":1}}"#] {
        let mut window = remembering(Options::default(), None, broken.to_owned());
        window.step();
        assert_eq!(iterations(&window), 15, "{broken}");
    }
}

#[test]
fn a_slider_that_is_dragged_asks_for_a_run_when_it_stands_still_and_not_with_every_movement() {
    let mut window = explained("camera", 1);
    let first = shown(&window);
    by_value(&mut window);
    window.run_ok();
    let rect = window.get_by_role_and_label(Role::Slider, "Iterations").rect();
    window.drag_at(rect.left_center() + egui::vec2(12.0, 0.0));
    window.step();
    for step in 0..10 {
        window.hover_at(rect.left_center() + egui::vec2(12.0 + step as f32, 0.0));
        window.step();
    }
    let runs = |window: &Window| app(window).state().history().unwrap().entries().len();
    assert_eq!(shown(&window), first, "the old map is still there");
    wait(&mut window, "it stands still", |window| runs(window) > 1);
    let newest = app(&window).state().picture().unwrap().newest().unwrap().id;
    assert!(newest.0 - first.0 < 9, "fewer runs than movements");
    window.drop_at(rect.left_center() + egui::vec2(21.0, 0.0));
    window.step();
    window.step();
    assert!(app(&window).state().edits.can_undo());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.step();
    assert_eq!(iterations(&window), 1, "and one change to undo");
    assert!(!app(&window).state().edits.can_undo());
    click(&mut window, "Stop");
}
