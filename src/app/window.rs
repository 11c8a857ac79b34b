//! The window's frame: where its panels are, and what their actions do.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use egui::{CentralPanel, ColorImage, Context, Frame, Panel, Ui};
use image::RgbImage;

use super::{
    Options,
    action::Action,
    appearance::Appearance,
    charts::Chart,
    commands::Desk,
    compare, dialogs,
    drawings::Drawings,
    drop, empty, filmstrip,
    jobs::{Jobs, Outcome},
    keys, log,
    look::Look,
    model_jobs,
    model_list::ModelsAction,
    model_picker,
    opening::{self, OnStart},
    ordering, palette,
    panels::{Cover, Panels},
    paste,
    picture::Picture,
    preview::Preview,
    recent,
    run_state::RunState,
    save,
    settings::{self, Keep, Settings},
    sheet, side,
    state::State,
    status_bar, system_theme,
    textures::Textures,
    theme,
    tile::Scene,
    timeline, toasts, top_bar,
    trace::Trace,
    wall::{self, Gaze},
    welcome,
    zoom::Zoom,
};
use crate::{
    explain::{Control, MethodKind, Parameters},
    export::{self, chart::Format},
    imaging::{CropMode, CropRule, Origin, Photo, SAMPLES},
    model::ModelChoice,
    worker::{Command, Event, Source, Worker},
};

/// The window, apart from the system's frame around it.
pub struct App {
    ctx: Context,
    worker: Worker,
    jobs: Jobs,
    state: State,
    textures: Textures,
    drawings: Drawings,
    samples: Vec<RgbImage>,
    preview: Option<Arc<Preview>>,
    /// The picture whose preview was asked for last, and how it is cut there.
    previewed: Option<(Arc<Photo>, CropRule, CropMode)>,
    gaze: Gaze,
    panels: Panels,
    on_start: OnStart,
    /// Whether settings are kept.
    keeps: bool,
    /// Whether the user is welcomed, as long as no picture of their own is open.
    welcomes: bool,
    dialog_is_open: bool,
    /// Cancels the saving under way.
    saving: Option<Arc<Control>>,
    /// Where charts are saved without a dialog.
    chart_folder: Option<PathBuf>,
    log_is_open: bool,
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
            state: State::default(),
            textures: Textures::default(),
            drawings: Drawings::default(),
            samples: Vec::new(),
            preview: None,
            previewed: None,
            gaze: Gaze::default(),
            panels: Panels::default(),
            on_start: OnStart::default(),
            keeps: options.keep != Keep::Nowhere,
            welcomes: false,
            dialog_is_open: false,
            saving: None,
            chart_folder: None,
            log_is_open: false,
            trace: None,
        };
        if let ModelChoice::Catalogue(_) = options.host.model {
            // The worker was told already; what is asked of it waits for this model.
            app.state.host_model(options.host.model.clone());
        }
        app.state.host = options.host;
        let settings = Settings::from_json(settings);
        app.on_start = settings.on_start;
        settings.give_to(&mut app.state, &mut app.panels);
        app.state.appearance.theme = options.theme.unwrap_or(app.state.appearance.theme);
        theme::follow(&app.ctx, app.state.appearance);
        app.jobs.start("samples", || Outcome::Samples(empty::sample_pictures()));
        let mut sources: Vec<Source> = options.pictures.into_iter().map(Source::File).collect();
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
        SAMPLES.iter().position(|sample| sample.name == opening::FIRST_SAMPLE).map(Source::Sample).into_iter().collect()
    }

    /// The window, dark or light as the desktop is, unless the user chose.
    pub fn as_the_desktop(self) -> Self {
        system_theme::ask(&self.jobs);
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
        model_jobs::look(&mut self.state, &self.jobs);
        self.state.settle(now);
        self.send_request(now);
        self.ask_for_preview();
        self.order_drawings();
        let waits = [self.state.play_on(now), self.state.edits.settles_in(now), self.state.messages.toasts.settle(now)];
        let next = waits.into_iter().flatten().min();
        if let Some(next) = next {
            self.ctx.request_repaint_after(next);
        }
    }

    fn take(&mut self, outcome: Outcome) {
        let now = Instant::now();
        match outcome {
            Outcome::Picked(paths) => {
                self.dialog_is_open = false;
                self.act(Action::Open(paths.into_iter().map(Source::File).collect()));
            }
            Outcome::Folder(folder) => {
                self.dialog_is_open = false;
                if let Some(folder) = folder {
                    self.save_in(&folder);
                }
            }
            Outcome::Pasted(sources) => self.act(Action::Open(sources)),
            Outcome::Saving { done, files } => {
                // What a job told before it was cancelled says nothing any more.
                if self.saving.is_some() {
                    self.state.saving = Some((done, files));
                }
            }
            Outcome::Saved(folder) => {
                self.end_saving();
                self.state.messages.done(text!("told-saved-in", folder = folder.display().to_string()), now);
            }
            Outcome::SavingCancelled(folder) => {
                self.end_saving();
                let folder = folder.display().to_string();
                self.state.messages.note(text!("told-saving-cancelled", folder = folder));
            }
            Outcome::SavingFailed(message) => {
                self.end_saving();
                self.state.messages.error(message);
            }
            Outcome::Copied { name, picture } => {
                let size = [picture.width() as usize, picture.height() as usize];
                self.ctx.copy_image(ColorImage::from_rgb(size, &picture));
                let [width, height] = size;
                self.state.messages.done(text!("told-copied", what = name, width = width, height = height), now);
            }
            Outcome::Gathered { sources, remarks } => {
                for remark in remarks {
                    self.state.messages.error(remark);
                }
                self.open(sources);
            }
            Outcome::Missing(missing) => self.state.recent.set_missing(missing),
            Outcome::Samples(pictures) => self.samples = pictures,
            Outcome::Preview(preview) => self.preview = Some(Arc::new(*preview)),
            Outcome::Drawn(method, drawing) => self.drawings.take(&self.ctx, &self.jobs, method, *drawing),
            Outcome::ChartFile(chart, path) => {
                self.dialog_is_open = false;
                if let Some(path) = path {
                    let (chart, format) = *chart;
                    self.write_chart(chart, format, path);
                }
            }
            Outcome::ChartSaved(path) => {
                self.state.messages.done(text!("told-saved", file = path.display().to_string()), now);
            }
            Outcome::Models(told) => self.state.models_told(told),
            Outcome::ModelFile(path) => {
                self.dialog_is_open = false;
                if let Some(path) = path {
                    self.act(Action::Host(ModelChoice::File(path)));
                }
            }
            Outcome::SystemTheme(theme) => system_theme::take(&self.ctx, theme),
            Outcome::Failed(message) => self.state.messages.error(message),
        }
    }

    /// Saves the run on the wall in a folder in `folder`, unless one is being saved.
    pub fn save_in(&mut self, folder: &Path) {
        if self.saving.is_none() {
            self.saving = save::save(&self.state, folder, &self.jobs);
            self.state.saving = self.saving.is_some().then_some((0, 1));
        }
    }

    fn end_saving(&mut self) {
        self.saving = None;
        self.state.saving = None;
    }

    /// Opens pictures that are known to be no folders.
    fn open(&mut self, sources: Vec<Source>) {
        if let Some(command) = self.state.open(sources) {
            self.worker.send(command);
        }
    }

    fn send_request(&mut self, now: Instant) {
        if let Some(command) = self.state.take_request(now) {
            self.worker.send(command);
        }
    }

    /// Only the picture on the wall has a preview: a long filmstrip of large photos stays small.
    fn ask_for_preview(&mut self) {
        let (Some(picture), Some(model)) = (self.state.picture(), &self.state.model) else { return };
        let (photo, rule, mode) = (Arc::clone(&picture.photo), model.spec.crop, picture.crop);
        let known = |(known, known_rule, known_mode): &(Arc<Photo>, CropRule, CropMode)| {
            Arc::ptr_eq(known, &photo) && (*known_rule, *known_mode) == (rule, mode)
        };
        if self.previewed.as_ref().is_some_and(known) {
            return;
        }
        self.previewed = Some((Arc::clone(&photo), rule, mode));
        let bars = model.spec.normalisation.mean_color();
        self.jobs.start("preview", move || Outcome::Preview(Box::new(Preview::new(photo, rule, mode, bars))));
    }

    /// Lets jobs draw what the tiles are to show, and the model look at it where that is a changed picture.
    fn order_drawings(&mut self) {
        let command = ordering::order(&mut self.state, self.preview.as_ref(), &mut self.drawings, &self.jobs);
        if let Some(command) = command {
            self.worker.send(command);
        }
    }

    fn save_chart(&mut self, chart: Chart, format: Format) {
        let name = self.state.picture().map(|picture| export::folder_name(&picture.photo.name));
        let name = format!("{}.{}.{}", name.as_deref().unwrap_or("picture"), chart.name(), format.ending());
        let figure = chart.figure(&self.state);
        if let Some(folder) = &self.chart_folder {
            let path = folder.join(name);
            self.write_chart(figure, format, path);
        } else if !self.dialog_is_open {
            self.dialog_is_open = true;
            dialogs::pick_chart_file(&self.jobs, name, figure, format);
        }
    }

    fn write_chart(&self, chart: export::Chart, format: Format, path: PathBuf) {
        self.jobs.start("save chart", move || match chart.write(&path, format) {
            Ok(()) => Outcome::ChartSaved(path),
            Err(error) => Outcome::Failed(error.to_string()),
        });
    }

    /// Draws the window and does what the user asks for.
    pub fn ui(&mut self, ui: &mut Ui) {
        let mut actions = Vec::new();
        let paused = self.state.active().is_some() && self.worker.is_paused();
        let now = Instant::now();
        let dropped = drop::dropped(ui.ctx(), &self.jobs);
        system_theme::follow(ui.ctx(), &self.jobs);
        if !dropped.is_empty() {
            actions.push(Action::Open(dropped));
        }
        // Before everything else, so that it takes the keys first.
        model_picker::model_picker_ui(ui.ctx(), &mut self.state, &mut actions);
        let bar = theme::bar_frame(ui.visuals());
        let panel = theme::panel_frame(ui.visuals());
        Panel::top("top bar").frame(bar).show(ui, |ui| {
            top_bar::top_bar_ui(ui, &self.state, paused, self.on_start, &mut actions);
        });
        Panel::bottom("status bar").frame(bar).show(ui, |ui| {
            status_bar::status_bar_ui(ui, &self.state, paused, now, &mut actions);
        });
        if let Some(error) = self.state.messages.shown_error() {
            Panel::top("error").frame(Frame::NONE).show(ui, |ui| log::error_ui(ui, error, &mut actions));
        }
        Panel::right("side").frame(Frame::NONE).resizable(false).exact_size(theme::SIDE_WIDTH).show(ui, |ui| {
            let zoomed = !self.gaze.zoom.is_whole();
            side::side_ui(ui, panel, &mut self.state, &mut self.panels, zoomed, &mut actions);
        });
        if self.state.pictures.len() > 1 {
            Panel::left("filmstrip").frame(panel).resizable(false).exact_size(theme::FILMSTRIP_WIDTH).show(ui, |ui| {
                filmstrip::filmstrip_ui(ui, &self.state, &mut self.textures, &mut actions);
            });
        }
        if self.is_welcoming() {
            Panel::top("welcome").frame(bar).show(ui, |ui| welcome::welcome_ui(ui, &mut actions));
        }
        if self.state.picture().is_some() && self.compared().is_none() {
            Panel::bottom("timeline").frame(bar).show(ui, |ui| {
                timeline::timeline_ui(ui, &self.state, &mut actions);
            });
        }
        let wall = Frame::new().fill(theme::wall_fill(ui.visuals())).inner_margin(theme::GAP);
        let wall = CentralPanel::default().frame(wall).show(ui, |ui| self.wall_ui(ui, &mut actions)).response.rect;
        log::log_ui(ui, &self.state.messages, &mut self.log_is_open);
        toasts::toasts_ui(ui, wall, &self.state.messages.toasts, &mut actions);
        self.cover_ui(ui, paused, &mut actions);
        drop::drop_ui(ui.ctx());
        for action in actions {
            self.act(action);
        }
        self.send_request(now);
        self.order_drawings();
    }

    /// Draws what lies over the window, and hears the keyboard if nothing does.
    fn cover_ui(&mut self, ui: &Ui, paused: bool, actions: &mut Vec<Action>) {
        let desk = Desk { state: &self.state, paused, zoomed: !self.gaze.zoom.is_whole() };
        // What the keys open takes them from the next frame on.
        let is_covered = self.panels.cover.is_some() || self.state.models.is_open;
        keys::keys(ui.ctx(), desk, is_covered, actions);
        match &mut self.panels.cover {
            Some(Cover::Palette(query)) => palette::palette_ui(ui, desk, query, actions),
            Some(Cover::Sheet) => sheet::sheet_ui(ui, desk, actions),
            None => {}
        }
    }

    /// Whether the user has not opened a picture of their own since the window opened with a sample.
    fn is_welcoming(&self) -> bool {
        let is_sample = |picture: &Picture| picture.photo.origin == Origin::Sample;
        self.welcomes && !self.state.pictures.is_empty() && self.state.pictures.iter().all(is_sample)
    }

    /// The two runs that are compared and by which method, while they are.
    fn compared(&self) -> Option<([&RunState; 2], MethodKind)> {
        Some((self.state.history()?.pair()?, self.state.comparing?))
    }

    fn wall_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let Some(picture) = self.state.picture() else {
            empty::empty_ui(ui, &self.samples, &mut self.textures, actions);
            return;
        };
        let preview = self.preview.as_ref().filter(|preview| Arc::ptr_eq(&preview.photo, &picture.photo));
        if let (Some(pair), Some(method)) = (picture.history.pair(), self.state.comparing) {
            let scene = compare::Scene { state: &self.state, pair, method, preview: preview.map(Arc::as_ref) };
            compare::compare_ui(ui, &scene, &mut self.textures, actions);
            return;
        }
        let scene = Scene {
            state: &self.state,
            picture,
            preview,
            textures: &mut self.textures,
            drawings: &self.drawings,
            gaze: self.gaze,
            next: Gaze { marked: None, ..self.gaze },
        };
        let next = wall::wall_ui(ui, scene, actions);
        if next != self.gaze {
            // The tiles that were drawn before the pointer was found show its place in the next frame.
            self.gaze = next;
            ui.ctx().request_repaint();
        }
    }

    fn act(&mut self, action: Action) {
        let now = Instant::now();
        match action {
            Action::OpenDialog if !self.dialog_is_open => {
                self.dialog_is_open = true;
                dialogs::pick_pictures(&self.jobs);
            }
            Action::SaveDialog if !self.dialog_is_open && self.saving.is_none() && save::is_possible(&self.state) => {
                self.dialog_is_open = true;
                dialogs::pick_folder(&self.jobs);
            }
            Action::OpenDialog | Action::SaveDialog => {}
            Action::ChooseOutputs(outputs) => self.state.outputs = outputs,
            Action::CancelSaving => {
                if let Some(saving) = &self.saving {
                    saving.cancel();
                }
            }
            Action::Copy(what) => save::copy(&self.state, what, &self.jobs),
            Action::Paste => paste::paste(&self.jobs),
            Action::Open(sources) => {
                let (model, sources) = drop::sorted(sources);
                if let Some(model) = model {
                    self.act(Action::Host(model));
                }
                let (paths, others) = opening::parted(sources);
                if let Some(trace) = self.trace.as_mut().filter(|_| !paths.is_empty() || !others.is_empty()) {
                    trace.ask(now);
                }
                if !paths.is_empty() {
                    opening::gather(paths, &self.jobs);
                }
                self.open(others);
            }
            Action::Select(number) => self.state.select(number),
            Action::Run => self.state.want_run(),
            Action::ExplainClass(class) => self.state.explain_class(class),
            Action::CompareWithClass(class) => self.state.compare_with_class(class),
            Action::ExplainAgainst(class) => self.state.explain_against(class),
            Action::ExplainScore(score) => self.state.explain_score(score),
            Action::Cut(crop) => self.state.cut(crop),
            Action::Pause => {
                self.worker.send(Command::Pause);
                self.state.set_paused(true, now);
            }
            Action::Resume => {
                self.worker.send(Command::Resume);
                self.state.set_paused(false, now);
            }
            Action::Stop => self.worker.send(Command::Stop),
            Action::Host(choice) => {
                let command = self.state.host_model(choice);
                self.worker.send(command);
            }
            Action::Models(action) => self.act_on_models(action),
            Action::StopFetching => self.worker.send(Command::StopFetching),
            Action::HostWith(options) => {
                let command = self.state.host_with(options);
                self.worker.send(command);
            }
            Action::ShowStep(number) => self.state.chosen_step = number,
            Action::Close(number) => self.close(number),
            Action::Edit { parameters, held } => self.state.edit(*parameters, held, now),
            Action::Undo => self.state.undo(),
            Action::Redo => self.state.redo(),
            Action::SavePreset(name) => self.state.save_preset(&name),
            Action::RenamePreset { from, to } => self.state.rename_preset(&from, &to),
            Action::DeletePreset(name) => self.state.delete_preset(&name),
            Action::ShowRun(run) => self.state.show_run(run),
            Action::AdoptRun(run) => self.state.adopt_run(run, now),
            Action::Rerun(run) => self.state.rerun(run, now),
            Action::DeleteRun(run) => {
                if let Some(command) = self.state.delete_run(run) {
                    self.worker.send(command);
                }
            }
            Action::PinRun(run) => self.state.pin_run(run),
            Action::NoteRun(run, note) => self.state.note_run(run, note),
            Action::Compare(method) => self.state.comparing = method,
            Action::PlayOrStop => self.state.play_or_stop(now),
            Action::SetPace(pace) => self.state.set_pace(pace, now),
            Action::LookForRecent => recent::look_for(&self.state.recent, &self.jobs),
            Action::ForgetRecent => self.state.recent.clear(),
            Action::SetOnStart(choice) => self.on_start = choice,
            Action::DismissWelcome => self.welcomes = false,
            Action::ToggleGroup(group) => self.panels.toggle(group),
            Action::ShowTab(tab) => self.panels.tab = tab,
            Action::MoveStep(by) => self.state.move_step(by),
            Action::MoveTile(tile, place_of) => self.state.tiles.move_to(tile, place_of),
            Action::ToggleTile(tile) => self.state.tiles.toggle(tile),
            Action::EnlargeTile(tile) => self.state.tiles.toggle_alone(tile),
            Action::Split(split) => self.state.tiles.split = split,
            Action::ResetView => {
                self.state.look = Look::default();
                self.gaze.zoom = Zoom::default();
            }
            Action::Wipe(place) => self.state.look.wipe = place,
            Action::Touch(touched) => self.state.touched = touched,
            Action::ToggleCurves(method) => {
                if !self.state.look.hidden_curves.remove(&method) {
                    self.state.look.hidden_curves.insert(method);
                }
            }
            Action::ShowHistory(history) => self.state.look.history = history,
            Action::SaveChart(chart, format) => self.save_chart(chart, format),
            Action::DismissError => self.state.messages.dismiss(),
            Action::ToggleLog => self.log_is_open = !self.log_is_open,
            Action::SetLook(look) => self.state.look = *look,
            Action::FindClass => self.state.search.wants_keyboard = true,
            Action::SetTheme(theme) => self.show(Appearance { theme, ..self.state.appearance }),
            Action::SetZoom(zoom) => self.show(Appearance { zoom, ..self.state.appearance }),
            Action::ShowPalette => self.panels.cover = Some(Cover::Palette(palette::Query::default())),
            Action::ShowSheet => self.panels.cover = Some(Cover::Sheet),
            Action::Uncover => self.panels.cover = None,
            Action::DismissToast(number) => self.state.messages.toasts.dismiss(number),
            Action::Quit => self.ctx.send_viewport_cmd(egui::ViewportCommand::Close),
        }
        self.ctx.request_repaint();
    }

    fn act_on_models(&mut self, action: ModelsAction) {
        match action {
            ModelsAction::Open => self.state.models.open(),
            ModelsAction::Close => self.state.models.close(),
            ModelsAction::ChooseFile if self.dialog_is_open => {}
            ModelsAction::ChooseFile => {
                self.dialog_is_open = true;
                dialogs::pick_model(&self.jobs);
            }
            ModelsAction::Verify(entry) => model_jobs::verify(&mut self.state, entry, &self.jobs),
            ModelsAction::AskToRemove(entry) => self.state.models.removing = entry,
            ModelsAction::Remove(entry) => model_jobs::remove(&mut self.state, entry, &self.jobs),
        }
    }

    fn show(&mut self, appearance: Appearance) {
        self.state.appearance = appearance.checked();
        theme::follow(&self.ctx, self.state.appearance);
    }

    fn close(&mut self, number: usize) {
        if let Some(picture) = self.state.pictures.get(number) {
            self.textures.forget(picture.id);
        }
        if let Some(command) = self.state.close(number) {
            self.worker.send(command);
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
