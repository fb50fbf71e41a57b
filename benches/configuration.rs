//! The cost of parsing, evaluating and validating a configuration, by its number of accounts; and that of `terraform validate` for the same
//! number of blocks, if terraform is installed.
//!
//! `cargo bench --bench configuration`; `ORGROSTER_BENCH_TERRAFORM` (10000) is the largest number of blocks for terraform. Each figure
//! comes from its own process, so that its peak memory belongs to one size. CPU and memory are read from Linux's /proc.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hcl_edit::structure::Body;
use orgroster::config::{self, ExternalValues, eval::Scope};
use orgroster::diag::{SourceMap, parse};

const SIZES: [usize; 4] = [100, 1_000, 10_000, 50_000];

/// The limits for 10,000 blocks: seconds of CPU and megabytes.
const TARGET: (usize, f64, f64) = (10_000, 0.5, 200.0);

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [what, directory] = arguments.as_slice() {
        return measure(what, Path::new(directory));
    }
    for (shape, text) in [("account blocks", blocks as fn(usize) -> String), ("rows of one for_each", rows)] {
        for what in ["parse", "evaluate", "validate"] {
            let mut before: Option<(usize, f64)> = None;
            for size in SIZES {
                let directory = tempfile::tempdir().unwrap();
                fs::write(directory.path().join("main.roster.hcl"), text(size)).unwrap();
                let own = std::env::current_exe().unwrap();
                let output = Command::new(own).args([what, directory.path().to_str().unwrap()]).output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                let figures = String::from_utf8(output.stdout).unwrap();
                let (cpu, memory) = figures.trim().split_once(' ').unwrap();
                let (cpu, memory): (f64, f64) = (cpu.parse().unwrap(), memory.parse().unwrap());
                report(&format!("{what:8} {size:6} {shape}"), cpu, memory, before.map(|(less, took)| (size, less, cpu / took)));
                if what == "validate" && size == TARGET.0 {
                    let met = if cpu < TARGET.1 && memory < TARGET.2 { "met" } else { "MISSED" };
                    println!("         target: {} s, {} MB: {met}", TARGET.1, TARGET.2);
                }
                before = Some((size, cpu));
            }
        }
    }
    let most = std::env::var("ORGROSTER_BENCH_TERRAFORM").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000);
    for size in SIZES.into_iter().filter(|size| *size <= most) {
        match terraform(size) {
            Some((cpu, memory)) => report(&format!("terraform validate {size} resource blocks"), cpu, memory, None),
            None => return println!("terraform is not installed"),
        }
    }
}

/// Prints one line of the report. `ratio` has a smaller size for comparison: how the cost grows relative to the number of accounts.
fn report(what: &str, cpu: f64, memory: f64, ratio: Option<(usize, usize, f64)>) {
    let ratio =
        ratio.map_or_else(String::new, |(size, less, times)| format!(", {times:.1} times the CPU for {} times the accounts", size / less));
    println!("{what}: {cpu:.3} s of CPU, {memory:.0} MB at most{ratio}");
}

/// Does one step with the configuration of a directory, and prints the seconds of CPU and megabytes of this process.
fn measure(what: &str, directory: &Path) {
    let mut sources = SourceMap::default();
    match what {
        "parse" | "evaluate" => {
            let text = fs::read_to_string(directory.join("main.roster.hcl")).unwrap();
            let file = sources.add("main.roster.hcl", text);
            let syntax = parse(&sources, file).unwrap();
            if what == "evaluate" {
                let scope = Scope::new(Arc::new(sources));
                let evaluated = evaluate(&syntax.body, &|expression| scope.value(&syntax, expression).is_ok());
                assert!(evaluated > 0);
            }
        }
        _ => {
            let validated = config::validate(directory, &ExternalValues::default(), &mut sources);
            assert!(!validated.diagnostics.has_errors() && validated.accounts > 0);
        }
    }
    let nanoseconds = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let cpu = nanoseconds.split_whitespace().next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) / 1e9;
    println!("{cpu} {}", peak("self"));
}

/// Evaluates every attribute that is a value without references; returns their number.
fn evaluate(body: &Body, value: &dyn Fn(&hcl_edit::expr::Expression) -> bool) -> usize {
    let own = body.attributes().filter(|attribute| value(&attribute.value)).count();
    own + body.blocks().map(|block| evaluate(&block.body, value)).sum::<usize>()
}

/// The peak memory of a process so far, in megabytes.
fn peak(process: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

const HEAD: &str = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";

fn blocks(count: usize) -> String {
    let mut text = HEAD.to_owned();
    for index in 0..count {
        let id = 200_000_000_000_usize + index;
        write!(
            text,
            "\naccount \"team-{index}\" {{\n  id         = \"{id}\"\n  name       = \"Team ${{{index}}}\"\n  membership = \"member\"\n}}\n"
        )
        .unwrap();
    }
    text
}

fn rows(count: usize) -> String {
    let mut text = format!("{HEAD}\nlocals {{\n  rows = csvdecode(<<-CSV\n    id,name\n");
    for index in 0..count {
        writeln!(text, "    {},team-{index}", 200_000_000_000_usize + index).unwrap();
    }
    text.push_str("    CSV\n  )\n}\n\naccount \"team\" {\n  for_each   = { for row in local.rows : row.name => row }\n");
    text.push_str("  id         = each.value.id\n  name       = upper(each.key)\n  membership = \"member\"\n}\n");
    text
}

/// The seconds of CPU and megabytes of `terraform validate`. `None` if terraform is not installed.
fn terraform(count: usize) -> Option<(f64, f64)> {
    let directory = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for index in 0..count {
        let id = 200_000_000_000_usize + index;
        write!(
            text,
            "\nresource \"terraform_data\" \"team-{index}\" {{\n  input = {{ id = \"{id}\", name = \"Team ${{{index}}}\" }}\n}}\n"
        )
        .unwrap();
    }
    fs::write(directory.path().join("main.tf"), text).unwrap();
    let run = |command: &str| {
        let mut terraform = Command::new("terraform");
        terraform.arg(format!("-chdir={}", directory.path().display())).arg(command);
        terraform.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    };
    assert!(run("init").ok()?.wait().unwrap().success());
    let before = children_cpu_seconds();
    let memory = watched(run("validate").unwrap());
    Some((children_cpu_seconds() - before, memory))
}

/// Waits for a process and returns its peak memory.
fn watched(mut child: Child) -> f64 {
    let mut most = 0.0_f64;
    loop {
        most = most.max(peak(&child.id().to_string()));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return most;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The CPU time of ended children (proc(5), cutime and cstime in ticks of 10 ms).
fn children_cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) / 100.0
}
