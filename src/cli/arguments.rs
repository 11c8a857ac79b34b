//! The command line.

use std::{ffi::OsStr, path::PathBuf};

use clap::{
    Arg, Args, Command, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

use crate::{
    device::DeviceChoice,
    explain::{Baseline, LineSearch, MethodKind, PRESETS, Parameters, Preset},
    imaging::CropMode,
    model::Score,
    worker::HostOptions,
};

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
    /// Measure the window, and write how soon it shows what and how long its frames take to standard error. Settings
    /// are neither read nor kept.
    #[arg(long)]
    pub trace: bool,
    /// Keep the window's settings (parameters, presets, recent pictures, sizes) in this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "trace")]
    pub settings: Option<PathBuf>,
    /// Where to compute.
    #[command(flatten)]
    pub host: HostArguments,
}

/// Where to compute.
#[derive(Debug, Clone, Copy, Args)]
pub struct HostArguments {
    /// Where to compute.
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// CPU threads; 0 is one a core.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub threads: u16,
    /// Width and height of the pictures the model sees, in pixels; not every model takes another than its own.
    #[arg(long, value_name = "PIXELS")]
    pub input_size: Option<usize>,
}

impl HostArguments {
    /// The same for the worker.
    pub fn options(self) -> HostOptions {
        HostOptions {
            device: self.device,
            threads: usize::from(self.threads),
            input_size: self.input_size,
            gives_way: false,
        }
    }
}

/// What igoscope does without a window.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Explain pictures, print the figures and write the maps.
    Explain(Box<ExplainArguments>),
}

/// What to explain, and how.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Pictures to explain.
    #[arg(value_name = "IMAGE", required = true)]
    pub images: Vec<PathBuf>,
    /// Methods, in the order to run them.
    #[arg(long = "method", value_name = "METHOD", value_delimiter = ',', default_values_t = MethodKind::ALL)]
    pub methods: Vec<MethodKind>,
    /// The class to explain, by number or name; the most probable one if not given.
    #[arg(long, value_name = "ID|NAME")]
    pub class: Option<String>,
    /// Why that class rather than this one, by number or name: the difference of their scores is explained.
    #[arg(long, value_name = "ID|NAME")]
    pub against: Option<String>,
    /// What is explained of a class; the curves always show its probability. The weights λ₁ and λ₂ are made for
    /// probabilities: other scores move further, and may want larger ones.
    #[arg(long, value_name = "SCORE", default_value = Score::default().name())]
    pub score: Score,
    /// What the model sees of a picture: its middle as the model's makers cut it, the whole of it squashed to a square
    /// or with bars, or a part in the picture's pixels, such as 120,80,400,400.
    #[arg(long, value_name = "center|squash|letterbox|X,Y,W,H", default_value_t, hide_default_value = true)]
    pub crop: CropMode,
    /// Folder for the results, one folder in it for each picture; without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one line of JSON for each picture, as in run.json, and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Values that the parameters below start from.
    #[arg(long, value_name = "PRESET", default_value = "default", value_parser = PresetParser)]
    pub preset: Preset,
    /// m: the mask has m × m cells [default: 28].
    #[arg(long, value_name = "M")]
    pub mask_size: Option<usize>,
    /// K: iterations of I-GOS [default: 15].
    #[arg(long, value_name = "K")]
    pub iterations: Option<usize>,
    /// S: samples of I-GOS's path [default: 20].
    #[arg(long, value_name = "S")]
    pub integration_steps: Option<usize>,
    /// λ₁: how strongly a large mask is punished [default: 1].
    #[arg(long, value_name = "λ₁")]
    pub l1_weight: Option<f64>,
    /// λ₂: how strongly a ragged mask is punished [default: 20].
    #[arg(long, value_name = "λ₂")]
    pub tv_weight: Option<f64>,
    /// α_u: the largest step tried [default: 1000].
    #[arg(long, value_name = "α_u")]
    pub step_max: Option<f64>,
    /// α_l: the search gives up below this step [default: 1e-5].
    #[arg(long, value_name = "α_l")]
    pub step_min: Option<f64>,
    /// β: share of the promised decrease a step must keep [default: 1e-4].
    #[arg(long, value_name = "β")]
    pub armijo: Option<f64>,
    /// η: factor from one trial step to the next [default: 0.2].
    #[arg(long, value_name = "η")]
    pub step_decay: Option<f64>,
    /// Standard deviation of the noise on each sample [default: 0.2].
    #[arg(long, value_name = "STD")]
    pub noise_std: Option<f64>,
    /// What the line search compares [default: path-shared].
    #[arg(long, value_name = "SEARCH")]
    pub line_search: Option<LineSearch>,
    /// Points of the path that the path-shared search uses [default: 6].
    #[arg(long, value_name = "N")]
    pub search_points: Option<usize>,
    /// End early when two iterations in a row change the mask by less than this, mean of the cells; 0 never does
    /// [default: 1e-3].
    #[arg(long, value_name = "CHANGE")]
    pub convergence_tolerance: Option<f64>,
    /// Weaken λ₁ late in a run whose score hardly moves.
    #[arg(long)]
    pub l1_decay: bool,
    /// What a deleted pixel is replaced with [default: blur].
    #[arg(long, value_name = "BASELINE")]
    pub baseline: Option<Baseline>,
    /// Seed of every random number.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
    /// Samples of the path of integrated gradients [default: 50].
    #[arg(long, value_name = "N")]
    pub integrated_gradients_steps: Option<usize>,
    /// Steps of the deletion and insertion curves [default: 50].
    #[arg(long, value_name = "N")]
    pub curve_steps: Option<usize>,
    /// Cells a side of the grid on which the curves rank every method [default: 28].
    #[arg(long, value_name = "N")]
    pub curve_grid: Option<usize>,
    /// Where to compute.
    #[command(flatten)]
    pub host: HostArguments,
}

impl ExplainArguments {
    /// The parameters of all methods.
    pub fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::default();
        let igos = &mut parameters.igos;
        *igos = (self.preset.igos)();
        set(&mut igos.mask_size, self.mask_size);
        set(&mut igos.iterations, self.iterations);
        set(&mut igos.integration_steps, self.integration_steps);
        set(&mut igos.l1_weight, self.l1_weight);
        set(&mut igos.tv_weight, self.tv_weight);
        set(&mut igos.step_max, self.step_max);
        set(&mut igos.step_min, self.step_min);
        set(&mut igos.armijo, self.armijo);
        set(&mut igos.step_decay, self.step_decay);
        set(&mut igos.noise_std, self.noise_std);
        set(&mut igos.line_search, self.line_search);
        set(&mut igos.search_points, self.search_points);
        set(&mut igos.convergence_tolerance, self.convergence_tolerance);
        igos.l1_decay |= self.l1_decay;
        set(&mut igos.baseline, self.baseline);
        igos.seed = self.seed;
        set(&mut parameters.integrated_gradients.integration_steps, self.integrated_gradients_steps);
        set(&mut parameters.integrated_gradients.baseline, self.baseline);
        parameters.integrated_gradients.seed = self.seed;
        set(&mut parameters.curves.steps, self.curve_steps);
        set(&mut parameters.curves.grid, self.curve_grid);
        parameters.curves.seed = self.seed;
        parameters
    }
}

fn set<T: Copy>(parameter: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *parameter = value;
    }
}

/// Finds a preset by its name, and lets clap say what each is for.
#[derive(Clone)]
struct PresetParser;

impl TypedValueParser for PresetParser {
    type Value = Preset;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<Preset, clap::Error> {
        let names = PossibleValuesParser::new(PRESETS.iter().map(|preset| preset.name));
        let name = names.parse_ref(command, argument, value)?;
        let found = PRESETS.iter().find(|preset| preset.name == name);
        found.copied().ok_or_else(|| clap::Error::new(clap::error::ErrorKind::InvalidValue).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(PRESETS.iter().map(|preset| PossibleValue::new(preset.name).help(preset.purpose))))
    }
}

/// Lets clap offer a set of named values.
macro_rules! named_values {
    ($type:ty) => {
        impl ValueEnum for $type {
            fn value_variants<'a>() -> &'a [Self] {
                &Self::ALL
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                Some(PossibleValue::new(self.name()))
            }
        }
    };
}

named_values!(MethodKind);
named_values!(Score);
named_values!(LineSearch);
named_values!(Baseline);
named_values!(DeviceChoice);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use clap::CommandFactory;

    use super::*;
    use crate::explain::IgosParameters;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn flags_change_what_the_preset_set() {
        let line =
            "igoscope explain a.jpg --preset paper --iterations 4 --baseline grey --seed 7 --method igos,grad-cam";
        let Some(Task::Explain(arguments)) = Arguments::parse_from(line.split(' ')).task else {
            panic!("explain was asked for");
        };
        let parameters = arguments.parameters();
        let expected = IgosParameters { iterations: 4, baseline: Baseline::Grey, seed: 7, ..IgosParameters::paper() };
        assert_eq!(parameters.igos, expected);
        assert_eq!(parameters.integrated_gradients.baseline, Baseline::Grey);
        assert_eq!(parameters.curves.seed, 7);
        assert_eq!(arguments.methods, [MethodKind::Igos, MethodKind::GradCam]);
    }
}
