//! Findings on the lines of the configuration, as reported to GitHub and GitLab: the program, in a repository with the quickstart.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const QUICKSTART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");

/// A repository with the quickstart in its directory `infra/roster`.
fn repository() -> TempDir {
    let repository = tempfile::tempdir().unwrap();
    fs::create_dir(repository.path().join(".git")).unwrap();
    let configuration = repository.path().join("infra/roster");
    fs::create_dir_all(&configuration).unwrap();
    for file in fs::read_dir(QUICKSTART).unwrap() {
        let file = file.unwrap();
        if file.path().extension().is_some_and(|extension| extension == "hcl") {
            fs::copy(file.path(), configuration.join(file.file_name())).unwrap();
        }
    }
    repository
}

fn orgroster(repository: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    command.current_dir(repository.join("infra")).arg("-chdir=roster").args(arguments).env_clear().envs(environment.iter().copied());
    command.output().unwrap()
}

const ON_GITHUB: &[(&str, &str)] = &[("GITHUB_ACTIONS", "true"), ("CI", "true")];

fn commands(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stderr).lines().filter(|line| line.starts_with("::")).map(str::to_owned).collect()
}

#[test]
fn on_github_blocked_departures_stand_on_their_lines_and_standard_output_stays_the_same() {
    let repository = repository();
    let plain = orgroster(repository.path(), &["plan"], &[]);
    let annotated = orgroster(repository.path(), &["plan"], ON_GITHUB);
    assert!(commands(&plain).is_empty());
    assert_eq!(annotated.stdout, plain.stdout);
    let commands = commands(&annotated);
    assert_eq!(commands.len(), 10, "8 blocked accounts, a suspended member, and that there are more: {commands:#?}");
    let text = fs::read_to_string(repository.path().join("infra/roster/departures.roster.hcl")).unwrap();
    let line = text.lines().position(|line| line.starts_with("account \"backup\"")).unwrap() + 1;
    let head = format!(
        "::warning file=infra/roster/departures.roster.hcl,line={line},title=account.backup can't leave yet::service_control_policy: "
    );
    assert!(commands[..9].iter().any(|command| command.starts_with(&head)), "{head}\n{commands:#?}");
    let lab = commands.iter().find(|command| command.contains("account.new-lab")).unwrap();
    assert!(lab.ends_with("%0AEligible from 2026-11-24T14:30:00Z."), "{lab}");
    assert!(commands[0].contains("title=Declared member is not ACTIVE::account.suspended-lab declares "), "{}", commands[0]);
    assert!(commands[9].ends_with("::2 more of these are in the log of this step."), "{}", commands[9]);
}

#[test]
fn on_github_mistakes_stand_on_their_lines_and_json_stays_json() {
    let repository = repository();
    fs::write(repository.path().join("infra/roster/wrong.roster.hcl"), "account \"x\" {\n  id = 12\n}\n").unwrap();
    let output = orgroster(repository.path(), &["validate", "-json"], ON_GITHUB);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["valid"], false);
    let commands = commands(&output);
    let expected = "::error file=infra/roster/wrong.roster.hcl,line=2,col=8,title=Account id must be quoted::";
    assert!(commands.iter().any(|command| command.starts_with(expected)), "{commands:#?}");
}

#[test]
fn gitlab_gets_the_places_of_findings_and_recognizes_them_again() {
    let repository = repository();
    let report = || -> serde_json::Value {
        let output = orgroster(repository.path(), &["plan", "-gitlab-code-quality=quality.json"], &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&fs::read(repository.path().join("infra/roster/quality.json")).unwrap()).unwrap()
    };
    let before = report();
    let departures = repository.path().join("infra/roster/departures.roster.hcl");
    fs::write(&departures, format!("# a line\n\n{}", fs::read_to_string(&departures).unwrap())).unwrap();
    let after = report();
    let fingerprints = |report: &serde_json::Value| -> Vec<String> {
        report.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(fingerprints(&before), fingerprints(&after));
    let distinct: std::collections::BTreeSet<_> = fingerprints(&before).into_iter().collect();
    assert_eq!(distinct.len(), 11);
    let backup = |report: &serde_json::Value| {
        let about = |issue: &&serde_json::Value| issue["description"].as_str().unwrap().starts_with("account.backup can't leave yet: ");
        report.as_array().unwrap().iter().find(about).unwrap()["location"].clone()
    };
    assert_eq!(backup(&after)["path"], "infra/roster/departures.roster.hcl");
    fs::write(repository.path().join("infra/roster/wrong.roster.hcl"), "account \"x\" {\n  id = 12\n}\n").unwrap();
    let failed = orgroster(repository.path(), &["validate", "-gitlab-code-quality=quality.json"], &[]);
    assert!(!failed.status.success());
    let mistakes = fs::read_to_string(repository.path().join("infra/roster/quality.json")).unwrap();
    assert!(mistakes.contains("\"critical\"") && mistakes.contains("unquoted-account-id"), "{mistakes}");
    assert_eq!(backup(&after)["lines"]["begin"].as_u64(), backup(&before)["lines"]["begin"].as_u64().map(|line| line + 2));
}

fn sarif(repository: &Path, arguments: &[&str]) -> (Output, serde_json::Value) {
    let output = orgroster(repository, &[arguments, &["-sarif=findings.sarif"]].concat(), &[]);
    let log = fs::read(repository.join("infra/roster/findings.sarif")).unwrap();
    (output, serde_json::from_slice(&log).unwrap())
}

#[test]
fn a_sarif_log_has_every_finding_of_a_plan_by_the_codes_that_explain_knows() {
    let repository = repository();
    let (output, log) = sarif(repository.path(), &["plan"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stdout, orgroster(repository.path(), &["plan"], &[]).stdout);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 11, "as GitLab's report has: {run}");
    let rules: Vec<_> = run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    assert!(results.iter().all(|result| rules.contains(&&result["ruleId"])));
    let blocked = results.iter().filter(|result| result["ruleId"] == "departure-blocked").count();
    assert_eq!(blocked, 8);
    assert_eq!(run["automationDetails"]["id"], "orgroster/plan/infra/roster/");
    let uri = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert!(uri.as_str().unwrap().starts_with("infra/roster/"), "{uri}");
}

#[test]
fn a_sarif_log_of_a_failed_run_has_its_errors_and_how_many_were_not_kept() {
    let repository = repository();
    let wrong: String = (0..1_200).map(|number| format!("account \"x{number}\" {{\n  id = {number}\n}}\n")).collect();
    fs::write(repository.path().join("infra/roster/wrong.roster.hcl"), wrong).unwrap();
    for arguments in [["validate"].as_slice(), &["validate", "-json"], &["plan"]] {
        let (output, log) = sarif(repository.path(), arguments);
        assert!(!output.status.success());
        let run = &log["runs"][0];
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert!(run["results"].as_array().unwrap().iter().any(|result| result["ruleId"] == "unquoted-account-id"));
        let said = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
        assert!(said.contains(" more findings are not in this log"), "{said}");
    }
    let nowhere = orgroster(repository.path(), &["validate", "-sarif=no/where.sarif"], &[]);
    let said = String::from_utf8_lossy(&nowhere.stderr);
    assert!(said.contains("-sarif: no/where.sarif can't be written"), "{said}");
}
