//! What of the run on the wall can be taken out of the window.

use super::State;
use crate::explain::Method;

/// What can be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copyable {
    /// A method's map.
    Map(&'static Method),
    /// The whole comparison.
    Figure,
}

impl State {
    /// Whether there is something to save.
    pub fn can_save(&self) -> bool {
        self.model.is_some() && self.shown().is_some_and(|run| run.has_a_result())
    }

    /// Whether this method's map can be copied.
    pub fn can_copy(&self, method: &'static Method) -> bool {
        let known = self.shown().and_then(|run| run.method(method));
        self.can_save() && known.is_some_and(|known| known.explanation.is_some() && known.judged().is_some())
    }
}
