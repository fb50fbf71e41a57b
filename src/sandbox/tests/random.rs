//! Any input gets an answer, and so does the next request.

use proptest::prelude::*;

use super::*;

/// Operations of every service, and names of operations that do not exist.
fn target() -> impl Strategy<Value = Option<String>> {
    let operations = [
        "ListAccounts",
        "DescribeAccount",
        "LeaveOrganization",
        "TagResource",
        "CreatePolicy",
        "AttachPolicy",
        "InviteAccountToOrganization",
        "AcceptHandshake",
        "CreateAccount",
        "MoveAccount",
        "ListChildren",
    ];
    let known = proptest::sample::select(operations.to_vec()).prop_map(|name| format!("AWSOrganizationsV20161128.{name}"));
    let lookup = Just("CloudTrail_20131101.LookupEvents".to_owned());
    proptest::option::weighted(0.8, prop_oneof![6 => known, 1 => lookup, 1 => ".*"])
}

/// JSON with the members that operations read, and with values of every kind.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "AccountId",
        "NextToken",
        "MaxResults",
        "Tags",
        "Target",
        "Content",
        "Name",
        "Type",
        "ParentId",
        "HandshakeId",
        "Key",
        "Value",
        "Id",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        "[0-9]{12}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 24, 4, move |inner| {
        let member = (proptest::sample::select(names.to_vec()).prop_map(str::to_owned), inner.clone());
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            proptest::collection::vec(member, 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop_oneof![3 => value.prop_map(|value| value.to_string().into_bytes()), 1 => proptest::collection::vec(any::<u8>(), 0..200)]
}

fn incoming() -> impl Strategy<Value = Incoming> {
    let service = proptest::sample::select(vec!["organizations", "sts", "iam", "account", "support", "cloudtrail", "s3", ""]);
    let key = prop_oneof![Just(MANAGEMENT.to_owned()), Just(LEAVER.to_owned()), "ASIA[A-Z2-7]{16}", ".*"];
    let path = prop_oneof![4 => Just("/".to_owned()), 1 => "/[a-zA-Z_/]*", 1 => Just("/_sandbox/faults".to_owned())];
    let kind = proptest::option::of(Just("application/x-www-form-urlencoded".to_owned()));
    (service, key, path, kind, target(), body(), proptest::option::of(".*")).prop_map(|(service, key, path, kind, target, body, token)| {
        let mut incoming = request(&Credentials { key, token }, service);
        (incoming.path, incoming.content_type, incoming.target, incoming.body) = (path, kind, target, body);
        incoming
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::testing::cases(24), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_requests_is_answered(requests in proptest::collection::vec(incoming(), 1..30)) {
        let sandbox = open(WORLD);
        for request in &requests {
            if let (Reply::Answer(answer), _) = sandbox.handle(request) {
                prop_assert!((200..600).contains(&answer.status));
            }
        }
        // The indexes still match the world, and it can still be loaded.
        let mut world = sandbox.lock().world.clone();
        let before = world.clone();
        prop_assert_eq!(world.index(), Ok(()));
        prop_assert!(world == before, "an index was out of step");
        let description = call(&sandbox, MANAGEMENT, "organizations:DescribeOrganization", json!({}));
        prop_assert!(description.is_ok() || requests.iter().any(|request| request.path.starts_with("/_sandbox")));
    }

    #[test]
    fn any_bytes_are_read_as_a_policy_without_harm(text in ".*", body in body()) {
        use crate::sandbox::rules::policy::check_document;
        let _ = check_document(&text);
        let _ = check_document(&String::from_utf8_lossy(&body));
    }
}
