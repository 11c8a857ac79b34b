//! A graph ready to run on the CPU: steps in their order, and the slots that values wait in.

use std::{collections::HashMap, sync::Arc};

use super::{
    builder::{Constant, Graph, GraphError, ValueId},
    chain::{self, Chain},
    convert::{self, Convert},
    fuse,
    layout::{Form, Layout},
    ops,
    step::{Compiled, Context, Port, Record, Shared, Work, mismatch},
};
use crate::buffer::Buffer;

/// A graph made ready for the CPU: weights packed, nodes fused, an order and a layout for every value.
///
/// It may be run by several threads at once, each with its own [`State`].
#[derive(Debug)]
pub struct Plan {
    steps: Vec<Planned>,
    /// What lies in every slot.
    slots: Vec<Form>,
    /// Row after row.
    input: usize,
    /// Row after row.
    outputs: Vec<usize>,
    readable: HashMap<ValueId, usize>,
}

/// A step in its place.
struct Planned {
    /// Of its first node.
    name: String,
    work: Work,
    inputs: Vec<Source>,
    /// Slots.
    outputs: Vec<usize>,
    /// Whether nobody takes an input after it.
    is_last: Vec<bool>,
}

/// Where an input comes from.
#[derive(Debug)]
enum Source {
    Slot(usize),
    Constant(Shared),
    /// A constant that the step has taken in.
    TakenIn,
}

impl std::fmt::Debug for Planned {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, work, inputs, outputs, .. } = self;
        let step: &dyn std::fmt::Debug = match work {
            Work::Relabel => &"the same values",
            Work::Step(step) => step,
        };
        let from: Vec<usize> = inputs.iter().filter_map(Source::slot).collect();
        write!(formatter, "{name}: {from:?} → {outputs:?} {step:?}")
    }
}

impl Source {
    fn slot(&self) -> Option<usize> {
        match self {
            Self::Slot(slot) => Some(*slot),
            Self::Constant(_) | Self::TakenIn => None,
        }
    }
}

/// What a thread needs to run a plan, and what a forward leaves for a backward. Use it for one sample after the other.
#[derive(Debug, Default)]
pub struct State {
    context: Context,
    slots: Vec<Option<Shared>>,
    /// One a step, if a backward follows.
    records: Vec<Record>,
    gradients: Vec<Option<Buffer>>,
}

impl Plan {
    /// Makes a graph ready. `readable` are values whose activations and gradients can be asked for; nodes are not fused
    /// across them, so that a plan with fewer of them may be quicker.
    ///
    /// # Errors
    /// A node cannot be computed.
    pub fn new(graph: &Graph, readable: &[ValueId]) -> Result<Self, GraphError> {
        let graph = fuse::fused(graph.clone(), readable)?;
        Self::of_fused(&graph, readable)
    }

    /// The same, node by node: what fused plans are compared with.
    #[cfg(test)]
    pub(super) fn unfused(graph: &Graph, readable: &[ValueId]) -> Result<Self, GraphError> {
        let mut building = Building::new(graph);
        for index in 0..graph.nodes.len() {
            building.add_node(index)?;
        }
        Ok(building.finish(readable))
    }

    fn of_fused(graph: &Graph, readable: &[ValueId]) -> Result<Self, GraphError> {
        let mut building = Building::new(graph);
        let mut is_done = vec![false; graph.nodes.len()];
        let takers = graph.takers();
        for index in 0..graph.nodes.len() {
            if is_done[index] {
                continue;
            }
            match chain::from(graph, index, &takers, readable) {
                Some(chain) => {
                    chain.nodes.iter().for_each(|node| is_done[*node] = true);
                    building.add_chain(chain)?;
                }
                None => building.add_node(index)?,
            }
        }
        Ok(building.finish(readable))
    }

    /// Shape of the input.
    pub fn input_shape(&self) -> &[usize] {
        &self.slots[self.input].shape
    }

    /// Shape of every output.
    pub fn output_shapes(&self) -> impl Iterator<Item = &[usize]> {
        self.outputs.iter().map(|slot| self.slots[*slot].shape.as_slice())
    }

    /// One sample, row after row, to the graph's outputs, row after row. Nothing is kept for a backward.
    ///
    /// # Panics
    /// The input has not as many values as its shape says.
    pub fn forward(&self, input: &[f32], state: &mut State) -> Vec<Vec<f32>> {
        self.run(input, state, false)
    }

    /// The same, for a backward that follows.
    ///
    /// # Panics
    /// As for [`Plan::forward`].
    pub fn forward_recording(&self, input: &[f32], state: &mut State) -> Vec<Vec<f32>> {
        self.run(input, state, true)
    }

    fn run(&self, input: &[f32], state: &mut State, recording: bool) -> Vec<Vec<f32>> {
        assert_eq!(input.len(), self.slots[self.input].size(), "as many values as the input's shape says");
        state.clear();
        state.context.recording = recording;
        state.slots.resize_with(self.slots.len(), || None);
        let nothing = Shared::default();
        state.slots[self.input] = Some(Arc::new(state.context.copy(input)));
        for step in &self.steps {
            let inputs: Vec<Shared> = step
                .inputs
                .iter()
                .zip(&step.is_last)
                .map(|(source, is_last)| match source {
                    Source::Slot(slot) if *is_last => state.slots[*slot].take().unwrap_or_else(|| no_value(step)),
                    Source::Slot(slot) => state.slots[*slot].as_ref().unwrap_or_else(|| no_value(step)).clone(),
                    Source::Constant(values) => values.clone(),
                    Source::TakenIn => nothing.clone(),
                })
                .collect();
            let (results, record) = match &step.work {
                Work::Relabel => (inputs.into_iter().take(1).collect(), Record::Nothing),
                Work::Step(work) => work.forward(inputs, &mut state.context),
            };
            if recording {
                state.records.push(record);
            } else {
                state.context.drop_record(record);
            }
            for (slot, result) in step.outputs.iter().zip(results) {
                debug_assert_eq!(result.len(), self.slots[*slot].size(), "{step:?}");
                state.slots[*slot] = Some(result);
            }
        }
        let output = |slot: &usize| state.slots[*slot].as_ref().map_or_else(Vec::new, |values| values.to_vec());
        self.outputs.iter().map(output).collect()
    }

    /// What the last forward had at one of the readable values, row after row; `None` if it is not one of them.
    pub fn activations(&self, value: ValueId, state: &State) -> Option<Vec<f32>> {
        let slot = *self.readable.get(&value)?;
        Some(convert::to_plain(state.slots.get(slot)?.as_ref()?, &self.slots[slot]))
    }

    /// The gradient with respect to the input, into `result`, row after row: from those with respect to the outputs, one
    /// an output. Takes off what the last [`Plan::forward_recording`] has left.
    ///
    /// # Panics
    /// No recorded forward came before, or the gradients have not as many values as the outputs, or the result as the
    /// input.
    pub fn backward(&self, gradients: &[&[f32]], state: &mut State, result: &mut [f32]) {
        assert_eq!(result.len(), self.slots[self.input].size(), "as many values as the input's shape says");
        match self.backward_until(self.input, gradients, state) {
            Some(gradient) => {
                result.copy_from_slice(&gradient);
                state.context.pool.put(gradient);
            }
            None => result.fill(0.0),
        }
    }

    /// The gradient with respect to one of the readable values, row after row, instead of that with respect to the input;
    /// `None` if it is not one of them.
    ///
    /// # Panics
    /// As for [`Plan::backward`].
    pub fn backward_to(&self, value: ValueId, gradients: &[&[f32]], state: &mut State) -> Option<Vec<f32>> {
        let slot = *self.readable.get(&value)?;
        let form = &self.slots[slot];
        Some(match self.backward_until(slot, gradients, state) {
            Some(gradient) => {
                let plain = convert::to_plain(&gradient, form);
                state.context.pool.put(gradient);
                plain
            }
            None => vec![0.0; form.size()],
        })
    }

    /// The gradient with respect to what is in a slot, in its layout, if it has any.
    fn backward_until(&self, end: usize, gradients: &[&[f32]], state: &mut State) -> Option<Buffer> {
        assert_eq!(state.records.len(), self.steps.len(), "a recorded forward through this plan came before");
        assert_eq!(gradients.len(), self.outputs.len(), "one gradient an output");
        state.gradients.resize_with(self.slots.len(), || None);
        for (slot, gradient) in self.outputs.iter().zip(gradients) {
            assert_eq!(gradient.len(), self.slots[*slot].size(), "as many values as the output's shape says");
            let gradient = state.context.copy(gradient);
            state.add_gradient(*slot, gradient);
        }
        for step in self.steps.iter().rev() {
            let Some(record) = state.records.pop() else { mismatch("a record", "no more") };
            if step.outputs.contains(&end) {
                state.context.drop_record(record);
                break;
            }
            let gradients: Vec<Option<Buffer>> =
                step.outputs.iter().map(|slot| state.gradients[*slot].take()).collect();
            if gradients.iter().all(Option::is_none) {
                state.context.drop_record(record);
                continue;
            }
            let gradients = match &step.work {
                Work::Relabel => gradients,
                Work::Step(work) => work.backward(gradients, record, &mut state.context),
            };
            debug_assert!(matches!(step.work, Work::Relabel) || gradients.len() == step.inputs.len(), "{step:?}");
            for (source, gradient) in step.inputs.iter().zip(gradients) {
                match (source, gradient) {
                    (Source::Slot(slot), Some(gradient)) => {
                        debug_assert_eq!(gradient.len(), self.slots[*slot].size(), "{step:?}");
                        state.add_gradient(*slot, gradient);
                    }
                    (_, Some(gradient)) => state.context.pool.put(gradient),
                    (_, None) => {}
                }
            }
        }
        let gradient = state.gradients[end].take();
        state.clear_backward();
        gradient
    }
}

/// Stops the thread: the plan has its steps in a wrong order, or gives a value away too early.
#[cold]
fn no_value(step: &Planned) -> ! {
    unreachable!("a value is not there: {step:?}")
}

impl State {
    fn clear(&mut self) {
        self.clear_backward();
        self.context.release_all(self.slots.drain(..).flatten());
    }

    fn clear_backward(&mut self) {
        self.gradients.drain(..).flatten().for_each(|gradient| self.context.pool.put(gradient));
        self.records.drain(..).for_each(|record| self.context.drop_record(record));
    }

    fn add_gradient(&mut self, slot: usize, gradient: Buffer) {
        match &mut self.gradients[slot] {
            Some(sum) => {
                ops::add_to(sum, &gradient);
                self.context.pool.put(gradient);
            }
            none => *none = Some(gradient),
        }
    }
}

/// A plan that is being made.
struct Building<'a> {
    graph: &'a Graph,
    steps: Vec<Planned>,
    slots: Vec<Form>,
    /// The slot that a value was put into first.
    own: HashMap<ValueId, usize>,
    /// Slots of values in other layouts.
    converted: HashMap<(ValueId, Layout), usize>,
}

impl<'a> Building<'a> {
    fn new(graph: &'a Graph) -> Self {
        let input = Form::plain(graph.shape(graph.input));
        Self {
            graph,
            steps: Vec::new(),
            slots: vec![input],
            own: HashMap::from([(graph.input, 0)]),
            converted: HashMap::new(),
        }
    }

    fn port(&self, value: ValueId) -> Port {
        let constant: Option<Constant> = self.graph.values[value.0].constant.clone();
        let form = match self.own.get(&value) {
            Some(slot) => self.slots[*slot].clone(),
            None => Form::plain(self.graph.shape(value)),
        };
        Port { form, constant }
    }

    /// The slot where a value is, or comes to be, in a layout.
    fn slot_in(&mut self, value: ValueId, layout: &Layout) -> usize {
        let own = self.own.get(&value).copied().unwrap_or_else(|| mismatch("a value in a slot", "none"));
        if self.slots[own].layout == *layout {
            return own;
        }
        let key = (value, layout.clone());
        if let Some(slot) = self.converted.get(&key) {
            return *slot;
        }
        let (from, to) = (&self.slots[own], Form::new(&self.slots[own].shape, layout.clone()));
        let work = Work::Step(Box::new(Convert::new(from, &to)));
        self.slots.push(to);
        let slot = self.slots.len() - 1;
        self.converted.insert(key, slot);
        let name = "to another layout".to_owned();
        let (inputs, outputs) = (vec![Source::Slot(own)], vec![slot]);
        self.steps.push(Planned { name, work, inputs, outputs, is_last: Vec::new() });
        slot
    }

    fn add_node(&mut self, index: usize) -> Result<(), GraphError> {
        let node = &self.graph.nodes[index];
        let ports: Vec<Port> = node.inputs.iter().map(|input| self.port(*input)).collect();
        let outputs: Vec<&[usize]> = node.outputs.iter().map(|output| self.graph.shape(*output)).collect();
        let compiled = ops::compile(&node.op, &ports, &outputs).map_err(|problem| GraphError::Node {
            node: node.name.clone(),
            operation: node.op.name(),
            problem,
        })?;
        self.add(&node.name, &node.inputs, &node.outputs, compiled);
        Ok(())
    }

    fn add_chain(&mut self, chain: Chain) -> Result<(), GraphError> {
        let Chain { nodes, input, output, compiled } = chain;
        let name = nodes.first().map_or("", |node| &self.graph.nodes[*node].name);
        self.add(name, &[input], &[output], compiled);
        Ok(())
    }

    fn add(&mut self, name: &str, inputs: &[ValueId], outputs: &[ValueId], compiled: Compiled) {
        let Compiled { wanted, outputs: layouts, work } = compiled;
        let inputs = inputs.iter().zip(wanted).map(|(value, wanted)| {
            let Some(layout) = wanted else { return Source::TakenIn };
            match &self.graph.values[value.0] {
                super::builder::Value { shape, constant: Some(values), .. } => {
                    Source::Constant(convert::constant(values, shape, &layout))
                }
                _ => Source::Slot(self.slot_in(*value, &layout)),
            }
        });
        let inputs = inputs.collect();
        let outputs = outputs.iter().zip(layouts).map(|(value, layout)| {
            self.slots.push(Form::new(self.graph.shape(*value), layout));
            self.own.insert(*value, self.slots.len() - 1);
            self.slots.len() - 1
        });
        let outputs = outputs.collect();
        self.steps.push(Planned { name: name.to_owned(), work, inputs, outputs, is_last: Vec::new() });
    }

    fn finish(mut self, readable: &[ValueId]) -> Plan {
        let plain = |value: &ValueId| (*value, Layout::plain(self.graph.shape(*value).len()));
        let outputs: Vec<(ValueId, Layout)> = self.graph.outputs.iter().map(plain).collect();
        let outputs: Vec<usize> = outputs.iter().map(|(value, layout)| self.slot_in(*value, layout)).collect();
        let readable = readable.iter().filter_map(|value| Some((*value, *self.own.get(value)?)));
        let readable: HashMap<ValueId, usize> = readable.collect();
        // From the last step to the first, whether somebody takes a slot later on.
        let mut is_taken = vec![false; self.slots.len()];
        for kept in outputs.iter().chain(readable.values()) {
            is_taken[*kept] = true;
        }
        for step in self.steps.iter_mut().rev() {
            let mut is_last = vec![false; step.inputs.len()];
            for (source, is_last) in step.inputs.iter().zip(&mut is_last).rev() {
                if let Source::Slot(slot) = source {
                    *is_last = !std::mem::replace(&mut is_taken[*slot], true);
                }
            }
            step.is_last = is_last;
        }
        Plan { steps: self.steps, slots: self.slots, input: 0, outputs, readable }
    }
}
