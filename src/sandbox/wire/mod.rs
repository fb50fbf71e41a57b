//! The wire protocols: AWS JSON 1.1, query with XML, and REST JSON.

pub mod credentials;
pub mod form;
pub mod input;
pub mod protocol;
pub mod refusal;

use std::net::IpAddr;

pub use protocol::{Protocol, Service};
pub use refusal::Refusal;

/// A request, read from the socket.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The HTTP method.
    pub method: String,
    /// The path, without query.
    pub path: String,
    /// `X-Amz-Target`.
    pub target: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Authorization`.
    pub authorization: Option<String>,
    /// `X-Amz-Security-Token`.
    pub security_token: Option<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
    /// `Origin`, which only browsers send.
    pub origin: Option<String>,
    /// The source address of the request.
    pub source: IpAddr,
    /// The body.
    pub body: Vec<u8>,
}

/// A response, before it is written to the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`; `None` for an empty body.
    pub content_type: Option<&'static str>,
    /// The error code for `x-amzn-ErrorType`.
    pub error_type: Option<String>,
    /// `x-amzn-RequestId`.
    pub request_id: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The output of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// No output.
    Empty,
    /// A JSON document.
    Json(String),
    /// The content of a query protocol's result element.
    Xml(String),
}

/// The result of an operation.
pub type Answer = Result<Output, Refusal>;

/// Returns a value as a JSON answer.
///
/// # Errors
///
/// Returns `ServiceException` if the value has no JSON form.
pub fn json(value: &impl serde::Serialize) -> Answer {
    serde_json::to_string(value).map(Output::Json).map_err(|error| Refusal::service(format!("The answer has no JSON form: {error}.")))
}
