//! How maps are drawn, as plain data.

use serde::{Deserialize, Serialize};

use crate::imaging::Colormap;

/// Map and picture can both be read.
const DEFAULT_OPACITY: f32 = 0.5;

/// What a tile shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// The map over the picture.
    #[default]
    Overlay,
    /// The map alone.
    Heatmap,
}

/// How maps are drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// What a tile shows.
    pub style: Style,
    /// The colours of a map.
    pub colormap: Colormap,
    /// How strongly a map covers the picture, in `[0, 1]`.
    pub opacity: f32,
    /// Whether the charts have a place beside the wall.
    pub charts: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { style: Style::Overlay, colormap: Colormap::default(), opacity: DEFAULT_OPACITY, charts: true }
    }
}
