//! The rows: only those that are on screen are made, however many there are.

use egui::{Align, Button, Label, Layout, RichText, ScrollArea, Sense, Ui};
use egui_extras::{Column as Width, TableBuilder, TableRow};

use crate::{
    app::{
        state::{
            State,
            action::Action,
            collection::Collection,
            standing::Standing,
            table_view::{Column, TableView},
        },
        theme,
        ui::widgets::icons::{self, Icon, icon},
        words,
    },
    dataset::Outcome,
    export::{percent, score},
};

/// Width of the names of pictures at first, in points.
const NAME_WIDTH: f32 = 150.0;
/// Width of a class's name at first, in points.
const CLASS_WIDTH: f32 = 90.0;
/// Width of a number, in points.
const NUMBER_WIDTH: f32 = 60.0;
/// Width of a method's number, in points.
const METHOD_WIDTH: f32 = 96.0;
/// Width of an area under one of its curves, in points.
const AREA_WIDTH: f32 = 72.0;
/// Width of the column that says where a picture stands, in points.
const STATE_WIDTH: f32 = 84.0;

/// Draws the table; where its columns are wider than the room for them, it can be moved to the side.
pub fn rows_ui(ui: &mut Ui, state: &State, collection: &Collection, actions: &mut Vec<Action>) {
    ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
        // There is no end to it downwards within the area: the room is what is there now.
        let height = ui.available_height();
        ui.set_max_height(height);
        columns_ui(ui, state, collection, actions);
    });
}

fn columns_ui(ui: &mut Ui, state: &State, collection: &Collection, actions: &mut Vec<Action>) {
    let columns = columns(state, collection);
    let row_height = theme::CLASS_ROW;
    let mut table = TableBuilder::new(ui).striped(true).sense(Sense::click()).auto_shrink(false);
    table = table.cell_layout(Layout::left_to_right(Align::Center));
    for column in &columns {
        let width = match column {
            Column::Picture => Width::initial(NAME_WIDTH).at_least(80.0).clip(true).resizable(true),
            Column::Label | Column::Predicted => Width::initial(CLASS_WIDTH).at_least(60.0).clip(true).resizable(true),
            Column::State => Width::exact(STATE_WIDTH),
            Column::Difference(_) => Width::exact(METHOD_WIDTH),
            Column::Deletion(_) | Column::Insertion(_) => Width::exact(AREA_WIDTH),
            Column::Beside => Width::initial(CLASS_WIDTH).at_least(60.0).clip(true).resizable(true),
            Column::Fall => Width::exact(NUMBER_WIDTH),
            Column::Answer | Column::Margin | Column::Loss => Width::exact(NUMBER_WIDTH),
        };
        table = table.column(width);
    }
    table = table.column(Width::remainder());
    let on_the_wall = state.row_on_the_wall();
    let shown = collection.shown();
    table
        .header(theme::CAPTION_LINE, |mut row| {
            for column in &columns {
                row.col(|ui| head_ui(ui, collection, *column, actions));
            }
            row.col(|_| {});
        })
        .body(|body| {
            body.rows(row_height, shown.len(), |mut row| {
                let Some(&index) = shown.get(row.index()) else { return };
                row.set_selected(on_the_wall == Some(index));
                row_ui(&mut row, state, collection, &columns, index, actions);
                if row.response().clicked() {
                    actions.push(Action::OpenRow(index));
                }
            });
        });
}

/// The columns that have something in them.
fn columns(state: &State, collection: &Collection) -> Vec<Column> {
    let is_labelled = collection.dataset.items.iter().any(|item| item.label.is_some());
    let facts = collection.facts();
    let has = |column: &Column| match column {
        Column::Label => is_labelled,
        Column::Loss => facts.has_loss,
        Column::Difference(method) => facts.methods.contains(method),
        Column::Deletion(method) | Column::Insertion(method) => collection.view.areas && facts.methods.contains(method),
        Column::Beside | Column::Fall => collection.beside.is_some(),
        Column::Answer | Column::Margin => state.model.is_some(),
        Column::Picture | Column::State | Column::Predicted => true,
    };
    Column::all().into_iter().filter(has).collect()
}

/// A column's name; a click sorts by it, and the other way round if it was sorted so.
fn head_ui(ui: &mut Ui, collection: &Collection, column: Column, actions: &mut Vec<Action>) {
    let (sorted, from_high) = collection.view.sort;
    let (title, help) = title_and_help(collection, column);
    let is_sorted = sorted == column;
    let words = RichText::new(title.as_str());
    let words = if is_sorted { words.strong() } else { words.weak() };
    let mark = icon(if from_high { Icon::Menu } else { Icon::Up });
    let button = if is_sorted { Button::new((words, mark)) } else { Button::new(words) };
    // In line with what stands below it.
    ui.spacing_mut().button_padding.x = 0.0;
    let button = ui.add(button.frame_when_inactive(false).truncate());
    // Every method has areas that are called the same.
    let heard = match column {
        Column::Deletion(method) => text!("compare-deletion", method = method.title),
        Column::Insertion(method) => text!("compare-insertion", method = method.title),
        _ => title,
    };
    icons::name(&button, text!("table-sort", column = heard));
    if button.on_hover_text(help).clicked() {
        let from_high = if is_sorted { !from_high } else { column.is_number() };
        let view = TableView { sort: (column, from_high), ..collection.view.clone() };
        actions.push(Action::LookAtCollection(Box::new(view)));
    }
}

fn title_and_help(collection: &Collection, column: Column) -> (String, String) {
    let beside = collection.beside.as_ref().map_or("", |beside| beside.title.as_str());
    match column {
        Column::Picture => (text!("column-picture"), text!("column-picture", "help")),
        Column::State => (text!("table-state"), text!("table-state", "help")),
        Column::Label => (text!("column-label"), text!("column-label", "help")),
        Column::Predicted => (text!("column-predicted"), text!("column-predicted", "help")),
        Column::Answer => (text!("column-answer"), text!("column-answer", "help")),
        Column::Margin => (text!("column-margin"), text!("column-margin", "help")),
        Column::Loss => (text!("column-loss"), text!("column-loss", "help")),
        Column::Beside => (text!("column-beside"), text!("column-beside", "help", model = beside)),
        Column::Fall => (text!("column-fall"), text!("column-fall", "help", model = beside)),
        Column::Difference(method) => (method.title.to_owned(), text!("column-method-help", method = method.title)),
        Column::Deletion(method) => (text!("column-deletion"), text!("column-deletion", "help", method = method.title)),
        Column::Insertion(method) => {
            (text!("column-insertion"), text!("column-insertion", "help", method = method.title))
        }
    }
}

fn row_ui(
    row: &mut TableRow<'_, '_>,
    state: &State,
    collection: &Collection,
    columns: &[Column],
    index: usize,
    actions: &mut Vec<Action>,
) {
    let is_wrong = collection.is_wrong(index) == Some(true);
    let has_probabilities =
        state.model.as_ref().is_none_or(|model| model.spec.head.measure() == crate::model::Score::Probability);
    for column in columns {
        row.col(|ui| match column {
            Column::Picture => {
                let name = collection.text(index, *column);
                let mut is_chosen = collection.chosen.contains(&index);
                let choose = ui.checkbox(&mut is_chosen, "");
                icons::name(&choose, text!("table-choose", picture = name));
                if choose.on_hover_text(text!("table-choose", "help")).changed() {
                    actions.push(Action::ChooseRow(index));
                }
                ui.spacing_mut().button_padding.x = 0.0;
                let open = ui.add(Button::new(name).frame(false).truncate());
                if open.on_hover_text(name).clicked() {
                    actions.push(Action::OpenRow(index));
                }
            }
            Column::State => state_ui(ui, state, index),
            Column::Label | Column::Predicted => {
                let text = RichText::new(collection.text(index, *column));
                let is_mistake = is_wrong && *column == Column::Predicted;
                let text = if is_mistake { text.color(theme::error_color(ui.visuals())) } else { text };
                ui.add(Label::new(text).truncate().selectable(false));
            }
            Column::Beside => {
                let Some(seen) = collection.seen_beside(index) else { return };
                let text = RichText::new(seen.predicted.as_str());
                let text = if seen.differs { text.color(theme::error_color(ui.visuals())) } else { text.weak() };
                ui.add(Label::new(text).truncate().selectable(false));
            }
            Column::Deletion(_) | Column::Insertion(_) => {
                let number = collection.number(index, *column).map(score).unwrap_or_default();
                ui.add(Label::new(RichText::new(number).weak()).selectable(false));
            }
            Column::Answer | Column::Margin | Column::Loss | Column::Fall => {
                let is_share = has_probabilities && *column != Column::Loss;
                let written = |number: f64| if is_share { percent(number as f32) } else { score(number) };
                let number = collection.number(index, *column).map(written).unwrap_or_default();
                ui.add(Label::new(number).selectable(false));
            }
            Column::Difference(method) => {
                if let Some(outcome) = collection.rows[index].outcome(method.id) {
                    outcome_ui(ui, outcome);
                }
            }
        });
    }
    row.col(|_| {});
}

/// What came of a method: its number, or that it is none.
fn outcome_ui(ui: &mut Ui, outcome: &Outcome) {
    let number = outcome.areas.map(|areas| score(f64::from(areas.difference())));
    match (number, outcome.is_better_than_random) {
        (None, _) => {
            ui.add(Label::new(RichText::new(text!("table-found-nothing")).weak()).selectable(false));
        }
        (Some(number), Some(false)) => {
            let label = Label::new(RichText::new(format!("{number} ≈")).weak()).selectable(false);
            ui.add(label).on_hover_text(text!("table-as-chance"));
        }
        (Some(number), _) => {
            ui.add(Label::new(number).selectable(false));
        }
    }
}

/// Where a picture stands.
fn state_ui(ui: &mut Ui, state: &State, index: usize) {
    let standing = state.standing_of_row(index);
    let words = RichText::new(words::standing(&standing));
    let Standing::Failed(why) = standing else {
        ui.add(Label::new(words.weak()).selectable(false));
        return;
    };
    let failed = ui.add(Label::new(words.color(theme::error_color(ui.visuals()))).selectable(false));
    if let Some(why) = why {
        failed.on_hover_text(why);
    }
}
