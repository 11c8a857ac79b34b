//! Files that `torch.save` wrote: archives since PyTorch 1.6, and the older sequence of pickles.
//!
//! Source: `torch/serialization.py`. A file holds a state dict, a checkpoint with one somewhere inside, or a whole
//! module; every tensor in it is found, and named by the keys that lead to it. What is like such a file and has no
//! tensors with names is told by what it is, with the line of Python that makes a state dict of it.

use std::collections::{BTreeMap, HashMap};

use super::{
    error::WeightsError,
    pickle::{self, Id, Pickle, Value, View},
    tensor_file::{MAX_TENSORS, Place, Source},
    zip_directory::{self, Member},
};

/// The most bytes of a pickle: a tensor takes some 200.
const MAX_PICKLE_BYTES: u64 = 16 << 20;

/// How deep in a checkpoint tensors are looked for.
const MAX_DEPTH: usize = 64;

/// The longest name a tensor may have, in bytes.
const MAX_NAME_BYTES: usize = 512;

/// The most values that are looked at: what is met by several ways counts each time.
const MAX_VISITS: usize = 1_000_000;

/// What the older files begin with, as a pickle of protocol 2: PyTorch's magic number.
const MAGIC: [u8; 15] = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.'];

/// What loads a file that `torch.save` wrote, in Python.
const TORCH_LOAD: &str = r#"torch.load("…", weights_only=False)"#;

/// What loads a file that `pickle.dump` wrote.
const PICKLE_LOAD: &str = r#"pickle.load(open("…", "rb"))"#;

/// Names that a model has in a checkpoint.
const MODELS: [&str; 6] = ["model", "net", "network", "state_dict", "module", "learner"];

/// Whether a file with this beginning is a pickle of Python's own; the older files of PyTorch are some, and more.
pub(crate) fn is_pickle(head: &[u8]) -> bool {
    matches!(head, [0x80, 2..=5, ..])
}

/// What a pickle that PyTorch did not write is.
pub(crate) fn plain_pickle(source: &Source) -> WeightsError {
    let pickle = source.bytes(0, source.len.min(MAX_PICKLE_BYTES)).and_then(|bytes| pickle::read(&bytes));
    let Ok(pickle) = pickle else { return WeightsError::PlainPickle };
    let mut search = Search::new(&pickle);
    match search.visit(pickle.root, String::new(), 0) {
        Ok(()) => search.instead(PICKLE_LOAD).unwrap_or(WeightsError::PlainPickle),
        Err(_) => WeightsError::PlainPickle,
    }
}

/// What an archive is that `torch.save` did not write, if that can be told.
fn program(members: &HashMap<String, Member>) -> Option<WeightsError> {
    let has = |name: &str| members.keys().any(|own| own == name || own.ends_with(&format!("/{name}")));
    if has("constants.pkl") {
        let tensors = r#"torch.jit.load("…").state_dict()"#;
        let network =
            r#"torch.onnx.export(torch.jit.load("…"), torch.zeros(1, 3, 224, 224), "network.onnx", dynamo=False)"#;
        Some(WeightsError::Program { kind: "a TorchScript program", tensors, network })
    } else if has("archive_format") || has("serialized_exported_program.json") {
        Some(WeightsError::Foreign("this is a program of torch.export, a whole network and not the weights of one"))
    } else if !members.is_empty() && members.keys().all(|name| name.ends_with(".npy")) {
        Some(WeightsError::Arrays { dict: r#"numpy.load("…")"# })
    } else if has("model.weights.h5") {
        Some(WeightsError::Foreign(
            "this is a model of Keras: in Python, `keras.models.load_model(\"…\").export(\"network.onnx\", \
             format=\"onnx\")` makes an ONNX file of it, which igoscope reads",
        ))
    } else {
        None
    }
}

/// Whether a file with this beginning is one of the older ones.
pub(crate) fn is_legacy(head: &[u8]) -> bool {
    head.starts_with(&MAGIC)
}

/// Where the tensors of an archive lie.
pub(crate) fn from_zip(source: &Source) -> Result<BTreeMap<String, Place>, WeightsError> {
    let members = zip_directory::members(source)?;
    if let Some(program) = program(&members) {
        return Err(program);
    }
    let described = members.iter().find(|(name, _)| name.ends_with("/data.pkl") || *name == "data.pkl");
    let Some((name, member)) = described else {
        return Err(WeightsError::ForeignArchive);
    };
    let folder = name.strip_suffix("data.pkl").unwrap_or_default();
    if let Some(order) = members.get(&format!("{folder}byteorder"))
        && source.bytes(order.start(source)?, order.size().min(16))? != b"little"
    {
        return Err(WeightsError::ByteOrder);
    }
    let pickle = pickle::read(&source.bytes(member.start(source)?, bounded(member)?)?)?;
    let mut starts = HashMap::new();
    places(&pickle, |view| {
        let member = members.get(&format!("{folder}data/{}", view.storage.key));
        let member = member.ok_or_else(|| WeightsError::MissingPart(view.storage.key.clone()))?;
        let start = match starts.get(&view.storage.key) {
            Some(start) => *start,
            None => *starts.entry(view.storage.key.clone()).or_insert(member.start(source)?),
        };
        let fits = view.storage.count.checked_mul(view.storage.precision.bytes()).is_some_and(|b| b <= member.size());
        if fits { Ok(start) } else { Err(WeightsError::ValuesCutOff) }
    })
}

fn bounded(member: &Member) -> Result<u64, WeightsError> {
    match member.size() {
        size if size <= MAX_PICKLE_BYTES => Ok(size),
        size => Err(WeightsError::LargeDescription(size)),
    }
}

/// Where the tensors of an older file lie: magic number, version, system, description, keys of the storages, storages.
pub(crate) fn from_legacy(source: &Source) -> Result<BTreeMap<String, Place>, WeightsError> {
    let bytes = source.bytes(0, source.len.min(MAX_PICKLE_BYTES))?;
    let mut at = 0;
    let mut next = || {
        let pickle = pickle::read(&bytes[at..])?;
        at += pickle.len;
        Ok::<_, WeightsError>(pickle)
    };
    let [_magic, _version, _system] = [next()?, next()?, next()?];
    let (described, keys) = (next()?, next()?);
    let Value::Sequence(keys_in_order) = keys.value(keys.root) else {
        return Err(WeightsError::DamagedStorages);
    };
    let storages: HashMap<&str, (u64, u64)> = described
        .storages()
        .map(|storage| (storage.key.as_str(), (storage.precision.bytes(), storage.count)))
        .collect();
    let mut starts = HashMap::new();
    let mut start = at as u64;
    for &key in keys_in_order {
        let Value::Text(key) = keys.value(key) else { return Err(WeightsError::DamagedStorages) };
        let &(width, count) = storages.get(key.as_str()).ok_or(WeightsError::UnknownStorage)?;
        let stored = source.bytes(start, 8)?.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        if stored != count {
            return Err(WeightsError::StorageSize { stored, announced: count });
        }
        starts.insert(key.as_str(), start + 8);
        let end = count.checked_mul(width).and_then(|bytes| bytes.checked_add(start + 8));
        start = end.filter(|end| *end <= source.len).ok_or(WeightsError::CutOff)?;
    }
    places(&described, |view| starts.get(view.storage.key.as_str()).copied().ok_or(WeightsError::MissingValues))
}

/// Finds every tensor, and its place from where its storage begins.
fn places(
    pickle: &Pickle,
    mut start: impl FnMut(&View) -> Result<u64, WeightsError>,
) -> Result<BTreeMap<String, Place>, WeightsError> {
    let mut search = Search::new(pickle);
    search.visit(pickle.root, String::new(), 0)?;
    if let Some(instead) = search.instead(TORCH_LOAD) {
        return Err(instead);
    }
    search
        .found
        .into_iter()
        .map(|(name, view)| {
            let place = start(view).and_then(|start| {
                let storage = (start, view.storage.count);
                Place::view(view.storage.precision, &view.shape, &view.strides, view.offset, storage)
            });
            match place {
                Ok(place) => Ok((name, place)),
                Err(why) => Err(WeightsError::DamagedTensor { name, why: why.into() }),
            }
        })
        .collect()
}

struct Search<'a> {
    pickle: &'a Pickle,
    found: Vec<(String, &'a View)>,
    /// Objects that are no modules, by the names that lead to them.
    objects: Vec<(String, Id)>,
    visits: usize,
}

impl<'a> Search<'a> {
    fn new(pickle: &'a Pickle) -> Self {
        Self { pickle, found: Vec::new(), objects: Vec::new(), visits: 0 }
    }

    /// What the pickle is where there is no tensor with a name in it, if that can be told. `load` is what loads it.
    fn instead(&self, load: &'static str) -> Option<WeightsError> {
        if self.found.iter().any(|(name, _)| !name.is_empty()) {
            return None;
        }
        if !self.found.is_empty() {
            return Some(WeightsError::Nameless("a single tensor without a name".to_owned()));
        }
        if let Value::Sequence(items) = self.pickle.value(self.pickle.root) {
            let is_tensor = |id: &&Id| matches!(self.pickle.value(**id), Value::Tensor(_)) || self.is_array(**id);
            let count = items.iter().filter(is_tensor).count();
            return (count > 0).then(|| WeightsError::Nameless(format!("a list of {count} tensors without names")));
        }
        if self.is_array(self.pickle.root) {
            return Some(WeightsError::Nameless("a single array without a name".to_owned()));
        }
        if self.objects.iter().any(|(_, id)| self.is_array(*id)) {
            return Some(WeightsError::Arrays { dict: load });
        }
        let is_model = |name: &str| name.is_empty() || MODELS.contains(&name);
        let (name, object) = self.objects.iter().find(|(name, _)| is_model(name))?;
        let class = self.pickle.class(*object).unwrap_or("of an unknown class").to_owned();
        let key = if name.is_empty() { String::new() } else { format!("[\"{name}\"]") };
        let inner = if class.ends_with("Learner") { ".model" } else { "" };
        Some(WeightsError::WholeObject { class, object: format!("{load}{key}{inner}") })
    }

    /// Whether a value is an array of NumPy's.
    fn is_array(&self, id: Id) -> bool {
        let class = self.pickle.class(id).unwrap_or_default();
        class.starts_with("numpy.") && (class.ends_with("._reconstruct") || class.ends_with("._frombuffer"))
    }

    /// Looks for tensors in a value that `name` leads to.
    fn visit(&mut self, id: Id, name: String, depth: usize) -> Result<(), WeightsError> {
        self.visits += 1;
        if self.visits > MAX_VISITS || self.found.len() > MAX_TENSORS {
            return Err(WeightsError::TooMuch);
        }
        match self.pickle.value(id) {
            Value::Tensor(view) => self.found.push((name, view)),
            Value::Dict(items) if depth < MAX_DEPTH => {
                for (key, value) in items {
                    if let Value::Text(key) = self.pickle.value(*key) {
                        self.visit_named(*value, &name, key, depth)?;
                    }
                }
            }
            Value::Object { state, .. } if depth < MAX_DEPTH => {
                if let Some(state) = *state {
                    self.visit_module(state, &name, depth)?;
                }
                self.objects.push((name, id));
            }
            _ => {}
        }
        Ok(())
    }

    /// A module keeps its tensors and its parts in dicts of their own, whose names are not part of a tensor's.
    fn visit_module(&mut self, state: Id, name: &str, depth: usize) -> Result<(), WeightsError> {
        let Value::Dict(items) = self.pickle.value(state) else { return Ok(()) };
        for (key, value) in items {
            match self.pickle.value(*key) {
                Value::Text(key) if matches!(key.as_str(), "_parameters" | "_buffers" | "_modules") => {
                    self.visit(*value, name.to_owned(), depth + 1)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn visit_named(&mut self, value: Id, name: &str, key: &str, depth: usize) -> Result<(), WeightsError> {
        if name.len() + key.len() >= MAX_NAME_BYTES {
            return Ok(());
        }
        let name = if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
        self.visit(value, name, depth + 1)
    }
}
