//! Named tensors of one model, each checked before it is used.

mod pickle;
mod pytorch;
mod safetensors;
mod tensor_file;
mod zip_directory;

use std::{cell::RefCell, collections::HashMap};

pub(crate) use tensor_file::TensorFile;

use super::{Architecture, ModelError, tensors::Tensors};

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
    from: From<'a>,
}

/// Where tensors come from.
#[derive(Debug)]
enum From<'a> {
    /// A file, and its names by what the architecture calls them.
    File { file: &'a TensorFile, names: HashMap<String, String> },
    /// Nowhere: they are full of zeros. What was asked for so far.
    Rehearsal(RefCell<Vec<Request>>),
}

impl<'a> Weights<'a> {
    /// The tensors of `file` whose names begin with `prefix`, by the names that the architecture has for them.
    pub fn new(architecture: Architecture, file: &'a TensorFile, prefix: &str) -> Self {
        let names = file.shapes().filter_map(|(name, _)| name.strip_prefix(prefix));
        let names = names.map(|name| (architecture.canonical_name(name), format!("{prefix}{name}"))).collect();
        Self { model: architecture.title(), from: From::File { file, names } }
    }

    /// Weights that have every tensor that is asked for, and note it: the way to learn what an architecture wants.
    pub fn rehearsal() -> Self {
        Self { model: "", from: From::Rehearsal(RefCell::default()) }
    }

    /// What a rehearsal was asked for, in order.
    pub fn into_requests(self) -> Vec<Request> {
        match self.from {
            From::Rehearsal(requests) => requests.into_inner(),
            From::File { .. } => Vec::new(),
        }
    }

    /// The names that the architecture has for the file's tensors, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = if let From::File { names, .. } = &self.from { Some(names) } else { None };
        names.into_iter().flat_map(HashMap::keys).map(String::as_str)
    }

    /// The shape of a tensor in the file, if it is there.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        let From::File { file, names } = &self.from else { return None };
        file.shape(names.get(name)?)
    }

    /// Whether a tensor of shape `found` serves where `expected` is asked for: a fully connected layer and a
    /// convolution over the whole map keep the same values in the same order.
    pub fn is_same(found: &[usize], expected: &[usize]) -> bool {
        let flat = found.len() == 2 || expected.len() == 2;
        let as_long = || found.iter().product::<usize>() == expected.iter().product::<usize>();
        found == expected || (flat && found.first() == expected.first() && as_long())
    }
}

impl Tensors for Weights<'_> {
    fn has(&self, name: &str) -> bool {
        self.shape(name).is_some()
    }

    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let (model, tensor) = (self.model.to_owned(), name.to_owned());
        match &self.from {
            From::Rehearsal(requests) => {
                requests.borrow_mut().push(Request { name: tensor, shape: shape.to_vec() });
                // Zeros that nobody reads take no memory.
                Ok(vec![0.0; shape.iter().product()])
            }
            From::File { file, names } => match self.shape(name) {
                None => Err(ModelError::MissingTensor { model, tensor }),
                Some(found) if !Self::is_same(found, shape) => {
                    Err(ModelError::TensorShape { model, tensor, found: found.to_vec(), expected: shape.to_vec() })
                }
                Some(_) => {
                    let own = names.get(name).map_or(name, String::as_str);
                    file.values(own).map_err(|why| ModelError::BadTensor { model, tensor, why })
                }
            },
        }
    }
}

#[cfg(test)]
mod tests;
