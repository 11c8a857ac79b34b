//! The opened pictures, one below the other, and a place for more.

use egui::{
    Align2, Button, CornerRadius, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo,
    pos2,
};

use crate::app::{
    jobs::pictures::{Pictures, Plain, PlainPlace},
    state::{State, action::Action, picture::Picture, standing::Standing},
    theme,
    ui::{
        overlays::welcome,
        widgets::{
            icons::{Icon, icon},
            painting,
        },
    },
    words,
};
use crate::export;

/// Height of the place for more pictures below the filmstrip, in points.
const DROP_HERE: f32 = 48.0;
/// Side of the cross in a thumbnail's corner, in points.
const CLOSE: f32 = 18.0;
/// Longer side of a thumbnail in the filmstrip, in points.
const THUMBNAIL: f32 = 88.0;
/// Lines of words below one: its name, what it is taken for, and where it stands.
const LINES: f32 = 3.0;

/// Draws the filmstrip.
pub fn filmstrip_ui(ui: &mut Ui, state: &State, pictures: &mut Pictures, actions: &mut Vec<Action>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (number, picture) in state.pictures.iter().enumerate() {
            picture_ui(ui, number, picture, state, pictures, actions);
        }
        drop_here_ui(ui, actions);
    });
}

/// One picture with its name, what the model takes it for, and where it stands; a click puts it on the wall.
fn picture_ui(
    ui: &mut Ui,
    number: usize,
    picture: &Picture,
    state: &State,
    pictures: &mut Pictures,
    actions: &mut Vec<Action>,
) {
    let selected = number == state.selected;
    let predicted = state.predicted(picture).map(|(class, answer)| (class, export::answer(answer)));
    let standing = state.standing(picture);
    let stands = words::standing(&standing);
    let line_height = ui.text_style_height(&TextStyle::Small);
    // There is room for all that there may be to say, so that no picture moves when it is said.
    let words_height = LINES * line_height;
    let (width, height) = picture.thumbnail.dimensions();
    let scale = THUMBNAIL / width.max(height).max(1) as f32;
    let size = Vec2::new(width as f32, height as f32) * scale;
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(THUMBNAIL, size.y + words_height + theme::SPACE), Sense::click());
    let answer = predicted.as_ref().map(|(class, answer)| {
        let (class, answer) = (class.as_str(), answer.as_str());
        text!("filmstrip-predicted", class = class, answer = answer)
    });
    let told = [Some(picture.photo.name.clone()), answer, Some(stands.clone()).filter(|stands| !stands.is_empty())];
    let told: Vec<String> = told.into_iter().flatten().collect();
    let why = if let Standing::Failed(why) = &standing { why.as_ref() } else { None };
    let response = response.on_hover_text(told.iter().chain(why).cloned().collect::<Vec<_>>().join("\n"));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, told.join(", ")));
    let image_rect = Rect::from_center_size(rect.center_top() + Vec2::new(0.0, size.y / 2.0), size);
    let drawn = pictures.plain(ui.ctx(), PlainPlace::Thumbnail(picture.id), Plain::Fixed, &picture.thumbnail);
    painting::image(ui.painter(), drawn.texture(), image_rect);
    let visuals = ui.visuals();
    let stroke = if selected {
        Stroke::new(theme::OUTLINE, theme::accent(visuals))
    } else if response.hovered() || response.has_focus() {
        visuals.widgets.hovered.bg_stroke
    } else {
        visuals.widgets.noninteractive.bg_stroke
    };
    ui.painter().rect_stroke(image_rect, theme::CORNER, stroke, StrokeKind::Outside);
    if let Some(run) = picture.history.active() {
        let bar =
            Rect::from_min_size(image_rect.left_bottom() - Vec2::new(0.0, theme::BAR), Vec2::new(size.x, theme::BAR));
        ui.painter().rect_filled(bar, CornerRadius::ZERO, theme::SCRIM);
        let done = Rect::from_min_size(bar.min, Vec2::new(size.x * run.share_done(), theme::BAR));
        ui.painter().rect_filled(done, CornerRadius::ZERO, theme::accent(visuals));
    }
    let line = |number: f32| {
        let top = image_rect.bottom() + theme::SPACE + number * line_height;
        Rect::from_min_size(pos2(rect.min.x, top), Vec2::new(rect.width(), line_height))
    };
    let (weak, error) = (visuals.weak_text_color(), theme::error_color(visuals));
    let color = if selected { visuals.strong_text_color() } else { visuals.text_color() };
    painting::text(ui, line(0.0), Align2::CENTER_CENTER, &picture.photo.name, TextStyle::Small, color);
    if let Some((class, answer)) = &predicted {
        predicted_ui(ui, line(1.0), class, answer);
    }
    let color = if matches!(standing, Standing::Failed(_)) { error } else { weak };
    painting::text(ui, line(2.0), Align2::CENTER_CENTER, stands, TextStyle::Small, color);
    let corner = Rect::from_min_size(image_rect.right_top() - Vec2::new(CLOSE, 0.0), Vec2::splat(CLOSE));
    close_ui(ui, corner, number, picture, actions);
    if response.clicked() && !selected {
        actions.push(Action::Select(number));
    }
}

/// The class that a picture is taken for and how probable that is, which is never cut.
fn predicted_ui(ui: &Ui, line: Rect, class: &str, answer: &str) {
    let weak = ui.visuals().weak_text_color();
    let [class_width, answer_width] = [class, answer].map(|text| painting::width(ui, text, TextStyle::Small));
    let space = theme::SPACE / 2.0;
    let width = (class_width + space + answer_width).min(line.width());
    let line = Rect::from_center_size(line.center(), Vec2::new(width, line.height()));
    let until = line.right() - answer_width - space;
    painting::text(ui, line.with_max_x(until), Align2::LEFT_CENTER, class, TextStyle::Small, weak);
    painting::text(ui, line.with_min_x(until), Align2::RIGHT_CENTER, answer, TextStyle::Small, weak);
}

/// The cross in a picture's corner: quiet until it is pointed at.
fn close_ui(ui: &mut Ui, corner: Rect, number: usize, picture: &Picture, actions: &mut Vec<Action>) {
    ui.painter().rect_filled(corner, theme::CORNER, theme::SCRIM);
    let button = Button::new(icon(Icon::Close)).frame_when_inactive(false).min_size(corner.size());
    let close = painting::put(ui, corner, button);
    let name = picture.photo.name.as_str();
    close.widget_info(|| WidgetInfo::labeled(Role::Button, true, text!("filmstrip-close", picture = name)));
    if close.on_hover_text(text!("filmstrip-close", "help")).clicked() {
        actions.push(Action::Close(number));
    }
}

/// Where more pictures go.
fn drop_here_ui(ui: &mut Ui, actions: &mut Vec<Action>) {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(THUMBNAIL, DROP_HERE), Sense::click());
    let response = response.on_hover_text(text!("filmstrip-add", "help"));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, text!("filmstrip-add")));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::CORNER, ui.visuals().widgets.hovered.weak_bg_fill);
    }
    welcome::dashed(ui, rect.shrink(theme::THIN));
    let weak = ui.visuals().weak_text_color();
    painting::text(ui, rect, Align2::CENTER_CENTER, text!("filmstrip-drop"), TextStyle::Small, weak);
    if response.clicked() {
        actions.push(Action::OpenDialog);
    }
}
