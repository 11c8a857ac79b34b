//! What to try where a method found nothing.

use super::{State, action::Action, titles};
use crate::{
    app::words,
    explain::{Explanation, Method, Named as _, Parameter, Remedy, Value},
};

/// Something to try, as a button says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// What the button says.
    pub words: String,
    /// What it does.
    pub action: Action,
}

impl State {
    /// What may find something where `result` found nothing; none if that is what is asked for already.
    pub fn offer(&self, result: &Explanation) -> Option<Offer> {
        let method = result.method;
        match result.remedy()? {
            Remedy::Score(score) => {
                let words = text!("remedy-score", score = titles::score(score));
                (score != self.score).then_some(Offer { words, action: Action::ExplainScore(score) })
            }
            Remedy::TenthOf(name) => {
                let row = method.row(name)?;
                let value = Value::Real(row.get(&*result.parameters)?.number() / 10.0);
                self.offer_value(method, row, value)
            }
            Remedy::Baseline(baseline) => {
                let row = method.row("baseline")?;
                self.offer_value(method, row, Value::Choice(baseline.name()))
            }
        }
    }

    /// Another value of a method's parameter, as near as can be; none if it has that value.
    fn offer_value(&self, method: &'static Method, row: &'static Parameter, value: Value) -> Option<Offer> {
        let table = &method.parameters;
        let mut parameters = self.parameters.clone();
        let set = parameters.set_mut(table)?;
        table.set(row, set, value);
        table.clamp(set, self.side());
        let value = words::value_of(table, row, &parameters);
        let words = text!("remedy-parameter", parameter = words::name(table, row), value = value);
        (parameters != self.parameters).then(|| Offer { words, action: Action::edit(parameters) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::state::{
            fixtures::{asked, explained, judged_empty, model_ready, predicted, step, told, with_pictures},
            map,
        },
        explain::{Baseline, GRAD_CAM, IGOS, IgosParameters, Nothing},
        model::Score,
        worker::{Event, RunId},
    };

    /// The result of `method` that found nothing, for this reason.
    fn nothing(method: &'static Method, why: Nothing) -> Explanation {
        let Event::Explained { explanation, .. } = explained(1) else { panic!("no explanation") };
        let mut parameters = crate::explain::Parameters::default();
        parameters.edit(|igos: &mut IgosParameters| igos.l1_weight = 1.0);
        let parameters = parameters.of(method).into();
        Explanation { method, nothing: Some(why), parameters, ..(*explanation).clone() }
    }

    #[test]
    fn what_is_offered_is_done_once_and_asks_for_a_run() {
        let mut state = State::default();
        state.parameters.edit(|igos: &mut IgosParameters| igos.l1_weight = 1.0);
        let result = nothing(&IGOS, Nothing::Unmoved);
        let offer = state.offer(&result).unwrap();
        assert_eq!(offer.words, "Try L1 weight 0.1");
        let Action::Edit { parameters, held: false } = offer.action else { panic!("{offer:?} is no change") };
        assert_eq!(parameters.get::<IgosParameters>().unwrap().l1_weight, 0.1);
        state.parameters = *parameters;
        assert_eq!(state.offer(&result), None, "it is what is asked for now");

        let score = state.offer(&nothing(&IGOS, Nothing::Saturated)).unwrap();
        assert_eq!(score.action, Action::ExplainScore(Score::LogProbability));
        state.score = Score::LogProbability;
        assert_eq!(state.offer(&nothing(&IGOS, Nothing::Saturated)), None);

        let offer = state.offer(&nothing(&IGOS, Nothing::Ties)).unwrap();
        assert_eq!(offer.words, "Try Baseline grey");
        let Action::Edit { parameters, .. } = offer.action else { panic!("{offer:?} is no change") };
        assert_eq!(parameters.get::<IgosParameters>().unwrap().baseline, Baseline::Grey);
        assert_eq!(state.offer(&nothing(&GRAD_CAM, Nothing::Ties)), None, "it has nothing to change");
    }

    #[test]
    fn a_method_that_found_nothing_has_masks_on_the_way_and_no_map_at_its_end() {
        let mut state = with_pictures(&["a"]);
        told(&mut state, [model_ready("CPU")]);
        asked(&mut state);
        told(&mut state, [predicted(1), step(1, 1)]);
        let has_map = |state: &State| map::of(state, state.shown().unwrap(), &IGOS).is_some();
        assert!(has_map(&state));
        let explanation = nothing(&IGOS, Nothing::Unmoved).into();
        told(&mut state, [Event::Explained { run: RunId(1), explanation }, judged_empty(1)]);
        told(&mut state, [Event::Finished { run: RunId(1) }]);
        let run = state.shown().unwrap();
        assert!(!has_map(&state) && map::last(run, &IGOS).is_none() && run.found_nothing(&IGOS).is_some());
        assert!(run.told_by().is_none() && !state.can_copy(&IGOS));
        let said = state.messages.as_text();
        assert!(said.contains("I-GOS found nothing: the search moved nothing by more than rounding"), "{said}");
    }
}
