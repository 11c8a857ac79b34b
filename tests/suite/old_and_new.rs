//! Old and new never mix: after a change of what is asked, everything on the wall is of the new question or says that it is
//! of an earlier one.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;
use igoscope::{explain::usual_methods, imaging::CropMode};

use super::models_in_window::drop_files;
use crate::common::{
    dataset::write_network,
    driver::{Window, app, click, is_idle, painted, sample, shows, wait},
};

/// How often it is written that something is of an earlier question.
fn marks(window: &Window, words: &str) -> usize {
    painted(window).iter().filter(|(text, _)| text == words).count()
}

/// Titles and captions of all tiles, the titles of both charts, and the timeline.
fn all_marks() -> usize {
    let tiles = 1 + usual_methods().len();
    2 * tiles + 2 + 1
}

/// What the wall says of the question that was asked before, in every frame until it is of the new one.
fn watch(window: &mut Window, what: &str) {
    let run = app(window).state().shown().unwrap();
    let before = run.id;
    // What found nothing has no caption: it says so below its title.
    let nothing = usual_methods().into_iter().filter(|method| run.found_nothing(method).is_some()).count();
    let (mut seen, mut marked) = (0, 0);
    wait(window, what, |window| {
        let state = app(window).state();
        let is_new = state.shown().is_some_and(|run| run.id != before);
        if is_new {
            assert_eq!(state.old(), None, "{what}");
            return true;
        }
        // The first frame still is of what was clicked in it.
        if state.old().is_some() && seen > 1 {
            marked += 1;
            // The list of classes is of the part before, until the model has looked at another part of the picture.
            let is_other_part = state.shown().unwrap().question.crop != state.picture().unwrap().crop;
            let without_list = all_marks() - nothing;
            let found = marks(window, "previous result");
            let may_be = without_list..=without_list + usize::from(is_other_part);
            assert!(may_be.contains(&found), "{what}: {found} of {may_be:?}: {:#?}", painted(window));
            let told = painted(window).iter().any(|(text, _)| text.starts_with("Explained coffee"));
            assert!(!told, "{what}: the bar below is of the run before");
        }
        seen += 1;
        false
    });
    window.run_steps(3);
    assert_eq!(marks(window, "previous result"), 0, "{what}");
    assert!(seen > 2 && marked > 0, "{what}: it was watched");
}

fn explained() -> Window {
    let mut window = sample("coffee", 4);
    wait(&mut window, "the run is finished", is_idle);
    window.run_steps(3);
    assert_eq!(app(&window).state().old(), None);
    window
}

#[test]
fn what_is_of_the_class_or_the_part_before_is_marked_until_it_is_not() {
    let mut window = explained();
    click(&mut window, "cup");
    watch(&mut window, "another class");
    wait(&mut window, "the run is finished", is_idle);
    window.get_by_role_and_label(Role::ComboBox, "Crop").click();
    wait(&mut window, "the choices are there", |window| shows(window, "Squash"));
    click(&mut window, "Squash");
    watch(&mut window, "another part");
    wait(&mut window, "the run is finished", is_idle);
    assert_eq!(app(&window).state().shown().unwrap().question.crop, CropMode::Squash);
    let first = app(&window).state().history().unwrap().entries()[0].run.id;
    click(&mut window, "Runs");
    click(&mut window, &format!("Run {}", first.0));
    window.run_steps(3);
    assert_eq!(app(&window).state().shown().unwrap().id, first);
    assert_eq!(marks(&window, &format!("earlier: Run {}", first.0)), all_marks(), "{:#?}", painted(&window));
    // It is heard, too.
    window.get_by_label_contains("I-GOS: earlier: ");
}

/// Another network, and the same one for pictures of another size.
#[test]
fn what_is_of_the_model_before_is_marked_until_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    write_network(folder.path());
    let mut window = explained();
    drop_files(&mut window, &[&folder.path().join("ten.safetensors")]);
    watch(&mut window, "another model");
    wait(&mut window, "the run is finished", is_idle);
    let of_run = |window: &Window| {
        let seen = app(window).state().shown().unwrap().seen.clone().unwrap();
        (seen.input.size.width, seen.answers.len())
    };
    assert_eq!(of_run(&window), (224, 10));
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    window.run_steps(3);
    click(&mut window, "Input size 299");
    window.key_press(Key::Escape);
    window.step();
    watch(&mut window, "another size");
    wait(&mut window, "the run is finished", is_idle);
    assert_eq!(of_run(&window), (299, 10));
}

#[test]
fn a_run_that_is_stopped_before_it_shows_anything_leaves_the_wall_marked() {
    let mut window = explained();
    click(&mut window, "cup");
    wait(&mut window, "it is under way", |window| app(window).state().active().is_some());
    click(&mut window, "Stop");
    wait(&mut window, "it is stopped", is_idle);
    window.run_steps(3);
    if app(&window).state().shown().is_some_and(|run| run.seen.as_ref().is_some_and(|seen| seen.class.name == "cup")) {
        return; // It had shown something by then.
    }
    assert_eq!(marks(&window, "previous result"), all_marks());
    assert!(shows(&window, "Go on"));
}
