//! What is being looked for among the classes.

/// What was typed, and which of the results the keyboard is at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassSearch {
    /// What was typed.
    pub text: String,
    /// Number of the result, the first one being 0.
    pub chosen: usize,
    /// Whether the keyboard is asked for.
    pub wants_keyboard: bool,
}

impl ClassSearch {
    /// Forgets what was typed.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
