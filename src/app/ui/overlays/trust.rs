//! Whether a map is to be trusted: what is known of it in one view, by what it is about, and how it agrees with the others.

use egui::{Align, Color32, Frame, Grid, Id, Label, Layout, Modal, RichText, ScrollArea, Ui, Vec2};

use crate::{
    app::{
        numbers,
        state::{State, action::Action, run_state::Status},
        theme,
        ui::{overlays::forgetting::forgetting_ui, widgets::painting},
    },
    explain::{About, Agreement, Better, Explanation, METRICS, Measure, Method, Metric, agreement},
    worker::MethodRecord,
};

/// Width of the page, in points.
const WIDTH: f32 = 760.0;
/// Height of the page's title with its line, in points.
const HEAD: f32 = 40.0;
/// Width of the column of names, in points.
const NAMES: f32 = 190.0;
/// Side of a cell of the matrix, in points.
const CELL: Vec2 = Vec2::new(76.0, 22.0);

/// Draws the page for a method's map on the wall.
pub fn trust_ui(ui: &Ui, method: &'static Method, state: &State, actions: &mut Vec<Action>) {
    let frame = Frame::popup(ui.style()).inner_margin(theme::GAP);
    let shown = Modal::new(Id::unique("trust")).frame(frame).show(ui.ctx(), |ui| {
        let room = ui.ctx().content_rect().size() - Vec2::splat(6.0 * theme::GAP);
        ui.set_width(room.x.min(WIDTH));
        let mut closes = false;
        ui.horizontal(|ui| {
            painting::dot(ui, theme::on_ground(theme::method_color(method), ui.visuals()));
            ui.label(RichText::new(text!("trust-title", method = method.title)).heading());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                closes = ui.button(text!("method-close")).clicked();
                measure_ui(ui, method, state, actions);
            });
        });
        ui.separator();
        let height = room.y - HEAD;
        let list = ScrollArea::vertical().auto_shrink([false, true]);
        list.max_height(height).min_scrolled_height(height).show(ui, |ui| {
            ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
            match state.shown().and_then(|run| run.method(method)) {
                Some(record) => page_ui(ui, method, state, record),
                None => drop(ui.label(text!("trust-no-map"))),
            }
        });
        closes
    });
    if shown.inner || shown.should_close() {
        actions.push(Action::Uncover);
    }
}

/// The button that measures what is not known yet, and how far that is.
fn measure_ui(ui: &mut Ui, method: &'static Method, state: &State, actions: &mut Vec<Action>) {
    let is_running = state.active().is_some();
    if is_running {
        let share = state.active().map_or(0.0, |(_, run)| run.share_done());
        ui.weak(text!("trust-measuring", share = format!("{:.0}", 100.0 * share)));
        return;
    }
    let passes: usize = METRICS.iter().map(|metric| metric.passes_for(method, &state.parameters)).sum();
    let measure = ui.add_enabled(state.can_measure_trust(method), egui::Button::new(text!("trust-measure")));
    if measure.on_hover_text(text!("trust-measure", "help", passes = passes)).clicked() {
        actions.push(Action::MeasureTrust(method));
    }
}

fn page_ui(ui: &mut Ui, method: &'static Method, state: &State, record: &MethodRecord) {
    if let Some(result) = record.explanation.as_ref().filter(|result| result.nothing.is_some()) {
        ui.label(text!("trust-nothing", why = result.why_nothing().unwrap_or_default()));
        return;
    }
    ui.add(Label::new(RichText::new(method.misleads).weak()).wrap());
    ui.add_space(theme::SPACE);
    curves_ui(ui, method, state, record);
    let map = record.explanation.as_ref();
    for about in About::ALL {
        ui.add_space(theme::SPACE);
        ui.horizontal(|ui| {
            ui.strong(about.title());
            ui.weak(about.asks());
        });
        Grid::new(about.title()).striped(true).num_columns(3).min_col_width(60.0).show(ui, |ui| {
            for metric in METRICS.iter().filter(|metric| metric.about == about) {
                metric_ui(ui, metric, record.measures.iter().find(|measure| measure.metric == metric));
            }
        });
        let with_steps = record.measures.iter().filter(|measure| measure.metric.about == about);
        if let (Some(measure), Some(map)) = (with_steps.clone().find(|measure| !measure.steps.is_empty()), map) {
            let grid = state.shown().map_or(1, |run| run.parameters.curves.grid);
            forgetting_ui(ui, measure, &map.saliency, grid.max(1), state.view.colormap);
        }
    }
    ui.add_space(theme::GAP);
    agreement_ui(ui, state);
}

/// What the curves say: better than chance or not, by every judge.
fn curves_ui(ui: &mut Ui, method: &'static Method, state: &State, record: &MethodRecord) {
    let Some(curves) = record.judged() else { return };
    let [deletion, insertion] = [curves.deletion(), curves.insertion()].map(|area| numbers::score(f64::from(area)));
    ui.label(text!("trust-areas", deletion = deletion, insertion = insertion));
    let run = state.shown();
    match run.map(|run| (run.random.is_some(), run.is_no_better_than_random(method))) {
        Some((true, true)) => drop(ui.colored_label(ui.visuals().warn_fg_color, text!("caption-no-better"))),
        Some((true, false)) => drop(ui.label(text!("trust-better-than-random"))),
        _ => {}
    }
}

fn metric_ui(ui: &mut Ui, metric: &Metric, measure: Option<&Measure>) {
    let name = ui.horizontal(|ui| {
        ui.set_min_width(NAMES);
        ui.label(metric.title)
    });
    name.inner.on_hover_text(format!("{}\n{}", metric.meaning, metric.source));
    match measure {
        Some(Measure { value: Some(value), .. }) => ui.strong(numbers::short(f64::from(*value))),
        Some(Measure { value: None, .. }) => ui.weak("–").on_hover_text(text!("trust-no-value")),
        None => ui.weak(text!("trust-unmeasured")),
    };
    let better = match metric.better {
        Better::Higher => text!("trust-higher"),
        Better::Lower => text!("trust-lower"),
        Better::Neither => String::new(),
    };
    ui.weak(
        [metric.range.to_owned(), better].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; "),
    );
    ui.end_row();
}

/// How far the maps on the wall agree: those that do stand near each other.
fn agreement_ui(ui: &mut Ui, state: &State) {
    let Some(run) = state.shown().filter(|run| run.status != Status::Failed) else { return };
    let found = |result: &&std::sync::Arc<Explanation>| result.nothing.is_none();
    let maps: Vec<_> = run.methods().filter_map(|(_, record)| record.explanation.as_ref()).filter(found).collect();
    if maps.len() < 2 {
        return;
    }
    ui.strong(text!("agreement"));
    ui.add(Label::new(RichText::new(text!("agreement", "help")).weak()).wrap());
    ui.add_space(theme::SPACE);
    let curves = &run.parameters.curves;
    let saliencies: Vec<_> = maps.iter().map(|map| &map.saliency).collect();
    let (matrix, order) = agreement(&saliencies, curves.grid, curves.seed);
    ScrollArea::horizontal().show(ui, |ui| {
        Grid::new("agreement").num_columns(order.len() + 1).spacing([2.0, 2.0]).show(ui, |ui| {
            ui.weak("");
            for &column in &order {
                let title = maps[column].method.title;
                let (rect, response) = ui.allocate_exact_size(CELL, egui::Sense::hover());
                let color = ui.visuals().text_color();
                painting::text(ui, rect, egui::Align2::CENTER_CENTER, title, egui::TextStyle::Small, color);
                response.on_hover_text(title);
            }
            ui.end_row();
            for &row in &order {
                ui.label(RichText::new(maps[row].method.title).small());
                for &column in &order {
                    cell_ui(ui, matrix[row][column], row == column);
                }
                ui.end_row();
            }
        });
    });
}

fn cell_ui(ui: &mut Ui, agreement: Agreement, is_itself: bool) {
    let (rect, response) = ui.allocate_exact_size(CELL, egui::Sense::hover());
    let ranks = agreement.ranks.unwrap_or(0.0);
    let visuals = ui.visuals();
    let ground = visuals.faint_bg_color;
    let full = if ranks >= 0.0 { theme::accent(visuals) } else { theme::error_color(visuals) };
    let fill = if is_itself { Color32::TRANSPARENT } else { ground.blend(full.gamma_multiply(0.5 * ranks.abs())) };
    let color = visuals.text_color();
    ui.painter().rect_filled(rect, theme::CORNER, fill);
    if is_itself {
        return;
    }
    let value = agreement.ranks.map_or_else(|| "–".to_owned(), |ranks| format!("{ranks:.2}"));
    painting::text(ui, rect, egui::Align2::CENTER_CENTER, value.as_str(), egui::TextStyle::Small, color);
    let top = numbers::share(agreement.top);
    response.on_hover_text(text!("agreement-cell", ranks = value, top = top));
}
