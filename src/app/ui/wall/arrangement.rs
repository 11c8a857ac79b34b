//! How the room of the wall is shared out between tiles and charts.

use egui::{Rect, Vec2};

use crate::app::{
    state::{
        chart::Chart,
        tiles::{ChartsAt, Split},
    },
    theme,
};

/// Least height of a chart with its title, in points.
const CHART_HEIGHT: f32 = 128.0;
/// Least width of a column of charts, in points: below it axis labels collide.
const CHART_WIDTH: f32 = 200.0;
/// How many charts there are.
const CHARTS: usize = Chart::ALL.len();
/// The least side of a tile's picture that the charts leave, in points.
const MIN_SIDE: f32 = 64.0;

/// Where tiles and charts are in a room.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrangement {
    tiles: usize,
    columns: usize,
    /// Width and height of a tile's picture.
    side: f32,
    charts: Option<ChartsAt>,
    /// Width or height of the charts, if it was chosen: else they have what the tiles leave.
    chosen: Option<f32>,
}

impl Arrangement {
    /// The one with the largest pictures. The charts' room is chosen by `split`, if it is given.
    pub fn best(room: Vec2, tiles: usize, charts: bool, split: Option<Split>) -> Self {
        let tiles = tiles.max(1);
        let places: Vec<Option<ChartsAt>> = match (charts, split) {
            (false, _) => vec![None],
            (true, Some(split)) => vec![Some(split.at)],
            (true, None) => vec![Some(ChartsAt::Right), Some(ChartsAt::Below)],
        };
        let mut best = Self { tiles, columns: 1, side: 0.0, charts: places[0], chosen: None };
        for charts in places {
            let chosen = split.filter(|_| charts.is_some()).map(|split| chosen(room, split));
            for columns in 1..=tiles {
                let arrangement = Self { tiles, columns, side: 0.0, charts, chosen }.with_side(room);
                if arrangement.side > best.side {
                    best = arrangement;
                }
            }
        }
        best
    }

    fn rows(self) -> usize {
        self.tiles.div_ceil(self.columns)
    }

    fn with_side(self, room: Vec2) -> Self {
        let left = match self.charts {
            Some(ChartsAt::Right) => room - Vec2::new(self.chosen.unwrap_or(CHART_WIDTH) + theme::GAP, 0.0),
            Some(ChartsAt::Below) => room - Vec2::new(0.0, self.chosen.unwrap_or(CHART_HEIGHT) + theme::GAP),
            None => room,
        };
        let (rows, columns) = (self.rows() as f32, self.columns as f32);
        let across = (left.x - (columns - 1.0) * theme::GAP) / columns;
        let down = (left.y - (rows - 1.0) * theme::GAP) / rows - theme::TILE_TITLE - theme::TILE_CAPTION;
        Self { side: across.min(down).max(0.0).floor(), ..self }
    }

    /// Where tile `number` is, title and caption included.
    pub fn tile(self, room: Rect, number: usize) -> Rect {
        let size = Vec2::new(self.side, self.side + theme::TILE_TITLE + theme::TILE_CAPTION);
        let place = Vec2::new((number % self.columns) as f32, (number / self.columns) as f32);
        // Where nothing else is in the room, the tiles are in the middle of it.
        let free = if self.charts.is_none() { (room.size() - self.tiles()) / 2.0 } else { Vec2::ZERO };
        Rect::from_min_size(room.min + free + place * (size + Vec2::splat(theme::GAP)), size)
    }

    /// The size of all tiles together.
    fn tiles(self) -> Vec2 {
        let (rows, columns) = (self.rows() as f32, self.columns as f32);
        let height = self.side + theme::TILE_TITLE + theme::TILE_CAPTION;
        Vec2::new(columns * self.side + (columns - 1.0) * theme::GAP, rows * height + (rows - 1.0) * theme::GAP)
    }

    /// The room of all charts together, and where it is.
    fn charts(self, room: Rect) -> Option<(ChartsAt, Rect)> {
        let at = self.charts?;
        let area = match (at, self.chosen) {
            (ChartsAt::Right, Some(width)) => room.with_min_x(room.right() - width),
            (ChartsAt::Right, None) => room.with_min_x(room.left() + self.tiles().x + theme::GAP),
            (ChartsAt::Below, Some(height)) => room.with_min_y(room.bottom() - height),
            (ChartsAt::Below, None) => room.with_min_y(room.top() + self.tiles().y + theme::GAP),
        };
        Some((at, area))
    }

    /// Where chart `number` is, title included.
    pub fn chart(self, room: Rect, number: usize) -> Option<Rect> {
        let (at, area) = self.charts(room)?;
        let along = if at == ChartsAt::Right { Vec2::Y } else { Vec2::X };
        let gaps = (CHARTS - 1) as f32 * theme::GAP;
        let whole = area.size() - along * gaps;
        let size = whole * (Vec2::splat(1.0) - along) + whole * along / CHARTS as f32;
        let origin = area.min + along * number as f32 * (size + Vec2::splat(theme::GAP));
        Some(Rect::from_min_size(origin, size))
    }

    /// The gap between tiles and charts, and at which side of it the charts are.
    pub fn gap(self, room: Rect) -> Option<(ChartsAt, Rect)> {
        let (at, area) = self.charts(room)?;
        let gap = match at {
            ChartsAt::Right => area.with_max_x(area.left()).with_min_x(area.left() - theme::GAP),
            ChartsAt::Below => area.with_max_y(area.top()).with_min_y(area.top() - theme::GAP),
        };
        Some((at, gap))
    }
}

/// The split that brings the gap under the pointer.
pub fn split_at(room: Rect, at: ChartsAt, pointer: egui::Pos2) -> Split {
    let share = match at {
        ChartsAt::Right => (room.right() - pointer.x - theme::GAP / 2.0) / room.width(),
        ChartsAt::Below => (room.bottom() - pointer.y - theme::GAP / 2.0) / room.height(),
    };
    Split { at, share: share.clamp(0.0, 1.0) }
}

/// Width or height of the charts under a split: charts and tiles stay large enough to be read.
fn chosen(room: Vec2, split: Split) -> f32 {
    let tile = MIN_SIDE + theme::GAP;
    let (length, least, most) = match split.at {
        ChartsAt::Right => (room.x, CHART_WIDTH, room.x - tile),
        ChartsAt::Below => (room.y, CHART_HEIGHT, room.y - tile - theme::TILE_TITLE - theme::TILE_CAPTION),
    };
    (length * split.share).clamp(least, most.max(least))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(width: f32, height: f32) -> Rect {
        Rect::from_min_size(egui::pos2(10.0, 20.0), Vec2::new(width, height))
    }

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_room() {
        let right = |share| Some(Split { at: ChartsAt::Right, share });
        let below = |share| Some(Split { at: ChartsAt::Below, share });
        for (width, height) in [(700.0, 560.0), (960.0, 680.0), (1600.0, 960.0), (2200.0, 500.0), (400.0, 1200.0)] {
            let room = room(width, height);
            for split in [None, right(0.0), right(0.6), right(1.0), below(0.0), below(0.4), below(1.0)] {
                for (charts, count) in [(true, 4), (false, 4), (true, 1), (true, 7), (false, 2)] {
                    let arrangement = Arrangement::best(room.size(), count, charts, split);
                    let tiles = (0..count).map(|number| arrangement.tile(room, number));
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
    }

    #[test]
    fn a_wide_room_has_one_row_and_a_square_one_has_two() {
        assert_eq!(Arrangement::best(Vec2::new(2200.0, 620.0), 4, true, None).columns, 4);
        assert_eq!(Arrangement::best(Vec2::new(1100.0, 760.0), 4, true, None).columns, 2);
    }

    #[test]
    fn a_tile_alone_is_larger_than_among_others() {
        let room = Vec2::new(1100.0, 760.0);
        let [alone, four] = [1, 4].map(|tiles| Arrangement::best(room, tiles, true, None).side);
        assert!(alone > 1.5 * four, "{alone} {four}");
    }

    #[test]
    fn the_gap_is_where_it_was_dragged_to() {
        let room = room(1100.0, 760.0);
        for (at, pointer) in [(ChartsAt::Right, egui::pos2(700.0, 300.0)), (ChartsAt::Below, egui::pos2(300.0, 400.0))]
        {
            let split = split_at(room, at, pointer);
            let (side, gap) = Arrangement::best(room.size(), 4, true, Some(split)).gap(room).unwrap();
            assert_eq!(side, at);
            assert!(gap.expand(0.1).contains(egui::pos2(pointer.x.max(gap.left()), pointer.y.max(gap.top()))));
            let off = if at == ChartsAt::Right { gap.center().x - 700.0 } else { gap.center().y - 400.0 };
            assert!(off.abs() < 0.1, "{gap:?}");
        }
    }
}
