//! The panel that changes how maps are drawn.

use egui::{ComboBox, Slider, Ui};

use super::{
    look::{Look, Style},
    rows,
};
use crate::imaging::Colormap;

/// The panel that changes how maps are drawn.
pub fn view_ui(ui: &mut Ui, look: &mut Look) {
    let default = Look::default();
    ui.horizontal(|ui| {
        ui.strong("View");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let reset = egui::Button::new("Reset view").small();
            if ui.add_enabled(*look != default, reset).clicked() {
                *look = default.clone();
            }
        });
    });
    ui.horizontal(|ui| {
        ui.selectable_value(&mut look.style, Style::Overlay, "Overlay").on_hover_text("The map over the picture");
        ui.selectable_value(&mut look.style, Style::Heatmap, "Heatmap").on_hover_text("The map alone");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.checkbox(&mut look.charts, "Charts").on_hover_text("Show the charts beside the pictures");
        });
    });
    ui.horizontal(|ui| {
        let label = rows::name_ui(ui, "Colour map", "", look.colormap == default.colormap);
        rows::fill_row(ui);
        ComboBox::from_id_salt("colour map")
            .width(ui.spacing().combo_width)
            .selected_text(title(look.colormap))
            .show_ui(ui, |ui| {
                for colormap in Colormap::ALL {
                    ui.selectable_value(&mut look.colormap, colormap, title(colormap));
                }
            })
            .response
            .labelled_by(label.id);
    });
    ui.horizontal(|ui| {
        let label = rows::name_ui(ui, "Opacity", "", look.opacity == default.opacity);
        rows::fill_row(ui);
        let percent = |value: f64, _| format!("{:.0} %", value * 100.0);
        let parse = |text: &str| text.trim_end_matches(['%', ' ']).parse::<f64>().ok().map(|percent| percent / 100.0);
        let slider = Slider::new(&mut look.opacity, 0.0..=1.0).custom_formatter(percent).custom_parser(parse);
        ui.add_enabled(look.style == Style::Overlay, slider).labelled_by(label.id);
    });
}

fn title(colormap: Colormap) -> String {
    let name = colormap.name();
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
