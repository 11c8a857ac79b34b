//! Deletion and insertion of every method. While a curve is held, the tiles show the pictures at that fraction.

use egui::{Color32, CursorIcon, PopupAnchor, Role, Tooltip, Ui, WidgetInfo};
use egui_plot::{AxisHints, FilledArea, GridMark, Line, LineStyle, PlotBounds, PlotPoints, PlotUi, Points, VLine};

use super::{MARGIN, curve_legend};
use crate::{
    app::{
        numbers,
        state::{
            State,
            action::Action,
            chart::{curves, points, random, shares},
            run_state::Seen,
            titles,
        },
        theme,
        ui::{charts, wall::top_classes::changed_words, widgets::painting},
    },
    explain::{Band, Change, CurvePoint, Method},
    export::{
        self,
        chart::{Axis, Mark, Ribbon, Scale, Series, round_step},
    },
    model::{Head, Score},
};

/// The shares of cells that have a line of the grid; every second of them has its number.
const QUARTERS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// About how many lines an axis of scores has.
const LINES: f64 = 4.0;

/// The score of `change` at a point.
fn score(change: Change, point: &CurvePoint) -> f64 {
    f64::from(if change == Change::Deletion { point.deletion } else { point.insertion })
}

/// The random orders, if they are drawn, in their colour on paper.
pub fn ribbon(change: Change, state: &State) -> Option<Ribbon> {
    let (random, _) = random(state).filter(|(_, drawn)| *drawn)?;
    let [red, green, blue, _] = theme::RANDOM.to_array();
    let band = |(fraction, deletion, insertion): (f32, Band, Band)| {
        (f64::from(fraction), if change == Change::Deletion { deletion } else { insertion })
    };
    Some(Ribbon {
        name: curve_legend::random_with_area(change, random),
        color: export::on_light([red, green, blue]),
        points: random.points().into_iter().map(band).collect(),
    })
}

/// What both curves begin or end with, in words: what the model makes of a picture of which everything is deleted.
pub fn ends(state: &State) -> Option<String> {
    let run = state.shown()?;
    let Seen { class, baseline, .. } = run.seen.as_ref()?;
    let picture = titles::deleted_picture(run.parameters.curves.baseline);
    let (class, share) = (class.name.as_str(), numbers::answer(baseline.answer));
    if baseline.answer.probability().is_none() {
        return Some(text!("chart-ends-output", picture = picture, class = class, output = share));
    }
    Some(text!(
        "chart-ends",
        picture = picture,
        class = class,
        share = share,
        top = baseline.top.name.as_str(),
        most = numbers::answer(baseline.top.answer)
    ))
}

/// The methods' curves that are drawn.
pub fn series(change: Change, state: &State) -> Vec<Series> {
    let Some(run) = state.shown() else { return Vec::new() };
    let curve = |method| {
        let points =
            points(run, method).iter().map(|point| [f64::from(point.fraction), score(change, point)]).collect();
        let [red, green, blue, _] = theme::method_color(method).to_array();
        Series {
            name: curve_legend::name_with_area(change, run, method),
            color: [red, green, blue],
            mark: Mark::Line,
            points,
        }
    };
    curves(state).filter(|(_, drawn)| *drawn).map(|(method, _)| curve(method)).collect()
}

/// The axes of a figure.
pub fn axes(change: Change, class: &str, state: &State) -> [Axis; 2] {
    let cells = match change {
        Change::Deletion => text!("curves-cells-deleted"),
        Change::Insertion => text!("curves-cells-revealed"),
    };
    [Axis::new(cells, 0.0, 1.0, Scale::Percent), measure_axis(class, state)]
}

/// The axis of what the curves measure, the same for both charts: the probability, or the output where the model has no
/// probabilities, as far as the curves reach.
fn measure_axis(class: &str, state: &State) -> Axis {
    let head = head(state);
    let title = match head.measure() {
        Score::Output => text!("curves-output", class = class),
        _ => text!("curves-probability", class = class),
    };
    let both = [Change::Deletion, Change::Insertion];
    let curves = both.iter().flat_map(|&change| series(change, state)).flat_map(|series| series.points);
    let random = both.iter().filter_map(|&change| ribbon(change, state)).flat_map(|ribbon| ribbon.points);
    let random = random.flat_map(|(x, band)| [[x, f64::from(band.low)], [x, f64::from(band.high)]]);
    export::measure_axis(title, head.measure(), curves.chain(random).map(|[_, value]| value))
}

/// What the outputs of the model mean that answered the run on the wall.
pub fn head(state: &State) -> Head {
    state.shown().and_then(|run| run.model.as_ref()).map(|model| model.head).unwrap_or_default()
}

/// Draws the chart.
pub fn curves_ui(ui: &mut Ui, change: Change, series: &[Series], state: &State, actions: &mut Vec<Action>) {
    let halves = |mark: GridMark| (mark.value * 2.0).fract().abs() < 1e-6;
    let head = head(state);
    let is_output = head.measure() == Score::Output;
    // Both charts have one axis, so that they can be compared.
    let [low, high] = measure_axis("", state).range;
    let tall = high - low;
    let marks = charts::marked(low, high, &firsts(change, state), round_step(tall, LINES));
    let x = AxisHints::new_x()
        .formatter(move |mark, _| if halves(mark) { format!("{:.0} %", mark.value * 100.0) } else { String::new() });
    let y = AxisHints::new_y().formatter(|mark, _| numbers::value(mark.value as f32));
    let id = match (change, is_output) {
        (Change::Deletion, false) => "deletion curves",
        (Change::Insertion, false) => "insertion curves",
        (Change::Deletion, true) => "deletion outputs",
        (Change::Insertion, true) => "insertion outputs",
    };
    let steps = state.shown().map(|run| run.parameters.curves.steps).filter(|_| !series.is_empty());
    let weak = ui.visuals().weak_text_color();
    let touched = state.touched.filter(|(touched, _)| *touched == change).map(|(_, fraction)| fraction);
    let ribbon = ribbon(change, state);
    let random_color = theme::on_ground(theme::RANDOM, ui.visuals());
    let reached = reached(ui, change, state);
    let plot = charts::plot(ui, id, x, y)
        .x_grid_spacer(|_| charts::lines_at(&QUARTERS, 0.5))
        .y_grid_spacer(move |_| charts::lines_at(&marks, tall));
    let bounds = PlotBounds::from_min_max([-MARGIN, low - MARGIN * tall], [1.0 + MARGIN, high + 2.0 * MARGIN * tall]);
    let share = marked_share(change, state);
    let accent = theme::accent(ui.visuals());
    let shown = plot.show(ui, |plot: &mut PlotUi<'_>| {
        plot.set_plot_bounds(bounds);
        if let Some(share) = share {
            let line = VLine::new("top share", share).allow_hover(false).style(LineStyle::dashed_dense());
            plot.vline(line.color(accent).width(theme::OUTLINE));
        }
        let hovered = if plot.response().hovered() { plot.pointer_coordinate() } else { None };
        let at = touched.or_else(|| Some(fraction_near(hovered?.x, steps?)));
        if let Some(ribbon) = &ribbon {
            band(plot, ribbon, random_color);
        }
        for series in series {
            charts::draw(plot, series, Some);
        }
        for (color, point) in &reached {
            let ring = Points::new("", vec![*point]).radius(theme::CURVE_RING).filled(false).allow_hover(false);
            plot.points(ring.color(*color));
        }
        if let Some(fraction) = at.filter(|_| !series.is_empty()) {
            let line = VLine::new("fraction", fraction).allow_hover(false);
            plot.vline(line.color(weak).width(theme::THIN));
            for series in series {
                if let Some(point) = at_fraction(series, fraction) {
                    let [red, green, blue] = series.color;
                    let dot = Points::new("", vec![*point]).radius(theme::CURVE_DOT).allow_hover(false);
                    plot.points(dot.color(Color32::from_rgb(red, green, blue)));
                }
            }
        }
        (at, plot.pointer_coordinate())
    });
    let (response, (at, pointer)) = (shown.response, shown.inner);
    response.widget_info(|| {
        let share = share.map(numbers::share);
        let name = match (change, share) {
            (Change::Deletion, None) => text!("curves-deletion"),
            (Change::Insertion, None) => text!("curves-insertion"),
            (Change::Deletion, Some(share)) => text!("curves-deletion-marked", share = share),
            (Change::Insertion, Some(share)) => text!("curves-insertion-marked", share = share),
        };
        WidgetInfo::labeled(Role::Image, true, name)
    });
    let held = response.is_pointer_button_down_on() && !ui.input(|input| input.pointer.secondary_down());
    let holds = pointer.zip(steps).filter(|_| held).map(|(pointer, steps)| fraction_near(pointer.x, steps));
    if holds != touched {
        actions.push(Action::Touch(holds.map(|fraction| (change, fraction))));
    }
    if let Some(fraction) = at.filter(|_| (response.hovered() || held) && !series.is_empty()) {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        let tooltip = Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, PopupAnchor::Pointer)
            .gap(theme::GAP);
        tooltip.show(|ui| readout_ui(ui, change, fraction, series, ribbon.as_ref(), state));
    }
}

/// What the curves of a chart begin with, and end with: what the model makes of the picture and of all of it deleted.
fn firsts(change: Change, state: &State) -> Vec<f64> {
    let all = series(change, state);
    let first = all.iter().find_map(|series| series.points.first());
    // A curve that is being drawn has not come to its end.
    let ends = all.iter().filter(|_| change == Change::Insertion).filter_map(|series| series.points.last());
    let last = ends.into_iter().find(|[fraction, _]| *fraction >= 1.0);
    first.into_iter().chain(last).map(|[_, value]| *value).collect()
}

/// The share that is marked on the curves of a chart: the one that the wall shows alone, or all but which it shows.
fn marked_share(change: Change, state: &State) -> Option<f32> {
    let view = &state.view;
    (view.style.has_share() && view.style.judged_by() == change && state.touched.is_none()).then_some(view.share)
}

/// Where each drawn curve keeps nearly all of the score, or is down to half of it, in the method's colour.
fn reached(ui: &Ui, change: Change, state: &State) -> Vec<(Color32, [f64; 2])> {
    let Some(run) = state.shown() else { return Vec::new() };
    let place = |(method, share): (&'static Method, f32)| {
        let point = points(run, method).iter().find(|point| point.fraction >= share)?;
        let color = theme::on_ground(theme::method_color(method), ui.visuals());
        Some((color, [f64::from(point.fraction), score(change, point)]))
    };
    shares(state, change).filter_map(place).collect()
}

/// Draws the area from the lowest to the highest score of random orders, with their mean as a thin line.
fn band(plot: &mut PlotUi<'_>, ribbon: &Ribbon, color: Color32) {
    let all = |value: fn(&(f64, Band)) -> f64| ribbon.points.iter().map(value).collect::<Vec<f64>>();
    let (at, mean) = (all(|(fraction, _)| *fraction), all(|(_, band)| f64::from(band.mean)));
    let (low, high) = (all(|(_, band)| f64::from(band.low)), all(|(_, band)| f64::from(band.high)));
    let area = FilledArea::new("random orders", &at, &low, &high);
    plot.add(area.fill_color(color.gamma_multiply(theme::RANDOM_BAND)).allow_hover(false));
    let points: PlotPoints<'_> = at.into_iter().zip(mean).map(|(x, y)| [x, y]).collect();
    plot.line(Line::new(&ribbon.name, points).color(color).width(theme::THIN).allow_hover(false));
}

/// The values of all curves at a fraction.
fn readout_ui(ui: &mut Ui, change: Change, fraction: f32, series: &[Series], ribbon: Option<&Ribbon>, state: &State) {
    painting::readout_style(ui);
    ui.strong(changed_words(change, fraction));
    // The area at a series' name belongs to the whole curve: here a method is called by its title.
    let titles = curves(state).filter(|(_, drawn)| *drawn).map(|(method, _)| method.title.to_owned());
    let value = |(title, series): (String, &Series)| {
        let [red, green, blue] = series.color;
        Some((title, Color32::from_rgb(red, green, blue), at_fraction(series, fraction)?[1]))
    };
    let random = ribbon.and_then(|ribbon| mean_at(ribbon, fraction));
    let random_color = theme::on_ground(theme::RANDOM, ui.visuals());
    let random = random.map(|mean| (text!("random-order"), random_color, mean));
    let mut values: Vec<_> = titles.zip(series).filter_map(value).chain(random).collect();
    // As the curves lie above each other.
    values.sort_by(|a, b| b.2.total_cmp(&a.2));
    for (title, color, value) in values {
        ui.horizontal(|ui| {
            painting::dot(ui, color);
            ui.label(format!("{} {title}", numbers::answer(head(state).answer(value as f32))));
        });
    }
}

/// The nearest step of the curves to a place on their axis, as a fraction.
fn fraction_near(x: f64, steps: usize) -> f32 {
    let step = (x.clamp(0.0, 1.0) * steps as f64).round();
    step as f32 / steps.max(1) as f32
}

fn at_fraction(series: &Series, fraction: f32) -> Option<&[f64; 2]> {
    series.points.iter().find(|point| point[0] == f64::from(fraction))
}

/// The mean of random orders at a fraction, on the line that is drawn: they may have fewer steps than the curves.
fn mean_at(ribbon: &Ribbon, fraction: f32) -> Option<f64> {
    let x = f64::from(fraction);
    let (after, (end, end_band)) = ribbon.points.iter().enumerate().find(|(_, (at, _))| *at >= x)?;
    let mean = f64::from(end_band.mean);
    let Some((start, start_band)) = after.checked_sub(1).map(|before| ribbon.points[before]) else { return Some(mean) };
    let share = (x - start) / (end - start);
    Some(f64::from(start_band.mean) * (1.0 - share) + mean * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_axis_is_a_step_of_the_curves() {
        assert_eq!([-0.1, 0.0, 0.029, 0.031, 0.5, 1.2].map(|x| fraction_near(x, 50)), [0.0, 0.0, 0.02, 0.04, 0.5, 1.0]);
        assert_eq!(fraction_near(0.3, 6), 2.0 / 6.0, "the same number as the curve's own");
    }

    #[test]
    fn random_orders_of_fewer_steps_are_read_on_their_line() {
        let at = |(fraction, mean): (f64, f32)| (fraction, Band { mean, low: mean, high: mean });
        let points = [(0.0, 1.0), (0.5, 0.5), (1.0, 0.25)].map(at).to_vec();
        let ribbon = Ribbon { name: String::new(), color: [0; 3], points };
        let found = [0.0, 0.25, 0.5, 0.75, 1.0].map(|fraction| mean_at(&ribbon, fraction));
        assert_eq!(found, [1.0, 0.75, 0.5, 0.375, 0.25].map(Some));
        assert_eq!(mean_at(&ribbon, 1.5), None);
    }
}
