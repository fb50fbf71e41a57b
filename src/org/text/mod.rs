//! Forms of text: messages, commands, identifiers and JSON.

pub(super) mod agent;
pub(super) mod escape;
pub(super) mod invocation;
pub(super) mod message;
pub(super) mod schema;
pub(super) mod sentence;
pub(super) mod serialize;
pub(super) mod terraform;
