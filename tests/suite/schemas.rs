//! `schema` prints the files in `schema/`, and documents are what these say; `completion` knows the commands, flags and addresses.

use std::fs;
use std::process::Command;

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_orgroster")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_schema_is_printed_as_it_is_in_its_file() {
    let names = run(&["schema"]);
    let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/schema")).unwrap().count();
    assert_eq!(names.lines().count(), files, "{names}");
    for name in names.lines() {
        let path = format!("{}/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(fs::read_to_string(&path).unwrap_or_default(), run(&["schema", name]), "{path}");
    }
}

#[test]
fn each_shell_has_a_completion_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completion", shell]);
        for command in ["validate", "fmt", "plan", "apply", "show"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn a_flag_is_completed_with_the_single_dash_that_help_shows() {
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("orgroster.bash");
    fs::write(&script, run(&["completion", "bash"])).unwrap();
    let typed = "source \"$0\"; COMP_WORDS=(orgroster plan -ou) COMP_CWORD=2; _orgroster orgroster -ou plan; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", typed]).arg(&script).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "-out\n", "{}", String::from_utf8_lossy(&output.stderr));
    assert!(run(&["completion", "zsh"]).contains("'-out=["));
    assert!(run(&["completion", "fish"]).contains(" -o out "));
}

#[test]
fn addresses_are_completed_behind_target_and_explain() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("orgroster.bash");
    fs::write(&script, run(&["completion", "bash"])).unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_orgroster")).parent().unwrap();
    for words in ["plan -target account.leg", "apply -target account.leg", "explain account.leg"] {
        let last = words.split(' ').count();
        let previous = words.split(' ').rev().nth(1).unwrap();
        let typed = format!(
            "source \"$0\"; COMP_WORDS=(orgroster {words}) COMP_CWORD={last}; _orgroster orgroster account.leg {previous}; echo \"${{COMPREPLY[@]}}\""
        );
        let path = format!("{}:/usr/bin:/bin", program.display());
        let output = Command::new("bash").args(["-c", &typed]).arg(&script).current_dir(example).env("PATH", path).output().unwrap();
        let completed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(completed, "account.legacy-crm\n", "{words}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(run(&["completion", "zsh"]).contains(":ADDRESS:_orgroster_addresses'"));
    assert!(run(&["completion", "fish"]).contains("subcommand explain\" -f -a \"(orgroster completion -addresses"));
}

/// The reason why a document is not valid, if it is not.
pub fn violation(schema: &str, document: &str) -> Option<String> {
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("schema.json", serde_json::from_str(&run(&["schema", schema])).unwrap()).unwrap();
    let mut schemas = boon::Schemas::new();
    let compiled = compiler.compile("schema.json", &mut schemas).unwrap();
    schemas.validate(&serde_json::from_str(document).unwrap(), compiled).err().map(|violation| violation.to_string())
}

#[test]
fn explanations_are_what_their_schema_says() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart/");
    let directory = tempfile::tempdir().unwrap();
    for file in fs::read_dir(example).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        fs::copy(&file, directory.path().join(file.file_name().unwrap())).unwrap();
    }
    let chdir = format!("-chdir={}", directory.path().display());
    // An eligible account, a blocked one, and one with incomplete sign-up.
    for account in ["account.legacy-crm", "account.security-tooling", "account.new-lab"] {
        let explanation = run(&[&chdir, "explain", "-json", account]);
        assert_eq!(violation("explanation", &explanation), None, "{account}");
        let lacking = explanation.replacen("\"asks\"", "\"demands\"", 1);
        assert!(violation("explanation", &lacking).is_some(), "a gate without its question is not valid");
    }
}

#[test]
fn a_lock_is_what_its_schema_says() {
    let holder = orgroster::journal::LockHolder {
        id: "f3b0c442".to_owned(),
        operation: "apply".to_owned(),
        who: "ops@runner".to_owned(),
        created: "2026-11-22T09:00:00Z".parse().ok(),
    };
    let lock = serde_json::to_string(&holder).unwrap();
    assert_eq!(violation("lock", &lock), None);
    assert!(violation("lock", &lock.replace("\"who\"", "\"whom\"")).is_some());
}
