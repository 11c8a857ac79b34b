//! A file that has a whole network as a graph of operations, in whichever of the two formats.

use crate::imaging::Size;
use std::{fs::File, io::Read, path::Path};

use super::{
    onnx::{ClassesOutput, Imported, OnnxError, OnnxFile, OperationCount, PictureInput, SaidInside},
    pt2::{Pt2Error, Pt2File},
};

/// The extensions of such files: ONNX's, and that of `torch.export`.
const EXTENSIONS: [&str; 2] = ["onnx", "pt2"];

/// Why such a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GraphFileError {
    /// An ONNX file.
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    /// A program of `torch.export`.
    #[error(transparent)]
    Pt2(#[from] Pt2Error),
}

impl GraphFileError {
    /// Whether an operation that is known cannot be done to what it is given, as where sizes do not fit.
    pub fn is_of_an_operation(&self) -> bool {
        matches!(self, Self::Onnx(OnnxError::Operation { .. }) | Self::Pt2(Pt2Error::Operation { .. }))
    }
}

/// A file that has a whole network.
#[derive(Debug)]
pub(crate) enum GraphFile {
    /// An ONNX file.
    Onnx(OnnxFile),
    /// An archive of `torch.export.save`.
    Pt2(Pt2File),
}

impl GraphFile {
    /// Whether a file is one, by its name or its first bytes.
    pub fn is_one(path: &Path) -> bool {
        let is_named = |extension: &&str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension));
        EXTENSIONS.iter().any(is_named) || is_onnx(path) || Pt2File::is_one(path)
    }

    /// Reads what a file says of its network.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or larger than there is reason for.
    pub fn open(path: &Path) -> Result<Self, GraphFileError> {
        let is_named = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSIONS[1]));
        if !is_onnx(path) && (is_named || Pt2File::is_one(path)) {
            return Ok(Self::Pt2(Pt2File::open(path)?));
        }
        Ok(Self::Onnx(OnnxFile::open(path)?))
    }

    /// What such networks have for an architecture's name.
    pub fn architecture(&self) -> &'static str {
        match self {
            Self::Onnx(_) => EXTENSIONS[0],
            Self::Pt2(_) => EXTENSIONS[1],
        }
    }

    /// What the file is called in the network's title: its graph's name if it has one that says something, or its format.
    pub fn title(&self) -> &str {
        match self {
            Self::Onnx(file) => file.title().unwrap_or("ONNX"),
            Self::Pt2(_) => "torch.export",
        }
    }

    /// What it is in a sentence.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Onnx(_) => "an ONNX file",
            Self::Pt2(_) => "a program of torch.export",
        }
    }

    /// The program that wrote it, with its version and that of the operations.
    pub fn written_by(&self) -> String {
        match self {
            Self::Onnx(file) => {
                format!("{} (opset {})", file.producer().unwrap_or_else(|| "?".to_owned()), file.opset())
            }
            Self::Pt2(file) => file.producer(),
        }
    }

    /// The input that is a picture.
    ///
    /// # Errors
    /// There is none.
    pub fn input(&self) -> Result<PictureInput, GraphFileError> {
        Ok(match self {
            Self::Onnx(file) => file.input()?,
            Self::Pt2(file) => file.input()?,
        })
    }

    /// The output that is the classes: the one of this name, if it is said.
    ///
    /// # Errors
    /// There is none.
    pub fn output(&self, said: Option<&str>) -> Result<ClassesOutput, GraphFileError> {
        Ok(match self {
            Self::Onnx(file) => file.output(said)?,
            Self::Pt2(file) => file.output(said)?,
        })
    }

    /// What stands in it beside its network; PyTorch writes nothing there.
    pub fn said(&self) -> SaidInside {
        match self {
            Self::Onnx(file) => file.said(),
            Self::Pt2(_) => SaidInside::default(),
        }
    }

    /// How many nodes it has.
    pub fn nodes(&self) -> usize {
        match self {
            Self::Onnx(file) => file.nodes(),
            Self::Pt2(file) => file.nodes(),
        }
    }

    /// How many values are stored in it and beside it.
    pub fn parameters(&self) -> usize {
        match self {
            Self::Onnx(file) => file.parameters(),
            Self::Pt2(file) => file.parameters(),
        }
    }

    /// Its operations, the most frequent ones first.
    pub fn operations(&self) -> Vec<OperationCount> {
        match self {
            Self::Onnx(file) => file.operations(),
            Self::Pt2(file) => file.operations(),
        }
    }

    /// The network as a graph to one of its outputs, for pictures of a size.
    ///
    /// # Errors
    /// An operation is unknown or cannot be computed, something does not fit, or what it answers is not a number a class.
    pub fn import(&self, size: Size, output: &ClassesOutput) -> Result<Imported, GraphFileError> {
        Ok(match self {
            Self::Onnx(file) => file.import([size.width, size.height], output)?,
            Self::Pt2(file) => file.import([size.width, size.height], output)?,
        })
    }
}

fn is_onnx(path: &Path) -> bool {
    let mut head = [0; 8];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && OnnxFile::is_one(&head)
}
