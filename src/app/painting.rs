//! Small things that several panels paint.

use egui::{
    Align2, Color32, Direction, FontSelection, Layout, Painter, Pos2, Rect, Response, TextStyle, TextWrapMode,
    TextureId, Ui, UiBuilder, Vec2, Widget, WidgetText, pos2,
};

use super::theme;

/// Paints the whole of a picture in `rect`.
pub fn image(painter: &Painter, texture: TextureId, rect: Rect) {
    painter.image(texture, rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Color32::WHITE);
}

/// Paints one line of text in `rect`, cut with … where it is too long. Returns the place it took.
pub fn text(ui: &Ui, rect: Rect, align: Align2, text: impl Into<WidgetText>, style: TextStyle, color: Color32) -> Rect {
    let font = FontSelection::from(style);
    let galley = text.into().into_galley(ui, Some(TextWrapMode::Truncate), rect.width(), font);
    let place = align.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, color);
    place
}

/// The width of a line of text.
pub fn width(ui: &Ui, text: &str, style: TextStyle) -> f32 {
    WidgetText::from(text).into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, style).size().x
}

/// The largest rectangle of a picture's shape in the middle of `rect`.
pub fn fitted(size: Vec2, rect: Rect) -> Rect {
    let scale = (rect.width() / size.x.max(1.0)).min(rect.height() / size.y.max(1.0));
    Rect::from_center_size(rect.center(), size * scale)
}

/// A cross, seen on any picture.
pub fn cross(painter: &Painter, center: Pos2) {
    for stroke in theme::MARK_STROKES {
        let arm = theme::CROSS;
        painter.line_segment([center - Vec2::new(arm, 0.0), center + Vec2::new(arm, 0.0)], stroke);
        painter.line_segment([center - Vec2::new(0.0, arm), center + Vec2::new(0.0, arm)], stroke);
    }
}

/// Puts a widget in `rect`, over what is there, and leaves the cursor where it is.
pub fn put(ui: &mut Ui, rect: Rect, widget: impl Widget) -> Response {
    let layout = Layout::centered_and_justified(Direction::TopDown);
    ui.new_child(UiBuilder::new().max_rect(rect).layout(layout)).add(widget)
}
