//! The pictures on the graphics card: one store for the wall, the comparison of two runs, and all else.
//!
//! A place on screen shows one picture at a time, and says what it is to show: as long as that is the same, so is the
//! picture. A plain one only needs to be taken to the card. One that is made of maps is made by a job, and until it is
//! there the place keeps the one before. What is wanted is said anew with every frame and waits in no queue, so of
//! what is wanted while a job is under way only the newest is made.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use egui::{ColorImage, Context, TextureFilter, TextureHandle, TextureId, TextureOptions, Vec2};
use image::RgbImage;

use super::{
    Jobs, Outcome,
    drawing::{self, DifferenceDrawing, DifferenceOrder, MapDrawing, MapOrder, Measures, WhichMap, color_image},
};
use crate::{
    app::state::picture::PictureId,
    explain::Method,
    imaging::{Colormap, CropMode},
};

/// How pictures are enlarged and made smaller.
const OPTIONS: TextureOptions = TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };

/// A place for plain pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlainPlace {
    /// The original's tile.
    Original,
    /// What the model sees of the picture, in the methods' tiles.
    Square,
    /// A picture in the filmstrip.
    Thumbnail(PictureId),
    /// A picture in the row of samples, by its number.
    Sample(usize),
}

/// Which plain picture a place shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plain {
    /// One that never changes.
    Fixed,
    /// The whole of a picture.
    Whole {
        /// Which.
        picture: PictureId,
        /// Whether in the pixels of its preview.
        sharp: bool,
    },
    /// What the model sees of a picture.
    Cut {
        /// Which.
        picture: PictureId,
        /// How it is cut.
        crop: CropMode,
        /// Whether in the pixels of its preview.
        sharp: bool,
    },
}

/// A place for what is made of one map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MapPlace {
    /// A method's tile.
    Tile(&'static Method),
    /// The first or the second of two runs that are compared, as 0 or 1.
    Compared(usize),
}

/// A picture on the graphics card, with what it is of.
pub struct Drawn<T> {
    /// What it is of, and what was found out when it was made.
    pub of: T,
    texture: Option<TextureHandle>,
}

/// What is made of one map.
pub type DrawnMap = Drawn<MapDrawing>;
/// What is made of the difference of two maps.
pub type DrawnDifference = Drawn<DifferenceDrawing>;

impl<T> Drawn<T> {
    /// To draw it with; none if the plain picture is under its lines.
    pub fn texture(&self) -> Option<TextureId> {
        self.texture.as_ref().map(TextureHandle::id)
    }

    /// Width and height in pixels.
    pub fn size(&self) -> Vec2 {
        self.texture.as_ref().map_or(Vec2::ZERO, TextureHandle::size_vec2)
    }
}

impl Drawn<Plain> {
    fn new(ctx: &Context, place: PlainPlace, of: Plain, picture: &RgbImage) -> Self {
        Self { of, texture: Some(ctx.load_texture(format!("{place:?}"), color_image(picture), OPTIONS)) }
    }
}

/// A place's picture, and whether the next one is being made.
struct Slot<T> {
    drawn: Option<Arc<Drawn<T>>>,
    is_under_way: bool,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { drawn: None, is_under_way: false }
    }
}

impl<T> Slot<T> {
    /// Whether a picture is to be begun, if `is_wanted` says of one whether it is the one that is wanted.
    fn begins(&mut self, is_wanted: impl FnOnce(&T) -> bool) -> bool {
        let begins = !self.is_under_way && !self.drawn.as_ref().is_some_and(|drawn| is_wanted(&drawn.of));
        self.is_under_way |= begins;
        begins
    }

    fn put(&mut self, ctx: &Context, name: String, of: T, picture: Option<ColorImage>) {
        self.is_under_way = false;
        let before = self.drawn.take().and_then(|drawn| drawn.texture.clone());
        let texture = picture.map(|picture| match before {
            Some(mut texture) => {
                texture.set(picture, OPTIONS);
                texture
            }
            None => ctx.load_texture(name, picture, OPTIONS),
        });
        self.drawn = Some(Arc::new(Drawn { of, texture }));
    }
}

/// The pictures on the graphics card.
#[derive(Default)]
pub struct Pictures {
    plain: HashMap<PlainPlace, Drawn<Plain>>,
    maps: HashMap<MapPlace, Slot<MapDrawing>>,
    difference: Slot<DifferenceDrawing>,
}

impl Pictures {
    /// Forgets what was made for a picture that is closed.
    pub fn forget(&mut self, picture: PictureId) {
        self.plain.remove(&PlainPlace::Thumbnail(picture));
    }

    /// What `place` shows: `picture`, taken to the card if it shows something else so far.
    pub fn plain(&mut self, ctx: &Context, place: PlainPlace, of: Plain, picture: &RgbImage) -> &Drawn<Plain> {
        match self.plain.entry(place) {
            Entry::Vacant(entry) => entry.insert(Drawn::new(ctx, place, of, picture)),
            Entry::Occupied(mut entry) => {
                if entry.get().of != of {
                    entry.insert(Drawn::new(ctx, place, of, picture));
                }
                entry.into_mut()
            }
        }
    }

    /// What is made of a map at `place`, if something is.
    pub fn map(&self, place: MapPlace) -> Option<Arc<DrawnMap>> {
        self.maps.get(&place)?.drawn.clone()
    }

    /// The larger of the values that two compared maps are drawn at full strength for, once both were measured.
    pub fn larger_scale(&self, maps: [Option<WhichMap>; 2], colormap: Option<Colormap>) -> Option<f32> {
        let scale = |number: usize| {
            let drawn = self.map(MapPlace::Compared(number))?;
            let is_it = maps[number] == Some(drawn.of.shows.map);
            is_it.then(|| drawn.of.measures.drawn_in(colormap).0.scale)
        };
        Some(scale(0)?.max(scale(1)?))
    }

    /// What is made of the difference of two maps, if something is.
    pub fn difference(&self) -> Option<Arc<DrawnDifference>> {
        self.difference.drawn.clone()
    }

    /// Wants `place` to show something made of a map.
    pub fn want_map(&mut self, jobs: &Jobs, place: MapPlace, order: MapOrder) {
        // The same map, drawn in another way or elsewhere, is not measured again.
        let known = self.measures(order.shows.map);
        if self.maps.entry(place).or_default().begins(|drawn| drawn.shows == order.shows) {
            jobs.start("drawing", move || {
                let (drawing, picture) = drawing::draw_map(&order, known);
                Outcome::Map(place, Box::new(drawing), picture)
            });
        }
    }

    /// Wants the difference of two maps to be shown.
    pub fn want_difference(&mut self, jobs: &Jobs, order: DifferenceOrder) {
        if self.difference.begins(|drawn| drawn.shows == order.shows) {
            jobs.start("drawing", move || {
                let (drawing, picture) = drawing::draw_difference(&order);
                Outcome::Difference(drawing, picture)
            });
        }
    }

    /// Takes in what was made of a map.
    pub fn take_map(&mut self, ctx: &Context, place: MapPlace, drawing: MapDrawing, picture: Option<ColorImage>) {
        self.maps.entry(place).or_default().put(ctx, format!("{place:?}"), drawing, picture);
    }

    /// Takes in what was made of the difference of two maps.
    pub fn take_difference(&mut self, ctx: &Context, drawing: DifferenceDrawing, picture: ColorImage) {
        self.difference.put(ctx, "difference".to_owned(), drawing, Some(picture));
    }

    fn measures(&self, map: WhichMap) -> Option<Arc<Measures>> {
        let drawn = self.maps.values().filter_map(|slot| slot.drawn.as_ref());
        drawn.map(|drawn| &drawn.of).find(|known| known.shows.map == map).map(|known| Arc::clone(&known.measures))
    }
}
