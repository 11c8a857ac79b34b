//! The wall: the original and every method's map side by side, and the charts beside or below them.

pub mod arrangement;
pub mod caption;
pub mod compare;
pub mod crop;
pub mod filmstrip;
pub mod judged;
pub mod method_tile;
pub mod nothing;
pub mod original;
pub mod tile;
pub mod timeline;
pub mod top_classes;
pub mod viewport;
pub mod zoom;

use egui::{CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo};

use super::charts;
use crate::app::{
    state::{
        action::Action,
        chart::Chart,
        tiles::{ChartsAt, Tile},
    },
    theme,
};
use arrangement::{Arrangement, split_at};
use tile::Scene;
use viewport::Viewport;

/// Draws the wall as the viewport of `scene` has it; the viewport that follows from it is in `scene.next`.
pub fn wall_ui(ui: &mut Ui, mut scene: Scene<'_>, actions: &mut Vec<Action>) -> Viewport {
    let state = scene.state;
    let room = ui.available_rect_before_wrap();
    let tiles = state.tiles.drawn();
    let arrangement = Arrangement::best(room.size(), tiles.len(), state.view.charts, state.tiles.split);
    let places: Vec<(Tile, Rect)> =
        tiles.into_iter().enumerate().map(|(number, tile)| (tile, arrangement.tile(room, number))).collect();
    scene.next.carried = None;
    for &(tile, place) in &places {
        match tile {
            Tile::Original => original::original_ui(ui, place, &mut scene, actions),
            Tile::Method(method) => method_tile::method_ui(ui, place, method, &mut scene, actions),
        }
    }
    carry(ui, &places, &scene, actions);
    for (number, chart) in Chart::ALL.into_iter().enumerate() {
        if let Some(place) = arrangement.chart(room, number) {
            charts::chart_ui(ui, place, chart, state, actions);
        }
    }
    if let Some((at, gap)) = arrangement.gap(room) {
        gap_ui(ui, room, at, gap, actions);
    }
    ui.advance_cursor_after_rect(room);
    scene.next
}

/// Shows where the tile that is being moved would come to, and puts it there when it is let go.
fn carry(ui: &Ui, places: &[(Tile, Rect)], scene: &Scene<'_>, actions: &mut Vec<Action>) {
    let Some(carried) = scene.next.carried.or(scene.viewport.carried) else { return };
    let pointer = ui.input(|input| input.pointer.latest_pos());
    let under = |(tile, place): &&(Tile, Rect)| *tile != carried && pointer.is_some_and(|at| place.contains(at));
    let Some((target, place)) = places.iter().find(under) else { return };
    if scene.next.carried.is_some() {
        let stroke = Stroke::new(theme::OUTLINE, theme::accent(ui.visuals()));
        ui.painter().rect_stroke(*place, theme::CORNER, stroke, StrokeKind::Outside);
    } else {
        actions.push(Action::MoveTile(carried, *target));
    }
}

/// The gap between tiles and charts: dragging it gives one of them more room.
fn gap_ui(ui: &Ui, room: Rect, at: ChartsAt, gap: Rect, actions: &mut Vec<Action>) {
    let response = ui.interact(gap, ui.scope_id().with("gap"), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, text!("wall-gap")));
    let cursor = if at == ChartsAt::Right { CursorIcon::ResizeHorizontal } else { CursorIcon::ResizeVertical };
    let response = response.on_hover_and_drag_cursor(cursor).on_hover_text(text!("wall-gap", "help"));
    if response.hovered() || response.dragged() {
        let stroke = Stroke::new(theme::OUTLINE, theme::accent(ui.visuals()));
        let ends = match at {
            ChartsAt::Right => [gap.center_top(), gap.center_bottom()],
            ChartsAt::Below => [gap.left_center(), gap.right_center()],
        };
        ui.painter().line_segment(ends, stroke);
    }
    if response.double_clicked() {
        actions.push(Action::Split(None));
    } else if response.dragged()
        && let Some(pointer) = response.interact_pointer_pos()
        && response.drag_delta() != egui::Vec2::ZERO
    {
        actions.push(Action::Split(Some(split_at(room, at, pointer))));
    }
}
