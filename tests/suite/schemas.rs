//! `schema/` holds what `schema` prints. `ORGROSTER_WRITE_SCHEMAS=1 cargo test --test suite schemas` writes it anew.

use std::fs;
use std::process::Command;

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_orgroster")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[allow(clippy::disallowed_methods)]
fn the_schemas_are_current() {
    let names = run(&["schema"]);
    assert!(names.lines().count() >= 4, "{names}");
    for name in names.lines() {
        let path = format!("{}/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
        let schema = run(&["schema", name]);
        if std::env::var_os("ORGROSTER_WRITE_SCHEMAS").is_some() {
            fs::write(&path, &schema).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap_or_default(), schema, "{path}");
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
