//! The session, which handles the editor's requests and notifications one after another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gen_lsp_types::{
    CompletionOptions, CompletionParams, CompletionResponse, Definition, DefinitionParams, DefinitionProvider, DefinitionResponse,
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, DocumentFormattingParams, DocumentFormattingProvider, HoverParams, HoverProvider, InitializeResult,
    PublishDiagnosticsParams, Save, ServerCapabilities, ServerInfo, TextDocumentContentChangeEvent, TextDocumentPositionParams,
    TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions, Uri,
};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::workspace::Workspace;
use super::{Failure, complete, definition, format, hover, position, publish, uri};
use crate::config::ExternalValues;
use crate::org::json_value;

/// Serves until the editor ends the session.
pub(super) fn run(connection: &Connection, given: ExternalValues) -> Result<(), Failure> {
    let (id, params) = connection.initialize_start()?;
    // Absent if the editor does not support snippets.
    let snippets = params.pointer("/capabilities/textDocument/completion/completionItem/snippetSupport").and_then(Value::as_bool);
    let info = ServerInfo { name: "orgroster".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
    let result = InitializeResult { capabilities: capabilities(), server_info: Some(info) };
    connection.initialize_finish(id, json_value(&result)?)?;
    let mut session =
        Session { connection, workspace: Workspace::new(given), snippets: snippets == Some(true), published: BTreeSet::new() };
    while let Ok(message) = connection.receiver.recv() {
        match message {
            Message::Request(request) => {
                session.check()?;
                if connection.handle_shutdown(&request)? {
                    return Ok(());
                }
                session.send(Message::Response(session.answer(request)))?;
            }
            Message::Notification(note) if note.method == "exit" => return Err(Failure::Closed),
            Message::Notification(note) => session.take(note),
            Message::Response(_) => {}
        }
        // While the user types, only the last text is checked.
        if connection.receiver.is_empty() {
            session.check()?;
        }
    }
    Err(Failure::Closed)
}

fn capabilities() -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Full),
        save: Some(Save::Bool(true)),
        ..TextDocumentSyncOptions::default()
    };
    let triggers = [".", "\""].map(str::to_owned).to_vec();
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSync::Options(sync)),
        completion_provider: Some(CompletionOptions { trigger_characters: Some(triggers), ..CompletionOptions::default() }),
        hover_provider: Some(HoverProvider::Bool(true)),
        definition_provider: Some(DefinitionProvider::Bool(true)),
        document_formatting_provider: Some(DocumentFormattingProvider::Bool(true)),
        ..ServerCapabilities::default()
    }
}

struct Session<'c> {
    connection: &'c Connection,
    workspace: Workspace,
    /// Whether the editor supports snippets.
    snippets: bool,
    /// The files with published diagnostics.
    published: BTreeSet<PathBuf>,
}

impl Session<'_> {
    fn send(&self, message: Message) -> Result<(), Failure> {
        self.connection.sender.send(message).map_err(|_| Failure::Closed)
    }

    /// Checks the changed directories and publishes the diagnostics, including empty ones for files whose problems are fixed.
    fn check(&mut self) -> Result<(), Failure> {
        for directory in self.workspace.check_changed() {
            let mut found = match self.workspace.checked(&directory) {
                Some(checked) => publish::by_file(&self.workspace, checked),
                None => BTreeMap::new(),
            };
            for path in self.published.iter().filter(|path| path.parent() == Some(&directory)) {
                found.entry(path.clone()).or_default();
            }
            for (path, diagnostics) in found {
                if diagnostics.is_empty() {
                    self.published.remove(&path);
                } else {
                    self.published.insert(path.clone());
                }
                let params = PublishDiagnosticsParams { uri: self.workspace.uri(&path), version: None, diagnostics };
                self.send(Message::Notification(Notification::new("textDocument/publishDiagnostics".to_owned(), json_value(&params)?)))?;
            }
        }
        Ok(())
    }

    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        let answered = match method.as_str() {
            "textDocument/completion" => self.completion(params),
            "textDocument/hover" => self.hover(params),
            "textDocument/definition" => self.definition(params),
            "textDocument/formatting" => self.formatting(params),
            _ => {
                let message = format!("orgroster has no method {method:?}");
                return Response::new_err(id, ErrorCode::MethodNotFound as i32, message);
            }
        };
        match answered {
            Ok(result) => Response::new_ok(id, result),
            Err(refusal) => Response::new_err(id, refusal.code as i32, refusal.message),
        }
    }

    fn completion(&self, params: Value) -> Result<Value, Refusal> {
        let params: CompletionParams = read(params)?;
        let Some((path, offset)) = self.at(&params.text_document_position_params) else { return Ok(Value::Null) };
        written(&CompletionResponse::CompletionItemList(complete::completions(&self.workspace, &path, offset, self.snippets)))
    }

    fn hover(&self, params: Value) -> Result<Value, Refusal> {
        let params: HoverParams = read(params)?;
        let Some((path, offset)) = self.at(&params.text_document_position_params) else { return Ok(Value::Null) };
        written(&hover::hover(&self.workspace, &path, offset))
    }

    fn definition(&self, params: Value) -> Result<Value, Refusal> {
        let params: DefinitionParams = read(params)?;
        let Some((path, offset)) = self.at(&params.text_document_position_params) else { return Ok(Value::Null) };
        let found = definition::definition(&self.workspace, &path, offset);
        written(&found.map(|location| DefinitionResponse::Definition(Definition::Location(location))))
    }

    fn formatting(&self, params: Value) -> Result<Value, Refusal> {
        let params: DocumentFormattingParams = read(params)?;
        let path = uri::path(&params.text_document.uri);
        let text = path.as_deref().and_then(|path| self.workspace.text(path));
        written(&text.map(format::edits))
    }

    /// The open file of a request, and the offset in it.
    fn at(&self, params: &TextDocumentPositionParams) -> Option<(PathBuf, usize)> {
        let path = uri::path(&params.text_document.uri)?;
        let offset = position::offset(self.workspace.text(&path)?, params.position);
        Some((path, offset))
    }

    /// Handles a notification. Ignores one that can't be parsed, because notifications have no response.
    fn take(&mut self, note: Notification) {
        match note.method.as_str() {
            "textDocument/didOpen" => {
                if let Ok(DidOpenTextDocumentParams { text_document }) = read(note.params) {
                    self.set(text_document.uri, text_document.text);
                }
            }
            "textDocument/didChange" => {
                let Ok(params) = read::<DidChangeTextDocumentParams>(note.params) else { return };
                // The change is the whole text, because the server requested full synchronization.
                if let Some(TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(change)) =
                    params.content_changes.into_iter().last()
                {
                    self.set(params.text_document.text_document_identifier.uri, change.text);
                }
            }
            "textDocument/didClose" => {
                let Ok(params) = read::<DidCloseTextDocumentParams>(note.params) else { return };
                if let Some(path) = uri::path(&params.text_document.uri) {
                    self.workspace.close(&path);
                }
            }
            "textDocument/didSave" => {
                let Ok(params) = read::<DidSaveTextDocumentParams>(note.params) else { return };
                self.touch(&params.text_document.uri);
            }
            "workspace/didChangeWatchedFiles" => {
                let Ok(params) = read::<DidChangeWatchedFilesParams>(note.params) else { return };
                params.changes.iter().for_each(|change| self.touch(&change.uri));
            }
            _ => {}
        }
    }

    fn set(&mut self, uri: Uri, text: String) {
        if let Some(path) = uri::path(&uri) {
            self.workspace.set(&path, uri, text);
        }
    }

    fn touch(&mut self, uri: &Uri) {
        if let Some(path) = uri::path(uri) {
            self.workspace.touch(&path);
        }
    }
}

/// The reason why a request has no result.
struct Refusal {
    code: ErrorCode,
    message: String,
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal { code: ErrorCode::InvalidParams, message: error.to_string() })
}

fn written<T: Serialize>(result: &T) -> Result<Value, Refusal> {
    json_value(result).map_err(|error| Refusal { code: ErrorCode::InternalError, message: error.to_string() })
}
