//! What of earlier runs holds for a new one, so that nothing is computed twice.
//!
//! A map holds where the model, the picture, what is asked of it and its method's parameters are the same; its curves hold where
//! the curves' parameters are the same too, the second judge's among them. Numbers go with their map, never alone. Random
//! orders know no map: they hold where curves would.

use std::sync::Arc;

use super::run_state::{Carried, Kept, Question, RunState, Seen, Status};
use crate::{
    explain::{Explanation, Judge, Method, Parameters, RandomOrders, SecondOpinion},
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
    /// The methods, in the order to run them.
    pub methods: &'a [&'static Method],
    /// The parameters of all methods.
    pub parameters: &'a Parameters,
    /// Another network that is to judge as well, by its name.
    pub judge: Option<&'a str>,
}

/// What is there of a wish, and what is still to be done.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// What the model makes of the picture.
    pub seen: Option<Seen>,
    /// What holds of earlier runs.
    pub carried: Vec<Kept>,
    /// Random orders of an earlier run that hold.
    pub random: Option<Arc<RandomOrders>>,
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
            && run.is_by(self.methods)
            && match run.status {
                Status::Finished => {
                    self.is_about(run) && run.methods().all(|(_, record)| self.is_judged_by_all(record))
                }
                Status::Running => run.question == self.question,
                Status::Stopped | Status::Failed => false,
            }
    }

    /// What the second judges that are wished for say of a map; none if one of them was not asked yet. Nobody judges a
    /// map that found nothing.
    fn second(&self, record: &MethodRecord) -> Option<Vec<Arc<SecondOpinion>>> {
        let wanted = self.parameters.curves.second_judges(self.judge);
        let by = |judge: &Judge| record.second.iter().find(|second| second.judge == *judge).cloned();
        let has_found = record.curves.is_none() || record.judged().is_some();
        wanted.iter().filter(|_| has_found).map(by).collect()
    }

    /// Whether those and nobody else have judged a map.
    fn is_judged_by_all(&self, record: &MethodRecord) -> bool {
        self.second(record).is_some_and(|second| second.len() == record.second.len())
    }

    /// What of `runs`, the newest first, holds, and what of the methods is left to do.
    pub fn plan<'a>(&self, runs: impl Iterator<Item = &'a RunState>) -> Plan {
        let runs: Vec<&RunState> = runs.filter(|run| self.is_about(run)).collect();
        let is_judged_so = |run: &RunState| run.parameters.curves == self.parameters.curves;
        let random = runs.iter().filter(|run| is_judged_so(run)).find_map(|run| run.random.clone());
        // What is seen of the baseline is of the curves' one.
        let seen = runs.iter().find(|run| is_judged_so(run)).or(runs.first()).and_then(|run| run.seen.clone());
        let mut plan = Plan { seen, random, ..Plan::default() };
        for &method in self.methods {
            let maps = runs.iter().filter(|run| run.parameters.is_same_map(self.parameters, method));
            let maps: Vec<(&RunState, &MethodRecord)> = maps
                .filter_map(|run| Some((*run, run.method(method)?)))
                .filter(|(_, state)| state.explanation.is_some())
                .collect();
            let mut judged = maps.iter().filter(|(run, state)| is_judged_so(run) && state.curves.is_some());
            let judged = judged.find_map(|(_, state)| Some((*state, self.second(state)?)));
            if let Some((state, second)) = judged {
                plan.carried.push((method, Carried::Everything, MethodRecord { second, ..state.clone() }));
                continue;
            }
            if let Some((_, state)) = maps.first() {
                plan.known.extend(state.explanation.clone());
                plan.carried.push((method, Carried::Map, only_map(state)));
            }
            plan.methods.push(method);
        }
        if plan.methods.is_empty() && plan.random.is_none() && self.parameters.curves.random_orders > 0 {
            plan.judge_one_anew();
        }
        plan
    }
}

impl Plan {
    /// Takes in maps that were made before with the same parameters: they are only to be judged.
    pub fn take_in(&mut self, maps: Vec<Arc<Explanation>>) {
        for map in maps {
            let is_known = self.known.iter().any(|known| known.method == map.method);
            if self.methods.contains(&map.method) && !is_known {
                let record = MethodRecord { explanation: Some(Arc::clone(&map)), ..MethodRecord::default() };
                self.carried.push((map.method, Carried::Map, record));
                self.known.push(map);
            }
        }
    }

    /// Lets every map be judged that was judged before; meanwhile its curves are as they were.
    pub fn judge_all_anew(&mut self) {
        self.judge_those_anew(|_| true);
    }

    /// The same for a method's map alone.
    pub fn judge_anew(&mut self, method: &'static Method) {
        self.judge_those_anew(|own| own == method);
    }

    fn judge_those_anew(&mut self, is_meant: impl Fn(&'static Method) -> bool) {
        for (method, _, record) in self.carried.iter().filter(|(.., record)| record.judged().is_some()) {
            if is_meant(method) && !self.methods.contains(method) {
                self.methods.push(method);
                self.known.extend(record.explanation.clone());
            }
        }
    }

    /// Lets the first map that was judged be judged again: random orders are judged in a run that judges a map.
    fn judge_one_anew(&mut self) {
        let Some((method, carried, record)) = self.carried.iter_mut().find(|(.., record)| record.judged().is_some())
        else {
            return;
        };
        self.methods.push(method);
        self.known.extend(record.explanation.clone());
        (*carried, *record) = (Carried::Map, only_map(record));
    }
}

/// A method's map without its curves, which are to be drawn.
fn only_map(record: &MethodRecord) -> MethodRecord {
    MethodRecord {
        started: false,
        points: Vec::new(),
        curves: None,
        second: Vec::new(),
        spread: None,
        measures: Vec::new(),
        ..record.clone()
    }
}
