//! The original's tile: the whole photo, with what the model does not see darkened.

use egui::{Rect, Ui, UiBuilder, Vec2, emath::RectTransform};

use super::{
    caption::{self, Caption},
    crop,
    tile::{self, Parts, Scene, Title},
};
use crate::app::{
    jobs::pictures::{Plain, PlainPlace},
    numbers,
    state::{action::Action, tiles::Tile, titles},
    ui::widgets::painting,
};

/// Draws the tile.
pub fn original_ui(ui: &mut Ui, place: Rect, scene: &mut Scene<'_>, actions: &mut Vec<Action>) {
    let parts = Parts::of(place);
    let (state, picture) = (scene.state, scene.picture);
    let photo = &picture.photo;
    let zoom = scene.viewport.zoom;
    let size = format!("{} × {}", photo.width(), photo.height());
    let old = state.old();
    let detail = if let Some(old) = old {
        titles::old(old)
    } else if zoom.is_whole() {
        size
    } else {
        format!("{size} · {:.1}×", zoom.factor())
    };
    let title = Title { tile: Tile::Original, dot: None, words: &photo.name, detail: &detail, is_old: old.is_some() };
    tile::title_ui(ui, parts.title, &title, scene, actions);

    let of = Plain::Whole { picture: picture.id, sharp: scene.preview.is_some() };
    let image = scene.preview.map_or(&*picture.thumbnail, |preview| &preview.whole);
    let drawn = scene.pictures.plain(ui.ctx(), PlainPlace::Original, of, image);
    let (texture, fitted) = (drawn.texture(), painting::fitted(drawn.size(), parts.picture));
    // At the top, in line with the other tiles, and its caption right below it.
    let fitted = fitted.translate(Vec2::new(0.0, parts.picture.top() - fitted.top()));
    let whole = crop::seen(fitted, state, picture).unwrap_or(fitted);
    let enlarged = RectTransform::from_to(whole, zoom.placed(whole)).transform_rect(fitted);
    let rect = enlarged.intersect(parts.picture);
    tile::picture_response(ui, rect, whole, Tile::Original, &photo.name, scene);
    painting::image(&ui.painter().with_clip_rect(rect), texture, enlarged);

    let Some(seen) = picture.shown().and_then(|run| run.seen.as_ref()) else { return };
    let square = ui
        .scope_builder(UiBuilder::new().max_rect(rect).id_salt("original"), |ui| {
            ui.set_clip_rect(rect.intersect(ui.clip_rect()));
            // Enlarged, a drag moves what is seen of all tiles.
            crop::crop_ui(ui, enlarged, zoom.is_whole(), state, picture, actions)
        })
        .inner;
    let Some(square) = square else { return };
    let below = parts.caption.translate(Vec2::new(0.0, rect.bottom() - parts.caption.top()));
    let against = seen.against.as_ref();
    let against = against.map(|against| (text!("tile-against", class = against.name.as_str()), against.answer));
    let pairs = [(seen.class.name.clone(), seen.class.answer)].into_iter().chain(against);
    let numbers = pairs.map(|(words, answer)| (words, numbers::answer(answer))).collect();
    let caption = Caption { numbers, ..Caption::default() }.of(old);
    caption::caption_ui(ui, below, Tile::Original, &caption, None);
    tile::mark(ui, square.intersect(rect), square, scene.viewport.marked);
}
