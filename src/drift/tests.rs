//! What changed between two snapshots, and who made the changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::org::{
    Account, AccountState, ChangeEvent, ChangeHistory, Estate, EstatePolicy, JoinedMethod, ObservedOrganization, OrganizationPath,
    ReadFailure, testing,
};

use super::*;

const CRM: &str = "333333333333";
const LAB: &str = "444444444444";
const DENY: &str = "p-deny0001";

struct Snapped {
    observed: ObservedOrganization,
    estate: Estate,
}

fn account(id: &str, name: &str) -> Account {
    testing::account(id, name, &["ou-ab12-workload"])
}

fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn policy(name: &str, content: &str, targets: &[&str]) -> EstatePolicy {
    EstatePolicy { name: name.to_owned(), content: Ok(content.to_owned()), targets: Ok(set(targets)) }
}

fn snapped(at: &str) -> Snapped {
    let map =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>();
    let crm = || CRM.parse().unwrap();
    let observed = ObservedOrganization {
        delegated_administrators: BTreeMap::from([(crm(), Vec::new())]),
        observed_at: at.parse().unwrap(),
        ..testing::organization(vec![account(testing::MANAGEMENT, "main"), account(CRM, "crm")])
    };
    let policies = BTreeMap::from([
        ("p-FullAWSAccess".to_owned(), policy("FullAWSAccess", "{}", &["r-ab12", "ou-ab12-workload", CRM])),
        (DENY.to_owned(), policy("deny", r#"{"Statement":[]}"#, &[CRM])),
    ]);
    let estate = Estate {
        unit_names: map(&[("ou-ab12-workload", "Workloads")]),
        tags: BTreeMap::from([(crm(), Ok(map(&[("team", "sales"), ("stage", "prod")])))]),
        delegated_services: BTreeMap::from([(crm(), Ok(vec!["guardduty.amazonaws.com".into()]))]),
        service_access: Ok(set(&["sso.amazonaws.com"])),
        policy_types: BTreeMap::from([("SERVICE_CONTROL_POLICY".to_owned(), Ok(policies))]),
    };
    Snapped { observed, estate }
}

impl Snapped {
    fn moment(&self) -> Moment<'_> {
        Moment { observed: &self.observed, estate: Some(&self.estate), sandbox: false }
    }

    fn crm(&mut self) -> &mut Account {
        &mut self.observed.accounts[1]
    }

    fn policies(&mut self) -> &mut BTreeMap<String, EstatePolicy> {
        self.estate.policy_types.get_mut("SERVICE_CONTROL_POLICY").unwrap().as_mut().unwrap()
    }
}

/// The changes, one line each, and what is not compared, after `change` is applied to the later snapshot.
fn drift(change: impl FnOnce(&mut Snapped)) -> (Vec<String>, Vec<String>) {
    let (before, mut after) = (snapped("2026-11-27T03:00:00Z"), snapped("2026-11-28T03:00:00Z"));
    change(&mut after);
    let found = compare(before.moment(), after.moment()).unwrap();
    let line = |change: &OrganizationChange| {
        let OrganizationChange { kind, subject, name, about, before, after, cause: _ } = change;
        let part = |mark: &str, part: &Option<String>| part.as_ref().map_or_else(String::new, |part| format!(" {mark}{part}"));
        format!("{} {subject}{}{}{}{}", kind.text(), part("", name), part("@", about), part("-", before), part("+", after))
    };
    (found.changes.iter().map(line).collect(), found.not_compared.iter().map(|not| format!("{}: {}", not.what, not.why)).collect())
}

#[test]
fn two_looks_that_are_alike_have_no_drift() {
    assert_eq!(drift(|_| {}), (Vec::new(), Vec::new()));
}

type Row = (fn(&mut Snapped), &'static [&'static str]);

const ROWS: &[Row] = &[
    (|look| drop(look.observed.accounts.pop()), &["left 333333333333 crm"]),
    (|look| look.observed.accounts.push(account(LAB, "lab")), &["joined 444444444444 lab +Root/Workloads"]),
    (
        |look| look.observed.accounts.push(Account { joined_method: JoinedMethod::Created, ..account(LAB, "lab") }),
        &["created 444444444444 lab +Root/Workloads"],
    ),
    // It left and came back.
    (
        |look| look.crm().joined_at = "2026-11-27T12:00:00Z".parse().ok(),
        &["left 333333333333 crm", "joined 333333333333 crm +Root/Workloads"],
    ),
    (|look| look.crm().state = AccountState::PendingClosure, &["closed 333333333333 crm -ACTIVE +PENDING_CLOSURE"]),
    (|look| look.crm().state = AccountState::Suspended, &["state changed 333333333333 crm -ACTIVE +SUSPENDED"]),
    (|look| look.crm().name = "crm-eu".into(), &["renamed 333333333333 crm-eu -crm +crm-eu"]),
    (|look| look.crm().email = "new@example.com".into(), &["address changed 333333333333 crm -crm@example.com +new@example.com"]),
    (
        |look| look.crm().path = Some(OrganizationPath(vec!["r-ab12".into(), "ou-ab12-suspended".into()])),
        &["moved 333333333333 crm -Root/Workloads +Root/ou-ab12-suspended"],
    ),
    (
        |look| {
            let tags = look.estate.tags.values_mut().next().unwrap().as_mut().unwrap();
            tags.remove("stage");
            tags.insert("team".into(), "legal".into());
            tags.insert("cost".into(), "7".into());
        },
        &[
            "tag added 333333333333 crm @cost +7",
            "tag removed 333333333333 crm @stage -prod",
            "tag changed 333333333333 crm @team -sales +legal",
        ],
    ),
    (|look| look.estate.delegated_services.clear(), &["delegation ended 333333333333 crm @guardduty.amazonaws.com"]),
    (
        |look| drop(look.estate.delegated_services.insert("111111111111".parse().unwrap(), Ok(vec!["config.amazonaws.com".into()]))),
        &["delegated 111111111111 main @config.amazonaws.com"],
    ),
    (
        |look| look.estate.service_access = Ok(set(&["ram.amazonaws.com"])),
        &["trusted access enabled ram.amazonaws.com", "trusted access disabled sso.amazonaws.com"],
    ),
    (
        |look| drop(look.estate.unit_names.insert("ou-ab12-workload".into(), "Prod".into())),
        &["renamed ou-ab12-workload Prod -Workloads +Prod"],
    ),
    (|look| look.estate.policy_types.clear(), &["policy type disabled SERVICE_CONTROL_POLICY"]),
    (|look| drop(look.estate.policy_types.insert("TAG_POLICY".into(), Ok(BTreeMap::new()))), &["policy type enabled TAG_POLICY"]),
    (|look| drop(look.policies().remove(DENY)), &["policy deleted p-deny0001 deny", "policy detached p-deny0001 deny @333333333333"]),
    (
        |look| drop(look.policies().insert("p-new00001".into(), policy("new", "{}", &["r-ab12"]))),
        &["policy created p-new00001 new", "policy attached p-new00001 new @r-ab12"],
    ),
    (
        |look| drop(look.policies().insert(DENY.into(), policy("deny all", r#"{ "Statement": [ ] }"#, &[CRM]))),
        &["renamed p-deny0001 deny all -deny +deny all"],
    ),
    (
        |look| drop(look.policies().insert(DENY.into(), policy("deny", r#"{"Statement":[1]}"#, &[CRM]))),
        &[r#"policy changed p-deny0001 deny -{"Statement":[]} +{"Statement":[1]}"#],
    ),
    (
        |look| drop(look.policies().insert(DENY.into(), policy("deny", r#"{"Statement":[]}"#, &["ou-ab12-workload"]))),
        &["policy attached p-deny0001 deny @ou-ab12-workload", "policy detached p-deny0001 deny @333333333333"],
    ),
];

#[test]
fn each_kind_of_change_is_seen_and_nothing_else_with_it() {
    for (index, (change, expected)) in ROWS.iter().enumerate() {
        assert_eq!(drift(change), (expected.iter().map(|line| (*line).to_owned()).collect(), Vec::new()), "row {index}");
    }
}

/// AWS attaches its own policies to every new account, and detaches all policies from an account that leaves.
#[test]
fn what_follows_from_an_account_that_comes_or_goes_is_no_change_of_its_own() {
    let (changes, _) = drift(|look| {
        look.observed.accounts.pop();
        look.estate.tags.clear();
        look.estate.delegated_services.clear();
        look.observed.accounts.push(account(LAB, "lab"));
        let policies = look.policies();
        policies.insert("p-FullAWSAccess".into(), policy("FullAWSAccess", "{}", &["r-ab12", "ou-ab12-workload", LAB]));
        policies.insert(DENY.into(), policy("deny", r#"{"Statement":[]}"#, &[]));
    });
    let expected =
        ["left 333333333333 crm", "joined 444444444444 lab +Root/Workloads", "delegation ended 333333333333 crm @guardduty.amazonaws.com"];
    assert_eq!(changes, expected);
    // A policy was detached from an account that stayed.
    let (changes, _) = drift(|look| {
        drop(look.policies().insert("p-FullAWSAccess".into(), policy("FullAWSAccess", "{}", &["r-ab12", "ou-ab12-workload"])))
    });
    assert_eq!(changes, ["policy detached p-FullAWSAccess FullAWSAccess @333333333333"]);
}

#[test]
fn what_one_look_lacks_is_named_and_is_no_change() {
    let unreadable = || ReadFailure {
        operation: "organizations:ListTagsForResource".into(),
        why: "AccessDenied".into(),
        role: None,
        not_built_in: false,
    };
    let (changes, not_compared) = drift(|look| {
        look.crm().email = String::new();
        look.crm().path = None;
        look.estate.tags.insert(CRM.parse().unwrap(), Err(unreadable()));
        look.policies().get_mut(DENY).unwrap().content =
            Err(ReadFailure { operation: "organizations:DescribePolicy".into(), ..unreadable() });
    });
    assert_eq!(changes, Vec::<String>::new());
    let expected = [
        "the address of 1 account: a snapshot without -whole contains it only for accounts with a block",
        "the unit of 1 account: AWS did not return it",
        "data from organizations:DescribePolicy: AccessDenied",
        "data from organizations:ListTagsForResource: AccessDenied",
    ];
    assert_eq!(not_compared, expected);
    let (before, after) = (snapped("2026-11-27T03:00:00Z"), snapped("2026-11-28T03:00:00Z"));
    let found = compare(Moment { estate: None, ..before.moment() }, after.moment()).unwrap();
    assert_eq!((found.changes.len(), found.not_compared.len()), (0, 1));
    assert!(found.not_compared[0].why.contains("-whole"));
}

#[test]
fn looks_at_two_organizations_or_in_the_wrong_order_are_not_compared() {
    let (before, mut after) = (snapped("2026-11-27T03:00:00Z"), snapped("2026-11-28T03:00:00Z"));
    assert!(matches!(compare(after.moment(), before.moment()), Err(Incomparable::Backwards { .. })));
    assert!(matches!(compare(Moment { sandbox: true, ..before.moment() }, after.moment()), Err(Incomparable::Sandbox { before: true })));
    after.observed.organization.id = "o-anotherorgid".parse().unwrap();
    let wrong = compare(before.moment(), after.moment()).unwrap_err();
    assert!(wrong.to_string().contains("o-exampleorgid") && wrong.to_string().contains("o-anotherorgid"), "{wrong}");
}

const ADMIN: &str = "arn:aws:sts::111111111111:assumed-role/Admin/alice";

/// A call, or a service event if `by` is empty.
fn event(name: &str, at: &str, by: &str, words: &[&str]) -> ChangeEvent {
    ChangeEvent {
        id: format!("{name}-{at}"),
        name: name.to_owned(),
        at: format!("2026-11-27T{at}:00Z").parse().unwrap(),
        by: Some(by.to_owned()).filter(|by| !by.is_empty()),
        source_identity: None,
        method: None,
        error_code: None,
        words: set(words),
    }
}

fn history(events: Vec<ChangeEvent>) -> ChangeHistory {
    ChangeHistory {
        events,
        account: "111111111111".parse().ok(),
        since: "2026-11-27T03:00:00Z".parse().unwrap(),
        ..ChangeHistory::default()
    }
}

/// The causes of the changes, in the same order, and what is not attributed.
fn causes(change: impl FnOnce(&mut Snapped), history: &ChangeHistory) -> (Vec<Option<(String, String)>>, Vec<Gap>) {
    let (before, mut after) = (snapped("2026-11-27T03:00:00Z"), snapped("2026-11-28T03:00:00Z"));
    change(&mut after);
    let found = compare(before.moment(), after.moment()).unwrap();
    let found = found.explained_by(history, "111111111111".parse().unwrap());
    let cause = |change: &OrganizationChange| {
        change.cause.as_ref().map(|cause| (cause.event_id.clone(), cause.by.clone().or_else(|| cause.method.clone()).unwrap_or_default()))
    };
    (found.changes.iter().map(cause).collect(), found.not_attributed)
}

fn some(id: &str, by: &str) -> Option<(String, String)> {
    Some((id.to_owned(), by.to_owned()))
}

type Call = (&'static str, &'static [&'static str]);
type Explained = (fn(&mut Snapped), &'static [Call]);

/// Each row has events that explain all its changes.
#[test]
fn each_kind_of_change_has_its_event() {
    let rows: &[Explained] = &[
        (|look| look.crm().state = AccountState::Closed, &[("CloseAccount", &[CRM])]),
        (|look| look.crm().name = "crm-eu".into(), &[("PutAccountName", &[CRM])]),
        (|look| look.crm().email = "new@example.com".into(), &[("AcceptPrimaryEmailUpdate", &[CRM])]),
        (|look| look.crm().path = Some(OrganizationPath(vec!["r-ab12".into()])), &[("MoveAccount", &[CRM])]),
        (
            |look| {
                let tags = look.estate.tags.values_mut().next().unwrap().as_mut().unwrap();
                tags.remove("stage");
                tags.insert("team".into(), "legal".into());
                tags.insert("cost".into(), "7".into());
            },
            &[("TagResource", &[CRM, "cost"]), ("UntagResource", &[CRM, "stage"]), ("TagResource", &[CRM, "team"])],
        ),
        (
            |look| {
                look.estate.delegated_services.clear();
                look.estate.delegated_services.insert("111111111111".parse().unwrap(), Ok(vec!["config.amazonaws.com".into()]));
            },
            &[
                ("RegisterDelegatedAdministrator", &["111111111111", "config.amazonaws.com"]),
                ("DeregisterDelegatedAdministrator", &[CRM, "guardduty.amazonaws.com"]),
            ],
        ),
        (
            |look| look.estate.service_access = Ok(set(&["ram.amazonaws.com"])),
            &[("EnableAWSServiceAccess", &["ram.amazonaws.com"]), ("DisableAWSServiceAccess", &["sso.amazonaws.com"])],
        ),
        (
            |look| drop(look.estate.unit_names.insert("ou-ab12-workload".into(), "Prod".into())),
            &[("UpdateOrganizationalUnit", &["ou-ab12-workload"])],
        ),
        (|look| look.estate.policy_types.clear(), &[("DisablePolicyType", &["SERVICE_CONTROL_POLICY"])]),
        (|look| drop(look.estate.policy_types.insert("TAG_POLICY".into(), Ok(BTreeMap::new()))), &[("EnablePolicyType", &["TAG_POLICY"])]),
        (|look| drop(look.policies().remove(DENY)), &[("DeletePolicy", &[DENY]), ("DetachPolicy", &[DENY, CRM])]),
        (
            |look| drop(look.policies().insert("p-new00001".into(), policy("new", "{}", &["r-ab12"]))),
            &[("CreatePolicy", &["p-new00001"]), ("AttachPolicy", &["p-new00001", "r-ab12"])],
        ),
        (
            |look| drop(look.policies().insert(DENY.into(), policy("deny all", r#"{"Statement":[1]}"#, &[CRM]))),
            &[("UpdatePolicy", &[DENY]), ("UpdatePolicy", &[DENY])],
        ),
    ];
    for (index, (change, calls)) in rows.iter().enumerate() {
        let mut events: Vec<_> = calls.iter().map(|(name, words)| event(name, "10:00", ADMIN, words)).collect();
        // Events of another account, earlier events, and refused calls.
        events.extend(calls.iter().map(|(name, _)| event(name, "11:00", "somebody", &["999999999999"])));
        events.extend(calls.iter().map(|(name, words)| event(name, "09:00", "earlier", words)));
        let refused =
            |(name, words): &Call| ChangeEvent { error_code: Some("AccessDenied".into()), ..event(name, "12:00", "refused", words) };
        events.extend(calls.iter().map(refused));
        let (found, gaps) = causes(change, &history(events));
        let expected: Vec<_> = calls.iter().map(|(name, _)| some(&format!("{name}-10:00"), ADMIN)).collect();
        assert_eq!((found, gaps), (expected, Vec::new()), "row {index}");
    }
}

#[test]
fn who_came_and_went_is_shown_by_the_services_event_and_the_call_before_it() {
    let gone: fn(&mut Snapped) = |look| drop(look.observed.accounts.pop());
    let departed = |at: &str, method: &str| ChangeEvent {
        method: Some(method.into()),
        ..event("AccountDepartedOrganization", at, "", &[CRM, "o-exampleorgid"])
    };
    let removed = |at: &str| event("RemoveAccountFromOrganization", at, ADMIN, &[CRM]);
    let by = |events: Vec<ChangeEvent>, change: fn(&mut Snapped)| causes(change, &history(events)).0;
    assert_eq!(by(vec![departed("10:00", "LEFT")], gone), [some("AccountDepartedOrganization-10:00", "LEFT")]);
    assert_eq!(by(vec![removed("09:59"), departed("10:00", "REMOVED")], gone), [some("AccountDepartedOrganization-10:00", ADMIN)]);
    // The service event may appear later than the event of the call.
    assert_eq!(by(vec![removed("09:59")], gone), [some("RemoveAccountFromOrganization-09:59", ADMIN)]);
    // The account was removed, came back, and left by its own call.
    let twice = vec![removed("06:00"), departed("06:00", "REMOVED"), departed("10:00", "LEFT")];
    assert_eq!(by(twice, gone), [some("AccountDepartedOrganization-10:00", "LEFT")]);

    let joined: fn(&mut Snapped) = |look| look.observed.accounts.push(account(LAB, "lab"));
    let events = vec![
        event("InviteAccountToOrganization", "05:00", ADMIN, &[LAB]),
        event("AccountJoinedOrganization", "08:00", "", &[LAB]),
        event("InviteAccountToOrganization", "09:00", "later", &[LAB]),
    ];
    assert_eq!(by(events, joined), [some("AccountJoinedOrganization-08:00", ADMIN)]);
    let created: fn(&mut Snapped) =
        |look| look.observed.accounts.push(Account { joined_method: JoinedMethod::Created, ..account(LAB, "lab") });
    let events = vec![
        event("CreateAccount", "05:00", ADMIN, &["car-1"]),
        event("CreateAccount", "05:01", "somebody", &["car-2"]),
        event("CreateAccountResult", "05:02", "", &["car-1", LAB]),
    ];
    assert_eq!(by(events, created), [some("CreateAccountResult-05:02", ADMIN)]);
}

#[test]
fn what_cloudtrail_does_not_have_is_said() {
    let renamed: fn(&mut Snapped) = |look| look.crm().name = "crm-eu".into();
    let (found, gaps) = causes(renamed, &history(Vec::new()));
    assert_eq!((found, gaps.len(), gaps[0].what.as_str()), (vec![None], 1, "1 change"));
    assert!(gaps[0].why.contains("111111111111") && gaps[0].why.contains("15 minutes"), "{gaps:?}");
    // Callers can't set an account's state to SUSPENDED.
    let (_, gaps) = causes(|look| look.crm().state = AccountState::Suspended, &history(Vec::new()));
    assert_eq!(gaps.len(), 1);
    // Reading the event history is denied.
    let why = "AccessDeniedException: no".to_owned();
    let unreadable = Some(ReadFailure { operation: "cloudtrail:LookupEvents".into(), why, role: None, not_built_in: false });
    let (_, gaps) = causes(renamed, &ChangeHistory { unreadable, ..history(Vec::new()) });
    assert_eq!(gaps, [Gap { what: "1 change".into(), why: "cloudtrail:LookupEvents: AccessDeniedException: no".into() }]);
    // The history starts after the first snapshot, has too many events, and is another account's.
    let since: jiff::Timestamp = "2026-11-27T09:00:00Z".parse().unwrap();
    let cut = BTreeMap::from([("PutAccountName".to_owned(), since)]);
    let partial = ChangeHistory { since, cut, account: LAB.parse().ok(), ..history(Vec::new()) };
    let (_, gaps) = causes(renamed, &partial);
    let about: Vec<_> = gaps.iter().map(|gap| gap.what.as_str()).collect();
    let expected = [
        "1 change",
        "calls of the management account",
        "changes before 2026-11-27T09:00:00Z",
        "PutAccountName before 2026-11-27T09:00:00Z",
    ];
    assert_eq!(about, expected);
    assert!(gaps[1].why.contains("111111111111") && gaps[1].why.contains(LAB), "{gaps:?}");
    // If every change has an event, these limits don't matter.
    let events = vec![event("PutAccountName", "10:00", ADMIN, &[CRM])];
    assert_eq!(causes(renamed, &ChangeHistory { events, ..partial }).1, []);
    // Two snapshots are compared without an event history.
    let (before, mut after) = (snapped("2026-11-27T03:00:00Z"), snapped("2026-11-28T03:00:00Z"));
    let same = compare(before.moment(), after.moment()).unwrap();
    assert!(same.event_names().is_empty() && same.unexplained("nobody was asked").not_attributed.is_empty());
    renamed(&mut after);
    let found = compare(before.moment(), after.moment()).unwrap();
    assert_eq!(found.event_names(), BTreeSet::from(["PutAccountName"]));
    assert_eq!(found.unexplained("nobody was asked").not_attributed.len(), 1);
}
