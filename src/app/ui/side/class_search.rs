//! The search over all classes, by name or number, with the keyboard: arrows choose, Enter explains, Escape leaves.

use egui::{Key, Modifiers, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::class_row::{ClassRow, Classes, class_row_ui};
use crate::{
    app::{
        commands::shortcuts,
        state::{action::Action, class_search::ClassSearch},
        theme,
        ui::widgets::list_keys::ListKeys,
    },
    model::Found,
};

/// The most rows of results that are shown before they scroll.
const RESULT_ROWS: usize = 7;

/// Draws the search and what it found.
pub fn class_search_ui(ui: &mut Ui, search: &ClassSearch, classes: &Classes, actions: &mut Vec<Action>) {
    let mut next = search.clone();
    search_ui(ui, &mut next, classes, actions);
    if next != *search {
        actions.push(Action::SearchClasses(next));
    }
}

fn search_ui(ui: &mut Ui, search: &mut ClassSearch, classes: &Classes, actions: &mut Vec<Action>) {
    let labels = &classes.spec.labels;
    let id = ui.scope_id().with("class search");
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    let asks_why_not = has_focus && ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::Enter));
    let keys = if has_focus { ListKeys::taken(ui, RESULT_ROWS) } else { ListKeys::default() };
    let before = search.text.clone();
    let words = text!("class-search-hint", count = labels.len());
    let hint = shortcuts::hint(ui.ctx(), &words, shortcuts::FIND_CLASS);
    let edit = ui.add(TextEdit::singleline(&mut search.text).id(id).hint_text(&hint).desired_width(f32::INFINITY));
    edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, text!("class-search")));
    if std::mem::take(&mut search.wants_keyboard) {
        edit.request_focus();
    }
    // Escape takes the focus away before anything is drawn.
    if edit.lost_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        search.clear();
        return;
    }
    let found = labels.search(&search.text);
    if search.text != before {
        search.chosen = 0;
    }
    if found.is_empty() {
        if !search.text.trim().is_empty() {
            ui.weak(text!("class-search-none"));
        }
        return;
    }
    if let Ok(Found { class, numbered: Some(_) }) = labels.find(&search.text) {
        ui.weak(text!("class-search-name-first", name = labels.name(class), number = class));
    }
    let last = found.len() - 1;
    search.chosen = search.chosen.saturating_add_signed(keys.down).min(last);
    let chosen = search.chosen;
    let asked = actions.len();
    if keys.enter || asks_why_not {
        let id = found[chosen];
        actions.push(if asks_why_not { Action::ExplainAgainst(Some(id)) } else { Action::ExplainClass(id) });
    }
    let row_height = theme::CLASS_ROW + ui.spacing().item_spacing.y;
    let height = found.len().min(RESULT_ROWS) as f32 * row_height;
    let mut results = ScrollArea::vertical().id_salt("search results").max_height(height).min_scrolled_height(height);
    if keys.down != 0 || search.text != before {
        // The chosen one in the middle, as far as the list goes.
        let top = (chosen as f32 + 0.5) * row_height - height / 2.0;
        results = results.vertical_scroll_offset(top.clamp(0.0, found.len() as f32 * row_height - height));
    }
    results.show_rows(ui, theme::CLASS_ROW, found.len(), |ui, rows| {
        for number in rows {
            let row = ClassRow { is_chosen: number == chosen, ..classes.row(found[number]) };
            class_row_ui(ui, &row, actions);
        }
    });
    if actions.len() > asked {
        search.clear();
        edit.surrender_focus();
    }
}
