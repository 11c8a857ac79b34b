//! Long short-term memories, in one direction or both.

use crate::nn::graph::{Binary, GraphBuilder, GraphError, Op, Span, ValueId};

/// The weights of one direction. Rows of gates are in the order input, output, forget, cell.
pub(in crate::files) struct Direction {
    /// Whether it begins at the last step.
    pub reverse: bool,
    /// `[4 · hidden, in]`: of what comes in.
    pub input: ValueId,
    /// `[4 · hidden, hidden]`: of the state before.
    pub state: ValueId,
    /// `[4 · hidden]` each.
    pub biases: Vec<ValueId>,
}

/// The results of all directions.
pub(in crate::files) struct Memory {
    /// After every step, `[steps, directions, rows, hidden]`.
    pub states: ValueId,
    /// After the last one, `[directions, rows, hidden]`.
    pub last_state: ValueId,
    /// The cells after it.
    pub last_cell: ValueId,
}

impl Memory {
    /// That of `[steps, rows, in]`.
    ///
    /// # Errors
    /// The weights do not fit it, or depend on the picture.
    pub fn of(
        builder: &mut GraphBuilder,
        name: &str,
        input: ValueId,
        directions: &[Direction],
    ) -> Result<Self, GraphError> {
        let [mut states, mut last_states, mut last_cells] = [const { Vec::new() }; 3];
        for direction in directions {
            let turned = builder.add(name, Op::Transpose { axes: vec![1, 0] }, &[direction.input])?;
            let mut gates = builder.add(name, Op::MatMul, &[input, turned])?;
            let wide = builder.shape(direction.state).first().copied();
            for bias in &direction.biases {
                let shape = builder.shape(*bias);
                if shape.len() != 1 || shape.first().copied() != wide {
                    let problem = format!("a bias has the shape {shape:?}, which does not fit its weights");
                    return Err(GraphError::Node { node: name.to_owned(), operation: "LSTM", problem });
                }
                gates = builder.add(name, Op::Binary(Binary::Add), &[gates, *bias])?;
            }
            let reverse = direction.reverse;
            let made = builder.add_all(name, Op::Lstm { reverse }, &[gates, direction.state])?;
            let (&[state, cell], &[steps, rows, hidden]) = (&made[..], builder.shape(made[0])) else {
                let problem = format!("it has {} results", made.len());
                return Err(GraphError::Node { node: name.to_owned(), operation: "LSTM", problem });
            };
            let last = Span { start: if reverse { 0 } else { steps - 1 }, step: 1, len: 1 };
            let last = Op::Slice(vec![last, Span::all(rows), Span::all(hidden)]);
            last_states.push(builder.add(name, last.clone(), &[state])?);
            last_cells.push(builder.add(name, last, &[cell])?);
            states.push(builder.add(name, Op::Reshape { shape: vec![steps, 1, rows, hidden] }, &[state])?);
        }
        let mut joined = |axis: usize, parts: &[ValueId]| builder.add(name, Op::Concat { axis }, parts);
        Ok(Self {
            states: joined(1, &states)?,
            last_state: joined(0, &last_states)?,
            last_cell: joined(0, &last_cells)?,
        })
    }
}
