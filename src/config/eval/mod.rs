//! Evaluates the configuration's expressions with Terraform's semantics.
//!
//! An evaluation is pure: it reads only the names of a [`Scope`] and, if the scope allows files, those below the configuration directory.
//! It always ends: every step and every byte counts against a budget.

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
