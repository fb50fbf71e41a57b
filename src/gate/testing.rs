//! A ready account for gate tests: created long ago, active, everything as declared, nothing attested.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use crate::org::testing::{NOW, attach, full_access};
use crate::org::testing::{ROOT, account, answered, organization};
use crate::org::{
    Account, Address, Assumptions, Caller, DeclaredOrganization, Desired, DesiredAccount, Enforcement, FileId, GateName, Guardrails,
    JoinedMethod, Leaving, MemberRole, ObservedOrganization, Probe, Probes, Provenance, ReadFailure, SourceSpan, Via,
};

use super::{GateFacts, GateResult, MemberAccess, evaluate};

/// One account, with its declaration and what is observed of it.
pub struct Story {
    pub now: Timestamp,
    pub declared: DeclaredOrganization,
    pub guardrails: Guardrails,
    pub enforcements: BTreeMap<GateName, Enforcement>,
    pub assumptions: Assumptions,
    pub desired: DesiredAccount,
    pub seen: ObservedOrganization,
    pub inside: MemberAccess,
    pub probes: Probes,
}

/// Where a read came from.
pub fn seen(operation: &str) -> Provenance {
    Provenance { operation: operation.to_owned(), account: "333333333333".parse().unwrap(), at: NOW }
}

/// A read that the role may not make.
pub fn unreadable<T>(operation: &str) -> Probe<T> {
    Probe::Failed(ReadFailure { operation: operation.to_owned(), why: "AccessDenied: no".into(), role: None, not_built_in: false })
}

impl Story {
    pub fn new() -> Self {
        let span = SourceSpan::new(FileId(0), 0..0);
        let id = "333333333333".parse().unwrap();
        let management_account_id = "111111111111".parse().unwrap();
        let departure = Leaving {
            reason: "Divested".into(),
            not_before: None,
            via: Via::Leave,
            member_role: MemberRole::default(),
            attestations: vec![],
            acknowledge: BTreeSet::new(),
            departed: None,
        };
        let mut live = account("333333333333", "legacy-crm", &[]);
        live.joined_method = JoinedMethod::Created;
        Self {
            now: NOW,
            declared: DeclaredOrganization { id: "o-exampleorgid".parse().unwrap(), management_account_id, span: span.clone() },
            guardrails: Guardrails::default(),
            enforcements: BTreeMap::new(),
            assumptions: Assumptions::default(),
            desired: DesiredAccount {
                address: Address::new("legacy-crm"),
                id,
                name: Some("legacy-crm".into()),
                email: None,
                membership: Desired::Detached(Box::new(departure)),
                span,
            },
            seen: ObservedOrganization {
                tags: BTreeMap::from([(id, Ok(BTreeMap::new()))]),
                policies: Ok(full_access(&[ROOT, "333333333333"])),
                callers: vec![Caller { account: management_account_id, arn: "arn:aws:iam::111111111111:role/Admin".into() }],
                answers: answered(),
                ..organization(vec![live])
            },
            inside: MemberAccess::Deferred,
            probes: Probes::default(),
        }
    }

    #[must_use]
    pub fn live(self, change: impl FnOnce(&mut Account)) -> Self {
        self.observed(|seen| seen.accounts.first_mut().map(change).unwrap())
    }

    #[must_use]
    pub fn observed(mut self, change: impl FnOnce(&mut ObservedOrganization)) -> Self {
        change(&mut self.seen);
        self
    }

    #[must_use]
    pub fn departure(mut self, change: impl FnOnce(&mut Leaving)) -> Self {
        match &mut self.desired.membership {
            Desired::Detached(departure) => change(departure),
            Desired::Member { .. } => unreachable!("a story is about a detached account"),
        }
        self
    }

    pub fn evaluate(&self) -> Vec<GateResult> {
        evaluate(&GateFacts {
            now: self.now,
            declared: &self.declared,
            guardrails: &self.guardrails,
            enforcements: &self.enforcements,
            assumptions: &self.assumptions,
            desired: &self.desired,
            departure: self.desired.leaving().unwrap(),
            observed: &self.seen,
            live: self.seen.account(self.desired.id),
            inside: &self.inside,
            probes: &self.probes,
        })
    }

    pub fn result(&self, gate: GateName) -> GateResult {
        self.evaluate().into_iter().find(|result| result.gate == gate).unwrap()
    }

    pub fn blocks(&self, gate: GateName) -> bool {
        self.result(gate).is_blocking()
    }
}
