//! The tile of a method that found nothing: the picture without a map, why there is none, and what to try.

use egui::{Button, Rect, Role, TextStyle, Ui, Vec2, WidgetInfo, pos2};

use super::{method_tile::plain, tile::Scene};
use crate::{
    app::{
        state::{action::Action, titles},
        theme,
        ui::widgets::painting,
    },
    explain::Explanation,
    imaging::CropMode,
};

/// Space between the words and the edges of the picture, in points.
const MARGIN: f32 = 12.0;

/// Says in a line that a method found nothing, and why.
pub fn words(result: &Explanation) -> String {
    let why = |why| result.refused().map_or_else(|| titles::nothing(why), str::to_owned);
    result.nothing.map_or_else(String::new, |nothing| text!("nothing", why = why(nothing)))
}

/// Draws the picture that is cut like this, darkened, with why nothing was found and a button for what to try.
pub fn nothing_ui(
    ui: &mut Ui,
    rect: Rect,
    crop: CropMode,
    result: &Explanation,
    scene: &mut Scene<'_>,
    actions: &mut Vec<Action>,
) {
    let square = scene.viewport.zoom.placed(rect);
    let is_there = plain(ui, &ui.painter().with_clip_rect(rect), square, crop, scene);
    let visuals = ui.visuals();
    let (ground, color) =
        if is_there { (theme::SCRIM, theme::ON_SCRIM) } else { (visuals.faint_bg_color, visuals.text_color()) };
    ui.painter().rect_filled(rect, 0.0, ground);
    // What is offered was asked for already where the map is of an earlier run.
    let offer = scene.state.offer(result).filter(|_| scene.state.old().is_none());
    let inner = rect.shrink(MARGIN);
    let galley = painting::paragraph(ui, words(result), inner.width(), color);
    let button = offer.as_ref().map_or(0.0, |_| ui.spacing().interact_size.y + theme::GAP);
    let top = inner.center().y - (galley.size().y + button) / 2.0;
    let bottom = top + galley.size().y;
    ui.painter().with_clip_rect(rect).galley(pos2(inner.center().x, top), galley, color);
    let Some(offer) = offer else { return };
    let width = painting::width(ui, &offer.words, TextStyle::Button) + 2.0 * ui.spacing().button_padding.x;
    let size = Vec2::new(width.min(inner.width()), ui.spacing().interact_size.y);
    let place = Rect::from_min_size(pos2(inner.center().x - size.x / 2.0, bottom + theme::GAP), size);
    let button = painting::put(ui, place, Button::new(offer.words.as_str()).truncate());
    let title = result.method.title;
    button.widget_info(|| {
        let label = text!("remedy", method = title, words = offer.words.as_str());
        WidgetInfo::labeled(Role::Button, true, label)
    });
    if button.on_hover_text(text!("remedy", "help", method = title)).clicked() {
        actions.push(offer.action);
    }
}
