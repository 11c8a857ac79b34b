//! What a window that opened with a sample says: whose picture this is, and where the user's own goes.

use egui::{Align, Button, Layout, Rect, Shape, Stroke, Ui};

use crate::app::{
    commands::shortcuts,
    state::action::Action,
    theme,
    ui::widgets::icons::{Icon, icon, name},
};

/// Length of the dashes around a place to drop pictures, and of the gaps between them, in points.
const DASH: f32 = 5.0;

/// Draws the welcome, a place to drop pictures.
pub fn welcome_ui(ui: &mut Ui, actions: &mut Vec<Action>) {
    let row = ui.horizontal(|ui| {
        ui.add_space(theme::SPACE);
        ui.strong(text!("welcome"));
        let help = shortcuts::hint(ui.ctx(), &text!("open", "help"), shortcuts::OPEN);
        if ui.button(text!("welcome-choose")).on_hover_text(help).clicked() {
            actions.push(Action::OpenDialog);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = ui.add(Button::new(icon(Icon::Close)).frame_when_inactive(false));
            name(&close, text!("welcome-close"));
            if close.on_hover_text(text!("welcome-close", "help")).clicked() {
                actions.push(Action::DismissWelcome);
            }
            ui.add(egui::Label::new(egui::RichText::new(text!("welcome-sample")).weak()).truncate());
        });
    });
    dashed(ui, row.response.rect.expand(theme::SPACE / 2.0));
}

/// A dashed frame: something can be dropped here.
pub fn dashed(ui: &Ui, rect: Rect) {
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    let stroke = Stroke::new(theme::THIN, ui.visuals().weak_text_color());
    ui.painter().extend(Shape::dashed_line(&corners, stroke, DASH, DASH));
}
