//! A language server with the same parser and checks as the commands: diagnostics while typing, completion, hover, definitions and
//! formatting. It does not call AWS and writes no files.
//!
//! A configuration is a directory, so the server checks whole directories. Texts that the editor has open replace the files.

mod complete;
mod definition;
mod format;
mod hover;
mod place;
mod position;
mod publish;
mod reference;
mod server;
mod uri;
mod workspace;

use lsp_server::Connection;

use crate::config::ExternalValues;

/// The reason why a session ended without the editor's `shutdown` and `exit`.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The input is not a message of the protocol.
    #[error("the editor's messages can't be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A message that is not allowed at that time.
    #[error("{0}")]
    Protocol(#[from] lsp_server::ProtocolError),
    /// The editor closed the connection.
    #[error("the editor closed the connection without `shutdown` and `exit`")]
    Closed,
    /// A message that can't be written as JSON.
    #[error("{0}")]
    Unserializable(#[from] crate::org::Unserializable),
}

/// Serves an editor over standard input and output until it sends `exit`. `given` are the external values for all configurations.
///
/// # Errors
///
/// Returns an error if the session ends in any other way.
pub fn serve(given: ExternalValues) -> Result<(), Failure> {
    let (connection, threads) = Connection::stdio();
    let served = server::run(&connection, given);
    // The writer thread ends when all senders are dropped.
    drop(connection);
    match threads.join() {
        // The unreadable message is the reason why the connection was closed.
        Err(error) => Err(Failure::Unreadable(error)),
        Ok(()) => served,
    }
}
