//! Small things that several panels paint.

use std::{f32::consts::FRAC_PI_2, sync::Arc};

use egui::{
    Align, Align2, Color32, Direction, FontSelection, Galley, Label, Layout, Mesh, Painter, Pos2, Rect, Response,
    RichText, Sense, TextStyle, TextWrapMode, TextureId, Ui, UiBuilder, Vec2, Widget, WidgetText, epaint::TextShape,
    pos2, text::LayoutJob, vec2,
};

use crate::{app::theme, imaging::Colormap};

/// Length of an arm of the cross that marks the cursor's place in every tile, in points.
const CROSS: f32 = 7.0;
/// Straight parts of a bar of colours: the eye sees no more.
const COLOR_PARTS: u32 = 24;
/// Shapes that differ by less than this share are the same but for rounding.
const SAME_SHAPE: f32 = 1e-4;

/// Paints the whole of a picture in `rect`, if there is one.
pub fn image(painter: &Painter, texture: Option<TextureId>, rect: Rect) {
    if let Some(texture) = texture {
        painter.image(texture, rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Color32::WHITE);
    }
}

/// Paints one line of text in `rect`, cut with … where it is too long. Returns the place it took.
pub fn text(ui: &Ui, rect: Rect, align: Align2, text: impl Into<WidgetText>, style: TextStyle, color: Color32) -> Rect {
    let font = FontSelection::from(style);
    let galley = text.into().into_galley(ui, Some(TextWrapMode::Truncate), rect.width(), font);
    let place = align.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, color);
    place
}

/// Paints one line of text upwards in the middle of `rect`, cut with … where it is too long.
pub fn upright(ui: &Ui, rect: Rect, text: impl Into<WidgetText>, style: TextStyle, color: Color32) {
    let font = FontSelection::from(style);
    let galley = text.into().into_galley(ui, Some(TextWrapMode::Truncate), rect.height(), font);
    // It turns about its upper left corner.
    let corner = rect.center() + Vec2::new(-galley.size().y, galley.size().x) / 2.0;
    ui.painter().add(TextShape::new(corner, galley, color).with_angle(-FRAC_PI_2));
}

/// Some lines of text, as wide as `width` at most and each in the middle: to be painted from the middle of their top.
pub fn paragraph(ui: &Ui, words: String, width: f32, color: Color32) -> Arc<Galley> {
    let mut job = LayoutJob::simple(words, TextStyle::Body.resolve(ui.style()), color, width);
    job.halign = Align::Center;
    ui.painter().layout_job(job)
}

/// Paints some lines of text in the middle of `rect`, as many as it needs.
pub fn wrapped(ui: &Ui, rect: Rect, words: String, color: Color32) {
    let galley = paragraph(ui, words, rect.width(), color);
    let top = rect.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(rect.center().x, top), galley, color);
}

/// The width of a line of text.
pub fn width(ui: &Ui, text: &str, style: TextStyle) -> f32 {
    WidgetText::from(text).into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, style).size().x
}

/// The largest rectangle of a picture's shape in the middle of `rect`.
pub fn fitted(size: Vec2, rect: Rect) -> Rect {
    let scales = rect.size() / size.max(Vec2::splat(1.0));
    let scale = scales.min_elem();
    if scales.max_elem() - scale < SAME_SHAPE * scale {
        return rect;
    }
    Rect::from_center_size(rect.center(), size * scale)
}

/// A cross, seen on any picture.
pub fn cross(painter: &Painter, center: Pos2) {
    for stroke in theme::MARK_STROKES {
        let arm = CROSS;
        painter.line_segment([center - Vec2::new(arm, 0.0), center + Vec2::new(arm, 0.0)], stroke);
        painter.line_segment([center - Vec2::new(0.0, arm), center + Vec2::new(0.0, arm)], stroke);
    }
}

/// The colours of values from 0, or from −1 if they are signed, at the left to 1 at the right.
pub fn color_bar(painter: &Painter, rect: Rect, colormap: Colormap, is_signed: bool) {
    let mut mesh = Mesh::default();
    for part in 0..=COLOR_PARTS {
        let share = part as f32 / COLOR_PARTS as f32;
        let [red, green, blue] = colormap.rgb(if is_signed { 2.0 * share - 1.0 } else { share });
        let color = Color32::from_rgb(red, green, blue);
        let x = rect.left() + rect.width() * share;
        mesh.colored_vertex(pos2(x, rect.top()), color);
        mesh.colored_vertex(pos2(x, rect.bottom()), color);
    }
    for first in (0..2 * COLOR_PARTS).step_by(2) {
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first + 1, first + 2, first + 3);
    }
    painter.add(mesh);
}

/// Values on a grid of `columns` columns, row by row, in colours: from 0 or less to the largest.
pub fn cells(painter: &Painter, rect: Rect, values: &[f32], columns: usize, colormap: Colormap) {
    let rows = values.len() / columns.max(1);
    let size = vec2(rect.width() / columns.max(1) as f32, rect.height() / rows.max(1) as f32);
    let largest = values.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(*value));
    let mut mesh = Mesh::default();
    for (place, value) in values.iter().enumerate() {
        let [red, green, blue] = colormap.rgb((value / largest).clamp(0.0, 1.0));
        let at = rect.min + vec2((place % columns) as f32 * size.x, (place / columns) as f32 * size.y);
        mesh.add_colored_rect(Rect::from_min_size(at, size), Color32::from_rgb(red, green, blue));
    }
    painter.add(mesh);
}

/// Lets the rows of a readout be small and near each other.
pub fn readout_style(ui: &mut Ui) {
    ui.style_mut().override_text_style = Some(TextStyle::Small);
    ui.spacing_mut().item_spacing = Vec2::new(theme::SPACE, 2.0);
    ui.spacing_mut().interact_size.y = ui.text_style_height(&TextStyle::Small);
}

/// A dot of a line's colour before its name.
pub fn dot(ui: &mut Ui, color: Color32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(theme::DOT), Sense::hover());
    ui.painter().circle_filled(rect.center(), theme::DOT / 2.0, color);
}

/// Puts a widget in `rect`, over what is there, and leaves the cursor where it is.
pub fn put(ui: &mut Ui, rect: Rect, widget: impl Widget) -> Response {
    let layout = Layout::centered_and_justified(Direction::TopDown);
    ui.new_child(UiBuilder::new().max_rect(rect).layout(layout)).add(widget)
}

/// Some words in lines that wrap: on the next line if they are too long for what is left of this one, and cut with … only if
/// they are too long for any. A label alone would be broken within itself.
pub fn words(ui: &mut Ui, words: RichText) -> Response {
    let galley =
        WidgetText::from(words.clone()).into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, TextStyle::Body);
    if galley.size().x > ui.available_size_before_wrap().x {
        ui.end_row();
    }
    ui.add(Label::new(words).truncate())
}
