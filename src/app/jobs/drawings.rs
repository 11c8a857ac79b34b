//! The pictures in the methods' tiles. Each is made by a job when what its tile is to show has changed; until it is
//! there the one before stays.

use std::{collections::HashMap, sync::Arc};

use egui::{ColorImage, Context, Pos2, TextureFilter, TextureHandle, TextureId, TextureOptions, pos2};
use image::RgbImage;

use super::{Jobs, Outcome, preview::Preview};
use crate::{
    app::state::{
        look::{Look, Style},
        map::Map,
    },
    explain::{Canvas, Change, CurveParameters, Method, Ranking, Saliency},
    imaging::{Colormap, CropMode, Photo, heatmap, overlay},
    model::Input,
    worker::RunId,
};

/// How pictures are enlarged and made smaller.
pub const OPTIONS: TextureOptions =
    TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };

/// What a tile shows: as long as it is equal, the picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shows {
    /// The map's run.
    pub run: RunId,
    /// The I-GOS iteration, counted from 0, for a map of one.
    pub step: Option<usize>,
    /// What is made of the map.
    pub way: Way,
    /// Whether the picture's preview is there.
    pub sharp: bool,
}

/// What is made of a map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Way {
    /// Its colours over the picture.
    Overlay(Colormap, f32),
    /// Its colours.
    Heatmap(Colormap),
    /// A line around this share of its cells.
    Outline(f32),
    /// The picture at a fraction of a curve.
    Changed(Change, f32),
}

impl Way {
    /// What the user wants to be made of maps. `touched` is where a curve is being held.
    pub fn of(look: &Look, touched: Option<(Change, f32)>) -> Self {
        match (touched, look.style, look.style.change()) {
            (Some((change, fraction)), ..) => Self::Changed(change, fraction),
            (None, _, Some(change)) => Self::Changed(change, look.share),
            (None, Style::Contour, _) => Self::Outline(look.share),
            (None, Style::Heatmap, _) => Self::Heatmap(look.colormap),
            (None, ..) => Self::Overlay(look.colormap, look.opacity),
        }
    }
}

/// Everything a picture is made of.
#[derive(Debug, Clone)]
pub struct Order {
    /// What it is to show.
    pub shows: Shows,
    /// The picture that is explained.
    pub photo: Arc<Photo>,
    /// The map.
    pub map: Map,
    /// The picture at the size of the wall, if it is there yet.
    pub preview: Option<Arc<Preview>>,
    /// How the model's square is cut.
    pub crop: CropMode,
    /// What the model sees.
    pub input: Arc<Input>,
    /// To compose the curves' pictures.
    pub canvas: Arc<Canvas>,
    /// How cells are ranked.
    pub curves: CurveParameters,
}

/// What came of an order.
#[derive(Debug)]
pub struct Drawing {
    order: Order,
    measures: Arc<Measures>,
    picture: Option<ColorImage>,
    outline: Vec<Vec<Pos2>>,
}

/// What there is to know of a map, however it is drawn.
#[derive(Debug)]
pub struct Measures {
    /// Its values.
    pub plain: Scaled,
    /// Its values with those against the class below 0, if its method tells them.
    pub signed: Option<Scaled>,
    /// Its cells by importance.
    pub ranking: Arc<Ranking>,
}

/// Values, and the one that is drawn at full strength.
#[derive(Debug)]
pub struct Scaled {
    /// The values.
    pub saliency: Saliency,
    /// The value that is drawn at full strength.
    pub scale: f32,
}

impl Measures {
    fn of(map: &Map, curves: &CurveParameters) -> Self {
        let scaled = |saliency: Saliency| Scaled { scale: saliency.scale(), saliency };
        let saliency = map.saliency().into_owned();
        let ranking = Arc::new(Ranking::of(&saliency, curves));
        Self { plain: scaled(saliency), signed: map.signed().cloned().map(scaled), ranking }
    }

    /// What is drawn in a map's colours, and whether it is signed.
    pub fn drawn_in(&self, colormap: Option<Colormap>) -> (&Scaled, bool) {
        let signed = self.signed.as_ref().filter(|_| colormap.is_some_and(Colormap::is_signed));
        signed.map_or((&self.plain, false), |signed| (signed, true))
    }
}

/// A picture on the graphics card, with what it was made from.
pub struct Drawn {
    /// What it shows.
    pub shows: Shows,
    /// What its map is like.
    pub measures: Arc<Measures>,
    /// The lines of [`Way::Outline`], `x` and `y` in `[0, 1]`.
    pub outline: Vec<Vec<Pos2>>,
    photo: Arc<Photo>,
    texture: Option<TextureHandle>,
}

impl Drawn {
    /// To draw it with; none if the plain picture is under its lines.
    pub fn texture(&self) -> Option<TextureId> {
        self.texture.as_ref().map(TextureHandle::id)
    }
}

/// A tile's picture, and the next one.
#[derive(Default)]
struct Slot {
    drawn: Option<Drawn>,
    under_way: Option<Shows>,
    waiting: Option<Order>,
}

/// The pictures in the methods' tiles.
#[derive(Default)]
pub struct Drawings {
    slots: HashMap<&'static Method, Slot>,
}

impl Drawings {
    /// Wants a tile to show something. A job is started if it shows something else, or soon will; of what is wanted
    /// while a job is under way only the newest is made.
    pub fn want(&mut self, jobs: &Jobs, method: &'static Method, order: Order) {
        let slot = self.slots.entry(method).or_default();
        if let Some(under_way) = slot.under_way {
            slot.waiting = (under_way != order.shows).then_some(order);
        } else if slot.drawn.as_ref().is_none_or(|drawn| drawn.shows != order.shows) {
            slot.start(jobs, method, order);
        }
    }

    /// Takes in what came of a job.
    pub fn take(&mut self, ctx: &Context, jobs: &Jobs, method: &'static Method, drawing: Drawing) {
        let slot = self.slots.entry(method).or_default();
        let Drawing { order: Order { shows, photo, .. }, measures, picture, outline } = drawing;
        let before = slot.drawn.take().and_then(|drawn| drawn.texture);
        let texture = picture.map(|picture| match before {
            Some(mut texture) => {
                texture.set(picture, OPTIONS);
                texture
            }
            None => ctx.load_texture(method.id, picture, OPTIONS),
        });
        slot.drawn = Some(Drawn { shows, measures, outline, photo, texture });
        slot.under_way = None;
        if let Some(order) = slot.waiting.take() {
            slot.start(jobs, method, order);
        }
    }

    /// What the tile of `method` shows, if it is of `photo`.
    pub fn get(&self, method: &'static Method, photo: &Arc<Photo>) -> Option<&Drawn> {
        self.slots.get(&method)?.drawn.as_ref().filter(|drawn| Arc::ptr_eq(&drawn.photo, photo))
    }
}

impl Slot {
    fn start(&mut self, jobs: &Jobs, method: &'static Method, order: Order) {
        self.under_way = Some(order.shows);
        // The same map, drawn in another way, is not measured again.
        let is_same = |shows: &Shows| (shows.run, shows.step) == (order.shows.run, order.shows.step);
        let known = self.drawn.as_ref().filter(|drawn| is_same(&drawn.shows)).map(|drawn| Arc::clone(&drawn.measures));
        jobs.start("drawing", move || Outcome::Drawn(method, Box::new(draw(order, known))));
    }
}

fn draw(order: Order, known: Option<Arc<Measures>>) -> Drawing {
    let measures = known.unwrap_or_else(|| Arc::new(Measures::of(&order.map, &order.curves)));
    let sharp = order.preview.as_ref().and_then(|preview| preview.cut(order.crop));
    let square = sharp.unwrap_or(&order.input.crop.image);
    let (picture, outline) = if let Way::Outline(share) = order.shows.way {
        let lines = measures.ranking.outline(share).into_iter();
        (None, lines.map(|line| line.into_iter().map(|[x, y]| pos2(x, y)).collect()).collect())
    } else {
        (Some(picture(&measures, square, &order.canvas, order.shows.way)), Vec::new())
    };
    Drawing { picture: picture.as_ref().map(color_image), outline, measures, order }
}

/// What is made of a map; the plain square where lines are drawn over it.
fn picture(measures: &Measures, square: &RgbImage, canvas: &Canvas, way: Way) -> RgbImage {
    let size = (square.width() as usize, square.height() as usize);
    let values = |colormap| measures.drawn_in(Some(colormap)).0.saliency.drawn_at(size.0, size.1);
    match way {
        Way::Overlay(colormap, opacity) => overlay(square, &values(colormap), colormap, opacity),
        Way::Heatmap(colormap) => heatmap(&values(colormap), size.0, size.1, colormap),
        Way::Outline(_) => square.clone(),
        Way::Changed(change, fraction) => canvas.picture(&measures.ranking, change, fraction),
    }
}

/// `map` over `square` as the wall draws it, and the value that is drawn at full strength; a contour as an overlay, so
/// that two maps can be told apart everywhere.
pub fn composed(
    map: &Map,
    square: &RgbImage,
    canvas: &Canvas,
    curves: &CurveParameters,
    way: Way,
) -> (ColorImage, f32) {
    let measures = Measures::of(map, curves);
    let way = if let Way::Outline(..) = way { Way::of(&Look::default(), None) } else { way };
    let picture = picture(&measures, square, canvas, way);
    let colormap = if let Way::Overlay(colormap, _) | Way::Heatmap(colormap) = way { Some(colormap) } else { None };
    (color_image(&picture), measures.drawn_in(colormap).0.scale)
}

/// A picture as egui takes it.
pub fn color_image(image: &RgbImage) -> ColorImage {
    ColorImage::from_rgb([image.width() as usize, image.height() as usize], image.as_raw())
}
