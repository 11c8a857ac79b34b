//! Windows on a map: of convolutions, of pools, and of what is taken out as columns.

/// Windows of a convolution. Pairs are rows, then columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv {
    /// Groups of channels that do not meet.
    pub groups: usize,
    /// Pixels from one window to the next.
    pub strides: [usize; 2],
    /// Pixels from one of a window's pixels to the next.
    pub dilations: [usize; 2],
    /// Zeros around the map.
    pub padding: Margins,
}

impl Default for Conv {
    fn default() -> Self {
        Self { groups: 1, strides: [1; 2], dilations: [1; 2], padding: Margins::default() }
    }
}

/// Windows whose values are taken out of a map. Pairs are rows, then columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patches {
    /// Pixels of a window.
    pub kernel: [usize; 2],
    /// Pixels from one window to the next.
    pub strides: [usize; 2],
    /// Pixels from one of a window's pixels to the next.
    pub dilations: [usize; 2],
    /// Zeros around the map.
    pub padding: Margins,
}

impl Patches {
    /// The convolution on as many channels that has these windows.
    pub(in crate::graph) fn conv(self, channels: usize) -> Conv {
        Conv { groups: channels, strides: self.strides, dilations: self.dilations, padding: self.padding }
    }
}

/// A convolution the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConvTranspose {
    /// Of the convolution from the result to the input.
    pub conv: Conv,
    /// Rows and columns of the result that this convolution's last windows leave over.
    pub output_padding: [usize; 2],
}

/// Pixels around a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Margins {
    /// Above.
    pub top: usize,
    /// Before.
    pub left: usize,
    /// Below.
    pub bottom: usize,
    /// Behind.
    pub right: usize,
}

impl Margins {
    /// As many on every side.
    pub fn all(pixels: usize) -> Self {
        Self { top: pixels, left: pixels, bottom: pixels, right: pixels }
    }

    /// Those of rows, then of columns: before and behind.
    pub(in crate::graph) fn pairs(self) -> [[usize; 2]; 2] {
        [[self.top, self.bottom], [self.left, self.right]]
    }
}

/// Windows of a pool. Pairs are rows, then columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// Pixels of a window.
    pub kernel: [usize; 2],
    /// Pixels from one window to the next.
    pub strides: [usize; 2],
    /// Pixels from one of a window's pixels to the next.
    pub dilations: [usize; 2],
    /// Around the map; less than a window.
    pub padding: Margins,
    /// Whether a last window may reach past the padding, where the stride leaves pixels over. It begins on the map or
    /// the padding before it.
    pub ceil: bool,
}
