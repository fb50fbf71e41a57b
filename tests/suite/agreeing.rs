//! The common parts of all agreement tests: policies on paths, acts that the executor carries out, and trials on their own threads.

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

/// The number of threads that run trials, for the two cores of CI's machine.
const THREADS: u32 = 2;
/// The stack size of a program's main thread, on which `apply` runs: futures are large without optimization.
const STACK: usize = 8 << 20;

/// The id of an account by its index in the world.
pub fn id(index: usize) -> String {
    format!("2{index:011}")
}

/// The index of an account in the world, from its id.
pub fn index_of(planned: &PlannedAccount) -> usize {
    planned.id.to_string()[1..].parse().unwrap()
}

/// The time this many days before an hour ago.
pub fn days_ago(days: u32) -> jiff::Timestamp {
    let now: jiff::Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
    now.checked_sub(jiff::SignedDuration::from_hours(i64::from(days) * 24)).unwrap()
}

/// The policies of a fixture: statements that deny, and one that replaces FullAWSAccess, each with the target that it is attached to.
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

/// The code of an error: its Reason if it has one.
pub fn code_of(error: &ApiError) -> String {
    error.reason.clone().or_else(|| error.code.clone()).unwrap_or_default()
}

/// Whether a gate blocks with certainty.
pub fn is_certain(result: &GateResult) -> bool {
    result.enforcement == Enforcement::Mandatory && matches!(result.verdict, Verdict::Block { .. })
}

/// The sandbox's errors for the gates that `which` selects, from the list of each gate.
pub fn errors_where<'a>(
    gates: &'a [GateResult],
    errors_of: fn(GateName) -> &'static [&'static str],
    which: impl Fn(&GateResult) -> bool + 'a,
) -> Vec<&'static str> {
    gates.iter().filter(|result| which(result)).flat_map(|result| errors_of(result.gate)).copied().collect()
}

/// A separate backend for each world.
pub fn ledger(planned: &Planned, directory: &Path) -> Ledger<LocalStore> {
    Ledger::new(LocalStore::new(directory.join("backend")), planned.plan.organization.id.clone())
}

/// The run that holds the lock.
pub fn holder() -> LockHolder {
    LockHolder { id: "run".into(), operation: "apply".into(), who: "test".into(), created: CLOCK.parse().ok() }
}

/// Carries out one act like `apply`.
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

/// Tries at least `cases` values, or as many as `ORGROSTER_AGREEMENT_CASES` says, which CI sets; returns how many. The values that failed
/// are kept next to the file `source`.
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
