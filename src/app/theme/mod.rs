//! Every colour and distance of the window, and the style that egui draws its widgets in.

use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, Theme, ThemePreference, Vec2,
    Visuals,
};

use super::state::appearance::{Appearance, ThemeChoice};
use crate::{
    explain::{Method, Shade},
    export,
};

/// Space between tiles, and between the wall and the charts, in points.
pub const GAP: f32 = 12.0;
/// Space between things on one line, in points.
pub const SPACE: f32 = 6.0;
/// Width of the outline of what is selected or pointed at, in points.
pub const OUTLINE: f32 = 2.0;
/// Width of the mark at the explained class, and height of the progress under a thumbnail, in points.
pub const BAR: f32 = 3.0;
/// Size of the words that stand alone in the window, in points.
pub const HEADLINE: f32 = 26.0;
/// Height of a tile's title, in points.
pub const TILE_TITLE: f32 = 24.0;
/// Height of the first line below a tile, of numbers, in points.
pub const CAPTION_LINE: f32 = 22.0;
/// Height of both lines below a tile, in points.
pub const TILE_CAPTION: f32 = CAPTION_LINE + 17.0;
/// Height of a chart's title, in points: in line with a tile's.
pub const CHART_TITLE: f32 = TILE_TITLE;
/// Radius of a dot on a curve, in points.
pub const CURVE_DOT: f32 = 3.0;
/// Radius of a ring around a point of a curve, in points.
pub const CURVE_RING: f32 = 4.5;
/// Width of the line at the iteration on the wall, in points.
pub const THIN: f32 = 1.0;
/// Height of a row in the list of classes, in points.
pub const CLASS_ROW: f32 = 22.0;
/// Size of the dot that shows a method's colour, in points.
pub const DOT: f32 = 8.0;
/// Width of the lines around the most important cells, in points.
pub const CONTOUR: f32 = 1.75;
/// Greatest height of a menu of numbers, in points: the rest scrolls.
pub const MENU_HEIGHT: f32 = 320.0;
/// Width of the progress bar while a run is saved, in points.
pub const SAVING_WIDTH: f32 = 72.0;
/// Height of the progress bar, in points.
pub const PROGRESS_HEIGHT: f32 = 6.0;
/// Room beside a list for its scroll bar, which would otherwise lie over what can be clicked, in points.
pub const SCROLL_BAR: f32 = 10.0;
/// Rounded corners of pictures and frames.
pub const CORNER: CornerRadius = CornerRadius::same(3);
/// How much a picture is darkened while its map is not there yet, or where the model does not see it.
pub const SCRIM: Color32 = Color32::from_black_alpha(150);
/// Behind words on a picture.
pub const TAG_FILL: Color32 = Color32::from_black_alpha(175);
/// Text on [`SCRIM`].
pub const ON_SCRIM: Color32 = Color32::from_gray(235);
/// The outline of the part the model sees, and the cross in every tile: seen on any picture with its dark edge.
pub const MARK: Color32 = Color32::WHITE;
/// The dark edge of [`MARK`].
pub const MARK_EDGE: Color32 = Color32::from_black_alpha(160);
/// The edge of a handle.
pub const HANDLE_EDGE: Stroke = Stroke { width: 1.0, color: MARK_EDGE };
/// The lines of [`MARK`], the lower one first.
pub const MARK_STROKES: [Stroke; 2] = [Stroke { width: 3.0, color: MARK_EDGE }, Stroke { width: 1.0, color: MARK }];
/// Behind the words “Drop pictures to explain them”.
pub const DROP_SCRIM: Color32 = Color32::from_black_alpha(190);

// The lines' colours are those of Okabe and Ito (2008), which people with any kind of colour vision tell apart;
// the ones here also stand out from a dark and from a light panel.
const ORANGE: Color32 = Color32::from_rgb(230, 159, 0);
const GREEN: Color32 = Color32::from_rgb(0, 158, 115);
const VERMILLION: Color32 = Color32::from_rgb(213, 94, 0);
const BLUE: Color32 = Color32::from_rgb(90, 110, 235);

/// The colour of random orders' curves, which are no method's.
pub const RANDOM: Color32 = Color32::from_gray(140);
/// How much of [`RANDOM`] the band around their line has.
pub const RANDOM_BAND: f32 = 0.25;

/// The colour of a method, on pictures and on dark grounds.
pub fn method_color(method: &'static Method) -> Color32 {
    let [red, green, blue] = method.color;
    Color32::from_rgb(red, green, blue)
}

/// A line's colour as it is drawn on a panel or the wall: with less light where they are light.
pub fn on_ground(color: Color32, visuals: &Visuals) -> Color32 {
    if visuals.dark_mode {
        return color;
    }
    let [red, green, blue, _] = color.to_array();
    let [red, green, blue] = export::on_light([red, green, blue]);
    Color32::from_rgb(red, green, blue)
}

/// The colour of a line of a chart over iterations.
pub fn shade(shade: Shade, visuals: &Visuals) -> Color32 {
    match shade {
        Shade::Strong => visuals.strong_text_color(),
        Shade::First => on_ground(VERMILLION, visuals),
        Shade::Second => on_ground(BLUE, visuals),
        Shade::Third => on_ground(GREEN, visuals),
        Shade::Faint => on_ground(ORANGE, visuals),
    }
}

/// The colour of an error's text.
pub fn error_color(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(255, 138, 128) } else { Color32::from_rgb(176, 0, 32) }
}

/// Behind an error's text.
pub fn error_fill(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(58, 24, 26) } else { Color32::from_rgb(253, 232, 232) }
}

/// What is selected, explained or in progress.
pub fn accent(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(76, 141, 255) } else { Color32::from_rgb(20, 100, 220) }
}

/// The class that another one is explained rather than.
pub fn against(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { ORANGE } else { on_ground(VERMILLION, visuals) }
}

/// The mark at what is a guess.
pub fn guess(visuals: &Visuals) -> Color32 {
    against(visuals)
}

/// What cannot be asked for now.
pub fn impossible(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_gray(110) } else { Color32::from_gray(150) }
}

/// Keys in the sheet of shortcuts.
pub fn keys_color(visuals: &Visuals) -> Color32 {
    visuals.strong_text_color()
}

/// The bar behind a class's name, as long as its probability.
pub fn probability_fill(visuals: &Visuals, explained: bool) -> Color32 {
    match (visuals.dark_mode, explained) {
        (true, true) => Color32::from_rgb(29, 62, 122),
        (true, false) => Color32::from_gray(48),
        (false, true) => Color32::from_rgb(182, 210, 255),
        (false, false) => Color32::from_gray(224),
    }
}

/// The grid of a chart: there when it is looked for.
pub fn grid_color(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_gray(38) } else { Color32::from_gray(228) }
}

/// Behind the wall: darker than the panels, so that the pictures come forward.
pub fn wall_fill(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_gray(14) } else { Color32::from_gray(255) }
}

/// The frame of a panel.
pub fn panel_frame(visuals: &Visuals) -> egui::Frame {
    egui::Frame::new().fill(visuals.panel_fill).inner_margin(Margin::symmetric(10, 8))
}

/// The frame of a one-line bar.
pub fn bar_frame(visuals: &Visuals) -> egui::Frame {
    egui::Frame::new().fill(visuals.panel_fill).inner_margin(Margin::symmetric(10, 5))
}

/// Lets the window be dark or light and as large as the user wants it.
pub fn follow(ctx: &Context, appearance: Appearance) {
    ctx.set_theme(match appearance.theme {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark => ThemePreference::Dark,
    });
    ctx.set_zoom_factor(appearance.zoom);
}

/// Gives egui this window's fonts sizes, distances and greys, in dark and in light.
pub fn apply(ctx: &Context) {
    // The zoom is among the commands, and is kept.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    ctx.all_styles_mut(|style| {
        style.text_styles = [
            (TextStyle::Small, FontId::new(11.0, FontFamily::Proportional)),
            (TextStyle::Body, FontId::new(13.0, FontFamily::Proportional)),
            (TextStyle::Button, FontId::new(13.0, FontFamily::Proportional)),
            (TextStyle::Heading, FontId::new(18.0, FontFamily::Proportional)),
            (TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace)),
        ]
        .into();
        style.spacing.item_spacing = Vec2::new(8.0, 5.0);
        style.spacing.button_padding = Vec2::new(8.0, 3.0);
        style.spacing.interact_size.y = 22.0;
        style.visuals.slider_trailing_fill = false;
        // A thin bar says that there is more, without a pointer on it.
        style.spacing.scroll.dormant_handle_opacity = 0.5;
        style.visuals.window_corner_radius = CornerRadius::same(6);
        style.visuals.menu_corner_radius = CornerRadius::same(6);
        for widget in [
            &mut style.visuals.widgets.noninteractive,
            &mut style.visuals.widgets.inactive,
            &mut style.visuals.widgets.hovered,
            &mut style.visuals.widgets.active,
            &mut style.visuals.widgets.open,
        ] {
            widget.corner_radius = CornerRadius::same(4);
        }
    });
    ctx.style_mut_of(Theme::Dark, |style| {
        let visuals = &mut style.visuals;
        visuals.panel_fill = Color32::from_gray(23);
        visuals.window_fill = Color32::from_gray(28);
        visuals.faint_bg_color = Color32::from_gray(30);
        visuals.widgets.noninteractive.fg_stroke = Stroke::new(1.0, Color32::from_gray(190));
        visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, Color32::from_gray(42));
        visuals.weak_text_color = Some(Color32::from_gray(140));
        visuals.widgets.inactive.weak_bg_fill = Color32::from_gray(42);
        visuals.selection.bg_fill = Color32::from_rgb(36, 84, 168);
        visuals.selection.stroke = Stroke::new(1.0, Color32::from_rgb(214, 228, 255));
    });
    ctx.style_mut_of(Theme::Light, |style| {
        let visuals = &mut style.visuals;
        visuals.panel_fill = Color32::from_gray(246);
        visuals.widgets.noninteractive.fg_stroke = Stroke::new(1.0, Color32::from_gray(50));
        visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, Color32::from_gray(214));
        visuals.weak_text_color = Some(Color32::from_gray(100));
        visuals.faint_bg_color = Color32::from_gray(236);
        // A box that is not ticked and a slider's rail are seen.
        visuals.widgets.inactive.bg_fill = Color32::from_gray(205);
        visuals.selection.bg_fill = Color32::from_rgb(176, 208, 255);
        visuals.selection.stroke = Stroke::new(1.0, Color32::from_rgb(10, 60, 140));
    });
}

#[cfg(test)]
mod contrast;
