//! How maps get another size.

/// An interpolation, axis by axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Resize {
    /// Shape of the result.
    pub sizes: Vec<usize>,
    /// One an axis, as they were given; where sizes were given, `size of the result / size of x`.
    pub scales: Vec<f32>,
    /// What lies between two values.
    pub mode: ResizeMode,
    /// Which place of x belongs to a place of the result.
    pub coordinates: Coordinates,
    /// Whether neighbours beside x count as none, and not as the value at its edge.
    pub exclude_outside: bool,
    /// Whether, along an axis that becomes shorter, what lies between is as much wider as that is shorter (an antialiasing
    /// filter, as Pillow's): for lines and cubic curves, whose weights then add up to 1.
    pub antialias: bool,
}

/// What lies between two values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ResizeMode {
    /// The nearest one.
    Nearest(
        /// Where two are as near, or whether it is always the one before or after.
        Nearest,
    ),
    /// A line between them.
    Linear,
    /// A cubic curve through them and both their neighbours.
    Cubic {
        /// Its coefficient, −0.75 if nothing is said.
        coefficient: f32,
    },
}

/// Which value is the nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearest {
    /// Of two as near, the one before.
    RoundPreferFloor,
    /// Of two as near, the one after.
    RoundPreferCeil,
    /// Always the one before.
    Floor,
    /// Always the one after.
    Ceil,
}

/// Which place of x belongs to a place of the result; the names are ONNX's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coordinates {
    /// `(place + 0.5) / scale − 0.5`.
    HalfPixel,
    /// The same, with the middles of both on one another where the scale does not divide.
    HalfPixelSymmetric,
    /// [`Coordinates::HalfPixel`], and 0 if the result has one value.
    PytorchHalfPixel,
    /// The ends of both on one another.
    AlignCorners,
    /// `place / scale`.
    Asymmetric,
}
