//! The window: draws what the worker has told, and sends it commands.
//!
//! ```text
//! worker ──Event──▶ State ──▶ panels (`…_ui`) ──Action──▶ State, Command ──▶ worker
//! ```
//!
//! [`App::logic`] drains events into the state, [`App::ui`] draws it and does what the user asked for. What could make
//! the window wait (dialogs, the clipboard, saving, scaling a large photo) is a job on a thread of its own.

#[macro_use]
mod text;

mod commands;
mod jobs;
mod numbers;
mod state;
mod theme;
mod trace;
mod ui;
mod window;
#[cfg(target_os = "linux")]
mod window_system;
mod words;

use std::{
    env,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::anyhow;

use crate::{
    imaging::Profiles,
    worker::{HostOptions, Worker},
};

pub use state::{appearance::ThemeChoice, settings::Keep};
pub use text::speak;
pub use window::App;

/// The size of the window when it is opened for the first time, in points.
const FIRST_SIZE: [f32; 2] = [1440.0, 900.0];
/// The least size of the window, in points: below it panels cover each other.
const MIN_SIZE: [f32; 2] = [800.0, 500.0];
/// How soon the window shows what the worker tells: events of this time share a frame, as drawing and computing share
/// the processor.
const NEWS: Duration = Duration::from_millis(33);

/// The window's icon, large enough for any task bar.
const ICON: &[u8] = include_bytes!("../../assets/icons/igoscope-256.png");

/// What the window opens with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files to open.
    pub pictures: Vec<PathBuf>,
    /// Name of an embedded sample to open.
    pub sample: Option<String>,
    /// Whether to open what the user wants to be welcomed by, if neither is given.
    pub welcomes: bool,
    /// Where settings are kept.
    pub keep: Keep,
    /// Dark or light; as the settings have it if none.
    pub theme: Option<ThemeChoice>,
    /// What to do with colour profiles; as the settings have it if none.
    pub profiles: Option<Profiles>,
    /// How to host the model.
    pub host: HostOptions,
    /// When the program began, if the window is to be measured and to tell standard error.
    pub trace_from: Option<Instant>,
}

/// Opens the window, and returns when it is closed.
///
/// # Errors
/// No window can be opened, for example because there is no display.
pub fn run(options: Options) -> anyhow::Result<()> {
    text::speak_as_the_system();
    let mut viewport = egui::ViewportBuilder::default()
        .with_app_id("igoscope")
        .with_inner_size(FIRST_SIZE)
        .with_min_inner_size(MIN_SIZE)
        .with_drag_and_drop(true);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(ICON) {
        viewport = viewport.with_icon(icon);
    }
    #[cfg(target_os = "linux")]
    let choice = window_system::choose();
    let native = eframe::NativeOptions {
        viewport,
        #[cfg(target_os = "linux")]
        event_loop_builder: choice.hook(),
        persist_window: options.keep != Keep::Nowhere,
        persistence_path: file_of(&options.keep),
        ..Default::default()
    };
    let results = results_of(&options.keep);
    let create: eframe::AppCreator<'_> = Box::new(|creation| {
        let ctx = creation.egui_ctx.clone();
        let wake = ctx.clone();
        let worker = Worker::start(options.host.clone(), move || wake.request_repaint_after(NEWS));
        let settings = creation.storage.and_then(|storage| storage.get_string(state::settings::KEY));
        let app = App::with_settings(worker, ctx, options, settings.as_deref().unwrap_or_default()).as_the_desktop();
        let app = match results {
            Some(folder) => app.with_results_folder(folder),
            None => app,
        };
        #[cfg(target_os = "linux")]
        let app = app.opened_as(creation.winit_window(), choice.remark);
        Ok(Box::new(app))
    });
    // Windowing code panics when the display destroys a window that it is drawing.
    let ended = panic::catch_unwind(AssertUnwindSafe(|| eframe::run_native("igoscope", native, create)));
    ended
        .map_err(|_| anyhow!("the window is gone: the display took it, or something went wrong in drawing it"))?
        .map_err(|error| {
            anyhow!("no window can be opened here ({error}): run `igoscope explain IMAGE` instead, which needs none")
        })
}

/// The folder that results of folders of pictures are kept in, beside the settings; none where those are not kept.
fn results_of(keep: &Keep) -> Option<PathBuf> {
    let beside = match keep {
        Keep::InUsersFolder => eframe::storage_dir("igoscope"),
        Keep::In(folder) => Some(folder.clone()),
        Keep::Nowhere => None,
    };
    Some(beside?.join("evaluations"))
}

/// The file that settings are kept in; none for the one that this system has for it.
fn file_of(keep: &Keep) -> Option<PathBuf> {
    /// A name that no file has: settings are read from nowhere, and without any to write none is made.
    const NO_FILE: &str = "igoscope keeps no settings";
    match keep {
        Keep::InUsersFolder => None,
        Keep::In(folder) => Some(folder.join("app.ron")),
        Keep::Nowhere => Some(env::temp_dir().join(NO_FILE)),
    }
}
