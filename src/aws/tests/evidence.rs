//! Evidence identifies calls that were made, their caller and their time: all of it is compared with the requests that were sent.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use crate::config;
use crate::observe::{organization, probe_members};
use crate::org::Provenance;
use crate::plan::{Plan, PlanInput, PlannedAccount, plan};

use super::*;

/// What was answered: the operation, the caller's account, and the time of the answer.
type Wire = Arc<Mutex<BTreeSet<(String, String, String)>>>;

/// Records every answer of a sandbox, whose clock advances by a second with each, so that no two have the same time.
#[derive(Clone)]
struct Noted {
    pipe: Pipe,
    wire: Wire,
    /// The access keys of sessions, with their accounts.
    sessions: Arc<Mutex<BTreeMap<String, String>>>,
}

impl fmt::Debug for Noted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Noted")
    }
}

impl HttpConnector for Noted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let noted = self.clone();
        HttpConnectorFuture::new(async move {
            assert_eq!(noted.pipe.sandbox.control("POST", "/clock", "{\"advance_seconds\": 1}").0, 200);
            let (operation, body) = (super::answers::asked(&request), text(request.body()));
            let authorization = request.headers().get("authorization").unwrap_or_default().to_owned();
            let key = authorization.split("Credential=").nth(1).and_then(|scope| scope.split('/').next()).unwrap_or_default().to_owned();
            let caller = noted.sessions.lock().unwrap().get(&key).cloned().unwrap_or(key);
            let response = noted.pipe.call(request).await?;
            if operation == "assumerole"
                && let Some(key) = text(response.body()).split("<AccessKeyId>").nth(1).and_then(|rest| rest.split('<').next())
            {
                let account = body.split("iam%3A%3A").nth(1).map(|rest| rest[..12].to_owned()).unwrap();
                noted.sessions.lock().unwrap().insert(key.to_owned(), account);
            }
            let date = jiff::fmt::rfc2822::parse(response.headers().get("date").unwrap()).unwrap().timestamp();
            noted.wire.lock().unwrap().insert((operation, caller, date.to_string()));
            Ok(response)
        })
    }
}

fn text(body: &SdkBody) -> String {
    String::from_utf8_lossy(body.bytes().unwrap_or_default()).into_owned()
}

/// A configuration that detaches the last members of a world.
fn configuration(world: &World) -> String {
    let mut text = "organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n\
                    guardrails {\n  max_detachments = 1000\n  max_detachments_percent = 100\n  unmanaged = \"ignore\"\n}\n"
        .to_owned();
    for index in 0..world.members {
        let (id, detached) = (member(index), index >= world.members - world.departing);
        let rest = if detached {
            format!("  name = \"a{index}\"\n  membership = \"detached\"\n  reason = \"sold\"\n")
        } else {
            "  membership = \"member\"\n".into()
        };
        let _ = writeln!(text, "account \"a{index}\" {{\n  id = \"{id}\"\n{rest}}}");
    }
    // An account that does not exist.
    text + "account \"nobody\" {\n  id = \"999999999999\"\n  name = \"nobody\"\n  membership = \"detached\"\n  reason = \"sold\"\n}\n"
}

/// A plan, and the answers that it got.
fn planned(world: &World, reader: Option<&str>, only_detached: bool) -> (Plan, Wire) {
    let wire = Wire::default();
    let connector =
        Noted { pipe: Pipe { sandbox: world.open(), latency: Duration::ZERO }, wire: Arc::clone(&wire), sessions: Arc::default() };
    let aws = client_of(SharedHttpConnector::new(connector), Pace::new(None));
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.roster.hcl"), configuration(world)).unwrap();
    let mut sources = SourceMap::default();
    let mut roster = config::load(directory.path(), &mut sources).unwrap().0;
    roster.provider.member_read_role =
        reader.map(|name| crate::org::MemberRole { name: name.to_owned(), ..crate::org::MemberRole::default() });
    let declared = declared();
    let mut scope = scope(&declared, world);
    scope.detached.insert("999999999999".parse().unwrap());
    scope.leaving.clone_from(&scope.detached);
    scope.accounts = if only_detached { Accounts::OnlyDetached } else { Accounts::All };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let observed = runtime.block_on(async {
        let mut observed = organization(&aws, &scope).await.unwrap();
        observed.probes = probe_members(&aws, &observed, &roster, &scope.detached, &|_, _, _| Vec::new()).await;
        observed
    });
    let input = PlanInput {
        roster: &roster,
        sources: &sources,
        observed: &observed,
        records: &BTreeMap::new(),
        joinings: &BTreeMap::new(),
        targets: &[],
        now: scope.now,
        sandbox: true,
        snapshot: None,
    };
    (plan(&input).0, wire)
}

/// The evidence that no answer supports, and the number of all evidence.
fn unfounded(plan: &Plan, wire: &Wire) -> (Vec<Provenance>, usize) {
    let wire = wire.lock().unwrap();
    let made = |evidence: &&Provenance| {
        let Provenance { operation, account, at } = evidence;
        let name = operation.split(':').nth(1).unwrap_or_default().to_lowercase();
        wire.contains(&(name, account.to_string(), at.to_string()))
    };
    let gates = plan.accounts.iter().flat_map(PlannedAccount::gates);
    let evidence: Vec<_> = gates.flat_map(|gate| gate.evidence.clone()).collect();
    (evidence.iter().filter(|evidence| !made(evidence)).cloned().collect(), evidence.len())
}

#[test]
fn long_lists_and_short_ones_short_cuts_and_roles_give_evidence_that_went_over_the_wire() {
    let world = |members, departing| World { members, departing, own_units: true, policies: 2, administrators: true, quotas: false };
    // With more than 140 accounts, those that leave are read one by one, in addition to the list.
    for (members, departing, only_detached) in [(6, 3, false), (6, 3, true), (160, 4, false), (60, 40, false)] {
        for reader in [None, Some("OrganizationAccountAccessRole"), Some("Nobody")] {
            let (plan, wire) = planned(&world(members, departing), reader, only_detached);
            let (unfounded, all) = unfounded(&plan, &wire);
            assert!(unfounded.is_empty(), "{members} {departing} {reader:?}: {unfounded:?} of {:?}", wire.lock().unwrap());
            assert!(all > 5 * departing, "{all} for {departing}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::testing::cases(12), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_evidence_is_invented(
        (members, departing) in (1_usize..170).prop_flat_map(|members| (Just(members), 1..=members.min(12))),
        own_units: bool,
        policies in 0_usize..4,
        administrators: bool,
        only_detached: bool,
        probes: bool,
    ) {
        let world = World { members, departing, own_units, policies, administrators, quotas: false };
        let (plan, wire) = planned(&world, probes.then_some("OrganizationAccountAccessRole"), only_detached);
        let (unfounded, _) = unfounded(&plan, &wire);
        prop_assert!(unfounded.is_empty(), "{unfounded:?}");
    }
}
