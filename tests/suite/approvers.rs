//! The approvers that are passed to an apply and recorded, and how many approvals the guardrails require.

use std::fs;
use std::process::{Command, Output};

use crate::departing::{Scene, ids};

fn texts(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn ended(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    (output.status.code().unwrap(), texts(&output))
}

fn run(scene: &Scene, words: &[&str]) -> (i32, String) {
    ended(&mut scene.orgroster(words))
}

/// A scene with one account that should leave, and `setting` in its guardrails.
fn asking(setting: &str) -> Scene {
    let scene = Scene::new(1, "weather {\n  trail_delay_seconds = 0\n}");
    let path = scene.path().join("main.roster.hcl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("guardrails {\n", &format!("guardrails {{\n  {setting}\n"), 1)).unwrap();
    scene
}

fn journal(scene: &Scene) -> String {
    fs::read_to_string(scene.path().join(".orgroster/journal.jsonl")).unwrap_or_default()
}

#[test]
fn fewer_approvers_than_the_guardrails_ask_for_keep_everything_as_it_is() {
    let scene = asking("approvers = 2");
    let (code, plan) = run(&scene, &["plan", "-out", "plan.json"]);
    assert!(code == 0 && plan.contains("approvers = 2 (default none)"), "{plan}");
    assert!(plan.contains("orgroster apply -approved-by=NAME -approved-by=NAME plan.json"), "{plan}");
    let digest = plan.lines().find_map(|line| line.strip_prefix("Digest: ")).unwrap();
    let expected = format!("-expect-digest={digest}");
    for how in ["plan.json", "-auto-approve", &expected] {
        for (named, says) in [
            (vec![], "requires 2 distinct approvers, and none was named"),
            (vec!["-approved-by=ada"], "one was named: ada (-approved-by)"),
            (vec!["-approved-by=ada", "-approved-by", " ADA "], "one was named: ada (-approved-by)"),
        ] {
            let (code, text) = run(&scene, &[vec!["apply", how], named].concat());
            assert!(code == 1 && text.contains("approvers-missing") && text.contains(says), "{text}");
            assert!(text.contains("orgroster apply -approved-by NAME -approved-by NAME"), "{text}");
        }
    }
    assert!(scene.departures().is_empty());
    assert!(!journal(&scene).contains("\"began\""), "{}", journal(&scene));

    let (code, text) = run(&scene, &["apply", "-approved-by=ada", "-approved-by=Grace Hopper", "plan.json"]);
    assert!(code == 0 && text.contains("Approved by Grace Hopper (-approved-by)"), "{text}");
    scene.check_end().unwrap();
    let record = scene.chain().records[0].record.clone();
    let names: Vec<_> = record.approved_by.iter().map(|approver| approver.name.as_str()).collect();
    assert_eq!((names, record.digest.0.as_str()), (vec!["ada", "Grace Hopper"], digest));
    let began = journal(&scene);
    let began = began.lines().find(|line| line.contains("\"began\"")).unwrap();
    assert!(began.contains(r#""approved_by":[{"name":"ada","source":"argument"},{"name":"Grace Hopper","source":"argument"}]"#), "{began}");
    let (_, shown) = run(&scene, &["history", "show", &ids(1)[0]]);
    assert!(shown.contains("  approved by      ada (-approved-by)\n  approved by      Grace Hopper (-approved-by)\n"), "{shown}");
    let (code, text) = run(&scene, &["apply", "-auto-approve"]);
    assert!(code == 0, "an apply with nothing to do needs no approvers: {text}");
}

#[test]
fn every_rendering_of_a_plan_says_how_many_approvers_it_takes() {
    let scene = asking("approvers = 3");
    let (code, text) = run(&scene, &["plan", "-out", "plan.json"]);
    assert_eq!(code, 0, "{text}");
    for (format, setting, command) in [
        ("-markdown", "approvers = 3", "-approved-by=NAME -approved-by=NAME -approved-by=NAME"),
        ("-html", "approvers = 3", "-approved-by=NAME -approved-by=NAME -approved-by=NAME"),
        ("-json", "\"approvers\":3", ""),
    ] {
        let (_, text) = run(&scene, &["show", format, "plan.json"]);
        assert!(text.contains(setting) && text.contains(command), "{format}: {text}");
    }
}

#[test]
fn a_platform_names_the_person_who_approved_the_job_and_not_who_started_it() {
    for (variables, names) in [
        (&[("CI_JOB_MANUAL", "true"), ("GITLAB_USER_LOGIN", "grace")][..], Some("grace (started the GitLab job by hand)")),
        (&[("GITLAB_USER_LOGIN", "grace")], None),
        (&[("CI_JOB_MANUAL", "false"), ("GITLAB_USER_LOGIN", "grace")], None),
        (&[("CI_JOB_MANUAL", "true"), ("GITLAB_USER_LOGIN", "")], None),
        (&[("BUILDKITE", "true"), ("BUILDKITE_UNBLOCKER", "Grace Hopper")], Some("Grace Hopper (unblocked the Buildkite build)")),
        (&[("BUILDKITE_UNBLOCKER", "grace")], None),
        (&[("GITHUB_ACTIONS", "true"), ("GITHUB_ACTOR", "grace"), ("GITHUB_TRIGGERING_ACTOR", "grace")], None),
        (&[("ATLANTIS_PR_APPROVED", "true"), ("USER_NAME", "grace")], None),
        (&[("CI_JOB_MANUAL", "true"), ("GITLAB_USER_LOGIN", "ADA")], None),
    ] {
        let scene = asking("approvers = 2");
        let (code, text) = ended(scene.orgroster(&["apply", "-auto-approve", "-approved-by=ada"]).envs(variables.iter().copied()));
        match names {
            Some(name) => assert!(code == 0 && text.contains(&format!("Approved by {name}")), "{variables:?}: {text}"),
            None => assert!(code == 1 && text.contains("one was named: ada (-approved-by)"), "{variables:?}: {text}"),
        }
    }
    let scene = asking("approvers = 1");
    let forged = [("CI_JOB_MANUAL", "true"), ("GITLAB_USER_LOGIN", "a\u{1b}[2J")];
    let (code, text) = ended(scene.orgroster(&["apply", "-auto-approve"]).envs(forged));
    assert!(
        code == 1 && text.contains("GITLAB_USER_LOGIN: an approver's name can't contain") && text.contains("invalid-argument"),
        "{text}"
    );
}

#[test]
fn a_name_that_nobody_can_read_and_more_names_than_are_kept_are_refused() {
    let scene = asking("approvers = 1");
    let long = "a".repeat(201);
    for (name, why) in [
        ("", "can't be empty"),
        ("  ", "can't be empty"),
        ("ada\n::error::x", "U+000A"),
        ("ada\u{1b}[2J", "U+001B"),
        ("\u{200b}", "U+200B"),
        (&long, "at most 200 characters; this one has 201"),
    ] {
        let (code, text) = run(&scene, &["apply", "-auto-approve", &format!("-approved-by={name}")]);
        assert!(code == 1 && text.contains(why) && text.contains("-approved-by <NAME>"), "{name:?}: {text}");
        assert!(!text.contains("\n::error::x") && !text.contains('\u{1b}'), "{text}");
    }
    let many: Vec<_> = (0..101).map(|number| format!("-approved-by=a{number}")).collect();
    let words: Vec<_> = ["apply", "-auto-approve"].into_iter().chain(many.iter().map(String::as_str)).collect();
    let (code, text) = run(&scene, &words);
    assert!(code == 1 && text.contains("There are 101 approvers, and at most 100 can be recorded"), "{text}");
    assert!(scene.departures().is_empty());
}

#[test]
fn the_number_of_approvers_is_a_whole_number_from_one_to_a_hundred() {
    for (value, why) in [
        ("0", "`approvers` must be a whole number from 1 to 100, not 0."),
        ("-1", "invalid-value"),
        ("1.5", "`approvers` must be a whole number from 1 to 100, not 1.5."),
        ("10000", "`approvers` must be a whole number from 1 to 100, not 10000."),
        ("101", "from 1 to 100"),
        ("\"many\"", "wrong-type"),
        ("[\"ada\"]", "wrong-type"),
    ] {
        let scene = asking(&format!("approvers = {value}"));
        let (code, text) = run(&scene, &["validate"]);
        assert!(code == 1 && text.contains(why) && text.contains("main.roster.hcl:"), "{value}: {text}");
    }
    for value in ["1", "100", "null"] {
        assert_eq!(run(&asking(&format!("approvers = {value}")), &["validate"]).0, 0);
    }
}

#[test]
fn a_directory_asks_for_more_approvers_than_its_trusted_settings_and_never_for_fewer() {
    for (own, code, says) in
        [("3", 0, "approvers = 3 (default none)"), ("2", 0, "approvers = 2 (default none)"), ("1", 1, "loosens a guardrail")]
    {
        let scene = asking(&format!("approvers = {own}"));
        let text = fs::read_to_string(scene.path().join("main.roster.hcl")).unwrap();
        let (head, accounts) = text.split_at(text.find("account \"").unwrap());
        let elsewhere = tempfile::tempdir().unwrap();
        let trusted = elsewhere.path().join("trusted.hcl");
        fs::write(&trusted, head.replace(&format!("approvers = {own}"), "approvers = 2")).unwrap();
        fs::write(scene.path().join("main.roster.hcl"), format!("guardrails {{\n  approvers = {own}\n}}\n{accounts}")).unwrap();
        let (found, text) = run(&scene, &["plan", "-trusted-config", trusted.to_str().unwrap()]);
        assert!(found == code && text.contains(says), "{text}");
    }
}

#[test]
fn the_command_that_goes_on_after_a_failure_names_the_same_approvers() {
    let fault = "fault {\n operation = \"organizations:LeaveOrganization\"\n kind = \"error\"\n code = \"ConstraintViolationException\"\n \
                 reason = \"MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED\"\n}";
    let scene = Scene::new(1, fault);
    let (code, text) = run(&scene, &["apply", "-auto-approve", "-approved-by=Grace Hopper"]);
    assert!(code == 1 && text.contains("apply '-approved-by=Grace Hopper' -auto-approve"), "{text}");
}
