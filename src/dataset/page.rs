//! An evaluation as one page: its tables, and the pictures one wants to look at first.

use std::path::{Path, PathBuf};

use askama::Template;
use image::{Rgb, RgbImage};

use super::{DatasetError, HEAD, Head, Line, Quantity, RANDOM, Seen, Summary, is_map_name, summary::title, tables};
use crate::{
    explain::Saliency,
    export::{ExportError, Style, answer, folder_name, jpeg_uri, overlaid, read_npy, score, write_report},
    imaging::{CropMode, Photo},
};

/// The name of the file.
const PAGE: &str = "report.html";
/// Pictures in each group.
const IN_A_GROUP: usize = 6;
/// The most rows of the table of classes: of a thousand classes the rest is in `summary.md`.
const MOST_CLASSES: usize = 40;

/// The page.
#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    version: &'static str,
    title: String,
    facts: Vec<String>,
    tables: Vec<Table>,
    groups: Vec<Group>,
    notes: &'static [&'static str],
}

/// A table with its title.
struct Table {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    /// How many of its columns are words: the others are numbers.
    words: usize,
    /// What is left out.
    more: String,
}

impl Table {
    fn signed(mut self) -> Self {
        for row in &mut self.rows {
            row.iter_mut().skip(self.words).for_each(|cell| *cell = signed(cell));
        }
        self
    }
}

/// Pictures for one reason.
struct Group {
    title: String,
    cards: Vec<Card>,
}

/// A picture with its maps.
struct Card {
    picture: String,
    words: String,
    tiles: Vec<Tile>,
}

/// A map over the picture, with words above and below it.
struct Tile {
    title: String,
    picture: String,
    alt: String,
    caption: String,
}

/// Writes `report.html` into a folder of results. `path_of` says where a picture is; one that is not there any more is
/// left out, and said to be.
///
/// # Errors
/// Another file of that name is in the way, or there is no room or right to write.
pub fn write_page(
    folder: &Path,
    head: &Head,
    lines: &[Line],
    summary: &Summary,
    path_of: &dyn Fn(&str) -> PathBuf,
) -> Result<(), DatasetError> {
    let page = Page {
        version: env!("CARGO_PKG_VERSION"),
        title: format!("{} pictures by {}", summary.pictures, head.model_title),
        facts: [asked(head)].into_iter().chain(tables::facts(head, summary).split_off(1)).collect(),
        tables: all_tables(summary).into_iter().map(Table::signed).collect(),
        groups: groups(folder, head, lines, summary, path_of),
        notes: &tables::NOTES,
    };
    let text = page.render().map_err(ExportError::from)?;
    Ok(write_report(&folder.join(PAGE), &text)?)
}

/// What was asked of the pictures.
fn asked(head: &Head) -> String {
    let crop = if head.crop == CropMode::Center { String::new() } else { format!(", crop {}", head.crop) };
    let explained = head.explained_words();
    let (name, model, size) = (folder_name(&head.dataset), &head.architecture, head.input_size);
    format!("{name}: maps for {explained}, by {model} of {size} pixels{crop}; all parameters are in {HEAD}")
}

/// Numbers with a minus before those below 0, which as text have a hyphen.
fn signed(numbers: &str) -> String {
    let text = numbers.replace("(-", "(−").replace(" -", " −");
    text.strip_prefix('-').map_or_else(|| text.clone(), |rest| format!("−{rest}"))
}

fn all_tables(summary: &Summary) -> Vec<Table> {
    let interval = |[mean, low, high]: [&str; 3]| format!("{mean} ({low} to {high})");
    let means = summary.methods.iter().map(|row| tables::means_row(row, summary, interval));
    let mut all = vec![Table {
        title: "Means".to_owned(),
        head: tables::means_head(summary),
        rows: means.collect(),
        words: 1,
        more: String::new(),
    }];
    let measured = tables::measured(summary);
    if !measured.is_empty() {
        all.push(Table {
            title: "Metrics".to_owned(),
            head: tables::metrics_head(summary),
            rows: measured.into_iter().map(|metric| tables::metric_row(metric, summary, interval)).collect(),
            words: 2,
            more: String::new(),
        });
    }
    if summary.paired.iter().any(|pair| pair.p.is_some()) {
        all.push(Table {
            title: "Methods in pairs".to_owned(),
            head: tables::PAIRS_HEAD.map(str::to_owned).to_vec(),
            rows: tables::shown_pairs(summary).map(tables::pair_row).collect(),
            words: 3,
            more: String::new(),
        });
    }
    if summary.classes.len() > 1 {
        // Those with the most mistakes first, then the largest.
        let mut classes: Vec<_> = summary.classes.iter().collect();
        classes.sort_by_key(|class| (std::cmp::Reverse(class.wrong), std::cmp::Reverse(class.pictures), class.class));
        let left = classes.len().saturating_sub(MOST_CLASSES);
        all.push(Table {
            title: "Ins − del by class".to_owned(),
            head: tables::classes_head(summary),
            rows: classes.into_iter().take(MOST_CLASSES).map(tables::class_row).collect(),
            words: 1,
            more: if left > 0 { format!("{left} more classes are in summary.md") } else { String::new() },
        });
    }
    if !summary.failed.is_empty() {
        let row = |(picture, why): &(String, String)| vec![picture.clone(), why.clone()];
        all.push(Table {
            title: "Not explained".to_owned(),
            head: ["Picture", "Why"].map(str::to_owned).to_vec(),
            rows: summary.failed.iter().map(row).collect(),
            words: 2,
            more: String::new(),
        });
    }
    all
}

/// The most wrong pictures, and those that the leading method explains best and worst.
fn groups(
    folder: &Path,
    head: &Head,
    lines: &[Line],
    summary: &Summary,
    path_of: &dyn Fn(&str) -> PathBuf,
) -> Vec<Group> {
    let of_pictures: Vec<&[Line]> = lines.chunk_by(|a, b| a.index == b.index).collect();
    let card = |lines: &&[Line]| card(folder, head, lines, path_of);
    let mut groups = Vec::new();
    let mut add = |title: String, pictures: Vec<&[Line]>| {
        let cards: Vec<Card> = pictures.iter().take(IN_A_GROUP).map(card).collect();
        if !cards.is_empty() {
            groups.push(Group { title, cards });
        }
    };
    add("Most wrong first".to_owned(), most_wrong(&of_pictures));
    if let Some(best) = summary.best() {
        let value = |lines: &[Line]| {
            let line = lines.iter().find(|line| line.method.as_ref() == Some(&best.method))?;
            Quantity::Difference.of(line.result.as_ref()?)
        };
        let mut ranked: Vec<(f64, &[Line])> =
            of_pictures.iter().filter_map(|lines| Some((value(lines)?, *lines))).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        // A picture is among the best or among the worst.
        let half = ranked.len().div_ceil(2);
        add(format!("Highest ins − del of {}", best.title), ranked[..half].iter().map(|(_, lines)| *lines).collect());
        add(
            format!("Lowest ins − del of {}", best.title),
            ranked[half..].iter().rev().map(|(_, lines)| *lines).collect(),
        );
    }
    groups
}

/// The pictures that were taken for another class than they are labelled with, the largest loss first.
fn most_wrong<'a>(of_pictures: &[&'a [Line]]) -> Vec<&'a [Line]> {
    let loss = |lines: &[Line]| {
        let first = lines.first().filter(|first| first.is_wrong() == Some(true))?;
        first.seen.as_ref()?.loss
    };
    let mut wrong: Vec<(f32, &[Line])> = of_pictures.iter().filter_map(|lines| Some((loss(lines)?, *lines))).collect();
    wrong.sort_by(|a, b| b.0.total_cmp(&a.0));
    wrong.into_iter().map(|(_, lines)| lines).collect()
}

fn card(folder: &Path, head: &Head, lines: &[Line], path_of: &dyn Fn(&str) -> PathBuf) -> Card {
    let name = lines.first().map(|line| line.picture.clone()).unwrap_or_default();
    let seen = lines.first().and_then(|line| line.seen.as_ref());
    let mut words = seen.map(|seen| said(head, lines, seen)).unwrap_or_default();
    let photo = Photo::open_with(&path_of(&name), head.profiles).and_then(|photo| photo.drawn_as(head.bands));
    let square = photo.map(|photo| {
        let rule = head.preprocessing.rule();
        rule.cut(&photo.image, head.crop, Rgb([128; 3])).image
    });
    let tiles = match square {
        Ok(square) => {
            let picture = Tile {
                title: "Picture".to_owned(),
                picture: jpeg_uri(&square),
                alt: "The picture as the model sees it".to_owned(),
                caption: String::new(),
            };
            let maps = lines.iter().filter_map(|line| tile(folder, line, &square));
            [picture].into_iter().chain(maps).collect()
        }
        Err(error) => {
            words = format!("{words} · {error}");
            Vec::new()
        }
    };
    Card { picture: name, words, tiles }
}

/// What the model makes of a picture, and what it is labelled with.
fn said(head: &Head, lines: &[Line], seen: &Seen) -> String {
    let said = |number: f32| answer(head.head.answer(number));
    let mut parts = vec![format!("{} {}", seen.predicted, said(seen.answer))];
    if let Some(label) = lines[0].label.as_ref().filter(|_| lines[0].label_class.is_some()) {
        let class = lines[0].label_class.and_then(|class| head.classes.get(class)).unwrap_or(label);
        let own = seen.label_answer.map(said).unwrap_or_default();
        parts.push(if lines[0].is_wrong() == Some(true) {
            format!("labelled {class} {own}")
        } else {
            "as it is labelled".to_owned()
        });
    }
    if seen.explained_class != seen.predicted_class {
        parts.push(format!("explained: {}", seen.explained));
    }
    parts.join(" · ")
}

fn tile(folder: &Path, line: &Line, square: &RgbImage) -> Option<Tile> {
    let (method, result) = (line.method.as_ref()?, line.result.as_ref()?);
    if method == RANDOM {
        return None;
    }
    let title = title(method);
    let map = result.map.as_ref().filter(|map| is_map_name(&map.file));
    let saliency: Option<Saliency> = map.and_then(|map| {
        let (values, rows) = read_npy(&folder.join(&map.file)).ok()?;
        Some(map.saliency(values, rows))
    });
    let picture = saliency.as_ref().map(|saliency| overlaid(square, saliency, Style::default()));
    let difference =
        Quantity::Difference.of(result).map(|difference| format!("ins − del {}", signed(&score(difference))));
    let chance = (result.is_better_than_random == Some(false)).then(|| "no better than a random order".to_owned());
    let nothing = match (result.found, &saliency) {
        (false, _) => Some("found nothing".to_owned()),
        // Without words the picture alone would look like a map that is empty.
        (true, None) => Some("its map cannot be read".to_owned()),
        (true, Some(_)) => None,
    };
    let caption: Vec<String> = [nothing, difference, chance].into_iter().flatten().collect();
    Some(Tile {
        alt: format!("What {title} finds important"),
        title,
        picture: jpeg_uri(picture.as_ref().unwrap_or(square)),
        caption: caption.join(" · "),
    })
}
