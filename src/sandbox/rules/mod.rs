//! AWS's rules, implemented a second time from its documentation. The gates share nothing with this module.

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
