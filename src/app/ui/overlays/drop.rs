//! What is said while pictures or models are held over the window.

use egui::{Align2, Context, CornerRadius, FontId, Id, LayerId, Order};

use crate::app::theme;

/// Says what a drop would do while files are held over the window: as egui knows, or as `is_held_over` says.
pub fn drop_ui(ctx: &Context, is_held_over: bool) {
    if !is_held_over && ctx.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    let screen = ctx.content_rect();
    painter.rect_filled(screen, CornerRadius::ZERO, theme::DROP_SCRIM);
    let words = text!("drop-here");
    painter.text(screen.center(), Align2::CENTER_CENTER, words, FontId::proportional(theme::HEADLINE), theme::ON_SCRIM);
}
