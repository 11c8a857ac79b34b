//! The methods: a file or folder each, and a line in the list.

mod attention;
mod black_box;
mod cam;
mod curve_descent;
mod igos;
mod integrated_gradients;
mod loaded_map;

pub use attention::{ATTENTION_ROLLOUT, LE_GRAD, attention_rollout, le_grad};
pub use black_box::{
    GREEDY_REGIONS, GreedyRegionsParameters, HSIC, HsicParameters, KERNEL_SHAP, KernelShapParameters, OCCLUSION,
    OcclusionParameters, RISE, RegionKind, Regions, RiseGrid, RiseParameters, SOBOL, SobolParameters, greedy_regions,
    greedy_regions_of, hsic, hsic_of, kernel_shap, kernel_shap_of, occlusion, rise, rise_of, sobol, sobol_of,
};
pub use cam::{
    CamParameters, EIGEN_CAM, FINER_CAM, GRAD_CAM, GRAD_CAM_PLUS_PLUS, LAYER_CAM, SCORE_CAM, eigen_cam, finer_cam,
    grad_cam, grad_cam_plus_plus, layer_cam, score_cam,
};
pub use curve_descent::{CURVE_DESCENT, CurveDescentParameters, curve_descent};
pub use igos::{CONVERGED_AFTER, IGOS, IgosParameters, LineSearch, igos};
pub use integrated_gradients::{
    INTEGRATED_GRADIENTS, IntegratedGradientsParameters, attributions, integrated_gradients,
};

pub use loaded_map::{LOADED_MAP, loaded_map};

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
    &LOADED_MAP,
];
