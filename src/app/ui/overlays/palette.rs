//! The palette: any command by some letters of its name. Arrows choose, Enter does it, Escape leaves.

use std::cmp::Reverse;

use egui::{
    Align2, Color32, Id, Modal, Role, ScrollArea, Sense, TextEdit, TextFormat, TextStyle, Ui, Vec2, WidgetInfo,
    text::LayoutJob,
};

use crate::app::{
    commands::{Command, Desk, commands, shortcuts},
    state::{action::Action, palette_query::PaletteQuery},
    theme,
    ui::widgets::{list_keys::ListKeys, painting},
};

/// Height of a command in the palette, in points.
const PALETTE_ROW: f32 = 24.0;
/// Room above the palette, in points: it hangs from the bar at the top.
const PALETTE_TOP: f32 = 64.0;
/// Width of the palette of commands, in points.
const PALETTE_WIDTH: f32 = 520.0;
/// The most rows that are shown before they scroll.
const ROWS: usize = 12;

/// A command that was found, and the letters of its title that were typed.
struct Found {
    command: Command,
    letters: Vec<usize>,
}

/// Draws the palette over the window.
pub fn palette_ui(ui: &Ui, desk: Desk<'_>, query: &mut PaletteQuery, actions: &mut Vec<Action>) {
    let area = Modal::default_area(Id::unique("palette")).anchor(Align2::CENTER_TOP, Vec2::new(0.0, PALETTE_TOP));
    let again = shortcuts::PALETTE.iter().any(|own| ui.input_mut(|input| input.consume_shortcut(&own.keys)));
    let modal = Modal::new(Id::unique("palette")).area(area).backdrop_color(Color32::TRANSPARENT);
    let width = PALETTE_WIDTH.min(ui.ctx().content_rect().width() - 4.0 * theme::GAP);
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(width);
        content_ui(ui, desk, query)
    });
    let asked = shown.inner.clone();
    if asked.is_some() || again || shown.should_close() {
        actions.push(Action::Uncover);
        actions.extend(asked);
    }
}

/// The field and the list; what is asked for, if something is.
fn content_ui(ui: &mut Ui, desk: Desk<'_>, query: &mut PaletteQuery) -> Option<Action> {
    let keys = ListKeys::taken(ui, ROWS);
    let before = query.text.clone();
    let field = TextEdit::singleline(&mut query.text).hint_text(text!("commands-hint")).desired_width(f32::INFINITY);
    let field = ui.add(field);
    field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, text!("commands-find")));
    field.request_focus();
    let found = found(commands(desk), &query.text);
    if query.text != before {
        query.chosen = 0;
    }
    let Some(last) = found.len().checked_sub(1) else {
        ui.weak(text!("commands-none"));
        return None;
    };
    query.chosen = query.chosen.saturating_add_signed(keys.down).min(last);
    let row_height = PALETTE_ROW + ui.spacing().item_spacing.y;
    let height = (found.len().min(ROWS) as f32 * row_height).min(ui.ctx().content_rect().height() - 2.0 * PALETTE_TOP);
    let mut list = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
    list = list.auto_shrink([false, true]);
    if keys.down != 0 || query.text != before {
        // The chosen one in the middle, as far as the list goes.
        let top = (query.chosen as f32 + 0.5) * row_height - height / 2.0;
        list = list.vertical_scroll_offset(top.clamp(0.0, (found.len() as f32 * row_height - height).max(0.0)));
    }
    let mut asked = found[query.chosen].command.action.clone().filter(|_| keys.enter);
    list.show_rows(ui, PALETTE_ROW, found.len(), |ui, rows| {
        for number in rows {
            if row_ui(ui, &found[number], number == query.chosen) {
                asked.clone_from(&found[number].command.action);
            }
        }
    });
    asked
}

/// The commands that are found, the best first; among those as good, what is possible now. Letters far apart in a name
/// say nothing where another one has them together: what is less than three quarters as good as the best is left out.
fn found(all: Vec<Command>, query: &str) -> Vec<Found> {
    let mut found: Vec<(i32, Found)> = all
        .into_iter()
        .filter_map(|command| {
            let matched = command.matched(query)?;
            Some((matched.score, Found { command, letters: matched.letters }))
        })
        .collect();
    let best = found.iter().map(|(score, _)| *score).max().unwrap_or(0);
    found.retain(|(score, _)| 4 * score >= 3 * best);
    found.sort_by_key(|(score, found)| (Reverse(*score), found.command.action.is_none()));
    found.into_iter().map(|(_, found)| found).collect()
}

/// A command with its group and shortcut; says whether it was clicked.
fn row_ui(ui: &mut Ui, found: &Found, is_chosen: bool) -> bool {
    let command = &found.command;
    let is_possible = command.action.is_some();
    let sense = if is_possible { Sense::click() } else { Sense::hover() };
    let width = ui.available_width() - theme::SCROLL_BAR;
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, PALETTE_ROW), sense);
    response.widget_info(|| WidgetInfo::selected(Role::Button, is_possible, is_chosen, command.title.as_str()));
    let visuals = ui.visuals();
    if is_chosen {
        let fill = if is_possible { visuals.selection.bg_fill } else { visuals.faint_bg_color };
        ui.painter().rect_filled(rect, theme::CORNER, fill);
    } else if response.hovered() && is_possible {
        ui.painter().rect_filled(rect, theme::CORNER, visuals.widgets.hovered.weak_bg_fill);
    }
    let (plain, strong, weak) = match (is_chosen, is_possible) {
        (true, true) => {
            let color = visuals.selection.stroke.color;
            (color, color, color)
        }
        (false, true) => (visuals.text_color(), visuals.strong_text_color(), visuals.weak_text_color()),
        (_, false) => {
            let color = theme::impossible(visuals);
            (color, color, color)
        }
    };
    let inner = rect.shrink2(Vec2::new(theme::SPACE, 0.0));
    let end = match command.shortcuts.first() {
        _ if !is_possible => text!("commands-not-now"),
        Some(shortcut) => shortcut.words(ui.ctx()),
        None => command.group.title(),
    };
    let end = painting::text(ui, inner, Align2::RIGHT_CENTER, end, TextStyle::Small, weak);
    let title = inner.with_max_x(end.left() - theme::GAP);
    let marked =
        marked(&command.title, &found.letters, ui.style().text_styles[&TextStyle::Body].clone(), plain, strong);
    painting::text(ui, title, Align2::LEFT_CENTER, marked, TextStyle::Body, plain);
    response.clicked()
}

/// A title with the letters that were typed in another colour and underlined.
fn marked(title: &str, letters: &[usize], font: egui::FontId, plain: Color32, strong: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (at, letter) in title.chars().enumerate() {
        let mut format = TextFormat::simple(font.clone(), plain);
        if letters.contains(&at) {
            format.color = strong;
            format.underline = egui::Stroke::new(theme::THIN, strong);
        }
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, format);
    }
    job
}
