//! A look at a file's bytes before they are read, which keeps what is read in bounds.
//!
//! An empty message takes two bytes in a file and some hundred in memory, so that a small file could grow without end.
//! Here messages and packed numbers are counted, where they are read and nowhere else, and nothing is kept.

use super::error::OnnxError;

/// The most messages and texts of a file: the largest networks have some hundred thousand.
const MAX_MESSAGES: u64 = 1_500_000;

/// The most bytes of numbers that take up to eight times as many in memory, as whole numbers in a list do.
const MAX_PACKED: u64 = 128 << 20;

/// The deepest that messages may stand in each other: as `prost` has it, but for those that are not read.
const MAX_DEPTH: usize = 60;

/// A message of `proto.rs`, as far as others stand in it.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Function,
    Tensor,
    Sparse,
    Info,
    Type,
    TensorType,
    Shape,
    /// Nothing in it is counted.
    Leaf,
}

impl Kind {
    /// What stands in the field of this number, if it is read: a message, or a text, which is a leaf.
    fn field(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6) => Self::Graph,
            (Self::Model, 25) => Self::Function,
            (Self::Graph, 1) | (Self::Function, 7) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5) | (Self::Sparse, 1) => Self::Tensor,
            (Self::Graph, 11 | 12) => Self::Info,
            (Self::Graph, 15) => Self::Sparse,
            (Self::Node, 5) | (Self::Function, 11) => Self::Attribute,
            (Self::Info, 2) => Self::Type,
            (Self::Type, 1) => Self::TensorType,
            (Self::TensorType, 2) => Self::Shape,
            (Self::Model, 8 | 14)
            | (Self::Node, 1..=4)
            | (Self::Attribute, 9)
            | (Self::Function, 4 | 5)
            | (Self::Tensor, 13)
            | (Self::Shape, 1) => Self::Leaf,
            _ => return None,
        })
    }
}

/// Whether the bytes are an ONNX file that is not larger in memory than there is reason for.
///
/// # Errors
/// The bytes are no protobuf, or there is too much in them.
pub(super) fn check(bytes: &[u8]) -> Result<(), OnnxError> {
    message(bytes, Kind::Model, 0, &mut Found::default())
}

/// What was counted so far.
#[derive(Debug, Default)]
struct Found {
    messages: u64,
    packed: u64,
}

fn message(bytes: &[u8], kind: Kind, depth: usize, found: &mut Found) -> Result<(), OnnxError> {
    let damaged = || OnnxError::Damaged("it ends in the middle of something".to_owned());
    if depth > MAX_DEPTH {
        return Err(OnnxError::Damaged(format!("its graphs stand in each other more than {MAX_DEPTH} deep")));
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        let tag = varint(&mut rest).ok_or_else(damaged)?;
        let (number, wire) = (tag >> 3, tag & 7);
        match wire {
            0 => {
                varint(&mut rest).ok_or_else(damaged)?;
                found.add_packed(kind, number, 1)?;
            }
            1 => rest = rest.get(8..).ok_or_else(damaged)?,
            5 => rest = rest.get(4..).ok_or_else(damaged)?,
            2 => {
                let len = usize::try_from(varint(&mut rest).ok_or_else(damaged)?).map_err(|_| damaged())?;
                let (inner, after) = rest.split_at_checked(len).ok_or_else(damaged)?;
                rest = after;
                found.add_packed(kind, number, len as u64)?;
                let Some(field) = kind.field(number) else { continue };
                found.messages += 1;
                if found.messages > MAX_MESSAGES {
                    let limit = format!("{MAX_MESSAGES} parts");
                    return Err(OnnxError::TooLarge { what: "what its graph is made of".to_owned(), limit });
                }
                if !matches!(field, Kind::Leaf) {
                    message(inner, field, depth + 1, found)?;
                }
            }
            _ => return Err(OnnxError::Damaged(format!("it has a field of a kind ({wire}) that there is not"))),
        }
    }
    Ok(())
}

impl Found {
    /// Counts bytes of a field, if it is a list of whole numbers.
    fn add_packed(&mut self, kind: Kind, number: u64, bytes: u64) -> Result<(), OnnxError> {
        if matches!((kind, number), (Kind::Tensor, 1 | 5 | 7 | 11) | (Kind::Attribute, 8)) {
            self.packed = self.packed.saturating_add(bytes);
        }
        if self.packed > MAX_PACKED {
            let limit = format!("{} MB", MAX_PACKED >> 20);
            return Err(OnnxError::TooLarge { what: "its lists of whole numbers".to_owned(), limit });
        }
        Ok(())
    }
}

/// A number of up to ten bytes, seven bits each.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
