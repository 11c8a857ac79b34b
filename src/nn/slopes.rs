//! What an activation leaves for the gradient: its slope at every value.

use std::ops::Range;

use super::buffer::Buffer;

/// The slopes of an activation.
#[derive(Debug)]
pub(crate) enum Slopes {
    /// One byte a value: 1 where the slope is 1, 0 where it is 0.
    Marks(Buffer<u8>),
    /// Any number.
    Values(Buffer),
}

/// The same, to be noted.
#[derive(Debug)]
pub(crate) enum Notes<'a> {
    /// Nobody wants to know.
    Nothing,
    Marks(&'a mut [u8]),
    Values(&'a mut [f32]),
}

impl<'a> Notes<'a> {
    /// Where `slopes` are written, if there are any.
    pub fn new(slopes: Option<&'a mut Slopes>) -> Self {
        match slopes {
            None => Self::Nothing,
            Some(Slopes::Marks(marks)) => Self::Marks(marks),
            Some(Slopes::Values(values)) => Self::Values(values),
        }
    }

    /// A part of them.
    pub fn part(&mut self, values: Range<usize>) -> Notes<'_> {
        match self {
            Self::Nothing => Notes::Nothing,
            Self::Marks(marks) => Notes::Marks(&mut marks[values]),
            Self::Values(slopes) => Notes::Values(&mut slopes[values]),
        }
    }

    /// Where marks are noted.
    pub fn marks(self) -> Option<&'a mut [u8]> {
        if let Self::Marks(marks) = self { Some(marks) } else { None }
    }

    /// Where numbers are noted.
    pub fn values(self) -> Option<&'a mut [f32]> {
        if let Self::Values(values) = self { Some(values) } else { None }
    }
}
