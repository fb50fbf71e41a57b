//! The checks that both backends run.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use orgroster::aws::S3Store;
use orgroster::journal::{Brought, JournalError, Ledger, LocalStore, Mirrored, Store, StoreError};
use orgroster::plan::Digest;

use super::{Place, holder, runtime};

/// Passes each check to `take`, in the form for each kind of store.
pub fn each(mut take: impl FnMut(&str, &dyn Fn(&Place<LocalStore>), &dyn Fn(&Place<S3Store>))) {
    macro_rules! checks {
        ($($name:ident),+ $(,)?) => {
            $(take(stringify!($name), &|place| $name(place), &|place| $name(place));)+
        };
    }
    checks!(
        a_lock_has_one_holder_and_shows_it,
        of_many_clients_at_once_one_gets_the_lock,
        force_needs_the_right_id_and_the_forced_out_can_not_release,
        another_process_keeps_the_lock_and_gives_it_back,
        a_killed_process_leaves_what_its_backend_can_not_help,
        an_object_is_written_once,
        a_replacement_needs_what_was_read,
        a_log_keeps_its_order_over_many_pages,
        a_lock_that_was_taken_away_is_noticed_by_its_holder,
        a_lock_without_an_owner_can_be_identified_and_removed,
        what_marks_a_folder_is_no_object,
        a_backend_belongs_to_one_organization_from_its_first_write,
        a_journal_that_does_not_reach_what_the_head_commits_to_stops_every_run,
        a_run_whose_lock_was_taken_away_writes_nothing_more_and_forks_nothing,
        a_chain_that_lost_its_journal_is_repaired_after_review,
        every_write_is_copied_and_a_copy_is_taken_back_in,
    );
}

fn clients<S: Store>(place: &Place<S>) -> (S, S) {
    ((place.open)(&place.words[1]), (place.open)(&place.words[1]))
}

fn a_lock_has_one_holder_and_shows_it<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        assert_eq!(first.holder().await.unwrap(), None);
        let lock = first.lock(&holder("a")).await.unwrap();
        match second.lock(&holder("b")).await {
            Err(StoreError::Locked(Some(by))) => assert_eq!(by, holder("a")),
            _ => panic!("a second lock was not refused with its holder"),
        }
        assert_eq!(second.holder().await.unwrap(), Some(holder("a")));
        // A client without the lock can still read.
        assert_eq!(second.read("head").await.unwrap(), None);
        first.unlock(lock).await.unwrap();
        let lock = second.lock(&holder("b")).await.unwrap();
        assert!(matches!(first.lock(&holder("a")).await, Err(StoreError::Locked(Some(by))) if by.id == "b"));
        second.unlock(lock).await.unwrap();
        assert!(matches!(first.force_unlock("b").await, Err(StoreError::NotThatLock(None))));
    });
}

fn of_many_clients_at_once_one_gets_the_lock<S: Store>(place: &Place<S>) {
    let stores: Vec<_> = (0..8).map(|number| ((place.open)(&place.words[1]), holder(&format!("run-{number}")))).collect();
    runtime().block_on(async {
        let locks = futures_util::future::join_all(stores.iter().map(|(store, holder)| store.lock(holder))).await;
        assert_eq!(locks.iter().filter(|lock| lock.is_ok()).count(), 1);
        assert!(locks.iter().all(|lock| matches!(lock, Ok(_) | Err(StoreError::Locked(_)))));
    });
}

fn force_needs_the_right_id_and_the_forced_out_can_not_release<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        let lock = first.lock(&holder("alive")).await.unwrap();
        assert!(matches!(second.force_unlock("other").await, Err(StoreError::NotThatLock(Some(by))) if by.id == "alive"));
        if place.outlives {
            second.force_unlock("alive").await.unwrap();
            let taken = second.lock(&holder("next")).await.unwrap();
            // After a lock was forced, its old owner can't release the new owner's lock.
            assert!(first.unlock(lock).await.is_err());
            assert_eq!(first.holder().await.unwrap(), Some(holder("next")));
            second.unlock(taken).await.unwrap();
        } else {
            assert!(matches!(second.force_unlock("alive").await, Err(StoreError::Alive(by)) if by.id == "alive"));
            first.unlock(lock).await.unwrap();
        }
        assert_eq!(second.holder().await.unwrap(), None);
    });
}

/// A separate process that holds the lock.
struct Holding(Child);

impl Holding {
    fn start<S>(place: &Place<S>, id: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("hold").args(&place.words).arg(id).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "held\n");
        Self(child)
    }

    /// Makes it release the lock and end.
    fn release(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }

    /// SIGKILL: the process can't run any code afterwards.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn another_process_keeps_the_lock_and_gives_it_back<S: Store>(place: &Place<S>) {
    let (store, _) = clients(place);
    let holding = Holding::start(place, "theirs");
    runtime().block_on(async {
        assert!(matches!(store.lock(&holder("ours")).await, Err(StoreError::Locked(Some(by))) if by == holder("theirs")));
        assert!(matches!(store.force_unlock("ours").await, Err(StoreError::NotThatLock(Some(by))) if by.id == "theirs"));
    });
    holding.release();
    runtime().block_on(async {
        let lock = store.lock(&holder("ours")).await.unwrap();
        store.unlock(lock).await.unwrap();
    });
}

fn a_killed_process_leaves_what_its_backend_can_not_help<S: Store>(place: &Place<S>) {
    let (store, _) = clients(place);
    Holding::start(place, "dead").kill();
    runtime().block_on(async {
        assert_eq!(store.holder().await.unwrap(), Some(holder("dead")), "who held it is shown");
        if place.outlives {
            assert!(matches!(store.lock(&holder("next")).await, Err(StoreError::Locked(Some(by))) if by.id == "dead"));
            assert!(matches!(store.force_unlock("next").await, Err(StoreError::NotThatLock(Some(by))) if by.id == "dead"));
            store.force_unlock("dead").await.unwrap();
        }
        // The operating system released a local lock with its process.
        let lock = store.lock(&holder("next")).await.unwrap();
        store.unlock(lock).await.unwrap();
    });
}

fn an_object_is_written_once<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        first.create("records/333333333333-a.json", b"1").await.unwrap();
        assert!(matches!(second.create("records/333333333333-a.json", b"2").await, Err(StoreError::Exists(_))));
        second.create("records/444444444444-a.json", b"2").await.unwrap();
        assert_eq!(first.list("records/").await.unwrap(), ["records/333333333333-a.json", "records/444444444444-a.json"]);
        assert_eq!(first.list("records/444444444444-").await.unwrap(), ["records/444444444444-a.json"]);
        assert_eq!(second.list("nothing/").await.unwrap(), Vec::<String>::new());
        assert_eq!(second.read("records/333333333333-a.json").await.unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(second.read("records/nothing").await.unwrap(), None);
    });
}

fn a_replacement_needs_what_was_read<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        first.replace("head", None, b"1").await.unwrap();
        assert!(matches!(second.replace("head", None, b"2").await, Err(StoreError::Conflict(_))));
        second.replace("head", Some(b"1"), b"2").await.unwrap();
        assert!(matches!(first.replace("head", Some(b"1"), b"3").await, Err(StoreError::Conflict(_))));
        assert_eq!(first.read("head").await.unwrap().as_deref(), Some(&b"2"[..]));
    });
}

/// The number of log lines whose objects fill more than one page of S3's list. A file has no pages, and makes each line durable separately.
const fn count(outlives: bool) -> u64 {
    if outlives { 1100 } else { 40 }
}

fn a_log_keeps_its_order_over_many_pages<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        assert_eq!(first.lines("journal.jsonl").await.unwrap(), []);
        let lines: Vec<_> = (1..=count(place.outlives)).map(|sequence| (sequence, format!("line {sequence}"))).collect();
        if place.outlives {
            for chunk in lines.chunks(50) {
                let written = chunk.iter().map(|(sequence, line)| first.append("journal.jsonl", *sequence, line));
                assert!(futures_util::future::join_all(written).await.iter().all(Result::is_ok));
            }
            // Two writers can't both write the same entry.
            assert!(matches!(second.append("journal.jsonl", count(true), "another").await, Err(StoreError::Conflict(_))));
        } else {
            for (sequence, line) in &lines {
                let writer = if sequence % 2 == 0 { &first } else { &second };
                writer.append("journal.jsonl", *sequence, line).await.unwrap();
            }
        }
        let read: Vec<_> = second.lines("journal.jsonl").await.unwrap().into_iter().map(|line| line.text).collect();
        assert_eq!(read, lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>());
    });
}

/// Takes a lock away whose holder is alive: with the command if it can't detect that, otherwise by hand.
async fn take_away<S: Store>(place: &Place<S>, store: &S, id: &str) {
    if place.outlives {
        store.force_unlock(id).await.unwrap();
    } else {
        std::fs::remove_file(std::path::Path::new(&place.words[1]).join("lock")).unwrap();
    }
}

fn a_lock_that_was_taken_away_is_noticed_by_its_holder<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        let lock = first.lock(&holder("first")).await.unwrap();
        first.holds(&lock).await.unwrap();
        take_away(place, &second, "first").await;
        assert!(matches!(first.holds(&lock).await, Err(StoreError::LockLost(None))));
        let taken = second.lock(&holder("second")).await.unwrap();
        assert!(matches!(first.holds(&lock).await, Err(StoreError::LockLost(Some(by))) if by == holder("second")));
        assert!(matches!(first.unlock(lock).await, Err(StoreError::LockLost(Some(by))) if by == holder("second")));
        second.holds(&taken).await.unwrap();
        second.unlock(taken).await.unwrap();
    });
}

fn a_lock_without_an_owner_can_be_identified_and_removed<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        for bytes in [&b"{}"[..], b"x", b"\xff\xfe"] {
            first.create("lock", bytes).await.unwrap();
            let id = second.holder().await.unwrap().unwrap().id;
            if place.outlives {
                let Err(StoreError::Locked(Some(by))) = second.lock(&holder("next")).await else { panic!("it does not lock") };
                assert_eq!((by.id.clone(), by.to_string()), (id.clone(), format!("lock {id}, which does not identify its holder")));
            }
            assert!(matches!(second.force_unlock("other").await, Err(StoreError::NotThatLock(Some(by))) if by.id == id));
            second.force_unlock(&id).await.unwrap();
            let lock = second.lock(&holder("next")).await.unwrap();
            second.unlock(lock).await.unwrap();
            if !place.outlives {
                std::fs::remove_file(std::path::Path::new(&place.words[1]).join("lock")).unwrap();
            }
        }
    });
}

fn what_marks_a_folder_is_no_object<S: Store>(place: &Place<S>) {
    // A folder of files needs no mark.
    if !place.outlives {
        return;
    }
    let (first, second) = clients(place);
    runtime().block_on(async {
        first.create("records/", b"").await.unwrap();
        first.create("journal/", b"").await.unwrap();
        first.create("records/333333333333-a.json", b"1").await.unwrap();
        first.append("journal.jsonl", 1, "one").await.unwrap();
        assert_eq!(second.list("records/").await.unwrap(), ["records/333333333333-a.json"]);
        assert_eq!(second.lines("journal.jsonl").await.unwrap().len(), 1);
    });
}

/// Writes what a run writes before its first departure.
async fn begin_and_end<S: Store>(ledger: &Ledger<S>, id: &str) {
    let run = ledger.begin(&holder(id)).await.unwrap();
    run.began("2026-11-22T09:00:00Z".parse().unwrap(), &Digest("sha256:00".into()), 1, "ci", &[]).await.unwrap();
    run.release().await.unwrap();
}

fn ledger<S: Store>(store: S, organization: &str) -> Ledger<S> {
    Ledger::new(store, organization.parse().unwrap())
}

fn a_backend_belongs_to_one_organization_from_its_first_write<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        let (ours, theirs) = (ledger(first, "o-exampleorgid"), ledger(second, "o-secondorgid1"));
        // A client that only reads claims nothing.
        theirs.check(None).await.unwrap();
        begin_and_end(&ours, "ours").await;
        let refused = [
            theirs.begin(&holder("theirs")).await.map(|_| ()),
            theirs.latest_acts().await.map(|_| ()),
            theirs.check(None).await.map(|_| ()),
        ];
        for refused in refused {
            let Err(JournalError::AnotherOrganization { found, declared, .. }) = refused else { panic!("{refused:?}") };
            assert_eq!((found.as_str(), declared.as_str()), ("o-exampleorgid", "o-secondorgid1"));
        }
        // The refused run left no lock.
        begin_and_end(&ours, "again").await;
        assert_eq!(ours.check(None).await.unwrap().damage, []);
    });
}

fn a_journal_that_does_not_reach_what_the_head_commits_to_stops_every_run<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        let lost = (place.open)(&format!("{}lost/", place.words[1]));
        begin_and_end(&ledger(first, "o-exampleorgid"), "first").await;
        // Only the head remains, as after the loss of a journal.
        let head = second.read("head").await.unwrap().unwrap();
        lost.replace("head", None, &head).await.unwrap();
        let lost = ledger(lost, "o-exampleorgid");
        let refused = lost.begin(&holder("next")).await.map(|_| ()).unwrap_err().to_string();
        assert_eq!(refused, "journal.jsonl: it is cut off: head was written after entry 1, but the last entry is 0");
        assert_eq!(lost.store().lines("journal.jsonl").await.unwrap(), []);
        assert_eq!(lost.store().holder().await.unwrap(), None);
    });
}

fn a_run_whose_lock_was_taken_away_writes_nothing_more_and_forks_nothing<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        let (one, two) = (ledger(first, "o-exampleorgid"), ledger(second, "o-exampleorgid"));
        let run = one.begin(&holder("first")).await.unwrap();
        let (at, digest) = ("2026-11-22T09:00:00Z".parse().unwrap(), Digest("sha256:00".into()));
        run.began(at, &digest, 1, "ci", &[]).await.unwrap();
        take_away(place, two.store(), "first").await;
        begin_and_end(&two, "second").await;
        let lost = run.ended(at, 0).await.unwrap_err().to_string();
        assert!(lost.starts_with("this run no longer holds its lock"), "{lost}");
        // Nor after the lock was released, because another run has used the backend in the meantime.
        assert!(run.ended(at, 0).await.is_err());
        let chain = one.check(None).await.unwrap();
        assert_eq!((chain.entries, chain.damage), (2, vec![]));
    });
}

fn a_chain_that_lost_its_journal_is_repaired_after_review<S: Store>(place: &Place<S>) {
    let (first, second) = clients(place);
    runtime().block_on(async {
        let at = "2026-11-22T09:00:00Z".parse().unwrap();
        let lost = (place.open)(&format!("{}lost/", place.words[1]));
        begin_and_end(&ledger(first, "o-exampleorgid"), "first").await;
        let head = second.read("head").await.unwrap().unwrap();
        lost.replace("head", None, &head).await.unwrap();
        let lost = ledger(lost, "o-exampleorgid");
        let repair = lost.repair_needed().await.unwrap().unwrap();
        lost.repair(&holder("repair"), at, &repair).await.unwrap();
        assert!(lost.repair_needed().await.unwrap().is_none());
        begin_and_end(&lost, "next").await;
        let chain = lost.check(None).await.unwrap();
        // The repair, and the start of the next run.
        assert_eq!((chain.entries, chain.damage), (2, vec![]));
        // The same repair is refused now, because the journal has changed.
        assert!(lost.repair(&holder("repair"), at, &repair).await.is_err());
    });
}

fn every_write_is_copied_and_a_copy_is_taken_back_in<S: Store>(place: &Place<S>) {
    let folder = tempfile::tempdir().unwrap();
    let copy = || LocalStore::new(folder.path().join("copy"));
    let (first, other) = ((place.open)(&place.words[1]), (place.open)(&format!("{}other/", place.words[1])));
    runtime().block_on(async {
        let at = "2026-11-22T09:00:00Z".parse().unwrap();
        let (first, other) = (ledger(Mirrored::new(first), "o-exampleorgid"), ledger(Mirrored::new(other), "o-exampleorgid"));
        begin_and_end(&first, "before").await;
        let run = first.begin(&holder("copied")).await.unwrap();
        assert_eq!(first.copy_to(copy()).await.unwrap(), Brought { entries: 1, records: 0 });
        for entries in 2..5 {
            run.began(at, &Digest("sha256:00".into()), 1, "ci", &[]).await.unwrap();
            // Each entry is copied at once, not at the end of the run.
            let chain = ledger(copy(), "o-exampleorgid").check(None).await.unwrap();
            assert_eq!((chain.entries, chain.damage), (entries, vec![]));
        }
        run.release().await.unwrap();
        assert_eq!(other.restore(&holder("restore"), copy()).await.unwrap(), Brought { entries: 4, records: 0 });
        assert_eq!(other.restore(&holder("restore"), copy()).await.unwrap(), Brought::default());
        let texts = |lines: Vec<orgroster::journal::LogLine>| lines.into_iter().map(|line| line.text).collect::<Vec<_>>();
        assert_eq!(texts(other.store().lines("journal.jsonl").await.unwrap()), texts(first.store().lines("journal.jsonl").await.unwrap()));
        // The run continues from there. The outdated copy is neither overwritten by another backend nor restored into one that has continued.
        begin_and_end(&other, "next").await;
        assert_eq!(other.check(None).await.unwrap().damage, []);
        assert!(matches!(other.restore(&holder("restore"), copy()).await, Err(JournalError::Ahead { .. })));
        let empty = ledger(Mirrored::new((place.open)(&format!("{}empty/", place.words[1]))), "o-exampleorgid");
        assert!(matches!(empty.copy_to(copy()).await, Err(JournalError::Ahead { .. })));
        let theirs = ledger(Mirrored::new((place.open)(&format!("{}empty/", place.words[1]))), "o-secondorgid1");
        assert!(matches!(theirs.restore(&holder("restore"), copy()).await, Err(JournalError::AnotherOrganization { .. })));
    });
}
