//! Someone else's map, judged like the others: it is not computed, it is loaded.

use std::sync::Arc;

use crate::{
    Control, Explain, ExplainError, Explanation, Family, Method, Nothing, Saliency, Subject, Table, Update,
    imaging::{Grid, Interpolation, Region},
    model::Target,
    nothing::nothing_found,
};

/// The row of maps that are loaded.
pub static LOADED_MAP: Method = Method {
    id: "loaded-map",
    title: "Loaded map",
    color: [150, 150, 150],
    family: Family::Loaded,
    meaning: "What the file says: a map that another program made.",
    misleads: "It may be of another class, another crop or another network; nothing here can tell.",
    computes: "Nothing: the map is read from a .npy, an .npz or a picture, laid over what the model sees (or over the whole picture, where it has its shape), and judged like the others.",
    source: "The file",
    parameters: Table::of::<()>("loaded_map", &[]),
    explains_logits: true,
    ..Method::of::<LoadedMap>()
};

struct LoadedMap;

impl Explain for LoadedMap {
    type Parameters = ();

    fn explain(
        subject: &Subject<'_>,
        (): &(),
        _: &Control,
        _: &mut dyn FnMut(Update<'_>),
    ) -> Result<Explanation, ExplainError> {
        let refused = Explanation::of_nothing(&LOADED_MAP, subject.target, Nothing::Refused, Arc::new(()));
        Ok(Explanation { notes: vec![("refused", "no map was loaded".to_owned())], ..refused })
    }

    fn passes((): &()) -> usize {
        0
    }
}

/// A loaded map as an explanation of a target. `region` is what the model sees of a picture of `size` pixels: a map that
/// has the picture's shape, and not that of a square, lies over all of it.
pub fn loaded_map(grid: &Grid, name: &str, region: Region, size: (u32, u32), target: Target) -> Explanation {
    let shape = |width: f32, height: f32| width / height.max(1.0);
    let (own, picture) = (shape(grid.width as f32, grid.height as f32), shape(size.0 as f32, size.1 as f32));
    let is_of_picture = (own / picture - 1.0).abs() < 0.02 && (picture - 1.0).abs() > 0.02;
    let (width, height, values) =
        if is_of_picture { cut(grid, region, size) } else { (grid.width, grid.height, grid.values.clone()) };
    let signed =
        Saliency { width, height, values, interpolation: Interpolation::HalfPixel, clipped_fraction: 0.0, full: None };
    let laid = if is_of_picture { "over the whole picture" } else { "over what the model sees" };
    let explanation = Explanation {
        signed: grid.is_signed.then(|| signed.clone()),
        notes: vec![("file", name.to_owned()), ("laid", laid.to_owned())],
        ..Explanation::of(&LOADED_MAP, target, signed, Arc::new(()), 0.0)
    };
    Explanation { nothing: nothing_found(&explanation), ..explanation }
}

/// The part of a map of the whole picture that the model sees, in the map's own numbers; 0 beyond the picture.
fn cut(grid: &Grid, region: Region, size: (u32, u32)) -> (usize, usize, Vec<f32>) {
    let scale = [grid.width as f32 / size.0.max(1) as f32, grid.height as f32 / size.1.max(1) as f32];
    let (left, top) = (region.x * scale[0], region.y * scale[1]);
    let columns = ((region.width * scale[0]).round() as usize).max(2);
    let rows = ((region.height * scale[1]).round() as usize).max(2);
    let at = |from: f32, whole: f32, count: usize, number: usize| {
        (from + (number as f32 + 0.5) * whole / count as f32).floor()
    };
    let value = |row: usize, column: usize| {
        let y = at(top, region.height * scale[1], rows, row);
        let x = at(left, region.width * scale[0], columns, column);
        let inside = y >= 0.0 && x >= 0.0 && (y as usize) < grid.height && (x as usize) < grid.width;
        if inside { grid.values[y as usize * grid.width + x as usize] } else { 0.0 }
    };
    let values =
        (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))).map(|(row, column)| value(row, column));
    (columns, rows, values.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(width: usize, height: usize) -> Grid {
        let values = (0..width * height).map(|at| at as f32 - 3.0).collect();
        Grid { width, height, values, is_signed: true }
    }

    #[test]
    fn a_map_with_the_pictures_shape_is_cut_and_any_other_lies_over_what_the_model_sees() {
        // The middle of a picture of 400 × 200 pixels, whose map has 8 × 4 places.
        let region = Region { x: 100.0, y: 0.0, width: 200.0, height: 200.0 };
        let target = Target::probability(0);
        let whole = loaded_map(&grid(8, 4), "a.npy", region, (400, 200), target);
        assert_eq!((whole.saliency.width, whole.saliency.height), (4, 4));
        let first = &whole.signed.as_ref().unwrap().values[..4];
        assert_eq!(first, [-1.0, 0.0, 1.0, 2.0], "columns 2 to 5 of the first row");
        assert_eq!(whole.saliency.values[..4], *first, "what speaks against the class comes last");
        let square = loaded_map(&grid(4, 4), "a.npy", region, (400, 200), target);
        assert_eq!(square.signed.unwrap().values, grid(4, 4).values);
    }
}
