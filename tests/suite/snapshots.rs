//! Snapshots: a plan without credentials equals a plan with them, is marked, and is never applied; and a copy of an organization equals the
//! original.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::departing::{Scene, ids};

/// The program, without environment variables that lead to an organization.
fn offline(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    command.args(arguments).current_dir(directory).env_clear().env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null").output().unwrap()
}

fn texts(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn succeeded(output: &Output, code: i32) -> String {
    let text = texts(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A copy of the quickstart.
fn quickstart() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            fs::copy(entry.path(), directory.path().join(entry.file_name())).unwrap();
        }
    }
    directory
}

#[test]
fn a_plan_from_a_snapshot_says_the_same_is_marked_everywhere_and_is_never_applied() {
    let directory = quickstart();
    let at = directory.path();
    let live = succeeded(&offline(at, &["plan", "-detailed-exitcode", "-out", "live.json"]), 2);
    succeeded(&offline(at, &["snapshot", "-out", "facts.json"]), 0);
    let shown = succeeded(&offline(at, &["plan", "-detailed-exitcode", "-snapshot", "facts.json", "-out", "plan.json"]), 2);
    assert!(!at.join(".orgroster").exists(), "neither the sandbox nor the backend is used");

    let (of_live, of_snapshot) = (json(&at.join("live.json")), json(&at.join("plan.json")));
    for key in ["digest", "accounts", "unmanaged", "planned_at", "organization"] {
        assert_eq!(of_snapshot["orgroster"][key], of_live["orgroster"][key], "{key}");
    }
    let mark = "From a snapshot: the organization as it was at 2026-11-22T09:00:00Z. This plan is for review and can't be applied.";
    assert!(shown.contains(mark) && !live.contains(mark));
    for words in [&["show", "plan.json"][..], &["show", "-markdown", "plan.json"], &["plan", "-snapshot", "facts.json", "-json"]] {
        assert!(texts(&offline(at, words)).contains(mark), "{words:?}");
    }
    assert_eq!((&of_live["applyable"], &of_snapshot["applyable"]), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!(of_snapshot["orgroster"]["snapshot"], "2026-11-22T09:00:00Z");

    let refused = succeeded(&offline(at, &["apply", "plan.json"]), 1);
    assert!(refused.contains("invalid-plan-file") && refused.contains("made from a snapshot"), "{refused}");
    assert_eq!(json(&at.join("live.json"))["orgroster"]["digest"], of_live["orgroster"]["digest"]);
}

#[test]
fn a_plan_from_a_snapshot_makes_no_request_and_other_accounts_addresses_are_left_out() {
    let scene = Scene::new(2, "");
    let main = fs::read_to_string(scene.path().join("main.roster.hcl")).unwrap();
    let (first, _) = main.split_once(&format!("account \"a{}\"", ids(2)[1])).unwrap();
    fs::write(scene.path().join("main.roster.hcl"), first).unwrap();
    succeeded(&scene.orgroster(&["snapshot", "-out", "facts.json"]).output().unwrap(), 0);
    let text = fs::read_to_string(scene.path().join("facts.json")).unwrap();
    assert!(text.contains(&format!("a{}@example.com", ids(2)[0])) && !text.contains(&format!("a{}@example.com", ids(2)[1])), "{text}");
    assert!(text.ends_with("}\n") && text.matches('\n').count() == 1);
    let requests = scene.requests();
    let plan = succeeded(&offline(scene.path(), &["plan", "-snapshot", "facts.json", "-detailed-exitcode"]), 2);
    assert!(plan.contains("Accounts: 1 departing, 0 blocked, 1 unmanaged"), "{plan}");
    assert_eq!(scene.requests(), requests);
}

/// The default branch's configuration, with another one next to it.
fn scene_with(own: &str, theirs: &[(&str, &str)]) -> (Scene, tempfile::TempDir) {
    let scene = Scene::with_provider(2, "", "member_read_role {\n    name = \"OrganizationAccountAccessRole\"\n  }");
    if !own.is_empty() {
        fs::write(scene.path().join("main.roster.hcl"), own).unwrap();
    }
    let request = tempfile::tempdir().unwrap();
    for (name, text) in theirs {
        fs::write(request.path().join(name), text).unwrap();
    }
    (scene, request)
}

const HEADER: &str = "provider \"aws\" {\n  member_read_role {\n    name = \"OrganizationAccountAccessRole\"\n  }\n}\n\
                      organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";

fn detached(id: &str, more: &str) -> String {
    format!("account \"a{id}\" {{\n  id = \"{id}\"\n  name = \"a{id}\"\n  membership = \"detached\"\n  reason = \"Divested\"\n{more}}}\n")
}

fn for_config(scene: &Scene, directory: &Path) -> Output {
    scene.orgroster(&["snapshot", "-for-config", directory.to_str().unwrap(), "-out", "facts.json"]).output().unwrap()
}

#[test]
fn a_snapshot_for_another_configuration_has_the_facts_that_its_plan_needs() {
    let id = &ids(2)[0];
    let theirs = HEADER.to_owned() + &detached(id, "");
    let (scene, request) = scene_with(HEADER, &[("main.roster.hcl", &theirs)]);
    let facts = scene.path().join("facts.json").display().to_string();
    succeeded(&scene.orgroster(&["snapshot", "-out", "facts.json"]).output().unwrap(), 0);
    let refused = succeeded(&offline(request.path(), &["plan", "-snapshot", &facts]), 1);
    assert!(refused.contains("invalid-snapshot") && refused.contains(&format!("account.a{id}")), "{refused}");

    succeeded(&for_config(&scene, request.path()), 0);
    let shown = succeeded(&offline(request.path(), &["plan", "-snapshot", &facts, "-out", "plan.json"]), 0);
    assert_eq!(permission_of(&request.path().join("plan.json")), "pass", "looks from inside are in it");
    fs::write(scene.path().join("main.roster.hcl"), &theirs).unwrap();
    let live = succeeded(&scene.orgroster(&["plan"]).output().unwrap(), 0);
    let digest = |text: &str| text.lines().find(|line| line.starts_with("Digest")).unwrap().to_owned();
    assert_eq!(digest(&shown), digest(&live));
}

#[test]
fn a_foreign_configuration_is_only_data() {
    let id = &ids(2)[0];
    // Its organization, its backend and its role for reads in members are ignored; only its accounts count.
    let theirs = HEADER.replace("o-exampleorgid", "o-malloryorgid").replace("OrganizationAccountAccessRole", "Reader")
        + "orgroster {\n  backend \"s3\" {\n    bucket = \"mallory\"\n  }\n}\nvariable \"secret\" {\n  default = \"none\"\n}\n"
        + &detached(id, "  member_role {\n    name = \"Mallory\"\n  }\n").replace("Divested", "${var.secret}");
    let (scene, request) = scene_with(HEADER, &[("main.roster.hcl", &theirs)]);
    let mut command = scene.orgroster(&["snapshot", "-for-config", request.path().to_str().unwrap(), "-out", "facts.json"]);
    succeeded(&command.env("ORGROSTER_VAR_secret", "top-secret").output().unwrap(), 0);
    let text = fs::read_to_string(scene.path().join("facts.json")).unwrap();
    for word in ["Mallory", "mallory", "Reader", "top-secret"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let facts = json(&scene.path().join("facts.json"));
    assert_eq!(facts["observed"]["organization"]["id"], "o-exampleorgid");
    assert!(facts["observed"]["probes"][id]["simulation"]["seen"].is_object(), "{facts}");
    let facts = scene.path().join("facts.json").display().to_string();
    let refused = succeeded(&offline(request.path(), &["plan", "-snapshot", &facts]), 1);
    assert!(refused.contains("wrong-organization"), "{refused}");

    // With the correct organization, the role that was not probed is deferred.
    fs::write(request.path().join("main.roster.hcl"), theirs.replace("o-malloryorgid", "o-exampleorgid")).unwrap();
    let shown = succeeded(&offline(request.path(), &["plan", "-snapshot", &facts, "-out", "plan.json"]), 0);
    assert!(shown.contains("records are kept in \"s3://mallory/orgroster/o-exampleorgid/\""), "{shown}");
    assert_eq!(permission_of(&request.path().join("plan.json")), "deferred");
}

/// The answer of the gate about the role's permission, in a plan with one detached account.
fn permission_of(plan: &Path) -> String {
    let plan = json(plan);
    let gates = plan["orgroster"]["accounts"][0]["change"]["act"]["gates"].as_array().unwrap();
    gates.iter().find(|gate| gate["gate"] == "leave_permission").unwrap()["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn a_hostile_directory_is_refused_before_any_request() {
    let many: String = (0..501).map(|number| detached(&format!("3000000{number:05}"), "")).collect();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "top-secret").unwrap();
    let path = outside.path().join("secret").display().to_string();
    let read = detached(&ids(1)[0], "").replace("\"Divested\"", &format!("file(\"{path}\")"));
    for (theirs, expected) in [(many, "501 accounts"), (read, "function-failed"), ("account {".to_owned(), "syntax-error")] {
        let (scene, request) = scene_with(HEADER, &[("main.roster.hcl", &(HEADER.to_owned() + &theirs))]);
        let refused = succeeded(&for_config(&scene, request.path()), 1);
        assert!(refused.contains(expected) && !refused.contains("top-secret"), "{refused}");
        assert!(!scene.path().join("facts.json").exists() && scene.requests().is_empty());
    }
    let (scene, request) = scene_with(HEADER, &[("main.roster.hcl", HEADER)]);
    let link = outside.path().join("link");
    symlink(request.path(), &link).unwrap();
    let refused = succeeded(&for_config(&scene, &link), 1);
    assert!(refused.contains("symbolic links are not followed"), "{refused}");
}

#[test]
fn a_snapshot_of_the_sandbox_stays_in_the_sandbox() {
    let directory = quickstart();
    let at = directory.path();
    succeeded(&offline(at, &["snapshot", "-out", "facts.json"]), 0);
    let main = fs::read_to_string(at.join("main.roster.hcl")).unwrap();
    fs::write(at.join("main.roster.hcl"), main.replace("  sandbox = ", "  # sandbox = ")).unwrap();
    let refused = succeeded(&offline(at, &["plan", "-snapshot", "facts.json"]), 1);
    assert!(refused.contains("sandbox-refused"), "{refused}");
}

#[test]
fn a_file_that_is_no_snapshot_is_refused_with_the_reason() {
    let directory = quickstart();
    let at = directory.path();
    succeeded(&offline(at, &["snapshot", "-out", "facts.json"]), 0);
    succeeded(&offline(at, &["plan", "-out", "plan.json"]), 0);
    let whole = fs::read_to_string(at.join("facts.json")).unwrap();
    let version = "\"format_version\":\"1.0\"";
    let cases = [
        (whole[..whole.len() / 2].to_owned(), "not a whole JSON document"),
        (fs::read_to_string(at.join("plan.json")).unwrap(), "is it a plan?"),
        (whole.replace(version, "\"format_version\":\"2.0\""), "its format_version is \"2.0\""),
        (whole.replace("\"covers\"", "\"cover\""), "not a snapshot of orgroster"),
    ];
    for (text, why) in cases {
        fs::write(at.join("wrong.json"), &text).unwrap();
        let refused = succeeded(&offline(at, &["plan", "-snapshot", "wrong.json"]), 1);
        assert!(refused.contains("invalid-snapshot") && refused.contains(why), "{refused}");
    }
    fs::write(at.join("newer.json"), whole.replace(version, "\"format_version\":\"1.9\",\"later\":1")).unwrap();
    succeeded(&offline(at, &["plan", "-snapshot", "newer.json"]), 0);
    let refused = succeeded(&offline(at, &["plan", "-snapshot", "missing.json"]), 1);
    assert!(refused.contains("invalid-snapshot"), "{refused}");
}

#[test]
fn a_departure_can_be_rehearsed_on_a_copy() {
    let directory = quickstart();
    let at = directory.path();
    let real = succeeded(&offline(at, &["plan"]), 0);
    succeeded(&offline(at, &["snapshot", "-out", "facts.json"]), 0);
    let copy = offline(at, &["sandbox", "generate", "-from-snapshot", "facts.json", "-clock", "2026-11-22T09:00:00Z"]);
    assert!(copy.status.success(), "{}", texts(&copy));
    let text = String::from_utf8(copy.stdout).unwrap();
    fs::write(at.join("organization.sandbox.hcl"), &text).unwrap();
    // The plan of the copy equals the real plan, except for requests: the digest covers what the departures depend on.
    assert_eq!(succeeded(&offline(at, &["plan"]), 0), real, "{text}");

    // Facts that only people know must be added by hand; then the departures can be rehearsed.
    let signed_up =
        "payment_method = \"valid\"\n      phone_verified = true\n      agreement_accepted = true\n      support_plan = \"basic\"\n";
    let known = text.replacen("name          = \"legacy-crm\"\n", &format!("name          = \"legacy-crm\"\n      {signed_up}"), 1);
    assert_ne!(known, text);
    fs::write(at.join("organization.sandbox.hcl"), known).unwrap();
    let applied = succeeded(&offline(at, &["apply", "-auto-approve"]), 0);
    assert!(applied.contains("2 destroyed"), "{applied}");
}

/// An organization that accounts join: one has an open invitation and a role that accepts, one waits for a person, one declined, and a
/// fourth was not invited yet.
const TAKING_IN: &str = r#"
sandbox {
  clock = "2026-11-22T09:00:00Z"

  weather {
    rejoin_wait_minutes = 0
  }
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"
  account_quota         = 50

  root {
    id = "r-ab12"
  }

  organizational_unit "Acquired" {
    id = "ou-ab12-acquired"

    organizational_unit "Shops" {
      id = "ou-ab12-shops000"
    }
  }

  account "111111111111" {
    name   = "management"
    email  = "management@example.com"
    joined = "2020-01-01T00:00:00Z"
  }

  invitation "h-accepts000" {
    account = "333333333333"
  }

  invitation "h-waits00000" {
    account = "444444444444"
  }

  invitation "h-declined00" {
    account   = "555555555555"
    state     = "DECLINED"
    requested = "2026-11-21T00:00:00Z"
  }

  invitation "h-expired000" {
    account = "666666666666"
    state   = "EXPIRED"
  }
}
"#;

#[test]
fn a_joining_can_be_rehearsed_on_a_copy() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let ids = ["333333333333", "444444444444", "555555555555", "666666666666"];
    let outside = |id: &&str| {
        format!(
            "\naccount \"{id}\" {{\n  name  = \"n{id}\"\n  email = \"{id}@example.com\"\n\n  role \"Accept\" {{\n    path   = \"/in/\"\n    \
             trusts = [\"111111111111\"]\n  }}\n}}\n"
        )
    };
    fs::write(at.join("organization.sandbox.hcl"), format!("{TAKING_IN}{}", ids.iter().map(outside).collect::<String>())).unwrap();
    let block = |(index, id): (usize, &&str)| {
        let role = format!("\n    accept_role {{\n      arn = \"arn:aws:iam::{id}:role/in/Accept\"\n    }}\n");
        format!(
            "\naccount \"a{id}\" {{\n  id         = \"{id}\"\n  name       = \"n{id}\"\n  email      = \"{id}@example.com\"\n  membership = \
             \"member\"\n\n  join {{\n    reason = \"Acquired\"\n    on     = \"2026-11-20\"\n    unit   = \"ou-ab12-shops000\"\n{}  }}\n}}\n",
            if index == 1 { "" } else { role.as_str() }
        )
    };
    let blocks: String = ids.iter().enumerate().map(block).collect();
    let head = "provider \"aws\" {\n  sandbox = \"organization.sandbox.hcl\"\n}\n\norganization {\n  id                    = \
                \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n\nguardrails {\n  max_joins = 5\n}\n";
    fs::write(at.join("main.roster.hcl"), format!("{head}{blocks}")).unwrap();
    let real = succeeded(&offline(at, &["plan"]), 0);
    assert!(real.contains("2 joining, 1 blocked") && real.contains("invitation h-declined00 was declined"), "{real}");
    succeeded(&offline(at, &["snapshot", "-out", "facts.json"]), 0);
    let copy = |clock: &[&str]| {
        let copy = offline(at, &[&["sandbox", "generate", "-from-snapshot", "facts.json"], clock].concat());
        assert!(copy.status.success(), "{}", texts(&copy));
        String::from_utf8(copy.stdout).unwrap()
    };
    // With a running clock, the invitations were sent when the world begins.
    let running = copy(&[]);
    fs::write(at.join("organization.sandbox.hcl"), &running).unwrap();
    let later = succeeded(&offline(at, &["plan"]), 0);
    assert!(later.contains("2 joining, 1 blocked"), "{later}\n{running}");
    let text = copy(&["-clock", "2026-11-22T09:00:00Z"]);
    fs::write(at.join("organization.sandbox.hcl"), &text).unwrap();
    assert_eq!(succeeded(&offline(at, &["plan"]), 0), real, "{text}");
    let applied = succeeded(&offline(at, &["apply", "-auto-approve"]), 0);
    assert!(applied.contains("2 added"), "{applied}");
}
