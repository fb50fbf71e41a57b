//! AWS IAM (API reference, version 2010-05-08): reading a role, and simulating what the policies allow it.

use iam_rs::Context;

use crate::sandbox::rules::authorize::{Denial, Who, denial, service_control_denial};
use crate::sandbox::rules::caller::{Caller, Principal, Session, role_id};
use crate::sandbox::rules::context;
use crate::sandbox::rules::policy::{Question, check_document};
use crate::sandbox::state::account::Role;
use crate::sandbox::state::partition::Partition;
use crate::sandbox::wire::form::{Form, element};
use crate::sandbox::wire::{Answer, Output, Refusal, Service};

use super::sts::split_role_arn;
use super::{Call, Operation};

/// The operations of IAM. Each checks the caller's permission for its resource.
pub(super) const TABLES: &[&[Operation]] = &[&[
    Operation::read(Service::Iam, "GetRole", Who::Anyone, get_role).unchecked(),
    Operation::read(Service::Iam, "GetAccountAuthorizationDetails", Who::Anyone, get_account_authorization_details),
    Operation::read(Service::Iam, "SimulatePrincipalPolicy", Who::Anyone, simulate).unchecked(),
]];

fn no_such_entity(message: String) -> Refusal {
    Refusal::new("NoSuchEntity", message).with_status(404)
}

fn forbidden(refusal: Refusal) -> Refusal {
    refusal.with_status(403)
}

fn validation(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", message)
}

fn get_role(call: &mut Call<'_>) -> Answer {
    let form = call.input.parameters();
    let name = form.get("RoleName").unwrap_or_default();
    bounded("roleName", name, 1, 64)?;
    if !name.chars().all(|character| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character)) {
        return Err(validation(
            "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
        ));
    }
    let account = call.caller.account;
    let role = call.world.accounts.get(&account).and_then(|account| account.role(name)).cloned();
    let partition = call.world.partition;
    let unknown = || partition.arn("iam", account, format_args!("role/{name}"));
    let arn = role.as_ref().map_or_else(unknown, |role| role.arn(partition, account));
    call.authorize("iam:GetRole", &arn).map_err(forbidden)?;
    let role = role.ok_or_else(|| no_such_entity(format!("The role with name {name} cannot be found.")))?;
    let created = call.world.accounts.get(&account).map(|account| account.created).unwrap_or_default();
    let tags: String =
        role.tags.iter().map(|(key, value)| format!("<member>{}{}</member>", element("Key", key), element("Value", value))).collect();
    let content = [
        element("Path", &role.path),
        element("RoleName", &role.name),
        element("RoleId", &role_id(account, &role.name)),
        element("Arn", &arn),
        element("CreateDate", &created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        element("AssumeRolePolicyDocument", &percent_encoded(&trust_policy(&role, partition))),
        element("MaxSessionDuration", &role.max_session.to_string()),
        format!("<Tags>{tags}</Tags>"),
    ];
    Ok(Output::Xml(format!("<Role>{}</Role>", content.concat())))
}

/// The trust policy that corresponds to `trusts`, `external_id` and `requires_mfa` in the fixture.
fn trust_policy(role: &Role, partition: Partition) -> String {
    if let Some(policy) = &role.trust_policy {
        return policy.clone();
    }
    let principals: Vec<_> = role
        .trusts
        .iter()
        .map(|trusted| if trusted.starts_with("arn:") { trusted.clone() } else { partition.arn("iam", trusted, "root") })
        .collect();
    let mut statement = serde_json::json!({ "Effect": "Allow", "Principal": { "AWS": principals }, "Action": "sts:AssumeRole" });
    let mut conditions = serde_json::Map::new();
    conditions.extend(role.external_id.iter().map(|id| ("StringEquals".to_owned(), serde_json::json!({ "sts:ExternalId": id }))));
    if role.requires_mfa {
        conditions.insert("Bool".to_owned(), serde_json::json!({ "aws:MultiFactorAuthPresent": "true" }));
    }
    if let (serde_json::Value::Object(members), false) = (&mut statement, conditions.is_empty()) {
        members.insert("Condition".to_owned(), conditions.into());
    }
    serde_json::json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// The roles of the caller's account with their policies, on one page. The world has no users, groups or customer managed policies.
fn get_account_authorization_details(call: &mut Call<'_>) -> Answer {
    let id = call.caller.account;
    let partition = call.world.partition;
    let roles = call.world.accounts.get(&id).map_or(&[][..], |account| account.roles.as_slice());
    let detail = |role: &Role| {
        let policy = role.policy.as_ref().map_or_else(String::new, |policy| {
            format!("<member>{}{}</member>", element("PolicyName", "inline"), element("PolicyDocument", &percent_encoded(policy)))
        });
        let content = [
            element("Path", &role.path),
            element("RoleName", &role.name),
            element("RoleId", &role_id(id, &role.name)),
            element("Arn", &role.arn(partition, id)),
            element("AssumeRolePolicyDocument", &percent_encoded(&trust_policy(role, partition))),
            format!("<RolePolicyList>{policy}</RolePolicyList>"),
        ];
        format!("<member>{}</member>", content.concat())
    };
    let details: String = roles.iter().map(detail).collect();
    let others = "<UserDetailList/><GroupDetailList/><Policies/>";
    Ok(Output::Xml(format!("<RoleDetailList>{details}</RoleDetailList>{others}{}", element("IsTruncated", "false"))))
}

/// IAM returns policy documents percent-encoded (RFC 3986).
fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// Evaluates a principal's policies and the service control policies above it, as for live calls. The simulator evaluates the principal
/// itself, never a session.
fn simulate(call: &mut Call<'_>) -> Answer {
    let form = call.input.parameters();
    let source = form.get("PolicySourceArn").unwrap_or_default().to_owned();
    bounded("policySourceArn", &source, 20, 2048)?;
    let actions = form.strings("ActionNames");
    if actions.is_empty() {
        return Err(validation(
            "1 validation error detected: Value null at 'actionNames' failed to satisfy constraint: Member must not be null",
        ));
    }
    check_lists(form, &actions)?;
    let page = MaxItems::read(form)?;
    call.authorize("iam:SimulatePrincipalPolicy", &source).map_err(forbidden)?;
    let subject = subject(&source, call)?;
    let extra = form.strings("PolicyInputList");
    for policy in &extra {
        check_document(policy).map_err(|mistake| Refusal::new("InvalidInput", format!("Invalid policy: {mistake}.")))?;
    }
    let context = simulated_context(form, &subject, call);
    let mut resources = form.strings("ResourceArns");
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let questions = actions.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
    let questions: Vec<_> = questions.skip(page.from).collect();
    let asked = questions.iter().take(page.most).map(|(action, resource)| Question { action, resource, context: &context });
    let results: String = asked.map(|question| result(&subject, &question, call)).collect();
    let more = questions.len() > page.most;
    let marker = if more { element("Marker", &(page.from + page.most).to_string()) } else { String::new() };
    let truncated = element("IsTruncated", &more.to_string());
    Ok(Output::Xml(format!("<EvaluationResults>{results}</EvaluationResults>{truncated}{marker}")))
}

/// The page parameters of the simulator's results.
struct MaxItems {
    most: usize,
    from: usize,
}

impl MaxItems {
    /// Reads `MaxItems` (1 to 1000, default 100) and `Marker`, the value from the previous page.
    fn read(form: &Form) -> Result<Self, Refusal> {
        let most = form.get("MaxItems").map_or(Ok(100), str::parse).ok().filter(|most| (1..=1000).contains(most));
        let most = most.ok_or_else(|| {
            validation(
                "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value from 1 to 1000",
            )
        })?;
        let from = form.get("Marker").map_or(Ok(0), str::parse);
        Ok(Self { most, from: from.map_err(|_| validation("Invalid Marker"))? })
    }
}

/// The allowed types of a context entry.
const CONTEXT_TYPES: &[&str] = &[
    "string",
    "stringList",
    "numeric",
    "numericList",
    "boolean",
    "booleanList",
    "ip",
    "ipList",
    "binary",
    "binaryList",
    "date",
    "dateList",
];

/// Checks the simulator's input by the lengths and enumerations in the API model.
fn check_lists(form: &Form, actions: &[String]) -> Result<(), Refusal> {
    for action in actions {
        bounded("actionNames", action, 3, 128)?;
        if !action.contains(':') {
            return Err(Refusal::new("InvalidInput", format!("Invalid action: {action}")));
        }
    }
    for (list, longest) in [("ResourceArns", 2048), ("PolicyInputList", 131_072), ("PermissionsBoundaryPolicyInputList", 131_072)] {
        for text in form.strings(list) {
            bounded(list, &text, 1, longest)?;
        }
    }
    for entry in form.members("ContextEntries") {
        if let Some(key) = entry.get("ContextKeyName") {
            bounded("contextKeyName", key, 5, 256)?;
        }
        if let Some(kind) = entry.get("ContextKeyType").filter(|kind| !CONTEXT_TYPES.contains(kind)) {
            return Err(validation(format!(
                "1 validation error detected: Value '{kind}' at 'contextKeyType' failed to satisfy constraint: Member must satisfy enum value set"
            )));
        }
    }
    Ok(())
}

/// Checks a length in characters.
fn bounded(name: &str, text: &str, shortest: usize, longest: usize) -> Result<(), Refusal> {
    if (shortest..=longest).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(validation(format!(
        "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length from {shortest} to {longest}"
    )))
}

/// The simulated principal: a role or the administrator of the caller's account.
fn subject(arn: &str, call: &Call<'_>) -> Result<Caller, Refusal> {
    let account = call.caller.account;
    let base = Caller { principal: Principal::Administrator, access_key: String::new(), ..call.caller.clone() };
    if arn == base.arn() {
        return Ok(base);
    }
    let Some((owner, name)) = split_role_arn(arn) else {
        return Err(Refusal::new("InvalidInput", format!("Invalid Entity Arn: {arn} does not clearly define entity type and name.")));
    };
    let role = call.world.accounts.get(&account).and_then(|account| account.role(&name)).filter(|_| owner == account);
    let role = role.ok_or_else(|| no_such_entity(format!("The role {arn} cannot be found.")))?;
    let now = call.circumstances.now;
    let session = Session {
        account,
        role: role.name.clone(),
        name: "simulated".to_owned(),
        policies: Vec::new(),
        source_identity: None,
        tags: std::collections::BTreeMap::new(),
        multi_factor: false,
        root: false,
        issued: now,
        expires: now,
    };
    Ok(Caller { principal: Principal::Role(session), ..base })
}

/// The context of a live call, overridden by the request's `ContextEntries`.
fn simulated_context(form: &Form, subject: &Caller, call: &Call<'_>) -> Context {
    let mut context = context::of_request(subject, call.world, call.circumstances);
    for entry in form.members("ContextEntries") {
        let (Some(key), mut values) = (entry.get("ContextKeyName"), entry.strings("ContextKeyValues")) else { continue };
        let value = match entry.get("ContextKeyType") {
            Some(kind) if kind.ends_with("List") => iam_rs::ContextValue::StringList(values),
            Some("numeric") => match values.pop().unwrap_or_default() {
                text if text.parse::<f64>().is_ok() => iam_rs::ContextValue::Number(text.parse().unwrap_or_default()),
                text => iam_rs::ContextValue::String(text),
            },
            Some("boolean") => iam_rs::ContextValue::Boolean(values.pop().is_some_and(|value| value == "true")),
            _ => iam_rs::ContextValue::String(values.pop().unwrap_or_default()),
        };
        context.data.retain(|known, _| !known.eq_ignore_ascii_case(key));
        context.insert(key.to_owned(), value);
    }
    context
}

fn result(subject: &Caller, question: &Question<'_>, call: &Call<'_>) -> String {
    let role = subject.session().and_then(|session| call.world.accounts.get(&subject.account)?.role(&session.role));
    let is_mistaken = role.is_some_and(|role| role.simulator_denies);
    let denied = denial(subject, call.world, question);
    let decision = match &denied {
        _ if is_mistaken => "explicitDeny",
        None => "allowed",
        Some(Denial::ServiceControl { explicit: true, .. } | Denial::Identity { explicit: true } | Denial::Session { explicit: true }) => {
            "explicitDeny"
        }
        Some(_) => "implicitDeny",
    };
    let organizations = call.world.organization_of(subject.account).map(|_| {
        let allowed = !is_mistaken && service_control_denial(subject, call.world, question).is_none();
        format!("<OrganizationsDecisionDetail>{}</OrganizationsDecisionDetail>", element("AllowedByOrganizations", &allowed.to_string()))
    });
    format!(
        "<member>{}{}{}<MatchedStatements/><MissingContextValues/>{}</member>",
        element("EvalActionName", question.action),
        element("EvalResourceName", question.resource),
        element("EvalDecision", decision),
        organizations.unwrap_or_default(),
    )
}
