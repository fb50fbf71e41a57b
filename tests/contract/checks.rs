//! The checks that both backends run.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use orgroster::aws::S3Store;
use orgroster::journal::{LocalStore, Store, StoreError};

use super::{Place, holder, runtime};

/// Hands over every check, once for each kind of store.
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
        // Whoever is locked out can still read.
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
            // What is another's now is not released by the one that was forced out.
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

/// A process of its own that holds the lock.
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

    /// Lets it release the lock and end.
    fn release(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }

    /// SIGKILL: nothing of the process runs any more.
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

/// Lines of a log whose objects fill more than one page of S3's list. A file has no pages, and makes each line durable by itself.
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
            // Two writers can't both write one entry.
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
