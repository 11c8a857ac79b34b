//! The part of Python's pickle that describes tensors. Nothing is ever called: an object that is not a container, a
//! number, a text, a storage or a tensor becomes [`Value::Nothing`] or the bare state of a [`Value::Object`].
//!
//! Source: CPython's `Lib/pickletools.py` for the instructions, `torch/serialization.py` and `torch/_utils.py` for what
//! PyTorch writes with them. Values live in one list and name each other by number, so that what refers to one thing
//! many times, or to itself, takes no more memory than the file, and is dropped without recursion.
//!
//! The reader is our own because files are not trusted: `candle_core::pickle` copies a value each time that a pickle
//! repeats it, so that a small file can take memory without end.

use std::collections::HashMap;

use super::{
    error::WeightsError,
    pickle_op as op,
    tensor_file::{MAX_DIMENSIONS, Precision},
};

/// The most values that a pickle may make: a tensor takes some 20.
const MAX_VALUES: usize = 1_000_000;

/// The number of a value.
pub(crate) type Id = usize;

/// What a pickle describes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// `None`, or something that says nothing of tensors.
    Nothing,
    /// A whole number, or a truth value.
    Number(i64),
    /// A text.
    Text(String),
    /// A tuple, a list or a set.
    Sequence(Vec<Id>),
    /// Keys and values, in order.
    Dict(Vec<(Id, Id)>),
    /// The name of a class or a function.
    Name(String),
    /// An object of another class.
    Object {
        /// The class, or the function that makes it.
        class: Id,
        /// Its state, if that is known.
        state: Option<Id>,
    },
    /// Where values are stored.
    Storage(Box<Storage>),
    /// A view of a storage.
    Tensor(Box<View>),
}

/// Values that tensors are views of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Storage {
    /// What it is called in the file.
    pub key: String,
    /// How a value is stored.
    pub precision: Precision,
    /// How many values there are.
    pub count: u64,
}

/// A tensor as a view of its storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    /// The storage.
    pub storage: Storage,
    /// Number of the first value in it.
    pub offset: u64,
    /// Its shape.
    pub shape: Vec<u64>,
    /// Values from one to the next along each dimension.
    pub strides: Vec<u64>,
}

/// A pickle that was read.
#[derive(Debug)]
pub(crate) struct Pickle {
    values: Vec<Value>,
    /// The value that the pickle is.
    pub root: Id,
    /// Bytes that it took.
    pub len: usize,
}

impl Pickle {
    /// A value by its number.
    pub fn value(&self, id: Id) -> &Value {
        &self.values[id]
    }

    /// The name of an object's class, if it is an object of one.
    pub fn class(&self, id: Id) -> Option<&str> {
        let Value::Object { class, .. } = self.value(id) else { return None };
        if let Value::Name(name) = self.value(*class) { Some(name) } else { None }
    }

    /// All storages that it names, some of them many times.
    pub fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.values
            .iter()
            .filter_map(|value| if let Value::Storage(storage) = value { Some(storage.as_ref()) } else { None })
    }
}

/// Reads the pickle at the beginning of `bytes`.
pub(crate) fn read(bytes: &[u8]) -> Result<Pickle, WeightsError> {
    let mut machine =
        Machine { bytes, at: 0, values: Vec::new(), stack: Vec::new(), marks: Vec::new(), memo: HashMap::new() };
    while !machine.step()? {}
    let root = machine.pop()?;
    Ok(Pickle { values: machine.values, root, len: machine.at })
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value>,
    stack: Vec<Id>,
    /// Heights of the stack that were marked.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
}

impl Machine<'_> {
    /// Follows an instruction; says whether it was the last.
    fn step(&mut self) -> Result<bool, WeightsError> {
        let code = self.take(1)?[0];
        match code {
            op::STOP => return Ok(true),
            // The protocol, and the length of a frame: nothing depends on them.
            op::PROTO => self.skip(1)?,
            op::FRAME => self.skip(8)?,
            op::MARK => self.marks.push(self.stack.len()),
            op::POP => {
                self.pop()?;
            }
            op::POP_MARK => {
                self.pop_marked()?;
            }
            op::DUP => {
                let top = self.top()?;
                self.stack.push(top);
            }
            op::NONE
            | op::BINFLOAT
            | op::BINBYTES
            | op::SHORT_BINBYTES
            | op::BINBYTES8
            | op::BYTEARRAY8
            | op::FLOAT => self.push_nothing(code)?,
            op::NEWTRUE => self.push(Value::Number(1))?,
            op::NEWFALSE => self.push(Value::Number(0))?,
            op::BININT1 => self.push_number(1, false)?,
            op::BININT2 => self.push_number(2, false)?,
            op::BININT => self.push_number(4, true)?,
            op::LONG1 => self.push_long(1)?,
            op::LONG4 => self.push_long(4)?,
            op::INT | op::LONG => {
                let line = self.line()?;
                let number = line.trim_end_matches('L').parse().map_or(Value::Nothing, Value::Number);
                self.push(number)?;
            }
            op::SHORT_BINUNICODE | op::SHORT_BINSTRING => self.push_text(1)?,
            op::BINUNICODE | op::BINSTRING => self.push_text(4)?,
            op::BINUNICODE8 => self.push_text(8)?,
            op::GLOBAL => {
                let name = format!("{}.{}", self.line()?, self.line()?);
                self.push(Value::Name(name))?;
            }
            op::STACK_GLOBAL => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (&self.values[module], &self.values[name]) else {
                    return Err(WeightsError::DamagedDescription);
                };
                let name = format!("{module}.{name}");
                self.push(Value::Name(name))?;
            }
            op::EMPTY_TUPLE | op::EMPTY_LIST | op::EMPTY_SET => self.push(Value::Sequence(Vec::new()))?,
            op::EMPTY_DICT => self.push(Value::Dict(Vec::new()))?,
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let count = usize::from(code - op::TUPLE1) + 1;
                let from = self.stack.len().checked_sub(count).ok_or(WeightsError::DamagedDescription)?;
                self.below_no_mark(from)?;
                let items = self.stack.split_off(from);
                self.push(Value::Sequence(items))?;
            }
            op::TUPLE | op::LIST | op::FROZENSET => {
                let items = self.pop_marked()?;
                self.push(Value::Sequence(items))?;
            }
            op::DICT => {
                let items = self.pop_marked()?;
                self.push(Value::Dict(pairs(&items)))?;
            }
            op::APPEND => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            op::APPENDS | op::ADDITEMS => {
                let items = self.pop_marked()?;
                self.append(&items)?;
            }
            op::SETITEM => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set_items(&[key, value])?;
            }
            op::SETITEMS => {
                let items = self.pop_marked()?;
                self.set_items(&items)?;
            }
            op::BINPUT => self.put(1)?,
            op::LONG_BINPUT => self.put(4)?,
            op::MEMOIZE => {
                let (number, top) = (self.memo.len() as u64, self.top()?);
                self.memo.insert(number, top);
            }
            op::BINGET => self.get(1)?,
            op::LONG_BINGET => self.get(4)?,
            op::REDUCE | op::NEWOBJ => {
                let (arguments, callable) = (self.pop()?, self.pop()?);
                self.made_by(callable, arguments)?;
            }
            op::NEWOBJ_EX => {
                let (_named, arguments, callable) = (self.pop()?, self.pop()?, self.pop()?);
                self.made_by(callable, arguments)?;
            }
            op::BUILD => {
                let state = self.pop()?;
                let object = self.top()?;
                // What a dict carries besides its items does not matter.
                if let Value::Object { state: known, .. } = &mut self.values[object] {
                    *known = Some(state);
                }
            }
            op::BINPERSID => {
                let described = self.pop()?;
                let storage =
                    self.storage(described).map_or(Value::Nothing, |storage| Value::Storage(Box::new(storage)));
                self.push(storage)?;
            }
            _ => return Err(WeightsError::UnknownInstruction(code)),
        }
        Ok(false)
    }

    fn take(&mut self, len: usize) -> Result<&[u8], WeightsError> {
        let end = self.at.checked_add(len).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(WeightsError::DescriptionCutOff)?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn skip(&mut self, len: usize) -> Result<(), WeightsError> {
        self.take(len).map(|_| ())
    }

    /// A number of `width` bytes, little end first.
    fn number(&mut self, width: usize) -> Result<u64, WeightsError> {
        Ok(self.take(width)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, width: usize) -> Result<usize, WeightsError> {
        usize::try_from(self.number(width)?).map_err(|_| WeightsError::DamagedDescription)
    }

    fn line(&mut self) -> Result<String, WeightsError> {
        let len =
            self.bytes[self.at..].iter().position(|byte| *byte == b'\n').ok_or(WeightsError::DamagedDescription)?;
        let line = String::from_utf8_lossy(self.take(len)?).trim_end().to_owned();
        self.skip(1)?;
        Ok(line)
    }

    fn push(&mut self, value: Value) -> Result<(), WeightsError> {
        if self.values.len() == MAX_VALUES {
            return Err(WeightsError::TooMuch);
        }
        self.stack.push(self.values.len());
        self.values.push(value);
        Ok(())
    }

    /// Pushes what says nothing of tensors, past the bytes that the instruction `code` has.
    fn push_nothing(&mut self, code: u8) -> Result<(), WeightsError> {
        let len = match code {
            op::BINFLOAT => 8,
            op::SHORT_BINBYTES => self.length(1)?,
            op::BINBYTES => self.length(4)?,
            op::BINBYTES8 | op::BYTEARRAY8 => self.length(8)?,
            op::FLOAT => {
                self.line()?;
                0
            }
            _ => 0,
        };
        self.skip(len)?;
        self.push(Value::Nothing)
    }

    fn push_number(&mut self, width: usize, signed: bool) -> Result<(), WeightsError> {
        let number = self.number(width)?;
        let number = if signed { i64::from(number as u32 as i32) } else { number as i64 };
        self.push(Value::Number(number))
    }

    /// A whole number of any length, of which only those of eight bytes matter.
    fn push_long(&mut self, width: usize) -> Result<(), WeightsError> {
        let len = self.length(width)?;
        let bytes = self.take(len)?;
        let value = if len > 8 {
            Value::Nothing
        } else {
            let negative = bytes.last().is_some_and(|last| *last >= 0x80);
            let mut whole = [if negative { 0xff } else { 0 }; 8];
            whole[..len].copy_from_slice(bytes);
            Value::Number(i64::from_le_bytes(whole))
        };
        self.push(value)
    }

    fn push_text(&mut self, width: usize) -> Result<(), WeightsError> {
        let len = self.length(width)?;
        let text = String::from_utf8_lossy(self.take(len)?).into_owned();
        self.push(Value::Text(text))
    }

    fn top(&self) -> Result<Id, WeightsError> {
        self.stack.last().copied().ok_or(WeightsError::DamagedDescription)
    }

    fn pop(&mut self) -> Result<Id, WeightsError> {
        let from = self.stack.len().checked_sub(1).ok_or(WeightsError::DamagedDescription)?;
        self.below_no_mark(from)?;
        self.stack.pop().ok_or(WeightsError::DamagedDescription)
    }

    /// What is above a mark cannot be taken together with what is below it.
    fn below_no_mark(&self, height: usize) -> Result<(), WeightsError> {
        if self.marks.last().is_some_and(|mark| *mark > height) {
            Err(WeightsError::DamagedDescription)
        } else {
            Ok(())
        }
    }

    fn pop_marked(&mut self) -> Result<Vec<Id>, WeightsError> {
        let mark = self.marks.pop().ok_or(WeightsError::DamagedDescription)?;
        if mark > self.stack.len() { Err(WeightsError::DamagedDescription) } else { Ok(self.stack.split_off(mark)) }
    }

    fn append(&mut self, items: &[Id]) -> Result<(), WeightsError> {
        let list = self.top()?;
        if let Value::Sequence(list) = &mut self.values[list] {
            list.extend_from_slice(items);
        }
        Ok(())
    }

    fn set_items(&mut self, items: &[Id]) -> Result<(), WeightsError> {
        let dict = self.top()?;
        if let Value::Dict(dict) = &mut self.values[dict] {
            dict.extend(pairs(items));
        }
        Ok(())
    }

    fn put(&mut self, width: usize) -> Result<(), WeightsError> {
        let (number, top) = (self.number(width)?, self.top()?);
        self.memo.insert(number, top);
        Ok(())
    }

    fn get(&mut self, width: usize) -> Result<(), WeightsError> {
        let number = self.number(width)?;
        let value = self.memo.get(&number).copied().ok_or(WeightsError::DamagedDescription)?;
        self.stack.push(value);
        if self.stack.len() > MAX_VALUES { Err(WeightsError::DamagedDescription) } else { Ok(()) }
    }

    /// Pushes what `callable` would make of its arguments, where that is known.
    fn made_by(&mut self, callable: Id, arguments: Id) -> Result<(), WeightsError> {
        let (callable, arguments) = self.unwrapped(callable, arguments);
        let name = if let Value::Name(name) = &self.values[callable] { name.as_str() } else { "" };
        let value = match name {
            "collections.OrderedDict" | "collections.defaultdict" => Value::Dict(Vec::new()),
            "torch._utils._rebuild_tensor" | "torch._utils._rebuild_tensor_v2" => {
                self.view(arguments).map_or(Value::Nothing, |view| Value::Tensor(Box::new(view)))
            }
            "torch._utils._rebuild_parameter" | "torch._utils._rebuild_parameter_with_state" => {
                match self.items(arguments).first() {
                    Some(&data) => {
                        self.stack.push(data);
                        return Ok(());
                    }
                    None => Value::Nothing,
                }
            }
            "copyreg._reconstructor" | "copy_reg._reconstructor" | "copyreg.__newobj__" => {
                Value::Object { class: self.items(arguments).first().copied().unwrap_or(callable), state: None }
            }
            _ => Value::Object { class: callable, state: None },
        };
        self.push(value)
    }

    /// A tensor of a derived class is made by a function that is an argument.
    fn unwrapped(&self, callable: Id, arguments: Id) -> (Id, Id) {
        let derived =
            matches!(&self.values[callable], Value::Name(name) if name == "torch._tensor._rebuild_from_type_v2");
        match self.items(arguments) {
            [inner, _class, inner_arguments, ..] if derived => (*inner, *inner_arguments),
            _ => (callable, arguments),
        }
    }

    fn items(&self, id: Id) -> &[Id] {
        if let Value::Sequence(items) = &self.values[id] { items } else { &[] }
    }

    fn unsigned(&self, id: Id) -> Option<u64> {
        if let Value::Number(number) = self.values[id] { u64::try_from(number).ok() } else { None }
    }

    fn sizes(&self, id: Id) -> Option<Vec<u64>> {
        let items = self.items(id);
        if items.len() > MAX_DIMENSIONS { None } else { items.iter().map(|&item| self.unsigned(item)).collect() }
    }

    /// `(storage, offset, size, stride, …)`.
    fn view(&self, arguments: Id) -> Option<View> {
        let [storage, offset, shape, strides, ..] = self.items(arguments) else { return None };
        let Value::Storage(storage) = &self.values[*storage] else { return None };
        Some(View {
            storage: storage.as_ref().clone(),
            offset: self.unsigned(*offset)?,
            shape: self.sizes(*shape)?,
            strides: self.sizes(*strides)?,
        })
    }

    /// `("storage", class, key, device, count, …)`.
    fn storage(&self, described: Id) -> Option<Storage> {
        let [kind, class, key, _device, count, rest @ ..] = self.items(described) else { return None };
        let text = |id: Id| if let Value::Text(text) = &self.values[id] { Some(text.as_str()) } else { None };
        let Value::Name(class) = &self.values[*class] else { return None };
        // The oldest files have views of storages; tensors are views enough.
        let is_view = rest.first().is_some_and(|view| self.values[*view] != Value::Nothing);
        if text(*kind) != Some("storage") || is_view {
            return None;
        }
        let precision = match class.strip_prefix("torch.")? {
            "HalfStorage" => Precision::F16,
            "BFloat16Storage" => Precision::Bf16,
            "FloatStorage" => Precision::F32,
            "DoubleStorage" => Precision::F64,
            "LongStorage" => Precision::Whole { bytes: 8, is_signed: true },
            "IntStorage" => Precision::Whole { bytes: 4, is_signed: true },
            "ShortStorage" => Precision::Whole { bytes: 2, is_signed: true },
            "CharStorage" => Precision::Whole { bytes: 1, is_signed: true },
            "ByteStorage" | "BoolStorage" => Precision::Whole { bytes: 1, is_signed: false },
            "ComplexFloatStorage" => Precision::Other(8),
            "QInt32Storage" => Precision::Other(4),
            "QInt8Storage" | "QUInt8Storage" => Precision::Other(1),
            "ComplexDoubleStorage" => Precision::Other(16),
            _ => return None,
        };
        Some(Storage { key: text(*key)?.to_owned(), precision, count: self.unsigned(*count)? })
    }
}

fn pairs(items: &[Id]) -> Vec<(Id, Id)> {
    items.as_chunks().0.iter().map(|&[key, value]| (key, value)).collect()
}
