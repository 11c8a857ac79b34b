//! How the window looks: dark or light, and how large everything is.

use serde::{Deserialize, Serialize};

/// How much larger or smaller everything becomes at once.
const ZOOM_STEP: f32 = 0.1;
/// The least zoom: smaller text is not read.
pub const MIN_ZOOM: f32 = 0.5;
/// The greatest zoom: on a usual screen the panels still have room beside the wall.
pub const MAX_ZOOM: f32 = 3.0;

/// Dark or light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// As the system is, and with it when it changes.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl ThemeChoice {
    /// Every choice, in the order to offer them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name on screen.
    pub fn title(self) -> String {
        match self {
            Self::System => text!("theme-system"),
            Self::Light => text!("theme-light"),
            Self::Dark => text!("theme-dark"),
        }
    }

    /// What it is, in a sentence.
    pub fn help(self) -> String {
        match self {
            Self::System => text!("theme-system", "help"),
            Self::Light => text!("theme-light", "help"),
            Self::Dark => text!("theme-dark", "help"),
        }
    }

    /// The choice of this name in flags.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "system" => Some(Self::System),
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }
}

/// How the window looks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    /// Dark or light.
    pub theme: ThemeChoice,
    /// How large everything is, as a multiple of its usual size, from [`MIN_ZOOM`] to [`MAX_ZOOM`].
    pub zoom: f32,
}

impl Default for Appearance {
    fn default() -> Self {
        Self { theme: ThemeChoice::default(), zoom: 1.0 }
    }
}

impl Appearance {
    /// This appearance, or the usual size if its own cannot be.
    pub fn checked(self) -> Self {
        let zoom = if self.zoom.is_finite() { self.zoom.clamp(MIN_ZOOM, MAX_ZOOM) } else { 1.0 };
        Self { zoom, ..self }
    }

    /// The zoom that is `steps` larger, or smaller if negative.
    pub fn stepped(self, steps: i8) -> f32 {
        let wanted = self.zoom + f32::from(steps) * ZOOM_STEP;
        // Tenths stay tenths, however often they are added.
        ((wanted / ZOOM_STEP).round() * ZOOM_STEP).clamp(MIN_ZOOM, MAX_ZOOM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_steps_back_are_the_usual_size_again() {
        let mut appearance = Appearance::default();
        for steps in [1, 1, 1, -1, -1, -1] {
            appearance.zoom = appearance.stepped(steps);
        }
        assert!((appearance.zoom - 1.0).abs() < 1e-6);
    }

    #[test]
    fn no_zoom_leaves_its_range() {
        for zoom in [0.0, -3.0, f32::NAN, f32::INFINITY, 99.0] {
            let checked = Appearance { zoom, ..Appearance::default() }.checked();
            for steps in [-100, 0, 100] {
                assert!((MIN_ZOOM..=MAX_ZOOM).contains(&checked.stepped(steps)), "{zoom}");
            }
        }
    }

    #[test]
    fn a_theme_has_the_name_of_its_flag() {
        assert_eq!(["system", "light", "dark"].map(ThemeChoice::named), ThemeChoice::ALL.map(Some));
        assert_eq!(ThemeChoice::named("sepia"), None);
    }
}
