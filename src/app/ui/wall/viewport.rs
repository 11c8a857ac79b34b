//! Where the user looks and points.

use egui::Pos2;

use super::zoom::Zoom;
use crate::app::state::tiles::Tile;

/// Where the user looks and points, the same in every tile.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Viewport {
    /// The place in what the model sees that the pointer is at, `x` and `y` in `[0, 1]`.
    pub marked: Option<Pos2>,
    /// The part of that which is shown.
    pub zoom: Zoom,
    /// The tile that is being moved.
    pub carried: Option<Tile>,
}
