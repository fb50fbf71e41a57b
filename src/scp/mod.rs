//! Predicts whether service control policies deny `organizations:LeaveOrganization`, before the call is made.
//!
//! The evaluation has three values. A statement matches the request, does not match it, or cannot be decided, because it depends on
//! something that is not known before the call, such as the network address that the call will come from. So a prediction is "allowed",
//! "denied" or "unknown". Anything that is not understood, including a malformed policy, is unknown and never allowed.
//!
//! | step | file | rules from |
//! |---|---|---|
//! | text to [`Policy`] | `json`, `parse`, `operator` | IAM User Guide, "Grammar of the IAM JSON policy language"; Organizations User Guide, "SCP syntax" |
//! | what is known of the request | `context`, `assumed_role` | IAM User Guide, "AWS global condition context keys" |
//! | one condition | `condition`, `compare`, `template`, `glob` | IAM User Guide, "Condition operators", "Single-valued vs. multivalued context keys", "Variables and tags" |
//! | one statement | `statement` | IAM User Guide, "Action", "NotAction", "Resource", "NotResource" |
//! | all levels | `evaluate`, `enforcement` | Organizations User Guide, "SCP evaluation" |
//! | what to do about a denial | `remedy` | Organizations User Guide, "Removing a member account" |
//!
//! Pure: no I/O, no clock. Nothing here edits a policy.

mod assumed_role;
mod compare;
mod condition;
mod context;
mod enforcement;
mod evaluate;
mod glob;
mod json;
mod operator;
mod parse;
mod policy;
mod remedy;
mod statement;
mod template;
mod truth;
mod verdict;

#[cfg(test)]
mod tests;

pub use assumed_role::AssumedRole;
pub use context::{Context, KeySource, KeyValue};
pub use enforcement::{Caller, Enforcement, Exemption, PolicyTypeStatus};
pub use evaluate::{AttachedPolicy, LEAVE_ORGANIZATION, Level, Request, conditional_statements, evaluate};
pub use operator::{Comparison, Operator, Relation, SetQualifier};
pub use parse::PolicyError;
pub use policy::{Condition, Effect, Policy, Selection, Statement, Version};
pub use remedy::{Effectiveness, Remedy, RootDenial, WayOut, root_denials, ways_out};
pub use truth::{Doubt, DoubtReason};
pub use verdict::{Decision, DeclaredKey, Denial, LevelKind, LevelRef, Open, StatementRef, Unusual, UnusualStatement, Verdict};
