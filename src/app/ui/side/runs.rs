//! The runs of the picture on the wall: what each was asked with, how good its map is, and what the user noted.

use egui::{
    Align, Align2, Button, CornerRadius, Layout, Rect, Role, ScrollArea, Sense, TextEdit, TextStyle, Ui, Vec2,
    WidgetInfo,
};

use crate::{
    app::{
        numbers,
        state::{
            MAX_RUN_BYTES, State,
            action::Action,
            history::{Entry, MAX_RUNS},
            run_state::{Question, RunState, Status},
            titles,
        },
        theme,
        ui::{
            wall::nothing,
            widgets::{
                icons::{Icon, icon, name},
                painting,
            },
        },
        words,
    },
    explain::Parameters,
};

/// Height of a line in the list of runs, in points.
const RUN_LINE: f32 = 18.0;
/// How many changed parameters are named in a row; the rest are counted.
const NAMED: usize = 4;

/// Draws the runs, the newest first.
pub fn runs_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let Some(history) = state.history().filter(|history| !history.entries().is_empty()) else {
        ui.weak(text!("runs-none"));
        return;
    };
    ui.horizontal(|ui| {
        let pair = history.pair();
        let compare = ui.add_enabled(pair.is_some(), Button::new(text!("runs-compare")));
        let refusal = text!("runs-pinned", count = 0);
        if compare.on_hover_text(text!("runs-compare", "help")).on_disabled_hover_text(refusal).clicked() {
            actions.push(Action::Compare(state.first_compared()));
        }
        let pinned = history.entries().iter().filter(|entry| history.is_pinned(entry.run.id)).count();
        ui.weak(text!("runs-pinned", count = pinned));
    });
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
        let shown = state.shown().map(|run| run.id);
        for entry in history.entries().iter().rev() {
            let is_shown = shown == Some(entry.run.id);
            // A new run moves the others down, and what is being typed with them.
            ui.push_id(entry.run.id, |ui| entry_ui(ui, entry, is_shown, history.is_pinned(entry.run.id), actions));
        }
        ui.add_space(theme::SPACE);
        let most = MAX_RUN_BYTES >> 20;
        ui.weak(text!("runs-kept", count = MAX_RUNS, mebibytes = most));
    });
}

/// A run; a click puts it on the wall.
fn entry_ui(ui: &mut Ui, entry: &Entry, is_shown: bool, is_pinned: bool, actions: &mut Vec<Action>) {
    let run = &entry.run;
    let has_note = !entry.note.is_empty() && !is_shown;
    let lines = if has_note { 4.0 } else { 3.0 };
    let size = Vec2::new(ui.available_width(), lines * RUN_LINE + theme::SPACE);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let help = if is_shown { text!("runs-shown") } else { text!("runs-show") };
    let response = response.on_hover_text(help);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_shown, titles::run(run)));
    let visuals = ui.visuals().clone();
    if is_shown {
        ui.painter().rect_filled(rect, theme::CORNER, visuals.faint_bg_color);
        let mark = Rect::from_min_size(rect.min, Vec2::new(theme::BAR, rect.height()));
        ui.painter().rect_filled(mark, CornerRadius::ZERO, theme::accent(&visuals));
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::CORNER, visuals.widgets.hovered.weak_bg_fill);
    }
    let inner = rect.shrink2(Vec2::new(2.0 * theme::SPACE, theme::SPACE / 2.0));
    let line = |number: usize| {
        Rect::from_min_size(inner.min + Vec2::new(0.0, number as f32 * RUN_LINE), Vec2::new(inner.width(), RUN_LINE))
    };
    let pin_side = RUN_LINE + theme::SPACE / 2.0;
    let pin = Rect::from_min_size(line(0).right_top() - Vec2::new(pin_side, 0.0), Vec2::splat(pin_side));
    let first = line(0).with_max_x(pin.left() - theme::SPACE);
    let (weak, plain, strong) = (visuals.weak_text_color(), visuals.text_color(), visuals.strong_text_color());
    let time = painting::text(ui, first, Align2::RIGHT_CENTER, time_of(run), TextStyle::Small, weak);
    let left = first.with_max_x(time.left() - theme::SPACE);
    painting::text(ui, left, Align2::LEFT_CENTER, heading(run), TextStyle::Body, strong);
    painting::text(ui, line(1), Align2::LEFT_CENTER, changes(run.question, &run.parameters), TextStyle::Small, plain);
    painting::text(ui, line(2), Align2::LEFT_CENTER, result(run), TextStyle::Small, plain);
    if has_note {
        let note = egui::RichText::new(&entry.note).italics();
        painting::text(ui, line(3), Align2::LEFT_CENTER, note, TextStyle::Small, plain);
    }
    let button = Button::selectable(is_pinned, icon(Icon::Pin)).min_size(pin.size());
    let pin = painting::put(ui, pin, button);
    pin.widget_info(|| {
        let words = if is_pinned {
            text!("runs-unpin", run = titles::run(run))
        } else {
            text!("runs-pin", run = titles::run(run))
        };
        WidgetInfo::selected(Role::Button, true, is_pinned, words)
    });
    if pin.on_hover_text(if is_pinned { text!("runs-unpin", "help") } else { text!("runs-pin", "help") }).clicked() {
        actions.push(Action::PinRun(run.id));
    }
    if is_shown {
        shown_ui(ui, entry, actions);
    } else if response.clicked() {
        actions.push(Action::ShowRun(run.id));
    }
}

/// What can be done with the run on the wall.
fn shown_ui(ui: &mut Ui, entry: &Entry, actions: &mut Vec<Action>) {
    let id = entry.run.id;
    let mut note = entry.note.clone();
    let edit =
        ui.add(TextEdit::singleline(&mut note).hint_text(text!("runs-note", "hint")).desired_width(f32::INFINITY));
    name(&edit, text!("runs-note"));
    if edit.changed() {
        actions.push(Action::NoteRun(id, note));
    }
    ui.horizontal(|ui| {
        let rerun = ui.button(text!("runs-rerun")).on_hover_text(text!("runs-rerun", "help"));
        if rerun.clicked() {
            actions.push(Action::Rerun(id));
        }
        let adopt = ui.button(text!("runs-adopt")).on_hover_text(text!("runs-adopt", "help"));
        if adopt.clicked() {
            actions.push(Action::AdoptRun(id));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button(text!("runs-delete")).on_hover_text(text!("runs-delete", "help")).clicked() {
                actions.push(Action::DeleteRun(id));
            }
        });
    });
    ui.add_space(theme::SPACE);
}

fn heading(run: &RunState) -> String {
    match &run.seen {
        Some(seen) => match &seen.against {
            Some(against) => {
                let (class, against) = (seen.class.name.as_str(), against.name.as_str());
                text!("runs-heading-against", run = titles::run(run), class = class, against = against)
            }
            None => text!("runs-heading", run = titles::run(run), class = seen.class.name.as_str()),
        },
        None => titles::run(run),
    }
}

fn time_of(run: &RunState) -> String {
    match run.status {
        Status::Running => text!("runs-under-way"),
        Status::Stopped => text!("runs-stopped"),
        Status::Failed => text!("runs-failed"),
        Status::Finished => numbers::seconds(run.seconds()),
    }
}

/// What is not as it usually is: the question, and the parameters.
fn changes(question: Question, parameters: &Parameters) -> String {
    let usual = Question::default();
    let score = (!question.score.is_measure()).then(|| question.score.name().to_owned());
    let crop = (question.crop != usual.crop).then(|| text!("runs-crop", crop = question.crop.to_string()));
    let default = Parameters::default();
    let changed = parameters
        .differing(&default)
        .map(|(table, row)| format!("{} {}", words::short_name(table, row), words::value_of(table, row, parameters)));
    let all: Vec<String> = score.into_iter().chain(crop).chain(changed).collect();
    match all.len() {
        0 => text!("runs-defaults"),
        count if count > NAMED => text!("runs-more", named = all[..NAMED].join(", "), count = count - NAMED),
        _ => all.join(", "),
    }
}

/// How good the first method's map is, or how far it got.
fn result(run: &RunState) -> String {
    let Some((first, _)) = run.methods().next() else { return String::new() };
    let count = run.iterations(first).len();
    if let Some(result) = run.found_nothing(first) {
        return nothing::words(result);
    }
    match run.method(first).and_then(|record| record.judged()) {
        Some(curves) => {
            let [deletion, insertion] =
                [curves.deletion(), curves.insertion()].map(|area| numbers::score(f64::from(area)));
            text!("runs-result", deletion = deletion, insertion = insertion, count = count)
        }
        None => text!("iteration-of", number = count, all = first.iterations(&run.parameters)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        explain::{CurveParameters, IgosParameters},
        model::Score,
    };

    #[test]
    fn a_run_names_what_was_changed_and_counts_what_does_not_fit() {
        let words = |parameters: &Parameters| changes(Question::default(), parameters);
        assert_eq!(words(&Parameters::default()), "default values");
        let igos = IgosParameters { l1_weight: 0.2, mask_size: 56, ..IgosParameters::default() };
        let parameters = Parameters::default().with(igos.clone());
        assert_eq!(words(&parameters), "λ₁ 0.2, m 56");
        let question = Question { score: Score::Logit, ..Question::default() };
        assert_eq!(changes(question, &parameters), "logit, λ₁ 0.2, m 56");
        let igos = IgosParameters { integration_steps: 10, iterations: 3, ..igos };
        let curves = CurveParameters { steps: 10, ..CurveParameters::default() };
        assert_eq!(words(&parameters.with(igos).with_curves(curves)), "λ₁ 0.2, m 56, S 10, K 3 and 1 more");
    }
}
