//! A class in a list: its name, its probability as a bar or its output, and “why not this one?”.

use std::sync::Arc;

use egui::{Align2, Color32, CornerRadius, Id, Rect, Response, Role, Sense, TextStyle, Ui, Vec2, WidgetInfo};

use crate::{
    app::{numbers, state::action::Action, theme, ui::widgets::painting},
    model::{Answer, ModelSpec},
};

/// Width of the number at the end of a class's row, in points.
const PERCENT: f32 = 58.0;
/// Width of the words “why not?” in a class's row, in points.
const WHY_NOT: f32 = 50.0;

/// What the explanation has to do with a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is the one that is explained.
    Explained,
    /// It is the one that another is explained rather than.
    Against,
    /// Nothing.
    None,
}

/// A class in a list.
#[derive(Debug, Clone)]
pub struct ClassRow {
    /// Its number.
    pub id: usize,
    /// Its name.
    pub name: String,
    /// What the model answers for it.
    pub answer: Answer,
    /// What the explanation has to do with it.
    pub part: Part,
    /// Whether the keyboard is at it.
    pub is_chosen: bool,
}

/// The classes of the model, and what the explanation has to do with each.
#[derive(Debug, Clone)]
pub struct Classes {
    /// The model.
    pub spec: Arc<ModelSpec>,
    /// What the model answers for every class.
    pub answers: Arc<[f32]>,
    /// The class that is explained.
    pub explained: usize,
    /// The class it is explained rather than, if one is.
    pub against: Option<usize>,
}

impl Classes {
    /// The row of a class.
    pub fn row(&self, id: usize) -> ClassRow {
        let part = if id == self.explained {
            Part::Explained
        } else if self.against == Some(id) {
            Part::Against
        } else {
            Part::None
        };
        let answer = self.spec.head.answer(self.answers.get(id).copied().unwrap_or_default());
        ClassRow { id, name: self.spec.labels.name(id), answer, part, is_chosen: false }
    }
}

/// Draws a class. A click explains it; the words before its number, or its menu, explain why not it; its menu also explains
/// it beside the class on the wall.
pub fn class_row_ui(ui: &mut Ui, row: &ClassRow, actions: &mut Vec<Action>) {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), theme::CLASS_ROW), Sense::click());
    let is_explained = row.part == Part::Explained;
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_explained, &row.name));
    let why_not = why_not_ui(ui, rect, response.id.with("why not"), row);
    let is_pointed = response.contains_pointer() || response.has_focus() || why_not.has_focus();
    paint(ui, rect, row, is_pointed, why_not.hovered() || why_not.has_focus());
    if response.clicked() && !is_explained {
        actions.push(Action::ExplainClass(row.id));
    }
    if why_not.clicked() {
        actions.push(Action::ExplainAgainst(if row.part == Part::Against { None } else { Some(row.id) }));
    }
    let (id, name) = (row.id, &row.name);
    response.context_menu(|ui| {
        if ui.add_enabled(!is_explained, egui::Button::new(text!("class-explain", class = name))).clicked() {
            actions.push(Action::ExplainClass(id));
        }
        if ui.add_enabled(!is_explained, egui::Button::new(text!("class-explain-why-not", class = name))).clicked() {
            actions.push(Action::ExplainAgainst(Some(id)));
        }
        if ui.add_enabled(!is_explained, egui::Button::new(text!("class-compare", class = name))).clicked() {
            actions.push(Action::CompareWithClass(id));
        }
    });
    let help = match row.part {
        Part::Explained => text!("class-row-explained", class = name, number = id),
        Part::Against => text!("class-row-against", class = name, number = id),
        Part::None => text!("class-row", class = name, number = id),
    };
    response.on_hover_text(help);
}

/// The button before the number at the end of a row.
fn why_not_ui(ui: &Ui, row_rect: Rect, id: Id, row: &ClassRow) -> Response {
    let enabled = row.part != Part::Explained;
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(why_not_rect(row_rect), id, sense);
    if !enabled {
        return response;
    }
    let is_against = row.part == Part::Against;
    let words = if is_against { text!("class-alone") } else { text!("class-why-not", class = row.name.as_str()) };
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_against, words.as_str()));
    response.on_hover_text(if is_against { words } else { text!("class-why-not", "help", class = row.name.as_str()) })
}

/// Beside the number at the row's end.
fn why_not_rect(row: Rect) -> Rect {
    let right = row.right() - PERCENT;
    row.with_max_x(right).with_min_x(right - WHY_NOT)
}

fn paint(ui: &Ui, rect: Rect, row: &ClassRow, is_pointed: bool, why_not_is_pointed: bool) {
    let visuals = ui.visuals();
    let is_explained = row.part == Part::Explained;
    if is_pointed || row.is_chosen {
        ui.painter().rect_filled(rect, theme::CORNER, visuals.widgets.hovered.weak_bg_fill);
    }
    let share = row.answer.probability().unwrap_or_default();
    let bar = rect.with_max_x(rect.left() + rect.width() * share.clamp(0.0, 1.0));
    ui.painter().rect_filled(bar, theme::CORNER, theme::probability_fill(visuals, is_explained));
    let mark = |color: Color32| {
        let mark = Rect::from_min_size(rect.min, Vec2::new(theme::BAR, rect.height()));
        ui.painter().rect_filled(mark, CornerRadius::ZERO, color);
    };
    match row.part {
        Part::Explained => mark(theme::accent(visuals)),
        Part::Against => mark(theme::against(visuals)),
        Part::None => {}
    }
    let color = if row.part == Part::None { visuals.text_color() } else { visuals.strong_text_color() };
    let button = why_not_rect(rect);
    let words = match row.part {
        Part::Against => Some((text!("class-not"), theme::against(visuals))),
        Part::None if why_not_is_pointed => Some((text!("class-why-not-short"), visuals.strong_text_color())),
        Part::None if is_pointed => Some((text!("class-why-not-short"), visuals.weak_text_color())),
        Part::None | Part::Explained => None,
    };
    let has_words = words.is_some();
    if let Some((words, color)) = words {
        painting::text(ui, button, Align2::CENTER_CENTER, words, TextStyle::Small, color);
    }
    let inner = rect.shrink2(Vec2::new(theme::SPACE, 0.0));
    let number = numbers::answer(row.answer);
    let number = painting::text(ui, inner, Align2::RIGHT_CENTER, number, TextStyle::Body, color);
    let name = inner.with_max_x(if has_words { button.left() } else { number.left() } - theme::SPACE);
    painting::text(ui, name, Align2::LEFT_CENTER, row.name.as_str(), TextStyle::Body, color);
}
