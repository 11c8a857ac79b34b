//! The explanation methods, the masks they work with, and the curves that judge them.

mod baseline;
mod control;
mod evaluation;
mod explanation;
mod iteration;
mod mask;
mod method;
mod methods;
mod metrics;
mod noise;
mod nothing;
mod parameter;
mod parameters;
mod pixels;
mod run;
mod saliency;
mod stopwatch;
mod subject;
mod table;
mod upsampling;
mod value;

use igoscope_imaging as imaging;
use igoscope_model as model;

pub use baseline::Baseline;
pub use control::{Cancelled, Control};
pub use evaluation::{
    Band, Canvas, Change, CurveParameters, CurvePoint, Curves, HALVED, Judge, Judging, MeanAndDeviation, NEARLY_ALL,
    RandomOrders, Ranking, Reading, SecondOpinion, Spread, judge, judge_order, judge_random_orders, rank,
};
pub use explanation::Explanation;
pub use iteration::{Before, Iteration, IterationChart, Shade, Term, TermLine, TermMark, TermRole};
pub use mask::Mask;
pub use method::{
    Does, Explain, Family, Method, NamedPreset, Preset, add_method, methods, presets, run_order, usual_methods,
};
pub use methods::{
    ATTENTION_ROLLOUT, BLUR_IG, BlurIgParameters, CONVERGED_AFTER, CURVE_DESCENT, CamParameters,
    CurveDescentParameters, DECONVNET, EIGEN_CAM, EXCITATION_BACKPROP, EXTREMAL, ExcitationBackpropParameters,
    ExtremalGame, ExtremalParameters, FINER_CAM, GRAD_CAM, GRAD_CAM_PLUS_PLUS, GRADIENT, GRADIENT_INPUT,
    GREEDY_REGIONS, GUIDED_BACKPROP, GUIDED_GRAD_CAM, GradientAverage, GradientParameters, GreedyRegionsParameters,
    HSIC, HsicParameters, IGOS, IGOS_PP, INTEGRATED_GRADIENTS, IgosParameters, IgosPpParameters, IgosPpSearch,
    IntegratedGradientsParameters, KERNEL_SHAP, KernelShapParameters, LAYER_CAM, LE_GRAD, LOADED_MAP, LineSearch,
    MEANINGFUL_PERTURBATION, MaskStart, MeaningfulPerturbationParameters, OCCLUSION, OcclusionParameters, RISE,
    RegionKind, Regions, RiseGrid, RiseParameters, SCORE_CAM, SMOOTH_GRAD, SOBOL, SmoothGradParameters,
    SobolParameters, XRAI, XraiParameters, attention_rollout, attributions, average_gradient, blur_ig, curve_descent,
    deconvnet, eigen_cam, excitation_backprop, extremal, finer_cam, grad_cam, grad_cam_plus_plus, gradient,
    gradient_input, greedy_regions, greedy_regions_of, guided_backprop, guided_grad_cam, hsic, hsic_of, igos, igos_pp,
    integrated_gradients, kernel_shap, kernel_shap_of, layer_cam, le_grad, loaded_map, meaningful_perturbation,
    meaningful_perturbation_shifted, occlusion, ranked, rise, rise_of, score_cam, segments, smooth_grad, sobol,
    sobol_of, widened, xrai,
};
pub use metrics::{About, Agreement, Better, Cost, METRICS, Measure, Measuring, Metric, Step, agreement};
pub use noise::NoiseUnit;
pub use nothing::{LEAST_CHANGE, Nothing, Remedy};
pub use parameter::{AtMost, CountsIf, Formerly, Kind, Otherwise, Parameter, Scale, cells, names};
pub use parameters::{Parameters, tables};
pub use pixels::Colours;
pub use run::{BaselineSeen, Finished, Prediction, Run};
pub use saliency::Saliency;
pub use subject::Subject;
pub use table::Table;
pub(crate) use value::choice;
pub use value::{Field, FieldType, Named, ParameterSet, Value};

use crate::model::{InputError, ModelError};

/// What a method reports while it works.
#[derive(Debug, Clone, Copy)]
pub enum Update<'a> {
    /// Samples done within the iteration under way; a method that does not iterate has one.
    Progress {
        /// The iteration, from 1.
        iteration: usize,
        /// Samples done.
        done: usize,
        /// Samples of the iteration.
        total: usize,
    },
    /// An iteration was finished.
    Iteration(&'a std::sync::Arc<Iteration>),
    /// A point of the curves was computed. They come in order of fraction.
    CurvePoint(CurvePoint),
}

/// Why an explanation ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The model failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model cannot be shown the picture, or not such a crop of it.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A parameter is out of its range.
    #[error("{name} is {value}: it must be from {range}")]
    Parameter {
        /// The parameter.
        name: String,
        /// What it was.
        value: String,
        /// What it may be.
        range: String,
    },
    /// A set of parameters of another table.
    #[error("the parameters given to {table} are those of something else")]
    OtherParameters {
        /// What they were given to.
        table: &'static str,
    },
    /// The score or its gradient is not a number.
    #[error("the model answered with {what} that is not a number: its weights may be damaged")]
    NotANumber {
        /// What was not a number.
        what: &'static str,
    },
}
