//! The part of Python's pickle that describes tensors. Nothing is ever called: an object that is not a container, a
//! number, a text, a storage or a tensor becomes [`Value::Nothing`] or the bare state of a [`Value::Object`].
//!
//! Source: CPython's `Lib/pickletools.py` for the instructions, `torch/serialization.py` and `torch/_utils.py` for what
//! PyTorch writes with them. Values live in one list and name each other by number, so that what refers to one thing
//! many times, or to itself, takes no more memory than the file, and is dropped without recursion.

use std::collections::HashMap;

use super::tensor_file::{MOST_DIMENSIONS, Precision};

/// The most values that a pickle may make: a tensor takes some 20.
const MOST_VALUES: usize = 1_000_000;

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
    /// An object of another class, with its state if that is known.
    Object(Option<Id>),
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

    /// All storages that it names, some of them many times.
    pub fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.values
            .iter()
            .filter_map(|value| if let Value::Storage(storage) = value { Some(storage.as_ref()) } else { None })
    }
}

/// Reads the pickle at the beginning of `bytes`.
pub(crate) fn read(bytes: &[u8]) -> Result<Pickle, String> {
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

fn damaged() -> String {
    "its description of the tensors is damaged".to_owned()
}

impl Machine<'_> {
    /// Follows an instruction; says whether it was the last.
    fn step(&mut self) -> Result<bool, String> {
        match self.take(1)?[0] {
            b'.' => return Ok(true),
            // The protocol, and the length of a frame: nothing depends on them.
            0x80 => self.skip(1)?,
            0x95 => self.skip(8)?,
            b'(' => self.marks.push(self.stack.len()),
            b'0' => {
                self.pop()?;
            }
            b'1' => {
                self.pop_marked()?;
            }
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'N' | b'G' | b'B' | b'C' | 0x8e | 0x96 | b'F' => self.push_nothing()?,
            0x88 => self.push(Value::Number(1))?,
            0x89 => self.push(Value::Number(0))?,
            b'K' => self.push_number(1, false)?,
            b'M' => self.push_number(2, false)?,
            b'J' => self.push_number(4, true)?,
            0x8a => self.push_long(1)?,
            0x8b => self.push_long(4)?,
            b'I' | b'L' => {
                let line = self.line()?;
                let number = line.trim_end_matches('L').parse().map_or(Value::Nothing, Value::Number);
                self.push(number)?;
            }
            0x8c | b'U' => self.push_text(1)?,
            b'X' | b'T' => self.push_text(4)?,
            0x8d => self.push_text(8)?,
            b'c' => {
                let name = format!("{}.{}", self.line()?, self.line()?);
                self.push(Value::Name(name))?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (&self.values[module], &self.values[name]) else {
                    return Err(damaged());
                };
                let name = format!("{module}.{name}");
                self.push(Value::Name(name))?;
            }
            b')' | b']' | 0x8f => self.push(Value::Sequence(Vec::new()))?,
            b'}' => self.push(Value::Dict(Vec::new()))?,
            count @ 0x85..=0x87 => {
                let from = self.stack.len().checked_sub(usize::from(count) - 0x84).ok_or_else(damaged)?;
                self.below_no_mark(from)?;
                let items = self.stack.split_off(from);
                self.push(Value::Sequence(items))?;
            }
            b't' | b'l' | 0x91 => {
                let items = self.pop_marked()?;
                self.push(Value::Sequence(items))?;
            }
            b'd' => {
                let items = self.pop_marked()?;
                self.push(Value::Dict(pairs(&items)))?;
            }
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            b'e' | 0x90 => {
                let items = self.pop_marked()?;
                self.append(&items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set_items(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_marked()?;
                self.set_items(&items)?;
            }
            b'q' => self.put(1)?,
            b'r' => self.put(4)?,
            0x94 => {
                let (number, top) = (self.memo.len() as u64, self.top()?);
                self.memo.insert(number, top);
            }
            b'h' => self.get(1)?,
            b'j' => self.get(4)?,
            b'R' | 0x81 => {
                let (arguments, callable) = (self.pop()?, self.pop()?);
                self.made_by(callable, arguments)?;
            }
            0x92 => {
                let (_named, arguments, callable) = (self.pop()?, self.pop()?, self.pop()?);
                self.made_by(callable, arguments)?;
            }
            b'b' => {
                let state = self.pop()?;
                let object = self.top()?;
                // What a dict carries besides its items does not matter.
                if let Value::Object(known) = &mut self.values[object] {
                    *known = Some(state);
                }
            }
            b'Q' => {
                let described = self.pop()?;
                let storage =
                    self.storage(described).map_or(Value::Nothing, |storage| Value::Storage(Box::new(storage)));
                self.push(storage)?;
            }
            other => return Err(format!("{} (there is no instruction {other:#04x})", damaged())),
        }
        Ok(false)
    }

    fn take(&mut self, len: usize) -> Result<&[u8], String> {
        let end = self.at.checked_add(len).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or("its description of the tensors is cut off, or too long")?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn skip(&mut self, len: usize) -> Result<(), String> {
        self.take(len).map(|_| ())
    }

    /// A number of `width` bytes, little end first.
    fn number(&mut self, width: usize) -> Result<u64, String> {
        Ok(self.take(width)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, width: usize) -> Result<usize, String> {
        usize::try_from(self.number(width)?).map_err(|_| damaged())
    }

    fn line(&mut self) -> Result<String, String> {
        let len = self.bytes[self.at..].iter().position(|byte| *byte == b'\n').ok_or_else(damaged)?;
        let line = String::from_utf8_lossy(self.take(len)?).trim_end().to_owned();
        self.skip(1)?;
        Ok(line)
    }

    fn push(&mut self, value: Value) -> Result<(), String> {
        if self.values.len() == MOST_VALUES {
            return Err("it describes more than igoscope is ready to read".to_owned());
        }
        self.stack.push(self.values.len());
        self.values.push(value);
        Ok(())
    }

    /// Pushes what says nothing of tensors, past the bytes of the instruction under way.
    fn push_nothing(&mut self) -> Result<(), String> {
        let len = match self.bytes[self.at - 1] {
            b'G' => 8,
            b'C' => self.length(1)?,
            b'B' => self.length(4)?,
            0x8e | 0x96 => self.length(8)?,
            b'F' => {
                self.line()?;
                0
            }
            _ => 0,
        };
        self.skip(len)?;
        self.push(Value::Nothing)
    }

    fn push_number(&mut self, width: usize, signed: bool) -> Result<(), String> {
        let number = self.number(width)?;
        let number = if signed { i64::from(number as u32 as i32) } else { number as i64 };
        self.push(Value::Number(number))
    }

    /// A whole number of any length, of which only those of eight bytes matter.
    fn push_long(&mut self, width: usize) -> Result<(), String> {
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

    fn push_text(&mut self, width: usize) -> Result<(), String> {
        let len = self.length(width)?;
        let text = String::from_utf8_lossy(self.take(len)?).into_owned();
        self.push(Value::Text(text))
    }

    fn top(&self) -> Result<Id, String> {
        self.stack.last().copied().ok_or_else(damaged)
    }

    fn pop(&mut self) -> Result<Id, String> {
        let from = self.stack.len().checked_sub(1).ok_or_else(damaged)?;
        self.below_no_mark(from)?;
        self.stack.pop().ok_or_else(damaged)
    }

    /// What is above a mark cannot be taken together with what is below it.
    fn below_no_mark(&self, height: usize) -> Result<(), String> {
        if self.marks.last().is_some_and(|mark| *mark > height) { Err(damaged()) } else { Ok(()) }
    }

    fn pop_marked(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().ok_or_else(damaged)?;
        if mark > self.stack.len() { Err(damaged()) } else { Ok(self.stack.split_off(mark)) }
    }

    fn append(&mut self, items: &[Id]) -> Result<(), String> {
        let list = self.top()?;
        if let Value::Sequence(list) = &mut self.values[list] {
            list.extend_from_slice(items);
        }
        Ok(())
    }

    fn set_items(&mut self, items: &[Id]) -> Result<(), String> {
        let dict = self.top()?;
        if let Value::Dict(dict) = &mut self.values[dict] {
            dict.extend(pairs(items));
        }
        Ok(())
    }

    fn put(&mut self, width: usize) -> Result<(), String> {
        let (number, top) = (self.number(width)?, self.top()?);
        self.memo.insert(number, top);
        Ok(())
    }

    fn get(&mut self, width: usize) -> Result<(), String> {
        let number = self.number(width)?;
        let value = self.memo.get(&number).copied().ok_or_else(damaged)?;
        self.stack.push(value);
        if self.stack.len() > MOST_VALUES { Err(damaged()) } else { Ok(()) }
    }

    /// Pushes what `callable` would make of its arguments, where that is known.
    fn made_by(&mut self, callable: Id, arguments: Id) -> Result<(), String> {
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
            _ => Value::Object(None),
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
        if items.len() > MOST_DIMENSIONS { None } else { items.iter().map(|&item| self.unsigned(item)).collect() }
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
            "LongStorage" | "ComplexFloatStorage" => Precision::Other(8),
            "IntStorage" | "QInt32Storage" => Precision::Other(4),
            "ShortStorage" => Precision::Other(2),
            "CharStorage" | "ByteStorage" | "BoolStorage" | "QInt8Storage" | "QUInt8Storage" => Precision::Other(1),
            "ComplexDoubleStorage" => Precision::Other(16),
            _ => return None,
        };
        Some(Storage { key: text(*key)?.to_owned(), precision, count: self.unsigned(*count)? })
    }
}

fn pairs(items: &[Id]) -> Vec<(Id, Id)> {
    items.as_chunks().0.iter().map(|&[key, value]| (key, value)).collect()
}
