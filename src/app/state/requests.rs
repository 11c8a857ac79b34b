//! What is wanted of the worker: a picture explained for a class, in a score, cut in some way.

use std::{mem, sync::Arc, time::Instant};

use image::RgbImage;

use super::{
    State, Wants,
    outbox::Errand,
    picture::{Picture, PictureId},
    reuse::Wish,
    run_state::{Question, RunState},
    tiles::Tile,
};
use crate::{
    explain::{LOADED_MAP, METRICS, Method, run_order},
    export::Part,
    imaging::{CropMode, DrawnBands, Grid, Photo, PixelRect},
    model::Score,
    worker::{Command, Network, Request, RunId},
};

/// How often every map is made to see how far its areas move by chance.
pub const SEEDS: usize = 5;

impl State {
    /// Wants the picture on the wall explained for a class.
    pub fn explain_class(&mut self, class: usize) {
        let selected = self.selected;
        if let Some(picture) = self.pictures.get_mut(selected) {
            picture.class = Some(class);
            // A class is not explained rather than itself.
            picture.against = picture.against.filter(|against| *against != class);
            self.want_result();
        }
    }

    /// Wants the picture on the wall explained rather than for `against`, or for its class alone if none. The class
    /// stays the one it is explained for, whatever the model makes of another crop.
    pub fn explain_against(&mut self, against: Option<usize>) {
        let explained = self.picture().and_then(explained);
        let selected = self.selected;
        if let Some(picture) = self.pictures.get_mut(selected) {
            if against.is_some() {
                picture.class = picture.class.or(explained);
            }
            picture.against = against.filter(|against| picture.class != Some(*against));
            self.want_result();
        }
    }

    /// Wants the picture on the wall explained in this score.
    pub fn explain_score(&mut self, score: Score) {
        self.score = score;
        self.want_result();
    }

    /// Wants the picture on the wall cut and explained like this, if it can be cut so.
    pub fn cut(&mut self, crop: CropMode) {
        let selected = self.selected;
        if let Some(picture) = self.pictures.get_mut(selected) {
            match crop.check(picture.photo.width(), picture.photo.height()) {
                Ok(()) => {
                    picture.crop = crop;
                    self.want_result();
                }
                Err(error) => self.messages.error(error.to_string()),
            }
        }
    }

    /// Wants the picture on the wall drawn by these of its bands.
    pub fn draw_bands(&mut self, drawn: DrawnBands) {
        if let Some(picture) = self.picture() {
            self.outbox.leave(Errand::DrawBands(picture.id, Arc::clone(&picture.photo), drawn));
        }
    }

    /// Takes a picture that was drawn by other bands. On the wall it is explained again, for maps lie on what is drawn.
    pub fn redrawn(&mut self, id: PictureId, photo: Arc<Photo>, thumbnail: Arc<RgbImage>) {
        let Some(number) = self.pictures.iter().position(|picture| picture.id == id) else { return };
        let picture = &mut self.pictures[number];
        (picture.photo, picture.thumbnail) = (photo, thumbnail);
        if number == self.selected {
            self.want_run();
        }
    }

    /// Wants the picture on the wall explained from the beginning, whatever is there already.
    pub fn want_run(&mut self) {
        if self.picture().is_some() {
            self.wants = Wants::Run;
        }
    }

    /// Hides a tile or shows it again; a method that comes to the wall explains the picture there.
    pub fn toggle_tile(&mut self, tile: Tile) {
        self.tiles.toggle(tile);
        if let Tile::Method(method) = tile
            && self.tiles.has(tile)
            && self.shown().is_some_and(|run| !run.is_by(&[method]))
        {
            self.want_result();
        }
    }

    /// The methods that explain pictures now, in the order to run them: those on the wall; if none is, the usual ones.
    pub fn wanted_methods(&self) -> Vec<&'static Method> {
        let on_the_wall = self.tiles.methods();
        let is_wanted = |method: &&'static Method| match on_the_wall.is_empty() {
            true => method.is_usual,
            false => on_the_wall.contains(method),
        };
        run_order().into_iter().filter(is_wanted).collect()
    }

    /// Wants to see how far the areas on the wall move by chance.
    pub fn want_chance(&mut self) {
        if self.can_measure_chance() {
            self.wants = Wants::Chance;
        }
    }

    /// Wants a method's map on the wall measured by every metric.
    pub fn want_trust(&mut self, method: &'static Method) {
        if self.can_measure_trust(method) {
            self.wants = Wants::Trust(method);
        }
    }

    /// Whether a method has a map on the wall, and nothing else is under way.
    pub fn can_measure_trust(&self, method: &'static Method) -> bool {
        let is_judged = self.shown().and_then(|run| run.method(method)).is_some_and(|known| known.judged().is_some());
        is_judged && self.can_measure_chance() && self.old().is_none()
    }

    /// Lays someone else's map over the picture on the wall, in place of one that was there.
    pub fn take_map(&mut self, name: String, grid: Grid) {
        let selected = self.selected;
        let Some(picture) = self.pictures.get_mut(selected) else {
            self.messages.error(text!("map-without-picture"));
            return;
        };
        picture.history.forget_maps(&LOADED_MAP);
        picture.given = Some((name, Arc::new(grid)));
        let tile = Tile::Method(&LOADED_MAP);
        if !self.tiles.has(tile) {
            self.tiles.toggle(tile);
        }
        self.want_result();
    }

    /// Marks a part of what the model sees as the place where the thing is, for the metrics that ask it.
    pub fn mark(&mut self, part: Part) {
        let selected = self.selected;
        let region = self.shown().and_then(|run| run.seen.as_ref()).map(|seen| seen.input.crop.region);
        if let (Some(region), Some(picture)) = (region, self.pictures.get_mut(selected)) {
            let place = |share: f32, from: f32, size: f32| (from + share * size).max(0.0).round() as u32;
            picture.marked = Some(PixelRect {
                x: place(part.min[0], region.x, region.width),
                y: place(part.min[1], region.y, region.height),
                width: ((part.side * region.width).round() as u32).max(1),
                height: ((part.side * region.height).round() as u32).max(1),
            });
            self.messages.note(text!("told-marked"));
        }
    }

    /// Marks nothing any more.
    pub fn unmark(&mut self) {
        let selected = self.selected;
        if let Some(picture) = self.pictures.get_mut(selected) {
            picture.marked = None;
        }
    }

    /// Whether there are areas on the wall that may move by chance, and nothing else is under way.
    pub fn can_measure_chance(&self) -> bool {
        let has_areas = self.shown().is_some_and(|run| run.told_by().is_some());
        has_areas && self.active().is_none() && self.model.is_some()
    }

    /// Wants the picture on the wall explained with these parameters, as far as it is not already.
    pub(super) fn want_result(&mut self) {
        if self.picture().is_some() && self.wants == Wants::Nothing {
            self.wants = Wants::Result;
        }
    }

    /// The command for the run that is wanted, if one is. What was computed before is not asked for again, unless it is
    /// wanted anew; the command may then be to end the run under way, as nobody waits for it any more.
    pub(super) fn wanted_command(&mut self, now: Instant) -> Option<Command> {
        // The first model may be on its way, or could not be had: then the next one is asked.
        if self.model.is_none() && (self.fetching.is_some() || self.lacks_model) {
            return None;
        }
        match mem::take(&mut self.wants) {
            Wants::Nothing => {
                let number = self.next_interrupted()?;
                self.command_for(number, Wants::Result, now)
            }
            wants => self.command_for(self.selected, wants, now),
        }
    }

    /// A picture whose run had to make room for another one's, once nothing else is under way: it goes on now.
    fn next_interrupted(&mut self) -> Option<usize> {
        if self.active().is_some() || self.is_opening() {
            return None;
        }
        while let Some(id) = self.interrupted.pop_front() {
            let number = self.pictures.iter().position(|picture| picture.id == id);
            if let Some(number) = number.filter(|number| self.pictures[*number].needs_a_run()) {
                return Some(number);
            }
        }
        None
    }

    /// Remembers that the run under way has to make room.
    pub(super) fn interrupt(&mut self) {
        let id = self.active().map(|(number, _)| self.pictures[number].id);
        if let Some(id) = id.filter(|id| !self.interrupted.contains(id)) {
            self.interrupted.push_back(id);
        }
    }

    /// The command for a run of a picture.
    fn command_for(&mut self, number: usize, wants: Wants, now: Instant) -> Option<Command> {
        let is_on_the_wall = number == self.selected;
        let under_way = self.active().map(|(_, run)| run.id);
        let methods = self.wanted_methods();
        let model = self.model.as_ref().map(|model| &model.spec);
        let read_maps = self.read_maps_of(self.pictures.get(number)?).to_vec();
        let picture = self.pictures.get_mut(number)?;
        let Picture { class, against, crop, .. } = *picture;
        let question = Question { network: Network::Model, class, against, score: self.score, crop };
        let judge = self.model.as_ref().and_then(|model| model.judge.as_ref());
        let judge = judge.map(|judge| judge.spec.name.as_str());
        let wish = Wish { model, question, methods: &methods, parameters: &self.parameters, judge };
        let reused = if wants == Wants::Result { picture.history.granting(&wish) } else { None };
        if let Some(id) = reused {
            picture.history.bring(id);
            if is_on_the_wall {
                self.chosen_step = None;
                self.compare_beside(id);
            }
            return under_way.filter(|run| *run != id).map(|_| Command::Stop);
        }
        let earlier = picture.history.newest_first().filter(|_| wants != Wants::Run);
        let mut plan = wish.plan(earlier);
        if wants == Wants::Result {
            plan.take_in(read_maps);
        }
        if wants == Wants::Chance {
            plan.judge_all_anew();
        }
        if let Wants::Trust(method) = wants {
            plan.judge_anew(method);
        }
        self.last_run += 1;
        let run = RunId(self.last_run);
        let parameters = self.parameters.clone();
        let state = RunState::new(run, question, parameters.clone(), now).by(methods);
        let state = state.with(plan.seen.clone(), &plan.carried, plan.random.clone(), model);
        let state = if plan.methods.is_empty() { state.at_its_end(now) } else { state };
        picture.history.begin(state);
        let request = Request {
            run,
            network: Network::Model,
            photo: Arc::clone(&picture.photo),
            crop: picture.crop,
            class: picture.class,
            against: picture.against,
            score: self.score,
            methods: plan.methods,
            known: plan.known,
            metrics: if matches!(wants, Wants::Trust(_)) { METRICS.iter().collect() } else { Vec::new() },
            given: picture.given.clone(),
            marked: picture.marked,
            parameters,
            seeds: if wants == Wants::Chance { SEEDS } else { 1 },
        };
        self.forget_oldest_runs();
        if is_on_the_wall {
            self.messages.begin_anew();
            self.compare_beside(run);
        }
        if request.methods.is_empty() {
            if is_on_the_wall {
                self.chosen_step = None;
            }
            return under_way.map(|_| Command::Stop);
        }
        Some(Command::Explain(Box::new(request)))
    }
}

/// The class a picture is explained for, as far as that is known.
pub fn explained(picture: &Picture) -> Option<usize> {
    picture.class.or_else(|| picture.newest().and_then(|run| run.seen.as_ref()).map(|seen| seen.class.id))
}
