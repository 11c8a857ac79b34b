//! Why a file of weights, or a tensor in it, cannot be used: what is wrong, and what to do where something can be done.

use std::io;

/// What is wrong with a file of weights. Its place is told by whoever asked for it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WeightsError {
    // The file as a whole.
    #[error("the file cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("it is not a file")]
    NotAFile,
    /// It is something else, in words.
    #[error("{0}")]
    Foreign(&'static str),
    #[error("the file ends too early: it was cut off")]
    CutOff,
    #[error("the file ends too early: it was cut off, or changed while it was read")]
    CutOffWhileRead,
    #[error("the file ends before its tensor “{0}”: it was cut off, fetch or copy it again")]
    EndsBefore(String),
    #[error("there is no tensor in the file")]
    NoTensors,

    // What Python keeps otherwise than by names: what it is, and the line that makes a state dict of it.
    /// A program, by its kind, what loads its tensors, and what makes an ONNX file of it.
    #[error(
        "this is {kind}, which igoscope does not run: in Python, `{network}` makes an ONNX file of it, which igoscope \
         reads, and `torch.save({tensors}, \"weights.pth\")` saves its weights"
    )]
    Program { kind: &'static str, tensors: &'static str, network: &'static str },
    /// Objects of this class; what loads one.
    #[error(
        "this is a whole Python object ({class}), and igoscope runs no code: in Python, where that class is known, \
         `torch.save({object}.state_dict(), \"weights.pth\")` saves its weights"
    )]
    WholeObject { class: String, object: String },
    /// What it is instead of a dict.
    #[error(
        "this is {0}, and nothing tells whose they are: in Python, `torch.save(model.state_dict(), \"weights.pth\")` saves \
         a model's weights with their names"
    )]
    Nameless(String),
    /// NumPy's; what loads the dict of them.
    #[error(
        "its values are NumPy arrays: in Python, \
         `torch.save({{k: torch.from_numpy(v) for k, v in {dict}.items()}}, \"weights.pth\")` makes tensors of them"
    )]
    Arrays { dict: &'static str },
    #[error(
        "this was written by pickle and not by torch.save: in Python, \
         `torch.save(pickle.load(open(\"…\", \"rb\")), \"weights.pth\")` writes what igoscope reads"
    )]
    PlainPickle,
    #[error("it describes more than igoscope is ready to read")]
    TooMuch,

    // A tensor.
    #[error("the tensor “{name}” is damaged: {why}")]
    DamagedTensor { name: String, why: Box<Self> },
    #[error("it has {0} dimensions")]
    Dimensions(usize),
    #[error("its shape does not fit this computer's memory")]
    ShapeOverflow,
    #[error("shape {shape:?} does not fit its {bytes} bytes")]
    ShapeAndBytes { shape: Vec<usize>, bytes: u64 },
    #[error("shape {shape:?} is larger than its storage of {count} values")]
    ShapeAndStorage { shape: Vec<usize>, count: u64 },
    #[error("it has {strides} strides for {dimensions} dimensions")]
    Strides { strides: usize, dimensions: usize },
    #[error("it reaches beyond its storage of {0} values")]
    BeyondStorage(u64),
    #[error("its place in the file is no number")]
    PlaceOverflow,
    #[error("it is not there")]
    NoSuchTensor,
    #[error("it holds no floating-point numbers: quantised weights cannot be explained")]
    Quantised,
    #[error("it holds a value that is not a finite number")]
    NotFinite,

    // safetensors.
    #[error("its header claims {0} bytes: the file is damaged")]
    LargeHeader(u64),
    #[error("its header is damaged: {0}")]
    DamagedHeader(serde_json::Error),
    #[error("it begins at {from} and ends at {to}")]
    Backwards { from: u64, to: u64 },
    #[error("its place is no number")]
    StartOverflow,
    #[error("its type {0:?} is unknown")]
    UnknownType(String),

    // PyTorch's archives.
    #[error("this archive was not written by torch.save: there is no data.pkl in it")]
    ForeignArchive,
    #[error("it was written on a computer with another byte order: save it again on a usual one")]
    ByteOrder,
    #[error("a part of the archive is compressed, which PyTorch never does: save it again")]
    Compressed,
    #[error("the archive is damaged")]
    DamagedArchive,
    #[error("the archive is damaged: a member does not begin where it should")]
    DamagedMember,
    #[error("the archive's directory is damaged")]
    DamagedDirectory,
    #[error("its directory claims {0} bytes: the archive is damaged")]
    LargeDirectory(u64),
    #[error("the archive has no end: it was cut off, fetch or copy it again")]
    NoEnd,
    #[error("the archive's end is damaged")]
    DamagedEnd,
    #[error("its values, part {0} of the archive, are missing")]
    MissingPart(String),
    #[error("its values are cut off")]
    ValuesCutOff,

    // PyTorch's pickles and storages.
    #[error("its description of the tensors is damaged")]
    DamagedDescription,
    #[error("its description of the tensors is damaged (there is no instruction {0:#04x})")]
    UnknownInstruction(u8),
    #[error("its description of the tensors is cut off, or too long")]
    DescriptionCutOff,
    #[error("its description of the tensors claims {0} bytes: the archive is damaged")]
    LargeDescription(u64),
    #[error("its list of storages is damaged")]
    DamagedStorages,
    #[error("it has a storage of a kind that igoscope does not know")]
    UnknownStorage,
    #[error("a storage has {stored} values where {announced} were announced: the file is damaged")]
    StorageSize { stored: u64, announced: u64 },
    #[error("its values are missing")]
    MissingValues,
}
