//! Pictures × methods as a figure for a paper, from results that are on the disk: no file's name and no device is in it.

use std::{
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
};

use image::Rgb;

use super::{DatasetError, Head, Line, Outcome, RANDOM, is_map_name, summary::title};
use crate::{
    explain::Saliency,
    export::{
        Bar, Cell, PNG_SCALE, Plate, Row, Style, outlined, overlaid, pdf, rasterise, read_npy, score, short, value,
        write_whole,
    },
    imaging::{CropMode, Photo},
};

/// Pixels of a map's picture for each that the model sees: sharp at 300 dots an inch in a row of four.
const ENLARGED: usize = 2;

/// How wide a figure is, in millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrintWidth(pub f32);

/// Widths of one and two columns in usual journals and proceedings, in millimetres, as their guides for authors give
/// them.
const WIDTHS: [(&str, f32); 9] = [
    ("nature", 89.0),
    ("nature-double", 183.0),
    ("ieee", 88.9),
    ("ieee-double", 181.9),
    ("cvpr", 82.6),
    ("cvpr-double", 174.6),
    ("elsevier", 90.0),
    ("elsevier-double", 190.0),
    ("lncs", 122.0),
];

impl PrintWidth {
    /// From how few to how many millimetres a figure is wide.
    pub const RANGE: RangeInclusive<f32> = 20.0..=1000.0;

    /// Those that have a name, with it.
    pub fn named() -> impl Iterator<Item = (&'static str, Self)> {
        WIDTHS.into_iter().map(|(name, width)| (name, Self(width)))
    }
}

/// Two columns of most journals.
impl Default for PrintWidth {
    fn default() -> Self {
        Self(183.0)
    }
}

impl FromStr for PrintWidth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = WIDTHS.iter().find(|(name, _)| *name == text).map(|(_, width)| *width);
        let number = || text.trim_end_matches("mm").trim().parse::<f32>().ok();
        match named.or_else(number) {
            Some(width) if Self::RANGE.contains(&width) => Ok(Self(width)),
            _ => {
                let names: Vec<&str> = WIDTHS.iter().map(|(name, _)| *name).collect();
                Err(format!("“{text}” is no width: give millimetres from 20 to 1000, or one of {}", names.join(", ")))
            }
        }
    }
}

/// What the colours of maps are relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MapScale {
    /// Each map's own largest value, which is written below it.
    #[default]
    Own,
    /// The largest value of a method in all of the figure's pictures, which is written below its column.
    Shared,
    /// The largest value of all methods in all of the figure's pictures, which is written below them.
    One,
}

impl MapScale {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Own, Self::Shared, Self::One];

    /// The name in flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Shared => "shared",
            Self::One => "one",
        }
    }
}

/// What is in a figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FigureOf {
    /// The pictures, by their places in the dataset.
    pub pictures: Vec<usize>,
    /// The methods, by their ids; all if none.
    pub methods: Vec<String>,
    /// What colours are relative to.
    pub scale: MapScale,
    /// Its width.
    pub width: PrintWidth,
    /// Whether the pictures' names are in it.
    pub names: bool,
    /// Whether its caption says on which device its maps were made.
    pub device: bool,
}

/// A figure with the words that go beside it.
#[derive(Debug, Clone)]
pub struct Figure {
    svg: String,
    /// The caption, with all parameters.
    pub caption: String,
}

impl Figure {
    /// Makes the figure from results in `folder`; `path_of` says where a picture is.
    ///
    /// # Errors
    /// A picture has no results, or it or a map cannot be read.
    pub fn of(
        folder: &Path,
        head: &Head,
        lines: &[Line],
        of: &FigureOf,
        path_of: &dyn Fn(&str) -> PathBuf,
    ) -> Result<Self, DatasetError> {
        let refused = |reason: String| DatasetError::Figure { reason };
        let methods = if of.methods.is_empty() { &head.methods } else { &of.methods };
        let mut rows = Vec::new();
        let mut maps: Vec<Vec<Option<Saliency>>> = Vec::new();
        for &index in &of.pictures {
            let first = lines.iter().find(|line| line.index == index && line.seen.is_some());
            let first = first.ok_or_else(|| refused(format!("picture number {index} has no results")))?;
            let seen = first.seen.as_ref();
            let photo = Photo::open_with(&path_of(&first.picture), head.profiles)
                .and_then(|photo| photo.drawn_as(head.bands))
                .map_err(|error| refused(error.to_string()))?;
            let rule = head.preprocessing.rule();
            let rule = rule.with_size(rule.crop.times(ENLARGED));
            let square = rule.cut(&photo.image, head.crop, Rgb([128; 3])).image;
            let of_method = |method: &String| {
                let line = lines.iter().find(|line| line.index == index && line.method.as_ref() == Some(method));
                let result = line.and_then(|line| line.result.as_ref());
                let result = result.ok_or_else(|| refused(format!("{} has no results of {method}", first.picture)))?;
                map_of(folder, result).map_err(refused)
            };
            maps.push(methods.iter().map(of_method).collect::<Result<_, _>>()?);
            let name = if of.names { first.picture.clone() } else { String::new() };
            rows.push((seen.map(|seen| seen.explained.clone()).unwrap_or_default(), name, square));
        }
        match of.scale {
            MapScale::Own => {}
            MapScale::Shared => share_scales(&mut maps),
            MapScale::One => {
                let largest = largest_scale(maps.iter().flatten());
                maps.iter_mut().flatten().flatten().for_each(|map| map.full = Some(largest));
            }
        }
        let style = Style::default();
        let row = |(number, (label, note, square)): (usize, (String, String, image::RgbImage))| {
            let picture = Cell { picture: square.clone(), alt: label.clone(), below: String::new() };
            let drawn = methods.iter().zip(&maps[number]).map(|(method, map)| Cell {
                alt: format!("{} of {label}", title(method)),
                below: below(map.as_ref(), of.scale),
                picture: map.as_ref().map_or_else(|| square.clone(), |map| overlaid(&square, map, style)),
            });
            let cells = [picture].into_iter().chain(drawn).collect();
            Row { label, note, cells }
        };
        // The first column is the pictures'.
        let bar = |first: usize, last: usize| {
            let columns = maps.iter().flat_map(|row| &row[first..=last]);
            let ends = ends(&columns.flatten().collect::<Vec<_>>())?;
            Some(Bar { columns: [first + 1, last + 1], ends })
        };
        let bars = match of.scale {
            MapScale::Own => Vec::new(),
            MapScale::Shared => (0..methods.len()).filter_map(|column| bar(column, column)).collect(),
            MapScale::One => methods.len().checked_sub(1).and_then(|last| bar(0, last)).into_iter().collect(),
        };
        let plate = Plate {
            columns: ["Picture".to_owned()].into_iter().chain(methods.iter().map(|method| title(method))).collect(),
            bars,
            rows: rows.into_iter().enumerate().map(row).collect(),
            colormap: style.colormap,
            width: of.width.0,
        };
        Ok(Self { svg: plate.svg(), caption: caption(head, lines, of, methods) })
    }

    /// Writes the figure as its extension says (`.pdf`, `.svg` or `.png`), and its caption beside it as text.
    ///
    /// # Errors
    /// It has another extension, or there is no room or right to write.
    pub fn write(&self, path: &Path) -> Result<(), DatasetError> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("pdf") => {
                let page = pdf(&self.svg)?;
                write_whole(path, |path| Ok(fs::write(path, page)?))?;
            }
            Some("svg") => {
                let text = outlined(&self.svg)?;
                write_whole(path, |path| Ok(fs::write(path, text)?))?;
            }
            Some("png") => {
                let picture = rasterise(&self.svg, PNG_SCALE)?;
                write_whole(path, |path| Ok(picture.save_with_format(path, image::ImageFormat::Png)?))?;
            }
            _ => {
                let reason = format!("a figure is a .pdf, an .svg or a .png: {}", path.display());
                return Err(DatasetError::Figure { reason });
            }
        }
        write_whole(&path.with_extension("txt"), |path| Ok(fs::write(path, &self.caption)?))?;
        Ok(())
    }
}

/// The map of a result; none where nothing was found.
fn map_of(folder: &Path, result: &Outcome) -> Result<Option<Saliency>, String> {
    let Some(map) = &result.map else { return Ok(None) };
    if !is_map_name(&map.file) {
        return Err(format!("it names a map that is none: {}", map.file));
    }
    let path = folder.join(&map.file);
    let (values, rows) = read_npy(&path).map_err(|why| format!("{why}: {}", path.display()))?;
    Ok(Some(map.saliency(values, rows)))
}

/// The largest of their scales.
fn largest_scale<'a>(maps: impl Iterator<Item = &'a Option<Saliency>>) -> f32 {
    maps.flatten().map(Saliency::scale).fold(0.0, f32::max)
}

/// Gives all maps of a column the largest of their scales.
fn share_scales(maps: &mut [Vec<Option<Saliency>>]) {
    let columns = maps.iter().map(Vec::len).max().unwrap_or_default();
    for column in 0..columns {
        let largest = largest_scale(maps.iter().filter_map(|row| row.get(column)));
        for map in maps.iter_mut().filter_map(|row| row.get_mut(column)?.as_mut()) {
            map.full = Some(largest);
        }
    }
}

/// The numbers at both ends of the colours of maps with one scale: with ≥ where larger values are drawn the same.
fn ends(maps: &[&Saliency]) -> Option<[String; 2]> {
    let scale = maps.first()?.scale();
    let is_cut = maps.iter().flat_map(|map| &map.values).any(|own| own.abs() > scale);
    Some(["0".to_owned(), format!("{}{}", if is_cut { "≥ " } else { "" }, value(scale))])
}

/// What stands below a map.
fn below(map: Option<&Saliency>, scale: MapScale) -> String {
    match (map, scale) {
        (None, _) => "found nothing".to_owned(),
        (Some(map), MapScale::Own) => ends(&[map]).map(|ends| ends.join(" to ")).unwrap_or_default(),
        (Some(_), MapScale::Shared | MapScale::One) => String::new(),
    }
}

/// The words beside the figure.
fn caption(head: &Head, lines: &[Line], of: &FigureOf, methods: &[String]) -> String {
    let relative = match of.scale {
        MapScale::Own => "each map relative to the number below it",
        MapScale::Shared => "the maps of a column relative to the number below it",
        MapScale::One => "all maps relative to the number below them",
    };
    let explained = head.explained_words();
    let titles: Vec<String> = methods.iter().map(|method| title(method)).collect();
    let mut text = format!(
        "Maps of {} for {explained}, drawn over what the model sees; colours from 0 (least important) upwards, {relative}.\n",
        titles.join(", ")
    );
    for &index in &of.pictures {
        let of_picture = || lines.iter().filter(move |line| line.index == index);
        let Some(first) = of_picture().find(|line| line.seen.is_some()) else { continue };
        let Some(seen) = &first.seen else { continue };
        let name = if of.names { format!("{}: ", first.picture) } else { String::new() };
        let answer = short(f64::from(seen.explained_answer));
        let areas = of_picture().filter(|line| {
            line.method.as_deref().is_some_and(|method| method == RANDOM || methods.iter().any(|own| own == method))
        });
        let areas = areas.filter_map(|line| {
            let areas = line.result.as_ref()?.areas?;
            Some(format!("{} {}", title(line.method.as_ref()?), score(f64::from(areas.difference()))))
        });
        let areas = areas.collect::<Vec<_>>().join(", ");
        text += &format!("{name}{} ({answer}): insertion − deletion: {areas}.\n", seen.explained);
    }
    let crop = if head.crop == CropMode::Center { String::new() } else { format!(", crop {}", head.crop) };
    let sha = head.weights_sha256.as_deref().map(|sha| format!(", weights SHA-256 {sha}")).unwrap_or_default();
    let (model, architecture, size) = (&head.model_title, &head.architecture, head.input_size);
    let device = if of.device { format!(", on {}", head.device) } else { String::new() };
    text += &format!("Model: {model} ({architecture}), {size} pixels{crop}{sha}{device}.\n");
    for guess in &head.guesses {
        text += &format!("Note: {guess}.\n");
    }
    for (name, set) in head.parameters.as_object().into_iter().flatten() {
        let of_figure = methods.iter().any(|method| method.replace('-', "_") == *name || method == name);
        if !of_figure && name != "curves" {
            continue;
        }
        let values = set.as_object().into_iter().flatten();
        let values: Vec<String> = values.map(|(name, value)| format!("{} {value}", name.replace('_', " "))).collect();
        text += &format!("{}: {}.\n", name.replace('_', " "), values.join(", ").replace('"', ""));
    }
    text + &format!("Made with {}.\n", head.program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Interpolation;

    #[test]
    fn widths_are_named_or_in_millimetres() {
        assert_eq!("nature".parse(), Ok(PrintWidth(89.0)));
        assert_eq!("120mm".parse(), Ok(PrintWidth(120.0)));
        assert_eq!("84.5".parse(), Ok(PrintWidth(84.5)));
        for text in ["", "wide", "5", "-10", "NaN", "1e9"] {
            assert!(text.parse::<PrintWidth>().unwrap_err().contains("lncs"), "{text}");
        }
    }

    #[test]
    fn a_shared_scale_is_the_largest_of_its_column_and_says_where_values_are_cut() {
        let map = |values: &[f32], clipped_fraction| Saliency {
            width: values.len(),
            height: 1,
            values: values.to_vec(),
            interpolation: Interpolation::HalfPixel,
            clipped_fraction,
            full: None,
        };
        let end = |maps: &[&Saliency]| ends(maps).map(|[_, high]| high);
        assert_eq!(end(&[&map(&[0.1, 0.5], 0.0)]).as_deref(), Some("0.50"));
        let cut = map(&[0.1, 0.2, 0.3, 0.9], 0.25);
        assert_eq!(end(&[&cut]).as_deref(), Some("≥ 0.30"));
        let whole = Saliency { full: Some(0.3), ..map(&[0.1], 0.0) };
        assert_eq!(end(&[&whole, &cut]).as_deref(), Some("≥ 0.30"), "of any of them");
        assert_eq!(end(&[]), None);
        let mut maps = vec![vec![Some(map(&[0.5], 0.0)), None], vec![Some(map(&[2.0], 0.0)), Some(map(&[0.25], 0.0))]];
        share_scales(&mut maps);
        let scale = |row: usize, column: usize| maps[row][column].as_ref().map(Saliency::scale);
        assert_eq!([scale(0, 0), scale(1, 0), scale(0, 1), scale(1, 1)], [Some(2.0), Some(2.0), None, Some(0.25)]);
    }
}
