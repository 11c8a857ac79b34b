//! One row of a panel: a name with its symbol, and the control that changes it.

use std::{cell::Cell, ops::RangeInclusive};

use egui::{
    Align, Align2, Button, Color32, ComboBox, DragValue, Rangef, Rect, Response, Role, Sense, Slider, SliderClamping,
    Stroke, TextFormat, TextStyle, Ui, Vec2, WidgetInfo, style::HandleShape, text::LayoutJob,
};

use super::{
    icons::{Icon, icon},
    painting,
};
use crate::app::{numbers, theme};

/// Width of a number that can be edited, in points.
const NUMBER_WIDTH: f32 = 56.0;
/// Height of the tick at a slider's default, in points.
const TICK: f32 = 4.0;
/// Width of the mark that resets a parameter, in points.
const RESET_WIDTH: f32 = 18.0;
/// Width of a parameter's name, in points.
const NAME_WIDTH: f32 = 124.0;
/// Where a slider over many sizes of numbers, down to none at all, ends its logarithmic part.
const SMALLEST: f64 = 1e-6;

/// What became of a control in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Nothing.
    None,
    /// It was moved, and is still held.
    Held,
    /// It was changed for good.
    Made,
}

/// What a row begins with.
pub struct Head {
    /// The name of what is changed.
    pub name: String,
    /// Its symbol in the paper, if it has one.
    pub symbol: &'static str,
    /// What it does.
    pub help: String,
    /// Whether it has its default value.
    pub is_usual: bool,
}

/// What became of a row in a frame.
pub struct Done {
    /// What became of its control.
    pub change: Change,
    /// Whether the default was asked for, by a double click on the name or by the mark at the end.
    pub wants_reset: bool,
}

/// What a slider moves over.
pub struct Scale {
    /// From the lowest to the highest value.
    pub range: RangeInclusive<f64>,
    /// Whether sizes matter, not differences.
    pub is_log: bool,
    /// Whether the values are whole numbers.
    pub is_whole: bool,
    /// The default, which is marked.
    pub usual: f64,
}

impl Scale {
    /// Where a value is along the slider, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let (low, high) = (*self.range.start(), *self.range.end());
        let share = |value: f64, low: f64, high: f64| ((value - low) / (high - low)).clamp(0.0, 1.0);
        if self.is_log {
            let least = if low > 0.0 { low } else { self.smallest() };
            share(value.max(least).log10(), least.log10(), high.log10())
        } else {
            share(value, low, high)
        }
    }

    fn smallest(&self) -> f64 {
        if self.is_whole { 1.0 } else { SMALLEST }
    }
}

/// Draws a row: the name, `control` in the rest of it, and a mark that resets it if it does not have its default value.
pub fn row_ui(ui: &mut Ui, head: &Head, is_enabled: bool, control: impl FnOnce(&mut Ui) -> (Response, Change)) -> Done {
    ui.horizontal(|ui| {
        let label = name_ui(ui, &head.name, head.symbol, head.is_usual).on_hover_text(&head.help);
        let mut wants_reset = label.double_clicked() && !head.is_usual;
        let size = Vec2::new(RESET_WIDTH, ui.spacing().interact_size.y);
        let mut change = Change::None;
        ui.add_enabled_ui(is_enabled, |ui| {
            ui.set_max_width(ui.available_width() - size.x);
            fill_row(ui);
            let (response, what) = control(ui);
            response.labelled_by(label.id).on_hover_text(&head.help);
            change = what;
        });
        if !head.is_usual {
            let end = Rect::from_min_size(egui::pos2(ui.max_rect().right() - size.x, ui.max_rect().top()), size);
            let reset =
                painting::put(ui, end, Button::new(icon(Icon::Reset)).frame_when_inactive(false).min_size(size));
            let name = head.name.as_str();
            reset.widget_info(|| WidgetInfo::labeled(Role::Button, true, text!("parameters-reset", name = name)));
            wants_reset |= reset.on_hover_text(text!("parameters-reset", "help")).clicked();
        }
        Done { change, wants_reset }
    })
    .inner
}

/// Draws a slider, with a tick at the default. `access` sets the value if there is one to set, and says what it is; a
/// number that was typed is left in `typed`, whatever became of it.
pub fn number_ui(
    ui: &mut Ui,
    scale: &Scale,
    typed: &Cell<Option<f64>>,
    access: impl FnMut(Option<f64>) -> f64,
) -> (Response, Change) {
    let slider = Slider::from_get_set(scale.range.clone(), access)
        .logarithmic(scale.is_log)
        .smallest_positive(SMALLEST)
        .clamping(SliderClamping::Always)
        .update_while_editing(false)
        .custom_parser(|text| {
            let number = numbers::parsed(text);
            typed.set(number);
            number
        })
        .custom_formatter(|value, _| numbers::short(value));
    let slider = if scale.is_whole { slider.integer() } else { slider };
    let left = ui.cursor().left();
    let response = ui.add(slider);
    // As egui places the handle.
    let HandleShape::Rect { aspect_ratio } = ui.visuals().handle_shape else { return changed(response) };
    let margin = response.rect.height() / 2.5 * aspect_ratio;
    let rail = Rangef::new(left + margin, left + ui.spacing().slider_width - margin);
    let x = egui::lerp(rail.min..=rail.max, scale.place(scale.usual) as f32);
    let bottom = response.rect.bottom();
    let color = ui.visuals().weak_text_color();
    ui.painter().vline(x, Rangef::new(bottom - TICK, bottom), Stroke::new(theme::THIN, color));
    changed(response)
}

/// What to say of a number that was typed and could not be: what became of it.
pub fn bounded(name: &str, typed: Option<f64>, value: f64, is_whole: bool) -> Option<String> {
    let typed = typed?;
    // What is rounded as it is written is not bounded.
    let rounding = if is_whole { 1.0 } else { value.abs().max(typed.abs()) * 1e-2 };
    let is_bounded = (typed - value).abs() >= rounding && typed != value;
    is_bounded
        .then(|| text!("parameters-bounded", name = name, typed = numbers::short(typed), value = numbers::short(value)))
}

/// Draws choices.
pub fn choice_ui(ui: &mut Ui, salt: &str, names: &[&'static str], number: &mut usize) -> (Response, Change) {
    let before = *number;
    let shown = names.get(before).copied().unwrap_or_default();
    let choices = ComboBox::from_id_salt(salt).width(ui.spacing().combo_width).selected_text(shown);
    let choices = choices.show_ui(ui, |ui| {
        for (choice, name) in names.iter().enumerate() {
            ui.selectable_value(number, choice, *name);
        }
    });
    (choices.response, if before == *number { Change::None } else { Change::Made })
}

/// Draws a switch.
pub fn switch_ui(ui: &mut Ui, is_on: &mut bool) -> (Response, Change) {
    let response = ui.checkbox(is_on, "");
    let change = if response.changed() { Change::Made } else { Change::None };
    (response, change)
}

/// Draws a whole number without an end.
pub fn whole_ui(ui: &mut Ui, value: &mut u64) -> (Response, Change) {
    changed(ui.add(DragValue::new(value).update_while_editing(false).custom_parser(numbers::parsed)))
}

/// What became of a control: while it is dragged its value changes with every movement.
fn changed(response: Response) -> (Response, Change) {
    let change = match (response.drag_stopped(), response.changed(), response.dragged()) {
        (true, ..) | (_, true, false) => Change::Made,
        (false, true, true) => Change::Held,
        (false, false, _) => Change::None,
    };
    (response, change)
}

/// Says at the end of a closed group's title how many of its parameters do not have their default value.
pub fn count_ui(ui: &Ui, header: Rect, count: usize) {
    let end = header.with_max_x(ui.max_rect().right() - RESET_WIDTH);
    let words = text!("parameters-changed", count = count);
    painting::text(ui, end, Align2::RIGHT_CENTER, words, TextStyle::Small, theme::accent(ui.visuals()));
}

/// A name, with its symbol at the end of the column; in another colour if the value is not the default one.
pub fn name_ui(ui: &mut Ui, name: &str, symbol: &str, is_default: bool) -> Response {
    let size = Vec2::new(NAME_WIDTH, ui.spacing().interact_size.y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    let visuals = ui.visuals();
    let color = if is_default { visuals.text_color() } else { theme::accent(visuals) };
    let weak = visuals.weak_text_color();
    let symbol = painting::text(ui, rect, Align2::RIGHT_CENTER, symbol_text(ui, symbol, weak), TextStyle::Body, weak);
    let rect = rect.with_max_x(symbol.left() - theme::SPACE);
    painting::text(ui, rect, Align2::LEFT_CENTER, name, TextStyle::Body, color);
    response
}

/// A symbol; what follows its underscore is lowered, as the fonts lack most lowered letters.
fn symbol_text(ui: &Ui, symbol: &str, color: Color32) -> LayoutJob {
    let format = |style: TextStyle, valign| TextFormat {
        font_id: style.resolve(ui.style()),
        color,
        valign,
        ..Default::default()
    };
    let (base, index) = symbol.split_once('_').unwrap_or((symbol, ""));
    let mut job = LayoutJob::default();
    job.append(base, 0.0, format(TextStyle::Body, Align::Center));
    job.append(index, 0.0, format(TextStyle::Small, Align::BOTTOM));
    job
}

/// Gives the controls after a name the rest of the row.
pub fn fill_row(ui: &mut Ui) {
    let left = ui.available_width();
    let spacing = ui.spacing_mut();
    spacing.interact_size.x = NUMBER_WIDTH;
    spacing.slider_width = left - NUMBER_WIDTH - spacing.item_spacing.x;
    spacing.combo_width = left;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_marked_where_the_slider_would_be() {
        let place = |range, is_log, is_whole, usual| Scale { range, is_log, is_whole, usual }.place(usual);
        assert!((place(0.0..=1.0, false, false, 0.25) - 0.25).abs() < 1e-9);
        assert!((place(0.0..=1e4, true, false, 1e-6) - 0.0).abs() < 1e-9);
        assert!((place(0.0..=1e4, true, false, 0.1) - 0.5).abs() < 1e-9);
        assert!((place(1.0..=100.0, true, true, 10.0) - 0.5).abs() < 1e-9);
        assert!((place(1e-8..=1e-6, true, false, 1e-7) - 0.5).abs() < 1e-9);
    }
}
