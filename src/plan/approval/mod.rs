//! What is approved: the saved plan, its digest, and what later plans are compared with.

pub mod baseline;
pub mod compare;
pub mod dependencies;
pub mod digest;
pub mod file;
