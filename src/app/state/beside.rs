//! A second model beside the first: what it answers for a folder's pictures, and its maps beside the first one's.
//!
//! While the two are compared, every picture that comes on the wall is explained by both, the first model first. What
//! the second one explains is a run like any other, but it never takes the wall.

use std::{mem, sync::Arc, time::Instant};

use super::{
    State, Wants,
    picture::Picture,
    reuse::Wish,
    run_state::{Question, RunState, Status},
};
use crate::{
    imaging::CropMode,
    model::{ModelChoice, ModelSpec, Target},
    worker::{AlsoHosted, Classified, Command, HostOptions, Network, Request, RunId, ToClassify},
};

impl State {
    /// Has another network stand beside the model, or none.
    pub fn stand_beside(&mut self, choice: Option<ModelChoice>) {
        self.host_interrupts = self.active().is_some();
        if let Some(choice) = &choice {
            self.expect_model(choice);
        }
        self.outbox.tell(Command::Host(Box::new(HostOptions { beside: choice, ..self.host.clone() })));
    }

    /// The network that stands beside the model.
    pub fn beside(&self) -> Option<&AlsoHosted> {
        self.model.as_ref()?.beside.as_ref()
    }

    /// What a hosted network is.
    pub fn spec_of(&self, network: Network) -> Option<&Arc<ModelSpec>> {
        match network {
            Network::Model => self.model.as_ref().map(|model| &model.spec),
            Network::Beside => self.beside().map(|beside| &beside.spec),
        }
    }

    /// Begins to compare the two models, or ends it.
    pub fn compare_models(&mut self, compares: bool) {
        self.compares_models = compares && self.beside().is_some();
        if !self.compares_models {
            self.comparing = None;
        }
    }

    /// Takes in which network stands beside the model now; says whether it is another one.
    pub(super) fn now_beside(&mut self, before: Option<AlsoHosted>, now: Instant) -> bool {
        let is_other = self.beside() != before.as_ref();
        if let (Some(model), false) = (&mut self.model, is_other) {
            // The same one again: what it answered before still holds.
            model.beside = before;
        }
        if is_other {
            self.compare_models(false);
            if let Some(title) = self.beside().map(|beside| beside.spec.title.clone()) {
                self.messages.done(text!("told-beside-ready", model = title), now);
            }
            self.classify_beside();
        }
        is_other
    }

    /// Takes in what the network beside the model answers for pictures of the collection; says whether it was that one.
    pub(super) fn absorb_classified_beside(&mut self, list: u64, model: &ModelSpec, pictures: &[Classified]) -> bool {
        let (own, beside) = (self.spec_of(Network::Model).cloned(), self.spec_of(Network::Beside).cloned());
        let (Some(own), Some(beside), Some(collection)) = (own, beside, &mut self.collection) else { return false };
        let is_it = *beside == *model && collection.beside.as_ref().is_some_and(|beside| beside.list == list);
        if is_it {
            for (index, answers) in pictures {
                collection.classify_beside(&own, &beside, *index, answers.as_deref().ok());
            }
        }
        is_it
    }

    /// Asks the network beside the model about every picture of the collection, once the model has answered.
    pub(super) fn classify_beside(&mut self) {
        let beside = self.beside().map(|beside| Arc::clone(&beside.spec));
        let Some(collection) = &mut self.collection else { return };
        let Some(spec) = beside else { return collection.leave_beside() };
        if collection.classified < collection.rows.len() {
            // It is its turn when the last one is told.
            collection.beside = None;
            return;
        }
        self.last_list += 1;
        collection.begin_beside(&spec, self.last_list);
        let pictures = collection.dataset.items.iter().map(|item| item.path.clone()).enumerate().collect();
        let (id, profiles) = (self.last_list, self.profiles);
        let list = ToClassify { id, network: Network::Beside, pictures, crop: CropMode::Center, profiles };
        self.outbox.tell(Command::Classify(Box::new(list)));
    }

    /// Leaves what is wanted of the comparison of two models for the picture on the wall: first the model's run, then
    /// that of the network beside it; both are compared as soon as the second is asked for.
    pub(super) fn serve_comparison(&mut self, now: Instant) {
        if !self.compares_models || self.wants != Wants::Nothing || self.is_opening() || self.active().is_some() {
            return;
        }
        let (Some(own), Some(picture)) = (self.granted(Network::Model), self.picture()) else {
            // A run that failed is not asked for again by itself.
            let can = self.picture().and_then(Picture::newest).is_none_or(|run| run.status != Status::Failed);
            if can && self.model.is_some() {
                self.want_result();
            }
            return;
        };
        let other = self.granted(Network::Beside).or_else(|| {
            // Nor is one of the network beside it.
            let question = self.question_to(Network::Beside)?;
            let is_it = |run: &&RunState| run.question == question && run.status == Status::Failed;
            picture.history.newest_first().find(is_it).map(|run| run.id)
        });
        let other = match other {
            Some(other) => other,
            None => match self.ask_beside(now) {
                Some(other) => other,
                None => return,
            },
        };
        let number = self.selected;
        let history = &mut self.pictures[number].history;
        if history.pair().map(|pair| pair.map(|run| run.id)) != Some([own, other]) {
            history.pin_both(own, other);
        }
        if self.comparing.is_none() {
            self.comparing = self.first_compared();
        }
    }

    /// The run of the picture on the wall that is what is asked for now of a network.
    fn granted(&self, network: Network) -> Option<RunId> {
        let (picture, spec) = (self.picture()?, self.spec_of(network)?);
        let (methods, question) = (self.wanted_methods(), self.question_to(network)?);
        let parameters = self.parameters.clamped(spec.side());
        let judge = self.model.as_ref().and_then(|model| model.judge.as_ref());
        let judge = judge.filter(|_| network == Network::Model).map(|judge| judge.spec.name.as_str());
        let wish = Wish { model: Some(spec), question, methods: &methods, parameters: &parameters, judge };
        picture.history.granting(&wish)
    }

    /// What is asked of a network about the picture on the wall: of the one beside the model the class that is called as
    /// the one explained, or else its most probable one.
    fn question_to(&self, network: Network) -> Option<Question> {
        let (picture, spec, own) = (self.picture()?, self.spec_of(network)?, self.spec_of(Network::Model)?);
        let question = Question {
            network,
            class: picture.class,
            against: picture.against,
            score: spec.head.fitting(self.score),
            crop: picture.crop,
        };
        if network == Network::Model {
            return Some(question);
        }
        let seen =
            picture.shown().filter(|run| run.question.network == Network::Model).and_then(|run| run.seen.as_ref());
        let class = seen.map(|seen| seen.class.id).or(picture.class);
        let same = |class: Option<usize>| class_in(own, spec, class?);
        let (class, against) = (same(class), same(picture.against));
        let target = class.map(|class| Target { score: question.score, class, against });
        let against = against.filter(|_| target.is_some_and(|target| spec.check_target(target).is_ok()));
        Some(Question { class, against, ..question })
    }

    /// Asks the network beside the model about the picture on the wall.
    fn ask_beside(&mut self, now: Instant) -> Option<RunId> {
        let question = self.question_to(Network::Beside)?;
        let spec = Arc::clone(self.spec_of(Network::Beside)?);
        let methods = self.wanted_methods();
        let parameters = self.parameters.clamped(spec.side());
        let number = self.selected;
        let photo = Arc::clone(&self.pictures.get(number)?.photo);
        self.last_run += 1;
        let run = RunId(self.last_run);
        let state = RunState::new(run, question, parameters.clone(), now).by(methods.clone());
        self.pictures.get_mut(number)?.history.begin_beside(state);
        let request = Request {
            run,
            network: Network::Beside,
            photo,
            crop: question.crop,
            class: question.class,
            against: question.against,
            score: question.score,
            methods,
            known: Vec::new(),
            metrics: Vec::new(),
            given: None,
            marked: None,
            parameters,
            seeds: 1,
        };
        self.forget_oldest_runs();
        self.outbox.tell(Command::Explain(Box::new(request)));
        Some(run)
    }

    /// Ends the run under way, if one is; the two models are compared no longer.
    pub(super) fn stop_comparing_models(&mut self) {
        if mem::take(&mut self.compares_models) {
            self.comparing = None;
        }
    }
}

/// The class of `other` that is called as a class of `own`, or has its number where both have the same classes.
pub fn class_in(own: &ModelSpec, other: &ModelSpec, class: usize) -> Option<usize> {
    if own.labels.mean_the_same(&other.labels) {
        return Some(class);
    }
    let first = |name: String| name.split(',').next().unwrap_or_default().trim().to_lowercase();
    let name = first(own.labels.name(class));
    (0..other.labels.len()).find(|class| first(other.labels.name(*class)) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::state::fixtures::{ALL, explained_once, model_ready, opened, sent, told, whole_run},
        explain::GRAD_CAM,
        model::Labels,
        worker::{Event, Source},
    };

    /// The model again, with a second one beside it that knows other classes.
    fn ready_beside() -> Event {
        let Event::ModelReady { spec, device, place, devices, fallback, choice, judge, .. } = model_ready("CPU") else {
            panic!("no model")
        };
        let labels = Arc::new(Labels::from_lines("owl\nHen, pullet\ncock"));
        let other = ModelSpec { title: "Other".to_owned(), labels, ..ModelSpec::clone(&spec) };
        let beside = AlsoHosted { choice: ModelChoice::File("other.pth".into()), spec: Arc::new(other) };
        Event::ModelReady { spec, device, place, devices, fallback, choice, judge, beside: Some(Ok(beside)) }
    }

    fn request(state: &mut State) -> Option<Box<Request>> {
        let mut sent = sent(state).into_iter();
        sent.find_map(|command| if let Command::Explain(request) = command { Some(request) } else { None })
    }

    #[test]
    fn a_class_is_that_of_the_same_name_or_number() {
        let Event::ModelReady { spec, beside: Some(Ok(beside)), .. } = ready_beside() else { panic!("no model") };
        assert_eq!(class_in(&spec, &beside.spec, 1), Some(1), "hen, whatever else it is called");
        assert_eq!(class_in(&spec, &beside.spec, 0), Some(2));
        assert_eq!(class_in(&beside.spec, &spec, 0), None, "there is no owl");
        assert_eq!(class_in(&spec, &spec, 7), Some(7));
    }

    #[test]
    fn a_second_model_changes_nothing_of_what_is_there_until_it_is_compared() {
        let mut state = explained_once();
        told(&mut state, [ready_beside()]);
        assert_eq!(sent(&mut state).len(), 0);
        assert_eq!(state.host.beside, Some(ModelChoice::File("other.pth".into())));
        assert!(state.old().is_none() && state.compared().is_none());
        state.stand_beside(None);
        told(&mut state, [model_ready("CPU")]);
        assert!(state.beside().is_none() && state.host.beside.is_none());
    }

    #[test]
    fn both_models_explain_what_comes_on_the_wall_and_the_second_never_takes_it() {
        let mut state = explained_once();
        told(&mut state, [ready_beside()]);
        state.compare_models(true);
        let asked = request(&mut state).expect("the second model is asked");
        assert_eq!((asked.run, asked.network, asked.methods.len()), (RunId(2), Network::Beside, ALL.len()));
        assert_eq!(asked.class, None, "it has no class 7 that is called so");
        assert!(request(&mut state).is_none(), "it is asked once");
        assert_eq!(state.compared().unwrap().0.map(|run| run.id), [RunId(1), RunId(2)]);
        told(&mut state, whole_run(2, &ALL));
        assert_eq!(state.shown().unwrap().id, RunId(1));
        let models = state.compared().unwrap().0.map(|run| run.model.as_ref().unwrap().title.clone());
        assert_eq!(models, ["Toy", "Other"]);
        assert!(request(&mut state).is_none());
        // The next picture: first the model, then the other.
        state.open(vec![Source::File("b".into())]);
        told(&mut state, [opened("b")]);
        let asked = request(&mut state).unwrap();
        assert_eq!((asked.run, asked.network), (RunId(3), Network::Model));
        told(&mut state, whole_run(3, &ALL));
        let asked = request(&mut state).unwrap();
        assert_eq!((asked.run, asked.network), (RunId(4), Network::Beside));
        assert_eq!(state.compared().unwrap().1, state.tiles.methods()[0]);
        // Back to the first: everything is there.
        told(&mut state, whole_run(4, &ALL));
        state.select(0);
        assert!(request(&mut state).is_none());
        assert_eq!(state.compared().unwrap().0.map(|run| run.id), [RunId(1), RunId(2)]);
        state.compare(None);
        assert!(request(&mut state).is_none() && !state.compares_models);
        assert!(state.compared().is_none() && state.shown().unwrap().method(&GRAD_CAM).is_some());
    }

    #[test]
    fn what_was_stopped_or_failed_is_not_asked_again_by_itself() {
        let mut state = explained_once();
        told(&mut state, [ready_beside()]);
        state.compare_models(true);
        request(&mut state).unwrap();
        told(&mut state, [Event::Failed { run: Some(RunId(2)), message: "no".to_owned() }]);
        assert!(request(&mut state).is_none());
        state.edit(
            state.parameters.clone().with(crate::explain::IgosParameters { iterations: 3, ..Default::default() }),
            false,
            Instant::now(),
        );
        assert_eq!(request(&mut state).unwrap().network, Network::Model);
        state.stop(Instant::now());
        told(&mut state, [Event::Cancelled { run: RunId(3) }]);
        assert!(request(&mut state).is_none());
    }
}
