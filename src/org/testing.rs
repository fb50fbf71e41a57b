//! Sample organizations for tests and benchmarks. Only with the feature `testing`, or in the crate's own tests.

#![allow(clippy::unwrap_used, reason = "only constants are parsed here")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Account, AccountEnds, AccountState, Answers, AttachedPolicies, JoinedMethod, ObservedOrganization, Organization, OrganizationPath,
    PolicyText, Probe, Root, SERVICE_CONTROL_POLICY,
};

/// When each of these organizations was read: 2026-11-22T09:00:00Z.
pub const NOW: Timestamp = Timestamp::constant(1_795_338_000, 0);
/// The organization's id.
pub const ORGANIZATION: &str = "o-exampleorgid";
/// Its management account.
pub const MANAGEMENT: &str = "111111111111";
/// Its root.
pub const ROOT: &str = "r-ab12";

/// An active account that was invited in 2024, at the root or at the end of a path of units below it.
#[must_use]
pub fn account(id: &str, name: &str, units: &[&str]) -> Account {
    let path = [ROOT].iter().chain(units).map(|&level| level.to_owned()).collect();
    Account {
        id: id.parse().unwrap(),
        arn: format!("arn:aws:organizations::{MANAGEMENT}:account/{ORGANIZATION}/{id}"),
        email: format!("{name}@example.com"),
        name: name.to_owned(),
        state: AccountState::Active,
        joined_method: JoinedMethod::Invited,
        joined_at: Some("2024-03-01T10:00:00Z".parse().unwrap()),
        path: Some(OrganizationPath(path)),
    }
}

/// An organization of these accounts, read by its management account: service control policies are enabled, no service has trusted access,
/// there are no delegated administrators, and no member was probed.
#[must_use]
pub fn organization(mut accounts: Vec<Account>) -> ObservedOrganization {
    accounts.sort_by_key(|account| account.id);
    ObservedOrganization {
        organization: Organization {
            id: ORGANIZATION.parse().unwrap(),
            management_account_id: MANAGEMENT.parse().unwrap(),
            feature_set: "ALL".into(),
            partition: "aws".into(),
        },
        root: Root { id: ROOT.into(), policy_types: BTreeMap::from([(SERVICE_CONTROL_POLICY.into(), "ENABLED".into())]) },
        accounts,
        delegated_administrators: BTreeMap::new(),
        service_access: Ok(BTreeSet::new()),
        tags: BTreeMap::new(),
        refused: BTreeMap::new(),
        probes: BTreeMap::new(),
        policies: Ok(AttachedPolicies { operation: "organizations:ListPoliciesForTarget".into(), ..AttachedPolicies::default() }),
        attached: BTreeMap::new(),
        unit_names: BTreeMap::new(),
        sent_handshakes: Probe::NotRun,
        account_quota: Probe::NotRun,
        join_units: BTreeMap::new(),
        ends: AccountEnds::default(),
        callers: Vec::new(),
        called_from: MANAGEMENT.parse().unwrap(),
        observed_at: NOW,
        answers: Answers::default(),
        requests: BTreeMap::new(),
    }
}

/// FullAWSAccess, attached at each of the levels.
#[must_use]
pub fn full_access(levels: &[&str]) -> AttachedPolicies {
    let mut attached = AttachedPolicies { operation: "organizations:ListPoliciesForTarget".into(), ..AttachedPolicies::default() };
    let content = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    levels.iter().for_each(|level| attach(&mut attached, level, "FullAWSAccess", content));
    attached
}

/// Attaches a policy to a level. Its id is `p-` followed by its name.
pub fn attach(attached: &mut AttachedPolicies, level: &str, name: &str, content: &str) {
    let id = format!("p-{name}");
    attached.at.entry(level.to_owned()).or_default().insert(id.clone());
    attached.texts.insert(id, PolicyText { name: name.to_owned(), content: Ok(content.to_owned()) });
}

/// The calls that every plan makes.
#[must_use]
pub fn answered() -> Answers {
    let mut answers = Answers::default();
    for operation in ["DescribeOrganization", "DescribePolicy", "ListAccounts", "ListPoliciesForTarget", "ListRoots"] {
        answers.note(&format!("organizations:{operation}"), "", NOW);
    }
    answers
}
