//! What is said to the worker, and what it says.

use std::{path::PathBuf, sync::Arc};

use image::RgbImage;

use super::HostOptions;
use crate::{
    device::{DeviceChoice, DeviceEntry},
    explain::{
        BaselineSeen, Canvas, Change, CurvePoint, Curves, Explanation, Iteration, Measure, Method, Metric, Parameters,
        Prediction, RandomOrders, Ranking, SecondOpinion, Spread,
    },
    imaging::{CropMode, Grid, Photo, PixelRect, Profiles},
    model::{Entry, Input, ModelChoice, ModelSpec, Progress, Score},
};

/// Names one run; whoever asks for it chooses a number that was not used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

/// Another network that is hosted as well: it judges maps, or stands beside the model.
#[derive(Debug, Clone, PartialEq)]
pub struct AlsoHosted {
    /// How to ask for it.
    pub choice: ModelChoice,
    /// What it is.
    pub spec: Arc<ModelSpec>,
}

/// Which of the hosted networks is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Network {
    /// The model.
    #[default]
    Model,
    /// The one that stands beside it.
    Beside,
}

/// A picture to open.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// An embedded sample, by its number in [`crate::imaging::SAMPLES`].
    Sample(usize),
    /// Bytes of a picture file, with a name: a drop that has no path.
    Bytes {
        /// What to call it.
        name: String,
        /// The file.
        bytes: Arc<[u8]>,
    },
    /// Pixels from the clipboard.
    Pixels {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// `height × width` RGBA values.
        rgba: Arc<[u8]>,
    },
}

/// What to explain, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Chosen by the asker; every event of the run carries it.
    pub run: RunId,
    /// Who is asked.
    pub network: Network,
    /// The picture.
    pub photo: Arc<Photo>,
    /// How the picture is cut for the model.
    pub crop: CropMode,
    /// The class to explain; the most probable one if none.
    pub class: Option<usize>,
    /// The class it is explained rather than, if one is: another one.
    pub against: Option<usize>,
    /// The score to explain.
    pub score: Score,
    /// The methods, in the order to run them.
    pub methods: Vec<&'static Method>,
    /// Maps that are there already, of the same picture, class, model and parameters: of their methods only the curves
    /// are computed, and no [`Event::Explained`] is said.
    pub known: Vec<Arc<Explanation>>,
    /// The parameters of all methods.
    pub parameters: Parameters,
    /// Someone else's map of the picture, with the name of its file: what [`crate::explain::LOADED_MAP`] shows.
    pub given: Option<(String, Arc<Grid>)>,
    /// What is measured of every map besides, in this order.
    pub metrics: Vec<&'static Metric>,
    /// Where a person says the thing is, in pixels of the picture: for the metrics that ask it.
    pub marked: Option<PixelRect>,
    /// How often every map is made and judged, each time with other seeds, to see how far its areas move by chance: 1
    /// at least.
    pub seeds: usize,
}

/// Names one probe; whoever asks chooses a number that was not used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeId(pub u64);

/// Pictures between the ends of the curves, one a method, that the model is to look at.
#[derive(Debug, Clone)]
pub struct Probe {
    /// Chosen by the asker; the answer carries it.
    pub id: ProbeId,
    /// The model whose maps they were made from; another one is not asked.
    pub model: Arc<ModelSpec>,
    /// What the pictures are composed from.
    pub canvas: Arc<Canvas>,
    /// What happens to the most important cells.
    pub change: Change,
    /// To which share of the cells, in `[0, 1]`.
    pub fraction: f32,
    /// The class that is explained, which is told of each picture in any case.
    pub class: Option<usize>,
    /// Which cells those are, for each method.
    pub rankings: Vec<(&'static Method, Arc<Ranking>)>,
}

/// Pictures by the folder that the model is to classify.
#[derive(Debug, Clone)]
pub struct ToClassify {
    /// Chosen by the asker; the answers carry it.
    pub id: u64,
    /// Who is asked.
    pub network: Network,
    /// The pictures, each with a number of the asker's, in the order to classify them.
    pub pictures: Vec<(usize, PathBuf)>,
    /// How they are cut.
    pub crop: CropMode,
    /// What is done with their colour profiles.
    pub profiles: Profiles,
}

/// What the model answers for a picture, one number a class, or why it could not be asked; with the asker's number.
pub type Classified = (usize, Result<Arc<[f32]>, String>);

/// What the worker can be told.
#[derive(Debug, Clone)]
pub enum Command {
    /// Decode pictures, and treat their colour profiles like this, whatever else is going on. Ends the run under way.
    Open(Vec<Source>, Profiles),
    /// Explain a picture. Ends the run under way.
    Explain(Box<Request>),
    /// Host a model, or the same one otherwise; [`Event::ModelReady`] follows, or [`Event::ModelFailed`], and then the
    /// model before stays. One of the catalogue that is not here is fetched first, while work goes on (or
    /// [`Event::FetchFailed`] follows); a newer command like this one replaces it. Ends the run under way once the model is here.
    Host(Box<HostOptions>),
    /// End the download under way; [`Event::FetchStopped`] follows. What has come is kept, and gone on with next time.
    StopFetching,
    /// Look at pictures between the ends of the curves. Ends nothing: it is answered beside the run under way, also
    /// while that is held. Of probes that are waiting only the newest is answered.
    Probe(Box<Probe>),
    /// Classify pictures by the folder, in place of those before that are left. Ends nothing: it is done beside the run under
    /// way, and told in batches by [`Event::Classified`]. Nothing comes without a model.
    Classify(Box<ToClassify>),
    /// Hold the run under way.
    Pause,
    /// Let it go on.
    Resume,
    /// End it.
    Stop,
}

/// What the worker says.
#[derive(Debug, Clone)]
pub enum Event {
    /// The model is loaded and can be asked: at the start, and after every [`Command::Host`].
    ModelReady {
        /// What it is.
        spec: Arc<ModelSpec>,
        /// The device it runs on, in words.
        device: String,
        /// How to ask for that device.
        place: DeviceChoice,
        /// Every device, and why one cannot be had.
        devices: Arc<[DeviceEntry]>,
        /// Why that is not the device asked for, if it is not.
        fallback: Option<String>,
        /// Which model was asked for.
        choice: ModelChoice,
        /// Another network that judges maps as well, if one was asked for, or why it cannot.
        judge: Option<Result<AlsoHosted, String>>,
        /// The network that stands beside the model, if one was asked for, or why it cannot.
        beside: Option<Result<AlsoHosted, String>>,
    },
    /// A model is being fetched: told several times a second.
    Fetching {
        /// Its name on screen.
        title: String,
        /// How far it is.
        progress: Progress,
    },
    /// The download was ended by a command.
    FetchStopped,
    /// A model could not be fetched; the one before stays. The same command may do better later, and a file of the user's
    /// own needs no network.
    FetchFailed {
        /// What was asked for.
        options: Box<HostOptions>,
        /// The one of its models that could not be had.
        entry: &'static Entry,
        /// What was wrong and what to do, in one line.
        message: String,
    },
    /// A model could not be hosted; the one before stays.
    ModelFailed {
        /// What was wrong and what to do, in one line.
        message: String,
    },
    /// A picture was decoded.
    Opened {
        /// The picture.
        photo: Arc<Photo>,
        /// The whole picture, its longer side at most [`THUMBNAIL_SIDE`] pixels.
        thumbnail: Arc<RgbImage>,
    },
    /// A run began: the picture was classified.
    Predicted {
        /// The run.
        run: RunId,
        /// What the model sees.
        input: Arc<Input>,
        /// The class that is explained.
        class: Prediction,
        /// The class it is explained rather than, if one is.
        against: Option<Prediction>,
        /// What is explained, for the whole picture: the class's score, less that of the other class.
        value: f32,
        /// The five classes with the highest answers, the highest first.
        top: Vec<Prediction>,
        /// What the model answers for every class, in what its head measures.
        answers: Arc<[f32]>,
        /// What the model makes of the curves' baseline.
        baseline: BaselineSeen,
    },
    /// A method began.
    Started {
        /// The run.
        run: RunId,
        /// The method.
        method: &'static Method,
    },
    /// How far the run is.
    Progress {
        /// The run.
        run: RunId,
        /// Work done, in forward passes or the like; comparable with `total` only.
        done: usize,
        /// All the work of the run, as far as it can be known.
        total: usize,
    },
    /// A method that iterates made an iteration.
    Iteration {
        /// The run.
        run: RunId,
        /// The method.
        method: &'static Method,
        /// The iteration, with its mask.
        iteration: Arc<Iteration>,
    },
    /// A method's map is finished; its curves follow, perhaps after the maps of others.
    Explained {
        /// The run.
        run: RunId,
        /// The result.
        explanation: Arc<Explanation>,
    },
    /// A point of a method's curves. They come in order of fraction.
    CurvePoint {
        /// The run.
        run: RunId,
        /// The method.
        method: &'static Method,
        /// The point.
        point: CurvePoint,
    },
    /// A method's curves are finished.
    Judged {
        /// The run.
        run: RunId,
        /// The method.
        method: &'static Method,
        /// All their points; none for a map that found nothing.
        curves: Arc<Curves>,
    },
    /// A method's map was judged by a second judge.
    SecondJudged {
        /// The run.
        run: RunId,
        /// The method.
        method: &'static Method,
        /// Its curves.
        second: Arc<SecondOpinion>,
    },
    /// A method was made and judged with other seeds.
    Spread {
        /// The run.
        run: RunId,
        /// The method.
        method: &'static Method,
        /// Its areas.
        spread: Arc<Spread>,
    },
    /// Something was measured of a method's map.
    Measured {
        /// The run.
        run: RunId,
        /// The method.
        method: &'static Method,
        /// What, and what came of it.
        measure: Measure,
    },
    /// Random orders were judged.
    RandomJudged {
        /// The run.
        run: RunId,
        /// Their curves.
        random: Arc<RandomOrders>,
    },
    /// What the model makes of a probe's pictures.
    Probed {
        /// The probe.
        probe: ProbeId,
        /// Each method's three classes with the highest answers, the highest first; none if another model is
        /// hosted by now.
        top: Vec<(&'static Method, Vec<Prediction>)>,
    },
    /// Some pictures of a list were classified.
    Classified {
        /// The list.
        list: u64,
        /// By which model.
        model: Arc<ModelSpec>,
        /// What came of each.
        pictures: Vec<Classified>,
    },
    /// The run is finished.
    Finished {
        /// The run.
        run: RunId,
    },
    /// The run was ended by a command.
    Cancelled {
        /// The run.
        run: RunId,
    },
    /// Something could not be done; the worker lives on.
    Failed {
        /// The run, if it was one.
        run: Option<RunId>,
        /// What was wrong and what to do, in one line.
        message: String,
    },
}

/// Longer side of [`Event::Opened`]'s thumbnail, in pixels: sharp in a filmstrip at twice the usual density.
pub const THUMBNAIL_SIDE: u32 = 192;
