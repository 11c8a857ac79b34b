//! Everything the window knows. Plain data: it learns from worker events and user actions, and never touches egui.

mod models;
mod parameters;
mod playing;
mod runs;

use std::{sync::Arc, time::Instant};

use super::{
    appearance::Appearance,
    class_search::ClassSearch,
    edits::Edits,
    look::Look,
    messages::Messages,
    model_list::ModelList,
    numbers,
    picture::{Picture, PictureId},
    playback::Playback,
    presets::UserPreset,
    probing::Probing,
    recent::Recent,
    reuse::Wish,
    run_state::{Question, RunState, Status},
    tiles::Tiles,
};
use crate::{
    device::{DeviceChoice, DeviceEntry},
    explain::{Change, MethodKind, Parameters, Step},
    export::Outputs,
    imaging::{CropMode, Origin},
    model::{Architecture, ModelChoice, ModelSpec, Progress, Score},
    worker::{Command, Event, HostOptions, Request, RunId, Source},
};

/// The order methods are run in: the quickest first, so that there is a map at once, and then the one to watch.
const RUN_ORDER: [MethodKind; 3] = [MethodKind::GradCam, MethodKind::Igos, MethodKind::IntegratedGradients];
/// The most memory that the pixels of all open pictures may take, in bytes: 2 GiB, some sixty photos of 12 megapixels.
const MOST_PIXELS: usize = 2 << 30;
/// The most memory that all runs of all pictures may take before the oldest are forgotten, in bytes: 256 MiB, some
/// thousand runs as they usually are.
pub const MOST_RUN_BYTES: usize = 256 << 20;

/// The hosted model.
#[derive(Debug, Clone)]
pub struct Model {
    /// What it is.
    pub spec: Arc<ModelSpec>,
    /// The device it runs on, in words.
    pub device: String,
    /// How to ask for that device.
    pub choice: DeviceChoice,
    /// Every device, and why one cannot be had.
    pub devices: Arc<[DeviceEntry]>,
    /// Why it is not the device asked for, if it is not.
    pub fallback: Option<String>,
}

/// A model that was asked for, from the catalogue, and is not here yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetching {
    /// Its name on screen.
    pub title: String,
    /// How far it is, once that is known.
    pub progress: Option<Progress>,
}

/// Pictures that were asked for and are not all there yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Opening {
    /// How many are not there yet.
    left: usize,
    /// Whether one of them is there.
    any: bool,
    /// Whether a run was ended to open them.
    interrupted: bool,
}

/// What run is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Wants {
    /// None.
    #[default]
    Nothing,
    /// One with these parameters for this class; what is there of it need not be computed again.
    Result,
    /// One from the beginning.
    Run,
}

/// Everything the window knows.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The hosted model, once it is loaded.
    pub model: Option<Model>,
    /// How it is hosted, or was asked to be at the start.
    pub host: HostOptions,
    /// The model that is on its way.
    pub fetching: Option<Fetching>,
    /// The models to choose from.
    pub models: ModelList,
    /// Whether the first model could not be had, nor another since.
    pub lacks_model: bool,
    /// The opened pictures, in the order of the filmstrip.
    pub pictures: Vec<Picture>,
    /// Number of the picture on the wall.
    pub selected: usize,
    /// What the next run is asked for with.
    pub parameters: Parameters,
    /// The score the next run explains.
    pub score: Score,
    /// What was changed in them.
    pub edits: Edits,
    /// The user's own sets of parameters.
    pub presets: Vec<UserPreset>,
    /// The files that were opened last.
    pub recent: Recent,
    /// How the wall is drawn.
    pub look: Look,
    /// Which tiles are on the wall.
    pub tiles: Tiles,
    /// Where a curve is being held: what happens to the most important cells, and to which share of them.
    pub touched: Option<(Change, f32)>,
    /// What the model makes of the pictures between the ends of the curves.
    pub probing: Probing,
    /// The I-GOS iteration on the wall, counted from 0; the newest if none.
    pub chosen_step: Option<usize>,
    /// Whether and how the iterations are being played.
    pub playback: Playback,
    /// The method whose maps are compared, while two runs are.
    pub comparing: Option<MethodKind>,
    /// The run that the one which is asked for next is compared with.
    beside: Option<RunId>,
    /// The class search.
    pub search: ClassSearch,
    /// What is saved with a run.
    pub outputs: Outputs,
    /// How many of how many files are saved, while a run is being saved.
    pub saving: Option<(usize, usize)>,
    /// Dark or light, and how large.
    pub appearance: Appearance,
    /// What there is to say.
    pub messages: Messages,
    opening: Opening,
    /// Whether a run was under way when another model was asked for.
    host_interrupts: bool,
    wants: Wants,
    last_run: u64,
    last_picture: u64,
}

impl State {
    /// Takes in what the worker says.
    pub fn absorb(&mut self, event: Event, now: Instant) {
        match event {
            Event::ModelReady { spec, device, place, devices, fallback, choice } => {
                let words = model_words(&spec, &choice);
                let told = text!("told-ready", model = spec.title.as_str(), device = device.as_str(), words = words);
                if self.fetching.as_ref().is_some_and(|fetching| fetching.progress.is_some()) {
                    self.messages.done(told, now);
                } else {
                    self.messages.note(told);
                }
                // Hosted again, it is not said again.
                let told = self.model.as_ref().and_then(|model| model.fallback.as_ref());
                if let Some(reason) = fallback.as_ref().filter(|reason| Some(*reason) != told) {
                    self.messages.error(reason.clone());
                }
                self.fetching = None;
                self.host_interrupts = false;
                self.models.is_stale = true;
                self.host.model = choice;
                self.host.input_size = spec.other_side();
                self.parameters = self.parameters.clamped(spec.side());
                let known = self.model.as_ref().map(|model| &model.spec);
                let is_other = std::mem::take(&mut self.lacks_model) || known.is_some_and(|known| *known != spec);
                let has_other_classes = known.is_some_and(|known| known.labels != spec.labels);
                self.model = Some(Model { spec, device, choice: place, devices, fallback });
                if is_other {
                    self.ask_again(has_other_classes);
                }
            }
            Event::Fetching { title, progress } => self.fetching = Some(Fetching { title, progress: Some(progress) }),
            Event::FetchStopped => {
                self.fetching = None;
                self.models.is_stale = true;
                self.lacks_model = self.model.is_none();
                self.messages.note(text!("told-fetch-stopped"));
            }
            Event::ModelFailed { message } => {
                self.fetching = None;
                self.models.is_stale = true;
                self.lacks_model = self.model.is_none();
                if let Some(model) = &self.model {
                    self.host.input_size = model.spec.other_side();
                }
                // Nothing came of it, so the run that had to make room begins again.
                if self.host_interrupts && self.picture().is_some_and(Picture::needs_a_run) {
                    self.want_result();
                }
                self.host_interrupts = false;
                self.messages.error(message);
            }
            Event::Opened { photo, thumbnail } => {
                self.last_picture += 1;
                self.take_in(Picture::new(PictureId(self.last_picture), photo, thumbnail));
                self.one_less_to_open();
            }
            Event::Probed { probe, top } => self.probing.absorb(probe, top),
            Event::Failed { run: None, message } => {
                self.messages.error(message);
                self.one_less_to_open();
            }
            Event::Failed { run: Some(run), ref message } => {
                if self.has_run(run) {
                    self.messages.error(message.clone());
                }
                self.absorb_of_run(run, event, now);
            }
            Event::Predicted { run, .. }
            | Event::Started { run, .. }
            | Event::Progress { run, .. }
            | Event::Step { run, .. }
            | Event::Explained { run, .. }
            | Event::CurvePoint { run, .. }
            | Event::Judged { run, .. }
            | Event::Finished { run }
            | Event::Cancelled { run } => self.absorb_of_run(run, event, now),
        }
    }

    /// A picture that was decoded comes at the end of the filmstrip, and the first of several on the wall.
    fn take_in(&mut self, picture: Picture) {
        let photo = &picture.photo;
        let taken: usize = self.pictures.iter().map(Picture::bytes).sum();
        if !self.pictures.is_empty() && taken + picture.bytes() > MOST_PIXELS {
            let most = MOST_PIXELS >> 30;
            self.messages.error(text!("told-no-room", gibibytes = most, picture = photo.name.as_str()));
            return;
        }
        let (name, width, height) = (photo.name.as_str(), photo.width(), photo.height());
        self.messages.note(text!("told-opened", picture = name, width = width, height = height));
        if let Origin::File(path) = &photo.origin {
            self.recent.add(path);
        }
        self.pictures.push(picture);
        if !self.opening.any {
            self.select(self.pictures.len() - 1);
        }
        self.opening.any = true;
    }

    /// Events of a run that nothing is kept of any more change nothing.
    fn absorb_of_run(&mut self, id: RunId, event: Event, now: Instant) {
        let Some(number) = self.pictures.iter().position(|picture| picture.history.get(id).is_some()) else { return };
        let picture = &mut self.pictures[number];
        let Some(run) = picture.history.get_mut(id) else { return };
        let before = run.status;
        let is_prediction = matches!(event, Event::Predicted { .. });
        run.absorb(event, now);
        if is_prediction {
            // Events come in order: the model that was ready last is the one that answered.
            run.model = self.model.as_ref().map(|model| Arc::clone(&model.spec));
        }
        let (after, seconds) = (run.status, run.elapsed(now).as_secs_f64());
        if before != after {
            let (name, time) = (picture.photo.name.as_str(), format!("{seconds:.1}"));
            match after {
                Status::Finished => {
                    let text = explained_words(name, time, run);
                    // Who looks at it has seen it.
                    if number == self.selected {
                        self.messages.note(text);
                    } else {
                        self.messages.done(text, now);
                    }
                }
                Status::Stopped => self.messages.note(text!("told-stopped", picture = name, seconds = time)),
                Status::Failed | Status::Running => {}
            }
        }
        if is_prediction {
            picture.history.share_input(id);
        }
        if picture.history.promote() && number == self.selected {
            self.chosen_step = None;
        }
        if before != after {
            self.forget_oldest_runs();
        }
    }

    fn has_run(&self, id: RunId) -> bool {
        self.pictures.iter().any(|picture| picture.history.get(id).is_some())
    }

    fn one_less_to_open(&mut self) {
        self.opening.left = self.opening.left.saturating_sub(1);
        if self.opening.left == 0 {
            // Nothing came of it, so the run that had to make room goes on where its picture still wants it.
            if self.opening.interrupted && !self.opening.any && self.picture().is_some_and(Picture::needs_a_run) {
                self.wants = Wants::Result;
            }
            self.opening = Opening::default();
        }
    }

    /// The command that opens pictures; none for no pictures.
    pub fn open(&mut self, sources: Vec<Source>) -> Option<Command> {
        if sources.is_empty() {
            return None;
        }
        self.opening.left += sources.len();
        self.opening.interrupted |= self.active().is_some();
        Some(Command::Open(sources))
    }

    /// The command that hosts the model as `options` say. What is on the wall stays there; a run under way is ended, and
    /// only begun again when it is asked for.
    pub fn host_with(&mut self, options: HostOptions) -> Command {
        self.host_interrupts = self.active().is_some();
        self.host = options;
        self.fetching = None;
        Command::Host(self.host.clone())
    }

    /// The command that hosts another model, for pictures of its own size. The one before stays until it is ready; then
    /// what is on the wall is explained again.
    pub fn host_model(&mut self, choice: ModelChoice) -> Command {
        self.host_interrupts = self.active().is_some();
        let input_size = self.host.input_size.filter(|_| self.host.model == choice);
        self.fetching =
            matches!(choice, ModelChoice::Catalogue(_)).then(|| Fetching { title: choice.title(), progress: None });
        Command::Host(HostOptions { model: choice, input_size, ..self.host.clone() })
    }

    /// Asks another model about the picture on the wall. What the one before made of the pictures stays among their runs;
    /// a class that was chosen does not where the number means another one.
    fn ask_again(&mut self, has_other_classes: bool) {
        for picture in self.pictures.iter_mut().filter(|_| has_other_classes) {
            (picture.class, picture.against) = (None, None);
        }
        self.search.clear();
        self.chosen_step = None;
        self.want_result();
    }

    /// Whether pictures are being decoded.
    pub fn is_opening(&self) -> bool {
        self.opening.left > 0
    }

    /// Puts a picture on the wall, and wants a run for it if it has none or one that was cut short.
    pub fn select(&mut self, number: usize) {
        if number < self.pictures.len() {
            self.selected = number;
            self.chosen_step = None;
            self.playback.stop();
            (self.comparing, self.beside) = (None, None);
            self.search.clear();
            self.wants = if self.pictures[number].needs_a_run() { Wants::Result } else { Wants::Nothing };
        }
    }

    /// Closes a picture and forgets its runs; the command that ends the one under way, if it is one of them.
    pub fn close(&mut self, number: usize) -> Option<Command> {
        if number >= self.pictures.len() {
            return None;
        }
        let closed = self.pictures.remove(number);
        let was_selected = number == self.selected;
        if number < self.selected || self.selected == self.pictures.len() {
            self.selected = self.selected.saturating_sub(1);
        }
        if was_selected {
            self.wants = Wants::Nothing;
            self.select(self.selected);
        }
        closed.history.active().is_some().then_some(Command::Stop)
    }

    /// Wants the picture on the wall explained for a class.
    pub fn explain_class(&mut self, class: usize) {
        let selected = self.selected;
        if let Some(picture) = self.pictures.get_mut(selected) {
            picture.class = Some(class);
            // A class is not explained rather than itself.
            picture.against = picture.against.filter(|against| *against != class);
            self.want_result();
        }
    }

    /// Wants the picture on the wall explained rather than for `against`, or for its class alone if none. The class
    /// stays the one it is explained for, whatever the model makes of another crop.
    pub fn explain_against(&mut self, against: Option<usize>) {
        let explained = self.picture().and_then(explained);
        let selected = self.selected;
        if let Some(picture) = self.pictures.get_mut(selected) {
            if against.is_some() {
                picture.class = picture.class.or(explained);
            }
            picture.against = against.filter(|against| picture.class != Some(*against));
            self.want_result();
        }
    }

    /// Wants the picture on the wall explained in this score.
    pub fn explain_score(&mut self, score: Score) {
        self.score = score;
        self.want_result();
    }

    /// Wants the picture on the wall cut and explained like this, if it can be cut so.
    pub fn cut(&mut self, crop: CropMode) {
        let selected = self.selected;
        if let Some(picture) = self.pictures.get_mut(selected) {
            match crop.check(picture.photo.width(), picture.photo.height()) {
                Ok(()) => {
                    picture.crop = crop;
                    self.want_result();
                }
                Err(error) => self.messages.error(error.to_string()),
            }
        }
    }

    /// Wants the picture on the wall explained from the beginning, whatever is there already.
    pub fn want_run(&mut self) {
        if self.picture().is_some() {
            self.wants = Wants::Run;
        }
    }

    /// Wants the picture on the wall explained with these parameters, as far as it is not already.
    fn want_result(&mut self) {
        if self.picture().is_some() && self.wants == Wants::Nothing {
            self.wants = Wants::Result;
        }
    }

    /// The command for the run that is wanted, if one is. However often it was wanted since the last call, it is one.
    /// What was computed before is not asked for again, unless it is wanted anew; the command may then be to end the
    /// run under way, as nobody waits for it any more.
    pub fn take_request(&mut self, now: Instant) -> Option<Command> {
        // The first model may be on its way.
        if self.model.is_none() && self.fetching.is_some() {
            return None;
        }
        let wants = std::mem::take(&mut self.wants);
        if wants == Wants::Nothing {
            return None;
        }
        let under_way = self.active().map(|(_, run)| run.id);
        let model = self.model.as_ref().map(|model| &model.spec);
        let picture = self.pictures.get_mut(self.selected)?;
        let Picture { class, against, crop, .. } = *picture;
        let question = Question { class, against, score: self.score, crop };
        let wish = Wish { model, question, parameters: &self.parameters };
        let reused = if wants == Wants::Result { picture.history.granting(&wish) } else { None };
        if let Some(id) = reused {
            picture.history.bring(id);
            self.chosen_step = None;
            self.compare_beside(id);
            return under_way.filter(|run| *run != id).map(|_| Command::Stop);
        }
        let earlier = picture.history.newest_first().filter(|_| wants == Wants::Result);
        let plan = wish.plan(&RUN_ORDER, earlier);
        self.last_run += 1;
        let run = RunId(self.last_run);
        let parameters = self.parameters.clone();
        let state = RunState::new(run, question, parameters.clone(), now).with(&plan, model, now);
        picture.history.begin(state);
        let request = Request {
            run,
            photo: Arc::clone(&picture.photo),
            crop: picture.crop,
            class: picture.class,
            against: picture.against,
            score: self.score,
            methods: plan.methods,
            known: plan.known,
            parameters,
        };
        self.forget_oldest_runs();
        self.compare_beside(run);
        if request.methods.is_empty() {
            self.chosen_step = None;
            return under_way.map(|_| Command::Stop);
        }
        Some(Command::Explain(Box::new(request)))
    }

    /// The picture on the wall.
    pub fn picture(&self) -> Option<&Picture> {
        self.pictures.get(self.selected)
    }

    /// The run on the wall.
    pub fn shown(&self) -> Option<&RunState> {
        self.picture().and_then(Picture::shown)
    }

    /// The run under way and the number of its picture; that need not be the picture on the wall.
    pub fn active(&self) -> Option<(usize, &RunState)> {
        self.pictures
            .iter()
            .enumerate()
            .filter_map(|(number, picture)| Some((number, picture.history.active()?)))
            // Until the worker has said that it ended the one before, two seem to be under way.
            .max_by_key(|(_, run)| run.id)
    }

    /// Stops or starts the clock of the run under way.
    pub fn set_paused(&mut self, paused: bool, now: Instant) {
        for run in self.pictures.iter_mut().flat_map(|picture| picture.history.active_mut()) {
            if paused { run.hold(now) } else { run.go_on(now) }
        }
    }

    /// Number of the I-GOS iteration on the wall, counted from 0, if there is one yet.
    pub fn step_number(&self) -> Option<usize> {
        let newest = self.shown()?.steps().len().checked_sub(1)?;
        Some(self.chosen_step.map_or(newest, |chosen| chosen.min(newest)))
    }

    /// The I-GOS iteration on the wall.
    pub fn step(&self) -> Option<&Arc<Step>> {
        self.shown()?.steps().get(self.step_number()?)
    }

    /// Whether the newest I-GOS iteration is on the wall.
    pub fn shows_newest_step(&self) -> bool {
        self.shown().is_some_and(|run| self.step_number().is_some_and(|number| number + 1 == run.steps().len()))
    }

    /// Goes some iterations on or back, and stops playing; leaves the newest iteration, or comes back to it at the end.
    pub fn move_step(&mut self, by: isize) {
        self.playback.stop();
        if let (Some(number), Some(run)) = (self.step_number(), self.shown()) {
            let newest = run.steps().len() - 1;
            let wanted = number.saturating_add_signed(by);
            // At the last iteration the wall follows the run again.
            self.chosen_step = (wanted < newest).then_some(wanted);
        }
    }
}

/// The class a picture is explained for, as far as that is known.
pub fn explained(picture: &Picture) -> Option<usize> {
    picture.class.or_else(|| picture.newest().and_then(|run| run.seen.as_ref()).map(|seen| seen.class.id))
}

/// That a picture is explained, and how good the map of I-GOS is if that is known.
fn explained_words(name: &str, seconds: String, run: &RunState) -> String {
    let Some(curves) = run.method(MethodKind::Igos).and_then(|igos| igos.curves.as_ref()) else {
        return text!("told-explained", picture = name, seconds = seconds);
    };
    let [deletion, insertion] = [curves.deletion(), curves.insertion()].map(|area| numbers::score(f64::from(area)));
    text!(
        "told-explained-and-judged",
        picture = name,
        seconds = seconds,
        method = MethodKind::Igos.title(),
        deletion = deletion,
        insertion = insertion
    )
}

/// What a model is, in words: what its title does not say, and where its weights are from.
pub fn model_words(spec: &ModelSpec, choice: &ModelChoice) -> String {
    let architecture =
        Architecture::named(&spec.architecture).map_or(spec.architecture.as_str(), |known| known.title());
    let weights = match choice {
        ModelChoice::Embedded => text!("model-weights-embedded"),
        ModelChoice::Catalogue(_) => text!("model-weights-hub", name = spec.origin.as_str()),
        ModelChoice::File(_) => text!("model-weights-file", file = spec.origin.as_str()),
    };
    let words = text!("model-words", count = spec.labels.len(), side = spec.side(), weights = weights);
    if spec.title.contains(architecture) { words } else { format!("{architecture}, {words}") }
}

#[cfg(test)]
pub(super) mod tests;
