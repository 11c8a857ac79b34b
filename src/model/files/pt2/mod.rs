//! Networks as `torch.export.save` writes them (`.pt2`): read without Python and without trust, and made graphs of.
//!
//! ```text
//! archive ─▶ Program (JSON) ─import: a node at a time, ops/, alias─▶ nn::graph::Graph
//!    └─weights, as they are asked for      └─ends─▶ which input is the picture, which output the classes
//! ```
//!
//! `ops/` has PyTorch's ATen operators, a family a file: those that a network's Python calls, and the fewer that
//! `.run_decompositions()` leaves. Lengths of axes are computed while the graph is made, so that those that were open in
//! the file are numbers here.

mod alias;
mod archive;
mod call;
mod ends;
mod error;
mod import;
mod ops;
mod program;

use std::path::Path;

pub(crate) use self::error::Pt2Error;
use self::{archive::Archive, import::Importer, program::InputSpec};
use crate::{
    files::{
        onnx::{ClassesOutput, Imported, OperationCount, PictureInput, as_picture, as_row, understood},
        weights::Source,
    },
    nn::graph::Graph,
};

/// A program of `torch.export`, whose weights are still where they are stored.
#[derive(Debug)]
pub(crate) struct Pt2File {
    archive: Archive,
}

impl Pt2File {
    /// Whether a file is an archive of `torch.export.save`, or of the archives of that kind that are not read.
    pub fn is_one(path: &Path) -> bool {
        archive::is_one(path)
    }

    /// Reads what a file says of its program.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or larger than there is reason for.
    pub fn open(path: &Path) -> Result<Self, Pt2Error> {
        Ok(Self { archive: Archive::read(Source::open(path)?)? })
    }

    /// The same of bytes.
    ///
    /// # Errors
    /// As [`Pt2File::open`].
    #[cfg(any(test, fuzzing))]
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Pt2Error> {
        Ok(Self { archive: Archive::read(Source::of_bytes(bytes))? })
    }

    /// The input that is a picture.
    ///
    /// # Errors
    /// There is none.
    pub fn input(&self) -> Result<PictureInput, Pt2Error> {
        ends::picture_input(&self.archive.program).map_err(Pt2Error::Ends)
    }

    /// The output that is the classes: the one of this name, if it is said.
    ///
    /// # Errors
    /// There is none.
    pub fn output(&self, said: Option<&str>) -> Result<ClassesOutput, Pt2Error> {
        ends::classes_output(&self.archive.program, said).map_err(Pt2Error::Ends)
    }

    /// The program that wrote it, with its version.
    pub fn producer(&self) -> String {
        format!("PyTorch {}", self.archive.program.torch_version.as_deref().unwrap_or_default()).trim().to_owned()
    }

    /// How many nodes it has.
    pub fn nodes(&self) -> usize {
        self.archive.program.graph_module.graph.nodes.len()
    }

    /// How many values are stored in it that the program takes.
    pub fn parameters(&self) -> usize {
        let inputs = self.archive.program.graph_module.signature.input_specs.iter();
        let shapes = inputs.filter_map(|spec| match spec {
            InputSpec::Stored { key, .. } => self.archive.shape(key),
            _ => None,
        });
        shapes.map(|shape| shape.iter().product::<usize>()).sum()
    }

    /// Its operators, the most frequent ones first.
    pub fn operations(&self) -> Vec<OperationCount> {
        let nodes = &self.archive.program.graph_module.graph.nodes;
        OperationCount::of(nodes.iter().map(|node| (node.operation().to_owned(), ops::is_known(node))))
    }

    /// The network as a graph to one of its outputs, for pictures of so many columns and rows.
    ///
    /// # Errors
    /// An operator is unknown or cannot be computed, something does not fit, or what it answers is not a number a class.
    pub fn import(&self, size: [usize; 2], output: &ClassesOutput) -> Result<Imported, Pt2Error> {
        let input = self.input()?;
        let (graph, outputs) = self.built(size, &input, output).map_err(|error| match error {
            Pt2Error::Operation { operation, node, why } => {
                Pt2Error::Operation { operation, node, why: input.or_of_its_batch(why) }
            }
            error => error,
        })?;
        let first = understood(&graph);
        Ok(Imported { graph, outputs, first })
    }

    fn built(
        &self,
        size: [usize; 2],
        input: &PictureInput,
        output: &ClassesOutput,
    ) -> Result<(Graph, usize), Pt2Error> {
        let mut importer = Importer::new(&self.archive);
        let picture = as_picture(&mut importer.builder, size, input).map_err(Pt2Error::Graph)?;
        importer.bind(&input.name, picture);
        let mut others = ends::users(&self.archive.program).filter(|name| *name != input.name);
        let classes = importer.make(&output.value).map_err(|error| match (others.next(), error) {
            (Some(other), Pt2Error::Operation { why, .. }) if why.contains(&format!("“{other}”")) => {
                Pt2Error::Graph(format!(
                    "besides the picture “{}” it asks for “{other}”, which igoscope has nothing to give for: export the \
                     network with the picture as its only input",
                    input.name
                ))
            }
            (_, error) => error,
        })?;
        let (classes, outputs) = as_row(&mut importer.builder, classes, &output.name).map_err(Pt2Error::Graph)?;
        Ok((importer.finish(classes)?, outputs))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_changed_in_an_archive_is_read_or_refused_and_nothing_worse() {
        for name in ["windows", "mobile", "older"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/fixtures/pt2/{name}.pt2"));
            let whole = fs::read(path).unwrap();
            let mut seed = 1_u64;
            let mut next = |most: usize| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 33) as usize % most
            };
            let mut imported = 0;
            for _ in 0..300 {
                let mut bytes = whole.clone();
                for _ in 0..=next(3) {
                    let at = next(bytes.len());
                    // Sizes and places are digits; others are as often something else.
                    bytes[at] = if bytes[at].is_ascii_digit() { b'0' + next(10) as u8 } else { next(256) as u8 };
                }
                if next(10) == 0 {
                    bytes.truncate(next(whole.len()));
                }
                let Ok(file) = Pt2File::from_bytes(bytes) else { continue };
                let (_, _, _) = (file.input().is_ok(), file.operations(), file.parameters());
                let Ok(output) = file.output(None) else { continue };
                imported += usize::from(file.import([32; 2], &output).is_ok());
            }
            assert!((1..300).contains(&imported), "{imported} of {name}");
        }
    }
}
