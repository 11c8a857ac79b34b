//! All messages in a window of their own, and the newest error across the top.

use egui::{Align, Align2, Button, Frame, Id, Label, Layout, Margin, RichText, ScrollArea, Sense, Ui, Vec2, Window};

use crate::app::{
    state::{
        action::Action,
        messages::{Level, Messages},
        model_list::Unfetched,
    },
    theme,
    ui::{
        overlays::model_picker::unfetched_ui,
        widgets::icons::{self, Icon},
    },
};

/// Side of the warning sign beside an error, in points.
const WARNING: f32 = 14.0;
/// Width and height of the log, in points.
const LOG: [f32; 2] = [520.0, 280.0];
/// Height of the bar at the bottom, in points.
const STATUS_BAR: f32 = 32.0;

/// Draws the window of all messages while `open`.
pub fn log_ui(ui: &mut Ui, messages: &Messages, open: &mut bool) {
    if !*open {
        return;
    }
    // Above the button that opens it.
    let corner = ui.ctx().content_rect().right_bottom() - Vec2::new(theme::GAP, STATUS_BAR + theme::GAP);
    let window = Window::new(text!("log"))
        .id(Id::unique("log"))
        .title_bar(false)
        .pivot(Align2::RIGHT_BOTTOM)
        .default_pos(corner);
    window.default_size(LOG).show(ui.ctx(), |ui| {
        ui.horizontal(|ui| {
            ui.strong(text!("log"));
            ui.weak(text!("log-count", count = messages.lines().len()));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let close = ui.add(Button::new(icons::icon(Icon::Close)).frame_when_inactive(false));
                icons::name(&close, text!("log-close"));
                if close.clicked() {
                    *open = false;
                }
                if ui.add_enabled(messages.last().is_some(), Button::new(text!("log-copy"))).clicked() {
                    ui.ctx().copy_text(messages.as_text());
                }
            });
        });
        ui.separator();
        ScrollArea::vertical().auto_shrink(false).stick_to_bottom(true).show(ui, |ui| {
            for message in messages.lines() {
                let text = RichText::new(&message.text);
                ui.label(match message.level {
                    Level::Note => text,
                    Level::Error => text.color(theme::error_color(ui.visuals())),
                });
            }
        });
    });
}

/// Draws an error that was not dismissed yet, and, if it is that a model could not be fetched, what can be done.
pub fn error_ui(ui: &mut Ui, error: &str, unfetched: Option<&Unfetched>, actions: &mut Vec<Action>) {
    let color = theme::error_color(ui.visuals());
    Frame::new().fill(theme::error_fill(ui.visuals())).inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(WARNING), Sense::hover());
            icons::paint(ui.painter(), rect, Icon::Warning, color);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button(text!("error-dismiss")).clicked() {
                    actions.push(Action::DismissError);
                }
                if unfetched.is_some() {
                    unfetched_ui(ui, actions);
                }
                ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(false), |ui| {
                    ui.add(Label::new(RichText::new(error).color(color)).wrap());
                });
            });
        });
    });
}
