//! Compares the evaluation with another implementation, the library `iam-rs`, on requests in which every key is known.
//!
//! The library differs from AWS's documentation in some points. The random policies avoid these points. For each of them a test below fails
//! once the library follows the documentation, so that the exclusion can be removed.
//!
//! | the library | AWS (IAM User Guide) | avoided by |
//! |---|---|---|
//! | compares `ArnEquals` as text | "ArnEquals and ArnLike behave identically" (Condition operators) | no wildcard with `ArnEquals` |
//! | lets a wildcard of `ArnLike` cross colons | "each of the six components is checked separately" | wildcards in the resource part only |
//! | leaves policy variables in conditions as they are | variables work in conditions of string and ARN operators (Variables) | no `$` |
//! | compares base 64 without regard to case | "byte for byte" | values that differ by more than case |
//! | reads the first value of `Null` only | values of a key are alternatives | one value |
//! | refuses a quoted boolean with a set operator | quotation marks are optional around booleans (Grammar) | no `ForAnyValue:Bool` |
//! | does not read a date without a time | W3C formats, including a complete date | date with time |
//! | treats an empty string as a value of a set | "an empty data set, such as an empty string" | no empty values |
//! | has no set operators with `IfExists` | "to the end of any condition operator name except Null" | not generated |
//! | requires `Version` | optional, 2008-10-17 then (Version) | always given |
//! | accepts `"Effect": "Allow"` with both `Action` and `NotAction` | they are mutually exclusive (Elements) | never both |

use iam_rs as other;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::build::{context, full_access, hierarchy, leave, policy, policy_text};
use crate::scp::{AttachedPolicy, Decision, Level};

const ACCOUNT: &str = "333333333333";

/// A kind of key, with the operators that are defined for it and the values that requests and policies may have.
struct Kind {
    key: &'static str,
    operators: &'static [&'static str],
    found: &'static [&'static str],
    wanted: &'static [&'static str],
}

const KINDS: [Kind; 9] = [
    Kind {
        key: "test:text",
        operators: &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        found: &["red", "Red", "blue", "b", "bb"],
        wanted: &["red", "RED", "b*", "*", "?", "bl?e", "*e*", "green"],
    },
    Kind {
        key: "test:Case",
        operators: &["StringEquals", "StringLike", "StringNotLike"],
        found: &["red", "blue"],
        wanted: &["red", "b*", "*d"],
    },
    Kind {
        key: "test:number",
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        found: &["-1", "0", "9", "10", "10.5"],
        wanted: &["0", "9", "10", "10.0", "10.50", "100"],
    },
    Kind {
        key: "test:date",
        operators: &["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
        found: &["2026-11-22T00:00:00Z", "2026-11-22T00:00:01Z", "1795305600"],
        wanted: &["2026-11-22T00:00:00Z", "2026-11-22T02:00:00+02:00", "1795305601", "2030-01-01T00:00:00Z"],
    },
    Kind { key: "test:flag", operators: &["Bool"], found: &["true", "false"], wanted: &["true", "false"] },
    Kind { key: "test:bytes", operators: &["BinaryEquals"], found: &["QQ==", "Zm9v"], wanted: &["QQ==", "Zm9v", "MTIz"] },
    Kind {
        key: "test:address",
        operators: &["IpAddress", "NotIpAddress"],
        found: &["203.0.113.5", "203.0.114.5", "2001:db8::1"],
        wanted: &["203.0.113.0/24", "203.0.112.0/22", "203.0.113.5", "2001:DB8::/32", "0.0.0.0/0", "::/0", "2001:db8::1"],
    },
    Kind {
        key: "test:arn",
        operators: &["ArnLike", "ArnNotLike"],
        found: &["arn:aws:iam::333333333333:role/Leaver", "arn:aws:iam::333333333333:role/x/Leaver", "arn:aws-cn:iam::333333333333:role/A"],
        wanted: &[
            "arn:aws:iam::333333333333:role/Leaver",
            "arn:aws:iam::333333333333:role/*",
            "arn:aws:iam::333333333333:*/Leave?",
            "arn:aws-cn:iam::333333333333:*",
        ],
    },
    Kind {
        key: "test:exact",
        operators: &["ArnEquals", "ArnNotEquals"],
        found: &["arn:aws:iam::333333333333:role/A", "arn:aws:iam::333333333333:role/B"],
        wanted: &["arn:aws:iam::333333333333:role/A", "arn:aws:iam::333333333333:role/C"],
    },
];

/// The multivalued key.
const LIST: &str = "test:list";
const LIST_VALUES: [&str; 4] = ["a", "b", "ab", "C"];
const LIST_OPERATORS: [&str; 9] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "StringEquals",
    "StringLike",
    "StringNotEquals",
];

type Entry = (String, &'static str, Vec<&'static str>);

fn scalar_condition() -> impl Strategy<Value = Entry> {
    (0..KINDS.len()).prop_flat_map(|index| {
        let Kind { key, operators, wanted, .. } = KINDS[index];
        let suffix = select(&["", "", "IfExists"][..]);
        (select(operators), suffix, vec(select(wanted), 1..4))
            .prop_map(move |(operator, suffix, values)| (format!("{operator}{suffix}"), key, values))
    })
}

fn list_condition() -> impl Strategy<Value = Entry> {
    let qualifier = select(&["ForAllValues:", "ForAnyValue:"][..]);
    let wanted = select(&["a", "b", "c", "*", "a*", "?", "x"][..]);
    (qualifier, select(&LIST_OPERATORS[..]), vec(wanted, 1..4))
        .prop_map(|(qualifier, operator, values)| (format!("{qualifier}{operator}"), LIST, values))
}

fn null_condition() -> impl Strategy<Value = Entry> {
    let keys: Vec<_> = KINDS.iter().map(|kind| kind.key).chain([LIST]).collect();
    (select(keys), select(&["true", "false"][..])).prop_map(|(key, wanted)| ("Null".to_owned(), key, std::vec![wanted]))
}

fn statement() -> impl Strategy<Value = Value> {
    let conditions = vec(prop_oneof![4 => scalar_condition(), 2 => list_condition(), 1 => null_condition()], 0..3);
    let actions = select(
        &[
            "*",
            "organizations:*",
            "ORGANIZATIONS:leave*",
            "*:LeaveOrganization",
            "organizations:Leave?rganization",
            "s3:*",
            "organizations:Describe*",
        ][..],
    );
    (select(&["Allow", "Allow", "Deny"][..]), vec(actions, 1..3), prop::bool::weighted(0.2), conditions).prop_map(
        |(effect, actions, not, conditions)| {
            let mut block = Map::new();
            for (operator, key, values) in conditions {
                let values = if values.len() == 1 { json!(values[0]) } else { json!(values) };
                block.entry(operator).or_insert_with(|| json!({}))[key] = values;
            }
            let mut statement = json!({"Effect": effect, "Resource": "*", "Condition": block});
            statement[if not { "NotAction" } else { "Action" }] = json!(actions);
            statement
        },
    )
}

/// Each key present or absent.
fn request() -> impl Strategy<Value = Map<String, Value>> {
    let scalars: Vec<_> = KINDS.iter().map(|kind| prop::option::weighted(0.8, select(kind.found))).collect();
    let list = prop::option::weighted(0.8, subsequence(&LIST_VALUES[..], 1..4));
    (scalars, list).prop_map(|(scalars, list)| {
        let present = KINDS.iter().zip(scalars).filter_map(|(kind, value)| Some((kind.key.to_owned(), json!(value?))));
        present.chain(list.map(|list| (LIST.to_owned(), json!(list)))).collect()
    })
}

/// The context for the library, whose values are typed. Each key gets the type that its operators need.
fn other_context(request: &Map<String, Value>) -> other::Context {
    let mut context = other::Context::new();
    for (key, value) in request {
        let value = match (key.as_str(), value) {
            (_, Value::Array(list)) => {
                other::ContextValue::StringList(list.iter().map(|value| value.as_str().unwrap().to_owned()).collect())
            }
            ("test:flag", value) => other::ContextValue::Boolean(value == "true"),
            (_, value) => other::ContextValue::String(value.as_str().unwrap().to_owned()),
        };
        context.insert(key.clone(), value);
    }
    context
}

/// The decision of the library. It has policies but no hierarchy, so the rule about levels is implemented here again.
fn other_allows(levels: &[Vec<Value>], request: &Map<String, Value>) -> bool {
    levels.iter().all(|statements| {
        let policy: other::IAMPolicy = serde_json::from_str(&policy_text(&json!(statements))).unwrap();
        other_decision(policy, request) == Ok(other::Decision::Allow)
    })
}

fn other_decision(policy: other::IAMPolicy, request: &Map<String, Value>) -> Result<other::Decision, other::EvaluationError> {
    let principal = other::Principal::Aws(other::PrincipalId::String(format!("arn:aws:iam::{ACCOUNT}:role/Leaver")));
    // The library accepts only ARNs as resources. The policies have "*", which matches any.
    let resource = other::Arn::parse(&format!("arn:aws:organizations::{ACCOUNT}:account/x")).unwrap();
    let request = other::IAMRequest::new_with_context(principal, "organizations:LeaveOrganization", resource, other_context(request));
    other::PolicyEvaluator::with_policies(std::vec![policy]).evaluate(&request).map(|result| result.decision)
}

fn ours(levels: &[Vec<Value>; 3], request: &Map<String, Value>) -> Decision {
    let [root, unit, account] = levels.each_ref().map(|statements| std::vec![policy("only", &json!(statements))]);
    leave(&hierarchy(root, unit, account), context(&json!(request))).decision
}

/// The statements of a level, with or without full access, so that allowed, explicitly denied and implicitly denied requests are all
/// frequent.
fn level() -> impl Strategy<Value = Vec<Value>> {
    (prop::bool::weighted(0.7), vec(statement(), 1..4)).prop_map(|(with_full, mut statements)| {
        if with_full {
            statements.push(full_access());
        }
        statements
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::testing::cases(150), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_decide_the_same(levels in [level(), level(), level()], request in request()) {
        let decision = ours(&levels, &request);
        prop_assert_ne!(decision, Decision::Unknown, "every key is known");
        prop_assert_eq!(decision == Decision::Allowed, other_allows(&levels, &request));
    }

    /// One statement at a time, so that another statement can't hide a difference.
    #[test]
    fn both_decide_a_statement_the_same(statement in statement(), request in request()) {
        let single = std::vec![full_access(), statement];
        let levels = [std::vec![full_access()], std::vec![full_access()], single];
        prop_assert_eq!(ours(&levels, &request) == Decision::Allowed, other_allows(&levels, &request));
    }
}

/// A point in which the library differs from AWS: a condition of a `Deny`, and a request.
struct Fault {
    what: &'static str,
    condition: Value,
    request: Value,
    /// Whether the condition matches according to AWS's documentation.
    documented: bool,
}

fn fault(what: &'static str, condition: Value, request: Value, documented: bool) -> Fault {
    Fault { what, condition, request, documented }
}

fn faults() -> Vec<Fault> {
    let role = "arn:aws:iam::333333333333:role/Leaver";
    let page = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
    std::vec![
        fault("ArnEquals as text", json!({"ArnEquals": {"test:arn": "arn:aws:iam::*:role/Leaver"}}), json!({"test:arn": role}), true),
        fault(
            "ArnLike across colons",
            json!({"ArnLike": {"test:arn": "arn:aws:someservice:*:111122223333:finance/*"}}),
            json!({"test:arn": page}),
            false,
        ),
        fault("variables left as text", json!({"StringEquals": {"test:a": "${test:b}"}}), json!({"test:a": "x", "test:b": "x"}), true),
        fault("${*} left as text", json!({"StringEquals": {"test:a": "${*}"}}), json!({"test:a": "*"}), true),
        fault("base 64 without case", json!({"BinaryEquals": {"test:a": "qq=="}}), json!({"test:a": "QQ=="}), false),
        fault("first value of Null only", json!({"Null": {"test:a": ["true", "false"]}}), json!({"test:a": "x"}), true),
        fault("an empty string in a set", json!({"ForAllValues:StringEquals": {"test:a": ["x"]}}), json!({"test:a": ""}), true),
    ]
}

#[test]
fn the_faults_of_the_library_are_still_there_and_ours_is_documented() {
    for Fault { what, condition, request, documented } in faults() {
        let request = request.as_object().unwrap();
        let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition});
        let levels = [std::vec![full_access()], std::vec![full_access()], std::vec![full_access(), deny]];
        let expected = if documented { Decision::Denied } else { Decision::Allowed };
        assert_eq!(ours(&levels, request), expected, "{what}");
        assert_eq!(other_allows(&levels, request), documented, "{what}: the library now follows the documentation; remove the exclusion");
    }
}

/// Policies that AWS's grammar permits and the library rejects, when it parses or evaluates them.
#[test]
fn the_library_still_refuses_what_is_documented() {
    let with = |condition: Value| policy_text(&json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}));
    let refused = [
        (with(json!({"ForAnyValue:Bool": {"test:flag": "true"}})), json!({"test:flag": "true"})),
        (with(json!({"DateLessThan": {"test:date": "2026-11-22"}})), json!({"test:date": "2026-11-21T00:00:00Z"})),
        (with(json!({"ForAllValues:StringEqualsIfExists": {"test:a": "x"}})), json!({})),
        (r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#.to_owned(), json!({})),
    ];
    for (text, request) in refused {
        let request = request.as_object().unwrap();
        let reading: Result<other::IAMPolicy, _> = serde_json::from_str(&text);
        assert!(reading.map_or(true, |policy| other_decision(policy, request).is_err()), "{text}: no longer rejected");
        assert!(AttachedPolicy::new("p-x", "x", &text).document.is_ok(), "{text}");
        let levels: Vec<Level> =
            super::build::at_account(std::vec![policy("full", &full_access()), AttachedPolicy::new("p-x", "x", &text)]);
        assert_eq!(leave(&levels, context(&json!(request))).decision, Decision::Denied, "{text}");
    }
}

/// Here the library is less strict.
#[test]
fn the_library_still_takes_elements_that_exclude_each_other() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","NotAction":"organizations:*","Resource":"*"}}"#;
    let reading: other::IAMPolicy = serde_json::from_str(text).unwrap();
    assert_eq!(other_decision(reading, &Map::new()), Ok(other::Decision::Allow));
    assert!(AttachedPolicy::new("p-x", "x", text).document.is_err());
}
