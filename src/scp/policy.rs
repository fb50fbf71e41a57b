//! A parsed policy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Operator;

/// The version of the policy language. A policy without a `Version` element has the older version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// `2008-10-17`: `${...}` is literal text.
    #[default]
    V2008,
    /// `2012-10-17`: with policy variables.
    V2012,
}

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Allows the request at this level.
    Allow,
    /// Denies the request, even if other statements allow it.
    Deny,
}

/// A service control policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Language version.
    pub version: Version,
    /// `Id`, which AWS ignores.
    pub id: Option<String>,
    /// At least one.
    pub statements: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its position in the policy, starting at 1.
    pub position: usize,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// `Action` or `NotAction`.
    pub actions: Selection,
    /// `Resource` or `NotResource`.
    pub resources: Selection,
    /// `Condition`, with one entry for each operator and key. All of them must hold.
    pub conditions: Vec<Condition>,
}

/// A list of patterns. One of them must match, or (`NotAction`, `NotResource`) none may match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Whether it is the `Not` form.
    pub negated: bool,
    /// At least one, as written.
    pub patterns: Vec<String>,
}

/// One key of one operator of a `Condition` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Such as `StringNotEqualsIfExists`.
    pub operator: Operator,
    /// The context key, as written. Keys are compared without regard to case.
    pub key: String,
    /// The values to compare with, as text; numbers and booleans in their JSON form.
    pub values: Vec<String>,
}
