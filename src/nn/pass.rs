//! One sample's way through a network: what forward saves, and buffers used again.

/// What a layer's forward leaves for its backward.
#[derive(Debug)]
pub(crate) enum Saved {
    /// One byte a value: 1 where the activation's derivative is 1, 0 where it is 0.
    Mask(Vec<u8>),
    /// Height, width and channels of an input.
    Shape([usize; 3]),
}

/// The state of one thread: a stack of what forward saved, and spare buffers.
///
/// Use one a thread, for one sample after the other.
#[derive(Debug, Default)]
pub struct Pass {
    recording: bool,
    saved: Vec<Saved>,
    spare: Vec<Vec<f32>>,
    spare_masks: Vec<Vec<u8>>,
}

impl Pass {
    /// Begins a forward that a backward follows, or (`recording` false) one that saves nothing.
    pub fn begin(&mut self, recording: bool) {
        self.recording = recording;
        while let Some(saved) = self.saved.pop() {
            if let Saved::Mask(mask) = saved {
                self.spare_masks.push(mask);
            }
        }
    }

    /// Whether a backward follows.
    pub fn is_recording(&self) -> bool {
        self.recording
    }

    /// `len` values of any content.
    pub fn buffer(&mut self, len: usize) -> Vec<f32> {
        let mut buffer = take_fitting(&mut self.spare, len);
        buffer.resize(len, 0.0);
        buffer
    }

    /// Gives a buffer back.
    pub fn give(&mut self, buffer: Vec<f32>) {
        self.spare.push(buffer);
    }

    /// `len` bytes of any content.
    pub(crate) fn mask_buffer(&mut self, len: usize) -> Vec<u8> {
        let mut buffer = take_fitting(&mut self.spare_masks, len);
        buffer.resize(len, 0);
        buffer
    }

    pub(crate) fn save(&mut self, saved: Saved) {
        if self.recording {
            self.saved.push(saved);
        }
    }

    /// The mask of the layer whose backward runs; a layer that saved none passes everything.
    pub(crate) fn take_mask(&mut self) -> Option<Vec<u8>> {
        match self.saved.pop() {
            Some(Saved::Mask(mask)) => Some(mask),
            Some(other) => {
                self.saved.push(other);
                None
            }
            None => None,
        }
    }

    pub(crate) fn take_shape(&mut self) -> Option<[usize; 3]> {
        match self.saved.pop() {
            Some(Saved::Shape(shape)) => Some(shape),
            Some(other) => {
                self.saved.push(other);
                None
            }
            None => None,
        }
    }

    pub(crate) fn give_mask(&mut self, mask: Vec<u8>) {
        self.spare_masks.push(mask);
    }

    /// Whether backward took off everything that forward left.
    pub fn is_empty(&self) -> bool {
        self.saved.is_empty()
    }
}

/// The smallest spare that is large enough, else the largest, else a new one.
fn take_fitting<T>(spare: &mut Vec<Vec<T>>, len: usize) -> Vec<T> {
    let best = spare
        .iter()
        .enumerate()
        .min_by_key(|(_, buffer)| {
            let capacity = buffer.capacity();
            if capacity >= len { (0, capacity) } else { (1, usize::MAX - capacity) }
        })
        .map(|(index, _)| index);
    best.map_or_else(Vec::new, |index| spare.swap_remove(index))
}
