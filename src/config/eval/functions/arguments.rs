//! The parameters and arguments of functions.

use super::super::budget::Exceeded;
use super::super::value::{Kind, Number, Type, Value};
use super::host::Host;

/// The type that a parameter accepts. Other values are converted, if possible.
#[derive(Debug, Clone, Copy)]
pub(in crate::config::eval) enum Accepts {
    Anything,
    Number,
    String,
    /// A list whose elements have one type.
    List,
    Strings,
    Bools,
    Numbers,
    /// A set whose elements have one type.
    Set,
    /// A map of lists of strings.
    ListsOfStrings,
}

impl Accepts {
    pub(in crate::config::eval) fn r#type(self) -> Type {
        match self {
            Self::Anything => Type::Any,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::List => Type::Any.list(),
            Self::Strings => Type::String.list(),
            Self::Bools => Type::Bool.list(),
            Self::Numbers => Type::Number.list(),
            Self::Set => Type::Any.set(),
            Self::ListsOfStrings => Type::String.list().map(),
        }
    }
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(in crate::config::eval) struct Parameter {
    pub(in crate::config::eval) accepts: Accepts,
    /// Whether the argument may be null.
    pub(in crate::config::eval) null: bool,
}

impl Parameter {
    const fn of(accepts: Accepts) -> Self {
        Self { accepts, null: false }
    }
}

/// A number.
pub(super) const NUMBER: Parameter = Parameter::of(Accepts::Number);
/// A string.
pub(super) const STRING: Parameter = Parameter::of(Accepts::String);
/// A list of one type.
pub(super) const LIST: Parameter = Parameter::of(Accepts::List);
/// A list of strings.
pub(super) const STRINGS: Parameter = Parameter::of(Accepts::Strings);
/// A list of bools.
pub(super) const BOOLS: Parameter = Parameter::of(Accepts::Bools);
/// A list of numbers.
pub(super) const NUMBERS: Parameter = Parameter::of(Accepts::Numbers);
/// A set of one type.
pub(super) const SET: Parameter = Parameter::of(Accepts::Set);
/// A map of lists of strings.
pub(super) const LISTS_OF_STRINGS: Parameter = Parameter::of(Accepts::ListsOfStrings);
/// Anything but null.
pub(super) const ANY: Parameter = Parameter::of(Accepts::Anything);
/// Anything.
pub(super) const ANY_OR_NULL: Parameter = Parameter { accepts: Accepts::Anything, null: true };

/// The reason why a function has no result.
#[derive(Debug)]
pub(in crate::config::eval) struct FunctionError {
    /// The index of the argument that caused the error; `None` if the whole call did.
    pub(in crate::config::eval) argument: Option<usize>,
    /// The message, without a period at the end.
    pub(in crate::config::eval) message: String,
    /// Whether the message reveals a part of an argument's value.
    pub(in crate::config::eval) shows_argument: bool,
    /// The limit that is exceeded, if that caused the error.
    pub(in crate::config::eval) exceeded: Option<Exceeded>,
}

impl FunctionError {
    /// An error of the whole call.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { argument: None, message: message.into(), shows_argument: false, exceeded: None }
    }

    /// An error of one argument, counted from 0.
    pub(super) fn argument(argument: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(argument), ..Self::new(message) }
    }

    /// Marks the message as one that shows a part of an argument. It is replaced if an argument is sensitive.
    pub(super) fn showing_argument(self) -> Self {
        Self { shows_argument: true, ..self }
    }
}

impl From<Exceeded> for FunctionError {
    fn from(exceeded: Exceeded) -> Self {
        Self { exceeded: Some(exceeded), ..Self::new("") }
    }
}

/// The arguments of one call, converted to the parameters' types.
pub(in crate::config::eval) struct Arguments<'c> {
    pub(super) host: &'c dyn Host,
    values: Vec<Value>,
}

impl<'c> Arguments<'c> {
    pub(in crate::config::eval) fn new(host: &'c dyn Host, values: Vec<Value>) -> Self {
        Self { host, values }
    }

    /// All arguments.
    pub(super) fn all(&self) -> &[Value] {
        &self.values
    }

    /// The arguments from an index on.
    pub(super) fn rest(&self, from: usize) -> &[Value] {
        self.values.get(from..).unwrap_or_default()
    }

    /// An argument.
    pub(super) fn value(&self, index: usize) -> Result<&Value, FunctionError> {
        self.values.get(index).ok_or_else(|| FunctionError::new("an argument is missing"))
    }

    /// The text of a string.
    pub(super) fn text(&self, index: usize) -> Result<&str, FunctionError> {
        self.value(index)?.as_str().ok_or_else(|| FunctionError::argument(index, "a string is required"))
    }

    /// A number.
    pub(super) fn number(&self, index: usize) -> Result<&Number, FunctionError> {
        match self.value(index)?.kind() {
            Kind::Number(number) => Ok(number),
            _ => Err(FunctionError::argument(index, "a number is required")),
        }
    }

    /// A whole number that fits 64 bits.
    pub(super) fn integer(&self, index: usize) -> Result<i64, FunctionError> {
        self.number(index)?.to_i64().ok_or_else(|| FunctionError::argument(index, "a whole number is required"))
    }

    /// The elements of a list, set or tuple.
    pub(super) fn elements(&self, index: usize) -> Result<&[Value], FunctionError> {
        let value = self.value(index)?;
        value.elements().ok_or_else(|| FunctionError::argument(index, format!("a list is required, not {}", value.kind_with_article())))
    }

    /// The texts of a list of strings, none of which is null.
    pub(super) fn texts(&self, index: usize) -> Result<Vec<&str>, FunctionError> {
        let text =
            |element: &'_ Value| element.as_str().map(|_| ()).ok_or_else(|| FunctionError::argument(index, "no element may be null"));
        let elements = self.elements(index)?;
        elements.iter().try_for_each(text)?;
        Ok(elements.iter().filter_map(Value::as_str).collect())
    }

    /// Counts the steps of reading all arguments against the budget.
    pub(super) fn pay_for_all(&self) -> Result<(), FunctionError> {
        Ok(self.host.budget().steps(self.values.iter().map(Value::weight).fold(0, usize::saturating_add))?)
    }

    /// Counts the steps of reading something against the budget.
    pub(super) fn pay_steps(&self, steps: usize) -> Result<(), FunctionError> {
        Ok(self.host.budget().steps(steps)?)
    }

    /// Counts elements against the budget, before they are made.
    pub(super) fn pay(&self, count: usize) -> Result<(), FunctionError> {
        let budget = self.host.budget();
        budget.steps(count)?;
        Ok(budget.bytes(count.saturating_mul(size_of::<Value>()))?)
    }

    /// Counts text against the budget, before it is made.
    pub(super) fn pay_bytes(&self, bytes: usize) -> Result<(), FunctionError> {
        Ok(self.host.budget().bytes(bytes)?)
    }
}
