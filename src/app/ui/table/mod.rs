//! The table of a folder's pictures: what the model makes of each, what came of its methods, and which it is mistaken
//! in.

mod bar;
mod confusion;
mod figure_menu;
mod rows;

use egui::{Frame, Ui};

use crate::app::{
    state::{State, action::Action, collection::Collection},
    theme,
};

/// The least width of the table for the confusion matrix to stand beside it, in points.
const LEAST_WIDTH: f32 = 420.0;

/// Draws the table, what can be done with it, and the confusion matrix where pictures are labelled.
pub fn table_ui(ui: &mut Ui, state: &State, collection: &Collection, actions: &mut Vec<Action>) {
    bar::bar_ui(ui, state, collection, actions);
    ui.add_space(theme::SPACE);
    let room = ui.available_width() - LEAST_WIDTH;
    let confusion = collection.facts().confusion.as_ref().filter(|own| room >= confusion::width(own.classes.len()));
    if let Some(confusion) = confusion {
        let side = confusion::width(confusion.classes.len());
        let frame = Frame::new().inner_margin(egui::Margin { left: theme::GAP as i8, ..egui::Margin::ZERO });
        egui::Panel::right("confusion").frame(frame).resizable(false).exact_size(side).show(ui, |ui| {
            confusion::confusion_ui(ui, state, collection, confusion, actions);
        });
    }
    egui::CentralPanel::default().frame(Frame::NONE).show(ui, |ui| {
        rows::rows_ui(ui, state, collection, actions);
    });
}
