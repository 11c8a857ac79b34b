//! The command line.

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::ParameterFlags;

use crate::{
    dataset::{MapScale, PrintWidth, Shard},
    device::{DeviceChoice, Precision},
    explain::{About, LOADED_MAP, METRICS, Method, Metric, methods, usual_methods},
    export::{Animation, Config, MAX_SCALE, Outputs},
    imaging::{Channels, CropMode, DrawnBands, Normalisation, PixelRect, Profiles, Size},
    model::{Architecture, Entry, Head, Hub, ModelChoice, Said, Score, catalogue},
    worker::HostOptions,
};

/// The name that stands for every method, or every metric.
const ALL: &str = "all";

/// See why an image classifier made its decision.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do; without it the window opens.
    #[command(subcommand)]
    pub task: Option<Task>,
    /// Pictures to open in the window.
    #[arg(value_name = "IMAGE")]
    pub images: Vec<PathBuf>,
    /// Open this sample picture in the window (coffee, chelsea, camera, …).
    #[arg(long, value_name = "NAME")]
    pub sample: Option<String>,
    /// Show the colours that a picture's colour profile means, or take its numbers as they are stored, as PyTorch's usual
    /// loading does [default: as the window's settings have it].
    #[arg(long, value_name = "HOW", value_parser = named(&Profiles::ALL, Profiles::name))]
    pub profiles: Option<Profiles>,
    /// Measure the window, and write how soon it shows what and how long its frames take to standard error. Settings
    /// are neither read nor kept.
    #[arg(long)]
    pub trace: bool,
    /// Keep the window's settings (parameters, presets, recent pictures, sizes) in this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "trace")]
    pub settings: Option<PathBuf>,
    /// Draw the window light or dark, or as the system is, from now on.
    #[arg(long, value_name = "THEME", value_parser = ["system", "light", "dark"])]
    pub theme: Option<String>,
    /// A second model to stand beside the first in the window: a name in `igoscope models`, or a file.
    #[arg(long, value_name = "MODEL", value_parser = judge)]
    pub beside: Option<ModelChoice>,
    /// Which model to ask, and where to compute.
    #[command(flatten)]
    pub host: HostArguments,
}

/// Which model to ask, and where to compute.
#[derive(Debug, Clone, Args)]
pub struct HostArguments {
    /// The model, by its name in `igoscope models`; fetched first if it is not here [default: efficientnet-lite0].
    #[arg(long, value_name = "NAME", value_parser = model_named, conflicts_with = "weights")]
    pub model: Option<ModelChoice>,
    /// A model of your own: a whole network (.onnx, .pt2), weights (.safetensors, .pth), a manifest (.toml) that describes either,
    /// or a folder that transformers or timm saved.
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// What the weights of your own are, where their tensors fit several architectures or nothing beside them says it.
    #[arg(long, value_name = "NAME", value_parser = architecture_named, requires = "weights")]
    pub architecture: Option<Architecture>,
    /// Heads of its attention, if they are others than its kind has: no tensor tells.
    #[arg(long, value_name = "N", requires = "weights")]
    pub heads: Option<usize>,
    /// What the outputs of its last layer mean: one class of all, any of the classes at once, yes or no by a single logit,
    /// or quantities [default: as a file beside the weights says, or softmax; binary for a single output, as a guess].
    #[arg(long, value_name = "HEAD", value_parser = named(&Head::ALL, Head::name), requires = "weights")]
    pub head: Option<Head>,
    /// The state dict to take of a file that has several, such as model or model_ema [default: the moving average, as timm
    /// takes it].
    #[arg(long, value_name = "NAME", requires = "weights")]
    pub state_dict: Option<String>,
    /// What is subtracted from pixels from 0 to 1 before an ONNX file's network is shown them: one number a channel
    /// (red, green and blue), or one for all, such as 0.485,0.456,0.406 [default: what stands beside the file or in it, or
    /// ImageNet's, as a guess].
    #[arg(long, value_name = "R,G,B", value_parser = Normalisation::mean_from_text, allow_hyphen_values = true,
        requires_all = ["weights", "std"])]
    pub mean: Option<Channels>,
    /// What the difference is divided by, such as 0.229,0.224,0.225.
    #[arg(long, value_name = "R,G,B", value_parser = Normalisation::std_from_text, allow_hyphen_values = true,
        requires_all = ["weights", "mean"])]
    pub std: Option<Channels>,
    /// The output of an ONNX file that is the classes, if it has several [default: one called logits or the like, or the
    /// first with two axes].
    #[arg(long, value_name = "NAME", requires = "weights")]
    pub output: Option<String>,
    /// A text file with the names of the model's classes, one a line, in the order of their numbers [default: those that
    /// come with the model].
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Where to compute: auto, cpu, cuda, cuda:1 (another card, by its number from 0) or metal [default: auto].
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    /// The numbers a GPU computes with; the CPU has f32 only.
    #[arg(long, value_name = "PRECISION", value_parser = named(&Precision::ALL, Precision::name), default_value = "f32")]
    pub precision: Precision,
    /// CPU threads; 0 is one a core.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub threads: u16,
    /// Width and height of the pictures the model sees, in pixels: one number for a square, or width x height, such as
    /// 128x256. Not every model takes another size than its own.
    #[arg(long, value_name = "PIXELS")]
    pub input_size: Option<Size>,
    /// Another network that judges every map as well, on the same picture and class: a name in `igoscope models`, or a
    /// file.
    #[arg(long, value_name = "MODEL", value_parser = judge)]
    pub judge: Option<ModelChoice>,
}

impl HostArguments {
    /// The same for the worker.
    pub fn options(&self) -> HostOptions {
        let weights = self.weights.clone().map(ModelChoice::File);
        HostOptions {
            model: weights.or_else(|| self.model.clone()).unwrap_or_default(),
            said: Said {
                architecture: self.architecture,
                heads: self.heads,
                head: self.head,
                state_dict: self.state_dict.clone(),
                normalisation: self.mean.zip(self.std).map(|(mean, std)| Normalisation { mean, std }),
                output: self.output.clone(),
            },
            labels: self.labels.clone(),
            hub: Hub::from_env(),
            device: self.device.unwrap_or_default(),
            precision: self.precision,
            threads: usize::from(self.threads),
            input_size: self.input_size,
            judge: self.judge.clone(),
            beside: None,
            gives_way: false,
        }
    }
}

/// The model of this name.
fn model_named(name: &str) -> Result<ModelChoice, String> {
    ModelChoice::named(name).ok_or_else(|| {
        let names: Vec<&str> = catalogue().map(|entry| entry.name).collect();
        format!("there are {} and {}; a file is given with --weights", ModelChoice::Embedded.name(), names.join(", "))
    })
}

/// The architecture of this name.
fn architecture_named(name: &str) -> Result<Architecture, String> {
    Architecture::named(name).ok_or_else(|| {
        let names: Vec<&str> = Architecture::ALL.iter().map(|architecture| architecture.name()).collect();
        format!("there are {}", names.join(", "))
    })
}

/// The model of this name, or else the file.
fn judge(text: &str) -> Result<ModelChoice, String> {
    Ok(ModelChoice::named(text).unwrap_or_else(|| ModelChoice::File(text.into())))
}

/// What igoscope does without a window.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Explain pictures, print the figures and write the maps.
    Explain(Box<ExplainArguments>),
    /// Explain every picture of a folder or a list, judge every map, and say what they come to.
    Evaluate(Box<EvaluateArguments>),
    /// Draw pictures of an evaluation, each with its maps, as a figure for a paper.
    Figure(FigureArguments),
    /// List the models of the catalogue; fetch, check or remove one.
    Models(ModelsArguments),
    /// List the methods and the metrics.
    Methods {
        /// Print a card for each as Markdown: what it computes, costs and depends on, when it misleads, and its source.
        #[arg(long)]
        markdown: bool,
    },
}

/// What to do with the catalogue.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ModelsArguments {
    /// What to do; without it the models are listed.
    #[command(subcommand)]
    pub task: Option<ModelsTask>,
    /// List them as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What can be done with a model of the catalogue.
#[derive(Debug, Subcommand)]
pub enum ModelsTask {
    /// Fetch a model into the hub's cache; one that broke off goes on where it was.
    Fetch {
        /// Its name.
        #[arg(value_parser = entry_named)]
        name: &'static Entry,
    },
    /// Compare what is in the cache with the hub's checksums.
    Verify {
        /// The model; all that are in the cache if not given.
        #[arg(value_parser = entry_named)]
        name: Option<&'static Entry>,
    },
    /// Remove a model from the cache.
    Remove {
        /// Its name.
        #[arg(value_parser = entry_named)]
        name: &'static Entry,
    },
    /// Say what an ONNX or .pt2 file is: its operations and whether each is known, its input, outputs and classes, and what of
    /// it is a guess.
    Inspect {
        /// The file.
        file: PathBuf,
    },
}

/// The model of the catalogue that has this name.
fn entry_named(name: &str) -> Result<&'static Entry, String> {
    Entry::named(name).ok_or_else(|| {
        let names: Vec<&str> = catalogue().map(|entry| entry.name).collect();
        format!("there are {}", names.join(", "))
    })
}

/// A class as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClassWanted {
    /// By what a user writes: a name or a number.
    Text(String),
    /// By its number, whatever classes are called: as records have it.
    Number(usize),
}

impl From<String> for ClassWanted {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// What to explain, and how.
#[derive(Debug, Clone, Args)]
pub struct ExplainArguments {
    /// Pictures to explain.
    #[arg(value_name = "IMAGE", required_unless_present = "config")]
    pub images: Vec<PathBuf>,
    /// Do the run of this run.json again, bit for bit on the same device; flags and pictures given here go before it.
    #[arg(long, value_name = "RUN.JSON")]
    pub config: Option<PathBuf>,
    /// Methods, in the order to run them, or all of them [default: the usual ones].
    #[arg(long = "method", value_name = "METHOD", value_delimiter = ',', value_parser = method_parser())]
    pub methods: Vec<MethodWanted>,
    /// The class to explain, by number or name; the most probable one if not given. A name goes before a number, if one
    /// class is called as another is numbered.
    #[arg(long, value_name = "ID|NAME")]
    pub class: Option<ClassWanted>,
    /// Why that class rather than this one, by number or name: the difference of their scores is explained.
    #[arg(long, value_name = "ID|NAME")]
    pub against: Option<ClassWanted>,
    /// What is explained of a class; the curves always show its probability. The weights λ₁ and λ₂ are made for
    /// probabilities: other scores move further, and may want larger ones [default: probability, or output where a model
    /// has no probabilities, which the curves show then].
    #[arg(long, value_name = "SCORE", value_parser = named(&Score::ALL, Score::name))]
    pub score: Option<Score>,
    /// What the model sees of a picture: its middle as the model's makers cut it, the whole of it squashed to a square
    /// or with bars, or a part in the picture's pixels, such as 120,80,400,400.
    #[arg(long, value_name = "center|squash|letterbox|X,Y,W,H")]
    pub crop: Option<CropMode>,
    /// Show the colours that a picture's colour profile means, or take its numbers as they are stored, as PyTorch's usual
    /// loading does [default: convert].
    #[arg(long, value_name = "HOW", value_parser = named(&Profiles::ALL, Profiles::name))]
    pub profiles: Option<Profiles>,
    /// Which bands of a picture that has others than red, green and blue to draw as these, counted from 1, or which one as
    /// grey: 4,3,2. The model sees all of them [default: the first three].
    #[arg(long, value_name = "R,G,B")]
    pub bands: Option<DrawnBands>,
    /// Folder for the results, one folder in it for each picture; without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Pixels of an exported picture for each that the model sees, from 1 to 4.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "out",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SCALE)))]
    pub scale: u32,
    /// Write method, class, areas and main parameters below each exported map.
    #[arg(long, requires = "out")]
    pub caption: bool,
    /// Export the whole comparison as one figure, PNG and SVG.
    #[arg(long, requires = "out")]
    pub figure: bool,
    /// Export the optimisation as a moving picture, a GIF if no format is given.
    #[arg(long, value_name = "FORMAT", requires = "out", require_equals = true, num_args = 0..=1,
        default_missing_value = "gif")]
    pub animation: Option<Animation>,
    /// Export all pictures' results as one HTML file, report.html.
    #[arg(long, requires = "out")]
    pub report: bool,
    /// Print one line of JSON for each picture, as in run.json, and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Make and judge every map this many times, each with other seeds, and say how far its areas move by chance; 1 to
    /// 100.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub seeds: u8,
    /// Someone else's map, judged beside the others: a .npy or .npz of rows and columns, or a picture, over what the model
    /// sees; over the whole picture, where it has its shape.
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Measure every map by these metrics too, or by all of them: `igoscope explain --help` has their names, `run.json`
    /// their values.
    #[arg(long = "metric", visible_alias = "metrics", value_name = "METRIC", value_delimiter = ',',
        value_parser = metric_parser())]
    pub metrics: Vec<MetricWanted>,
    /// Where the thing is, in the picture's pixels: for the metrics of localisation.
    #[arg(long = "box", value_name = "X,Y,W,H", value_parser = marked)]
    pub marked: Option<PixelRect>,
    /// A flag for each parameter of the methods and curves.
    #[command(flatten)]
    pub parameters: ParameterFlags,
    /// Which model to ask, and where to compute.
    #[command(flatten)]
    pub host: HostArguments,
}

/// What to evaluate, and how.
#[derive(Debug, Clone, Args)]
pub struct EvaluateArguments {
    /// A folder of pictures, whose sub-folders are their labels, or a list: a .csv or .tsv of paths and labels, or a text
    /// with a path and perhaps a label a line.
    #[arg(value_name = "DIR|LIST", required_unless_present = "merge")]
    pub dataset: Option<PathBuf>,
    /// Put the results of parts together that were evaluated with --shard: their folders, or the one that they are in.
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with_all = ["dataset", "shard", "resume", "limit"])]
    pub merge: Vec<PathBuf>,
    /// Folder for the results: a line a picture and method in results.jsonl, the maps, and then tables and report.html.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Go on with what was begun in that folder; what is there is kept.
    #[arg(long)]
    pub resume: bool,
    /// Evaluate this part only, i of n, into a folder of its own within the one for the results.
    #[arg(long, value_name = "i/n")]
    pub shard: Option<Shard>,
    /// Evaluate the first N pictures only.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Methods, in the order to run them, or all of them [default: the usual ones].
    #[arg(long = "method", visible_alias = "methods", value_name = "METHOD", value_delimiter = ',',
        value_parser = method_parser())]
    pub methods: Vec<MethodWanted>,
    /// Measure every map by these metrics too, or by all of them, as in `igoscope explain`: their means are in the summary.
    /// Those of localisation ask for a list with a column `box`: x,y,width,height in the picture's pixels.
    #[arg(long = "metric", visible_alias = "metrics", value_name = "METRIC", value_delimiter = ',',
        value_parser = metric_parser())]
    pub metrics: Vec<MetricWanted>,
    /// The class to explain of every picture: the predicted one, the one it is labelled with, or a class by its number or
    /// name [default: predicted].
    #[arg(long, value_name = "predicted|label|ID|NAME")]
    pub class: Option<String>,
    /// What is explained of a class, as in `igoscope explain`.
    #[arg(long, value_name = "SCORE", value_parser = named(&Score::ALL, Score::name))]
    pub score: Option<Score>,
    /// What the model sees of a picture: its middle as the model's makers cut it, or the whole of it squashed to a square
    /// or with bars.
    #[arg(long, value_name = "center|squash|letterbox")]
    pub crop: Option<CropMode>,
    /// Show the colours that a picture's colour profile means, or take its numbers as they are stored, as PyTorch's usual
    /// loading does [default: convert].
    #[arg(long, value_name = "HOW", value_parser = named(&Profiles::ALL, Profiles::name))]
    pub profiles: Option<Profiles>,
    /// Which bands of a picture that has others than red, green and blue to draw as these, counted from 1, or which one as
    /// grey: 4,3,2. The model sees all of them [default: the first three].
    #[arg(long, value_name = "R,G,B")]
    pub bands: Option<DrawnBands>,
    /// A flag for each parameter of the methods and curves.
    #[command(flatten)]
    pub parameters: ParameterFlags,
    /// Which model to ask, and where to compute.
    #[command(flatten)]
    pub host: HostArguments,
}

/// What a figure shows, and how.
#[derive(Debug, Clone, Args)]
pub struct FigureArguments {
    /// A folder of results, as `igoscope evaluate` and the window's table write them.
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// The figure: a .pdf, an .svg (its text is paths) or a .png. The caption with all parameters goes beside it as .txt.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Its pictures, by their names in the results; a row each [default: the first three that were explained].
    #[arg(long = "picture", value_name = "NAME", num_args = 1..)]
    pub pictures: Vec<String>,
    /// Its methods, a column each [default: those of the results].
    #[arg(long = "method", visible_alias = "methods", value_name = "METHOD", value_delimiter = ',')]
    pub methods: Vec<String>,
    /// What colours are relative to: each map's own largest value, the largest of the method in these pictures (shared), or
    /// that of all maps (one), which says something only where the methods' values mean the same. The numbers are in the figure.
    #[arg(long, value_name = "SCALE", value_parser = named(&MapScale::ALL, MapScale::name), default_value = "own")]
    pub scale: MapScale,
    /// Its width: millimetres, or that of one or two columns (nature, nature-double, ieee, ieee-double, cvpr, cvpr-double,
    /// elsevier, elsevier-double, lncs).
    #[arg(long, value_name = "MM|JOURNAL", default_value = "nature-double")]
    pub width: PrintWidth,
    /// Write the pictures' names beside them, and into the caption.
    #[arg(long = "with-names")]
    pub names: bool,
    /// Say in the caption on which device the maps were made.
    #[arg(long = "with-device")]
    pub device: bool,
}

impl EvaluateArguments {
    /// The metrics, each once, in the order of their list. Those of localisation are among all where something is marked.
    pub fn metrics(&self, has_marks: bool) -> Vec<&'static Metric> {
        metrics(&self.metrics, has_marks)
    }

    /// The methods, each once, in the order to run them.
    pub fn methods(&self) -> Vec<&'static Method> {
        each_once(&self.methods)
    }
}

/// What a name of a method stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodWanted {
    /// Every method.
    All,
    /// This one.
    One(&'static Method),
}

/// Methods that were asked for, each once; the usual ones if none were.
fn each_once(asked: &[MethodWanted]) -> Vec<&'static Method> {
    if asked.is_empty() {
        return usual_methods();
    }
    let mut each: Vec<&'static Method> = Vec::new();
    for wanted in asked {
        let these = match wanted {
            MethodWanted::All => methods(),
            MethodWanted::One(method) => std::slice::from_ref(method),
        };
        for method in these {
            if !each.contains(method) {
                each.push(method);
            }
        }
    }
    each
}

impl ExplainArguments {
    /// Takes what these arguments leave open from a run that was done before.
    pub fn fill_from(&mut self, config: &Config) {
        if self.images.is_empty() {
            self.images.push(config.image.clone());
            self.bands = self.bands.or(config.bands);
        }
        if self.methods.is_empty() {
            self.methods = config.methods.iter().copied().map(MethodWanted::One).collect();
        }
        self.class.get_or_insert(ClassWanted::Number(config.class));
        if let (None, Some(against)) = (&self.against, config.against) {
            self.against = Some(ClassWanted::Number(against));
        }
        self.score.get_or_insert(config.score);
        self.crop.get_or_insert(config.crop);
        self.profiles.get_or_insert(config.profiles);
        if self.host.model.is_none() && self.host.weights.is_none() {
            self.host.weights = config.weights.clone().filter(|path| path.is_file());
            let Said { architecture, heads, head, state_dict, normalisation, output } = config.said.clone();
            self.host.architecture = architecture.filter(|_| self.host.weights.is_some());
            self.host.heads = heads.filter(|_| self.host.weights.is_some());
            self.host.head = self.host.head.or(head).filter(|_| self.host.weights.is_some());
            self.host.state_dict = state_dict.filter(|_| self.host.weights.is_some());
            let normalisation = normalisation.filter(|_| self.host.weights.is_some());
            self.host.mean = normalisation.map(|own| own.mean);
            self.host.std = normalisation.map(|own| own.std);
            self.host.output = output.filter(|_| self.host.weights.is_some());
            self.host.labels = self.host.labels.take().or_else(|| config.labels.clone());
            self.host.model = ModelChoice::named(&config.model).filter(|_| self.host.weights.is_none());
        }
        self.host.device.get_or_insert(config.device);
        self.host.input_size.get_or_insert(config.input_size);
    }

    /// The methods, each once, in the order to run them.
    pub fn methods(&self) -> Vec<&'static Method> {
        let mut methods = each_once(&self.methods);
        // Without a file there is nothing to load, whatever all is.
        methods.retain(|method| **method != LOADED_MAP);
        methods.extend(self.map.iter().map(|_| &LOADED_MAP));
        methods
    }

    /// The metrics, each once, in the order of their list. Without a marked part those that ask one are not among all.
    pub fn metrics(&self) -> Vec<&'static Metric> {
        metrics(&self.metrics, self.marked.is_some())
    }

    /// What to write besides the maps.
    pub fn outputs(&self) -> Outputs {
        Outputs {
            scale: self.scale,
            caption: self.caption,
            figure: self.figure,
            animation: self.animation,
            // All pictures share one, which is not in the folder of any.
            report: false,
        }
    }
}

/// What a name of a metric stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricWanted {
    /// Every metric.
    All,
    /// This one.
    One(&'static Metric),
}

/// The metrics that are wanted, each once, in the order of their list. Those of localisation are among all where
/// something is marked.
fn metrics(wanted: &[MetricWanted], has_marks: bool) -> Vec<&'static Metric> {
    let is_asked = |metric: &&'static Metric| {
        wanted.iter().any(|wanted| match wanted {
            MetricWanted::All => metric.about != About::Localisation || has_marks,
            MetricWanted::One(own) => own == metric,
        })
    };
    METRICS.iter().filter(is_asked).collect()
}

/// The metric of this name, of those that there are, or all of them.
fn metric_parser() -> impl TypedValueParser<Value = MetricWanted> {
    let names = PossibleValuesParser::new(METRICS.iter().map(|metric| metric.id).chain([ALL]));
    names.try_map(|name| match Metric::named(&name) {
        Some(metric) => Ok(MetricWanted::One(metric)),
        None if name == ALL => Ok(MetricWanted::All),
        None => Err(format!("there is no metric “{name}”")),
    })
}

/// A part of a picture, in its pixels.
fn marked(text: &str) -> Result<PixelRect, String> {
    match text.parse() {
        Ok(CropMode::Region(part)) => Ok(part),
        _ => Err(format!(
            "“{text}” is no part of a picture: give X,Y,WIDTH,HEIGHT in its pixels, such as 120,80,400,400"
        )),
    }
}

/// The method of this name, of those that there are, or all of them.
fn method_parser() -> impl TypedValueParser<Value = MethodWanted> {
    let names = PossibleValuesParser::new(methods().iter().map(|method| method.id).chain([ALL]));
    names.try_map(|name| match Method::named(&name) {
        Some(method) => Ok(MethodWanted::One(method)),
        None if name == ALL => Ok(MethodWanted::All),
        None => Err(format!("there is no method “{name}”")),
    })
}

/// One of a set of values that have names.
fn named<T: Copy + Send + Sync>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T> {
    let names = PossibleValuesParser::new(all.iter().map(|&value| name(value)));
    names.try_map(move |given| {
        all.iter().copied().find(|&value| name(value) == given).ok_or_else(|| format!("there is no “{given}”"))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::explain::{Baseline, GRAD_CAM, IGOS, IgosParameters, IntegratedGradientsParameters, Parameters};

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn flags_change_what_the_preset_set() {
        let line =
            "igoscope explain a.jpg --preset paper --iterations 4 --baseline grey --seed 7 --method igos,grad-cam,igos";
        let Some(Task::Explain(arguments)) = Arguments::parse_from(line.split(' ')).task else {
            panic!("explain was asked for");
        };
        let parameters = arguments.parameters.applied_to(&Parameters::default());
        let expected = IgosParameters { iterations: 4, baseline: Baseline::Grey, seed: 7, ..IgosParameters::paper() };
        assert_eq!(parameters.get(), Some(&expected));
        assert_eq!(parameters.get::<IntegratedGradientsParameters>().unwrap().baseline, Baseline::Grey);
        assert_eq!(parameters.curves.seed, 7);
        assert_eq!(arguments.methods(), [&IGOS, &GRAD_CAM], "named twice it is run once");
    }

    #[test]
    fn the_window_and_explain_name_classes_by_a_file() {
        for line in ["igoscope --weights a.pth --labels a.txt", "igoscope explain b.jpg --labels a.txt"] {
            let arguments = Arguments::parse_from(line.split(' '));
            let host = match arguments.task {
                Some(Task::Explain(explain)) => explain.host,
                _ => arguments.host,
            };
            assert_eq!(host.options().labels, Some(PathBuf::from("a.txt")), "{line}");
        }
    }

    #[test]
    fn how_pictures_are_normalised_is_said_by_two_flags_or_not_at_all() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' '));
        let said = parse("igoscope --weights a.onnx --mean 0.5,0.4,0.3 --std 0.25 --output b").unwrap().host.options();
        let expected = Normalisation { mean: [0.5, 0.4, 0.3].into(), std: [0.25].into() };
        assert_eq!((said.said.normalisation, said.said.output.as_deref()), (Some(expected), Some("b")));
        for wrong in ["--mean 0.5", "--std 1", "--mean 0 --std 0", "--mean 1,,x --std 1", "--mean x --std 1"] {
            parse(&format!("igoscope --weights a.onnx {wrong}")).unwrap_err();
        }
        parse("igoscope --mean 0 --std 1").unwrap_err();
        parse("igoscope --weights a.onnx --mean -1,-1,-1 --std 1").unwrap();
    }

    #[test]
    fn flags_go_before_a_run_done_before_and_the_rest_is_taken_from_it() {
        let line = "igoscope explain --config run.json --iterations 4 --l1-decay=false --class 9 --crop squash";
        let Some(Task::Explain(mut arguments)) = Arguments::parse_from(line.split(' ')).task else {
            panic!("explain was asked for");
        };
        let igos = IgosParameters { mask_size: 14, seed: 5, ..IgosParameters::paper() };
        let parameters = Parameters::default().with(igos.clone());
        let config = Config {
            image: "a.jpg".into(),
            image_sha256: String::new(),
            profiles: Profiles::Ignore,
            model: String::new(),
            weights: None,
            weights_sha256: None,
            said: Said::default(),
            labels: None,
            device: DeviceChoice::Cuda(0),
            input_size: Size::square(224),
            crop: CropMode::Letterbox,
            bands: None,
            score: Score::Logit,
            class: 3,
            against: Some(4),
            methods: vec![&IGOS],
            parameters,
        };
        arguments.fill_from(&config);
        let igos = IgosParameters { iterations: 4, l1_decay: false, ..igos };
        assert_eq!(arguments.parameters.applied_to(&config.parameters).get(), Some(&igos));
        assert_eq!((arguments.class.clone(), arguments.methods()), (Some("9".to_owned().into()), vec![&IGOS]));
        assert_eq!((arguments.score, arguments.against), (Some(Score::Logit), Some(ClassWanted::Number(4))));
        assert_eq!((arguments.crop, arguments.profiles), (Some(CropMode::Squash), Some(Profiles::Ignore)));
        let host = arguments.host.options();
        assert_eq!((host.device, host.input_size), (DeviceChoice::Cuda(0), Some(Size::square(224))));
        assert_eq!(arguments.images, [PathBuf::from("a.jpg")]);
    }
}
