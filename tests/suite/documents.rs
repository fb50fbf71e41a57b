//! The reference is generated from the program's own tables, and the pictures from a run. After an intended change, `ORGROSTER_WRITE_DOCS=1
//! cargo test --features full --test suite documents` writes them again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use clap::builder::styling::{Color, RgbColor};
use orgroster::config::eval::{function_names, refused_functions};
use orgroster::diag::Code;
use orgroster::gate::{DefaultEnforcement, GATES, Gate};
use orgroster::org::{Enforcement, Invocation};
use orgroster::plan::{PlanFile, sha256_hex};
use orgroster::render::{self, PlanView, Style};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The first line of a generated file.
const WRITTEN: &str = "<!-- Written by the test `documents`. -->\n";

fn run(arguments: &[&str]) -> String {
    run_in(Path::new("."), arguments)
}

fn run_in(directory: &Path, arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    let output = program.args(arguments).current_dir(directory).env("NO_COLOR", "1").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Compares a file with its expected content, or writes it.
#[allow(clippy::disallowed_methods, reason = "whether the documents are regenerated is the environment's affair")]
fn hold(path: &str, wanted: &str) {
    let path = Path::new(ROOT).join(path);
    if std::env::var_os("ORGROSTER_WRITE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} is not current: ORGROSTER_WRITE_DOCS=1 cargo test --features full --test suite documents", path.display());
}

#[test]
fn the_reference_of_gates_is_current() {
    let mut text = format!("# Gates\n\n{WRITTEN}\n");
    text.push_str("What each gate asks, what its answer does unless a `gate` block says otherwise, and who resolves it.\n");
    text.push_str("[Gates and evidence](../concepts/gates-and-evidence.md) says what the answers mean.\n\n");
    text.push_str("| gate | asks | by default | resolved by |\n|---|---|---|---|\n");
    for gate in GATES {
        let lowered = if gate.name.can_be_lowered() { "" } else { ", always" };
        writeln!(text, "| [`{}`]({}) | {} | {}{lowered} | {} |", gate.name, gate.documentation, gate.asks, by_default(gate), gate.who)
            .unwrap();
    }
    hold("docs/reference/gates.md", &text);
}

fn by_default(gate: &Gate) -> &'static str {
    match gate.default {
        DefaultEnforcement::Always(Enforcement::Mandatory) => "mandatory",
        DefaultEnforcement::Always(Enforcement::Advisory) => "advisory",
        DefaultEnforcement::Always(Enforcement::Off) => "off",
        DefaultEnforcement::UnlessInvited => "mandatory; advisory for an invited account",
        DefaultEnforcement::WhereReliedUpon => "mandatory; what is unknown is advisory",
        DefaultEnforcement::AsRootAccess => "mandatory; what is unknown counts as `root_access` does",
    }
}

#[test]
fn the_reference_of_commands_is_current() {
    let help = run(&["-help"]);
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names: Vec<_> = commands.lines().filter(is_name).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 15, "{names:?}");
    let mut text = format!("# Commands\n\n{WRITTEN}\n{EXIT_CODES}\n## orgroster\n\n```text\n{help}```\n");
    for name in names.into_iter().filter(|name| *name != "help") {
        describe(&mut text, &[name]);
    }
    hold("docs/reference/commands.md", &text);
}

/// The help of a command and its subcommands.
fn describe(text: &mut String, command: &[&str]) {
    let help = run(&[command, &["-help"]].concat());
    write!(text, "\n## orgroster {}\n\n```text\n{help}```\n", command.join(" ")).unwrap();
    let below = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
    for name in below.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        if command.len() == 1 && help.contains(&format!("\n  {name} ")) {
            describe(text, &[command, &[name]].concat());
        }
    }
}

const EXIT_CODES: &str = "Flags may have one dash or two, as in Terraform.

| exit code | means |
|---|---|
| 0 | done; for `plan` without `-detailed-exitcode`, also when there is something to do |
| 1 | an error |
| 2 | `plan -detailed-exitcode`: at least one departure would be carried out; `fmt`: a syntax error; `references`: some were found; `drift`: something changed |
| 3 | `plan -detailed-exitcode`: none would be, and something is blocked, exceeds a guardrail or has drifted; `apply`: an approved departure was held back; `fmt -check`: a file is not in the canonical format |
| 130 | interrupted |

The first SIGINT or SIGTERM lets the calls in progress finish and begins no further one; the second ends the process at once.
`No changes. Your infrastructure matches the configuration.`, which Atlantis and Digger look for, is printed only where nothing is to do,
nothing is blocked and nothing has drifted.
";

#[test]
fn the_reference_of_codes_is_current() {
    let mut text =
        format!("# Diagnostic codes\n\n{WRITTEN}\nEvery diagnostic ends with its code; `orgroster explain CODE` prints its section.\n");
    for code in Code::ALL {
        let page = code.page().plain_markdown().replace("```sh\n", "```shell\n");
        write!(text, "\n## {code}\n\n*{}*\n\n{}\n", code.summary(), page.trim()).unwrap();
    }
    hold("docs/reference/codes.md", &text);
}

#[test]
fn the_reference_of_permissions_is_current() {
    let mut text = format!("# Permissions\n\n{WRITTEN}\n");
    text.push_str("What `orgroster iam-policy ROLE` prints for a configuration without settings of its own: the least that each role needs. `orgroster iam-policy -trust ROLE` prints who may assume it.\n");
    let directory = tempfile::tempdir().unwrap();
    let organization = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";
    fs::write(directory.path().join("main.roster.hcl"), organization).unwrap();
    let here = format!("-chdir={}", directory.path().display());
    let help = run(&["iam-policy", "-help"]);
    let roles: Vec<_> = help.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split_once(": ")).collect();
    assert!(roles.len() >= 5, "{help}");
    for (role, what) in roles {
        write!(text, "\n## {role}\n\n{}.\n\n```json\n{}```\n", what.trim(), run(&[&here, "iam-policy", role])).unwrap();
    }
    hold("docs/reference/permissions.md", &text);
}

#[test]
fn the_functions_of_expressions_are_current() {
    let path = Path::new(ROOT).join("docs/reference/expressions.md");
    let text = fs::read_to_string(&path).unwrap();
    let all = function_names();
    let mut letters: Vec<String> = Vec::new();
    for name in &all {
        match letters.last_mut().filter(|line| line.as_bytes().get(1) == name.as_bytes().first()) {
            Some(line) => write!(line, ", `{name}`").unwrap(),
            None => letters.push(format!("`{name}`")),
        }
    }
    let refused: String = refused_functions().iter().map(|(name, why)| format!("- `{name}`: {why}.\n")).collect();
    let mut wanted = replaced(&text, "functions", &format!("{}.\n", letters.join(",\n")));
    wanted = replaced(&wanted, "refused", &refused);
    wanted = replaced(&wanted, "differences", &differences_from_terraform());
    hold("docs/reference/expressions.md", &wanted);
}

/// Every reason for a result that differs from Terraform's, with an example: the table from the conformance tests.
fn differences_from_terraform() -> String {
    let table = fs::read(Path::new(ROOT).join("tests/data/eval/differences.json")).unwrap();
    let reasons: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&table).unwrap();
    let row = |(reason, examples): (&String, &serde_json::Value)| {
        let example = examples[0].as_str().unwrap();
        format!("- {reason} Example: `{example}`\n")
    };
    reasons.iter().map(row).collect()
}

/// Replaces the text between `<!-- NAME -->` and the next such mark.
fn replaced(text: &str, name: &str, with: &str) -> String {
    let mark = format!("<!-- {name} -->\n");
    let (before, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("no {mark}"));
    let after = rest.split_once(&mark).map_or(rest, |(_, after)| after);
    format!("{before}{mark}{with}{mark}{after}")
}

/// The words in double quotes after one of the beginnings, in every source file of a folder.
fn literals(folder: &str, beginnings: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = fs::read_to_string(&entry).unwrap_or_default();
            for beginning in beginnings {
                let words = text.split(beginning).skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(words.map(str::to_owned));
            }
        }
    }
    found
}

#[test]
fn every_block_and_argument_is_documented() {
    let text = fs::read_to_string(Path::new(ROOT).join("docs/reference/configuration.md")).unwrap();
    let readers = [
        "text",
        "string",
        "name",
        "required_text",
        "required",
        "boolean",
        "integer",
        "number",
        "strings",
        "one_of",
        "account_ids",
        "required_account_id",
        "account_id",
        "date",
        "timestamp",
        "map",
        "expression",
        "value",
    ];
    let mut beginnings: Vec<_> = readers.iter().map(|reader| format!("fields.{reader}(\"")).collect();
    beginnings.push("BlockForm::new(\"".to_owned());
    let names = literals("src/config/blocks", &beginnings.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(names.len() > 30, "{names:?}");
    let missing: Vec<_> = names.iter().filter(|name| !text.contains(&format!("`{name}")) && !text.contains(&format!("{name}`"))).collect();
    assert!(missing.is_empty(), "docs/reference/configuration.md does not name {missing:?}");
}

#[test]
fn every_variable_of_the_environment_is_documented() {
    let text = fs::read_to_string(Path::new(ROOT).join("docs/reference/environment.md")).unwrap();
    let names = literals("src/cli", &["\"ORGROSTER_"]).into_iter().chain(literals("src/config", &["\"ORGROSTER_"]));
    let names: BTreeSet<_> = names.map(|rest| format!("ORGROSTER_{rest}")).collect();
    let names: BTreeSet<_> = names
        .iter()
        .map(|name| name.split(|end: char| !(end.is_ascii_uppercase() || end == '_')).next().unwrap())
        .map(|name| name.trim_end_matches('_').to_owned())
        // These make the project's own tests write what they compare.
        .filter(|name| !name.starts_with("ORGROSTER_WRITE"))
        .collect();
    assert!(names.len() >= 4, "{names:?}");
    let missing: Vec<_> = names.iter().filter(|name| !text.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/reference/environment.md does not name {missing:?}");
}

#[test]
fn every_file_with_a_schema_is_documented() {
    let text = fs::read_to_string(Path::new(ROOT).join("docs/reference/files.md")).unwrap();
    for name in run(&["schema"]).lines() {
        assert!(text.contains(&format!("| `{name}` |")), "docs/reference/files.md does not name {name}");
    }
}

/// A copy of the quickstart, with `plan.json` of the given targets.
fn planned(targets: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(Path::new(ROOT).join("examples/quickstart")).unwrap().map(|entry| entry.unwrap()) {
        if entry.path().is_file() {
            fs::copy(entry.path(), directory.path().join(entry.file_name())).unwrap();
        }
    }
    run_in(directory.path(), &[&["plan", "-out=plan.json"], targets].concat());
    directory
}

/// A browser paints these pictures from what `show` prints: here, only the sources are compared, so that an outdated picture is found without one.
#[test]
fn the_pictures_of_the_page_and_of_the_comment_are_current() {
    let directory = planned(&[]);
    let recorded: BTreeMap<String, String> =
        serde_json::from_slice(&fs::read(Path::new(ROOT).join("docs/images/sources.json")).unwrap()).unwrap();
    let page = sha256_hex(run_in(directory.path(), &["show", "-html", "plan.json"]).as_bytes());
    let comment = sha256_hex(run_in(directory.path(), &["show", "-markdown", "-redact-emails", "plan.json"]).as_bytes());
    let current = [("comment.png", comment), ("page-dark.png", page.clone()), ("page-light.png", page)];
    let current = current.into_iter().map(|(name, digest)| (name.to_owned(), digest)).collect();
    assert_eq!(recorded, current, "run ORGROSTER_WRITE_PICTURES=1 tests/interop/run test_pictures.py");
}

/// The quickstart's plan on a terminal, for a dark and a light background.
#[test]
fn the_pictures_of_a_plan_are_current() {
    let directory = planned(&["-target=account.legacy-crm", "-target=account.new-lab", "-target=account.security-tooling"]);
    let plan = directory.path().join("plan.json");
    let plan = PlanFile::parse(&fs::read(&plan).unwrap()).unwrap().orgroster;
    let style = Style { color: true, width: Some(110) };
    let printed = render::plan(&plan, PlanView { style, verbose: false, cost: None, invocation: &Invocation::default() });
    let printed = format!("$ orgroster plan\n{}", printed.as_str());
    for (name, ground, ink) in [("dark", (13, 17, 23), (230, 237, 243)), ("light", (255, 255, 255), (31, 35, 40))] {
        let color = |(red, green, blue)| Color::Rgb(RgbColor(red, green, blue));
        let term =
            anstyle_svg::Term::new().palette(anstyle_svg::WIN10_CONSOLE).bg_color(color(ground)).fg_color(color(ink)).min_width_px(900);
        hold(&format!("docs/images/plan-{name}.svg"), &term.render_svg(&printed));
    }
}
