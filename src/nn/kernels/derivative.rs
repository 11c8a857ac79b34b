//! The derivative of an activation at every value, as forward leaves it for backward.

use std::ops::Range;

use crate::buffer::Buffer;

/// Values whose bits are a word: a register of the widest vector unit.
const WORD: usize = 16;

/// The derivative of an activation at every value of a map.
#[derive(Debug)]
pub(crate) enum Derivative {
    /// A bit mask, for activations whose derivative is 0 or 1: set where it is 1. A row of bits for each row of so many
    /// channels, the first channel's lowest in the first byte; whole words, so that no two rows share one.
    Bits {
        /// Eight values each.
        bits: Buffer<u8>,
        /// In a row.
        channels: usize,
    },
    /// Of a rule by which nothing below 0 is sent back ([`Rule`](crate::Rule)): what is above 0 goes on where the
    /// bit is set, or everywhere if there are no bits.
    Rectified {
        /// As for [`Derivative::Bits`].
        bits: Option<Buffer<u8>>,
        /// In a row.
        channels: usize,
    },
    /// Any number.
    Values {
        /// One a value.
        values: Buffer,
        /// In a row.
        channels: usize,
    },
}

impl Derivative {
    /// In a row.
    pub fn channels(&self) -> usize {
        match self {
            Self::Bits { channels, .. } | Self::Rectified { channels, .. } | Self::Values { channels, .. } => *channels,
        }
    }
}

/// Bytes of a row of bits.
pub(crate) fn row_bytes(channels: usize) -> usize {
    channels.div_ceil(WORD) * (WORD / 8)
}

/// Where the bits of some rows are.
pub(crate) fn rows_of(rows: Range<usize>, channels: usize) -> Range<usize> {
    rows.start * row_bytes(channels)..rows.end * row_bytes(channels)
}
