//! A language server over the parser and the checks that the commands use: what is wrong as it is typed, completion, hover, definitions,
//! and formatting. Nothing here asks AWS, and nothing is written.
//!
//! A configuration is a directory, so that is what is checked; the texts that the editor has open count in place of the files.

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

/// Why a session ended otherwise than by the editor's `shutdown` and `exit`.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What was read is not a message of the protocol.
    #[error("the editor's messages can't be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A message at the wrong time.
    #[error("{0}")]
    Protocol(#[from] lsp_server::ProtocolError),
    /// The editor is gone.
    #[error("the editor closed the connection before it said that it is done")]
    Closed,
    /// A message that can't be written as JSON.
    #[error("{0}")]
    Unserializable(#[from] crate::org::Unserializable),
}

/// Serves an editor over standard input and output until it is done. Configurations are given what the command line says.
///
/// # Errors
///
/// The session ended in another way.
pub fn serve(given: ExternalValues) -> Result<(), Failure> {
    let (connection, threads) = Connection::stdio();
    let served = server::run(&connection, given);
    // The thread that writes ends when nobody can send any more.
    drop(connection);
    match threads.join() {
        // What could not be read is why the connection was closed.
        Err(error) => Err(Failure::Unreadable(error)),
        Ok(()) => served,
    }
}
