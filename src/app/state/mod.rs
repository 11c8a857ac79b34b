//! Everything the window knows. Plain data: it learns from worker events and user actions, and never touches egui.

pub mod action;
pub mod appearance;
pub mod beside;
pub mod chart;
pub mod class_search;
pub mod collecting;
pub mod collection;
pub mod copyable;
pub mod edits;
pub mod events;
pub mod history;
pub mod map;
pub mod messages;
pub mod model_list;
pub mod models;
pub mod old;
pub mod on_start;
pub mod outbox;
pub mod own_model;
pub mod palette_query;
pub mod panels;
pub mod parameters;
pub mod path_field;
pub mod picture;
pub mod playback;
pub mod playing;
pub mod presets;
pub mod probing;
pub mod queue;
pub mod recent;
pub mod remedies;
pub mod requests;
pub mod reuse;
pub mod run_state;
pub mod runs;
pub mod saved_run;
pub mod settings;
pub mod sources;
pub mod standing;
mod stopping;
pub mod table_facts;
pub mod table_view;
pub mod tiles;
pub mod titles;
pub mod toasts;
pub mod view_options;
pub mod walking;

use std::{
    collections::VecDeque,
    mem,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

pub use models::{cut_words, model_words};
pub use requests::explained;

use crate::{
    dataset::FigureOf,
    device::{DeviceChoice, DeviceEntry},
    explain::{Change, Explanation, Method, Parameters},
    export::Outputs,
    imaging::Profiles,
    model::{ModelSpec, Progress, Score},
    worker::{AlsoHosted, Command, HostOptions, RunId, Source},
};
use appearance::Appearance;
use class_search::ClassSearch;
use collecting::{AskedOfEach, Awaiting};
use collection::Collection;
use edits::Edits;
use messages::Messages;
use model_list::ModelList;
use outbox::Outbox;
use picture::{Picture, PictureId};
use playback::Playback;
use presets::UserPreset;
use probing::Probing;
use queue::Queue;
use recent::Recent;
use run_state::RunState;
use saved_run::Saved;
use tiles::Tiles;
use view_options::ViewOptions;

/// The most memory that the pixels of all open pictures may take, in bytes: 2 GiB, some sixty photos of 12 megapixels.
const MAX_PICTURE_BYTES: usize = 2 << 30;
/// The most memory that all runs of all pictures may take before the oldest are forgotten, in bytes: 256 MiB, some
/// thousand runs as they usually are.
pub const MAX_RUN_BYTES: usize = 256 << 20;

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
    /// Another network that judges its maps as well, if there is one.
    pub judge: Option<AlsoHosted>,
    /// Another network that can be asked the same, if there is one.
    pub beside: Option<AlsoHosted>,
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
    /// The result again with other seeds, to see how far its areas move by chance.
    Chance,
    /// The result with this method's map measured by every metric.
    Trust(&'static Method),
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
    /// The folder or list that pictures come from, if they do.
    pub collection: Option<Collection>,
    /// What is asked of each of its pictures.
    pub asked_of_each: AskedOfEach,
    /// How a figure of them is drawn; its pictures are those that are chosen in the table.
    pub figure: FigureOf,
    /// Its pictures that are to be explained.
    pub queue: Queue,
    /// Where their results are kept; nowhere in a window that keeps nothing.
    pub results_folder: Option<PathBuf>,
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
    /// What to do with the colour profiles of pictures that are opened.
    pub profiles: Profiles,
    /// How the wall is drawn.
    pub view: ViewOptions,
    /// Which tiles are on the wall.
    pub tiles: Tiles,
    /// Where a curve is being held: what happens to the most important cells, and to which share of them.
    pub touched: Option<(Change, f32)>,
    /// What the model makes of the pictures between the ends of the curves.
    pub probing: Probing,
    /// The iteration on the wall, counted from 0; if none the newest, and once its method is finished the one that is its
    /// result.
    pub chosen_step: Option<usize>,
    /// The method that was put on the timeline, if one was.
    pub timeline: Option<&'static Method>,
    /// Whether and how the iterations are being played.
    pub playback: Playback,
    /// The method whose maps are compared, while two runs are.
    pub comparing: Option<&'static Method>,
    /// Whether the two models are compared: then every picture on the wall is explained by both.
    pub compares_models: bool,
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
    /// What others are to do for it.
    pub outbox: Outbox,
    opening: Opening,
    /// Arrays that wait for the pictures that came with them.
    arrays: Vec<PathBuf>,
    /// Whether a run was under way when another model was asked for.
    host_interrupts: bool,
    wants: Wants,
    /// The run that was stopped and waits in the worker, if one does.
    suspended: Option<RunId>,
    /// Pictures whose runs had to make room for others': they go on when nothing else is under way.
    interrupted: VecDeque<PictureId>,
    /// The maps that were read from the disk last, and the file of the picture that they are of.
    read_maps: Option<(PathBuf, Vec<Arc<Explanation>>)>,
    /// What waits for the first model.
    awaiting: Vec<Awaiting>,
    /// What is asked of the picture of a saved run, once that is opened.
    saved: Option<Saved>,
    last_run: u64,
    last_list: u64,
    /// How long until the collection's rows are to be arranged, if they are.
    pub arranges_in: Option<Duration>,
    last_picture: u64,
}

impl State {
    /// Opens pictures that are known to be no folders.
    pub fn open(&mut self, sources: Vec<Source>) {
        if !sources.is_empty() {
            self.opening.left += sources.len();
            self.opening.interrupted |= self.active().is_some();
            self.interrupt();
            self.outbox.tell(Command::Open(sources, self.profiles));
        }
    }

    /// Reads arrays, after the pictures that came with them if there are some: a map lies over one.
    pub fn open_arrays(&mut self, paths: Vec<PathBuf>, come_with_pictures: bool) {
        self.arrays.extend(paths);
        if !come_with_pictures {
            self.read_arrays();
        }
    }

    /// Reads the arrays that waited for pictures.
    pub(super) fn read_arrays(&mut self) {
        for path in mem::take(&mut self.arrays) {
            self.outbox.leave(outbox::Errand::ReadArray(path));
        }
    }

    /// Opens what was found of the files that were asked for.
    pub fn open_gathered(&mut self, sources: Vec<Source>) {
        self.open(sources);
        if !self.is_opening() {
            self.read_arrays();
        }
    }

    /// Whether pictures are being decoded.
    pub fn is_opening(&self) -> bool {
        self.opening.left > 0
    }

    /// Puts a picture on the wall, and wants a run for it if it has none or one that was cut short.
    pub fn select(&mut self, number: usize) {
        if number < self.pictures.len() {
            if self.active().is_some_and(|(active, _)| active != number) {
                self.interrupt();
            }
            self.selected = number;
            self.chosen_step = None;
            self.playback.stop();
            (self.comparing, self.beside) = (None, None);
            self.search.clear();
            self.wants = if self.pictures[number].needs_a_run() { Wants::Result } else { Wants::Nothing };
        }
    }

    /// Closes a picture and forgets its runs; the one under way ends, if it is one of them.
    pub fn close(&mut self, number: usize) {
        if number >= self.pictures.len() {
            return;
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
        if closed.history.active().is_some() {
            self.outbox.tell(Command::Stop);
        }
        self.release_suspended();
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

    /// Holds the run under way and its clock, or lets them go on.
    pub fn set_paused(&mut self, paused: bool, now: Instant) {
        self.outbox.tell(if paused { Command::Pause } else { Command::Resume });
        for run in self.pictures.iter_mut().flat_map(|picture| picture.history.active_mut()) {
            if paused { run.hold(now) } else { run.go_on(now) }
        }
    }
}

#[cfg(test)]
pub(super) mod fixtures;
#[cfg(test)]
mod tests;
