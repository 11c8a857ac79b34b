//! Local response normalisation: every value over a power of the squares of its neighbours among the channels.
//!
//! Source: Krizhevsky, Sutskever, Hinton, *ImageNet Classification with Deep Convolutional Neural Networks*, 2012.

use std::ops::Range;

use crate::{
    buffer::Buffer,
    graph::{
        layout::Layout,
        shape::Shape,
        step::{Compiled, Context, Port, Record, Shared, Step, mismatch, only},
    },
};

pub(super) fn shape(size: usize, input: &[usize]) -> Result<Shape, String> {
    if input.len() < 2 || size == 0 {
        return Err(format!("there are no sums of {size} channels in the shape {input:?}"));
    }
    Ok(input.to_vec())
}

pub(super) fn compile(size: usize, [alpha, beta, bias]: [f32; 3], port: &Port) -> Compiled {
    let layout = Layout::channels_last(port.shape());
    let step = Lrn { channels: port.shape()[1], size, alpha: alpha / size as f32, beta, bias };
    Compiled::step(vec![Some(layout.clone())], layout, step)
}

#[derive(Debug)]
struct Lrn {
    channels: usize,
    size: usize,
    /// Of one square.
    alpha: f32,
    beta: f32,
    bias: f32,
}

impl Lrn {
    /// The channels that one is normalised by.
    fn window(&self, channel: usize) -> Range<usize> {
        let (before, after) = ((self.size - 1) / 2, self.size / 2);
        channel.saturating_sub(before)..self.channels.min(channel.saturating_add(after).saturating_add(1))
    }

    /// The channels that are normalised by one.
    fn seen_by(&self, channel: usize) -> Range<usize> {
        let (before, after) = ((self.size - 1) / 2, self.size / 2);
        channel.saturating_sub(after)..self.channels.min(channel.saturating_add(before).saturating_add(1))
    }
}

impl Step for Lrn {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let mut record = Record::Nothing;
        let results: Vec<Shared> = inputs
            .into_iter()
            .map(|input| {
                let (mut result, mut sums) = (context.pool.take(input.len()), context.pool.take(input.len()));
                let rows = input.chunks_exact(self.channels).zip(result.chunks_exact_mut(self.channels));
                for ((row, result), sums) in rows.zip(sums.chunks_exact_mut(self.channels)) {
                    for (channel, sum) in sums.iter_mut().enumerate() {
                        let squares: f32 = row[self.window(channel)].iter().map(|x| x * x).sum();
                        *sum = self.bias + self.alpha * squares;
                        result[channel] = row[channel] * sum.powf(-self.beta);
                    }
                }
                if context.recording {
                    record = Record::Kept(vec![Some(input), Some(sums.into())]);
                } else {
                    context.release(input);
                    context.pool.put(sums);
                }
                result.into()
            })
            .collect();
        (results, record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let mut gradient = only(gradients);
        let [Some(input), Some(sums)] = record.kept() else { mismatch("what was normalised", "nothing") };
        let mut through = context.pool.take(self.channels);
        let rows = gradient.chunks_exact_mut(self.channels).zip(input.chunks_exact(self.channels));
        for ((gradient, row), sums) in rows.zip(sums.chunks_exact(self.channels)) {
            // What goes through each sum.
            for (channel, through) in through.iter_mut().enumerate() {
                *through = gradient[channel] * row[channel] * sums[channel].powf(-self.beta - 1.0);
            }
            for (channel, value) in gradient.iter_mut().enumerate() {
                let through: f32 = through[self.seen_by(channel)].iter().sum();
                *value =
                    *value * sums[channel].powf(-self.beta) - 2.0 * self.alpha * self.beta * row[channel] * through;
            }
        }
        context.pool.put(through);
        context.release_all([input, sums]);
        vec![Some(gradient)]
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, numbers, refusal},
    };

    #[test]
    fn neighbours_are_onnxs() {
        // Of four channels, by hand: an even size has one more channel after than before.
        let op = Op::Lrn { size: 2, alpha: 2.0, beta: 1.0, bias: 1.0 };
        let result = forward(&op, &[&[1, 4, 1, 1]], &[numbers(4)]);
        assert_eq!(result, [0.0, 1.0 / 6.0, 2.0 / 14.0, 3.0 / 10.0]);
        let op = Op::Lrn { size: 3, alpha: 3.0, beta: 0.5, bias: 0.0 };
        let result = forward(&op, &[&[1, 4, 1, 1]], &[vec![3.0, 4.0, 0.0, 1.0]]);
        assert_eq!(result, [0.6, 0.8, 0.0, 1.0]);
    }

    #[test]
    fn gradients_go_through_the_sums() {
        for size in [1, 2, 3, 4, 5, 20] {
            check(&Op::Lrn { size, alpha: 0.5, beta: 0.75, bias: 1.5 }, &[&[1, 7, 2, 2]]);
        }
        refusal(&Op::Lrn { size: 0, alpha: 0.5, beta: 0.75, bias: 1.5 }, &[&[1, 7, 2, 2]]);
        forward(&Op::Lrn { size: usize::MAX, alpha: 0.5, beta: 0.75, bias: 1.5 }, &[&[1, 7]], &[numbers(7)]);
    }
}
