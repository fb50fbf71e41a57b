//! HCL as text: the writer and the canonical layout.

pub mod density;
pub mod fmt;
mod write;

pub use write::{Document, json, list, map, text};
