//! Every diagnostic code is produced by a run, and the examples on its page produce what they claim.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use orgroster::config::{self, ExternalValues};
use orgroster::diag::{Code, Example, SourceMap};

use crate::departing::Scene;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const HEAD: &str = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";

/// The codes of the findings in an example.
fn found(example: &Example) -> BTreeSet<Code> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("example.roster.hcl"), example.text).unwrap();
    if !example.alone {
        fs::write(directory.path().join("head.roster.hcl"), HEAD).unwrap();
    }
    match config::load_with(directory.path(), &ExternalValues::default(), &mut SourceMap::default()) {
        Ok((_, warnings)) => warnings,
        Err(diagnostics) => diagnostics,
    }
    .into_iter()
    .map(|finding| finding.code)
    .collect()
}

/// The codes with an example on their page that produces them.
fn reached_by_examples() -> BTreeSet<Code> {
    let shows = |code: &Code| code.page().examples().iter().any(|example| example.wrong && found(example).contains(code));
    Code::ALL.iter().copied().filter(shows).collect()
}

#[test]
fn a_wrong_example_has_the_mistake_of_its_page_and_the_mended_one_has_none() {
    for code in Code::ALL {
        let page = code.page();
        for example in page.examples() {
            let findings = found(&example);
            if example.wrong {
                assert_eq!(findings, [*code].into(), "{code}: {}", example.text);
            } else {
                assert!(findings.is_empty(), "{code}: {findings:?}: {}", example.text);
            }
            let canonical = config::fmt::format(example.text).unwrap_or_default();
            assert!(example.wrong || canonical == example.text, "{code}: not in the canonical format: {}", example.text);
        }
    }
}

/// The codes in a text of golden runs, in one of the forms that the program prints.
fn shown(text: &str) -> BTreeSet<Code> {
    let printed = |code: &Code| {
        let forms =
            [format!("({code})\n"), format!("\"code\": \"{code}\""), format!("\"code\":\"{code}\""), format!("\"check_name\":\"{code}\"")];
        forms.iter().any(|form| text.contains(form))
    };
    Code::ALL.iter().copied().filter(printed).collect()
}

fn reached_by_golden_runs() -> BTreeSet<Code> {
    let files = ["tests/cases", "tests/events"].map(|folder| fs::read_dir(Path::new(ROOT).join(folder)).unwrap());
    let paths = files.into_iter().flatten().map(|entry| entry.unwrap().path());
    let texts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md" || extension == "jsonl"));
    texts.flat_map(|path| shown(&fs::read_to_string(path).unwrap())).collect()
}

/// Codes that need a terminal or an editor. Other tests produce them; the words are what those tests look for.
const IN_OTHER_TESTS: &[(Code, &str, &str)] = &[
    (Code::ApprovalDeclined, "tests/interop/test_terminal.py", "approval-declined"),
    (Code::EditorConnection, "tests/suite/editors.rs", "(editor-connection)"),
];

#[test]
fn every_code_is_reached() {
    let mut reached = reached_by_examples();
    reached.extend(reached_by_golden_runs());
    reached.extend(Code::ALL.iter().copied().filter(|code| SITUATIONS.iter().any(|(reached, _)| reached == code)));
    let looked_for = |path: &str, words: &str| fs::read_to_string(Path::new(ROOT).join(path)).unwrap().contains(words);
    reached.extend(IN_OTHER_TESTS.iter().filter(|(_, path, words)| looked_for(path, words)).map(|(code, ..)| *code));
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !reached.contains(code)).map(|code| code.as_str()).collect();
    assert!(
        missing.is_empty(),
        "no run shows these: {missing:?}. Add an example to the page in src/diag/pages, a golden run, or a situation here"
    );
}

#[test]
fn every_situation_yields_its_code() {
    // They mostly wait for each other's servers, so they run in parallel.
    let wrong: Vec<_> = std::thread::scope(|scope| {
        let begin = |(code, situation): &'static (Code, Situation)| (code, scope.spawn(situation));
        let begun: Vec<_> = SITUATIONS.iter().map(begin).collect();
        let ended = begun.into_iter().map(|(code, running)| (code, running.join().unwrap()));
        ended.filter(|(code, output)| !shown(output).contains(code)).map(|(code, output)| format!("{code}:\n{output}")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A run that returns its output.
type Situation = fn() -> String;

/// A run for each code that no golden run shows. It returns standard error.
const SITUATIONS: &[(Code, Situation)] = &[
    (Code::NoCredentials, || ended(scene().orgroster(&["plan"]).env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY"))),
    (Code::CredentialSettings, || without("AWS_ACCESS_KEY_ID")),
    (Code::UnknownRegion, || with(&scene(), "AWS_REGION", "us-esat-1", &["plan"])),
    (Code::ExpiredCredentials, || refused("*", "ExpiredTokenException", 403)),
    (Code::InvalidCredentials, || refused("*", "UnrecognizedClientException", 403)),
    (Code::AccessDenied, || refused("organizations:ListAccounts", "AccessDeniedException", 400)),
    (Code::Throttled, || refused("organizations:ListAccounts", "TooManyRequestsException", 400)),
    (Code::ApiError, || refused("organizations:ListAccounts", "SomethingNewException", 400)),
    (Code::Unreachable, || with(&scene(), "AWS_ENDPOINT_URL", "http://127.0.0.1:9", &["plan"])),
    (Code::NoOrganization, || with(&scene(), "AWS_ACCESS_KEY_ID", "999999999999", &["plan"])),
    (Code::WrongOrganization, || changed("o-exampleorgid", "o-anotherorgid", &["plan"])),
    (Code::ClockSkew, || run(&Scene::new(1, "clock = \"2020-01-01T00:00:00Z\""), &["plan"])),
    (Code::MixedEndpoints, mixed_endpoints),
    (Code::MemberDiffers, || changed(DETACHED, "name = \"other\"\n  membership = \"member\"", &["plan"])),
    (Code::MemberMissing, || {
        changed(
            "id         = \"200000000000\"\n  name       = \"a200000000000\"\n  membership = \"detached\"",
            "id = \"299999999999\"\n  membership = \"member\"",
            &["plan"],
        )
    }),
    (Code::GuardrailExceeded, || changed("max_detachments         = 1000", "max_detachments = 0", &["plan"])),
    (Code::ApproversMissing, || {
        changed(
            "max_detachments         = 1000",
            "max_detachments = 1000\n  approvers = 2",
            &["apply", "-auto-approve", "-approved-by=ada"],
        )
    }),
    (Code::StalePlan, stale_plan),
    (Code::DigestMismatch, || {
        run(&scene(), &["apply", "-expect-digest", "sha256:0000000000000000000000000000000000000000000000000000000000000000"])
    }),
    (Code::RecordsWouldBeLost, || with(&scene(), "CI", "true", &["apply", "-auto-approve"])),
    (Code::RecordsMissing, || changed("200000000000\"\n  name", "299999999999\"\n  name", &["plan"])),
    (Code::Locked, locked),
    (Code::BackendError, backend_error),
    (Code::AnotherOrganizationsBackend, another_organizations_backend),
    (Code::DamagedJournal, damaged_journal),
    (Code::ContradictedRecord, contradicted_record),
    (Code::NotRecorded, || run(&scene(), &["history", "show", "nobody"])),
    (Code::LockNotReleased, || run(&scene(), &["force-unlock", "-force", "nothing"])),
    (Code::HeldBack, held_back),
    (Code::JoiningBlocked, || joining("", "ou-ab12-nowhere00", &["plan", "-json"])),
    (Code::JoiningFailed, || {
        let fault = "fault {\n operation = \"organizations:InviteAccountToOrganization\"\n kind = \"error\"\n code = \"FinalizingOrganizationException\"\n}";
        joining(fault, "r-ab12", &["apply", "-auto-approve"])
    }),
    (Code::MemberElsewhere, || {
        let member = "name = \"a200000000000\"\n  membership = \"member\"\n  join {\n    reason = \"Acquired\"\n    on = \"2026-11-20\"\n    unit = \"ou-ab12-elsewhere\"\n  }";
        changed(DETACHED, member, &["plan"])
    }),
    (Code::UnnamedInvitation, || {
        let scene = Scene::new(1, "");
        let target = serde_json::json!({ "Target": { "Id": "700000000000", "Type": "ACCOUNT" } });
        let _ = scene.ask_as("111111111111", "InviteAccountToOrganization", &target);
        change(&scene, "guardrails {\n", "guardrails {\n  max_joins = 2\n");
        run(&scene, &["plan"])
    }),
    (Code::DepartureFailed, departure_failed),
    // The management account is not declared in the fixture.
    (Code::SandboxFixture, || rehearsal(&FIXTURE.replacen("111111111111", "222222222222", 1), None)),
    (Code::SandboxState, || rehearsal(FIXTURE, Some("not JSON"))),
    (Code::SandboxRefused, sandbox_refused),
    (Code::UntrustedSetting, untrusted_setting),
    (Code::InvalidSnapshot, || run(&scene(), &["plan", "-snapshot", "main.roster.hcl"])),
    (Code::AccountReference, account_reference),
    (Code::InvalidUtf8, || configured(b"account \"\xff\" {}\n")),
    (Code::UndeclaredVariable, || run(&scene(), &["validate", "-var", "nobody=1"])),
];

const DETACHED: &str = "name       = \"a200000000000\"\n  membership = \"detached\"";

fn scene() -> Scene {
    Scene::new(1, "")
}

fn run(scene: &Scene, arguments: &[&str]) -> String {
    ended(&mut scene.orgroster(arguments))
}

fn ended(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stderr).unwrap()
}

fn with(scene: &Scene, name: &str, value: &str, arguments: &[&str]) -> String {
    ended(scene.orgroster(arguments).env(name, value))
}

fn without(name: &str) -> String {
    ended(scene().orgroster(&["plan"]).env_remove(name))
}

/// A plan of an organization that always refuses an operation.
fn refused(operation: &str, code: &str, status: u16) -> String {
    let fault =
        format!("fault {{\n operation = \"{operation}\"\n kind = \"error\"\n code = \"{code}\"\n status = {status}\n count = 1000\n}}");
    run(&Scene::new(1, &fault), &["plan"])
}

fn change(scene: &Scene, from: &str, to: &str) {
    let path = scene.path().join("main.roster.hcl");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

fn changed(from: &str, to: &str, arguments: &[&str]) -> String {
    let scene = scene();
    change(&scene, from, to);
    run(&scene, arguments)
}

fn configured(bytes: &[u8]) -> String {
    let scene = scene();
    fs::write(scene.path().join("more.roster.hcl"), bytes).unwrap();
    run(&scene, &["validate"])
}

/// The report of `references`, for GitLab.
fn account_reference() -> String {
    let scene = scene();
    fs::create_dir(scene.path().join("elsewhere")).unwrap();
    fs::write(scene.path().join("elsewhere/main.tf"), "# 200000000000\n").unwrap();
    assert_eq!(run(&scene, &["references", "-in", "elsewhere", "-gitlab-code-quality=report.json"]), "");
    fs::read_to_string(scene.path().join("report.json")).unwrap()
}

fn untrusted_setting() -> String {
    let scene = scene();
    let elsewhere = tempfile::tempdir().unwrap();
    let trusted = elsewhere.path().join("trusted.hcl");
    fs::write(&trusted, HEAD).unwrap();
    run(&scene, &["plan", "-trusted-config", trusted.to_str().unwrap()])
}

fn mixed_endpoints() -> String {
    let scene = scene();
    let mut command = scene.orgroster(&["apply", "-auto-approve"]);
    ended(command.env_remove("AWS_ENDPOINT_URL").env("AWS_ENDPOINT_URL_ORGANIZATIONS", "http://127.0.0.1:9"))
}

fn stale_plan() -> String {
    let scene = scene();
    assert_eq!(run(&scene, &["plan", "-out", "plan.json"]), "");
    change(&scene, "max_detachments         = 1000", "max_detachments = 999");
    run(&scene, &["apply", "plan.json"])
}

fn locked() -> String {
    let scene = scene();
    let folder = scene.path().join(".orgroster");
    fs::create_dir(&folder).unwrap();
    let lock = fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    run(&scene, &["apply", "-auto-approve"])
}

fn backend_error() -> String {
    let scene = scene();
    // A file in place of the folder.
    fs::write(scene.path().join(".orgroster"), "").unwrap();
    run(&scene, &["apply", "-auto-approve"])
}

fn applied(scene: &Scene) {
    let output = scene.orgroster(&["apply", "-auto-approve"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 destroyed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

fn another_organizations_backend() -> String {
    let scene = scene();
    applied(&scene);
    change(&scene, "o-exampleorgid", "o-anotherorgid");
    run(&scene, &["history", "list"])
}

fn damaged_journal() -> String {
    let scene = scene();
    applied(&scene);
    let records = scene.path().join(".orgroster/records");
    let record = fs::read_dir(records).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replace("Divested", "Invested")).unwrap();
    run(&scene, &["history", "list"])
}

/// Checks the record of a departure by the account's own call against an organization that removed the account.
fn contradicted_record() -> String {
    let (left, removed) =
        (Scene::new(1, "weather {\n trail_delay_seconds = 0\n}"), Scene::new(1, "weather {\n trail_delay_seconds = 0\n}"));
    change(
        &removed,
        "max_detachments_percent = 100",
        "max_detachments_percent = 100\n  allow_remove = true\n}\ngate \"contact_information\" {\n  enforcement = \"off\"",
    );
    change(&removed, "reason     = \"Divested\"", "reason = \"Divested\"\n  via = \"remove\"");
    applied(&left);
    applied(&removed);
    let own = removed.path().join(".orgroster");
    fs::remove_dir_all(&own).unwrap();
    fs::rename(left.path().join(".orgroster"), &own).unwrap();
    let output = removed.orgroster(&["verify"]).output().unwrap();
    String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap()
}

fn held_back() -> String {
    let scene = Scene::with_provider(1, "", "member_role { name = \"Nobody\" }");
    run(&scene, &["apply", "-auto-approve"])
}

/// A run about an account that should join.
fn joining(fault: &str, unit: &str, arguments: &[&str]) -> String {
    let scene = Scene::new(0, fault);
    let block = format!(
        "account \"shop\" {{\n  id = \"700000000000\"\n  name = \"shop\"\n  membership = \"member\"\n  join {{\n    reason = \"Acquired\"\n    \
         on = \"2026-11-20\"\n    unit = \"{unit}\"\n  }}\n}}\n"
    );
    fs::write(scene.path().join("joining.roster.hcl"), block).unwrap();
    let output = scene.orgroster(arguments).output().unwrap();
    String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap()
}

fn departure_failed() -> String {
    let fault = "fault {\n operation = \"organizations:LeaveOrganization\"\n kind = \"error\"\n code = \"ConstraintViolationException\"\n \
                 reason = \"MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED\"\n}";
    run(&Scene::new(1, fault), &["apply", "-auto-approve"])
}

const FIXTURE: &str = "organization \"o-exampleorgid\" {\n  management_account_id = \"111111111111\"\n  account \"111111111111\" {\n    name = \"m\"\n    email = \"m@example.com\"\n  }\n}\n";

/// A plan in the sandbox with this fixture and state.
fn rehearsal(fixture: &str, state: Option<&str>) -> String {
    let scene = Scene::with_provider(0, "", "sandbox = \"world.sandbox.hcl\"");
    fs::write(scene.path().join("world.sandbox.hcl"), fixture).unwrap();
    if let Some(state) = state {
        fs::create_dir_all(scene.path().join(".orgroster/sandbox")).unwrap();
        fs::write(scene.path().join(".orgroster/sandbox/state.json"), state).unwrap();
    }
    run(&scene, &["plan"])
}

fn sandbox_refused() -> String {
    let scene = Scene::with_provider(0, "", "sandbox = \"world.sandbox.hcl\"");
    fs::write(scene.path().join("world.sandbox.hcl"), FIXTURE).unwrap();
    with(&scene, "ORGROSTER_REQUIRE_AWS", "1", &["plan"])
}

#[test]
fn each_situation_is_listed_once() {
    let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
    SITUATIONS.iter().for_each(|(code, _)| *counts.entry(*code).or_default() += 1);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
}

#[test]
fn explain_prints_the_page_of_a_code_without_a_configuration() {
    let empty = tempfile::tempdir().unwrap();
    let explain = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
        let output = command.current_dir(&empty).arg("explain").args(arguments).env("NO_COLOR", "1").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for code in Code::ALL {
        let (status, text, _) = explain(&[code.as_str()]);
        assert_eq!(status, Some(0), "{code}");
        assert_eq!(text, format!("{} ({code})\n\n{}", code.summary(), code.page().text()));
    }
    let (status, json, _) = explain(&["-json", "stale-plan"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (status, json["code"].as_str(), json["page"].as_str()),
        (Some(0), Some("stale-plan"), Some(Code::StalePlan.page().markdown()))
    );
    let (status, _, error) = explain(&["stale-paln"]);
    assert!(status == Some(1) && error.contains("Did you mean stale-plan?"), "{error}");
}
