//! The other services, the trail, and the control endpoint.

use super::*;

#[test]
fn leaving_is_recorded_in_both_histories() {
    let sandbox = open(WORLD);
    call(&sandbox, LEAVER, "organizations:LeaveOrganization", json!({})).unwrap();
    call(&sandbox, MANAGEMENT, "organizations:RemoveAccountFromOrganization", json!({ "AccountId": "666666666666" })).unwrap();
    let lookup = |who: &str, name: &str| {
        let input = json!({ "LookupAttributes": [{ "AttributeKey": "EventName", "AttributeValue": name }], "MaxResults": 1 });
        list(&sandbox, who, "cloudtrail:LookupEvents", &input, "Events")
    };
    assert_eq!(lookup(LEAVER, "LeaveOrganization").len(), 1);
    assert_eq!(lookup(MANAGEMENT, "LeaveOrganization").len(), 0);
    let departures = lookup(MANAGEMENT, "AccountDepartedOrganization");
    let how: Vec<Value> =
        departures.iter().map(|event| serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap()).collect();
    let detail = |event: &Value, name: &str| event["serviceEventDetails"]["accountDepartedOrganization"][name].as_str().unwrap().to_owned();
    assert_eq!(how.iter().map(|event| detail(event, "departureMethod")).collect::<Vec<_>>(), ["REMOVED", "LEFT"]);
    assert_eq!(detail(&how[1], "accountId"), LEAVER);
    assert_eq!(lookup(LEAVER, "AccountDepartedOrganization").len(), 0);
}

#[test]
fn the_trail_is_late_and_forgets_after_ninety_days() {
    let sandbox = open(&WORLD.replacen("sandbox {", "sandbox {\n  weather { trail_delay_seconds = 300 }", 1));
    call(&sandbox, LEAVER, "organizations:LeaveOrganization", json!({})).unwrap();
    let events = || list(&sandbox, MANAGEMENT, "cloudtrail:LookupEvents", &json!({}), "Events").len();
    for (seconds, expected) in [(0, 0), (299, 0), (1, 1), (90 * 86_400 - 300, 1), (1, 0)] {
        control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": seconds }));
        assert_eq!(events(), expected, "after {seconds} more");
    }
    let two = json!({ "LookupAttributes": [{ "AttributeKey": "EventName", "AttributeValue": "a" }, { "AttributeKey": "EventId", "AttributeValue": "b" }] });
    assert_eq!(call(&sandbox, MANAGEMENT, "cloudtrail:LookupEvents", two), Err("InvalidLookupAttributesException".into()));
    assert_eq!(
        call(&sandbox, MANAGEMENT, "cloudtrail:LookupEvents", json!({ "MaxResults": 51 })),
        Err("InvalidMaxResultsException".into())
    );
}

#[test]
fn severity_levels_tell_the_support_plan() {
    let plan = |plan: &str| {
        let sandbox = open(&WORLD.replacen("tags               =", &format!("support_plan = \"{plan}\"\n      tags ="), 1));
        call(&sandbox, LEAVER, "support:DescribeSeverityLevels", json!({})).map(|answer| answer["severityLevels"].as_array().unwrap().len())
    };
    assert_eq!(plan("basic"), Err("SubscriptionRequiredException".into()));
    assert_eq!((plan("business"), plan("enterprise")), (Ok(4), Ok(5)));
}

/// Calls an operation of Account Management.
fn account(sandbox: &Sandbox, who: &str, path: &str, input: &Value) -> (u16, Value) {
    let mut incoming = request(&who.into(), "account");
    incoming.path = path.to_owned();
    incoming.body = input.to_string().into_bytes();
    let (Reply::Answer(outgoing), _) = sandbox.handle(&incoming) else { panic!() };
    (outgoing.status, serde_json::from_slice(&outgoing.body).unwrap())
}

#[test]
fn account_management_speaks_rest() {
    let sandbox = open(WORLD);
    let (status, information) = account(&sandbox, LEAVER, "/getAccountInformation", &json!({}));
    assert_eq!((status, information["AccountCreatedDate"].as_str()), (200, Some("2024-03-01T10:00:00Z")));
    assert_eq!(account(&sandbox, LEAVER, "/getContactInformation", &json!({})).1["ContactInformation"]["FullName"], "legacy-crm");
    let of_member = json!({ "AccountId": LEAVER });
    let (status, refused) = account(&sandbox, MANAGEMENT, "/getPrimaryEmail", &of_member);
    assert_eq!((status, refused["__type"].as_str()), (403, Some("AccessDeniedException")));
    let trusted = json!({ "ServicePrincipal": "account.amazonaws.com" });
    call(&sandbox, MANAGEMENT, "organizations:EnableAWSServiceAccess", trusted).unwrap();
    assert_eq!(account(&sandbox, MANAGEMENT, "/getPrimaryEmail", &of_member), (200, json!({ "PrimaryEmail": "legacy-crm@example.com" })));
    assert_eq!(account(&sandbox, LEAVER, "/getPrimaryEmail", &of_member).0, 403);
    assert_eq!(account(&sandbox, MANAGEMENT, "/getPrimaryEmail", &json!({ "AccountId": MANAGEMENT })).0, 403);
    assert_eq!(account(&sandbox, MANAGEMENT, "/getPrimaryEmail", &json!({ "AccountId": "1" })).0, 400);
    assert_eq!(account(&sandbox, MANAGEMENT, "/flyAway", &json!({})).0, 404);
}

#[test]
fn an_account_without_contact_data_has_none() {
    let sandbox = open(&WORLD.replacen("tags               =", "contact_information = false\n      tags =", 1));
    let (status, refused) = account(&sandbox, LEAVER, "/getContactInformation", &json!({}));
    assert_eq!((status, refused["__type"].as_str()), (404, Some("ResourceNotFoundException")));
}

#[test]
fn a_role_is_described_with_its_trust() {
    let sandbox = open(WORLD);
    let answer = query(&sandbox, "666666666666", "iam:GetRole", &[("RoleName", "Operator")]).unwrap();
    assert_eq!(inside(&answer, "Arn"), "arn:aws:iam::666666666666:role/Operator");
    assert!(inside(&answer, "AssumeRolePolicyDocument").contains("sts%3AExternalId"));
    assert_eq!(query(&sandbox, "666666666666", "iam:GetRole", &[("RoleName", "Nobody")]), Err("NoSuchEntity".into()));
}

#[test]
fn the_control_endpoint_counts_requests_and_schedules_faults() {
    let sandbox = open(WORLD);
    let roots = || call(&sandbox, MANAGEMENT, "organizations:ListRoots", json!({})).map(|_| ());
    roots().unwrap();
    assert_eq!(control(&sandbox, "GET", "/requests", &Value::Null).1, json!({ "organizations:ListRoots": 1 }));
    assert_eq!(control(&sandbox, "DELETE", "/requests", &Value::Null).1, json!({}));
    let fault = json!({ "operation": "organizations:ListRoots", "kind": "throttle" });
    assert_eq!(control(&sandbox, "POST", "/faults", &fault).1.as_array().unwrap().len(), 1);
    assert_eq!((roots(), roots()), (Err("TooManyRequestsException".into()), Ok(())));
    control(&sandbox, "POST", "/faults", &json!([fault, fault]));
    assert_eq!(control(&sandbox, "DELETE", "/faults", &Value::Null).1, json!([]));
    roots().unwrap();
    for (method, path, body, status) in [
        ("POST", "/faults", json!({ "operation": "organizations:Fly", "kind": "throttle" }), 400),
        ("POST", "/faults", json!("x"), 400),
        ("POST", "/clock", json!({}), 400),
        ("POST", "/weather", json!({ "throtles": true }), 400),
        ("PUT", "/clock", json!({}), 405),
        ("GET", "/nothing", json!({}), 404),
    ] {
        assert_eq!(control(&sandbox, method, path, &body).0, status, "{method} {path}");
    }
    let mut page = request(&MANAGEMENT.into(), "organizations");
    (page.path, page.origin) = ("/_sandbox/faults".into(), Some("https://example.com".into()));
    let (Reply::Answer(answer), _) = sandbox.handle(&page) else { panic!() };
    assert_eq!(answer.status, 403);
}

#[test]
fn the_clock_is_frozen_moved_and_set_free() {
    let sandbox = open(WORLD);
    assert_eq!(control(&sandbox, "GET", "/clock", &Value::Null).1, json!({ "now": "2026-11-22T09:00:00Z", "frozen": true }));
    control(&sandbox, "POST", "/clock", &json!({ "now": "2030-01-01T00:00:00Z" }));
    assert_eq!(sandbox.now().to_string(), "2030-01-01T00:00:00Z");
    assert_eq!(control(&sandbox, "POST", "/clock", &json!({ "running": true })).1["frozen"], false);
}

#[test]
fn throttles_answer_as_organizations_does() {
    let sandbox = open(&WORLD.replacen("sandbox {", "sandbox {\n  weather { throttles = true }", 1));
    let answers: Vec<_> = (0..4).map(|_| call(&sandbox, MANAGEMENT, "organizations:ListRoots", json!({})).err()).collect();
    assert_eq!(answers[..2], [None, None]);
    assert_eq!(answers[3].as_deref(), Some("TooManyRequestsException"));
}

#[test]
fn reads_show_the_world_before_a_write_while_the_delay_lasts() {
    let sandbox = open(&WORLD.replacen("sandbox {", "sandbox {\n  weather { visibility_delay_ms = 3600000 }", 1));
    call(&sandbox, LEAVER, "organizations:LeaveOrganization", json!({})).unwrap();
    let seen = || call(&sandbox, MANAGEMENT, "organizations:DescribeAccount", json!({ "AccountId": LEAVER })).map(|_| ());
    assert_eq!(seen(), Ok(()));
    assert_eq!(call(&sandbox, LEAVER, "organizations:LeaveOrganization", json!({})), Err("AWSOrganizationsNotInUseException".into()));
    control(&sandbox, "POST", "/weather", &json!({ "visibility_delay_ms": 0 }));
    assert_eq!(seen(), Err("AccountNotFoundException".into()));
}

#[test]
fn a_seed_makes_a_run_repeatable() {
    let ids = |seed: u32| {
        let sandbox = open(&WORLD.replacen("sandbox {", &format!("sandbox {{\n  seed = {seed}"), 1));
        let input = json!({ "ParentId": "r-ab12", "Name": "New" });
        call(&sandbox, MANAGEMENT, "organizations:CreateOrganizationalUnit", input).unwrap()["OrganizationalUnit"]["Id"].clone()
    };
    assert_eq!(ids(7), ids(7));
    assert_ne!(ids(7), ids(8));
}

#[test]
fn what_a_person_settles_in_the_console_is_settled_over_the_control_endpoint() {
    let sandbox = open(WORLD);
    let leave = || call(&sandbox, "444444444444", "organizations:LeaveOrganization", json!({}));
    assert!(leave().unwrap_err().contains("PAYMENT"));
    let (status, account) = control(&sandbox, "POST", "/accounts/444444444444", &json!({ "payment_method": "valid" }));
    assert_eq!((status, account["payment_method"].as_str()), (200, Some("valid")));
    assert_eq!(control(&sandbox, "POST", "/accounts/444444444444", &json!({ "payment": "valid" })).0, 400);
    assert_eq!(control(&sandbox, "POST", "/accounts/4", &json!({})).0, 404);
    assert_eq!(leave(), Ok(json!({})));
}

#[test]
fn alternate_contacts_are_kept_by_what_they_are_about() {
    let sandbox = open(WORLD);
    let contact = json!({
        "AlternateContactType": "SECURITY", "Name": "Ada", "Title": "CISO", "EmailAddress": "ada@example.com", "PhoneNumber": "+1 (206) 555-0100",
    });
    let security = json!({ "AlternateContactType": "SECURITY" });
    assert_eq!(account(&sandbox, LEAVER, "/getAlternateContact", &security).0, 404);
    let put = |who: &str, contact: &Value| {
        let mut incoming = request(&who.into(), "account");
        incoming.path = "/putAlternateContact".to_owned();
        incoming.body = contact.to_string().into_bytes();
        let (Reply::Answer(outgoing), _) = sandbox.handle(&incoming) else { panic!() };
        outgoing.status
    };
    assert_eq!(put(LEAVER, &contact), 200);
    assert_eq!(account(&sandbox, LEAVER, "/getAlternateContact", &security), (200, json!({ "AlternateContact": contact })));
    for (name, wrong) in [("EmailAddress", "ada"), ("PhoneNumber", "call me"), ("Name", ""), ("AlternateContactType", "LEGAL")] {
        let mut changed = contact.clone();
        changed[name] = wrong.into();
        assert_eq!(put(LEAVER, &changed), 400, "{name}");
    }
    let mut of_member = contact.clone();
    of_member["AccountId"] = LEAVER.into();
    assert_eq!(put(MANAGEMENT, &of_member), 403, "without trusted access");
    let trusted = json!({ "ServicePrincipal": "account.amazonaws.com" });
    call(&sandbox, MANAGEMENT, "organizations:EnableAWSServiceAccess", trusted).unwrap();
    of_member["AlternateContactType"] = "BILLING".into();
    assert_eq!(put(MANAGEMENT, &of_member), 200);
    assert_eq!(account(&sandbox, LEAVER, "/getAlternateContact", &json!({ "AlternateContactType": "BILLING" })).0, 200);
}

#[test]
fn a_dry_run_of_support_shows_whether_the_plan_allows_it() {
    let dry = |plan: &str| {
        let sandbox = open(&WORLD.replacen("tags               =", &format!("support_plan = \"{plan}\"\n      tags ="), 1));
        call(&sandbox, LEAVER, "support:DescribeSeverityLevels", json!({ "dryRun": true }))
    };
    assert_eq!(dry("business"), Err("DryRunOperationException".into()));
    assert_eq!(dry("basic"), Err("SubscriptionRequiredException".into()));
}

#[test]
fn roles_and_simulations_keep_the_bounds_of_the_model() {
    let sandbox = open(WORLD);
    let role = |name: &str| query(&sandbox, LEAVER, "iam:GetRole", &[("RoleName", name)]).map(|_| ());
    assert_eq!(
        (role("a/b"), role(""), role(&"a".repeat(65))),
        (Err("ValidationError".into()), Err("ValidationError".into()), Err("ValidationError".into()))
    );
    let arn = role_arn(LEAVER, "OrganizationAccountAccessRole");
    let simulate = |more: &[(&str, &str)]| {
        let mut parameters =
            vec![("PolicySourceArn", arn.as_str()), ("ActionNames.member.1", "s3:GetObject"), ("ActionNames.member.2", "s3:PutObject")];
        parameters.extend_from_slice(more);
        query(&sandbox, LEAVER, "iam:SimulatePrincipalPolicy", &parameters)
    };
    let long = "s3:".to_owned() + &"a".repeat(126);
    for wrong in [
        ("ActionNames.member.3", long.as_str()),
        ("ResourceArns.member.1", ""),
        ("ContextEntries.member.1.ContextKeyName", "a:b"),
        ("ContextEntries.member.1.ContextKeyType", "text"),
        ("PolicyInputList.member.1", ""),
        ("MaxItems", "0"),
        ("MaxItems", "1001"),
        ("Marker", "next"),
    ] {
        assert_eq!(simulate(&[wrong]), Err("ValidationError".into()), "{wrong:?}");
    }
    let first = simulate(&[("MaxItems", "1")]).unwrap();
    assert_eq!((first.matches("<EvalActionName>").count(), inside(&first, "IsTruncated").as_str()), (1, "true"));
    let second = simulate(&[("MaxItems", "1"), ("Marker", &inside(&first, "Marker"))]).unwrap();
    assert_eq!((inside(&second, "EvalActionName").as_str(), inside(&second, "IsTruncated").as_str()), ("s3:PutObject", "false"));
}
