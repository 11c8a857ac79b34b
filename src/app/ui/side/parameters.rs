//! The parameters of every method, in groups: what each does is said where it is changed.

use egui::{Align, Button, CollapsingHeader, Layout, RichText, Ui};

use super::presets_menu;
use crate::{
    app::{
        commands::shortcuts::{self, hint},
        knobs::{Group, KNOBS, Kind, Knob},
        state::{State, action::Action, panels::Panels},
        ui::widgets::{
            icons::{Icon, icon, name},
            rows::{self, Change, Head, Scale},
        },
    },
    explain::{LineSearch, Parameters},
};

/// Draws the parameters.
pub fn parameters_ui(ui: &mut Ui, state: &State, panels: &mut Panels, actions: &mut Vec<Action>) {
    header_ui(ui, state, panels, actions);
    let mut edited = state.parameters.clone();
    let mut change = Change::None;
    let usual = Parameters::default();
    for group in Group::ALL {
        let knobs = || KNOBS.iter().filter(move |knob| knob.group == group);
        let changed = knobs().filter(|knob| !knob.is_same(&edited, &usual)).count();
        let is_open = !panels.closed.contains(&group);
        let title = RichText::new(group.title()).strong();
        let header = CollapsingHeader::new(title).id_salt(("parameters", group as usize)).open(Some(is_open));
        let shown = header.show_unindented(ui, |ui| {
            for knob in knobs() {
                change = change.max(knob_ui(ui, knob, &mut edited, &usual, state.side()));
            }
        });
        let header = shown.header_response;
        if changed > 0 && !is_open {
            rows::count_ui(ui, header.rect, changed);
        }
        if header.on_hover_text(group.help()).clicked() {
            actions.push(Action::ToggleGroup(group));
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

/// A parameter's row; says whether it was changed.
fn knob_ui(ui: &mut Ui, knob: &Knob, edited: &mut Parameters, usual: &Parameters, side: usize) -> Change {
    let head = Head {
        name: knob.name(),
        symbol: knob.symbol,
        help: knob.explanation(side, usual),
        is_usual: knob.is_same(edited, usual),
    };
    // Only one of the line searches has points to choose.
    let is_used = knob.id != "knob-search-points" || edited.igos.line_search == LineSearch::PathShared;
    let done = rows::row_ui(ui, &head, is_used, |ui| match knob.kind {
        Kind::Number { is_log, is_whole, range, get, set } => {
            let scale = Scale { range: range(side), is_log, is_whole, usual: get(usual) };
            rows::number_ui(ui, &scale, |new| {
                if let Some(value) = new {
                    set(edited, value);
                }
                get(edited)
            })
        }
        Kind::Choice { names, get, set } => {
            let mut number = get(edited);
            let done = rows::choice_ui(ui, knob.id, &names(), &mut number);
            set(edited, number);
            done
        }
        Kind::Switch { get, set } => {
            let mut is_on = get(edited);
            let done = rows::switch_ui(ui, &mut is_on);
            set(edited, is_on);
            done
        }
        Kind::Seed { get, set } => {
            let mut seed = get(edited);
            let done = rows::whole_ui(ui, &mut seed);
            set(edited, seed);
            done
        }
    });
    if done.wants_reset {
        knob.copy(usual, edited);
        return Change::Made;
    }
    done.change
}
