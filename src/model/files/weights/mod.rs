//! Named tensors of one model, each checked before it is used.

pub(crate) mod error;
mod pickle;
mod pickle_op;
mod pytorch;
mod safetensors;
mod tensor_file;
mod zip_directory;

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
};

pub(crate) use tensor_file::{Place, Precision, Source, TensorFile};
pub(crate) use zip_directory::{Member, members};

use super::renames;
use crate::{Architecture, ModelError, architectures::tensors::Tensors};

/// A tensor that an architecture asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
}

/// The weights of one model. Tensors are read and converted when they are asked for.
#[derive(Debug)]
pub(crate) struct Weights<'a> {
    model: &'static str,
    heads: Option<usize>,
    from: From<'a>,
}

/// Where tensors come from.
#[derive(Debug)]
enum From<'a> {
    /// A file, and its names by what the architecture calls them: some tensors are kept in parts, by their numbers. And
    /// the file's own names of tensors that would have the same name, so that one of them has no place.
    File { file: &'a TensorFile, names: HashMap<String, BTreeMap<usize, String>>, twins: Vec<String> },
    /// Nowhere: there are shapes only. What was asked for so far.
    ShapesOnly(RefCell<Vec<Request>>),
}

impl<'a> Weights<'a> {
    /// The tensors of `file` whose names begin with `prefix`, by the names that the architecture has for them.
    pub fn new(architecture: Architecture, file: &'a TensorFile, prefix: &str) -> Self {
        let mut names: HashMap<String, BTreeMap<usize, String>> = HashMap::new();
        let mut twins = Vec::new();
        for name in file.shapes().filter_map(|(name, _)| name.strip_prefix(prefix)) {
            let (whole, part) = renames::whole(architecture.canonical_name(name));
            twins.extend(names.entry(whole).or_default().insert(part, format!("{prefix}{name}")));
        }
        Self { model: architecture.title(), heads: None, from: From::File { file, names, twins } }
    }

    /// Weights that have every tensor that is asked for, and note it: the way to learn what an architecture wants.
    pub fn shapes_only() -> Self {
        Self { model: "", heads: None, from: From::ShapesOnly(RefCell::default()) }
    }

    /// The same for a network whose attention has so many heads: no tensor tells.
    pub fn with_heads(self, heads: Option<usize>) -> Self {
        Self { heads, ..self }
    }

    /// What weights of [shapes only](Self::shapes_only) were asked for, in order.
    pub fn into_requests(self) -> Vec<Request> {
        match self.from {
            From::ShapesOnly(requests) => requests.into_inner(),
            From::File { .. } => Vec::new(),
        }
    }

    /// The names that the architecture has for the file's tensors, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = if let From::File { names, .. } = &self.from { Some(names) } else { None };
        names.into_iter().flat_map(HashMap::keys).map(String::as_str)
    }

    /// The file's own names of tensors that share the architecture's name for them with another one.
    pub fn twins(&self) -> &[String] {
        if let From::File { twins, .. } = &self.from { twins } else { &[] }
    }

    /// The shape of a tensor in the file, if it is there: of its parts, one after the other along the first dimension.
    /// Parts that do not fit together have the first one's.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        let From::File { file, names, .. } = &self.from else { return None };
        let mut parts = names.get(name)?.values().filter_map(|own| file.shape(own));
        let first = parts.next()?;
        let mut whole = first.to_vec();
        for part in parts {
            if part.len() != first.len() || part.get(1..) != first.get(1..) {
                return Some(first.to_vec());
            }
            if let (Some(rows), Some(more)) = (whole.first_mut(), part.first()) {
                *rows = rows.saturating_add(*more);
            }
        }
        Some(whole)
    }

    /// Whether a tensor of shape `found` serves where `expected` is asked for: a fully connected layer and a
    /// convolution over the whole map keep the same values in the same order, and so do a number a channel and a map of
    /// one pixel a channel, as torchvision's ConvNeXt has it.
    pub fn is_same(found: &[usize], expected: &[usize]) -> bool {
        let flat = found.len() == 2 || expected.len() == 2;
        let as_long = || found.iter().product::<usize>() == expected.iter().product::<usize>();
        let wide = |shape: &[usize]| shape.iter().copied().skip(1).filter(|size| *size != 1).collect::<Vec<_>>();
        found.first() == expected.first() && (wide(found) == wide(expected) || (flat && as_long()))
    }
}

impl Tensors for Weights<'_> {
    fn is_shape_only(&self) -> bool {
        matches!(self.from, From::ShapesOnly(_))
    }

    fn heads(&self) -> Option<usize> {
        self.heads
    }

    fn factors(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        if let From::ShapesOnly(requests) = &self.from {
            requests.borrow_mut().push(Request { name: name.to_owned(), shape: shape.to_vec() });
            return Ok(Vec::new());
        }
        self.get(name, shape)
    }

    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let (model, tensor) = (self.model.to_owned(), name.to_owned());
        match &self.from {
            From::ShapesOnly(requests) => {
                requests.borrow_mut().push(Request { name: tensor, shape: shape.to_vec() });
                // Those of factors, which are long, are never made.
                Ok(vec![0.0; shape.iter().product()])
            }
            From::File { file, names, .. } => match self.shape(name) {
                None => Err(ModelError::MissingTensor { model, tensor }),
                Some(found) if !Self::is_same(&found, shape) => {
                    Err(ModelError::TensorShape { model, tensor, found, expected: shape.to_vec() })
                }
                Some(_) => {
                    let parts = names.get(name).into_iter().flat_map(BTreeMap::values);
                    let values: Result<Vec<_>, _> = parts.map(|own| file.values(own)).collect();
                    values.map(joined).map_err(|why| ModelError::BadTensor { model, tensor, why: why.to_string() })
                }
            },
        }
    }
}

/// Parts one after the other; most tensors are one part, which is not copied.
fn joined(mut parts: Vec<Vec<f32>>) -> Vec<f32> {
    if parts.len() == 1 { parts.pop().unwrap_or_default() } else { parts.concat() }
}

#[cfg(test)]
mod tests;
