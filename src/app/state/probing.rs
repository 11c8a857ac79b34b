//! What the model makes of the pictures between the ends of the curves: what was asked, and the newest answer.

use std::sync::Arc;

use super::{State, run_state::RunState};
use crate::{
    explain::{Change, Method, Prediction, Ranking},
    worker::{Command, Probe, ProbeId, RunId},
};

/// A question to the model: what the tiles show.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The run whose maps they are.
    pub run: RunId,
    /// What happens to the most important cells.
    pub change: Change,
    /// To which share of them.
    pub fraction: f32,
    /// The maps: of which method, and the iteration, counted from 0, for a map of one.
    pub maps: Vec<(&'static Method, Option<usize>)>,
}

/// Each method's most probable classes.
type Top = Vec<(&'static Method, Vec<Prediction>)>;

/// What was asked, and the newest answer.
#[derive(Debug, Clone, Default)]
pub struct Probing {
    last: u64,
    asked: Vec<(ProbeId, Question)>,
    answer: Option<(Question, Top)>,
}

impl Probing {
    /// The number to ask `question` with; none if it is the one that was asked last.
    pub fn ask(&mut self, question: Question) -> Option<ProbeId> {
        let newest = self.asked.last().map(|(_, question)| question);
        let known = newest.or_else(|| self.answer.as_ref().map(|(question, _)| question));
        if question.maps.is_empty() || known == Some(&question) {
            return None;
        }
        self.last += 1;
        let id = ProbeId(self.last);
        self.asked.push((id, question));
        Some(id)
    }

    /// Takes in an answer. Questions before that one are not answered any more.
    pub fn absorb(&mut self, probe: ProbeId, top: Top) {
        if let Some((_, question)) = self.asked.iter().find(|(id, _)| *id == probe) {
            self.answer = Some((question.clone(), top));
        }
        self.asked.retain(|(id, _)| *id > probe);
    }

    /// The newest answer for a method's map of `run` under this change, and whether it is for just this fraction.
    pub fn top(
        &self,
        run: &RunState,
        method: &'static Method,
        change: Change,
        fraction: f32,
    ) -> Option<(&[Prediction], bool)> {
        let (question, top) = self.answer.as_ref()?;
        let top = top.iter().find(|(of, _)| *of == method).map(|(_, top)| top.as_slice())?;
        let fits = question.run == run.id && question.change == change;
        fits.then_some((top, question.fraction == fraction && self.asked.is_empty()))
    }
}

impl State {
    /// Lets the model look at what the tiles show of the run on the wall, unless it was asked about that last. The cells
    /// of each map are changed in the order of its ranking.
    pub fn probe(&mut self, question: Question, rankings: Vec<(&'static Method, Arc<Ranking>)>) {
        let run = self.shown().filter(|run| run.id == question.run);
        let Some((model, seen)) = run.and_then(|run| run.model.as_ref().zip(run.seen.as_ref())) else { return };
        let (model, canvas, class) = (Arc::clone(model), Arc::clone(&seen.canvas), Some(seen.class.id));
        let (change, fraction) = (question.change, question.fraction);
        if let Some(id) = self.probing.ask(question) {
            self.outbox.tell(Command::Probe(Box::new(Probe { id, model, canvas, change, fraction, class, rankings })));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::explain::{GRAD_CAM, IGOS};
    use crate::{app::state::run_state, explain::Parameters};

    fn question(fraction: f32) -> Question {
        let maps = vec![(&GRAD_CAM, None)];
        Question { run: RunId(1), change: Change::Deletion, fraction, maps }
    }

    fn answer() -> Vec<(&'static Method, Vec<Prediction>)> {
        vec![(
            &GRAD_CAM,
            vec![Prediction { id: 7, name: "cock".to_owned(), answer: crate::model::Answer::Probability(0.5) }],
        )]
    }

    #[test]
    fn the_same_question_is_asked_once_also_after_its_answer() {
        let mut probing = Probing::default();
        let id = probing.ask(question(0.1)).unwrap();
        assert_eq!(probing.ask(question(0.1)), None);
        probing.absorb(id, answer());
        assert_eq!(probing.ask(question(0.1)), None);
        assert!(probing.ask(question(0.2)).is_some());
        assert_eq!(probing.ask(Question { maps: Vec::new(), ..question(0.3) }), None);
    }

    #[test]
    fn an_answer_says_whether_it_is_for_what_is_shown() {
        let run = RunState::new(RunId(1), run_state::Question::default(), Parameters::default(), Instant::now());
        let top = |probing: &Probing, fraction| {
            let top = probing.top(&run, &GRAD_CAM, Change::Deletion, fraction);
            top.map(|(top, is_current)| (top[0].name.clone(), is_current))
        };
        let mut probing = Probing::default();
        let first = probing.ask(question(0.1)).unwrap();
        assert_eq!(top(&probing, 0.1), None);
        let second = probing.ask(question(0.2)).unwrap();
        probing.absorb(first, answer());
        assert_eq!(top(&probing, 0.2), Some(("cock".to_owned(), false)));
        probing.absorb(second, answer());
        assert_eq!(top(&probing, 0.2), Some(("cock".to_owned(), true)));
        assert_eq!(probing.top(&run, &GRAD_CAM, Change::Insertion, 0.2), None);
        assert_eq!(probing.top(&run, &IGOS, Change::Deletion, 0.2), None);
    }
}
