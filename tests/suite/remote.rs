//! A complete apply with an S3 backend.

#![cfg(unix)]

use std::io::{BufRead, BufReader};

use super::bucket::Faults;
use super::departing::Scene;

fn weather(latency_ms: u32) -> String {
    format!("weather {{\n trail_delay_seconds = 0\n latency_ms = {latency_ms}\n}}")
}

/// Returns the exit code and all output.
fn run(scene: &Scene, words: &[&str]) -> (i32, String) {
    let ended = scene.orgroster(words).output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap() + &String::from_utf8(ended.stderr).unwrap();
    (ended.status.code().unwrap_or(-1), text)
}

#[test]
fn from_init_to_verify_everything_is_in_the_bucket_and_nothing_on_disk() {
    let scene = Scene::on_s3(2, &weather(0));
    let (code, text) = run(&scene, &["init"]);
    assert!(code == 0 && scene.bucket().keys().is_empty(), "{text}");
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert_eq!(code, 0, "{text}");
    scene.check_end().unwrap();
    let head = text.split_whitespace().find(|word| word.starts_with("sha256:") && text.contains(&format!("head {word}"))).unwrap();
    let keys = scene.bucket().keys();
    let under = |prefix: &str| keys.iter().filter(|key| key.starts_with(prefix)).count();
    // Start, two intents, two outcomes, end; the lock is gone.
    assert_eq!((under("orgroster/records/"), under("orgroster/journal/"), under("orgroster/head"), keys.len()), (2, 6, 1, 9), "{keys:?}");
    assert!(!scene.path().join(".orgroster").exists());
    let (code, text) = run(&scene, &["history"]);
    assert!(code == 0 && text.contains("account.a200000000000") && text.contains(head), "{text}");
    let (code, text) = run(&scene, &["verify", "-head", head, "-member"]);
    assert!(code == 0 && text.contains("The chain is whole.") && text.contains("2 proven"), "{text}");
    let (code, text) = run(&scene, &["plan", "-detailed-exitcode"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn of_two_applies_one_fails_and_a_killed_one_blocks_until_its_lock_is_forced_by_its_id() {
    let scene = Scene::on_s3(3, &weather(40));
    let mut first = scene.orgroster(&["apply", "-auto-approve", "-no-color", "-parallelism=1"]).spawn().unwrap();
    let mut lines = BufReader::new(first.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("Destroying...")));
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert!(code == 1 && text.contains("Another run holds the lock"), "{text}");
    first.kill().unwrap();
    first.wait().unwrap();
    let (code, text) = run(&scene, &["apply", "-auto-approve", "-lock-timeout=1s"]);
    assert!(code == 1 && text.contains("Another run holds the lock"), "{text}");
    let id = text.split("orgroster force-unlock ").nth(1).unwrap().split_whitespace().next().unwrap();
    let (code, text) = run(&scene, &["force-unlock", "-force", "another"]);
    assert!(code == 1 && text.contains(id), "{text}");
    let (code, text) = run(&scene, &["force-unlock", "-force", id]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert_eq!(code, 0, "{text}");
    scene.check_end().unwrap();
}

#[test]
fn answers_that_are_lost_between_the_write_and_the_reply_change_nothing() {
    for (method, part) in [("PUT", "/lock"), ("PUT", "/journal/"), ("PUT", "/records/"), ("PUT", "/head"), ("DELETE", "/lock")] {
        let scene = Scene::on_s3(2, &weather(0));
        scene.bucket().set(Faults { lost: Some((method, part, 2)), ..Faults::default() });
        let (code, text) = run(&scene, &["apply", "-auto-approve"]);
        assert_eq!(code, 0, "{method} {part}: {text}");
        scene.check_end().unwrap_or_else(|what| panic!("{method} {part}: {what}"));
        assert!(!scene.bucket().keys().iter().any(|key| key.ends_with("/lock")));
    }
}

#[test]
fn problems_of_the_bucket_are_reported_before_anything_is_done() {
    let cases = [
        (Faults { denied: Some("GET"), ..Faults::default() }, "Allow s3:"),
        (Faults { denied: Some("PUT"), ..Faults::default() }, "Allow s3:PutObject on this bucket and prefix"),
        (Faults { region: Some("eu-west-1"), ..Faults::default() }, "The bucket is in another region, eu-west-1; set `region`"),
    ];
    for (faults, remedy) in cases {
        let scene = Scene::on_s3(1, &weather(0));
        scene.bucket().set(faults);
        let (code, text) = run(&scene, &["apply", "-auto-approve"]);
        assert!(code == 1 && text.contains("Error: Backend can't be used") && text.contains(remedy), "{text}");
        assert!(scene.departures().is_empty());
    }
    let scene = Scene::on_s3(1, &weather(0));
    let path = scene.path().join("backend.roster.hcl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.replace("\"records\"", "\"others\"")).unwrap();
    for words in [&["init"][..], &["apply", "-auto-approve"]] {
        let (code, text) = run(&scene, words);
        assert!(code == 1 && text.contains("There is no bucket \"others\"; check `bucket` in the backend block"), "{text}");
    }
    assert!(scene.departures().is_empty());
}
