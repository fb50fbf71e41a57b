//! How close departures come to AWS's documented rate, and what one departure costs the program itself.
//!
//! `cargo bench --bench pace`; `ORGROSTER_BENCH_ACCOUNTS` (500) is the number of accounts that depart under quotas.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

#[path = "../tests/contract/bucket.rs"]
mod bucket;
#[path = "../tests/suite/departing.rs"]
mod departing;

use std::fs;
use std::process::Command;
use std::time::Duration;

use departing::Scene;

/// LeaveOrganization: accounts per second in one organization (API reference).
const CAP: f64 = 5.0;

fn main() {
    let accounts = std::env::var("ORGROSTER_BENCH_ACCOUNTS").ok().and_then(|count| count.parse().ok()).unwrap_or(500);
    pace(accounts, "quotas on, 20 ms latency, pace at the cap", "api_share = 1.0");
    pace(accounts.min(60), "quotas on, 20 ms latency, default pace", "");
    foreign(60);
    cost();
    allocations();
}

/// Departures per second, from the first to the last one, according to the organization's own CloudTrail.
fn pace(accounts: u64, what: &str, provider: &str) {
    let weather = "weather {\n throttles = true\n latency_ms = 20\n trail_delay_seconds = 0\n}";
    let scene = Scene::with_provider(accounts, weather, provider);
    let ended = scene.orgroster(&["apply", "-auto-approve", "-no-color"]).output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{text}{}", String::from_utf8_lossy(&ended.stderr));
    scene.lift_quotas();
    let (count, rate) = rate(&scene);
    let throttled = if text.contains("AWS throttled") { "throttled" } else { "no call throttled" };
    println!("{what}: {count} departures at {rate:.3} a second, {:.1} % of the cap, {throttled}", rate / CAP * 100.0);
}

/// Departures while a foreign client calls LeaveOrganization three times per second: both together would exceed the quota.
fn foreign(accounts: u64) {
    let weather = "weather {\n throttles = true\n latency_ms = 20\n trail_delay_seconds = 0\n}";
    let scene = Scene::with_bystanders(accounts, weather, "", 30);
    let foreign = scene.foreign_client(30, Duration::from_millis(333));
    let ended = scene.orgroster(&["apply", "-auto-approve", "-no-color"]).output().unwrap();
    drop(foreign);
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{text}{}", String::from_utf8_lossy(&ended.stderr));
    scene.lift_quotas();
    let told = text.lines().find(|line| line.starts_with("AWS throttled")).unwrap_or("no call throttled");
    let (count, rate) = rate(&scene);
    println!("a foreign client at 3 a second, default pace: {count} departures at {rate:.3} a second. {told}");
}

/// The number of departures, and their rate per second from the first to the last one, according to the organization's own CloudTrail.
fn rate(scene: &Scene) -> (usize, f64) {
    let times: Vec<_> = scene.departure_times().into_iter().map(|(_, at)| at).collect();
    let (first, last) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    (times.len(), (times.len() - 1) as f64 / last.duration_since(*first).as_secs_f64())
}

/// The heap allocations for one more account, from valgrind's count of the whole program.
fn allocations() {
    let run = |accounts: u64| {
        let scene = Scene::with_provider(accounts, "weather {\n trail_delay_seconds = 0\n}", "api_share = 1.0");
        let program = scene.orgroster(&["apply", "-auto-approve"]);
        let mut command = Command::new("valgrind");
        command.args(["--tool=dhat", "--dhat-out-file=/dev/null"]).arg(program.get_program()).args(program.get_args());
        command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let ended = command.current_dir(scene.path()).output().ok()?;
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{told}");
        // "Total:     10,262,229 bytes in 51,324 blocks"
        let (_, total) = told.split_once("Total:")?;
        let mut numbers = total.split_whitespace().filter_map(|word| word.replace(',', "").parse::<f64>().ok());
        Some((numbers.next()?, numbers.next()?))
    };
    let (Some((small_bytes, small)), Some((large_bytes, large))) = (run(10), run(60)) else {
        return println!("allocations are not counted: that needs valgrind");
    };
    let (blocks, bytes) = ((large - small) / 50.0, (large_bytes - small_bytes) / 50.0);
    println!("quotas off, one more account: {blocks:.0} allocations of {:.1} KiB together", bytes / 1024.0);
}

/// The cost of one more account: the difference between two runs, so that starting and planning don't count.
fn cost() {
    let run = |accounts: u64| {
        let scene = Scene::with_provider(accounts, "weather {\n trail_delay_seconds = 0\n}", "api_share = 1.0");
        let before = children_cpu_seconds();
        let ended = scene.orgroster(&["apply", "-auto-approve"]).output().unwrap();
        assert!(ended.status.success());
        (children_cpu_seconds() - before, scene.requests())
    };
    let ((small_cpu, small), (large_cpu, large)) = (run(10), run(60));
    println!("quotas off, one more account: {:.1} ms of CPU, and these requests:", (large_cpu - small_cpu) / 50.0 * 1000.0);
    for (operation, count) in large {
        let more = (count - small.get(&operation).copied().unwrap_or(0)) as f64 / 50.0;
        if more > 0.0 {
            println!("  {operation}: {more:.2}");
        }
    }
}

/// The CPU time of ended children (Linux: proc(5), cutime and cstime in ticks of 10 ms); zero elsewhere.
fn children_cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) / 100.0
}
