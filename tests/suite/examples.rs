//! The roles in `examples/` have the policies that `iam-policy` prints for their settings. `ORGROSTER_WRITE_POLICIES=1 cargo test --test
//! suite examples` writes them again.

use std::fs;
use std::process::Command;

const POLICIES: &[(&str, &[&str])] =
    &[("plan", &["plan"]), ("apply", &["apply"]), ("member", &["member"]), ("member-read", &["member-read"])];

/// The principals that may assume the roles in members: only the roles of the runs, and nothing else in their account.
fn trusts(example: &str) -> [(&'static str, Vec<String>); 2] {
    let role = |name: &str| format!("-principal=arn:aws:iam::111111111111:role/{name}");
    // Atlantis uses one role for plan and apply.
    let (plans, applies) =
        if example == "atlantis" { (vec![], role("OrgrosterAtlantis")) } else { (vec![role("OrgrosterPlan")], role("OrgrosterApply")) };
    let words = |of: &str, roles: Vec<String>| [vec!["-trust".to_owned(), of.to_owned()], roles].concat();
    [("member.trust", words("member", vec![applies.clone()])), ("member-read.trust", words("member-read", [plans, vec![applies]].concat()))]
}

#[test]
#[allow(clippy::disallowed_methods)]
fn the_policies_of_the_examples_are_the_printed_ones() {
    for example in ["github-actions", "gitlab-ci", "atlantis"] {
        let directory = format!("{}/examples/{example}", env!("CARGO_MANIFEST_DIR"));
        let owned = |words: &&[&str]| words.iter().map(ToString::to_string).collect();
        let policies = POLICIES.iter().map(|(name, words)| (*name, owned(words)));
        for (name, words) in policies.chain(trusts(example)) {
            let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
            let roster = format!("-chdir={directory}/roster");
            let output = command.args([&roster, "iam-policy", "-trusted-config=../settings.hcl"]).args(&words).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let path = format!("{directory}/iam/{name}.json");
            if std::env::var_os("ORGROSTER_WRITE_POLICIES").is_some() {
                fs::write(&path, &output.stdout).unwrap();
            }
            assert_eq!(fs::read_to_string(&path).unwrap_or_default(), String::from_utf8(output.stdout).unwrap(), "{path}");
        }
    }
}
