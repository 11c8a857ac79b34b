//! A map beside those of networks that have forgotten more and more: it should not stay what it was.

use egui::{Align2, Color32, Label, RichText, ScrollArea, Sense, TextStyle, Ui, Vec2};

use crate::{
    app::{numbers, ui::widgets::painting},
    explain::{Measure, Saliency},
    imaging::Colormap,
};

/// Side of a map, in points.
const SIDE: f32 = 92.0;
/// Height of the words below it, in points.
const WORDS: f32 = 34.0;

/// Draws the maps in a row, with how alike they are, and what that means. `saliency` is the map, `grid` the side of the
/// curves' grid.
pub fn forgetting_ui(ui: &mut Ui, measure: &Measure, saliency: &Saliency, grid: usize, colormap: Colormap) {
    let Some(stays) = measure.stays() else { return };
    let (words, color) = if stays {
        (text!("trust-stays"), ui.visuals().warn_fg_color)
    } else {
        (text!("trust-changes"), ui.visuals().text_color())
    };
    ui.add(Label::new(RichText::new(words).color(color)).wrap());
    let own = saliency.on_grid(grid);
    let first = (text!("trust-as-learned"), None, own.as_slice());
    let others = measure.steps.iter().map(|step| (step.name.clone(), Some(step.value), step.cells.as_slice()));
    ScrollArea::horizontal().id_salt("forgetting").show(ui, |ui| {
        ui.horizontal(|ui| {
            for (name, value, cells) in std::iter::once(first).chain(others) {
                map_ui(ui, &name, value, cells, grid, colormap);
            }
        });
    });
}

fn map_ui(ui: &mut Ui, name: &str, value: Option<f32>, cells: &[f32], grid: usize, colormap: Colormap) {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(SIDE, SIDE + WORDS), Sense::hover());
    let (map, words) = rect.split_top_bottom_at_y(rect.top() + SIDE);
    painting::cells(ui.painter(), map, cells, grid, colormap);
    let (above, below) = words.split_top_bottom_at_fraction(0.5);
    let weak = ui.visuals().weak_text_color();
    let text = |ui: &Ui, rect, words: &str, color: Color32| {
        painting::text(ui, rect, Align2::CENTER_CENTER, words, TextStyle::Small, color);
    };
    text(ui, above, name, weak);
    let value = value.map(|value| numbers::short(f64::from(value))).unwrap_or_default();
    text(ui, below, &value, ui.visuals().text_color());
    response.on_hover_text(if value.is_empty() {
        text!("trust-as-learned", "help")
    } else {
        text!("trust-forgotten", layers = name, ranks = value)
    });
}
