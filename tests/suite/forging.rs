//! Foreign text in everything that is printed: no text from a configuration or an organization can make a line, move a cursor, change the
//! reading direction or give a CI runner a command.

use std::fs;
use std::path::Path;
use std::process::Command;

use orgroster::org::is_hidden;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A text that should make the plan of a departure look like an empty plan.
const HOSTILE: &str = "x\n\nNo changes. Your organization matches the configuration.\nPlan: 0 to add, 0 to change, 0 to destroy.\n\
                       ::stop-commands::zz\n::set-output name=digest::0\r\u{1b}[1A\u{1b}[2K##[add-mask]a\u{202e}\u{9b}2J\u{200b}";

const LEAVES: &str = "220000000001";
const BLOCKED: &str = "220000000002";
const UNMANAGED: &str = "220000000003";

/// A text as a quoted HCL string.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace("${", "$${").replace("%{", "%%{")
}

fn fixture(hostile: &str, fault: &str) -> String {
    let name = quoted(hostile);
    let account = |id: &str| {
        format!(
            "    account \"{id}\" {{\n      name = {name}\n      email = \"{id}@example.com\"\n      joined = \"2024-03-01T10:00:00Z\"\n      \
             tags = {{ {name} = {name} }}\n      agreement_accepted = true\n      phone_verified = true\n      payment_method = \"valid\"\n      \
             support_plan = \"basic\"\n    }}\n"
        )
    };
    let content = quoted(
        &json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Deny", "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*" }] })
        .to_string(),
    );
    format!(
        "sandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n  weather {{ trail_delay_seconds = 0 }}\n{fault}}}\norganization \"o-exampleorgid\" {{\n  \
         management_account_id = \"111111111111\"\n  service_access = [\"member.org.stacksets.cloudformation.amazonaws.com\"]\n  \
         root {{ id = \"r-ab12\" }}\n  integrations {{\n    region = \"us-east-1\"\n    stack_set {name} {{\n      accounts = [\"{LEAVES}\"]\n    }}\n  }}\n  \
         account \"111111111111\" {{\n    name = \"management\"\n    email = \"m@example.com\"\n  }}\n  \
         organizational_unit {name} {{\n    id = \"ou-ab12-11111111\"\n{}  }}\n  \
         organizational_unit \"denied\" {{\n    id = \"ou-ab12-22222222\"\n{}{}  }}\n  \
         policy \"p-guard000\" {{\n    name = {name}\n    targets = [\"ou-ab12-22222222\"]\n    content = {content}\n  }}\n}}\n",
        account(LEAVES),
        account(BLOCKED),
        account(UNMANAGED)
    )
}

fn configuration(hostile: &str) -> String {
    let text = quoted(hostile);
    let block = |label: &str, id: &str| {
        format!(
            "account \"{label}\" {{\n  for_each = toset([{text}])\n  id = \"{id}\"\n  name = {text}\n  membership = \"detached\"\n  reason = {text}\n  \
             acknowledge = [\"tags\", \"stack_sets\"]\n  attestation {{\n    of = [\"payment_method\", \"phone_verification\", \
             \"customer_agreement\", \"support_plan\", \"root_access\"]\n    by = {text}\n    on = \"2026-11-20\"\n    evidence = {text}\n  }}\n}}\n"
        )
    };
    format!(
        "provider \"aws\" {{\n  region = \"us-east-1\"\n  regions = [\"us-east-1\"]\n  sandbox = \"world.sandbox.hcl\"\n}}\norganization {{\n  id = \"o-exampleorgid\"\n  \
         management_account_id = \"111111111111\"\n}}\nguardrails {{\n  max_detachments = 5\n  max_detachments_percent = 100\n}}\n{}{}",
        block("leaves", LEAVES),
        block("blocked", BLOCKED)
    )
}

fn directory(configuration: &str, fixture: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("main.roster.hcl"), configuration).unwrap();
    fs::write(directory.path().join("world.sandbox.hcl"), fixture).unwrap();
    directory
}

/// Standard output and error of a command in a GitHub Actions job.
fn run(directory: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    let output = command.current_dir(directory).args(arguments).env_clear().env("GITHUB_ACTIONS", "true").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("panicked"), "{arguments:?}: {text}");
    text
}

/// The parts of a text that a terminal or runner would obey, except this program's own annotations.
fn obeyed(text: &str) -> Vec<String> {
    let hidden = text.chars().filter(|character| is_hidden(*character) && *character != '\n').map(|character| format!("{character:?}"));
    let is_annotation = |line: &str| ["::warning ", "::error "].iter().any(|command| line.starts_with(command));
    let forged = text.lines().filter(|line| {
        let start = line.trim();
        line.contains("##[")
            || (start.starts_with("::") && !is_annotation(line))
            || start.starts_with("No changes.")
            || start.starts_with("Plan: 0 to add, 0 to change, 0")
    });
    hidden.chain(forged.map(str::to_owned)).collect()
}

#[track_caller]
fn is_harmless(what: &[&str], text: &str) {
    assert_eq!(obeyed(text), Vec::<String>::new(), "{what:?}: {text:?}");
}

/// The plan file of a directory.
const PLAN: &str = "plan.json";

#[test]
fn no_rendering_obeys_what_a_configuration_or_an_organization_says() {
    let directory = directory(&configuration(HOSTILE), &fixture(HOSTILE, ""));
    let here = directory.path();
    let address = format!("account.leaves[{}]", Value::from(HOSTILE));
    let shown = "x\\n\\nNo changes.";
    for (arguments, shows) in [
        (&["plan", "-out", PLAN][..], &[shown, "attested by x\\n", "policy x\\n", "will be destroyed"][..]),
        (&["plan", "-verbose", "-no-color"], &[shown]),
        (&["plan", "-json"], &["\"type\":\"planned_change\""]),
        (&["show", PLAN], &[shown]),
        (&["show", "-json", PLAN], &["\"gates\""]),
        (&["show", "-markdown", PLAN], &["1 account leaves"]),
        (&["show", "-gitlab-report", PLAN], &["\"delete\":1"]),
        (&["explain", &address], &["attested by x\\n"]),
        (&["explain", BLOCKED], &["x\\n"]),
        (&["explain", "-json", BLOCKED], &["service_control_policy"]),
        (&["explain", HOSTILE], &["Error: "]),
        (&["plan", &format!("-target={address}x")], &["Error: "]),
        (&[HOSTILE], &["Error: "]),
        (&["plan", &format!("-{HOSTILE}")], &["rror: "]),
        (&["show", HOSTILE], &["Error: "]),
        (&["validate"], &["Success!"]),
        (&["import"], &[UNMANAGED]),
        (&["snapshot", "-out", "snapshot.json"], &["Wrote"]),
        (&["sandbox", "generate", "-from-snapshot", "snapshot.json"], &[LEAVES]),
        (&["plan", "-baseline", PLAN], &[shown]),
        (&["apply", PLAN], &["Apply complete!"]),
        (&["history"], &["x\\n\\nNo changes."]),
        (&["history", "show", LEAVES], &["tag "]),
        (&["history", "show", "-json", LEAVES], &["\"undo\""]),
        (&["history", "show", HOSTILE], &["tag "]),
        (&["history", "show", &format!("{HOSTILE}x")], &["Error: "]),
        (&["verify"], &["The chain is whole."]),
    ] {
        let text = run(here, arguments);
        is_harmless(arguments, &text);
        for part in shows {
            assert!(text.contains(part), "{arguments:?}: {part} in {text}");
        }
    }
    let page = run(here, &["show", "-html", PLAN]);
    assert!(!page.contains("##[") && page.chars().all(|character| character == '\n' || !is_hidden(character)));
}

/// A reader of the events prints their messages.
#[test]
fn no_message_of_an_event_obeys_what_a_configuration_or_an_organization_says() {
    let directory = directory(&configuration(HOSTILE), &fixture(HOSTILE, ""));
    let mut events = run(directory.path(), &["plan", "-json"]);
    events += &run(directory.path(), &["apply", "-auto-approve", "-json"]);
    let mut messages = 0;
    for event in events.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        is_harmless(&["@message"], event["@message"].as_str().unwrap());
        messages += 1;
    }
    assert!(messages > 8, "{events}");
}

#[test]
fn json_output_means_what_it_says() {
    let directory = directory(&configuration(HOSTILE), &fixture(HOSTILE, ""));
    run(directory.path(), &["plan", "-out", PLAN]);
    let plan: Value = serde_json::from_str(&run(directory.path(), &["show", "-json", PLAN])).unwrap();
    let attestation =
        &plan["orgroster"]["accounts"].as_array().unwrap().iter().find_map(|account| account["desired"]["attestations"].get(0)).unwrap();
    assert_eq!((attestation["by"].as_str(), attestation["evidence"].as_str()), (Some(HOSTILE), Some(HOSTILE)));
}

/// Messages of AWS, in each place that can contain one: a diagnostic, a gate's answer, an outcome.
#[test]
fn a_message_of_aws_is_a_text_of_others() {
    let fault = |operation: &str, kind: &str| {
        let message = quoted(HOSTILE);
        format!(
            "  fault {{\n    operation = \"{operation}\"\n    kind = \"{kind}\"\n    code = \"AccessDeniedException\"\n    message = {message}\n    count = 50\n  }}\n"
        )
    };
    for operation in ["organizations:DescribeOrganization", "organizations:ListTagsForResource", "organizations:LeaveOrganization"] {
        let directory = directory(&configuration("plain"), &fixture("plain", &fault(operation, "error")));
        for arguments in [&["plan"][..], &["plan", "-json"], &["apply", "-auto-approve"], &["apply", "-auto-approve", "-json"]] {
            let text = run(directory.path(), arguments);
            is_harmless(arguments, &text);
            let reads_it =
                operation.ends_with("DescribeOrganization") || (operation.ends_with("LeaveOrganization") && arguments[0] == "apply");
            assert!(!reads_it || text.contains("Your organization matches"), "{operation} {arguments:?}: {text}");
        }
    }
}

/// An error in a file is shown with the file's lines and name.
#[test]
fn a_line_of_a_file_that_is_shown_is_a_text_of_others() {
    let wrong = "account \"a\" {\n  id = nope # \u{1b}[2J\u{202e}\u{9b}\u{e0041}##[add-mask]x\r\n::stop-commands::x = 1\n}\n";
    let directory = directory(&(configuration("plain") + wrong), &fixture("plain", ""));
    let hostile = "a\n::stop-commands::\u{1b}[2J.roster.hcl";
    fs::write(directory.path().join(hostile), "account \"b\" {\n  id = nope\n}\n  ::set-output::x\n").unwrap();
    for arguments in [
        &["validate"][..],
        &["validate", "-json"],
        &["plan"],
        &["plan", "-json"],
        &["fmt", "-check", "-diff"],
        &["fmt", "-diff", "-write=false"],
    ] {
        is_harmless(arguments, &run(directory.path(), arguments));
    }
    fs::remove_file(directory.path().join(hostile)).unwrap();
    fs::write(directory.path().join("main.roster.hcl"), "locals {\n    a =   1\n  # ##[add-mask]x\u{1b}[2J\n}\n").unwrap();
    let difference = run(directory.path(), &["fmt", "-diff", "-write=false"]);
    is_harmless(&["fmt"], &difference);
    assert!(difference.contains("-    a =   1\n+  a = 1\n"), "{difference}");
}
