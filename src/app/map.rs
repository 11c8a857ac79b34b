//! Which map a tile shows, and how it becomes a picture.

use image::RgbImage;

use super::{
    look::{Look, Style},
    run_state::RunState,
    state::State,
    textures::Drawing,
};
use crate::{
    explain::{Explanation, Mask, MethodKind, Saliency},
    imaging::{heatmap, overlay},
};

/// The map of one tile.
pub struct Map<'a> {
    /// The I-GOS iteration it is of, counted from 0, for a map of one.
    pub step: Option<usize>,
    /// Whether it is the method's result.
    pub is_final: bool,
    source: MapSource<'a>,
}

enum MapSource<'a> {
    Mask(&'a Mask),
    Explanation(&'a Explanation),
}

impl Map<'_> {
    /// Its values.
    pub fn saliency(&self) -> Saliency {
        match self.source {
            MapSource::Mask(mask) => mask.saliency(),
            MapSource::Explanation(explanation) => explanation.saliency.clone(),
        }
    }
}

/// The map of `method` that is on the wall, if there is one yet.
pub fn of<'a>(state: &State, run: &'a RunState, method: MethodKind) -> Option<Map<'a>> {
    let known = run.method(method)?;
    let result = known.explanation.as_deref();
    if method == MethodKind::Igos
        && let Some(number) = state.step_number()
        && let Some(step) = run.steps().get(number)
    {
        let is_final = result.is_some() && state.shows_newest_step();
        return Some(Map { step: Some(number), is_final, source: MapSource::Mask(&step.mask) });
    }
    result.map(|result| Map { step: None, is_final: true, source: MapSource::Explanation(result) })
}

/// `saliency` over `picture`, or alone, with as many pixels as `picture`.
pub fn drawing(saliency: &Saliency, picture: &RgbImage, look: &Look) -> Drawing {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let values = saliency.drawn_at(width, height);
    let image = match look.style {
        Style::Overlay => overlay(picture, &values, look.colormap, look.opacity),
        Style::Heatmap => heatmap(&values, width, height, look.colormap),
    };
    Drawing { image, values }
}
