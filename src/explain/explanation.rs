//! What a method gives back, and what it reports on the way.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{mask::Mask, saliency::Saliency};
use crate::model::Target;

/// A way to explain a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodKind {
    /// Integrated-gradients optimised saliency (Qi, Khorram, Li, AAAI 2020).
    Igos,
    /// Gradient-weighted class activation maps (Selvaraju et al., ICCV 2017).
    GradCam,
    /// Integrated gradients (Sundararajan, Taly, Yan, ICML 2017).
    IntegratedGradients,
}

impl MethodKind {
    /// Every method, in the order of the comparison wall.
    pub const ALL: [Self; 3] = [Self::Igos, Self::GradCam, Self::IntegratedGradients];

    /// The name in flags, file names and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Igos => "igos",
            Self::GradCam => "grad-cam",
            Self::IntegratedGradients => "integrated-gradients",
        }
    }

    /// The name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Igos => "I-GOS",
            Self::GradCam => "Grad-CAM",
            Self::IntegratedGradients => "Integrated gradients",
        }
    }
}

impl fmt::Display for MethodKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One I-GOS iteration.
///
/// `objective` is `score + l1 + tv`, evaluated without noise on the picture masked by `mask`, whichever
/// objective the line search used; the search's own values are `search_before` and `search_after`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Number of this iteration, from 1.
    pub iteration: usize,
    /// f_c of the picture under the new mask: for a probability in `[0, 1]`, any number for other targets.
    pub score: f64,
    /// λ₁ · mean|1 − M|.
    pub l1: f64,
    /// λ₂ · TV(M).
    pub tv: f64,
    /// `score + l1 + tv`.
    pub objective: f64,
    /// α: the step size taken.
    pub step: f64,
    /// Whether that step met the revised Armijo condition. If not, it is the last, smallest one tried.
    pub accepted: bool,
    /// Step sizes the line search tried.
    pub trials: usize,
    /// What the line search's objective was before the step.
    pub search_before: f64,
    /// What the line search's objective was after the step.
    pub search_after: f64,
    /// ‖G‖: the length of the integrated gradient, regularisers included.
    pub gradient_norm: f64,
    /// Forward passes of one sample that this iteration took, those with a backward pass included.
    pub forward_passes: usize,
    /// Backward passes of one sample that this iteration took.
    pub backward_passes: usize,
    /// Time this iteration took, in seconds.
    pub seconds: f64,
    /// The mask after the step.
    #[serde(skip)]
    pub mask: Mask,
}

/// A method's result on one input and one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The method.
    pub method: MethodKind,
    /// What was explained. Grad-CAM explains logits whatever the score.
    pub target: Target,
    /// The map.
    pub saliency: Saliency,
    /// The same on the same grid with what speaks against the class below 0, for the methods that tell it.
    pub signed: Option<Saliency>,
    /// The mask, for the methods that optimise one.
    pub mask: Option<Mask>,
    /// The iterations, for the methods that iterate.
    pub steps: Vec<Step>,
    /// The parameters used, as they are written to `run.json`.
    pub parameters: serde_json::Value,
    /// Compute time in seconds, pauses left out.
    pub seconds: f64,
}
