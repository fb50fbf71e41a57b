//! What is read about single accounts: in them, from other services, and how their membership ended.

pub mod ends;
pub mod integrations;
pub mod joining;
pub mod members;
pub mod probe;
pub mod protections;
pub mod root;
