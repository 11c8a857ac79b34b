//! The window's frame: where its panels are, and what goes to and fro between them, the worker and the jobs.

mod actions;
mod outcomes;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use egui::{CentralPanel, Context, Frame, Panel, Ui};
#[cfg(target_os = "linux")]
use egui_winit::winit::window::Window;
use image::RgbImage;

#[cfg(target_os = "linux")]
use super::jobs::drops;
use super::{
    Options,
    commands::{Desk, keys},
    jobs::{
        Jobs, Outcome, collect, drawn_bands, dropped, gather, model_jobs, pictures::Pictures, preview::Preview,
        request_drawings, show_folder::Opener, system_theme,
    },
    state::{
        State,
        action::Action,
        on_start::{FIRST_SAMPLE, OnStart},
        outbox::Errand,
        panels::{Cover, Panels, SIDE_WIDTHS},
        picture::Picture,
        settings::{self, Keep, Settings},
        sources,
    },
    theme,
    trace::Trace,
    ui::{
        bars::{status_bar, top_bar},
        overlays::{
            drop, empty, errors, log, method_page, model_picker, palette, path_field, sheet, toasts, trust, welcome,
        },
        side, table,
        wall::{self, compare, filmstrip, tile::Scene, timeline, viewport::Viewport},
    },
};
use crate::{
    explain::{Control, Parameters},
    export::chart::Format,
    imaging::{CropMode, CropRule, Origin, Photo, SAMPLES},
    worker::{Event, Source, Worker},
};

/// The share of the window's width that the side takes at most: the wall is what one came for.
const SIDE_SHARE: f32 = 0.33;
/// Width of the filmstrip, in points: a thumbnail and its margins.
const FILMSTRIP_WIDTH: f32 = 112.0;

/// The window, apart from the system's frame around it.
pub struct App {
    ctx: Context,
    worker: Worker,
    jobs: Jobs,
    /// The folder that the queue's results are being written into.
    writing: collect::Writing,
    state: State,
    pictures: Pictures,
    samples: Vec<RgbImage>,
    preview: Option<Arc<Preview>>,
    /// The picture whose preview was asked for last, and how it is cut there.
    previewed: Option<(Arc<Photo>, CropRule, CropMode)>,
    /// Whether that is being made.
    is_previewing: bool,
    viewport: Viewport,
    panels: Panels,
    on_start: OnStart,
    /// Whether settings are kept.
    keeps: bool,
    /// Whether the user is welcomed, as long as no picture of their own is open.
    welcomes: bool,
    dialog_is_open: bool,
    /// Whether the system may have dialogs for files.
    has_dialogs: bool,
    /// The chart that a file is asked for, with the file's usual name.
    asked_chart: Option<(String, actions::Drawing, Format)>,
    /// What shows folders.
    opener: Opener,
    /// Cancels the saving under way.
    saving: Option<Arc<Control>>,
    /// Where charts are saved without a dialog.
    chart_folder: Option<PathBuf>,
    log_is_open: bool,
    /// Whether something that could be dropped is held over the window, where egui does not know.
    is_held_over: bool,
    /// Where egui does not hear of drops.
    #[cfg(target_os = "linux")]
    _drops: Option<drops::Listener>,
    trace: Option<Trace>,
}

impl App {
    /// A window on what `worker` does, drawn in `ctx`. The worker must wake `ctx`.
    pub fn new(worker: Worker, ctx: Context, options: Options) -> Self {
        Self::with_settings(worker, ctx, options, "")
    }

    /// A window that remembers what [`App::settings`] of an earlier one gave. What it cannot understand it forgets.
    pub fn with_settings(worker: Worker, ctx: Context, options: Options, settings: &str) -> Self {
        theme::apply(&ctx);
        let mut app = Self {
            jobs: Jobs::new(ctx.clone()),
            ctx,
            worker,
            writing: collect::Writing::default(),
            state: State::default(),
            pictures: Pictures::default(),
            samples: Vec::new(),
            preview: None,
            previewed: None,
            is_previewing: false,
            viewport: Viewport::default(),
            panels: Panels::default(),
            on_start: OnStart::default(),
            keeps: options.keep != Keep::Nowhere,
            welcomes: false,
            dialog_is_open: false,
            has_dialogs: true,
            asked_chart: None,
            opener: Opener::default(),
            saving: None,
            chart_folder: None,
            log_is_open: false,
            is_held_over: false,
            #[cfg(target_os = "linux")]
            _drops: None,
            trace: None,
        };
        // The worker was told already; what is asked of it waits for this model.
        app.state.expect_model(&options.host.model);
        app.state.host = options.host;
        let settings = Settings::from_json(settings);
        app.on_start = settings.on_start;
        settings.give_to(&mut app.state, &mut app.panels);
        app.state.appearance.theme = options.theme.unwrap_or(app.state.appearance.theme);
        app.state.profiles = options.profiles.unwrap_or(app.state.profiles);
        theme::follow(&app.ctx, app.state.appearance);
        app.jobs.start("samples", || Outcome::Samples(empty::sample_pictures()));
        let mut sources: Vec<Source> = options.pictures.into_iter().map(sources::given).map(Source::File).collect();
        if let Some(name) = options.sample {
            match SAMPLES.iter().position(|sample| sample.name == name) {
                Some(number) => sources.push(Source::Sample(number)),
                None => {
                    let names: Vec<&str> = SAMPLES.iter().map(|sample| sample.name).collect();
                    app.state.messages.error(text!("told-no-sample", name = name, names = names.join(", ")));
                }
            }
        }
        if sources.is_empty() && options.welcomes {
            sources = app.welcome();
        }
        app.act(Action::Open(sources));
        app.trace = options.trace_from.map(Trace::new);
        app
    }

    /// What a window opens with if no picture is given.
    fn welcome(&mut self) -> Vec<Source> {
        let last = self.state.recent.paths().first().filter(|_| self.on_start == OnStart::Last);
        if let Some(last) = last {
            return vec![Source::File(last.clone())];
        }
        if self.on_start == OnStart::Nothing {
            return Vec::new();
        }
        self.welcomes = true;
        SAMPLES.iter().position(|sample| sample.name == FIRST_SAMPLE).map(Source::Sample).into_iter().collect()
    }

    /// The window, dark or light as the desktop is, unless the user chose.
    pub fn as_the_desktop(self) -> Self {
        system_theme::ask(&self.jobs);
        self
    }

    /// The window, opened as `window`, with what is dropped on it where the library that has it, winit, does not tell of
    /// that, and with a remark on why it was opened so.
    #[cfg(target_os = "linux")]
    pub(super) fn opened_as(mut self, window: Option<&Arc<Window>>, remark: Option<String>) -> Self {
        let drops = window.map_or(Ok(None), |window| drops::Listener::start(window, &self.jobs));
        let unheard = |error: &io::Error| text!("window-system-no-drops", why = error.to_string());
        for remark in remark.into_iter().chain(drops.as_ref().err().map(unheard)) {
            self.state.messages.note(remark);
        }
        self._drops = drops.ok().flatten();
        self
    }

    /// What the window remembers, as text.
    pub fn settings(&self) -> String {
        Settings::of(&self.state, &self.panels, self.on_start).to_json()
    }

    /// The window, with other parameters than the default ones for its first run.
    pub fn with_parameters(mut self, parameters: Parameters) -> Self {
        self.state.parameters = parameters;
        self
    }

    /// The window, with charts saved in `folder` instead of where a dialog says.
    pub fn with_chart_folder(mut self, folder: PathBuf) -> Self {
        self.chart_folder = Some(folder);
        self
    }

    /// The window, with results of folders kept in `folder`.
    pub fn with_results_folder(mut self, folder: PathBuf) -> Self {
        self.state.results_folder = Some(folder);
        self
    }

    /// The window, with folders shown by `open` instead of the system's program.
    pub fn with_opener(mut self, open: impl Fn(&Path) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.opener = Opener::new(open);
        self
    }

    /// The window, as it is where the system has no dialogs for files.
    pub fn without_dialogs(mut self) -> Self {
        self.has_dialogs = false;
        self
    }

    /// Takes in what the worker and the jobs have said. Called before every [`App::ui`].
    pub fn logic(&mut self) {
        let now = Instant::now();
        for event in self.worker.events().try_iter() {
            if let Some(trace) = &mut self.trace {
                trace.absorb(&event, now);
            }
            if let Event::ModelReady { .. } = event {
                // Another model may see another part of the photo.
                self.previewed = None;
            }
            self.state.absorb(event, now);
        }
        for outcome in self.jobs.outcomes() {
            self.take(outcome);
        }
        self.keep_up(now);
        let waits = [
            self.state.play_on(now),
            self.state.edits.settles_in(now),
            self.state.messages.toasts.settle(now),
            self.state.arranges_in,
        ];
        let next = waits.into_iter().flatten().min();
        if let Some(next) = next {
            self.ctx.request_repaint_after(next);
        }
    }

    /// Does what follows from what the state is now: runs its errands, and lets jobs make what it shows. This is
    /// level-triggered: called with every frame, it does nothing where nothing has changed, and of what is wanted while
    /// a job is under way only the newest is made, as nothing waits in a queue.
    fn keep_up(&mut self, now: Instant) {
        self.state.settle(now);
        self.ask_for_preview();
        self.request_drawings();
        for errand in self.state.outbox.take() {
            match errand {
                Errand::Tell(command) => self.worker.send(command),
                Errand::LookForModels(hub, own) => model_jobs::look(hub, own, &self.jobs),
                Errand::VerifyModel(entry, hub) => model_jobs::verify(entry, hub, &self.jobs),
                Errand::RemoveModel(entry, hub) => model_jobs::remove(entry, hub, &self.jobs),
                Errand::Remember(to_remember) => model_jobs::remember(to_remember, &self.jobs),
                Errand::ReadArray(path) => {
                    let channels = self.state.model.as_ref().map(|model| model.spec.channels());
                    gather::read_array(path, channels, self.state.picture().is_some(), &self.jobs);
                }
                Errand::DrawBands(picture, photo, drawn) => drawn_bands::draw(picture, photo, drawn, &self.jobs),
                Errand::Decode(index, path, profiles) => collect::decode(index, path, profiles, &self.jobs),
                Errand::Keep(to_keep, dataset) => collect::keep(*to_keep, dataset, &self.writing, &self.jobs),
                Errand::ReadMaps(index, folder, maps) => collect::read_maps(index, folder, maps, &self.jobs),
                Errand::LookForResults(head, folder) => collect::look_for_results(*head, folder, &self.jobs),
            }
        }
    }

    /// Only the picture on the wall has a preview: a long filmstrip of large photos stays small.
    fn ask_for_preview(&mut self) {
        let (Some(picture), Some(model)) = (self.state.picture(), &self.state.model) else { return };
        let (photo, rule, mode) = (Arc::clone(&picture.photo), model.spec.crop, picture.crop);
        let known = |(known, known_rule, known_mode): &(Arc<Photo>, CropRule, CropMode)| {
            Arc::ptr_eq(known, &photo) && (*known_rule, *known_mode) == (rule, mode)
        };
        if self.is_previewing || self.previewed.as_ref().is_some_and(known) {
            return;
        }
        self.is_previewing = true;
        self.previewed = Some((Arc::clone(&photo), rule, mode));
        let bars = model.spec.bar_color(&photo);
        self.jobs.start("preview", move || Outcome::Preview(Box::new(Preview::new(photo, rule, mode, bars))));
    }

    /// Lets jobs draw what is to be shown, and the model look at it where that is a changed picture.
    fn request_drawings(&mut self) {
        let asked = request_drawings::request(&self.state, self.preview.as_ref(), &mut self.pictures, &self.jobs);
        if let Some((question, rankings)) = asked {
            self.state.probe(question, rankings);
        }
    }

    /// Draws the window and does what the user asks for.
    pub fn ui(&mut self, ui: &mut Ui) {
        let mut actions = Vec::new();
        let paused = self.state.active().is_some() && self.worker.is_paused();
        let now = Instant::now();
        let dropped = dropped::take(ui.ctx(), &self.jobs);
        system_theme::follow(ui.ctx(), &self.jobs);
        if !dropped.is_empty() {
            actions.push(Action::Open(dropped));
        }
        // Before everything else, so that it takes the keys first.
        model_picker::model_picker_ui(ui.ctx(), &self.state, &mut actions);
        let bar = theme::bar_frame(ui.visuals());
        let panel = theme::panel_frame(ui.visuals());
        let presents = self.panels.presents;
        if !presents {
            Panel::top("top bar").frame(bar).show(ui, |ui| {
                top_bar::top_bar_ui(ui, &self.state, paused, self.on_start, &mut actions);
            });
        }
        Panel::bottom("status bar").frame(bar).show(ui, |ui| {
            status_bar::status_bar_ui(ui, &self.state, &self.panels, paused, now, &mut actions);
        });
        if errors::has_errors(&self.state) {
            Panel::top("error").frame(Frame::NONE).show(ui, |ui| errors::errors_ui(ui, &self.state, &mut actions));
        }
        if !self.panels.hides_side && !presents {
            self.side_ui(ui, panel, &mut actions);
        }
        if self.state.pictures.len() > 1 && !presents {
            Panel::left("filmstrip").frame(panel).resizable(false).exact_size(FILMSTRIP_WIDTH).show(ui, |ui| {
                filmstrip::filmstrip_ui(ui, &self.state, &mut self.pictures, &mut actions);
            });
        }
        if self.is_welcoming() && !presents {
            Panel::top("welcome").frame(bar).show(ui, |ui| welcome::welcome_ui(ui, &mut actions));
        }
        let table_is_open = self.state.collection.as_ref().is_some_and(|collection| collection.view.is_open);
        if self.state.picture().is_some() && self.state.compared().is_none() && !table_is_open {
            Panel::bottom("timeline").frame(bar).show(ui, |ui| {
                timeline::timeline_ui(ui, &self.state, &mut actions);
            });
        }
        let wall = Frame::new().fill(theme::wall_fill(ui.visuals())).inner_margin(theme::GAP);
        let wall = CentralPanel::default().frame(wall).show(ui, |ui| self.wall_ui(ui, &mut actions)).response.rect;
        log::log_ui(ui, &self.state.messages, &mut self.log_is_open);
        toasts::toasts_ui(ui, wall, &self.state.messages.toasts, &mut actions);
        self.cover_ui(ui, paused, &mut actions);
        drop::drop_ui(ui.ctx(), self.is_held_over);
        for action in actions {
            self.act(action);
        }
        self.keep_up(now);
    }

    fn side_ui(&mut self, ui: &mut Ui, panel: Frame, actions: &mut Vec<Action>) {
        let (least, most) = (*SIDE_WIDTHS.start(), *SIDE_WIDTHS.end());
        let most = (ui.available_width() * SIDE_SHARE).clamp(least, most);
        let width = self.panels.side_width.min(most);
        let side = Panel::right("side").frame(Frame::NONE).resizable(true).default_size(width).size_range(least..=most);
        let zoomed = !self.viewport.zoom.is_whole();
        let shown = side.show(ui, |ui| side::side_ui(ui, panel, &self.state, &mut self.panels, zoomed, actions));
        self.panels.side_width = shown.response.rect.width();
    }

    /// Draws what lies over the window, and hears the keyboard if nothing does.
    fn cover_ui(&mut self, ui: &Ui, paused: bool, actions: &mut Vec<Action>) {
        let desk = Desk {
            state: &self.state,
            paused,
            zoomed: !self.viewport.zoom.is_whole(),
            hides_side: self.panels.hides_side,
            presents: self.panels.presents,
        };
        // What the keys open takes them from the next frame on.
        let is_covered = self.panels.cover.is_some() || self.state.models.is_open;
        keys::keys(ui.ctx(), desk, is_covered, actions);
        match &mut self.panels.cover {
            Some(Cover::Palette(query)) => palette::palette_ui(ui, desk, query, actions),
            Some(Cover::Sheet) => sheet::sheet_ui(ui, desk, actions),
            Some(Cover::Method(method)) => method_page::method_page_ui(ui, method, &self.state, actions),
            Some(Cover::Trust(method)) => trust::trust_ui(ui, method, &self.state, actions),
            Some(Cover::Path(field)) => path_field::path_field_ui(ui, field, actions),
            None => {}
        }
    }

    /// Whether the user has not opened a picture of their own since the window opened with a sample.
    fn is_welcoming(&self) -> bool {
        let is_sample = |picture: &Picture| picture.photo.origin == Origin::Sample;
        self.welcomes && !self.state.pictures.is_empty() && self.state.pictures.iter().all(is_sample)
    }

    fn wall_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        if let Some(collection) = self.state.collection.as_ref().filter(|collection| collection.view.is_open) {
            table::table_ui(ui, &self.state, collection, actions);
            return;
        }
        let Some(picture) = self.state.picture() else {
            empty::empty_ui(ui, &self.samples, &mut self.pictures, actions);
            return;
        };
        if let Some((pair, method)) = self.state.compared() {
            compare::compare_ui(
                ui,
                &compare::Scene {
                    pair,
                    method,
                    view: &self.state.view,
                    can_take: self.state.can_copy_comparison(),
                    pictures: &self.pictures,
                },
                actions,
            );
            return;
        }
        let preview = self.preview.as_ref().filter(|preview| Arc::ptr_eq(&preview.photo, &picture.photo));
        let scene = Scene {
            state: &self.state,
            picture,
            preview,
            pictures: &mut self.pictures,
            viewport: self.viewport,
            next: Viewport { marked: None, ..self.viewport },
        };
        let next = wall::wall_ui(ui, scene, actions);
        if next != self.viewport {
            // The tiles that were drawn before the pointer was found show its place in the next frame.
            self.viewport = next;
            ui.ctx().request_repaint();
        }
    }

    /// What the window knows, for tests.
    pub fn state(&self) -> &State {
        &self.state
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        if let Some(trace) = &mut self.trace {
            let took = frame.info().cpu_usage.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok());
            trace.frame(ctx.cumulative_frame_nr(), took, Instant::now());
        }
        App::logic(self);
        if let Some(trace) = &mut self.trace {
            trace.set_computing(self.state.active().is_some(), Instant::now());
            trace.print();
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        App::ui(self, ui);
        if self.trace.as_ref().is_some_and(Trace::waits_for_a_frame) {
            // The second frame's beginning tells when the first was done.
            ui.ctx().request_repaint();
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        if self.keeps {
            storage.set_string(settings::KEY, self.settings());
        }
    }

    /// What is worth keeping of it is among the settings.
    fn persist_egui_memory(&self) -> bool {
        false
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(trace) = &mut self.trace {
            trace.close(Instant::now());
            trace.print();
        }
    }
}
