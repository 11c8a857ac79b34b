//! The explanation methods, the masks they work with, and the curves that judge them.

mod changed;
mod control;
mod curves;
mod explanation;
mod grad_cam;
mod igos;
mod integrated_gradients;
mod line_search;
mod mask;
mod noise;
mod parameters;
mod path_samples;
mod presets;
pub mod ranges;
mod run;
mod saliency;
mod stopwatch;
mod subject;
mod upsampling;

pub use changed::{Canvas, Change, Ranking};
pub use control::{Cancelled, Control};
pub use curves::{CurvePoint, Curves, judge, judge_order, rank};
pub use explanation::{Explanation, MethodKind, Step};
pub use grad_cam::grad_cam;
pub use igos::igos;
pub use integrated_gradients::{attributions, integrated_gradients};
pub use mask::Mask;
pub use parameters::{
    Baseline, CONVERGED_AFTER, CurveParameters, IgosParameters, IntegratedGradientsParameters, LineSearch, Parameters,
};
pub use presets::{PRESETS, Preset};
pub use run::{Finished, Prediction, Run};
pub use saliency::Saliency;
pub use subject::Subject;

use crate::{imaging::CropError, model::ModelError};

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
    Step(&'a Step),
    /// A point of the curves was computed. They come in order of fraction.
    CurvePoint(CurvePoint),
}

/// Explains with one method.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn explain(
    method: MethodKind,
    subject: &Subject<'_>,
    parameters: &Parameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    match method {
        MethodKind::Igos => igos(subject, &parameters.igos, control, report),
        MethodKind::GradCam => grad_cam(subject, control),
        MethodKind::IntegratedGradients => {
            integrated_gradients(subject, &parameters.integrated_gradients, control, report)
        }
    }
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
    /// The picture has no such crop.
    #[error(transparent)]
    Crop(#[from] CropError),
    /// A parameter is out of its range.
    #[error("{name} is {value}: it must be from {range}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What it was.
        value: String,
        /// What it may be.
        range: String,
    },
    /// The score or its gradient is not a number.
    #[error("the model answered with {what} that is not a number: its weights may be damaged")]
    NotANumber {
        /// What was not a number.
        what: &'static str,
    },
}
