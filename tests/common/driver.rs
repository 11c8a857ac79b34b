//! Drives the window without a display, with the real worker and the embedded model.

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use egui::{Rect, Role, Shape, os::OperatingSystem};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use igoscope::{
    app::{App, Options},
    explain::{IGOS, Parameters},
    imaging::Size,
    model::ModelChoice,
    worker::{HostOptions, Worker},
};

use igoscope_test_tools::Raster;

use super::quick;

/// Longer than any of these runs takes on a slow machine that does other things besides.
const PATIENCE: Duration = Duration::from_secs(600);

/// The side of the pictures that the embedded model sees in most windows: what a window does with what is computed is no other
/// at 224 pixels, and a pass takes a quarter of the time.
pub const SIDE: usize = 112;

/// The embedded model as people have it, where what is drawn of its map is looked at closely.
pub fn full_size() -> HostOptions {
    HostOptions { input_size: Some(Size::square(224)), ..HostOptions::default() }
}

pub type Window = Harness<'static, Option<App>>;

/// A window of the usual size that explains with `parameters`.
pub fn window(options: Options, parameters: Parameters) -> Window {
    window_with(options, parameters, |app| app)
}

/// A window that remembers `settings`, with other parameters if there are some.
pub fn remembering(options: Options, parameters: Option<Parameters>, settings: String) -> Window {
    window_of(options, settings, move |app| match &parameters {
        Some(parameters) => app.with_parameters(parameters.clone()),
        None => app,
    })
}

/// A window that is changed before it is drawn.
pub fn window_with(options: Options, parameters: Parameters, change: impl Fn(App) -> App + 'static) -> Window {
    window_of(options, String::new(), move |app| change(app.with_parameters(parameters.clone())))
}

/// A window that remembers `settings` and is changed before it is drawn.
pub fn window_of(options: Options, settings: String, change: impl Fn(App) -> App + 'static) -> Window {
    let mut options = options;
    if options.host.model == ModelChoice::Embedded {
        options.host.input_size.get_or_insert(Size::square(SIDE));
    }
    let draw = move |ui: &mut egui::Ui, app: &mut Option<App>| {
        let app = app.get_or_insert_with(|| {
            let wake = ui.ctx().clone();
            let worker = Worker::start(options.host.clone(), move || wake.request_repaint());
            change(App::with_settings(worker, ui.ctx().clone(), options.clone(), &settings))
        });
        app.logic();
        app.ui(ui);
    };
    // As fast as a screen, so that two clicks can be one double click.
    Harness::builder()
        .with_size([1440.0, 900.0])
        .with_step_dt(1.0 / 60.0)
        .with_os(OperatingSystem::Nix)
        .renderer(Raster::default())
        .build_ui_state(draw, None)
}

pub fn sample(name: &str, iterations: usize) -> Window {
    window(Options { sample: Some(name.to_owned()), ..Options::default() }, quick(iterations))
}

pub fn app(window: &Window) -> &App {
    window.state().as_ref().expect("the window has been drawn")
}

/// Draws the window until `done`.
pub fn wait(window: &mut Window, what: &str, mut done: impl FnMut(&Window) -> bool) {
    let start = Instant::now();
    while !done(window) {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}; the log says\n{}", log(window));
        // As often as a screen: what computes beside it has the core for the rest of the time.
        thread::sleep(Duration::from_millis(16));
        window.step();
    }
}

pub fn log(window: &Window) -> String {
    app(window).state().messages.as_text()
}

pub fn steps(window: &Window) -> usize {
    app(window).state().shown().map_or(0, |run| run.iterations(&IGOS).len())
}

pub fn is_idle(window: &Window) -> bool {
    let state = app(window).state();
    !state.is_opening() && state.active().is_none() && state.picture().is_some()
}

pub fn shows(window: &Window, label: &str) -> bool {
    window.query_by_label(label).is_some()
}

pub fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.step();
    // What a click asks for is drawn in the next frame.
    window.step();
}

/// What is heard of each picture in the filmstrip: its name, what the model takes it for, and where it stands.
pub fn thumbnails(window: &Window) -> Vec<String> {
    let buttons = window.get_all_by_role(Role::Button).filter_map(|node| node.accesskit_node().label());
    let buttons: Vec<String> = buttons.collect();
    let is_of = |label: &str, name: &str| {
        label.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
    };
    let mut left = buttons.into_iter();
    let names = app(window).state().pictures.iter().map(|picture| picture.photo.name.clone());
    names.filter_map(|name| left.find(|label| is_of(label, &name))).collect()
}

/// Clicks a picture in the filmstrip.
pub fn turn_to(window: &mut Window, name: &str) {
    let label = thumbnails(window).into_iter().find(|label| label.split(", ").next() == Some(name)).unwrap();
    click(window, &label);
}

/// Shows every parameter.
pub fn by_value(window: &mut Window) {
    click(window, "Value by value");
}

/// Everything that is painted, with its place; what is turned has the place it would have if it were not.
pub fn painted(window: &Window) -> Vec<(String, Rect)> {
    fn gather(shape: &Shape, clip: Rect, texts: &mut Vec<(String, Rect)>) {
        match shape {
            Shape::Text(text) => {
                let place = Rect::from_min_size(text.pos, text.galley.size()).translate(text.galley.rect.min.to_vec2());
                texts.push((text.galley.text().to_owned(), place.intersect(clip)));
            }
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| gather(shape, clip, texts)),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    window.output().shapes.iter().for_each(|clipped| gather(&clipped.shape, clipped.clip_rect, &mut texts));
    texts
}

pub fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
}

/// Lets jobs end and what follows from them be drawn.
pub fn settle(window: &mut Window) {
    for _ in 0..20 {
        thread::sleep(Duration::from_millis(10));
        window.step();
    }
}

/// The pictures and charts in the window, with their names and places.
pub fn pictures(window: &Window) -> Vec<(String, Rect)> {
    let images = window.query_all_by_role(Role::Image);
    images.filter_map(|node| Some((node.accesskit_node().label()?, node.rect()))).collect()
}
