//! All messages in a window of their own.

use egui::{Align, Align2, Button, Id, Layout, RichText, ScrollArea, Ui, Vec2, Window};

use crate::app::{
    state::messages::{Level, Messages},
    theme,
    ui::widgets::icons::{self, Icon},
};

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
