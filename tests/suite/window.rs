//! The window, driven without a display, with the real worker and the embedded model.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use egui::{Key, Modifiers, Role, accesskit::Toggled};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use igoscope::{
    app::{App, Options},
    device::DeviceChoice,
    explain::{IgosParameters, Parameters, usual_methods},
    export::Animation,
    imaging::Region,
    model::{ModelChoice, Score},
    worker::{HostOptions, RunId},
};

use crate::common::{
    driver::{
        SIDE, Window, app, asset, by_value, click, is_idle, log, sample, shows, steps, turn_to, wait, window,
        window_with,
    },
    fine_tuned, quick,
};

#[test]
fn an_empty_window_says_what_to_do() {
    let window = window(Options::default(), Parameters::default());
    assert!(shows(&window, "Drop a picture here"));
    assert_eq!(window.get_all_by_label("Open…").count(), 2, "in the bar and in the middle");
    assert!(shows(&window, "Coffee"));
    let run = window.get_by_label("Run");
    assert!(run.accesskit_node().is_disabled(), "there is nothing to run");
}

#[test]
fn a_sample_is_explained_tile_by_tile_beginning_with_the_first_mask() {
    // Long iterations: a window that is drawn late on a busy machine must not miss the first one's.
    let mut parameters = quick(3);
    parameters.edit(|igos: &mut IgosParameters| igos.integration_steps = 20);
    let mut window = window(Options::default(), parameters);
    click(&mut window, "Coffee");
    wait(&mut window, "there is a first mask", |window| steps(window) > 0);
    assert_eq!(steps(&window), 1, "the first mask is there before the second iteration ends");
    wait(&mut window, "it is drawn", |window| shows(window, "I-GOS, iteration 1 of 3"));
    assert!(shows(&window, "Integrated gradients, Waiting"));

    wait(&mut window, "the run is finished", is_idle);
    let run = app(&window).state().shown().unwrap();
    assert!(window.query_by_label_contains("I-GOS, 3 iterations").is_some());
    for method in usual_methods() {
        let record = run.method(method).unwrap();
        let curves = record.judged().unwrap();
        let areas = format!("Deletion {:.3}, Insertion {:.3}, ins − del ", curves.deletion(), curves.insertion());
        let caption = format!("{}: {areas}", method.title);
        let said = window.get_by_label_contains(&caption).accesskit_node().value().unwrap();
        let second = &record.second[0].curves;
        let second = format!("on grey: {:.3} / {:.3}", second.deletion(), second.insertion());
        let [deletion, insertion] = run.random.as_ref().unwrap().areas().unwrap();
        let random = format!("random order: {:.3} / {:.3}", deletion.mean, insertion.mean);
        assert!(said.contains(&second) && said.ends_with(&random), "“{said}” lacks “{second}” or “{random}”");
    }
    assert!(shows(&window, "espresso"));
    assert!(app(&window).state().messages.shown_error().is_none(), "{}", log(&window));
}

#[test]
fn any_class_is_found_by_its_name_and_explained() {
    let mut window = sample("coffee", 2);
    wait(&mut window, "the first run is finished", is_idle);
    window.get_by_label("Search classes").focus();
    window.step();
    window.get_by_label("Search classes").type_text("soup bo");
    window.step();
    window.step();
    click(&mut window, "soup bowl");
    wait(&mut window, "the second run is finished", is_idle);
    let seen = app(&window).state().shown().unwrap().seen.clone().unwrap();
    assert_eq!(seen.class.name, "soup bowl");
    assert_ne!(seen.top[0].name, "soup bowl");
    let row = window.get_by_role_and_label(Role::Button, "soup bowl");
    assert_eq!(row.accesskit_node().toggled(), Some(Toggled::True));
}

#[test]
fn a_file_that_is_not_there_is_an_error_that_can_be_dismissed_and_not_the_end() {
    let pictures = vec![PathBuf::from("no such picture.jpg")];
    let mut window = window(Options { pictures, ..Options::default() }, quick(1));
    wait(&mut window, "the error shows", |window| shows(window, "Dismiss"));
    assert!(window.query_all_by_label_contains("no such picture.jpg").next().is_some());
    click(&mut window, "Dismiss");
    window.step();
    assert!(!shows(&window, "Dismiss"));
    click(&mut window, "Rocket");
    wait(&mut window, "another picture is explained", is_idle);
    assert!(app(&window).state().shown().unwrap().has_a_result());
}

#[test]
fn every_one_of_several_bad_files_is_told_beside_a_model_that_is_none_and_its_way_back() {
    let folder = tempfile::tempdir().unwrap();
    let (text, weights) = (folder.path().join("letter.jpg"), folder.path().join("wrong.pth"));
    std::fs::write(&text, "Dear Sir or Madam").unwrap();
    std::fs::write(&weights, "no weights").unwrap();
    let pictures = vec!["no such picture.jpg".into(), text, asset("coffee.jpg")];
    let host = HostOptions { model: ModelChoice::File(weights), ..HostOptions::default() };
    let mut window = window(Options { pictures, host, ..Options::default() }, quick(1));
    wait(&mut window, "all is told", |window| shows(window, "Dismiss all 3"));
    for told in ["no such picture.jpg", "letter.jpg", "neither a safetensors"] {
        let said = window.query_all_by_label_contains(told).next();
        assert!(said.is_some(), "nothing is said of “{told}”");
    }
    wait(&mut window, "the picture is there", |window| app(window).state().picture().is_some());
    assert!(!log(&window).contains("There is no model to ask"), "it was said why: {}", log(&window));
    click(&mut window, "Use EfficientNet-Lite0");
    wait(&mut window, "the picture is explained", |window| {
        is_idle(window) && app(window).state().shown().is_some_and(|run| run.has_a_result())
    });
    assert!(shows(&window, "Dismiss all 2"), "what was wrong with a model is over, and the rest is not");
    click(&mut window, "Dismiss all 2");
    assert!(app(&window).state().messages.shown_error().is_none());
}

#[test]
fn where_no_dialog_can_be_had_a_path_is_typed_and_it_is_said_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_with(Options::default(), quick(1), App::without_dialogs);
    let ask = |window: &mut Window, key| {
        window.key_press_modifiers(Modifiers::COMMAND, key);
        window.run_steps(3);
    };
    let enter = |window: &mut Window, path: String| {
        window.get_by_label("Path of a file or folder").type_text(&path);
        window.run_steps(2);
        window.key_press(Key::Enter);
        window.run_steps(3);
        assert!(!shows(window, "Path of a file or folder"), "it is closed");
    };
    ask(&mut window, Key::O);
    assert!(window.query_by_label_contains("neither a desktop portal nor zenity").is_some());
    window.key_press(Key::Enter);
    window.run_steps(2);
    assert!(shows(&window, "Path of a file or folder"), "without a path there is nothing to open");
    enter(&mut window, format!("\"{}\"", asset("coffee.jpg").display()));
    wait(&mut window, "the picture is explained", is_idle);
    assert_eq!(app(&window).state().picture().unwrap().photo.name, "coffee");
    ask(&mut window, Key::S);
    enter(&mut window, folder.path().display().to_string());
    wait(&mut window, "the run is saved", |_| folder.path().join("coffee/run.json").exists());
    ask(&mut window, Key::O);
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert!(!shows(&window, "Path of a file or folder"));
}

#[test]
fn a_run_can_be_held_and_let_go_on_and_ended() {
    let mut window = sample("chelsea", 200);
    wait(&mut window, "there is a mask", |window| steps(window) > 0);
    click(&mut window, "Pause");
    // The batch under way, and an iteration with it, may still be finished; then nothing moves any more.
    let mut held = 0;
    wait(&mut window, "nothing moves", |window| {
        let before = std::mem::replace(&mut held, steps(window));
        thread::sleep(Duration::from_secs(2));
        before == held
    });
    let held = steps(&window);
    assert!(shows(&window, "Paused"));
    click(&mut window, "Resume");
    wait(&mut window, "it goes on", |window| steps(window) > held);
    click(&mut window, "Stop");
    wait(&mut window, "it has ended", is_idle);
    assert!(window.get_by_label("Stop").accesskit_node().is_disabled());
    assert!(steps(&window) < 200, "what it had is still there, and no more");
}

#[test]
fn earlier_iterations_can_be_seen_while_the_run_goes_on() {
    let mut window = sample("rocket", 100);
    wait(&mut window, "there are some masks", |window| steps(window) >= 3);
    window.key_press(Key::ArrowLeft);
    window.step();
    click(&mut window, "Previous iteration");
    window.step();
    let chosen = app(&window).state().step_number().unwrap();
    let known = steps(&window);
    wait(&mut window, "the run has gone on", |window| steps(window) > known + 1);
    assert_eq!(app(&window).state().step_number(), Some(chosen));
    assert!(shows(&window, &format!("I-GOS, iteration {} of 100", chosen + 1)));
    click(&mut window, "Newest");
    window.step();
    assert!(app(&window).state().shows_newest_step());
    click(&mut window, "Stop");
}

#[test]
fn pictures_keep_their_results_while_others_are_looked_at() {
    let pictures = vec![asset("rocket.jpg"), asset("camera.jpg")];
    let mut window = window(Options { pictures, ..Options::default() }, quick(1));
    wait(&mut window, "both are open and the first is explained", |window| {
        is_idle(window) && app(window).state().pictures.len() == 2
    });
    let first = app(&window).state().shown().unwrap().id;
    turn_to(&mut window, "camera");
    wait(&mut window, "the second is explained", is_idle);
    assert_ne!(app(&window).state().shown().unwrap().id, first);
    turn_to(&mut window, "rocket");
    window.step();
    assert_eq!(app(&window).state().shown().unwrap().id, first);
    assert!(app(&window).state().active().is_none(), "nothing is computed again");
}

#[derive(Debug)]
struct InMemory(Vec<u8>);

impl egui::DroppedFile for InMemory {
    fn path(&self) -> &Path {
        Path::new("dropped.jpg")
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(self.0.clone())
    }
}

#[test]
fn a_dropped_picture_without_a_path_is_explained() {
    let mut window = window(Options::default(), quick(1));
    window.input_mut().dropped_files.push(Arc::new(InMemory(std::fs::read(asset("flower.jpg")).unwrap())));
    window.step();
    wait(&mut window, "it is explained", is_idle);
    assert!(app(&window).state().picture().unwrap().photo.name.starts_with("dropped"));
}

#[derive(Debug)]
struct OnDisk(PathBuf);

impl egui::DroppedFile for OnDisk {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn dropped_weights_are_hosted_and_what_is_on_the_wall_is_explained_again_with_their_labels() {
    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("birds.safetensors");
    candle_core::safetensors::save(&fine_tuned(), &weights).unwrap();
    std::fs::write(folder.path().join("birds.txt"), "sparrow\nwren\n3\n4\n5\n6\n7\n8\n9\n10").unwrap();
    std::fs::write(folder.path().join("birds.toml"), "title = 'Ten birds'\nlabels = 'birds.txt'").unwrap();
    let mut window = sample("coffee", 1);
    wait(&mut window, "the first run is finished", is_idle);
    let first = app(&window).state().shown().unwrap().id;
    window.input_mut().dropped_files.push(Arc::new(OnDisk(weights)));
    window.step();
    wait(&mut window, "it is explained again", |window| {
        is_idle(window) && app(window).state().shown().is_some_and(|run| run.id != first)
    });
    assert!(shows(&window, "Model: Ten birds"));
    let seen = app(&window).state().shown().unwrap().seen.clone().unwrap();
    assert_eq!(seen.answers.len(), 10);
    assert!(
        window.query_all_by_label("sparrow").next().is_some() || window.query_all_by_label("wren").next().is_some()
    );
    assert!(log(&window).contains("EfficientNet-Lite0, 10 classes"), "{}", log(&window));

    let bad = folder.path().join("bad.pth");
    std::fs::write(&bad, "not weights").unwrap();
    window.input_mut().dropped_files.push(Arc::new(OnDisk(bad)));
    window.step();
    wait(&mut window, "the error shows", |window| shows(window, "Dismiss"));
    assert!(log(&window).contains("bad.pth"));
    assert!(shows(&window, "Model: Ten birds"), "the model before stays");

    // A folder as transformers saves it.
    let saved = folder.path().join("warblers");
    std::fs::create_dir(&saved).unwrap();
    candle_core::safetensors::save(&fine_tuned(), saved.join("model.safetensors")).unwrap();
    std::fs::write(saved.join("config.json"), "{}").unwrap();
    let before = app(&window).state().shown().unwrap().id;
    window.input_mut().dropped_files.push(Arc::new(OnDisk(saved)));
    window.step();
    wait(&mut window, "it is explained by the model in the folder", |window| {
        is_idle(window) && app(window).state().shown().is_some_and(|run| run.id != before)
    });
    assert!(shows(&window, "Model: warblers (EfficientNet-Lite0)"));
}

#[test]
fn a_parameter_that_is_let_go_is_used_by_the_next_run() {
    let mut window = sample("camera", 1);
    wait(&mut window, "the first run is finished", is_idle);
    let first = app(&window).state().shown().unwrap().id;
    by_value(&mut window);
    window.run_ok();
    window.get_by_role_and_label(Role::Slider, "Iterations").set_value_accesskit(2.0);
    window.step();
    wait(&mut window, "the second run is finished", |window| {
        is_idle(window) && app(window).state().shown().unwrap().id != first
    });
    assert_eq!(steps(&window), 2);
}

#[test]
fn compute_threads_can_be_chosen_and_what_is_on_the_wall_stays() {
    let host = HostOptions { device: DeviceChoice::Cpu, threads: 2, gives_way: true, ..HostOptions::default() };
    let options = Options { sample: Some("coffee".to_owned()), host, ..Options::default() };
    let mut window = window(options, quick(1));
    wait(&mut window, "the run is finished", is_idle);
    assert!(shows(&window, "CPU, 2 threads"));
    let run = app(&window).state().shown().unwrap().id;
    click(&mut window, "Device");
    wait(&mut window, "the menu is open", |window| shows(window, "1 thread"));
    for (title, is_built) in [("CUDA", cfg!(feature = "cuda")), ("Metal", cfg!(feature = "metal"))] {
        assert!(is_built || window.get_by_label(title).accesskit_node().is_disabled(), "{title} cannot be had");
    }
    click(&mut window, "1 thread");
    wait(&mut window, "the model is there again", |window| shows(window, "CPU, 1 thread"));
    assert!(is_idle(&window), "nothing is computed again by itself");
    let shown = app(&window).state().shown().unwrap();
    assert!(shown.id == run && shown.has_a_result());
}

fn question(window: &Window) -> (usize, Option<usize>, Score) {
    let run = app(window).state().shown().unwrap();
    let seen = run.seen.as_ref().unwrap();
    (seen.class.id, seen.against.as_ref().map(|against| against.id), run.question.score)
}

fn run_after(window: &mut Window, before: RunId) {
    wait(window, "another run is finished", |window| {
        is_idle(window) && app(window).state().shown().unwrap().id != before
    });
}

fn shown(window: &Window) -> RunId {
    app(window).state().shown().unwrap().id
}

#[test]
fn classes_are_searched_explained_and_left_with_the_keyboard_alone() {
    let mut window = sample("coffee", 1);
    wait(&mut window, "the first run is finished", is_idle);
    let first = shown(&window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    window.run_steps(2);
    let type_in = |window: &mut Window, words: &str| {
        window.get_by_label("Search classes").type_text(words);
        window.run_steps(2);
    };
    type_in(&mut window, "cat");
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert_eq!(app(&window).state().search.text, "", "Escape leaves the search");

    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    window.run_steps(2);
    type_in(&mut window, "cup");
    let labels = app(&window).state().model.as_ref().unwrap().spec.labels.clone();
    let found = labels.search("cup");
    assert!(found.len() > 1, "the test needs a second result");
    window.key_press(Key::ArrowDown);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(2);
    run_after(&mut window, first);
    assert_eq!(question(&window), (found[1], None, Score::Probability));
    let second = shown(&window);

    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    window.run_steps(2);
    type_in(&mut window, "espresso");
    window.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    window.run_steps(2);
    run_after(&mut window, second);
    assert_eq!(question(&window), (found[1], Some(967), Score::Probability));
}

#[test]
fn why_not_that_class_is_asked_and_taken_back_by_a_click() {
    let mut window = sample("coffee", 1);
    wait(&mut window, "the first run is finished", is_idle);
    let top = app(&window).state().shown().unwrap().seen.clone().unwrap().top;
    assert_eq!(top[0].name, "espresso");
    let second = top[1].clone();
    let first = shown(&window);
    click(&mut window, &format!("Why not {}?", second.name));
    run_after(&mut window, first);
    assert_eq!(question(&window), (967, Some(second.id), Score::Probability));
    assert!(shows(&window, &format!("espresso rather than {}", second.name)));
    let caption = format!("rather than {}", second.name);
    assert!(window.query_all_by_label_contains(&caption).count() > 1, "and below the picture");
    let contrasted = shown(&window);
    click(&mut window, "Clear");
    run_after(&mut window, contrasted);
    assert_eq!(question(&window), (967, None, Score::Probability));
}

#[test]
fn a_score_is_chosen_and_what_is_explained_is_that() {
    let mut window = sample("coffee", 1);
    wait(&mut window, "the first run is finished", is_idle);
    let first = shown(&window);
    click(&mut window, "Score");
    wait(&mut window, "the choices are there", |window| shows(window, "Logit"));
    click(&mut window, "Logit");
    run_after(&mut window, first);
    assert_eq!(question(&window), (967, None, Score::Logit));
    let run = app(&window).state().shown().unwrap();
    let (value, share) = (run.seen.as_ref().unwrap().value, run.seen.as_ref().unwrap().class.answer.number());
    assert!(value > 1.0 && share < 1.0, "a logit of espresso is more than any probability: {value}");
}

fn covered(window: &Window) -> (f32, f32, f32, f32) {
    let Region { x, y, width, height } = app(window).state().shown().unwrap().seen.as_ref().unwrap().input.crop.region;
    (x, y, width, height)
}

#[test]
fn the_part_the_model_sees_is_dragged_and_explained_and_a_double_click_brings_the_middle_back() {
    let mut window = sample("coffee", 1);
    wait(&mut window, "the first run is finished", is_idle);
    let middle = covered(&window);
    let first = shown(&window);
    let part = window.get_by_label("Part the model sees").rect();
    window.drag_at(part.center());
    window.step();
    for way in [2.0, 30.0, 9000.0] {
        window.hover_at(part.center() + egui::vec2(way, 0.0));
        window.step();
    }
    assert!(is_idle(&window), "nothing is explained while it is held");
    window.drop_at(part.center() + egui::vec2(9000.0, 0.0));
    window.step();
    run_after(&mut window, first);
    let moved = covered(&window);
    assert_eq!((moved.0 + moved.2, moved.1), (600.0, middle.1.round()), "at the right edge, and no higher or lower");
    assert_eq!(moved.2, moved.3, "a square stays one");

    let second = shown(&window);
    let part = window.get_by_label("Part the model sees").rect();
    window.drag_at(part.left_top());
    window.step();
    for way in [2.0, 20.0, 40.0] {
        window.hover_at(part.left_top() + egui::vec2(way, way));
        window.step();
    }
    window.drop_at(part.left_top() + egui::vec2(40.0, 40.0));
    window.step();
    run_after(&mut window, second);
    let smaller = covered(&window);
    assert!(smaller.2 < moved.2 && smaller.2 == smaller.3, "{smaller:?}");
    assert_eq!((smaller.0 + smaller.2, smaller.1 + smaller.3), (moved.0 + moved.2, moved.1 + moved.3));

    let third = shown(&window);
    let part = window.get_by_label("Part the model sees").rect();
    // In one frame: the harness lets more time pass between two than a double click may take.
    let press = |pressed| {
        let (pos, button) = (part.center(), egui::PointerButton::Primary);
        egui::Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE }
    };
    window.input_mut().events.push(egui::Event::PointerMoved(part.center()));
    window.step();
    window.input_mut().events.extend([true, false, true, false].map(press));
    window.step();
    run_after(&mut window, third);
    assert_eq!(covered(&window), middle);
}

#[test]
fn the_whole_picture_is_seen_squashed_or_with_bars() {
    let mut window = sample("coffee", 1);
    wait(&mut window, "the first run is finished", is_idle);
    let mut before = shown(&window);
    for (choice, region) in [("Squash", (0.0, 0.0, 600.0, 400.0)), ("Letterbox", (0.0, -100.0, 600.0, 600.0))] {
        window.get_by_role_and_label(Role::ComboBox, "Crop").click();
        wait(&mut window, "the choices are there", |window| shows(window, choice));
        click(&mut window, choice);
        run_after(&mut window, before);
        before = shown(&window);
        let found = covered(&window);
        // By less than one of the model's pixels: bars are whole ones.
        let near = |a: f32, b: f32| (a - b).abs() < 600.0 / SIDE as f32;
        assert!(near(found.0, region.0) && near(found.1, region.1), "{choice}: {found:?}");
        assert!(near(found.2, region.2) && near(found.3, region.3), "{choice}: {found:?}");
    }
    assert!(!shows(&window, "Part the model sees"), "bars are not dragged");
}

fn copied(window: &Window) -> Option<[usize; 2]> {
    window.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyImage(image) => Some(image.size),
        _ => None,
    })
}

#[test]
fn what_is_saved_is_chosen_in_a_menu_and_remembered_and_a_map_can_be_copied() {
    let mut window = sample("coffee", 1);
    wait(&mut window, "the run is finished", is_idle);
    click(&mut window, "What is saved, and copied");
    wait(&mut window, "the menu is open", |window| shows(window, "Choose a folder…"));
    click(&mut window, "Report");
    click(&mut window, "APNG");
    click(&mut window, "1×");
    window.step();
    assert!(shows(&window, "Choose a folder…"), "the menu stays open while it is used");
    let outputs = app(&window).state().outputs;
    assert_eq!((outputs.report, outputs.animation, outputs.scale), (false, Some(Animation::Apng), 1));
    click(&mut window, "Copy Grad-CAM");
    let mut size = None;
    wait(&mut window, "the map is on the clipboard", |window| {
        size = copied(window);
        size.is_some()
    });
    assert_eq!(size, Some([SIDE, SIDE]));

    let folder = tempfile::tempdir().unwrap();
    window.state_mut().as_mut().unwrap().save_in(folder.path());
    wait(&mut window, "it is saved", |window| app(window).state().saving.is_none());
    assert!(log(&window).contains("Saved in"), "{}", log(&window));
    let saved = |name: &str| folder.path().join("coffee").join(name).is_file();
    assert!(saved("igos.animation.png") && saved("figure.svg") && saved("run.json"));
    assert!(!saved("report.html"));
}

#[test]
fn saving_can_be_cancelled_and_what_cannot_be_written_is_told() {
    let mut window = sample("coffee", 2);
    wait(&mut window, "the run is finished", is_idle);
    let folder = tempfile::tempdir().unwrap();
    window.state_mut().as_mut().unwrap().save_in(folder.path());
    window.step();
    click(&mut window, "Cancel saving");
    wait(&mut window, "saving has ended", |window| app(window).state().saving.is_none());
    assert!(log(&window).contains("cancelled"), "{}", log(&window));
    assert!(!folder.path().join("coffee/report.html").exists(), "the last file was not reached");

    std::fs::write(folder.path().join("file"), "").unwrap();
    window.state_mut().as_mut().unwrap().save_in(&folder.path().join("file"));
    wait(&mut window, "it is told", |window| app(window).state().messages.shown_error().is_some());
    assert!(app(&window).state().saving.is_none());
}
