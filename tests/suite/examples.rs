//! The roles of `examples/` have the policies that `iam-policy` prints for their settings. `ORGROSTER_WRITE_POLICIES=1 cargo test --test suite
//! examples` writes them anew.

use std::fs;
use std::process::Command;

const POLICIES: &[(&str, &[&str])] = &[
    ("plan", &["plan"]),
    ("apply", &["apply"]),
    ("member", &["member"]),
    ("member-read", &["member-read"]),
    ("member.trust", &["-trust", "member"]),
    ("member-read.trust", &["-trust", "member-read"]),
];

#[test]
#[allow(clippy::disallowed_methods)]
fn the_policies_of_the_examples_are_the_printed_ones() {
    for example in ["github-actions", "gitlab-ci", "atlantis"] {
        let directory = format!("{}/examples/{example}", env!("CARGO_MANIFEST_DIR"));
        for (name, words) in POLICIES {
            let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
            let roster = format!("-chdir={directory}/roster");
            let output = command.args([&roster, "iam-policy", "-trusted-config=../settings.hcl"]).args(*words).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let path = format!("{directory}/iam/{name}.json");
            if std::env::var_os("ORGROSTER_WRITE_POLICIES").is_some() {
                fs::write(&path, &output.stdout).unwrap();
            }
            assert_eq!(fs::read_to_string(&path).unwrap_or_default(), String::from_utf8(output.stdout).unwrap(), "{path}");
        }
    }
}
