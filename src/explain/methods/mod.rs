//! The methods: a file or folder each, and a line in the list.

mod curve_descent;
mod grad_cam;
mod igos;
mod integrated_gradients;
mod loaded_map;

pub use curve_descent::{CURVE_DESCENT, CurveDescentParameters, curve_descent};
pub use grad_cam::{GRAD_CAM, grad_cam};
pub use igos::{CONVERGED_AFTER, IGOS, IgosParameters, LineSearch, igos};
pub use integrated_gradients::{
    INTEGRATED_GRADIENTS, IntegratedGradientsParameters, attributions, integrated_gradients,
};

pub use loaded_map::{LOADED_MAP, loaded_map};

use super::Method;

/// igoscope's own methods, in the order of the comparison wall.
pub(super) static BUILT_IN: &[&Method] = &[&IGOS, &CURVE_DESCENT, &GRAD_CAM, &INTEGRATED_GRADIENTS, &LOADED_MAP];
