//! A depthwise convolution and the products before and after it, band by band of rows: the wide map between them is
//! never written as a whole, and what there is of it stays in a core's cache.
//!
//! Nothing is said of it in a network's description: it is found among the layers, and leaves on the pass what they
//! would leave.

use super::{
    activation::{Activation, Finish},
    conv::{Conv2d, multiply_pixels},
    depthwise::DepthwiseConv2d,
    layer::Layer,
    map::Map,
    packed::Packed,
    pass::{Pass, Saved},
    sweep::Sweep,
};

/// Values of a band, with those of the source that it needs: 384 KiB, less than half of a core's second-level cache.
const BAND_VALUES: usize = 96 * 1024;

/// Pixels of a band at least: every band reads all weights anew, which must be little beside its products.
const LEAST_PIXELS: usize = 56;

/// A depthwise convolution with what comes before or after it, or both.
pub(super) struct Bottleneck<'a> {
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
    /// What the first of these layers are, if they are one; with their number.
    pub fn first_of(layers: &'a [Layer]) -> Option<(Self, usize)> {
        match layers {
            [Layer::Conv2d(expand), Layer::DepthwiseConv2d(filter), Layer::Conv2d(project), ..] => {
                Self::of(Some(expand), filter, Some(project))
            }
            _ => None,
        }
        .or_else(|| match layers {
            [Layer::Conv2d(expand), Layer::DepthwiseConv2d(filter), ..] => Self::of(Some(expand), filter, None),
            [Layer::DepthwiseConv2d(filter), Layer::Conv2d(project), ..] => Self::of(None, filter, Some(project)),
            _ => None,
        })
    }

    /// What the last of these layers are, if they are one; with their number.
    pub fn last_of(layers: &'a [Layer]) -> Option<(Self, usize)> {
        match layers {
            [.., Layer::Conv2d(expand), Layer::DepthwiseConv2d(filter), Layer::Conv2d(project)] => {
                Self::of(Some(expand), filter, Some(project))
            }
            _ => None,
        }
        .or_else(|| match layers {
            [.., Layer::DepthwiseConv2d(filter), Layer::Conv2d(project)] => Self::of(None, filter, Some(project)),
            [.., Layer::Conv2d(expand), Layer::DepthwiseConv2d(filter)] => Self::of(Some(expand), filter, None),
            _ => None,
        })
    }

    fn of(
        expand: Option<&'a Conv2d>,
        filter: &'a DepthwiseConv2d,
        project: Option<&'a Conv2d>,
    ) -> Option<(Self, usize)> {
        let products = expand.into_iter().chain(project);
        let fits = products.clone().all(|conv| conv.pointwise().is_some());
        // No row between two windows that none of them sees.
        (fits && filter.stride <= filter.kernel).then_some((Self { expand, filter, project }, 1 + products.count()))
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
    mut enter: Option<Product<'_>>,
    sweep: &Sweep<'_>,
    mut finish: Finish<'_>,
    mut leave: Option<Product<'_>>,
    source: &[f32],
    result: &mut [f32],
    pass: &mut Pass,
) {
    let &Sweep { source: [_, across], result: [height, width], channels, .. } = sweep;
    let (wide, narrow) = (across * channels, width * channels);
    let band = band(sweep, wide, narrow, enter.is_some(), leave.is_some());
    let most = (0..height).step_by(band).map(|from| sweep.needs(&(from..height.min(from + band))).len()).max();
    let mut before = pass.buffer(if enter.is_some() { most.unwrap_or(0) * wide } else { 0 });
    let mut after = pass.buffer(if leave.is_some() { band * narrow } else { 0 });
    // The rows that `before` has.
    let mut there = 0..0;
    for first in (0..height).step_by(band) {
        let rows = first..height.min(first + band);
        let needed = sweep.needs(&rows);
        let (seen, from) = match &mut enter {
            None => (&source[needed.start * wide..needed.end * wide], needed.start),
            Some(Product { weights, finish }) => {
                // Rows that the band before needed, too.
                let kept = needed.start..there.end.clamp(needed.start, needed.end);
                let place = |row: usize| row.saturating_sub(there.start) * wide;
                if !kept.is_empty() {
                    before.copy_within(place(kept.start)..place(kept.end), 0);
                }
                let fresh = kept.end..needed.end;
                let inputs = across * weights.depth();
                let place = kept.len() * wide..needed.len() * wide;
                multiply_pixels(
                    weights,
                    &source[fresh.start * inputs..fresh.end * inputs],
                    &mut before[place],
                    fresh.start * across,
                    finish,
                );
                there = needed.clone();
                (&before[..needed.len() * wide], needed.start)
            }
        };
        let pixels = rows.start * width..rows.end * width;
        match &mut leave {
            None => {
                let own = &mut result[pixels.start * channels..pixels.end * channels];
                sweep.run(seen, from, rows, own, &mut finish);
            }
            Some(Product { weights, finish: ending }) => {
                let sums = &mut after[..rows.len() * narrow];
                sweep.run(seen, from, rows, sums, &mut finish);
                let outputs = weights.columns();
                let own = &mut result[pixels.start * outputs..pixels.end * outputs];
                multiply_pixels(weights, sums, own, pixels.start, ending);
            }
        }
    }
    pass.give(before);
    pass.give(after);
}

/// How many rows of the sweep's result are worked on together.
fn band(sweep: &Sweep<'_>, wide: usize, narrow: usize, enters: bool, leaves: bool) -> usize {
    let together = sweep.together();
    let values = |rows: usize| {
        let source = if enters { sweep.needs(&(0..rows)).len() * wide } else { 0 };
        source + if leaves { rows * narrow } else { 0 }
    };
    let height = sweep.result[0];
    let least = LEAST_PIXELS.div_ceil(sweep.result[1]).next_multiple_of(together);
    (least..height).step_by(together).take_while(|rows| values(*rows) <= BAND_VALUES).last().unwrap_or(least)
}
