//! A report in one HTML file: pictures, curves and scripts are in it, and nothing is fetched from anywhere.
//!
//! What it says is gathered here; how that is marked up is in `report.html` and `report_section.html`, which are part
//! of the program. The page is well-formed XML too, which tests hold it to.

use std::{fmt, fs, path::Path, sync::Arc};

use askama::Template;
use image::{Rgb, RgbImage};
use serde_json::{Map, Value};

use super::{
    ExportError, Style,
    areas::{Areas, areas},
    chart::Chart,
    curves, data_uri,
    folder::write_whole,
    numbers::{answer, score, seconds},
    tile, verdict, words,
};
use crate::{
    explain::{CurveParameters, Explanation, Finished, Iteration, METRICS, Metric, Run},
    model::Score,
};

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
    /// The colours from low to high, as the address of a picture; empty, as are curves and baseline, where no method
    /// found anything.
    colors: String,
    model: String,
    device: String,
    /// The curves, as SVG.
    charts: Vec<String>,
    /// What the model makes of the picture that deletion ends with.
    baseline: String,
    areas: Areas,
    /// What was measured besides, a row a metric and a column a method.
    metrics: Option<Metrics>,
    methods: Vec<Method>,
    classes: Vec<Class>,
    /// What stands above those, and above their numbers.
    classes_title: &'static str,
    answer_title: &'static str,
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
    /// Deletion and insertion, if it found something.
    areas: Option<[Area; 2]>,
    /// Its iterations' masks: none if it does not iterate, or found nothing.
    frames: Vec<Frame>,
    /// Number, from 1, of the frame that is shown first: that of the mask that is the map.
    first_frame: usize,
    /// What is known of an iteration, in the order of its numbers.
    iteration_heads: Vec<String>,
    /// The numbers of each iteration; none if it does not iterate.
    iterations: Vec<Vec<String>>,
}

/// An area under a curve.
#[derive(Debug, Clone, Copy)]
struct Area(f32);

impl fmt::Display for Area {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&score(f64::from(self.0)))
    }
}

/// An iteration's mask over the picture.
#[derive(Debug, Clone)]
struct Frame {
    words: String,
    picture: String,
}

/// A method's mean area over the pictures that it found something in.
#[derive(Debug, Clone, Copy)]
struct Mean {
    /// None of no pictures.
    area: Option<Area>,
    /// How many those are.
    pictures: usize,
}

/// One of the model's classes.
#[derive(Debug, Clone)]
struct Class {
    number: usize,
    name: String,
    answer: String,
    is_explained: bool,
}

/// What was measured of the maps besides.
#[derive(Debug, Clone)]
struct Metrics {
    heads: Vec<&'static str>,
    rows: Vec<Measured>,
}

/// A metric, and its values, a method each.
#[derive(Debug, Clone)]
struct Measured {
    title: &'static str,
    meaning: &'static str,
    /// Its range, and which values are better.
    range: String,
    values: Vec<String>,
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
    let is_found = run.methods.iter().any(Finished::is_found);
    let has_probabilities = run.model.head.measure() == Score::Probability;
    let strip = RgbImage::from_fn(256, 1, |x, _| Rgb(style.colormap.rgb(x as f32 / 255.0)));
    Section {
        name: super::folder_name(&run.image),
        class: words::question(run).join(" · "),
        tiles: tiles(run, style),
        colors: if is_found { data_uri::png(&strip) } else { String::new() },
        model: words::model(&run.model),
        device: run.device.clone(),
        charts: if is_found { curves::charts(run).iter().map(Chart::svg).collect() } else { Vec::new() },
        baseline: if is_found { verdict::of_baseline(run).join(", ") } else { String::new() },
        areas: areas(run),
        metrics: metrics(run),
        methods: run.methods.iter().map(|finished| method(run, finished, style)).collect(),
        classes: classes(run),
        classes_title: if has_probabilities { "Most probable classes" } else { "Outputs" },
        answer_title: if has_probabilities { "Probability" } else { "Output" },
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
    fn means(&self) -> Vec<[Mean; 2]> {
        let found = |number: usize| {
            let methods = self.sections.iter().filter_map(move |section| section.methods.get(number));
            methods.filter_map(|method| method.areas)
        };
        let mean = |number: usize, which: usize| {
            let pictures = found(number).count();
            let sum: f32 = found(number).map(|areas| areas[which].0).sum();
            Mean { area: (pictures > 0).then(|| Area(sum / pictures as f32)), pictures }
        };
        (0..self.methods().len()).map(|number| [mean(number, 0), mean(number, 1)]).collect()
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
        let map = style.map_of(&finished.explanation);
        let overlaid = if finished.is_found() { tile::overlaid(&base, &map, style) } else { base.clone() };
        Tile {
            title: title.to_owned(),
            picture: data_uri::jpeg(&overlaid),
            alt: verdict::nothing(&finished.explanation).map_or_else(
                || format!("What {title} finds important for {}", run.class.name),
                |nothing| format!("{title} {nothing}"),
            ),
            caption: verdict::result(finished)
                .into_iter()
                .chain(verdict::no_better_than_random(run, finished))
                .collect::<Vec<_>>()
                .join(" · "),
        }
    };
    let maps: Vec<Tile> = run.methods.iter().map(map).collect();
    [vec![picture], maps].concat()
}

fn method(run: &Run, finished: &Finished, style: Style) -> Method {
    let Finished { explanation, curves, .. } = finished;
    let terms = explanation.method.terms.iter().map(|term| match term.symbol {
        "" => term.title.to_owned(),
        symbol => format!("{} {symbol}", term.title),
    });
    Method {
        title: explanation.method.title,
        areas: finished.is_found().then(|| [Area(curves.deletion()), Area(curves.insertion())]),
        frames: if finished.is_found() { frames(run, explanation, style) } else { Vec::new() },
        first_frame: explanation.kept.unwrap_or(explanation.iterations.len()),
        iteration_heads: ["iteration".to_owned()].into_iter().chain(terms).chain(["time".to_owned()]).collect(),
        iterations: explanation.iterations.iter().map(|iteration| numbers(finished, iteration)).collect(),
    }
}

fn frames(run: &Run, explanation: &Explanation, style: Style) -> Vec<Frame> {
    let base = tile::base(run, 1);
    let frame = |iteration: &Arc<Iteration>| {
        let said = words::said_of(iteration).map(|said| format!(", {said}")).unwrap_or_default();
        let number = words::number(explanation, iteration).replacen('i', "I", 1);
        Frame {
            words: format!("{number}{said}"),
            picture: data_uri::jpeg(&tile::overlaid(&base, &iteration.mask.saliency(), style)),
        }
    };
    explanation.iterations.iter().map(frame).collect()
}

/// What is known of an iteration, as the method's `iteration_heads` name it.
fn numbers(finished: &Finished, iteration: &Iteration) -> Vec<String> {
    let is_best = finished.is_found() && finished.explanation.kept == Some(iteration.number);
    let best = if is_best { "best, " } else { "" };
    let values = iteration.terms.iter().zip(&iteration.values).map(|(term, value)| words::term_value(term, *value));
    let number = [format!("{best}{}", iteration.number)].into_iter();
    number.chain(values).chain([seconds(iteration.seconds)]).collect()
}

/// The metrics that any map was measured by.
fn metrics(run: &Run) -> Option<Metrics> {
    let measured: Vec<&Finished> = run.methods.iter().filter(|finished| !finished.measures.is_empty()).collect();
    let is_asked = |metric: &&Metric| {
        measured.iter().any(|finished| finished.measures.iter().any(|measure| measure.metric == *metric))
    };
    let row = |metric: &'static Metric| Measured {
        title: metric.title,
        meaning: metric.meaning,
        range: verdict::range(metric),
        values: measured
            .iter()
            .map(|finished| finished.measures.iter().find(|measure| measure.metric == metric))
            .map(|measure| verdict::value(measure.and_then(|measure| measure.value)))
            .collect(),
    };
    let rows: Vec<Measured> = METRICS.iter().filter(is_asked).map(row).collect();
    let heads = measured.iter().map(|finished| finished.explanation.method.title).collect();
    (!rows.is_empty()).then_some(Metrics { heads, rows })
}

/// The classes with the highest answers, and the explained one if it is not among them.
fn classes(run: &Run) -> Vec<Class> {
    let is_listed = run.top.iter().any(|prediction| prediction.id == run.class.id);
    let unlisted = (!is_listed).then_some(&run.class);
    let predictions = run.top.iter().chain(unlisted);
    predictions
        .map(|prediction| Class {
            number: prediction.id,
            name: prediction.name.clone(),
            answer: answer(prediction.answer),
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
