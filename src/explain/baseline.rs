//! What “nothing to see” is.

use super::{Named, choice};

/// What a deleted pixel is replaced with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Baseline {
    /// The picture itself, blurred (the paper's choice).
    #[default]
    Blur,
    /// Black.
    Black,
    /// Mean grey: the colour that normalises to zero.
    Grey,
    /// White.
    White,
    /// Seeded uniform noise.
    Noise,
}

impl Named for Baseline {
    const ALL: &'static [Self] = &[Self::Blur, Self::Black, Self::Grey, Self::White, Self::Noise];

    fn name(self) -> &'static str {
        match self {
            Self::Blur => "blur",
            Self::Black => "black",
            Self::Grey => "grey",
            Self::White => "white",
            Self::Noise => "noise",
        }
    }
}

choice!(Baseline);
