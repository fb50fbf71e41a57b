//! The result of the evaluation: the decision, the statements that led to it, and everything that is undecided.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Doubt, Effect, Exemption};

/// What service control policies do to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// They allow it. Other kinds of policy are not considered here.
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
    /// The kind of level.
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

/// A reason why the request is denied. Each one suffices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Denial {
    /// A `Deny` statement matches.
    Explicit {
        /// The statement.
        statement: StatementRef,
        /// Whether its `Action` names the action itself, rather than covering it with a wildcard or `NotAction`.
        names_action: bool,
        /// Patterns of principal ARNs that the statement's condition exempts.
        excepted_principals: Vec<String>,
    },
    /// No statement of a level allows the request, although every level must.
    Implicit {
        /// The level.
        level: LevelRef,
    },
}

/// Something that must be resolved before the request counts as allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Open {
    /// A statement that cannot be decided: a `Deny`, or an `Allow` at a level where nothing else allows.
    Statement {
        /// The statement.
        statement: StatementRef,
        /// `Deny` or `Allow`.
        effect: Effect,
        /// Why, each key with its reason.
        doubts: BTreeSet<Doubt>,
    },
    /// A policy that can't be read or understood, so it may deny, or may be the only one that allows.
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
    /// It is not known whether service control policies are in force.
    Enforcement {
        /// Why.
        reason: String,
    },
}

/// A resource element that is valid but rarely intended for an action without resource types. The prediction follows IAM's rules; the
/// author of the statement may have expected something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unusual {
    /// `Resource` lists only ARNs, so the statement does not apply.
    SpecificResource,
    /// `NotResource`.
    NotResource,
}

/// A statement about the action with an unusual resource element.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct UnusualStatement {
    /// The statement.
    pub statement: StatementRef,
    /// What is unusual about it.
    pub resource: Unusual,
}

/// A key that a statement depends on and that the configuration declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct DeclaredKey {
    /// As the policy spells it.
    pub key: String,
    /// The declared values. Empty for a key that is declared absent.
    pub values: Vec<String>,
}

/// The prediction, with everything that led to it. Each list is sorted, and does not depend on the order of policies or statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The prediction.
    pub decision: Decision,
    /// Why service control policies do not apply. If this is set, they were not evaluated.
    pub exemption: Option<Exemption>,
    /// Everything that denies. Empty unless the decision is `Denied`.
    pub denials: Vec<Denial>,
    /// Everything that is undecided, even if it no longer matters because something denies.
    pub open: Vec<Open>,
    /// The statements that allow, at the levels that have any.
    pub allows: Vec<StatementRef>,
    /// Statements about the action whose resource element deserves a second look.
    pub unusual: Vec<UnusualStatement>,
    /// Keys that were declared, not observed, and that some statement about the action depends on.
    pub declared: Vec<DeclaredKey>,
}

impl Verdict {
    /// The keys that prevent a decision, each once.
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
            Self::Explicit { statement, .. } => write!(formatter, "{statement} denies the call"),
            Self::Implicit { level } => write!(formatter, "no policy at {level} allows the call"),
        }
    }
}

impl fmt::Display for Open {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement { statement, effect, doubts } => {
                let effect = if *effect == Effect::Deny { "deny" } else { "allow" };
                let doubts: Vec<_> = doubts.iter().map(ToString::to_string).collect();
                write!(formatter, "{statement} may or may not {effect} the call: {}", doubts.join("; "))
            }
            Self::Policy { level, policy_id, policy_name, reason } => {
                write!(formatter, "policy {policy_name} ({policy_id}) at {level} can't be evaluated: {reason}")
            }
            Self::IncompletePath => formatter.write_str("the levels from the root to the account are not all known"),
            Self::Enforcement { reason } => formatter.write_str(reason),
        }
    }
}
