//! Walking through a collection: its pictures opened and put on the wall, with the maps that are on the disk.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{State, outbox::Errand, picture::Picture};
use crate::{
    dataset::{KeptMap, Outcome},
    explain::{Explanation, Method, Saliency},
    imaging::{CropMode, Origin},
    model::{Answer, Target},
    worker::Source,
};

/// The most pictures of a collection that are in memory at once.
const MOST_OPENED: usize = 24;

/// A map that is on the disk.
#[derive(Debug, Clone)]
pub struct OnDisk {
    /// The method.
    pub method: &'static Method,
    /// Where, and how it is drawn.
    pub map: KeptMap,
    /// What it took to make, in seconds.
    pub seconds: f64,
}

/// The same, read.
#[derive(Debug)]
pub struct ReadMap {
    /// The method.
    pub method: &'static Method,
    /// The map.
    pub saliency: Saliency,
    /// The same with signs, for methods that tell them.
    pub signed: Option<Saliency>,
    /// What it took to make, in seconds.
    pub seconds: f64,
}

impl State {
    /// Puts a picture of the collection on the wall, and opens it if it is not.
    pub fn open_row(&mut self, index: usize) {
        let Some(collection) = &mut self.collection else { return };
        let Some(path) = collection.dataset.items.get(index).map(|item| item.path.clone()) else { return };
        collection.view.is_open = false;
        match self.number_of(&path) {
            Some(number) => self.turn_to(number),
            None => {
                self.make_room();
                match self.kept_maps(index) {
                    Some((folder, maps)) => self.outbox.leave(Errand::ReadMaps(index, folder, maps)),
                    None => self.open(vec![Source::File(path)]),
                }
            }
        }
    }

    /// Puts an opened picture on the wall; if it has no run yet, with its maps that are on the disk.
    pub fn turn_to(&mut self, number: usize) {
        let picture = self.pictures.get(number).filter(|picture| picture.newest().is_none());
        let index = picture.and_then(|picture| self.row_of(picture));
        match index.and_then(|index| Some((index, self.kept_maps(index)?))) {
            Some((index, (folder, maps))) => self.outbox.leave(Errand::ReadMaps(index, folder, maps)),
            None => self.select(number),
        }
    }

    /// The number of the opened picture at this path.
    fn number_of(&self, path: &Path) -> Option<usize> {
        let is_it = |picture: &Picture| matches!(&picture.photo.origin, Origin::File(own) if own == path);
        self.pictures.iter().position(is_it)
    }

    /// A picture's place in the collection.
    pub(super) fn row_of(&self, picture: &Picture) -> Option<usize> {
        let Origin::File(path) = &picture.photo.origin else { return None };
        self.collection.as_ref()?.index_of(path)
    }

    /// The maps of a picture that are on the disk and are what it would be explained with now, with their folder; none
    /// if there are none.
    fn kept_maps(&self, index: usize) -> Option<(PathBuf, Vec<OnDisk>)> {
        let collection = self.collection.as_ref()?;
        let (head, folder) = collection.results.as_ref()?;
        let (_, own) = self.asked_of_collection()?;
        own.differs_from(head).is_none().then_some(())?;
        let of_method = |(id, outcome): &(String, Outcome)| {
            let map = outcome.map.clone()?;
            Some(OnDisk { method: Method::named(id)?, map, seconds: outcome.seconds.unwrap_or_default() })
        };
        let maps: Vec<OnDisk> = collection.rows.get(index)?.outcomes.iter().filter_map(of_method).collect();
        (!maps.is_empty()).then(|| (folder.clone(), maps))
    }

    /// Maps of a picture were read, as far as they could be: it is opened, and they are only judged again.
    pub fn maps_read(&mut self, index: usize, maps: Vec<ReadMap>) {
        let (Some(collection), Some(model)) = (&self.collection, &self.model) else { return };
        let (Some(item), Some(row)) = (collection.dataset.items.get(index), collection.rows.get(index)) else { return };
        let Some(class) = row.seen.as_ref().map(|seen| seen.explained_class) else { return };
        let head = model.spec.head;
        let explanation = |ReadMap { method, saliency, signed, seconds }: ReadMap| {
            let score = if method.explains_logits { head.raw_score() } else { self.score };
            let target = Target { score, class, against: None };
            let parameters = Arc::from(self.parameters.of(method));
            Arc::new(Explanation { signed, ..Explanation::of(method, target, saliency, parameters, seconds) })
        };
        let path = item.path.clone();
        self.read_maps = Some((path.clone(), maps.into_iter().map(explanation).collect()));
        match self.number_of(&path) {
            Some(number) => self.select(number),
            None => self.open(vec![Source::File(path)]),
        }
    }

    /// The maps that were read of a picture, if its run is to be what they were made with.
    pub(super) fn read_maps_of(&self, picture: &Picture) -> &[Arc<Explanation>] {
        let Origin::File(path) = &picture.photo.origin else { return &[] };
        let is_usual = picture.class.is_none() && picture.against.is_none() && picture.crop == CropMode::Center;
        let maps = self.read_maps.as_ref().filter(|(own, _)| is_usual && own == path);
        let is_same = |own: &Arc<Explanation>| {
            let set = self.parameters.of(own.method);
            own.method.to_json(&*set) == own.method.to_json(&*own.parameters)
        };
        maps.map_or(&[], |(_, maps)| if maps.iter().all(is_same) { maps } else { &[] })
    }

    /// What the model takes a picture for, as far as it was asked: its newest run's answer, or else the one for its folder.
    pub fn predicted(&self, picture: &Picture) -> Option<(String, Answer)> {
        if let Some(best) = picture.newest().and_then(|run| run.seen.as_ref()?.top.first()) {
            return Some((best.name.clone(), best.answer));
        }
        let Origin::File(path) = &picture.photo.origin else { return None };
        let collection = self.collection.as_ref()?;
        let seen = collection.rows.get(collection.index_of(path)?)?.seen.as_ref()?;
        let head = self.model.as_ref()?.spec.head;
        Some((seen.predicted.clone(), head.answer(seen.answer)))
    }

    /// The place in the collection of the picture on the wall.
    pub fn row_on_the_wall(&self) -> Option<usize> {
        self.row_of(self.picture()?)
    }

    /// Closes the pictures of the collection that were looked at longest ago, so that a folder can be walked through
    /// whatever its size. A picture with a note or a pinned run stays, as does the one on the wall.
    fn make_room(&mut self) {
        let Some(collection) = &self.collection else { return };
        let is_of_it = |picture: &Picture| match &picture.photo.origin {
            Origin::File(path) => collection.index_of(path).is_some(),
            Origin::Sample | Origin::Clipboard => false,
        };
        let of_it: Vec<usize> = (0..self.pictures.len()).filter(|number| is_of_it(&self.pictures[*number])).collect();
        if of_it.len() < MOST_OPENED {
            return;
        }
        let may_go = |number: &&usize| {
            let history = &self.pictures[**number].history;
            **number != self.selected && history.active().is_none() && !history.is_kept()
        };
        if let Some(&number) = of_it.iter().find(may_go) {
            self.close(number);
        }
    }
}
