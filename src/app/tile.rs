//! One tile of the wall: a title, a picture with or without a map, and the numbers that belong to it.

use egui::{Align2, Pos2, Rect, Role, Sense, TextStyle, Ui, Vec2, WidgetInfo};

use super::{
    action::Action,
    crop,
    map::{self, Map},
    numbers, painting,
    picture::Picture,
    preview::Preview,
    run_state::{RunState, Status},
    state::State,
    textures::{Shows, Slot, Textures},
    theme,
};
use crate::explain::MethodKind;

/// What the tiles are drawn from.
pub struct Scene<'a> {
    /// Everything the window knows.
    pub state: &'a State,
    /// The picture on the wall.
    pub picture: &'a Picture,
    /// Its preview, if it is there yet.
    pub preview: Option<&'a Preview>,
    /// The pictures on the graphics card.
    pub textures: &'a mut Textures,
    /// The place in the model's square that is marked in every tile, `x` and `y` in `[0, 1]`.
    pub marked: Option<Pos2>,
}

/// A tile's place, shared out.
struct Parts {
    title: Rect,
    picture: Rect,
    caption: Rect,
}

impl Parts {
    fn of(place: Rect) -> Self {
        let (top, bottom) = (place.top() + theme::TILE_TITLE, place.bottom() - theme::TILE_CAPTION);
        Self {
            title: place.with_max_y(top),
            picture: place.with_min_y(top).with_max_y(bottom),
            caption: place.with_min_y(bottom),
        }
    }
}

/// Draws the photo, with what the model does not see darkened.
/// Returns where in the model's square the pointer is, if it is there.
pub fn original_ui(ui: &mut Ui, place: Rect, scene: &mut Scene<'_>, actions: &mut Vec<Action>) -> Option<Pos2> {
    let parts = Parts::of(place);
    let photo = &scene.picture.photo;
    title_ui(ui, parts.title, None, &photo.name, &format!("{} × {}", photo.width(), photo.height()));

    let shows = Shows::Plain { picture: scene.picture.id, sharp: scene.preview.is_some() };
    let texture = scene.textures.get(ui.ctx(), Slot::Original, shows, || {
        scene.preview.map_or_else(|| (*scene.picture.thumbnail).clone(), |preview| preview.whole.clone()).into()
    });
    let rect = painting::fitted(texture.size(), parts.picture);
    // At the top, in line with the other tiles, and its caption right below it.
    let rect = rect.translate(Vec2::new(0.0, parts.picture.top() - rect.top()));
    let caption = parts.caption.translate(Vec2::new(0.0, rect.bottom() - parts.caption.top()));
    painting::image(ui.painter(), texture.id(), rect);
    picture_response(ui, rect, "Original", &photo.name);

    let seen = scene.picture.shown().and_then(|run| run.seen.as_ref())?;
    let square = crop::crop_ui(ui, rect, scene.state, scene.picture, actions)?;
    let against = seen.against.as_ref().map(|against| (format!("rather than {}", against.name), against.probability));
    let pairs = [(seen.class.name.as_str(), seen.class.probability)].into_iter();
    let pairs = pairs.chain(against.as_ref().map(|(words, probability)| (words.as_str(), *probability)));
    let pairs: Vec<(&str, String)> = pairs.map(|(words, share)| (words, numbers::percent(share))).collect();
    caption_ui(ui, caption, "Original", &pairs, "");
    mark(ui, square.intersect(rect), square, scene.marked);
    pointed(ui, rect, square)
}

/// Draws a method's map, or says what it is waiting for.
/// Returns where in the model's square the pointer is, if it is there.
pub fn method_ui(ui: &mut Ui, place: Rect, method: MethodKind, scene: &mut Scene<'_>) -> Option<Pos2> {
    let parts = Parts::of(place);
    let rect = parts.picture;
    let color = Some(theme::method_color(method));
    let run = scene.picture.shown();
    let map = run.and_then(|run| map::of(scene.state, run, method));
    let (Some(run), Some(map)) = (run, map) else {
        let words = waiting_words(scene.picture.newest(), method);
        title_ui(ui, parts.title, color, method.title(), "");
        picture_response(ui, rect, method.title(), &words);
        waiting_ui(ui, rect, scene, &words);
        return None;
    };

    let words = progress_words(scene, run, method);
    title_ui(ui, parts.title, color, method.title(), &words);
    picture_response(ui, rect, method.title(), &words);
    let sharp = scene.preview.and_then(|preview| preview.cut(run.question.crop));
    let shows = Shows::map(run.id, map.step, &scene.state.look, sharp.is_some());
    let base = sharp.or_else(|| Some(&run.seen.as_ref()?.input.crop.image));
    let base = base.unwrap_or(&scene.picture.thumbnail);
    let look = &scene.state.look;
    let texture =
        scene.textures.get(ui.ctx(), Slot::Method(method), shows, || map::drawing(&map.saliency(), base, look));
    painting::image(ui.painter(), texture.id(), rect);

    let value = scene.marked.and_then(|place| texture.value_at(place.x, place.y));
    let value = value.map_or_else(String::new, |value| format!("{value:.2} here"));
    caption_ui(ui, parts.caption, method.title(), &numbers_of(run, method, &map), &value);
    mark(ui, rect, rect, scene.marked);
    pointed(ui, rect, rect)
}

/// The numbers that were computed from `map`.
fn numbers_of(run: &RunState, method: MethodKind, map: &Map<'_>) -> Vec<(&'static str, String)> {
    let judged = run.method(method).and_then(|state| state.curves.as_ref()).filter(|_| map.is_final);
    let step = map.step.and_then(|number| run.steps().get(number));
    match (judged, step) {
        (Some(curves), _) => vec![
            ("Deletion", numbers::score(f64::from(curves.deletion()))),
            ("Insertion", numbers::score(f64::from(curves.insertion()))),
        ],
        (None, Some(step)) => {
            vec![("Score", numbers::score(step.score)), ("Objective", numbers::score(step.objective))]
        }
        (None, None) => Vec::new(),
    }
}

/// The picture without a map, darkened, with words on it.
fn waiting_ui(ui: &Ui, rect: Rect, scene: &mut Scene<'_>, words: &str) {
    let crop = scene.picture.crop;
    let sharp = scene.preview.and_then(|preview| preview.cut(crop));
    let square = sharp.or_else(|| {
        let newest = scene.picture.newest().filter(|run| run.question.crop == crop);
        newest.and_then(|run| run.seen.as_ref()).map(|seen| &seen.input.crop.image)
    });
    if let Some(square) = square {
        let shows = Shows::Cut { picture: scene.picture.id, crop, sharp: sharp.is_some() };
        let texture = scene.textures.get(ui.ctx(), Slot::Waiting, shows, || square.clone().into());
        painting::image(ui.painter(), texture.id(), rect);
        ui.painter().rect_filled(rect, 0.0, theme::SCRIM);
        painting::text(ui, rect, Align2::CENTER_CENTER, words, TextStyle::Body, theme::ON_SCRIM);
    } else {
        ui.painter().rect_filled(rect, theme::CORNER, ui.visuals().faint_bg_color);
        painting::text(ui, rect, Align2::CENTER_CENTER, words, TextStyle::Body, ui.visuals().weak_text_color());
    }
}

/// Why a method has no map.
fn waiting_words(run: Option<&RunState>, method: MethodKind) -> String {
    let Some(run) = run else { return "Waiting".to_owned() };
    let started = run.method(method).is_some_and(|state| state.started);
    match (run.status, started) {
        (Status::Running, true) if method == MethodKind::Igos => {
            format!("Iteration 1 of {}", run.parameters.igos.iterations)
        }
        (Status::Running, true) => "Working".to_owned(),
        (Status::Running, false) => "Waiting".to_owned(),
        (Status::Stopped, _) => "Stopped".to_owned(),
        (Status::Failed, _) => "Failed".to_owned(),
        (Status::Finished, _) => "Not asked for".to_owned(),
    }
}

/// How far a method with a map is.
fn progress_words(scene: &Scene<'_>, run: &RunState, method: MethodKind) -> String {
    if scene.picture.is_outdated() {
        return "previous result".to_owned();
    }
    let state = run.method(method);
    let done = state.and_then(|state| state.explanation.as_ref());
    let number = scene.state.step_number().map(|number| number + 1);
    match (done, number.filter(|_| method == MethodKind::Igos)) {
        (Some(done), Some(number)) if scene.state.shows_newest_step() => {
            format!("{number} iterations · {}", numbers::seconds(done.seconds))
        }
        (_, Some(number)) => format!("iteration {number} of {}", run.parameters.igos.iterations),
        (Some(done), None) => numbers::seconds(done.seconds),
        (None, None) => String::new(),
    }
}

fn title_ui(ui: &Ui, rect: Rect, color: Option<egui::Color32>, title: &str, detail: &str) {
    let visuals = ui.visuals();
    let detail = painting::text(ui, rect, Align2::RIGHT_CENTER, detail, TextStyle::Small, visuals.weak_text_color());
    let mut left = rect.with_max_x(detail.left() - theme::SPACE);
    if let Some(color) = color {
        let center = left.left_center() + Vec2::new(theme::DOT / 2.0, 0.0);
        ui.painter().circle_filled(center, theme::DOT / 2.0, color);
        left.min.x += theme::DOT + theme::SPACE;
    }
    painting::text(ui, left, Align2::LEFT_CENTER, title, TextStyle::Body, visuals.strong_text_color());
}

/// Names with their numbers at the left, as many as there is room for, and a remark at the right.
fn caption_ui(ui: &mut Ui, rect: Rect, title: &str, pairs: &[(&str, String)], remark: &str) {
    let visuals = ui.visuals().clone();
    let remark = painting::text(ui, rect, Align2::RIGHT_CENTER, remark, TextStyle::Small, visuals.weak_text_color());
    let mut left = rect.with_max_x(remark.left() - theme::SPACE);
    for (name, number) in pairs {
        let width = painting::width(ui, name, TextStyle::Small) + painting::width(ui, number, TextStyle::Body);
        if width + theme::SPACE > left.width() {
            break;
        }
        let place = painting::text(ui, left, Align2::LEFT_CENTER, *name, TextStyle::Small, visuals.text_color());
        left.min.x = place.right() + theme::SPACE;
        let strong = visuals.strong_text_color();
        let place = painting::text(ui, left, Align2::LEFT_CENTER, number.as_str(), TextStyle::Body, strong);
        left.min.x = place.right() + 2.0 * theme::SPACE;
    }
    if !pairs.is_empty() {
        let id = ui.scope_id().with(("caption", title));
        let spoken: Vec<String> = pairs.iter().map(|(name, number)| format!("{name} {number}")).collect();
        let response = ui.interact(rect, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}: {}", spoken.join(", "))));
    }
}

fn picture_response(ui: &Ui, rect: Rect, title: &str, words: &str) {
    let response = ui.interact(rect, ui.scope_id().with(("picture", title)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{title}, {words}")));
}

/// Marks a place of `square`, in `clip` only.
fn mark(ui: &Ui, clip: Rect, square: Rect, marked: Option<Pos2>) {
    if let Some(place) = marked {
        painting::cross(&ui.painter().with_clip_rect(clip), square.min + place.to_vec2() * square.size());
    }
}

/// Where in `square` the pointer is, if it is on the picture as well; whatever is drawn over that.
fn pointed(ui: &Ui, picture: Rect, square: Rect) -> Option<Pos2> {
    let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|pointer| square.contains(*pointer))?;
    if !ui.rect_contains_pointer(picture) {
        return None;
    }
    Some(((pointer - square.min) / square.size()).to_pos2())
}
