//! The wall: the original and every method's map side by side, and the charts beside or below them.

use egui::{Pos2, Rect, Ui, Vec2};

use super::{
    action::Action,
    charts::{self, Chart},
    preview::Preview,
    state::State,
    textures::Textures,
    theme,
    tile::{self, Scene},
};
use crate::explain::MethodKind;

/// How many tiles there are: the original, and one a method.
const TILES: usize = 1 + MethodKind::ALL.len();
/// How many charts there are.
const CHARTS: usize = Chart::ALL.len();

/// Where the charts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChartsAt {
    Right,
    Below,
    Nowhere,
}

/// How the room of the wall is shared out.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Arrangement {
    columns: usize,
    /// Width and height of a tile's picture.
    side: f32,
    charts: ChartsAt,
}

impl Arrangement {
    /// The one with the largest pictures.
    fn best(room: Vec2, charts: bool) -> Self {
        let places: &[ChartsAt] = if charts { &[ChartsAt::Right, ChartsAt::Below] } else { &[ChartsAt::Nowhere] };
        let mut best = Self { columns: 1, side: 0.0, charts: places[0] };
        for &charts in places {
            for columns in [4, 2, 1] {
                let side = Self::side(room, columns, charts);
                if side > best.side {
                    best = Self { columns, side, charts };
                }
            }
        }
        best
    }

    fn side(room: Vec2, columns: usize, charts: ChartsAt) -> f32 {
        let rows = TILES.div_ceil(columns) as f32;
        let columns = columns as f32;
        let left = match charts {
            ChartsAt::Right => room - Vec2::new(theme::CHART_WIDTH + theme::GAP, 0.0),
            ChartsAt::Below => room - Vec2::new(0.0, theme::CHART_HEIGHT + theme::GAP),
            ChartsAt::Nowhere => room,
        };
        let across = (left.x - (columns - 1.0) * theme::GAP) / columns;
        let down = (left.y - (rows - 1.0) * theme::GAP) / rows - theme::TILE_TITLE - theme::TILE_CAPTION;
        across.min(down).max(0.0).floor()
    }

    /// Where tile `number` is, title and caption included.
    fn tile(self, room: Rect, number: usize) -> Rect {
        let size = Vec2::new(self.side, self.side + theme::TILE_TITLE + theme::TILE_CAPTION);
        let place = Vec2::new((number % self.columns) as f32, (number / self.columns) as f32);
        let origin = match self.charts {
            // Nothing else is in the room, so the tiles are in the middle of it.
            ChartsAt::Nowhere => room.min + (room.size() - self.tiles()) / 2.0,
            ChartsAt::Right | ChartsAt::Below => room.min,
        };
        Rect::from_min_size(origin + place * (size + Vec2::splat(theme::GAP)), size)
    }

    /// The size of all tiles together.
    fn tiles(self) -> Vec2 {
        let rows = TILES.div_ceil(self.columns) as f32;
        let columns = self.columns as f32;
        let height = self.side + theme::TILE_TITLE + theme::TILE_CAPTION;
        Vec2::new(columns * self.side + (columns - 1.0) * theme::GAP, rows * height + (rows - 1.0) * theme::GAP)
    }

    /// Where chart `number` is, title included: the charts take all the room the tiles leave.
    fn chart(self, room: Rect, number: usize) -> Option<Rect> {
        let (area, along) = match self.charts {
            ChartsAt::Right => (room.with_min_x(room.left() + self.tiles().x + theme::GAP), Vec2::Y),
            ChartsAt::Below => (room.with_min_y(room.top() + self.tiles().y + theme::GAP), Vec2::X),
            ChartsAt::Nowhere => return None,
        };
        let gaps = (CHARTS - 1) as f32 * theme::GAP;
        let whole = area.size() - along * gaps;
        let size = whole * (Vec2::splat(1.0) - along) + whole * along / CHARTS as f32;
        let origin = area.min + along * number as f32 * (size + Vec2::splat(theme::GAP));
        Some(Rect::from_min_size(origin, size))
    }
}

/// The place in the model's square that the pointer is at, `x` and `y` in `[0, 1]`.
pub type Marked = Option<Pos2>;

/// Draws the wall. `marked` is marked in every tile, and what the pointer is at now is returned.
pub fn wall_ui(
    ui: &mut Ui,
    state: &State,
    preview: Option<&Preview>,
    textures: &mut Textures,
    marked: Marked,
    actions: &mut Vec<Action>,
) -> Marked {
    let picture = state.picture()?;
    let room = ui.available_rect_before_wrap();
    let arrangement = Arrangement::best(room.size(), state.look.charts);
    let mut scene = Scene { state, picture, preview, textures, marked };
    let mut pointed = tile::original_ui(ui, arrangement.tile(room, 0), &mut scene, actions);
    for (number, method) in MethodKind::ALL.into_iter().enumerate() {
        pointed = tile::method_ui(ui, arrangement.tile(room, 1 + number), method, &mut scene).or(pointed);
    }
    for (number, chart) in Chart::ALL.into_iter().enumerate() {
        if let Some(place) = arrangement.chart(room, number) {
            charts::chart_ui(ui, place, chart, state, actions);
        }
    }
    ui.advance_cursor_after_rect(room);
    pointed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn room(width: f32, height: f32) -> Rect {
        Rect::from_min_size(egui::pos2(10.0, 20.0), Vec2::new(width, height))
    }

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_room() {
        for (width, height) in [(700.0, 560.0), (960.0, 680.0), (1600.0, 960.0), (2200.0, 500.0), (400.0, 1200.0)] {
            let room = room(width, height);
            for charts in [true, false] {
                let arrangement = Arrangement::best(room.size(), charts);
                let tiles = (0..TILES).map(|number| arrangement.tile(room, number));
                let charts = (0..CHARTS).filter_map(|number| arrangement.chart(room, number));
                let places: Vec<Rect> = tiles.chain(charts).collect();
                for (number, place) in places.iter().enumerate() {
                    assert!(room.expand(0.5).contains_rect(*place), "{place:?} of {arrangement:?} leaves {room:?}");
                    for other in &places[..number] {
                        assert!(!place.shrink(0.5).intersects(*other), "{place:?} meets {other:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_wide_room_has_one_row_and_a_square_one_has_two() {
        assert_eq!(Arrangement::best(Vec2::new(2200.0, 620.0), true).columns, 4);
        assert_eq!(Arrangement::best(Vec2::new(1100.0, 760.0), true).columns, 2);
    }
}
