//! Standard output.

use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

/// Whoever read standard output, such as `head`, has what it wants and went away. It is no failure: nobody is left to
/// work for, so the program ends without a word.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the results any more")]
pub struct ReaderLeft;

/// What a terminal may be given: a file's name can hold whatever would move its cursor or change its colours.
pub fn safe(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() && letter != '\n' { '\u{fffd}' } else { letter }).collect()
}

/// A line on standard output.
///
/// # Errors
/// [`ReaderLeft`], or what kept the line from being written.
pub(super) fn print(line: &str) -> Result<()> {
    match writeln!(io::stdout().lock(), "{}", safe(line)) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(ReaderLeft.into()),
        written => written.context("the results could not be printed"),
    }
}
