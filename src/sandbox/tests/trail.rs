//! Sessions, and reads of root users, in CloudTrail's histories.

use super::*;

const ROLE: &str = "arn:aws:iam::333333333333:role/OrganizationAccountAccessRole";
const POLICY: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const TASK: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";

/// The events of an account's history in a region, newest first.
fn history(sandbox: &Sandbox, account: &str, region: &str) -> Vec<Value> {
    let mut incoming = request(&account.into(), "cloudtrail");
    incoming.authorization = incoming.authorization.map(|header| header.replace("us-east-1", region));
    incoming.target = Some("CloudTrail_20131101.LookupEvents".to_owned());
    incoming.body = b"{}".to_vec();
    let (Reply::Answer(outgoing), _) = sandbox.handle(&incoming) else { panic!() };
    let page: Value = serde_json::from_slice(&outgoing.body).unwrap();
    page["Events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap())
        .collect()
}

/// A world whose organization manages its members' root users.
fn managed() -> Sandbox {
    open(&WORLD.replacen("  root {", "  root_features = [\"RootCredentialsManagement\"]\n  root {", 1))
}

#[test]
fn a_session_of_another_accounts_role_is_in_both_histories_under_one_id() {
    let sandbox = open(WORLD);
    let session = assume(&sandbox, MANAGEMENT, ROLE, &[("SourceIdentity", "change-77"), ("Policy", POLICY)]).unwrap();
    let ([of_caller], [of_role]) = (
        <[Value; 1]>::try_from(history(&sandbox, MANAGEMENT, "us-east-1")).unwrap(),
        <[Value; 1]>::try_from(history(&sandbox, LEAVER, "us-east-1")).unwrap(),
    );
    for (event, recipient) in [(&of_caller, MANAGEMENT), (&of_role, LEAVER)] {
        assert_eq!((event["eventSource"].as_str(), event["eventName"].as_str()), (Some("sts.amazonaws.com"), Some("AssumeRole")));
        assert_eq!((&event["recipientAccountId"], &event["readOnly"]), (&json!(recipient), &json!(true)));
        let asked = &event["requestParameters"];
        let expected = json!({
            "roleArn": ROLE, "roleSessionName": "story", "durationSeconds": 900, "sourceIdentity": "change-77", "policy": POLICY,
        });
        assert_eq!(*asked, expected);
        let given = &event["responseElements"];
        assert_eq!((&given["credentials"]["accessKeyId"], &given["sourceIdentity"]), (&json!(session.key), &json!("change-77")));
        assert_eq!(given["credentials"]["expiration"], "Nov 22, 2026, 9:15:00 AM");
        assert!(!event.to_string().contains(session.token.as_deref().unwrap()), "a history holds no credentials");
        assert_eq!(event["resources"][0]["ARN"], ROLE);
        assert_eq!(event["sharedEventID"], of_caller["sharedEventID"]);
    }
    assert_ne!(of_caller["eventID"], of_role["eventID"]);
    assert!(of_caller["sharedEventID"].is_string());
    assert_eq!(of_caller["userIdentity"]["arn"], "arn:aws:iam::111111111111:user/administrator");
    // The history of the role's account does not contain the identity of the caller from the other account.
    assert_eq!(of_role["userIdentity"]["type"], "AWSAccount");
    assert_eq!((&of_role["userIdentity"]["accountId"], &of_role["userIdentity"]["arn"]), (&json!(MANAGEMENT), &Value::Null));
    let looked_up = |name: &str| {
        let input = json!({ "LookupAttributes": [{ "AttributeKey": "ReadOnly", "AttributeValue": name }] });
        list(&sandbox, LEAVER, "cloudtrail:LookupEvents", &input, "Events").len()
    };
    assert_eq!((looked_up("true"), looked_up("false")), (1, 0));
}

#[test]
fn a_refused_session_is_in_the_callers_history_alone_and_in_its_region() {
    let sandbox = open(WORLD);
    let nobody = role_arn(LEAVER, "Nobody");
    assume(&sandbox, MANAGEMENT, &nobody, &[]).unwrap_err();
    let [refused] = <[Value; 1]>::try_from(history(&sandbox, MANAGEMENT, "us-east-1")).unwrap();
    assert_eq!((refused["errorCode"].as_str(), &refused["responseElements"]), (Some("AccessDenied"), &Value::Null));
    assert!(refused["errorMessage"].as_str().unwrap().contains("not authorized to perform: sts:AssumeRole"), "{refused}");
    assert_eq!(history(&sandbox, LEAVER, "us-east-1"), Vec::<Value>::new());

    let mut incoming = request(&MANAGEMENT.into(), "sts");
    incoming.authorization = incoming.authorization.map(|header| header.replace("us-east-1", "eu-west-1"));
    incoming.content_type = Some("application/x-www-form-urlencoded".to_owned());
    incoming.body = format!("Action=AssumeRole&RoleArn={ROLE}&RoleSessionName=there").into_bytes();
    let (Reply::Answer(answer), _) = sandbox.handle(&incoming) else { panic!() };
    assert_eq!(answer.status, 200);
    assert_eq!(history(&sandbox, LEAVER, "us-east-1"), Vec::<Value>::new());
    let [there] = <[Value; 1]>::try_from(history(&sandbox, LEAVER, "eu-west-1")).unwrap();
    assert_eq!((there["awsRegion"].as_str(), there["requestParameters"]["roleSessionName"].as_str()), (Some("eu-west-1"), Some("there")));
}

#[test]
fn a_root_session_is_in_the_managements_history_and_what_it_reads_in_the_members() {
    let sandbox = managed();
    let parameters = [("TargetPrincipal", LEAVER), ("TaskPolicyArn.arn", TASK), ("DurationSeconds", "600")];
    let answer = query(&sandbox, MANAGEMENT, "sts:AssumeRoot", &parameters).unwrap();
    let session = Credentials { key: inside(&answer, "AccessKeyId"), token: Some(inside(&answer, "SessionToken")) };
    assert_eq!(query(&sandbox, &session, "iam:GetLoginProfile", &[]), Err("NoSuchEntity".into()));
    query(&sandbox, &session, "iam:ListMFADevices", &[]).unwrap();

    let [assumed] = <[Value; 1]>::try_from(history(&sandbox, MANAGEMENT, "us-east-1")).unwrap();
    assert_eq!(
        assumed["requestParameters"],
        json!({ "targetPrincipal": LEAVER, "taskPolicyArn": { "arn": TASK }, "durationSeconds": 600 })
    );
    assert_eq!(
        (&assumed["responseElements"]["credentials"]["accessKeyId"], &assumed["sharedEventID"]),
        (&json!(session.key), &Value::Null)
    );
    let [devices, profile] = <[Value; 2]>::try_from(history(&sandbox, LEAVER, "us-east-1")).unwrap();
    for (event, name, error) in [(&devices, "ListMFADevices", None), (&profile, "GetLoginProfile", Some("NoSuchEntityException"))] {
        assert_eq!((event["eventName"].as_str(), event["errorCode"].as_str()), (Some(name), error));
        let root = json!({ "type": "Root", "arn": "arn:aws:iam::333333333333:root", "accessKeyId": session.key });
        let identity = &event["userIdentity"];
        assert_eq!(json!({ "type": identity["type"], "arn": identity["arn"], "accessKeyId": identity["accessKeyId"] }), root);
    }
}

#[test]
fn a_password_is_in_no_history() {
    let sandbox = managed();
    let task = TASK.replace("IAMAuditRootUserCredentials", "IAMCreateRootUserPassword");
    let parameters = [("TargetPrincipal", LEAVER), ("TaskPolicyArn.arn", task.as_str())];
    let answer = query(&sandbox, MANAGEMENT, "sts:AssumeRoot", &parameters).unwrap();
    let session = Credentials { key: inside(&answer, "AccessKeyId"), token: Some(inside(&answer, "SessionToken")) };
    query(&sandbox, &session, "iam:CreateLoginProfile", &[("Password", "correct horse")]).unwrap();
    let [created] = <[Value; 1]>::try_from(history(&sandbox, LEAVER, "us-east-1")).unwrap();
    assert_eq!((created["eventName"].as_str(), &created["requestParameters"]), (Some("CreateLoginProfile"), &Value::Null));
}

/// Reads are recorded in the current world, even while reads still show the world before a change.
#[test]
fn a_session_that_begins_while_a_change_is_not_visible_yet_is_in_the_history_all_the_same() {
    let sandbox = open(&WORLD.replacen("sandbox {", "sandbox {\n  weather { visibility_delay_ms = 60000 }", 1));
    call(&sandbox, MANAGEMENT, "organizations:TagResource", json!({ "ResourceId": LEAVER, "Tags": [{ "Key": "a", "Value": "b" }] }))
        .unwrap();
    assume(&sandbox, MANAGEMENT, ROLE, &[]).unwrap();
    control(&sandbox, "POST", "/weather", &json!({ "visibility_delay_ms": 0 }));
    let names: Vec<_> = history(&sandbox, MANAGEMENT, "us-east-1").iter().map(|event| event["eventName"].clone()).collect();
    assert_eq!(names, ["AssumeRole", "TagResource"]);
}

#[test]
fn nested_parameters_have_lowercase_names_too() {
    let sandbox = open(WORLD);
    call(&sandbox, MANAGEMENT, "organizations:TagResource", json!({ "ResourceId": LEAVER, "Tags": [{ "Key": "a", "Value": "B" }] }))
        .unwrap();
    let [event] = <[Value; 1]>::try_from(history(&sandbox, MANAGEMENT, "us-east-1")).unwrap();
    assert_eq!(event["requestParameters"], json!({ "resourceId": LEAVER, "tags": [{ "key": "a", "value": "B" }] }));
}
