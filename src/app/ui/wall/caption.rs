//! What stands below a tile: a line of numbers, and a line of what follows from them beside the map's legend.

use egui::{Align2, Rect, Role, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo, pos2};

use crate::{
    app::{numbers, state::tiles::Tile, theme, ui::widgets::painting},
    imaging::Colormap,
};

/// Width and height of the colours below a map, in points.
const COLOR_BAR: Vec2 = Vec2::new(36.0, 6.0);

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
    /// What the numbers are, where one points at them.
    pub says: Vec<String>,
}

/// What a map's colours mean, and what the place that is pointed at has.
pub struct Legend {
    /// The colours, if they are on the tile.
    pub colormap: Option<Colormap>,
    /// Whether they begin at the negative of the value at full strength, and not at 0.
    pub is_signed: bool,
    /// The value at full strength.
    pub scale: f32,
    /// The value at the place that is pointed at, and the share of the map's cells that are as important, in `(0, 1]`.
    pub here: Option<(f32, f32)>,
}

/// Draws names with their numbers, as many as there is room for; below them what follows from them, at the left, and the
/// map's legend at the right.
pub fn caption_ui(ui: &Ui, rect: Rect, tile: Tile, caption: &Caption, legend: Option<Legend>) {
    let visuals = ui.visuals();
    let middle = rect.top() + theme::CAPTION_LINE;
    let (mut left, mut below) = (rect.with_max_y(middle), rect.with_min_y(middle));
    for pair in &caption.numbers {
        if pair_width(ui, pair) - 2.0 * theme::SPACE > left.width() {
            break;
        }
        let (name, number) = pair;
        let place =
            painting::text(ui, left, Align2::LEFT_CENTER, name.as_str(), TextStyle::Small, visuals.text_color());
        left.min.x = place.right() + theme::SPACE;
        let strong = visuals.strong_text_color();
        let place = painting::text(ui, left, Align2::LEFT_CENTER, number.as_str(), TextStyle::Body, strong);
        left.min.x = place.right() + 2.0 * theme::SPACE;
    }
    if !caption.numbers.is_empty() {
        spoken_ui(ui, rect, ("caption", tile), spoken(tile, caption), help(caption));
    }
    if let Some(legend) = legend {
        let right = Rect::from_min_max(below.min, rect.max);
        below.max.x = legend_ui(ui, right, tile, &legend) - 2.0 * theme::SPACE;
    }
    let fits = |words: &&String| painting::width(ui, words, TextStyle::Small) <= below.width();
    let line = match &caption.warning {
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
    let all: Vec<String> = numbers.chain(caption.more.iter().cloned()).collect();
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

/// What is written at the left and at the right of the colours.
fn words(legend: &Legend) -> (String, String) {
    match legend.here {
        Some((value, share)) => {
            let here = text!("caption-here", value = numbers::value(value), share = numbers::share(share));
            (String::new(), here)
        }
        None if legend.colormap.is_some() => {
            let least = if legend.is_signed { -legend.scale } else { 0.0 };
            (numbers::value(least), numbers::value(legend.scale))
        }
        None => (String::new(), String::new()),
    }
}

/// Draws the legend and gives its left edge.
fn legend_ui(ui: &Ui, rect: Rect, tile: Tile, legend: &Legend) -> f32 {
    let weak = ui.visuals().weak_text_color();
    let (low, high) = words(legend);
    let color = if legend.here.is_some() { ui.visuals().strong_text_color() } else { weak };
    let place = painting::text(ui, rect, Align2::RIGHT_CENTER, high.as_str(), TextStyle::Small, color);
    let mut edge = place.left();
    if let Some(colormap) = legend.colormap {
        let right = edge - theme::SPACE;
        let bar = Rect::from_center_size(pos2(right - COLOR_BAR.x / 2.0, rect.center().y), COLOR_BAR);
        painting::color_bar(ui.painter(), bar, colormap, legend.is_signed);
        if let Some((value, _)) = legend.here.filter(|_| legend.scale > 0.0) {
            let place = value / legend.scale;
            let place = if legend.is_signed { (place + 1.0) / 2.0 } else { place };
            let x = bar.left() + bar.width() * place.clamp(0.0, 1.0);
            let stroke = Stroke::new(theme::OUTLINE, ui.visuals().strong_text_color());
            ui.painter().vline(x, bar.y_range().expand(theme::OUTLINE), stroke);
        }
        let place = rect.with_max_x(bar.left() - theme::SPACE);
        edge = painting::text(ui, place, Align2::RIGHT_CENTER, low, TextStyle::Small, weak).left();
    }
    if legend.here.is_some() {
        let words = text!("caption-here-spoken", title = tile.title(), here = high);
        spoken_ui(ui, rect.with_min_x(edge), ("here", tile), words, None);
    }
    edge
}
