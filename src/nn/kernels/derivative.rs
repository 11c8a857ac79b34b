//! What an activation leaves for the gradient: its slope at every value.

use std::ops::Range;

use crate::nn::buffer::Buffer;

/// Values whose marks are a word: a register of the widest vector unit.
const WORD: usize = 16;

/// The slopes of an activation.
#[derive(Debug)]
pub(crate) enum Slopes {
    /// One bit a value: set where the slope is 1, not where it is 0. A row of marks for each row of so many channels,
    /// the first channel's lowest in the first byte; whole words, so that no two rows share one.
    Marks {
        /// Eight marks each.
        marks: Buffer<u8>,
        /// In a row.
        channels: usize,
    },
    /// Any number.
    Values {
        /// One a value.
        slopes: Buffer,
        /// In a row.
        channels: usize,
    },
}

impl Slopes {
    /// In a row.
    pub fn channels(&self) -> usize {
        match self {
            Self::Marks { channels, .. } | Self::Values { channels, .. } => *channels,
        }
    }
}

/// Bytes of a row of marks.
pub(crate) fn row_bytes(channels: usize) -> usize {
    channels.div_ceil(WORD) * (WORD / 8)
}

/// Where the marks of some rows are.
pub(crate) fn rows_of(rows: Range<usize>, channels: usize) -> Range<usize> {
    rows.start * row_bytes(channels)..rows.end * row_bytes(channels)
}
