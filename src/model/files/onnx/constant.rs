//! Values that are known before a picture is: weights, and what is computed of shapes.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use half::{bf16, f16};

use super::{
    error::OnnxError,
    proto::{StringStringEntryProto, TensorProto, data_type},
};

/// The most values of one tensor: half a gigabyte in single precision, more than any layer of a classifier.
pub(super) const MAX_VALUES: usize = if cfg!(fuzzing) { 1 << 20 } else { 1 << 27 };

/// The most dimensions of a tensor: windowed attention has seven for a moment.
pub(super) const MAX_DIMENSIONS: usize = 10;

/// Where a tensor's values are, if they are beside the file: `TensorProto.DataLocation.EXTERNAL`.
const EXTERNAL: i32 = 1;

/// Numbers, in single precision or whole. Truth values are whole: 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data {
    /// Numbers in single precision.
    Float(Vec<f32>),
    /// Whole numbers.
    Int(Vec<i64>),
}

/// A value that is known before a picture is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Constant {
    /// Sizes; none of a single number.
    pub shape: Vec<usize>,
    /// The numbers, row by row.
    pub data: Data,
    /// Which kind of number they are in the file (`TensorProto.DataType`), as the range of a quantisation depends on it.
    pub kind: i32,
}

impl Data {
    pub fn len(&self) -> usize {
        match self {
            Self::Float(values) => values.len(),
            Self::Int(values) => values.len(),
        }
    }
}

impl Constant {
    /// Numbers in a shape, which must hold as many.
    pub fn new(shape: Vec<usize>, data: Data) -> Result<Self, String> {
        if shape.len() > 2 * MAX_DIMENSIONS {
            return Err(format!("a tensor cannot have {} axes", shape.len()));
        }
        if count(&shape)? != data.len() {
            return Err(format!("{} values are not a tensor of shape {shape:?}", data.len()));
        }
        let kind = if matches!(data, Data::Float(_)) { data_type::FLOAT } else { data_type::INT64 };
        Ok(Self { shape, data, kind })
    }

    /// A list of whole numbers.
    pub fn ints(values: Vec<i64>) -> Self {
        Self { shape: vec![values.len()], data: Data::Int(values), kind: data_type::INT64 }
    }

    /// One number.
    pub fn scalar(value: f32) -> Self {
        Self { shape: Vec::new(), data: Data::Float(vec![value]), kind: data_type::FLOAT }
    }

    /// Its numbers in single precision.
    pub fn floats(&self) -> Vec<f32> {
        match &self.data {
            Data::Float(values) => values.clone(),
            Data::Int(values) => values.iter().map(|&value| value as f32).collect(),
        }
    }

    /// Its numbers, if they are whole.
    pub fn as_ints(&self) -> Option<&[i64]> {
        match &self.data {
            Data::Int(values) => Some(values),
            Data::Float(_) => None,
        }
    }

    /// Its one number, if it has but one.
    pub fn single(&self) -> Option<f32> {
        match &self.data {
            Data::Float(values) => values.first().copied().filter(|_| values.len() == 1),
            Data::Int(values) => values.first().map(|&value| value as f32).filter(|_| values.len() == 1),
        }
    }
}

/// The number of values of a shape, if it is not too large. A shape without values has to be small in its other sizes, as
/// these are multiplied and walked through all the same.
pub(super) fn count(shape: &[usize]) -> Result<usize, String> {
    let product = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size.max(1)));
    product
        .filter(|count| *count <= MAX_VALUES)
        .map(|count| if shape.contains(&0) { 0 } else { count })
        .ok_or_else(|| format!("a tensor of shape {shape:?} is larger than igoscope allows ({MAX_VALUES} values)"))
}

/// Reads tensors of a file, whose values may be in others beside it.
#[derive(Debug)]
pub(crate) struct TensorReader {
    /// The folder of the file, for what is beside it; none of bytes.
    folder: Option<PathBuf>,
}

impl TensorReader {
    pub fn beside(file: Option<&Path>) -> Self {
        Self { folder: file.map(|file| file.parent().unwrap_or(Path::new("")).to_owned()) }
    }

    /// A tensor's values.
    ///
    /// # Errors
    /// Its kind of number is not read, it has other values than its shape, or the file beside is not there.
    pub fn read(&self, tensor: &TensorProto) -> Result<Constant, OnnxError> {
        let name =
            || tensor.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| "of an attribute".to_owned());
        self.values(tensor).map_err(|why| OnnxError::Tensor { name: name(), why })
    }

    fn values(&self, tensor: &TensorProto) -> Result<Constant, String> {
        let shape = shape_of(tensor)?;
        let count = count(&shape)?;
        let kind = tensor.data_type.unwrap_or_default();
        let width = width_of(kind)?;
        let external = tensor.data_location == Some(EXTERNAL);
        let stored;
        let raw: Option<&[u8]> = if external {
            stored = self.external(&tensor.external_data, count * width)?;
            Some(&stored)
        } else {
            tensor.raw_data.as_deref()
        };
        let data = match raw {
            Some(raw) if raw.len() == count * width => decoded(kind, raw),
            Some(raw) => {
                return Err(format!("it has {} bytes where its shape {shape:?} takes {}", raw.len(), count * width));
            }
            None => typed(kind, tensor),
        };
        Ok(Constant { kind, ..Constant::new(shape, data)? })
    }

    /// `len` bytes of a file beside this one.
    fn external(&self, entries: &[StringStringEntryProto], len: usize) -> Result<Vec<u8>, String> {
        let folder = self.folder.as_deref().ok_or("its values are in another file")?;
        let entry = |key: &str| {
            let found = entries.iter().find(|entry| entry.key.as_deref() == Some(key));
            found.and_then(|entry| entry.value.as_deref())
        };
        let number = |key: &str| -> Result<Option<u64>, String> {
            let Some(text) = entry(key) else { return Ok(None) };
            text.parse().map(Some).map_err(|_| format!("its {key} in the file of weights is “{text}”, no number"))
        };
        let location = entry("location").ok_or("it does not say which file its values are in")?;
        let offset = number("offset")?.unwrap_or(0);
        if let Some(length) = number("length")?
            && length != len as u64
        {
            return Err(format!("the file of weights has {length} bytes of it where its shape takes {len}"));
        }
        let path = inside(folder, location)?;
        let missing = |error: std::io::Error| {
            format!("its values are in “{location}”, which must lie beside the ONNX file and cannot be read ({error})")
        };
        let mut file = File::open(&path).map_err(missing)?;
        let size = file.metadata().map_err(missing)?.len();
        if offset.checked_add(len as u64).is_none_or(|end| end > size) {
            return Err(format!(
                "the file of weights “{location}” ends before it: it is damaged, or another network's"
            ));
        }
        file.seek(SeekFrom::Start(offset)).map_err(missing)?;
        let mut bytes = vec![0; len];
        file.read_exact(&mut bytes).map_err(missing)?;
        Ok(bytes)
    }
}

/// A file in a folder, which no path and no link leads out of.
fn inside(folder: &Path, location: &str) -> Result<PathBuf, String> {
    let outside = || {
        format!("its values are said to be in “{location}”, outside the folder of the ONNX file, which is not followed")
    };
    let relative = Path::new(location);
    let is_plain = relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    // A colon or backslash is another system's way out.
    if location.is_empty() || !is_plain || location.contains(['\\', ':', '\0']) {
        return Err(outside());
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let path = folder.join(relative);
    let missing = |error| {
        format!("its values are in “{location}”, which must lie beside the ONNX file and cannot be read ({error})")
    };
    let real = path.canonicalize().map_err(missing)?;
    let real_folder = folder.canonicalize().map_err(missing)?;
    if real.starts_with(real_folder) && real.is_file() { Ok(real) } else { Err(outside()) }
}

fn shape_of(tensor: &TensorProto) -> Result<Vec<usize>, String> {
    if tensor.dims.len() > MAX_DIMENSIONS {
        return Err(format!("it has {} dimensions", tensor.dims.len()));
    }
    let shape: Result<Vec<usize>, _> = tensor.dims.iter().map(|&size| usize::try_from(size)).collect();
    shape.map_err(|_| format!("its shape {:?} has a size that cannot be", tensor.dims))
}

/// The shape that a tensor says it has, and how many values that are, without reading them.
pub(super) fn described(tensor: &TensorProto) -> Option<(Vec<usize>, usize)> {
    let shape = shape_of(tensor).ok()?;
    let count = count(&shape).ok()?;
    Some((shape, count))
}

/// Bytes of a number of a kind.
fn width_of(kind: i32) -> Result<usize, String> {
    Ok(match kind {
        data_type::UINT8 | data_type::INT8 | data_type::BOOL => 1,
        data_type::UINT16 | data_type::INT16 | data_type::FLOAT16 | data_type::BFLOAT16 => 2,
        data_type::FLOAT | data_type::INT32 | data_type::UINT32 => 4,
        data_type::DOUBLE | data_type::INT64 | data_type::UINT64 => 8,
        8 => return Err("it holds texts, no numbers".to_owned()),
        14 | 15 => return Err("it holds complex numbers, which igoscope does not compute with".to_owned()),
        17..=28 => {
            return Err("it holds numbers of 8 bits or fewer in a format that igoscope does not read: export the \
                        network in f32 or f16"
                .to_owned());
        }
        other => return Err(format!("it holds numbers of a kind ({other}) that ONNX does not have")),
    })
}

/// Little-endian numbers of a kind.
fn decoded(kind: i32, raw: &[u8]) -> Data {
    let floats = |values: Vec<f32>| Data::Float(values);
    match kind {
        data_type::FLOAT => floats(raw.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()),
        data_type::DOUBLE => floats(raw.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b) as f32).collect()),
        data_type::FLOAT16 => floats(raw.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect()),
        data_type::BFLOAT16 => floats(raw.as_chunks().0.iter().map(|&b| bf16::from_le_bytes(b).to_f32()).collect()),
        data_type::INT64 => Data::Int(raw.as_chunks().0.iter().map(|&b| i64::from_le_bytes(b)).collect()),
        data_type::UINT64 => Data::Int(raw.as_chunks().0.iter().map(|&b| u64::from_le_bytes(b) as i64).collect()),
        data_type::INT32 => Data::Int(raw.as_chunks().0.iter().map(|&b| i32::from_le_bytes(b).into()).collect()),
        data_type::UINT32 => Data::Int(raw.as_chunks().0.iter().map(|&b| u32::from_le_bytes(b).into()).collect()),
        data_type::INT16 => Data::Int(raw.as_chunks().0.iter().map(|&b| i16::from_le_bytes(b).into()).collect()),
        data_type::UINT16 => Data::Int(raw.as_chunks().0.iter().map(|&b| u16::from_le_bytes(b).into()).collect()),
        data_type::INT8 => Data::Int(raw.iter().map(|&byte| i64::from(byte.cast_signed())).collect()),
        _ => Data::Int(raw.iter().map(|&byte| i64::from(byte)).collect()),
    }
}

/// Numbers of a kind in the list that ONNX keeps them in.
fn typed(kind: i32, tensor: &TensorProto) -> Data {
    let bits = |value: &i32| *value as u16;
    match kind {
        data_type::FLOAT => Data::Float(tensor.float_data.clone()),
        data_type::DOUBLE => Data::Float(tensor.double_data.iter().map(|&value| value as f32).collect()),
        data_type::FLOAT16 => {
            Data::Float(tensor.int32_data.iter().map(|value| f16::from_bits(bits(value)).to_f32()).collect())
        }
        data_type::BFLOAT16 => {
            Data::Float(tensor.int32_data.iter().map(|value| bf16::from_bits(bits(value)).to_f32()).collect())
        }
        data_type::INT64 => Data::Int(tensor.int64_data.clone()),
        data_type::UINT32 | data_type::UINT64 => {
            Data::Int(tensor.uint64_data.iter().map(|&value| value as i64).collect())
        }
        _ => Data::Int(tensor.int32_data.iter().map(|&value| value.into()).collect()),
    }
}

/// A constant that several nodes share.
pub(crate) type Shared = Arc<Constant>;
