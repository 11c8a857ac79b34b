//! A depthwise convolution and the products before and after it, band by band of rows: the wide map between them is
//! never written as a whole, and what there is of it stays in a core's cache.
//!
//! Nothing is said of it in a network's description: it is found among the layers, and leaves on the pass what they
//! would leave.

use std::ops::Range;

use super::{
    conv::{Conv2d, multiply_pixels},
    depthwise::DepthwiseConv2d,
};
use crate::nn::activation::{Activation, Finish};
use crate::nn::{
    buffer::Buffer,
    feature_map::Map,
    kernels::{depthwise_direct::Sweep, gemm::Packed},
    layer::Layer,
    tape::{Pass, Saved},
};

/// Values of a band, with those of the source that it needs: 384 KiB, less than half of a core's second-level cache.
const BAND_VALUES: usize = 96 * 1024;

/// Pixels of a band at least: every band reads all weights anew, which must be little beside its products.
const LEAST_PIXELS: usize = 56;

/// A depthwise convolution with what comes before or after it, or both.
pub(crate) struct Bottleneck<'a> {
    expand: Option<&'a Conv2d>,
    filter: &'a DepthwiseConv2d,
    project: Option<&'a Conv2d>,
}

/// What rows are multiplied with, and what is done to the product.
struct Product<'a> {
    weights: &'a Packed,
    finish: Finish<'a>,
}

impl<'a> Bottleneck<'a> {
    /// What the first of these layers are, if they are one, and their number.
    pub fn first_of(layers: &'a [Layer]) -> Option<(Self, usize)> {
        [3, 2].into_iter().find_map(|count| Some((Self::of(layers.get(..count)?)?, count)))
    }

    /// What the last of these layers are, if they are one, and their number.
    pub fn last_of(layers: &'a [Layer]) -> Option<(Self, usize)> {
        [3, 2].into_iter().find_map(|count| Some((Self::of(layers.get(layers.len().checked_sub(count)?..)?)?, count)))
    }

    fn of(layers: &'a [Layer]) -> Option<Self> {
        let (expand, filter, project) = match layers {
            [Layer::Conv2d(expand), Layer::DepthwiseConv2d(filter), Layer::Conv2d(project)] => {
                (Some(expand), filter, Some(project))
            }
            [Layer::Conv2d(expand), Layer::DepthwiseConv2d(filter)] => (Some(expand), filter, None),
            [Layer::DepthwiseConv2d(filter), Layer::Conv2d(project)] => (None, filter, Some(project)),
            _ => return None,
        };
        let are_products = expand.into_iter().chain(project).all(|conv| conv.pointwise().is_some());
        // No row between two windows that none of them sees.
        (are_products && filter.stride <= filter.kernel).then_some(Self { expand, filter, project })
    }

    pub fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        let sweep = self.filter.sweep([input.height, input.width]);
        let Sweep { channels: inner, result: [height, width], .. } = sweep;
        let channels = self.project.map_or(inner, |project| project.bias.len());
        let mut values = pass.buffer(height * width * channels);
        let mut expanded =
            self.expand.and_then(|expand| expand.activation.slopes(input.pixels(), expand.bias.len(), pass));
        let mut filtered = self.filter.activation.slopes(height * width, inner, pass);
        let mut projected = self.project.and_then(|project| project.activation.slopes(height * width, channels, pass));
        let enter = self.expand.and_then(|expand| {
            let finish = Finish::activate(expand.activation, &expand.bias, expanded.as_mut());
            Some(Product { weights: expand.pointwise()?[0], finish })
        });
        let leave = self.project.and_then(|project| {
            let finish = Finish::activate(project.activation, &project.bias, projected.as_mut());
            Some(Product { weights: project.pointwise()?[0], finish })
        });
        let finish = Finish::activate(self.filter.activation, &self.filter.bias, filtered.as_mut());
        in_bands(enter, &sweep, finish, leave, &input.values, &mut values, pass);
        if self.expand.is_some() {
            pass.save(Saved::Shape([input.height, input.width, input.channels]));
            Activation::save(expanded, pass);
        }
        pass.save(Saved::Shape([input.height, input.width, inner]));
        Activation::save(filtered, pass);
        if self.project.is_some() {
            pass.save(Saved::Shape([height, width, inner]));
            Activation::save(projected, pass);
        }
        pass.give(input.values);
        Map { height, width, channels, values }
    }

    pub fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        let size = [gradient.height, gradient.width];
        let projected = self.project.map(|_| {
            pass.take_shape();
            pass.take_slopes()
        });
        let [height, width, inner] = pass.take_shape().unwrap_or([size[0], size[1], self.filter.bias.len()]);
        let filtered = pass.take_slopes();
        let expanded = self.expand.map(|_| {
            pass.take_shape();
            pass.take_slopes()
        });
        let channels = self.expand.map_or(inner, |expand| expand.inputs);
        let mut values = pass.buffer(height * width * channels);
        let enter = self.project.and_then(|project| {
            let finish = Finish::slopes(projected.as_ref().and_then(Option::as_ref));
            Some(Product { weights: project.pointwise()?[1], finish })
        });
        let leave = self.expand.and_then(|expand| {
            let finish = Finish::slopes(expanded.as_ref().and_then(Option::as_ref));
            Some(Product { weights: expand.pointwise()?[1], finish })
        });
        let sweep = self.filter.sweep_back([height, width], size);
        in_bands(enter, &sweep, Finish::slopes(filtered.as_ref()), leave, &gradient.values, &mut values, pass);
        for slopes in [projected.flatten(), filtered, expanded.flatten()] {
            pass.give_slopes(slopes);
        }
        pass.give(gradient.values);
        Map { height, width, channels, values }
    }
}

/// `result ← leave(sweep(enter(source)))`, band by band of the sweep's result.
fn in_bands(
    enter: Option<Product<'_>>,
    sweep: &Sweep<'_>,
    mut finish: Finish<'_>,
    mut leave: Option<Product<'_>>,
    source: &[f32],
    result: &mut [f32],
    pass: &mut Pass,
) {
    let &Sweep { source: [_, across], result: [height, width], channels, .. } = sweep;
    let band = band(sweep, enter.is_some(), leave.is_some());
    let bands = (0..height).step_by(band).map(|first| first..height.min(first + band));
    let most = bands.clone().map(|rows| sweep.needs(&rows).len()).max().unwrap_or(0);
    let buffer = pass.buffer(if enter.is_some() { most * across * channels } else { 0 });
    let mut seen = Seen { enter, source, across, channels, buffer, there: 0..0 };
    let mut after = pass.buffer(if leave.is_some() { band * width * channels } else { 0 });
    for rows in bands {
        let needed = sweep.needs(&rows);
        let (first, seen) = (needed.start, seen.rows(needed));
        let pixels = rows.start * width..rows.end * width;
        match &mut leave {
            None => {
                let own = &mut result[pixels.start * channels..pixels.end * channels];
                sweep.run(seen, first, rows, own, &mut finish);
            }
            Some(Product { weights, finish: ending }) => {
                let sums = &mut after[..pixels.len() * channels];
                sweep.run(seen, first, rows, sums, &mut finish);
                let outputs = weights.columns();
                let own = &mut result[pixels.start * outputs..pixels.end * outputs];
                multiply_pixels(weights, sums, own, pixels.start, ending);
            }
        }
    }
    pass.give(seen.buffer);
    pass.give(after);
}

/// The map that a sweep sees: it is there, or a product whose rows are made when they are needed.
struct Seen<'a> {
    enter: Option<Product<'a>>,
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
    fn rows(&mut self, needed: Range<usize>) -> &[f32] {
        let row = self.across * self.channels;
        let Some(Product { weights, finish }) = &mut self.enter else {
            return &self.source[needed.start * row..needed.end * row];
        };
        // Rows that were needed before, too.
        let kept = needed.start..self.there.end.max(needed.start);
        if !kept.is_empty() {
            let from = kept.start - self.there.start;
            self.buffer.copy_within(from * row..(from + kept.len()) * row, 0);
        }
        let pixels = kept.end * self.across..needed.end * self.across;
        let source = &self.source[pixels.start * weights.depth()..pixels.end * weights.depth()];
        let fresh = &mut self.buffer[kept.len() * row..needed.len() * row];
        multiply_pixels(weights, source, fresh, pixels.start, finish);
        self.there = needed.clone();
        &self.buffer[..needed.len() * row]
    }
}

/// How many rows of the sweep's result are worked on together.
fn band(sweep: &Sweep<'_>, enters: bool, leaves: bool) -> usize {
    let &Sweep { source: [_, across], result: [height, width], channels, .. } = sweep;
    let together = sweep.together();
    let pixels = |rows: usize| {
        let seen = if enters { sweep.needs(&(0..rows)).len() * across } else { 0 };
        seen + if leaves { rows * width } else { 0 }
    };
    let least = LEAST_PIXELS.div_ceil(width).next_multiple_of(together);
    let fits = |rows: &usize| pixels(*rows) * channels <= BAND_VALUES;
    (least..height).step_by(together).take_while(fits).last().unwrap_or(least)
}
