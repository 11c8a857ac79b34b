//! The part of a photo that the model sees, on the original's tile: dragged elsewhere, and larger or smaller by its
//! corners.

use egui::{
    ComboBox, CursorIcon, EventFilter, Id, Key, Modifiers, Pos2, Rect, Response, Role, Sense, Shape, StrokeKind,
    TextEdit, Ui, Vec2, WidgetInfo, pos2,
};

use crate::{
    app::{
        state::{State, action::Action, picture::Picture, titles},
        theme,
        ui::widgets::rows,
    },
    imaging::{CropMode, CropRule, DrawnBands, PixelRect, Region},
};

/// How near a corner a part is held by it, in points: both sides together.
const HANDLE_REACH: f32 = 16.0;
/// Side of a handle at a corner of the part the model sees, in points.
const HANDLE: f32 = 7.0;
/// The least side of a part that is dragged, in pixels of the photo: smaller ones show nothing to a model.
const MIN_SIDE: f32 = 16.0;
/// How far an arrow key moves the part, and how much + and − change it, as a share of its side.
const NUDGE: f32 = 1.0 / 32.0;

/// Where a part is held while it is dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Grip {
    Body,
    Corner { right: bool, lower: bool },
}

/// A part that is being dragged.
#[derive(Debug, Clone, Copy)]
struct Drag {
    grip: Grip,
    from: Region,
    /// How far the pointer has come, in pixels of the photo.
    by: Vec2,
}

/// What a part may become: it stays on the photo, and a square stays one.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    photo: Vec2,
    square: bool,
}

impl Bounds {
    fn of(picture: &Picture, region: Region) -> Self {
        let photo = Vec2::new(picture.photo.width() as f32, picture.photo.height() as f32);
        // A region of the middle has its sides rounded each on its own.
        let square = picture.crop != CropMode::Squash && (region.width - region.height).abs() <= 1.0;
        Self { photo, square }
    }

    /// The part after a drag.
    fn dragged(self, drag: Drag) -> Region {
        match drag.grip {
            Grip::Body => self.moved(drag.from, drag.by),
            Grip::Corner { right, lower } => self.resized(drag.from, right, lower, drag.by),
        }
    }

    fn moved(self, from: Region, by: Vec2) -> Region {
        Region {
            x: (from.x + by.x).min(self.photo.x - from.width).max(0.0),
            y: (from.y + by.y).min(self.photo.y - from.height).max(0.0),
            ..from
        }
    }

    /// One corner follows the pointer, the opposite one stays.
    fn resized(self, from: Region, right: bool, lower: bool, by: Vec2) -> Region {
        let along = |start: f32, length: f32, whole: f32, after: bool, by: f32| {
            let room = if after { whole - start } else { start + length };
            let wanted = if after { length + by } else { length - by };
            (room, wanted)
        };
        let (room_x, wanted_x) = along(from.x, from.width, self.photo.x, right, by.x);
        let (room_y, wanted_y) = along(from.y, from.height, self.photo.y, lower, by.y);
        let fitted = |wanted: f32, room: f32| wanted.max(MIN_SIDE).min(room);
        let (width, height) = if self.square {
            let side = fitted((wanted_x + wanted_y) / 2.0, room_x.min(room_y));
            (side, side)
        } else {
            (fitted(wanted_x, room_x), fitted(wanted_y, room_y))
        };
        Region {
            x: if right { from.x } else { from.x + from.width - width },
            y: if lower { from.y } else { from.y + from.height - height },
            width,
            height,
        }
    }

    /// Larger or smaller around its middle.
    fn scaled(self, from: Region, factor: f32) -> Region {
        let room = if self.square { Vec2::splat(self.photo.min_elem()) } else { self.photo };
        let side = |length: f32, room: f32| (length * factor).max(MIN_SIDE).min(room);
        let (width, height) = (side(from.width, room.x), side(from.height, room.y));
        let by = Vec2::new(from.width - width, from.height - height) / 2.0;
        self.moved(Region { width, height, ..from }, by)
    }

    /// In whole pixels of the photo.
    fn whole(self, region: Region) -> CropMode {
        let most = |length: f32| length.max(1.0) as u32;
        let (photo_width, photo_height) = (most(self.photo.x), most(self.photo.y));
        let side = |length: f32, most: u32| (length.round() as u32).clamp(1, most);
        let (width, height) = if self.square {
            let side = side(region.width, photo_width.min(photo_height));
            (side, side)
        } else {
            (side(region.width, photo_width), side(region.height, photo_height))
        };
        let start = |place: f32, most: u32| (place.max(0.0).round() as u32).min(most);
        let (x, y) = (start(region.x, photo_width - width), start(region.y, photo_height - height));
        CropMode::Region(PixelRect { x, y, width, height })
    }
}

/// A part on screen.
struct View {
    id: Id,
    /// Where the photo is.
    rect: Rect,
    /// Points on screen for a pixel of the photo.
    scale: Vec2,
    bounds: Bounds,
    /// The part that the picture is cut to now.
    at_rest: Region,
}

impl View {
    fn place(&self, region: Region) -> Rect {
        let min = self.rect.min + Vec2::new(region.x, region.y) * self.scale;
        Rect::from_min_size(min, Vec2::new(region.width, region.height) * self.scale)
    }
}

/// Darkens what the model does not see of the photo, which fills `rect`, and lets the user choose another part.
/// It stays where it is unless `can_move`. Returns where what the model sees is on screen; a letterbox reaches beyond
/// `rect`.
pub fn crop_ui(
    ui: &mut Ui,
    rect: Rect,
    can_move: bool,
    state: &State,
    picture: &Picture,
    actions: &mut Vec<Action>,
) -> Option<Rect> {
    let rule = state.model.as_ref()?.spec.crop;
    let at_rest = rule.region_of(picture.crop, picture.photo.width(), picture.photo.height());
    let bounds = Bounds::of(picture, at_rest);
    let id = ui.scope_id().with(("crop", state.selected));
    let view = View { id, rect, scale: rect.size() / bounds.photo, bounds, at_rest };
    let is_fixed = !can_move || picture.crop == CropMode::Letterbox;
    let (region, is_held) = if is_fixed { (at_rest, false) } else { part_ui(ui, &view, actions) };

    let square = view.place(region);
    let seen = square.intersect(rect);
    darken_around(ui, rect, seen);
    for stroke in theme::MARK_STROKES {
        ui.painter().rect_stroke(seen, 0.0, stroke, StrokeKind::Middle);
    }
    if is_held {
        for (_, corner) in corners(square) {
            let handle = Rect::from_center_size(corner, Vec2::splat(HANDLE));
            ui.painter().rect(handle, 0.0, theme::MARK, theme::HANDLE_EDGE, StrokeKind::Outside);
        }
    }
    Some(square)
}

/// The part as the user holds it, by mouse or keyboard: where it is now, and whether its handles are to be seen.
fn part_ui(ui: &mut Ui, view: &View, actions: &mut Vec<Action>) -> (Region, bool) {
    let View { id, bounds, at_rest, .. } = *view;
    let mut drag: Option<Drag> = ui.data(|data| data.get_temp(id));
    let place = view.place(drag.map_or(at_rest, |drag| bounds.dragged(drag)));
    let body = ui.interact(place, id.with("body"), Sense::click_and_drag());
    body.widget_info(|| WidgetInfo::labeled(Role::Group, true, Grip::Body.title()));
    if body.double_clicked() {
        actions.push(Action::Cut(CropMode::Center));
    }
    if body.has_focus() {
        keys_ui(ui, &body, view, actions);
    }
    let mut is_held = body.has_focus() || body.contains_pointer();
    let mut held = vec![(Grip::Body, body.on_hover_cursor(CursorIcon::Grab))];
    for (grip, corner) in corners(place) {
        let reach = Rect::from_center_size(corner, Vec2::splat(HANDLE_REACH));
        let response = ui.interact(reach, id.with(("corner", grip)), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Group, true, grip.title()));
        is_held |= response.contains_pointer();
        held.push((grip, response.on_hover_cursor(grip.cursor())));
    }
    let mut let_go = None;
    for (grip, response) in held {
        if response.drag_started() {
            drag = Some(Drag { grip, from: at_rest, by: Vec2::ZERO });
        }
        if let Some(drag) = drag.as_mut().filter(|drag| drag.grip == grip)
            && let Some(by) = response.total_drag_delta()
        {
            drag.by = by / view.scale;
        }
        if response.drag_stopped() {
            let_go = drag.take();
        }
    }
    ui.data_mut(|data| match drag {
        Some(drag) => {
            data.insert_temp(id, drag);
        }
        None => data.remove::<Drag>(id),
    });
    if let Some(drag) = let_go {
        cut(bounds.dragged(drag), view, actions);
    }
    (drag.or(let_go).map_or(at_rest, |drag| bounds.dragged(drag)), is_held || drag.is_some())
}

/// Asks for another part, if it is another one.
fn cut(region: Region, view: &View, actions: &mut Vec<Action>) {
    let crop = view.bounds.whole(region);
    if crop != view.bounds.whole(view.at_rest) {
        actions.push(Action::Cut(crop));
    }
}

/// Arrows move the part that has the focus; + and − change its size.
fn keys_ui(ui: &Ui, body: &Response, view: &View, actions: &mut Vec<Action>) {
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(body.id, arrows));
    let step =
        |key, by: Vec2| if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) { by } else { Vec2::ZERO };
    let across = view.at_rest.width * NUDGE;
    let down = view.at_rest.height * NUDGE;
    let by = step(Key::ArrowLeft, Vec2::new(-across, 0.0))
        + step(Key::ArrowRight, Vec2::new(across, 0.0))
        + step(Key::ArrowUp, Vec2::new(0.0, -down))
        + step(Key::ArrowDown, Vec2::new(0.0, down));
    let factor =
        |key, factor: f32| if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) { factor } else { 1.0 };
    let larger = factor(Key::Plus, 1.0 + 2.0 * NUDGE) * factor(Key::Minus, 1.0 - 2.0 * NUDGE);
    if by != Vec2::ZERO || larger != 1.0 {
        cut(view.bounds.scaled(view.bounds.moved(view.at_rest, by), larger), view, actions);
    }
}

impl Grip {
    /// What it is called.
    fn title(self) -> String {
        match self {
            Self::Body => text!("crop-body"),
            Self::Corner { right: false, lower: false } => text!("crop-upper-left"),
            Self::Corner { right: true, lower: false } => text!("crop-upper-right"),
            Self::Corner { right: false, lower: true } => text!("crop-lower-left"),
            Self::Corner { right: true, lower: true } => text!("crop-lower-right"),
        }
    }

    fn cursor(self) -> CursorIcon {
        match self {
            Self::Body => CursorIcon::Grab,
            Self::Corner { right, lower } if right == lower => CursorIcon::ResizeNwSe,
            Self::Corner { .. } => CursorIcon::ResizeNeSw,
        }
    }
}

fn corners(square: Rect) -> [(Grip, Pos2); 4] {
    let corner = |right, lower, place| (Grip::Corner { right, lower }, place);
    [
        corner(false, false, square.left_top()),
        corner(true, false, square.right_top()),
        corner(false, true, square.left_bottom()),
        corner(true, true, square.right_bottom()),
    ]
}

/// Darkens `rect` without `square`, which lies in it.
fn darken_around(ui: &Ui, rect: Rect, square: Rect) {
    let pieces = [
        rect.with_max_y(square.top()),
        rect.with_min_y(square.bottom()),
        Rect::from_min_max(pos2(rect.left(), square.top()), pos2(square.left(), square.bottom())),
        Rect::from_min_max(pos2(square.right(), square.top()), pos2(rect.right(), square.bottom())),
    ];
    let dark = |piece: &Rect| piece.is_positive();
    ui.painter()
        .extend(pieces.iter().filter(|piece| dark(piece)).map(|piece| Shape::rect_filled(*piece, 0.0, theme::SCRIM)));
}

/// Where what the model sees is if the whole photo is in `rect`.
pub fn seen(rect: Rect, state: &State, picture: &Picture) -> Option<Rect> {
    let rule = state.model.as_ref()?.spec.crop;
    let (width, height) = (picture.photo.width(), picture.photo.height());
    let region = rule.region_of(picture.crop, width, height);
    let scale = rect.size() / Vec2::new(width.max(1) as f32, height.max(1) as f32);
    let min = rect.min + Vec2::new(region.x, region.y) * scale;
    Some(Rect::from_min_size(min, Vec2::new(region.width, region.height) * scale))
}

/// Draws the choice of how the picture on the wall is cut.
pub fn mode_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let (Some(model), Some(picture)) = (&state.model, state.picture()) else { return };
    let now = picture.crop;
    ui.horizontal(|ui| {
        let label = rows::name_ui(ui, &text!("crop"), "", now == CropMode::Center).on_hover_text(text!("crop", "help"));
        rows::fill_row(ui);
        let choices = ComboBox::from_id_salt("crop").width(ui.spacing().combo_width).selected_text(titles::crop(now));
        let choices = choices.show_ui(ui, |ui| {
            for mode in CropMode::NAMED.into_iter().chain([part_of(now, model.spec.crop, picture)]) {
                if ui.selectable_label(mode == now, titles::crop(mode)).clicked() && mode != now {
                    actions.push(Action::Cut(mode));
                }
            }
        });
        choices.response.labelled_by(label.id).on_hover_text(text!("crop", "help"));
    });
}

/// Draws a field for the bands that the picture on the wall is drawn by, if it has others than red, green and blue.
pub fn bands_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let Some((picture, bands)) = state.picture().and_then(|picture| Some((picture, picture.photo.bands.as_ref()?)))
    else {
        return;
    };
    let now = bands.shown().to_string();
    let id = Id::unique(("bands", picture.id.0));
    // What is typed, as long as it is not what is drawn.
    let mut typed = ui.data(|data| data.get_temp(id)).unwrap_or_else(|| now.clone());
    ui.horizontal(|ui| {
        let help = text!("bands", "help", count = bands.count());
        let label = rows::name_ui(ui, &text!("bands"), "", true).on_hover_text(help.as_str());
        rows::fill_row(ui);
        let chosen = typed.parse::<DrawnBands>().map_err(|error| error.to_string());
        let chosen = chosen.and_then(|drawn| bands.check(drawn).map(|()| drawn));
        let why = chosen.as_ref().err().filter(|_| typed != now);
        let edit = TextEdit::singleline(&mut typed).desired_width(ui.spacing().combo_width);
        let field = ui.add(edit.text_color_opt(why.map(|_| theme::error_color(ui.visuals()))));
        let field = field.labelled_by(label.id).on_hover_text(why.map_or(help, String::clone));
        if field.lost_focus() {
            if let Some(drawn) = chosen.ok().filter(|_| typed != now) {
                actions.push(Action::DrawBands(drawn));
            }
            ui.data_mut(|data| data.remove::<String>(id));
        } else if field.changed() {
            ui.data_mut(|data| data.insert_temp(id, typed));
        }
    });
}

/// The part that is chosen, or the one that the middle is, to be dragged.
fn part_of(now: CropMode, rule: CropRule, picture: &Picture) -> CropMode {
    let middle = || rule.region(picture.photo.width(), picture.photo.height());
    let whole = |region: Region| {
        let photo = Vec2::new(picture.photo.width() as f32, picture.photo.height() as f32);
        Bounds { photo, square: rule.crop.is_square() }.whole(region)
    };
    if matches!(now, CropMode::Region(_)) { now } else { whole(middle()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: Region = Region { x: 40.0, y: 20.0, width: 60.0, height: 60.0 };

    fn bounds(square: bool) -> Bounds {
        Bounds { photo: Vec2::new(200.0, 100.0), square }
    }

    fn dragged(square: bool, grip: Grip, by: (f32, f32)) -> (f32, f32, f32, f32) {
        let Region { x, y, width, height } =
            bounds(square).dragged(Drag { grip, from: FROM, by: Vec2::new(by.0, by.1) });
        (x, y, width, height)
    }

    fn corner(right: bool, lower: bool) -> Grip {
        Grip::Corner { right, lower }
    }

    #[test]
    fn a_part_is_moved_as_far_as_the_photo_goes() {
        assert_eq!(dragged(true, Grip::Body, (10.0, -5.0)), (50.0, 15.0, 60.0, 60.0));
        assert_eq!(dragged(true, Grip::Body, (900.0, 900.0)), (140.0, 40.0, 60.0, 60.0));
        assert_eq!(dragged(true, Grip::Body, (-900.0, -900.0)), (0.0, 0.0, 60.0, 60.0));
    }

    #[test]
    fn a_square_stays_one_and_the_corner_opposite_stays_where_it_is() {
        assert_eq!(dragged(true, corner(true, true), (20.0, 0.0)), (40.0, 20.0, 70.0, 70.0));
        assert_eq!(dragged(true, corner(false, false), (10.0, 10.0)), (50.0, 30.0, 50.0, 50.0));
        // No larger than there is room, and no smaller than a model can see.
        assert_eq!(dragged(true, corner(true, true), (900.0, 900.0)), (40.0, 20.0, 80.0, 80.0));
        assert_eq!(dragged(true, corner(false, true), (900.0, -900.0)), (84.0, 20.0, 16.0, 16.0));
    }

    #[test]
    fn the_sides_of_what_is_squashed_are_each_on_their_own() {
        assert_eq!(dragged(false, corner(true, true), (30.0, -10.0)), (40.0, 20.0, 90.0, 50.0));
        assert_eq!(dragged(false, corner(false, false), (-900.0, 5.0)), (0.0, 25.0, 100.0, 55.0));
    }

    #[test]
    fn a_part_grows_around_its_middle_and_stays_on_the_photo() {
        let grown = bounds(true).scaled(FROM, 1.5);
        assert_eq!((grown.x, grown.y, grown.width), (25.0, 5.0, 90.0));
        let most = bounds(true).scaled(FROM, 9.0);
        assert_eq!((most.x, most.y, most.width, most.height), (20.0, 0.0, 100.0, 100.0));
    }

    #[test]
    fn whole_pixels_are_always_on_the_photo() {
        let region = Region { x: 139.7, y: 39.6, width: 60.4, height: 60.4 };
        for square in [true, false] {
            let crop = bounds(square).whole(region);
            assert_eq!(crop, CropMode::Region(PixelRect { x: 140, y: 40, width: 60, height: 60 }));
            assert_eq!(crop.check(200, 100), Ok(()));
        }
    }
}
