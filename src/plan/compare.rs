//! A saved plan against a fresh one. A plan file is a claim: only what both plans say, with equal content, is carried out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::GateResult;
use crate::org::AccountId;

use super::{Approval, DepartureOnRecord, Detachment, Digest, Grown, Plan, UnchangedReason, guardrails};

/// What both plans agree on, and what is held back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Departures to carry out, as the fresh plan has them, each with what was approved of it.
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
    /// The departure as it is seen now; as it was approved where it is not seen any more.
    pub detachment: Detachment,
    /// Why.
    pub why: HeldBackReason,
}

/// Why an approved departure is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldBackReason {
    /// A gate turned; its answers now.
    Blocked(Vec<GateResult>),
    /// It rests on more than was approved, or on something else.
    Grown(Vec<Grown>),
    /// The account itself changed; both texts are JSON of what is seen of it.
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

impl Agreement {
    /// What a plan made now approves by itself.
    #[must_use]
    pub fn of_fresh(fresh: &Plan) -> Self {
        let approved = |departure: &Detachment| Detachment { approved: Some(departure.dependencies()), ..departure.clone() };
        Self { approved: fresh.departures.iter().map(approved).collect(), ..Self::default() }
    }

    /// What a digest approves, where that is this plan together with what records of the digest name: a run that was cut goes on, and one that
    /// is repeated finds everything done. `None` where it approves anything else.
    #[must_use]
    pub fn by_digest(fresh: &Plan, records: &BTreeMap<AccountId, DepartureOnRecord>, expected: &Digest) -> Option<Self> {
        let live = |id| fresh.departures.iter().find(|departure| departure.id == id);
        // AWS's lists show an account for a while after it left; one that joined since has another departure to come.
        let joined_since = |id, record: &DepartureOnRecord| {
            live(id).and_then(|departure| departure.account.as_ref()?.joined_at).is_some_and(|joined| record.departed_at < joined)
        };
        let done: BTreeMap<_, _> =
            records.iter().filter(|(id, record)| record.digest == *expected && !joined_since(**id, record)).collect();
        let mut parts: BTreeMap<_, _> = fresh.departures.iter().map(|departure| (departure.id, departure.approved_part())).collect();
        parts.extend(done.iter().map(|(id, record)| (**id, record.part.clone())));
        if Approval::of(fresh).digest_of_parts(&parts) != *expected {
            return None;
        }
        let mut agreement = Self::of_fresh(fresh);
        agreement.approved.retain(|departure| !done.contains_key(&departure.id));
        Some(Self { done: done.into_keys().copied().collect(), ..agreement })
    }

    /// The plan that is carried out: what is seen now, with the departures that were approved. `digest` is the approval's.
    #[must_use]
    pub fn carried_out(&self, fresh: &Plan, digest: &Digest) -> Plan {
        let count = self.approved.len() as u64;
        Plan {
            departures: self.approved.clone(),
            exceeded: guardrails::breaches(&fresh.guardrails, count, fresh.organization.members),
            digest: digest.clone(),
            ..fresh.clone()
        }
    }
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
    differ("the values of variables changed", &saved.variables, &fresh.variables, &mut disagreements);

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
    let hold = |detachment: &Detachment, why| HeldBack { detachment: detachment.clone(), why };
    if let Some(now) = fresh.departures.iter().find(same) {
        differ(format!("the declaration of {} changed", now.address), &saved.declared, &now.declared, disagreements);
        let grown = saved.growth(now);
        if saved.account != now.account {
            let (before, after) = (json(&saved.account), json(&now.account));
            agreement.held_back.push(hold(now, HeldBackReason::Changed { before, after }));
        } else if !grown.is_empty() {
            agreement.held_back.push(hold(now, HeldBackReason::Grown(grown)));
        } else {
            agreement.approved.push(Detachment { approved: Some(saved.dependencies()), ..now.clone() });
        }
    } else if let Some(now) = fresh.blocked.iter().find(same) {
        differ(format!("the declaration of {} changed", now.address), &saved.declared, &now.declared, disagreements);
        let why = if now.account.is_none() { HeldBackReason::Gone } else { HeldBackReason::Blocked(now.gates.clone()) };
        agreement.held_back.push(hold(now, why));
    } else {
        match fresh.unchanged.iter().find(|unchanged| unchanged.id == saved.id).map(|unchanged| &unchanged.reason) {
            Some(UnchangedReason::DepartedOnRecord { .. }) => agreement.done.push(saved.id),
            Some(UnchangedReason::DepartedAsDeclared { .. }) => agreement.held_back.push(hold(saved, HeldBackReason::Gone)),
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

pub(super) fn differ<T: Serialize + PartialEq>(what: impl Into<String>, before: T, after: T, disagreements: &mut Vec<Disagreement>) {
    if before != after {
        disagreements.push(Disagreement { what: what.into(), before: json(&before), after: json(&after) });
    }
}

/// JSON on many lines. These types have string keys and finite numbers only, so that writing them can't fail.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
