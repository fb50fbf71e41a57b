//! The announcement for people who monitor CloudTrail: it lists exactly the events that a run leaves there.

use std::collections::BTreeSet;

use orgroster::config;
use orgroster::diag::SourceMap;
use serde_json::{Value, json};

use crate::departing::{Scene, ids};
use crate::worlds::{MANAGEMENT, head};

/// CloudTrail shows events at once.
const PROMPT: &str = "weather {\n  trail_delay_seconds = 0\n}";

/// Runs the program, which must succeed, and returns its output.
fn run(scene: &Scene, arguments: &[&str]) -> String {
    let output = scene.orgroster(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Whether a text matches the announced one, which may give only the beginning.
fn is_like(announced: &str, found: Option<&str>) -> bool {
    match announced.strip_suffix('*') {
        Some(begin) => found.is_some_and(|found| found.starts_with(begin)),
        None => found == Some(announced),
    }
}

/// Whether an event in CloudTrail is the announced one: name, service, history, region, principal, source identity, parameters, account,
/// time and user agent.
fn is_announced(record: &Value, event: &Value, announcement: &Value) -> bool {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let parameters = event["parameters"]
        .as_object()
        .unwrap()
        .iter()
        .all(|(name, value)| is_like(value.as_str().unwrap(), text(&format!("/requestParameters/{}", name.replace('.', "/")))));
    let of_itself = record["eventType"] == "AwsServiceEvent";
    record["eventName"] == event["event"]
        && record["eventSource"] == event["source"]
        && record["recipientAccountId"] == event["recipient"]
        && event["region"].as_str().is_none_or(|region| record["awsRegion"] == region)
        && event["principal"].as_str().is_none_or(|principal| is_like(principal, text("/userIdentity/arn")))
        && text("/userIdentity/sessionContext/sourceIdentity") == event["source_identity"].as_str()
        && record.to_string().contains(event["account"].as_str().unwrap())
        && (of_itself || record["userAgent"] == announcement["user_agent"])
        && (time(&announcement["from"])..=time(&announcement["until"])).contains(&time(&record["eventTime"]))
        && parameters
}

/// Plans, announces and applies. Then the histories of the management account and of `members` must contain exactly the announced events.
/// Returns the names of the announced events, in order.
fn announced_is_seen(scene: &Scene, members: &[String], targets: &[&str]) -> Vec<String> {
    run(scene, &[&["plan", "-out", "plan.json"], targets].concat());
    let histories = || {
        let accounts = members.iter().map(String::as_str).chain([MANAGEMENT]);
        accounts.flat_map(|account| scene.history(account, &json!([]))).collect::<Vec<_>>()
    };
    let before: BTreeSet<_> = histories().iter().map(|record| record["eventID"].to_string()).collect();
    let announcement: Value = serde_json::from_str(&run(scene, &["announce", "-json", "plan.json"])).unwrap();
    let applied = scene.orgroster(&["apply", "plan.json"]).output().unwrap();
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let after = histories().into_iter().filter(|record| !before.contains(&record["eventID"].to_string())).collect::<Vec<_>>();
    let events = announcement["events"].as_array().unwrap();
    for record in &after {
        assert!(events.iter().any(|event| is_announced(record, event, &announcement)), "not announced: {record:#}");
    }
    for event in events {
        assert!(after.iter().any(|record| is_announced(record, event, &announcement)), "did not occur: {event:#}\n{after:#?}");
    }
    events.iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

/// An organization that manages root users centrally and has invited members: one that can leave, one that the configuration holds back,
/// and one that is removed.
fn scene_of_each(root_audit: bool) -> (Scene, Vec<String>) {
    let members = ids(3);
    let account = |id: &String| {
        let trusts = format!("trusts = [\"{MANAGEMENT}\"]");
        format!(
            "  account \"{id}\" {{\n    name = \"a{id}\"\n    email = \"a{id}@example.com\"\n    joined_method = \"INVITED\"\n    root_password = true\n    \
             role \"Leaver\" {{\n      path = \"/ops/\"\n      {trusts}\n    }}\n    role \"Reader\" {{\n      {trusts}\n    }}\n  }}\n"
        )
    };
    let fixture = format!(
        "sandbox {{\n{PROMPT}\n}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  root_features = [\"RootCredentialsManagement\"]\n  \
         account \"{MANAGEMENT}\" {{\n    name = \"m\"\n    email = \"m@example.com\"\n  }}\n{}}}\n",
        members.iter().map(account).collect::<String>()
    );
    let block = |(id, more): (&String, &str)| {
        format!(
            "account \"a{id}\" {{\n  id = \"{id}\"\n  name = \"a{id}\"\n  membership = \"detached\"\n  reason = \"Divested\"\n{more}}}\n"
        )
    };
    let ways = ["", "  not_before = \"2999-01-01T00:00:00Z\"\n", "  via = \"remove\"\n"];
    let configuration = head().replace("guardrails {\n", "guardrails {\n  allow_remove = true\n")
        + &format!(
            "provider \"aws\" {{\n  root_audit = {root_audit}\n  member_role {{\n    name = \"ops/Leaver\"\n    source_identity = true\n  }}\n  \
             member_read_role {{\n    name = \"Reader\"\n  }}\n}}\n"
        )
        + &members.iter().zip(ways).map(block).collect::<String>();
    (Scene::of(members.clone(), &configuration, fixture), members)
}

#[test]
fn a_run_leaves_in_cloudtrail_what_was_announced_and_nothing_else() {
    const VISIT: [&str; 2] = ["AssumeRole"; 2];
    const AUDIT: [&str; 3] = ["AssumeRoot", "GetLoginProfile", "ListMFADevices"];
    const LEFT: [&str; 2] = ["LeaveOrganization", "AccountDepartedOrganization"];
    const REMOVED: [&str; 2] = ["RemoveAccountFromOrganization", "AccountDepartedOrganization"];
    // If plan audits, apply audits again while it observes, also in the account that stays; otherwise it audits right before the call.
    let (scene, members) = scene_of_each(true);
    let expected = [&VISIT[..], &AUDIT, &VISIT, &LEFT, &AUDIT, &REMOVED, &VISIT, &AUDIT].concat();
    assert_eq!(announced_is_seen(&scene, &members, &[]), expected);
    let (scene, members) = scene_of_each(false);
    let expected = [&VISIT[..], &VISIT, &AUDIT, &LEFT, &AUDIT, &REMOVED, &VISIT].concat();
    assert_eq!(announced_is_seen(&scene, &members, &[]), expected);

    // A plan of one account enters no other, and neither does the apply of it.
    let (scene, members) = scene_of_each(true);
    let target = format!("-target=account.a{}", members[0]);
    assert_eq!(announced_is_seen(&scene, &members, &[&target]), [&VISIT[..], &AUDIT, &VISIT, &LEFT].concat());

    let moved = ["AssumeRole", "AssumeRole", "AcceptHandshake", "AccountDepartedOrganization"];
    assert_eq!(announced_is_seen(&Scene::transferring(1, PROMPT, ""), &ids(1), &[]), moved);
    let joined = [
        "InviteAccountToOrganization",
        "AssumeRole",
        "AssumeRole",
        "AcceptHandshake",
        "AccountJoinedOrganization",
        "TagResource",
        "MoveAccount",
    ];
    assert_eq!(announced_is_seen(&Scene::joining(1, PROMPT), &ids(1), &[]), joined);
}

#[test]
fn an_announcement_has_a_form_for_people_for_programs_and_for_alarms() {
    let announced = |scene: &Scene, format: &[&str]| run(scene, &[&["announce"], format, &["plan.json"]].concat());
    let names = |json: &str| {
        let json: Value = serde_json::from_str(json).unwrap();
        let names = json["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), json)
    };
    let scene = Scene::with_provider(2, PROMPT, "member_role {\n name = \"OrganizationAccountAccessRole\"\n source_identity = true\n}");
    let [first, second] = <[String; 2]>::try_from(ids(2)).unwrap();
    run(&scene, &["plan", "-target", &first, "-out", "plan.json"]);
    let (events, json) = names(&announced(&scene, &["-json"]));
    assert_eq!(events, ["AssumeRole", "AssumeRole", "LeaveOrganization", "AccountDepartedOrganization"]);
    assert_eq!(json["events"][3]["recipient"], MANAGEMENT);
    let identity = json["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
    assert_eq!(json["events"][2]["source_identity"], identity);
    let text = announced(&scene, &[]);
    assert!(text.contains("LeaveOrganization") && text.contains(":assumed-role/OrganizationAccountAccessRole/orgroster-*"), "{text}");

    // The filter contains only the expected event, and the program can read its own YAML.
    let sigma = announced(&scene, &["-sigma"]);
    assert!(sigma.contains(&first) && !sigma.contains(&second), "{sigma}");
    let filter = yaml(&scene, &sigma);
    assert_eq!(filter["filter"]["rules"], "any");
    assert_eq!(filter["filter"]["condition"], "not selection and not (departed and accounts)");
    assert_eq!(filter["filter"]["accounts"], json!([first]));
    let left = &filter["filter"]["selection"][2];
    assert_eq!((&left["eventName"], &left["userIdentity.sessionContext.sourceIdentity"]), (&"LeaveOrganization".into(), &identity.into()));
    let wrong = scene.orgroster(&["announce", "-until", "2020-01-01", "plan.json"]).output().unwrap();
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("-until"));

    // A plan that is never applied has no announcement.
    let review = Scene::new(1, "");
    for arguments in [["snapshot", "-out", "facts.json"].as_slice(), &["plan", "-snapshot", "facts.json", "-out", "plan.json"]] {
        run(&review, arguments);
    }
    assert_eq!(names(&announced(&review, &["-json"])).0, Vec::<String>::new());
    assert!(announced(&review, &["-sigma"]).starts_with("# Nothing in plan"));
}

/// Reads a YAML document with the program's own language.
fn yaml(scene: &Scene, text: &str) -> Value {
    std::fs::write(scene.path().join("filter.yml"), text).unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("filter.yml"), text).unwrap();
    let variable = "locals {\n  filter = jsonencode(yamldecode(file(\"filter.yml\")))\n}\n";
    let account = "account \"a\" {\n  id = \"222222222222\"\n  name = \"a\"\n  membership = \"detached\"\n  reason = local.filter\n}\n";
    std::fs::write(directory.path().join("a.roster.hcl"), head() + variable + account).unwrap();
    let (roster, _) = config::load(directory.path(), &mut SourceMap::default()).unwrap();
    serde_json::from_str(&roster.accounts[0].leaving().unwrap().reason).unwrap()
}
