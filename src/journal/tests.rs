//! Tampering with a ledger in files is detected.

use std::fs;
use std::path::Path;

use crate::gate::testing::{NOW, Story};
use crate::org::{AccountId, Action};
use crate::plan::{Act, Change, Dependencies, Digest, Kept, PlannedAccount, PlannedOrganization};

use super::*;

fn planned(id: &str) -> PlannedAccount {
    let story = Story::new();
    let act = Act { action: Action::Leave, depends_on: Dependencies::default(), kept: Kept::default(), placement: None, gates: vec![] };
    PlannedAccount {
        address: story.desired.address.clone(),
        source: None,
        id: id.parse().unwrap(),
        before: story.seen.accounts.first().cloned(),
        desired: story.desired.membership,
        drift: vec![],
        change: Change::Act(act),
    }
}

fn leaving(id: &str) -> (AccountId, Action) {
    (id.parse().unwrap(), Action::Leave)
}

fn record(id: &str) -> Record {
    let story = Story::new();
    Record {
        version: 1,
        action: Action::Leave,
        organization: PlannedOrganization {
            id: story.declared.id.clone(),
            management_account_id: story.declared.management_account_id,
            members: 3,
        },
        sandbox: false,
        planned: planned(id),
        digest: Digest("sha256:00".into()),
        run: "run-1".into(),
        operator: "ci".into(),
        approved_by: vec![],
        intended_at: NOW,
        effective_at: NOW,
        request_id: None,
        proof: Proof::MemberNotInOrganization,
        journal: JournalEnd::default(),
        previous: String::new(),
    }
}

const ACCOUNTS: [&str; 3] = ["333333333333", "444444444444", "555555555555"];

fn ledger_in(folder: &Path) -> Ledger<LocalStore> {
    Ledger::new(LocalStore::new(folder), "o-exampleorgid".parse().unwrap())
}

/// Writes three departures as an apply does.
async fn three(folder: &Path) -> Ledger<LocalStore> {
    let ledger = ledger_in(folder);
    let holder = LockHolder { id: "run-1".into(), operation: "apply".into(), who: "ci".into(), created: Some(NOW) };
    let run = ledger.begin(&holder).await.unwrap();
    let digest = Digest("sha256:00".into());
    run.began(NOW, &digest, 3, "ci", &[]).await.unwrap();
    for id in ACCOUNTS {
        run.intend(NOW, &planned(id), &digest).await.unwrap();
        let recorded = run.record(record(id)).await.unwrap();
        run.took_effect(NOW, leaving(id), recorded, "departed").await.unwrap();
    }
    run.ended(NOW, 3).await.unwrap();
    run.release().await.unwrap();
    ledger
}

async fn damage(ledger: &Ledger<LocalStore>, head: Option<&str>) -> Vec<String> {
    let chain = ledger.check(head).await.unwrap();
    chain.damage.iter().map(|found| format!("{}: {}", found.object, found.what)).collect()
}

fn record_path(folder: &Path, id: &str) -> std::path::PathBuf {
    folder.join(format!("records/{id}-leave-20261122T090000Z.json"))
}

#[tokio::test]
async fn what_an_apply_writes_is_whole_and_its_head_is_known_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path()).await;
    let chain = ledger.check(None).await.unwrap();
    assert_eq!((chain.records.len(), chain.entries, chain.damage.len()), (3, 8, 0));
    for hash in [chain.head(), &chain.records[0].hash, &chain.journal_hash] {
        assert_eq!(damage(&ledger, Some(&format!("sha256:{hash}"))).await, Vec::<String>::new());
    }
    let unknown = damage(&ledger, Some("sha256:abc")).await;
    assert!(unknown[0].starts_with("head: sha256:abc is not in this chain: the chain was cut off"), "{unknown:?}");
}

#[tokio::test]
async fn a_removed_record_is_named_wherever_it_stood() {
    for id in ACCOUNTS {
        let folder = tempfile::tempdir().unwrap();
        let ledger = three(folder.path()).await;
        fs::remove_file(record_path(folder.path(), id)).unwrap();
        let found = damage(&ledger, None).await;
        assert!(
            found.iter().any(|what| what.starts_with(&format!("records/{id}-leave-20261122T090000Z.json: it is missing"))),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn a_changed_record_is_named() {
    for id in ACCOUNTS {
        let folder = tempfile::tempdir().unwrap();
        let ledger = three(folder.path()).await;
        let path = record_path(folder.path(), id);
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("Divested", "Sold")).unwrap();
        let found = damage(&ledger, None).await;
        assert!(
            found.iter().any(|what| what.starts_with(&format!("records/{id}-leave-20261122T090000Z.json: it was changed"))),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn a_tail_cut_off_everywhere_is_found_by_the_head_that_was_printed() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path()).await;
    let printed = ledger.check(None).await.unwrap().head().to_owned();
    // The last record, its journal lines and its place in the head are all removed: what remains is consistent.
    fs::remove_file(record_path(folder.path(), ACCOUNTS[2])).unwrap();
    let journal = folder.path().join("journal.jsonl");
    let lines: Vec<_> = fs::read_to_string(&journal).unwrap().lines().take(5).map(|line| format!("{line}\n")).collect();
    fs::write(&journal, lines.concat()).unwrap();
    let left = ledger_in(folder.path()).check(None).await.unwrap();
    let second = &left.records[1];
    let head = Head {
        version: 1,
        organization: second.record.organization.id.clone(),
        records: 2,
        hash: second.hash.clone(),
        journal: second.record.journal.clone(),
    };
    fs::write(folder.path().join("head"), serde_json::to_string(&head).unwrap()).unwrap();
    assert_eq!(damage(&ledger, None).await, Vec::<String>::new());
    assert_eq!(damage(&ledger, Some(&printed)).await.len(), 1);
}

#[tokio::test]
async fn a_journal_that_is_cut_off_is_found_by_the_records_and_stops_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path()).await;
    let journal = folder.path().join("journal.jsonl");
    let first = fs::read_to_string(&journal).unwrap().lines().next().unwrap().to_owned();
    fs::write(&journal, first + "\n").unwrap();
    let found = damage(&ledger, None).await;
    assert!(found.iter().any(|what| what.starts_with("journal.jsonl: it is cut off: records/333333333333")), "{found:?}");
}

#[tokio::test]
async fn a_changed_line_and_a_changed_head_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path()).await;
    let journal = folder.path().join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replacen("\"operator\":\"ci\"", "\"operator\":\"me\"", 1)).unwrap();
    assert!(damage(&ledger, None).await[0].starts_with("journal.jsonl line 2: it does not follow entry 1"));
    fs::write(&journal, text).unwrap();
    let head = folder.path().join("head");
    let text = fs::read_to_string(&head).unwrap();
    fs::write(&head, text.replace("\"records\":3", "\"records\":4")).unwrap();
    assert!(damage(&ledger, None).await[0].starts_with("head: it counts 4 records, but the backend contains 3: the last ones are missing"));
    fs::write(&head, text.replace("\"hash\":\"", "\"hash\":\"0")).unwrap();
    assert!(damage(&ledger, None).await[0].starts_with("head: its hash is not that of the last record"));
    fs::write(&head, "x").unwrap();
    assert!(damage(&ledger, None).await[0].starts_with("head: it is not a valid head"));
}

fn event(account: &str, at: &str, method: &str) -> crate::org::TrailEvent {
    crate::org::TrailEvent {
        id: "e-1".into(),
        name: "AccountDepartedOrganization".into(),
        at: at.parse().unwrap(),
        account: account.parse().unwrap(),
        organization: Some("o-exampleorgid".into()),
        method: Some(method.into()),
        request_id: None,
        error_code: None,
        recipient: "111111111111".parse().unwrap(),
    }
}

#[test]
fn cloudtrail_proves_contradicts_or_says_nothing_yet() {
    let record = record(ACCOUNTS[0]);
    let finding = |events: &[crate::org::TrailEvent]| record.match_events(events, None).map(|(finding, _)| finding);
    let at = "2026-11-22T09:01:00Z";
    assert_eq!(finding(&[event(ACCOUNTS[0], at, "left")]), Some(Verification::Proven));
    assert_eq!(finding(&[event(ACCOUNTS[0], at, "REMOVED")]), Some(Verification::Contradicted));
    assert_eq!(finding(&[event(ACCOUNTS[0], at, "REMOVED"), event(ACCOUNTS[0], at, "LEFT")]), Some(Verification::Proven));
    let elsewhere = crate::org::TrailEvent { organization: Some("o-anotherorgid".into()), ..event(ACCOUNTS[0], at, "LEFT") };
    assert_eq!(finding(&[elsewhere]), Some(Verification::Contradicted));
    // Events of another account, or of another departure of this account.
    assert_eq!(finding(&[event(ACCOUNTS[1], at, "LEFT"), event(ACCOUNTS[0], "2026-11-22T08:00:00Z", "LEFT")]), None);
}

#[test]
fn with_the_members_history_its_call_must_be_there() {
    let record = record(ACCOUNTS[0]);
    let departed = [event(ACCOUNTS[0], "2026-11-22T09:00:00Z", "LEFT")];
    let call = crate::org::TrailEvent { name: "LeaveOrganization".into(), method: None, ..departed[0].clone() };
    let refused = crate::org::TrailEvent { error_code: Some("AccessDenied".into()), ..call.clone() };
    assert_eq!(record.match_events(&departed, Some(&[])), None);
    assert_eq!(record.match_events(&departed, Some(&[refused])), None);
    assert_eq!(
        record.match_events(&departed, Some(&[call])).map(|(finding, events)| (finding, events.len())),
        Some((Verification::Proven, 2))
    );
}

/// Writes a second record that follows the last but one, as a run does that takes the lock of a run that is still active.
fn fork(folder: &Path, chain: &Chain) {
    let mut other = chain.records[2].record.clone();
    other.run = "run-2".into();
    let mut bytes = serde_json::to_vec_pretty(&other).unwrap();
    bytes.push(b'\n');
    fs::write(folder.join("records/555555555555-20261122T090000Z-2.json"), bytes).unwrap();
}

fn holder(id: &str) -> LockHolder {
    LockHolder { id: id.into(), operation: "apply".into(), who: "ci".into(), created: Some(NOW) }
}

async fn refusal(ledger: &Ledger<LocalStore>) -> String {
    ledger.begin(&holder("next")).await.map(|_| ()).unwrap_err().to_string()
}

#[tokio::test]
async fn a_forked_chain_stops_every_run_until_it_was_reviewed_and_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path()).await;
    let whole = ledger.check(None).await.unwrap();
    assert!(ledger.repair_needed().await.unwrap().is_none());
    fork(folder.path(), &whole);
    let refused = refusal(&ledger).await;
    assert!(refused.contains("another record follows the same one: two runs wrote at the same time"), "{refused}");
    let repair = ledger.repair_needed().await.unwrap().unwrap();
    assert_eq!((repair.accepted.len(), repair.refused.len(), repair.records.len()), (1, 0, 4), "{repair:?}");
    ledger.repair(&holder("repair"), NOW, &repair).await.unwrap();
    assert_eq!(damage(&ledger, None).await, Vec::<String>::new());
    assert!(ledger.repair_needed().await.unwrap().is_none());
    // A head that was printed before the repair is still in the chain, and the chain continues.
    assert_eq!(damage(&ledger, Some(whole.head())).await, Vec::<String>::new());
    let run = ledger.begin(&holder("run-3")).await.unwrap();
    run.began(NOW, &Digest("sha256:00".into()), 1, "ci", &[]).await.unwrap();
    run.intend(NOW, &planned("666666666666"), &Digest("sha256:00".into())).await.unwrap();
    let recorded = run.record(record("666666666666")).await.unwrap();
    run.took_effect(NOW, leaving("666666666666"), recorded, "departed").await.unwrap();
    run.release().await.unwrap();
    let chain = ledger.check(None).await.unwrap();
    assert_eq!((chain.records.len(), chain.damage), (5, vec![]));
    // An accepted record must stay as it was accepted.
    let path = folder.path().join("records/555555555555-20261122T090000Z-2.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("Divested", "Sold")).unwrap();
    assert!(damage(&ledger, None).await.iter().any(|found| found.contains("it was changed after a repair accepted it")));
    fs::remove_file(&path).unwrap();
    assert!(damage(&ledger, None).await.iter().any(|found| found.contains("it is missing, but a repair accepted it")));
}

#[tokio::test]
async fn a_repair_keeps_the_intents_of_the_lines_that_are_left_and_is_only_the_one_that_was_reviewed() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path()).await;
    let run = ledger.begin(&holder("run-2")).await.unwrap();
    run.intend(NOW, &planned("666666666666"), &Digest("sha256:00".into())).await.unwrap();
    run.release().await.unwrap();
    let journal = folder.path().join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let left: String = text.lines().skip(3).map(|line| format!("{line}\n")).collect();
    fs::write(&journal, &left).unwrap();
    assert!(refusal(&ledger).await.starts_with("journal.jsonl line 1: it is not the first entry"));
    let repair = ledger.repair_needed().await.unwrap().unwrap();
    assert_eq!(repair.open.iter().map(|intent| intent.planned.id.to_string()).collect::<Vec<_>>(), ["666666666666"]);
    // The journal changes between review and repair.
    fs::write(&journal, left.replacen("\"operator\":\"ci\"", "\"operator\":\"me\"", 1) + "x\n").unwrap();
    let changed = ledger.repair(&holder("repair"), NOW, &repair).await.unwrap_err().to_string();
    assert_eq!(changed, "journal.jsonl: it changed since the review");
    fs::write(&journal, &left).unwrap();
    ledger.repair(&holder("repair"), NOW, &repair).await.unwrap();
    assert!(fs::read_to_string(&journal).unwrap().starts_with(&left), "nothing is rewritten");
    let run = ledger.begin(&holder("run-3")).await.unwrap();
    assert_eq!(run.open_intents().len(), 1);
    run.had_no_effect(NOW, leaving("666666666666"), "refused").await.unwrap();
    run.release().await.unwrap();
    assert_eq!(damage(&ledger, None).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_no_record_or_of_another_organization_is_never_accepted() {
    for (text, expected) in [("{}", "it is not a valid record"), ("", "it belongs to organization o-anotherorgid")] {
        let folder = tempfile::tempdir().unwrap();
        let ledger = three(folder.path()).await;
        let path = record_path(folder.path(), ACCOUNTS[2]);
        let own = fs::read_to_string(&path).unwrap();
        fs::write(&path, if text.is_empty() { own.replace("o-exampleorgid", "o-anotherorgid") } else { text.to_owned() }).unwrap();
        let repair = ledger.repair_needed().await.unwrap().unwrap();
        assert!(repair.refused.iter().any(|found| found.what.contains(expected)), "{repair:?}");
        assert!(ledger.repair(&holder("repair"), NOW, &repair).await.is_err());
        if text.is_empty() {
            let refused = ledger.latest_acts().await.unwrap_err();
            assert!(matches!(refused, JournalError::AnotherOrganization { .. }), "{refused}");
        }
    }
}

#[tokio::test]
async fn a_record_or_a_line_that_could_not_be_read_back_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger_in(folder.path());
    let run = ledger.begin(&holder("run-1")).await.unwrap();
    let mut large = record(ACCOUNTS[0]);
    large.operator = "x".repeat(usize::try_from(MAX_OBJECT).unwrap());
    let refused = run.record(large).await.unwrap_err().to_string();
    assert!(refused.contains("can't be written: it would have"), "{refused}");
    let mut wide = planned(ACCOUNTS[0]);
    wide.address.label = "x".repeat(5 << 20);
    assert!(run.intend(NOW, &wide, &Digest("sha256:00".into())).await.is_err());
    run.release().await.unwrap();
    let chain = ledger.check(None).await.unwrap();
    assert_eq!((chain.records.len(), chain.entries, chain.damage), (0, 0, vec![]));
}

/// A value that can't be serialized. It must never become an empty object.
struct Fails;

impl serde::Serialize for Fails {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no"))
    }
}

#[test]
fn what_can_not_be_serialized_is_an_error_and_no_empty_object() {
    let error = super::format::json("head", &Fails).unwrap_err().to_string();
    assert_eq!(error, "head can't be written: no");
}
