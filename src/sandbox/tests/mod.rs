//! Stories: a world, requests of its accounts, and the answers.

mod features;
mod joining;
mod leaving;
mod operating;
mod places;
mod policies;
mod random;
mod reading;
mod services;
mod sessions;
mod socket;
mod state;
mod trail;

use serde_json::{Value, json};

use crate::diag::SourceMap;

use super::Sandbox;
use super::engine::Reply;
use super::wire::Incoming;

/// The world of most stories.
const WORLD: &str = include_str!("world.sandbox.hcl");
const MANAGEMENT: &str = "111111111111";
const DELEGATED: &str = "222222222222";
const LEAVER: &str = "333333333333";
const STANDALONE: &str = "999999999999";

/// Credentials: an access key and, for a session, its token.
#[derive(Debug, Clone)]
struct Credentials {
    key: String,
    token: Option<String>,
}

impl From<&str> for Credentials {
    fn from(key: &str) -> Self {
        Self { key: key.to_owned(), token: None }
    }
}

impl From<&Self> for Credentials {
    fn from(other: &Self) -> Self {
        other.clone()
    }
}

#[must_use]
fn open(fixture: &str) -> Sandbox {
    let mut sources = SourceMap::default();
    let file = sources.add("world.sandbox.hcl", fixture.to_owned());
    Sandbox::open(&sources, Some(file), None).unwrap()
}

/// The errors in a fixture: code, line and detail of each.
#[must_use]
fn mistakes(fixture: &str) -> Vec<(String, usize, String)> {
    let mut sources = SourceMap::default();
    let file = sources.add("world.sandbox.hcl", fixture.to_owned());
    let found = Sandbox::open(&sources, Some(file), None).map(|_| ()).unwrap_err();
    let line = |span: &crate::org::SourceSpan| sources.file(span.file).unwrap().position(span.start).line;
    let describe = |mistake: &&crate::diag::Diagnostic| {
        (mistake.code.to_string(), mistake.primary.as_ref().map_or(0, |label| line(&label.span)), mistake.detail.to_string())
    };
    found.sorted().iter().map(describe).collect()
}

/// An error code with its reason, as `Code` or `Code:REASON`.
type Refused = String;

fn request(credentials: &Credentials, service: &str) -> Incoming {
    let scope = format!("{}/20261122/us-east-1/{service}/aws4_request", credentials.key);
    Incoming {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        target: None,
        content_type: None,
        authorization: Some(format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")),
        security_token: credentials.token.clone(),
        user_agent: Some("story/1".to_owned()),
        origin: None,
        source: [127, 0, 0, 1].into(),
        body: Vec::new(),
    }
}

/// Calls a JSON operation, such as `organizations:ListAccounts`.
fn call(sandbox: &Sandbox, credentials: impl Into<Credentials>, action: &str, input: Value) -> Result<Value, Refused> {
    let (service, operation) = action.split_once(':').unwrap();
    let prefix = match service {
        "cloudtrail" => "CloudTrail_20131101",
        "support" => "AWSSupport_20130415",
        "freetier" => "AWSFreeTierService",
        "servicequotas" => "ServiceQuotasV20190624",
        _ => "AWSOrganizationsV20161128",
    };
    let mut incoming = request(&credentials.into(), service);
    incoming.target = Some(format!("{prefix}.{operation}"));
    incoming.body = input.to_string().into_bytes();
    let (Reply::Answer(outgoing), _) = sandbox.handle(&incoming) else { return Err("reset".to_owned()) };
    let body: Value = if outgoing.body.is_empty() { json!({}) } else { serde_json::from_slice(&outgoing.body).unwrap() };
    if outgoing.status == 200 {
        return Ok(body);
    }
    let code = body["__type"].as_str().unwrap().to_owned();
    Err(body["Reason"].as_str().map_or(code.clone(), |reason| format!("{code}:{reason}")))
}

/// The error message of a JSON operation.
fn message(sandbox: &Sandbox, credentials: impl Into<Credentials>, action: &str) -> String {
    let mut incoming = request(&credentials.into(), "organizations");
    incoming.target = Some(format!("AWSOrganizationsV20161128.{}", action.split_once(':').unwrap().1));
    let (Reply::Answer(outgoing), _) = sandbox.handle(&incoming) else { return "reset".to_owned() };
    let body: Value = serde_json::from_slice(&outgoing.body).unwrap();
    body["Message"].as_str().unwrap().to_owned()
}

/// Calls a query operation, such as `sts:AssumeRole`.
fn query(sandbox: &Sandbox, credentials: impl Into<Credentials>, action: &str, parameters: &[(&str, &str)]) -> Result<String, Refused> {
    let (service, operation) = action.split_once(':').unwrap();
    let mut incoming = request(&credentials.into(), service);
    incoming.content_type = Some("application/x-www-form-urlencoded; charset=utf-8".to_owned());
    let mut body = format!("Action={operation}");
    for (name, value) in parameters {
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        body.push_str(&format!("&{name}={encoded}"));
    }
    incoming.body = body.into_bytes();
    let (Reply::Answer(outgoing), _) = sandbox.handle(&incoming) else { return Err("reset".to_owned()) };
    let body = String::from_utf8(outgoing.body).unwrap();
    if outgoing.status == 200 { Ok(body) } else { Err(inside(&body, "Code")) }
}

/// The text of the first element with this name.
fn inside(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    rest.split_once(&format!("</{name}>")).unwrap().0.to_owned()
}

fn role_arn(account: &str, role: &str) -> String {
    format!("arn:aws:iam::{account}:role/{role}")
}

/// Assumes a role and returns the credentials from `AssumeRole`.
fn assume(sandbox: &Sandbox, credentials: impl Into<Credentials>, role: &str, more: &[(&str, &str)]) -> Result<Credentials, Refused> {
    let mut parameters = vec![("RoleArn", role), ("RoleSessionName", "story"), ("DurationSeconds", "900")];
    parameters.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    parameters.extend_from_slice(more);
    let answer = query(sandbox, credentials, "sts:AssumeRole", &parameters)?;
    Ok(Credentials { key: inside(&answer, "AccessKeyId"), token: Some(inside(&answer, "SessionToken")) })
}

/// Every item of a paginated list.
fn list(sandbox: &Sandbox, credentials: &str, action: &str, input: &Value, items: &str) -> Vec<Value> {
    let (mut found, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut input = input.clone();
        input["NextToken"] = token;
        let page = call(sandbox, credentials, action, input).unwrap();
        found.extend(page[items].as_array().unwrap().iter().cloned());
        token = page["NextToken"].clone();
        if token.is_null() {
            return found;
        }
    }
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["Id"].as_str().unwrap()).collect()
}

/// Calls the control endpoint and returns the status and the answer.
fn control(sandbox: &Sandbox, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let (status, answer) = sandbox.control(method, path, &body.to_string());
    (status, serde_json::from_str(&answer).unwrap())
}
