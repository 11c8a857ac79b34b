//! Zeros around a picture.

/// How many zeros a window finds around its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// TensorFlow's “same”: the output has ⌈size / stride⌉ pixels; where the zeros are odd in number, the
    /// right and bottom get one more.
    Same,
    /// As many on every side (PyTorch).
    Symmetric(usize),
    /// As many on every side, and a last window that reaches past them where the stride leaves pixels over (PyTorch's
    /// `ceil_mode`): for pools.
    Ceiling(usize),
}

impl Padding {
    /// Zeros before the first pixel, and size of the output, along one side.
    pub fn along(self, size: usize, kernel: usize, stride: usize) -> (usize, usize) {
        match self {
            Self::Same => {
                let out = size.div_ceil(stride);
                let total = ((out.max(1) - 1) * stride + kernel).saturating_sub(size);
                (total / 2, out)
            }
            Self::Symmetric(pad) => (pad, (size + 2 * pad).saturating_sub(kernel) / stride + 1),
            Self::Ceiling(pad) => {
                let out = (size + 2 * pad).saturating_sub(kernel).div_ceil(stride) + 1;
                // A window that begins past the last pixel and the zeros before it has nothing to see.
                (pad, if (out - 1) * stride < size + pad { out } else { out - 1 })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_at_stride_two_pads_right_and_bottom_only() {
        assert_eq!(Padding::Same.along(224, 3, 2), (0, 112));
        assert_eq!(Padding::Same.along(56, 5, 2), (1, 28));
        assert_eq!(Padding::Same.along(14, 5, 1), (2, 14));
        assert_eq!(Padding::Same.along(7, 3, 2), (1, 4));
    }

    #[test]
    fn symmetric_is_pytorchs() {
        assert_eq!(Padding::Symmetric(1).along(224, 3, 2), (1, 112));
        assert_eq!(Padding::Symmetric(3).along(224, 7, 2), (3, 112));
        assert_eq!(Padding::Symmetric(0).along(5, 2, 2), (0, 2));
    }

    #[test]
    fn ceiling_counts_a_window_that_reaches_past_the_last_pixel() {
        assert_eq!(Padding::Ceiling(0).along(8, 3, 2), (0, 4));
        assert_eq!(Padding::Ceiling(0).along(7, 3, 2), (0, 3));
        assert_eq!(Padding::Ceiling(1).along(4, 3, 3), (1, 2));
        assert_eq!(Padding::Ceiling(1).along(6, 2, 2), (1, 4));
        assert_eq!(Padding::Ceiling(1).along(5, 2, 3), (1, 2), "not one that begins on the zeros behind");
    }
}
