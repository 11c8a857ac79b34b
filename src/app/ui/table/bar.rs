//! Above the table: how many pictures there are, the queue, and which of them are shown.

use egui::{Align, Button, Checkbox, ComboBox, Layout, ProgressBar, RichText, TextEdit, Ui};

use super::figure_menu;
use crate::app::{
    commands::shortcuts::{self, hint},
    numbers,
    state::{
        State,
        action::Action,
        collection::{BesideRows, Collection},
        model_list::{ModelsAction, Purpose},
        table_facts::ClassOf,
        table_view::{Among, Column, TableView},
    },
    theme,
    ui::widgets::{
        icons::{self, Icon, icon},
        painting,
    },
};

/// Width of the field for a text that is looked for, in points.
const SEARCH_WIDTH: f32 = 140.0;
/// Width of the list of classes, in points.
const CLASSES_WIDTH: f32 = 120.0;
/// The least width for what can be done with the pictures to stand beside what they come to, in points.
const ROOM_FOR_ONE_LINE: f32 = 760.0;
/// Width of the queue's progress bar, in points.
const PROGRESS_WIDTH: f32 = 120.0;

/// Draws its lines, more of them where there is less room.
pub fn bar_ui(ui: &mut Ui, state: &State, collection: &Collection, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let room = ui.available_width();
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let close = ui.add(Button::new(icon(Icon::Close)).frame_when_inactive(false));
            icons::name(&close, text!("table-close"));
            let help = hint(ui.ctx(), &text!("table-close", "help"), shortcuts::TABLE);
            if close.on_hover_text(help).clicked() {
                actions.push(Action::LookAtCollection(Box::new(collection.view.opened(false))));
            }
            let lines = Layout::left_to_right(Align::Center).with_main_wrap(true);
            ui.with_layout(lines, |ui| {
                facts_ui(ui, state, collection);
                if room >= ROOM_FOR_ONE_LINE {
                    ui.add_space(theme::GAP);
                    work_ui(ui, state, collection, actions);
                }
            });
        });
    });
    if ui.available_width() < ROOM_FOR_ONE_LINE {
        ui.horizontal_wrapped(|ui| work_ui(ui, state, collection, actions));
    }
    if state.queue.is_busy() {
        ui.horizontal_wrapped(|ui| queue_ui(ui, state, actions));
    }
    ui.horizontal_wrapped(|ui| filters_ui(ui, collection, actions));
    if let Some(beside) = &collection.beside {
        ui.horizontal_wrapped(|ui| beside_ui(ui, state, collection, beside, actions));
    }
}

/// What the collection is called and comes to.
fn facts_ui(ui: &mut Ui, state: &State, collection: &Collection) {
    painting::words(ui, RichText::new(&collection.name).strong());
    painting::words(ui, RichText::new(text!("table-pictures", pictures = collection.rows.len())));
    let (wrong, labelled) = (collection.facts().wrong, collection.facts().labelled);
    let error = theme::error_color(ui.visuals());
    if collection.classified < collection.rows.len() && state.model.is_some() {
        painting::words(
            ui,
            RichText::new(text!("table-classified", done = collection.classified, all = collection.rows.len())).weak(),
        );
    } else if labelled > 0 {
        painting::words(ui, RichText::new(text!("table-wrong", wrong = wrong, labelled = labelled)));
    }
    if collection.explained() > 0 && state.results_are_old() {
        let warning = painting::words(ui, RichText::new(text!("table-old")).color(error));
        warning.on_hover_text(text!("table-old", "help"));
    }
    if collection.truths.is_guess {
        let help = collection.truths.remarks.join("\n");
        painting::words(ui, RichText::new(text!("table-guess")).color(error)).on_hover_text(help);
    }
}

/// What can be done with all of it.
fn work_ui(ui: &mut Ui, state: &State, collection: &Collection, actions: &mut Vec<Action>) {
    if !state.queue.is_busy() {
        let left = collection.facts().left;
        let can = left > 0 && state.model.is_some() && state.results_folder.is_some();
        let all = ui.add_enabled(can, Button::new(text!("table-explain", pictures = left)));
        if all.on_hover_text(text!("table-explain", "help")).clicked() {
            actions.push(Action::ExplainAll);
        }
    }
    if collection.beside.is_none() {
        let beside = ui.add_enabled(state.model.is_some(), Button::new(text!("table-add-beside")));
        if beside.on_hover_text(text!("table-add-beside", "help")).clicked() {
            actions.push(Action::Models(ModelsAction::Open(Purpose::Beside)));
        }
    }
    let has_results = collection.explained() > 0;
    let figure = ui.add_enabled(has_results, Button::new(text!("table-figure")));
    if figure.on_hover_text(text!("table-figure", "help")).clicked() {
        actions.push(Action::DrawFigure);
    }
    figure_menu::figure_menu_ui(ui, state, collection, actions);
    let report = ui.add_enabled(has_results, Button::new(text!("table-report")));
    if report.on_hover_text(text!("table-report", "help")).clicked() {
        actions.push(Action::ReportCollection);
    }
}

/// What the network beside the model says otherwise, and how it is left.
fn beside_ui(ui: &mut Ui, state: &State, collection: &Collection, beside: &BesideRows, actions: &mut Vec<Action>) {
    painting::words(ui, RichText::new(text!("table-beside", model = beside.title.as_str())));
    let facts = collection.facts();
    if beside.classified < collection.rows.len() {
        painting::words(
            ui,
            RichText::new(text!("table-classified", done = beside.classified, all = collection.rows.len())).weak(),
        );
    } else {
        painting::words(ui, RichText::new(text!("table-differing", differing = facts.differing, all = facts.by_both)));
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
    // Where there is little room, the one in the bar below must do.
    if ui.available_width() >= ROOM_FOR_ONE_LINE {
        let share = (done as f32 + queue.share_done()) / all.max(1) as f32;
        let bar = ProgressBar::new(share).desired_width(PROGRESS_WIDTH).desired_height(theme::PROGRESS_HEIGHT);
        ui.add(bar.fill(theme::accent(ui.visuals())));
    }
    painting::words(ui, RichText::new(text!("queue-progress", done = done, all = all)));
    let left = queue.left().map(|left| text!("status-left", time = numbers::about(left)));
    if let Some(left) = left.filter(|_| !queue.is_held) {
        painting::words(ui, RichText::new(left).weak());
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
    let wrong_only = Checkbox::new(&mut view.wrong_only, text!("table-wrong-only"));
    ui.add_enabled(labelled > 0, wrong_only).on_hover_text(text!("table-wrong-only", "help"));
    let most_wrong = Button::new(text!("table-most-wrong")).selected(view == view.most_wrong());
    let help = hint(ui.ctx(), &text!("table-most-wrong", "help"), shortcuts::MOST_WRONG);
    if ui.add_enabled(labelled > 0 && wrong > 0, most_wrong).on_hover_text(help).clicked() {
        view = view.most_wrong();
    }
    let can = facts.has_nothing || view.nothing_only;
    ui.add_enabled(can, Checkbox::new(&mut view.nothing_only, text!("table-nothing-only")));
    if let Some(beside) = &collection.beside {
        let differing = Button::new(text!("table-most-differing")).selected(view == view.most_differing());
        let help = text!("table-most-differing", "help", model = beside.title.as_str());
        let can = facts.differing > 0 || view.differing_only;
        if ui.add_enabled(can, differing).on_hover_text(help).clicked() {
            view = if view.differing_only {
                TableView { differing_only: false, ..view.clone() }
            } else {
                view.most_differing()
            };
        }
    }
    if !facts.methods.is_empty() {
        ui.checkbox(&mut view.areas, text!("table-areas")).on_hover_text(text!("table-areas", "help"));
        let is_gone = matches!(view.sort.0, Column::Deletion(_) | Column::Insertion(_)) && !view.areas;
        if is_gone {
            view.sort = TableView::default().sort;
        }
    }
    classes_ui(ui, collection, &mut view);
    let shown = collection.shown().len();
    if shown < collection.rows.len() {
        painting::words(ui, RichText::new(text!("table-shown", shown = shown)).weak());
    }
    if view != collection.view {
        actions.push(Action::LookAtCollection(Box::new(view)));
    }
}

/// The class whose pictures are shown only, if one is chosen, and a list to choose it from.
fn classes_ui(ui: &mut Ui, collection: &Collection, view: &mut TableView) {
    let classes = &collection.facts().classes;
    let name = |class: usize| collection.class_name(class);
    let words = view.among.map_or_else(
        || text!("among-all"),
        |among| match among {
            Among::Cell(label, predicted) => text!("table-cell", label = name(label), predicted = name(predicted)),
            Among::Labelled(class) => text!("among-labelled", class = name(class)),
            Among::Predicted(class) => text!("among-predicted", class = name(class)),
            Among::Either(class) => name(class),
        },
    );
    // What lies in a part of its own is not wrapped by itself.
    if ui.available_size_before_wrap().x < CLASSES_WIDTH {
        ui.end_row();
    }
    ui.add_enabled_ui(!classes.is_empty(), |ui| {
        let list = ComboBox::from_id_salt("classes").width(CLASSES_WIDTH).selected_text(words).truncate();
        let list = list.show_ui(ui, |ui| {
            if ui.selectable_label(view.among.is_none(), text!("among-all")).clicked() {
                view.among = None;
            }
            for ClassOf { class, name, pictures } in classes {
                let among = Some(Among::Either(*class));
                let words = text!("among-class", class = name.as_str(), pictures = *pictures);
                if ui.selectable_label(view.among == among, words).clicked() {
                    view.among = among;
                }
            }
        });
        icons::name(&list.response, text!("among"));
        list.response.on_hover_text(text!("among", "help"));
    });
    if view.among.is_some() {
        let all = ui.add(Button::new(icon(Icon::Close)).frame_when_inactive(false));
        icons::name(&all, text!("among-leave"));
        if all.on_hover_text(text!("among-leave")).clicked() {
            view.among = None;
        }
    }
}
