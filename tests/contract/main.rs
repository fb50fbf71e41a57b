//! What every backend must do, as one suite: the local one and S3, each with two clients and with a process of its own that holds the lock
//! and is killed.
//!
//! `cargo test --test contract [WORD]` runs the checks whose names contain the word. S3 is a bucket on loopback (`bucket.rs`), and with
//! `ORGROSTER_S3_ENDPOINT` also the server there, which has a bucket `records`: `tests/interop/s3/run` names moto's.
//!
//! The binary has no test harness, because it is its own helper: with `hold BACKEND PLACE ID` it takes the lock, says so, and keeps it until
//! its input ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

mod bucket;
mod checks;
mod lost;

use std::path::Path;

use bucket::Bucket;
use futures_util::FutureExt;
use orgroster::aws::{Connection, S3Store, connect};
use orgroster::journal::{LocalStore, LockHolder, Store};

/// A store in this process, and how another process finds it.
pub struct Place<S> {
    /// Opens a client.
    pub open: fn(&str) -> S,
    /// What `hold` takes: the backend and where it is.
    pub words: [String; 2],
    /// Whether a lock outlives its process.
    pub outlives: bool,
}

/// Who takes a lock in the checks.
pub fn holder(id: &str) -> LockHolder {
    LockHolder { id: id.into(), operation: "apply".into(), who: "ci".into(), created: "2026-11-22T09:00:00Z".parse().unwrap() }
}

/// A prefix of the bucket of an S3 server: `ENDPOINT PREFIX`.
pub fn s3(place: &str) -> S3Store {
    let (endpoint, prefix) = place.split_once(' ').unwrap();
    s3_in(endpoint, bucket::BUCKET, prefix)
}

/// A prefix of any bucket. Connecting makes no request, so that it needs no runtime.
pub fn s3_in(endpoint: &str, bucket: &str, prefix: &str) -> S3Store {
    let connection = Connection::Sandbox { endpoint, account: Some("111111111111".parse().unwrap()), region: "us-east-1".to_owned() };
    let connected = connect(connection, jiff::Timestamp::now).now_or_never();
    connected.unwrap().unwrap().s3_store(bucket, prefix, None, true)
}

fn local(place: &str) -> LocalStore {
    LocalStore::new(Path::new(place))
}

/// A runtime of the checks.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn main() {
    let words: Vec<_> = std::env::args().skip(1).collect();
    if let [hold, backend, place, id] = words.as_slice()
        && hold == "hold"
    {
        return match backend.as_str() {
            "local" => keep(&local(place), id),
            _ => keep(&s3(place), id),
        };
    }
    let wanted = words.iter().find(|word| !word.starts_with('-')).map_or("", String::as_str);
    let ran = run_all(wanted);
    println!("contract: {ran} checks passed");
}

/// Takes the lock, says so, and keeps it until the input ends.
fn keep<S: Store>(store: &S, id: &str) {
    let lock = runtime().block_on(store.lock(&holder(id))).unwrap_or_else(|error| panic!("{error}"));
    println!("held");
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    runtime().block_on(store.unlock(lock)).unwrap();
}

fn run_all(wanted: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let mut ran = 0;
    let mut check = |name: &str, checked: &dyn Fn()| {
        if name.contains(wanted) {
            checked();
            println!("contract {name} ... ok");
            ran += 1;
        }
    };
    let mut number = 0;
    checks::each(|name, local_check, s3_check| {
        number += 1;
        let path = folder.path().join(format!("{number}/deep")).display().to_string();
        check(&format!("local::{name}"), &|| local_check(&Place { open: local, words: ["local".into(), path.clone()], outlives: false }));
        for (server, endpoint) in servers() {
            let place = format!("{endpoint} check-{number}/");
            check(&format!("{server}::{name}"), &|| s3_check(&Place { open: s3, words: ["s3".into(), place.clone()], outlives: true }));
        }
    });
    for (server, endpoint) in servers() {
        check(&format!("{server}::a_write_whose_answer_was_lost_is_recognised_by_its_own_bytes"), &|| lost::check(&endpoint));
    }
    check("bucket::a_wrong_bucket_region_or_permission_is_named_with_its_remedy", &lost::remedies);
    ran
}

/// The bucket on loopback, and the server that the environment names.
fn servers() -> Vec<(&'static str, String)> {
    let mut servers = vec![("bucket", Bucket::serve().endpoint)];
    servers.extend(std::env::var("ORGROSTER_S3_ENDPOINT").ok().map(|endpoint| ("server", endpoint)));
    servers
}
