//! The bar at the bottom: how far the run is, and the last message.

use std::time::Instant;

use egui::{Align, Button, Layout, ProgressBar, Ui};

use super::window_menu;
use crate::app::{
    commands::shortcuts,
    numbers,
    state::{Fetching, State, action::Action, messages::Level, panels::Panels, run_state::RunState},
    theme,
};

/// Width of the progress bar, in points.
const PROGRESS_WIDTH: f32 = 160.0;

/// The width of the window below which the bar says less, in points.
const NARROW: f32 = 900.0;

/// Draws the bar. `paused` says whether the run under way is being held.
pub fn status_bar_ui(
    ui: &mut Ui,
    state: &State,
    panels: &Panels,
    paused: bool,
    now: Instant,
    actions: &mut Vec<Action>,
) {
    let is_narrow = ui.available_width() < NARROW;
    let progress = if is_narrow { PROGRESS_WIDTH / 2.0 } else { PROGRESS_WIDTH };
    ui.horizontal(|ui| {
        if let Some(fetching) = &state.fetching {
            fetching_ui(ui, fetching, actions);
        }
        if let Some((number, run)) = state.active() {
            let bar = ProgressBar::new(run.share_done())
                .desired_width(progress)
                .desired_height(theme::PROGRESS_HEIGHT)
                .fill(theme::accent(ui.visuals()));
            ui.add(bar);
            if number != state.selected {
                ui.label(&state.pictures[number].photo.name);
            }
            ui.label(match (paused, number == state.selected && state.old().is_some(), &run.seen) {
                (true, ..) => text!("status-paused"),
                // The wall is of another question: it is said what this one is about.
                (false, true, Some(seen)) => text!("status-for", class = seen.class.name.as_str(), work = at_work(run)),
                (false, ..) => at_work(run),
            });
            if !paused {
                if let Some(speed) = run.iterations_per_second().filter(|_| !is_narrow) {
                    ui.weak(numbers::speed(speed));
                }
                if let Some(left) = run.time_left(now) {
                    ui.weak(text!("status-left", time = numbers::about(left)));
                }
            }
        } else if state.queue.is_busy() {
            queue_ui(ui, state);
        } else if state.is_opening() {
            ui.label(text!("status-opening"));
        } else if state.fetching.is_none() {
            ui.weak(text!("status-ready"));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let help = shortcuts::hint(ui.ctx(), &text!("status-log-help"), shortcuts::LOG);
            if ui.add(Button::new(text!("log"))).on_hover_text(help).clicked() {
                actions.push(Action::ToggleLog);
            }
            window_menu::window_menu_ui(ui, state.appearance, actions);
            if panels.presents {
                let help = shortcuts::hint(ui.ctx(), &text!("command-leave-presenting"), shortcuts::LEAVE_PRESENTING);
                if ui.button(text!("window-leave-presenting")).on_hover_text(help).clicked() {
                    actions.push(Action::Present(false));
                }
            } else {
                let help = shortcuts::hint(ui.ctx(), &text!("window-side", "help"), shortcuts::SIDE);
                let side = Button::selectable(!panels.hides_side, text!("window-side"));
                if ui.add(side).on_hover_text(help).clicked() {
                    actions.push(Action::ShowSide(panels.hides_side));
                }
            }
            if let Some(message) = state.messages.unsaid() {
                let text = egui::RichText::new(&message.text);
                let text = match message.level {
                    Level::Note => text.weak(),
                    Level::Error => text.color(theme::error_color(ui.visuals())),
                };
                ui.add(egui::Label::new(text).truncate());
            }
        });
    });
}

/// How far the queue is.
fn queue_ui(ui: &mut Ui, state: &State) {
    let queue = &state.queue;
    let (done, all) = queue.progress();
    let bar = ProgressBar::new((done as f32 + queue.share_done()) / all.max(1) as f32)
        .desired_width(PROGRESS_WIDTH)
        .desired_height(theme::PROGRESS_HEIGHT)
        .fill(theme::accent(ui.visuals()));
    ui.add(bar);
    let at_work = queue.at_work().zip(state.collection.as_ref());
    if let Some((index, collection)) = at_work {
        ui.label(collection.name_of(index));
    }
    ui.label(if queue.is_held { text!("status-paused") } else { text!("queue-progress", done = done, all = all) });
    if let Some(left) = queue.left().filter(|_| !queue.is_held) {
        ui.weak(text!("status-left", time = numbers::about(left)));
    }
}

/// How far a model's download is, and the button that ends it.
fn fetching_ui(ui: &mut Ui, fetching: &Fetching, actions: &mut Vec<Action>) {
    let told = fetching.progress.filter(|progress| progress.total > 0);
    let share = told.map_or(0.0, |progress| progress.done as f32 / progress.total as f32);
    let bar = ProgressBar::new(share)
        .desired_width(PROGRESS_WIDTH)
        .desired_height(theme::PROGRESS_HEIGHT)
        .fill(theme::accent(ui.visuals()));
    ui.add(bar);
    ui.label(text!("fetching", model = fetching.title.as_str()));
    if let Some(progress) = told {
        ui.weak(numbers::bytes_of(progress.done, progress.total));
        ui.weak(numbers::bytes_per_second(progress.bytes_per_sec));
    }
    let stop = ui.add(Button::new(text!("fetching-stop")).small());
    if stop.on_hover_text(text!("fetching-stop", "help")).clicked() {
        actions.push(Action::StopFetching);
    }
}

/// What the run is doing.
fn at_work(run: &RunState) -> String {
    let Some(method) = run.method_at_work() else {
        let is_judged = run.methods().any(|(_, record)| record.started && record.curves.is_some());
        return match (is_judged, run.random.is_some()) {
            (false, _) => text!("status-starting"),
            (true, false) => text!("status-random"),
            (true, true) => text!("status-second"),
        };
    };
    if run.method(method).is_some_and(|record| record.explanation.is_some()) {
        return text!("status-curves", method = method.title);
    }
    if !method.iterates() {
        return method.title.to_owned();
    }
    let (done, all) = (run.iterations(method).len(), method.iterations(&run.parameters));
    text!("status-iteration", method = method.title, number = (done + 1).min(all), all = all)
}
