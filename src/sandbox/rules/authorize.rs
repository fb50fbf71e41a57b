//! Authorization: service control policies, the role's permissions and the session policy; and whether the caller's account is the kind
//! that the operation requires, such as the management account.

use crate::sandbox::state::organization::{Organization, PolicyType};
use crate::sandbox::state::{World, ids};
use crate::sandbox::wire::Refusal;

use super::caller::Caller;
use super::policy::{Question, Verdict, decide};

/// The kind of account that may call an operation (Organizations API reference, each operation's first paragraphs).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Any account.
    Anyone,
    /// Any account in an organization.
    AnyMember,
    /// The management account, or a member that is a delegated administrator of a service.
    ManagementOrDelegated,
    /// The management account.
    Management,
}

impl Who {
    /// Checks that the caller's account is of this kind.
    ///
    /// # Errors
    ///
    /// Returns `AWSOrganizationsNotInUseException` outside an organization, and `AccessDeniedException` for an account of another kind.
    pub fn check(self, caller: &Caller, world: &World) -> Result<(), Refusal> {
        if self == Self::Anyone {
            return Ok(());
        }
        let organization = world.organization_of(caller.account).ok_or_else(Refusal::not_in_use)?;
        let management = organization.management == caller.account;
        let allowed = match self {
            Self::Anyone | Self::AnyMember => true,
            Self::ManagementOrDelegated => management || organization.delegated_administrators.contains(&caller.account),
            Self::Management => management,
        };
        if allowed { Ok(()) } else { Err(Refusal::wrong_caller()) }
    }
}

/// What denies a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// A service control policy: an explicit deny, or a level where no policy allows the action.
    ServiceControl {
        /// The policy that denies, or one of the policies at the level that does not allow.
        arn: String,
        /// Whether a statement denies.
        explicit: bool,
    },
    /// The role's permissions.
    Identity {
        /// Whether a statement denies.
        explicit: bool,
    },
    /// The session policy.
    Session {
        /// Whether a statement denies.
        explicit: bool,
    },
}

/// Checks every policy that limits a principal.
///
/// # Errors
///
/// Returns `AccessDeniedException` in the words of IAM's denials, with the ARN of the service control policy.
pub fn authorize(caller: &Caller, world: &World, question: &Question<'_>) -> Result<(), Refusal> {
    match denial(caller, world, question) {
        None => Ok(()),
        Some(denial) => Err(Refusal::denied(text(caller, question, &denial) + &authorization(caller, world, question))),
    }
}

/// The denial of a request; `None` if it is allowed. An explicit denial by a service control policy comes first, as in IAM's evaluation.
#[must_use]
pub fn denial(caller: &Caller, world: &World, question: &Question<'_>) -> Option<Denial> {
    if let Some(found) = service_control_denial(caller, world, question) {
        return Some(found);
    }
    let session = caller.session()?;
    let role = world.accounts.get(&caller.account).and_then(|account| account.role(&session.role));
    let identity = role.and_then(|role| role.policy.as_deref()).map(|policy| decide(policy, question));
    match identity {
        Some(Verdict::Denied) => return Some(Denial::Identity { explicit: true }),
        Some(Verdict::Silent) => return Some(Denial::Identity { explicit: false }),
        Some(Verdict::Allowed) | None => {}
    }
    if session.policies.is_empty() {
        return None;
    }
    let verdicts: Vec<_> = session.policies.iter().map(|policy| decide(policy, question)).collect();
    if verdicts.contains(&Verdict::Denied) {
        return Some(Denial::Session { explicit: true });
    }
    (!verdicts.contains(&Verdict::Allowed)).then_some(Denial::Session { explicit: false })
}

/// Evaluates the service control policies for a principal of a member account. The management account is exempt. The policies have an
/// effect only with all features and if the policy type is enabled (Organizations User Guide, service control policies).
#[must_use]
pub fn service_control_denial(caller: &Caller, world: &World, question: &Question<'_>) -> Option<Denial> {
    let account = world.accounts.get(&caller.account)?;
    let membership = account.membership.as_ref()?;
    let organization = world.organizations.get(&membership.organization)?;
    if organization.management == caller.account || !organization.enforces(&PolicyType::ServiceControl) {
        return None;
    }
    let units = organization.chain(&membership.parent);
    let above = units.iter().filter_map(|unit| organization.units.get(*unit)).map(|unit| unit.policies.as_slice());
    let levels: Vec<&[String]> = above.chain([membership.policies.as_slice()]).collect();
    let mut unmatched = None;
    for level in levels {
        let verdicts = level_verdicts(level, organization, question);
        if let Some((arn, _)) = verdicts.iter().find(|(_, verdict)| *verdict == Verdict::Denied) {
            return Some(Denial::ServiceControl { arn: arn.clone(), explicit: true });
        }
        if unmatched.is_none() && !verdicts.iter().any(|(_, verdict)| *verdict == Verdict::Allowed) {
            let arn = verdicts.into_iter().next().map(|(arn, _)| arn).unwrap_or_default();
            unmatched = Some(Denial::ServiceControl { arn, explicit: false });
        }
    }
    unmatched
}

fn level_verdicts(level: &[String], organization: &Organization, question: &Question<'_>) -> Vec<(String, Verdict)> {
    let policies = level.iter().filter_map(|id| organization.policies.get(id));
    let service_control = policies.filter(|policy| policy.kind == PolicyType::ServiceControl);
    service_control.map(|policy| (organization.policy_arn(policy), decide(&policy.content, question))).collect()
}

/// The part of a denial that contains AWS's id for the evaluation; empty unless the world's settings turn it on (IAM User Guide,
/// "Troubleshoot access denied error messages with authorization ID").
fn authorization(caller: &Caller, world: &World, question: &Question<'_>) -> String {
    if !world.settings.authorization_ids {
        return String::new();
    }
    let id = ids::derive(&["authorization", &world.sequence.to_string(), question.action, &caller.arn()], ids::LOWER, 20);
    format!(
        ". Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/{id} for complete details, or call \
         the GetRequestAuthorizationDetails API with the following authorization id: {id}"
    )
}

/// The denial in the words of IAM (IAM User Guide, troubleshooting access denied messages; it contains the ARN since 2026).
fn text(caller: &Caller, question: &Question<'_>, denial: &Denial) -> String {
    let Question { action, resource, .. } = question;
    let place = if *resource == "*" { String::new() } else { format!(" on resource: {resource}") };
    let why = match denial {
        // AWS also words an implicit denial by a service control policy as an explicit one.
        Denial::ServiceControl { arn, .. } if !arn.is_empty() => format!("with an explicit deny in a service control policy: {arn}"),
        Denial::ServiceControl { .. } => format!("because no service control policy allows the {action} action"),
        Denial::Identity { explicit: true } => "with an explicit deny in an identity-based policy".to_owned(),
        Denial::Identity { explicit: false } => format!("because no identity-based policy allows the {action} action"),
        Denial::Session { explicit: true } => "with an explicit deny in a session policy".to_owned(),
        Denial::Session { explicit: false } => format!("because no session policy allows the {action} action"),
    };
    format!("User: {} is not authorized to perform: {action}{place} {why}", caller.arn())
}
