//! AWS's rules, read from its documentation a second time: nothing here is shared with the gates.

pub mod authorize;
pub mod caller;
mod condition;
pub mod context;
pub mod delegation;
pub mod document;
pub mod joining;
mod json;
pub mod leaving;
pub mod management;
pub mod pages;
pub mod policy;
pub mod principals;
pub mod resource_control;
