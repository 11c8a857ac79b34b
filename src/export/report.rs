//! A report in one HTML file: pictures, curves and scripts are in it, and nothing is fetched from anywhere.
//!
//! What it says is gathered here; how that is marked up is in `report.html` and `report_section.html`, which are part
//! of the program. The page is well-formed XML too, which tests hold it to.

use std::{fmt, fs, path::Path, sync::Arc};

use askama::Template;
use image::{Rgb, RgbImage};
use serde_json::{Map, Value};

use super::{
    ExportError, Style, curves, data_uri,
    folder::write_whole,
    numbers::{percent, score, seconds},
    tile, words,
};
use crate::explain::{self, CurveParameters, Explanation, Finished, Run};

/// What marks a report as one of ours, so that another may take its place: `report.html` begins with it.
const MARK: &str = "<meta name=\"generator\" content=\"igoscope ";
/// How many bytes of a file are searched for the mark: it is in the first lines.
const MARKED_WITHIN: usize = 1024;

/// The whole page.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    version: &'static str,
    title: String,
    sections: &'a [Section],
}

/// One picture's part of a report.
#[derive(Debug, Clone)]
pub struct Section {
    name: String,
    class: String,
    tiles: Vec<Tile>,
    /// The colours from low to high, as the address of a picture.
    colors: String,
    model: String,
    device: String,
    /// The curves, as SVG.
    charts: Vec<String>,
    methods: Vec<Method>,
    classes: Vec<Class>,
    parameters: Parameters,
}

/// A picture with words above and below it.
#[derive(Debug, Clone)]
struct Tile {
    title: String,
    /// Its address, in which it is itself.
    picture: String,
    /// What it shows, for those who cannot see it.
    alt: String,
    caption: String,
}

/// What came of a method.
#[derive(Debug, Clone)]
struct Method {
    title: &'static str,
    deletion: Area,
    insertion: Area,
    time: String,
    /// What is known of an iteration, in the order of its numbers.
    iteration_heads: Vec<String>,
    /// None if it does not iterate.
    iterations: Vec<Iteration>,
}

/// An area under a curve.
#[derive(Debug, Clone, Copy)]
struct Area(f32);

impl fmt::Display for Area {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&score(f64::from(self.0)))
    }
}

/// An iteration's mask over the picture, and its numbers.
#[derive(Debug, Clone)]
struct Iteration {
    words: String,
    picture: String,
    /// As the method's `iteration_heads` name them.
    numbers: Vec<String>,
}

/// One of the model's classes.
#[derive(Debug, Clone)]
struct Class {
    number: usize,
    name: String,
    probability: String,
    is_explained: bool,
}

/// Every parameter, a column a method.
#[derive(Debug, Clone)]
struct Parameters {
    heads: Vec<String>,
    /// Their names, each with a value a column, empty where the method has no such parameter.
    rows: Vec<(String, Vec<String>)>,
}

/// One picture's part of a report, its maps coloured by `style`.
pub fn report_section(run: &Run, style: Style) -> Section {
    let strip = RgbImage::from_fn(256, 1, |x, _| Rgb(style.colormap.rgb(x as f32 / 255.0)));
    Section {
        name: super::folder_name(&run.image),
        class: words::question(run).join(" · "),
        tiles: tiles(run, style),
        colors: data_uri::png(&strip),
        model: run.model.name.clone(),
        device: run.device.clone(),
        charts: curves::charts(run).iter().map(|chart| chart.svg()).collect(),
        methods: run.methods.iter().map(|finished| method(run, finished, style)).collect(),
        classes: classes(run),
        parameters: parameters(run),
    }
}

/// The whole page.
///
/// # Errors
/// None that a section can give: what is put into the page can be written.
pub fn report_page(sections: &[Section]) -> Result<String, ExportError> {
    let title = match sections {
        [one] => format!("{}: {}", one.name, one.class),
        _ => format!("{} pictures explained", sections.len()),
    };
    Ok(Page { version: env!("CARGO_PKG_VERSION"), title, sections }.render()?)
}

/// Writes a report. One that igoscope wrote before is replaced; any other file of that name is left.
///
/// # Errors
/// Another file is in the way, or there is no room or right to write.
pub fn write_report(path: &Path, page: &str) -> Result<(), ExportError> {
    let is_ours = |bytes: Vec<u8>| {
        let start = &bytes[..bytes.len().min(MARKED_WITHIN)];
        String::from_utf8_lossy(start).contains(MARK)
    };
    if path.symlink_metadata().is_ok() && !fs::read(path).is_ok_and(is_ours) {
        return Err(ExportError::Foreign { path: path.to_owned() });
    }
    write_whole(path, |path| Ok(fs::write(path, page)?))
}

impl Page<'_> {
    /// The methods of all pictures: they are the same.
    fn methods(&self) -> &[Method] {
        self.sections.first().map_or(&[], |first| &first.methods)
    }

    /// Each method's mean areas: deletion, insertion.
    fn means(&self) -> Vec<[Area; 2]> {
        let mean = |number: usize, area: fn(&Method) -> Area| {
            let areas = self.sections.iter().filter_map(|section| section.methods.get(number)).map(|m| area(m).0);
            Area(areas.sum::<f32>() / self.sections.len() as f32)
        };
        let both = |number| [mean(number, |method| method.deletion), mean(number, |method| method.insertion)];
        (0..self.methods().len()).map(both).collect()
    }
}

/// The picture and every map.
fn tiles(run: &Run, style: Style) -> Vec<Tile> {
    // Twice the model's pixels: sharp on a dense screen and in print.
    let base = tile::base(run, 2);
    let picture = Tile {
        title: "Picture".to_owned(),
        picture: data_uri::jpeg(&base),
        alt: "The picture as the model sees it".to_owned(),
        caption: words::class(&run.class),
    };
    let map = |finished: &Finished| {
        let title = finished.explanation.method.title;
        Tile {
            title: title.to_owned(),
            picture: data_uri::jpeg(&tile::overlaid(&base, &finished.explanation.saliency, style)),
            alt: format!("What {title} finds important for {}", run.class.name),
            caption: words::areas(finished).join(" · "),
        }
    };
    let maps: Vec<Tile> = run.methods.iter().map(map).collect();
    [vec![picture], maps].concat()
}

fn method(run: &Run, Finished { explanation, curves, .. }: &Finished, style: Style) -> Method {
    let terms = explanation.method.terms.iter().map(|term| match term.symbol {
        "" => term.title.to_owned(),
        symbol => format!("{} {symbol}", term.title),
    });
    Method {
        title: explanation.method.title,
        deletion: Area(curves.deletion()),
        insertion: Area(curves.insertion()),
        time: seconds(explanation.seconds),
        iteration_heads: ["iteration".to_owned()].into_iter().chain(terms).chain(["time".to_owned()]).collect(),
        iterations: iterations(run, explanation, style),
    }
}

fn iterations(run: &Run, explanation: &Explanation, style: Style) -> Vec<Iteration> {
    let base = tile::base(run, 1);
    let all = explanation.iterations.len();
    let iteration = |iteration: &Arc<explain::Iteration>| {
        let said = words::said_of(iteration).map(|said| format!(", {said}")).unwrap_or_default();
        let values = iteration.terms.iter().zip(&iteration.values);
        let values = values.map(|(term, value)| words::term_value(term, *value));
        Iteration {
            words: format!("Iteration {} of {all}{said}", iteration.number),
            picture: data_uri::jpeg(&tile::overlaid(&base, &iteration.mask.saliency(), style)),
            numbers: [iteration.number.to_string()]
                .into_iter()
                .chain(values)
                .chain([seconds(iteration.seconds)])
                .collect(),
        }
    };
    explanation.iterations.iter().map(iteration).collect()
}

/// The most probable classes, and the explained one if it is not among them.
fn classes(run: &Run) -> Vec<Class> {
    let is_listed = run.top.iter().any(|prediction| prediction.id == run.class.id);
    let unlisted = (!is_listed).then_some(&run.class);
    let predictions = run.top.iter().chain(unlisted);
    predictions
        .map(|prediction| Class {
            number: prediction.id,
            name: prediction.name.clone(),
            probability: percent(prediction.probability),
            is_explained: prediction.id == run.class.id,
        })
        .collect()
}

fn parameters(run: &Run) -> Parameters {
    let of =
        |Finished { explanation, .. }: &Finished| (explanation.method.title.to_owned(), explanation.parameters_json());
    let mut columns: Vec<(String, Map<String, Value>)> = run.methods.iter().map(of).collect();
    columns.push(("Curves".to_owned(), CurveParameters::TABLE.to_json(&run.parameters.curves)));
    let mut names: Vec<&String> = Vec::new();
    for name in columns.iter().flat_map(|(_, parameters)| parameters.keys()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let values = |name: &String| {
        let value = |(_, column): &(String, Map<String, Value>)| column.get(name).map(words::value).unwrap_or_default();
        (words::spaced(name), columns.iter().map(value).collect())
    };
    let rows = names.into_iter().map(values).collect();
    Parameters { rows, heads: columns.into_iter().map(|(title, _)| title).collect() }
}
