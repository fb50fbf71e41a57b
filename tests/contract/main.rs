//! The requirements of every backend, as one suite: for the local one and S3, each with two clients and with a separate process that holds
//! the lock and is killed.
//!
//! `cargo test --features full --test contract [WORD]` runs the checks whose names contain the word. S3 is a bucket on loopback
//! (`bucket.rs`) and, with `ORGROSTER_S3_ENDPOINT`, also the server there, which has a bucket `records`: `tests/interop/s3/run` sets it to
//! moto's.
//!
//! The binary has no test harness, because it is its own helper: with `hold BACKEND PLACE ID` it takes the lock, reports that, and keeps
//! the lock until its input ends. It supports the arguments that `cargo nextest` passes to a binary without a harness: `--list --format
//! terse`, and one name with `--exact`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

mod bucket;
mod checks;
mod lost;

use std::path::Path;

use bucket::Bucket;
use futures_util::FutureExt;
use orgroster::aws::{Connection, S3Store, connect};
use orgroster::journal::{LocalStore, LockHolder, Store};

/// A store in this process, and how another process can open it.
pub struct Place<S> {
    /// Opens a client.
    pub open: fn(&str) -> S,
    /// The arguments of `hold`: the backend and its place.
    pub words: [String; 2],
    /// Whether a lock survives its process.
    pub outlives: bool,
}

/// The lock holder in the checks.
pub fn holder(id: &str) -> LockHolder {
    LockHolder { id: id.into(), operation: "apply".into(), who: "ci".into(), created: "2026-11-22T09:00:00Z".parse().ok() }
}

/// A prefix in the bucket of an S3 server: `ENDPOINT PREFIX`.
pub fn s3(place: &str) -> S3Store {
    let (endpoint, prefix) = place.split_once(' ').unwrap();
    s3_in(endpoint, bucket::BUCKET, prefix)
}

/// A prefix in any bucket. Connecting makes no request, so it needs no runtime.
pub fn s3_in(endpoint: &str, bucket: &str, prefix: &str) -> S3Store {
    let connection = Connection::Sandbox { endpoint, account: Some("111111111111".parse().unwrap()), region: "us-east-1".to_owned() };
    let connected = connect(connection, jiff::Timestamp::now).now_or_never();
    connected.unwrap().unwrap().s3_store(bucket, prefix, None, true)
}

fn local(place: &str) -> LocalStore {
    LocalStore::new(Path::new(place))
}

/// The runtime of the checks.
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
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let word = words.iter().enumerate().find(|(at, word)| !word.starts_with('-') && (*at == 0 || words[at - 1] != "--format"));
    let wanted = word.map_or("", |(_, word)| word.as_str());
    let is_wanted = |name: &str| if has("--exact") { name == wanted } else { name.contains(wanted) };
    if has("--list") {
        // `--ignored` lists nothing, because no check is ignored.
        let listed = each_check(|name, _| {
            if !has("--ignored") && is_wanted(name) {
                println!("{name}: test")
            }
        });
        assert!(listed > 0, "there are checks");
        return;
    }
    let mut ran = 0;
    each_check(|name, check| {
        if is_wanted(name) {
            check();
            println!("contract {name} ... ok");
            ran += 1;
        }
    });
    println!("contract: {ran} checks passed");
}

/// Takes the lock, reports that, and keeps the lock until the input ends.
fn keep<S: Store>(store: &S, id: &str) {
    let lock = runtime().block_on(store.lock(&holder(id))).unwrap_or_else(|error| panic!("{error}"));
    println!("held");
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    runtime().block_on(store.unlock(lock)).unwrap();
}

/// Passes each check with its name to `handle`, and counts them.
fn each_check(mut handle: impl FnMut(&str, &dyn Fn())) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    let mut number = 0;
    let mut check = |name: &str, check: &dyn Fn()| {
        handle(name, check);
        count += 1;
    };
    checks::each(|name, local_check, s3_check| {
        number += 1;
        let path = folder.path().join(format!("{number}/deep")).display().to_string();
        check(&format!("local::{name}"), &|| local_check(&Place { open: local, words: ["local".into(), path.clone()], outlives: false }));
        for server in servers() {
            let place = || format!("{} check-{number}/", server.endpoint());
            check(&format!("{}::{name}", server.name()), &|| s3_check(&Place { open: s3, words: ["s3".into(), place()], outlives: true }));
        }
    });
    for server in servers() {
        let name = format!("{}::a_write_whose_answer_was_lost_is_recognized_by_its_own_bytes", server.name());
        check(&name, &|| lost::check(&server.endpoint()));
    }
    check("bucket::an_answer_of_200_that_proves_nothing_is_an_error", &lost::hollow);
    check("bucket::a_list_without_end_ends", &lost::endless);
    check("bucket::a_wrong_bucket_region_or_permission_is_named_with_its_remedy", &lost::remedies);
    count
}

/// An S3 server.
enum Server {
    /// A bucket on loopback, created when a check begins.
    Bucket,
    /// The server in the environment variable.
    Named(String),
}

impl Server {
    const fn name(&self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Named(_) => "server",
        }
    }

    fn endpoint(&self) -> String {
        match self {
            Self::Bucket => Bucket::serve().endpoint,
            Self::Named(endpoint) => endpoint.clone(),
        }
    }
}

fn servers() -> Vec<Server> {
    let named = std::env::var("ORGROSTER_S3_ENDPOINT").ok().map(Server::Named);
    std::iter::once(Server::Bucket).chain(named).collect()
}
