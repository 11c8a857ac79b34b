//! The timeline: any iteration of a method so far, also while the run goes on, one by one or played.

use egui::{Align, Button, ComboBox, Layout, Rect, Shape, Slider, Stroke, Ui, lerp};

use crate::{
    app::{
        commands::shortcuts::{self, hint},
        numbers,
        state::{
            State,
            action::Action,
            playback::{Pace, SPEEDS},
            titles,
        },
        theme,
        ui::widgets::icons::{Icon, icon, name},
        words,
    },
    explain::{Iteration, Method, TermRole},
};

/// Width of the list of speeds, in points.
const SPEED_WIDTH: f32 = 48.0;

/// The width of the line from which on it says everything, in points.
const USUAL: f32 = 640.0;
/// The width below which it has only what cannot be asked for otherwise, in points.
const NARROW: f32 = 500.0;

/// A slider's height, in radii of its handle: egui's own.
const HANDLE: f32 = 2.5;
/// Half of the height of the mark at the iteration that is the result, in points.
const KEPT_MARK: f32 = 7.0;

/// Draws the timeline.
pub fn timeline_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let width = ui.available_width();
    ui.horizontal(|ui| {
        let steps = state.iterations();
        let number = state.step_number();
        let newest = steps.len().checked_sub(1);
        player_ui(ui, state, width, actions);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let is_live = state.chosen_step.is_none();
            let kept = state.kept_step();
            let (word, help) = match kept {
                None => (text!("timeline-newest"), text!("timeline-newest", "help")),
                Some(_) => (text!("timeline-best"), text!("timeline-best", "help")),
            };
            let live = Button::selectable(is_live && newest.is_some(), word);
            let live = ui.add_enabled(newest.is_some(), live);
            let help = hint(ui.ctx(), &help, shortcuts::NEWEST_ITERATION);
            if live.on_hover_text(help).clicked() {
                actions.push(Action::ShowStep(None));
            }
            words_ui(ui, state, width, actions);
            ui.spacing_mut().slider_width = ui.available_width();
            let mut chosen = number.map_or(1, |number| number + 1);
            let last = newest.map_or(1, |newest| newest + 1);
            let slider = Slider::new(&mut chosen, 1..=last.max(2)).show_value(false).integer();
            // Below the handle, which is drawn after it.
            let mark = ui.painter().add(Shape::Noop);
            let slider = ui.add_enabled(last > 1, slider);
            name(&slider, text!("timeline-slider"));
            if let Some(kept) = kept.filter(|_| last > 1) {
                ui.painter().set(mark, kept_mark(ui, slider.rect, kept as f32 / (last - 1) as f32));
            }
            if slider.changed() {
                actions.push(Action::ShowStep(Some(chosen - 1)));
            }
        });
    });
}

/// The mark on a slider's rail at the iteration that is the result, `share` of the way along.
fn kept_mark(ui: &Ui, slider: Rect, share: f32) -> Shape {
    // The handle is a circle whose middle goes from one end to the other.
    let ends = slider.x_range().shrink(slider.height() / HANDLE);
    let x = lerp(ends.min..=ends.max, share);
    let stroke = Stroke::new(theme::OUTLINE, theme::accent(ui.visuals()));
    let y = slider.center().y;
    Shape::line_segment([egui::pos2(x, y - KEPT_MARK), egui::pos2(x, y + KEPT_MARK)], stroke)
}

/// Back, play, on, loop, and how fast.
fn player_ui(ui: &mut Ui, state: &State, width: f32, actions: &mut Vec<Action>) {
    let number = state.step_number();
    let newest = state.iterations().len().checked_sub(1);
    let back = ui.add_enabled(number.is_some_and(|number| number > 0), Button::new(icon(Icon::Back)));
    name(&back, text!("timeline-back"));
    if back.on_hover_text(hint(ui.ctx(), &text!("timeline-back"), shortcuts::PREVIOUS_ITERATION)).clicked() {
        actions.push(Action::MoveStep(-1));
    }
    let (picture, word, help) = if state.playback.is_playing() {
        (Icon::Pause, text!("timeline-stop"), text!("timeline-stop", "help"))
    } else {
        (Icon::Run, text!("timeline-play"), text!("timeline-play", "help"))
    };
    let play = ui.add_enabled(newest.is_some_and(|newest| newest > 0), Button::new(icon(picture)));
    name(&play, word);
    if play.on_hover_text(hint(ui.ctx(), &help, shortcuts::PLAY)).clicked() {
        actions.push(Action::PlayOrStop);
    }
    let on = ui.add_enabled(number < newest, Button::new(icon(Icon::On)));
    name(&on, text!("timeline-on"));
    if on.on_hover_text(hint(ui.ctx(), &text!("timeline-on"), shortcuts::NEXT_ITERATION)).clicked() {
        actions.push(Action::MoveStep(1));
    }
    if width < NARROW {
        return;
    }
    let pace = state.playback.pace;
    let loops = ui.add(Button::selectable(pace.loops, icon(Icon::Loop)));
    name(&loops, text!("timeline-loop"));
    if loops.on_hover_text(text!("timeline-loop", "help")).clicked() {
        actions.push(Action::SetPace(Pace { loops: !pace.loops, ..pace }));
    }
    let list = ComboBox::from_id_salt("speed").width(SPEED_WIDTH).selected_text(words_of(pace.speed));
    let list = list.show_ui(ui, |ui| {
        for speed in SPEEDS {
            if ui.selectable_label(speed == pace.speed, words_of(speed)).clicked() {
                actions.push(Action::SetPace(Pace { speed, ..pace }));
            }
        }
    });
    name(&list.response, text!("timeline-speed"));
    list.response.on_hover_text(text!("timeline-speed", "help"));
}

fn words_of(speed: f64) -> String {
    format!("{} ×", numbers::short(speed))
}

/// Which iteration is on the wall, and how it came about; where several methods iterate, whose it is.
fn words_ui(ui: &mut Ui, state: &State, width: f32, actions: &mut Vec<Action>) {
    let Some(method) = state.timeline_method() else { return };
    match (state.step(), state.shown()) {
        (Some(iteration), Some(run)) => {
            if let Some(old) = state.old() {
                ui.colored_label(ui.visuals().warn_fg_color, titles::old(old));
            }
            if state.kept_step() == state.step_number() && width >= USUAL {
                ui.weak(text!("timeline-is-best")).on_hover_text(text!("timeline-is-best", "help"));
            }
            iteration_ui(ui, method, iteration, method.iterations(&run.parameters), width);
        }
        _ => drop(ui.weak(text!("timeline-none"))),
    }
    if state.timeline_methods().any(|other| other != method) {
        let list = ComboBox::from_id_salt("timeline method").selected_text(method.title);
        let list = list.show_ui(ui, |ui| {
            for other in state.timeline_methods() {
                if ui.selectable_label(other == method, other.title).clicked() {
                    actions.push(Action::SetTimeline(other));
                }
            }
        });
        name(&list.response, text!("timeline-method"));
        list.response.on_hover_text(text!("timeline-method", "help"));
    }
}

fn iteration_ui(ui: &mut Ui, method: &Method, iteration: &Iteration, all: usize, width: f32) {
    let terms = || method.terms.iter().zip(&iteration.values);
    let mut help: Vec<String> = terms().map(|(term, value)| words::term(method, term, *value)).collect();
    help.push(text!("timeline-time", time = numbers::seconds(iteration.seconds)));
    let words = text!("iteration-of", number = iteration.number, all = all);
    let shown = if width >= NARROW { words.clone() } else { format!("{} / {all}", iteration.number) };
    let label = ui.label(shown);
    name(&label, words);
    label.on_hover_text(help.join("\n"));
    let term = terms().find(|(term, _)| term.role == TermRole::Step).filter(|_| width >= USUAL);
    if let Some((term, value)) = term {
        ui.weak(format!("{} = {}", words::term_symbol(method, term), words::value(*value)));
    }
}
