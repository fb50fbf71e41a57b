//! Connects a configuration to its organization, to its backend, and to saved files.

pub(in crate::cli) mod backend;
pub(in crate::cli) mod clock;
pub(in crate::cli) mod credentials;
pub(in crate::cli) mod locking;
pub(in crate::cli) mod observation;
pub(in crate::cli) mod saved;
pub(in crate::cli) mod workspace;
