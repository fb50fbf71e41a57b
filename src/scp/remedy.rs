//! Ways out of a denial, as data only: orgroster never edits a policy.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enforcement::Enforcement;
use super::evaluate::{Level, Request, evaluate};
use super::verdict::{Decision, Denial, LevelKind, LevelRef, StatementRef, Verdict};

/// The `Sid` of the statement that organizations created in the console after July 10, 2026 have at their root (Organizations User Guide,
/// default controls). Organizations created with the CLI, an SDK or CloudFormation do not have it.
const DEFAULT_DENIAL_SID: &str = "DenyLeaveOrganizationAndCloseAccount";

/// The permission that a member account needs to accept a direct transfer (Organizations User Guide, "Migrate an account").
const ACCEPT_HANDSHAKE: &str = "organizations:AcceptHandshake";

/// A `Deny` at the root that prevents accounts from leaving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RootDenial {
    /// The statement.
    pub statement: StatementRef,
    /// Whether it is the statement that AWS attaches to organizations created in the console, rather than one written by hand.
    pub aws_default: bool,
}

/// A way out of a denial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "way")]
pub enum WayOut {
    /// Make the call as a principal that the statement's condition already exempts.
    CallAsExceptedPrincipal {
        /// The statement.
        statement: StatementRef,
        /// Patterns of ARNs, as the condition lists them.
        principals: Vec<String>,
    },
    /// Exempt the role that makes the call in the statement's condition: `ArnNotLike` on `aws:PrincipalArn`.
    ExceptPrincipal {
        /// The statement.
        statement: StatementRef,
    },
    /// Attach a policy that allows the call to a level that has none.
    AllowAtLevel {
        /// The level.
        level: LevelRef,
    },
    /// Detach the policy from the account itself.
    DetachFromAccount {
        /// The statement whose policy it is.
        statement: StatementRef,
    },
    /// Move the account out of these units, to a place without such a policy.
    MoveAccount {
        /// The units whose policies deny.
        out_of: Vec<LevelRef>,
    },
    /// Have the management account remove the account with `RemoveAccountFromOrganization`, which no service control policy can deny.
    RemoveFromManagementAccount,
    /// If the account should join another organization: have it invited from there, and accept without leaving first.
    DirectTransfer,
}

/// Whether a way out works in this case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub enum Effectiveness {
    /// It resolves the denial. Other denials need their own ways out.
    Effective,
    /// It changes nothing about these denials.
    Ineffective {
        /// The denials that remain.
        remaining: Vec<Denial>,
    },
    /// It depends on something that is not known.
    Uncertain,
}

/// A way out, and whether it works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// What to do.
    pub way: WayOut,
    /// Whether it helps.
    pub effectiveness: Effectiveness,
}

impl Denial {
    /// The level that it comes from.
    #[must_use]
    pub fn level(&self) -> &LevelRef {
        match self {
            Self::Explicit { statement, .. } => &statement.level,
            Self::Implicit { level } => level,
        }
    }
}

/// The denials at the root that prevent accounts from leaving: AWS's default statement, and hand-written statements that name the action.
#[must_use]
pub fn root_denials(verdict: &Verdict) -> Vec<RootDenial> {
    let of_root = verdict.denials.iter().filter_map(|denial| match denial {
        Denial::Explicit { statement, names_action, .. } if statement.level.kind == LevelKind::Root => {
            let aws_default = statement.sid.as_deref() == Some(DEFAULT_DENIAL_SID);
            (aws_default || *names_action).then(|| RootDenial { statement: statement.clone(), aws_default })
        }
        _ => None,
    });
    of_root.collect()
}

/// The ways out of the denials in `verdict`. Those that concern one denial come first. Empty unless the decision is denied.
///
/// `enforcement`, `levels` and `request` are those of the verdict. They decide whether a direct transfer would be denied as well.
#[must_use]
pub fn ways_out(verdict: &Verdict, enforcement: &Enforcement, levels: &[Level], request: &Request) -> Vec<Remedy> {
    if verdict.decision != Decision::Denied {
        return Vec::new();
    }
    let mut remedies: Vec<Remedy> = verdict.denials.iter().flat_map(of_denial).collect();
    remedies.extend(moving(&verdict.denials));
    remedies.push(Remedy { way: WayOut::RemoveFromManagementAccount, effectiveness: Effectiveness::Effective });
    remedies.push(Remedy { way: WayOut::DirectTransfer, effectiveness: transfer(enforcement, levels, request) });
    remedies
}

/// The ways out of one denial.
fn of_denial(denial: &Denial) -> Vec<Remedy> {
    let mut ways = Vec::new();
    match denial {
        Denial::Explicit { statement, excepted_principals, .. } => {
            if !excepted_principals.is_empty() {
                ways.push((
                    WayOut::CallAsExceptedPrincipal { statement: statement.clone(), principals: excepted_principals.clone() },
                    // The condition may require more than the principal.
                    Effectiveness::Uncertain,
                ));
            }
            ways.push((WayOut::ExceptPrincipal { statement: statement.clone() }, Effectiveness::Effective));
            if statement.level.kind == LevelKind::Account {
                ways.push((WayOut::DetachFromAccount { statement: statement.clone() }, Effectiveness::Effective));
            }
        }
        Denial::Implicit { level } => ways.push((WayOut::AllowAtLevel { level: level.clone() }, Effectiveness::Effective)),
    }
    ways.into_iter().map(|(way, effectiveness)| Remedy { way, effectiveness }).collect()
}

/// Moving the account helps only against policies of units: the root's and the account's own policies still apply.
fn moving(denials: &[Denial]) -> Option<Remedy> {
    let by_unit = |denial: &&Denial| denial.level().kind == LevelKind::OrganizationalUnit;
    let units: BTreeSet<&LevelRef> = denials.iter().filter(by_unit).map(Denial::level).collect();
    let out_of = units.into_iter().cloned().collect();
    let remaining: Vec<Denial> = denials.iter().filter(|denial| !by_unit(denial)).cloned().collect();
    // Included even if it does not help, because it is the first thing that people try.
    let effectiveness = if remaining.is_empty() { Effectiveness::Effective } else { Effectiveness::Ineffective { remaining } };
    (!denials.is_empty()).then_some(Remedy { way: WayOut::MoveAccount { out_of }, effectiveness })
}

fn transfer(enforcement: &Enforcement, levels: &[Level], request: &Request) -> Effectiveness {
    // Unlike leaving, accepting has a resource, the handshake, whose ARN does not exist yet. So a result that depends on a resource element
    // is uncertain.
    let accept = Request { action: ACCEPT_HANDSHAKE.to_owned(), resource: "*".to_owned(), context: request.context.clone() };
    let verdict = evaluate(enforcement, levels, &accept);
    let explicit = verdict.denials.iter().any(|denial| matches!(denial, Denial::Explicit { .. }));
    match verdict.decision {
        Decision::Denied if explicit || verdict.unusual.is_empty() => Effectiveness::Ineffective { remaining: verdict.denials },
        Decision::Allowed if verdict.unusual.is_empty() => Effectiveness::Effective,
        _ => Effectiveness::Uncertain,
    }
}
