//! Methods that only ask what the network answers: they show it the picture with parts of it replaced.

mod agreement;
mod greedy;
mod hsic;
mod kernel_shap;
mod latin;
mod masked;
mod occlusion;
mod regions;
mod rise;
mod slic;
mod sobol;

pub use greedy::{GREEDY_REGIONS, GreedyRegionsParameters, greedy_regions, greedy_regions_of};
pub use hsic::{HSIC, HsicParameters, hsic, hsic_of};
pub use kernel_shap::{KERNEL_SHAP, KernelShapParameters, kernel_shap, kernel_shap_of};
pub use occlusion::{OCCLUSION, OcclusionParameters, occlusion};
pub use regions::{RegionKind, Regions};
pub use rise::{RISE, RiseGrid, RiseParameters, rise, rise_of};
pub use sobol::{SOBOL, SobolParameters, sobol, sobol_of};

use crate::{
    Nothing, Saliency,
    imaging::{Interpolation, Size},
    nothing::ROUNDING,
};

/// A map with a value for each cell of a grid, or for each pixel.
fn map_of(size: Size, values: Vec<f32>, interpolation: Interpolation) -> Saliency {
    Saliency { width: size.width, height: size.height, values, interpolation, clipped_fraction: 0.0, full: None }
}

/// What is to be said of scores that hardly differ, whatever was shown: that they differ by rounding.
fn rounding(scores: &[f32]) -> Option<Nothing> {
    let ends = (f32::INFINITY, f32::NEG_INFINITY);
    let (low, high) = scores.iter().fold(ends, |(low, high), score| (low.min(*score), high.max(*score)));
    let largest = low.abs().max(high.abs());
    (f64::from(high - low) <= ROUNDING * f64::from(largest)).then_some(Nothing::Rounding)
}

/// Passes that so many pictures take: they are only looked at, and half of a pass goes backwards.
fn passes_of(pictures: usize) -> usize {
    pictures.div_ceil(2)
}
