//! Width and height of a picture.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Width and height of a picture in pixels.
///
/// In text, as in flags and manifests, a square is one number, `224`, and anything else is width × height, `128x256`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Size {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Size {
    /// The square of a side.
    pub const fn square(side: usize) -> Self {
        Self { width: side, height: side }
    }

    /// Pixels of it.
    pub const fn area(self) -> usize {
        self.width * self.height
    }

    /// The length of its shorter side.
    pub fn shorter(self) -> usize {
        self.width.min(self.height)
    }

    /// The length of its longer side.
    pub fn longer(self) -> usize {
        self.width.max(self.height)
    }

    /// Whether both sides are as long.
    pub const fn is_square(self) -> bool {
        self.width == self.height
    }

    /// Columns and rows of the patches of such a picture if there are so many tokens: as many as there can be in the
    /// picture's shape, for the rest stand for no patch. No patches of a picture that has no pixels.
    pub fn patches(self, tokens: usize) -> Self {
        let (mut divisor, mut rest) = self.pair();
        while rest > 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        let shape = Self { width: self.width / divisor.max(1), height: self.height / divisor.max(1) };
        let times = (tokens / shape.area().max(1)).isqrt();
        Self { width: times * shape.width, height: times * shape.height }
    }

    /// With so many pixels for each of its own along both sides.
    pub const fn times(self, factor: usize) -> Self {
        Self { width: self.width * factor, height: self.height * factor }
    }

    /// Width and height.
    pub const fn pair(self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// As it is written in flags and files: `224`, `128x256`.
    pub fn written(self) -> String {
        if self.is_square() { self.width.to_string() } else { format!("{}x{}", self.width, self.height) }
    }

    /// As a value in a manifest: `224`, `"128x256"`.
    pub fn written_as_toml(self) -> String {
        if self.is_square() { self.written() } else { format!("\"{}\"", self.written()) }
    }
}

/// As people read it: `224 × 224`.
impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} × {}", self.width, self.height)
    }
}

/// Text that is no size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no size: give one number, such as 224, or width x height, such as 128x256")]
pub struct NoSize(String);

impl FromStr for Size {
    type Err = NoSize;

    fn from_str(text: &str) -> Result<Self, NoSize> {
        let numbers: Option<Vec<usize>> =
            text.split(['x', 'X', '×', '*']).map(|number| number.trim().parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[side]) => Ok(Self::square(side)),
            Some(&[width, height]) => Ok(Self { width, height }),
            _ => Err(NoSize(text.to_owned())),
        }
    }
}

/// How a size stands in a file: a number for a square, else text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Side(usize),
    Sides(String),
}

impl TryFrom<Written> for Size {
    type Error = NoSize;

    fn try_from(written: Written) -> Result<Self, NoSize> {
        match written {
            Written::Side(side) => Ok(Self::square(side)),
            Written::Sides(text) => text.parse(),
        }
    }
}

impl From<Size> for Written {
    fn from(size: Size) -> Self {
        if size.is_square() { Self::Side(size.width) } else { Self::Sides(size.written()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_as_it_is_written() {
        for (text, width, height) in [("224", 224, 224), ("128x256", 128, 256), (" 64 × 32 ", 64, 32), ("5X6", 5, 6)] {
            let size: Size = text.parse().unwrap();
            assert_eq!(size, Size { width, height });
            assert_eq!(size.written().parse(), Ok(size));
            let json = serde_json::to_string(&size).unwrap();
            assert_eq!(serde_json::from_str::<Size>(&json).unwrap(), size, "{json}");
        }
        assert_eq!(serde_json::to_string(&Size::square(224)).unwrap(), "224");
        for wrong in ["", "x", "224x", "1x2x3", "-1", "a", "2.5"] {
            wrong.parse::<Size>().unwrap_err();
        }
    }
}
