//! A folder or list comes: its pictures are classified, and results that were made before are found.

use std::{mem, path::PathBuf, sync::Arc};

use super::{State, collection::Collection, outbox::Errand, picture::Picture};
use crate::{
    dataset::{Dataset, Explained, Head, Line},
    explain::{Method, Metric, Parameters},
    export::Config,
    imaging::{CropMode, DrawnBands},
    model::ModelChoice,
    worker::{Command, Network, ToClassify},
};

/// What is asked of every picture of the collection, beside what the next picture of any kind is asked for with. It is the
/// usual, but for results that were made with something else.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AskedOfEach {
    /// How they are cut for the model.
    pub crop: CropMode,
    /// The class that is explained.
    pub explained: Explained,
    /// What every map is measured by besides.
    pub metrics: Vec<&'static Metric>,
    /// Which bands are drawn, if some were chosen.
    pub bands: Option<DrawnBands>,
}

impl AskedOfEach {
    /// As results were made.
    fn of(head: &Head) -> Self {
        let metrics = head.metrics.iter().filter_map(|id| Metric::named(id)).collect();
        Self { crop: head.crop, explained: head.explained, metrics, bands: head.bands }
    }
}

/// Results that are opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Their pictures.
    pub collection: Collection,
    /// What they are of.
    pub head: Head,
    /// Their folder.
    pub folder: PathBuf,
    /// Themselves.
    pub lines: Vec<Line>,
}

/// What waits for the first model.
#[derive(Debug, Clone)]
pub enum Awaiting {
    /// Results, and whether their judge was asked for.
    Results(Box<Opened>, bool),
    /// A saved run: its record, and what that says.
    Run(PathBuf, Box<Config>),
}

impl State {
    /// Opens what waited for the first model.
    pub(super) fn open_awaiting(&mut self) {
        for awaiting in mem::take(&mut self.awaiting) {
            match awaiting {
                Awaiting::Results(opened, has_asked_judge) => self.open_judged(*opened, has_asked_judge),
                Awaiting::Run(record, config) => self.open_saved(&record, *config),
            }
        }
    }

    /// A collection comes in place of the one before.
    pub fn collect(&mut self, collection: Collection) {
        if collection.is_chosen() && self.collection.is_some() {
            // What is in the table already stays in it, with its results.
            let own = self.collection.as_ref();
            let is_there = |path: &PathBuf| own.is_some_and(|own| own.index_of(path).is_some());
            if collection.dataset.items.iter().all(|item| is_there(&item.path)) {
                return;
            }
            if self.queue.is_busy() {
                self.messages.error(text!("told-queue-stays", pictures = collection.rows.len()));
                return;
            }
        }
        self.collect_asking(collection, AskedOfEach::default());
    }

    fn collect_asking(&mut self, collection: Collection, asked: AskedOfEach) {
        self.cancel_queue();
        self.collection = Some(collection);
        self.classify_collection(asked);
    }

    /// Asks the model about every picture of the collection, which is asked this from now on.
    pub(super) fn classify_collection(&mut self, asked: AskedOfEach) {
        self.asked_of_each = asked;
        let Some(model) = self.model.as_ref().map(|model| Arc::clone(&model.spec)) else { return };
        self.cancel_queue();
        let Some(collection) = &mut self.collection else { return };
        self.last_list += 1;
        collection.begin(&model, self.last_list);
        for remark in &collection.truths.remarks {
            self.messages.note(remark.clone());
        }
        let pictures = collection.dataset.items.iter().map(|item| item.path.clone()).enumerate().collect();
        let list = ToClassify {
            id: self.last_list,
            network: Network::Model,
            pictures,
            crop: self.asked_of_each.crop,
            profiles: self.profiles,
        };
        self.outbox.tell(Command::Classify(Box::new(list)));
        self.look_for_results();
    }

    /// Looks on the disk for results that were made before, with what is asked for now.
    fn look_for_results(&mut self) {
        let Some((_, head)) = self.asked_of_collection() else { return };
        if let Some(results) = &self.results_folder {
            let folder = results.join(head.folder());
            self.outbox.leave(Errand::LookForResults(Box::new(head), folder));
        }
    }

    /// Opens results with their pictures, as if they had been made here: with their methods, parameters and judge, which the
    /// next pictures are explained with too. Those of another model, or of other pictures, are shown and told to be so.
    pub fn open_results(&mut self, opened: Opened) {
        self.open_judged(opened, false);
    }

    fn open_judged(&mut self, opened: Opened, has_asked_judge: bool) {
        if self.model.is_none() && !self.lacks_model {
            self.awaiting.push(Awaiting::Results(Box::new(opened), has_asked_judge));
            return;
        }
        if let Some(judge) = self.judge_to_ask(&opened.head).filter(|_| !has_asked_judge) {
            self.awaiting.push(Awaiting::Results(Box::new(opened), true));
            self.judge_by(judge);
            return;
        }
        let Opened { collection, head, folder, lines } = opened;
        if let Ok(parameters) = serde_json::from_value::<Parameters>(head.parameters.clone()) {
            self.parameters = parameters;
        }
        self.score = head.score;
        self.profiles = head.profiles;
        let methods: Vec<_> = head.methods.iter().filter_map(|method| Method::named(method)).collect();
        self.tiles.show_only(&methods);
        self.collect_asking(limited(collection, head.pictures), AskedOfEach::of(&head));
        let own = self.asked_of_collection().map(|(_, own)| own);
        let difference = own.as_ref().and_then(|own| own.differs_but_for_device(&head));
        let is_other = difference.is_some();
        if let Some((what, here, there)) = difference {
            self.messages.error(text!("told-other-results", what = what, here = here, there = there));
        }
        self.last_list += 1;
        let list = self.last_list;
        let Some(collection) = &mut self.collection else { return };
        if is_other {
            // What the model here makes of a picture does not go with results of another.
            (collection.list, collection.classified) = (list, collection.rows.len());
        }
        collection.results = Some((head, folder));
        collection.take_lines(lines);
        collection.view.is_open = true;
    }

    /// The judge that results were made with, or none, if the window has another and can have that one without fetching.
    fn judge_to_ask(&self, head: &Head) -> Option<Option<ModelChoice>> {
        let own = self.model.as_ref()?.judge.as_ref().map(|judge| judge.choice.title());
        let Some(wanted) = head.judge.as_deref() else { return own.map(|_| None) };
        if own.is_some_and(|own| own == wanted) {
            return None;
        }
        let here = self.models.kept.iter().filter(|(_, kept)| kept.cached.is_some());
        let here = here.filter_map(|(name, _)| ModelChoice::named(name)).chain([ModelChoice::Embedded]);
        here.into_iter().find(|choice| choice.title() == wanted).map(Some)
    }

    /// Asks a picture that was opened what every picture of the collection is asked, if it is one of them.
    pub(super) fn ask_as_collected(&self, picture: &mut Picture) {
        let Some(index) = self.row_of(picture) else { return };
        let AskedOfEach { crop, bands, .. } = self.asked_of_each;
        picture.class = self.class_asked(index);
        if crop.check(picture.photo.width(), picture.photo.height()).is_ok() {
            picture.crop = crop;
        }
        if bands.is_some() {
            picture.draw_by(bands);
        }
    }

    /// The class that a picture of the collection is explained for; the most probable one if none.
    pub(super) fn class_asked(&self, index: usize) -> Option<usize> {
        let class = match self.asked_of_each.explained {
            Explained::Predicted => None,
            Explained::Label => self.collection.as_ref()?.truths.classes.get(index).copied().flatten(),
            Explained::Class(class) => Some(class),
        };
        class.filter(|class| self.model.as_ref().is_none_or(|model| *class < model.spec.labels.len()))
    }

    /// Results that were made before were found.
    pub fn found_results(&mut self, head: Head, folder: PathBuf, lines: Vec<Line>) {
        let Some((_, own)) = self.asked_of_collection() else { return };
        let Some(collection) = &mut self.collection else { return };
        if own.differs_from(&head).is_none() && collection.results.is_none() {
            collection.results = Some((head, folder));
            collection.take_lines(lines);
        }
    }
}

/// The first pictures of a collection: an evaluation may have been of so many only.
fn limited(collection: Collection, pictures: usize) -> Collection {
    if collection.rows.len() <= pictures {
        return collection;
    }
    let mut items = collection.dataset.items.clone();
    items.truncate(pictures);
    let dataset = Dataset { items, ..*collection.dataset };
    Collection::new(collection.name, collection.source, dataset)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::{
        app::state::fixtures::{model_ready, sent},
        dataset::Item,
        explain::{GRAD_CAM, METRICS},
        worker::Event,
    };

    fn collection(pictures: usize) -> Collection {
        let item = |number: usize| Item {
            path: PathBuf::from(format!("/p/{number}.png")),
            name: format!("{number}.png"),
            label: Some("hen".to_owned()),
            marked: None,
        };
        let items = (0..pictures).map(item).collect();
        Collection::new("p".to_owned(), "/p".to_owned(), Dataset { items, labels_are_folders: true })
    }

    /// Results of two pictures, made in this way.
    fn results(change: impl Fn(&mut Head)) -> Opened {
        let mut state = State::default();
        state.absorb(model_ready("CPU"), Instant::now());
        state.collect(collection(2));
        let (_, mut head) = state.asked_of_collection().unwrap();
        head.methods = vec![GRAD_CAM.id.to_owned()];
        change(&mut head);
        Opened { collection: collection(3), head, folder: PathBuf::from("/r"), lines: Vec::new() }
    }

    #[test]
    fn what_results_were_made_with_is_what_the_window_asks_for() {
        let opened = results(|head| {
            (head.crop, head.explained) = (CropMode::Squash, Explained::Label);
            head.metrics = vec![METRICS[0].id.to_owned()];
            // What another device has made is shown like what this one makes.
            head.device = "CUDA 0".to_owned();
        });
        let head = opened.head.clone();
        let mut state = State::default();
        state.open_results(opened);
        assert!(state.collection.is_none(), "there is no model yet");
        state.absorb(model_ready("CPU"), Instant::now());
        let (asked, own) = state.asked_of_collection().unwrap();
        assert_eq!(own.differs_but_for_device(&head), None);
        assert_eq!((asked.methods, asked.metrics), (vec![&GRAD_CAM], vec![&METRICS[0]]));
        assert!(state.messages.shown_error().is_none_or(|error| !error.contains("something else")));
        assert_eq!((state.collection.as_ref().unwrap().rows.len(), state.class_asked(1)), (2, Some(1)), "the hen");
        let crops = sent(&mut state).into_iter().filter_map(|command| match command {
            Command::Classify(list) => Some(list.crop),
            _ => None,
        });
        assert_eq!(crops.last(), Some(CropMode::Squash));
        // Another folder is asked the usual again.
        state.collect(collection(1));
        assert_eq!((state.class_asked(0), &state.asked_of_each), (None, &AskedOfEach::default()));
    }

    #[test]
    fn what_has_no_label_is_not_explained_where_labels_are() {
        let without = |mut collection: Collection| {
            let mut dataset = (*collection.dataset).clone();
            dataset.items[0].label = None;
            collection.dataset = Arc::new(dataset);
            collection
        };
        let mut state = State { results_folder: Some(PathBuf::from("/results")), ..State::default() };
        state.absorb(model_ready("CPU"), Instant::now());
        let mut opened = results(|head| head.explained = Explained::Label);
        opened.collection = without(opened.collection);
        state.open_results(opened);
        state.explain_all();
        state.settle(Instant::now());
        let kept = state.outbox.take().into_iter().find_map(|errand| match errand {
            Errand::Keep(to_keep, _) => Some((to_keep.index, to_keep.came.err())),
            _ => None,
        });
        assert_eq!(kept, Some((0, Some(text!("queue-without-label")))));
    }

    #[test]
    fn the_judge_of_results_is_asked_for_once_if_it_can_be_had() {
        let judged = |judge: &str| results(|head| head.judge = Some(judge.to_owned()));
        let judge = |state: &mut State| {
            sent(state).into_iter().find_map(|command| match command {
                Command::Host(options) => Some(options.judge),
                _ => None,
            })
        };
        let mut state = State::default();
        state.absorb(model_ready("CPU"), Instant::now());
        state.open_results(judged(&ModelChoice::Embedded.title()));
        assert_eq!(judge(&mut state), Some(Some(ModelChoice::Embedded)));
        assert!(state.collection.is_none(), "it waits for it");
        let Event::ModelReady { spec, device, place, devices, fallback, choice, .. } = model_ready("CPU") else {
            panic!("it is another event")
        };
        let refused = Some(Err("It cannot judge".to_owned()));
        state.absorb(
            Event::ModelReady { spec, device, place, devices, fallback, choice, judge: refused, beside: None },
            Instant::now(),
        );
        assert!(state.collection.is_some() && judge(&mut state).is_none(), "and does not ask again");
        state.open_results(judged("mine.safetensors"));
        assert_eq!(judge(&mut state), None, "nobody knows where that is");
        assert!(state.messages.shown_error().is_some_and(|error| error.contains("mine.safetensors")));
    }
}
