//! The keys by which a list under a search field is gone through: arrows, Page up and down, Enter.

use egui::{Key, Modifiers, Ui};

/// What was pressed since the last frame, taken before the field does.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListKeys {
    /// How far down the list; up if negative.
    pub down: isize,
    /// Whether the chosen row was asked for.
    pub enter: bool,
}

impl ListKeys {
    /// Takes the keys; a page is `page` rows.
    pub fn taken(ui: &Ui, page: usize) -> Self {
        ui.input_mut(|input| {
            let mut pressed = |key| isize::from(input.consume_key(Modifiers::NONE, key));
            let down = pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
            let pages = pressed(Key::PageDown) - pressed(Key::PageUp);
            Self { down: down + pages * page as isize, enter: pressed(Key::Enter) > 0 }
        })
    }
}
