//! A method's tile: the picture with its map, in the way the user wants it drawn, and the numbers that belong to it.

use egui::{Align2, Color32, CursorIcon, Painter, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, pos2};

use super::{
    caption::{self, Caption, Legend},
    judged, nothing,
    tile::{self, Parts, Scene, Title},
    top_classes,
};
use crate::{
    app::{
        jobs::{
            drawing::Way,
            pictures::{DrawnMap, MapPlace, Plain, PlainPlace},
        },
        numbers,
        state::{
            action::Action,
            map::{self, Map},
            run_state::{Question, RunState, Status},
            tiles::Tile,
            titles,
            view_options::Style,
        },
        theme,
        ui::widgets::painting,
    },
    explain::{Method, Term, TermRole},
    imaging::{Colormap, CropMode},
    model::Score,
};

/// Radius of the knob on a line that can be moved, in points.
const KNOB: f32 = 5.0;
/// How far from a line it can be taken hold of, in points.
const GRIP: f32 = 7.0;
/// Width of the dark edge of [`CONTOUR`], in points.
const CONTOUR_EDGE: f32 = 4.0;

/// Draws a method's map, or says what it is waiting for, or that it found nothing.
pub fn method_ui(ui: &mut Ui, place: Rect, method: &'static Method, scene: &mut Scene<'_>, actions: &mut Vec<Action>) {
    let parts = Parts::of(place).shaped(scene);
    let rect = parts.picture;
    let color = theme::method_color(method);
    let dot = theme::on_ground(color, ui.visuals());
    let picture = scene.picture;
    let run = picture.shown();
    let is_old = scene.state.old().is_some();
    if let Some(run) = run
        && let Some(result) = run.found_nothing(method)
    {
        let detail = progress_words(scene, run, method, true);
        let title = Title { tile: Tile::Method(method), dot: Some(dot), words: method.title, detail: &detail, is_old };
        tile::title_ui(ui, parts.title, &title, scene, actions);
        tile::picture_response(ui, rect, rect, Tile::Method(method), &nothing::words(result), scene);
        nothing::nothing_ui(ui, rect, run.question.crop, result, scene, actions);
        return;
    }
    let map = run.and_then(|run| map::of(scene.state, run, method));
    let drawn = scene.pictures.map(MapPlace::Tile(method)).filter(|drawn| drawn.of.shows.picture == picture.id);
    let (Some(run), Some(map), Some(drawn)) = (run, map, drawn) else {
        let words = waiting_words(picture.newest(), method);
        let title =
            Title { tile: Tile::Method(method), dot: Some(dot), words: method.title, detail: "", is_old: false };
        tile::title_ui(ui, parts.title, &title, scene, actions);
        tile::picture_response(ui, rect, rect, Tile::Method(method), &words, scene);
        waiting_ui(ui, rect, scene, &words);
        return;
    };

    let words = progress_words(scene, run, method, map.is_final);
    let title = Title { tile: Tile::Method(method), dot: Some(dot), words: method.title, detail: &words, is_old };
    tile::title_ui(ui, parts.title, &title, scene, actions);
    tile::picture_response(ui, rect, rect, Tile::Method(method), &words, scene);
    let square = scene.viewport.zoom.placed(rect);
    let clipped = ui.painter().with_clip_rect(rect);
    let view = &scene.state.view;
    let colormap = match drawn.of.shows.way {
        Way::Overlay(colormap, _) if view.style == Style::Wipe => {
            let line = rect.left() + rect.width() * view.wipe;
            plain(ui, &clipped, square, run.question.crop, scene);
            painting::image(&ui.painter().with_clip_rect(rect.with_min_x(line)), drawn.texture(), square);
            wipe_ui(ui, rect, line, method, actions);
            Some(colormap)
        }
        Way::Overlay(colormap, _) | Way::Heatmap(colormap) => {
            painting::image(&clipped, drawn.texture(), square);
            Some(colormap)
        }
        Way::Outline(share) => {
            plain(ui, &clipped, square, run.question.crop, scene);
            outline(&clipped, square, &drawn, color);
            let words = text!("tile-outline", share = numbers::share(share));
            top_classes::tag(ui, rect, &words);
            let response = ui.interact(rect, ui.scope_id().with(("outline", method)), Sense::hover());
            let share = || numbers::share(share);
            let label = || text!("tile-outline", "name", method = method.title, share = share());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, label()));
            None
        }
        Way::Changed(change, fraction) => {
            painting::image(&clipped, drawn.texture(), square);
            let top = scene.state.probing.top(run, method, change, fraction);
            let class = run.seen.as_ref().map(|seen| seen.class.id);
            top_classes::top_ui(ui, rect, method, (change, fraction), top, class);
            None
        }
    };
    let legend = legend(scene, &drawn, colormap);
    let caption = caption_of(run, method, &map).of(scene.state.old());
    caption::caption_ui(ui, parts.caption, Tile::Method(method), &caption, Some(legend));
    tile::mark(ui, rect, square, scene.viewport.marked);
}

fn legend(scene: &Scene<'_>, drawn: &DrawnMap, colormap: Option<Colormap>) -> Legend {
    let measures = &drawn.of.measures;
    let (scaled, is_signed) = measures.drawn_in(colormap);
    let here = scene.viewport.marked.and_then(|at| measures.here(at.x, at.y));
    let has_signs = measures.signed.is_some();
    let is_absolute = scaled.saliency.full.is_some();
    Legend { colormap, is_signed, has_signs, is_absolute, scale: scaled.scale, cut: scaled.cut, here }
}

/// What the model sees of the picture that is cut like this; says whether there is one yet.
pub fn plain(ui: &Ui, painter: &Painter, square: Rect, crop: CropMode, scene: &mut Scene<'_>) -> bool {
    let sharp = scene.preview.and_then(|preview| preview.cut(crop));
    let image = sharp.or_else(|| {
        let runs = [scene.picture.shown(), scene.picture.newest()].into_iter().flatten();
        let seen = runs.filter(|run| run.question.crop == crop).find_map(|run| run.seen.as_ref());
        seen.map(|seen| &seen.input.crop.image)
    });
    if let Some(image) = image {
        let of = Plain::Cut { picture: scene.picture.id, crop, sharp: sharp.is_some() };
        let drawn = scene.pictures.plain(ui.ctx(), PlainPlace::Square, of, image);
        painting::image(painter, drawn.texture(), square);
    }
    image.is_some()
}

/// The lines around the most important cells, with dark edges, so that they are seen on any picture.
fn outline(painter: &Painter, square: Rect, drawn: &DrawnMap, color: Color32) {
    for stroke in [Stroke::new(CONTOUR_EDGE, theme::MARK_EDGE), Stroke::new(theme::CONTOUR, color)] {
        for line in &drawn.of.outline {
            let points = line.iter().map(|point| square.min + point.to_vec2() * square.size()).collect();
            painter.add(Shape::closed_line(points, stroke));
        }
    }
}

/// The line between the picture and its map, which is in the same place in every tile.
fn wipe_ui(ui: &Ui, rect: Rect, line: f32, method: &'static Method, actions: &mut Vec<Action>) {
    let handle = Rect::from_x_y_ranges(line - GRIP..=line + GRIP, rect.y_range()).intersect(rect);
    let response = ui.interact(handle, ui.scope_id().with(("wipe", method)), Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, text!("tile-wipe", method = method.title)));
    let response = response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
    let painter = ui.painter().with_clip_rect(rect);
    for stroke in theme::MARK_STROKES {
        painter.vline(line, rect.y_range(), stroke);
    }
    painter.circle(pos2(line, rect.center().y), KNOB, theme::MARK, theme::MARK_STROKES[0]);
    if response.dragged()
        && let Some(pointer) = response.interact_pointer_pos()
        && response.drag_delta().x != 0.0
    {
        actions.push(Action::Wipe(((pointer.x - rect.left()) / rect.width()).clamp(0.0, 1.0)));
    }
}

/// What was computed from `map`.
fn caption_of(run: &RunState, method: &'static Method, map: &Map) -> Caption {
    let record = run.method(method).filter(|_| map.is_final);
    let iteration = map.step.and_then(|number| run.iterations(method).get(number));
    match (record.and_then(|record| Some((record, record.judged()?))), iteration) {
        (Some((record, curves)), _) => {
            judged::caption(curves, &record.second, run.random.as_deref(), record.spread.as_deref())
        }
        (None, Some(iteration)) => {
            let number = |term: &Term| {
                let name = match term.role {
                    TermRole::Score => score_name(&run.question),
                    TermRole::Objective => text!("tile-objective"),
                    TermRole::InScore | TermRole::Step | TermRole::Other => return None,
                };
                Some((name, numbers::score(iteration.number(term.name))))
            };
            Caption { numbers: method.terms.iter().filter_map(number).collect(), ..Caption::default() }
        }
        (None, None) => Caption::default(),
    }
}

/// What is explained of the masked picture.
fn score_name(question: &Question) -> String {
    match (question.score, question.against.is_some()) {
        (score, false) => titles::score(score),
        (Score::Probability, true) => text!("score-probability-difference"),
        (Score::Logit, true) => text!("score-logit-difference"),
        (Score::LogProbability, true) => text!("score-log-probability-difference"),
        (Score::Output, true) => text!("score-output-difference"),
    }
}

/// The picture without a map, darkened, with words on it.
fn waiting_ui(ui: &Ui, rect: Rect, scene: &mut Scene<'_>, words: &str) {
    let square = scene.viewport.zoom.placed(rect);
    if plain(ui, &ui.painter().with_clip_rect(rect), square, scene.picture.crop, scene) {
        ui.painter().rect_filled(rect, 0.0, theme::SCRIM);
        painting::text(ui, rect, Align2::CENTER_CENTER, words, TextStyle::Body, theme::ON_SCRIM);
    } else {
        ui.painter().rect_filled(rect, theme::CORNER, ui.visuals().faint_bg_color);
        painting::text(ui, rect, Align2::CENTER_CENTER, words, TextStyle::Body, ui.visuals().weak_text_color());
    }
}

/// Why a method has no map.
fn waiting_words(run: Option<&RunState>, method: &'static Method) -> String {
    let Some(run) = run else { return text!("tile-waiting") };
    let started = run.method(method).is_some_and(|state| state.started);
    match (run.status, started) {
        (Status::Running, true) if method.iterates() => {
            text!("tile-first-iteration", all = method.iterations(&run.parameters))
        }
        (Status::Running, true) => text!("tile-working"),
        (Status::Running, false) => text!("tile-waiting"),
        (Status::Stopped, _) => text!("tile-stopped"),
        (Status::Failed, _) => text!("tile-failed"),
        (Status::Finished, _) => text!("tile-not-asked"),
    }
}

/// How far a method with a map, or without one as it found nothing, is. `is_final` says whether its result is shown.
fn progress_words(scene: &Scene<'_>, run: &RunState, method: &'static Method, is_final: bool) -> String {
    if let Some(old) = scene.state.old() {
        return titles::old(old);
    }
    let state = run.method(method);
    let done = state.and_then(|state| state.explanation.as_ref());
    let number = scene.state.step_of(method).map(|number| number + 1);
    match (done, number) {
        (Some(done), Some(_)) if is_final => {
            let count = run.iterations(method).len();
            text!("tile-done", count = count, time = numbers::seconds(done.seconds))
        }
        (_, Some(number)) => text!("iteration-of", number = number, all = method.iterations(&run.parameters)),
        // What was not run, as there was nothing to find, took no time.
        (Some(done), None) if done.nothing.is_none() => numbers::seconds(done.seconds),
        (Some(_) | None, None) => String::new(),
    }
}
