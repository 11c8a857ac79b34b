//! Changing the parameters: each change can be undone, and the picture on the wall is explained with it.

use std::time::Instant;

use super::{
    State,
    presets::{self, UserPreset},
};
use crate::explain::Parameters;

impl State {
    /// Takes in what the parameters are now. While a control is `held` they may change with every frame: they count
    /// when it stands still or is let go.
    pub fn edit(&mut self, to: Parameters, held: bool, now: Instant) {
        let from = std::mem::replace(&mut self.parameters, to);
        if held {
            self.edits.hold(&from, now);
        } else {
            self.edits.make(&from, &self.parameters);
            self.want_result();
        }
    }

    /// Takes the last change of the parameters back.
    pub fn undo(&mut self) {
        if let Some(before) = self.edits.undo(&self.parameters) {
            self.replace(before);
        }
    }

    /// Makes the change again that was taken back last.
    pub fn redo(&mut self) {
        if let Some(after) = self.edits.redo(&self.parameters) {
            self.replace(after);
        }
    }

    fn replace(&mut self, parameters: Parameters) {
        // The model may have a smaller input than when they were chosen.
        self.parameters = parameters.clamped(self.side());
        self.want_result();
    }

    /// Width of the model's input in pixels, or what it usually is while there is no model to say it.
    pub fn side(&self) -> usize {
        /// Most networks of this field see squares of 224 pixels.
        const USUAL: usize = 224;
        self.model.as_ref().map_or(USUAL, |model| model.spec.side())
    }

    /// Keeps the parameters under a name, in place of what it named before.
    pub fn save_preset(&mut self, name: &str) {
        let preset = UserPreset { name: name.trim().to_owned(), parameters: self.parameters.clone() };
        presets::save(&mut self.presets, preset);
    }

    /// Gives a preset of the user's another name, unless that is another one's.
    pub fn rename_preset(&mut self, from: &str, to: &str) {
        presets::rename(&mut self.presets, from, to.trim());
    }

    /// Forgets a preset of the user's.
    pub fn delete_preset(&mut self, name: &str) {
        self.presets.retain(|preset| preset.name != name);
    }
}
