//! Signals and locks, with real processes.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};

use orgroster::journal::{Ledger, LocalStore, LockHolder};

use super::departing::Scene;

/// Reads a stream up to a line that contains the text.
fn wait_for(stream: &mut impl BufRead, wanted: &str) {
    let mut seen = String::new();
    loop {
        let before = seen.len();
        assert!(stream.read_line(&mut seen).unwrap() > 0, "{wanted:?} did not come:\n{seen}");
        if seen[before..].contains(wanted) {
            return;
        }
    }
}

fn send(signal: &str, child: &Child) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

fn slow(milliseconds: u32) -> String {
    format!("weather {{\n trail_delay_seconds = 0\n latency_ms = {milliseconds}\n}}")
}

fn departing(scene: &Scene) -> (Child, BufReader<std::process::ChildStdout>, BufReader<std::process::ChildStderr>) {
    let mut child = scene.orgroster(&["apply", "-auto-approve", "-no-color", "-parallelism=2"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let stderr = BufReader::new(child.stderr.take().unwrap());
    wait_for(&mut stdout, "Destroying...");
    (child, stdout, stderr)
}

#[test]
fn the_first_signal_lets_departures_in_progress_finish_and_the_next_run_continues() {
    for signal in ["-INT", "-TERM"] {
        let scene = Scene::new(5, &slow(60));
        let (mut child, mut stdout, mut stderr) = departing(&scene);
        send(signal, &child);
        wait_for(&mut stderr, "Interrupt received.");
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
        assert_eq!(rest.matches("not started: the run was interrupted").count(), 1, "the reason is printed once: {rest}");
        assert!(rest.contains("Apply incomplete.") && rest.ends_with("To continue, run:\n    orgroster apply -auto-approve\n"), "{rest}");
        let chain = scene.chain();
        assert!(chain.damage.is_empty() && chain.open.is_empty(), "{:?}", chain.damage);
        assert_eq!(scene.departures().len(), chain.records.len());
        assert!(chain.records.len() < 5);
        let again = scene.orgroster(&["apply", "-auto-approve"]).output().unwrap();
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
        scene.check_end().unwrap();
    }
}

#[test]
fn the_second_signal_ends_the_process_at_once_and_the_next_run_learns_it_from_the_journal() {
    let scene = Scene::new(2, &slow(400));
    let (mut child, _stdout, mut stderr) = departing(&scene);
    send("-TERM", &child);
    wait_for(&mut stderr, "Interrupt received.");
    send("-INT", &child);
    wait_for(&mut stderr, "Two interrupts received.");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let chain = scene.chain();
    assert!(chain.damage.is_empty() && chain.records.is_empty());
    assert_eq!(chain.open.len(), 1, "what was in flight is an open intent");
    let again = scene.orgroster(&["apply", "-auto-approve"]).output().unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
    scene.check_end().unwrap();
}

#[test]
fn of_two_applies_one_waits_or_fails_and_force_needs_a_dead_holder_and_the_right_id() {
    let scene = Scene::new(3, &slow(150));
    let (mut first, mut stdout, _stderr) = departing(&scene);
    let second = scene.orgroster(&["apply", "-auto-approve"]).output().unwrap();
    let refused = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{refused}");
    assert!(refused.contains("Only one apply can run at a time: lock ") && refused.contains("for apply since"), "{refused}");
    let id = refused.split("Only one apply can run at a time: lock ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    let forced = scene.orgroster(&["force-unlock", "-force", &id]).output().unwrap();
    assert!(!forced.status.success());
    assert!(String::from_utf8_lossy(&forced.stderr).contains("Its process is alive"), "{}", String::from_utf8_lossy(&forced.stderr));

    let waiting = scene.orgroster(&["apply", "-auto-approve", "-lock-timeout=10m"]).output().unwrap();
    assert!(waiting.status.success(), "{}", String::from_utf8_lossy(&waiting.stderr));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert!(first.wait().unwrap().success(), "{rest}");
    scene.check_end().unwrap();
    let none = scene.orgroster(&["force-unlock", "-force", &id]).output().unwrap();
    assert!(String::from_utf8_lossy(&none.stderr).contains("No lock is held"));
}

#[test]
fn the_lock_of_a_killed_process_does_not_block_and_history_and_verify_tell_what_happened() {
    let scene = Scene::new(2, &slow(100));
    let (mut child, _stdout, _stderr) = departing(&scene);
    child.kill().unwrap();
    child.wait().unwrap();
    let again = scene.orgroster(&["apply", "-auto-approve", "-no-color"]).output().unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    scene.check_end().unwrap();
    let output = String::from_utf8(again.stdout).unwrap();
    let head = output.split("head ").nth(1).unwrap().split_whitespace().next().unwrap();

    let run = |arguments: &[&str]| {
        let ended = scene.orgroster(arguments).output().unwrap();
        (ended.status.code().unwrap(), String::from_utf8(ended.stdout).unwrap() + &String::from_utf8(ended.stderr).unwrap())
    };
    let (code, text) = run(&["verify", "-head", head]);
    assert!(code == 0 && text.contains("The chain is whole.") && text.contains("2 proven, 0 pending, 0 contradicted"), "{text}");
    // CloudTrail's answer is now on record, so nothing is requested or written again. With -member, the calls in the accounts' own
    // histories are added once.
    let entries = scene.chain().entries;
    for (words, entries) in [
        (&["verify", "-json"][..], entries),
        (&["verify", "-member", "-json"], entries + 2),
        (&["verify", "-member", "-json"], entries + 2),
    ] {
        let (code, text) = run(words);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((code, document["proven"].as_array().unwrap().len(), scene.chain().entries), (0, 2, entries), "{text}");
    }
    let (code, text) = run(&["history"]);
    assert!(code == 0 && text.contains("account.a200000000001") && text.contains(head), "{text}");
    let (code, text) = run(&["history", "-json"]);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, document["records"].as_array().unwrap().len()), (0, 2));
    let (code, text) = run(&["history", "show", "200000000000"]);
    assert!(code == 0 && text.contains("invite-account-to-organization --target Id=200000000000,Type=ACCOUNT"), "{text}");
    let (code, text) = run(&["history", "show", "account.a20000000000"]);
    assert!(code == 1 && text.contains("Did you mean account.a20000000000"), "{text}");
    let (code, text) = run(&["verify", "-head", "sha256:00"]);
    assert!(code == 1 && text.contains("is not in this chain"), "{text}");
}

/// Writes the record of a departure that is this many days old, in the way an apply does.
fn record_old_departure(of: &Scene, within: &Scene, days: i64) {
    let mut record = of.chain().records[0].record.clone();
    for at in [&mut record.intended_at, &mut record.effective_at] {
        *at -= jiff::SignedDuration::from_hours(24 * days);
    }
    let ledger = Ledger::new(LocalStore::new(within.path().join(".orgroster")), record.organization.id.clone());
    let holder = LockHolder { id: "old".into(), operation: "apply".into(), who: "ci".into(), created: Some(record.intended_at) };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let run = ledger.begin(&holder).await.unwrap();
        let (at, act, digest) = (record.effective_at, (record.planned.id, record.action), record.digest.clone());
        run.intend(record.intended_at, &record.planned, &digest).await.unwrap();
        let recorded = run.record(record).await.unwrap();
        run.took_effect(at, act, recorded, "departed").await.unwrap();
        run.release().await.unwrap();
    });
}

#[test]
fn a_departure_beyond_the_event_history_is_distinguished_from_a_pending_one() {
    let (scene, old) = (Scene::new(1, &slow(0)), Scene::new(1, &slow(0)));
    assert!(scene.orgroster(&["apply", "-auto-approve"]).output().unwrap().status.success());
    for (days, expected, key) in [
        (91, "0 proven, 0 pending, 0 contradicted, 1 beyond its event history.\n", "unverifiable"),
        (89, "0 proven, 1 pending, 0 contradicted, 1 beyond its event history.\n", "pending"),
    ] {
        record_old_departure(&scene, &old, days);
        let told = String::from_utf8(old.orgroster(&["verify"]).output().unwrap().stdout).unwrap();
        assert!(told.contains(expected), "{told}");
        assert!(told.contains("Look for the event AccountDepartedOrganization of account 200000000000 at about "), "{told}");
        let json = old.orgroster(&["verify", "-json"]).output().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!((json.status.code(), document[key].as_array().unwrap().len()), (Some(0), 1), "{document}");
    }
}

#[test]
fn the_last_lines_list_done_unknown_and_remaining_accounts_and_the_command_to_continue() {
    let refused = "fault {\n operation = \"organizations:LeaveOrganization\"\n account = \"200000000000\"\n kind = \"error\"\n \
                   code = \"ConstraintViolationException\"\n reason = \"INVALID_PAYMENT_INSTRUMENT\"\n message = \"said AWS\"\n}";
    let scene = Scene::new(4, &format!("{}\n{refused}", slow(0)));
    let saved = scene.orgroster(&["plan", "-out=the plan.json"]).output().unwrap();
    assert!(saved.status.success(), "{}", String::from_utf8_lossy(&saved.stderr));
    // The answers to the third account's call are lost, and no one can be asked about it.
    scene.add_faults(
        r#"[{"operation":"organizations:LeaveOrganization","account":"200000000002","kind":"reset_before_effect","count":9},
            {"operation":"organizations:DescribeOrganization","account":"200000000002","kind":"error","code":"AccessDeniedException","after":1,"count":9},
            {"operation":"organizations:DescribeAccount","kind":"error","code":"AccessDeniedException","count":9}]"#,
    );
    let chdir = format!("-chdir={}", scene.path().display());
    let apply = |more: &[&str]| {
        let mut command = scene.orgroster(&[&[chdir.as_str(), "apply", "-no-color", "-parallelism=1"], more].concat());
        command.current_dir("/").output().unwrap()
    };
    let ended = apply(&["the plan.json"]);
    let text = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{text}");
    let (_, last) =
        text.split_once("Apply incomplete. Resources: 0 added, 0 changed, 1 destroyed.\n\n").unwrap_or_else(|| panic!("{text}"));
    assert_eq!(
        last.replace(&chdir, "-chdir=DIR"),
        "Done and recorded: account.a200000000001\nOutcome unknown: account.a200000000002\n\
         Still to do: account.a200000000000 (refused), account.a200000000003 (not started)\n\n\
         To continue, once the refusal above is resolved, run:\n    orgroster -chdir=DIR apply 'the plan.json'\n",
        "{text}"
    );
    // The printed command works from the reader's directory.
    scene.clear_faults();
    let again = apply(&["the plan.json"]);
    let text = String::from_utf8(again.stdout).unwrap();
    assert!(again.status.code() == Some(3) && text.contains("Resources: 0 added, 0 changed, 2 destroyed."), "{text}");
    // If AWS refused despite an attestation, a later attestation is needed, which this file doesn't have.
    assert!(text.contains("Still to do: account.a200000000000 (held back)"), "{text}");
    assert_eq!(scene.departures().into_iter().filter(|(_, times)| *times == 1).count(), 3);
}

#[test]
fn with_json_everything_is_an_event_failures_too() {
    let payment = "fault {\n operation = \"organizations:LeaveOrganization\"\n account = \"200000000001\"\n kind = \"error\"\n \
                   code = \"ConstraintViolationException\"\n reason = \"INVALID_PAYMENT_INSTRUMENT\"\n message = \"said AWS\"\n}";
    let scene = Scene::new(3, &format!("{}\n{payment}", slow(0)));
    let ended = scene.orgroster(&["apply", "-json", "-auto-approve"]).output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(1), ""));
    let text = String::from_utf8(ended.stdout).unwrap();
    let events: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
    assert_eq!(events[0]["type"], "version");
    assert_eq!((count("planned_change"), count("apply_start"), count("apply_complete"), count("apply_errored")), (3, 3, 2, 1), "{text}");
    let failure = events.iter().find(|event| event["type"] == "diagnostic" && event["@level"] == "error").unwrap();
    let detail = failure["diagnostic"]["detail"].as_str().unwrap();
    for part in ["ConstraintViolationException (INVALID_PAYMENT_INSTRUMENT): said AWS.", "no supported payment method", "Request id "] {
        assert!(detail.contains(part), "{detail}");
    }
    assert!(detail.contains("This contradicts what finance@example.com attested on 2026-01-02."), "{detail}");
    assert_eq!(failure["diagnostic"]["address"], "orgroster_account.a200000000001");
    assert_eq!(events.iter().rfind(|event| event["type"] == "change_summary").unwrap()["changes"]["remove"], 2);

    let asked = scene.orgroster(&["apply", "-json"]).output().unwrap();
    assert_eq!(asked.status.code(), Some(1));
    let text = String::from_utf8(asked.stdout).unwrap();
    let events: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&events[0]["type"], &events[1]["diagnostic"]["code"]), (&"version".into(), &"approval-required".into()));
}

#[test]
fn an_account_that_is_listed_although_it_is_gone_does_not_keep_the_others_from_being_planned() {
    // AWS's answers are inconsistent for a while: the list still contains the account, and the next operation does not find it.
    let gone = "fault {\n operation = \"organizations:ListTagsForResource\"\n kind = \"error\"\n code = \"TargetNotFoundException\"\n \
                message = \"said AWS\"\n}";
    let scene = Scene::new(2, gone);
    let planned = scene.orgroster(&["plan", "-detailed-exitcode", "-no-color"]).output().unwrap();
    let text = String::from_utf8_lossy(&planned.stdout).into_owned() + &String::from_utf8_lossy(&planned.stderr);
    assert_eq!(planned.status.code(), Some(2), "{text}");
    assert!(
        text.contains("Accounts: 1 departing, 1 blocked") && text.contains("known_account: the organization has no account with this id"),
        "{text}"
    );
}

#[test]
fn a_foreign_client_that_uses_up_the_quota_slows_the_run_down_and_is_reported() {
    let scene = Scene::with_bystanders(3, "weather {\n trail_delay_seconds = 0\n throttles = true\n}", "", 30);
    let foreign = scene.foreign_client(30, std::time::Duration::ZERO);
    let mut child = scene.orgroster(&["apply", "-auto-approve", "-no-color"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    wait_for(&mut stdout, "Still destroying... (organizations:LeaveOrganization: TooManyRequestsException");
    drop(foreign);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{rest}");
    assert!(rest.contains(", so the run slowed down: another caller uses the same quota."), "{rest}");
    scene.lift_quotas();
    scene.check_end().unwrap();
}
