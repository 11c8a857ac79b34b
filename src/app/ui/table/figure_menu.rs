//! How a figure of the chosen pictures is drawn: its scale of colours, its width, its methods, and what is written on it.

use egui::{
    DragValue, PopupCloseBehavior, Ui,
    containers::menu::{MenuButton, MenuConfig},
};

use crate::{
    app::{
        state::{State, action::Action, collection::Collection},
        ui::widgets::icons::{self, Icon, icon},
    },
    dataset::{FigureOf, Head, MapScale, PrintWidth},
};

/// Width of the menu, in points.
const MENU: f32 = 280.0;

/// Draws the button of the menu, and the menu while it is open.
pub fn figure_menu_ui(ui: &mut Ui, state: &State, collection: &Collection, actions: &mut Vec<Action>) {
    let Some((head, _)) = &collection.results else { return };
    ui.add_enabled_ui(collection.explained() > 0, |ui| {
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (button, _) = MenuButton::new(icon(Icon::Menu)).config(config).ui(ui, |ui| {
            let mut figure = state.figure.clone();
            menu_ui(ui, &mut figure, head);
            if figure != state.figure {
                actions.push(Action::ChooseFigure(Box::new(figure)));
            }
        });
        icons::name(&button, text!("figure-menu"));
        button.on_hover_text(text!("figure-menu"));
    });
}

fn menu_ui(ui: &mut Ui, figure: &mut FigureOf, head: &Head) {
    ui.set_width(MENU);
    ui.weak(text!("figure-scale"));
    for scale in MapScale::ALL {
        let (words, help) = match scale {
            MapScale::Own => (text!("figure-scale-own"), text!("figure-scale-own", "help")),
            MapScale::Shared => (text!("figure-scale-shared"), text!("figure-scale-shared", "help")),
            MapScale::One => (text!("figure-scale-one"), text!("figure-scale-one", "help")),
        };
        ui.radio_value(&mut figure.scale, scale, words).on_hover_text(help);
    }
    ui.separator();
    ui.horizontal(|ui| {
        let label = ui.label(text!("figure-width"));
        let width = DragValue::new(&mut figure.width.0).range(PrintWidth::RANGE).suffix(text!("figure-millimetres"));
        ui.add(width.max_decimals(1)).labelled_by(label.id);
    });
    ui.horizontal_wrapped(|ui| {
        for (name, width) in PrintWidth::named() {
            ui.selectable_value(&mut figure.width, width, name).on_hover_text(text!("figure-journal"));
        }
    });
    ui.separator();
    ui.weak(text!("figure-methods"));
    let shown = |method: &String| figure.methods.is_empty() || figure.methods.contains(method);
    let mut each: Vec<(&String, bool)> = head.methods.iter().map(|method| (method, shown(method))).collect();
    let mut is_changed = false;
    for (method, is_shown) in &mut each {
        is_changed |= ui.checkbox(is_shown, Head::title(method)).changed();
    }
    // All of them are named as none, and one at least stays.
    if is_changed && each.iter().any(|(_, is_shown)| *is_shown) {
        let are_all = each.iter().all(|(_, is_shown)| *is_shown);
        let chosen = each.into_iter().filter(|(_, is_shown)| *is_shown && !are_all);
        figure.methods = chosen.map(|(method, _)| method.clone()).collect();
    }
    ui.separator();
    ui.checkbox(&mut figure.names, text!("figure-names")).on_hover_text(text!("figure-names", "help"));
    ui.checkbox(&mut figure.device, text!("figure-device")).on_hover_text(text!("figure-device", "help"));
}
