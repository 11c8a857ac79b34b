//! The window as it looks: pictures of its main states, held against those in `tests/snapshots`.
//!
//! They are drawn without a graphics card, so they are the same everywhere but for the roundings of a processor's vector
//! unit. After a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test pictures::` takes them again: look at each.

use std::{path::PathBuf, thread, time::Duration};

use egui::{Key, Modifiers, Rect, accesskit::Role, vec2};
use egui_kittest::{
    SnapshotOptions, image_snapshot_options,
    kittest::{By, Queryable as _},
};
use igoscope::{
    app::{App, Options, ThemeChoice},
    explain::GRAD_CAM,
    model::{Hub, ModelChoice},
    worker::HostOptions,
};
use image::Rgba;

use super::collection::{opened_as, place};
use crate::common::{
    driver::{Window, app, click, full_size, is_idle, shows, wait, window, window_with},
    quick,
};

/// Pixels of results, of more than a million, that may be seen to differ: without a vector unit 284 do, most of them in the
/// last digit of a number. A border that moves by a pixel is a thousand.
const ROUNDING: usize = 500;

/// A window in which nothing depends on the machine: the number of its cores, models in its cache, a blinking caret.
fn still(options: Options) -> Window {
    let hub = Hub::new("http://127.0.0.1:9", &std::env::temp_dir().join("igoscope has no such folder"));
    let host = HostOptions { hub, threads: 1, ..full_size() };
    let window = window(Options { host, ..options }, quick(3));
    calm(&window);
    window
}

fn calm(window: &Window) {
    window.ctx.all_styles_mut(|style| {
        style.visuals.text_cursor.blink = false;
        style.animation_time = 0.0;
    });
}

fn explained(theme: ThemeChoice) -> Window {
    let mut window = still(Options { sample: Some("coffee".to_owned()), theme: Some(theme), ..Options::default() });
    wait(&mut window, "the run is finished", is_idle);
    window
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

/// Draws until the jobs under way have ended, and holds the picture against the one kept, but for what took time.
/// At most `most` pixels may be seen to differ.
fn look(window: &mut Window, name: &str, most: usize) {
    for _ in 0..40 {
        thread::sleep(Duration::from_millis(10));
        window.step();
    }
    let mut picture = window.render().unwrap();
    let said = window.query_all(By::new().role(Role::Label).predicate(|node| tells_time(node.value())));
    let said = said.map(|text| text.rect());
    // Above a map stands how long its method took; screen readers hear it with the map.
    let maps = window.query_all(By::new().role(Role::Image).predicate(|node| tells_time(node.label())));
    let above = maps.map(|map| {
        let corner = map.rect().right_top();
        Rect::from_min_max(corner - vec2(140.0, 26.0), corner)
    });
    for place in said.chain(above) {
        let (columns, rows) = (place.min.x as u32..=place.max.x as u32, place.min.y as u32..=place.max.y as u32);
        for (x, y) in columns.flat_map(|x| rows.clone().map(move |y| (x, y))) {
            if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
                *pixel = Rgba([128, 128, 128, 255]);
            }
        }
    }
    image_snapshot_options(&picture, name, &SnapshotOptions::new().max_failed_pixels(most));
}

/// Whether a text has a duration in it, which differs from run to run: a number before a unit of time.
fn tells_time(text: Option<String>) -> bool {
    let text = text.unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_end_matches([',', ';', '.'])).collect();
    words.windows(2).any(|pair| pair[0].parse::<f32>().is_ok() && ["ms", "s"].contains(&pair[1]))
}

#[test]
fn a_window_without_a_picture_and_what_lies_over_it() {
    let mut window = still(Options { theme: Some(ThemeChoice::Dark), ..Options::default() });
    wait(&mut window, "the model is there", |window| app(window).state().model.is_some());
    look(&mut window, "start", 0);
    press(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Find a command").type_text("heat");
    window.run_steps(3);
    look(&mut window, "palette", 0);
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::COMMAND, Key::M);
    wait(&mut window, "sizes are known", |window| window.query_all_by_label_contains(" MB").next().is_some());
    look(&mut window, "models", 0);
}

#[test]
fn the_wall() {
    let mut window = explained(ThemeChoice::Dark);
    look(&mut window, "wall", ROUNDING);
}

#[test]
fn the_wall_in_light_with_heatmaps_and_the_sheet_of_shortcuts() {
    let mut window = explained(ThemeChoice::Light);
    press(&mut window, Modifiers::NONE, Key::Num2);
    look(&mut window, "heatmaps-light", ROUNDING);
    press(&mut window, Modifiers::NONE, Key::F1);
    look(&mut window, "sheet-light", ROUNDING);
}

#[test]
fn several_errors_with_a_model_that_is_none_and_a_field_for_a_path() {
    let host = HostOptions { model: ModelChoice::File("no such weights.pth".into()), ..HostOptions::default() };
    let mut window = window_with(
        Options { host, theme: Some(ThemeChoice::Dark), ..Options::default() },
        quick(3),
        App::without_dialogs,
    );
    wait(&mut window, "the model is told to be none", |window| shows(window, "Dismiss"));
    let pictures = ["no such picture.jpg", "nor this one.png"].map(|name| format!("{name}\n")).concat();
    window.event(egui::Event::Paste(pictures));
    wait(&mut window, "the pictures are told to be none", |window| shows(window, "Dismiss all 3"));
    look(&mut window, "errors", 0);
    press(&mut window, Modifiers::COMMAND, Key::M);
    look(&mut window, "models-error", 0);
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::COMMAND, Key::O);
    look(&mut window, "path", 0);
}

#[test]
fn an_error() {
    let pictures = vec![PathBuf::from("no such picture.jpg")];
    // The file is looked for while the model is loaded: the bar says which of both came last, unless that is the error.
    let error = || {
        let pictures = pictures.clone();
        let mut window = still(Options { pictures, theme: Some(ThemeChoice::Light), ..Options::default() });
        wait(&mut window, "the error shows, and the model is there", |window| {
            shows(window, "Dismiss") && app(window).state().model.is_some()
        });
        window
    };
    let last_is_model = |window: &Window| app(window).state().messages.unsaid().is_some();
    let mut window = (0..20).map(|_| error()).find(last_is_model).expect("the model comes last, as it is larger");
    look(&mut window, "error-light", 0);
}

/// In the middle of a queue, which is held so that nothing moves.
fn with_a_table(theme: ThemeChoice) -> Window {
    let folder = place(4);
    let options = Options { theme: Some(theme), pictures: vec![folder.path().join("pictures")], ..Options::default() };
    let hub = Hub::new("http://127.0.0.1:9", &std::env::temp_dir().join("igoscope has no such folder"));
    let host = HostOptions { hub, threads: 1, ..full_size() };
    let options = Options { host, ..options };
    let mut window = opened_as(folder.path(), options, None, &[&GRAD_CAM]);
    calm(&window);
    wait(&mut window, "the first picture is explained", is_idle);
    click(&mut window, "Table (12)");
    click(&mut window, "Most wrong first");
    click(&mut window, "Wrong only");
    click(&mut window, "Explain all (12)");
    // The first four are the wrong ones.
    wait(&mut window, "some are explained", |window| app(window).state().collection.as_ref().unwrap().explained() >= 3);
    click(&mut window, "Hold the queue");
    wait(&mut window, "the one under way is done", |window| app(window).state().queue.at_work().is_none());
    wait(&mut window, "nothing is told", |window| window.query_all_by_label_contains("Dismiss: ").next().is_none());
    window
}

#[test]
fn the_table_with_a_queue() {
    let mut window = with_a_table(ThemeChoice::Dark);
    click(&mut window, "Areas");
    look(&mut window, "table", ROUNDING);
}

#[test]
fn the_table_with_a_queue_in_light_and_small() {
    let mut window = with_a_table(ThemeChoice::Light);
    window.set_size(vec2(800.0, 500.0));
    look(&mut window, "table-small-light", ROUNDING);
}
