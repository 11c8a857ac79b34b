//! Above the table: how many pictures there are, the queue, and which of them are shown.

use egui::{Align, Button, Layout, ProgressBar, TextEdit, Ui};

use super::figure_menu;
use crate::app::{
    commands::shortcuts::{self, hint},
    numbers,
    state::{
        State,
        action::Action,
        collection::{BesideRows, Collection, TableView},
        model_list::{ModelsAction, Purpose},
    },
    theme,
    ui::widgets::icons::{self, Icon, icon},
};

/// Width of the field for a text that is looked for, in points.
const SEARCH_WIDTH: f32 = 180.0;
/// Width of the queue's progress bar, in points.
const PROGRESS_WIDTH: f32 = 120.0;

/// Draws both lines.
pub fn bar_ui(ui: &mut Ui, state: &State, collection: &Collection, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.strong(&collection.name);
        ui.label(text!("table-pictures", pictures = collection.rows.len()));
        let (wrong, labelled) = (collection.facts().wrong, collection.facts().labelled);
        if collection.classified < collection.rows.len() && state.model.is_some() {
            ui.weak(text!("table-classified", done = collection.classified, all = collection.rows.len()));
        } else if labelled > 0 {
            ui.label(text!("table-wrong", wrong = wrong, labelled = labelled));
        }
        if collection.explained() > 0 && state.results_are_old() {
            let warning = ui.colored_label(theme::error_color(ui.visuals()), text!("table-old"));
            warning.on_hover_text(text!("table-old", "help"));
        }
        if collection.truths.is_guess {
            let help = collection.truths.remarks.join("\n");
            ui.colored_label(theme::error_color(ui.visuals()), text!("table-guess")).on_hover_text(help);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = ui.add(Button::new(icon(Icon::Close)).frame_when_inactive(false));
            icons::name(&close, text!("table-close"));
            let help = hint(ui.ctx(), &text!("table-close", "help"), shortcuts::TABLE);
            if close.on_hover_text(help).clicked() {
                actions.push(Action::LookAtCollection(Box::new(collection.view.opened(false))));
            }
            let explained = collection.explained();
            let report = ui.add_enabled(explained > 0, Button::new(text!("table-report")));
            if report.on_hover_text(text!("table-report", "help")).clicked() {
                actions.push(Action::ReportCollection);
            }
            figure_menu::figure_menu_ui(ui, state, collection, actions);
            let figure = ui.add_enabled(collection.explained() > 0, Button::new(text!("table-figure")));
            if figure.on_hover_text(text!("table-figure", "help")).clicked() {
                actions.push(Action::DrawFigure);
            }
            if collection.beside.is_none() {
                let beside = ui.add_enabled(state.model.is_some(), Button::new(text!("table-add-beside")));
                if beside.on_hover_text(text!("table-add-beside", "help")).clicked() {
                    actions.push(Action::Models(ModelsAction::Open(Purpose::Beside)));
                }
            }
            if !state.queue.is_busy() {
                let left = collection.facts().left;
                let can = left > 0 && state.model.is_some() && state.results_folder.is_some();
                let all = ui.add_enabled(can, Button::new(text!("table-explain", pictures = left)));
                if all.on_hover_text(text!("table-explain", "help")).clicked() {
                    actions.push(Action::ExplainAll);
                }
            }
        });
    });
    if state.queue.is_busy() {
        ui.horizontal(|ui| queue_ui(ui, state, actions));
    }
    ui.horizontal(|ui| filters_ui(ui, collection, actions));
    if let Some(beside) = &collection.beside {
        ui.horizontal(|ui| beside_ui(ui, state, collection, beside, actions));
    }
}

/// What the network beside the model says otherwise, and how it is left.
fn beside_ui(ui: &mut Ui, state: &State, collection: &Collection, beside: &BesideRows, actions: &mut Vec<Action>) {
    ui.label(text!("table-beside", model = beside.title.as_str()));
    let facts = collection.facts();
    if beside.classified < collection.rows.len() {
        ui.weak(text!("table-classified", done = beside.classified, all = collection.rows.len()));
    } else {
        ui.label(text!("table-differing", differing = facts.differing, all = facts.by_both));
    }
    let mut compares = state.compares_models;
    let words = text!("compare-models");
    if ui.checkbox(&mut compares, words).on_hover_text(text!("compare-models", "help")).changed() {
        actions.push(Action::CompareModels(compares));
    }
    let leave = ui.add(Button::new(icon(Icon::Close)).frame_when_inactive(false));
    icons::name(&leave, text!("table-leave-beside"));
    if leave.on_hover_text(text!("table-leave-beside", "help")).clicked() {
        actions.push(Action::Models(ModelsAction::Unbeside));
    }
}

/// How far the queue is, and how it is held and ended.
fn queue_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let queue = &state.queue;
    let (done, all) = queue.progress();
    let share = (done as f32 + queue.share_done()) / all.max(1) as f32;
    let bar = ProgressBar::new(share).desired_width(PROGRESS_WIDTH).desired_height(theme::PROGRESS_HEIGHT);
    ui.add(bar.fill(theme::accent(ui.visuals())));
    ui.label(text!("queue-progress", done = done, all = all));
    let left = queue.left().map(|left| text!("status-left", time = numbers::about(left)));
    if let Some(left) = left.filter(|_| !queue.is_held) {
        ui.weak(left);
    }
    let (image, word, help) = match queue.is_held {
        true => (Icon::Run, text!("queue-go-on"), text!("queue-go-on", "help")),
        false => (Icon::Pause, text!("queue-hold"), text!("queue-hold", "help")),
    };
    if ui.add(Button::new((icon(image), word))).on_hover_text(help).clicked() {
        actions.push(Action::HoldQueue(!queue.is_held));
    }
    let cancel = ui.add(Button::new((icon(Icon::Stop), text!("queue-cancel"))));
    if cancel.on_hover_text(text!("queue-cancel", "help")).clicked() {
        actions.push(Action::CancelQueue);
    }
}

/// Which rows are shown.
fn filters_ui(ui: &mut Ui, collection: &Collection, actions: &mut Vec<Action>) {
    let mut view = collection.view.clone();
    let search = TextEdit::singleline(&mut view.text).hint_text(text!("table-search", "hint"));
    let search = ui.add(search.desired_width(SEARCH_WIDTH));
    icons::name(&search, text!("table-search"));
    let facts = collection.facts();
    let (wrong, labelled) = (facts.wrong, facts.labelled);
    ui.add_enabled_ui(labelled > 0, |ui| {
        ui.checkbox(&mut view.wrong_only, text!("table-wrong-only")).on_hover_text(text!("table-wrong-only", "help"));
        let most_wrong = Button::new(text!("table-most-wrong")).selected(view == view.most_wrong());
        let help = hint(ui.ctx(), &text!("table-most-wrong", "help"), shortcuts::MOST_WRONG);
        if ui.add_enabled(wrong > 0, most_wrong).on_hover_text(help).clicked() {
            view = view.most_wrong();
        }
    });
    ui.add_enabled_ui(facts.has_nothing || view.nothing_only, |ui| {
        ui.checkbox(&mut view.nothing_only, text!("table-nothing-only"));
    });
    if let Some(beside) = &collection.beside {
        ui.add_enabled_ui(facts.differing > 0 || view.differing_only, |ui| {
            let differing = Button::new(text!("table-most-differing")).selected(view == view.most_differing());
            let help = text!("table-most-differing", "help", model = beside.title.as_str());
            if ui.add(differing).on_hover_text(help).clicked() {
                view = if view.differing_only {
                    TableView { differing_only: false, ..view.clone() }
                } else {
                    view.most_differing()
                };
            }
        });
    }
    if let Some((label, predicted)) = view.cell {
        let name = |class: usize| collection_class(collection, class);
        let words = text!("table-cell", label = name(label), predicted = name(predicted));
        let chip = ui.add(Button::new((words.as_str(), icon(Icon::Close))).selected(true));
        if chip.on_hover_text(text!("table-cell", "help")).clicked() {
            view.cell = None;
        }
    }
    let shown = collection.shown().len();
    if shown < collection.rows.len() {
        ui.weak(text!("table-shown", shown = shown));
    }
    if view != collection.view {
        actions.push(Action::LookAtCollection(Box::new(view)));
    }
}

/// The name of a class, as its pictures were labelled or taken for it.
pub(super) fn collection_class(collection: &Collection, class: usize) -> String {
    let predicted = collection.rows.iter().filter_map(|row| row.seen.as_ref());
    let predicted = predicted.filter(|seen| seen.predicted_class == class).map(|seen| seen.predicted.clone()).next();
    let labelled = collection.truths.classes.iter().position(|own| *own == Some(class));
    let labelled = labelled.and_then(|index| collection.dataset.items[index].label.clone());
    predicted.or(labelled).unwrap_or_else(|| class.to_string())
}
