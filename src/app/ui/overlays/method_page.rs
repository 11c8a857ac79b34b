//! The page of a method: what its map shows, what it computes and costs, when it misleads, where it is from.

use egui::{Align, Frame, Id, Label, Layout, Modal, RichText, ScrollArea, Ui, Vec2};

use crate::{
    app::{
        numbers,
        state::{State, action::Action},
        theme,
        ui::widgets::painting,
        words,
    },
    explain::Method,
};

/// Width of the page, in points: a line of a book.
const WIDTH: f32 = 520.0;
/// Height of the page's title with its line, in points.
const HEAD: f32 = 40.0;

/// Draws the page.
pub fn method_page_ui(ui: &Ui, method: &'static Method, state: &State, actions: &mut Vec<Action>) {
    let frame = Frame::popup(ui.style()).inner_margin(theme::GAP);
    let shown = Modal::new(Id::unique("method page")).frame(frame).show(ui.ctx(), |ui| {
        let room = ui.ctx().content_rect().size() - Vec2::splat(6.0 * theme::GAP);
        ui.set_width(room.x.min(WIDTH));
        let mut closes = false;
        ui.horizontal(|ui| {
            painting::dot(ui, theme::on_ground(theme::method_color(method), ui.visuals()));
            ui.label(RichText::new(method.title).heading());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                closes = ui.button(text!("method-close")).clicked();
                let trust = ui.button(text!("method-trust"));
                if trust.on_hover_text(text!("method-trust", "help")).clicked() {
                    actions.push(Action::ShowTrust(method));
                }
            });
        });
        ui.separator();
        let height = room.y - HEAD;
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
            ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
            let page = words::page(method);
            let [deletion, insertion] = [text!("chart-deletion-says"), text!("chart-insertion-says")];
            for (head, words) in [
                (text!("method-shows"), page.meaning),
                (text!("method-computes"), page.computes),
                (text!("method-costs"), cost(method, state)),
                (text!("method-misleads"), page.misleads),
                (text!("method-judged"), text!("method-judges", deletion = deletion, insertion = insertion)),
                (text!("method-source"), page.source),
            ] {
                ui.strong(head);
                ui.add(Label::new(words).wrap());
                ui.add_space(theme::SPACE);
            }
        });
        closes
    });
    if shown.inner || shown.should_close() {
        actions.push(Action::Uncover);
    }
}

/// How many passes a method takes with the values of now, and how long the map on the wall took.
fn cost(method: &'static Method, state: &State) -> String {
    let passes = text!("method-passes", passes = method.passes(&state.parameters));
    let result = state.shown().and_then(|run| run.method(method)?.explanation.as_ref());
    // What was not run, as there was nothing to find, took no time.
    match result.filter(|result| result.nothing.is_none()) {
        Some(result) => text!("method-passes-took", passes = passes, time = numbers::seconds(result.seconds)),
        None => passes,
    }
}
