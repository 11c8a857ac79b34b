//! Plain pictures on the graphics card. One is made anew only when what it shows has changed.

use std::collections::{HashMap, hash_map::Entry};

use egui::{ColorImage, Context, TextureHandle, TextureId, Vec2};
use image::RgbImage;

use crate::{
    app::{
        jobs::drawings::{OPTIONS, Way, color_image},
        state::picture::PictureId,
    },
    explain::Method,
    imaging::CropMode,
    worker::RunId,
};

/// A place on screen that shows one picture at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The original's tile.
    Original,
    /// The model's square of the picture, in the methods' tiles.
    Square,
    /// A picture in the filmstrip.
    Thumbnail(PictureId),
    /// A map in the comparison of two runs, by its place and method.
    Compared(usize, &'static Method),
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
    /// A picture in the pixels of its preview or before it is there.
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
        /// How many I-GOS iterations there are.
        steps: usize,
        /// What is made of it.
        way: Way,
        /// Whether the picture's preview is there.
        sharp: bool,
    },
    /// The difference of two maps.
    Difference {
        /// Their runs.
        runs: [RunId; 2],
        /// Their method.
        method: &'static Method,
        /// Whether the picture's preview is there.
        sharp: bool,
    },
}

/// A picture on the graphics card.
pub struct Texture {
    shows: Shows,
    handle: TextureHandle,
    scale: f32,
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

    /// The value that is drawn at full strength, where there is one.
    pub fn scale(&self) -> f32 {
        self.scale
    }
}

/// The plain pictures on the graphics card.
#[derive(Default)]
pub struct Textures {
    slots: HashMap<Slot, Texture>,
}

impl Textures {
    /// Forgets what was made for a picture that is closed.
    pub fn forget(&mut self, picture: PictureId) {
        self.slots.remove(&Slot::Thumbnail(picture));
    }

    /// What `slot` shows: `picture`, taken anew if it shows something else so far.
    pub fn get(&mut self, ctx: &Context, slot: Slot, shows: Shows, picture: &RgbImage) -> &Texture {
        self.get_or(ctx, slot, shows, || (color_image(picture), 1.0))
    }

    /// What `slot` shows, made by `draw` if it shows something else so far: a picture, and the value that is drawn in it
    /// at full strength.
    pub fn get_or(
        &mut self,
        ctx: &Context,
        slot: Slot,
        shows: Shows,
        draw: impl FnOnce() -> (ColorImage, f32),
    ) -> &Texture {
        let upload = || {
            let (picture, scale) = draw();
            let handle = ctx.load_texture(format!("{slot:?}"), picture, OPTIONS);
            Texture { shows, handle, scale }
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
