//! Values whose storage is used again, without being cleared, and begins where a cache line does; and a pool of them.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

/// A cache line: the widest register is as long, and is slower at a line's border.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// Numbers that any bytes are.
pub trait Number: Copy + PartialEq + fmt::Debug + sealed::Sealed {}

impl Number for f32 {}
impl Number for u8 {}

mod sealed {
    /// # Safety
    /// Any bytes are one, and it is as long as a line or a whole number of times shorter.
    pub unsafe trait Sealed {}

    // SAFETY: every pattern of four bytes is a number or a NaN.
    unsafe impl Sealed for f32 {}
    // SAFETY: every byte is one.
    unsafe impl Sealed for u8 {}
}

/// Some values: a slice that owns its storage, which may be longer than it is.
#[derive(Clone)]
pub struct Buffer<T = f32> {
    /// Never made shorter, so that nothing is cleared when more of it is used again.
    lines: Vec<Line>,
    len: usize,
    values: PhantomData<T>,
}

impl<T: Number> Buffer<T> {
    /// No values.
    pub(super) const fn empty() -> Self {
        Self { lines: Vec::new(), len: 0, values: PhantomData }
    }

    /// How many values it may be made without more storage.
    pub(super) fn capacity(&self) -> usize {
        size_of_val(self.lines.as_slice()) / size_of::<T>()
    }

    /// Makes it `len` values of any content.
    pub(super) fn set_len(&mut self, len: usize) {
        if self.capacity() < len {
            // Nothing is kept, so nothing needs to be copied.
            self.lines.clear();
            self.lines.resize((len * size_of::<T>()).div_ceil(size_of::<Line>()), Line([0; 64]));
        }
        self.len = len;
    }
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Self { lines: Vec::new(), len: 0, values: PhantomData }
    }
}

impl<T: Number> From<&[T]> for Buffer<T> {
    fn from(values: &[T]) -> Self {
        let mut buffer = Self::default();
        buffer.set_len(values.len());
        buffer.copy_from_slice(values);
        buffer
    }
}

impl<T: Number> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `len` values fit the lines, which are aligned for them, and any bytes are values.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl<T: Number> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`, and the lines are borrowed as long as the values.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

impl<T: Number> PartialEq for Buffer<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Number> fmt::Debug for Buffer<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

/// Buffers that were used before: the maps of a network have the same sizes for every sample.
#[derive(Debug, Default)]
pub struct BufferPool {
    values: Vec<Buffer<f32>>,
    bytes: Vec<Buffer<u8>>,
}

impl BufferPool {
    /// `len` values of any content.
    pub fn take(&mut self, len: usize) -> Buffer<f32> {
        take_fitting(&mut self.values, len)
    }

    /// Gives a buffer back.
    pub fn put(&mut self, buffer: Buffer<f32>) {
        self.values.push(buffer);
    }

    /// `len` bytes of any content.
    pub(crate) fn take_bytes(&mut self, len: usize) -> Buffer<u8> {
        take_fitting(&mut self.bytes, len)
    }

    pub(crate) fn put_bytes(&mut self, buffer: Buffer<u8>) {
        self.bytes.push(buffer);
    }
}

/// The smallest spare that is large enough, else the largest, made longer.
fn take_fitting<T: Number>(spare: &mut Vec<Buffer<T>>, len: usize) -> Buffer<T> {
    let best = spare
        .iter()
        .enumerate()
        .min_by_key(|(_, buffer)| {
            let longest = buffer.capacity();
            if longest >= len { (0, longest) } else { (1, usize::MAX - longest) }
        })
        .map(|(index, _)| index);
    let mut buffer = best.map_or_else(Buffer::default, |index| spare.swap_remove(index));
    buffer.set_len(len);
    buffer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_its_values_and_begins_at_a_line() {
        let mut buffer = Buffer::from([1.0, 2.0, 3.0].as_slice());
        assert_eq!(*buffer, [1.0, 2.0, 3.0]);
        assert_eq!(buffer.as_ptr().align_offset(64), 0);
        buffer.set_len(2);
        assert_eq!((&*buffer, buffer.capacity()), ([1.0, 2.0].as_slice(), 16));
        buffer.set_len(17);
        assert_eq!((buffer.len(), buffer.capacity()), (17, 32));
        assert!(Buffer::<u8>::default().is_empty());
    }
}
