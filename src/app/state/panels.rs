//! Which panels are open, and what is being typed in them.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{palette_query::PaletteQuery, path_field::PathField, presets::Draft};
use crate::{app::words::Group, explain::Method};

/// What the middle of the side shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tab {
    /// The parameters.
    #[default]
    Parameters,
    /// The runs of the picture on the wall.
    Runs,
}

/// What lies over the window and has the keyboard.
#[derive(Debug, Clone)]
pub enum Cover {
    /// The palette, with what is typed in it.
    Palette(PaletteQuery),
    /// The sheet of shortcuts.
    Sheet,
    /// What there is to say of a method.
    Method(&'static Method),
    /// Whether a method's map on the wall is to be trusted.
    Trust(&'static Method),
    /// A field for a path.
    Path(PathField),
}

/// Usual width of the side, in points: a parameter's name, its slider and its value in one row.
const SIDE_WIDTH: f32 = 328.0;
/// From the narrowest to the widest side, in points: the names of parameters with something of their sliders, and so much
/// that the wall is still seen.
pub const SIDE_WIDTHS: RangeInclusive<f32> = 268.0..=520.0;

/// Which panels are open.
#[derive(Debug, Clone)]
pub struct Panels {
    /// What the middle of the side shows.
    pub tab: Tab,
    /// Whether the side is hidden.
    pub hides_side: bool,
    /// Width of the side, in points.
    pub side_width: f32,
    /// Whether the window is laid out for a projector: the wall, its charts and the timeline, and nothing to set.
    pub presents: bool,
    /// Whether every parameter is shown, and not only the sets of them with what each is for: nobody who sees the window
    /// for the first time asks for λ₁ and its neighbours.
    pub by_value: bool,
    /// The groups of parameters that are closed.
    pub closed: Vec<String>,
    /// What is being typed in the menu of presets.
    pub preset: Draft,
    /// What lies over the window, if something does.
    pub cover: Option<Cover>,
}

impl Default for Panels {
    fn default() -> Self {
        let closed = Group::all().into_iter().filter(|group| !group.is_open_at_first());
        let closed = closed.map(|group| group.id).collect();
        Self {
            tab: Tab::default(),
            hides_side: false,
            side_width: SIDE_WIDTH,
            presents: false,
            by_value: false,
            closed,
            preset: Draft::default(),
            cover: None,
        }
    }
}

impl Panels {
    /// Opens a group of parameters, or closes it.
    pub fn toggle(&mut self, group: &str) {
        if self.closed.iter().any(|closed| closed == group) {
            self.closed.retain(|closed| closed != group);
        } else {
            self.closed.push(group.to_owned());
        }
    }
}
