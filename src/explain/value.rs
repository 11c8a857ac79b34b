//! Values of parameters, and how they are read from and written to the fields of a plain struct, whatever its type.

use std::{any::Any, fmt};

/// The parameters of one method, or of the curves: a plain struct.
pub trait ParameterSet: Any + fmt::Debug + Send + Sync {
    /// The same again.
    fn clone_boxed(&self) -> Box<dyn ParameterSet>;
    /// Whether the other is of the same type and has the same values.
    fn is_same(&self, other: &dyn ParameterSet) -> bool;
    /// Itself, to be read as its own type.
    fn as_any(&self) -> &dyn Any;
    /// Itself, to be written as its own type.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

// `Default` keeps a boxed set from being a set itself, which would be asked in place of what is in the box.
impl<P: Any + fmt::Debug + Clone + Default + PartialEq + Send + Sync> ParameterSet for P {
    fn clone_boxed(&self) -> Box<dyn ParameterSet> {
        Box::new(self.clone())
    }

    fn is_same(&self, other: &dyn ParameterSet) -> bool {
        other.as_any().downcast_ref::<P>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl Clone for Box<dyn ParameterSet> {
    fn clone(&self) -> Self {
        (**self).clone_boxed()
    }
}

impl PartialEq for dyn ParameterSet {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
    }
}

/// The value of a parameter, or of a number that an iteration reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A real number.
    Real(f64),
    /// A whole number.
    Whole(u64),
    /// One of some names.
    Choice(&'static str),
    /// Yes or no.
    Switch(bool),
}

impl Value {
    /// As a number: NaN for a name, 1 for yes and 0 for no.
    pub fn number(self) -> f64 {
        match self {
            Self::Real(value) => value,
            Self::Whole(value) => value as f64,
            Self::Choice(_) => f64::NAN,
            Self::Switch(value) => f64::from(u8::from(value)),
        }
    }

    /// As it is written to JSON.
    pub fn to_json(self) -> serde_json::Value {
        match self {
            Self::Real(value) => value.into(),
            Self::Whole(value) => value.into(),
            Self::Choice(name) => name.into(),
            Self::Switch(value) => value.into(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real(value) => write!(formatter, "{value}"),
            Self::Whole(value) => write!(formatter, "{value}"),
            Self::Choice(name) => formatter.write_str(name),
            Self::Switch(value) => write!(formatter, "{value}"),
        }
    }
}

/// A type that a field of a [`ParameterSet`] may have.
pub trait FieldType: Sized {
    /// As a [`Value`].
    fn value(&self) -> Value;
    /// Back; none for a value of another kind.
    fn from_value(value: Value) -> Option<Self>;
}

impl FieldType for f64 {
    fn value(&self) -> Value {
        Value::Real(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Real(value) => Some(value),
            Value::Whole(value) => Some(value as f64),
            Value::Choice(_) | Value::Switch(_) => None,
        }
    }
}

impl FieldType for usize {
    fn value(&self) -> Value {
        Value::Whole(*self as u64)
    }

    fn from_value(value: Value) -> Option<Self> {
        u64::from_value(value).and_then(|value| value.try_into().ok())
    }
}

impl FieldType for u64 {
    fn value(&self) -> Value {
        Value::Whole(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Whole(value) => Some(value),
            // A slider's whole number.
            Value::Real(value) if value >= 0.0 && value.fract() == 0.0 => Some(value as u64),
            Value::Real(_) | Value::Choice(_) | Value::Switch(_) => None,
        }
    }
}

impl FieldType for bool {
    fn value(&self) -> Value {
        Value::Switch(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Switch(value) => Some(value),
            Value::Real(_) | Value::Whole(_) | Value::Choice(_) => None,
        }
    }
}

/// A set of names that a parameter is one of.
pub trait Named: Copy + 'static {
    /// Every one, in the order to offer them.
    const ALL: &'static [Self];
    /// Its name in flags and JSON.
    fn name(self) -> &'static str;
}

/// Makes a type whose values have names ([`Named`]) one that a field may have.
macro_rules! choice {
    ($name:ty) => {
        impl $crate::FieldType for $name {
            fn value(&self) -> $crate::Value {
                $crate::Value::Choice($crate::Named::name(*self))
            }

            fn from_value(value: $crate::Value) -> Option<Self> {
                let $crate::Value::Choice(wanted) = value else { return None };
                let all = <Self as $crate::Named>::ALL;
                all.iter().copied().find(|one| $crate::Named::name(*one) == wanted)
            }
        }
    };
}
pub(crate) use choice;

/// How a row's field is read and written.
#[derive(Clone, Copy)]
pub struct Field {
    /// Reads it; none from a set of another type.
    pub get: fn(&dyn Any) -> Option<Value>,
    /// Writes it, and says whether that could be done: not to a set of another type, nor a value of another kind.
    pub set: fn(&mut dyn Any, Value) -> bool,
}

/// The [`Field`](crate::Field) of a struct of parameters: `field!(IgosParameters, l1_weight)`.
#[macro_export]
macro_rules! field {
    ($set:ty, $name:ident) => {
        $crate::Field {
            get: |set| set.downcast_ref::<$set>().map(|set| $crate::FieldType::value(&set.$name)),
            set: |set, value| match (set.downcast_mut::<$set>(), $crate::FieldType::from_value(value)) {
                (Some(set), Some(value)) => {
                    set.$name = value;
                    true
                }
                _ => false,
            },
        }
    };
}
