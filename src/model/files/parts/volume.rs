//! Convolutions of volumes whose windows are flat.

use crate::nn::graph::{Conv, GraphBuilder, GraphError, Op, ValueId};

/// What is convolved: `[n, in, a, b, c]` with `[out, in / groups, a, b, c]`, whose windows are one value along one axis.
pub(in crate::files) struct Volume {
    pub input: ValueId,
    pub weight: ValueId,
    pub bias: Option<ValueId>,
    /// Which of the three axes that is.
    pub single: usize,
}

impl Volume {
    /// `[n, out, a', b', c']`: every place along that axis is a map of its own, in a batch.
    ///
    /// # Errors
    /// They have not so many axes, or the convolution cannot be done.
    pub fn convolved(&self, builder: &mut GraphBuilder, name: &str, conv: Conv) -> Result<ValueId, GraphError> {
        let Self { input, weight, bias, single } = *self;
        let unlike = |found: &[usize]| GraphError::Node {
            node: name.to_owned(),
            operation: "Conv",
            problem: format!("it convolves volumes, and is given the shape {found:?}"),
        };
        let shape = <[usize; 5]>::try_from(builder.shape(input)).map_err(|_| unlike(builder.shape(input)))?;
        let filters = <[usize; 5]>::try_from(builder.shape(weight)).map_err(|_| unlike(builder.shape(weight)))?;
        let single = single + 2;
        let others: Vec<usize> = (2..5).filter(|axis| *axis != single).collect();
        let order = [0, single, 1, others[0], others[1]];
        let apart = builder.add(name, Op::Transpose { axes: order.to_vec() }, &[input])?;
        let [rows, columns] = [shape[others[0]], shape[others[1]]];
        let maps = Op::Reshape { shape: vec![shape[0] * shape[single], shape[1], rows, columns] };
        let maps = builder.add(name, maps, &[apart])?;
        let flat = Op::Reshape { shape: vec![filters[0], filters[1], filters[others[0]], filters[others[1]]] };
        let flat = builder.add(name, flat, &[weight])?;
        let inputs: Vec<ValueId> = [maps, flat].into_iter().chain(bias).collect();
        let sums = builder.add(name, Op::Conv(conv), &inputs)?;
        let [_, outputs, rows, columns] =
            <[usize; 4]>::try_from(builder.shape(sums)).map_err(|_| unlike(builder.shape(sums)))?;
        let apart = Op::Reshape { shape: vec![shape[0], shape[single], outputs, rows, columns] };
        let apart = builder.add(name, apart, &[sums])?;
        // Back to the axes' places.
        let axes = (0..5).map(|axis| order.iter().position(|from| *from == axis).unwrap_or_default()).collect();
        builder.add(name, Op::Transpose { axes }, &[apart])
    }
}
