//! What the user asked for, done.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use super::App;
use crate::{
    app::{
        jobs::{Jobs, Outcome, collect, dialogs, gather, paste, save, show_folder},
        state::{
            action::Action,
            appearance::Appearance,
            chart::Chart,
            model_list::ModelsAction,
            palette_query::PaletteQuery,
            panels::{Cover, Tab},
            path_field::{Asked, PathField},
            sources::{self, Sorted},
            view_options::ViewOptions,
        },
        theme,
        ui::{charts, wall::zoom::Zoom},
    },
    dataset::FigureOf,
    export::{self, chart::Format},
    worker::Command,
};

/// How much larger everything is while the window is laid out for a projector.
const PRESENTING_ZOOM: f32 = 1.3;

/// What is written into a file of its own.
#[derive(Debug)]
pub(super) enum Drawing {
    /// A chart.
    Chart(export::Chart),
    /// Two runs beside each other.
    Comparison(Box<save::Comparison>),
}

impl Drawing {
    fn write(&self, path: &Path, format: Format) -> Result<(), export::ExportError> {
        match self {
            Self::Chart(chart) => chart.write(path, format),
            Self::Comparison(comparison) => comparison.plate()?.write(path, format),
        }
    }
}

impl App {
    pub(super) fn act(&mut self, action: Action) {
        let now = Instant::now();
        match action {
            Action::OpenDialog => self.ask(Asked::Pictures, dialogs::pick_pictures),
            Action::SaveDialog if self.saving.is_none() && self.state.can_save() => {
                self.ask(Asked::RunFolder, dialogs::pick_folder);
            }
            Action::SaveDialog => {}
            Action::TakePath(asked, path) => self.take(match asked {
                Asked::Pictures => Outcome::Picked(vec![path]),
                Asked::Model => Outcome::ModelFile(Some(path)),
                Asked::Names => Outcome::NamesFile(Some(path)),
                Asked::RunFolder => Outcome::Folder(Some(path)),
                Asked::ChartFile => Outcome::ChartFile(Some(path)),
            }),
            Action::ChooseOutputs(outputs) => self.state.outputs = outputs,
            Action::CancelSaving => {
                if let Some(saving) = &self.saving {
                    saving.cancel();
                }
            }
            Action::Copy(what) => save::copy(&self.state, self.viewport.zoom.part(), what, &self.jobs),
            Action::Paste => paste::paste(&self.jobs),
            Action::Open(sources) => {
                let Sorted { model, names, pictures, maps, left_out } = sources::sorted(sources);
                for path in left_out {
                    let file = path.display().to_string();
                    self.state.messages.error(text!("drop-one-model", file = file));
                }
                match (model, names) {
                    (Some(model), None) => self.state.host_model(model),
                    (Some(model), names) => self.state.host_named(model, names),
                    (None, Some(text)) => gather::read_text(text, &self.jobs),
                    (None, None) => {}
                }
                self.state.open_arrays(maps, !pictures.is_empty());
                let (paths, others) = sources::parted(pictures);
                if let Some(trace) = self.trace.as_mut().filter(|_| !paths.is_empty() || !others.is_empty()) {
                    trace.ask(now);
                }
                if !paths.is_empty() {
                    gather::gather(paths, &self.jobs);
                }
                self.state.open(others);
            }
            Action::Select(number) => self.state.turn_to(number),
            Action::OpenRow(index) => self.state.open_row(index),
            Action::LookAtCollection(view) => {
                if let Some(collection) = &mut self.state.collection {
                    collection.look(*view);
                }
            }
            Action::ExplainAll => self.state.explain_all(),
            Action::HoldQueue(is_held) => self.state.hold_queue(is_held),
            Action::CancelQueue => self.state.cancel_queue(),
            Action::ChooseRow(index) => {
                if let Some(collection) = &mut self.state.collection
                    && !collection.chosen.remove(&index)
                {
                    collection.chosen.insert(index);
                }
            }
            Action::ChooseFigure(figure) => self.state.figure = *figure,
            Action::DrawFigure => self.draw_figure(),
            Action::ReportCollection => self.report_collection(),
            Action::CloseCollection => {
                self.state.cancel_queue();
                self.state.collection = None;
            }
            Action::Run => self.state.want_run(),
            Action::MeasureChance => self.state.want_chance(),
            Action::ExplainClass(class) => self.state.explain_class(class),
            Action::CompareWithClass(class) => self.state.compare_with_class(class),
            Action::ExplainAgainst(class) => self.state.explain_against(class),
            Action::ExplainScore(score) => self.state.explain_score(score),
            Action::Cut(crop) => self.state.cut(crop),
            Action::DrawBands(drawn) => self.state.draw_bands(drawn),
            Action::GoOn => self.state.want_rest(now),
            Action::Pause => self.state.set_paused(true, now),
            Action::Resume => self.state.set_paused(false, now),
            Action::Stop => self.state.stop(now),
            Action::Host(choice) => self.state.host_model(choice),
            Action::Models(action) => self.act_on_models(action),
            Action::StopFetching => self.state.outbox.tell(Command::StopFetching),
            Action::HostWith(options) => self.state.host_with(*options),
            Action::ShowStep(number) => self.state.show_step(number),
            Action::SetTimeline(method) => self.state.set_timeline(method),
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
            Action::DeleteRun(run) => self.state.delete_run(run),
            Action::PinRun(run) => self.state.pin_run(run),
            Action::NoteRun(run, note) => self.state.note_run(run, note),
            Action::Compare(method) => self.state.compare(method),
            Action::CompareModels(compares) => self.state.compare_models(compares),
            Action::PlayOrStop => self.state.play_or_stop(now),
            Action::SetPace(pace) => self.state.set_pace(pace, now),
            Action::LookForRecent => gather::look_for_recent(&self.state.recent, &self.jobs),
            Action::ForgetRecent => self.state.recent.clear(),
            Action::SetOnStart(choice) => self.on_start = choice,
            Action::SetProfiles(profiles) => self.state.profiles = profiles,
            Action::DismissWelcome => self.welcomes = false,
            Action::ToggleGroup(group) => self.panels.toggle(&group),
            Action::ShowTab(tab) => self.panels.tab = tab,
            Action::ShowValues(by_value) => {
                self.panels.tab = Tab::Parameters;
                self.panels.by_value = by_value;
            }
            Action::MoveStep(by) => self.state.move_step(by),
            Action::MoveTile(tile, place_of) => self.state.tiles.move_to(tile, place_of),
            Action::ToggleTile(tile) => self.state.toggle_tile(tile),
            Action::EnlargeTile(tile) => self.state.tiles.toggle_alone(tile),
            Action::Split(split) => self.state.tiles.split = split,
            Action::ResetView => {
                self.state.view = ViewOptions::default();
                self.viewport.zoom = Zoom::default();
            }
            Action::Wipe(place) => self.state.view.wipe = place,
            Action::Touch(touched) => self.state.touched = touched,
            Action::ToggleCurves(method) => {
                if !self.state.view.hidden_curves.remove(&method) {
                    self.state.view.hidden_curves.insert(method);
                }
            }
            Action::ToggleRandom => self.state.view.hides_random = !self.state.view.hides_random,
            Action::ShowIterationChart(chart) => self.state.view.iteration_chart = chart.to_owned(),
            Action::SaveChart(chart, format) => self.save_chart(chart, format),
            Action::SaveComparison(format) => self.save_comparison(format),
            Action::DismissError => {
                self.state.forget_unfetched();
                self.state.messages.dismiss();
            }
            Action::ToggleLog => self.log_is_open = !self.log_is_open,
            Action::SetViewOptions(options) => self.state.view = *options,
            Action::FindClass => self.state.search.wants_keyboard = true,
            Action::SearchClasses(search) => self.state.search = search,
            Action::SetTheme(theme) => self.show(Appearance { theme, ..self.state.appearance }),
            Action::SetZoom(zoom) => self.show(Appearance { zoom, ..self.state.appearance }),
            Action::ShowSide(shows) => self.panels.hides_side = !shows,
            Action::ToggleFullScreen => {
                let is_full = self.ctx.input(|input| input.viewport().fullscreen.unwrap_or(false));
                self.fill_screen(!is_full);
            }
            Action::Present(presents) => {
                self.panels.presents = presents;
                self.fill_screen(presents);
                self.show(self.state.appearance);
            }
            Action::Say(words) => self.state.messages.done(words, now),
            Action::ShowPalette => self.panels.cover = Some(Cover::Palette(PaletteQuery::default())),
            Action::ShowSheet => self.panels.cover = Some(Cover::Sheet),
            Action::ShowMethod(method) => self.panels.cover = Some(Cover::Method(method)),
            Action::ShowTrust(method) => self.panels.cover = Some(Cover::Trust(method)),
            Action::MeasureTrust(method) => self.state.want_trust(method),
            Action::MarkInSight => self.state.mark(self.viewport.zoom.part()),
            Action::Unmark => self.state.unmark(),
            Action::Uncover => self.panels.cover = None,
            Action::ShowFolder(folder) => show_folder::show(folder, &self.opener, &self.jobs),
            Action::DismissToast(number) => self.state.messages.toasts.dismiss(number),
            Action::Quit => self.ctx.send_viewport_cmd(egui::ViewportCommand::Close),
        }
        self.ctx.request_repaint();
    }

    fn act_on_models(&mut self, action: ModelsAction) {
        match action {
            ModelsAction::Open(purpose) => self.state.models.open(purpose),
            ModelsAction::Take(choice) => self.state.take_model(choice),
            ModelsAction::Unjudge => self.state.judge_by(None),
            ModelsAction::Unbeside => self.state.stand_beside(None),
            ModelsAction::Close => self.state.models.close(),
            ModelsAction::Search(search) => self.state.models.look_for(search),
            ModelsAction::FetchAgain => self.state.fetch_again(),
            ModelsAction::ChooseFileInstead => {
                self.state.give_up_fetching();
                self.act_on_models(ModelsAction::ChooseFile);
            }
            ModelsAction::ChooseNames => self.ask(Asked::Names, dialogs::pick_names),
            ModelsAction::NameClasses(file) => self.state.name_classes(file),
            ModelsAction::ChooseFile => self.ask(Asked::Model, dialogs::pick_model),
            ModelsAction::Verify(entry) => self.state.verify_model(entry),
            ModelsAction::AskToRemove(entry) => self.state.models.removing = entry,
            ModelsAction::Remove(entry) => self.state.remove_model(entry),
            ModelsAction::TypeNumbers(typed) => self.state.models.typed = typed,
            ModelsAction::Remember => self.state.remember_said(),
        }
    }

    /// Asks for a path in a dialog, unless one is open, or in a field where there is none.
    fn ask(&mut self, asked: Asked, dialog: impl FnOnce(&Jobs)) {
        if self.dialog_is_open {
            return;
        }
        if self.has_dialogs {
            self.dialog_is_open = true;
            dialog(&self.jobs);
        } else {
            self.type_path(asked);
        }
    }

    /// Lets a path be typed.
    pub(super) fn type_path(&mut self, asked: Asked) {
        let name = self.asked_chart.as_ref().filter(|_| asked == Asked::ChartFile).map(|(name, ..)| name.clone());
        self.panels.cover = Some(Cover::Path(PathField { asked, text: name.unwrap_or_default() }));
    }

    fn show(&mut self, appearance: Appearance) {
        self.state.appearance = appearance.checked();
        // Who sits far from a projector reads larger words.
        let by = if self.panels.presents { PRESENTING_ZOOM } else { 1.0 };
        let seen = Appearance { zoom: self.state.appearance.zoom * by, ..self.state.appearance };
        theme::follow(&self.ctx, seen.checked());
    }

    fn fill_screen(&self, fills: bool) {
        self.ctx.send_viewport_cmd(egui::ViewportCommand::Fullscreen(fills));
    }

    /// Writes tables and a report of the collection's results into their folder.
    fn report_collection(&mut self) {
        if let Some(collection) = &self.state.collection
            && let Some((_, folder)) = &collection.results
        {
            collect::report(folder.clone(), Arc::clone(&collection.dataset), &self.jobs);
        }
    }

    /// Draws the chosen pictures of the collection as a figure, into the folder of its results.
    fn draw_figure(&mut self) {
        if let Some(collection) = &self.state.collection
            && let Some((_, folder)) = &collection.results
        {
            let of = FigureOf { pictures: collection.for_figure(), ..self.state.figure.clone() };
            collect::figure(folder.clone(), of, Arc::clone(&collection.dataset), &self.jobs);
        }
    }

    fn close(&mut self, number: usize) {
        if let Some(picture) = self.state.pictures.get(number) {
            self.pictures.forget(picture.id);
        }
        self.state.close(number);
    }

    /// Saves the run on the wall in a folder in `folder`, unless one is being saved.
    pub fn save_in(&mut self, folder: &Path) {
        if self.saving.is_none() {
            self.saving = save::save(&self.state, self.viewport.zoom.part(), folder, &self.jobs);
            self.state.saving = self.saving.is_some().then_some((0, 1));
        }
    }

    fn save_chart(&mut self, chart: Chart, format: Format) {
        let name = self.state.picture().map(|picture| export::folder_name(&picture.photo.name));
        let name = format!("{}.{}.{}", name.as_deref().unwrap_or("picture"), chart.name(), format.extension());
        let drawing = Drawing::Chart(charts::figure(chart, &self.state));
        self.save_drawing(name, drawing, format);
    }

    fn save_comparison(&mut self, format: Format) {
        let Some(comparison) = save::comparison(&self.state, self.viewport.zoom.part()) else { return };
        let name = self.state.picture().map(|picture| export::folder_name(&picture.photo.name));
        let name = format!("{}.comparison.{}", name.as_deref().unwrap_or("picture"), format.extension());
        self.save_drawing(name, Drawing::Comparison(Box::new(comparison)), format);
    }

    fn save_drawing(&mut self, name: String, drawing: Drawing, format: Format) {
        if let Some(folder) = &self.chart_folder {
            let path = folder.join(name);
            self.write_drawing(drawing, format, path);
        } else if !self.dialog_is_open {
            self.asked_chart = Some((name.clone(), drawing, format));
            self.ask(Asked::ChartFile, |jobs| dialogs::pick_chart_file(jobs, name, format));
        }
    }

    /// Writes the chart or comparison that a file was asked for into it, if one was given.
    pub(super) fn write_asked_chart(&mut self, path: Option<PathBuf>) {
        if let (Some((_, drawing, format)), Some(path)) = (self.asked_chart.take(), path) {
            self.write_drawing(drawing, format, path);
        }
    }

    fn write_drawing(&self, drawing: Drawing, format: Format, path: PathBuf) {
        self.jobs.start("save chart", move || match drawing.write(&path, format) {
            Ok(()) => Outcome::ChartSaved(path),
            Err(error) => Outcome::Failed(error.to_string()),
        });
    }
}
