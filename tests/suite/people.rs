//! The window for people who never read a paper: what a map is, what curves are, values behind their purposes, and the way
//! back from wherever one came to.

use std::sync::Arc;

use egui::{Key, Modifiers, Role, accesskit::Toggled};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use igoscope::{
    app::Options,
    explain::{GRAD_CAM, IgosParameters, usual_methods},
};

use crate::common::driver::{Window, app, click, is_idle, log, painted, remembering, sample, shows, steps, wait};

fn explained(name: &str) -> Window {
    let mut window = sample(name, 2);
    wait(&mut window, "the run is finished", is_idle);
    window.run_steps(3);
    window
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

fn is_painted(window: &Window, words: &str) -> bool {
    painted(window).iter().any(|(text, _)| text.contains(words))
}

/// Does a command by its name.
fn command(window: &mut Window, typed: &str) {
    press(window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Find a command").type_text(typed);
    window.run_steps(2);
    press(window, Modifiers::NONE, Key::Enter);
}

#[test]
fn every_map_says_what_it_means_and_opens_a_page_of_its_method() {
    let mut window = explained("coffee");
    for method in usual_methods() {
        let title = window.get_by_label(&format!("{} tile", method.title)).rect();
        window.hover_at(title.right_center() - egui::vec2(40.0, 0.0));
        wait(&mut window, "it says what the map means", |window| is_painted(window, method.meaning));
        window.remove_cursor();
        window.run_steps(2);
        click(&mut window, &format!("What is {}?", method.title));
        window.run_steps(3);
        let passes = method.passes(&app(&window).state().parameters);
        let plural = if passes == 1 { "" } else { "es" };
        let cost =
            format!("About {passes} pass{plural} forwards and backwards through the network; the map on the wall");
        for words in [method.meaning, method.computes, method.misleads, method.source, cost.as_str()] {
            assert!(is_painted(&window, words), "{method}: {words}");
        }
        press(&mut window, Modifiers::NONE, Key::Escape);
        assert!(!is_painted(&window, method.computes), "Esc closes the page");
    }
    command(&mut window, "what is grad-cam");
    assert!(is_painted(&window, "What it costs"), "it can be asked for by name, too");
    click(&mut window, "Close");
    window.run_steps(2);
    assert!(!is_painted(&window, "What it costs"));
}

#[test]
fn values_are_behind_presets_with_their_purposes_until_asked_for() {
    let mut window = explained("camera");
    let has_slider = |window: &Window| window.query_by_role_and_label(Role::Slider, "L1 weight").is_some();
    assert!(!has_slider(&window) && !is_painted(&window, "L1 weight"), "nobody asked for λ₁");
    let fast = "Fast\nA first look: coarser mask, half the samples";
    click(&mut window, fast);
    window.run_steps(2);
    assert_eq!(app(&window).state().parameters.get::<IgosParameters>().unwrap().mask_size, 14);
    let chosen = window.get_by_role_and_label(Role::Button, fast).accesskit_node().toggled();
    assert_eq!(chosen, Some(Toggled::True), "what is chosen is seen");
    click(&mut window, "Stop");
    click(&mut window, "Value by value");
    window.run_ok();
    assert!(has_slider(&window) && !shows(&window, fast));
    let settings = app(&window).settings();
    drop(window);
    let mut again = remembering(Options::default(), None, settings);
    again.run_steps(3);
    assert!(has_slider(&again), "it stays as it was left");
    command(&mut again, "show the presets");
    assert!(!has_slider(&again));
}

#[test]
fn charts_say_what_their_curves_and_their_axes_are() {
    let window = explained("coffee");
    for words in [
        "Score as the top cells are deleted: good maps fall soon",
        "Score as the top cells are revealed: good maps rise soon",
        "cells deleted",
        "cells revealed",
        "probability of espresso",
        "iteration",
        "objective and its terms",
    ] {
        assert!(painted(&window).iter().any(|(text, _)| text == words), "{words}");
    }
    let of_curves = painted(&window).iter().filter(|(text, _)| text == "probability of espresso").count();
    assert_eq!(of_curves, 2, "in both charts");
}

/// Presses a key; says whether the system is told to fill the screen with the window, or no more.
fn fills_the_screen(window: &mut Window, key: Key) -> Option<bool> {
    let mut told = None;
    for pressed in [true, false] {
        let (physical_key, repeat, modifiers) = (None, false, Modifiers::NONE);
        window.event(egui::Event::Key { key, physical_key, pressed, repeat, modifiers });
        window.step();
        let commands = window.output().viewport_output.values().flat_map(|viewport| &viewport.commands);
        let fills = commands.into_iter().find_map(|command| match command {
            egui::ViewportCommand::Fullscreen(fills) => Some(*fills),
            _ => None,
        });
        told = told.or(fills);
    }
    window.run_steps(4);
    told
}

#[test]
fn escape_leaves_an_enlarged_tile_before_it_stops_the_run_and_so_does_a_click() {
    let mut window = sample("coffee", 300);
    wait(&mut window, "I-GOS is at work", |window| steps(window) > 0);
    let alone = |window: &Window| app(window).state().tiles.alone().is_some();
    command(&mut window, "Enlarge tile: I-GOS");
    assert!(alone(&window) && !shows(&window, "Grad-CAM tile"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!alone(&window) && shows(&window, "Grad-CAM tile"));
    assert!(app(&window).state().active().is_some(), "nothing was stopped");
    command(&mut window, "Enlarge tile: I-GOS");
    click(&mut window, "Show all tiles");
    window.run_steps(2);
    assert!(!alone(&window), "a click brings the others back, too");
    press(&mut window, Modifiers::NONE, Key::Escape);
    wait(&mut window, "it is stopped", is_idle);
}

#[test]
fn a_stopped_run_goes_on_where_it_stopped() {
    let mut window = sample("coffee", 300);
    let cam = |window: &Window| app(window).state().shown()?.method(&GRAD_CAM)?.explanation.clone();
    wait(&mut window, "Grad-CAM is there and I-GOS at work", |window| cam(window).is_some() && steps(window) > 0);
    let before = cam(&window).unwrap();
    assert!(!shows(&window, "Go on"));
    click(&mut window, "Stop");
    wait(&mut window, "it is stopped", is_idle);
    let (stopped, made) = (app(&window).state().shown().unwrap().id, steps(&window));
    press(&mut window, Modifiers::NONE, Key::Space);
    wait(&mut window, "it goes on", |window| app(window).state().active().is_some());
    wait(&mut window, "it has an iteration more", |window| steps(window) > made);
    assert_eq!(app(&window).state().shown().unwrap().id, stopped, "it is the same run");
    assert!(Arc::ptr_eq(&before, &cam(&window).unwrap()), "what is finished is not made again");
    click(&mut window, "Stop");
    wait(&mut window, "it is stopped again", is_idle);
    click(&mut window, "Go on");
    wait(&mut window, "a click does it, too", |window| app(window).state().active().is_some());
    click(&mut window, "Stop");
    wait(&mut window, "it is stopped", is_idle);
}

#[test]
fn the_side_is_narrowed_hidden_and_remembered() {
    let mut window = explained("camera");
    let wall = |window: &Window| window.get_by_label("Deletion chart").rect().left();
    let tile = |window: &Window| window.get_by_label("I-GOS tile").rect().width();
    let edge = window.get_by_label("Class to explain").rect().left() - 10.0;
    let before = (wall(&window), tile(&window));
    let from = egui::pos2(edge, 450.0);
    window.hover_at(from);
    window.run_steps(2);
    window.drag_at(from);
    window.step();
    for step in 1..=6 {
        window.hover_at(from + egui::vec2(10.0 * step as f32, 0.0));
        window.step();
    }
    window.drop_at(from + egui::vec2(60.0, 0.0));
    window.run_steps(3);
    let narrow = window.get_by_label("Class to explain").rect().left() - 10.0;
    assert!((narrow - edge - 60.0).abs() < 4.0, "{edge} {narrow}");
    press(&mut window, Modifiers::COMMAND, Key::B);
    assert!(!shows(&window, "Class to explain") && tile(&window) > before.1, "the wall has its room");
    let settings = app(&window).settings();
    click(&mut window, "Panel");
    window.run_steps(3);
    assert!(shows(&window, "Class to explain"), "a click brings it back");
    drop(window);
    let mut again = remembering(Options::default(), None, settings);
    again.run_steps(3);
    assert!(!shows(&again, "Class to explain"), "it stays hidden");
    press(&mut again, Modifiers::COMMAND, Key::B);
    let left = again.get_by_label("Class to explain").rect().left() - 10.0;
    assert!((left - narrow).abs() < 2.0, "and as wide as it was: {left} {narrow}");
}

#[test]
fn the_screen_is_filled_and_a_projector_has_a_layout_of_its_own() {
    let mut window = explained("coffee");
    assert_eq!(fills_the_screen(&mut window, Key::F11), Some(true));
    let side = |window: &Window| shows(window, "Class to explain") || shows(window, "Open…");
    assert_eq!(fills_the_screen(&mut window, Key::F5), Some(true));
    assert!(!side(&window) && shows(&window, "I-GOS tile") && window.ctx.zoom_factor() > 1.2);
    assert_eq!(fills_the_screen(&mut window, Key::Escape), Some(false));
    assert!(side(&window) && window.ctx.zoom_factor() == 1.0);
    command(&mut window, "presenting layout");
    window.run_steps(3);
    assert!(!side(&window), "it can be asked for by name");
    click(&mut window, "Leave presenting");
    window.run_steps(3);
    assert!(side(&window), "and left by a click");
}

/// Types a number into the field of a slider.
fn type_number(window: &mut Window, slider: &str, typed: &str) {
    let slider = window.get_by_role_and_label(Role::Slider, slider).rect();
    let at = egui::pos2(slider.right() + 30.0, slider.center().y);
    let fields = window.get_all_by_role(Role::SpinButton);
    let field = fields.min_by(|a, b| {
        let far = |node: &egui_kittest::Node<'_>| (node.rect().center() - at).length();
        far(a).total_cmp(&far(b))
    });
    let at = field.expect("a slider has a field").rect().center();
    for _ in 0..2 {
        window.hover_at(at);
        window.drag_at(at);
        window.step();
        window.drop_at(at);
        window.run_steps(2);
    }
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.step();
    window.event(egui::Event::Text(typed.to_owned()));
    window.step();
    window.key_press(Key::Enter);
    window.run_steps(3);
}

#[test]
fn decimals_are_typed_after_a_comma_and_what_was_bounded_says_so() {
    let mut window = explained("camera");
    click(&mut window, "Value by value");
    window.run_ok();
    let weight = |window: &Window| app(window).state().parameters.get::<IgosParameters>().unwrap().l1_weight;
    type_number(&mut window, "L1 weight", "0,5");
    assert!((weight(&window) - 0.5).abs() < 1e-9, "{}", weight(&window));
    assert!(!log(&window).contains("cannot be"), "{}", log(&window));
    type_number(&mut window, "Iterations", "5000000");
    let iterations = app(&window).state().parameters.get::<IgosParameters>().unwrap().iterations;
    let words = format!("Iterations: 5e6 cannot be and became {iterations}");
    assert!(log(&window).contains(&words), "{words} in {}", log(&window));
    assert!(window.query_by_label_contains(&format!("Dismiss: {words}")).is_some(), "it is said on the wall");
    click(&mut window, "Stop");
}
