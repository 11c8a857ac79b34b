//! Group normalisation: the values of some channels, with their mean taken away and their spread made 1.
//!
//! Source: Wu, He, *Group Normalization*, ECCV 2018 (arXiv 1803.08494); with one channel a group Ulyanov, Vedaldi,
//! Lempitsky, *Instance Normalization*, 2016 (arXiv 1607.08022).

use super::{check_row, layer_norm::check_epsilon};
use crate::{
    buffer::Buffer,
    graph::{
        layout::Layout,
        shape::Shape,
        step::{Compiled, Context, Port, Record, Shared, Step, first_of, only},
    },
};

pub(super) fn shape(groups: usize, epsilon: f32, inputs: &[&[usize]]) -> Result<Shape, String> {
    check_epsilon(epsilon)?;
    let Some(channels) = inputs[0].get(1).filter(|channels| groups > 0 && channels.is_multiple_of(groups)) else {
        return Err(format!("the channels of the shape {:?} are not in {groups} groups", inputs[0]));
    };
    for (what, found) in ["scale", "shift"].into_iter().zip(&inputs[1..]) {
        check_row(what, found, *channels)?;
    }
    Ok(inputs[0].to_vec())
}

pub(super) fn compile(groups: usize, epsilon: f32, ports: &[Port]) -> Compiled {
    let shape = ports[0].shape();
    let layout = Layout::channels_last(shape);
    let row =
        |port: Option<&Port>, default: f32| port.map_or_else(|| vec![default; shape[1]], |port| port.values().to_vec());
    let step = GroupNorm {
        images: shape[0],
        together: shape[1] / groups,
        scale: row(ports.get(1), 1.0),
        shift: row(ports.get(2), 0.0),
        epsilon: f64::from(epsilon),
        inputs: ports.len(),
    };
    let wanted = [Some(layout.clone()), None, None].into_iter().take(ports.len());
    Compiled::step(wanted.collect(), layout, step)
}

#[derive(Debug)]
struct GroupNorm {
    images: usize,
    /// Channels of a group.
    together: usize,
    scale: Vec<f32>,
    shift: Vec<f32>,
    epsilon: f64,
    /// How many inputs there are, of which all but one were taken in.
    inputs: usize,
}

impl GroupNorm {
    /// Of every group, the mean over an image of what is added up for each channel.
    fn means(&self, image: &[f32], of: impl Fn(usize, usize, f32) -> f32) -> Vec<f64> {
        let channels = self.scale.len();
        let mut sums = vec![0.0_f64; channels];
        for (pixel, row) in image.chunks_exact(channels).enumerate() {
            for (channel, (sum, value)) in sums.iter_mut().zip(row).enumerate() {
                *sum += f64::from(of(pixel, channel, *value));
            }
        }
        let count = (image.len() / channels * self.together) as f64;
        sums.chunks_exact(self.together).map(|sums| sums.iter().sum::<f64>() / count).collect()
    }
}

impl Step for GroupNorm {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let (channels, together) = (self.scale.len(), self.together);
        let mut record = Record::Nothing;
        let results: Vec<Shared> = inputs
            .into_iter()
            .take(1)
            .map(|input| {
                // Left normalised.
                let mut normal = context.own(input);
                let mut result = context.pool.take(normal.len());
                let mut factors = context.pool.take(self.images * channels / together);
                let image = normal.len() / self.images;
                let images = normal.chunks_exact_mut(image).zip(result.chunks_exact_mut(image));
                for ((normal, result), factors) in images.zip(factors.chunks_exact_mut(channels / together)) {
                    let means = self.means(normal, |_, _, value| value);
                    for row in normal.chunks_exact_mut(channels) {
                        for (channel, value) in row.iter_mut().enumerate() {
                            *value = (f64::from(*value) - means[channel / together]) as f32;
                        }
                    }
                    let variances = self.means(normal, |_, _, value| value * value);
                    for (factor, variance) in factors.iter_mut().zip(variances) {
                        *factor = (1.0 / (variance + self.epsilon).sqrt()) as f32;
                    }
                    for (row, result) in normal.chunks_exact_mut(channels).zip(result.chunks_exact_mut(channels)) {
                        for (channel, (value, result)) in row.iter_mut().zip(result).enumerate() {
                            *value *= factors[channel / together];
                            *result = *value * self.scale[channel] + self.shift[channel];
                        }
                    }
                }
                if context.recording {
                    record = Record::Values(vec![normal, factors]);
                } else {
                    context.pool.put(normal);
                    context.pool.put(factors);
                }
                result.into()
            })
            .collect();
        (results, record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let (channels, together) = (self.scale.len(), self.together);
        let (mut gradient, [normal, factors]) = (only(gradients), record.values());
        let image = gradient.len() / self.images;
        let images = gradient.chunks_exact_mut(image).zip(normal.chunks_exact(image));
        for ((gradient, normal), factors) in images.zip(factors.chunks_exact(channels / together)) {
            for row in gradient.chunks_exact_mut(channels) {
                row.iter_mut().zip(&self.scale).for_each(|(value, scale)| *value *= scale);
            }
            let means = self.means(gradient, |_, _, value| value);
            let along = self.means(gradient, |pixel, channel, value| value * normal[pixel * channels + channel]);
            for (row, normal) in gradient.chunks_exact_mut(channels).zip(normal.chunks_exact(channels)) {
                for (channel, (value, normal)) in row.iter_mut().zip(normal).enumerate() {
                    let group = channel / together;
                    *value = (*value - means[group] as f32 - normal * along[group] as f32) * factors[group];
                }
            }
        }
        context.pool.put(normal);
        context.pool.put(factors);
        first_of(self.inputs, gradient)
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, refusal},
    };

    #[test]
    fn a_group_has_no_mean_and_a_variance_of_one() {
        let op = Op::GroupNorm { groups: 2, epsilon: 0.0 };
        let values = [vec![1.0, 3.0, 5.0, 7.0], vec![1.0, 2.0, 1.0, 1.0], vec![0.0, 0.0, 0.0, 10.0]];
        assert_eq!(forward(&op, &[&[1, 4], &[4], &[4]], &values), [-1.0, 2.0, -1.0, 11.0]);
        for groups in [1, 2, 6] {
            let op = Op::GroupNorm { groups, epsilon: 1e-3 };
            check(&op, &[&[1, 6, 2, 3], &[6], &[6]]);
            check(&op, &[&[2, 6, 3]]);
        }
        assert!(refusal(&Op::GroupNorm { groups: 4, epsilon: 0.0 }, &[&[1, 6, 2]]).contains("[1, 6, 2]"));
        refusal(&Op::GroupNorm { groups: 0, epsilon: 0.0 }, &[&[1, 6, 2]]);
        refusal(&Op::GroupNorm { groups: 2, epsilon: -1.0 }, &[&[1, 6, 2]]);
        refusal(&Op::GroupNorm { groups: 2, epsilon: 0.0 }, &[&[1, 6, 2], &[2]]);
    }
}
