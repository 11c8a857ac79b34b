//! Layers in words: what one is, but for its numbers.

use crate::{Layer, Padding};

impl Layer {
    /// What the layer computes but for its weights: kind, shape and activation, and those of the layers within a block.
    /// Whether a pool's last windows may reach past its zeros is left out.
    pub fn outline(&self) -> String {
        match self {
            Self::Affine(affine) => format!("affine {} {:?}", affine.bias.len(), affine.activation),
            Self::Conv2d(conv) => {
                let (inputs, outputs, padding) =
                    (conv.inputs, conv.bias.len(), zeros(conv.padding, conv.kernel, conv.stride));
                format!(
                    "conv {outputs} of {inputs}, {} / {} {padding:?} {:?}",
                    conv.kernel, conv.stride, conv.activation
                )
            }
            Self::DepthwiseConv2d(conv) => {
                let (channels, padding) = (conv.bias.len(), zeros(conv.padding, conv.kernel, conv.stride));
                format!("depthwise {channels}, {} / {} {padding:?} {:?}", conv.kernel, conv.stride, conv.activation)
            }
            Self::GroupedConv2d(conv) => {
                let (groups, outputs, padding) =
                    (conv.groups, conv.bias.len(), zeros(conv.padding, conv.kernel, conv.stride));
                format!(
                    "conv {outputs} in {groups}, {} / {} {padding:?} {:?}",
                    conv.kernel, conv.stride, conv.activation
                )
            }
            Self::MaxPool2d(pool) => {
                format!("max {} / {} {:?}", pool.kernel, pool.stride, zeros(pool.padding, pool.kernel, pool.stride))
            }
            Self::Linear(linear) => format!("linear {}", linear.bias.len()),
            Self::LayerNorm(norm) => format!("layer norm {} {}", norm.bias.len(), norm.epsilon),
            Self::Concat(block) => format!("{:?}", block.branches.iter().map(|way| outlines(way)).collect::<Vec<_>>()),
            Self::SqueezeExcite(block) => format!("× {:?}", outlines(&block.gate)),
            Self::Residual(block) => {
                let [branch, shortcut] = [&block.branch, &block.shortcut].map(|way| outlines(way));
                format!("{branch:?} + {shortcut:?} {:?}", block.activation)
            }
            other => format!("{other:?}"),
        }
    }
}

fn outlines(layers: &[Layer]) -> Vec<String> {
    layers.iter().map(Layer::outline).collect()
}

/// The same zeros have several names.
fn zeros(padding: Padding, kernel: usize, stride: usize) -> Padding {
    match padding {
        Padding::Same if stride == 1 && kernel % 2 == 1 => Padding::Symmetric(kernel / 2),
        Padding::Ceiling(pad) => Padding::Symmetric(pad),
        other => other,
    }
}
