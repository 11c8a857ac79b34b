//! The panel that changes how the wall is drawn.

use std::cell::Cell;

use egui::{
    Button, Checkbox, ComboBox, Layout, PopupCloseBehavior, Rect, ScrollArea, Sense, Shape, Slider, Stroke, Ui, Vec2,
    containers::menu::{MenuButton, MenuConfig},
};

use crate::{
    app::{
        numbers,
        state::{
            State,
            action::Action,
            chart::shares,
            tiles::Tile,
            titles,
            view_options::{Style, ViewOptions},
        },
        theme,
        ui::widgets::{
            icons::{Icon, icon},
            painting, rows,
        },
        words,
    },
    explain::{Change, Family, Method, methods},
    imaging::Colormap,
};

/// Width and height of a colour map's sample in a menu, in points.
const COLOR_SAMPLE: Vec2 = Vec2::new(64.0, 12.0);
/// Width and height of a mark below a slider, in points.
const MARK_HEIGHT: f32 = 6.0;
/// What of a slider's rail cannot be reached at both ends, in points.
const MARK_MARGIN: f32 = 6.0;
/// The most of the window's height that the list of tiles takes.
const TILES_ROOM: f32 = 0.6;
/// Styles in a row of buttons.
const COLUMNS: usize = 3;

/// The panel that changes how the wall is drawn. `zoomed` says whether there is a zoom to reset.
pub fn view_ui(ui: &mut Ui, state: &State, zoomed: bool, actions: &mut Vec<Action>) {
    let default = ViewOptions::default();
    let mut view = state.view.clone();
    ui.horizontal(|ui| {
        ui.strong(text!("view"));
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.add_enabled(state.view != default || zoomed, Button::new(text!("view-reset")).small()).clicked() {
                actions.push(Action::ResetView);
            }
            ui.checkbox(&mut view.charts, text!("view-charts")).on_hover_text(text!("view-charts", "help"));
            // Open until the user clicks beside it: several tiles can be changed at once.
            let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
            let button = Button::new((text!("view-tiles"), icon(Icon::Menu))).small();
            MenuButton::from_button(button).config(config).ui(ui, |ui| tiles_ui(ui, state, actions));
        });
    });
    styles_ui(ui, &mut view);
    ui.horizontal(|ui| {
        let label = rows::name_ui(ui, &text!("view-colormap"), "", view.colormap == default.colormap);
        rows::fill_row(ui);
        ui.add_enabled_ui(view.style.has_colors(), |ui| {
            let width = ui.spacing().combo_width;
            let combo = ComboBox::from_id_salt("colour map").width(width).height(theme::MENU_HEIGHT);
            let combo = combo.selected_text(view.colormap.name());
            let combo = combo.show_ui(ui, |ui| {
                for colormap in Colormap::ALL {
                    colormap_ui(ui, colormap, &mut view.colormap);
                }
            });
            combo.response.labelled_by(label.id);
        });
    });
    // One row for what the style depends on: the panel does not jump.
    if view.style.has_share() {
        let marks: Vec<_> = shares(state, view.style.judged_by()).collect();
        let name = ShareName { name: text!("view-share"), symbol: "k", help: share_help(view.style, &marks) };
        let rail = percent_ui(ui, &name, &mut view.share, default.share, true, actions);
        marks_ui(ui, rail, &marks);
    } else {
        let enabled = view.style != Style::Heatmap;
        let name = ShareName { name: text!("view-opacity"), symbol: "", help: text!("view-opacity", "help") };
        percent_ui(ui, &name, &mut view.opacity, default.opacity, enabled, actions);
    }
    if view != state.view {
        actions.push(Action::SetViewOptions(Box::new(view)));
    }
}

/// Which tiles are on the wall: the picture, and the methods by their kinds. A method that comes there is run.
fn tiles_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let room = ui.ctx().content_rect().height() * TILES_ROOM;
    ScrollArea::vertical().max_height(room).show(ui, |ui| {
        tile_ui(ui, state, Tile::Original, actions);
        for family in Family::ALL {
            let mut of_it = methods().iter().copied().filter(|method| method.family == family).peekable();
            if of_it.peek().is_some() {
                ui.add_space(theme::SPACE);
                ui.weak(titles::family(family));
            }
            for method in of_it {
                tile_ui(ui, state, Tile::Method(method), actions);
            }
        }
    });
}

fn tile_ui(ui: &mut Ui, state: &State, tile: Tile, actions: &mut Vec<Action>) {
    let mut shown = state.tiles.has(tile);
    // The last one stays.
    let enabled = !shown || state.tiles.shown() > 1;
    let checkbox = Checkbox::new(&mut shown, text!("view-show-tile", title = tile.title()));
    let response = ui.add_enabled(enabled, checkbox);
    if response.changed() {
        actions.push(Action::ToggleTile(tile));
    }
    if let Tile::Method(method) = tile {
        response.on_hover_text(words::method_help(method));
    }
}

/// The styles as buttons of the same width.
fn styles_ui(ui: &mut Ui, view: &mut ViewOptions) {
    ui.spacing_mut().item_spacing.y = 3.0;
    for row in Style::ALL.chunks(COLUMNS) {
        ui.columns(COLUMNS, |columns| {
            for (ui, &style) in columns.iter_mut().zip(row) {
                let size = Vec2::new(ui.available_width(), ui.spacing().interact_size.y);
                let button = Button::selectable(view.style == style, style.title()).min_size(size);
                if ui.add(button).on_hover_text(style.help()).clicked() {
                    view.style = style;
                }
            }
        });
    }
}

/// A colour map with its colours, to be chosen.
fn colormap_ui(ui: &mut Ui, colormap: Colormap, chosen: &mut Colormap) {
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(COLOR_SAMPLE, Sense::hover());
        painting::color_bar(
            ui.painter(),
            Rect::from_center_size(rect.center(), COLOR_SAMPLE),
            colormap,
            colormap.is_signed(),
        );
        ui.selectable_value(chosen, colormap, colormap.name());
    });
}

/// What a share is called, and what it is.
struct ShareName {
    name: String,
    symbol: &'static str,
    help: String,
}

/// What the top share is, and which shares are enough by each method's curves.
fn share_help(style: Style, marks: &[(&'static Method, f32)]) -> String {
    let help = text!("view-share", "help");
    if marks.is_empty() {
        return help;
    }
    let head = match style.judged_by() {
        Change::Insertion => text!("view-share-keeps"),
        Change::Deletion => text!("view-share-halves"),
    };
    let share = |(method, share): &(&'static Method, f32)| format!("{} {}", method.title, numbers::share(*share));
    let shares: Vec<String> = marks.iter().map(share).collect();
    format!("{help}\n{head} {}", shares.join(" · "))
}

/// Marks below the rail of a slider of shares, each in its method's colour.
fn marks_ui(ui: &Ui, rail: Rect, marks: &[(&'static Method, f32)]) {
    // As egui draws it: a handle's radius is free at both ends.
    let rail = rail.shrink2(Vec2::new(MARK_MARGIN, 0.0));
    for (method, share) in marks {
        let tip = egui::pos2(egui::lerp(rail.x_range(), *share), rail.bottom() - MARK_HEIGHT);
        let half = MARK_HEIGHT / 2.0;
        let corners = vec![tip, tip + Vec2::new(half, MARK_HEIGHT), tip + Vec2::new(-half, MARK_HEIGHT)];
        let color = theme::on_ground(theme::method_color(method), ui.visuals());
        ui.painter().add(Shape::convex_polygon(corners, color, Stroke::NONE));
    }
}

/// A share of something, in percent. Returns where its slider's rail is.
fn percent_ui(
    ui: &mut Ui,
    share: &ShareName,
    value: &mut f32,
    default: f32,
    enabled: bool,
    actions: &mut Vec<Action>,
) -> Rect {
    let row = ui.horizontal(|ui| {
        let label = rows::name_ui(ui, &share.name, share.symbol, *value == default).on_hover_text(&share.help);
        rows::fill_row(ui);
        let percent = |value: f64, _| format!("{:.0} %", value * 100.0);
        let typed = Cell::new(None);
        let parse = |text: &str| {
            typed.set(numbers::parsed(text));
            typed.get().map(|percent| percent / 100.0)
        };
        let slider = Slider::new(value, 0.0..=1.0).update_while_editing(false);
        let slider = slider.custom_formatter(percent).custom_parser(parse);
        let slider = ui.add_enabled(enabled, slider).labelled_by(label.id).on_hover_text(&share.help).rect;
        let became = (f64::from(*value) * 100.0).round();
        actions.extend(rows::bounded(&share.name, typed.take(), became, true).map(Action::Say));
        slider.with_max_x(slider.left() + ui.spacing().slider_width)
    });
    row.inner
}
