//! How close departures come to AWS's documented rate, and what one costs the program itself.
//!
//! `cargo bench --bench pace`; `ORGROSTER_BENCH_ACCOUNTS` (500) says how many accounts depart under quotas.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

#[path = "../tests/contract/bucket.rs"]
mod bucket;
#[path = "../tests/suite/departing.rs"]
mod departing;

use std::fs;

use departing::Scene;

/// LeaveOrganization: accounts a second in one organization (API reference).
const CAP: f64 = 5.0;

fn main() {
    let accounts = std::env::var("ORGROSTER_BENCH_ACCOUNTS").ok().and_then(|count| count.parse().ok()).unwrap_or(500);
    pace(accounts, "quotas on, 20 ms latency, pace at the cap", "api_share = 1.0");
    pace(accounts.min(60), "quotas on, 20 ms latency, default pace", "");
    cost();
}

/// Departures a second, from the first to the last one, by the organization's own CloudTrail.
fn pace(accounts: u64, what: &str, provider: &str) {
    let weather = "weather {\n throttles = true\n latency_ms = 20\n trail_delay_seconds = 0\n}";
    let scene = Scene::with_provider(accounts, weather, provider);
    let ended = scene.orgroster(&["apply", "-auto-approve", "-no-color"]).output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{text}{}", String::from_utf8_lossy(&ended.stderr));
    scene.lift_quotas();
    let times: Vec<_> = scene.departure_times().into_iter().map(|(_, at)| at).collect();
    let (first, last) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    let rate = (times.len() - 1) as f64 / last.duration_since(*first).as_secs_f64();
    let throttled = if text.contains("AWS throttled") { "throttled" } else { "no call throttled" };
    println!("{what}: {} departures at {rate:.3} a second, {:.1} % of the cap, {throttled}", times.len(), rate / CAP * 100.0);
}

/// What one more account costs: the difference of two runs, so that starting and planning don't count.
fn cost() {
    let run = |accounts: u64| {
        let scene = Scene::with_provider(accounts, "weather {\n trail_delay_seconds = 0\n}", "api_share = 1.0");
        let before = children_cpu_seconds();
        let ended = scene.orgroster(&["apply", "-auto-approve"]).output().unwrap();
        assert!(ended.status.success());
        (children_cpu_seconds() - before, scene.requests())
    };
    let ((small_cpu, small), (large_cpu, large)) = (run(10), run(60));
    println!("quotas off, one more account: {:.1} ms of CPU", (large_cpu - small_cpu) / 50.0 * 1000.0);
    for (operation, count) in large {
        let more = (count - small.get(&operation).copied().unwrap_or(0)) as f64 / 50.0;
        if more > 0.0 {
            println!("  {operation}: {more:.2}");
        }
    }
}

/// CPU time of the children that ended (Linux: proc(5), cutime and cstime in ticks of 10 ms); zero elsewhere.
fn children_cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) / 100.0
}
