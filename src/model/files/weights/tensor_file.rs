//! A file of named tensors, whatever its format: where each one's values lie, checked before anything is allocated.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use half::{bf16, f16};

use super::{error::WeightsError, pytorch, safetensors};
use crate::files::onnx::OnnxFile;

/// The most dimensions a tensor may have: convolutions have 4.
pub(crate) const MAX_DIMENSIONS: usize = 8;

/// The most tensors a file may have: the largest networks have a few thousand, with an optimiser's state some ten
/// thousand.
pub(crate) const MAX_TENSORS: usize = 100_000;

/// Bytes that are read and converted together.
const PIECE: usize = 256 * 1024;

/// Where a tar archive says that it is one, and how.
const TAR: (u64, &[u8]) = (257, b"ustar");

/// How a tensor's values are stored, little end first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// Half precision.
    F16,
    /// Half precision with single precision's range.
    Bf16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// Whole numbers, and truth values as 0 and 1: places and counts of a program, and never a weight.
    Whole {
        /// Bytes of one: 1, 2, 4 or 8.
        bytes: u64,
        /// Whether the first bit is a sign.
        is_signed: bool,
    },
    /// Something else, of so many bytes: kept to be counted, and never a weight.
    Other(u64),
}

impl Precision {
    /// Bytes a value takes.
    pub fn bytes(self) -> u64 {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
            Self::Whole { bytes, .. } | Self::Other(bytes) => bytes,
        }
    }

    /// Appends the values that `bytes` hold.
    fn decode(self, bytes: &[u8], values: &mut Vec<f32>) {
        match self {
            Self::F16 => values.extend(bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32())),
            Self::Bf16 => values.extend(bytes.as_chunks().0.iter().map(|&b| bf16::from_le_bytes(b).to_f32())),
            Self::F32 => values.extend(bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b))),
            Self::F64 => values.extend(bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b) as f32)),
            Self::Whole { bytes: width, is_signed } => {
                let unused = 64 - 8 * width as u32;
                let whole =
                    |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
                values.extend(bytes.chunks_exact(width as usize).map(whole).map(|number| match is_signed {
                    true => ((number << unused) as i64 >> unused) as f32,
                    false => number as f32,
                }));
            }
            Self::Other(_) => {}
        }
    }
}

/// Where a tensor's values lie in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    precision: Precision,
    shape: Vec<usize>,
    /// Values from one to the next along each dimension; none where they lie one after the other.
    strides: Option<Vec<u64>>,
    /// Where the first value begins.
    start: u64,
    /// Bytes from there to the end of the last one.
    span: u64,
}

impl Place {
    /// A tensor whose values lie one after the other in `bytes` bytes at `start`.
    pub fn dense(precision: Precision, shape: &[u64], start: u64, bytes: u64) -> Result<Self, WeightsError> {
        let shape = checked_shape(shape)?;
        let wanted = values_of(&shape).and_then(|count| count.checked_mul(precision.bytes()));
        if wanted != Some(bytes) {
            return Err(WeightsError::ShapeAndBytes { shape, bytes });
        }
        Ok(Self { precision, shape, strides: None, start, span: bytes })
    }

    /// A view, as PyTorch keeps them, of a storage of `count` values at `start`: the first value is value `offset` of
    /// the storage, and along each dimension the next one is `strides` further.
    pub fn view(
        precision: Precision,
        shape: &[u64],
        strides: &[u64],
        offset: u64,
        (start, count): (u64, u64),
    ) -> Result<Self, WeightsError> {
        let shape = checked_shape(shape)?;
        if strides.len() != shape.len() {
            return Err(WeightsError::Strides { strides: strides.len(), dimensions: shape.len() });
        }
        let values = values_of(&shape).filter(|values| *values <= count);
        let values = values.ok_or_else(|| WeightsError::ShapeAndStorage { shape: shape.clone(), count })?;
        let reach = shape.iter().zip(strides).try_fold(0_u64, |reach, (&size, &stride)| {
            reach.checked_add((size as u64).saturating_sub(1).checked_mul(stride)?)
        });
        let length = if values == 0 { Some(0) } else { reach.and_then(|reach| reach.checked_add(1)) };
        let length = length.filter(|length| offset.checked_add(*length).is_some_and(|end| end <= count));
        let length = length.ok_or(WeightsError::BeyondStorage(count))?;
        let bytes = precision.bytes();
        let place = offset.checked_mul(bytes).and_then(|skipped| start.checked_add(skipped));
        let (Some(start), Some(span)) = (place, length.checked_mul(bytes)) else {
            return Err(WeightsError::PlaceOverflow);
        };
        let strides = (!is_dense(&shape, strides)).then(|| strides.to_vec());
        Ok(Self { precision, shape, strides, start, span })
    }
}

/// The shape, if it is one: few enough dimensions, each a number that fits memory.
fn checked_shape(shape: &[u64]) -> Result<Vec<usize>, WeightsError> {
    if shape.len() > MAX_DIMENSIONS {
        return Err(WeightsError::Dimensions(shape.len()));
    }
    let shape: Result<Vec<usize>, _> = shape.iter().map(|&size| usize::try_from(size)).collect();
    shape.map_err(|_| WeightsError::ShapeOverflow)
}

/// The number of values of a shape, if it is a number.
fn values_of(shape: &[usize]) -> Option<u64> {
    shape.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64))
}

/// Whether the values of a view lie one after the other.
fn is_dense(shape: &[usize], strides: &[u64]) -> bool {
    let mut expected = 1_u64;
    shape.iter().zip(strides).rev().all(|(&size, &stride)| {
        let fits = size == 1 || stride == expected;
        expected = expected.saturating_mul(size as u64);
        fits
    })
}

/// Where bytes come from.
#[derive(Debug)]
enum Bytes {
    Memory(Cow<'static, [u8]>),
    File(Mutex<File>),
}

/// Bytes that can be read from any place.
#[derive(Debug)]
pub(crate) struct Source {
    bytes: Bytes,
    /// How many there are.
    pub len: u64,
}

impl Source {
    /// A file's.
    ///
    /// # Errors
    /// It cannot be opened, or is no file.
    pub fn open(path: &Path) -> Result<Self, WeightsError> {
        let file = File::open(path).map_err(WeightsError::Unreadable)?;
        let metadata = file.metadata().map_err(WeightsError::Unreadable)?;
        if !metadata.is_file() {
            return Err(WeightsError::NotAFile);
        }
        Ok(Self { len: metadata.len(), bytes: Bytes::File(Mutex::new(file)) })
    }

    /// Those in memory.
    pub fn of_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        let bytes = bytes.into();
        Self { len: bytes.len() as u64, bytes: Bytes::Memory(bytes) }
    }

    /// Fills `buffer` from the byte `at` on.
    pub fn read(&self, at: u64, buffer: &mut [u8]) -> Result<(), WeightsError> {
        match &self.bytes {
            Bytes::Memory(bytes) => {
                let start = usize::try_from(at).ok();
                let end = start.and_then(|start| start.checked_add(buffer.len()));
                let range = start.zip(end).and_then(|(start, end)| bytes.get(start..end));
                buffer.copy_from_slice(range.ok_or(WeightsError::CutOffWhileRead)?);
                Ok(())
            }
            Bytes::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(buffer));
                read.map_err(|error| match error.kind() {
                    io::ErrorKind::UnexpectedEof => WeightsError::CutOffWhileRead,
                    _ => WeightsError::Unreadable(error),
                })
            }
        }
    }

    /// `len` bytes from the byte `at` on, if the file has them.
    pub fn bytes(&self, at: u64, len: u64) -> Result<Vec<u8>, WeightsError> {
        let inside = at.checked_add(len).is_some_and(|end| end <= self.len);
        let len = usize::try_from(len).ok().filter(|_| inside);
        let mut buffer = vec![0; len.ok_or(WeightsError::CutOff)?];
        self.read(at, &mut buffer)?;
        Ok(buffer)
    }
}

/// A file of named tensors: safetensors, or PyTorch's two formats. Only what describes the tensors is in memory.
#[derive(Debug)]
pub(crate) struct TensorFile {
    source: Arc<Source>,
    tensors: BTreeMap<String, Place>,
}

impl TensorFile {
    /// Opens a file and reads what it says of its tensors. Errors say what is wrong, and what to do.
    pub fn open(path: &Path) -> Result<Self, WeightsError> {
        Self::read(Source::open(path)?)
    }

    /// The tensors of a file's bytes.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, WeightsError> {
        Self::read(Source::of_bytes(bytes))
    }

    /// Tensors of which it is known where they lie.
    ///
    /// # Errors
    /// The source ends before one of them.
    pub fn of_places(source: Arc<Source>, tensors: BTreeMap<String, Place>) -> Result<Self, WeightsError> {
        match tensors.iter().find(|(_, place)| !fits(place, source.len)) {
            Some((name, _)) => Err(WeightsError::EndsBefore(name.clone())),
            None => Ok(Self { source, tensors }),
        }
    }

    fn read(source: Source) -> Result<Self, WeightsError> {
        let head = source.bytes(0, source.len.min(64))?;
        let tensors = if head.starts_with(b"PK") {
            pytorch::from_zip(&source)?
        } else if pytorch::is_legacy(&head) {
            pytorch::from_legacy(&source)?
        } else if head.get(8) == Some(&b'{') {
            safetensors::tensors(&source)?
        } else if pytorch::is_pickle(&head) {
            return Err(pytorch::plain_pickle(&source));
        } else if source.bytes(TAR.0, TAR.1.len() as u64).is_ok_and(|bytes| bytes == TAR.1) {
            return Err(WeightsError::Foreign(
                "this is a tar archive: unpack it (`tar xf …`), and open the weights that were in it",
            ));
        } else {
            return Err(WeightsError::Foreign(foreign(&head, source.len)));
        };
        if tensors.is_empty() {
            return Err(WeightsError::NoTensors);
        }
        Self::of_places(Arc::new(source), tensors)
    }

    /// Names and shapes, in the order of the names.
    pub fn shapes(&self) -> impl ExactSizeIterator<Item = (&str, &[usize])> {
        self.tensors.iter().map(|(name, place)| (name.as_str(), place.shape.as_slice()))
    }

    /// The shape of a tensor, if it is there.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|place| place.shape.as_slice())
    }

    /// The values of a tensor in single precision, row by row.
    pub fn values(&self, name: &str) -> Result<Vec<f32>, WeightsError> {
        if self.tensors.get(name).is_some_and(|place| matches!(place.precision, Precision::Whole { .. })) {
            return Err(WeightsError::Quantised);
        }
        let values = self.numbers(name)?;
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(_) => Err(WeightsError::NotFinite),
        }
    }

    /// The same of a tensor that may be anything a program needs: whole numbers too, and infinities.
    pub fn numbers(&self, name: &str) -> Result<Vec<f32>, WeightsError> {
        let place = self.tensors.get(name).ok_or(WeightsError::NoSuchTensor)?;
        if let Precision::Other(_) = place.precision {
            return Err(WeightsError::Quantised);
        }
        let stored = self.stored(place)?;
        Ok(match &place.strides {
            None => stored,
            Some(strides) => gathered(&stored, &place.shape, strides),
        })
    }

    /// What the file has from a tensor's first value to its last.
    fn stored(&self, place: &Place) -> Result<Vec<f32>, WeightsError> {
        // The file has these bytes: that was checked when it was opened.
        let mut values = Vec::with_capacity((place.span / place.precision.bytes()) as usize);
        let mut buffer = vec![0; PIECE.min(place.span as usize)];
        let mut done = 0;
        while done < place.span {
            let piece = &mut buffer[..PIECE.min((place.span - done) as usize)];
            self.source.read(place.start + done, piece)?;
            place.precision.decode(piece, &mut values);
            done += piece.len() as u64;
        }
        Ok(values)
    }
}

fn fits(place: &Place, len: u64) -> bool {
    place.start.checked_add(place.span).is_some_and(|end| end <= len)
}

/// The values of a view, row by row. Every index was checked when the view was made.
fn gathered(stored: &[f32], shape: &[usize], strides: &[u64]) -> Vec<f32> {
    let count = shape.iter().product();
    let mut values = Vec::with_capacity(count);
    let mut index = vec![0; shape.len()];
    let mut at = 0_usize;
    for _ in 0..count {
        values.push(stored[at]);
        for dimension in (0..shape.len()).rev() {
            index[dimension] += 1;
            at += strides[dimension] as usize;
            if index[dimension] < shape[dimension] {
                break;
            }
            at -= index[dimension] * strides[dimension] as usize;
            index[dimension] = 0;
        }
    }
    values
}

/// What a file is that is neither of the formats.
fn foreign(head: &[u8], len: u64) -> &'static str {
    let begins = |with: &[u8]| head.starts_with(with);
    if len == 0 {
        "the file is empty"
    } else if begins(b"version https://git-lfs") {
        "this is git's pointer to the weights, not the weights: run `git lfs pull` where they come from"
    } else if begins(b"<") {
        "this is a web page, not weights: the download went wrong"
    } else if begins(b"\x89HDF") {
        "this is an HDF5 file, as Keras writes them: in Python, `keras.models.load_model(\"…\").export(\"network.onnx\", \
         format=\"onnx\")` makes an ONNX file of it, which igoscope reads"
    } else if begins(b"GGUF") {
        "this is a GGUF file of a language model: only safetensors and PyTorch's files can be read"
    } else if OnnxFile::is_one(head) {
        "this is an ONNX file, a whole network and not the weights of one"
    } else if begins(b"\x93NUMPY") {
        "this is a file of NumPy: in Python, `torch.save(…, \"weights.pth\")` of a dict of tensors by their names writes \
         what igoscope reads, and for a dict in it that is \
         `{k: torch.from_numpy(v) for k, v in numpy.load(\"…\", allow_pickle=True).item().items()}`"
    } else if begins(b"\x1f\x8b") || begins(b"\xfd7zXZ") || begins(b"BZh") {
        "this is a compressed file: unpack it, and open the weights that were in it"
    } else {
        "this is neither a safetensors nor a PyTorch file; if it is one, it is damaged"
    }
}
