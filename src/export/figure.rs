//! The whole comparison as one figure: the picture, every method's map with its areas, the colours, and the curves.

use super::{
    ExportError, Style, curves, plot, random,
    svg::{Anchor, Color, Lettering, Point, STRONG, Svg, WEAK},
    tile, typeset, verdict, words,
};
use crate::{
    explain::{Finished, Run},
    imaging::Colormap,
};

/// Space around everything.
const MARGIN: f32 = 24.0;
/// Space between tiles.
const GAP: f32 = 20.0;
/// Side of a tile's picture: that of most models' input, so that none of its pixels is lost.
const TILE: f32 = 224.0;
/// Tiles in a row at most.
const MAX_COLUMNS: usize = 5;
/// Tiles in a row at least: the curves need as much room.
const MIN_COLUMNS: usize = 3;
/// Height of a tile's title.
const TITLE: f32 = 24.0;
/// Lines below a tile.
const CAPTION_LINES: usize = 2;
/// Height of the lines below a tile.
const CAPTION: f32 = 7.0 + CAPTION_LINES as f32 * SMALL_LINE;
/// Height of the figure's heading.
const HEADING: f32 = 56.0;
/// Height of the bar of colours with its words and the spaces above and below it.
const COLORS: f32 = 40.0;
/// Width and height of the bar of colours.
const COLOR_BAR: Point = [TILE, 8.0];
/// Height of a line of small print.
const SMALL_LINE: f32 = 15.0;
/// Size of the heading's letters.
const LARGE: f32 = 18.0;
/// Size of titles' letters.
const NORMAL: f32 = 14.0;
/// Size of all other letters.
const SMALL: f32 = 11.5;

/// The figure, as SVG: its tiles as they are shown in a style. Its pictures have `scale` pixels a unit.
///
/// # Errors
/// A tile cannot be drawn.
pub fn figure(run: &Run, style: Style, scale: u32) -> Result<String, ExportError> {
    let tiles = 1 + run.methods.len();
    let rows = tiles.div_ceil(MAX_COLUMNS);
    // Rows of one length, as far as that can be.
    let columns = tiles.div_ceil(rows).max(MIN_COLUMNS);
    let (across, rows) = (columns as f32, rows as f32);
    let room = across.mul_add(TILE, (across - 1.0) * GAP);
    let row = TITLE + TILE + CAPTION;
    let tiles_end = MARGIN + HEADING + rows.mul_add(row, (rows - 1.0) * GAP);
    let chart_scale = (room - GAP) / 2.0 / plot::SIZE[0];
    let charts_at = tiles_end + COLORS;
    // Where nothing was found there are neither colours nor curves.
    let is_found = run.methods.iter().any(Finished::is_found);
    let notes_at = if is_found { plot::SIZE[1].mul_add(chart_scale, charts_at) } else { tiles_end } + GAP / 2.0;
    let notes = notes(run, style, room);
    let height = (notes.len() as f32).mul_add(SMALL_LINE, notes_at) + MARGIN;

    let mut svg = Svg::new([2.0_f32.mul_add(MARGIN, room), height.ceil()]);
    heading(&mut svg, run, room);
    let enlarged = scale * (TILE as u32).div_ceil(run.input.size.longer().max(1) as u32).max(1);
    let picture = tile::plain(run, style, enlarged);
    let place = |number: usize| {
        let (column, row_number) = ((number % columns) as f32, (number / columns) as f32);
        [column.mul_add(TILE + GAP, MARGIN), row_number.mul_add(row + GAP, MARGIN + HEADING)]
    };
    let class = typeset::broken(&words::class(&run.class), SMALL, TILE);
    tile_at(&mut svg, place(0), ["Picture", "Picture"], &picture, &class);
    for (number, finished) in run.methods.iter().enumerate() {
        let map = tile::shown(run, finished, style, enlarged)?;
        let title = finished.explanation.method.title;
        let nothing = verdict::nothing(&finished.explanation);
        // An iteration has no areas: those are the result's.
        let iteration = style.iteration_of(&finished.explanation);
        let iteration = iteration.map(|iteration| {
            let said = words::said_of(iteration);
            std::iter::once(words::number(&finished.explanation, iteration)).chain(said).collect::<Vec<_>>()
        });
        let caption = match &nothing {
            Some(nothing) => typeset::broken(nothing, SMALL, TILE),
            None if iteration.is_some() => typeset::wrapped(&iteration.unwrap_or_default(), SMALL, TILE),
            None => typeset::wrapped(&verdict::areas(&finished.curves), SMALL, TILE),
        };
        let alt = nothing.map_or_else(|| title.to_owned(), |nothing| format!("{title} {nothing}"));
        tile_at(&mut svg, place(number + 1), [title, &alt], &map, &caption);
    }
    if is_found {
        if style.has_colors() {
            color_bar(&mut svg, [MARGIN, tiles_end + 14.0], style.colormap);
        }
        for (number, chart) in curves::charts(run).iter().enumerate() {
            let x = (number as f32).mul_add(plot::SIZE[0].mul_add(chart_scale, GAP), MARGIN);
            svg.drawing([x, charts_at], chart_scale, &chart.svg());
        }
    }
    for (number, line) in notes.iter().enumerate() {
        let y = (number as f32 + 0.8).mul_add(SMALL_LINE, notes_at);
        svg.text([MARGIN, y], lettering(SMALL, WEAK), line);
    }
    Ok(svg.finish())
}

fn heading(svg: &mut Svg, run: &Run, room: f32) {
    let name = super::folder_name(&run.image);
    let title = typeset::fitted(&format!("{name}: {}", words::question(run).join(" · ")), LARGE, room);
    svg.text([MARGIN, MARGIN + 16.0], lettering(LARGE, STRONG), &title);
    let by = typeset::fitted(&format!("{} on {}", words::model(&run.model), run.device), SMALL, room);
    svg.text([MARGIN, MARGIN + 36.0], lettering(SMALL, WEAK), &by);
}

/// A picture with its title above it, its name for those who cannot see it, and lines below it.
fn tile_at(svg: &mut Svg, [x, y]: Point, [title, alt]: [&str; 2], picture: &image::RgbImage, caption: &[String]) {
    svg.text([x, y + TITLE - 8.0], lettering(NORMAL, STRONG), title);
    svg.picture_within([x, y + TITLE], [TILE; 2], alt, picture);
    for (number, line) in caption.iter().take(CAPTION_LINES).enumerate() {
        svg.text([x, (number as f32).mul_add(SMALL_LINE, y + TITLE + TILE + 15.0)], lettering(SMALL, WEAK), line);
    }
}

/// The colours from the least to the most important, with words at both ends.
fn color_bar(svg: &mut Svg, [x, y]: Point, colormap: Colormap) {
    let [width, height] = COLOR_BAR;
    let strip = image::RgbImage::from_fn(256, 1, |x, _| image::Rgb(colormap.rgb(x as f32 / 255.0)));
    svg.picture([x, y], COLOR_BAR, "Colours", &strip);
    let below = y + height + 13.0;
    let words = lettering(SMALL, WEAK);
    svg.text([x, below], words, "less important");
    svg.text([x + width, below], Lettering { anchor: Anchor::End, ..words }, "more important");
}

/// Words that begin at their place.
fn lettering(size: f32, color: Color) -> Lettering {
    Lettering { size, color, anchor: Anchor::Start }
}

/// What the curves say of every method beside its areas, its main parameters, and what the areas are to be held
/// against, in lines that fit.
fn notes(run: &Run, style: Style, room: f32) -> Vec<String> {
    let line = |title: &str, mut parts: Vec<String>| {
        match parts.first_mut() {
            Some(first) => *first = format!("{title}: {first}"),
            None => parts.push(title.to_owned()),
        }
        typeset::wrapped(&parts, SMALL, room)
    };
    let of = |finished: &Finished| {
        let explanation = &finished.explanation;
        let said = verdict::remedy(explanation).into_iter().chain(verdict::details(run, finished));
        line(explanation.method.title, said.chain(words::main_parameters(explanation)).collect())
    };
    let mut notes = match style.words() {
        words if words.is_empty() => Vec::new(),
        words => line("Maps", words),
    };
    notes.extend(run.methods.iter().flat_map(of));
    if !run.random.curves.is_empty() {
        let parts = [vec![random::count(&run.random)], random::words(&run.random)].concat();
        notes.extend(line(random::TITLE, parts));
    }
    if run.methods.iter().any(Finished::is_found) {
        notes.extend(typeset::wrapped(&verdict::of_baseline(run), SMALL, room));
    }
    notes
}
