//! One sample's way through a network: what forward saves, and buffers used again.

use super::buffer::{Buffer, Number};
use super::kernels::derivative::Slopes;

/// What a layer's forward leaves for its backward.
#[derive(Debug)]
pub(crate) enum Saved {
    /// Of the layer's activation. The layer after it takes them.
    Slopes(Slopes),
    /// One byte a value: which of its window was the largest.
    Winners(Buffer<u8>),
    /// Height, width and channels of an input.
    Shape([usize; 3]),
    /// What a layer's own gradient needs.
    Values(Buffer),
    /// Nothing: what lies below it is not of this way through a block, nor of what follows the block.
    Fence,
}

/// The state of one thread: a stack of what forward saved, and spare buffers.
///
/// Use one a thread, for one sample after the other.
#[derive(Debug, Default)]
pub struct Pass {
    recording: bool,
    saved: Vec<Saved>,
    spare: Vec<Buffer<f32>>,
    spare_bytes: Vec<Buffer<u8>>,
}

impl Pass {
    /// Begins a forward that a backward follows, or (`recording` false) one that saves nothing.
    pub fn begin(&mut self, recording: bool) {
        self.recording = recording;
        while let Some(saved) = self.saved.pop() {
            match saved {
                Saved::Winners(bytes) => self.give_bytes(bytes),
                Saved::Values(values) => self.give(values),
                Saved::Slopes(slopes) => self.give_slopes(Some(slopes)),
                Saved::Shape(_) | Saved::Fence => {}
            }
        }
    }

    /// Whether a backward follows.
    pub fn is_recording(&self) -> bool {
        self.recording
    }

    /// `len` values of any content.
    pub fn buffer(&mut self, len: usize) -> Buffer<f32> {
        take_fitting(&mut self.spare, len)
    }

    /// Gives a buffer back.
    pub fn give(&mut self, buffer: Buffer<f32>) {
        self.spare.push(buffer);
    }

    /// `len` bytes of any content.
    pub(crate) fn bytes(&mut self, len: usize) -> Buffer<u8> {
        take_fitting(&mut self.spare_bytes, len)
    }

    pub(crate) fn save(&mut self, saved: Saved) {
        if self.recording {
            self.saved.push(saved);
        }
    }

    /// The slopes that the layer before the one whose backward runs has left, if it has an activation.
    pub(crate) fn take_slopes(&mut self) -> Option<Slopes> {
        let last = self.saved.pop_if(|saved| matches!(saved, Saved::Slopes(_)))?;
        if let Saved::Slopes(slopes) = last { Some(slopes) } else { None }
    }

    pub(crate) fn give_slopes(&mut self, slopes: Option<Slopes>) {
        match slopes {
            None => {}
            Some(Slopes::Marks { marks, .. }) => self.give_bytes(marks),
            Some(Slopes::Values { slopes, .. }) => self.give(slopes),
        }
    }

    pub(crate) fn take_winners(&mut self) -> Option<Buffer<u8>> {
        let last = self.saved.pop_if(|saved| matches!(saved, Saved::Winners(_)))?;
        if let Saved::Winners(winners) = last { Some(winners) } else { None }
    }

    pub(crate) fn take_shape(&mut self) -> Option<[usize; 3]> {
        let last = self.saved.pop_if(|saved| matches!(saved, Saved::Shape(_)))?;
        if let Saved::Shape(shape) = last { Some(shape) } else { None }
    }

    /// What the same layer's forward saved last.
    pub(crate) fn take_values(&mut self) -> Option<Buffer<f32>> {
        let last = self.saved.pop_if(|saved| matches!(saved, Saved::Values(_)))?;
        if let Saved::Values(values) = last { Some(values) } else { None }
    }

    pub(crate) fn take_fence(&mut self) {
        self.saved.pop_if(|saved| matches!(saved, Saved::Fence));
    }

    pub(crate) fn give_bytes(&mut self, bytes: Buffer<u8>) {
        self.spare_bytes.push(bytes);
    }

    /// Whether backward took off everything that forward left.
    pub fn is_empty(&self) -> bool {
        self.saved.is_empty()
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
