//! What of earlier runs holds for a new one, so that nothing is computed twice.
//!
//! A map holds where the model, the picture, what is asked of it and its method's parameters are the same; its curves hold where
//! the curves' parameters are the same too. Numbers go with their map, never alone.

use std::sync::Arc;

use super::run_state::{Carried, Kept, Question, RunState, Seen, Status};
use crate::{
    explain::{Explanation, Method, Parameters},
    model::ModelSpec,
    worker::MethodRecord,
};

/// What is to be explained, and how.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The model that is hosted now.
    pub model: Option<&'a Arc<ModelSpec>>,
    /// What is asked of the picture.
    pub question: Question,
    /// The parameters of all methods.
    pub parameters: &'a Parameters,
}

/// What is there of a wish, and what is still to be done.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// What the model makes of the picture.
    pub seen: Option<Seen>,
    /// What holds of earlier runs.
    pub carried: Vec<Kept>,
    /// The methods that are to be run, or only judged, in this order.
    pub methods: Vec<&'static Method>,
    /// The maps that are only to be judged.
    pub known: Vec<Arc<Explanation>>,
}

impl Wish<'_> {
    /// Whether `run` answers the same question to the same model. The picture is the one it was asked for.
    fn is_about(&self, run: &RunState) -> bool {
        let (Some(seen), Some(own), Some(model)) = (&run.seen, &run.model, self.model) else { return false };
        // The most probable class is the same for the same crop, whether it was asked for by number or not.
        let own_class = Question { class: Some(seen.class.id), ..run.question };
        let class = self.question.class.or(seen.top.first().map(|most_probable| most_probable.id));
        Arc::ptr_eq(own, model) && own_class == Question { class, ..self.question }
    }

    /// Whether `run` is what is wished for, at its end or on its way there.
    pub fn is_granted_by(&self, run: &RunState) -> bool {
        run.parameters == *self.parameters
            && match run.status {
                Status::Finished => self.is_about(run),
                Status::Running => run.question == self.question,
                Status::Stopped | Status::Failed => false,
            }
    }

    /// What of `runs`, the newest first, holds, and what of `methods` is left to do.
    pub fn plan<'a>(&self, methods: &[&'static Method], runs: impl Iterator<Item = &'a RunState>) -> Plan {
        let runs: Vec<&RunState> = runs.filter(|run| self.is_about(run)).collect();
        let mut plan = Plan { seen: runs.first().and_then(|run| run.seen.clone()), ..Plan::default() };
        for &method in methods {
            let maps = runs.iter().filter(|run| run.parameters.is_same_map(self.parameters, method));
            let maps: Vec<(&RunState, &MethodRecord)> = maps
                .filter_map(|run| Some((*run, run.method(method)?)))
                .filter(|(_, state)| state.explanation.is_some())
                .collect();
            let judged = maps
                .iter()
                .find(|(run, state)| state.curves.is_some() && run.parameters.curves == self.parameters.curves);
            if let Some((_, state)) = judged {
                plan.carried.push((method, Carried::Everything, (*state).clone()));
                continue;
            }
            if let Some((_, state)) = maps.first() {
                plan.known.extend(state.explanation.clone());
                let map = MethodRecord {
                    started: false,
                    points: Vec::new(),
                    curves: None,
                    second: Vec::new(),
                    ..(*state).clone()
                };
                plan.carried.push((method, Carried::Map, map));
            }
            plan.methods.push(method);
        }
        plan
    }
}
