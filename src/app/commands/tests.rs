//! What holds for every command, whatever the window shows.

use super::{shortcuts::Reach, *};
use crate::app::state::fixtures::{asked, judged, model_ready, predicted, told, with_pictures};
use crate::explain::IGOS;

/// A window without pictures, one with a run under way, one whose run is held, and one that compares.
fn states() -> [(State, bool); 4] {
    let mut running = with_pictures(&["a", "b"]);
    told(&mut running, [model_ready("CPU")]);
    asked(&mut running);
    told(&mut running, [predicted(1), judged(1)]);
    let mut comparing = running.clone();
    comparing.comparing = Some(&IGOS);
    [(State::default(), false), (running.clone(), false), (running, true), (comparing, false)]
}

fn all() -> Vec<Vec<Command>> {
    states()
        .iter()
        .map(|(state, paused)| {
            commands(Desk { state, paused: *paused, zoomed: false, hides_side: false, presents: false })
        })
        .collect()
}

#[test]
fn no_shortcut_is_used_twice() {
    for commands in all() {
        let keys: Vec<_> = commands.iter().flat_map(|command| command.shortcuts.iter().map(|own| own.keys)).collect();
        assert!(keys.len() > 30);
        for (number, own) in keys.iter().enumerate() {
            assert!(!keys[..number].contains(own), "{own:?} is used twice");
        }
    }
}

#[test]
fn what_could_be_typed_is_not_heard_while_text_is_typed() {
    for command in all().iter().flatten() {
        for shortcut in command.shortcuts.iter().filter(|shortcut| shortcut.reach == Reach::Anywhere) {
            let keys = shortcut.keys;
            let is_function = [egui::Key::F1, egui::Key::F5, egui::Key::F11].contains(&keys.logical_key);
            assert!(keys.modifiers.command || is_function, "{} takes {keys:?} from texts", command.title);
            // What fields for text do with the command key.
            let edits = ["A", "C", "X", "V", "Z", "Y", "K", "U", "H", "E", "B", "N"];
            let is_edit = edits.contains(&keys.logical_key.name()) && !keys.modifiers.shift;
            assert!(!is_edit, "{} takes {keys:?} from texts", command.title);
        }
    }
}

#[test]
fn every_command_has_a_name_of_its_own_and_is_found_by_it_first() {
    for commands in all() {
        for command in &commands {
            let same = commands.iter().filter(|other| other.title == command.title).count();
            assert_eq!(same, 1, "{}", command.title);
            let score = |other: &Command| other.matched(&command.title).map_or(i32::MIN, |found| found.score);
            assert!(commands.iter().all(|other| score(other) <= score(command)), "{}", command.title);
        }
    }
}

#[test]
fn what_is_not_possible_asks_for_nothing() {
    let titles = |state: &State, paused| -> Vec<String> {
        let possible = commands(Desk { state, paused, zoomed: false, hides_side: false, presents: false });
        let possible = possible.into_iter().filter(|command| command.action.is_some());
        possible.map(|command| command.title).collect()
    };
    let [(empty, _), (running, _), ..] = states();
    let has = |list: &[String], title: &str| list.iter().any(|own| own == title);
    let without = titles(&empty, false);
    for title in ["Explain again", "Pause the run", "Stop the run", "Save in a folder…", "Next picture", "Undo"] {
        assert!(!has(&without, title), "{title}");
    }
    assert!(has(&without, "Open pictures…") && has(&without, "Theme: Dark") && !has(&without, "Theme: System"));
    let with = titles(&running, false);
    assert!(has(&with, "Pause the run") && has(&with, "Next picture") && has(&with, "Stop the run"));
    assert!(has(&titles(&running, true), "Resume the run"));
}
