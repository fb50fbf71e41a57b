//! Expressions of the configuration into values, with Terraform's semantics.
//!
//! An evaluation is pure: it sees the names of a [`Scope`], and the files below the configuration directory where the scope is given some.
//! It ends: every step and every byte is paid for from a budget.

mod budget;
mod calls;
mod comprehension;
mod data_files;
mod evaluate;
mod evaluator;
mod files;
mod functions;
mod operators;
mod parts;
mod problem;
mod scope;
mod spanned;
mod template;
mod traversal;
mod value;

#[cfg(test)]
mod tests;

pub use budget::Limits;
pub use files::{Directory, Entry, EntryKind, FileError, Files, NoFiles};
pub use functions::{function_names, refused_functions};
pub use scope::{Reference, Scope, references};
pub use value::{Attribute, ConversionError, Kind, Number, Type, Value, console_text, convert, parse_type, unify};
