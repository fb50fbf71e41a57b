//! A malicious pull request: each change is refused, has no effect, or is visible to the reviewer.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use crate::departing::{Scene, ids};

const PROVIDER: &str = "provider \"aws\" {\n  region = \"us-east-1\"\n}\n";
const BACKEND: &str = "orgroster {\n  backend \"local\" {\n    path = \".orgroster\"\n  }\n}\n";
const ORGANIZATION: &str = "organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";
const GUARDRAILS: &str = "guardrails {\n  max_detachments = 2\n  protected_accounts = [\"111111111111\"]\n}\n";
const GATE: &str = "gate \"root_access\" {\n  enforcement = \"advisory\"\n}\n";

/// The safety settings of the default branch.
fn trusted() -> String {
    format!("{BACKEND}{PROVIDER}{ORGANIZATION}{GUARDRAILS}{GATE}")
}

fn account(id: &str, more: &str) -> String {
    let attested = "[\"payment_method\", \"phone_verification\", \"customer_agreement\", \"support_plan\"]";
    let attestation = format!("  attestation {{\n    of = {attested}\n    by = \"finance@example.com\"\n    on = \"2026-01-02\"\n  }}\n");
    format!(
        "account \"crm\" {{\n  id = \"{id}\"\n  name = \"a{id}\"\n  membership = \"detached\"\n  reason = \"Divested\"\n{attestation}{more}}}\n"
    )
}

/// The organization, the pull request's directory, and the default branch's settings outside it.
struct PullRequest {
    scene: Scene,
    outside: TempDir,
    account: String,
}

impl PullRequest {
    fn new(files: &[(&str, &str)]) -> Self {
        let scene = Scene::new(1, "");
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("trusted.hcl"), trusted()).unwrap();
        fs::write(outside.path().join("secret"), "top-secret").unwrap();
        fs::remove_file(scene.path().join("main.roster.hcl")).unwrap();
        for (name, text) in files {
            fs::write(scene.path().join(name), text).unwrap();
        }
        Self { scene, outside, account: ids(1)[0].clone() }
    }

    /// A pull request that changes the settings, or the account's block.
    fn with(settings: &str, more: &str) -> Self {
        Self::new(&[("settings.roster.hcl", settings), ("crm.roster.hcl", &account(&ids(1)[0], more))])
    }

    /// The exit code of `plan`, with or without the trusted settings, and its standard output and error.
    fn plan(&self, limited: bool) -> (Option<i32>, String) {
        let file = self.outside.path().join("trusted.hcl");
        self.plan_under(limited.then_some(file.as_path()))
    }

    fn plan_under(&self, trusted: Option<&Path>) -> (Option<i32>, String) {
        let flag = trusted.map(|file| format!("-trusted-config={}", file.display()));
        let arguments: Vec<_> = ["plan", "-no-color", "-detailed-exitcode"].into_iter().chain(flag.as_deref()).collect();
        let output = self.scene.orgroster(&arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    }

    fn digest(&self, limited: bool) -> String {
        let (_, text) = self.plan(limited);
        text.lines().find(|line| line.starts_with("Digest: ")).unwrap_or_else(|| panic!("{text}")).to_owned()
    }
}

#[test]
fn a_directory_that_says_what_the_trusted_file_says_or_nothing_plans_alike() {
    let digest = PullRequest::with(&trusted(), "").digest(false);
    assert_eq!(PullRequest::with(&trusted(), "").digest(true), digest);
    assert_eq!(PullRequest::with("", "").digest(true), digest);
    // Deleting blocks does not restore the defaults.
    assert_eq!(PullRequest::with(&format!("{PROVIDER}{ORGANIZATION}"), "").digest(true), digest);
}

#[test]
fn a_changed_safety_setting_is_refused_under_the_trusted_file() {
    let edits = [
        ("another bucket", BACKEND, "orgroster {\n  backend \"s3\" {\n    bucket = \"mallory\"\n  }\n}\n"),
        ("another folder", "\".orgroster\"", "\"elsewhere\""),
        ("another profile", "region = \"us-east-1\"", "region = \"us-east-1\"\n  profile = \"admin\""),
        ("another role", "region = \"us-east-1\"", "region = \"us-east-1\"\n  member_role {\n    name = \"Mallory\"\n  }"),
        ("a reading role", "region = \"us-east-1\"", "region = \"us-east-1\"\n  member_read_role {\n    name = \"Mallory\"\n  }"),
        ("a declared address", "region = \"us-east-1\"", "region = \"us-east-1\"\n  context {\n    source_ip = [\"203.0.113.7\"]\n  }"),
        ("the sandbox", "region = \"us-east-1\"", "region = \"us-east-1\"\n  sandbox = \"world.sandbox.hcl\""),
        ("another organization", "o-exampleorgid", "o-malloryorgid"),
        ("another management account", "management_account_id = \"111111111111\"", "management_account_id = \"666666666666\""),
        ("more detachments", "max_detachments = 2", "max_detachments = 50"),
        ("a higher percentage", "max_detachments = 2", "max_detachments = 2\n  max_detachments_percent = 100"),
        ("removals", "max_detachments = 2", "max_detachments = 2\n  allow_remove = true"),
        ("silence about unmanaged accounts", "max_detachments = 2", "max_detachments = 2\n  unmanaged = \"ignore\""),
        ("no protected accounts", "[\"111111111111\"]", "[]"),
        ("protected accounts that are null", "[\"111111111111\"]", "null"),
        ("a lowered gate", GATE, "gate \"payment_method\" {\n  enforcement = \"off\"\n}\n"),
        ("a gate lowered further", "\"advisory\"", "\"off\""),
        ("a policy that may stay undecided", GATE, "gate \"service_control_policy\" {\n  advisory_policies = [\"p-examplepolicyid\"]\n}\n"),
    ];
    for (what, from, to) in edits {
        let settings = trusted().replace(from, to);
        assert_ne!(settings, trusted(), "{what} changes something");
        let (code, text) = PullRequest::with(&settings, "").plan(true);
        assert_eq!(code, Some(1), "{what}: {text}");
        assert!(text.contains("untrusted-setting") && text.contains("trusted.hcl"), "{what}: {text}");
        assert!(!text.contains("Plan:"), "{what}: {text}");
    }
}

#[test]
fn a_setting_that_variables_change_is_refused_as_well() {
    let settings = trusted().replace("max_detachments = 2", "max_detachments = var.most") + "variable \"most\" {\n  default = 2\n}\n";
    let more = [("settings.roster.hcl", settings.as_str()), ("x.auto.rostervars.hcl", "most = 50\n")];
    let (code, text) = PullRequest::new(&more).plan(true);
    assert!(code == Some(1) && text.contains("untrusted-setting"), "{text}");
}

#[test]
fn endpoints_are_no_part_of_the_language() {
    for edit in ["endpoint_url = \"https://mallory.example\"", "endpoints {\n    organizations = \"https://mallory.example\"\n  }"] {
        for limited in [true, false] {
            let settings = trusted().replace("region = \"us-east-1\"", &format!("region = \"us-east-1\"\n  {edit}"));
            let (code, text) = PullRequest::with(&settings, "").plan(limited);
            assert!(code == Some(1) && text.contains("unknown-"), "{edit}: {text}");
        }
    }
    let backend = "orgroster {\n  backend \"s3\" {\n    bucket = \"records\"\n    endpoint = \"https://mallory.example\"\n  }\n}\n";
    let (code, text) = PullRequest::with(&trusted().replace(BACKEND, backend), "").plan(false);
    assert!(code == Some(1) && text.contains("unknown-attribute"), "{text}");
}

#[test]
fn guardrails_may_be_tightened() {
    for (from, to, shown) in [
        ("max_detachments = 2", "max_detachments = 0", "max_detachments = 0 (default 1)"),
        ("max_detachments = 2", "max_detachments = 2\n  max_detachments_percent = 5", "max_detachments_percent = 5 (default 10)"),
        ("[\"111111111111\"]", "[\"111111111111\", \"200000000000\"]", "2 protected accounts"),
        ("max_detachments = 2", "max_detachments = 2\n  unmanaged = \"error\"", "unmanaged = \"error\""),
    ] {
        let (_, text) = PullRequest::with(&trusted().replace(from, to), "").plan(true);
        assert!(text.contains(shown) && !text.contains("untrusted-setting"), "{to}: {text}");
    }
}

#[test]
fn what_is_not_refused_is_shown() {
    let headline = |settings: &str| {
        let (_, text) = PullRequest::with(settings, "").plan(false);
        text.lines()
            .find(|line| line.starts_with("Safety settings that are not the defaults: "))
            .unwrap_or_else(|| panic!("{text}"))
            .to_owned()
    };
    let raised = trusted().replace("max_detachments = 2", "max_detachments = 50\n  max_detachments_percent = 100\n  allow_remove = true");
    let raised = headline(&raised.replace("\"advisory\"", "\"off\""));
    for setting in
        ["max_detachments = 50", "max_detachments_percent = 100", "allow_remove = true", "gate root_access is off", "1 protected account"]
    {
        assert!(raised.contains(setting), "{setting}: {raised}");
    }
    assert!(headline(&trusted().replace("\".orgroster\"", "\"elsewhere\"")).contains("records are kept in \"elsewhere\""));
    let declared =
        trusted().replace("region = \"us-east-1\"", "region = \"us-east-1\"\n  context {\n    source_ip = [\"203.0.113.7\"]\n  }");
    assert!(headline(&declared).contains("aws:SourceIp is declared as 203.0.113.7"));
    // The pull request may choose an account's own role, because reviewers see it.
    for limited in [true, false] {
        let request = PullRequest::with(&trusted(), "  member_role {\n    name = \"Mallory\"\n  }\n");
        let (code, text) = request.plan(limited);
        assert!(code == Some(2) && text.contains("LeaveOrganization by Mallory"), "{text}");
    }
}

#[test]
fn functions_and_links_do_not_lead_out_of_the_directory() {
    let paths =
        |outside: &Path| [outside.join("secret").display().to_string(), "../secret".to_owned(), "out".to_owned(), "up/secret".to_owned()];
    for limited in [true, false] {
        let request = PullRequest::with(&trusted(), "");
        symlink(request.outside.path().join("secret"), request.scene.path().join("out")).unwrap();
        symlink(request.outside.path(), request.scene.path().join("up")).unwrap();
        for path in paths(request.outside.path()) {
            for call in [format!("file(\"{path}\")"), format!("templatefile(\"{path}\", {{}})"), format!("fileexists(\"{path}\")")] {
                let block = account(&request.account, "").replace("\"Divested\"", &format!("\"${{{call}}}\""));
                fs::write(request.scene.path().join("crm.roster.hcl"), block).unwrap();
                let (code, text) = request.plan(limited);
                assert!(code == Some(1) && text.contains("function-failed"), "{call}: {text}");
                assert!(!text.contains("top-secret"), "{call}: {text}");
            }
        }
        symlink(request.outside.path().join("secret"), request.scene.path().join("crm2.roster.hcl")).unwrap();
        let (code, text) = request.plan(limited);
        assert!(code == Some(1) && text.contains("unreadable-file") && !text.contains("top-secret"), "{text}");
    }
}

#[test]
fn a_trusted_file_that_the_pull_request_could_change_is_refused() {
    let request = PullRequest::with(&trusted(), "");
    fs::write(request.scene.path().join("trusted.hcl"), trusted()).unwrap();
    for path in [request.scene.path().join("trusted.hcl"), "trusted.hcl".into(), "missing.hcl".into()] {
        let (code, text) = request.plan_under(Some(&path));
        assert!(code == Some(1) && text.contains("-trusted-config"), "{text}");
    }
    fs::write(request.outside.path().join("trusted.hcl"), trusted() + "locals {\n  x = 1\n}\n").unwrap();
    let (code, text) = request.plan(true);
    assert!(code == Some(1) && text.contains("unknown-block"), "{text}");
}

/// Every file in a directory with its content.
fn content(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.push((path.display().to_string(), Vec::new()));
                folders.push(path);
            } else {
                files.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn a_plan_takes_no_lock_and_writes_nothing() {
    let request = PullRequest::with(&trusted(), "");
    let before = content(request.scene.path());
    assert_eq!(request.plan(true).0, Some(2));
    assert_eq!(content(request.scene.path()), before, "a plan makes no files, not even a backend's folder");
    let folder = request.scene.path().join(".orgroster");
    fs::create_dir(&folder).unwrap();
    let lock = fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let before = content(request.scene.path());
    assert_eq!(request.plan(true).0, Some(2), "a foreign lock does not block it");
    assert_eq!(content(request.scene.path()), before);
    let output = request.scene.orgroster(&["apply", "-auto-approve"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("locked"), "the lock is a real one: {output:?}");
}
