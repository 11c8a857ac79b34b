//! What all tiles have in common: a title that moves them, a picture that is zoomed and pointed at, and a frame.

use std::sync::Arc;

use egui::{Align2, Button, Color32, CursorIcon, Pos2, Rect, Role, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo};

use super::{viewport::Viewport, zoom::Zoom};
use crate::{
    app::{
        commands::shortcuts::{self, hint},
        jobs::{pictures::Pictures, preview::Preview},
        state::{State, action::Action, picture::Picture, tiles::Tile},
        theme,
        ui::widgets::painting,
        words,
    },
    explain::Method,
    imaging::Size,
};

/// How much a picture is enlarged by a point of scrolling, as a logarithm: a fifth by a wheel's click of some 80 points.
const ZOOM_SPEED: f32 = 1.0 / 400.0;

/// Width and height of the button after a method's name, in points.
const WHAT: f32 = 14.0;

/// What the tiles are drawn from.
pub struct Scene<'a> {
    /// Everything the window knows.
    pub state: &'a State,
    /// The picture on the wall.
    pub picture: &'a Picture,
    /// Its preview, if it is there yet.
    pub preview: Option<&'a Arc<Preview>>,
    /// The pictures on the graphics card.
    pub pictures: &'a mut Pictures,
    /// Where the user looks.
    pub viewport: Viewport,
    /// Where the user looks next.
    pub next: Viewport,
}

/// A tile's place, shared out.
pub struct Parts {
    /// The line above the picture.
    pub title: Rect,
    /// The picture.
    pub picture: Rect,
    /// The line below the picture.
    pub caption: Rect,
}

impl Parts {
    /// The parts of a tile.
    pub fn of(place: Rect) -> Self {
        let (top, bottom) = (place.top() + theme::TILE_TITLE, place.bottom() - theme::TILE_CAPTION);
        Self {
            title: place.with_max_y(top),
            picture: place.with_min_y(top).with_max_y(bottom),
            caption: place.with_min_y(bottom),
        }
    }

    /// The same with a picture in the shape of what the model sees: at the top, in line with the other tiles, and its
    /// caption right below it.
    pub fn shaped(self, scene: &Scene<'_>) -> Self {
        let seen = scene.picture.shown().and_then(|run| run.seen.as_ref()).map(|seen| seen.input.size);
        let size = seen.or_else(|| scene.state.model.as_ref().map(|model| model.spec.size()));
        let Some(Size { width, height }) = size else { return self };
        let fitted = painting::fitted(Vec2::new(width as f32, height as f32), self.picture);
        let picture = fitted.translate(Vec2::new(0.0, self.picture.top() - fitted.top()));
        let caption = self.caption.translate(Vec2::new(0.0, picture.bottom() - self.picture.bottom()));
        Self { picture, caption, ..self }
    }
}

/// What is written above a tile's picture.
pub struct Title<'a> {
    /// The tile.
    pub tile: Tile,
    /// The colour of the dot before the words, if there is one.
    pub dot: Option<Color32>,
    /// The words.
    pub words: &'a str,
    /// A detail at the right.
    pub detail: &'a str,
    /// Whether that says that what is below is of an earlier question.
    pub is_old: bool,
}

/// Draws a tile's title with a detail at the right. It moves its tile when it is dragged, and enlarges it when it is
/// double clicked.
pub fn title_ui(ui: &mut Ui, rect: Rect, title: &Title<'_>, scene: &mut Scene<'_>, actions: &mut Vec<Action>) {
    let tile = title.tile;
    let response = ui.interact(rect, ui.scope_id().with(("title", tile)), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::TitleBar, true, text!("tile-named", title = tile.title())));
    let is_alone = scene.state.tiles.alone() == Some(tile);
    let help = if is_alone { text!("tile-alone-help") } else { text!("tile-help") };
    if response.double_clicked() {
        actions.push(Action::EnlargeTile(tile));
    }
    if response.dragged() && !is_alone {
        scene.next.carried = Some(tile);
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    response.context_menu(|ui| {
        if let Tile::Method(method) = tile
            && ui.button(text!("method-what", method = method.title)).clicked()
        {
            actions.push(Action::ShowMethod(method));
        }
        if let Tile::Method(method) = tile
            && ui.button(text!("trust-title", method = method.title)).clicked()
        {
            actions.push(Action::ShowTrust(method));
        }
        if ui.button(if is_alone { text!("tile-show-all") } else { text!("tile-enlarge") }).clicked() {
            actions.push(Action::EnlargeTile(tile));
        }
        if ui.button(text!("tile-hide")).clicked() {
            actions.push(Action::ToggleTile(tile));
        }
    });
    let rect = if is_alone { all_ui(ui, rect, tile, actions) } else { rect };
    let visuals = ui.visuals();
    let detail = if title.is_old { visuals.warn_fg_color } else { visuals.weak_text_color() };
    let carried = scene.viewport.carried == Some(tile);
    let strong = if carried || response.hovered() { theme::accent(visuals) } else { visuals.strong_text_color() };
    // The name is whole before there is a detail.
    let name = painting::width(ui, title.words, TextStyle::Body) + 2.0 * (theme::DOT + theme::SPACE) + WHAT;
    let beside = rect.with_min_x((rect.left() + name).min(rect.right()));
    // A piece of it says nothing.
    let fits = painting::width(ui, title.detail, TextStyle::Small) <= beside.width();
    let words = if fits { title.detail } else { "" };
    let detail = painting::text(ui, rect, Align2::RIGHT_CENTER, words, TextStyle::Small, detail);
    let mut left = rect.with_max_x(detail.left() - theme::SPACE);
    if let Some(color) = title.dot {
        let center = left.left_center() + Vec2::new(theme::DOT / 2.0, 0.0);
        ui.painter().circle_filled(center, theme::DOT / 2.0, color);
        left.min.x += theme::DOT + theme::SPACE;
    }
    if let Tile::Method(_) = tile {
        left.max.x -= WHAT + theme::SPACE;
    }
    let words = painting::text(ui, left, Align2::LEFT_CENTER, title.words, TextStyle::Body, strong);
    if let Tile::Method(method) = tile {
        what_ui(ui, words.right_center() + Vec2::new(theme::SPACE, 0.0), method, actions);
    }
    response.on_hover_text(match title.tile {
        Tile::Method(method) => format!("{}\n{help}", words::method_help(method)),
        Tile::Original => help,
    });
}

/// The button at the end of an enlarged tile's title, that brings the others back; gives what is left of the title.
fn all_ui(ui: &mut Ui, rect: Rect, tile: Tile, actions: &mut Vec<Action>) -> Rect {
    let words = text!("tile-show-all");
    let width = painting::width(ui, &words, TextStyle::Button) + 2.0 * ui.spacing().button_padding.x;
    let place = rect.with_min_x((rect.right() - width).max(rect.left()));
    let button = painting::put(ui, place.shrink2(Vec2::new(0.0, 1.0)), Button::new(words));
    if button.on_hover_text(hint(ui.ctx(), &text!("tile-alone-help"), shortcuts::STOP)).clicked() {
        actions.push(Action::EnlargeTile(tile));
    }
    rect.with_max_x(place.left() - theme::GAP)
}

/// The button after a method's name, that opens its page.
fn what_ui(ui: &Ui, left: Pos2, method: &'static Method, actions: &mut Vec<Action>) {
    let rect = Rect::from_min_size(left - Vec2::new(0.0, WHAT / 2.0), Vec2::splat(WHAT));
    let response = ui.interact(rect, ui.scope_id().with(("what is", method)), Sense::click());
    let words = || text!("method-what", method = method.title);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words()));
    let visuals = ui.visuals();
    let is_pointed = response.hovered() || response.has_focus();
    let color = if is_pointed { theme::accent(visuals) } else { visuals.weak_text_color() };
    ui.painter().circle_stroke(rect.center(), WHAT / 2.0 - 0.5, Stroke::new(theme::THIN, color));
    painting::text(ui, rect, Align2::CENTER_CENTER, "?", TextStyle::Small, color);
    if response.clicked() {
        actions.push(Action::ShowMethod(method));
    }
    response.on_hover_text(format!("{}\n{}", words(), text!("method-what", "help")));
}

/// Lets a tile's picture in `rect` be zoomed, moved and pointed at. All of what the model sees is in `whole` when it is
/// not zoomed.
pub fn picture_response(ui: &Ui, rect: Rect, whole: Rect, tile: Tile, words: &str, scene: &mut Scene<'_>) {
    let response = ui.interact(rect, ui.scope_id().with(("picture", tile)), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Image, true, text!("tile-picture", title = tile.title(), words = words))
    });
    let next = &mut scene.next;
    // Whatever is drawn over the picture: a line, or the part that the model sees.
    let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|_| ui.rect_contains_pointer(rect));
    if let Some(pointer) = pointer {
        let (scrolled, pinched) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let by = pinched * (scrolled * ZOOM_SPEED).exp();
        if by != 1.0 {
            next.zoom = next.zoom.about(whole, pointer, by);
        }
        let square = scene.viewport.zoom.placed(whole);
        if square.contains(pointer) {
            next.marked = Some(((pointer - square.min) / square.size()).to_pos2());
        }
    }
    if response.dragged() && !scene.viewport.zoom.is_whole() {
        next.zoom = next.zoom.moved(whole, response.drag_delta());
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    if response.double_clicked() {
        next.zoom = Zoom::default();
    }
}

/// Marks the place that is pointed at.
pub fn mark(ui: &Ui, rect: Rect, square: Rect, marked: Option<Pos2>) {
    if let Some(place) = marked {
        painting::cross(&ui.painter().with_clip_rect(rect), square.min + place.to_vec2() * square.size());
    }
}
