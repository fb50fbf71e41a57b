//! Kills the process at every point between two durable effects, and runs it again.
//!
//! With three departing accounts, every point is tested with every fault of every account. The end state must always be the same: one
//! effective LeaveOrganization per account according to the organization's own CloudTrail, one complete record each, and an intact chain.
//! With thirty accounts, points and faults are random; the seed is printed.
//!
//! After a kill, the next run may see AWS's reads from before the call, and may have trouble that ends it early: no departure is lost, and
//! none is made or recorded twice. Every lag, trouble and pair of kills is combined with every other.
//!
//! The same holds for accounts that move to another organization: one effective AcceptHandshake each, and no call that leaves.
//!
//! It also holds for accounts that join: one invitation, one acceptance and one record each, and each account is in its unit.
//!
//! All this is tested with both backends. A bucket of S3 survives the process, and so does its lock: the next run is refused with the
//! lock's id, and `force-unlock` with that id runs first, as an operator would do.
//!
//! `cargo test --features fail-points --test crash` uses a few faults; with `ORGROSTER_CRASH=full`, it uses all of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

#[path = "../contract/bucket.rs"]
mod bucket;
#[path = "../suite/departing.rs"]
mod departing;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use bucket::Faults;
use departing::{Scene, ids};

const KINDS: &[&str] = &[
    "throttle",
    "another_request_in_progress",
    "concurrent_modification",
    "internal_error",
    "internal_error_after_effect",
    "reset_before_effect",
    "reset_after_effect",
];

/// The behavior of AWS and the backend in a schedule.
#[derive(Clone)]
struct Circumstances {
    name: String,
    /// The contents of the fixture's `sandbox` block.
    sandbox: String,
    /// The bucket's faults, if the backend is S3.
    bucket: Option<Faults>,
}

impl Circumstances {
    fn local(name: impl Into<String>, sandbox: String) -> Self {
        Self { name: name.into(), sandbox, bucket: None }
    }

    fn scene(&self, accounts: u64) -> Scene {
        let Some(faults) = &self.bucket else { return Scene::new(accounts, &self.sandbox) };
        let scene = Scene::on_s3(accounts, &self.sandbox);
        scene.bucket().set(faults.clone());
        scene
    }
}

fn fault(kind: &str, account: &str) -> String {
    format!("fault {{\n operation = \"organizations:LeaveOrganization\"\n account = \"{account}\"\n kind = \"{kind}\"\n}}\n")
}

fn weather(visibility_delay_ms: u32) -> String {
    format!("weather {{\n trail_delay_seconds = 0\n visibility_delay_ms = {visibility_delay_ms}\n}}\n")
}

fn is_full() -> bool {
    std::env::var("ORGROSTER_CRASH").is_ok_and(|value| value == "full")
}

/// Every fault of every account, or only a few of them without `ORGROSTER_CRASH=full`.
fn circumstances() -> Vec<Circumstances> {
    let mut all = vec![Circumstances::local("calm", weather(0)), Circumstances::local("stale reads", weather(60))];
    for (position, account) in ids(3).iter().enumerate() {
        for kind in KINDS {
            let name = format!("{kind} for account {}", position + 1);
            all.push(Circumstances::local(name, weather(0) + &fault(kind, account)));
        }
        let name = format!("reset_after_effect and stale reads for account {}", position + 1);
        all.push(Circumstances::local(name, weather(60) + &fault("reset_after_effect", account)));
    }
    // AWS's faults don't depend on the backend, so with S3 they apply only to the second account.
    let on_s3 = all.iter().filter(|found| found.name.ends_with("account 2") || !found.name.contains("account"));
    let lost = |part| Faults { lost: Some(("PUT", part, 2)), ..Faults::default() };
    let renamed =
        |found: &Circumstances| Circumstances { name: format!("{} on S3", found.name), bucket: Some(Faults::default()), ..found.clone() };
    let on_s3: Vec<_> = on_s3.map(renamed).collect();
    for part in ["/lock", "/journal/", "/records/", "/head"] {
        all.push(Circumstances {
            name: format!("two lost answers to writes of {part} on S3"),
            sandbox: weather(0),
            bucket: Some(lost(part)),
        });
    }
    all.extend(on_s3);
    if !is_full() {
        let few = ["stale reads", "reset_after_effect for account 2", "reset_after_effect for account 2 on S3"];
        all.retain(|found| few.contains(&found.name.as_str()));
    }
    all
}

/// The end of a run that was meant to be killed.
struct Ended {
    /// The number of fail points that it reached.
    points: u64,
    /// Whether it was killed, and did not end by itself.
    killed: bool,
    success: bool,
    text: String,
}

/// Runs an apply and kills it from outside at a point; 0 lets it end.
fn apply(scene: &Scene, parallelism: &str, kill_at: u64) -> Ended {
    ended(scene.orgroster(&["apply", "-auto-approve", "-no-color", &format!("-parallelism={parallelism}")]), kill_at)
}

fn ended(mut command: Command, kill_at: u64) -> Ended {
    let mut child: Child = command.env("ORGROSTER_FAIL_POINT", kill_at.to_string()).spawn().unwrap();
    let (mut points, mut killed) = (0, false);
    let mut text = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some(point) = line.strip_prefix("fail point ") else {
            text.push_str(&line);
            text.push('\n');
            continue;
        };
        points = point.split(':').next().unwrap().parse().unwrap();
        if points == kill_at {
            // SIGKILL: the process can't run any code afterwards.
            child.kill().unwrap();
            killed = true;
            break;
        }
    }
    let mut output = String::new();
    child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    let success = child.wait().unwrap().success();
    Ended { points, killed, success, text: output + &text }
}

/// Runs again. A lock that survived its process is removed with the id in the refusal.
fn apply_past_lock(scene: &Scene, parallelism: &str, kill_at: u64) -> Ended {
    past_lock(scene, || apply(scene, parallelism, kill_at))
}

fn past_lock(scene: &Scene, run: impl Fn() -> Ended) -> Ended {
    let ended = run();
    let Some((_, rest)) = ended.text.split_once("orgroster force-unlock ") else { return ended };
    let id = rest.split_whitespace().next().unwrap();
    let forced = scene.orgroster(&["force-unlock", "-force", id]).output().unwrap();
    assert!(forced.status.success(), "{}", String::from_utf8_lossy(&forced.stderr));
    run()
}

/// Kills at a point, runs again, and checks the end. `None` if the run ended before that point.
fn schedule(found: &Circumstances, parallelism: &str, kill_at: u64) -> Option<Result<(), String>> {
    let scene = found.scene(3);
    let first = apply(&scene, parallelism, kill_at);
    if !first.killed {
        return None;
    }
    let again = apply_past_lock(&scene, parallelism, 0);
    let ended = if again.success { scene.check_end() } else { Err(again.text.clone()) };
    Some(ended.map_err(|what| format!("{}, killed at point {kill_at}:\n{what}\n{}", found.name, again.text)))
}

#[test]
fn killed_at_every_point_three_accounts_depart_once_each_and_are_recorded() {
    let schedules = AtomicUsize::new(0);
    let next = AtomicUsize::new(0);
    let all = circumstances();
    let failures = std::sync::Mutex::new(Vec::new());
    // A schedule mostly waits, so several in parallel take no longer than one.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(found) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for kill_at in 1.. {
                        let Some(ended) = schedule(found, "1", kill_at) else { break };
                        schedules.fetch_add(1, Ordering::Relaxed);
                        failures.lock().unwrap().extend(ended.err());
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    let schedules = schedules.into_inner();
    println!("schedules for three accounts: {schedules} ({} circumstances)", all.len());
    // A program built without the feature `fail-points` is never killed.
    assert!(schedules >= all.len(), "only {schedules} runs of {} circumstances were killed", all.len());
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n---\n"));
}

/// Faults of an acceptance, and of the requests after it.
const ACCEPTING: &[(&str, &str)] = &[
    ("calm", "[]"),
    ("a lost answer after the effect", r#"[{"operation":"organizations:AcceptHandshake","kind":"reset_after_effect","count":1}]"#),
    ("a lost answer before it", r#"[{"operation":"organizations:AcceptHandshake","kind":"reset_before_effect","count":1}]"#),
    (
        "an internal error after the effect",
        r#"[{"operation":"organizations:AcceptHandshake","kind":"internal_error_after_effect","count":1}]"#,
    ),
    ("throttles", r#"[{"operation":"organizations:AcceptHandshake","kind":"throttle","count":2}]"#),
    ("a concurrent modification", r#"[{"operation":"organizations:AcceptHandshake","kind":"concurrent_modification","count":1}]"#),
];

#[test]
fn killed_at_every_point_two_accounts_move_once_each_and_are_recorded() {
    let few: &[usize] = if is_full() { &[0, 1, 2, 3, 4, 5] } else { &[0, 1] };
    let (next, schedules) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(&index) = few.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for kill_at in 1.. {
                        let Some(end) = moving(ACCEPTING[index], kill_at) else { break };
                        schedules.fetch_add(1, Ordering::Relaxed);
                        failures.lock().unwrap().extend(end.err());
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    println!("schedules for two accounts that move: {}", schedules.load(Ordering::Relaxed));
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n---\n"));
}

/// Kills a run at a point while two accounts move, and runs again. `None` if the run ended before that point.
fn moving((name, faults): (&str, &str), kill_at: u64) -> Option<Result<(), String>> {
    let scene = Scene::transferring(2, &weather(0), "");
    scene.add_faults(faults);
    if !apply(&scene, "1", kill_at).killed {
        return None;
    }
    let again = apply_past_lock(&scene, "1", 0);
    let moved = || {
        scene.check_end()?;
        let members = scene.members_of("999999999999");
        let left = scene.requests().get("organizations:LeaveOrganization").copied();
        let all_there = ids(2).iter().all(|account| members.contains(account));
        if all_there && left.is_none() { Ok(()) } else { Err(format!("members {members:?}, left by a call of their own: {left:?}")) }
    };
    let ended = if again.success { moved() } else { Err(again.text.clone()) };
    Some(ended.map_err(|what| format!("moving, {name}, killed at point {kill_at}:\n{what}\n{}", again.text)))
}

/// Faults of the calls for accounts that join.
const JOINING: &[(&str, &str)] = &[
    ("calm", "[]"),
    (
        "a lost answer to the invitation",
        r#"[{"operation":"organizations:InviteAccountToOrganization","kind":"reset_after_effect","count":1}]"#,
    ),
    ("a lost invitation", r#"[{"operation":"organizations:InviteAccountToOrganization","kind":"reset_before_effect","count":1}]"#),
    ("a lost answer to the acceptance", r#"[{"operation":"organizations:AcceptHandshake","kind":"reset_after_effect","count":1}]"#),
    ("a lost answer to the move", r#"[{"operation":"organizations:MoveAccount","kind":"reset_after_effect","count":1}]"#),
    ("a lost read of the invitation", r#"[{"operation":"organizations:DescribeHandshake","kind":"reset_before_effect","count":1}]"#),
    ("throttled tags", r#"[{"operation":"organizations:TagResource","kind":"throttle","count":2}]"#),
    ("an internal error of the move", r#"[{"operation":"organizations:MoveAccount","kind":"internal_error","count":1}]"#),
];

/// Kills a run at a point while two accounts join, and runs again. `None` if the run ended before that point.
fn taking_in((name, faults): (&str, &str), kill_at: u64) -> Option<Result<(), String>> {
    let scene = Scene::joining(2, &weather(0));
    scene.add_faults(faults);
    if !apply(&scene, "1", kill_at).killed {
        return None;
    }
    let again = apply_past_lock(&scene, "1", 0);
    let ended = if again.success { scene.check_joined() } else { Err(again.text.clone()) };
    Some(ended.map_err(|what| format!("joining, {name}, killed at point {kill_at}:\n{what}\n{}", again.text)))
}

#[test]
fn killed_at_every_point_two_accounts_are_taken_in_once_each_and_are_recorded() {
    let few = if is_full() { JOINING.len() } else { 2 };
    let (next, schedules) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(story) = JOINING[..few].get(next.fetch_add(1, Ordering::Relaxed)) {
                    for kill_at in 1.. {
                        let Some(end) = taking_in(*story, kill_at) else { break };
                        schedules.fetch_add(1, Ordering::Relaxed);
                        failures.lock().unwrap().extend(end.err());
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    println!("schedules for two accounts that join: {}", schedules.load(Ordering::Relaxed));
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n---\n"));
}

/// How long AWS's reads show the world before a write, in milliseconds: not at all, less than a run, or until the test ends the lag.
const LAGS: &[u32] = &[0, 60, 3_600_000];

/// The trouble of the run after a killed one: faults of the sandbox.
const TROUBLES: &[(&str, &str)] = &[
    ("nothing", "[]"),
    ("a failed probe", r#"[{"operation":"iam:SimulatePrincipalPolicy","kind":"error","code":"AccessDenied","count":99}]"#),
    ("a role that can't be assumed", r#"[{"operation":"sts:AssumeRole","kind":"error","code":"AccessDenied","count":99}]"#),
    ("a refusal", r#"[{"operation":"organizations:LeaveOrganization","kind":"error","code":"AccessDeniedException","count":99}]"#),
    ("a lost answer", r#"[{"operation":"organizations:LeaveOrganization","kind":"reset_before_effect","count":2}]"#),
    ("throttles", r#"[{"operation":"organizations:LeaveOrganization","kind":"throttle","count":99}]"#),
];

/// Two runs that may be killed, and a last one without faults.
#[derive(Debug, Clone, Copy)]
struct Story {
    lag: u32,
    trouble: &'static (&'static str, &'static str),
    on_s3: bool,
    /// The point where the second run is killed; 0 lets it end.
    second_kill: u64,
}

impl Story {
    /// Kills the first run at a point. `None` if the run ended before that point.
    fn play(&self, kill_at: u64) -> Option<Result<(), String>> {
        let bucket = self.on_s3.then(Faults::default);
        let scene = Circumstances { name: String::new(), sandbox: weather(self.lag), bucket }.scene(2);
        if !apply(&scene, "1", kill_at).killed {
            return None;
        }
        let (name, faults) = self.trouble;
        scene.add_faults(faults);
        let within_the_lag = || ended(scene.orgroster(&["apply", "-auto-approve", "-no-color", "-timeout=2s"]), self.second_kill);
        let second = past_lock(&scene, within_the_lag);
        scene.clear_faults();
        scene.set_weather("{\"visibility_delay_ms\": 0}");
        let last = apply_past_lock(&scene, "1", 0);
        let end = if last.success { scene.check_end() } else { Err("the last run failed".to_owned()) };
        let story = || format!("lag {}, {name}, on S3: {}, killed at {kill_at} and {}", self.lag, self.on_s3, self.second_kill);
        Some(end.map_err(|what| format!("{}:\n{what}\nthe second run:\n{}\nthe last run:\n{}", story(), second.text, last.text)))
    }
}

/// Every lag with every trouble and every second kill on both backends; without `ORGROSTER_CRASH=full`, each of them at least once.
fn stories() -> Vec<Story> {
    let mut all = Vec::new();
    for &lag in LAGS {
        for trouble in TROUBLES {
            for on_s3 in [false, true] {
                for second_kill in [0, 6, 12, 18, 24] {
                    all.push(Story { lag, trouble, on_s3, second_kill });
                }
            }
        }
    }
    if !is_full() {
        let (longest, few) = (LAGS[LAGS.len() - 1], |story: &Story| (story.on_s3, story.second_kill));
        all.retain(|story| story.lag == longest && [(false, 0), (true, 0)].contains(&few(story)));
        all.retain(|story| !story.on_s3 || story.trouble.0 == "a failed probe");
    }
    all
}

#[test]
fn killed_and_run_again_within_the_lag_no_departure_is_lost_or_made_twice() {
    let (stories, next, played) = (stories(), AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(story) = stories.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The points where the first run is killed: all of them, or its answered call and a later one. The local backend has
                    // more points than the bucket, which is another process.
                    let (first, step) = if is_full() { (1, 1) } else { (if story.on_s3 { 7 } else { 11 }, 3) };
                    for kill_at in (first..).step_by(step) {
                        let Some(end) = story.play(kill_at) else { break };
                        played.fetch_add(1, Ordering::Relaxed);
                        failures.lock().unwrap().extend(end.err());
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    let played = played.into_inner();
    println!("stories within the lag: {played} ({} kinds)", stories.len());
    assert!(played >= stories.len(), "only {played} runs of {} stories were killed", stories.len());
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n---\n"));
}

/// A linear congruential generator (Knuth, MMIX). Schedules only need to be numerous and repeatable.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[test]
fn killed_again_and_again_at_random_thirty_accounts_depart_once_each_and_are_recorded() {
    let seed = std::env::var("ORGROSTER_CRASH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
    let count = if is_full() { 60 } else { 3 };
    let mut random = Random(seed);
    let mut kills = 0;
    for number in 0..count {
        let mut sandbox = weather(if random.below(2) == 0 { 0 } else { 60 });
        for account in ids(30) {
            if random.below(3) == 0 {
                sandbox += &fault(KINDS[usize::try_from(random.below(KINDS.len() as u64)).unwrap()], &account);
            }
        }
        let scene = if number % 3 == 2 { Scene::on_s3(30, &sandbox) } else { Scene::new(30, &sandbox) };
        // A run of thirty accounts reaches about five hundred points. The last kills may come too late, if little of the run is left.
        for _ in 0..=random.below(4) {
            let ended = apply_past_lock(&scene, "5", 1 + random.below(500));
            kills += usize::from(ended.killed);
            assert!(ended.points > 0, "{}", ended.text);
        }
        let last = apply_past_lock(&scene, "5", 0);
        assert!(last.success, "seed {seed}, schedule {number}:\n{}", last.text);
        scene.check_end().unwrap_or_else(|what| panic!("seed {seed}, schedule {number}: {what}\n{}", last.text));
    }
    println!("schedules for thirty accounts: {count}, with {kills} kills, seed {seed}");
}
