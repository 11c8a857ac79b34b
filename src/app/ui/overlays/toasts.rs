//! What was done while nobody looked: said at the wall's corner for some seconds, then only in the log.

use std::time::{Duration, Instant};

use egui::{Align, Align2, Area, Button, Frame, Id, Label, Layout, Margin, Order, Rect, Role, Ui, Vec2, WidgetInfo};

use crate::app::{
    state::action::Action,
    theme,
    ui::widgets::icons::{Icon, icon},
};

/// How long it stays: as long as two lines take to be noticed and read.
const STAYS: Duration = Duration::from_secs(6);
/// The most at once: more are not read.
const MOST: usize = 3;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Toast {
    number: u64,
    text: String,
    until: Instant,
}

/// What was done just now, the newest last. Takes the clock as an argument.
#[derive(Debug, Clone, Default)]
pub struct Toasts {
    all: Vec<Toast>,
    last: u64,
}

impl Toasts {
    /// Says that something was done.
    pub fn add(&mut self, text: String, now: Instant) {
        self.last += 1;
        // Said again, it is the newest.
        self.all.retain(|toast| toast.text != text);
        if self.all.len() == MOST {
            self.all.remove(0);
        }
        self.all.push(Toast { number: self.last, text, until: now + STAYS });
    }

    /// Takes one off, by its number.
    pub fn dismiss(&mut self, number: u64) {
        self.all.retain(|toast| toast.number != number);
    }

    /// Takes off those whose time is over; how long until the next one's is.
    pub fn settle(&mut self, now: Instant) -> Option<Duration> {
        self.all.retain(|toast| toast.until > now);
        self.all.iter().map(|toast| toast.until.saturating_duration_since(now)).min()
    }

    /// Whether this is being said.
    pub fn says(&self, text: &str) -> bool {
        self.all.iter().any(|toast| toast.text == text)
    }
}

/// Draws them at the lower right of `wall`, over it; the newest is the lowest.
pub fn toasts_ui(ui: &Ui, wall: Rect, toasts: &Toasts, actions: &mut Vec<Action>) {
    if toasts.all.is_empty() {
        return;
    }
    let corner = wall.right_bottom() - Vec2::splat(theme::GAP);
    let area = Area::new(Id::unique("toasts")).order(Order::Middle).pivot(Align2::RIGHT_BOTTOM).fixed_pos(corner);
    area.constrain(true).show(ui.ctx(), |ui| {
        let width = theme::TOAST.min(wall.width() - 2.0 * theme::GAP);
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = theme::SPACE;
        for toast in &toasts.all {
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
                ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(false), |ui| {
                    ui.add(Label::new(&toast.text).wrap());
                });
            });
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goes_by_itself_and_then_no_frame_is_asked_for() {
        let start = Instant::now();
        let mut toasts = Toasts::default();
        assert_eq!(toasts.settle(start), None);
        toasts.add("one".to_owned(), start);
        toasts.add("two".to_owned(), start + STAYS / 2);
        assert_eq!(toasts.settle(start + STAYS / 2), Some(STAYS / 2));
        assert_eq!(toasts.settle(start + STAYS), Some(STAYS / 2));
        assert!(!toasts.says("one") && toasts.says("two"));
        assert_eq!(toasts.settle(start + STAYS * 2), None);
        assert!(!toasts.says("two"));
    }

    #[test]
    fn a_few_are_enough_and_nothing_is_said_twice() {
        let now = Instant::now();
        let mut toasts = Toasts::default();
        for text in ["a", "b", "b", "c", "d"] {
            toasts.add(text.to_owned(), now);
        }
        let texts: Vec<_> = toasts.all.iter().map(|toast| toast.text.as_str()).collect();
        assert_eq!(texts, ["b", "c", "d"]);
        let first = toasts.all[0].number;
        toasts.dismiss(first);
        assert!(!toasts.says("b") && toasts.says("c"));
    }
}
