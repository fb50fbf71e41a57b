//! A ready account for gate tests: created long ago, active, everything as declared, nothing attested.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::org::{
    Account, AccountEnds, AccountState, Address, Answers, Assumptions, AttachedPolicies, Caller, DeclaredOrganization, Desired,
    DesiredAccount, Enforcement, FileId, GateName, Guardrails, JoinedMethod, Leaving, MemberRole, ObservedOrganization, Organization,
    OrganizationPath, PolicyText, Probe, Probes, Provenance, ReadFailure, Root, SERVICE_CONTROL_POLICY, SourceSpan, Via,
};

use super::{GateFacts, GateResult, MemberAccess, evaluate};

/// 2026-11-22T09:00:00Z.
pub const NOW: Timestamp = Timestamp::constant(1_795_338_000, 0);

/// One account, what is declared of it and what is seen of it.
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

/// FullAWSAccess at every one of the levels.
pub fn full_access(levels: &[&str]) -> AttachedPolicies {
    let mut attached = AttachedPolicies { operation: "organizations:ListPoliciesForTarget".into(), ..AttachedPolicies::default() };
    for level in levels {
        attach(
            &mut attached,
            level,
            "FullAWSAccess",
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        );
    }
    attached
}

/// Attaches a policy, whose id is `p-` and its name, to a level.
pub fn attach(attached: &mut AttachedPolicies, level: &str, name: &str, content: &str) {
    let id = format!("p-{name}");
    attached.at.entry(level.to_owned()).or_default().insert(id.clone());
    attached.texts.insert(id, PolicyText { name: name.to_owned(), content: Ok(content.to_owned()) });
}

/// The calls of a plan.
fn answered() -> Answers {
    let mut answers = Answers::default();
    for operation in ["DescribeOrganization", "DescribePolicy", "ListAccounts", "ListPoliciesForTarget", "ListRoots"] {
        answers.note(&format!("organizations:{operation}"), "", NOW);
    }
    answers
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
        let live = Account {
            id,
            arn: "arn:aws:organizations::111111111111:account/o-exampleorgid/333333333333".into(),
            email: "legacy-crm@example.com".into(),
            name: "legacy-crm".into(),
            state: AccountState::Active,
            joined_method: JoinedMethod::Created,
            joined_at: Some("2024-03-01T10:00:00Z".parse().unwrap()),
            path: Some(OrganizationPath(vec!["r-ab12".into()])),
        };
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
                organization: Organization {
                    id: "o-exampleorgid".parse().unwrap(),
                    management_account_id,
                    feature_set: "ALL".into(),
                    partition: "aws".into(),
                },
                root: Root { id: "r-ab12".into(), policy_types: BTreeMap::from([(SERVICE_CONTROL_POLICY.into(), "ENABLED".into())]) },
                accounts: vec![live],
                delegated_administrators: BTreeMap::new(),
                service_access: Ok(BTreeSet::new()),
                tags: BTreeMap::from([(id, Ok(BTreeMap::new()))]),
                refused: BTreeMap::new(),
                probes: BTreeMap::new(),
                policies: Ok(full_access(&["r-ab12", "333333333333"])),
                attached: BTreeMap::new(),
                unit_names: BTreeMap::new(),
                sent_handshakes: crate::org::Probe::NotRun,
                account_quota: crate::org::Probe::NotRun,
                join_units: BTreeMap::new(),
                ends: AccountEnds::default(),
                callers: vec![Caller { account: management_account_id, arn: "arn:aws:iam::111111111111:role/Admin".into() }],
                called_from: management_account_id,
                observed_at: NOW,
                answers: answered(),
                requests: BTreeMap::new(),
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
