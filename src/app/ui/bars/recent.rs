//! The files that were opened last, the newest first, and their menu.

use std::path::{Path, PathBuf};

use egui::{Button, Ui, containers::menu::MenuButton};

use crate::{
    app::{
        jobs::{Jobs, Outcome, opening::OnStart},
        state::action::Action,
        ui::widgets::icons::{Icon, icon},
    },
    worker::Source,
};

/// How many files are remembered: as many as are read at a glance.
const KEPT: usize = 12;

/// The files that were opened last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent {
    /// Their paths, the newest first.
    paths: Vec<PathBuf>,
    /// Those that were not there when it was looked last.
    missing: Vec<PathBuf>,
}

impl Recent {
    /// These files, the newest first; more than are remembered are left out.
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { paths: paths.into_iter().take(KEPT).collect(), missing: Vec::new() }
    }

    /// The paths, the newest first.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// A file was opened.
    pub fn add(&mut self, path: &Path) {
        // The folder that a relative path starts from is another one at the next start.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.paths.retain(|known| *known != path);
        self.missing.retain(|known| *known != path);
        self.paths.insert(0, path);
        self.paths.truncate(KEPT);
    }

    /// These are not there any more.
    pub fn set_missing(&mut self, missing: Vec<PathBuf>) {
        self.missing = missing;
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Looks which of the files are still there.
pub fn look_for(recent: &Recent, jobs: &Jobs) {
    let paths = recent.paths.clone();
    jobs.start("recent", move || Outcome::Missing(paths.into_iter().filter(|path| !path.exists()).collect()));
}

/// Draws the menu's button, and the menu if it is open.
pub fn recent_ui(ui: &mut Ui, recent: &Recent, on_start: OnStart, actions: &mut Vec<Action>) {
    let (button, _) = MenuButton::new((text!("recent"), icon(Icon::Menu))).ui(ui, |ui| {
        if recent.paths.is_empty() {
            ui.weak(text!("recent-none"));
        }
        for path in &recent.paths {
            let is_missing = recent.missing.contains(path);
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            let button = Button::new(name.as_ref()).shortcut_text(if is_missing {
                text!("recent-missing")
            } else {
                String::new()
            });
            if ui.add_enabled(!is_missing, button).on_hover_text(path.display().to_string()).clicked() {
                actions.push(Action::Open(vec![Source::File(path.clone())]));
            }
        }
        if !recent.paths.is_empty() {
            ui.separator();
            if ui.button(text!("recent-forget")).clicked() {
                actions.push(Action::ForgetRecent);
            }
        }
        ui.separator();
        ui.menu_button(text!("start"), |ui| {
            for choice in OnStart::ALL {
                if ui.selectable_label(choice == on_start, choice.title()).clicked() {
                    actions.push(Action::SetOnStart(choice));
                    ui.close();
                }
            }
        });
    });
    if button.on_hover_text(text!("recent", "help")).clicked() {
        actions.push(Action::LookForRecent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_opened_again_moves_to_the_front() {
        let mut recent = Recent::default();
        for name in ["/a.png", "/b.png", "/a.png"] {
            recent.add(Path::new(name));
        }
        assert_eq!(recent.paths(), [PathBuf::from("/a.png"), "/b.png".into()]);
    }

    #[test]
    fn the_oldest_are_forgotten_and_relative_paths_made_whole() {
        let mut recent = Recent::default();
        for number in 0..=KEPT {
            recent.add(Path::new(&format!("{number}.png")));
        }
        assert_eq!(recent.paths().len(), KEPT);
        assert!(recent.paths().iter().all(|path| path.is_absolute()));
    }
}
