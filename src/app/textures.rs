//! Plain pictures on the graphics card. One is made anew only when what it shows has changed.

use std::collections::{HashMap, hash_map::Entry};

use egui::{Context, TextureFilter, TextureHandle, TextureId, TextureOptions, Vec2};
use image::RgbImage;

use super::drawings::color_image;
use crate::imaging::CropMode;

/// How pictures are enlarged and made smaller.
pub const OPTIONS: TextureOptions =
    TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };

/// A place on screen that shows one picture at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The original's tile.
    Original,
    /// The model's square of the picture, in the methods' tiles.
    Square,
    /// A picture in the filmstrip, by its number.
    Thumbnail(usize),
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
        /// Its number.
        picture: usize,
        /// Whether the preview is there.
        sharp: bool,
    },
    /// What the model sees of a picture, without a map.
    Cut {
        /// Its number.
        picture: usize,
        /// How it is cut.
        crop: CropMode,
        /// Whether the preview is there.
        sharp: bool,
    },
}

/// A picture on the graphics card.
pub struct Texture {
    shows: Shows,
    handle: TextureHandle,
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
}

/// The plain pictures on the graphics card.
#[derive(Default)]
pub struct Textures {
    slots: HashMap<Slot, Texture>,
}

impl Textures {
    /// What `slot` shows: `picture`, taken anew if it shows something else so far.
    pub fn get(&mut self, ctx: &Context, slot: Slot, shows: Shows, picture: &RgbImage) -> &Texture {
        let upload = || {
            let handle = ctx.load_texture(format!("{slot:?}"), color_image(picture), OPTIONS);
            Texture { shows, handle }
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
