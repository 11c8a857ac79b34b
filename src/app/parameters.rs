//! The parameters of every method, as sliders.

use egui::{Align, Button, CollapsingHeader, Layout, Ui};

use super::rows::row;
use crate::explain::{
    Baseline, CurveParameters, IgosParameters, IntegratedGradientsParameters, LineSearch, Parameters,
};

/// The side of the input while no model is there to say it.
const USUAL_SIDE: usize = 224;

/// Draws the parameters; says whether one was changed for good, that is, its slider released.
///
/// `side` is the width of the model's input, if a model is there.
pub fn parameters_ui(ui: &mut Ui, parameters: &mut Parameters, side: Option<usize>) -> bool {
    let side = side.unwrap_or(USUAL_SIDE);
    let mut changed = header_ui(ui, &mut parameters.igos);
    changed |= mask_ui(ui, &mut parameters.igos, side);
    changed |= search_ui(ui, &mut parameters.igos);
    CollapsingHeader::new("Integrated gradients and curves").show_unindented(ui, |ui| {
        changed |= integrated_gradients_ui(ui, &mut parameters.integrated_gradients);
        changed |= curves_ui(ui, &mut parameters.curves, side);
        let default = Parameters { igos: parameters.igos.clone(), ..Parameters::default() };
        if ui.add_enabled(*parameters != default, Button::new("Reset these")).clicked() {
            *parameters = default;
            changed = true;
        }
    });
    changed
}

fn header_ui(ui: &mut Ui, igos: &mut IgosParameters) -> bool {
    let before = igos.clone();
    ui.horizontal(|ui| {
        ui.strong("I-GOS");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let reset = ui.add_enabled(*igos != IgosParameters::default(), Button::new("Reset"));
            if reset.on_hover_text("Back to igoscope's values").clicked() {
                *igos = IgosParameters::default();
            }
            ui.menu_button("Presets", |ui| {
                for (name, help, values) in presets() {
                    // The seed is not the paper's, and the baseline is the user's question: both stay.
                    let values = IgosParameters { seed: igos.seed, baseline: igos.baseline, ..values };
                    if ui.selectable_label(*igos == values, name).on_hover_text(help).clicked() {
                        *igos = values;
                        ui.close();
                    }
                }
            });
        });
    });
    *igos != before
}

fn presets() -> [(&'static str, &'static str, IgosParameters); 3] {
    [
        (
            "igoscope's values",
            "Step sizes are compared on some points of the path, with the same noise",
            IgosParameters::default(),
        ),
        (
            "The paper's values",
            "As the authors' first program runs: step sizes are compared at the end of the path, and λ₁ is weakened late",
            IgosParameters::paper(),
        ),
        (
            "The paper's values, path search",
            "As the authors' second program runs: step sizes are compared on the whole path, with fresh noise",
            IgosParameters::paper_path(),
        ),
    ]
}

/// What the mask is, and what it is to be.
fn mask_ui(ui: &mut Ui, edit: &mut IgosParameters, side: usize) -> bool {
    let default = IgosParameters::default();
    let mut changed = false;
    changed |= row("L1 weight", "λ₁", "How strongly a large mask is punished").log_ui(
        ui,
        &mut edit.l1_weight,
        default.l1_weight,
        0.0..=1e4,
    );
    changed |= row("TV weight", "λ₂", "How strongly a ragged mask is punished").log_ui(
        ui,
        &mut edit.tv_weight,
        default.tv_weight,
        0.0..=1e4,
    );
    changed |= row("Iterations", "K", "How often the mask is improved").log_ui(
        ui,
        &mut edit.iterations,
        default.iterations,
        1..=1000,
    );
    let samples =
        row("Integration steps", "S", "Points between baseline and masked picture that the gradient is averaged over")
            .log_ui(ui, &mut edit.integration_steps, default.integration_steps, 1..=200);
    if samples {
        edit.search_points = edit.search_points.min(edit.integration_steps);
    }
    changed |= samples;
    changed |= row("Mask size", "m", "Cells of the mask along a side").linear_ui(
        ui,
        &mut edit.mask_size,
        default.mask_size,
        2..=side,
    );
    changed |= row(
        "Noise std",
        "σ",
        "Standard deviation of the noise on each path sample, which keeps the mask from becoming adversarial",
    )
    .linear_ui(ui, &mut edit.noise_std, default.noise_std, 0.0..=2.0);
    changed |= row("Baseline", "Ĩ", "What a deleted pixel is replaced with").choice_ui(
        ui,
        &mut edit.baseline,
        default.baseline,
        &Baseline::ALL,
        Baseline::name,
    );
    changed
}

/// How far a step goes.
fn search_ui(ui: &mut Ui, edit: &mut IgosParameters) -> bool {
    let default = IgosParameters::default();
    let mut changed = false;
    changed |= row(
        "Line search",
        "",
        "What step sizes are compared by: the path with shared noise, the path with fresh noise, or its end point",
    )
    .choice_ui(ui, &mut edit.line_search, default.line_search, &LineSearch::ALL, LineSearch::name);
    ui.add_enabled_ui(edit.line_search == LineSearch::PathShared, |ui| {
        let points = row("Search points", "", "Points of the path that path-shared compares step sizes on").log_ui(
            ui,
            &mut edit.search_points,
            default.search_points,
            1..=200,
        );
        if points {
            edit.integration_steps = edit.integration_steps.max(edit.search_points);
        }
        changed |= points;
    });
    let max = row("Step max", "α_u", "Where the line search starts").log_ui(
        ui,
        &mut edit.step_max,
        default.step_max,
        1e-8..=1e6,
    );
    if max {
        edit.step_min = edit.step_min.min(edit.step_max);
    }
    let min = row("Step min", "α_l", "Where the line search gives up").log_ui(
        ui,
        &mut edit.step_min,
        default.step_min,
        1e-8..=1e6,
    );
    if min {
        edit.step_max = edit.step_max.max(edit.step_min);
    }
    changed |= max || min;
    changed |= row("Armijo", "β", "How much of the promised decrease a step must keep").log_ui(
        ui,
        &mut edit.armijo,
        default.armijo,
        0.0..=1.0,
    );
    changed |= row("Step decay", "η", "Factor from one trial step to the next").linear_ui(
        ui,
        &mut edit.step_decay,
        default.step_decay,
        0.05..=0.95,
    );
    changed |= row(
        "Tolerance",
        "",
        "The run ends early when two iterations in a row change the mask by less than this (mean of the cells); 0 never",
    )
    .log_ui(ui, &mut edit.convergence_tolerance, default.convergence_tolerance, 0.0..=0.1);
    changed |= row("Seed", "", "Of every random number of I-GOS").whole_ui(ui, &mut edit.seed, default.seed);
    let decay = ui.checkbox(&mut edit.l1_decay, "L1 decay");
    let help = "Weaken λ₁ late in a run whose score hardly moves, as the authors' first program does\nDefault off";
    changed |= decay.on_hover_text(help).changed();
    changed
}

fn integrated_gradients_ui(ui: &mut Ui, edit: &mut IntegratedGradientsParameters) -> bool {
    let default = IntegratedGradientsParameters::default();
    let mut changed = row(
        "Integration steps",
        "",
        "Points of the straight path that integrated gradients averages over",
    )
    .log_ui(ui, &mut edit.integration_steps, default.integration_steps, 1..=1000);
    changed |= row("Baseline", "", "Where the path of integrated gradients starts").choice_ui(
        ui,
        &mut edit.baseline,
        default.baseline,
        &Baseline::ALL,
        Baseline::name,
    );
    changed | row("Seed", "", "Of a path that starts at noise").whole_ui(ui, &mut edit.seed, default.seed)
}

fn curves_ui(ui: &mut Ui, edit: &mut CurveParameters, side: usize) -> bool {
    let default = CurveParameters::default();
    let mut changed = row("Curve steps", "", "Equal steps from nothing changed to everything changed").log_ui(
        ui,
        &mut edit.steps,
        default.steps,
        1..=1000,
    );
    changed |= row("Curve grid", "", "Side of the grid on which the cells of every method are ranked").linear_ui(
        ui,
        &mut edit.grid,
        default.grid,
        2..=side,
    );
    changed
        | row("Curve seed", "", "Of the order in which equally important cells are changed, the same for every method")
            .whole_ui(ui, &mut edit.seed, default.seed)
}
