//! The methods: a file or folder each, and a line in the list.

mod attention;
mod black_box;
mod blur_ig;
mod cam;
mod curve_descent;
mod deconvnet;
mod excitation_backprop;
mod extremal;
mod gradient;
mod gradient_input;
mod guided_backprop;
mod guided_grad_cam;
mod igos;
mod igos_pp;
mod integrated_gradients;
mod loaded_map;
mod meaningful_perturbation;
mod smooth_grad;
mod xrai;

pub use attention::{ATTENTION_ROLLOUT, LE_GRAD, attention_rollout, le_grad};
pub use black_box::{
    GREEDY_REGIONS, GreedyRegionsParameters, HSIC, HsicParameters, KERNEL_SHAP, KernelShapParameters, OCCLUSION,
    OcclusionParameters, RISE, RegionKind, Regions, RiseGrid, RiseParameters, SOBOL, SobolParameters, greedy_regions,
    greedy_regions_of, hsic, hsic_of, kernel_shap, kernel_shap_of, occlusion, rise, rise_of, sobol, sobol_of,
};
pub use blur_ig::{BLUR_IG, BlurIgParameters, blur_ig};
pub use cam::{
    CamParameters, EIGEN_CAM, FINER_CAM, GRAD_CAM, GRAD_CAM_PLUS_PLUS, LAYER_CAM, SCORE_CAM, eigen_cam, finer_cam,
    grad_cam, grad_cam_plus_plus, layer_cam, score_cam,
};
pub use curve_descent::{CURVE_DESCENT, CurveDescentParameters, curve_descent};
pub use deconvnet::{DECONVNET, deconvnet};
pub use excitation_backprop::{EXCITATION_BACKPROP, ExcitationBackpropParameters, excitation_backprop};
pub use extremal::{EXTREMAL, ExtremalGame, ExtremalParameters, extremal};
pub use gradient::{GRADIENT, GradientParameters, gradient};
pub use gradient_input::{GRADIENT_INPUT, gradient_input};
pub use guided_backprop::{GUIDED_BACKPROP, guided_backprop};
pub use guided_grad_cam::{GUIDED_GRAD_CAM, guided_grad_cam};
pub use igos::{CONVERGED_AFTER, IGOS, IgosParameters, LineSearch, igos};
pub use igos_pp::{IGOS_PP, IgosPpParameters, IgosPpSearch, igos_pp};
pub use integrated_gradients::{
    INTEGRATED_GRADIENTS, IntegratedGradientsParameters, attributions, integrated_gradients,
};
pub use loaded_map::{LOADED_MAP, loaded_map};
pub use meaningful_perturbation::{
    MEANINGFUL_PERTURBATION, MaskStart, MeaningfulPerturbationParameters, meaningful_perturbation,
    meaningful_perturbation_shifted,
};
pub use smooth_grad::{GradientAverage, SMOOTH_GRAD, SmoothGradParameters, average_gradient, smooth_grad};
pub use xrai::{XRAI, XraiParameters, ranked, segments, widened, xrai};

use super::Method;

/// igoscope's own methods, in the order of the comparison wall.
pub(super) static BUILT_IN: &[&Method] = &[
    &IGOS,
    &CURVE_DESCENT,
    &GRAD_CAM,
    &INTEGRATED_GRADIENTS,
    &GRAD_CAM_PLUS_PLUS,
    &LAYER_CAM,
    &EIGEN_CAM,
    &SCORE_CAM,
    &FINER_CAM,
    &RISE,
    &OCCLUSION,
    &SOBOL,
    &HSIC,
    &KERNEL_SHAP,
    &GREEDY_REGIONS,
    &ATTENTION_ROLLOUT,
    &LE_GRAD,
    &GRADIENT,
    &GRADIENT_INPUT,
    &SMOOTH_GRAD,
    &GUIDED_BACKPROP,
    &DECONVNET,
    &GUIDED_GRAD_CAM,
    &EXCITATION_BACKPROP,
    &BLUR_IG,
    &XRAI,
    &IGOS_PP,
    &MEANINGFUL_PERTURBATION,
    &EXTREMAL,
    &LOADED_MAP,
];
