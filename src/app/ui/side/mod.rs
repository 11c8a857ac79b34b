//! The side: the class, the parameters or the runs, and how maps are drawn.

pub mod class_row;
pub mod class_search;
pub mod parameters;
pub mod presets_list;
pub mod presets_menu;
pub mod runs;
pub mod target;
pub mod view;

use egui::{Align, CentralPanel, Frame, Layout, Panel, ScrollArea, Ui};

use crate::app::{
    state::{
        State,
        action::Action,
        panels::{Panels, Tab},
        picture::Picture,
    },
    theme,
};

/// The height of the side below which its middle would have no room, in points.
const LOW: f32 = 540.0;

/// Draws the side, each panel in `frame`. `zoomed` says whether there is a zoom to reset.
pub fn side_ui(ui: &mut Ui, frame: Frame, state: &State, panels: &mut Panels, zoomed: bool, actions: &mut Vec<Action>) {
    if ui.available_height() < LOW {
        // Where not all of it has room, all of it scrolls.
        Frame::new().fill(ui.visuals().panel_fill).show(ui, |ui| {
            ScrollArea::vertical().id_salt("low side").auto_shrink(false).show(ui, |ui| {
                frame.show(ui, |ui| target::target_ui(ui, state, actions));
                ui.separator();
                frame.show(ui, |ui| view::view_ui(ui, state, zoomed, actions));
                ui.separator();
                frame.show(ui, |ui| {
                    tabs_ui(ui, state, panels.tab, actions);
                    match panels.tab {
                        Tab::Parameters => {
                            ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
                            parameters::head_ui(ui, state, panels, actions);
                            values_ui(ui, state, panels, actions);
                        }
                        Tab::Runs => {
                            ui.set_max_height(LOW / 2.0);
                            runs::runs_ui(ui, state, actions);
                        }
                    }
                });
            });
        });
        return;
    }
    Panel::top("target").frame(frame).show(ui, |ui| target::target_ui(ui, state, actions));
    Panel::bottom("view").frame(frame).show(ui, |ui| view::view_ui(ui, state, zoomed, actions));
    CentralPanel::default().frame(frame).show(ui, |ui| {
        tabs_ui(ui, state, panels.tab, actions);
        match panels.tab {
            Tab::Parameters => {
                // It stays in sight, also where a field in its menu is scrolled to.
                ui.scope(|ui| {
                    ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
                    parameters::head_ui(ui, state, panels, actions);
                });
                // The rows are of one height, and none is cut before the list is scrolled.
                let gap = ui.spacing().item_spacing.y;
                let row = ui.spacing().interact_size.y + gap;
                let height = ((ui.available_height() + gap) / row).floor() * row - gap;
                ui.spacing_mut().scroll.fade.strength = 0.0;
                ScrollArea::vertical().max_height(height).min_scrolled_height(0.0).auto_shrink(false).show(ui, |ui| {
                    ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
                    values_ui(ui, state, panels, actions);
                });
            }
            Tab::Runs => runs::runs_ui(ui, state, actions),
        }
    });
}

fn values_ui(ui: &mut Ui, state: &State, panels: &mut Panels, actions: &mut Vec<Action>) {
    parameters::parameters_ui(ui, state, panels, actions);
    let newest = state.picture().and_then(Picture::newest);
    if newest.is_some_and(|run| run.parameters != state.parameters) {
        ui.weak(text!("parameters-outdated"));
    }
}

fn tabs_ui(ui: &mut Ui, state: &State, current: Tab, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        for (tab, title) in [(Tab::Parameters, text!("parameters")), (Tab::Runs, text!("runs"))] {
            if ui.selectable_label(current == tab, title).clicked() {
                actions.push(Action::ShowTab(tab));
            }
        }
        let runs = state.history().map_or(0, |history| history.entries().len());
        if runs > 1 {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.weak(text!("runs-count", count = runs)));
        }
    });
    ui.separator();
}
