//! What the wall or the comparison of two runs is to show, and what the model is to look at.

use std::sync::Arc;

use super::{
    Jobs,
    drawing::{DifferenceOrder, DifferenceShows, Ground, MapOrder, MapShows, Way, WhichMap},
    pictures::{MapPlace, Pictures},
    preview::Preview,
};
use crate::{
    app::state::{
        State,
        map::{self, Map},
        picture::{Picture, PictureId},
        probing::Question,
        run_state::RunState,
        tiles::Tile,
    },
    explain::{Method, Ranking},
};

/// A question to the model, and how the cells of its maps are ranked.
pub type Asked = (Question, Vec<(&'static Method, Arc<Ranking>)>);

/// Lets jobs draw what is to be shown. Gives what the model is to look at, if pictures between the ends of the curves
/// are on the wall.
pub fn request(state: &State, preview: Option<&Arc<Preview>>, pictures: &mut Pictures, jobs: &Jobs) -> Option<Asked> {
    let picture = state.picture()?;
    let preview = preview.filter(|preview| Arc::ptr_eq(&preview.photo, &picture.photo));
    if let Some((pair, method)) = state.compared() {
        request_compared(state, picture.id, pair, method, preview, pictures, jobs);
        return None;
    }
    request_tiles(state, picture, preview, pictures, jobs)
}

fn request_tiles(
    state: &State,
    picture: &Picture,
    preview: Option<&Arc<Preview>>,
    pictures: &mut Pictures,
    jobs: &Jobs,
) -> Option<Asked> {
    let way = Way::of(&state.view, state.touched);
    let run = picture.shown()?;
    let (mut maps, mut rankings) = (Vec::new(), Vec::new());
    for tile in state.tiles.drawn() {
        let Tile::Method(method) = tile else { continue };
        let Some(map) = map::of(state, run, method) else { continue };
        let Some(order) = order(picture.id, run, method, map, way, preview) else { continue };
        let (place, which) = (MapPlace::Tile(method), order.shows.map);
        if let Some(drawn) = pictures.map(place).filter(|drawn| drawn.of.shows.map == which) {
            maps.push((method, which.step));
            rankings.push((method, Arc::clone(&drawn.of.measures.ranking)));
        }
        pictures.want_map(jobs, place, order);
    }
    let Way::Changed(change, fraction) = way else { return None };
    Some((Question { run: run.id, change, fraction, maps }, rankings))
}

fn request_compared(
    state: &State,
    picture: PictureId,
    pair: [&RunState; 2],
    method: &'static Method,
    preview: Option<&Arc<Preview>>,
    pictures: &mut Pictures,
    jobs: &Jobs,
) {
    let way = Way::of(&state.view, None).without_lines();
    let mut orders = pair.map(|run| order(picture, run, method, map::last(run, method)?, way, preview));
    if state.view.one_scale {
        let wanted = [&orders[0], &orders[1]].map(|order| order.as_ref().map(|order| order.shows.map));
        let scale = pictures.larger_scale(wanted, way.colormap());
        orders.iter_mut().flatten().for_each(|order| order.shows.scale = scale);
    }
    if let ([Some(one), Some(other)], true) = (&orders, map::see_the_same(pair)) {
        let (ground, maps) = (one.ground.clone(), [one.map.clone(), other.map.clone()]);
        let shows = DifferenceShows { maps: [one.shows.map, other.shows.map], sharp: ground.is_sharp() };
        pictures.want_difference(jobs, DifferenceOrder { shows, maps, ground });
    }
    for (number, order) in orders.into_iter().enumerate() {
        if let Some(order) = order {
            pictures.want_map(jobs, MapPlace::Compared(number), order);
        }
    }
}

/// What a map of `run` is drawn from, once the model has seen its picture.
fn order(
    picture: PictureId,
    run: &RunState,
    method: &'static Method,
    map: Map,
    way: Way,
    preview: Option<&Arc<Preview>>,
) -> Option<MapOrder> {
    let ground = Ground::of(run, preview)?;
    // What is composed from the input has the input's pixels, with or without a preview.
    let sharp = ground.is_sharp() && !matches!(way, Way::Changed(..));
    let which = WhichMap { run: run.id, method, step: map.step };
    Some(MapOrder {
        shows: MapShows { picture, map: which, way, scale: None, sharp },
        map,
        ground,
        canvas: Arc::clone(&run.seen.as_ref()?.canvas),
        curves: run.parameters.curves.clone(),
    })
}
