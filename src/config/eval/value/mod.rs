//! Values and their types, numbers, and conversions between them.

mod console;
mod constraint;
mod convert;
mod decimal;
mod equal;
mod number;
mod order;
mod types;
mod unify;

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

use crate::org::counted;

pub use console::console_text;
pub use constraint::parse_type;
pub(super) use convert::unify_known;
pub use convert::{ConversionError, convert, is_convertible};
pub(super) use equal::equal;
pub use number::{MAX_DIGITS, Number};
pub(super) use order::text;
pub use types::{Attribute, Type};
pub use unify::unify;

/// The content of a value, without its mark as sensitive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `null` of a type.
    Null(Type),
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, in Unicode's composed form.
    String(Arc<str>),
    /// Elements of one type.
    List(Type, Arc<Vec<Value>>),
    /// Elements of one type without duplicates, in Terraform's order.
    Set(Type, Arc<Vec<Value>>),
    /// Elements with types of their own.
    Tuple(Arc<Vec<Value>>),
    /// Elements of one type by name.
    Map(Type, Arc<BTreeMap<String, Value>>),
    /// Attributes with types of their own.
    Object(Arc<BTreeMap<String, Value>>),
}

/// The most characters of a string that a description shows. For a longer one its name says more.
const MAX_SHOWN: usize = 200;

/// A value. A sensitive value is never printed, nor is anything derived from it.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    kind: Kind,
    sensitive: bool,
    /// Whether a part of it is sensitive. Like the two fields below, it is computed once, when the value is made: parts are shared, so
    /// reading all of them can take far longer than making the value.
    holds_sensitive: bool,
    /// The number of levels of values within the value.
    depth: u32,
    weight: usize,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Printing a structure that contains values must not print secrets.
        if self.sensitive { formatter.write_str("(sensitive value)") } else { self.kind.fmt(formatter) }
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        let mut value = Self { kind, sensitive: false, holds_sensitive: false, depth: 0, weight: 0 };
        let (mut holds_sensitive, mut depth) = (false, 0);
        let mut weight = 1 + value.as_str().map_or(0, |text| text.len() / 64);
        for part in value.children() {
            holds_sensitive |= part.has_sensitive();
            depth = depth.max(part.depth + 1);
            weight = weight.saturating_add(part.weight);
        }
        (value.holds_sensitive, value.depth, value.weight) = (holds_sensitive, depth, weight);
        value
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Kind::Bool(value).into()
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Kind::Number(value).into()
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        // Strings that look the same are equal.
        if value.is_ascii() || is_nfc_quick(value.chars()) == unicode_normalization::IsNormalized::Yes {
            return Kind::String(value.into()).into();
        }
        Kind::String(value.nfc().collect::<String>().into()).into()
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

impl FromIterator<Self> for Value {
    /// A tuple.
    fn from_iter<I: IntoIterator<Item = Self>>(elements: I) -> Self {
        Self::tuple(elements.into_iter().collect())
    }
}

impl FromIterator<(String, Self)> for Value {
    /// An object.
    fn from_iter<I: IntoIterator<Item = (String, Self)>>(attributes: I) -> Self {
        Self::object(attributes.into_iter().collect())
    }
}

impl Value {
    /// `null` without a type.
    #[must_use]
    pub fn null() -> Self {
        Kind::Null(Type::Any).into()
    }

    /// A tuple, as in `[…]`.
    #[must_use]
    pub fn tuple(elements: Vec<Self>) -> Self {
        Kind::Tuple(Arc::new(elements)).into()
    }

    /// An object, as in `{…}`.
    #[must_use]
    pub fn object(attributes: BTreeMap<String, Self>) -> Self {
        Kind::Object(Arc::new(attributes)).into()
    }

    /// A list whose elements are all of one type.
    #[must_use]
    pub fn list(element: Type, elements: Vec<Self>) -> Self {
        Kind::List(element, Arc::new(elements)).into()
    }

    /// A map whose elements are all of one type.
    #[must_use]
    pub fn map(element: Type, elements: BTreeMap<String, Self>) -> Self {
        Kind::Map(element, Arc::new(elements)).into()
    }

    /// A set whose elements are all of one type. It is sensitive if one of them is, because their order reveals something of them.
    #[must_use]
    pub fn set(element: Type, mut elements: Vec<Self>) -> Self {
        let sensitive = elements.iter().any(Self::has_sensitive);
        elements.sort_by(order::compare);
        elements.dedup();
        Self::from(Kind::Set(element, Arc::new(elements))).marked(sensitive)
    }

    /// A list of strings.
    pub fn strings<S: Into<Self>>(elements: impl IntoIterator<Item = S>) -> Self {
        Self::list(Type::String, elements.into_iter().map(Into::into).collect())
    }

    /// The content of the value. Do not show it if the value is sensitive.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The same value, sensitive if `sensitive` or if it is already.
    #[must_use]
    pub fn marked(self, sensitive: bool) -> Self {
        Self { sensitive: self.sensitive || sensitive, ..self }
    }

    /// The same value without its own mark; the marks of its parts stay.
    #[must_use]
    pub fn unmarked(self) -> Self {
        Self { sensitive: false, ..self }
    }

    /// Whether the value itself must not be shown.
    #[must_use]
    pub const fn is_sensitive(&self) -> bool {
        self.sensitive
    }

    /// Whether the value or a part of it must not be shown.
    #[must_use]
    pub const fn has_sensitive(&self) -> bool {
        self.sensitive || self.holds_sensitive
    }

    /// Whether it is null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// The elements of a list, set or tuple, in order; `None` for any other value.
    #[must_use]
    pub fn elements(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => Some(elements),
            _ => None,
        }
    }

    /// The elements of a map or the attributes of an object.
    #[must_use]
    pub fn entries(&self) -> Option<&BTreeMap<String, Self>> {
        match &self.kind {
            Kind::Map(_, entries) | Kind::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number of levels of values within the value.
    #[must_use]
    pub const fn depth(&self) -> u32 {
        self.depth
    }

    /// The number of elements or attributes; 0 if the value is not a collection.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements().map_or_else(|| self.entries().map_or(0, BTreeMap::len), <[Self]>::len)
    }

    /// Whether the value has no elements, or is not a collection.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An estimate of the steps to read the whole value: the number of all its parts, with more for long strings.
    pub(crate) const fn weight(&self) -> usize {
        self.weight
    }

    /// A description in Terraform's words, to follow the value's name: `is "crm"`, `is list of string with 2 elements`.
    #[must_use]
    pub fn statement(&self) -> String {
        let holding = |what: &str| counted(self.len() as u64, what);
        if self.has_sensitive() {
            return "has a sensitive value".into();
        }
        match &self.kind {
            Kind::Null(_) => "is null".into(),
            Kind::Bool(value) => format!("is {value}"),
            Kind::Number(number) => format!("is {number}"),
            Kind::String(text) if text.chars().count() > MAX_SHOWN => "is a long string".into(),
            Kind::String(text) => format!("is {}", console_text(&Self::from(&**text))),
            Kind::Tuple(_) => format!("is tuple with {}", holding("element")),
            Kind::Object(attributes) => match attributes.keys().next().filter(|_| attributes.len() == 1) {
                Some(name) => format!("is object with 1 attribute {name:?}"),
                None => format!("is object with {}", holding("attribute")),
            },
            Kind::List(element, _) => format!("is list of {element} with {}", holding("element")),
            Kind::Set(element, _) => format!("is set of {element} with {}", holding("element")),
            Kind::Map(element, _) => format!("is map of {element} with {}", holding("element")),
        }
    }

    /// The parts of a value of any kind.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Self> {
        let elements = self.elements().unwrap_or_default().iter();
        elements.chain(self.entries().into_iter().flat_map(BTreeMap::values))
    }

    /// The value's type.
    #[must_use]
    pub fn r#type(&self) -> Type {
        match &self.kind {
            Kind::Null(r#type) => r#type.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(element, _) => element.clone().list(),
            Kind::Set(element, _) => element.clone().set(),
            Kind::Map(element, _) => element.clone().map(),
            Kind::Tuple(elements) => Type::Tuple(elements.iter().map(Self::r#type).collect()),
            Kind::Object(attributes) => {
                let attribute = |(name, value): (&String, &Self)| (name.clone(), value.r#type().into());
                Type::Object(Arc::new(attributes.iter().map(attribute).collect()))
            }
        }
    }

    /// The kind of value with its article: `a string`, `an object`, `null`.
    #[must_use]
    pub fn kind_with_article(&self) -> String {
        match &self.kind {
            Kind::Null(_) => "null".into(),
            Kind::Object(_) => "an object".into(),
            _ => format!("a {}", self.kind_name()),
        }
    }

    /// The kind of value as messages name it, without element types: `string`, `object`.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null(_) => "null",
            Kind::Bool(_) => "bool",
            Kind::Number(_) => "number",
            Kind::String(_) => "string",
            Kind::List(..) => "list",
            Kind::Set(..) => "set",
            Kind::Tuple(_) => "tuple",
            Kind::Map(..) => "map",
            Kind::Object(_) => "object",
        }
    }
}
