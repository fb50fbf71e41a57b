//! The answer: what is decided, by which statements, and what stands open.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Doubt, Effect, Exemption};

/// What service control policies do to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// They let it pass; other kinds of policy are not considered here.
    Allowed,
    /// They deny it.
    Denied,
    /// It depends on something that is not known.
    Unknown,
}

/// The kind of a level of the hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LevelKind {
    /// The root.
    Root,
    /// An organizational unit.
    OrganizationalUnit,
    /// The account itself.
    Account,
}

/// A level of the hierarchy that policies are attached to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct LevelRef {
    /// What it is.
    pub kind: LevelKind,
    /// `r-...`, `ou-...` or 12 digits.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A statement of a policy attached to a level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct StatementRef {
    /// Where the policy is attached.
    pub level: LevelRef,
    /// `p-...`.
    pub policy_id: String,
    /// The policy's name.
    pub policy_name: String,
    /// The statement's `Sid`.
    pub sid: Option<String>,
    /// Its place in the policy; the first is 1.
    pub position: usize,
}

/// A reason for which the request is denied. Each one suffices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Denial {
    /// A `Deny` statement matches.
    Explicit {
        /// Which.
        statement: StatementRef,
        /// Whether its `Action` names the action itself, rather than by a wildcard or `NotAction`.
        names_action: bool,
        /// Patterns of principal ARNs that the statement's condition lets off.
        excepted_principals: Vec<String>,
    },
    /// No statement of a level allows the request, as every level must.
    Implicit {
        /// Which level.
        level: LevelRef,
    },
}

/// Something that must be resolved before the request counts as allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Open {
    /// A statement that cannot be decided: a `Deny`, or an `Allow` at a level where nothing else allows.
    Statement {
        /// Which.
        statement: StatementRef,
        /// `Deny` or `Allow`.
        effect: Effect,
        /// Why, each key with its reason.
        doubts: BTreeSet<Doubt>,
    },
    /// A policy that cannot be read or understood, and so may deny, or may be all that allows.
    Policy {
        /// Where it is attached.
        level: LevelRef,
        /// `p-...`.
        policy_id: String,
        /// Its name.
        policy_name: String,
        /// Why.
        reason: String,
    },
    /// The levels given do not lead from a root to an account.
    IncompletePath,
    /// Whether service control policies are in force at all is not known; the text says why.
    Enforcement {
        /// Why.
        reason: String,
    },
}

/// A resource element that is legal but seldom meant on an action without resource types. The prediction follows IAM's rules;
/// whoever wrote the statement may have expected something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unusual {
    /// `Resource` lists ARNs only, so that the statement does not apply.
    SpecificResource,
    /// `NotResource`.
    NotResource,
}

/// A statement about the action with an unusual resource element.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct UnusualStatement {
    /// Which.
    pub statement: StatementRef,
    /// In what way.
    pub resource: Unusual,
}

/// A key that a statement depended on and that the configuration declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct DeclaredKey {
    /// As the policy spells it.
    pub key: String,
    /// The values declared; none for a key declared absent.
    pub values: Vec<String>,
}

/// The prediction with everything that led to it. Each list is sorted, and does not depend on the order of policies or statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The prediction.
    pub decision: Decision,
    /// Why service control policies do not apply; then they were not evaluated.
    pub exemption: Option<Exemption>,
    /// Everything that denies. Empty unless the decision is `Denied`.
    pub denials: Vec<Denial>,
    /// Everything that stands open, also where it no longer matters because something denies.
    pub open: Vec<Open>,
    /// Statements that allow, for levels that have some.
    pub allows: Vec<StatementRef>,
    /// Statements about the action whose resource element deserves a second look.
    pub unusual: Vec<UnusualStatement>,
    /// Keys that were declared, not observed, and that some statement about the action depends on.
    pub declared: Vec<DeclaredKey>,
}

impl Verdict {
    /// The keys that stand in the way of a decision, once each.
    #[must_use]
    pub fn undecided_keys(&self) -> BTreeSet<&str> {
        let doubts = self.open.iter().filter_map(|open| if let Open::Statement { doubts, .. } = open { Some(doubts) } else { None });
        doubts.flatten().map(|doubt| doubt.key.as_str()).collect()
    }
}

impl fmt::Display for LevelRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            LevelKind::Root => "root",
            LevelKind::OrganizationalUnit => "organizational unit",
            LevelKind::Account => "account",
        };
        write!(formatter, "{kind} {} ({})", self.name, self.id)
    }
}

impl fmt::Display for StatementRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sid {
            Some(sid) if !sid.is_empty() => write!(formatter, "statement {sid}")?,
            _ => write!(formatter, "statement {}", self.position)?,
        }
        write!(formatter, " of policy {} ({}) at {}", self.policy_name, self.policy_id, self.level)
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit { statement, .. } => write!(formatter, "{statement} denies it"),
            Self::Implicit { level } => write!(formatter, "no policy at {level} allows it"),
        }
    }
}

impl fmt::Display for Open {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement { statement, effect, doubts } => {
                let effect = if *effect == Effect::Deny { "deny" } else { "allow" };
                let doubts: Vec<_> = doubts.iter().map(ToString::to_string).collect();
                write!(formatter, "{statement} may or may not {effect} it: {}", doubts.join("; "))
            }
            Self::Policy { level, policy_id, policy_name, reason } => {
                write!(formatter, "policy {policy_name} ({policy_id}) at {level} can't be evaluated: {reason}")
            }
            Self::IncompletePath => formatter.write_str("the levels from the root to the account are not all known"),
            Self::Enforcement { reason } => formatter.write_str(reason),
        }
    }
}
