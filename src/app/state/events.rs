//! What the worker tells, and what it changes.

use std::{mem, path::Path, sync::Arc, time::Instant};

use super::{
    Fetching, MAX_PICTURE_BYTES, Model, Opening, State, Wants,
    collecting::AskedOfEach,
    messages::sentence,
    model_list::{TypedNumbers, Unfetched},
    models::{model_words, said_of},
    picture::{Picture, PictureId},
    run_state::{RunState, Status},
    titles,
};
use crate::{
    app::numbers,
    imaging::Origin,
    model::{GraphGuess, ModelSpec},
    worker::{Classified, Event, Network, RunId},
};

impl State {
    /// Takes in what the worker says.
    pub fn absorb(&mut self, event: Event, now: Instant) {
        match event {
            Event::ModelReady { spec, device, place, devices, fallback, choice, judge, beside } => {
                self.messages.dismiss_model();
                let words = model_words(&spec, &choice);
                let is_known = self.model.as_ref().is_some_and(|known| known.spec == spec);
                let guesses = [spec.heads_guess(), spec.settings_guess()].into_iter().flatten();
                for guess in guesses.filter(|_| !is_known) {
                    self.messages.note(guess);
                }
                let told = text!("told-ready", model = spec.title.as_str(), device = device.as_str(), words = words);
                if self.fetching.as_ref().is_some_and(|fetching| fetching.progress.is_some()) {
                    self.messages.done(told, now);
                } else {
                    self.messages.note(told);
                }
                // Hosted again, it is not said again.
                let told = self.model.as_ref().and_then(|model| model.fallback.as_ref());
                if let Some(reason) = fallback.as_ref().filter(|reason| Some(*reason) != told) {
                    self.messages.error(reason.clone());
                }
                let interrupted = mem::take(&mut self.host_interrupts);
                let was_refused = matches!(judge, Some(Err(_))) || matches!(beside, Some(Err(_)));
                let judge = judge.and_then(|judge| judge.map_err(|why| self.messages.model_error(why)).ok());
                let beside = beside.and_then(|beside| beside.map_err(|why| self.messages.model_error(why)).ok());
                self.fetching = None;
                self.models.is_stale = true;
                self.forget_unfetched();
                let is_known = self.model.as_ref().is_some_and(|known| known.spec == spec);
                let of_graph = GraphGuess::ALL.into_iter().map(|guess| spec.graph_guess(guess));
                let guesses = [spec.guess(), spec.head_guess(), spec.state_dict_guess()].into_iter().chain(of_graph);
                for guess in guesses.flatten().filter(|_| !is_known) {
                    self.messages.model_error(text!("told-guess", guess = guess));
                }
                self.score = spec.head.fitting(self.score);
                self.host.said = said_of(&spec, &choice);
                if self.model.as_ref().is_none_or(|known| known.spec.origin != spec.origin) {
                    self.models.typed = TypedNumbers::default();
                }
                self.remember_own(&choice, &spec);
                let names = spec.labels.file().map(Path::to_owned);
                if let Some(file) =
                    names.as_ref().filter(|_| self.model.as_ref().is_none_or(|known| known.spec.labels != spec.labels))
                {
                    let file = file.display().to_string();
                    self.messages.done(text!("told-named", model = spec.title.as_str(), file = file), now);
                }
                self.host.model = choice;
                self.host.labels = names;
                self.host.judge = judge.as_ref().map(|judge| judge.choice.clone());
                self.host.beside = beside.as_ref().map(|beside| beside.choice.clone());
                self.host.input_size = spec.asked_size();
                self.parameters = self.parameters.clamped(spec.side());
                let known = self.model.as_ref().map(|model| &model.spec);
                let is_other = mem::take(&mut self.lacks_model) || known.is_some_and(|known| *known != spec);
                // Called otherwise by a text file, the classes of the same weights are the same.
                let is_renamed = |known: &ModelSpec| {
                    let is_same = (&known.architecture, &known.origin) == (&spec.architecture, &spec.origin);
                    let is_said = known.labels.file().is_some() || spec.labels.file().is_some();
                    let are_as_many = known.labels.len() == spec.labels.len();
                    is_said && is_same && are_as_many && known.sha256 == spec.sha256
                };
                let has_other_classes = known.is_some_and(|known| known.labels != spec.labels && !is_renamed(known));
                let before = self.model.take();
                let has_other_judge = before.as_ref().is_some_and(|before| before.judge != judge);
                if let Some(judge) = judge.as_ref().filter(|_| has_other_judge) {
                    self.messages.done(text!("told-judge-ready", model = judge.spec.title.as_str()), now);
                }
                // The same one again: what it answered before still holds.
                let is_same = |before: &&Model| before.spec == spec && before.device == device;
                let spec = before.as_ref().filter(is_same).map_or(spec, |before| Arc::clone(&before.spec));
                let beside_before = before.and_then(|before| before.beside);
                self.model = Some(Model { spec, device, choice: place, devices, fallback, judge, beside });
                if is_other || self.collection.as_ref().is_some_and(|collection| collection.list == 0) {
                    self.classify_collection(AskedOfEach::default());
                }
                let has_other_beside = self.now_beside(beside_before, now);
                self.open_awaiting();
                if is_other {
                    self.ask_again(has_other_classes);
                } else if has_other_judge || (was_refused || has_other_beside) && interrupted {
                    self.want_result();
                }
            }
            Event::Fetching { title, progress } => {
                let before = self.fetching.replace(Fetching { title, progress: Some(progress) });
                let was_told = before.and_then(|before| before.progress).is_some_and(|before| before.is_without_token);
                if progress.is_without_token && !was_told {
                    self.messages.error(text!("told-without-token"));
                }
            }
            Event::FetchStopped => {
                self.fetching = None;
                self.models.is_stale = true;
                self.lacks_model = self.model.is_none();
                self.messages.note(text!("told-fetch-stopped"));
            }
            Event::FetchFailed { options, entry, message } => {
                let message = sentence(&message);
                self.model_failed(message.clone());
                self.models.unfetched = Some(Unfetched { options, entry, message });
            }
            Event::ModelFailed { message } => {
                self.forget_unfetched();
                self.model_failed(message);
            }
            Event::Opened { photo, thumbnail } => {
                self.last_picture += 1;
                self.take_in(Picture::new(PictureId(self.last_picture), photo, thumbnail));
                self.one_less_to_open();
            }
            Event::Probed { probe, top } => self.probing.absorb(probe, top),
            Event::Classified { list, model, pictures } => self.absorb_classified(list, &model, pictures),
            Event::Failed { run: None, message } => {
                self.messages.error(message);
                self.one_less_to_open();
            }
            Event::Failed { run: Some(run), .. } if self.absorb_of_queue(run, &event, now) => {}
            Event::Failed { run: Some(run), ref message } => {
                // Without a model it is said already why there is none.
                if self.has_run(run) && !self.lacks_model {
                    self.messages.error(message.clone());
                }
                self.absorb_of_run(run, event, now);
            }
            Event::Predicted { run, .. }
            | Event::Started { run, .. }
            | Event::Progress { run, .. }
            | Event::Iteration { run, .. }
            | Event::Explained { run, .. }
            | Event::CurvePoint { run, .. }
            | Event::Judged { run, .. }
            | Event::SecondJudged { run, .. }
            | Event::Spread { run, .. }
            | Event::Measured { run, .. }
            | Event::RandomJudged { run, .. }
            | Event::Finished { run }
            | Event::Cancelled { run } => self.absorb_of_run(run, event, now),
        }
    }

    /// A picture that was decoded comes at the end of the filmstrip, and the first of several on the wall.
    fn take_in(&mut self, mut picture: Picture) {
        if !self.ask_as_saved(&mut picture) {
            self.ask_as_collected(&mut picture);
        }
        let photo = &picture.photo;
        let taken: usize = self.pictures.iter().map(Picture::bytes).sum();
        if !self.pictures.is_empty() && taken + picture.bytes() > MAX_PICTURE_BYTES {
            let most = MAX_PICTURE_BYTES >> 30;
            self.messages.error(text!("told-no-room", gibibytes = most, picture = photo.name.as_str()));
            return;
        }
        let (name, width, height) = (photo.name.as_str(), photo.width(), photo.height());
        let profile = photo.colours.profile.as_ref().filter(|_| photo.colours.converted);
        self.messages.note(match profile {
            Some(profile) => {
                let profile = profile.as_str();
                text!("told-opened-converted", picture = name, width = width, height = height, profile = profile)
            }
            None => text!("told-opened", picture = name, width = width, height = height),
        });
        photo.warnings.iter().for_each(|warning| self.messages.error(warning.clone()));
        if let Origin::File(path) = &photo.origin {
            self.recent.add(path);
        }
        self.pictures.push(picture);
        if !self.opening.any {
            self.select(self.pictures.len() - 1);
        }
        self.opening.any = true;
    }

    /// What a model answers that is hosted no more says nothing of this one.
    fn absorb_classified(&mut self, list: u64, model: &ModelSpec, pictures: Vec<Classified>) {
        if self.absorb_classified_beside(list, model, &pictures) {
            return;
        }
        let is_hosted = self.model.as_ref().is_some_and(|own| *own.spec == *model);
        let Some(collection) = self.collection.as_mut().filter(|own| is_hosted && own.list == list) else { return };
        for (index, answers) in pictures {
            collection.classify(model, index, answers);
        }
        if collection.classified >= collection.rows.len() && collection.beside.is_none() {
            self.classify_beside();
        }
    }

    /// Events of a run that nothing is kept of any more change nothing.
    pub(super) fn absorb_of_run(&mut self, id: RunId, event: Event, now: Instant) {
        if self.absorb_of_queue(id, &event, now) {
            return;
        }
        if matches!(event, Event::Finished { .. } | Event::Cancelled { .. } | Event::Failed { .. }) {
            // Whatever waited for it to go on waits no more.
            self.suspended = self.suspended.filter(|run| *run != id);
        }
        let on_timeline = self.timeline_method();
        self.absorb_in_run(id, event, now);
        if self.timeline_method() != on_timeline {
            // The number of an iteration is of its method only.
            self.chosen_step = None;
            self.playback.stop();
        }
    }

    fn absorb_in_run(&mut self, id: RunId, event: Event, now: Instant) {
        let Some(number) = self.pictures.iter().position(|picture| picture.history.get(id).is_some()) else { return };
        let picture = &mut self.pictures[number];
        let Some(run) = picture.history.get_mut(id) else { return };
        let before = run.status;
        let is_prediction = matches!(event, Event::Predicted { .. });
        run.absorb(&event, now);
        if is_prediction {
            // Events come in order: the model that was ready last is the one that answered.
            let model = self.model.as_ref();
            run.model = match run.question.network {
                Network::Model => model.map(|model| Arc::clone(&model.spec)),
                Network::Beside => model.and_then(|model| Some(Arc::clone(&model.beside.as_ref()?.spec))),
            };
        }
        let (after, seconds) = (run.status, run.elapsed(now).as_secs_f64());
        if before != after {
            let (name, time) = (picture.photo.name.as_str(), format!("{seconds:.1}"));
            match after {
                Status::Finished => {
                    let text = explained_words(name, time, run);
                    // Who looks at it has seen it.
                    if number == self.selected {
                        self.messages.note(text);
                    } else {
                        self.messages.done(text, now);
                    }
                }
                Status::Stopped => self.messages.note(text!("told-stopped", picture = name, seconds = time)),
                Status::Failed | Status::Running => {}
            }
        }
        if is_prediction {
            picture.history.share_input(id);
        }
        if picture.history.promote() && number == self.selected {
            self.chosen_step = None;
        }
        if before != after {
            self.forget_oldest_runs();
        }
    }

    pub(super) fn has_run(&self, id: RunId) -> bool {
        self.pictures.iter().any(|picture| picture.history.get(id).is_some())
    }

    fn one_less_to_open(&mut self) {
        self.opening.left = self.opening.left.saturating_sub(1);
        if self.opening.left == 0 {
            // Nothing came of it, so the run that had to make room goes on where its picture still wants it.
            if self.opening.interrupted && !self.opening.any && self.picture().is_some_and(Picture::needs_a_run) {
                self.wants = Wants::Result;
            }
            self.opening = Opening::default();
            self.read_arrays();
        }
    }
}

/// That a picture is explained, and how good the first method's map is if that is known.
fn explained_words(name: &str, seconds: String, run: &RunState) -> String {
    let Some((method, curves)) = run.told_by() else {
        let first = run.methods().find_map(|(method, _)| Some((method, run.found_nothing(method)?.nothing?)));
        return match first {
            Some((method, why)) => {
                let why = titles::nothing(why);
                text!("told-explained-nothing", picture = name, seconds = seconds, method = method.title, why = why)
            }
            None => text!("told-explained", picture = name, seconds = seconds),
        };
    };
    let [deletion, insertion] = [curves.deletion(), curves.insertion()].map(|area| numbers::score(f64::from(area)));
    text!(
        "told-explained-and-judged",
        picture = name,
        seconds = seconds,
        method = method.title,
        deletion = deletion,
        insertion = insertion
    )
}
