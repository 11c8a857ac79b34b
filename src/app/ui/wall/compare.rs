//! Two runs beside each other: their maps, the difference of them, their areas, and what they were asked with.

use egui::{
    Align, Align2, Button, Color32, CornerRadius, Grid, Layout, Rect, RichText, Role, ScrollArea, Sense, TextStyle, Ui,
    UiBuilder, Vec2, WidgetInfo, containers::menu::MenuButton, pos2,
};

use crate::{
    app::{
        commands::shortcuts::{self, hint},
        jobs::{
            drawing::WhichMap,
            pictures::{MapPlace, Pictures},
        },
        numbers,
        state::{action::Action, copyable::Copyable, map, run_state::RunState, titles, view_options::ViewOptions},
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
    explain::{CurveParameters, Method, Parameter, Table, methods, tables},
    export::chart::Format,
    imaging::{CropMode, signed_rgb},
};

/// Width of a column in the table of two runs, in points.
const COMPARED_COLUMN: f32 = 84.0;
/// Height of the scale below a difference of two maps, in points.
const SCALE_HEIGHT: f32 = 8.0;
/// Share of the height that the maps take at most: the numbers below need the rest.
const MAPS_SHARE: f32 = 0.62;
/// Colours along the scale of a difference.
const SCALE_COLOURS: usize = 64;

/// What is compared.
pub struct Scene<'a> {
    /// The runs.
    pub pair: [&'a RunState; 2],
    /// The method whose maps are drawn.
    pub method: &'static Method,
    /// How they are drawn.
    pub view: &'a ViewOptions,
    /// Whether the comparison can be copied and saved.
    pub can_take: bool,
    /// The pictures on the graphics card.
    pub pictures: &'a Pictures,
}

/// Draws the comparison.
pub fn compare_ui(ui: &mut Ui, scene: &Scene<'_>, actions: &mut Vec<Action>) {
    let (pair, method) = (scene.pair, scene.method);
    header_ui(ui, scene, actions);
    ui.add_space(theme::SPACE);
    let room = ui.available_rect_before_wrap();
    let across = (room.width() - 2.0 * theme::GAP) / 3.0;
    let down = room.height() * MAPS_SHARE - theme::TILE_TITLE - theme::CAPTION_LINE;
    let side = across.min(down).max(1.0).floor();
    let place = |number: usize| {
        let height = side + theme::TILE_TITLE + theme::CAPTION_LINE;
        let x = room.left() + number as f32 * (side + theme::GAP);
        Rect::from_min_size(pos2(x, room.top()), Vec2::new(side, height))
    };
    let has_map = pair.map(|run| map::last(run, method).is_some() && run.seen.is_some());
    for (number, has_map) in has_map.into_iter().enumerate() {
        map_ui(ui, place(number), number, has_map, scene);
    }
    difference_ui(ui, place(2), has_map == [true; 2], scene);
    let below = room.with_min_y(place(0).bottom() + theme::SPACE);
    ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| areas_ui(ui, pair));
                ui.add_space(2.0 * theme::GAP);
                ui.vertical(|ui| parameters_ui(ui, pair));
            });
        });
    });
    ui.advance_cursor_after_rect(room);
}

/// What is compared and how, in as many lines as that needs, and at the right what can be done with it.
fn header_ui(ui: &mut Ui, scene: &Scene<'_>, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            take_ui(ui, scene, actions);
            let lines = Layout::left_to_right(Align::Center).with_main_wrap(true);
            ui.with_layout(lines, |ui| choices_ui(ui, scene, actions));
        });
    });
}

fn choices_ui(ui: &mut Ui, scene: &Scene<'_>, actions: &mut Vec<Action>) {
    let (pair, method) = (scene.pair, scene.method);
    let title = text!("compare-title", one = titles::compared(pair, 0), other = titles::compared(pair, 1));
    painting::words(ui, RichText::new(title).strong());
    let has_one = |choice: &&'static Method| pair.iter().any(|run| run.method(choice).is_some());
    for choice in methods().iter().copied().filter(has_one) {
        if ui.selectable_label(choice == method, choice.title).clicked() {
            actions.push(Action::Compare(Some(choice)));
        }
    }
    let mut view = scene.view.clone();
    let one_scale = ui.checkbox(&mut view.one_scale, text!("compare-one-scale"));
    if one_scale.on_hover_text(text!("compare-one-scale", "help")).changed() {
        actions.push(Action::SetViewOptions(Box::new(view)));
    }
}

/// How the comparison is left, saved and copied, from the right.
fn take_ui(ui: &mut Ui, scene: &Scene<'_>, actions: &mut Vec<Action>) {
    let close = ui.add(Button::new((icon(Icon::Close), text!("compare-close"))));
    name(&close, text!("compare-close", "name"));
    if close.on_hover_text(hint(ui.ctx(), &text!("compare-close", "help"), shortcuts::STOP)).clicked() {
        actions.push(Action::Compare(None));
    }
    ui.add_enabled_ui(scene.can_take, |ui| {
        let save = MenuButton::from_button(Button::new((icon(Icon::Save), text!("compare-save"))));
        save.ui(ui, |ui| {
            for format in [Format::Pdf, Format::Svg, Format::Png] {
                if ui.button(text!("chart-save-as", format = format.title())).clicked() {
                    actions.push(Action::SaveComparison(format));
                }
            }
        });
        if ui.button(text!("compare-copy")).on_hover_text(text!("compare-copy", "help")).clicked() {
            actions.push(Action::Copy(Copyable::Comparison));
        }
    });
}

fn map_ui(ui: &Ui, place: Rect, number: usize, has_map: bool, scene: &Scene<'_>) {
    let run = scene.pair[number];
    let parts = [place.top() + theme::TILE_TITLE, place.bottom() - theme::CAPTION_LINE];
    let (title, rect) = (place.with_max_y(parts[0]), place.with_min_y(parts[0]).with_max_y(parts[1]));
    let visuals = ui.visuals();
    let class = run.seen.as_ref().map_or("", |seen| seen.class.name.as_str());
    let right = painting::text(ui, title, Align2::RIGHT_CENTER, class, TextStyle::Small, visuals.weak_text_color());
    let left = title.with_max_x(right.left() - theme::SPACE);
    painting::text(
        ui,
        left,
        Align2::LEFT_CENTER,
        titles::compared(scene.pair, number),
        TextStyle::Body,
        visuals.strong_text_color(),
    );
    if !has_map {
        let nothing = run.found_nothing(scene.method).map(|result| nothing::words(result));
        nothing_ui(ui, rect, nothing.unwrap_or_else(|| text!("compare-no-map")));
        return;
    }
    let drawn = scene.pictures.map(MapPlace::Compared(number));
    let is_its = |of: WhichMap| (of.run, of.method) == (run.id, scene.method);
    let Some(drawn) = drawn.filter(|drawn| is_its(drawn.of.shows.map)) else { return };
    painting::image(ui.painter(), drawn.texture(), painting::fitted(drawn.size(), rect));
    let response = ui.interact(rect, ui.scope_id().with(("compared", number)), Sense::hover());
    response.widget_info(|| {
        let words = text!("compare-map", method = scene.method.title, run = titles::compared(scene.pair, number));
        WidgetInfo::labeled(Role::Image, true, words)
    });
    let (scaled, _) = drawn.of.measures.drawn_in(drawn.of.shows.way.colormap());
    let mut largest = text!("compare-largest", value = numbers::value(scaled.scale));
    if let Some(scale) = drawn.of.shows.scale {
        largest = format!("{largest}, {}", text!("compare-colours-to", value = numbers::value(scale)));
    }
    let caption = place.with_min_y(parts[1]);
    let largest = painting::text(ui, caption, Align2::LEFT_CENTER, largest, TextStyle::Small, visuals.text_color());
    if run.is_no_better_than_random(scene.method) {
        let right = caption.with_min_x(largest.right() + theme::SPACE);
        let warning = text!("caption-no-better");
        painting::text(ui, right, Align2::RIGHT_CENTER, warning, TextStyle::Small, visuals.warn_fg_color);
    }
}

/// The second map minus the first, relative to the largest difference.
fn difference_ui(ui: &Ui, place: Rect, have_maps: bool, scene: &Scene<'_>) {
    let pair = scene.pair;
    let parts = [place.top() + theme::TILE_TITLE, place.bottom() - theme::CAPTION_LINE];
    let (title, rect) = (place.with_max_y(parts[0]), place.with_min_y(parts[0]).with_max_y(parts[1]));
    let visuals = ui.visuals();
    let words = format!("{} − {}", titles::compared(pair, 1), titles::compared(pair, 0));
    painting::text(ui, title, Align2::LEFT_CENTER, words.as_str(), TextStyle::Body, visuals.strong_text_color());
    if !have_maps {
        let found_nothing = pair.iter().any(|run| run.found_nothing(scene.method).is_some());
        nothing_ui(ui, rect, if found_nothing { text!("compare-nothing") } else { text!("compare-no-maps") });
        return;
    }
    if !map::see_the_same(pair) {
        nothing_ui(ui, rect, text!("compare-other-part"));
        return;
    }
    let wanted = pair.map(|run| (run.id, scene.method));
    let drawn = scene.pictures.difference();
    let Some(drawn) = drawn.filter(|drawn| drawn.of.shows.maps.map(|map| (map.run, map.method)) == wanted) else {
        return;
    };
    painting::image(ui.painter(), drawn.texture(), painting::fitted(drawn.size(), rect));
    let most = drawn.of.scale;
    let response = ui.interact(rect, ui.scope_id().with("difference"), Sense::hover());
    response.widget_info(|| {
        let most = numbers::short(f64::from(most));
        WidgetInfo::labeled(Role::Image, true, text!("compare-difference", runs = words.as_str(), most = most))
    });
    scale_ui(ui, place.with_min_y(parts[1]), most);
}

/// Which colour is which difference.
fn scale_ui(ui: &Ui, rect: Rect, most: f32) {
    let color = ui.visuals().text_color();
    let number = numbers::short(f64::from(most));
    let low = format!("−{number}");
    let left = painting::text(ui, rect, Align2::LEFT_CENTER, low, TextStyle::Small, color);
    let right = painting::text(ui, rect, Align2::RIGHT_CENTER, format!("+{number}"), TextStyle::Small, color);
    let bar = Rect::from_x_y_ranges(
        left.right() + theme::SPACE..=right.left() - theme::SPACE,
        rect.center().y - SCALE_HEIGHT / 2.0..=rect.center().y + SCALE_HEIGHT / 2.0,
    );
    let width = bar.width() / SCALE_COLOURS as f32;
    for number in 0..SCALE_COLOURS {
        let value = 2.0 * number as f32 / (SCALE_COLOURS - 1) as f32 - 1.0;
        let [red, green, blue] = signed_rgb(value);
        let min = pos2(bar.left() + number as f32 * width, bar.top());
        let piece = Rect::from_min_size(min, Vec2::new(width + 0.5, bar.height()));
        ui.painter().rect_filled(piece, CornerRadius::ZERO, Color32::from_rgb(red, green, blue));
    }
}

fn nothing_ui(ui: &Ui, rect: Rect, words: String) {
    let visuals = ui.visuals();
    ui.painter().rect_filled(rect, theme::CORNER, visuals.faint_bg_color);
    painting::wrapped(ui, rect.shrink(theme::GAP), words, visuals.weak_text_color());
}

/// Every method's areas in both runs.
fn areas_ui(ui: &mut Ui, pair: [&RunState; 2]) {
    ui.strong(text!("compare-areas"));
    Grid::new("areas").striped(true).min_col_width(COMPARED_COLUMN / 2.0).show(ui, |ui| {
        ui.weak("");
        ui.weak(titles::compared(pair, 0));
        ui.weak(titles::compared(pair, 1));
        ui.weak(text!("compare-change"));
        ui.end_row();
        let has_one = |method: &&'static Method| pair.iter().any(|run| run.method(method).is_some());
        for method in methods().iter().copied().filter(has_one) {
            for is_deletion in [true, false] {
                let areas = pair.map(|run| area(run, method, is_deletion));
                let number = |area: Option<f64>| area.map_or_else(|| "–".to_owned(), numbers::score);
                ui.label(match is_deletion {
                    true => text!("compare-deletion", method = method.title),
                    false => text!("compare-insertion", method = method.title),
                });
                ui.label(number(areas[0]));
                ui.label(number(areas[1]));
                change_ui(ui, areas, is_deletion);
                ui.end_row();
            }
        }
    });
}

fn area(run: &RunState, method: &'static Method, is_deletion: bool) -> Option<f64> {
    let curves = run.method(method)?.judged()?;
    Some(f64::from(if is_deletion { curves.deletion() } else { curves.insertion() }))
}

/// The largest change of an area, in thousandths, that other seeds and other orders of ties make as well: nothing is said
/// to be better within it.
const BY_CHANCE: i64 = 20;

/// How much an area changed, and whether for the better, as it is printed.
fn change_ui(ui: &mut Ui, areas: [Option<f64>; 2], is_deletion: bool) {
    let [Some(before), Some(after)] = areas else {
        ui.weak("–");
        return;
    };
    // Of the numbers beside it, so that they add up.
    let thousandths = |area: f64| (area * 1e3).round() as i64;
    let change = thousandths(after) - thousandths(before);
    if change == 0 {
        ui.weak("0");
        return;
    }
    let is_better = (change < 0) == is_deletion;
    let sign = if change < 0 { "−" } else { "+" };
    let number = format!("{sign}{}", numbers::score(change.abs() as f64 / 1e3));
    if change.abs() <= BY_CHANCE {
        ui.weak(number).on_hover_text(text!("compare-chance"));
        return;
    }
    let words = match is_better {
        true => text!("compare-better", change = number),
        false => text!("compare-worse", change = number),
    };
    ui.label(if is_better { RichText::new(words).strong() } else { RichText::new(words) });
}

/// What both runs were asked, and with what: first what differs, then the rest.
fn parameters_ui(ui: &mut Ui, pair: [&RunState; 2]) {
    let [one, other] = pair.map(|run| &run.parameters);
    type Own = (&'static Table, &'static Parameter);
    // Of methods that neither has run nothing is to be compared.
    let was_run = |table: &&'static Table| {
        let has_run = |method: &&'static Method| pair.iter().any(|run| run.method(method).is_some());
        *table == &CurveParameters::TABLE || methods().iter().filter(|method| method.parameters == **table).any(has_run)
    };
    let all = tables().filter(was_run).flat_map(|table| table.rows.iter().map(move |row| (table, row)));
    let (same, differing): (Vec<Own>, Vec<Own>) = all.partition(|(table, row)| one.is_same(other, table, row));
    let row = |(table, row): Own| {
        (words::full_name(table, row), [one, other].map(|parameters| words::value_of(table, row, parameters)))
    };
    let questions = pair.map(question);
    let names = asked_names();
    let asked = (0..names.len())
        .map(|number| (names[number].clone(), [questions[0][number].clone(), questions[1][number].clone()]));
    let (changed, unchanged): (Vec<Row>, Vec<Row>) = asked.partition(|(_, texts)| texts[0] != texts[1]);
    let changed: Vec<Row> = changed.into_iter().chain(differing.into_iter().map(row)).collect();
    let unchanged = unchanged.into_iter().chain(same.into_iter().map(row));
    ui.strong(text!("compare-parameters", count = changed.len()));
    Grid::new("parameters").striped(true).min_col_width(COMPARED_COLUMN / 2.0).show(ui, |ui| {
        ui.weak("");
        ui.weak(titles::compared(pair, 0));
        ui.weak(titles::compared(pair, 1));
        ui.end_row();
        let color = theme::accent(ui.visuals());
        for (name, texts) in changed {
            ui.label(RichText::new(name).color(color));
            for text in texts {
                ui.label(RichText::new(text).strong());
            }
            ui.end_row();
        }
        for (name, texts) in unchanged {
            ui.weak(name);
            for text in texts {
                ui.weak(text);
            }
            ui.end_row();
        }
    });
}

/// A name, and what it is in both runs.
type Row = (String, [String; 2]);

/// What can be asked of a picture.
fn asked_names() -> [String; 5] {
    [text!("compare-model"), text!("compare-class"), text!("compare-against"), text!("score"), text!("crop")]
}

/// What was asked of the picture, in the order of [`asked_names`].
fn question(run: &RunState) -> [String; 5] {
    let model = run.model.as_ref().map_or_else(String::new, |model| model.title.clone());
    let class = run.seen.as_ref().map_or_else(String::new, |seen| seen.class.name.clone());
    let against = run.seen.as_ref().and_then(|seen| seen.against.as_ref());
    let against = against.map_or_else(|| "–".to_owned(), |against| against.name.clone());
    let cut = match run.question.crop {
        // Two parts have one name.
        part @ CropMode::Region(_) => part.to_string(),
        other => titles::crop(other),
    };
    [model, class, against, titles::score(run.question.score), cut]
}
