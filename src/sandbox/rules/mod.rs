//! AWS's rules, read from its documentation a second time: nothing here is shared with the gates.

pub mod authorize;
pub mod caller;
pub mod context;
pub mod leaving;
pub mod pages;
pub mod policy;
