//! Whole commands on a backend that someone else wrote, cut or planted.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::bucket::Faults;
use super::departing::Scene;

const WEATHER: &str = "weather {\n trail_delay_seconds = 0\n}";

/// Returns the exit code and all output.
fn run(scene: &Scene, words: &[&str]) -> (i32, String) {
    ended(&mut scene.orgroster(words))
}

fn ended(command: &mut Command) -> (i32, String) {
    let ended = command.output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap() + &String::from_utf8(ended.stderr).unwrap();
    (ended.status.code().unwrap_or(-1), text)
}

#[test]
fn a_journal_that_is_lost_stops_the_next_apply_and_every_one_after_it() {
    let scene = Scene::new(2, WEATHER);
    assert_eq!(run(&scene, &["apply", "-auto-approve", "-target=account.a200000000000"]).0, 0);
    let journal = scene.path().join(".orgroster/journal.jsonl");
    let whole = fs::read_to_string(&journal).unwrap();
    // An empty journal, and one that contains only the first line, the start of the run.
    for left in ["", &whole[..=whole.find('\n').unwrap()]] {
        fs::write(&journal, left).unwrap();
        for _ in 0..2 {
            let (code, text) = run(&scene, &["apply", "-auto-approve"]);
            assert!(code == 1 && text.contains("(damaged-journal)") && text.contains("journal.jsonl: it is cut off"), "{text}");
        }
        assert_eq!(fs::read_to_string(&journal).unwrap(), left);
        assert_eq!(scene.departures().len(), 1);
    }
    fs::write(&journal, &whole).unwrap();
    assert_eq!(run(&scene, &["apply", "-auto-approve"]).0, 0);
    scene.check_end().unwrap();
}

#[test]
fn an_open_intent_whose_journal_is_lost_before_any_record_is_not_forgotten() {
    // The call is refused, so there is no record, although the run has begun.
    let fault =
        "fault {\n operation = \"organizations:LeaveOrganization\"\n kind = \"error\"\n code = \"AccessDeniedException\"\n status = 400\n}";
    let scene = Scene::new(1, &format!("{WEATHER}\n{fault}"));
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert!(code == 1 && !text.contains("head sha256:"), "there is no record whose hash could be kept: {text}");
    fs::remove_file(scene.path().join(".orgroster/journal.jsonl")).unwrap();
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert!(code == 1 && text.contains("journal.jsonl: it is cut off: head was written after entry"), "{text}");
}

#[test]
fn of_two_organizations_with_one_backend_the_second_is_refused_and_both_are_named() {
    let (first, second) = (Scene::new(1, WEATHER), Scene::new(1, WEATHER));
    assert_eq!(run(&first, &["apply", "-auto-approve"]).0, 0);
    let path = second.path().join("main.roster.hcl");
    let text = fs::read_to_string(&path).unwrap().replace("o-exampleorgid", "o-secondorgid1");
    let backend = format!("orgroster {{\n  backend \"local\" {{\n    path = \"{}\"\n  }}\n}}\n", first.path().join(".orgroster").display());
    fs::write(&path, text + &backend).unwrap();
    for words in [&["apply", "-auto-approve"][..], &["history"], &["verify"], &["init"]] {
        let (code, text) = run(&second, words);
        assert!(code == 1 && text.contains("(another-organizations-backend)"), "{words:?}: {text}");
        assert!(
            text.contains("belongs to organization o-exampleorgid, but the configuration declares o-secondorgid1"),
            "{words:?}: {text}"
        );
    }
    assert!(second.departures().is_empty());
    first.check_end().unwrap();
}

#[test]
fn links_and_pipes_of_a_planted_backend_are_neither_read_nor_written_through() {
    let scene = Scene::new(1, WEATHER);
    let at = |name: &str| scene.path().join(name);
    fs::create_dir_all(at(".orgroster/records")).unwrap();
    let record = at(".orgroster/records/200000000000-x.json");
    let refused = |words: &[&str], why: &str| {
        let (code, text) = run(&scene, words);
        assert!(code == 1 && text.contains("(backend-error)") && text.contains(why), "{words:?}: {text}");
    };
    symlink("/dev/zero", &record).unwrap();
    refused(&["plan"], "it is a symbolic link");
    fs::remove_file(&record).unwrap();
    assert!(Command::new("mkfifo").arg(&record).status().unwrap().success());
    for words in [&["plan"][..], &["verify"], &["history"], &["apply", "-auto-approve"]] {
        refused(words, "it is not a regular file");
    }
    fs::remove_file(&record).unwrap();
    for name in ["lock", "journal.jsonl", "head"] {
        fs::write(at("precious"), "precious").unwrap();
        // A refused run may have created a lock.
        let _ = fs::remove_file(at(".orgroster").join(name));
        symlink("../precious", at(".orgroster").join(name)).unwrap();
        refused(&["apply", "-auto-approve"], "it is a symbolic link");
        assert_eq!(fs::read_to_string(at("precious")).unwrap(), "precious", "{name}");
        fs::remove_file(at(".orgroster").join(name)).unwrap();
    }
    fs::remove_dir_all(at(".orgroster")).unwrap();
    fs::create_dir(at("elsewhere")).unwrap();
    symlink("elsewhere", at(".orgroster")).unwrap();
    refused(&["apply", "-auto-approve"], "it is a symbolic link");
    assert_eq!(fs::read_dir(at("elsewhere")).unwrap().count(), 0);
    assert!(scene.departures().is_empty());
}

/// A proxy or captive portal that answers every request with 200.
#[test]
fn a_write_that_s3_did_not_confirm_is_not_believed_and_nothing_is_lost() {
    for part in ["/orgroster/lock", "/orgroster/head", "/orgroster/journal/", "/orgroster/records/"] {
        let scene = Scene::on_s3(2, WEATHER);
        scene.bucket().set(Faults { hollow: Some(("PUT", part)), ..Faults::default() });
        let (code, text) = run(&scene, &["apply", "-auto-approve"]);
        assert!(code == 1 && text.contains("the answer does not contain the SHA-256 checksum of what was sent"), "{part}: {text}");
        let departed = usize::from(part == "/orgroster/records/");
        assert_eq!(scene.departures().len(), departed, "{part}: {text}");
        scene.bucket().set(Faults::default());
        let (code, text) = run(&scene, &["apply", "-auto-approve"]);
        assert_eq!(code, 0, "{part}: {text}");
        scene.check_end().unwrap_or_else(|what| panic!("{part}: {what}"));
    }
}

#[test]
fn folder_marks_and_locks_without_an_id_block_no_one_forever() {
    let scene = Scene::on_s3(1, WEATHER);
    scene.bucket().plant("orgroster/records/", b"");
    scene.bucket().plant("orgroster/journal/", b"");
    assert_eq!(run(&scene, &["plan"]).0, 0);
    scene.bucket().plant("orgroster/lock", b"");
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert!(code == 1 && text.contains("(locked)"), "{text}");
    let id = text.split("orgroster force-unlock ").nth(1).unwrap().split_whitespace().next().unwrap();
    let (code, text) = run(&scene, &["force-unlock", "-force", id]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert_eq!(code, 0, "{text}");
    scene.check_end().unwrap();
}

#[test]
fn without_a_prefix_the_bucket_has_one_for_each_organization() {
    let scene = Scene::on_s3(1, WEATHER);
    let path = scene.path().join("backend.roster.hcl");
    let text = fs::read_to_string(&path).unwrap().replace("    prefix = \"orgroster/\"\n", "");
    fs::write(path, text).unwrap();
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert_eq!(code, 0, "{text}");
    let keys = scene.bucket().keys();
    assert!(!keys.is_empty() && keys.iter().all(|key| key.starts_with("orgroster/o-exampleorgid/")), "{keys:?}");
}

#[test]
fn an_unusable_records_to_is_noticed_before_the_first_departure() {
    let scene = Scene::new(1, WEATHER);
    fs::write(scene.path().join("file"), "").unwrap();
    symlink("file", scene.path().join("link")).unwrap();
    for directory in ["file", "link", "file/deeper"] {
        let (code, text) = run(&scene, &["apply", "-auto-approve", "-records-to", directory]);
        assert!(code == 1 && text.contains("(output-error)") && text.contains("-records-to: "), "{text}");
        assert!(scene.departures().is_empty());
    }
}

#[test]
fn a_killed_run_leaves_every_record_in_records_to_and_a_fresh_machine_takes_them_back_in() {
    let scene = Scene::new(3, "weather {\n trail_delay_seconds = 0\n latency_ms = 40\n}");
    let words = ["apply", "-auto-approve", "-no-color", "-parallelism=1", "-records-to=kept"];
    let mut running = scene.orgroster(&words);
    let mut running = running.env("CI", "true").spawn().unwrap();
    let records = |folder: &str| fs::read_dir(scene.path().join(folder)).map_or(0, |found| found.filter(is_record).count());
    let lines = std::io::BufReader::new(running.stdout.take().unwrap());
    // The record is in both stores before the run reports that its account is out.
    let mut said = std::io::BufRead::lines(lines).map(Result::unwrap);
    assert!(said.any(|line| line.contains("Destruction complete")));
    running.kill().unwrap();
    running.wait().unwrap();
    let there = records(".orgroster/records");
    assert!(there >= 1 && records("kept/records") + 1 >= there, "{there} records");
    // The first machine is lost; the files kept by -records-to remain.
    let kept = records("kept/records");
    fs::remove_dir_all(scene.path().join(".orgroster")).unwrap();
    let (code, text) = run(&scene, &["apply", "-auto-approve", "-records-to=kept"]);
    assert!(code == 1 && text.contains("(records-would-be-lost)") && text.contains("orgroster history restore kept"), "{text}");
    let (code, text) = run(&scene, &["history", "restore", "kept"]);
    assert!(code == 0 && text.contains(&format!("{} to .orgroster", orgroster::org::counted(kept as u64, "record"))), "{text}");
    let (code, text) = run(&scene, &["apply", "-auto-approve", "-records-to=kept"]);
    assert_eq!(code, 0, "{text}");
    scene.check_end().unwrap();
    assert_eq!((records(".orgroster/records"), records("kept/records")), (3, 3));
    let (code, text) = run(&scene, &["history", "restore", "nowhere"]);
    assert!(code == 1 && text.contains("There is no directory nowhere"), "{text}");
}

fn is_record(found: &std::io::Result<fs::DirEntry>) -> bool {
    found.as_ref().is_ok_and(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
}

#[test]
fn a_repair_says_what_it_would_accept_and_needs_its_digest() {
    let scene = Scene::new(2, WEATHER);
    assert_eq!(run(&scene, &["apply", "-auto-approve", "-target=account.a200000000000"]).0, 0);
    assert!(run(&scene, &["history", "repair"]).1.contains("There is nothing to repair"));
    fs::remove_file(scene.path().join(".orgroster/journal.jsonl")).unwrap();
    let (code, text) = run(&scene, &["verify"]);
    assert!(code == 1 && text.contains("(damaged-journal)"), "{text}");
    let (code, text) = run(&scene, &["history", "repair"]);
    assert!(code == 1 && text.contains("(approval-required)") && text.contains("it is cut off"), "{text}");
    let digest = text.split("Digest of this repair: ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let (code, text) = run(&scene, &["history", "repair", "-expect-digest=sha256:00"]);
    assert!(code == 1 && text.contains("(digest-mismatch)"), "{text}");
    let (code, text) = run(&scene, &["history", "repair", &format!("-expect-digest={digest}")]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert_eq!(code, 0, "{text}");
    scene.check_end().unwrap();
    assert_eq!(run(&scene, &["verify"]).0, 0);
}

#[test]
fn init_writes_a_gitignore_for_the_backend_once_and_changes_none() {
    let scene = Scene::new(1, WEATHER);
    let path = scene.path().join(".gitignore");
    let (code, text) = run(&scene, &["init"]);
    assert!(code == 0 && text.contains("Wrote .gitignore"), "{text}");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().last(), Some(".orgroster/"));
    let (code, text) = run(&scene, &["init"]);
    assert!(code == 0 && !text.contains(".gitignore"), "{text}");
    fs::write(&path, "target/\n").unwrap();
    let (code, text) = run(&scene, &["init"]);
    assert!(code == 0 && text.contains("Add .orgroster/ to .gitignore"), "{text}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "target/\n");
    let bucket = Scene::on_s3(1, WEATHER);
    assert_eq!(run(&bucket, &["init"]).0, 0);
    assert!(!bucket.path().join(".gitignore").exists());
}

#[test]
fn a_departed_account_on_a_machine_without_records_is_said_to_have_lost_them() {
    let scene = Scene::new(1, WEATHER);
    assert_eq!(run(&scene, &["apply", "-auto-approve", "-records-to=kept"]).0, 0);
    fs::remove_dir_all(scene.path().join(".orgroster")).unwrap();
    let (code, text) = run(&scene, &["plan"]);
    assert!(code == 0 && text.contains("(records-missing)") && text.contains("the directory .orgroster on this machine"), "{text}");
    assert_eq!(run(&scene, &["history", "restore", "kept"]).0, 0);
    let (code, text) = run(&scene, &["plan", "-detailed-exitcode"]);
    assert!(code == 0 && !text.contains("(records-missing)"), "{text}");
}

#[test]
fn a_planted_state_of_the_sandbox_is_not_waited_for() {
    let scene = Scene::with_provider(0, "", "sandbox = \"world.sandbox.hcl\"");
    let at = |name: &str| scene.path().join(name);
    fs::write(at("world.sandbox.hcl"), "organization \"o-exampleorgid\" {\n  management_account_id = \"111111111111\"\n}\n").unwrap();
    fs::create_dir_all(at(".orgroster/sandbox")).unwrap();
    assert!(Command::new("mkfifo").arg(at(".orgroster/sandbox/state.json")).status().unwrap().success());
    let (code, text) = run(&scene, &["plan"]);
    assert!(code == 1 && text.contains("state.json: it is not a regular file"), "{text}");
}
