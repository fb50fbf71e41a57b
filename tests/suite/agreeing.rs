//! What every agreement with the world has in common: policies on paths, acts that the executor carries out, and trials on a thread of their own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use orgroster::api::ApiError;
use orgroster::apply::{Executor, Outcome, PATIENCE, Pace, RunContext};
use orgroster::gate::{GateResult, Verdict};
use orgroster::journal::{Ledger, LocalStore, LockHolder, Run};
use orgroster::org::{Enforcement, GateName};
use orgroster::plan::PlannedAccount;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};
use tokio::runtime::Runtime;

use crate::worlds::{CLOCK, Planned, Served};

/// Threads that make worlds: what CI's machine has.
const THREADS: u32 = 2;
/// As much stack as a program's main thread has, on which `apply` runs: futures are big where nothing optimizes them.
const STACK: usize = 8 << 20;

/// The id of an account by its place in the world.
pub fn id(index: usize) -> String {
    format!("2{index:011}")
}

/// The place of an account by its id.
pub fn index_of(planned: &PlannedAccount) -> usize {
    planned.id.to_string()[1..].parse().unwrap()
}

/// So many days before an hour ago.
pub fn days_ago(days: u32) -> jiff::Timestamp {
    let now: jiff::Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
    now.checked_sub(jiff::SignedDuration::from_hours(i64::from(days) * 24)).unwrap()
}

/// Policies of a fixture: statements that deny, and one that stands in the place of FullAWSAccess, each with the target it is attached to.
pub fn policies<'s>(denials: impl IntoIterator<Item = (&'s str, String)>, allow_list: Option<(&'s str, String)>) -> String {
    let mut text = String::new();
    let denials = denials.into_iter().map(|(statement, target)| (statement, target, false));
    let allow_list = allow_list.map(|(statement, target)| (statement, target, true));
    for (index, (statement, target, replaces)) in denials.chain(allow_list).enumerate() {
        let content = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let _ = write!(
            text,
            "  policy \"p-policy{index:03}\" {{\n    name = \"Policy{index}\"\n    targets = [\"{target}\"]\n    replaces_full_access = {replaces}\n    \
             content = <<-JSON\n      {content}\n    JSON\n  }}\n"
        );
    }
    text
}

/// The code of an error, by its Reason first.
pub fn code_of(error: &ApiError) -> String {
    error.reason.clone().or_else(|| error.code.clone()).unwrap_or_default()
}

/// A gate that blocks for certain.
pub fn is_certain(result: &GateResult) -> bool {
    result.enforcement == Enforcement::Mandatory && matches!(result.verdict, Verdict::Block { .. })
}

/// What the sandbox answers where what these gates ask for does not hold, by what belongs to each.
pub fn errors_where<'a>(
    gates: &'a [GateResult],
    errors_of: fn(GateName) -> &'static [&'static str],
    which: impl Fn(&GateResult) -> bool + 'a,
) -> Vec<&'static str> {
    gates.iter().filter(|result| which(result)).flat_map(|result| errors_of(result.gate)).copied().collect()
}

/// A backend of its own for each world.
pub fn ledger(planned: &Planned, directory: &Path) -> Ledger<LocalStore> {
    Ledger::new(LocalStore::new(directory.join("backend")), planned.plan.organization.id.clone())
}

/// The run that holds the lock.
pub fn holder() -> LockHolder {
    LockHolder { id: "run".into(), operation: "apply".into(), who: "test".into(), created: CLOCK.parse().ok() }
}

/// Carries out one act as `apply` does.
pub async fn perform(served: &Served, planned: &Planned, run: &Run<'_, LocalStore>, act: &PlannedAccount) -> Outcome {
    let writer = served.aws.writer();
    let context = RunContext {
        roster: &planned.roster,
        observed: &planned.observed,
        organization: &planned.plan.organization,
        sandbox: true,
        digest: &planned.plan.digest,
        operator: "agreement",
        approved_by: &[],
        clock: &|| CLOCK.parse().unwrap(),
        interrupted: &AtomicBool::new(false),
        deadline: None,
        records: &BTreeMap::new(),
        unresolved: &BTreeMap::new(),
        patience: PATIENCE,
        parallelism: 1,
        pace: Pace::new(100),
        progress: &|_| {},
    };
    let executor = Executor { read: &served.aws, write: &writer, run, context: &context };
    executor.execute(std::slice::from_ref(act)).await.unwrap().outcomes.remove(0).1
}

/// Tries so many values at least, `cases` unless `ORGROSTER_AGREEMENT_CASES` says otherwise, as CI does; returns how many. `source` is the file
/// beside which values that failed are kept.
pub fn try_all<S: Strategy>(
    cases: usize,
    source: &'static str,
    strategy: impl Fn() -> S + Sync,
    agree: impl Fn(&Runtime, S::Value) -> Result<(), TestCaseError> + Sync,
) -> u32 {
    let cases = u32::try_from(crate::testing::size("ORGROSTER_AGREEMENT_CASES", cases)).unwrap();
    let run = |thread: u32| {
        let default = Config::default();
        let rng_seed = match default.rng_seed {
            RngSeed::Random => RngSeed::Random,
            RngSeed::Fixed(seed) => RngSeed::Fixed(seed.wrapping_add(u64::from(thread))),
        };
        let failure_persistence = Some(Box::new(FileFailurePersistence::WithSource("regressions")) as _);
        let config = Config { cases: cases.div_ceil(THREADS), rng_seed, failure_persistence, source_file: Some(source), ..default };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        if let Err(failure) = TestRunner::new(config).run(&strategy(), |value| agree(&runtime, value)) {
            panic!("{failure}");
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let run = &run;
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || run(thread)).unwrap();
        }
    });
    cases
}
