//! Printed commands work as printed, from the directory of their reader.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const FIXTURE: &str = r#"sandbox {
  clock = "2026-11-22T09:00:00Z"
}
organization "o-exampleorgid" {
  management_account_id = "111111111111"
  account "111111111111" {
    name  = "management"
    email = "m@example.com"
  }
  account "444444444444" {
    name          = "legacy"
    email         = "legacy@example.com"
    joined_method = "INVITED"
    role "OrganizationAccountAccessRole" {
      trusts = ["111111111111"]
    }
  }
  account "555555555555" {
    name  = "young"
    email = "young@example.com"
  }
  account "666666666666" {
    name  = "lab"
    email = "lab@example.com"
  }
}
"#;

const SETTINGS: &str = r#"provider "aws" {
  region  = "us-east-1"
  sandbox = "organization.sandbox.hcl"
}
organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}
"#;

const ROSTER: &str = r#"variable "ticket" {
  type = string
}
variable "owner" {
  type = string
}
account "legacy" {
  id         = "444444444444"
  name       = "legacy"
  membership = "detached"
  reason     = "Divested to ${var.owner}, ${var.ticket}"
}
account "young" {
  id         = "555555555555"
  name       = "young"
  membership = "detached"
  reason     = "Divested"
}
"#;

/// A repository with its settings next to the roster's directory, whose name contains a space.
fn repository() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir_all(root.join("the roster")).unwrap();
    fs::create_dir_all(root.join(".git")).unwrap();
    for (name, text) in [
        ("settings.hcl", SETTINGS),
        ("the roster/main.roster.hcl", ROSTER),
        ("the roster/organization.sandbox.hcl", FIXTURE),
        ("values.hcl", "owner = \"it's Example\"\n"),
    ] {
        fs::write(root.join(name), text).unwrap();
    }
    directory
}

/// Runs a line with a shell, without the environment variables of this process that could affect it.
fn shell(at: &Path, line: &str) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_orgroster")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", program.display());
    Command::new("sh").args(["-c", line]).current_dir(at).env_clear().env("PATH", path).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn succeeds(at: &Path, line: &str) -> String {
    let output = shell(at, line);
    assert!(output.status.success(), "{line}\n{}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The commands in a text, at any position in a line.
fn commands(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.find("orgroster ").map(|at| line[at..].to_owned()))
        .filter(|line| line.contains("-chdir="))
        .collect()
}

const OPTIONS: &str = "-trusted-config=../settings.hcl -var-file=../values.hcl -var 'ticket=FIN 77'";

/// Removes what an apply wrote.
fn begin_anew(root: &Path) {
    succeeds(root, &format!("orgroster '-chdir=the roster' sandbox reset {OPTIONS}"));
}

#[test]
fn what_a_plan_prints_works_from_where_it_was_started() {
    let repository = repository();
    let root = repository.path();
    let plan = format!("orgroster '-chdir=the roster' plan {OPTIONS}");
    // The last command is for the saved plan.
    for (line, wanted) in
        [(plan.clone(), ["explain", "import", "apply"]), (format!("{plan} -out=../plan.json"), ["explain", "import", "apply"])]
    {
        let printed = succeeds(root, &line);
        let found = commands(&printed);
        for word in wanted {
            assert!(found.iter().any(|command| command.contains(&format!(" {word} "))), "{word}: {printed}");
        }
        for command in &found {
            // A command that asks on a terminal can't run here without an answer.
            let asks = command.contains(" apply ") && !command.contains("plan.json");
            let command = if asks { format!("{command} -auto-approve") } else { command.clone() };
            let output = text(&shell(root, &command));
            assert!(!output.contains("Error:"), "{command}\n{output}");
            if command.contains(" apply ") {
                assert!(output.contains("Apply complete!"), "{command}\n{output}");
                begin_anew(root);
            }
        }
    }
}

#[test]
fn a_comment_and_a_page_are_for_somebody_at_the_root_of_the_repository() {
    let repository = repository();
    let root = repository.path();
    // The run itself starts in the roster's directory, with absolute paths, like workflows.
    let absolute = format!("-trusted-config='{0}/settings.hcl' -var-file='{0}/values.hcl' -var 'ticket=FIN 77'", root.display());
    succeeds(&root.join("the roster"), &format!("orgroster plan {absolute} -out='{}/plan.json'", root.display()));
    let comment = succeeds(&root.join("the roster"), "orgroster show -markdown ../plan.json");
    let page = succeeds(root, "orgroster show -html plan.json");
    let data = page.split("id=\"plan\">").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let of_page = data["carry_out"]["command"].as_str().unwrap().to_owned();
    let of_comment = commands(&comment).into_iter().find(|command| command.contains("-expect-digest")).unwrap();
    for command in [of_comment, of_page] {
        assert!(!command.contains(&root.display().to_string()) && !command.contains("=/") && !command.contains("'/"), "{command}");
        let applied = succeeds(root, &command);
        assert!(applied.contains("Apply complete! Resources: 0 added, 0 changed, 1 destroyed."), "{command}\n{applied}");
        begin_anew(root);
    }
    for text in [&comment, &page] {
        assert!(!text.contains(&root.display().to_string()), "no path is absolute");
    }
}

#[test]
fn a_sensitive_value_is_not_printed() {
    let repository = repository();
    let root = repository.path();
    let roster = ROSTER.replace("variable \"ticket\" {", "variable \"ticket\" {\n  sensitive = true").replace(", ${var.ticket}", "");
    fs::write(root.join("the roster/main.roster.hcl"), roster).unwrap();
    let plan = format!("orgroster '-chdir=the roster' plan {OPTIONS} -out=../plan.json");
    assert!(!succeeds(root, &plan).contains("FIN 77"), "the footer");
    for line in [
        "orgroster show -markdown plan.json",
        "orgroster show -html plan.json",
        "orgroster show -json plan.json",
        "orgroster show plan.json",
    ] {
        assert!(!succeeds(root, line).contains("FIN 77"), "{line}");
    }
}

/// The command in a text that contains all of these words.
fn command(text: &str, words: &str) -> String {
    let found = commands(text).into_iter().find(|command| command.contains(&format!(" {words}")) || command.ends_with(words));
    found.unwrap_or_else(|| panic!("{words}: {text}"))
}

#[test]
fn what_an_error_says_to_run_works_from_where_it_was_met() {
    let repository = repository();
    let root = repository.path();
    let apply = format!("orgroster '-chdir=the roster' apply -auto-approve {OPTIONS}");
    succeeds(root, &apply);
    fs::remove_file(root.join("the roster/.orgroster/sandbox/journal.jsonl")).unwrap();
    let failed = text(&shell(root, &apply));
    let verified = text(&shell(root, &command(&failed, "verify")));
    assert!(verified.contains("journal.jsonl: it is cut off"), "{verified}");
    // A repair first shows what is wrong, and prints the command that accepts it.
    let reviewed = text(&shell(root, &command(&failed, "history")));
    let repaired = succeeds(root, &command(&reviewed, "history"));
    assert!(repaired.contains("one chain again"), "{repaired}");
    succeeds(root, &apply);

    let unknown = text(&shell(root, &format!("orgroster '-chdir=the roster' history show {OPTIONS} nobody")));
    let listed = succeeds(root, &command(&unknown, "history"));
    assert!(listed.contains("444444444444"), "{listed}");
}

#[test]
fn a_plan_fits_a_narrow_terminal_except_for_text_to_copy() {
    use orgroster::org::Invocation;
    use orgroster::plan::PlanFile;
    use orgroster::render::{self, PlanView, Style};

    let saved = tempfile::tempdir().unwrap();
    let path = saved.path().join("plan.json");
    let example = concat!("-chdir=", env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");
    let planned = Command::new(env!("CARGO_BIN_EXE_orgroster")).args([example, "plan"]).arg(format!("-out={}", path.display())).output();
    assert!(planned.unwrap().status.success());
    let plan = PlanFile::parse(&fs::read(&path).unwrap()).unwrap().orgroster;
    for width in [60, 70, 100] {
        let style = Style { color: false, width: Some(width) };
        let text = render::plan(&plan, PlanView { style, verbose: true, cost: None, invocation: &Invocation::default() });
        // Commands, names in ARNs, and text in columns.
        let is_copied = |line: &&str| {
            line.starts_with("        ") || line.starts_with("Digest: ") || ["orgroster ", "arn:"].iter().any(|word| line.contains(word))
        };
        let long = |line: &&str| line.chars().count() > width && !is_copied(line) && line.trim().contains(' ');
        let wide: Vec<_> = text.as_str().lines().filter(long).collect();
        assert!(wide.is_empty(), "{width}: {wide:#?}");
        assert!(text.as_str().lines().count() > 50);
    }
}
