//! Properties of plans for every roster and every organization.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::config;
use crate::diag::SourceMap;
use crate::org::testing::{self, MANAGEMENT, NOW};
use crate::org::{Account, AccountId, AccountState, Action, JoinedMethod, ObservedOrganization};
use crate::plan::{Digest, Kept, PastAct, Plan, PlanFile, PlanInput, PlannedAccount, plan, reconcile};

use super::keep;

/// One account id with its declaration in a roster and its state in the organization.
#[derive(Debug, Clone)]
struct Case {
    id: String,
    declared: Option<Declared>,
    live: Option<Live>,
    on_record: bool,
    delegated: bool,
    protected: bool,
}

#[derive(Debug, Clone)]
struct Declared {
    detached: bool,
    right_name: bool,
    not_before: Option<&'static str>,
    attested_until: Option<&'static str>,
    departed: bool,
}

#[derive(Debug, Clone)]
struct Live {
    state: &'static str,
    invited: bool,
    joined: Option<&'static str>,
}

fn declared() -> impl Strategy<Value = Declared> {
    let not_before = select(vec![None, Some("2026-11-01T00:00:00Z"), Some("2027-01-01T00:00:00Z")]);
    let attested = select(vec![None, Some("2026-11-21"), Some("2026-12-31"), Some("2026-12-31")]);
    (prop::bool::weighted(0.7), prop::bool::weighted(0.8), not_before, attested, prop::bool::weighted(0.2)).prop_map(
        |(detached, right_name, not_before, attested_until, departed)| Declared {
            detached,
            right_name,
            not_before,
            attested_until,
            departed,
        },
    )
}

fn live() -> impl Strategy<Value = Live> {
    let states = select(vec!["ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED", "SOMETHING_NEW"]);
    let joined = select(vec![None, Some("2020-01-01T00:00:00Z"), Some("2020-01-01T00:00:00Z"), Some("2026-11-21T00:00:00Z")]);
    (states, any::<bool>(), joined).prop_map(|(state, invited, joined)| Live { state, invited, joined })
}

fn cases() -> impl Strategy<Value = Vec<Case>> {
    let flag = || prop::bool::weighted(0.1);
    let case = (prop::option::weighted(0.8, declared()), prop::option::weighted(0.8, live()), flag(), flag(), flag());
    prop::collection::vec(case, 0..14).prop_map(|cases| {
        let numbered = cases.into_iter().enumerate();
        numbered
            .map(|(index, (declared, live, on_record, delegated, protected))| Case {
                id: format!("2{index:011}"),
                declared,
                live,
                on_record,
                delegated,
                protected,
            })
            .collect()
    })
}

fn block(case: &Case) -> Option<String> {
    let declared = case.declared.as_ref()?;
    let id = &case.id;
    if !declared.detached {
        return Some(format!("account \"a{id}\" {{\n  id = \"{id}\"\n  membership = \"member\"\n}}\n"));
    }
    let name = if declared.right_name { format!("name-{id}") } else { "another".to_owned() };
    let not_before = declared.not_before.map(|at| format!("  not_before = \"{at}\"\n")).unwrap_or_default();
    let departed = if declared.departed { "  departed = \"2026-01-01\"\n" } else { "" };
    let kinds = "\"payment_method\", \"phone_verification\", \"customer_agreement\", \"support_plan\", \"root_access\"";
    let attestation =
        |until| format!("  attestation {{\n    of = [{kinds}]\n    by = \"x\"\n    on = \"2026-11-01\"\n    expires = \"{until}\"\n  }}\n");
    let attestation = declared.attested_until.map(attestation).unwrap_or_default();
    Some(format!(
        "account \"a{id}\" {{\n  id = \"{id}\"\n  name = \"{name}\"\n  membership = \"detached\"\n  reason = \"x\"\n{not_before}{departed}{attestation}}}\n"
    ))
}

fn head(cases: &[Case]) -> String {
    let protected: Vec<_> = cases.iter().filter(|case| case.protected).map(|case| format!("\"{}\"", case.id)).collect();
    format!(
        "organization {{\n  id = \"o-exampleorgid\"\n  management_account_id = \"{MANAGEMENT}\"\n}}\n\
         guardrails {{\n  max_detachments = 100\n  max_detachments_percent = 100\n  protected_accounts = [{}]\n}}\n",
        protected.join(", ")
    )
}

fn account(id: &str, live: &Live) -> Account {
    Account {
        state: AccountState::from(live.state.to_owned()),
        joined_method: if live.invited { JoinedMethod::Invited } else { JoinedMethod::Created },
        joined_at: live.joined.map(|at| at.parse().unwrap()),
        ..testing::account(id, &format!("name-{id}"), &[])
    }
}

fn observed(cases: &[Case]) -> ObservedOrganization {
    let mut accounts: Vec<_> = cases.iter().filter_map(|case| Some(account(&case.id, case.live.as_ref()?))).collect();
    accounts.push(testing::account(MANAGEMENT, "management", &[]));
    let delegated = cases.iter().filter(|case| case.delegated && case.live.is_some());
    let mut observed = ObservedOrganization {
        delegated_administrators: delegated.map(|case| (case.id.parse().unwrap(), vec!["config.amazonaws.com".into()])).collect(),
        ..testing::organization(accounts)
    };
    // Without service control policies, only the declaration and the account itself decide.
    observed.root.policy_types.clear();
    observed
}

/// Plans with the blocks in the given order, spread over files.
fn plan_files(files: &[String], cases: &[Case], observed: &ObservedOrganization) -> Plan {
    let directory = tempfile::tempdir().unwrap();
    for (index, text) in files.iter().enumerate() {
        fs::write(directory.path().join(format!("{index:03}.roster.hcl")), text).unwrap();
    }
    let mut sources = SourceMap::default();
    let (roster, _) = config::load(directory.path(), &mut sources).unwrap();
    let on_record = |case: &&Case| case.on_record;
    let record = |case: &Case| {
        (
            case.id.parse().unwrap(),
            PastAct {
                action: Action::Leave,
                effective_at: NOW,
                record: "records/r.json".into(),
                digest: Digest(String::new()),
                part: Digest(String::new()),
                kept: Kept::default(),
                path: None,
            },
        )
    };
    let records: BTreeMap<AccountId, _> = cases.iter().filter(on_record).map(record).collect();
    let input = PlanInput {
        roster: &roster,
        sources: &sources,
        observed,
        records: &records,
        joinings: &BTreeMap::new(),
        targets: &[],
        now: NOW,
        sandbox: false,
        snapshot: None,
    };
    let plan = plan(&input).0;
    keep(&plan);
    plan
}

fn plan_of(cases: &[Case], observed: &ObservedOrganization) -> Plan {
    let blocks: String = cases.iter().filter_map(block).collect();
    plan_files(&[head(cases), blocks], cases, observed)
}

/// The plan's JSON without places in files, which depend on the order of blocks.
fn without_places(plan: &Plan) -> String {
    let mut plan = plan.clone();
    plan.accounts.iter_mut().for_each(|planned| planned.source = None);
    PlanFile::of(&plan).to_json().unwrap()
}

proptest! {
    #[test]
    fn only_a_declared_eligible_account_departs(cases in cases()) {
        let plan = plan_of(&cases, &observed(&cases));
        for departure in plan.eligible() {
            let case = cases.iter().find(|case| case.id == departure.id.to_string()).expect("an id of the roster");
            let declared = case.declared.as_ref().expect("a block");
            let live = case.live.as_ref().expect("a live account");
            prop_assert!(declared.detached && declared.right_name && !case.protected && !case.delegated);
            prop_assert_eq!(live.state, "ACTIVE");
            prop_assert!(declared.not_before != Some("2027-01-01T00:00:00Z"));
            prop_assert!(live.invited || (declared.attested_until == Some("2026-12-31") && live.joined == Some("2020-01-01T00:00:00Z")));
        }
    }

    #[test]
    fn every_account_ends_in_exactly_one_place_with_a_reason(cases in cases()) {
        let plan = plan_of(&cases, &observed(&cases));
        let mut seen = BTreeSet::new();
        let all = plan.accounts.iter().map(|planned| planned.id).chain(plan.unmanaged.iter().map(|account| account.id));
        for id in all {
            prop_assert!(seen.insert(id), "{} is in two places", id);
        }
        let expected = cases.iter().filter(|case| case.declared.is_some() || case.live.is_some());
        let expected: BTreeSet<AccountId> = expected.map(|case| case.id.parse().unwrap()).collect();
        prop_assert_eq!(seen, expected);
        for blocked in plan.blocked() {
            let blocker = blocked.blockers().next().expect("a blocked account has a blocking gate");
            prop_assert!(!blocker.explanation().is_empty() && blocker.remedy().is_some_and(|remedy| !remedy.steps().is_empty()));
        }
    }

    #[test]
    fn the_order_of_files_blocks_and_pages_changes_nothing(cases in cases(), seeds in prop::collection::vec(any::<Index>(), 14), one_file in any::<bool>()) {
        let plan = plan_of(&cases, &observed(&cases));
        let mut shuffled = cases.clone();
        for (position, seed) in seeds.iter().enumerate().take(shuffled.len()) {
            let other = seed.index(shuffled.len());
            shuffled.swap(position, other);
        }
        let blocks = shuffled.iter().filter_map(block);
        let files: Vec<_> = if one_file { vec![blocks.chain([head(&cases)]).collect()] } else { blocks.chain([head(&cases)]).collect() };
        let again = plan_files(&files, &shuffled, &observed(&shuffled));
        prop_assert_eq!(without_places(&plan), without_places(&again));
        prop_assert_eq!(plan.digest, again.digest);
    }

    #[test]
    fn after_its_departures_are_out_and_on_record_a_plan_has_none_left(cases in cases()) {
        let before = plan_of(&cases, &observed(&cases));
        let out: BTreeSet<_> = before.eligible().iter().map(|planned| planned.id.to_string()).collect();
        let mut after = cases;
        for case in after.iter_mut().filter(|case| out.contains(&case.id)) {
            case.live = None;
            case.on_record = true;
        }
        let plan = plan_of(&after, &observed(&after));
        prop_assert!(plan.eligible().is_empty());
        prop_assert_eq!(plan.blocked().len(), before.blocked().len());
    }

    #[test]
    fn a_saved_plan_agrees_with_itself_and_never_approves_what_it_does_not_name(cases in cases(), later in cases()) {
        let saved = plan_of(&cases, &observed(&cases));
        let read = PlanFile::parse(PlanFile::of(&saved).to_json().unwrap().as_bytes()).unwrap().orgroster;
        prop_assert_eq!(&read, &saved);
        let approved = reconcile(&read, &saved, &BTreeMap::new()).unwrap().approved;
        prop_assert_eq!(approved.iter().collect::<Vec<_>>(), saved.eligible());
        let fresh = plan_of(&later, &observed(&later));
        if let Ok(reconciled) = reconcile(&saved, &fresh, &BTreeMap::new()) {
            for approved in &reconciled.approved {
                let same = |planned: &&PlannedAccount| planned.id == approved.id && planned.desired == approved.desired;
                let before = saved.eligible().into_iter().find(same);
                prop_assert!(before.is_some_and(|before| before.act().unwrap().depends_on == approved.act().unwrap().depends_on));
                prop_assert!(fresh.eligible().into_iter().find(same).is_some_and(|now| now.gates() == approved.gates()));
            }
        }
    }
}
