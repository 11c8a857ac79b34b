//! The parameters of every method, in groups: what each does is said where it is changed.

use std::cell::Cell;

use egui::{Align, Button, CollapsingHeader, Layout, RichText, Ui};

use super::{presets_list, presets_menu};
use crate::{
    app::{
        commands::shortcuts::{self, hint},
        state::{State, action::Action, panels::Panels},
        ui::widgets::{
            icons::{Icon, icon, name},
            rows::{self, Change, Head, Scale},
        },
        words::{self, Group},
    },
    explain::{self, Kind, Parameter, Parameters, Table, Value},
};

/// Draws what stands above the parameters: their presets, what was changed, and the two ways to choose.
pub fn head_ui(ui: &mut Ui, state: &State, panels: &mut Panels, actions: &mut Vec<Action>) {
    header_ui(ui, state, panels, actions);
    ways_ui(ui, panels.by_value, actions);
}

/// Draws the parameters.
pub fn parameters_ui(ui: &mut Ui, state: &State, panels: &mut Panels, actions: &mut Vec<Action>) {
    if !panels.by_value {
        presets_list::presets_list_ui(ui, state, actions);
        return;
    }
    let mut edited = state.parameters.clone();
    let mut change = Change::None;
    let default = Parameters::default();
    let on_the_wall = state.wanted_methods();
    for (number, group) in Group::all().into_iter().enumerate().filter(|(_, group)| group.is_of(&on_the_wall)) {
        let table = group.table;
        let changed = group.rows().filter(|row| !edited.is_same(&default, table, row)).count();
        let is_open = !panels.closed.contains(&group.id);
        let title = RichText::new(group.title()).strong();
        let header = CollapsingHeader::new(title).id_salt(("parameters", number)).open(Some(is_open));
        let shown = header.show_unindented(ui, |ui| {
            for row in group.rows() {
                change = change.max(parameter_ui(ui, table, row, &mut edited, &default, state.side(), actions));
            }
        });
        let header = shown.header_response;
        if changed > 0 && !is_open {
            rows::count_ui(ui, header.rect, changed);
        }
        if header.on_hover_text(group.help()).clicked() {
            actions.push(Action::ToggleGroup(group.id.clone()));
        }
    }
    if change != Change::None {
        actions.push(Action::Edit { parameters: Box::new(edited), held: change == Change::Held });
    }
}

fn header_ui(ui: &mut Ui, state: &State, panels: &mut Panels, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        presets_menu::presets_menu_ui(ui, state, &mut panels.preset, actions);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let can_reset = state.parameters != Parameters::default();
            let reset = ui.add_enabled(can_reset, Button::new(text!("parameters-reset-all")));
            if reset.on_hover_text(text!("parameters-reset-all", "help")).clicked() {
                actions.push(Action::edit(Parameters::default()));
            }
            let redo = ui.add_enabled(state.edits.can_redo(), Button::new(icon(Icon::Redo)));
            name(&redo, text!("redo"));
            if redo.on_hover_text(hint(ui.ctx(), &text!("redo", "help"), shortcuts::REDO)).clicked() {
                actions.push(Action::Redo);
            }
            let undo = ui.add_enabled(state.edits.can_undo(), Button::new(icon(Icon::Undo)));
            name(&undo, text!("undo"));
            if undo.on_hover_text(hint(ui.ctx(), &text!("undo", "help"), shortcuts::UNDO)).clicked() {
                actions.push(Action::Undo);
            }
        });
    });
}

/// The two ways to choose: by what sets of values are good for, or value by value.
fn ways_ui(ui: &mut Ui, by_value: bool, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let purpose = (false, text!("parameters-by-purpose"), text!("parameters-by-purpose", "help"));
        let value = (true, text!("parameters-by-value"), text!("parameters-by-value", "help"));
        for (way, words, help) in [purpose, value] {
            if ui.selectable_label(by_value == way, words).on_hover_text(help).clicked() {
                actions.push(Action::ShowValues(way));
            }
        }
    });
}

/// A parameter's row; says whether it was changed.
fn parameter_ui(
    ui: &mut Ui,
    table: &'static Table,
    row: &'static Parameter,
    edited: &mut Parameters,
    default: &Parameters,
    side: usize,
    actions: &mut Vec<Action>,
) -> Change {
    let head = Head {
        name: words::name(table, row),
        symbol: row.symbol,
        help: words::explanation(table, row, side, default),
        is_usual: edited.is_same(default, table, row),
    };
    let usual = default.set(table).and_then(|set| row.get(set));
    let Some((set, usual)) = edited.set_mut(table).zip(usual) else { return Change::None };
    let Some(value) = row.get(set) else { return Change::None };
    let is_used = table.counts(row, set);
    let id = words::parameter_id(table, row);
    let typed = Cell::new(None);
    let done = rows::row_ui(ui, &head, is_used, |ui| match (row.kind, value) {
        (Kind::Choice(names), _) => {
            let names = names();
            let mut number = names.iter().position(|name| Value::Choice(name) == value).unwrap_or_default();
            let done = rows::choice_ui(ui, &id, &names, &mut number);
            if let Some(name) = names.get(number) {
                table.set(row, set, Value::Choice(name));
            }
            done
        }
        (_, Value::Switch(mut is_on)) => {
            let done = rows::switch_ui(ui, &mut is_on);
            table.set(row, set, Value::Switch(is_on));
            done
        }
        (Kind::Seed, Value::Whole(mut seed)) => {
            let done = rows::whole_ui(ui, &mut seed);
            table.set(row, set, Value::Whole(seed));
            done
        }
        (kind, _) => {
            let is_whole = matches!(kind, Kind::Whole(..));
            let is_log = matches!(kind, Kind::Real(_, explain::Scale::Log) | Kind::Whole(_, explain::Scale::Log));
            let range = row.range(side).unwrap_or(0.0..=1.0);
            let scale = Scale { range, is_log, is_whole, usual: usual.number() };
            rows::number_ui(ui, &scale, &typed, |new| {
                if let Some(value) = new {
                    let value = if is_whole { Value::Whole(value as u64) } else { Value::Real(value) };
                    table.set(row, set, value);
                }
                row.get(set).map_or(f64::NAN, Value::number)
            })
        }
    });
    let is_whole = matches!(row.kind, Kind::Whole(..));
    let value = edited.set(table).and_then(|set| row.get(set)).map_or(f64::NAN, Value::number);
    actions.extend(rows::bounded(&head.name, typed.take(), value, is_whole).map(Action::Say));
    if done.wants_reset {
        edited.copy(table, row, default);
        return Change::Made;
    }
    done.change
}
