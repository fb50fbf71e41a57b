//! What a valid answer must contain.
//!
//! A proxy, a network that requires signing in, or an endpoint of another service can answer in AWS's place. An empty success would then
//! read as "there is none", which could let an account leave. So every operation has a row here, and an answer without the contents of its
//! row is not valid.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::de::IgnoredAny;

use crate::api::Operation;

/// What the body of a successful answer contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing, or a JSON object.
    Empty,
    /// A JSON object with a member of this name that is not null. A list is present even when it is empty.
    Json(&'static str),
    /// XML with an element of this name.
    Xml(&'static str),
}

/// The contents of each operation's answer (the services' API references, "Response Syntax" of each operation).
pub const fn body(operation: Operation) -> Body {
    match operation {
        Operation::GetAccountInformation => Body::Json("AccountCreatedDate"),
        Operation::GetContactInformation => Body::Json("ContactInformation"),
        Operation::ListStackInstances => Body::Xml("Summaries"),
        Operation::ListStackSets => Body::Xml("Summaries"),
        Operation::DescribeTrails => Body::Json("trailList"),
        Operation::LookupEvents => Body::Json("Events"),
        Operation::GetLandingZone => Body::Json("landingZone"),
        Operation::ListEnabledBaselines => Body::Json("enabledBaselines"),
        Operation::ListLandingZones => Body::Json("landingZones"),
        Operation::GetAccountPlanState => Body::Json("accountPlanType"),
        Operation::GetAccountAuthorizationDetails => Body::Xml("RoleDetailList"),
        Operation::GetLoginProfile => Body::Xml("LoginProfile"),
        Operation::GetRole => Body::Xml("Role"),
        Operation::ListMFADevices => Body::Xml("MFADevices"),
        Operation::ListOrganizationsFeatures => Body::Xml("OrganizationId"),
        Operation::SimulatePrincipalPolicy => Body::Xml("EvaluationResults"),
        Operation::AcceptHandshake => Body::Json("Handshake"),
        Operation::DescribeAccount => Body::Json("Account"),
        Operation::DescribeEffectivePolicy => Body::Json("EffectivePolicy"),
        Operation::DescribeHandshake => Body::Json("Handshake"),
        Operation::DescribeOrganization => Body::Json("Organization"),
        Operation::DescribeOrganizationalUnit => Body::Json("OrganizationalUnit"),
        Operation::DescribePolicy => Body::Json("Policy"),
        Operation::DescribeResourcePolicy => Body::Json("ResourcePolicy"),
        Operation::InviteAccountToOrganization => Body::Json("Handshake"),
        Operation::LeaveOrganization => Body::Empty,
        Operation::ListAWSServiceAccessForOrganization => Body::Json("EnabledServicePrincipals"),
        Operation::ListAccounts => Body::Json("Accounts"),
        Operation::ListDelegatedAdministrators => Body::Json("DelegatedAdministrators"),
        Operation::ListDelegatedServicesForAccount => Body::Json("DelegatedServices"),
        Operation::ListHandshakesForAccount => Body::Json("Handshakes"),
        Operation::ListHandshakesForOrganization => Body::Json("Handshakes"),
        Operation::ListOrganizationalUnitsForParent => Body::Json("OrganizationalUnits"),
        Operation::ListParents => Body::Json("Parents"),
        Operation::ListPolicies => Body::Json("Policies"),
        Operation::ListPoliciesForTarget => Body::Json("Policies"),
        Operation::ListRoots => Body::Json("Roots"),
        Operation::ListTagsForResource => Body::Json("Tags"),
        Operation::ListTargetsForPolicy => Body::Json("Targets"),
        Operation::MoveAccount => Body::Empty,
        Operation::RemoveAccountFromOrganization => Body::Empty,
        Operation::TagResource => Body::Empty,
        Operation::ListPaymentInstruments => Body::Json("paymentInstrumentSummaries"),
        Operation::GetResourceShares => Body::Json("resourceShares"),
        Operation::ListPrincipals => Body::Json("principals"),
        Operation::ListServiceQuotas => Body::Json("Quotas"),
        Operation::ListInstances => Body::Json("Instances"),
        Operation::ListPermissionSetsProvisionedToAccount => Body::Json("PermissionSets"),
        Operation::AssumeRole => Body::Xml("Credentials"),
        Operation::AssumeRoot => Body::Xml("Credentials"),
        Operation::GetCallerIdentity => Body::Xml("Account"),
        Operation::DescribeSeverityLevels => Body::Json("severityLevels"),
    }
}

/// A success that is not an answer from AWS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(String);

/// Checks that a response of `operation` is an answer. Does not check refusals.
///
/// # Errors
///
/// Returns what the response contains instead.
pub fn check(operation: Operation, response: &HttpResponse) -> Result<(), NoAnswer> {
    if !response.status().is_success() {
        return Ok(());
    }
    let expected = body(operation);
    let body = response.body().bytes().unwrap_or_default();
    let is_one = match expected {
        Body::Empty => body.is_empty() || members(body).is_some(),
        Body::Json(member) => members(body).is_some_and(|members| members.get(member).is_some_and(Option::is_some)),
        Body::Xml(element) => has_element(body, element),
    };
    if is_one {
        Ok(())
    } else {
        Err(NoAnswer(format!("the answer, with HTTP status {}, {}", response.status().as_u16(), instead(body, expected))))
    }
}

/// Whether a response is an HTML page, which no AWS service sends to a program.
pub fn is_page(response: &HttpResponse) -> bool {
    response.body().bytes().is_some_and(is_html)
}

fn instead(body: &[u8], expected: Body) -> String {
    if body.trim_ascii().is_empty() {
        return "is empty".to_owned();
    }
    if is_html(body) {
        return "is a page of HTML, which AWS does not send".to_owned();
    }
    match expected {
        Body::Json(member) | Body::Xml(member) => format!("has no {member}"),
        Body::Empty => "is not from AWS".to_owned(),
    }
}

fn is_html(body: &[u8]) -> bool {
    const START: usize = 512;
    let start = String::from_utf8_lossy(&body[..body.len().min(START)]).to_ascii_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    start.starts_with('<') && ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| start.contains(tag))
}

/// The members of a JSON object, each with whether it has a value: null counts as absent.
fn members(body: &[u8]) -> Option<BTreeMap<String, Option<IgnoredAny>>> {
    serde_json::from_slice(body).ok()
}

/// Whether the XML has an element. The SDK checks that the document is well-formed and belongs to this operation.
fn has_element(body: &[u8], element: &str) -> bool {
    let text = String::from_utf8_lossy(body);
    text.match_indices(&format!("<{element}")).any(|(at, start)| text[at + start.len()..].starts_with(['>', '/', ' ', '\n']))
}
