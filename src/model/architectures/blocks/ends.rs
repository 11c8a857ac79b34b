//! Where the blocks of a network end: the places where its features can be read.

use crate::nn::Layer;

/// The ends of a network's blocks within the layers before its head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Blocks {
    /// How many layers end with each block, and what the network's field calls the block; the first block first.
    ends: Vec<(usize, String)>,
}

impl Blocks {
    /// Says that a block ends with the last one of the layers so far.
    pub fn end_of(&mut self, layers: &[Layer], name: impl Into<String>) {
        self.ends.push((layers.len(), name.into()));
    }

    /// Says the same, of the last block of a stage too: it is called as its stage is.
    pub fn end_in_stage(&mut self, layers: &[Layer], stage: &str, block: &str, is_last: bool) {
        self.end_of(layers, if is_last { stage.to_owned() } else { format!("{stage}.{block}") });
    }

    /// How many blocks there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many layers end with the block at a depth from the end; 0 is the last block's.
    pub fn end(&self, depth: usize) -> Option<usize> {
        self.ends.iter().rev().nth(depth).map(|(layers, _)| *layers)
    }

    /// What the blocks are called, by depth: the last one first.
    pub fn names(&self) -> Vec<&str> {
        self.ends.iter().rev().map(|(_, name)| name.as_str()).collect()
    }
}
