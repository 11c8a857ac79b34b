//! What the window opens with.

use serde::{Deserialize, Serialize};

/// The sample that a window opens with: the one that the model is surest of.
pub const FIRST_SAMPLE: &str = "coffee";

/// What a window opens with if no picture is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnStart {
    /// A sample, which is explained at once.
    #[default]
    Sample,
    /// The picture that was opened last.
    Last,
    /// No picture.
    Nothing,
}

impl OnStart {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Sample, Self::Last, Self::Nothing];

    /// The name on screen.
    pub fn title(self) -> String {
        match self {
            Self::Sample => text!("start-sample"),
            Self::Last => text!("start-last"),
            Self::Nothing => text!("start-nothing"),
        }
    }
}
