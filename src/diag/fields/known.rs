//! A name that a body accepts: an argument with the shape of its value, or a type of nested block.

use std::fmt;

/// A type of nested block, with an example for users who wrote it as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockForm {
    /// The type.
    pub name: &'static str,
    /// An example of its only label; `None` for a block that takes no label.
    pub label: Option<&'static str>,
    /// An example of its body: one line, or several that are each indented by six spaces after the first.
    pub body: &'static str,
}

impl BlockForm {
    /// A block without labels.
    #[must_use]
    pub const fn new(name: &'static str, body: &'static str) -> Self {
        Self { name, label: None, body }
    }

    /// A block with one label.
    #[must_use]
    pub const fn labeled(name: &'static str, label: &'static str, body: &'static str) -> Self {
        Self { name, label: Some(label), body }
    }
}

/// An example of the block in HCL.
impl fmt::Display for BlockForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.label.map_or_else(String::new, |label| format!(" \"{label}\""));
        write!(formatter, "{}{label} {{\n  {}\n}}", self.name, self.body.replace("\n      ", "\n  "))
    }
}

/// A name that a body accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownName {
    /// An argument.
    Argument {
        /// Its name.
        name: &'static str,
        /// An example of its value in HCL.
        example: String,
    },
    /// A nested block.
    Block(BlockForm),
}

/// The shape of an argument's value, from which an example is derived.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    Any,
    Text,
    Bool,
    Integer(u32),
    Number(f64),
    Texts,
    Map,
    AccountId,
    AccountIds,
    Timestamp,
    Date,
    Choice(&'static str),
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("…"),
            Self::Text => formatter.write_str("\"…\""),
            Self::Bool => formatter.write_str("true"),
            Self::Integer(number) => number.fmt(formatter),
            Self::Number(number) => number.fmt(formatter),
            Self::Texts => formatter.write_str("[\"…\"]"),
            Self::Map => formatter.write_str("{ key = \"…\" }"),
            Self::AccountId => formatter.write_str("\"123456789012\""),
            Self::AccountIds => formatter.write_str("[\"123456789012\"]"),
            Self::Timestamp => formatter.write_str("\"2026-12-01T00:00:00Z\""),
            Self::Date => formatter.write_str("\"2026-12-01\""),
            Self::Choice(word) => write!(formatter, "\"{word}\""),
        }
    }
}
