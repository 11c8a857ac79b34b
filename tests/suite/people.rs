//! The window for people who never read a paper: what a map is, what curves are, values behind their purposes.

use egui::{Key, Modifiers, Role, accesskit::Toggled};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use igoscope::explain::{IgosParameters, methods};

use crate::common::driver::{Window, app, click, is_idle, painted, remembering, sample, shows, wait};

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
    for &method in methods() {
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
    let mut again = remembering(igoscope::app::Options::default(), None, settings);
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
