//! Sets of parameters under a name: igoscope's and the user's own.

use serde::{Deserialize, Serialize};

use crate::{
    app::text,
    explain::{self, NamedPreset, Parameters},
};

/// The most presets of the user's own: a menu that is still read.
pub const MAX: usize = 30;

/// A set of parameters of the user's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserPreset {
    /// What the user called it; no two have the same name.
    pub name: String,
    /// The parameters of all methods.
    pub parameters: Parameters,
}

/// Keeps a preset in place of the one with its name. One without a name is not kept, nor one more than can be.
pub fn save(presets: &mut Vec<UserPreset>, preset: UserPreset) {
    if let Some(same) = presets.iter_mut().find(|known| known.name == preset.name) {
        *same = preset;
    } else if !preset.name.is_empty() && presets.len() < MAX {
        presets.push(preset);
    }
}

/// Gives a preset another name, unless it is another one's or none.
pub fn rename(presets: &mut [UserPreset], from: &str, to: &str) {
    if to.is_empty() || presets.iter().any(|preset| preset.name == to) {
        return;
    }
    if let Some(preset) = presets.iter_mut().find(|preset| preset.name == from) {
        to.clone_into(&mut preset.name);
    }
}

/// What one of igoscope's presets is called on screen.
pub fn title(preset: &NamedPreset) -> String {
    text::get_or(&message(preset), || preset.name.to_owned())
}

/// What one of igoscope's presets is for, on screen.
pub fn purpose(preset: &NamedPreset) -> String {
    text::attribute_or(&message(preset), "purpose", || preset.purpose.to_owned())
}

/// The message of a preset: its title, with its purpose.
fn message(preset: &NamedPreset) -> String {
    format!("preset-{}", preset.name)
}

/// The preset of igoscope's that the parameters are, where those of other methods and of the curves are the default.
pub fn current(parameters: &Parameters) -> Option<NamedPreset> {
    explain::presets().into_iter().find(|preset| preset.is(parameters))
}

/// What is being typed in the menu.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The name for the parameters as they are.
    pub name: String,
    /// The preset that is being renamed, and its name to be.
    pub renaming: Option<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::IgosParameters;

    fn named(name: &str, iterations: usize) -> UserPreset {
        let parameters = Parameters::default().with(IgosParameters { iterations, ..IgosParameters::default() });
        UserPreset { name: name.to_owned(), parameters }
    }

    #[test]
    fn a_name_is_kept_once_and_none_is_not_kept() {
        let mut presets = Vec::new();
        for preset in [named("a", 1), named("b", 2), named("a", 3), named("", 4)] {
            save(&mut presets, preset);
        }
        assert_eq!(presets, [named("a", 3), named("b", 2)]);
    }

    #[test]
    fn a_preset_is_not_renamed_to_another_ones_name() {
        let mut presets = vec![named("a", 1), named("b", 2)];
        rename(&mut presets, "a", "b");
        rename(&mut presets, "a", "");
        rename(&mut presets, "none", "c");
        assert_eq!(presets, [named("a", 1), named("b", 2)]);
        rename(&mut presets, "a", "c");
        assert_eq!(presets, [named("c", 1), named("b", 2)]);
    }
}
