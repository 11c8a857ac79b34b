//! What stands below a tile: a line of numbers, and a line of what follows from them beside the map's legend.

use egui::{Align2, Rect, Role, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo, pos2};

use crate::{
    app::{
        jobs::drawing::Here,
        numbers,
        state::{old::Old, tiles::Tile, titles},
        theme,
        ui::widgets::painting,
    },
    imaging::Colormap,
};

/// Width and height of the colours below a map, in points.
const COLOR_BAR: Vec2 = Vec2::new(36.0, 6.0);

/// The least width of these colours: they are still told apart.
const MIN_COLOR_BAR: f32 = 16.0;

/// What is written below a tile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Caption {
    /// Names with their numbers: the first line.
    pub numbers: Vec<(String, String)>,
    /// What stands on the second line, if something is to be warned of.
    pub warning: Option<String>,
    /// The second line otherwise, in fewer and fewer words.
    pub statements: Vec<String>,
    /// What is said besides the numbers where one points at them.
    pub more: Vec<String>,
    /// That they are of an earlier question, if they are.
    pub old: Option<String>,
    /// What the numbers are, where one points at them.
    pub says: Vec<String>,
}

impl Caption {
    /// The same, marked as of an earlier question if it is of one.
    pub fn of(self, old: Option<Old>) -> Self {
        Self { old: old.map(titles::old), ..self }
    }
}

/// What a map's colours mean, and what the place that is pointed at has.
pub struct Legend {
    /// The colours, if they are on the tile.
    pub colormap: Option<Colormap>,
    /// Whether they begin at the negative of the value at full strength, and not at 0.
    pub is_signed: bool,
    /// Whether the method tells what speaks against the class, whatever the colours.
    pub has_signs: bool,
    /// Whether the scale is one for all iterations.
    pub is_absolute: bool,
    /// The value at full strength.
    pub scale: f32,
    /// The share of the values that are above it, and drawn like it.
    pub cut: f32,
    /// What the place that is pointed at has.
    pub here: Option<Here>,
}

/// Draws names with their numbers, as many as there is room for; below them what follows from them, at the left, and the
/// map's legend at the right.
pub fn caption_ui(ui: &Ui, rect: Rect, tile: Tile, caption: &Caption, legend: Option<Legend>) {
    let visuals = ui.visuals();
    let middle = rect.top() + theme::CAPTION_LINE;
    let (mut left, mut below) = (rect.with_max_y(middle), rect.with_min_y(middle));
    if let Some(legend) = &legend {
        below.max.x = colors_ui(ui, below, tile, legend) - 2.0 * theme::SPACE;
    }
    // What is read stands at the left, always at the same place: above, in place of the numbers, where it would not
    // always fit beside the colours.
    let here = legend.as_ref().and_then(|legend| Some((legend.here?, legend)));
    let has_room = columns(ui).iter().sum::<f32>() <= below.width();
    if let Some((here, legend)) = here {
        here_ui(ui, if has_room { below } else { left }, tile, here, legend.has_signs);
    }
    let numbers = if here.is_some() && !has_room { &[][..] } else { &caption.numbers[..] };
    // What is of an earlier question steps back.
    let (plain, strong) = match caption.old {
        Some(_) => (visuals.weak_text_color(), visuals.weak_text_color()),
        None => (visuals.text_color(), visuals.strong_text_color()),
    };
    for pair in numbers {
        if pair_width(ui, pair) - 2.0 * theme::SPACE > left.width() {
            break;
        }
        let (name, number) = pair;
        let place = painting::text(ui, left, Align2::LEFT_CENTER, name.as_str(), TextStyle::Small, plain);
        left.min.x = place.right() + theme::SPACE;
        let place = painting::text(ui, left, Align2::LEFT_CENTER, number.as_str(), TextStyle::Body, strong);
        left.min.x = place.right() + 2.0 * theme::SPACE;
    }
    if !caption.numbers.is_empty() {
        spoken_ui(ui, rect, ("caption", tile), spoken(tile, caption), help(caption));
    }
    if here.is_some() && has_room {
        return;
    }
    let fits = |words: &&String| painting::width(ui, words, TextStyle::Small) <= below.width();
    let line = match caption.old.as_ref().or(caption.warning.as_ref()) {
        Some(warning) => Some((warning, visuals.warn_fg_color)),
        None => caption.statements.iter().find(fits).map(|words| (words, visuals.weak_text_color())),
    };
    if let Some((words, color)) = line {
        painting::text(ui, below, Align2::LEFT_CENTER, words.as_str(), TextStyle::Small, color);
    }
}

/// What is said where one points at the numbers: these, as there may be no room for all, and what is said besides.
fn help(caption: &Caption) -> Option<String> {
    let numbers = caption.numbers.iter().map(|(name, number)| format!("{name} {number}")).collect::<Vec<_>>();
    let lines = std::iter::once(numbers.join(", ")).chain(caption.more.iter().chain(&caption.says).cloned());
    (!caption.more.is_empty()).then(|| lines.collect::<Vec<_>>().join("\n"))
}

/// Everything that is written or hovered, in a sentence.
fn spoken(tile: Tile, caption: &Caption) -> String {
    let numbers = caption.numbers.iter().map(|(name, number)| format!("{name} {number}"));
    let all: Vec<String> = caption.old.iter().cloned().chain(numbers).chain(caption.more.iter().cloned()).collect();
    text!("caption-spoken", title = tile.title(), numbers = all.join(", "))
}

/// A label that is heard, for what is painted, with what is said where one points at it.
fn spoken_ui(ui: &Ui, rect: Rect, id: (&str, Tile), words: String, help: Option<String>) {
    let response = ui.interact(rect, ui.scope_id().with(id), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    if let Some(help) = help {
        response.on_hover_text(help);
    }
}

fn pair_width(ui: &Ui, (name, number): &(String, String)) -> f32 {
    painting::width(ui, name, TextStyle::Small) + painting::width(ui, number, TextStyle::Body) + 3.0 * theme::SPACE
}

/// The values at both ends of the colours.
fn ends(legend: &Legend) -> [String; 2] {
    let most = numbers::value(legend.scale);
    let is_cut = legend.cut > 0.0;
    match (legend.is_signed, is_cut) {
        (true, true) => [format!("≤ −{most}"), format!("≥ {most}")],
        (true, false) => [format!("−{most}"), format!("+{most}")],
        (false, true) => ["0".to_owned(), format!("≥ {most}")],
        (false, false) => ["0".to_owned(), most],
    }
}

/// What the colours mean, for whoever points at them.
fn colors_help(legend: &Legend) -> String {
    let most = numbers::value(legend.scale);
    let mut lines = vec![match (legend.is_signed, legend.is_absolute) {
        (true, _) => text!("colours-signed", most = most),
        (false, true) => text!("colours-absolute", most = most),
        (false, false) => text!("colours-largest", most = most),
    }];
    if legend.cut > 0.0 {
        lines.push(text!("colours-cut", share = numbers::share(legend.cut)));
    }
    if legend.has_signs && !legend.is_signed {
        lines.push(text!("colours-size", colormap = Colormap::BlueRed.name()));
    }
    lines.join("\n")
}

/// Draws the colours with what their ends are, at the right; gives their left edge. They are there however small the tile.
fn colors_ui(ui: &Ui, rect: Rect, tile: Tile, legend: &Legend) -> f32 {
    let Some(colormap) = legend.colormap else { return rect.right() };
    let weak = ui.visuals().weak_text_color();
    let [low, high] = ends(legend);
    // In a narrow tile the colours are shorter, and their beginning goes without saying.
    let room = rect.width() - painting::width(ui, &high, TextStyle::Small) - theme::SPACE;
    let low_width = painting::width(ui, &low, TextStyle::Small) + theme::SPACE;
    let low = if room >= low_width + MIN_COLOR_BAR { low } else { String::new() };
    let room = if low.is_empty() { room } else { room - low_width };
    let size = Vec2::new(room.clamp(MIN_COLOR_BAR, COLOR_BAR.x), COLOR_BAR.y);
    let place = painting::text(ui, rect, Align2::RIGHT_CENTER, high, TextStyle::Small, weak);
    let right = place.left() - theme::SPACE;
    let bar = Rect::from_center_size(pos2(right - size.x / 2.0, rect.center().y), size);
    painting::color_bar(ui.painter(), bar, colormap, legend.is_signed);
    let value = legend.here.map(|here| here.signed.filter(|_| legend.is_signed).unwrap_or(here.reading.value));
    if let Some(value) = value.filter(|_| legend.scale > 0.0) {
        let place = value / legend.scale;
        let place = if legend.is_signed { (place + 1.0) / 2.0 } else { place };
        let x = bar.left() + bar.width() * place.clamp(0.0, 1.0);
        let stroke = Stroke::new(theme::OUTLINE, ui.visuals().strong_text_color());
        ui.painter().vline(x, bar.y_range().expand(theme::OUTLINE), stroke);
    }
    let place = rect.with_max_x(bar.left() - theme::SPACE);
    let edge = painting::text(ui, place, Align2::RIGHT_CENTER, low, TextStyle::Small, weak).left();
    let help = colors_help(legend);
    let words = text!("colours-spoken", title = tile.title(), meaning = help.as_str());
    spoken_ui(ui, rect.with_min_x(edge), ("colours", tile), words, Some(help));
    edge
}

/// What a place has, piece by piece: its value, its rank, and how many others have them too.
fn pieces(here: Here, has_signs: bool) -> [String; 3] {
    let Here { reading, signed } = here;
    let sign = match signed.filter(|_| has_signs && reading.value > 0.0) {
        Some(signed) if signed < 0.0 => "−",
        Some(_) => "+",
        None => "",
    };
    let tied = if reading.tied > 0 { text!("here-tied", count = reading.tied) } else { String::new() };
    [format!("{sign}{}", numbers::value(reading.value)), text!("here-top", share = numbers::share(reading.share)), tied]
}

/// The widths of these pieces at their longest, so that none of them moves another.
fn columns(ui: &Ui) -> [f32; 3] {
    let longest = ["+0.0000".to_owned(), text!("here-top", share = "99.9 %"), text!("here-tied", count = 888)];
    longest.map(|words| painting::width(ui, &words, TextStyle::Small) + theme::SPACE)
}

/// Writes what the place that is pointed at has.
fn here_ui(ui: &Ui, rect: Rect, tile: Tile, here: Here, has_signs: bool) {
    let pieces = pieces(here, has_signs);
    let strong = ui.visuals().strong_text_color();
    let mut left = rect;
    for (words, width) in pieces.iter().zip(columns(ui)) {
        painting::text(ui, left, Align2::LEFT_CENTER, words.as_str(), TextStyle::Small, strong);
        left.min.x = (left.min.x + width).min(left.max.x);
    }
    let said: Vec<&str> = pieces.iter().map(String::as_str).filter(|words| !words.is_empty()).collect();
    let words = text!("caption-here-spoken", title = tile.title(), here = said.join(" · "));
    spoken_ui(ui, rect, ("here", tile), words, None);
}
