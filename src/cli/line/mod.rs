//! The command line: its words before they are parsed, the values that they set, and their completion.

pub(in crate::cli) mod completion;
pub(in crate::cli) mod habits;
pub(in crate::cli) mod invocation;
pub(in crate::cli) mod variables;
pub(in crate::cli) mod words;
