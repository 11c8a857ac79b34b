//! Which tiles are on the wall, in which order, and how much room they have.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::explain::{Method, methods};

/// A tile of the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tile {
    /// The whole picture.
    Original,
    /// A method's map.
    Method(&'static Method),
}

impl Tile {
    /// Its name in a menu.
    pub fn title(self) -> String {
        match self {
            Self::Original => text!("tile-original"),
            Self::Method(method) => method.title.to_owned(),
        }
    }
}

/// Where the charts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChartsAt {
    /// At the right of the tiles.
    Right,
    /// Below the tiles.
    Below,
}

/// How the wall is shared out between tiles and charts, once the user has moved the line between them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Where the charts are.
    pub at: ChartsAt,
    /// Their share of the wall's width or height, in `[0, 1]`.
    pub share: f32,
}

/// The tiles of the wall. Each of them is in its order once, and one at least is not hidden.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub struct Tiles {
    order: Vec<Tile>,
    hidden: BTreeSet<Tile>,
    alone: Option<Tile>,
    /// The room of the charts; as it leaves the tiles largest if none.
    pub split: Option<Split>,
}

/// The tiles as they are kept in settings, where anything may stand: another version has other methods.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    order: Value,
    hidden: Value,
    split: Value,
}

impl Kept {
    /// The tiles of a list that there are, in its order.
    fn known(list: &Value) -> impl Iterator<Item = Tile> {
        let items = list.as_array().map_or(&[][..], Vec::as_slice);
        items.iter().filter_map(|item| Tile::deserialize(item).ok())
    }
}

impl From<Tiles> for Kept {
    fn from(tiles: Tiles) -> Self {
        // None of these can fail; nothing is kept of one that did.
        let value = |made: serde_json::Result<Value>| made.unwrap_or_default();
        Self {
            order: value(serde_json::to_value(tiles.order)),
            hidden: value(serde_json::to_value(tiles.hidden)),
            split: value(serde_json::to_value(tiles.split)),
        }
    }
}

impl From<Kept> for Tiles {
    /// What is not named comes where it usually is after the others, and is shown if it usually is; what is named twice
    /// counts once.
    fn from(kept: Kept) -> Self {
        let mut tiles = Self::default();
        let mut order: Vec<Tile> = Vec::with_capacity(tiles.order.len());
        for tile in Kept::known(&kept.order).chain(tiles.order.iter().copied()) {
            if !order.contains(&tile) {
                order.push(tile);
            }
        }
        tiles.order = order;
        let named: BTreeSet<Tile> = Kept::known(&kept.order).collect();
        tiles.hidden.retain(|tile| !named.contains(tile));
        for tile in Kept::known(&kept.hidden) {
            if tiles.has(tile) {
                tiles.toggle(tile);
            }
        }
        let split = Split::deserialize(&kept.split).ok().filter(|split| split.share.is_finite());
        tiles.split = split.map(|split| Split { share: split.share.clamp(0.0, 1.0), ..split });
        tiles
    }
}

impl Default for Tiles {
    fn default() -> Self {
        let tiles = methods().iter().copied().map(Tile::Method);
        let order = std::iter::once(Tile::Original).chain(tiles).collect();
        let hidden = methods().iter().filter(|method| !method.is_usual).map(|method| Tile::Method(method)).collect();
        Self { order, hidden, alone: None, split: None }
    }
}

impl Tiles {
    /// The methods that are on the wall, in its order.
    pub fn methods(&self) -> Vec<&'static Method> {
        let method = |tile: &Tile| if let Tile::Method(method) = tile { Some(*method) } else { None };
        self.order.iter().filter(|tile| self.has(**tile)).filter_map(method).collect()
    }

    /// Every tile, in the order of the wall.
    pub fn all(&self) -> &[Tile] {
        &self.order
    }

    /// Whether it is not hidden.
    pub fn has(&self, tile: Tile) -> bool {
        !self.hidden.contains(&tile)
    }

    /// How many are not hidden.
    pub fn shown(&self) -> usize {
        self.order.iter().filter(|&&tile| self.has(tile)).count()
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

    /// Shows the tiles of methods, beside those that are not hidden.
    pub fn show(&mut self, methods: &[&'static Method]) {
        self.alone = None;
        self.hidden.retain(|tile| !matches!(tile, Tile::Method(method) if methods.contains(method)));
    }

    /// Shows the tiles of these methods and of no others.
    pub fn show_only(&mut self, methods: &[&'static Method]) {
        self.show(methods);
        let is_other = |tile: &&Tile| matches!(tile, Tile::Method(method) if !methods.contains(method));
        let others: Vec<Tile> = self.drawn().iter().filter(is_other).copied().collect();
        others.into_iter().for_each(|tile| self.toggle(tile));
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
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::explain::{self, usual_methods};

    const IGOS: Tile = Tile::Method(&explain::IGOS);
    const GRAD_CAM: Tile = Tile::Method(&explain::GRAD_CAM);

    #[test]
    fn every_usual_method_is_drawn_after_the_original() {
        let drawn = Tiles::default().drawn();
        assert_eq!(drawn.len(), 1 + usual_methods().len());
        assert_eq!(drawn[..2], [Tile::Original, IGOS]);
        assert_eq!(Tiles::default().all().len(), 1 + methods().len());
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
        for tile in tiles.drawn() {
            tiles.toggle(tile);
        }
        assert_eq!(tiles.drawn().len(), 1);
        tiles.toggle(IGOS);
        assert!(tiles.has(IGOS));
    }

    #[test]
    fn the_tiles_of_some_methods_can_be_the_only_ones() {
        let mut tiles = Tiles::default();
        tiles.show_only(&[&explain::GRAD_CAM]);
        assert_eq!(tiles.drawn(), [Tile::Original, GRAD_CAM]);
        tiles.show_only(&[&explain::IGOS]);
        assert_eq!(tiles.drawn(), [Tile::Original, IGOS]);
        tiles.toggle(Tile::Original);
        tiles.show_only(&[]);
        assert_eq!(tiles.drawn(), [IGOS], "one at least is there");
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

    #[test]
    fn what_is_kept_by_another_version_or_by_hand_still_has_every_tile_once() {
        let kept = json!({
            "order": [{"method": "grad-cam"}, {"method": "of-tomorrow"}, "original", {"method": "grad-cam"}, 7],
            "hidden": [{"method": "igos"}, {"method": "igos"}, "unheard-of"],
            "split": {"at": "right", "share": 9.0},
        });
        let tiles = Tiles::deserialize(kept).unwrap();
        assert_eq!(tiles.all()[..2], [GRAD_CAM, Tile::Original]);
        assert_eq!(tiles.all().len(), Tiles::default().all().len());
        assert!(!tiles.has(IGOS) && tiles.has(GRAD_CAM));
        assert_eq!(tiles.split, Some(Split { at: ChartsAt::Right, share: 1.0 }));
        let wrong = Tiles::deserialize(json!({"order": "first", "hidden": {}, "split": 3})).unwrap();
        assert_eq!(wrong, Tiles::default());
    }

    /// Lists of tiles as they may stand in a file.
    fn lists() -> impl Strategy<Value = Value> {
        let names = prop::sample::select(vec!["original", "igos", "grad-cam", "integrated-gradients", "of-tomorrow"]);
        let tile = (names, any::<bool>()).prop_map(
            |(name, is_method)| {
                if is_method { json!({ "method": name }) } else { json!(name) }
            },
        );
        prop::collection::vec(tile, 0..9).prop_map(Value::Array)
    }

    proptest! {
        #[test]
        fn whatever_is_kept_there_is_a_wall_that_is_kept_as_it_is(
            order in lists(), hidden in lists(), share in any::<f32>(), below in any::<bool>(),
        ) {
            let at = if below { "below" } else { "right" };
            let kept = json!({ "order": order, "hidden": hidden, "split": { "at": at, "share": share } });
            let tiles = Tiles::deserialize(kept).unwrap();
            let mut sorted = tiles.all().to_vec();
            sorted.sort();
            let mut usual = Tiles::default().all().to_vec();
            usual.sort();
            prop_assert_eq!(sorted, usual, "every tile once");
            prop_assert!(!tiles.drawn().is_empty());
            prop_assert!(tiles.split.is_none_or(|split| (0.0..=1.0).contains(&split.share)));
            let text = serde_json::to_string(&tiles).unwrap();
            prop_assert_eq!(serde_json::from_str::<Tiles>(&text).unwrap(), tiles);
        }
    }
}
