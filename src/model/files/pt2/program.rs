//! What `torch.export.save` writes of a program, as far as it is read: a graph of ATen operators, and what its inputs are.
//!
//! Source: `torch/_export/serde/schema.py`, versions 5 to 8. What is not listed here, such as stack traces, is skipped.

use std::{collections::HashMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

/// A program.
#[derive(Debug, Deserialize)]
pub(super) struct Program {
    pub graph_module: GraphModule,
    /// The PyTorch that wrote it; none of the older ones.
    #[serde(default)]
    pub torch_version: Option<String>,
}

/// A graph, and what its ends are.
#[derive(Debug, Deserialize)]
pub(super) struct GraphModule {
    pub graph: Graph,
    pub signature: Signature,
}

/// Operations, each after those whose results it takes.
#[derive(Debug, Deserialize)]
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    /// Types and shapes of the tensors that have names.
    #[serde(default)]
    pub tensor_values: HashMap<String, TensorMeta>,
}

/// An operation.
#[derive(Debug, Deserialize)]
pub(super) struct Node {
    /// `torch.ops.aten.conv2d.default`: namespace, operator, overload.
    pub target: String,
    pub inputs: Vec<NamedArgument>,
    #[serde(default)]
    pub outputs: Vec<Argument>,
    #[serde(default)]
    pub metadata: Metadata,
}

/// What is read of what a node is told beside what it does.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    /// Key, path and class of each module that it is part of, the innermost last: `L__self__conv1,conv1,torch.….Conv2d;…`.
    #[serde(default)]
    pub nn_module_stack: Option<String>,
}

/// An argument by the name that the operator's schema has for it. One that has its default may be left out.
#[derive(Debug, Deserialize)]
pub(super) struct NamedArgument {
    #[serde(default)]
    pub name: String,
    pub arg: Argument,
}

/// The name of a tensor.
#[derive(Debug, Deserialize)]
pub(super) struct Name {
    pub name: String,
}

/// A type and a shape.
#[derive(Debug, Deserialize)]
pub(super) struct TensorMeta {
    pub dtype: i64,
    pub sizes: Vec<Size>,
    #[serde(default)]
    pub strides: Vec<Size>,
    #[serde(default)]
    pub storage_offset: Option<Size>,
}

/// A length of an axis: a number, or an expression of lengths that are open.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Size {
    AsInt(i64),
    AsExpr(Expression),
}

impl Size {
    /// The number, if it is one.
    pub fn fixed(&self) -> Option<usize> {
        match self {
            Self::AsInt(size) => usize::try_from(*size).ok(),
            Self::AsExpr(_) => None,
        }
    }
}

/// An expression, such as `s0`.
#[derive(Debug, Deserialize)]
pub(super) struct Expression {
    #[serde(default)]
    pub expr_str: String,
}

impl Expression {
    /// The name of a symbol that stands alone, `s77`, which may be written `Symbol('s77', positive=True, integer=True)`.
    pub fn symbol(&self) -> Option<&str> {
        let text = self.expr_str.trim();
        let name =
            text.strip_prefix("Symbol('").map_or(Some(text), |rest| rest.split_once('\'').map(|(name, _)| name))?;
        let is_name = !name.is_empty() && name.len() <= 32 && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        (is_name && (name == text || text.matches("Symbol(").count() == 1 && text.ends_with(')'))).then_some(name)
    }
}

/// What the inputs and outputs of a graph are.
#[derive(Debug, Deserialize)]
pub(super) struct Signature {
    pub input_specs: Vec<InputSpec>,
    pub output_specs: Vec<OutputSpec>,
}

/// What an input is.
#[derive(Debug)]
pub(super) enum InputSpec {
    /// Given by who calls it.
    User(Argument),
    /// A weight, by its name in the graph and in the state dict.
    Stored {
        /// In the graph.
        name: String,
        /// In the state dict, or among the constants.
        key: String,
    },
    /// Something else, such as an order of effects.
    Other,
}

/// What an output is.
#[derive(Debug)]
pub(super) enum OutputSpec {
    /// An answer.
    User(Argument),
    /// Something else, such as a buffer that is changed.
    Other,
}

/// An argument or a result.
#[derive(Debug, Clone)]
pub(super) enum Argument {
    None,
    /// By its name.
    Tensor(String),
    /// By their names; none of what is left out.
    Tensors(Vec<Option<String>>),
    Int(i64),
    Ints(Vec<i64>),
    Float(f64),
    Floats(Vec<f64>),
    Bool(bool),
    Text(String),
    /// A whole number that the program computes of lengths, or one that it knows.
    Symbol(Symbol),
    Symbols(Vec<Symbol>),
    /// What no operator that is known takes.
    Other,
}

/// A whole number that is known, or one by its name.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Symbol {
    AsInt(i64),
    AsName(String),
}

impl Symbol {
    /// The name, if it has one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::AsName(name) => Some(name),
            Self::AsInt(_) => None,
        }
    }
}

/// A number; JSON has no infinities, which are written as texts.
struct Real(f64);

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
        }
        match Written::deserialize(from)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => match text.to_ascii_lowercase().trim_start_matches('+') {
                "infinity" | "inf" => Ok(Self(f64::INFINITY)),
                "-infinity" | "-inf" => Ok(Self(f64::NEG_INFINITY)),
                "nan" => Ok(Self(f64::NAN)),
                other => Err(serde::de::Error::custom(format!("“{other}” is no number"))),
            },
        }
    }
}

/// One of several tensors, which may be left out: `{"name": …}`, `{"as_tensor": {"name": …}}` or `{"as_none": true}`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Optional {
    Plain(Name),
    Tagged { as_tensor: Name },
    Left { as_none: IgnoredAny },
}

impl From<Optional> for Option<String> {
    fn from(from: Optional) -> Self {
        match from {
            Optional::Plain(Name { name }) | Optional::Tagged { as_tensor: Name { name } } => Some(name),
            Optional::Left { as_none: IgnoredAny } => None,
        }
    }
}

/// Reads a union as the schema writes it: an object of one key, which says what the value is.
struct Union<T>(fn(&str) -> bool, std::marker::PhantomData<T>);

/// What reads the value behind a key of a union.
trait Tagged: Sized {
    fn read<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Self, A::Error>;
}

impl<'de, T: Tagged> Visitor<'de> for Union<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of one key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            // Older versions write all keys of a union, the others as null.
            if found.is_none() && self.0(&key) {
                found = Some(T::read(&key, &mut map)?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        found.ok_or_else(|| serde::de::Error::custom("an object without a key that says what it is"))
    }
}

macro_rules! deserialize_tagged {
    ($kind:ty) => {
        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_map(Union::<Self>(|_| true, std::marker::PhantomData))
            }
        }
    };
}

deserialize_tagged!(Argument);
deserialize_tagged!(InputSpec);
deserialize_tagged!(OutputSpec);

impl Tagged for Argument {
    fn read<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Self, A::Error> {
        Ok(match key {
            "as_none" => {
                map.next_value::<IgnoredAny>()?;
                Self::None
            }
            "as_tensor" => Self::Tensor(map.next_value::<Name>()?.name),
            "as_tensors" | "as_optional_tensors" => {
                Self::Tensors(map.next_value::<Vec<Optional>>()?.into_iter().map(Into::into).collect())
            }
            "as_optional_tensor" => {
                Option::from(map.next_value::<Optional>()?).map_or(Self::None, |name: String| Self::Tensor(name))
            }
            "as_int" | "as_scalar_type" | "as_memory_format" | "as_layout" => Self::Int(map.next_value()?),
            "as_ints" => Self::Ints(map.next_value()?),
            "as_float" => Self::Float(map.next_value::<Real>()?.0),
            "as_floats" => Self::Floats(map.next_value::<Vec<Real>>()?.into_iter().map(|real| real.0).collect()),
            "as_bool" => Self::Bool(map.next_value()?),
            "as_string" => Self::Text(map.next_value()?),
            "as_sym_int" => Self::Symbol(map.next_value()?),
            "as_sym_ints" => Self::Symbols(map.next_value()?),
            _ => {
                map.next_value::<IgnoredAny>()?;
                Self::Other
            }
        })
    }
}

impl Tagged for InputSpec {
    fn read<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        struct User {
            arg: Argument,
        }
        #[derive(Deserialize)]
        struct Stored {
            arg: Name,
            #[serde(alias = "parameter_name", alias = "buffer_name", alias = "tensor_constant_name")]
            key: String,
        }
        Ok(match key {
            "user_input" => Self::User(map.next_value::<User>()?.arg),
            "parameter" | "buffer" | "tensor_constant" => {
                let Stored { arg: Name { name }, key } = map.next_value()?;
                Self::Stored { name, key }
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
                Self::Other
            }
        })
    }
}

impl Tagged for OutputSpec {
    fn read<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        struct User {
            arg: Argument,
        }
        Ok(match key {
            "user_output" => Self::User(map.next_value::<User>()?.arg),
            _ => {
                map.next_value::<IgnoredAny>()?;
                Self::Other
            }
        })
    }
}

impl Node {
    /// Namespace and operator, without the overload: `aten.conv2d`, `_operator.mul`.
    pub fn operation(&self) -> &str {
        let path = self.target.strip_prefix("torch.ops.").unwrap_or(&self.target);
        match path.match_indices('.').nth(1) {
            Some((at, _)) => &path[..at],
            None => path,
        }
    }

    /// The module that it is part of and its own result, as `layer4.1.conv2 (conv2d_19)`; only the latter if it is of none.
    pub fn name(&self) -> String {
        let result = self.results().next().unwrap_or("without a result");
        let Some(modules) = &self.metadata.nn_module_stack else { return result.to_owned() };
        let path = modules.rsplit(';').next().and_then(|entry| entry.split(',').nth(1)).unwrap_or_default();
        if path.is_empty() || path.len() > 200 { result.to_owned() } else { format!("{path} ({result})") }
    }

    /// The names of its results.
    pub fn results(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().flat_map(|output| match output {
            Argument::Tensor(name) | Argument::Symbol(Symbol::AsName(name)) => vec![name.as_str()],
            Argument::Tensors(names) => names.iter().map(|name| name.as_deref().unwrap_or_default()).collect(),
            _ => vec![""],
        })
    }

    /// The names of the tensors that it takes.
    pub fn takes(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().flat_map(|input| match &input.arg {
            Argument::Tensor(name) | Argument::Symbol(Symbol::AsName(name)) => vec![name.as_str()],
            Argument::Tensors(names) => names.iter().filter_map(Option::as_deref).collect(),
            Argument::Symbols(all) => all.iter().filter_map(Symbol::name).collect(),
            _ => Vec::new(),
        })
    }
}
