//! Which tiles are on the wall, in which order, and how much room they have.

use std::collections::BTreeSet;

use crate::explain::MethodKind;

/// A tile of the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tile {
    /// The whole picture.
    Original,
    /// A method's map.
    Method(MethodKind),
}

impl Tile {
    /// Its name in a menu.
    pub fn title(self) -> &'static str {
        match self {
            Self::Original => "Original",
            Self::Method(method) => method.title(),
        }
    }
}

/// Where the charts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartsAt {
    /// At the right of the tiles.
    Right,
    /// Below the tiles.
    Below,
}

/// How the wall is shared out between tiles and charts, once the user has moved the line between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Where the charts are.
    pub at: ChartsAt,
    /// Their share of the wall's width or height, in `[0, 1]`.
    pub share: f32,
}

/// The tiles of the wall.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiles {
    order: Vec<Tile>,
    hidden: BTreeSet<Tile>,
    alone: Option<Tile>,
    /// The room of the charts; as it leaves the tiles largest if none.
    pub split: Option<Split>,
}

impl Default for Tiles {
    fn default() -> Self {
        let methods = MethodKind::ALL.map(Tile::Method);
        let order = std::iter::once(Tile::Original).chain(methods).collect();
        Self { order, hidden: BTreeSet::new(), alone: None, split: None }
    }
}

impl Tiles {
    /// Every tile, in the order of the wall.
    pub fn all(&self) -> &[Tile] {
        &self.order
    }

    /// Whether it is not hidden.
    pub fn has(&self, tile: Tile) -> bool {
        !self.hidden.contains(&tile)
    }

    /// The tiles to draw, in order: one at least.
    pub fn drawn(&self) -> Vec<Tile> {
        match self.alone {
            Some(tile) => vec![tile],
            None => self.order.iter().copied().filter(|&tile| self.has(tile)).collect(),
        }
    }

    /// The tile that has the whole wall, if one does.
    pub fn alone(&self) -> Option<Tile> {
        self.alone
    }

    /// Hides a tile or shows it again; the last one stays.
    pub fn toggle(&mut self, tile: Tile) {
        self.alone = None;
        if !self.hidden.remove(&tile) && self.drawn().len() > 1 {
            self.hidden.insert(tile);
        }
    }

    /// Gives a tile the whole wall, or takes it back.
    pub fn toggle_alone(&mut self, tile: Tile) {
        self.alone = if self.alone == Some(tile) { None } else { Some(tile) };
    }

    /// Puts a tile in another's place; those between move up.
    pub fn move_to(&mut self, tile: Tile, place_of: Tile) {
        let find = |wanted: Tile| self.order.iter().position(|&tile| tile == wanted);
        if let (Some(from), Some(to)) = (find(tile), find(place_of)) {
            let tile = self.order.remove(from);
            self.order.insert(to, tile);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IGOS: Tile = Tile::Method(MethodKind::Igos);
    const GRAD_CAM: Tile = Tile::Method(MethodKind::GradCam);

    #[test]
    fn every_method_has_a_tile_after_the_original() {
        let drawn = Tiles::default().drawn();
        assert_eq!(drawn.len(), 1 + MethodKind::ALL.len());
        assert_eq!(drawn[..2], [Tile::Original, IGOS]);
    }

    #[test]
    fn a_tile_takes_the_place_it_is_put_in_from_either_side() {
        let mut tiles = Tiles::default();
        tiles.move_to(GRAD_CAM, Tile::Original);
        assert_eq!(tiles.drawn()[..3], [GRAD_CAM, Tile::Original, IGOS]);
        tiles.move_to(GRAD_CAM, IGOS);
        assert_eq!(tiles.drawn()[..3], [Tile::Original, IGOS, GRAD_CAM]);
    }

    #[test]
    fn tiles_can_be_hidden_but_for_the_last_one() {
        let mut tiles = Tiles::default();
        for tile in tiles.all().to_vec() {
            tiles.toggle(tile);
        }
        assert_eq!(tiles.drawn().len(), 1);
        tiles.toggle(IGOS);
        assert!(tiles.has(IGOS));
    }

    #[test]
    fn a_tile_alone_is_the_only_one_and_leaves_the_others_as_they_were() {
        let mut tiles = Tiles::default();
        let before = tiles.drawn();
        tiles.toggle_alone(IGOS);
        assert_eq!(tiles.drawn(), [IGOS]);
        tiles.toggle_alone(IGOS);
        assert_eq!(tiles.drawn(), before);
    }
}
