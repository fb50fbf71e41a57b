//! A saved plan against a fresh one. A plan file is a claim: only what both plans say, with equal content, is carried out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::GateResult;
use crate::org::AccountId;

use super::{AccountFacts, Detachment, PathFacts, Plan, UnchangedReason};

/// What both plans agree on, and what is held back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Departures to carry out, as the fresh plan has them.
    pub approved: Vec<Detachment>,
    /// Departures of the saved plan that something stands against now.
    pub held_back: Vec<HeldBack>,
    /// Departures of the saved plan that a record says are done.
    pub done: Vec<AccountId>,
    /// Departures that are eligible now and not in the saved plan: reported, never carried out.
    pub newly_eligible: Vec<Detachment>,
}

/// A departure that was approved and is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The departure as it was approved.
    pub detachment: Detachment,
    /// Why.
    pub why: HeldBackReason,
}

/// Why an approved departure is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldBackReason {
    /// A gate turned; its answers now.
    Blocked(Vec<GateResult>),
    /// An observed fact changed; both texts are JSON of the account's facts.
    Changed {
        /// As it was approved.
        before: String,
        /// As it is.
        after: String,
    },
    /// It is no longer in the organization, and no record says that it left by orgroster.
    Gone,
}

/// What differs between two plans, such as what makes a saved one stale. The texts are JSON, for a difference to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disagreement {
    /// What differs, as a clause.
    pub what: String,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}

/// Compares a saved plan with one made now.
///
/// # Errors
///
/// Everything about the organization, the guardrails, the enforcements and the declarations that differs.
pub fn agree(saved: &Plan, fresh: &Plan) -> Result<Agreement, Vec<Disagreement>> {
    let mut disagreements = Vec::new();
    differ(
        "the organization differs",
        (&saved.organization.id, saved.sandbox),
        (&fresh.organization.id, fresh.sandbox),
        &mut disagreements,
    );
    let management = |plan: &Plan| plan.organization.management_account_id;
    differ("the management account differs", management(saved), management(fresh), &mut disagreements);
    differ("the guardrails changed", &saved.guardrails, &fresh.guardrails, &mut disagreements);
    differ("the enforcements of gates changed", &saved.enforcements, &fresh.enforcements, &mut disagreements);
    differ("what is assumed about policies changed", &saved.assumptions, &fresh.assumptions, &mut disagreements);

    let mut agreement = Agreement::default();
    for departure in &saved.departures {
        place(departure, fresh, &mut agreement, &mut disagreements);
    }
    let approved_before = |id| saved.departures.iter().any(|departure| departure.id == id);
    agreement.newly_eligible = fresh.departures.iter().filter(|departure| !approved_before(departure.id)).cloned().collect();
    if disagreements.is_empty() { Ok(agreement) } else { Err(disagreements) }
}

fn place(saved: &Detachment, fresh: &Plan, agreement: &mut Agreement, disagreements: &mut Vec<Disagreement>) {
    let same = |detachment: &&Detachment| detachment.id == saved.id;
    let hold = |why| HeldBack { detachment: saved.clone(), why };
    if let Some(now) = fresh.departures.iter().find(same) {
        differ(format!("the declaration of {} changed", saved.address), &saved.declared, &now.declared, disagreements);
        if facts(saved) == facts(now) {
            agreement.approved.push(now.clone());
        } else {
            agreement.held_back.push(hold(HeldBackReason::Changed { before: json(&facts(saved)), after: json(&facts(now)) }));
        }
    } else if let Some(now) = fresh.blocked.iter().find(same) {
        differ(format!("the declaration of {} changed", saved.address), &saved.declared, &now.declared, disagreements);
        let why = if now.account.is_none() { HeldBackReason::Gone } else { HeldBackReason::Blocked(now.gates.clone()) };
        agreement.held_back.push(hold(why));
    } else {
        match fresh.unchanged.iter().find(|unchanged| unchanged.id == saved.id).map(|unchanged| &unchanged.reason) {
            Some(UnchangedReason::DepartedOnRecord { .. }) => agreement.done.push(saved.id),
            Some(UnchangedReason::DepartedAsDeclared { .. }) => agreement.held_back.push(hold(HeldBackReason::Gone)),
            other => {
                let after = other.map_or_else(|| "no block".to_owned(), json);
                disagreements.push(Disagreement {
                    what: format!("the block of {} no longer detaches the account", saved.address),
                    before: json(&saved.declared),
                    after,
                });
            }
        }
    }
}

/// The observed facts that a departure depends on.
#[derive(PartialEq, Serialize)]
struct Facts<'a> {
    account: &'a Option<AccountFacts>,
    #[serde(skip_serializing_if = "PathFacts::is_empty")]
    path: &'a PathFacts,
}

fn facts(detachment: &Detachment) -> Facts<'_> {
    Facts { account: &detachment.account, path: &detachment.path }
}

pub(super) fn differ<T: Serialize + PartialEq>(what: impl Into<String>, before: T, after: T, disagreements: &mut Vec<Disagreement>) {
    if before != after {
        disagreements.push(Disagreement { what: what.into(), before: json(&before), after: json(&after) });
    }
}

/// JSON on many lines. These types have string keys and finite numbers only, so that writing them can't fail.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
