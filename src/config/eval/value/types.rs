//! Types of values.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// One of Terraform's types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// An unknown or arbitrary type, as that of a bare `null` and of the elements of an empty list.
    Any,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// A sequence of one type.
    List(Arc<Type>),
    /// Values of one type without duplicates, in Terraform's order.
    Set(Arc<Type>),
    /// Values of one type by name.
    Map(Arc<Type>),
    /// A sequence whose elements have types of their own.
    Tuple(Arc<[Type]>),
    /// Attributes by name, with types of their own.
    Object(Arc<BTreeMap<String, Attribute>>),
}

/// The type of an object's attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The type.
    pub r#type: Type,
    /// The value of the attribute if it is not given; `None` if the attribute is required.
    pub optional: Option<Box<super::Value>>,
}

impl From<Type> for Attribute {
    fn from(r#type: Type) -> Self {
        Self { r#type, optional: None }
    }
}

impl Type {
    /// A list of elements of this type.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Arc::new(self))
    }

    /// A set of elements of this type.
    #[must_use]
    pub fn set(self) -> Self {
        Self::Set(Arc::new(self))
    }

    /// A map of elements of this type.
    #[must_use]
    pub fn map(self) -> Self {
        Self::Map(Arc::new(self))
    }

    /// The kind of type, as in `object`.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Bool => "bool",
            Self::Number => "number",
            Self::String => "string",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::Map(_) => "map",
            Self::Tuple(_) => "tuple",
            Self::Object(_) => "object",
        }
    }

    /// Whether values of the type have no parts: strings, numbers and bools.
    #[must_use]
    pub const fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// Whether the type is or contains `any`.
    #[must_use]
    pub fn has_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_any(),
            Self::Tuple(elements) => elements.iter().any(Self::has_any),
            Self::Object(attributes) => attributes.values().any(|attribute| attribute.r#type.has_any()),
        }
    }
}

/// The type as Terraform writes it in messages: `list of string`, `object`.
impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => write!(formatter, "{} of {element}", self.kind_name()),
            Self::Any => formatter.write_str("dynamic"),
            _ => formatter.write_str(self.kind_name()),
        }
    }
}
