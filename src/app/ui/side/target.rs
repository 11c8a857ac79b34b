//! What is explained: a class among the most probable ones or any other, in a score, alone or rather than another
//! class, on a part of the picture.

use std::sync::Arc;

use egui::{Align, Button, ComboBox, Label, Layout, RichText, Sense, Ui, Vec2};

use super::{
    class_row::{Classes, class_row_ui},
    class_search::class_search_ui,
};
use crate::{
    app::{
        numbers,
        state::{
            self, State,
            action::Action,
            chart,
            run_state::{RunState, Seen},
            titles,
        },
        ui::{
            wall::crop,
            widgets::icons::{self, Icon, name},
        },
    },
    model::{Answer, Head, Score},
};

/// Side of the sign before a warning, in points.
const WARNING: f32 = 14.0;
/// Share of the class's probability that a picture without anything of it may have before it is warned of.
const MUCH_LEFT: f32 = 0.5;

/// Draws the panel.
pub fn target_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let head = state.model.as_ref().map(|model| model.spec.head).unwrap_or_default();
    ui.horizontal(|ui| {
        ui.strong(if head.measure() == Score::Output { text!("target-output") } else { text!("target") });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| score_ui(ui, head, state.score, actions));
    });
    let newest = state.picture().and_then(|picture| picture.newest());
    let run = newest.filter(|run| run.seen.is_some()).or_else(|| state.shown().filter(|run| run.seen.is_some()));
    if let (Some(run), Some(model)) = (run, &state.model)
        && !state.is_by_this_model(run)
    {
        // Another model's classes, and what it makes of them, are not this one's.
        let words = text!("target-other-model", model = model.spec.title.as_str());
        ui.add(Label::new(RichText::new(words).weak()).wrap());
        crop::mode_ui(ui, state, actions);
        crop::bands_ui(ui, state, actions);
        return;
    }
    let seen = run.and_then(|run| run.seen.as_ref());
    let (Some(seen), Some(model), Some(picture)) = (seen, &state.model, state.picture()) else {
        ui.weak(text!("target-none"));
        return;
    };
    let classes = Classes {
        spec: Arc::clone(&model.spec),
        answers: Arc::clone(&seen.answers),
        // What was asked for is marked at once, before the worker has said that it began.
        explained: state::explained(picture).unwrap_or(seen.class.id),
        against: picture.against,
    };
    let top: Vec<usize> = seen.top.iter().map(|prediction| prediction.id).collect();
    if let Some(against) = classes.against {
        contrast_ui(ui, &classes, against, actions);
    }
    // Of another part of the picture the model thinks otherwise.
    if run.is_some_and(|run| run.question.crop != picture.crop) {
        ui.colored_label(ui.visuals().warn_fg_color, text!("tile-previous"));
    }
    for &id in &top {
        class_row_ui(ui, &classes.row(id), actions);
    }
    for id in [Some(classes.explained), classes.against].into_iter().flatten().filter(|id| !top.contains(id)) {
        class_row_ui(ui, &classes.row(id), actions);
    }
    class_search_ui(ui, &state.search, &classes, actions);
    crop::mode_ui(ui, state, actions);
    crop::bands_ui(ui, state, actions);
    // Where nothing is judged there is nothing to be warned of.
    if let Some(run) = state.shown().filter(|_| state.old().is_none() && chart::curves(state).next().is_some()) {
        baseline_ui(ui, run);
    }
}

/// Warns where the model still sees the class in a picture of which everything is deleted.
fn baseline_ui(ui: &mut Ui, run: &RunState) {
    let Some(Seen { class, baseline, .. }) = &run.seen else { return };
    let picture = titles::deleted_picture(run.parameters.curves.baseline);
    let (name, share) = (class.name.as_str(), numbers::answer(baseline.answer));
    let words = if baseline.is_still_the_class {
        text!("baseline-still", picture = picture, class = name, share = share)
    } else if has_much_left(baseline.answer, class.answer) {
        text!("baseline-much", picture = picture, class = name, share = share)
    } else {
        return;
    };
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(WARNING), Sense::hover());
        icons::paint(ui.painter(), rect, Icon::Warning, ui.visuals().warn_fg_color);
        ui.add(Label::new(words).wrap()).on_hover_text(text!("baseline-still", "help"));
    });
}

/// Whether a class keeps much of its probability; of quantities nobody knows which is much.
fn has_much_left(baseline: Answer, class: Answer) -> bool {
    let share = baseline.probability().zip(class.probability());
    share.is_some_and(|(baseline, class)| baseline > class * MUCH_LEFT)
}

/// The choice of what is explained of a class.
fn score_ui(ui: &mut Ui, head: Head, now: Score, actions: &mut Vec<Action>) {
    let choices = ComboBox::from_id_salt("score").selected_text(titles::score(now)).show_ui(ui, |ui| {
        for &score in head.scores() {
            let choice = ui.selectable_label(score == now, titles::score(score)).on_hover_text(help(head, score));
            if choice.clicked() && score != now {
                actions.push(Action::ExplainScore(score));
            }
        }
    });
    name(&choices.response, text!("score"));
    choices.response.on_hover_text(text!("score", "help", meaning = help(head, now), measure = head.measure().name()));
}

fn help(head: Head, score: Score) -> String {
    match score {
        Score::Probability if head == Head::Softmax => text!("score-probability", "help"),
        Score::Probability => text!("score-probability", "alone"),
        Score::Logit => text!("score-logit", "help"),
        Score::LogProbability => text!("score-log-probability", "help"),
        Score::Output => text!("score-output", "help"),
    }
}

/// Says which class is explained rather than which, and takes that back.
fn contrast_ui(ui: &mut Ui, classes: &Classes, against: usize, actions: &mut Vec<Action>) {
    let labels = &classes.spec.labels;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let clear = ui.add(Button::new(text!("target-clear")).small());
            if clear.on_hover_text(text!("class-alone")).clicked() {
                actions.push(Action::ExplainAgainst(None));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let [class, against] = [classes.explained, against].map(|class| labels.name(class));
                let help = text!("target-contrast", "help", class = class.as_str(), against = against.as_str());
                let words = text!("target-contrast", class = class, against = against);
                ui.add(Label::new(RichText::new(words).strong()).truncate()).on_hover_text(help);
            });
        });
    });
}
