//! What the window shows before there is a picture: what to do.

use egui::{Align2, Button, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo};
use image::RgbImage;

use crate::{
    app::{
        jobs::pictures::{Pictures, Plain, PlainPlace},
        state::{action::Action, titles},
        theme,
        ui::widgets::painting,
    },
    imaging::{CropRule, SAMPLES, Sample},
    worker::Source,
};

/// Side of the pictures in the empty window's row of samples, in points.
const SAMPLE: f32 = 112.0;
/// The same where there is little room.
const MIN_SAMPLE: f32 = 40.0;
/// Least width and height of the empty window's button, in points.
const BIG_BUTTON: Vec2 = Vec2::new(120.0, 32.0);
/// Size of the words on the empty window's button, in points.
const BIG_BUTTON_TEXT: f32 = 15.0;
/// Height of the words and the button above the samples, in points.
const WORDS_HEIGHT: f32 = 150.0;

/// Draws the empty window. `samples` are the samples' pictures, as far as they are there.
pub fn empty_ui(ui: &mut Ui, samples: &[RgbImage], pictures: &mut Pictures, actions: &mut Vec<Action>) {
    let room = ui.available_rect_before_wrap();
    let words = ui.text_style_height(&TextStyle::Small) + theme::GAP + theme::SPACE;
    let (side, columns) = arranged(room.size() - Vec2::new(0.0, WORDS_HEIGHT), words);
    let rows = SAMPLES.len().div_ceil(columns.max(1));
    let row_height = side + words;
    ui.add_space(((room.height() - WORDS_HEIGHT - rows as f32 * row_height) / 2.0).max(0.0));
    ui.vertical_centered(|ui| {
        ui.label(RichText::new(text!("empty-title")).size(theme::HEADLINE).strong());
        ui.label(text!("empty-purpose"));
        ui.add_space(theme::GAP);
        let open = Button::new(RichText::new(text!("open")).size(BIG_BUTTON_TEXT)).min_size(BIG_BUTTON);
        if ui.add(open).clicked() {
            actions.push(Action::OpenDialog);
        }
        ui.add_space(theme::GAP);
        ui.weak(text!("empty-samples"));
        ui.add_space(theme::GAP);
    });
    let width = columns as f32 * (side + theme::GAP) - theme::GAP;
    let top_left = egui::pos2(room.center().x - width / 2.0, ui.cursor().top());
    for (number, sample) in SAMPLES.iter().enumerate() {
        let place = Vec2::new((number % columns) as f32, (number / columns) as f32);
        let min = top_left + place * Vec2::new(side + theme::GAP, row_height);
        let rect = Rect::from_min_size(min, Vec2::new(side, row_height - theme::GAP));
        if sample_ui(ui, rect, number, sample, samples.get(number), pictures) {
            actions.push(Action::Open(vec![Source::Sample(number)]));
        }
    }
}

/// The samples, small; one that cannot be decoded is left grey.
pub fn sample_pictures() -> Vec<RgbImage> {
    let side = 2 * SAMPLE as u32;
    let small = |sample: &Sample| match sample.photo() {
        Ok(photo) => CropRule::new(side, side).apply(&photo.image).image,
        Err(_) => RgbImage::new(1, 1),
    };
    SAMPLES.iter().map(small).collect()
}

/// How large the samples are and how many are beside each other, so that all of them have room where there are `words` of
/// this height below each.
fn arranged(room: Vec2, words: f32) -> (f32, usize) {
    let fits = |side: f32| {
        let columns = columns(room.x, side);
        let is_high_enough = SAMPLES.len().div_ceil(columns) as f32 * (side + words) <= room.y;
        (is_high_enough || side <= MIN_SAMPLE).then_some((side, columns))
    };
    let sizes = (0..).map(|step| SAMPLE - step as f32 * theme::GAP);
    sizes.map(|side| side.max(MIN_SAMPLE)).find_map(fits).unwrap_or((MIN_SAMPLE, 1))
}

/// How many samples of this size have room beside each other, in rows that are as full as each other.
fn columns(width: f32, side: f32) -> usize {
    let most = ((width / (side + theme::GAP)) as usize).clamp(1, SAMPLES.len().max(1));
    let rows = SAMPLES.len().div_ceil(most);
    SAMPLES.len().div_ceil(rows.max(1)).max(1)
}

/// A sample with its title; says whether it was clicked.
fn sample_ui(
    ui: &mut Ui,
    rect: Rect,
    number: usize,
    sample: &Sample,
    picture: Option<&RgbImage>,
    pictures: &mut Pictures,
) -> bool {
    let response = ui.interact(rect, ui.scope_id().with(("sample", number)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, titles::sample(sample)));
    let square = Rect::from_min_size(rect.min, Vec2::splat(rect.width()));
    ui.painter().rect_filled(square, theme::CORNER, ui.visuals().faint_bg_color);
    if let Some(picture) = picture {
        let drawn = pictures.plain(ui.ctx(), PlainPlace::Sample(number), Plain::Fixed, picture);
        painting::image(ui.painter(), drawn.texture(), painting::fitted(drawn.size(), square));
    }
    let visuals = ui.visuals();
    if response.hovered() || response.has_focus() {
        let stroke = Stroke::new(theme::OUTLINE, theme::accent(visuals));
        ui.painter().rect_stroke(square, theme::CORNER, stroke, StrokeKind::Outside);
    }
    let below = rect.with_min_y(square.bottom());
    painting::text(ui, below, Align2::CENTER_CENTER, titles::sample(sample), TextStyle::Small, visuals.text_color());
    response.clicked()
}
