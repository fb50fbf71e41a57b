//! All output of commands, to the terminal and to files.

pub(in crate::cli) mod annotate;
pub(in crate::cli) mod aside;
pub(in crate::cli) mod event_log;
pub(in crate::cli) mod files;
pub(in crate::cli) mod log;
pub(in crate::cli) mod screen;
pub(in crate::cli) mod terminal;
pub(in crate::cli) mod watch;
