//! What `fuzz` asks of files of networks: all that is done with one before it is hosted.

use igoscope_nn::graph::Graph;

use super::{onnx::OnnxFile, pt2::Pt2File};

/// The graph of the bytes of an ONNX file, for pictures of so many columns and rows; none if it is refused.
pub fn onnx_graph(bytes: Vec<u8>, size: [usize; 2]) -> Option<Graph> {
    let file = OnnxFile::from_bytes(bytes, None).ok()?;
    // What is shown of a file before it is hosted.
    let _ = (file.said(), file.title(), file.producer(), file.parameters(), file.operations(), file.input());
    let output = file.output(None).ok()?;
    Some(file.import(size, &output).ok()?.graph)
}

/// The same of the bytes of an archive that `torch.export.save` writes.
pub fn pt2_graph(bytes: Vec<u8>, size: [usize; 2]) -> Option<Graph> {
    let file = Pt2File::from_bytes(bytes).ok()?;
    let _ = (file.producer(), file.nodes(), file.parameters(), file.operations(), file.input());
    let output = file.output(None).ok()?;
    Some(file.import(size, &output).ok()?.graph)
}
