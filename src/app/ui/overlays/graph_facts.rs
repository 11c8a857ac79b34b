//! What was understood of a network that is a graph from a file, below the list of models: fact by fact, each with what can
//! be said instead.

use std::fmt::Display;

use egui::{
    Align, Align2, Button, Key, Label, Layout, Response, RichText, Role, Sense, TextEdit, TextStyle, Ui, Vec2,
    WidgetInfo,
};

use super::{
    class_names::names_ui,
    input_size::{of_size, sizes_ui},
    own_choices::{Choice, heads},
};
use crate::{
    app::{
        numbers,
        state::{
            State,
            action::Action,
            model_list::{ModelsAction, TypedNumbers},
        },
        theme,
        ui::widgets::{icons::name, painting, steady::steady},
    },
    imaging::{Channels, Normalisation, Size},
    model::{BYTES, GraphFacts, IMAGENET, ModelSpec, PIXELS, SIGNED, Said, ToRemember, Topic},
    worker::HostOptions,
};

/// Width of the names of facts, in points.
const NAMES: f32 = 96.0;
/// Width of the mark at a guess, in points.
const MARKS: f32 = 54.0;
/// Height of a row, in points.
const ROW: f32 = 25.0;
/// Rows that there are at most, if none is wrapped.
const ROWS: f32 = 14.0;
/// Width of a field for a number and for three, in points.
const FIELDS: [f32; 2] = [56.0, 150.0];

/// The height of all, in points.
pub const HEIGHT: f32 = ROWS * ROW + theme::GAP;

/// Draws the facts about the hosted network.
pub fn graph_facts_ui(ui: &mut Ui, state: &State, spec: &ModelSpec, graph: &GraphFacts, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    head_ui(ui, state, spec, graph, actions);
    let value = |topic: Topic| graph.about(topic).map(|fact| fact.value.clone()).unwrap_or_default();
    let guess = |topic: Topic| graph.about(topic).is_some_and(|fact| fact.is_guess);
    let note = |topic: Topic| graph.about(topic).map(|fact| fact.note.clone()).unwrap_or_default();

    row_ui(ui, text!("graph-made"), text!("graph-made", "help"), false, |ui| {
        let [nodes, parameters] = [Topic::Nodes, Topic::Parameters].map(value);
        let parameters = numbers::grouped(&parameters);
        let words = text!("graph-made-words", by = value(Topic::WrittenBy), nodes = nodes, parameters = parameters);
        ui.add(Label::new(words).truncate());
    });
    row_ui(ui, text!("graph-operations"), text!("graph-operations", "help"), false, |ui| {
        let each = graph.facts.iter().filter(|fact| fact.topic == Topic::Operation);
        let each: Vec<&str> = each.map(|fact| fact.value.trim()).collect();
        ui.add(Label::new(each.join(", ")).truncate()).on_hover_text(each.join("\n"));
    });
    row_ui(ui, text!("graph-input"), text!("graph-input", "help"), false, |ui| {
        ui.add(Label::new(value(Topic::Input)).truncate());
    });
    row_ui(ui, text!("graph-size"), text!("graph-size", "help"), guess(Topic::InputSize), |ui| {
        if spec.sizes.others.is_some() {
            sizes_ui(ui, state, spec, actions);
            size_field_ui(ui, state, spec, actions);
        } else {
            ui.label(value(Topic::InputSize));
        }
        ui.weak(text!("input-size-pixels"));
    });
    row_ui(ui, text!("graph-output"), text!("graph-output", "help"), spec.guesses.output.is_some(), |ui| {
        if graph.outputs.len() > 1 {
            outputs(state, graph).answers_ui(ui, actions);
        } else {
            ui.add(Label::new(value(Topic::Output)).truncate());
        }
    });
    row_ui(ui, text!("graph-head"), text!("models-head", "help"), guess(Topic::Head), |ui| {
        if let Some(heads) = heads(state, spec) {
            heads.answers_ui(ui, actions);
        }
    });
    if let Some(end) = Some(note(Topic::Head)).filter(|note| !note.is_empty()) {
        note_ui(ui, &end);
    }
    row_ui(ui, text!("graph-normalisation"), text!("graph-normalisation", "help"), guess(Topic::Normalisation), |ui| {
        normalisation_ui(ui, state, spec, actions);
    });
    if state.models.typed.are_open {
        steady(ui, "numbers", |ui| {
            line_ui(ui, "", "", false, |ui| numbers_ui(ui, state, spec.channels(), actions));
        });
    } else {
        let Normalisation { mean, std } = spec.normalisation;
        let words = text!("graph-numbers", mean = listed(mean), std = listed(std));
        let from = Some(note(Topic::Normalisation)).filter(|_| !guess(Topic::Normalisation));
        note_ui(ui, &[Some(words), from].into_iter().flatten().collect::<Vec<_>>().join(" · "));
    }
    row_ui(ui, text!("graph-classes"), text!("graph-classes", "help"), false, |ui| names_ui(ui, state, actions));
    row_ui(ui, text!("graph-computed"), text!("graph-computed", "help"), false, |ui| {
        ui.add(Label::new(value(Topic::ComputedAs)).truncate());
    });
    note_ui(ui, &note(Topic::ComputedAs));
    if let Some(layers) = Some(value(Topic::CamLayers)).filter(|layers| !layers.is_empty()) {
        row_ui(ui, text!("graph-layers"), text!("graph-layers", "help"), false, |ui| {
            ui.add(Label::new(layers.as_str()).truncate()).on_hover_text(layers.as_str());
        });
    }
}

/// What it is about, and a button that has what was said remembered.
fn head_ui(ui: &mut Ui, state: &State, spec: &ModelSpec, graph: &GraphFacts, actions: &mut Vec<Action>) {
    let file = |path: &std::path::Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    ui.horizontal(|ui| {
        ui.set_min_height(ROW);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let manifest = file(&graph.manifest);
            let to_remember = ToRemember::of(spec).unwrap_or_default();
            let is_remembered = to_remember.is_some() && to_remember == state.models.remembered;
            let can = to_remember.is_some() && !is_remembered;
            let button = ui.add_enabled(can, Button::new(text!("graph-remember")).small());
            let help = text!("graph-remember", "help", manifest = manifest.as_str());
            let button = button.on_hover_text(help).on_disabled_hover_text(match is_remembered {
                true => text!("graph-remembered", manifest = manifest.as_str()),
                false => text!("graph-remember", "refusal"),
            });
            if button.clicked() {
                actions.push(Action::Models(ModelsAction::Remember));
            }
            if is_remembered {
                ui.weak(text!("graph-remembered", manifest = manifest));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let words = text!("graph-facts", file = file(std::path::Path::new(&spec.origin)));
                ui.add(Label::new(RichText::new(words).strong()).truncate()).on_hover_text(spec.origin.as_str());
            });
        });
    });
}

/// A fact: its name, a mark if it is a guess, and what is so.
fn row_ui(ui: &mut Ui, words: String, help: String, is_guess: bool, value: impl FnOnce(&mut Ui)) {
    steady(ui, words.as_str(), |ui| line_ui(ui, &words, &help, is_guess, value));
}

/// A line of the facts, with nothing at its left if it belongs to the one above.
fn line_ui(ui: &mut Ui, words: &str, help: &str, is_guess: bool, value: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_min_height(ROW);
        let (named, response) = ui.allocate_exact_size(Vec2::new(NAMES, ROW), Sense::hover());
        let weak = ui.visuals().weak_text_color();
        painting::text(ui, named, Align2::LEFT_CENTER, words, TextStyle::Body, weak);
        if !words.is_empty() {
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
            response.on_hover_text(help);
        }
        let (mark, response) = ui.allocate_exact_size(Vec2::new(MARKS, ROW), Sense::hover());
        if is_guess {
            let color = theme::guess(ui.visuals());
            painting::text(ui, mark, Align2::LEFT_CENTER, text!("graph-guess"), TextStyle::Body, color);
            let spoken = text!("graph-guess", "name", fact = words);
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken.as_str()));
            response.on_hover_text(text!("graph-guess", "help"));
        }
        ui.horizontal_wrapped(value);
    });
}

/// More about the fact above.
fn note_ui(ui: &mut Ui, words: &str) {
    line_ui(ui, "", "", false, |ui| {
        ui.add(Label::new(RichText::new(words).weak()).truncate()).on_hover_text(words);
    });
}

/// The outputs of a graph, if there are several. Another one may have other classes and mean something else.
fn outputs(state: &State, graph: &GraphFacts) -> Choice {
    let mut names: Vec<&String> = graph.outputs.iter().collect();
    names.sort_unstable();
    let answer = |name: &String| {
        let is_taken = *name == graph.output;
        let head = state.host.said.head.filter(|_| is_taken);
        let said = Said { output: Some(name.clone()), head, ..state.host.said.clone() };
        let labels = state.host.labels.clone().filter(|_| is_taken);
        (name.clone(), is_taken, HostOptions { said, labels, ..state.host.clone() })
    };
    Choice::new(String::new(), text!("graph-output", "help"), names.into_iter().map(answer).collect())
}

/// A button for each usual normalisation, and one for other numbers.
fn normalisation_ui(ui: &mut Ui, state: &State, spec: &ModelSpec, actions: &mut Vec<Action>) {
    let channels = spec.channels();
    let of_colours = (channels == IMAGENET.channels()).then(|| (IMAGENET, text!("graph-imagenet")));
    let of_all = [
        (PIXELS.repeated(channels), text!("graph-pixels")),
        (SIGNED.repeated(channels), text!("graph-signed")),
        (BYTES.repeated(channels), text!("graph-bytes")),
    ];
    let usual: Vec<(Normalisation, String)> = of_colours.into_iter().chain(of_all).collect();
    let typed = &state.models.typed;
    let is_usual = usual.iter().any(|(own, _)| *own == spec.normalisation);
    let answers = usual.into_iter().map(|(own, title)| {
        let is_taken = own == spec.normalisation && !typed.are_open;
        (title, is_taken, normalised(state, own))
    });
    let help = text!("graph-normalisation", "help");
    Choice::new(String::new(), help, answers.collect()).answers_ui(ui, actions);
    let other = ui.add(Button::selectable(typed.are_open || !is_usual, text!("graph-other-numbers")));
    if other.on_hover_text(text!("graph-other-numbers", "help")).clicked() {
        let Normalisation { mean, std } = spec.normalisation;
        let are_open = !typed.are_open;
        let typed =
            TypedNumbers { are_open, wants_keyboard: are_open, mean: listed(mean), std: listed(std), ..typed.clone() };
        actions.push(Action::Models(ModelsAction::TypeNumbers(typed)));
    }
}

/// How the network is hosted with pixels that become its numbers like this.
fn normalised(state: &State, normalisation: Normalisation) -> HostOptions {
    let said = Said { normalisation: Some(normalisation), ..state.host.said.clone() };
    HostOptions { said, ..state.host.clone() }
}

/// Fields for a mean and a standard deviation.
fn numbers_ui(ui: &mut Ui, state: &State, channels: usize, actions: &mut Vec<Action>) {
    let typed = &state.models.typed;
    let mut next = typed.clone();
    let fits = |numbers: Channels| numbers.for_channels(channels);
    let mean = Normalisation::mean_from_text(&typed.mean).and_then(fits);
    let std = Normalisation::std_from_text(&typed.std).and_then(fits);
    let [_, width] = FIELDS;
    ui.label(text!("graph-mean"));
    let mean_field = field_ui(ui, &mut next.mean, width, text!("graph-mean"), mean.as_ref().err());
    if std::mem::take(&mut next.wants_keyboard) {
        mean_field.request_focus();
    }
    ui.label(text!("graph-std"));
    let std_field = field_ui(ui, &mut next.std, width, text!("graph-std"), std.as_ref().err());
    let enters = is_entered(ui, &mean_field) || is_entered(ui, &std_field);
    let numbers = mean.ok().zip(std.ok()).map(|(mean, std)| Normalisation { mean, std });
    let button = ui.add_enabled(numbers.is_some(), Button::new(text!("graph-take-numbers")));
    if let Some(numbers) = numbers.filter(|_| button.clicked() || enters) {
        actions.push(Action::HostWith(Box::new(normalised(state, numbers))));
        next.are_open = false;
    }
    if next != *typed {
        actions.push(Action::Models(ModelsAction::TypeNumbers(next)));
    }
}

/// A field for a size that has no button.
fn size_field_ui(ui: &mut Ui, state: &State, spec: &ModelSpec, actions: &mut Vec<Action>) {
    let typed = &state.models.typed;
    let mut next = typed.clone();
    let size = typed.size.parse::<Size>().map_err(|_| text!("graph-other-size", "refusal"));
    let size = size.and_then(|size| spec.sizes.refusal(size).map_or(Ok(size), Err));
    let [width, _] = FIELDS;
    let why = size.as_ref().err().filter(|_| !typed.size.trim().is_empty());
    let field = field_ui(ui, &mut next.size, width, text!("graph-other-size"), why);
    if is_entered(ui, &field)
        && let Ok(size) = size
    {
        actions.push(Action::HostWith(Box::new(of_size(state, spec, size))));
        next.size.clear();
    }
    if next != *typed {
        actions.push(Action::Models(ModelsAction::TypeNumbers(next)));
    }
}

/// Draws a field. What is wrong with its text is said where one points at it.
fn field_ui(ui: &mut Ui, text: &mut String, width: f32, words: String, why: Option<&impl Display>) -> Response {
    let color = why.map(|_| theme::error_color(ui.visuals()));
    let edit = TextEdit::singleline(text).desired_width(width).text_color_opt(color);
    let edit = ui.add(edit.hint_text(text!("graph-other")));
    name(&edit, words.as_str());
    edit.on_hover_text(why.map_or(words, ToString::to_string))
}

/// Whether the text of a field is to be taken.
fn is_entered(ui: &Ui, field: &Response) -> bool {
    field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// Numbers for each channel, or one that is for all.
fn listed(numbers: Channels) -> String {
    let first = numbers[0];
    if numbers.iter().all(|number| *number == first) {
        return first.to_string();
    }
    numbers.iter().map(f32::to_string).collect::<Vec<_>>().join(", ")
}
