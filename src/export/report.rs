//! A report in one HTML file: pictures, curves and scripts are in it, and nothing is fetched from anywhere.
//!
//! It is written so that it is well-formed XML too, which tests hold it to.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;

use super::{
    ExportError, Style, curves, data_uri,
    folder::write_whole,
    numbers::{percent, score, seconds, short},
    tile, words,
    xml::escaped,
};
use crate::explain::{Explanation, Finished, MethodKind, Run};

/// What marks a report as one of ours, so that another may take its place.
const GENERATOR: &str = "<meta name=\"generator\" content=\"igoscope ";
/// How many bytes of a file are searched for the mark: it is in the first lines.
const MARKED_WITHIN: usize = 1024;

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// One picture's part of a report.
#[derive(Debug, Clone)]
pub struct Section {
    name: String,
    class: String,
    areas: Vec<(MethodKind, f32, f32)>,
    body: String,
}

/// One picture's part of a report, its maps coloured by `style`.
pub fn report_section(run: &Run, style: Style) -> Section {
    let areas =
        |finished: &Finished| (finished.explanation.method, finished.curves.deletion(), finished.curves.insertion());
    Section {
        name: super::folder_name(&run.image),
        class: words::question(run).join(" · "),
        areas: run.methods.iter().map(areas).collect(),
        body: [
            tiles(run, style),
            charts(run),
            format!(
                "<div class=\"columns\">\n{}<div>\n{}{}</div>\n</div>\n",
                run.methods.iter().map(|finished| scrubber(run, &finished.explanation, style)).collect::<String>(),
                area_table(run),
                class_table(run)
            ),
            parameter_table(run),
            run.methods.iter().map(|finished| step_table(&finished.explanation)).collect(),
        ]
        .concat(),
    }
}

/// The whole page.
pub fn report_page(sections: &[Section]) -> String {
    let title = match sections {
        [one] => format!("{}: {}", one.name, one.class),
        _ => format!("{} pictures explained", sections.len()),
    };
    let mut page = format!(
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         {GENERATOR}{version}\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        version = env!("CARGO_PKG_VERSION"),
        title = escaped(&title),
    );
    if sections.len() > 1 {
        page.push_str(&contents(sections));
    }
    for (number, section) in sections.iter().enumerate() {
        put(&mut page, format_args!("<section id=\"picture-{}\">\n", number + 1));
        if sections.len() > 1 {
            put(&mut page, format_args!("<h2>{}: {}</h2>\n", escaped(&section.name), escaped(&section.class)));
        }
        page.push_str(&section.body);
        page.push_str("</section>\n");
    }
    put(
        &mut page,
        format_args!(
            "<footer><p>Made with igoscope {}. Deletion removes the most important cells first: the less area, the \
             better. Insertion reveals them first: the more area, the better. Each map is drawn relative to its own \
             largest values. <code>igoscope explain --config run.json</code> makes a run again.</p></footer>\n</main>\n\
             <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
            env!("CARGO_PKG_VERSION")
        ),
    );
    page
}

/// Writes a report. One that igoscope wrote before is replaced; any other file of that name is left.
///
/// # Errors
/// Another file is in the way, or there is no room or right to write.
pub fn write_report(path: &Path, page: &str) -> Result<(), ExportError> {
    let is_ours = |bytes: Vec<u8>| {
        let start = &bytes[..bytes.len().min(MARKED_WITHIN)];
        String::from_utf8_lossy(start).contains(GENERATOR)
    };
    if path.symlink_metadata().is_ok() && !fs::read(path).is_ok_and(is_ours) {
        return Err(ExportError::Foreign { path: path.to_owned() });
    }
    write_whole(path, |path| Ok(fs::write(path, page)?))
}

/// Appends to a string, which cannot fail.
fn put(text: &mut String, more: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(more);
}

/// Every picture with its methods' areas, and their means.
fn contents(sections: &[Section]) -> String {
    let methods: Vec<MethodKind> =
        sections.first().map_or_else(Vec::new, |first| first.areas.iter().map(|(method, ..)| *method).collect());
    let mut text = "<table>\n<thead><tr><th>Picture</th><th>Class</th>".to_owned();
    for method in &methods {
        put(
            &mut text,
            format_args!("<th class=\"n\">{0}<br/>deletion</th><th class=\"n\">{0}<br/>insertion</th>", method.title()),
        );
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for (number, section) in sections.iter().enumerate() {
        put(
            &mut text,
            format_args!(
                "<tr><td><a href=\"#picture-{}\">{}</a></td><td>{}</td>",
                number + 1,
                escaped(&section.name),
                escaped(&section.class)
            ),
        );
        for (_, deletion, insertion) in &section.areas {
            put(&mut text, format_args!("{}{}", number_cell(*deletion), number_cell(*insertion)));
        }
        text.push_str("</tr>\n");
    }
    put(&mut text, format_args!("</tbody>\n<tfoot><tr><th>Mean</th><td>{} pictures</td>", sections.len()));
    for index in 0..methods.len() {
        let of = |figure: fn(&(MethodKind, f32, f32)) -> f32| {
            let values = sections.iter().filter_map(|section| section.areas.get(index)).map(figure);
            values.sum::<f32>() / sections.len() as f32
        };
        put(&mut text, format_args!("{}{}", number_cell(of(|area| area.1)), number_cell(of(|area| area.2))));
    }
    text + "</tr></tfoot>\n</table>\n"
}

fn number_cell(value: f32) -> String {
    format!("<td class=\"n\">{}</td>", score(f64::from(value)))
}

fn picture(data: &str, title: &str, caption: &str, alt: &str) -> String {
    format!(
        "<figure><figcaption><b>{}</b></figcaption><img src=\"{data}\" alt=\"{}\"/><figcaption>{}</figcaption></figure>\n",
        escaped(title),
        escaped(alt),
        escaped(caption)
    )
}

/// The picture and every map, with the colours below.
fn tiles(run: &Run, style: Style) -> String {
    // Twice the model's pixels: sharp on a dense screen and in print.
    let base = tile::base(run, 2);
    let class = words::class(&run.class);
    let mut text = "<div class=\"tiles\">\n".to_owned();
    text.push_str(&picture(&data_uri::jpeg(&base), "Picture", &class, "The picture as the model sees it"));
    for finished in &run.methods {
        let map = tile::overlaid(&base, &finished.explanation.saliency, style);
        let title = finished.explanation.method.title();
        let alt = format!("What {title} finds important for {}", run.class.name);
        text.push_str(&picture(&data_uri::jpeg(&map), title, &words::areas(finished).join(" · "), &alt));
    }
    let strip = image::RgbImage::from_fn(256, 1, |x, _| image::Rgb(style.colormap.rgb(x as f32 / 255.0)));
    put(
        &mut text,
        format_args!(
            "</div>\n<p class=\"colours\">less important <img src=\"{}\" alt=\"The colours from low to high\"/> more \
             important · {} on {}</p>\n",
            data_uri::png(&strip),
            escaped(&run.model.name),
            escaped(&run.device)
        ),
    );
    text
}

/// Every iteration's mask, one at a time.
fn scrubber(run: &Run, explanation: &Explanation, style: Style) -> String {
    let all = explanation.steps.len();
    if all == 0 {
        return String::new();
    }
    let title = explanation.method.title();
    let base = tile::base(run, 1);
    let mut text =
        format!("<div class=\"scrubber\">\n<h3>{title}, iteration by iteration</h3>\n<div class=\"frames\">\n");
    for step in &explanation.steps {
        let frame = tile::overlaid(&base, &step.mask.saliency(), style);
        let words = format!("Iteration {} of {all}, score {}", step.iteration, score(step.score));
        put(&mut text, format_args!("<img src=\"{}\" alt=\"{words}\"/>\n", data_uri::jpeg(&frame)));
    }
    put(
        &mut text,
        format_args!(
            "</div>\n<p><input type=\"range\" min=\"1\" max=\"{all}\" value=\"{all}\" aria-label=\"Iteration\"/>\n\
             <output>Iteration {all} of {all}</output></p>\n</div>\n"
        ),
    );
    text
}

fn charts(run: &Run) -> String {
    let charts: String = curves::charts(run).iter().map(|chart| chart.svg()).collect();
    format!("<div class=\"charts\">\n{charts}</div>\n")
}

fn area_table(run: &Run) -> String {
    let mut text = "<h3>Areas</h3>\n<table>\n<thead><tr><th>Method</th><th class=\"n\">Deletion</th>\
                    <th class=\"n\">Insertion</th><th class=\"n\">Time</th></tr></thead>\n<tbody>\n"
        .to_owned();
    for Finished { explanation, curves } in &run.methods {
        put(
            &mut text,
            format_args!(
                "<tr><td>{}</td>{}{}<td class=\"n\">{}</td></tr>\n",
                explanation.method.title(),
                number_cell(curves.deletion()),
                number_cell(curves.insertion()),
                seconds(explanation.seconds)
            ),
        );
    }
    text + "</tbody>\n</table>\n"
}

fn class_table(run: &Run) -> String {
    let mut text = "<h3>Most probable classes</h3>\n<table>\n<thead><tr><th class=\"n\">Number</th><th>Class</th>\
                    <th class=\"n\">Probability</th></tr></thead>\n<tbody>\n"
        .to_owned();
    let unlisted = (!run.top.iter().any(|prediction| prediction.id == run.class.id)).then_some(&run.class);
    for prediction in run.top.iter().chain(unlisted) {
        let name = escaped(&prediction.name);
        let name = if prediction.id == run.class.id { format!("<b>{name}</b>, explained") } else { name };
        let probability = percent(prediction.probability);
        put(
            &mut text,
            format_args!(
                "<tr><td class=\"n\">{}</td><td>{name}</td><td class=\"n\">{probability}</td></tr>\n",
                prediction.id
            ),
        );
    }
    text + "</tbody>\n</table>\n"
}

/// Every parameter, a column a method.
fn parameter_table(run: &Run) -> String {
    let of = |finished: &Finished| match &finished.explanation.parameters {
        Value::Object(parameters) => parameters.clone(),
        _ => serde_json::Map::new(),
    };
    let mut columns: Vec<(String, serde_json::Map<String, Value>)> =
        run.methods.iter().map(|finished| (finished.explanation.method.title().to_owned(), of(finished))).collect();
    if let Ok(Value::Object(curves)) = serde_json::to_value(&run.parameters.curves) {
        columns.push(("Curves".to_owned(), curves));
    }
    let mut names: Vec<&String> = Vec::new();
    for name in columns.iter().flat_map(|(_, parameters)| parameters.keys()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut text = "<h3>Parameters</h3>\n<table>\n<thead><tr><th>Parameter</th>".to_owned();
    for (title, _) in &columns {
        put(&mut text, format_args!("<th class=\"n\">{title}</th>"));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for name in names {
        put(&mut text, format_args!("<tr><td>{}</td>", escaped(&words::spaced(name))));
        for (_, parameters) in &columns {
            let value = parameters.get(name).map(words::value).unwrap_or_default();
            put(&mut text, format_args!("<td class=\"n\">{}</td>", escaped(&value)));
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n"
}

/// The numbers of every iteration, folded away.
fn step_table(explanation: &Explanation) -> String {
    if explanation.steps.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "<details><summary>{}’s iterations in numbers</summary>\n<table>\n<thead><tr>",
        explanation.method.title()
    );
    for name in ["Iteration", "Score", "λ₁ term", "λ₂ term", "Objective", "Step size", "Trials", "Time"] {
        put(&mut text, format_args!("<th class=\"n\">{name}</th>"));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for step in &explanation.steps {
        let cells = [
            step.iteration.to_string(),
            score(step.score),
            score(step.l1),
            score(step.tv),
            score(step.objective),
            short(step.step),
            step.trials.to_string(),
            seconds(step.seconds),
        ];
        text.push_str("<tr>");
        for cell in cells {
            put(&mut text, format_args!("<td class=\"n\">{cell}</td>"));
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n</details>\n"
}
