//! Text from outside as it may stand in SVG and HTML: names stay names, whatever is in them.

use std::fmt::{self, Write};

use askama::filters::Escaper;

/// What is put into a template, or written into a drawing: between tags or in double quotes.
///
/// Stricter than HTML asks: what XML cannot hold becomes a question mark, so that every file is well-formed XML.
#[derive(Debug, Clone, Copy)]
pub struct Xml;

impl Escaper for Xml {
    fn write_escaped_str<W: Write>(&self, mut to: W, text: &str) -> fmt::Result {
        for letter in text.chars() {
            match letter {
                '&' => to.write_str("&amp;")?,
                '<' => to.write_str("&lt;")?,
                '>' => to.write_str("&gt;")?,
                '"' => to.write_str("&quot;")?,
                letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => to.write_char('?')?,
                letter => to.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// `text` as it is written in SVG and HTML.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // Writing to a string cannot fail.
    let _ = Xml.write_escaped_str(&mut safe, text);
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_angles_quotes_and_controls_stay_names() {
        assert_eq!(escaped("a<b> & \"c\"\u{0}"), "a&lt;b&gt; &amp; &quot;c&quot;?");
    }
}
