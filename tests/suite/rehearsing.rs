//! The transfer example: two organizations in one sandbox, each with its own configuration and state.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use orgroster::diag::SourceMap;
use orgroster::sandbox::Sandbox;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::departing::{ask, serve};

const SHOP: &str = "333333333333";

/// One of the two organizations.
#[derive(Clone, Copy)]
enum Side {
    Source,
    Target,
}

impl Side {
    const fn directory(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }

    const fn management(self) -> &'static str {
        match self {
            Self::Source => "111111111111",
            Self::Target => "555555555555",
        }
    }
}

/// A copy of the example with its sandbox, which ends with it.
struct Rehearsal {
    directory: TempDir,
    endpoint: String,
    sandbox: Sandbox,
    /// Dropping it ends the server.
    _server: tokio::sync::oneshot::Sender<()>,
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/transfer-between-two-organizations")
}

impl Rehearsal {
    /// The example, with more organizations in its fixture.
    fn with(more: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for side in [Side::Source, Side::Target] {
            let own = directory.path().join(side.directory());
            fs::create_dir(&own).unwrap();
            fs::copy(example().join(side.directory()).join("main.roster.hcl"), own.join("main.roster.hcl")).unwrap();
        }
        let world = fs::read_to_string(example().join("organizations.sandbox.hcl")).unwrap();
        let mut sources = SourceMap::default();
        let file = sources.add("organizations.sandbox.hcl", format!("{world}\n{more}"));
        let sandbox = Sandbox::open(&sources, Some(file), None).unwrap();
        let (endpoint, server) = serve(sandbox.clone());
        Self { directory, endpoint, sandbox, _server: server }
    }

    /// The exit code and output of a command on one side.
    fn run(&self, side: Side, words: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
        command.current_dir(self.directory.path().join(side.directory())).args(words).env_clear();
        command.envs([
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", side.management()),
            ("AWS_SECRET_ACCESS_KEY", "rehearsal"),
            ("AWS_REGION", "us-east-1"),
        ]);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), said)
    }

    /// Runs a command on one side; it must have this exit code and output.
    fn expect(&self, side: Side, words: &[&str], code: i32, part: &str) {
        let (ended, said) = self.run(side, words);
        assert!(ended == code && said.contains(part), "{words:?} ended with {ended}:\n{said}");
    }

    /// What a person does with another client.
    fn call(&self, account: &str, operation: &str, input: &Value) -> Value {
        ask(&self.endpoint, account, &format!("AWSOrganizationsV20161128.{operation}"), "organizations", input)
    }

    fn invite(&self, account: &str) {
        self.call(account, "InviteAccountToOrganization", &json!({ "Target": { "Id": SHOP, "Type": "ACCOUNT" } }));
    }

    /// The organization that the account is in.
    fn home(&self) -> Value {
        self.call(SHOP, "DescribeOrganization", &json!({}))["Organization"]["Id"].clone()
    }

    /// How often an operation was called.
    fn called(&self, operation: &str) -> u64 {
        self.sandbox.requests().get(&format!("organizations:{operation}")).copied().unwrap_or_default()
    }
}

#[test]
fn an_account_moves_from_one_organization_to_the_other_and_both_plan_to_nothing() {
    let rehearsal = Rehearsal::with("");
    rehearsal.expect(Side::Source, &["plan", "-detailed-exitcode"], 2, "1 transferring");
    rehearsal.expect(Side::Source, &["apply", "-auto-approve"], 3, "invite-account-to-organization --target Id=333333333333,Type=ACCOUNT");
    assert_eq!((rehearsal.home(), rehearsal.called("AcceptHandshake")), (json!("o-sourceorgid"), 0));
    rehearsal.expect(Side::Target, &["plan", "-detailed-exitcode"], 2, "1 to add");
    rehearsal.expect(Side::Target, &["apply", "-auto-approve"], 0, "Invited");
    rehearsal.expect(Side::Target, &["plan", "-detailed-exitcode"], 0, "No changes");
    rehearsal.expect(Side::Source, &["explain", SHOP], 0, "would move to o-targetorgid");
    rehearsal.expect(Side::Source, &["apply", "-auto-approve"], 0, "account.shop");
    assert_eq!((rehearsal.home(), rehearsal.called("AcceptHandshake")), (json!("o-targetorgid"), 1));
    assert_eq!(rehearsal.called("LeaveOrganization"), 0);
    rehearsal.expect(Side::Target, &["plan", "-detailed-exitcode"], 2, "is placed in Root/Acquired (ou-cd34-acquired)");
    rehearsal.expect(Side::Target, &["apply", "-auto-approve"], 0, "1 added");
    let parent = rehearsal.call(Side::Target.management(), "ListParents", &json!({ "ChildId": SHOP }));
    assert_eq!(parent["Parents"][0]["Id"], "ou-cd34-acquired");
    assert_eq!((rehearsal.called("InviteAccountToOrganization"), rehearsal.called("MoveAccount")), (1, 1));
    for side in [Side::Source, Side::Target] {
        rehearsal.expect(side, &["plan", "-detailed-exitcode"], 0, "No changes");
    }
    rehearsal.expect(Side::Source, &["apply", "-auto-approve"], 0, "");
    assert_eq!(rehearsal.called("AcceptHandshake"), 1);
    rehearsal.expect(Side::Source, &["history", "show", SHOP], 0, "AcceptHandshake");
    rehearsal.expect(Side::Source, &["history", "show", SHOP], 0, "o-targetorgid of management account 555555555555");
    rehearsal.expect(Side::Target, &["history", "show", SHOP], 0, "a person in the account");
}

/// Its invitation comes first in the account's list.
const STRANGER: &str = r#"
organization "o-strangersorg" {
  management_account_id = "777777777777"

  account "777777777777" {
    name  = "stranger"
    email = "stranger@example.org"
  }

  invitation "h-00000000first" { account = "333333333333" }
}
"#;

#[test]
fn a_strangers_invitation_is_never_accepted_even_where_it_is_the_first() {
    let rehearsal = Rehearsal::with(STRANGER);
    rehearsal.expect(Side::Source, &["apply", "-auto-approve"], 3, "no open invitation from o-targetorgid");
    rehearsal.invite(Side::Target.management());
    let received = rehearsal.call(SHOP, "ListHandshakesForAccount", &json!({}));
    assert_eq!(received["Handshakes"][0]["Id"], "h-00000000first");
    rehearsal.expect(Side::Source, &["apply", "-auto-approve"], 0, "account.shop");
    assert_eq!((rehearsal.home(), rehearsal.called("AcceptHandshake")), (json!("o-targetorgid"), 1));
    let sent = rehearsal.call("777777777777", "ListHandshakesForOrganization", &json!({}));
    assert_eq!(sent["Handshakes"][0]["State"], "OPEN");
}

/// The commands in the README refer to things in the fixture.
#[test]
fn the_readme_of_the_example_matches_its_fixture() {
    let readme = fs::read_to_string(example().join("README.md")).unwrap();
    for part in ["organizations.sandbox.hcl", "source/", "target/", "ou-cd34-acquired", SHOP, "AWS_ACCESS_KEY_ID=111111111111"] {
        assert!(readme.contains(part), "{part}");
    }
    let world = fs::read_to_string(example().join("organizations.sandbox.hcl")).unwrap();
    for part in ["ou-cd34-acquired", "r-cd34", SHOP, "555555555555"] {
        assert!(readme.contains(part) && world.contains(part), "{part}");
    }
}
