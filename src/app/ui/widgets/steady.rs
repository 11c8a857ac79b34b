//! A part of the window that stays what it is while other things come and go before it.

use egui::{AsIdSalt, Ui, UiBuilder};

/// Draws a part whose widgets keep their identity whatever was drawn before it: egui counts widgets to tell them apart, so that
/// a message that appears above a button between the press and the release would make it another button, and the click (or
/// what a screen reader asks for) would be lost.
///
/// `name` is unique in the scope that `ui` is of.
pub fn steady<R>(ui: &mut Ui, name: impl AsIdSalt, draw: impl FnOnce(&mut Ui) -> R) -> R {
    let id = ui.scope_id().with(name);
    ui.scope_builder(UiBuilder::new().scope_id(id), draw).inner
}

#[cfg(test)]
mod tests {
    use egui::Id;

    use super::*;

    #[test]
    fn what_is_drawn_before_does_not_change_who_a_widget_is() {
        let ids = |with_message: bool| {
            let mut ids: Vec<Id> = Vec::new();
            let _ = egui::Context::default().run_ui(Default::default(), |ui| {
                if with_message {
                    ui.label("A message");
                }
                ids = vec![steady(ui, "part", |ui| ui.button("Do").id), ui.button("Do").id];
            });
            ids
        };
        let [before, after] = [false, true].map(ids);
        assert_eq!(before[0], after[0]);
        assert_ne!(before[1], after[1], "egui no longer counts: this is not needed");
    }
}
