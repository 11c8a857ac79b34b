//! The archive that a program is in: its description as JSON, and its weights.
//!
//! Source: `torch/export/pt2_archive/_package.py` and `torch/export/__init__.py`. Three ways of keeping weights are read:
//! each in a member of its own with a list of them (PyTorch 2.9), all in one as `torch.save` writes them (2.8), and that
//! beside a program that is not in a folder (2.1 to 2.7).

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Arc,
};

use serde::Deserialize;

use super::{
    error::Pt2Error,
    program::{Program, Size, TensorMeta},
};
use crate::files::weights::{Member, Place, Precision, Source, TensorFile, error::WeightsError, members};

/// The most bytes of a description: large networks take some megabytes.
const MAX_TEXT_BYTES: u64 = if cfg!(fuzzing) { 1 << 20 } else { 64 << 20 };

/// The most bytes of weights in one member, which are read at once.
const MAX_WEIGHTS_BYTES: u64 = if cfg!(fuzzing) { 1 << 22 } else { 4 << 30 };

/// The description of programs up to PyTorch 2.7.
const OLDER: &str = "serialized_exported_program.json";

/// Where newer archives keep descriptions.
const MODELS: &str = "models/";

/// What says that a newer archive is one.
const FORMAT: &str = "archive_format";

/// The list of the weights, or constants, of a newer archive.
#[derive(Debug, Deserialize)]
struct Listed {
    config: HashMap<String, Entry>,
}

/// One of them.
#[derive(Debug, Deserialize)]
struct Entry {
    path_name: String,
    #[serde(default)]
    use_pickle: bool,
    #[serde(default)]
    tensor_meta: Option<TensorMeta>,
}

/// A program, and the tensors that are stored with it.
#[derive(Debug)]
pub(super) struct Archive {
    pub program: Program,
    weights: Option<TensorFile>,
    constants: Option<TensorFile>,
}

/// Whether an archive with these members has a program of `torch.export`.
fn is_program(members: &HashMap<String, Member>) -> bool {
    members.keys().any(|name| last(name) == FORMAT || last(name) == OLDER)
}

/// A member's name without its folders.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether a file is such an archive.
pub(super) fn is_one(path: &Path) -> bool {
    let Ok(source) = Source::open(path) else { return false };
    source.bytes(0, 2).is_ok_and(|head| head == b"PK") && members(&source).is_ok_and(|members| is_program(&members))
}

impl Archive {
    pub fn read(source: Source) -> Result<Self, Pt2Error> {
        if !source.bytes(0, source.len.min(2))?.starts_with(b"PK") {
            return Err(Pt2Error::Foreign("this is no archive of `torch.export.save`, or a damaged one"));
        }
        let members = members(&source)?;
        let source = Arc::new(source);
        let found = described(&members)?;
        let folder = found.strip_suffix(OLDER).or_else(|| Some(found.rsplit_once(MODELS)?.0)).unwrap_or_default();
        let archive = Members { source: &source, members: &members, folder };
        if let Some(order) = archive.member("byteorder")
            && archive.bytes(order, 16)? != b"little"
        {
            return Err(WeightsError::ByteOrder.into());
        }
        let program: Program = archive.json(&members[found])?;
        let (weights, constants) = if last(found) == OLDER {
            // Named JSON as all members are, and written by `torch.save`.
            let [weights, constants] =
                ["state_dict", "constants"].map(|what| archive.saved(&format!("serialized_{what}.json")));
            (weights?, constants?)
        } else {
            let model = last(found).strip_suffix(".json").unwrap_or_default();
            (archive.tensors("weights", model)?, archive.tensors("constants", model)?)
        };
        Ok(Self { program, weights, constants })
    }

    /// A stored tensor's shape.
    pub fn shape(&self, key: &str) -> Option<&[usize]> {
        self.file_with(key)?.shape(key)
    }

    /// The shape and the values of a stored tensor, row after row.
    pub fn values(&self, key: &str) -> Result<(Vec<usize>, Vec<f32>), Pt2Error> {
        let refused = |why: String| Pt2Error::Tensor { name: key.to_owned(), why };
        let file = self.file_with(key).ok_or_else(|| refused("the archive does not have it".to_owned()))?;
        let values = file.numbers(key).map_err(|error| refused(error.to_string()))?;
        Ok((file.shape(key).unwrap_or_default().to_vec(), values))
    }

    fn file_with(&self, key: &str) -> Option<&TensorFile> {
        [&self.weights, &self.constants].into_iter().flatten().find(|file| file.shape(key).is_some())
    }
}

/// The member that describes the program.
fn described(members: &HashMap<String, Member>) -> Result<&str, Pt2Error> {
    let mut names: Vec<&str> = members.keys().map(String::as_str).collect();
    names.sort_unstable();
    let is_in_models = |name: &&&str| {
        let folder = name.strip_suffix(last(name)).unwrap_or_default();
        (folder == MODELS || folder.ends_with(&format!("/{MODELS}"))) && name.ends_with(".json")
    };
    let mut newer = names.iter().filter(is_in_models);
    match (newer.next(), newer.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(Pt2Error::Foreign(
            "this archive has several programs: `torch.export.save` each into a file of its own",
        )),
        (None, _) => names.iter().find(|name| last(name) == OLDER).copied().ok_or(Pt2Error::Foreign(
            "this archive has no program of torch.export: if it was compiled by AOTInductor, it is machine code, which \
             igoscope does not run; `torch.export.save(torch.export.export(model.eval(), (x,)), \"network.pt2\")` writes \
             what it reads",
        )),
    }
}

/// The members of an archive that are in one folder.
struct Members<'a> {
    source: &'a Arc<Source>,
    members: &'a HashMap<String, Member>,
    folder: &'a str,
}

impl<'a> Members<'a> {
    fn member(&self, name: &str) -> Option<&'a Member> {
        self.members.get(&format!("{}{name}", self.folder))
    }

    fn bytes(&self, member: &Member, most: u64) -> Result<Vec<u8>, Pt2Error> {
        if member.size() > most {
            let (what, limit) = ("what its archive describes".to_owned(), format!("{} MB", most >> 20));
            return Err(Pt2Error::TooLarge { what, limit });
        }
        Ok(self.source.bytes(member.start(self.source)?, member.size())?)
    }

    fn json<T: serde::de::DeserializeOwned>(&self, member: &Member) -> Result<T, Pt2Error> {
        serde_json::from_slice(&self.bytes(member, MAX_TEXT_BYTES)?).map_err(|why| Pt2Error::Damaged(why.to_string()))
    }

    /// What `torch.save` wrote into a member; none where there is nothing.
    fn saved(&self, name: &str) -> Result<Option<TensorFile>, Pt2Error> {
        let Some(member) = self.member(name) else { return Ok(None) };
        if member.size() == 0 {
            return Ok(None);
        }
        match TensorFile::from_bytes(self.bytes(member, MAX_WEIGHTS_BYTES)?) {
            Ok(file) => Ok(Some(file)),
            Err(WeightsError::NoTensors) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The weights or constants of a newer archive.
    fn tensors(&self, what: &str, model: &str) -> Result<Option<TensorFile>, Pt2Error> {
        let Some(list) = self.member(&format!("data/{what}/{model}_{what}_config.json")) else {
            return self.saved(&format!("data/{what}/{model}.pt"));
        };
        let Listed { config } = self.json(list)?;
        let mut places = BTreeMap::new();
        for (key, entry) in config {
            let refused = |why: String| Pt2Error::Tensor { name: key.clone(), why };
            // What is no plain tensor is pickled: it is missed only where the program takes it.
            let Some(meta) = entry.tensor_meta.as_ref().filter(|_| !entry.use_pickle) else { continue };
            let name = format!("data/{what}/{}", entry.path_name);
            let member = self.member(&name).ok_or_else(|| WeightsError::MissingPart(name.clone()))?;
            let place = self.place(meta, member).map_err(|error| refused(error.to_string()))?;
            places.insert(key, place);
        }
        Ok(Some(TensorFile::of_places(Arc::clone(self.source), places)?))
    }

    fn place(&self, meta: &TensorMeta, member: &Member) -> Result<Place, WeightsError> {
        let number = |size: &Size| size.fixed().map(|size| size as u64).ok_or(WeightsError::ShapeOverflow);
        let numbers = |sizes: &[Size]| sizes.iter().map(number).collect::<Result<Vec<u64>, _>>();
        let precision = precision(meta.dtype);
        let offset = meta.storage_offset.as_ref().map_or(Ok(0), number)?;
        let storage = (member.start(self.source)?, member.size() / precision.bytes());
        Place::view(precision, &numbers(&meta.sizes)?, &numbers(&meta.strides)?, offset, storage)
    }
}

/// Bytes.
pub(super) const BYTE: i64 = 1;

/// Truth values.
pub(super) const BOOL: i64 = 12;

/// Whether values of a type are whole numbers.
pub(super) fn is_whole(dtype: i64) -> bool {
    matches!(dtype, BYTE..=5 | 28)
}

/// `ScalarType` of the schema.
fn precision(dtype: i64) -> Precision {
    match dtype {
        BYTE | BOOL => Precision::Whole { bytes: 1, is_signed: false },
        2 => Precision::Whole { bytes: 1, is_signed: true },
        3 => Precision::Whole { bytes: 2, is_signed: true },
        4 => Precision::Whole { bytes: 4, is_signed: true },
        5 => Precision::Whole { bytes: 8, is_signed: true },
        6 => Precision::F16,
        7 => Precision::F32,
        8 => Precision::F64,
        13 => Precision::Bf16,
        28 => Precision::Whole { bytes: 2, is_signed: false },
        // Complex numbers and those of eight bits: what else there is has more bytes than one, and is never read.
        _ => Precision::Other(1),
    }
}
