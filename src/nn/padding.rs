//! Zeros around a picture.

/// How many zeros a window finds around its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// TensorFlow's “same”: the output has ⌈size / stride⌉ pixels; where the zeros are odd in number, the
    /// right and bottom get one more.
    Same,
    /// As many on every side (PyTorch).
    Symmetric(usize),
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
}
