//! The control endpoint: reads the world, and changes its weather while it runs.
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox/requests` | how often each operation was called: `{"organizations:ListAccounts": 3}` |
//! | `DELETE /_sandbox/requests` | resets these counts |
//! | `GET /_sandbox/clock` | `{"now": "2026-11-22T09:00:00Z", "frozen": true}` |
//! | `POST /_sandbox/clock` | `{"now": TIME}` freezes the clock there, `{"advance_seconds": N}` moves it, `{"running": true}` shows real time |
//! | `GET /_sandbox/faults` | the faults that are still scheduled |
//! | `POST /_sandbox/faults` | adds one fault or a list of them, with the attributes of the fixture's `fault` block |
//! | `DELETE /_sandbox/faults` | removes all scheduled faults |
//! | `GET /_sandbox/weather` | the settings of the fixture's `weather` block |
//! | `POST /_sandbox/weather` | changes the settings that the body contains |
//! | `POST /_sandbox/accounts/ID` | what a person does in the console: sets each of `payment_method`, `phone_verified`, `agreement_accepted`, `support_plan`, `contact_information` and `state` that the body contains |
//!
//! The endpoint has no authentication. Anyone who can reach the sandbox can use it, which by default means this machine only. It refuses
//! requests that a browser sends for a web page.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::org::AccountId;

use super::clock::Clock;
use super::engine::Engine;
use super::state::account::{Account, AccountState, PaymentMethod, SupportPlan};
use super::weather::Fault;
use super::wire::{Incoming, Outgoing, Refusal};

/// The path prefix of the control endpoint.
pub const PREFIX: &str = "/_sandbox";

/// A change of the clock.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    now: Option<Timestamp>,
    advance_seconds: Option<i64>,
    running: Option<bool>,
}

/// The attributes of an account that a person can change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignUp {
    payment_method: Option<PaymentMethod>,
    phone_verified: Option<bool>,
    agreement_accepted: Option<bool>,
    support_plan: Option<SupportPlan>,
    contact_information: Option<bool>,
    state: Option<AccountState>,
}

/// One fault or a list of faults.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Faults {
    Several(Vec<Fault>),
    One(Box<Fault>),
}

impl Incoming {
    /// A control request made by this process itself.
    #[must_use]
    pub fn control(method: &str, path: &str, body: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: format!("{PREFIX}{path}"),
            target: None,
            content_type: None,
            authorization: None,
            security_token: None,
            user_agent: None,
            origin: None,
            source: std::net::Ipv4Addr::LOCALHOST.into(),
            body: body.as_bytes().to_vec(),
        }
    }
}

/// Answers a control request.
pub fn answer(engine: &mut Engine, request: &Incoming, request_id: String) -> Outgoing {
    let (status, body) = match respond(engine, request) {
        Ok(body) => (200, body),
        Err(refusal) => (refusal.status, json!({ "error": refusal.message })),
    };
    let mut body = body.to_string().into_bytes();
    body.push(b'\n');
    Outgoing { status, content_type: Some("application/json"), error_type: None, request_id, body }
}

fn respond(engine: &mut Engine, request: &Incoming) -> Result<Value, Refusal> {
    if request.origin.is_some() {
        return Err(refusal(403, "The control endpoint does not answer web pages."));
    }
    let resource = request.path.strip_prefix(PREFIX).unwrap_or_default();
    if let Some(id) = resource.strip_prefix("/accounts/") {
        let id = id.parse().map_err(|_| refusal(404, "An account id is 12 digits."))?;
        if request.method != "POST" {
            return Err(refusal(405, "The control endpoint does not support this method."));
        }
        return sign_up(engine, id, read(request)?);
    }
    match (request.method.as_str(), resource) {
        ("GET", "/requests") => {}
        ("DELETE", "/requests") => engine.requests.clear(),
        ("GET", "/clock") => return Ok(clock(engine)),
        ("POST", "/clock") => {
            engine.world.clock = changed_clock(engine.world.clock, read(request)?)?;
            engine.save()?;
            return Ok(clock(engine));
        }
        ("GET", "/faults") => return Ok(json!(engine.schedule.pending())),
        ("DELETE", "/faults") => {
            engine.schedule.clear();
            engine.save()?;
            return Ok(json!([]));
        }
        ("POST", "/faults") => {
            engine.schedule.extend(checked(read(request)?)?);
            engine.save()?;
            return Ok(json!(engine.schedule.pending()));
        }
        ("GET", "/weather") => return Ok(json!(engine.world.settings)),
        ("POST", "/weather") => {
            engine.world.settings = merged(&json!(engine.world.settings), read(request)?)?;
            engine.save()?;
            return Ok(json!(engine.world.settings));
        }
        (_, "/requests" | "/clock" | "/faults" | "/weather") => {
            return Err(refusal(405, "The control endpoint does not support this method."));
        }
        _ => return Err(refusal(404, "The control endpoint has /_sandbox/requests, /clock, /faults, /weather and /accounts/ID.")),
    }
    Ok(json!(engine.requests))
}

fn refusal(status: u16, message: &str) -> Refusal {
    Refusal::new("ControlError", message).with_status(status)
}

fn read<T: serde::de::DeserializeOwned>(request: &Incoming) -> Result<T, Refusal> {
    serde_json::from_slice(&request.body).map_err(|error| refusal(400, &format!("The body is not valid for this endpoint: {error}.")))
}

fn sign_up(engine: &mut Engine, id: AccountId, change: SignUp) -> Result<Value, Refusal> {
    let SignUp { payment_method, phone_verified, agreement_accepted, support_plan, contact_information, state } = change;
    let now = engine.now();
    let account = engine.world.accounts.entry(id).or_insert_with(|| Account::standalone(id));
    if let Some(payment) = payment_method {
        (account.payment, account.payment_instruments) = (payment, None);
    }
    if let Some(verified) = phone_verified {
        (account.phone_verified, account.verification_status) = (verified, None);
    }
    account.agreement_accepted = agreement_accepted.unwrap_or(account.agreement_accepted);
    account.support_plan = support_plan.unwrap_or(account.support_plan);
    account.contact = contact_information.unwrap_or(account.contact);
    if let Some(state) = state {
        account.closed = account.closed.or(Some(now)).filter(|_| state == AccountState::Closed);
        account.state = state;
    }
    if account.closed.is_some() && account.membership.is_some() {
        engine.world.closed.insert(id);
    } else {
        engine.world.closed.remove(&id);
    }
    let Some(account) = engine.world.accounts.get(&id) else { return Ok(Value::Null) };
    let answer = json!({
        "payment_method": account.payment,
        "phone_verified": account.phone_verified,
        "agreement_accepted": account.agreement_accepted,
        "support_plan": account.support_plan,
        "contact_information": account.contact,
        "state": account.state,
    });
    engine.save()?;
    Ok(answer)
}

fn clock(engine: &Engine) -> Value {
    json!({ "now": engine.now().to_string(), "frozen": engine.world.clock.is_frozen() })
}

fn changed_clock(clock: Clock, change: ClockChange) -> Result<Clock, Refusal> {
    match change {
        ClockChange { now: Some(now), advance_seconds: None, running: None } => Ok(Clock::Frozen(now)),
        ClockChange { now: None, advance_seconds: Some(seconds), running: None } => Ok(clock.advanced(SignedDuration::from_secs(seconds))),
        ClockChange { now: None, advance_seconds: None, running: Some(true) } => Ok(Clock::REAL),
        _ => Err(refusal(400, "The body needs exactly one of `now`, `advance_seconds` and `running`; `running` can only be true.")),
    }
}

fn checked(faults: Faults) -> Result<Vec<Fault>, Refusal> {
    let faults = match faults {
        Faults::Several(faults) => faults,
        Faults::One(fault) => vec![*fault],
    };
    match faults.iter().find_map(Fault::mistake) {
        Some(mistake) => Err(refusal(400, &mistake.detail)),
        None => Ok(faults),
    }
}

/// `settings` with `changes` applied.
fn merged<T: serde::de::DeserializeOwned>(settings: &Value, changes: serde_json::Map<String, Value>) -> Result<T, Refusal> {
    let mut merged = settings.as_object().cloned().unwrap_or_default();
    merged.extend(changes);
    serde_json::from_value(Value::Object(merged)).map_err(|error| refusal(400, &format!("The settings are not valid: {error}.")))
}
