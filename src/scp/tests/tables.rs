//! Cases written from AWS's documentation, in `cases/`. Each one states the rule that it tests.

use serde::Deserialize;
use serde_json::{Value, json};

use super::build::{at_account, context, full_access, hierarchy, leave, policy};
use crate::scp::{AttachedPolicy, Context, Decision, Denial, KeyValue, Open, Policy, Unusual, Verdict};

/// A statement, or only its condition, and its effect on the request to leave.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementCase {
    why: String,
    #[serde(default)]
    statement: Option<Value>,
    #[serde(default, rename = "if")]
    condition: Option<Value>,
    #[serde(default = "current")]
    version: Option<String>,
    #[serde(default)]
    with: Value,
    #[serde(default)]
    unknowable: Vec<String>,
    is: Outcome,
    /// The keys that leave it undecided.
    #[serde(default, rename = "for")]
    doubts: Vec<String>,
    #[serde(default)]
    unusual: Option<Unusual>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Debug)]
enum Outcome {
    #[serde(rename = "match")]
    Match,
    #[serde(rename = "no match")]
    NoMatch,
    #[serde(rename = "open")]
    Open,
}

fn current() -> Option<String> {
    Some("2012-10-17".to_owned())
}

impl StatementCase {
    fn context(&self) -> Context {
        let mut context = context(&self.with);
        for key in &self.unknowable {
            context.insert(key, KeyValue::Unknowable);
        }
        context
    }

    /// The statement with an effect, in a policy of the case's version.
    fn policy(&self, effect: &str) -> AttachedPolicy {
        let mut statement = self.statement.clone().unwrap_or_else(|| json!({"Action": "*", "Resource": "*", "Condition": self.condition}));
        statement["Effect"] = json!(effect);
        let mut document = json!({"Statement": statement});
        if let Some(version) = &self.version {
            document["Version"] = json!(version);
        }
        AttachedPolicy::new("p-case", "case", &document.to_string())
    }

    /// Checks the statement as the only `Deny`, and as the account's only `Allow`: both have the same result.
    fn check(&self) {
        let denying = leave(&at_account(vec![policy("full", &full_access()), self.policy("Deny")]), self.context());
        let allowing = leave(&at_account(vec![self.policy("Allow")]), self.context());
        let (deny, allow) = match self.is {
            Outcome::Match => (Decision::Denied, Decision::Allowed),
            Outcome::NoMatch => (Decision::Allowed, Decision::Denied),
            Outcome::Open => (Decision::Unknown, Decision::Unknown),
        };
        assert_eq!(denying.decision, deny, "{} (as a Deny): {denying:#?}", self.why);
        assert_eq!(allowing.decision, allow, "{} (as an Allow): {allowing:#?}", self.why);
        for verdict in [&denying, &allowing] {
            let keys: Vec<_> = verdict.undecided_keys().into_iter().collect();
            assert_eq!(keys, self.doubts, "{}", self.why);
            assert_eq!(verdict.unusual.first().map(|unusual| unusual.resource), self.unusual, "{}", self.why);
        }
    }
}

fn check_statements(text: &str, at_least: usize) {
    let cases: Vec<StatementCase> = serde_json::from_str(text).unwrap();
    assert!(cases.len() >= at_least, "{} cases", cases.len());
    cases.iter().for_each(StatementCase::check);
}

#[test]
fn conditions() {
    check_statements(include_str!("cases/conditions.json"), 160);
}

#[test]
fn policy_variables() {
    check_statements(include_str!("cases/variables.json"), 35);
}

#[test]
fn statements() {
    check_statements(include_str!("cases/statements.json"), 40);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MalformedCase {
    why: String,
    text: String,
    says: String,
}

#[test]
fn malformed_policies_are_unknown_and_say_why() {
    let cases: Vec<MalformedCase> = serde_json::from_str(include_str!("cases/malformed.json")).unwrap();
    assert!(cases.len() >= 39);
    for MalformedCase { why, text, says } in cases {
        let text = if text == "DEEP" { "[".repeat(100_000) } else { text };
        let error = Policy::parse(&text).expect_err(&why).to_string();
        assert!(error.contains(&says), "{why}: {error}");
        let full = || policy("full", &full_access());
        let verdict = leave(&at_account(vec![full(), AttachedPolicy::new("p-bad", "bad", &text)]), Context::new());
        assert_eq!(verdict.decision, Decision::Unknown, "{why}");
        let alone = leave(&at_account(vec![AttachedPolicy::new("p-bad", "bad", &text)]), Context::new());
        assert_eq!(alone.decision, Decision::Unknown, "{why}");
        assert!(alone.open.iter().any(|open| open.to_string().contains(&says)), "{why}");
    }
}

#[test]
fn everything_may_be_a_text_or_a_list() {
    let one = r#"{"Id":"x","Statement":{"Sid":"A","Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"Bool":{"aws:x":true}}}}"#;
    let many =
        r#"{"Id":"x","Statement":[{"Condition":{"Bool":{"aws:x":["true"]}},"Resource":["*"],"Action":["a:b"],"Effect":"Deny","Sid":"A"}]}"#;
    assert_eq!(Policy::parse(one).unwrap(), Policy::parse(many).unwrap());
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelsCase {
    why: String,
    root: Vec<String>,
    ou: Vec<String>,
    account: Vec<String>,
    is: Decision,
    #[serde(default)]
    by: Vec<String>,
    #[serde(default)]
    open: Vec<String>,
}

/// The policies that the cases of `levels.json` attach, by name.
fn named(name: &str) -> AttachedPolicy {
    let network = json!({"aws:SourceIp": "203.0.113.0/24"});
    let statement = match name {
        "full" => full_access(),
        "deny" => json!({"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}),
        "deny s3" => json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}),
        "s3 only" => json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
        "leave only" => json!({"Effect": "Allow", "Action": "organizations:LeaveOrganization", "Resource": "*"}),
        "allow all but iam" => json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        "allow all but organizations" => json!({"Effect": "Allow", "NotAction": "organizations:*", "Resource": "*"}),
        "deny all but iam" => json!({"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}),
        "allow in eu" => {
            json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:RequestedRegion": "eu-*"}}})
        }
        "deny off network" => json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": network}}),
        "allow on network" => json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"IpAddress": network}}),
        "deny off vpc" => {
            json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}})
        }
        "deny but leaver" => json!({"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Leaver"}}}),
        "malformed" => return AttachedPolicy::new("p-malformed", name, "{"),
        "unreadable" => return AttachedPolicy::unreadable("p-unreadable", name, "organizations:DescribePolicy is not allowed"),
        other => panic!("no policy {other:?}"),
    };
    policy(name, &statement)
}

/// The denials and undecided statements of a verdict, in the words of `levels.json`.
fn words(verdict: &Verdict) -> (Vec<String>, Vec<String>) {
    let denials = verdict.denials.iter().map(|denial| match denial {
        Denial::Explicit { statement, .. } => format!("explicit {} {}", statement.level.name, statement.policy_name),
        Denial::Implicit { level } => format!("implicit {}", level.name),
    });
    let open = verdict.open.iter().map(|open| match open {
        Open::Statement { statement, doubts, .. } => {
            let keys: Vec<_> = doubts.iter().map(|doubt| doubt.key.as_str()).collect();
            format!("{} {} {}", statement.level.name, statement.policy_name, keys.join(" "))
        }
        Open::Policy { level, policy_name, .. } => format!("{} {policy_name}", level.name),
        other => other.to_string(),
    });
    (denials.collect(), open.collect())
}

#[test]
fn levels() {
    let cases: Vec<LevelsCase> = serde_json::from_str(include_str!("cases/levels.json")).unwrap();
    assert!(cases.len() >= 30);
    for LevelsCase { why, root, ou, account, is, by, open } in cases {
        let all = |names: Vec<String>| names.iter().map(|name| named(name)).collect();
        let levels = hierarchy(all(root), all(ou), all(account));
        let role = json!({"aws:RequestedRegion": "us-east-1", "aws:PrincipalArn": "arn:aws:iam::333333333333:role/Leaver"});
        let verdict = leave(&levels, context(&role));
        assert_eq!(verdict.decision, is, "{why}: {verdict:#?}");
        let mut found = words(&verdict);
        let mut expected = (by, open);
        for lists in [&mut found, &mut expected] {
            lists.0.sort();
            lists.1.sort();
        }
        assert_eq!(found, expected, "{why}");
    }
}
