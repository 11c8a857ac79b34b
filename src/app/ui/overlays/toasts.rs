//! What was done while nobody looked, at the wall's corner.

use egui::{Align, Align2, Area, Button, Frame, Id, Label, Layout, Margin, Order, Rect, Role, Ui, Vec2, WidgetInfo};

use crate::app::{
    state::{
        action::Action,
        toasts::{Toast, Toasts},
    },
    theme,
    ui::widgets::icons::{Icon, icon},
};

/// Width of what was done, at the wall's corner, in points.
const TOAST: f32 = 340.0;

/// Draws them at the lower right of `wall`, over it; the newest is the lowest.
pub fn toasts_ui(ui: &Ui, wall: Rect, toasts: &Toasts, actions: &mut Vec<Action>) {
    if toasts.all().is_empty() {
        return;
    }
    let corner = wall.right_bottom() - Vec2::splat(theme::GAP);
    let area = Area::new(Id::unique("toasts")).order(Order::Middle).pivot(Align2::RIGHT_BOTTOM).fixed_pos(corner);
    area.constrain(true).show(ui.ctx(), |ui| {
        let width = TOAST.min(wall.width() - 2.0 * theme::GAP);
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = theme::SPACE;
        for toast in toasts.all() {
            toast_ui(ui, toast, actions);
        }
    });
}

fn toast_ui(ui: &mut Ui, toast: &Toast, actions: &mut Vec<Action>) {
    let frame = Frame::window(ui.style()).inner_margin(Margin::symmetric(10, 6));
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let close = ui.add(Button::new(icon(Icon::Close)).frame_when_inactive(false));
                close.widget_info(|| {
                    WidgetInfo::labeled(Role::Button, true, text!("toast-dismiss", text = toast.text.as_str()))
                });
                if close.on_hover_text(text!("toast-dismiss", "help")).clicked() {
                    actions.push(Action::DismissToast(toast.number));
                }
                if let Some(folder) = &toast.folder
                    && ui.button(text!("toast-open")).clicked()
                {
                    actions.push(Action::ShowFolder(folder.clone()));
                }
                ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(false), |ui| {
                    ui.add(Label::new(&toast.text).wrap());
                });
            });
        });
    });
}
