//! Accounts that the program adds: invited, accepted, placed, recorded, verified. `taking_in_states` tests each state of an account,
//! `taking_in_never` what must never happen.

use std::fs;
use std::process::Command;

use orgroster::diag::SourceMap;
use orgroster::sandbox::Sandbox;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::departing::{ask, serve};

pub const SHOP: &str = "555555555555";
pub const MANAGEMENT: &str = "111111111111";

/// An organization on loopback, a standalone account, and a configuration in which it joins.
pub struct House {
    pub directory: TempDir,
    pub endpoint: String,
    pub sandbox: Sandbox,
    _server: tokio::sync::oneshot::Sender<()>,
}

/// The organization, and the account outside of it.
pub const WORLD: &str = r#"
sandbox {
  weather {
    trail_delay_seconds = 0
    rejoin_wait_minutes = 0
  }
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"
  account_quota         = 1000

  root {
    id = "r-ab12"
  }

  organizational_unit "Workloads" {
    id = "ou-ab12-workloads"
  }

  account "111111111111" {
    name   = "management"
    email  = "management@example.com"
    joined = "2020-01-01T00:00:00Z"
  }
}

account "555555555555" {
  name  = "shop"
  email = "aws@shop.example.com"

  role "Accept" {
    trusts = ["111111111111"]
  }
}
"#;

/// A block for an account that joins; `more` is in its `join` block.
pub fn block(id: &str, name: &str, more: &str) -> String {
    format!(
        "account \"{name}\" {{\n  id         = \"{id}\"\n  name       = \"{name}\"\n  membership = \"member\"\n\n  join {{\n    reason = \"Acquired\"\n    \
         on     = \"2026-11-20\"\n    unit   = \"ou-ab12-workloads\"\n    tags   = {{ cost-center = \"42\" }}\n{more}  }}\n}}\n"
    )
}

/// The role in the account that accepts.
pub const ROLE: &str = "\n    accept_role {\n      arn = \"arn:aws:iam::555555555555:role/Accept\"\n    }\n";

impl House {
    /// The usual world, with one block.
    pub fn new(more: &str, beside: &str) -> Self {
        Self::with(&block(SHOP, "shop", more), beside)
    }

    /// The usual world with additions, and these blocks.
    pub fn with(blocks: &str, beside: &str) -> Self {
        Self::of(&format!("{WORLD}\n{beside}"), blocks)
    }

    /// Another world.
    pub fn of(world: &str, blocks: &str) -> Self {
        let mut sources = SourceMap::default();
        let file = sources.add("world.sandbox.hcl", world.to_owned());
        let sandbox = Sandbox::open(&sources, Some(file), None).unwrap_or_else(|mistakes| panic!("{:?}", mistakes.sorted()));
        let (endpoint, server) = serve(sandbox.clone());
        let house = Self { directory: tempfile::tempdir().unwrap(), endpoint, sandbox, _server: server };
        house.declare(blocks);
        house
    }

    /// Writes the configuration again.
    pub fn declare(&self, blocks: &str) {
        let head = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n\n";
        fs::write(self.directory.path().join("main.roster.hcl"), format!("{head}{blocks}")).unwrap();
    }

    /// The program, with the management account's credentials.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
        command.current_dir(self.directory.path()).args(words).env_clear();
        command.envs([
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", MANAGEMENT),
            ("AWS_SECRET_ACCESS_KEY", "rehearsal"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("NO_COLOR", "1"),
        ]);
        command
    }

    /// The exit code and output of a command.
    pub fn run(&self, words: &[&str]) -> (i32, String) {
        let output = self.command(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), said)
    }

    /// Runs a command, which must have this exit code and print these parts.
    pub fn expect(&self, words: &[&str], code: i32, parts: &[&str]) -> String {
        let (ended, said) = self.run(words);
        assert!(
            ended == code && parts.iter().all(|part| said.contains(part)),
            "{words:?} ended with {ended}, wanted {code} {parts:?}:\n{said}"
        );
        said
    }

    /// What a person does with another client.
    pub fn call(&self, account: &str, operation: &str, input: &Value) -> Value {
        ask(&self.endpoint, account, &format!("AWSOrganizationsV20161128.{operation}"), "organizations", input)
    }

    /// The invitations that the organization sent.
    pub fn invitations(&self) -> Vec<Value> {
        self.call(MANAGEMENT, "ListHandshakesForOrganization", &json!({}))["Handshakes"].as_array().unwrap().clone()
    }

    /// Answers the account's only invitation.
    pub fn answer(&self, account: &str, operation: &str) {
        let id = self.invitations()[0]["Id"].clone();
        let _ = self.call(account, operation, &json!({ "HandshakeId": id }));
    }

    /// The account's parent.
    pub fn unit(&self) -> Value {
        self.call(MANAGEMENT, "ListParents", &json!({ "ChildId": SHOP }))["Parents"][0]["Id"].clone()
    }

    /// How often an operation of Organizations was called.
    pub fn called(&self, operation: &str) -> u64 {
        self.sandbox.requests().get(&format!("organizations:{operation}")).copied().unwrap_or_default()
    }
}

#[test]
fn an_account_with_a_role_that_accepts_is_invited_accepted_tagged_placed_recorded_and_verified() {
    let house = House::new(ROLE, "");
    let plan = house.expect(
        &["plan", "-detailed-exitcode", "-out", "plan.json"],
        2,
        &[
            "# account.shop will be created",
            "(account 555555555555 joins organization o-exampleorgid and is placed in Root/Workloads (ou-ab12-workloads))",
            "+ resource \"account\" \"shop\"",
            "+ tags     = \"cost-center = 42\"",
            "AcceptHandshake by arn:aws:iam::555555555555:role/Accept",
            "deferred to apply: accept_access, standing",
            "1 joining, 0 blocked",
            "Plan: 1 to add, 0 to change, 0 to destroy.",
        ],
    );
    assert!(!plan.contains("to add, 0 to change, 1 to destroy") && !plan.contains("-> null"), "{plan}");
    assert_eq!(house.sandbox.requests().get("sts:AssumeRole"), None, "plan assumes no role in members");
    let saved: Value = serde_json::from_str(&fs::read_to_string(house.directory.path().join("plan.json")).unwrap()).unwrap();
    let change = &saved["resource_changes"][0];
    assert_eq!((&change["change"]["actions"], &change["change"]["before"]), (&json!(["create"]), &Value::Null), "{change}");
    assert_eq!(change["change"]["after"]["name"], "shop");
    assert_eq!(saved["orgroster"]["accounts"][0]["change"]["act"]["action"], "invite");
    assert_eq!(saved["applyable"], true);
    // People who watch CloudTrail get the events of the joining, and a filter without a part about departures.
    house.expect(
        &["announce", "plan.json"],
        0,
        &["InviteAccountToOrganization", "AcceptHandshake", "AccountJoinedOrganization", "MoveAccount"],
    );
    let filter = house.expect(&["announce", "-sigma", "plan.json"], 0, &["title: Expected joinings to organization o-exampleorgid"]);
    assert!(filter.contains("  condition: not selection and not (joined and joined_accounts)") && !filter.contains("departed"), "{filter}");
    house.expect(
        &["apply", "plan.json"],
        0,
        &["account.shop: Creation complete", "Apply complete! Resources: 1 added, 0 changed, 0 destroyed."],
    );
    assert_eq!((house.unit(), house.invitations().len()), (json!("ou-ab12-workloads"), 1));
    let tags = house.call(MANAGEMENT, "ListTagsForResource", &json!({ "ResourceId": SHOP }));
    assert_eq!(tags["Tags"][0], json!({ "Key": "cost-center", "Value": "42" }));
    house.expect(&["plan", "-detailed-exitcode"], 0, &["No changes."]);
    house.expect(&["verify"], 0, &["1 proven, 0 pending, 0 contradicted"]);
    let shown = house.expect(&["history", "show", "-json", SHOP], 0, &["AccountJoinedOrganization"]);
    assert!(!shown.contains("\"AcceptHandshake\""), "{shown}");
    // With -member, the account's own history also contains the call; the accepting role looks it up.
    house.expect(&["verify", "-member"], 0, &["1 proven, 0 pending, 0 contradicted"]);
    let shown: Value = serde_json::from_str(&house.expect(&["history", "show", "-json", SHOP], 0, &[])).unwrap();
    let called = shown.to_string();
    assert!(called.contains("\"name\":\"AcceptHandshake\"") && called.contains("\"recipient\":\"555555555555\""), "{called}");
    house.expect(&["history"], 0, &["joined"]);
    house.expect(
        &["history", "show", SHOP],
        0,
        &["joined", "Root/Workloads (ou-ab12-workloads)", "cost-center = 42", "role/Accept", "-join-"],
    );
    // Applying the same plan again finds everything done.
    house.expect(&["apply", "plan.json"], 0, &["was already done"]);
    assert_eq!((house.called("InviteAccountToOrganization"), house.called("AcceptHandshake"), house.called("MoveAccount")), (1, 1, 1));
}

#[test]
fn without_a_role_an_apply_invites_a_person_accepts_and_the_next_apply_places() {
    let house = House::new("", "");
    house.expect(&["plan", "-detailed-exitcode"], 2, &["is invited to organization", "identity unverified", "1 to add"]);
    house.expect(&["apply", "-auto-approve"], 0, &["account.shop: Invited", "Apply complete! Resources: 1 added"]);
    let waiting =
        house.expect(&["plan", "-detailed-exitcode", "-out", "waiting.json", "-verbose"], 0, &["No changes.", "is invited (h-", " until "]);
    assert!(!waiting.contains("drifted"), "{waiting}");
    let saved: Value = serde_json::from_str(&fs::read_to_string(house.directory.path().join("waiting.json")).unwrap()).unwrap();
    let change = &saved["resource_changes"][0];
    assert_eq!((&change["change"]["actions"], &change["action_reason"]), (&json!(["no-op"]), &json!("invited")), "{change}");
    house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    house.expect(&["verify"], 0, &["invited, waiting for its answer"]);
    house.expect(&["history"], 0, &["invited (h-"]);
    house.answer(SHOP, "AcceptHandshake");
    house.expect(&["plan", "-detailed-exitcode"], 2, &["is a member of organization o-exampleorgid and is placed in Root/Workloads"]);
    house.expect(&["apply", "-auto-approve"], 0, &["1 added"]);
    assert_eq!((house.unit(), house.invitations().len()), (json!("ou-ab12-workloads"), 1));
    house.expect(&["plan", "-detailed-exitcode"], 0, &["No changes."]);
    house.expect(&["verify"], 0, &["1 proven"]);
    assert_eq!(house.called("InviteAccountToOrganization"), 1);
}

#[test]
fn placing_needs_no_new_approval_and_the_digest_of_the_invitation_goes_on() {
    let house = House::new("", "");
    house.expect(&["plan", "-out", "plan.json"], 0, &[]);
    let saved: Value = serde_json::from_str(&fs::read_to_string(house.directory.path().join("plan.json")).unwrap()).unwrap();
    let digest = saved["orgroster"]["digest"].as_str().unwrap().to_owned();
    let expected = format!("-expect-digest={digest}");
    house.expect(&["apply", &expected], 0, &["Invited"]);
    house.expect(&["apply", &expected], 0, &[]);
    house.expect(&["apply", "plan.json"], 0, &[]);
    house.answer(SHOP, "AcceptHandshake");
    house.expect(&["apply", &expected], 0, &["1 added"]);
    assert_eq!((house.unit(), house.called("InviteAccountToOrganization")), (json!("ou-ab12-workloads"), 1));

    let house = House::new("", "");
    house.expect(&["plan", "-out", "plan.json"], 0, &[]);
    house.expect(&["apply", "plan.json"], 0, &["Invited"]);
    house.answer(SHOP, "AcceptHandshake");
    house.expect(&["apply", "plan.json"], 0, &["1 added"]);
    // If the declaration differs from the approved one, the old approval places nothing.
    let house = House::new("", "");
    house.expect(&["plan", "-out", "plan.json"], 0, &[]);
    house.expect(&["apply", "plan.json"], 0, &["Invited"]);
    house.answer(SHOP, "AcceptHandshake");
    house.declare(&block(SHOP, "shop", "").replace("\"42\"", "\"43\""));
    house.expect(&["apply", "plan.json"], 1, &["stale-plan", "the declaration of account.shop changed"]);
    assert_eq!(house.unit(), "r-ab12");
}

#[test]
fn a_departed_account_is_restored_to_its_unit_with_its_tags() {
    let member = r#"
  organizational_unit "Shops" {
    id = "ou-ab12-shops0000"

    account "333333333333" {
      name           = "crm"
      email          = "crm@example.com"
      joined         = "2024-03-01T10:00:00Z"
      joined_method  = "INVITED"
      tags           = { team = "crm" }
      payment_method = "valid"

      role "OrganizationAccountAccessRole" {
        trusts = ["111111111111"]
      }
    }
  }
"#;
    let world = WORLD.replacen("  account \"111111111111\"", &format!("{member}\n  account \"111111111111\""), 1);
    let restoring = "account \"crm\" {\n  id         = \"333333333333\"\n  name       = \"crm\"\n  membership = \"member\"\n\n  join {\n    reason  = \"Bought \
                     back\"\n    on      = \"2026-11-20\"\n    restore = true\n\n    accept_role {\n      arn = \
                     \"arn:aws:iam::333333333333:role/OrganizationAccountAccessRole\"\n    }\n  }\n}\n";
    let leaving = "account \"crm\" {\n  id         = \"333333333333\"\n  name       = \"crm\"\n  membership = \"detached\"\n  reason     = \"Sold\"\n}\n";
    let house = House::of(&world, leaving);
    house.expect(&["apply", "-auto-approve"], 0, &["1 destroyed"]);
    house.declare(restoring);
    house.expect(&["plan", "-detailed-exitcode"], 2, &["Shops (ou-ab12-shops0000)", "team = crm"]);
    house.expect(&["apply", "-auto-approve"], 0, &["1 added"]);
    let parent = house.call(MANAGEMENT, "ListParents", &json!({ "ChildId": "333333333333" }));
    assert_eq!(parent["Parents"][0]["Id"], "ou-ab12-shops0000");
    let tags = house.call(MANAGEMENT, "ListTagsForResource", &json!({ "ResourceId": "333333333333" }));
    assert_eq!(tags["Tags"][0], json!({ "Key": "team", "Value": "crm" }));
    house.expect(&["plan", "-detailed-exitcode"], 0, &["No changes."]);
    // After the account has joined, the departure is over: leaving again is a new departure.
    house.declare(leaving);
    house.expect(&["plan", "-detailed-exitcode"], 2, &["1 to destroy"]);
    // If its unit is gone, it is blocked, and only the commands in the history remain.
    let gone = House::of(&world, leaving);
    gone.expect(&["apply", "-auto-approve"], 0, &["1 destroyed"]);
    gone.call(MANAGEMENT, "DeleteOrganizationalUnit", &json!({ "OrganizationalUnitId": "ou-ab12-shops0000" }));
    gone.declare(restoring);
    gone.expect(&["plan", "-detailed-exitcode"], 3, &["there is no unit ou-ab12-shops0000", "create the unit again"]);
    gone.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    gone.expect(&["history", "show", "333333333333"], 0, &["aws organizations move-account", "aws organizations tag-resource"]);
    // Without a record, there is nothing to restore.
    let house = House::with(&restoring.replace("333333333333", SHOP), "");
    house.expect(&["plan", "-detailed-exitcode"], 3, &["needs a departure record"]);
}

#[test]
fn errors_in_a_join_block_are_reported_at_their_place() {
    let house = House::new("", "");
    let cases = [
        ("    restore = true\n", "`restore` takes the unit and the tags from the departure record"),
        ("    from   = \"o-sourceorgid\"\n", "Add an `accept_role` block, or remove `from`"),
        (
            "\n    accept_role {\n      arn = \"arn:aws:iam::666666666666:role/Accept\"\n    }\n",
            "only a role in the account itself can accept",
        ),
        ("\n    accept_role {\n      arn = \"Accept\"\n    }\n", "must be the ARN of an IAM role"),
    ];
    for (more, says) in cases {
        house.declare(&block(SHOP, "shop", more));
        house.expect(&["validate"], 1, &[says, "main.roster.hcl"]);
    }
    let whole = block(SHOP, "shop", "");
    for (from, to, says) in [
        ("    on     = \"2026-11-20\"\n", "", "missing-attribute"),
        ("    reason = \"Acquired\"\n", "", "missing-attribute"),
        ("  name       = \"shop\"\n", "", "join-without-identity"),
        ("\"ou-ab12-workloads\"", "\"Workloads\"", "`unit` must be the id of an organizational unit"),
        ("cost-center", "\"aws:cost\"", "are reserved for AWS"),
    ] {
        house.declare(&whole.replace(from, to));
        house.expect(&["validate"], 1, &[says]);
    }
    house.declare(&whole.replace("2026-11-20", "2999-12-24"));
    house.expect(&["plan", "-detailed-exitcode"], 3, &["`on` is 2999-12-24, which is in the future", "Eligible from 2999-12-24T00:00:00Z"]);
}

#[test]
fn the_roles_that_take_in_and_accept_have_policies_of_their_own() {
    let house = House::new(ROLE, "");
    let policy = |role: &str| -> Value { serde_json::from_str(&house.expect(&["iam-policy", role], 0, &[])).unwrap() };
    let join = policy("join").to_string();
    for action in ["InviteAccountToOrganization", "MoveAccount", "TagResource", "ListHandshakesForOrganization"] {
        assert!(join.contains(&format!("organizations:{action}")), "{action}: {join}");
    }
    assert!(join.contains("arn:aws:iam::555555555555:role/Accept") && !join.contains("LeaveOrganization"), "{join}");
    let accept = policy("accept");
    let accept = accept["Statement"].as_array().unwrap().iter().find(|statement| statement["Sid"] == "AcceptInvitation").unwrap().clone();
    assert_eq!(accept["Resource"], json!(["arn:*:organizations::111111111111:handshake/o-exampleorgid/invite/h-*"]));
}
