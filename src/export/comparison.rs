//! Two runs' maps beside each other and their difference, as a figure for print.

use image::RgbImage;

use super::{Bar, Cell, ExportError, Part, Plate, Row, Style, score, short, tile, value};
use crate::{
    explain::{Finished, Run},
    imaging::signed_overlay,
};

/// Pixels of a picture for each of the model's: sharp at 300 dots an inch in three columns.
const ENLARGED: u32 = 3;

/// One of the two.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// What stands above it.
    pub name: &'a str,
    /// The run.
    pub run: &'a Run,
    /// Its result.
    pub finished: &'a Finished,
}

/// The figure: both maps as they are shown in a style, on one scale of colours if that is asked for, and the second minus
/// the first where both lie over the same part of the picture. `width` is in millimetres.
///
/// # Errors
/// A map cannot be drawn.
pub fn comparison(pair: [Compared<'_>; 2], style: Style, one_scale: bool, width: f32) -> Result<Plate, ExportError> {
    let style = Style { iteration: None, ..style };
    let maps = pair.map(|compared| style.map_of(&compared.finished.explanation));
    let found = pair.map(|compared| compared.finished.is_found());
    let scales = [maps[0].scale(), maps[1].scale()];
    let shared = (one_scale && found == [true; 2] && style.has_colors()).then(|| scales[0].max(scales[1]));
    let mut cells = Vec::new();
    for (number, Compared { run, finished, .. }) in pair.into_iter().enumerate() {
        let mut map = maps[number].clone();
        map.full = shared.or(map.full);
        let picture = match found[number] {
            true => tile::drawn(run, finished, &map, style, ENLARGED)?,
            false => tile::plain(run, style, ENLARGED),
        };
        let alt = format!("{}, {}", finished.explanation.method.title, run.class.name);
        cells.push(Cell { picture, alt, below: below(run, finished, scales[number]) });
    }
    let mut columns: Vec<String> = pair.iter().map(|compared| compared.name.to_owned()).collect();
    let regions = pair.map(|compared| (compared.run.input.crop.region, compared.run.crop));
    if found == [true; 2] && regions[0] == regions[1] {
        let (picture, most) = difference(pair, style.part);
        let alt = format!("{} minus {}", pair[1].name, pair[0].name);
        columns.push("Second − first".to_owned());
        cells.push(Cell { picture, alt, below: format!("blue −{0} to orange +{0}", short(f64::from(most))) });
    }
    let scale = |scale: f32| style.has_colors().then(|| ["0".to_owned(), value(shared.unwrap_or(scale))]);
    let ends = scales.into_iter().zip(found).map(|(own, found)| scale(own).filter(|_| found));
    let bars = ends.enumerate().filter_map(|(column, ends)| Some(Bar { columns: [column; 2], ends: ends? })).collect();
    let row = Row { label: pair[0].finished.explanation.method.title.to_owned(), note: String::new(), cells };
    Ok(Plate { columns, rows: vec![row], bars, colormap: style.colormap, width })
}

/// What a map's run says of it.
fn below(run: &Run, finished: &Finished, scale: f32) -> String {
    match finished.explanation.why_nothing() {
        Some(why) => format!("found nothing: {why}"),
        None => {
            let curves = &finished.curves;
            let [deletion, insertion] = [curves.deletion(), curves.insertion()].map(|area| score(f64::from(area)));
            format!("{}: to {}, del. {deletion}, ins. {insertion}", run.class.name, value(scale))
        }
    }
}

/// The second map minus the first over the picture, and the size of the largest difference.
fn difference([one, other]: [Compared<'_>; 2], part: Part) -> (RgbImage, f32) {
    let picture = tile::base(one.run, ENLARGED);
    let [one_map, other_map] = [one, other].map(|compared| &compared.finished.explanation.saliency);
    let values = other_map.minus(one_map, picture.width() as usize, picture.height() as usize);
    let most = values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let full = if most > 0.0 { most } else { 1.0 };
    let relative: Vec<f32> = values.iter().map(|value| value / full).collect();
    (part.cut(signed_overlay(&picture, &relative), picture.dimensions()), most)
}
