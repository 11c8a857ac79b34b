//! What the methods' tiles are to show, and what the model is to look at.

use std::sync::Arc;

use super::{
    Jobs,
    drawings::{Drawings, Order, Shows, Way},
    preview::Preview,
};
use crate::{
    app::state::{State, map, probing::Question, tiles::Tile},
    worker::{Command, Probe},
};

/// Lets jobs draw what the tiles are to show. Gives the command that lets the model look at it, if it is a picture
/// between the ends of the curves that was not asked about yet.
pub fn order(
    state: &mut State,
    preview: Option<&Arc<Preview>>,
    drawings: &mut Drawings,
    jobs: &Jobs,
) -> Option<Command> {
    let way = Way::of(&state.look, state.touched);
    let picture = state.picture()?;
    let run = picture.shown()?;
    let seen = run.seen.as_ref()?;
    let preview = preview.filter(|preview| Arc::ptr_eq(&preview.photo, &picture.photo));
    let mut rankings = Vec::new();
    let mut maps = Vec::new();
    for tile in state.tiles.drawn() {
        let Tile::Method(method) = tile else { continue };
        let Some(map) = map::of(state, run, method) else { continue };
        let known = drawings.get(method, &picture.photo);
        if let Some(drawn) = known.filter(|drawn| (drawn.shows.run, drawn.shows.step) == (run.id, map.step)) {
            maps.push((method, map.step));
            rankings.push((method, Arc::clone(&drawn.measures.ranking)));
        }
        // What is composed from the input has the input's pixels, with or without a preview.
        let sharp =
            preview.is_some_and(|preview| preview.cut(run.question.crop).is_some()) && !matches!(way, Way::Changed(..));
        let order = Order {
            shows: Shows { run: run.id, step: map.step, way, sharp },
            photo: Arc::clone(&picture.photo),
            map,
            preview: preview.cloned(),
            crop: run.question.crop,
            input: Arc::clone(&seen.input),
            canvas: Arc::clone(&seen.canvas),
            curves: run.parameters.curves.clone(),
        };
        drawings.want(jobs, method, order);
    }
    let Way::Changed(change, fraction) = way else { return None };
    let (model, canvas) = (Arc::clone(run.model.as_ref()?), Arc::clone(&seen.canvas));
    let run = run.id;
    let id = state.probing.ask(Question { run, change, fraction, maps })?;
    Some(Command::Probe(Box::new(Probe { id, model, canvas, change, fraction, rankings })))
}
