//! An inverted residual's inside (MBConv), fused: a depthwise convolution and the products before and after it, band by
//! band of rows. The wide map between them is never written as a whole, and what there is of it stays in a core's cache.
//!
//! Nothing is said of it in a network's description: [`Network::compile`](crate::Network::compile) finds it.

use std::ops::Range;

use super::{depthwise::DepthwiseConv2d, pointwise::PointwiseStage};
use crate::{
    buffer::{Buffer, BufferPool},
    feature_map::FeatureMap,
    kernels::{depthwise_direct::DepthwiseKernel, epilogue::Epilogue, gemm::Packed, im2col::multiply_pixels},
    layer::Layer,
    tape::{Saved, Tape},
};

/// Values of a band, with those of the source that it needs: 384 KiB, less than half of a core's second-level cache.
const BAND_VALUES: usize = 96 * 1024;

/// Pixels of a band at least: every band reads all weights anew, which must be little beside its products.
const LEAST_PIXELS: usize = 56;

/// A depthwise convolution with the convolution of one pixel before or after it, or both.
#[derive(Debug)]
pub(crate) struct FusedInvertedResidual {
    pub expand: Option<PointwiseStage>,
    pub filter: DepthwiseConv2d,
    pub project: Option<PointwiseStage>,
}

/// What rows are multiplied with, and what is done to the product.
struct Product<'a> {
    weights: &'a Packed,
    epilogue: Epilogue<'a>,
}

impl FusedInvertedResidual {
    /// Whether a depthwise convolution can be part of one: no row between two windows is seen by none of them.
    pub fn takes(filter: &DepthwiseConv2d) -> bool {
        filter.stride <= filter.kernel
    }

    /// The layers that it was made of.
    pub fn described(&self) -> Vec<Layer> {
        let product = |product: &PointwiseStage| Layer::Conv2d(product.described());
        let (before, after) = (self.expand.as_ref().map(product), self.project.as_ref().map(product));
        before.into_iter().chain([Layer::DepthwiseConv2d(self.filter.clone())]).chain(after).collect()
    }

    pub fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let Self { expand, filter, project } = self;
        let kernel = filter.forward_kernel([input.height, input.width]);
        let DepthwiseKernel { channels: inner, result: [height, width], .. } = kernel;
        let channels = project.as_ref().map_or(inner, PointwiseStage::outputs);
        let mut values = tape.pool.take(height * width * channels);
        let mut expanded = expand.as_ref().and_then(|own| own.activation.new_derivative(input.pixels(), inner, tape));
        let mut filtered = filter.activation.new_derivative(height * width, inner, tape);
        let mut projected =
            project.as_ref().and_then(|own| own.activation.new_derivative(height * width, channels, tape));
        let before = expand.as_ref().map(|own| Product {
            weights: &own.forward,
            epilogue: Epilogue::forward(own.activation, &own.bias, expanded.as_mut()),
        });
        let after = project.as_ref().map(|own| Product {
            weights: &own.forward,
            epilogue: Epilogue::forward(own.activation, &own.bias, projected.as_mut()),
        });
        let epilogue = Epilogue::forward(filter.activation, &filter.bias, filtered.as_mut());
        in_bands(before, &kernel, epilogue, after, &input.values, &mut values, &mut tape.pool);
        // The last activation's derivative is for the layer after the block, the others are its own.
        let (within, last) =
            if project.is_some() { ([expanded, filtered], projected) } else { ([expanded, None], filtered) };
        tape.push_activated(Saved::Fused(input.shape(), within), last);
        tape.pool.put(input.values);
        FeatureMap { height, width, channels, values }
    }

    pub fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let Self { expand, filter, project } = self;
        let ([height, width, channels], [expanded, filtered]) = tape.pop_fused();
        let derivative = tape.take_derivative();
        let mut values = tape.pool.take(height * width * channels);
        let before = project
            .as_ref()
            .map(|own| Product { weights: &own.backward, epilogue: Epilogue::backward(filtered.as_ref()) });
        let after = expand
            .as_ref()
            .map(|own| Product { weights: &own.backward, epilogue: Epilogue::backward(derivative.as_ref()) });
        let of_expanded = if expand.is_some() { expanded.as_ref() } else { derivative.as_ref() };
        let kernel = filter.backward_kernel([height, width], [gradient.height, gradient.width]);
        let epilogue = Epilogue::backward(of_expanded);
        in_bands(before, &kernel, epilogue, after, &gradient.values, &mut values, &mut tape.pool);
        for derivative in [expanded, filtered, derivative] {
            tape.recycle_derivative(derivative);
        }
        tape.pool.put(gradient.values);
        FeatureMap { height, width, channels, values }
    }
}

/// `result ← after(kernel(before(source)))`, band by band of the kernel's result.
fn in_bands(
    before: Option<Product<'_>>,
    kernel: &DepthwiseKernel<'_>,
    mut epilogue: Epilogue<'_>,
    mut after: Option<Product<'_>>,
    source: &[f32],
    result: &mut [f32],
    pool: &mut BufferPool,
) {
    let &DepthwiseKernel { source: [_, across], result: [height, width], channels, .. } = kernel;
    let band = band(kernel, before.is_some(), after.is_some());
    let bands = (0..height).step_by(band).map(|first| first..height.min(first + band));
    let most = bands.clone().map(|rows| kernel.needs(&rows).len()).max().unwrap_or(0);
    let buffer = pool.take(if before.is_some() { most * across * channels } else { 0 });
    let mut seen = Seen { before, source, across, channels, buffer, there: 0..0 };
    let mut filtered = pool.take(if after.is_some() { band * width * channels } else { 0 });
    for rows in bands {
        let needed = kernel.needs(&rows);
        let (first, seen) = (needed.start, seen.rows(needed, pool));
        let pixels = rows.start * width..rows.end * width;
        match &mut after {
            None => {
                let own = &mut result[pixels.start * channels..pixels.end * channels];
                kernel.run(seen, first, rows, own, &mut epilogue);
            }
            Some(Product { weights, epilogue: of_product }) => {
                let sums = &mut filtered[..pixels.len() * channels];
                kernel.run(seen, first, rows, sums, &mut epilogue);
                let outputs = weights.columns();
                let own = &mut result[pixels.start * outputs..pixels.end * outputs];
                multiply_pixels(weights, sums, own, pixels.start, of_product, pool);
            }
        }
    }
    pool.put(seen.buffer);
    pool.put(filtered);
}

/// The map that the depthwise kernel sees: it is there, or a product whose rows are made when they are needed.
struct Seen<'a> {
    before: Option<Product<'a>>,
    source: &'a [f32],
    /// Width.
    across: usize,
    channels: usize,
    /// Some rows of the product.
    buffer: Buffer,
    /// Which.
    there: Range<usize>,
}

impl Seen<'_> {
    /// Some rows; none before the first ones asked for last.
    fn rows(&mut self, needed: Range<usize>, pool: &mut BufferPool) -> &[f32] {
        let row = self.across * self.channels;
        let Some(Product { weights, epilogue }) = &mut self.before else {
            return &self.source[needed.start * row..needed.end * row];
        };
        // Windows of neighbouring bands overlap: rows that the last one needed, too, move to the front.
        let kept = needed.start..self.there.end.max(needed.start);
        if !kept.is_empty() {
            let from = kept.start - self.there.start;
            self.buffer.copy_within(from * row..(from + kept.len()) * row, 0);
        }
        let pixels = kept.end * self.across..needed.end * self.across;
        let source = &self.source[pixels.start * weights.depth()..pixels.end * weights.depth()];
        let fresh = &mut self.buffer[kept.len() * row..needed.len() * row];
        multiply_pixels(weights, source, fresh, pixels.start, epilogue, pool);
        self.there = needed.clone();
        &self.buffer[..needed.len() * row]
    }
}

/// How many rows of the kernel's result are worked on together: as many as stay in cache with what they need.
fn band(kernel: &DepthwiseKernel<'_>, has_before: bool, has_after: bool) -> usize {
    let &DepthwiseKernel { source: [_, across], result: [height, width], channels, .. } = kernel;
    let multiple = kernel.row_multiple();
    let pixels = |rows: usize| {
        let seen = if has_before { kernel.needs(&(0..rows)).len() * across } else { 0 };
        seen + if has_after { rows * width } else { 0 }
    };
    let least = LEAST_PIXELS.div_ceil(width).next_multiple_of(multiple);
    let fits = |rows: &usize| pixels(*rows) * channels <= BAND_VALUES;
    (least..height).step_by(multiple).take_while(fits).last().unwrap_or(least)
}
