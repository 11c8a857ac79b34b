//! The line of numbers below a tile.

use egui::{Align2, Rect, Role, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo, pos2};

use crate::{
    app::{numbers, state::tiles::Tile, theme, ui::widgets::painting},
    imaging::Colormap,
};

/// Width and height of the colours below a map, in points.
const COLOR_BAR: Vec2 = Vec2::new(36.0, 6.0);

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

/// Draws names with their numbers at the left, as many as there is room for, and the map's legend at the right.
pub fn caption_ui(ui: &Ui, rect: Rect, tile: Tile, pairs: &[(String, String)], legend: Option<Legend>) {
    let visuals = ui.visuals();
    let mut left = rect;
    // What is pointed at comes first: a legend that has nothing to say now gives way to the numbers.
    let wanted = legend.filter(|legend| {
        let pairs: f32 = pairs.iter().map(|pair| pair_width(ui, pair)).sum();
        legend.here.is_some() || legend_width(ui, legend) + pairs < rect.width()
    });
    if let Some(legend) = wanted {
        left.max.x = legend_ui(ui, rect, tile, &legend) - 2.0 * theme::SPACE;
    }
    for pair in pairs {
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
    if !pairs.is_empty() {
        let spoken: Vec<String> = pairs.iter().map(|(name, number)| format!("{name} {number}")).collect();
        let words = text!("caption-spoken", title = tile.title(), numbers = spoken.join(", "));
        spoken_ui(ui, rect, ("caption", tile), words);
    }
}

/// A label that is heard, for what is painted.
fn spoken_ui(ui: &Ui, rect: Rect, id: (&str, Tile), words: String) {
    let response = ui.interact(rect, ui.scope_id().with(id), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
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

fn legend_width(ui: &Ui, legend: &Legend) -> f32 {
    let (low, high) = words(legend);
    let [low, high] = [low, high].map(|word| painting::width(ui, &word, TextStyle::Small));
    let bar = if legend.colormap.is_some() { COLOR_BAR.x + 2.0 * theme::SPACE } else { 0.0 };
    low + bar + high
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
        spoken_ui(ui, rect.with_min_x(edge), ("here", tile), words);
    }
    edge
}
