//! One row of a panel: a name with its symbol, and the control that changes it.

use std::ops::RangeInclusive;

use egui::{
    Align, Align2, Color32, ComboBox, DragValue, Response, Role, Sense, Slider, SliderClamping, TextFormat, TextStyle,
    Ui, Vec2, WidgetInfo, emath::Numeric, text::LayoutJob,
};

use super::{numbers, painting, theme};

/// Where a slider over many sizes of numbers, down to none at all, ends its logarithmic part.
const SMALLEST: f64 = 1e-6;

/// A parameter's row.
pub struct Row {
    name: &'static str,
    symbol: &'static str,
    help: &'static str,
}

/// A row for the parameter called `name`, with its symbol in the paper, if it has one, and what it does in a sentence.
/// What follows an underscore in a symbol is lowered.
pub fn row(name: &'static str, symbol: &'static str, help: &'static str) -> Row {
    Row { name, symbol, help }
}

impl Row {
    /// Draws a slider for numbers of many sizes; says whether the value was changed and let go.
    pub fn log_ui<N: Numeric>(self, ui: &mut Ui, value: &mut N, default: N, range: RangeInclusive<N>) -> bool {
        self.slider_ui(ui, value, default, range, true)
    }

    /// Draws a slider; says whether the value was changed and let go.
    pub fn linear_ui<N: Numeric>(self, ui: &mut Ui, value: &mut N, default: N, range: RangeInclusive<N>) -> bool {
        self.slider_ui(ui, value, default, range, false)
    }

    fn slider_ui<N: Numeric>(
        self,
        ui: &mut Ui,
        value: &mut N,
        default: N,
        range: RangeInclusive<N>,
        log: bool,
    ) -> bool {
        let [low, high, usual] = [*range.start(), *range.end(), default].map(|value| numbers::short(value.to_f64()));
        let help = format!("{}\n{low} to {high}, default {usual}", self.help);
        ui.horizontal(|ui| {
            let label = name_ui(ui, self.name, self.symbol, *value == default).on_hover_text(&help);
            fill_row(ui);
            let slider = Slider::new(value, range)
                .logarithmic(log)
                .smallest_positive(SMALLEST)
                .clamping(SliderClamping::Always)
                .update_while_editing(false)
                .custom_formatter(|value, _| numbers::short(value));
            let slider = if N::INTEGRAL { slider.integer() } else { slider };
            was_let_go(&ui.add(slider).labelled_by(label.id).on_hover_text(help))
        })
        .inner
    }

    /// Draws choices; says whether another one was made.
    pub fn choice_ui<T: Copy + PartialEq>(
        self,
        ui: &mut Ui,
        value: &mut T,
        default: T,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> bool {
        let before = *value;
        let help = format!("{}\nDefault {}", self.help, name(default));
        ui.horizontal(|ui| {
            let label = name_ui(ui, self.name, self.symbol, *value == default).on_hover_text(&help);
            fill_row(ui);
            let choices = ComboBox::from_id_salt(self.name).width(ui.spacing().combo_width).selected_text(name(before));
            let choices = choices.show_ui(ui, |ui| {
                for &choice in all {
                    ui.selectable_value(value, choice, name(choice));
                }
            });
            choices.response.labelled_by(label.id).on_hover_text(help);
        });
        before != *value
    }

    /// Draws a whole number without an end; says whether it was changed and let go.
    pub fn whole_ui(self, ui: &mut Ui, value: &mut u64, default: u64) -> bool {
        ui.horizontal(|ui| {
            let label = name_ui(ui, self.name, self.symbol, *value == default).on_hover_text(self.help);
            fill_row(ui);
            was_let_go(&ui.add(DragValue::new(value).update_while_editing(false)).labelled_by(label.id))
        })
        .inner
    }
}

/// Whether a control was changed for good: while it is dragged the value changes with every movement.
fn was_let_go(response: &Response) -> bool {
    response.drag_stopped() || (response.changed() && !response.dragged())
}

/// A name, with its symbol at the end of the column; in another colour if the value is not the default one.
pub fn name_ui(ui: &mut Ui, name: &str, symbol: &str, is_default: bool) -> Response {
    let size = Vec2::new(theme::NAME_WIDTH, ui.spacing().interact_size.y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
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
    spacing.interact_size.x = theme::NUMBER_WIDTH;
    spacing.slider_width = left - theme::NUMBER_WIDTH - spacing.item_spacing.x;
    spacing.combo_width = left;
}
