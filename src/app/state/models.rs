//! The model that is asked, and what the window knows of those that can be.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use super::{
    Fetching, State,
    model_list::{Place, Purpose, Row, Told, Unfetched},
    outbox::Errand,
    own_model::OwnModel,
    picture::Picture,
    titles,
};
use crate::{
    app::numbers,
    imaging::CropRule,
    model::{Architecture, Entry, Head, HeadSource, ModelChoice, ModelSpec, Said, ToRemember, Verified},
    worker::{Command, HostOptions},
};

impl State {
    /// Hosts the model as `options` say. What is on the wall stays there; a run under way is ended, and only begun again
    /// when it is asked for.
    pub fn host_with(&mut self, options: HostOptions) {
        self.host_interrupts = self.active().is_some();
        self.host = options;
        self.fetching = None;
        self.forget_unfetched();
        self.outbox.tell(Command::Host(Box::new(self.host.clone())));
    }

    /// Hosts another model, for pictures of its own size. The one before stays until it is ready; then what is on the
    /// wall is explained again.
    pub fn host_model(&mut self, choice: ModelChoice) {
        let own = self.models.own.as_ref().filter(|own| own.choice() == choice);
        let names = own.and_then(|own| own.names_file.clone());
        self.host_named(choice, names);
    }

    /// The same, with its classes called as a text file does, if one is given; a model that is gone back to has the names
    /// that it had.
    pub fn host_named(&mut self, choice: ModelChoice, labels: Option<PathBuf>) {
        self.host_interrupts = self.active().is_some();
        let input_size = self.host.input_size.filter(|_| self.host.model == choice);
        self.expect_model(&choice);
        // Nobody judges itself.
        let judge = self.host.judge.clone().filter(|judge| *judge != choice);
        let beside = self.host.beside.clone().filter(|beside| *beside != choice);
        let said = Said::default();
        let own = HostOptions { model: choice, said, labels, input_size, judge, beside, ..self.host.clone() };
        self.outbox.tell(Command::Host(Box::new(own)));
    }

    /// Has the maps judged by another network as well, or by none. What is on the wall stays, and is judged by it.
    pub fn judge_by(&mut self, judge: Option<ModelChoice>) {
        self.host_interrupts = self.active().is_some();
        if let Some(choice) = &judge {
            self.expect_model(choice);
        }
        self.outbox.tell(Command::Host(Box::new(HostOptions { judge, ..self.host.clone() })));
    }

    /// The worker was told to host this model; one of the catalogue may have to be fetched first.
    pub fn expect_model(&mut self, choice: &ModelChoice) {
        self.forget_unfetched();
        self.fetching =
            matches!(choice, ModelChoice::Catalogue(_)).then(|| Fetching { title: choice.title(), progress: None });
    }

    /// Asks again for what could not be fetched.
    pub fn fetch_again(&mut self) {
        let Some(Unfetched { options, entry, .. }) = self.models.unfetched.clone() else { return };
        self.host_interrupts = self.active().is_some();
        self.expect_model(&ModelChoice::Catalogue(entry));
        self.outbox.tell(Command::Host(options));
    }

    /// Is about to take a file in place of what could not be fetched.
    pub fn give_up_fetching(&mut self) {
        if let Some(unfetched) = &self.models.unfetched {
            self.models.purpose = unfetched.purpose();
        }
        self.models.close();
    }

    /// The model that could not be fetched, while the error across the top says so.
    pub fn shown_unfetched(&self) -> Option<&Unfetched> {
        self.models.unfetched.as_ref().filter(|unfetched| self.messages.shows(&unfetched.message))
    }

    /// Something else was asked for since, or the user knows.
    pub fn forget_unfetched(&mut self) {
        if let Some(unfetched) = self.models.unfetched.take() {
            self.messages.take_back(&unfetched.message);
        }
    }

    /// Takes in that a model could not be had; the one before stays.
    pub(super) fn model_failed(&mut self, message: String) {
        self.fetching = None;
        self.models.is_stale = true;
        self.lacks_model = self.model.is_none();
        if let Some(model) = &self.model {
            self.host.input_size = model.spec.asked_size();
            self.host.said = said_of(&model.spec, &self.host.model);
            self.host.labels = model.spec.labels.file().map(Path::to_owned);
        }
        let judge = self.model.as_ref().and_then(|model| model.judge.as_ref());
        self.host.judge = judge.map(|judge| judge.choice.clone());
        self.host.beside = self.beside().map(|beside| beside.choice.clone());
        // Nothing came of it, so the run that had to make room begins again.
        if self.host_interrupts && self.picture().is_some_and(Picture::needs_a_run) {
            self.want_result();
        }
        self.host_interrupts = false;
        self.messages.model_error(message);
    }

    /// Takes a model for what the list of models was opened for.
    pub fn take_model(&mut self, choice: ModelChoice) {
        match self.models.purpose {
            Purpose::Host => self.host_model(choice),
            Purpose::Judge => self.judge_by(Some(choice)),
            Purpose::Beside => self.stand_beside(Some(choice)),
        }
    }

    /// Has a model's file compared with its checksum, unless that is under way.
    pub fn verify_model(&mut self, entry: &'static Entry) {
        if self.models.checking.insert(entry.name) {
            self.outbox.leave(Errand::VerifyModel(entry, self.host.hub.clone()));
        }
    }

    /// Has what the user said of the hosted network written into its manifest.
    pub fn remember_said(&mut self) {
        let Some(model) = &self.model else { return };
        match ToRemember::of(&model.spec) {
            Ok(Some(to_remember)) => self.outbox.leave(Errand::Remember(to_remember)),
            Ok(None) => {}
            Err(why) => {
                let file = model.spec.graph().map(|graph| graph.manifest.display().to_string()).unwrap_or_default();
                self.messages.model_error(text!("told-not-remembered", file = file, why = why));
            }
        }
    }

    /// Has a model's file removed, unless it is needed.
    pub fn remove_model(&mut self, entry: &'static Entry) {
        self.models.removing = None;
        if self.can_remove(entry) {
            self.outbox.leave(Errand::RemoveModel(entry, self.host.hub.clone()));
        }
    }

    /// Asks another model about the picture on the wall. What the one before made of the pictures stays among their runs;
    /// a class that was chosen does not where the number means another one.
    pub(super) fn ask_again(&mut self, has_other_classes: bool) {
        for picture in self.pictures.iter_mut().filter(|_| has_other_classes) {
            (picture.class, picture.against) = (None, None);
        }
        self.search.clear();
        self.chosen_step = None;
        self.want_result();
    }

    /// Where the model of a row is.
    pub fn place_of(&self, row: Row) -> Place {
        let explained = self.model.is_some().then_some(&self.host.model);
        let [judge, beside] =
            [&self.host.judge, &self.host.beside].map(|choice| choice.as_ref().filter(|_| self.model.is_some()));
        let (chosen, others) = match self.models.purpose {
            Purpose::Host => (explained, [judge, beside]),
            Purpose::Judge => (judge, [explained, beside]),
            Purpose::Beside => (beside, [explained, judge]),
        };
        let own = self.choice_of(Row::Own);
        let is_of_row = |choice: &&ModelChoice| match row {
            Row::Embedded => **choice == ModelChoice::Embedded,
            Row::Own => Some(*choice) == own.as_ref(),
            // Another file judges.
            Row::File => choice.is_own() && Some(*choice) != own.as_ref(),
            Row::Entry(entry) => **choice == ModelChoice::Catalogue(entry),
        };
        let is_chosen = chosen.filter(is_of_row).is_some();
        let is_other = others.into_iter().flatten().any(|choice| is_of_row(&choice));
        let entry = match row {
            Row::Entry(entry) => entry,
            _ if is_chosen => return Place::InUse(None),
            Row::Embedded | Row::Own if is_other => return Place::InOtherUse,
            Row::Own => {
                let bytes = self.models.own.as_ref().and_then(|own| own.bytes);
                return Place::Here(bytes.unwrap_or_default(), None);
            }
            Row::Embedded => return Place::Inside,
            Row::File => return Place::Unknown,
        };
        let kept = self.models.kept.get(entry.name);
        let cached = kept.and_then(|kept| kept.cached.as_ref());
        if self.models.checking.contains(entry.name) {
            return Place::Checking;
        }
        if let Some(fetching) = self.fetching.as_ref().filter(|fetching| fetching.title == entry.title()) {
            let told = fetching.progress.filter(|progress| progress.total > 0 && progress.done < progress.total);
            return if cached.is_some() && told.is_none() { Place::Loading } else { Place::Fetching(told) };
        }
        let verified = self.models.verified.get(entry.name).copied();
        if is_chosen {
            return Place::InUse(verified);
        }
        if is_other {
            return Place::InOtherUse;
        }
        match (cached, kept.map(|kept| kept.unfinished)) {
            (Some(cached), _) => Place::Here(cached.bytes, verified),
            (None, Some(Some(bytes))) => Place::Part(bytes),
            (None, Some(None)) => Place::Elsewhere,
            (None, None) => Place::Unknown,
        }
    }

    /// The model of a row; none where the user must say which file.
    pub fn choice_of(&self, row: Row) -> Option<ModelChoice> {
        match row {
            Row::Embedded => Some(ModelChoice::Embedded),
            Row::Entry(entry) => Some(ModelChoice::Catalogue(entry)),
            Row::Own => self.models.own.as_ref().map(OwnModel::choice),
            Row::File => None,
        }
    }

    /// Whether a model's file may be removed: it is there, and nobody needs it.
    pub fn can_remove(&self, entry: &'static Entry) -> bool {
        matches!(self.place_of(Row::Entry(entry)), Place::Here(..) | Place::Part(_))
    }

    /// Takes in what came of looking at the files of models.
    pub fn models_told(&mut self, told: Told, now: Instant) {
        match told {
            Told::Looked(kept) => self.models.looked(kept),
            Told::Weighed(path, bytes) => {
                if let Some(own) = self.models.own.as_mut().filter(|own| own.weights == path) {
                    own.bytes = Some(bytes);
                }
            }
            Told::Verified(entry, result) => {
                self.models.checking.remove(entry.name);
                let title = entry.title();
                match result {
                    Ok(verified) => {
                        self.models.verified.insert(entry.name, verified);
                        match verified {
                            Verified::Intact => self.messages.note(text!("models-told-intact", model = title)),
                            Verified::Unknown => self.messages.note(text!("models-told-unchecked", model = title)),
                            Verified::Damaged => self.messages.model_error(text!("models-told-damaged", model = title)),
                        }
                    }
                    Err(why) => self.messages.model_error(why),
                }
            }
            Told::Remembered(to_remember, result) => {
                let manifest = &to_remember.manifest;
                let file = manifest.display().to_string();
                match result {
                    Ok(()) => {
                        let folder = manifest.parent().unwrap_or(manifest);
                        self.messages.done_in(folder, text!("told-remembered", file = file), now);
                        self.models.remembered = Some(to_remember);
                    }
                    Err(why) => self.messages.model_error(text!("told-not-remembered", file = file, why = why)),
                }
            }
            Told::Removed(entry, result) => {
                self.models.is_stale = true;
                self.models.verified.remove(entry.name);
                match result {
                    Ok(bytes) => {
                        let size = numbers::megabytes(bytes);
                        self.messages.note(text!("models-told-removed", model = entry.title(), size = size));
                    }
                    Err(why) => self.messages.model_error(why),
                }
            }
        }
    }
}

/// What a model is, in words: what its title does not say, and where its weights are from.
pub fn model_words(spec: &ModelSpec, choice: &ModelChoice) -> String {
    let architecture =
        Architecture::named(&spec.architecture).map_or(spec.architecture.as_str(), |known| known.title());
    let weights = match choice {
        ModelChoice::Embedded => text!("model-weights-embedded"),
        ModelChoice::Catalogue(_) => text!("model-weights-hub", name = spec.origin.as_str()),
        ModelChoice::File(_) => text!("model-weights-file", file = spec.origin.as_str()),
    };
    let weights = match &spec.state_dicts {
        Some(dicts) => text!("model-weights-state-dict", name = dicts.taken.as_str(), weights = weights),
        None => weights,
    };
    let words = text!("model-words", count = spec.labels.len(), size = spec.size().to_string(), weights = weights);
    let words = if spec.title.contains(architecture) { words } else { format!("{architecture}, {words}") };
    match (spec.head, spec.head_source) {
        (Head::Softmax, _) => words,
        (head, HeadSource::Guess) => format!("{words}, {}", text!("head-guessed", head = titles::head(head))),
        (head, _) => format!("{words}, {}", titles::head(head)),
    }
}

/// What a file is to be hosted as again, unless it was guessed.
pub(super) fn said_of(spec: &ModelSpec, choice: &ModelChoice) -> Said {
    if !matches!(choice, ModelChoice::File(_)) {
        return Said::default();
    }
    if let Some(graph) = spec.graph() {
        return graph.said.clone();
    }
    let architecture = Architecture::named(&spec.architecture).filter(|_| !spec.guesses.is_of_architecture());
    let head = Some(spec.head).filter(|_| spec.head_source == HeadSource::User);
    let state_dict = spec.state_dicts.as_ref().filter(|_| !spec.guesses.state_dict).map(|dicts| dicts.taken.clone());
    Said { architecture, heads: spec.heads.filter(|_| !spec.guesses.heads), head, state_dict, ..Said::default() }
}

/// How a picture becomes what a model sees, in words.
pub fn cut_words(spec: &ModelSpec) -> String {
    let CropRule { resize, resampling, squashes, .. } = spec.crop;
    match squashes {
        true => text!("model-cut-squash", filter = resampling.name()),
        false => text!("model-cut", resize = resize, filter = resampling.name()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        app::state::{
            fixtures::{ALL, asked_for, explained_once, model_ready, opened, sent},
            model_list::Kept,
        },
        imaging::Size,
        model::{Cached, GraphFacts, Guesses, Labels, ModelSpec, PIXELS, Progress, StateDicts},
        worker::{AlsoHosted, Command, Event, HostOptions},
    };

    fn entry(name: &str) -> &'static Entry {
        Entry::named(name).unwrap()
    }

    fn kept(cached: Option<u64>, unfinished: Option<u64>) -> Kept {
        let cached = cached.map(|bytes| Cached { path: "somewhere".into(), bytes, sha256: None });
        Kept { about: 100, cached, unfinished }
    }

    fn state() -> State {
        let mut state = State::default();
        state.absorb(model_ready("CPU"), Instant::now());
        let (whole, part, none) = (entry("resnet50"), entry("vgg19"), entry("vgg11"));
        let looked = vec![(whole, kept(Some(90), None)), (part, kept(None, Some(30))), (none, kept(None, None))];
        state.models_told(Told::Looked(looked), Instant::now());
        state
    }

    #[test]
    fn a_model_is_in_use_here_partly_here_elsewhere_or_not_known() {
        let state = state();
        let place = |name| state.place_of(Row::Entry(entry(name)));
        assert_eq!(state.place_of(Row::Embedded), Place::InUse(None));
        assert_eq!(place("resnet50"), Place::Here(90, None));
        assert_eq!(place("vgg19"), Place::Part(30));
        assert_eq!(place("vgg11"), Place::Elsewhere);
        assert_eq!(place("resnet18"), Place::Unknown);
        assert!(state.can_remove(entry("vgg19")) && !state.can_remove(entry("vgg11")));
    }

    #[test]
    fn a_model_that_is_fetched_loaded_checked_or_in_use_is_not_removed() {
        let mut state = state();
        let (whole, part) = (entry("resnet50"), entry("vgg19"));
        state.host_model(ModelChoice::Catalogue(part));
        let progress = Progress { done: 1, total: 2, bytes_per_sec: 1.0, is_without_token: false };
        state.absorb(Event::Fetching { title: part.title().to_owned(), progress }, Instant::now());
        assert_eq!(state.place_of(Row::Entry(part)), Place::Fetching(Some(progress)));
        assert!(!state.can_remove(part));
        state.host_model(ModelChoice::Catalogue(whole));
        assert_eq!(state.place_of(Row::Entry(whole)), Place::Loading);
        assert!(!state.can_remove(whole));
        let Event::ModelReady { spec, device, place, devices, fallback, judge, .. } = model_ready("CPU") else {
            return;
        };
        let choice = ModelChoice::Catalogue(whole);
        state.absorb(
            Event::ModelReady { spec, device, place, devices, fallback, choice, judge, beside: None },
            Instant::now(),
        );
        assert_eq!(state.place_of(Row::Entry(whole)), Place::InUse(None));
        assert!(!state.can_remove(whole));
        state.host_model(ModelChoice::Embedded);
        state.absorb(model_ready("CPU"), Instant::now());
        assert!(state.can_remove(whole));
        state.models.checking.insert(whole.name);
        assert!(!state.can_remove(whole));
    }

    #[test]
    fn damage_is_an_error_and_what_was_removed_is_looked_for_again() {
        let mut state = state();
        state.messages.dismiss();
        state.models.checking.insert("resnet50");
        state.models_told(Told::Verified(entry("resnet50"), Ok(Verified::Damaged)), Instant::now());
        assert_eq!(state.place_of(Row::Entry(entry("resnet50"))), Place::Here(90, Some(Verified::Damaged)));
        assert!(state.messages.shown_error().unwrap().contains("ResNet-50 is damaged"));
        state.models.open(Purpose::Host);
        assert!(state.models.takes_look());
        state.models.looked(Vec::new());
        state.models_told(Told::Removed(entry("resnet50"), Ok(90_000_000)), Instant::now());
        assert!(state.models.takes_look());
        assert_eq!(state.messages.last().unwrap().text, "Removed ResNet-50, 90 MB");
    }

    #[test]
    fn a_size_that_was_refused_is_not_asked_for_again_and_another_model_comes_in_its_own() {
        let mut state = state();
        let sized = |command: &Command| {
            if let Command::Host(options) = command { options.input_size } else { Some(Size::square(0)) }
        };
        state.host_with(HostOptions { input_size: Some(Size::square(8)), ..state.host.clone() });
        assert_eq!(sent(&mut state).iter().map(sized).collect::<Vec<_>>(), [Some(Size::square(8))]);
        state.absorb(Event::ModelFailed { message: "no".to_owned() }, Instant::now());
        assert_eq!(state.host.input_size, None, "the model before stays, and so does its size");
        state.host_with(HostOptions { input_size: Some(Size::square(8)), ..state.host.clone() });
        sent(&mut state);
        state.host_model(ModelChoice::Catalogue(entry("vgg19")));
        assert_eq!(sent(&mut state).iter().map(sized).collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn what_could_not_be_fetched_can_be_asked_for_again_or_be_a_file_instead() {
        let mut state = state();
        let asked = |state: &mut State| {
            let hosts = |command| if let Command::Host(options) = command { Some(options) } else { None };
            sent(state).into_iter().find_map(hosts)
        };
        let wanted = entry("resnet18");
        state.models.open(Purpose::Judge);
        state.take_model(ModelChoice::Catalogue(wanted));
        let options = asked(&mut state).unwrap();
        let failed = Event::FetchFailed { options: options.clone(), entry: wanted, message: "no network".to_owned() };
        state.absorb(failed.clone(), Instant::now());
        assert_eq!(state.messages.shown_error(), Some("No network"));
        assert_eq!(state.shown_unfetched().map(Unfetched::purpose), Some(Purpose::Judge));
        assert_eq!(state.place_of(Row::Entry(wanted)), Place::Unknown, "it is not on its way any more");
        state.messages.dismiss();
        assert!(state.shown_unfetched().is_none() && state.models.unfetched.is_some());

        state.absorb(failed.clone(), Instant::now());
        state.fetch_again();
        assert_eq!(asked(&mut state), Some(options), "as it was asked for");
        assert!(state.models.unfetched.is_none() && state.messages.shown_error().is_none());
        assert_eq!(state.place_of(Row::Entry(wanted)), Place::Fetching(None));

        state.absorb(failed.clone(), Instant::now());
        state.models.open(Purpose::Host);
        state.give_up_fetching();
        assert!(!state.models.is_open);
        let file = ModelChoice::File("a.pth".into());
        state.take_model(file.clone());
        assert_eq!(asked(&mut state).and_then(|options| options.judge), Some(file), "a file is to judge, too");
        assert!(state.models.unfetched.is_none());

        state.absorb(failed, Instant::now());
        state.absorb(model_ready("CPU"), Instant::now());
        assert!(state.models.unfetched.is_none(), "another one came");
    }

    #[test]
    fn that_a_token_is_refused_is_said_once_a_download() {
        let mut state = state();
        state.messages.dismiss();
        let told = |state: &mut State, is_without_token| {
            let progress = Progress { done: 1, total: 2, bytes_per_sec: 1.0, is_without_token };
            state.absorb(Event::Fetching { title: "VGG-19".to_owned(), progress }, Instant::now());
            let told = state.messages.shown_error().is_some_and(|error| error.contains("expired"));
            state.messages.dismiss();
            told
        };
        assert!(!told(&mut state, false) && told(&mut state, true) && !told(&mut state, true));
        state.absorb(Event::FetchStopped, Instant::now());
        assert!(told(&mut state, true));
    }

    #[test]
    fn what_a_file_was_said_to_be_is_forgotten_with_it() {
        let mut state = state();
        let ready = |state: &mut State, choice: ModelChoice| {
            let Event::ModelReady { spec, device, place, devices, fallback, judge, .. } = model_ready("CPU") else {
                return;
            };
            let spec = Arc::new(ModelSpec { architecture: "tf_efficientnet_b0".to_owned(), ..ModelSpec::clone(&spec) });
            state.absorb(
                Event::ModelReady { spec, device, place, devices, fallback, choice, judge, beside: None },
                Instant::now(),
            );
        };
        let file = ModelChoice::File("a.pth".into());
        state.host_with(HostOptions {
            model: file.clone(),
            said: Said { architecture: Architecture::named("tf_efficientnet_b0"), ..Said::default() },
            ..state.host.clone()
        });
        ready(&mut state, file);
        assert_eq!(
            state.host.said.architecture,
            Architecture::named("tf_efficientnet_b0"),
            "in another size it is still that"
        );
        state.host_model(ModelChoice::Embedded);
        ready(&mut state, ModelChoice::Embedded);
        assert_eq!(state.host.said, Said::default());
    }

    #[test]
    fn a_guess_at_what_no_tensor_tells_is_noted_once_and_a_chosen_state_dict_is_kept() {
        let mut state = State::default();
        let Event::ModelReady { spec, device, place, devices, fallback, judge, .. } = model_ready("CPU") else {
            return;
        };
        let state_dicts = StateDicts { taken: "model_ema".to_owned(), others: vec!["model".to_owned()] };
        let guesses = Guesses { heads: true, settings: true, state_dict: true, ..Guesses::default() };
        let spec = ModelSpec {
            architecture: "vit_tiny_patch16_224".to_owned(),
            heads: Some(3),
            state_dicts: Some(state_dicts),
            guesses,
            ..ModelSpec::clone(&spec)
        };
        let ready = |spec: &ModelSpec| Event::ModelReady {
            spec: Arc::new(spec.clone()),
            device: device.clone(),
            place,
            devices: devices.clone(),
            fallback: fallback.clone(),
            choice: ModelChoice::File("a.pth".into()),
            judge: judge.clone(),
            beside: None,
        };
        state.absorb(ready(&spec), Instant::now());
        state.absorb(ready(&spec), Instant::now());
        for words in ["taken to have 3 heads", "says them in config.json", "model is in the same file"] {
            let count = state.messages.as_text().matches(words).count();
            assert_eq!(count, 1, "{words}");
        }
        assert_eq!((state.host.said.state_dict.as_deref(), state.host.said.heads), (None, None));
        // What changes the answers stands on the screen.
        let guesses = Guesses { normalisation: true, ..Guesses::default() };
        state.absorb(ready(&ModelSpec { guesses, ..spec.clone() }), Instant::now());
        assert!(state.messages.model_errors().any(|error| error.contains("ImageNet's mean")));
        let chosen = ModelSpec { guesses: Guesses::default(), ..spec };
        state.absorb(ready(&chosen), Instant::now());
        assert_eq!((state.host.said.state_dict.as_deref(), state.host.said.heads), (Some("model_ema"), Some(3)));
    }

    #[test]
    fn what_was_said_of_a_graph_is_said_again_and_remembered_when_it_is_asked_for() {
        let mut state = State::default();
        let ready = |state: &mut State, said: &Said, asked_size: Option<Size>| {
            let Event::ModelReady { spec, device, place, devices, fallback, judge, .. } = model_ready("CPU") else {
                return;
            };
            let facts = GraphFacts {
                facts: Vec::new(),
                output: "logits".to_owned(),
                outputs: vec!["logits".to_owned()],
                said: said.clone(),
                asked_size,
                manifest: "net.toml".into(),
            };
            let guesses = Guesses { normalisation: said.normalisation.is_none(), ..Guesses::default() };
            let graph = Some(Arc::new(facts));
            let spec = Arc::new(ModelSpec { guesses, graph, ..ModelSpec::clone(&spec) });
            let choice = ModelChoice::File("net.onnx".into());
            let beside = None;
            let event = Event::ModelReady { spec, device, place, devices, fallback, choice, judge, beside };
            state.absorb(event, Instant::now());
        };
        ready(&mut state, &Said::default(), None);
        assert!(state.messages.model_errors().any(|error| error.contains("choose below the list of models")));
        state.remember_said();
        let written = |state: &mut State| {
            let errands = state.outbox.take().into_iter();
            errands.filter_map(|errand| if let Errand::Remember(said) = errand { Some(said) } else { None }).last()
        };
        assert_eq!(written(&mut state), None, "nothing was said");

        let said = Said { normalisation: Some(PIXELS), ..Said::default() };
        ready(&mut state, &said, Some(Size::square(2)));
        assert!(state.messages.model_errors().next().is_none(), "it is no guess any more");
        assert_eq!(
            (&state.host.said, state.host.input_size),
            (&said, Some(Size::square(2))),
            "its own size, which nothing else says"
        );
        state.host_with(HostOptions { said: Said::default(), ..state.host.clone() });
        state.absorb(Event::ModelFailed { message: "no".to_owned() }, Instant::now());
        assert_eq!((&state.host.said, state.host.input_size), (&said, Some(Size::square(2))), "as the one that stays");
        state.remember_said();
        let to_remember = written(&mut state).unwrap();
        state.models_told(Told::Remembered(to_remember.clone(), Err("it is full".to_owned())), Instant::now());
        assert!(state.messages.shown_error().unwrap().contains("it is full: net.toml"));
        assert_eq!(state.models.remembered, None);
        state.models_told(Told::Remembered(to_remember.clone(), Ok(())), Instant::now());
        assert_eq!(state.models.remembered, Some(to_remember));
    }

    #[test]
    fn a_network_that_judges_is_asked_about_the_maps_that_are_there_and_never_about_itself() {
        let mut state = explained_once();
        let (choice, own) = (ModelChoice::Catalogue(entry("resnet50")), ModelChoice::Embedded);
        state.models.open(Purpose::Judge);
        assert_eq!(state.place_of(Row::Embedded), Place::InOtherUse);
        state.take_model(choice.clone());
        let wanted =
            |command: &Command| if let Command::Host(options) = command { options.judge.clone() } else { None };
        assert_eq!(sent(&mut state).iter().map(wanted).collect::<Vec<_>>(), [Some(choice.clone())]);
        assert_eq!(state.host.judge, None, "it is not here yet");
        let ready = |state: &mut State, judge: Option<Result<AlsoHosted, String>>| {
            let Event::ModelReady { spec, device, place, devices, fallback, choice, .. } = model_ready("CPU") else {
                return;
            };
            state.absorb(
                Event::ModelReady { spec, device, place, devices, fallback, choice, judge, beside: None },
                Instant::now(),
            );
        };
        let Event::ModelReady { spec, .. } = model_ready("CPU") else { return };
        let spec = Arc::new(ModelSpec { name: "resnet50".to_owned(), ..ModelSpec::clone(&spec) });
        ready(&mut state, Some(Ok(AlsoHosted { choice: choice.clone(), spec })));
        assert_eq!(asked_for(&mut state), Some((ALL.to_vec(), ALL.to_vec())), "no map is made again");
        let place = |state: &State| state.place_of(Row::Entry(entry("resnet50")));
        assert_eq!((state.host.judge.clone(), place(&state)), (Some(choice.clone()), Place::InUse(None)));
        state.models.open(Purpose::Host);
        assert_eq!(place(&state), Place::InOtherUse);
        assert!(!state.can_remove(entry("resnet50")));
        // Explained itself, it judges no more.
        state.take_model(choice);
        assert_eq!(sent(&mut state).iter().map(wanted).collect::<Vec<_>>(), [None]);
        // Without it, what the own network says holds.
        state.judge_by(None);
        sent(&mut state);
        ready(&mut state, None);
        assert_eq!((asked_for(&mut state), state.host.judge.clone()), (None, None));
        state.judge_by(Some(own));
        sent(&mut state);
        ready(&mut state, Some(Err("it cannot".to_owned())));
        assert_eq!((state.messages.shown_error(), state.host.judge.clone()), (Some("It cannot"), None));
    }

    #[test]
    fn a_chosen_class_stays_as_long_as_it_means_the_same_and_a_first_model_that_comes_late_explains_what_waits() {
        let mut state = State::default();
        state.absorb(opened("a"), Instant::now());
        sent(&mut state);
        state.absorb(Event::ModelFailed { message: "no".to_owned() }, Instant::now());
        assert!(state.lacks_model && sent(&mut state).is_empty());
        state.absorb(model_ready("CPU"), Instant::now());
        assert!(!state.lacks_model && !sent(&mut state).is_empty());
        state.explain_class(1);
        let ready = |state: &mut State, labels: Option<&str>| {
            let Event::ModelReady { spec, device, place, devices, fallback, choice, judge, .. } = model_ready("CPU")
            else {
                return;
            };
            let mut spec = ModelSpec { title: "Other".to_owned(), ..ModelSpec::clone(&spec) };
            if let Some(labels) = labels {
                spec.labels = Labels::from_lines(labels).into();
            }
            let spec = spec.into();
            state.absorb(
                Event::ModelReady { spec, device, place, devices, fallback, choice, judge, beside: None },
                Instant::now(),
            );
        };
        ready(&mut state, None);
        assert_eq!(state.picture().unwrap().class, Some(1));
        ready(&mut state, Some("cat\ndog"));
        assert_eq!(state.picture().unwrap().class, None);
    }
}
