//! Only what was approved is carried out: losses that grow, edited files, interrupted or repeated runs, and AWS's own answers.

use std::fs;
use std::process::{Output, Stdio};

use orgroster::plan::sha256_hex;
use serde_json::{Value, json};

use crate::departing::{Scene, ids};

/// CloudTrail shows a departure at once.
const PROMPT: &str = "weather {\n  trail_delay_seconds = 0\n}";

fn texts(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs the program and returns its exit code and output.
fn run(scene: &Scene, words: &[&str]) -> (i32, String) {
    let output = scene.orgroster(words).output().unwrap();
    (output.status.code().unwrap(), texts(&output))
}

/// Runs `plan -out plan.json` with more words and returns its output and the digest.
fn planned(scene: &Scene, words: &[&str]) -> (String, String) {
    let (code, text) = run(scene, &[&["plan", "-out", "plan.json"], words].concat());
    assert_eq!(code, 0, "{text}");
    let digest = text.lines().find_map(|line| line.strip_prefix("Digest: ")).unwrap().to_owned();
    (text, digest)
}

fn edit(scene: &Scene, change: impl FnOnce(String) -> String) {
    let path = scene.path().join("main.roster.hcl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, change(text)).unwrap();
}

fn tag(scene: &Scene, account: &str, key: &str) {
    let body = json!({ "ResourceId": account, "Tags": [{ "Key": key, "Value": "x" }] });
    let _ = scene.ask("AWSOrganizationsV20161128.TagResource", "organizations", &body);
}

fn untag(scene: &Scene, account: &str, key: &str) {
    let body = json!({ "ResourceId": account, "TagKeys": [key] });
    let _ = scene.ask("AWSOrganizationsV20161128.UntagResource", "organizations", &body);
}

#[test]
fn a_loss_that_grows_after_the_approval_holds_the_account_back_and_is_named() {
    let scene = Scene::new(1, PROMPT);
    let account = &ids(1)[0];
    edit(&scene, |text| text.replacen("  membership = \"detached\"", "  membership  = \"detached\"\n  acknowledge = [\"tags\"]", 1));
    tag(&scene, account, "budget");
    tag(&scene, account, "team");
    let (plan, digest) = planned(&scene, &[]);
    let loss = "# tags: acknowledged: the account object's tags budget, team are deleted";
    assert!(plan.contains(loss) && run(&scene, &["show", "plan.json"]).1.contains(loss), "{plan}");

    tag(&scene, account, "production");
    let (code, text) = run(&scene, &["apply", "plan.json"]);
    assert!(code == 3 && text.contains("tags: production was not there when this was approved"), "{text}");
    assert!(!text.contains("No changes"), "what is held back is not nothing: {text}");
    // The saved plan would hold it back again, so the last line is the command for a new plan.
    let next = "does not cover what was found. To plan again and have the new plan reviewed, run:\n    orgroster";
    assert!(text.contains(next) && text.trim_end().ends_with("plan -out=plan.json") && !text.contains(" apply plan.json"), "{text}");
    let (code, text) = run(&scene, &["apply", "-expect-digest", &digest]);
    assert!(code == 1 && text.contains("digest-mismatch") && text.contains("budget, production, team are deleted"), "{text}");
    assert!(scene.departures().is_empty());

    untag(&scene, account, "production");
    untag(&scene, account, "budget");
    let (code, text) = run(&scene, &["apply", "plan.json"]);
    assert!(code == 0 && text.contains("# tags: acknowledged: the account object's tag team is deleted"), "{text}");
    scene.check_end().unwrap();
    assert_eq!(scene.chain().records[0].record.digest.0, digest, "what only shrinks is the same approval");
}

#[test]
fn the_variables_of_a_plan_file_are_compared_and_never_used() {
    let scene = Scene::new(1, PROMPT);
    edit(&scene, |text| text.replace("\"Divested\"", "var.why") + "variable \"why\" {\n  type = string\n}\n");
    let (_, digest) = planned(&scene, &["-var", "why=Divested"]);
    assert_ne!(planned(&scene, &["-var", "why=Sold"]).1, digest);
    let (code, text) = run(&scene, &["apply", "plan.json"]);
    assert!(code == 1 && text.contains("missing-variable"), "the file gives nothing: {text}");
    let (code, text) = run(&scene, &["apply", "plan.json", "-var", "why=Divested"]);
    assert!(code == 1 && text.contains("stale-plan") && text.contains("why: \"Sold\" in the plan, \"Divested\" now"), "{text}");
    assert!(scene.departures().is_empty() && !scene.path().join(".orgroster").exists());
    let output = scene.orgroster(&["apply", "plan.json"]).env("ORGROSTER_VAR_why", "Sold").output().unwrap();
    assert!(output.status.success(), "{}", texts(&output));
    scene.check_end().unwrap();
}

#[test]
fn a_file_whose_rendering_was_edited_is_refused_by_every_reader() {
    let scene = Scene::new(1, PROMPT);
    planned(&scene, &[]);
    let path = scene.path().join("plan.json");
    let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let edits: [fn(&mut Value); 4] = [
        |file| {
            file["orgroster"]["accounts"][0]["change"]["act"]["kept"]["unit_path"] = json!([{ "id": "r-ab12", "name": "To be deleted" }])
        },
        |file| file["orgroster"]["accounts"][0]["address"] = "account.scratch".into(),
        |file| file["orgroster"]["accounts"][0]["change"]["act"]["gates"] = json!([]),
        |file| file["resource_changes"][0]["change"]["actions"] = json!(["no-op"]),
    ];
    for edit in edits {
        let mut forged = file.clone();
        edit(&mut forged);
        fs::write(&path, forged.to_string()).unwrap();
        for words in
            [&["show", "plan.json"][..], &["show", "-markdown", "plan.json"], &["plan", "-baseline", "plan.json"], &["apply", "plan.json"]]
        {
            let (code, text) = run(&scene, words);
            assert!(code == 1 && text.contains("it was changed after it was written"), "{words:?}: {text}");
        }
    }
    assert!(scene.departures().is_empty());
}

#[test]
fn apply_shows_what_it_finds_whatever_a_file_says_of_it() {
    let scene = Scene::new(1, PROMPT);
    planned(&scene, &[]);
    let path = scene.path().join("plan.json");
    let mut file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    // Approval covers neither of these; anyone who edits them can recompute the checksum.
    file["orgroster"]["accounts"][0]["change"]["act"]["kept"]["unit_path"] = json!([{ "id": "r-ab12", "name": "To be deleted" }]);
    for gate in file["orgroster"]["accounts"][0]["change"]["act"]["gates"].as_array_mut().unwrap() {
        if gate["gate"] == "identity" {
            gate["text"] = "forged".into();
        }
    }
    for gate in file["checks"][0]["instances"][0]["gates"].as_array_mut().unwrap() {
        if gate["gate"] == "identity" {
            gate["message"] = "forged".into();
        }
    }
    file.as_object_mut().unwrap().remove("checksum");
    file["checksum"] = format!("sha256:{}", sha256_hex(file.to_string().as_bytes())).into();
    fs::write(&path, file.to_string()).unwrap();
    assert!(run(&scene, &["show", "plan.json"]).1.contains("To be deleted"));
    let (code, text) = run(&scene, &["apply", "plan.json"]);
    assert!(code == 0 && text.contains("unit     = \"Root\"") && !text.contains("To be deleted"), "{text}");
    let record = fs::read_dir(scene.path().join(".orgroster/records")).unwrap().next().unwrap().unwrap().path();
    let record = fs::read_to_string(record).unwrap();
    assert!(!record.contains("To be deleted") && !record.contains("forged"), "{record}");
}

#[test]
fn a_command_whose_standard_output_is_lost_fails_and_says_so() {
    let scene = Scene::new(1, PROMPT);
    planned(&scene, &[]);
    let commands: &[&[&str]] = &[
        &["plan"],
        &["plan", "-json"],
        &["show", "plan.json"],
        &["show", "-json", "plan.json"],
        &["show", "-markdown", "plan.json"],
        &["validate"],
        &["fmt", "-diff"],
        &["import"],
        &["history"],
        &["explain", "account.a200000000000"],
        &["iam-policy", "plan"],
        &["sandbox", "generate", "-accounts", "5"],
        &["sandbox", "serve", "-listen", "127.0.0.1:0", "world.sandbox.hcl"],
        &["schema", "plan"],
        &["completion", "bash"],
        &["version"],
        &["plan", "-help"],
        &["apply", "plan.json"],
    ];
    let world = "organization \"o-exampleorgid\" {\n  management_account_id = \"111111111111\"\n  root {\n    id = \"r-ab12\"\n  }\n  \
                 account \"111111111111\" {\n    name  = \"management\"\n    email = \"m@example.com\"\n  }\n}\n";
    fs::write(scene.path().join("world.sandbox.hcl"), world).unwrap();
    edit(&scene, |text| text.replacen("  id   ", "  id", 1));
    for words in commands {
        let full = || Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        let output = scene.orgroster(words).stdout(full()).output().unwrap();
        let text = texts(&output);
        assert!(output.status.code() == Some(1) && text.contains("Standard output can't be written"), "{words:?}: {text}");
    }
    assert!(scene.departures().is_empty(), "no one could read what apply was about to do");
    let output = scene.orgroster(&["plan", "-json-into", "/dev/full"]).output().unwrap();
    assert!(output.status.code() == Some(1) && texts(&output).contains("-json-into"), "{}", texts(&output));
}

#[test]
fn a_run_that_was_cut_goes_on_by_its_digest_and_one_that_is_repeated_finds_everything_done() {
    // The first account leaves, the second is refused for a reason that may concern all, and the third one waits.
    let faults = "fault {\n  operation = \"organizations:LeaveOrganization\"\n  account = \"200000000001\"\n  kind = \"error\"\n  code = \"AccessDeniedException\"\n  count = 1\n}";
    let scene = Scene::new(3, &format!("{PROMPT}\n{faults}"));
    let (_, digest) = planned(&scene, &[]);
    let (code, text) = run(&scene, &["apply", "-expect-digest", &digest, "-parallelism", "1"]);
    assert!(code == 1 && scene.departures().len() == 1, "{text}");
    let (code, text) = run(&scene, &["apply", "-expect-digest", &digest]);
    assert!(code == 0 && text.contains("Account 200000000000 was already done") && text.contains("1 done before"), "{text}");
    scene.check_end().unwrap();
    for words in [&["apply", "-expect-digest", &digest][..], &["apply", "plan.json"], &["apply", "plan.json", "-expect-digest", &digest]] {
        let (code, text) = run(&scene, words);
        assert!(code == 0 && text.matches("was already done").count() == 3 && text.contains("Apply complete!"), "{words:?}: {text}");
    }
    // Earlier applies don't approve another digest.
    let (code, text) = run(&scene, &["apply", "-expect-digest", &format!("sha256:{}", "0".repeat(64))]);
    assert!(code == 1 && text.contains("digest-mismatch"), "{text}");
    assert!(scene.chain().records.iter().all(|found| found.record.digest.0 == digest));
    scene.check_end().unwrap();
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the program goes by the same clock")]
fn a_refusal_that_contradicts_an_attestation_blocks_until_a_later_one() {
    let faults = "fault {\n  operation = \"organizations:LeaveOrganization\"\n  kind = \"error\"\n  code = \"ConstraintViolationException\"\n  reason = \"ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA\"\n  count = 1\n}";
    let scene = Scene::new(1, &format!("{PROMPT}\n{faults}"));
    let (_, digest) = planned(&scene, &[]);
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert!(code == 1 && text.contains("This contradicts what finance@example.com attested on 2026-01-02"), "{text}");
    let (code, text) = run(&scene, &["plan", "-detailed-exitcode"]);
    let says = "AWS refused the departure on";
    assert!(code == 3 && text.contains(says) && text.contains("which contradicts the attestation by finance@example.com"), "{text}");
    for words in [&["apply", "plan.json"][..], &["apply", "-expect-digest", &digest]] {
        let (code, text) = run(&scene, words);
        assert!(code != 0 && text.contains(says), "{words:?}: {text}");
    }
    assert!(scene.departures().is_empty());
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    edit(&scene, |text| text.replace("2026-01-02", &today.to_string()));
    assert_eq!(run(&scene, &["plan", "-detailed-exitcode"]).0, 3, "an attestation of the same day may be the refused one");
    // The same refusal, two days later.
    let refusals = scene.path().join(".orgroster/refusals");
    let name = fs::read_dir(&refusals).unwrap().next().unwrap().unwrap().path();
    let mut refusal: Value = serde_json::from_slice(&fs::read(&name).unwrap()).unwrap();
    refusal["refused"]["provenance"]["at"] = "2026-01-05T09:00:00Z".into();
    fs::write(&name, refusal.to_string()).unwrap();
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert!(code == 0, "{text}");
    scene.check_end().unwrap();
}
