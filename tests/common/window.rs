//! The window without a display: the real worker and the embedded model, drawn and driven by a test.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use egui_kittest::{Harness, kittest::Queryable as _};
use igoscope::{
    app::{App, Options},
    explain::Parameters,
    worker::Worker,
};

/// Longer than any of these runs takes on a slow machine that does other things besides.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub type Window = Harness<'static, Option<App>>;

/// A window of the usual size that explains with `parameters`.
pub fn window(options: Options, parameters: Parameters) -> Window {
    remembering(options, Some(parameters), String::new())
}

/// A window that remembers `settings`, with other parameters if there are some.
pub fn remembering(options: Options, parameters: Option<Parameters>, settings: String) -> Window {
    let draw = move |ui: &mut egui::Ui, app: &mut Option<App>| {
        let app = app.get_or_insert_with(|| {
            let wake = ui.ctx().clone();
            let worker = Worker::start(options.host, move || wake.request_repaint());
            let app = App::with_settings(worker, ui.ctx().clone(), options.clone(), &settings);
            match &parameters {
                Some(parameters) => app.with_parameters(parameters.clone()),
                None => app,
            }
        });
        app.logic();
        app.ui(ui);
    };
    Harness::builder().with_size([1440.0, 900.0]).build_ui_state(draw, None)
}

pub fn app(window: &Window) -> &App {
    window.state().as_ref().expect("the window has been drawn")
}

/// Draws the window until `done`.
pub fn wait(window: &mut Window, what: &str, mut done: impl FnMut(&Window) -> bool) {
    let start = Instant::now();
    while !done(window) {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}; the log says\n{}", log(window));
        thread::sleep(Duration::from_millis(5));
        window.step();
    }
}

pub fn log(window: &Window) -> String {
    app(window).state().messages.as_text()
}

pub fn steps(window: &Window) -> usize {
    app(window).state().shown().map_or(0, |run| run.steps().len())
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

pub fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
}
