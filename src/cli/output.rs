//! Standard output.

use std::io::{self, Write};

use anyhow::{Context, Result};

/// A line on standard output. A reader that went away, such as `head`, ends the program without a panic.
pub(super) fn print(line: &str) -> Result<()> {
    writeln!(io::stdout().lock(), "{line}").context("the results could not be printed")
}
