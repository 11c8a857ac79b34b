//! What of the run on the wall can be taken out of the window.

use super::State;
use crate::explain::Method;

/// What can be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copyable {
    /// A method's map.
    Map(&'static Method),
    /// The picture with the maps of every method on the wall.
    Figure,
    /// The two runs that are compared.
    Comparison,
}

impl State {
    /// Whether the comparison of two runs can be copied: both have a result of its method.
    pub fn can_copy_comparison(&self) -> bool {
        self.compared().is_some_and(|(pair, method)| {
            pair.iter().all(|run| run.method(method).is_some_and(|known| known.curves.is_some()) && run.seen.is_some())
        })
    }

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
