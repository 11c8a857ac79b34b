//! What is made of maps, on the wall and in the comparison of two runs: slow enough to be done by jobs.

use std::sync::Arc;

use egui::{ColorImage, Pos2, pos2};
use image::RgbImage;

use super::preview::Preview;
use crate::{
    app::state::{
        map::Map,
        picture::PictureId,
        run_state::RunState,
        view_options::{Style, ViewOptions},
    },
    explain::{Canvas, Change, CurveParameters, Method, Ranking, Reading, Saliency},
    imaging::{Colormap, CropMode, heatmap, overlay, signed_overlay},
    model::Input,
    worker::RunId,
};

/// Which map something is made of: as long as it is equal, the map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WhichMap {
    /// Its run.
    pub run: RunId,
    /// Its method.
    pub method: &'static Method,
    /// The iteration, counted from 0, for a map of one.
    pub step: Option<usize>,
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
    pub fn of(view: &ViewOptions, touched: Option<(Change, f32)>) -> Self {
        match (touched, view.style, view.style.change()) {
            (Some((change, fraction)), ..) => Self::Changed(change, fraction),
            (None, _, Some(change)) => Self::Changed(change, view.share),
            (None, Style::Contour, _) => Self::Outline(view.share),
            (None, Style::Heatmap, _) => Self::Heatmap(view.colormap),
            (None, ..) => Self::Overlay(view.colormap, view.opacity),
        }
    }

    /// The same in a map's colours where it would be lines, so that two maps can be told apart everywhere.
    pub fn without_lines(self) -> Self {
        if let Self::Outline(_) = self { Self::of(&ViewOptions::default(), None) } else { self }
    }

    /// The colours that are drawn in, if they are.
    pub fn colormap(self) -> Option<Colormap> {
        match self {
            Self::Overlay(colormap, _) | Self::Heatmap(colormap) => Some(colormap),
            Self::Outline(_) | Self::Changed(..) => None,
        }
    }
}

/// What is made of a map: as long as it is equal, the picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapShows {
    /// The picture that is explained.
    pub picture: PictureId,
    /// The map.
    pub map: WhichMap,
    /// What is made of it.
    pub way: Way,
    /// The value that is drawn at full strength, if that is not the map's own: a larger one.
    pub scale: Option<f32>,
    /// Whether in the pixels of the picture's preview.
    pub sharp: bool,
}

/// What is made of the difference of two maps: as long as it is equal, the picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DifferenceShows {
    /// The maps.
    pub maps: [WhichMap; 2],
    /// Whether in the pixels of the picture's preview.
    pub sharp: bool,
}

/// What the model sees of a picture, for maps to be drawn over.
#[derive(Debug, Clone)]
pub struct Ground {
    preview: Option<Arc<Preview>>,
    crop: CropMode,
    input: Arc<Input>,
}

impl Ground {
    /// What the maps of `run` are drawn over, once the model has seen it; sharper with its picture's preview.
    pub fn of(run: &RunState, preview: Option<&Arc<Preview>>) -> Option<Self> {
        let input = Arc::clone(&run.seen.as_ref()?.input);
        Some(Self { preview: preview.cloned(), crop: run.question.crop, input })
    }

    /// Whether it has the preview's pixels.
    pub fn is_sharp(&self) -> bool {
        self.sharp().is_some()
    }

    fn sharp(&self) -> Option<&RgbImage> {
        self.preview.as_ref()?.cut(self.crop)
    }

    fn square(&self) -> &RgbImage {
        self.sharp().unwrap_or(&self.input.crop.image)
    }
}

/// Everything that a picture of a map is made of.
#[derive(Debug, Clone)]
pub struct MapOrder {
    /// What it is to show.
    pub shows: MapShows,
    /// The map.
    pub map: Map,
    /// What it is drawn over.
    pub ground: Ground,
    /// To compose the curves' pictures.
    pub canvas: Arc<Canvas>,
    /// How cells are ranked.
    pub curves: CurveParameters,
}

/// Everything that a picture of the difference of two maps is made of.
#[derive(Debug, Clone)]
pub struct DifferenceOrder {
    /// What it is to show.
    pub shows: DifferenceShows,
    /// The maps; the first is taken from the second.
    pub maps: [Map; 2],
    /// What it is drawn over.
    pub ground: Ground,
}

/// What came of an order for a map, beside the picture.
#[derive(Debug)]
pub struct MapDrawing {
    /// What it shows.
    pub shows: MapShows,
    /// What its map is like.
    pub measures: Arc<Measures>,
    /// The lines of [`Way::Outline`], `x` and `y` in `[0, 1]`.
    pub outline: Vec<Vec<Pos2>>,
}

/// What came of an order for a difference, beside the picture.
#[derive(Debug)]
pub struct DifferenceDrawing {
    /// What it shows.
    pub shows: DifferenceShows,
    /// The size of the difference that is drawn at full strength.
    pub scale: f32,
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
    /// Of each of these cells the value with its sign, if its method tells them.
    signed_cells: Option<Vec<f32>>,
}

/// Values, and the one that is drawn at full strength.
#[derive(Debug)]
pub struct Scaled {
    /// The values.
    pub saliency: Saliency,
    /// The value that is drawn at full strength.
    pub scale: f32,
    /// The share of the values that are above it, and drawn like it.
    pub cut: f32,
}

impl Scaled {
    fn of(saliency: Saliency) -> Self {
        let scale = saliency.scale();
        // Rounding is not above it.
        let above = saliency.values.iter().filter(|value| value.abs() > scale * (1.0 + f32::EPSILON)).count();
        Self { scale, cut: above as f32 / saliency.values.len().max(1) as f32, saliency }
    }
}

/// What the place that is pointed at has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Here {
    /// The importance of its cell, and how many are as important.
    pub reading: Reading,
    /// The value of its cell with its sign, if the method tells it.
    pub signed: Option<f32>,
}

impl Measures {
    fn of(map: &Map, curves: &CurveParameters) -> Self {
        let saliency = map.saliency().into_owned();
        let ranking = Arc::new(Ranking::of(&saliency, curves));
        let signed_cells = map.signed().map(|signed| signed.on_grid(ranking.grid()));
        let signed = map.signed().cloned().map(Scaled::of);
        Self { plain: Scaled::of(saliency), signed, ranking, signed_cells }
    }

    /// What the cell at a place has, `x` and `y` in `[0, 1]` from the top left.
    pub fn here(&self, x: f32, y: f32) -> Option<Here> {
        let cell = self.ranking.cell_at(x, y);
        let signed = self.signed_cells.as_ref().and_then(|cells| cells.get(cell).copied());
        Some(Here { reading: self.ranking.reading(cell)?, signed })
    }

    /// What is drawn in a map's colours, and whether it is signed.
    pub fn drawn_in(&self, colormap: Option<Colormap>) -> (&Scaled, bool) {
        let signed = self.signed.as_ref().filter(|_| colormap.is_some_and(Colormap::is_signed));
        signed.map_or((&self.plain, false), |signed| (signed, true))
    }
}

/// Draws what is made of a map, whose measures may be known; no picture where lines are drawn over the plain square.
pub fn draw_map(order: &MapOrder, known: Option<Arc<Measures>>) -> (MapDrawing, Option<ColorImage>) {
    let measures = known.unwrap_or_else(|| Arc::new(Measures::of(&order.map, &order.curves)));
    let (picture, outline) = if let Way::Outline(share) = order.shows.way {
        let lines = measures.ranking.outline(share).into_iter();
        (None, lines.map(|line| line.into_iter().map(|[x, y]| pos2(x, y)).collect()).collect())
    } else {
        let picture = picture(&measures, order.ground.square(), &order.canvas, &order.shows);
        (Some(color_image(&picture)), Vec::new())
    };
    (MapDrawing { shows: order.shows, measures, outline }, picture)
}

/// Draws the second map minus the first, relative to the largest difference.
pub fn draw_difference(order: &DifferenceOrder) -> (DifferenceDrawing, ColorImage) {
    let (square, [one, other]) = (order.ground.square(), &order.maps);
    let values = other.saliency().minus(&one.saliency(), square.width() as usize, square.height() as usize);
    let scale = largest(&values);
    let relative: Vec<f32> = values.iter().map(|value| value / scale).collect();
    let picture = color_image(&signed_overlay(square, &relative));
    (DifferenceDrawing { shows: order.shows, scale }, picture)
}

/// The largest size of a value, or 1 for a map that is zero everywhere.
fn largest(values: &[f32]) -> f32 {
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    if largest > 0.0 { largest } else { 1.0 }
}

/// What is made of a map; the plain square where lines are drawn over it.
fn picture(measures: &Measures, square: &RgbImage, canvas: &Canvas, shows: &MapShows) -> RgbImage {
    let size = (square.width() as usize, square.height() as usize);
    let values = |colormap| {
        let (scaled, _) = measures.drawn_in(Some(colormap));
        let mut values = scaled.saliency.drawn_at(size.0, size.1);
        if let Some(share) = shows.scale.map(|scale| scaled.scale / scale).filter(|share| *share < 1.0) {
            values.iter_mut().for_each(|value| *value *= share);
        }
        values
    };
    match shows.way {
        Way::Overlay(colormap, opacity) => overlay(square, &values(colormap), colormap, opacity),
        Way::Heatmap(colormap) => heatmap(&values(colormap), size.0, size.1, colormap),
        Way::Outline(_) => square.clone(),
        Way::Changed(change, fraction) => canvas.picture(&measures.ranking, change, fraction),
    }
}

/// A picture as egui takes it.
pub fn color_image(image: &RgbImage) -> ColorImage {
    ColorImage::from_rgb([image.width() as usize, image.height() as usize], image.as_raw())
}
