//! What is being looked for in the palette of commands.

/// What was typed, and which of the commands found the keyboard is at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaletteQuery {
    /// What was typed.
    pub text: String,
    /// Number of the command among those found, counted from 0.
    pub chosen: usize,
}
