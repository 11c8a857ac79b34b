//! Pictures on the graphics card. One is made anew only when what it shows has changed.

use std::collections::{HashMap, hash_map::Entry};

use egui::{ColorImage, Context, TextureFilter, TextureHandle, TextureId, TextureOptions, Vec2};
use image::RgbImage;

use super::{
    look::{Look, Style},
    picture::PictureId,
};
use crate::{
    explain::MethodKind,
    imaging::{Colormap, CropMode},
    worker::RunId,
};

/// A place on screen that shows one picture at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The original's tile.
    Original,
    /// A method's tile while it has no map.
    Waiting,
    /// A method's tile.
    Method(MethodKind),
    /// A picture in the filmstrip.
    Thumbnail(PictureId),
    /// A map in the comparison of two runs, by its place and method.
    Compared(usize, MethodKind),
    /// The difference of two maps.
    Difference,
    /// A picture in the row of samples, by its number.
    Sample(usize),
}

/// What a slot shows: as long as it is equal, the picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shows {
    /// A picture that never changes.
    Fixed,
    /// A picture without a map, in the pixels of its preview or before it is there.
    Plain {
        /// Which.
        picture: PictureId,
        /// Whether the preview is there.
        sharp: bool,
    },
    /// What the model sees of a picture, without a map.
    Cut {
        /// Which.
        picture: PictureId,
        /// How it is cut.
        crop: CropMode,
        /// Whether the preview is there.
        sharp: bool,
    },
    /// A map.
    Map {
        /// Its run.
        run: RunId,
        /// The I-GOS iteration, counted from 0, for a map of one.
        step: Option<usize>,
        /// The colours.
        colormap: Colormap,
        /// The opacity, if the map lies over the picture.
        opacity: Option<f32>,
        /// Whether the picture's preview is there.
        sharp: bool,
    },
    /// The difference of two maps.
    Difference {
        /// Their runs.
        runs: [RunId; 2],
        /// Their method.
        method: MethodKind,
        /// Whether the picture's preview is there.
        sharp: bool,
    },
}

impl Shows {
    /// A map in the way the user wants it drawn.
    pub fn map(run: RunId, step: Option<usize>, look: &Look, sharp: bool) -> Self {
        let opacity = (look.style == Style::Overlay).then_some(look.opacity);
        Self::Map { run, step, colormap: look.colormap, opacity, sharp }
    }
}

/// What a slot is drawn from.
#[derive(Debug)]
pub struct Drawing {
    /// The picture.
    pub image: RgbImage,
    /// The map's values, one a pixel; none for a plain picture.
    pub values: Vec<f32>,
}

impl From<RgbImage> for Drawing {
    fn from(image: RgbImage) -> Self {
        Self { image, values: Vec::new() }
    }
}

/// A picture on the graphics card, with the numbers it was drawn from.
pub struct Texture {
    shows: Shows,
    handle: TextureHandle,
    values: Vec<f32>,
}

impl Texture {
    /// To draw it with.
    pub fn id(&self) -> TextureId {
        self.handle.id()
    }

    /// Width and height in pixels.
    pub fn size(&self) -> Vec2 {
        self.handle.size_vec2()
    }

    /// The map's values, one a pixel.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The map's value at a place, `x` and `y` in `[0, 1]` from the top left.
    pub fn value_at(&self, x: f32, y: f32) -> Option<f32> {
        let [width, height] = self.handle.size();
        let index = |share: f32, cells: usize| ((share * cells as f32) as usize).min(cells.saturating_sub(1));
        self.values.get(index(y, height) * width + index(x, width)).copied()
    }
}

/// The pictures on the graphics card.
#[derive(Default)]
pub struct Textures {
    slots: HashMap<Slot, Texture>,
}

impl Textures {
    /// Forgets what was made for a picture that is closed.
    pub fn forget(&mut self, picture: PictureId) {
        self.slots.remove(&Slot::Thumbnail(picture));
    }

    /// What `slot` shows, made by `draw` if it shows something else so far.
    pub fn get(&mut self, ctx: &Context, slot: Slot, shows: Shows, draw: impl FnOnce() -> Drawing) -> &Texture {
        let upload = || {
            let Drawing { image, values } = draw();
            let size = [image.width() as usize, image.height() as usize];
            let options = TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };
            let handle = ctx.load_texture(format!("{slot:?}"), ColorImage::from_rgb(size, image.as_raw()), options);
            Texture { shows, handle, values }
        };
        match self.slots.entry(slot) {
            Entry::Vacant(entry) => entry.insert(upload()),
            Entry::Occupied(mut entry) => {
                if entry.get().shows != shows {
                    entry.insert(upload());
                }
                entry.into_mut()
            }
        }
    }
}
