//! Evaluates all levels, from root to account (Organizations User Guide, "SCP evaluation"): every level must allow, and any level may deny.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::{Context, KeySource, KeyValue};
use super::enforcement::{Applies, Enforcement};
use super::operator::Comparison;
use super::parse::PolicyError;
use super::policy::{Effect, Policy, Statement};
use super::truth::Truth;
use super::verdict::{Decision, DeclaredKey, Denial, LevelKind, LevelRef, Open, StatementRef, UnusualStatement, Verdict};

/// The action by which an account leaves and becomes standalone.
pub const LEAVE_ORGANIZATION: &str = "organizations:LeaveOrganization";
/// The action by which an account accepts an invitation.
pub const ACCEPT_HANDSHAKE: &str = "organizations:AcceptHandshake";

/// A policy that is attached to a level. It is cheap to clone: a policy that is attached to many levels is parsed once.
#[derive(Debug, Clone)]
pub struct AttachedPolicy {
    /// `p-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its content, or why the content is not available.
    pub document: Arc<Result<Policy, PolicyError>>,
}

impl AttachedPolicy {
    /// Makes a policy from the content that DescribePolicy returns. Malformed content is kept as an error, and makes the verdict unknown.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>, content: &str) -> Self {
        Self { id: id.into(), name: name.into(), document: Arc::new(Policy::parse(content)) }
    }

    /// Makes a policy whose content could not be read, with the reason.
    #[must_use]
    pub fn unreadable(id: impl Into<String>, name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), document: Arc::new(Err(PolicyError::Unreadable(reason.into()))) }
    }
}

/// The root, an organizational unit on the account's path, or the account, with the policies attached to it directly.
#[derive(Debug, Clone)]
pub struct Level {
    /// Which level.
    pub at: LevelRef,
    /// The policies that are attached directly. Inherited policies belong to their own levels.
    pub policies: Vec<AttachedPolicy>,
}

/// The request to predict.
#[derive(Debug, Clone)]
pub struct Request {
    /// The service prefix and the action, such as `organizations:LeaveOrganization`.
    pub action: String,
    /// An ARN, or `*` for an action without resource types.
    pub resource: String,
    /// Its condition keys.
    pub context: Context,
}

impl Request {
    /// The call that detaches the account, which has no resource (Service Authorization Reference, AWS Organizations).
    #[must_use]
    pub fn leave_organization(context: Context) -> Self {
        Self { action: LEAVE_ORGANIZATION.to_owned(), resource: "*".to_owned(), context }
    }

    /// The call that accepts the invitation with this ARN (Service Authorization Reference, AWS Organizations: resource type `handshake`).
    #[must_use]
    pub fn accept_handshake(arn: impl Into<String>, context: Context) -> Self {
        Self { action: ACCEPT_HANDSHAKE.to_owned(), resource: arn.into(), context }
    }
}

/// Predicts what service control policies do to a request. `levels` go from the root to the account.
///
/// The request is denied if a `Deny` matches anywhere, or if a level has no statement that allows or may allow. Otherwise it is unknown if
/// a `Deny` may match, if a level has only statements that may allow, or if a policy is not understood. Otherwise it is allowed.
#[must_use]
pub fn evaluate(enforcement: &Enforcement, levels: &[Level], request: &Request) -> Verdict {
    let mut findings = Findings::default();
    let exemption = match enforcement.applies() {
        Applies::No(exemption) => Some(exemption),
        Applies::Unknown(reason) => {
            findings.open.insert(Open::Enforcement { reason });
            None
        }
        Applies::Yes => {
            if !is_path(levels) {
                findings.open.insert(Open::IncompletePath);
            }
            levels.iter().for_each(|level| findings.level(level, request));
            None
        }
    };
    let Findings { denials, open, allows, unusual, declared } = findings;
    let decision = match (denials.is_empty(), open.is_empty()) {
        (false, _) => Decision::Denied,
        (true, false) => Decision::Unknown,
        (true, true) => Decision::Allowed,
    };
    Verdict {
        decision,
        exemption,
        denials: denials.into_iter().collect(),
        open: open.into_iter().collect(),
        allows: allows.into_iter().collect(),
        unusual: unusual.into_iter().collect(),
        declared: declared.into_iter().collect(),
    }
}

/// The statements about the request's action that have conditions, and so may not apply to every call.
#[must_use]
pub fn conditional_statements(levels: &[Level], request: &Request) -> Vec<StatementRef> {
    let attached = levels.iter().flat_map(|level| level.policies.iter().map(move |attached| (level, attached)));
    let understood = attached.filter_map(|(level, attached)| Some((level, attached, attached.document.as_ref().as_ref().ok()?)));
    let statements =
        understood.flat_map(|(level, attached, policy)| policy.statements.iter().map(move |statement| (level, attached, statement)));
    let conditional = statements.filter(|(.., statement)| !statement.conditions.is_empty() && statement.covers_action(&request.action));
    conditional.map(|(level, attached, statement)| place_of(level, attached, statement)).collect()
}

/// Whether the levels are a root, any number of units, and an account. Anything else would leave out a level that may deny.
fn is_path(levels: &[Level]) -> bool {
    let kind = |level: &Level| level.at.kind;
    match levels {
        [root, units @ .., account] => {
            let units = units.iter().all(|unit| kind(unit) == LevelKind::OrganizationalUnit);
            kind(root) == LevelKind::Root && units && kind(account) == LevelKind::Account
        }
        _ => false,
    }
}

/// The findings of the evaluation. They are sets, so that order and repetition do not matter.
#[derive(Default)]
struct Findings {
    denials: BTreeSet<Denial>,
    open: BTreeSet<Open>,
    allows: BTreeSet<StatementRef>,
    unusual: BTreeSet<UnusualStatement>,
    declared: BTreeSet<DeclaredKey>,
}

/// Which statements of one level allow the request.
#[derive(Default)]
struct Allowing {
    certain: bool,
    possible: Vec<Open>,
    not_understood: bool,
}

impl Findings {
    fn level(&mut self, level: &Level, request: &Request) {
        let mut allowing = Allowing::default();
        for attached in &level.policies {
            match attached.document.as_ref() {
                Ok(policy) => self.policy(level, attached, policy, request, &mut allowing),
                Err(error) => {
                    allowing.not_understood = true;
                    self.open.insert(Open::Policy {
                        level: level.at.clone(),
                        policy_id: attached.id.clone(),
                        policy_name: attached.name.clone(),
                        reason: error.to_string(),
                    });
                }
            }
        }
        let Allowing { certain, possible, not_understood } = allowing;
        if certain {
            return;
        }
        if possible.is_empty() && !not_understood {
            self.denials.insert(Denial::Implicit { level: level.at.clone() });
        }
        self.open.extend(possible);
    }

    fn policy(&mut self, level: &Level, attached: &AttachedPolicy, policy: &Policy, request: &Request, allowing: &mut Allowing) {
        for statement in &policy.statements {
            if !statement.covers_action(&request.action) {
                continue;
            }
            let place = place_of(level, attached, statement);
            self.unusual.extend(statement.unusual(request).map(|resource| UnusualStatement { statement: place.clone(), resource }));
            self.declared.extend(statement.keys(policy.version).filter_map(|key| declared(key, &request.context)));
            match (statement.applies(request, policy.version), statement.effect) {
                (Truth::False, _) => {}
                (Truth::True, Effect::Allow) => {
                    allowing.certain = true;
                    self.allows.insert(place);
                }
                (Truth::True, Effect::Deny) => {
                    self.denials.insert(Denial::Explicit {
                        statement: place,
                        names_action: statement.names_action(&request.action),
                        excepted_principals: excepted_principals(statement),
                    });
                }
                (Truth::Open(doubts), Effect::Allow) => {
                    allowing.possible.push(Open::Statement { statement: place, effect: Effect::Allow, doubts });
                }
                (Truth::Open(doubts), Effect::Deny) => {
                    self.open.insert(Open::Statement { statement: place, effect: Effect::Deny, doubts });
                }
            }
        }
    }
}

fn place_of(level: &Level, attached: &AttachedPolicy, statement: &Statement) -> StatementRef {
    StatementRef {
        level: level.at.clone(),
        policy_id: attached.id.clone(),
        policy_name: attached.name.clone(),
        sid: statement.sid.clone(),
        position: statement.position,
    }
}

fn declared(key: String, context: &Context) -> Option<DeclaredKey> {
    if context.source(&key) != KeySource::Declared {
        return None;
    }
    let values = if let KeyValue::Known(values) = context.value(&key) { values.clone() } else { Vec::new() };
    Some(DeclaredKey { key, values })
}

/// The principals that a `Deny` exempts by a negated condition on `aws:PrincipalArn`.
fn excepted_principals(statement: &Statement) -> Vec<String> {
    let compares_text = |comparison| {
        matches!(comparison, Comparison::Arn | Comparison::StringEquals | Comparison::StringEqualsIgnoreCase | Comparison::StringLike)
    };
    let of_principals = statement.conditions.iter().filter(|condition| condition.key.eq_ignore_ascii_case("aws:PrincipalArn"));
    let excepting = of_principals.filter(|condition| condition.operator.negated && compares_text(condition.operator.comparison));
    excepting.flat_map(|condition| condition.values.iter().cloned()).collect()
}
