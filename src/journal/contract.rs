//! What every store must do, as one suite that each backend runs with two clients.

use super::{LockHolder, Store, StoreError};

fn holder(id: &str) -> LockHolder {
    LockHolder { id: id.into(), operation: "apply".into(), who: "ci".into(), created: "2026-11-22T09:00:00Z".parse().unwrap() }
}

/// Runs the suite. Both clients look at one empty store. `outlives` is whether a lock outlives its process, so that force can remove it
/// while it is held.
pub async fn check<S: Store>(first: &S, second: &S, outlives: bool) {
    locks(first, second).await;
    if outlives {
        force(first, second).await;
    }
    objects(first, second).await;
    replacing(first, second).await;
    logs(first, second).await;
}

async fn locks<S: Store>(first: &S, second: &S) {
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
}

async fn force<S: Store>(first: &S, second: &S) {
    let stale = first.lock(&holder("dead")).await.unwrap();
    assert!(matches!(second.force_unlock("other").await, Err(StoreError::NotThatLock(Some(by))) if by.id == "dead"));
    second.force_unlock("dead").await.unwrap();
    let lock = second.lock(&holder("alive")).await.unwrap();
    // The one that was forced out must not release what is another's now.
    assert!(first.unlock(stale).await.is_err());
    assert_eq!(first.holder().await.unwrap(), Some(holder("alive")));
    second.unlock(lock).await.unwrap();
}

async fn objects<S: Store>(first: &S, second: &S) {
    first.create("records/333333333333-a.json", b"1").await.unwrap();
    assert!(matches!(second.create("records/333333333333-a.json", b"2").await, Err(StoreError::Exists(_))));
    second.create("records/444444444444-a.json", b"2").await.unwrap();
    assert_eq!(first.list("records/").await.unwrap(), ["records/333333333333-a.json", "records/444444444444-a.json"]);
    assert_eq!(first.list("records/444444444444-").await.unwrap(), ["records/444444444444-a.json"]);
    assert_eq!(second.list("nothing/").await.unwrap(), Vec::<String>::new());
    assert_eq!(second.read("records/333333333333-a.json").await.unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(second.read("records/nothing").await.unwrap(), None);
}

async fn replacing<S: Store>(first: &S, second: &S) {
    first.replace("head", None, b"1").await.unwrap();
    assert!(matches!(second.replace("head", None, b"2").await, Err(StoreError::Conflict(_))));
    second.replace("head", Some(b"1"), b"2").await.unwrap();
    assert!(matches!(first.replace("head", Some(b"1"), b"3").await, Err(StoreError::Conflict(_))));
    assert_eq!(first.read("head").await.unwrap().as_deref(), Some(&b"2"[..]));
}

async fn logs<S: Store>(first: &S, second: &S) {
    assert_eq!(first.lines("journal.jsonl").await.unwrap(), []);
    for (index, text) in ["one", "two", "three"].into_iter().enumerate() {
        let writer = if index % 2 == 0 { first } else { second };
        writer.append("journal.jsonl", index as u64 + 1, text).await.unwrap();
    }
    let texts: Vec<_> = second.lines("journal.jsonl").await.unwrap().into_iter().map(|line| line.text).collect();
    assert_eq!(texts, ["one", "two", "three"]);
}

#[tokio::test]
async fn the_local_store_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let store = || super::LocalStore::new(folder.path().join("deep"));
    check(&store(), &store(), false).await;
}
