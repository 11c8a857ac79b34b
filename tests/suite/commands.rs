//! Commands by name and by key, light and dark, what was done, and names for every control: the window driven without a
//! display, with the real worker and the embedded model.

use egui::{
    Key, Modifiers, Role, Theme,
    accesskit::{Action, Toggled},
};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use igoscope::{
    app::{Options, ThemeChoice},
    explain::{IgosParameters, Parameters},
};

use crate::common::{
    driver::{Window, app, asset, by_value, click, is_idle, remembering, sample, shows, steps, wait, window},
    quick,
};

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    // What a key asks for is done after the frame, and drawn in the next two: an area is measured first.
    for _ in 0..3 {
        window.step();
    }
}

/// Opens the palette, types, and presses Enter.
fn command(window: &mut Window, typed: &str) {
    press(window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Find a command").type_text(typed);
    window.step();
    window.step();
    press(window, Modifiers::NONE, Key::Enter);
}

fn explained(name: &str) -> Window {
    let mut window = sample(name, 2);
    wait(&mut window, "the run is finished", is_idle);
    window
}

fn is_dark(window: &Window) -> bool {
    window.ctx.theme() == Theme::Dark
}

#[test]
fn the_palette_finds_a_command_by_some_letters_and_enter_does_it() {
    let mut window = explained("coffee");
    press(&mut window, Modifiers::COMMAND, Key::K);
    assert!(window.get_by_label("Find a command").accesskit_node().is_focused());
    window.get_by_label("Find a command").type_text("heatm");
    window.step();
    window.step();
    let chosen = window.get_by_role_and_label(Role::Button, "View: Heatmap");
    assert_eq!(chosen.accesskit_node().toggled(), Some(Toggled::True), "the best is chosen");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(!shows(&window, "Find a command"), "it is closed");
    let heatmap = window.get_by_role_and_label(Role::Button, "Heatmap");
    assert_eq!(heatmap.accesskit_node().toggled(), Some(Toggled::True));

    // Letters far apart say nothing where another name has them together.
    press(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Find a command").type_text("heat");
    window.step();
    window.step();
    assert!(shows(&window, "View: Heatmap") && !shows(&window, "Hide the charts"));
    press(&mut window, Modifiers::NONE, Key::Escape);

    // Arrows choose another one.
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    window.get_by_label("Find a command").type_text("Theme");
    window.step();
    let themes = ["Theme: Light", "Theme: Dark"];
    let is_chosen = |window: &Window, title: &str| {
        window.get_by_role_and_label(Role::Button, title).accesskit_node().toggled() == Some(Toggled::True)
    };
    window.step();
    let first = themes.iter().position(|title| is_chosen(&window, title)).expect("the best of those possible first");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    let second = themes.iter().position(|title| is_chosen(&window, title)).expect("the next one is chosen");
    assert_ne!(first, second);
    let before = app(&window).state().appearance.theme;
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!shows(&window, "Find a command"));
    assert_eq!(app(&window).state().appearance.theme, before, "Escape does nothing else");

    // What is not possible now is shown, and does nothing.
    press(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Find a command").type_text("pause the run");
    window.step();
    window.step();
    assert!(window.get_by_role_and_label(Role::Button, "Pause the run").accesskit_node().is_disabled());
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(shows(&window, "Find a command"), "there is nothing to do");
    window.get_by_label("Find a command").type_text(" xyz");
    window.step();
    window.step();
    assert!(shows(&window, "Nothing has such a name"));
    press(&mut window, Modifiers::NONE, Key::Escape);

    command(&mut window, "open sample rocket");
    wait(&mut window, "the sample is explained", |window| {
        is_idle(window) && app(window).state().picture().unwrap().photo.name == "rocket"
    });
    press(&mut window, Modifiers::NONE, Key::PageUp);
    assert_eq!(app(&window).state().selected, 0, "page up is the picture before");
    command(&mut window, "iterations play");
    command(&mut window, "preset fast");
    assert_eq!(app(&window).state().parameters.get::<IgosParameters>().unwrap().mask_size, 14);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(app(&window).state().parameters, quick(2));
    press(&mut window, Modifiers::NONE, Key::Escape);
}

#[test]
fn the_sheet_shows_the_shortcuts_and_each_does_what_it_says() {
    let mut window = explained("camera");
    for (modifiers, key) in [(Modifiers::NONE, Key::F1), (Modifiers::SHIFT, Key::Questionmark)] {
        press(&mut window, modifiers, key);
        assert!(shows(&window, "First iteration"));
        for title in ["Open pictures…", "Pause the run", "View: Contour", "Save in a folder…", "Quit"] {
            assert!(shows(&window, title), "{title}");
        }
        press(&mut window, Modifiers::NONE, Key::Num4);
        press(&mut window, Modifiers::NONE, Key::Escape);
        assert!(!shows(&window, "First iteration"));
    }
    let is_on = |window: &Window, role: Role, label: &str| {
        window.get_by_role_and_label(role, label).accesskit_node().toggled() == Some(Toggled::True)
    };
    assert!(is_on(&window, Role::Button, "Overlay"), "what lies over the window has the keyboard");
    press(&mut window, Modifiers::NONE, Key::Num4);
    assert!(is_on(&window, Role::Button, "Contour"));
    press(&mut window, Modifiers::NONE, Key::C);
    assert!(!is_on(&window, Role::CheckBox, "Charts"));
    press(&mut window, Modifiers::NONE, Key::C);
    press(&mut window, Modifiers::NONE, Key::Home);
    assert_eq!(app(&window).state().step_number(), Some(0));
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(app(&window).state().step_number(), Some(1));
    press(&mut window, Modifiers::NONE, Key::Home);
    press(&mut window, Modifiers::NONE, Key::End);
    let state = app(&window).state();
    assert!(state.chosen_step.is_none() && state.step_number() == state.kept_step(), "the method's result");
    press(&mut window, Modifiers::NONE, Key::L);
    assert!(shows(&window, "Copy all"), "the log, which can be copied");
    press(&mut window, Modifiers::NONE, Key::L);
    let run = app(&window).state().shown().unwrap().id;
    press(&mut window, Modifiers::COMMAND, Key::R);
    wait(&mut window, "it is explained again", |window| {
        is_idle(window) && app(window).state().shown().is_some_and(|shown| shown.id != run)
    });
    press(&mut window, Modifiers::COMMAND, Key::W);
    assert!(app(&window).state().pictures.is_empty());
}

#[test]
fn letters_that_are_typed_ask_for_nothing() {
    let mut window = explained("coffee");
    let before = app(&window).state().clone();
    press(&mut window, Modifiers::COMMAND, Key::F);
    assert!(window.get_by_label("Search classes").accesskit_node().is_focused(), "the search has the keyboard");
    for key in [Key::Num2, Key::C, Key::P, Key::L, Key::Space, Key::Home, Key::ArrowLeft, Key::Questionmark] {
        press(&mut window, Modifiers::NONE, key);
    }
    press(&mut window, Modifiers::COMMAND, Key::K);
    let state = app(&window).state();
    assert_eq!(state.view, before.view);
    assert_eq!(state.chosen_step, before.chosen_step);
    assert!(!state.playback.is_playing());
    assert!(!shows(&window, "Copy all") && !shows(&window, "First iteration") && !shows(&window, "Find a command"));
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    assert!(shows(&window, "Find a command"), "a shortcut that no text has is heard all the same");
}

#[test]
fn dark_and_light_and_the_size_are_chosen_and_remembered() {
    let mut window = explained("coffee");
    assert!(is_dark(&window), "as the system is, or dark where that is not known");
    click(&mut window, "Window");
    wait(&mut window, "the menu is open", |window| shows(window, "Light"));
    click(&mut window, "Light");
    window.step();
    assert!(!is_dark(&window));
    let plus = Modifiers::COMMAND | Modifiers::SHIFT;
    press(&mut window, plus, Key::Plus);
    press(&mut window, Modifiers::COMMAND, Key::Equals);
    assert!((window.ctx.zoom_factor() - 1.2).abs() < 1e-3, "{}", window.ctx.zoom_factor());
    let settings = app(&window).settings();
    press(&mut window, Modifiers::COMMAND, Key::Minus);
    assert!((window.ctx.zoom_factor() - 1.1).abs() < 1e-3);
    press(&mut window, Modifiers::COMMAND, Key::Num0);
    assert!((window.ctx.zoom_factor() - 1.0).abs() < 1e-3);
    drop(window);

    let mut again = remembering(Options::default(), None, settings.clone());
    again.step();
    again.step();
    assert!(!is_dark(&again) && (again.ctx.zoom_factor() - 1.2).abs() < 1e-3);
    drop(again);

    let options = Options { theme: Some(ThemeChoice::Dark), ..Options::default() };
    let mut asked = remembering(options, None, settings);
    asked.step();
    asked.step();
    assert!(is_dark(&asked), "what is asked for at the start comes before what is remembered");
}

#[test]
fn tiles_and_charts_are_as_they_were_left() {
    let mut window = explained("camera");
    command(&mut window, "hide tile original");
    command(&mut window, "hide the charts");
    let left = app(&window).state().tiles.clone();
    assert!(!shows(&window, "Original tile") && !shows(&window, "Deletion chart"));
    let settings = app(&window).settings();
    drop(window);
    let options = Options { sample: Some("camera".to_owned()), ..Options::default() };
    let mut again = remembering(options, Some(quick(1)), settings);
    wait(&mut again, "the run is finished", is_idle);
    assert_eq!(app(&again).state().tiles, left);
    assert!(shows(&again, "I-GOS tile") && !shows(&again, "Original tile") && !shows(&again, "Deletion chart"));
}

#[test]
fn what_was_done_is_said_for_a_while_and_takes_no_keyboard() {
    let pictures = vec![asset("rocket.jpg"), asset("camera.jpg")];
    let mut window = window(Options { pictures, ..Options::default() }, quick(12));
    wait(&mut window, "both are open and the first is explained", |window| {
        is_idle(window) && app(window).state().pictures.len() == 2
    });
    let is_said = |window: &Window, what: &str| window.query_all_by_label_contains(what).next().is_some();
    // The second is explained while the first is looked at.
    press(&mut window, Modifiers::NONE, Key::PageDown);
    assert_eq!(app(&window).state().active().map(|(number, _)| number), Some(1));
    press(&mut window, Modifiers::NONE, Key::PageUp);
    press(&mut window, Modifiers::COMMAND, Key::F);
    let toast = "Dismiss: Explained camera";
    wait(&mut window, "it is said that the other one is explained", |window| is_said(window, toast));
    assert!(window.get_by_label("Search classes").accesskit_node().is_focused(), "the keyboard stays where it was");
    let text = window.get_by_label_contains(toast).accesskit_node().label().unwrap();
    let text = text.trim_start_matches("Dismiss: ").to_owned();
    assert!(text.contains("I-GOS: deletion"), "{text}");
    assert_eq!(window.query_all_by_label(&text).count(), 1, "it is not said below as well");
    wait(&mut window, "it has gone by itself", |window| !is_said(window, "Dismiss: "));
    assert_eq!(window.query_all_by_label(&text).count(), 1, "it is the last line below now");
    // Nothing is drawn again when nothing happens; in a field a cursor blinks.
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.run_ok().is_some());
}

#[test]
fn a_toast_can_be_dismissed() {
    let mut window = explained("coffee");
    command(&mut window, "copy the figure");
    wait(&mut window, "it is copied", |window| window.query_by_label_contains("Dismiss: Copied the figure").is_some());
    // Its place is known a frame after it is there.
    window.run_ok();
    window.get_by_label_contains("Dismiss: Copied").click();
    for _ in 0..3 {
        window.step();
    }
    assert!(window.query_by_label_contains("Dismiss: Copied").is_none());
    assert!(app(&window).state().messages.as_text().contains("Copied the figure"), "the log keeps it");
}

/// Every control that can be clicked or has the keyboard, by its name, but for those without one.
fn nameless(window: &Window) -> (usize, Vec<String>) {
    let (mut count, mut without) = (0, Vec::new());
    for node in window.root().children_recursive() {
        let node = node.accesskit_node();
        // What scrolls a list has no name but its role.
        if node.role() == Role::ScrollBar {
            continue;
        }
        if ![Action::Click, Action::Focus].iter().any(|action| node.data().supports_action(*action)) {
            continue;
        }
        count += 1;
        let name = node.label().or_else(|| node.value()).unwrap_or_default();
        if name.trim().is_empty() {
            let bounds = node.bounding_box();
            without.push(format!("{:?} at {bounds:?}", node.role()));
        }
    }
    (count, without)
}

#[test]
fn every_control_has_a_name() {
    let pictures = vec![asset("rocket.jpg"), asset("camera.jpg")];
    let mut window = window(Options { pictures, welcomes: true, ..Options::default() }, quick(1));
    wait(&mut window, "both are open and the first is explained", |window| {
        is_idle(window) && app(window).state().pictures.len() == 2
    });
    let check = |window: &Window, what: &str| {
        let (count, without) = nameless(window);
        assert!(count > 20, "{what}: only {count} controls were found");
        assert!(without.is_empty(), "{what}: {without:#?}");
    };
    check(&window, "presets");
    by_value(&mut window);
    check(&window, "parameters");
    for group in ["Curves", "Integrated gradients"] {
        if let Some(header) = window.query_by_role_and_label(Role::Button, group) {
            header.click();
            window.step();
        }
    }
    window.run_ok();
    check(&window, "all groups");
    for menu in [
        "Samples",
        "Recent",
        "What is saved, and copied",
        "Tiles",
        "Presets",
        "Window",
        "Device",
        "Score",
        "Speed",
        "Colour map",
    ] {
        let button = window.query_all_by_label(menu).next().unwrap_or_else(|| panic!("there is no {menu}"));
        button.click();
        for _ in 0..3 {
            window.step();
        }
        check(&window, menu);
        press(&mut window, Modifiers::NONE, Key::Escape);
    }
    click(&mut window, "Runs");
    check(&window, "runs");
    press(&mut window, Modifiers::NONE, Key::L);
    check(&window, "log");
    press(&mut window, Modifiers::NONE, Key::F1);
    check(&window, "sheet");
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::COMMAND, Key::K);
    check(&window, "palette");
}

#[test]
fn a_window_without_a_picture_has_names_and_commands_too() {
    let mut window = remembering(Options::default(), Some(Parameters::default()), String::new());
    for _ in 0..10 {
        window.step();
    }
    let (count, without) = nameless(&window);
    assert!(count > 5 && without.is_empty(), "{count}: {without:#?}");
    command(&mut window, "explain again");
    assert!(shows(&window, "Find a command") && app(&window).state().pictures.is_empty());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(steps(&window), 0);
}
