//! HCL as text: writing it, and its canonical layout.

pub mod density;
pub mod fmt;
mod write;

pub use write::{Document, json, list, map, text};
