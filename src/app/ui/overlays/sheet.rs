//! The sheet of all shortcuts, in groups.

use egui::{Align, Frame, Grid, Id, Layout, Modal, RichText, ScrollArea, Ui, Vec2};

use crate::app::{
    commands::{Command, Desk, Group, commands, shortcuts},
    state::action::Action,
    theme,
};

/// Height of the sheet's title with its line, in points.
const SHEET_HEAD: f32 = 40.0;
/// Width of the names in a column of the sheet of shortcuts, in points.
const SHEET_NAME: f32 = 150.0;
/// Width of a column of the sheet of shortcuts, in points: the longest name and its keys.
const SHEET_COLUMN: f32 = 320.0;
/// How many groups are below each other in each column: about as many shortcuts.
const COLUMNS: [&[Group]; 2] =
    [&[Group::Pictures, Group::Run, Group::Wall], &[Group::Time, Group::Parameters, Group::Results, Group::Window]];

/// Draws the sheet over the window.
pub fn sheet_ui(ui: &Ui, desk: Desk<'_>, actions: &mut Vec<Action>) {
    let again = shortcuts::SHEET.iter().any(|own| ui.input_mut(|input| input.consume_shortcut(&own.keys)));
    let all = commands(desk);
    let frame = Frame::popup(ui.style()).inner_margin(theme::GAP);
    let shown = Modal::new(Id::unique("sheet")).frame(frame).show(ui.ctx(), |ui| {
        let room = ui.ctx().content_rect().size() - Vec2::splat(6.0 * theme::GAP);
        let width = room.x.min(2.0 * SHEET_COLUMN + theme::GAP);
        ui.set_width(width);
        let mut closes = false;
        ui.horizontal(|ui| {
            ui.label(RichText::new(text!("shortcuts")).heading());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                closes = ui.button(text!("shortcuts-close")).clicked()
            });
        });
        ui.separator();
        let height = room.y - SHEET_HEAD;
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
            ui.columns(COLUMNS.len(), |columns| {
                for (ui, groups) in columns.iter_mut().zip(COLUMNS) {
                    for &group in groups {
                        group_ui(ui, group, &all);
                    }
                }
            });
        });
        closes
    });
    if again || shown.inner || shown.should_close() {
        actions.push(Action::Uncover);
    }
}

/// The commands of a group that have shortcuts.
fn group_ui(ui: &mut Ui, group: Group, all: &[Command]) {
    ui.strong(group.title());
    let grid = Grid::new(("shortcuts", group as usize)).num_columns(2).min_col_width(SHEET_NAME).min_row_height(0.0);
    grid.spacing(Vec2::splat(theme::SPACE)).show(ui, |ui| {
        for command in all.iter().filter(|command| command.group == group && !command.shortcuts.is_empty()) {
            ui.label(command.title.as_str());
            ui.label(
                RichText::new(shortcuts::words(ui.ctx(), command.shortcuts)).color(theme::keys_color(ui.visuals())),
            );
            ui.end_row();
        }
    });
    ui.add_space(theme::GAP);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::State;

    #[test]
    fn every_group_with_a_shortcut_is_on_the_sheet_once() {
        let state = State::default();
        for command in
            commands(Desk { state: &state, paused: false, zoomed: false, hides_side: false, presents: false })
        {
            let places = COLUMNS.iter().flat_map(|groups| groups.iter()).filter(|group| **group == command.group);
            assert!(command.shortcuts.is_empty() || places.count() == 1, "{}", command.title);
        }
    }
}
