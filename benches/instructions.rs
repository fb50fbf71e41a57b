//! The instructions of the pure parts: planner, gates, service control policies, digest, JSON. Valgrind counts them, so the result does not
//! depend on the machine's load, and is compared with `benches/instructions.json`.
//!
//! `cargo bench --no-default-features --features testing --bench instructions`; with `ORGROSTER_BASELINE=write`, the counts become the
//! baseline.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};

use orgroster::config;
use orgroster::diag::SourceMap;
use orgroster::gate::{self, GateFacts, MemberAccess};
use orgroster::org::testing::{self, NOW};
use orgroster::org::{AccountId, Answers, AttachedPolicies, DesiredRoster, ObservedOrganization, PolicyText, Probes};
use orgroster::plan::{Approval, Plan, PlanFile, PlanInput, plan};
use orgroster::scp::{AttachedPolicy, Context, Enforcement, Level, LevelKind, LevelRef, Request, evaluate};
use serde::{Deserialize, Serialize};

/// The tolerance with the compiler that made the baseline.
const TOLERANCE: f64 = 0.03;
/// The tolerance with another compiler, which makes other instructions from the same source. A larger difference has another cause.
const TOLERANCE_OF_ANOTHER_COMPILER: f64 = 0.25;

#[derive(Serialize, Deserialize)]
struct Baseline {
    rustc: String,
    instructions: BTreeMap<String, u64>,
}

/// Work whose instructions count, returned by a preparation whose instructions don't.
type Scenario = (&'static str, fn() -> Box<dyn FnOnce()>);

const SCENARIOS: &[Scenario] = &[
    ("plan, 5000 accounts, nothing to do", || {
        let world = World::new(5_000, 0);
        Box::new(move || drop(black_box(world.plan())))
    }),
    ("plan, 1000 accounts, 200 departures", || {
        let world = World::new(1_000, 200);
        Box::new(move || drop(black_box(world.plan())))
    }),
    ("gates, 1000 accounts, 200 departures", || {
        let world = World::new(1_000, 200);
        Box::new(move || world.gates())
    }),
    ("policies, 7 levels of 5 policies, 100 evaluations", || {
        let levels = levels();
        Box::new(move || {
            for _ in 0..100 {
                black_box(evaluate(&Enforcement::in_force(), black_box(&levels), &Request::leave_organization(Context::new())));
            }
        })
    }),
    ("digest, 200 departures", || {
        let plan = World::new(1_000, 200).plan();
        assert_eq!(plan.eligible().len(), 200);
        Box::new(move || {
            black_box(Approval::of(&plan).digest(plan.eligible()));
        })
    }),
    ("plan file, 1000 accounts, 200 departures, written", || {
        let plan = World::new(1_000, 200).plan();
        Box::new(move || drop(black_box(PlanFile::of(&plan).to_json())))
    }),
    ("plan file, 1000 accounts, 200 departures, read", || {
        let text = PlanFile::of(&World::new(1_000, 200).plan()).to_json().unwrap();
        Box::new(move || drop(black_box(PlanFile::parse(text.as_bytes()).unwrap())))
    }),
];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, run, name, part] = arguments.as_slice()
        && run == "--run"
    {
        let (_, prepare) = SCENARIOS.iter().find(|(known, _)| known == name).unwrap();
        let work = prepare();
        if part == "work" {
            work();
        } else {
            // The preparation is dropped in both runs.
            drop(black_box(work));
        }
        return ExitCode::SUCCESS;
    }
    match compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.json");
    let rustc = rustc();
    let counted: BTreeMap<_, _> =
        SCENARIOS.iter().map(|(name, _)| Ok(((*name).to_owned(), count(name)?))).collect::<Result<_, String>>()?;
    if std::env::var("ORGROSTER_BASELINE").is_ok_and(|wish| wish == "write") {
        let text = serde_json::to_string_pretty(&Baseline { rustc, instructions: counted }).unwrap() + "\n";
        return std::fs::write(&path, text).map_err(|error| error.to_string());
    }
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let baseline: Baseline = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let tolerance = if baseline.rustc == rustc { TOLERANCE } else { TOLERANCE_OF_ANOTHER_COMPILER };
    println!("Baseline of rustc {}, now {rustc}: tolerance {:.0} %.", baseline.rustc, tolerance * 100.0);
    let mut differences = String::new();
    for name in baseline.instructions.keys().filter(|name| !counted.contains_key(*name)) {
        let _ = writeln!(differences, "{name}: in the baseline, and not counted any more");
    }
    for (name, now) in &counted {
        let Some(before) = baseline.instructions.get(name) else {
            let _ = writeln!(differences, "{name}: not in the baseline");
            continue;
        };
        let change = *now as f64 / *before as f64 - 1.0;
        println!("{now:>14}  {:+6.2} %  {name}", change * 100.0);
        // A decrease is an error too: with a baseline that is too high, the count could grow again unnoticed.
        if change.abs() > tolerance {
            let _ = writeln!(differences, "{name}: {before} instructions became {now}");
        }
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(format!("{differences}If that is meant, write a new baseline: see benches/instructions.rs"))
    }
}

fn count(name: &str) -> Result<u64, String> {
    let (whole, preparation) = std::thread::scope(|scope| {
        let whole = scope.spawn(|| instructions(name, "work"));
        let preparation = instructions(name, "preparation");
        (whole.join().unwrap(), preparation)
    });
    let (whole, preparation) = (whole?, preparation?);
    whole.checked_sub(preparation).ok_or_else(|| format!("{name}: the preparation alone took more than all of it"))
}

/// The instructions of this program for one part of a scenario.
fn instructions(name: &str, part: &str) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).args(["--run", name, part]);
    let ended = valgrind.output().map_err(|error| format!("valgrind can't be run: {error}. Install it to count instructions."))?;
    let text = String::from_utf8_lossy(&ended.stderr);
    let collected = text.lines().find_map(|line| line.split_once("Collected :")).map(|(_, count)| count.trim());
    match collected.map(str::parse) {
        Some(Ok(count)) if ended.status.success() => Ok(count),
        _ => Err(format!("valgrind counted nothing: {text}")),
    }
}

fn rustc() -> String {
    let said = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into())).arg("--version").output();
    said.map_or_else(|_| "unknown".to_owned(), |said| String::from_utf8_lossy(&said.stdout).trim().replace("rustc ", ""))
}

struct World {
    roster: DesiredRoster,
    sources: SourceMap,
    observed: ObservedOrganization,
}

fn id(index: u64) -> AccountId {
    format!("{:012}", 200_000_000_000 + index).parse().unwrap()
}

impl World {
    /// This many members in 50 units; the first ones should be detached.
    fn new(members: u64, detached: u64) -> Self {
        let mut text = "organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n\
                        guardrails {\n  max_detachments = 1000\n  max_detachments_percent = 100\n}\n"
            .to_owned();
        for index in 0..members {
            let fate = if index < detached {
                format!("  name = \"a{index}\"\n  membership = \"detached\"\n  reason = \"Divested\"\n")
            } else {
                "  membership = \"member\"\n".to_owned()
            };
            let _ = write!(text, "account \"a{index}\" {{\n  id = \"{}\"\n{fate}}}\n", id(index));
        }
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("main.roster.hcl"), text).unwrap();
        let mut sources = SourceMap::default();
        let (roster, _) = config::load(directory.path(), &mut sources).unwrap();
        Self { roster, sources, observed: observed(members, detached) }
    }

    /// Runs all gates for each departing account.
    fn gates(&self) {
        let (inside, probes) = (MemberAccess::Deferred, Probes::default());
        for desired in &self.roster.accounts {
            let Some(departure) = desired.leaving() else { continue };
            let facts = GateFacts {
                now: NOW,
                declared: &self.roster.organization,
                guardrails: &self.roster.guardrails,
                enforcements: &self.roster.gates,
                assumptions: &self.roster.assumptions,
                desired,
                departure,
                observed: &self.observed,
                live: self.observed.account(desired.id),
                inside: &inside,
                probes: &probes,
            };
            assert!(!black_box(gate::evaluate(&facts)).is_empty());
        }
    }

    fn plan(&self) -> Plan {
        let records = BTreeMap::new();
        let input = PlanInput {
            roster: &self.roster,
            sources: &self.sources,
            observed: &self.observed,
            records: &records,
            joinings: &BTreeMap::new(),
            targets: &[],
            now: NOW,
            sandbox: false,
            snapshot: None,
        };
        let (plan, _) = plan(&input);
        assert!(plan.unchanged().next().is_some());
        plan
    }
}

fn observed(members: u64, detached: u64) -> ObservedOrganization {
    let unit = |index: u64| format!("ou-ab12-unit{:04}", index % 50);
    let mut accounts = vec![testing::account(testing::MANAGEMENT, "management", &[&unit(0)])];
    accounts.extend((0..members).map(|index| testing::account(&id(index).to_string(), &format!("a{index}"), &[&unit(index)])));
    let levels: BTreeSet<_> = (0..detached).flat_map(|index| ["r-ab12".to_owned(), unit(index), id(index).to_string()]).collect();
    let texts: BTreeMap<_, _> =
        policies().into_iter().map(|(id, content)| (id.clone(), PolicyText { name: id, content: Ok(content) })).collect();
    let attached: BTreeSet<_> = texts.keys().cloned().collect();
    ObservedOrganization {
        policies: Ok(AttachedPolicies {
            at: levels.into_iter().map(|level| (level, attached.clone())).collect(),
            texts,
            operation: "organizations:ListPoliciesForTarget".into(),
        }),
        answers: answers(detached),
        ..testing::organization(accounts)
    }
}

/// The calls of such a plan.
fn answers(detached: u64) -> Answers {
    let mut answers = testing::answered();
    (0..detached).for_each(|index| answers.note("organizations:ListTagsForResource", &id(index).to_string(), NOW));
    answers
}

/// FullAWSAccess, and four policies with conditions, none of which affects leaving in the end.
fn policies() -> Vec<(String, String)> {
    let guard = |index: usize| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
              {{"Sid":"Regions","Effect":"Deny","NotAction":["organizations:*","iam:*","sts:*"],"Resource":"*","Condition":{{"StringNotEquals":{{"aws:RequestedRegion":["eu-west-{index}","us-east-1"]}}}}}},
              {{"Sid":"Leave","Effect":"Deny","Action":"organizations:Leave*","Resource":"*","Condition":{{"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/nobody-{index}-*"}}}}}},
              {{"Sid":"Roots","Effect":"Deny","Action":["ec2:*","s3:Delete*"],"Resource":"arn:aws:s3:::audit-{index}/*","Condition":{{"Bool":{{"aws:MultiFactorAuthPresent":"false"}}}}}}]}}"#
        )
    };
    let full = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#.to_owned();
    std::iter::once(("p-FullAWSAccess".to_owned(), full)).chain((0..4).map(|index| (format!("p-guard{index:03}"), guard(index)))).collect()
}

fn levels() -> Vec<Level> {
    let attached = || policies().into_iter().map(|(id, content)| AttachedPolicy::new(id.clone(), id, &content)).collect();
    let at =
        |depth: usize| LevelRef { kind: LevelKind::OrganizationalUnit, id: format!("ou-ab12-unit{depth:04}"), name: "Unit".to_owned() };
    (0..7).map(|depth| Level { at: at(depth), policies: attached() }).collect()
}
