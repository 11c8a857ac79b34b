//! What the model makes of a picture between the ends of a curve, written on that picture.

use egui::{Align2, Color32, CornerRadius, Rect, Role, Sense, TextStyle, Ui, Vec2, WidgetInfo};

use crate::{
    app::{numbers, theme, ui::widgets::painting},
    explain::{Change, Method, Prediction},
};

/// Greatest width of the classes on a picture, in points.
const TOP_WIDTH: f32 = 190.0;
/// Space around the words on a picture, in points.
const TAG: Vec2 = Vec2::new(6.0, 3.0);

/// Draws how much of the picture is changed, and the newest answer with whether it is for just this picture: an older
/// one is greyed until the model has looked. `class` is the one that is explained.
pub fn top_ui(
    ui: &Ui,
    rect: Rect,
    method: &'static Method,
    (change, fraction): (Change, f32),
    top: Option<(&[Prediction], bool)>,
    class: Option<usize>,
) {
    let words = changed_words(change, fraction);
    tag(ui, rect, &words);
    let Some((top, is_current)) = top else { return };
    let row = ui.text_style_height(&TextStyle::Small) + TAG.y;
    let height = row * top.len() as f32 + TAG.y;
    let width = rect.width().min(TOP_WIDTH);
    let place = Rect::from_min_size(rect.left_bottom() - Vec2::new(0.0, height), Vec2::new(width, height));
    let place = place.intersect(rect);
    ui.painter().rect_filled(place, CornerRadius::ZERO, theme::TAG_FILL);
    for (number, prediction) in top.iter().enumerate() {
        let min = place.min + Vec2::new(0.0, TAG.y / 2.0 + number as f32 * row);
        let line = Rect::from_min_size(min, Vec2::new(width, row));
        let is_explained = class == Some(prediction.id);
        if is_explained {
            let mark = Rect::from_min_size(line.min, Vec2::new(theme::BAR, row));
            ui.painter().rect_filled(mark, CornerRadius::ZERO, theme::method_color(method));
        }
        let color = color(is_current, is_explained);
        let line = line.shrink2(Vec2::new(TAG.x, 0.0));
        let answer = numbers::answer(prediction.answer);
        let number = painting::text(ui, line, Align2::RIGHT_CENTER, answer, TextStyle::Small, color);
        let name = line.with_max_x(number.left() - theme::SPACE);
        painting::text(ui, name, Align2::LEFT_CENTER, &prediction.name, TextStyle::Small, color);
    }
    if is_current {
        let classes: Vec<String> =
            top.iter().map(|class| format!("{} {}", class.name, numbers::answer(class.answer))).collect();
        let response = ui.interact(place, ui.scope_id().with(("top classes", method)), Sense::hover());
        let label = || text!("curves-top", method = method.title, shown = words.as_str(), classes = classes.join(", "));
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, label()));
    }
}

fn color(is_current: bool, is_explained: bool) -> Color32 {
    match (is_current, is_explained) {
        (true, true) => Color32::WHITE,
        (true, false) => theme::ON_SCRIM.gamma_multiply(0.8),
        (false, _) => theme::ON_SCRIM.gamma_multiply(0.5),
    }
}

/// How much of a picture is changed, in words.
pub fn changed_words(change: Change, fraction: f32) -> String {
    let share = numbers::share(fraction);
    match change {
        Change::Deletion => text!("curves-share-deleted", share = share),
        Change::Insertion => text!("curves-share-revealed", share = share),
    }
}

/// Words in the upper left corner of a picture.
pub fn tag(ui: &Ui, rect: Rect, words: &str) {
    let width = painting::width(ui, words, TextStyle::Small) + 2.0 * TAG.x;
    let height = ui.text_style_height(&TextStyle::Small) + 2.0 * TAG.y;
    let place = Rect::from_min_size(rect.min, Vec2::new(width, height)).intersect(rect);
    ui.painter().rect_filled(place, CornerRadius::ZERO, theme::TAG_FILL);
    painting::text(ui, place, Align2::CENTER_CENTER, words, TextStyle::Small, theme::ON_SCRIM);
}
