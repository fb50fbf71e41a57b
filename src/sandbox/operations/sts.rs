//! AWS STS (API reference, version 2011-06-15).

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::org::AccountId;
use crate::sandbox::clock::shifted;
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::rules::caller::{Caller, Session, role_id};
use crate::sandbox::rules::policy::{Question, check_document};
use crate::sandbox::rules::{context, resource_control};
use crate::sandbox::state::account::{AccountState, Role};
use crate::sandbox::state::{World, ids};
use crate::sandbox::wire::form::{Form, element, lowered};
use crate::sandbox::wire::{Answer, Output, Refusal, Service};

use super::{Call, Operation};

/// The operations of STS and their requirements. GetCallerIdentity needs no permission and works even if a policy denies it.
pub(super) const TABLES: &[&[Operation]] = &[&[
    Operation::read(Service::Sts, "GetCallerIdentity", Who::Anyone, get_caller_identity).unchecked(),
    Operation::read(Service::Sts, "AssumeRole", Who::Anyone, assume_role).unchecked().in_history(),
]];

/// `DurationSeconds`: 15 minutes to 12 hours, one hour by default.
const DURATIONS: std::ops::RangeInclusive<u32> = 900..=43_200;
const DEFAULT_DURATION: u32 = 3600;
/// The longest session of a role that a role session assumed, in seconds.
const CHAINED: u32 = 3600;
/// The maximum number of session tags, and then of managed session policies.
const MAX_TAGS: usize = 50;
const MAX_POLICIES: usize = 10;
/// The maximum size of all session policies together, in characters of plain text.
const POLICY_CHARACTERS: usize = 2048;
const ADMINISTRATOR_ACCESS: &str = ":iam::aws:policy/AdministratorAccess";
const ALLOW_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn get_caller_identity(call: &mut Call<'_>) -> Answer {
    let caller = call.caller;
    let content = [element("Arn", &caller.arn()), element("UserId", &caller.unique_id()), element("Account", &caller.account.to_string())];
    Ok(Output::Xml(content.concat()))
}

/// The input of AssumeRole.
struct Wanted {
    role_arn: String,
    account: AccountId,
    role: String,
    session_name: String,
    duration: u32,
    external_id: Option<String>,
    source_identity: Option<String>,
    policies: Vec<String>,
    tags: BTreeMap<String, String>,
    /// The serial number of the MFA device, if one was used.
    factor: Option<String>,
}

fn assume_role(call: &mut Call<'_>) -> Answer {
    let wanted = read_wanted(call.input.parameters())?;
    let role = call.world.accounts.get(&wanted.account).and_then(|account| account.role(&wanted.role));
    let role = role.filter(|role| role.arn(call.world.partition, wanted.account) == wanted.role_arn).cloned();
    let denied = || {
        let message = format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {}", call.caller.arn(), wanted.role_arn);
        Refusal::denied(message).with_status(403)
    };
    let role = role.ok_or_else(denied)?;
    if !trusts(&role, call.caller, call)
        || !has_factor(&role, &wanted, call.caller)?
        || role.external_id.as_ref().is_some_and(|needed| wanted.external_id.as_ref() != Some(needed))
    {
        return Err(denied());
    }
    let actions = [("AssumeRole", true), ("SetSourceIdentity", wanted.source_identity.is_some()), ("TagSession", !wanted.tags.is_empty())];
    for (action, _) in actions.into_iter().filter(|(_, asked)| *asked) {
        permit(call, &format!("sts:{action}"), &wanted).map_err(|refusal| refusal.with_status(403))?;
    }
    // A source identity can't be changed later in a role chain.
    let inherited = call.caller.session().and_then(|session| session.source_identity.as_ref());
    if wanted.source_identity.is_some() && inherited.is_some() && inherited != wanted.source_identity.as_ref() {
        return Err(denied());
    }
    let closed = call.world.accounts.get(&wanted.account).is_some_and(|account| account.state != AccountState::Active);
    if closed {
        return Err(denied());
    }
    check_duration(&wanted, &role, call.caller)?;
    let session = session(wanted, call);
    call.record_session(&session, Some(&role));
    Ok(Output::Xml(credentials(&session, call.world)))
}

/// Checks the policies that limit the caller, and those that limit the role as a resource of its account.
fn permit(call: &Call<'_>, action: &str, wanted: &Wanted) -> Result<(), Refusal> {
    call.authorize(action, &wanted.role_arn)?;
    let context = context::of_request(call.caller, call.world, call.circumstances);
    let question = Question { action, resource: &wanted.role_arn, context: &context };
    let Some(policy) = resource_control::denial(wanted.account, call.world, &question) else { return Ok(()) };
    let (caller, role) = (call.caller.arn(), &wanted.role_arn);
    let message = format!(
        "User: {caller} is not authorized to perform: {action} on resource: {role} with an explicit deny in a resource control policy: {policy}"
    );
    Err(Refusal::denied(message))
}

fn read_wanted(form: &Form) -> Result<Wanted, Refusal> {
    let role_arn = required(form, "RoleArn", 20..=2048)?.to_owned();
    let (account, role) = split_role_arn(&role_arn).ok_or_else(|| validation(format!("{role_arn} is invalid")))?;
    let session_name = required(form, "RoleSessionName", 2..=64)?.to_owned();
    check_word("RoleSessionName", &session_name, "_+=,.@-")?;
    let external_id = optional(form, "ExternalId", 2..=1224)?;
    if let Some(id) = &external_id {
        check_word("ExternalId", id, "_+=,.@:/-")?;
    }
    let source_identity = optional(form, "SourceIdentity", 2..=256)?;
    if let Some(identity) = &source_identity {
        check_word("SourceIdentity", identity, "_+=,.@-")?;
    }
    Ok(Wanted {
        account,
        role,
        session_name,
        duration: read_duration(form)?,
        external_id,
        source_identity,
        policies: read_policies(form)?,
        tags: read_tags(form)?,
        factor: read_factor(form)?,
        role_arn,
    })
}

/// Reads session tags: at most 50, with keys that differ in more than case and don't begin with AWS's prefix.
fn read_tags(form: &Form) -> Result<BTreeMap<String, String>, Refusal> {
    let members = form.members("Tags");
    if members.len() > MAX_TAGS {
        return Err(too_many("tags", MAX_TAGS));
    }
    let invalid = |message: String| Refusal::new("InvalidParameterValue", message);
    let mut tags = BTreeMap::new();
    for tag in &members {
        let (key, value) = (required(tag, "Key", 1..=128)?, required(tag, "Value", 0..=256)?);
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid(format!("Tag keys must not begin with aws:, which {key} does.")));
        }
        if tags.keys().any(|known: &String| known.eq_ignore_ascii_case(key)) {
            return Err(invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.".to_owned()));
        }
        tags.insert(key.to_owned(), value.to_owned());
    }
    Ok(tags)
}

/// Reads `SerialNumber` and `TokenCode`, which require each other. The sandbox accepts every six-digit code.
fn read_factor(form: &Form) -> Result<Option<String>, Refusal> {
    let serial = optional(form, "SerialNumber", 9..=256)?;
    let code = optional(form, "TokenCode", 6..=6)?;
    if let Some(serial) = &serial {
        check_word("SerialNumber", serial, "_+=/:,.@-")?;
    }
    if code.as_ref().is_some_and(|code| !code.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(validation(
            "1 validation error detected: Value at 'tokenCode' failed to satisfy constraint: Member must satisfy its regular expression pattern",
        ));
    }
    match (serial, code) {
        (Some(serial), Some(_)) => Ok(Some(serial)),
        (None, None) => Ok(None),
        _ => Err(validation("SerialNumber and TokenCode must be given together.")),
    }
}

fn too_many(list: &str, most: usize) -> Refusal {
    validation(format!(
        "1 validation error detected: Value at '{list}' failed to satisfy constraint: Member must have length less than or equal to {most}"
    ))
}

fn read_duration(form: &Form) -> Result<u32, Refusal> {
    let Some(text) = form.get("DurationSeconds") else { return Ok(DEFAULT_DURATION) };
    let Ok(seconds) = text.parse::<u32>() else {
        return Err(Refusal::new("MalformedInput", format!("DurationSeconds: {text} is not a whole number.")));
    };
    let (bound, word) = if seconds < *DURATIONS.start() { (DURATIONS.start(), "greater") } else { (DURATIONS.end(), "less") };
    if DURATIONS.contains(&seconds) {
        return Ok(seconds);
    }
    Err(validation(format!(
        "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value {word} than or equal to {bound}"
    )))
}

/// Reads the session policies: the inline one and the managed ones. The sandbox has one managed policy.
fn read_policies(form: &Form) -> Result<Vec<String>, Refusal> {
    let mut policies = Vec::new();
    if let Some(policy) = form.get("Policy") {
        if policy.chars().count() > POLICY_CHARACTERS {
            let message =
                format!("The session policies have {} characters; at most {POLICY_CHARACTERS} are allowed.", policy.chars().count());
            return Err(Refusal::new("PackedPolicyTooLarge", message));
        }
        check_document(policy)
            .map_err(|mistake| Refusal::new("MalformedPolicyDocument", format!("The policy is malformed: {mistake}.")))?;
        policies.push(policy.to_owned());
    }
    let managed = form.members("PolicyArns");
    if managed.len() > MAX_POLICIES {
        return Err(too_many("policyArns", MAX_POLICIES));
    }
    for managed in managed {
        let arn = required(&managed, "arn", 20..=2048)?;
        // The role's ARN already gives the partition.
        if !(arn.starts_with("arn:") && arn.ends_with(ADMINISTRATOR_ACCESS)) {
            let message = format!("The sandbox supports only the managed policy AdministratorAccess, not {arn}.");
            return Err(Refusal::new("MalformedPolicyDocument", message));
        }
        policies.push(ALLOW_ALL.to_owned());
    }
    Ok(policies)
}

/// The account and role name in `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
pub(super) fn split_role_arn(arn: &str) -> Option<(AccountId, String)> {
    let (_, resource) = arn.strip_prefix("arn:")?.split_once(":iam::")?;
    let (account, role) = resource.split_once(":role/")?;
    let name = role.rsplit('/').next().filter(|name| !name.is_empty())?;
    Some((account.parse().ok()?, name.to_owned()))
}

/// Whether the role's trust policy contains the caller: its account, or the principal itself.
fn trusts(role: &Role, caller: &Caller, call: &Call<'_>) -> bool {
    let account = caller.account.to_string();
    let caller_role = caller.session().map(|session| {
        let role = call.world.accounts.get(&caller.account).and_then(|account| account.role(&session.role));
        role.map_or_else(String::new, |role| role.arn(caller.partition, caller.account))
    });
    role.trusts.iter().any(|trusted| {
        *trusted == account
            || *trusted == caller.partition.arn("iam", &account, "root")
            || *trusted == caller.arn()
            || caller_role.as_ref().is_some_and(|arn| arn == trusted)
    })
}

/// Whether the caller used multi-factor authentication, if the role's trust policy requires it.
///
/// # Errors
///
/// Returns `AccessDenied` for a device that the caller can't have: sessions have none, and a user's device is in the user's account.
fn has_factor(role: &Role, wanted: &Wanted, caller: &Caller) -> Result<bool, Refusal> {
    let Some(serial) = &wanted.factor else { return Ok(!role.requires_mfa) };
    let own = serial.starts_with(&caller.partition.arn("iam", caller.account, "mfa/"));
    // Hardware devices have a serial number instead of an ARN.
    let hardware = !serial.starts_with("arn:");
    if caller.session().is_none() && (own || hardware) {
        return Ok(true);
    }
    let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
    Err(Refusal::denied(message).with_status(403))
}

fn check_duration(wanted: &Wanted, role: &Role, caller: &Caller) -> Result<(), Refusal> {
    if caller.session().is_some() && wanted.duration > CHAINED {
        return Err(validation("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"));
    }
    if wanted.duration > role.max_session {
        return Err(validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."));
    }
    Ok(())
}

fn session(wanted: Wanted, call: &Call<'_>) -> Session {
    let issued = call.circumstances.now;
    let inherited = call.caller.session().and_then(|session| session.source_identity.clone());
    Session {
        account: wanted.account,
        role: wanted.role,
        name: wanted.session_name,
        policies: wanted.policies,
        source_identity: inherited.or(wanted.source_identity),
        tags: wanted.tags,
        multi_factor: wanted.factor.is_some(),
        root: false,
        issued,
        expires: shifted(issued, SignedDuration::from_secs(i64::from(wanted.duration))),
    }
}

pub(super) fn credentials(session: &Session, world: &World) -> String {
    let token = session.token(world.seed);
    let secret = ids::derive(&["secret", &token], ids::BASE32, 40);
    let assumed = if session.root {
        String::new()
    } else {
        let id = format!("{}:{}", role_id(session.account, &session.role), session.name);
        let arn = session.arn(world.partition);
        format!("<AssumedRoleUser>{}{}</AssumedRoleUser>", element("AssumedRoleId", &id), element("Arn", &arn))
    };
    let identity = session.source_identity.as_ref().map(|identity| element("SourceIdentity", identity)).unwrap_or_default();
    // AWS returns whole seconds here.
    let expiration = session.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    format!(
        "{assumed}<Credentials>{}{}{}{}</Credentials>{identity}",
        element("AccessKeyId", &Session::access_key(&token)),
        element("SecretAccessKey", &secret),
        element("SessionToken", &token),
        element("Expiration", &expiration),
    )
}

fn validation(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", message)
}

fn required<'f>(form: &'f Form, name: &str, length: std::ops::RangeInclusive<usize>) -> Result<&'f str, Refusal> {
    let Some(text) = form.get(name) else {
        return Err(validation(format!(
            "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
            lowered(name)
        )));
    };
    let found = text.chars().count();
    if length.contains(&found) {
        return Ok(text);
    }
    let (bound, word) = if found < *length.start() { (length.start(), "greater") } else { (length.end(), "less") };
    Err(validation(format!(
        "1 validation error detected: Value '{text}' at '{}' failed to satisfy constraint: Member must have length {word} than or equal to {bound}",
        lowered(name)
    )))
}

fn optional(form: &Form, name: &str, length: std::ops::RangeInclusive<usize>) -> Result<Option<String>, Refusal> {
    form.get(name).map(|_| required(form, name, length).map(str::to_owned)).transpose()
}

/// Checks a text of word characters (`[\w…]*`) and the other characters that the parameter allows.
fn check_word(name: &str, text: &str, others: &str) -> Result<(), Refusal> {
    if text.chars().all(|character| character.is_ascii_alphanumeric() || others.contains(character)) {
        return Ok(());
    }
    Err(validation(format!(
        "1 validation error detected: Value '{text}' at '{}' failed to satisfy constraint: Member must satisfy its regular expression pattern",
        lowered(name)
    )))
}
