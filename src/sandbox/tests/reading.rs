//! Who may read what, and in which form.

use super::*;

const LIST: &str = "organizations:ListAccounts";

#[test]
fn management_and_delegated_administrators_read_members_do_not() {
    let sandbox = open(WORLD);
    for action in [LIST, "organizations:ListRoots", "organizations:ListDelegatedAdministrators"] {
        assert!(call(&sandbox, MANAGEMENT, action, json!({})).is_ok(), "{action}");
        assert!(call(&sandbox, DELEGATED, action, json!({})).is_ok(), "{action}");
        assert_eq!(call(&sandbox, LEAVER, action, json!({})), Err("AccessDeniedException".into()), "{action}");
        assert_eq!(call(&sandbox, STANDALONE, action, json!({})), Err("AWSOrganizationsNotInUseException".into()), "{action}");
    }
    let own = call(&sandbox, LEAVER, "organizations:DescribeAccount", json!({ "AccountId": LEAVER }));
    assert_eq!(own, Err("AccessDeniedException".into()));
    let organization = call(&sandbox, LEAVER, "organizations:DescribeOrganization", json!({})).unwrap();
    assert_eq!(organization["Organization"]["MasterAccountId"], MANAGEMENT);
    assert_eq!(organization["Organization"]["Arn"], "arn:aws:organizations::111111111111:organization/o-exampleorgid");
}

#[test]
fn an_account_is_described_as_the_api_does() {
    let sandbox = open(WORLD);
    let account = call(&sandbox, MANAGEMENT, "organizations:DescribeAccount", json!({ "AccountId": LEAVER })).unwrap();
    let expected = json!({
        "Id": LEAVER,
        "Arn": "arn:aws:organizations::111111111111:account/o-exampleorgid/333333333333",
        "Email": "legacy-crm@example.com",
        "Name": "legacy-crm",
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "Paths": ["o-exampleorgid/r-ab12/ou-ab12-workload/333333333333/"],
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": 1_709_287_200.0,
    });
    assert_eq!(account["Account"], expected);
}

#[test]
fn lists_come_in_pages_of_at_most_twenty() {
    let many: String =
        (0..45).map(|index| format!("account \"7777777777{index:02}\" {{\n name = \"n\"\n email = \"n@example.com\"\n }}\n")).collect();
    let world = WORLD.replacen("  organizational_unit \"Workloads\"", &format!("{many}  organizational_unit \"Workloads\""), 1);
    let sandbox = open(&world);
    let first = call(&sandbox, MANAGEMENT, LIST, json!({})).unwrap();
    assert_eq!(first["Accounts"].as_array().unwrap().len(), 20);
    let all = list(&sandbox, MANAGEMENT, LIST, &json!({ "MaxResults": 7 }), "Accounts");
    assert_eq!(all.len(), 51);
    let root = list(&sandbox, MANAGEMENT, "organizations:ListAccountsForParent", &json!({ "ParentId": "r-ab12" }), "Accounts");
    assert_eq!(root.len(), 47);
    let token = first["NextToken"].clone();
    for (action, input) in [("organizations:ListRoots", json!({ "NextToken": token })), (LIST, json!({ "NextToken": "made-up" }))] {
        assert_eq!(call(&sandbox, MANAGEMENT, action, input), Err("InvalidInputException:INVALID_NEXT_TOKEN".into()));
    }
    assert_eq!(call(&sandbox, DELEGATED, LIST, json!({ "NextToken": token })), Err("InvalidInputException:INVALID_NEXT_TOKEN".into()));
    assert_eq!(call(&sandbox, MANAGEMENT, LIST, json!({ "MaxResults": 21 })), Err("InvalidInputException:MAX_VALUE_EXCEEDED".into()));
    assert_eq!(call(&sandbox, MANAGEMENT, LIST, json!({ "MaxResults": 0 })), Err("InvalidInputException:MIN_VALUE_EXCEEDED".into()));
}

#[test]
fn a_list_can_begin_with_an_empty_page() {
    let world = WORLD.replacen("sandbox {", "sandbox {\n  weather { empty_pages = true }", 1);
    let sandbox = open(&world);
    let first = call(&sandbox, MANAGEMENT, LIST, json!({})).unwrap();
    assert_eq!(first["Accounts"], json!([]));
    assert!(first["NextToken"].is_string());
    assert_eq!(list(&sandbox, MANAGEMENT, LIST, &json!({}), "Accounts").len(), 6);
}

#[test]
fn the_tree_can_be_read_upwards_and_downwards() {
    let sandbox = open(WORLD);
    let parents = |child: &str| call(&sandbox, MANAGEMENT, "organizations:ListParents", json!({ "ChildId": child }));
    assert_eq!(parents(LEAVER).unwrap()["Parents"], json!([{ "Id": "ou-ab12-workload", "Type": "ORGANIZATIONAL_UNIT" }]));
    assert_eq!(parents("ou-ab12-workload").unwrap()["Parents"], json!([{ "Id": "r-ab12", "Type": "ROOT" }]));
    assert_eq!(parents(STANDALONE), Err("ChildNotFoundException".into()));
    let children =
        |kind: &str| call(&sandbox, MANAGEMENT, "organizations:ListChildren", json!({ "ParentId": "ou-ab12-workload", "ChildType": kind }));
    let accounts = children("ACCOUNT").unwrap()["Children"].clone();
    assert_eq!(accounts, json!([{ "Id": LEAVER, "Type": "ACCOUNT" }, { "Id": "444444444444", "Type": "ACCOUNT" }]));
    let units = children("ORGANIZATIONAL_UNIT").unwrap()["Children"].clone();
    let young = units[0]["Id"].clone();
    let unit = call(&sandbox, MANAGEMENT, "organizations:DescribeOrganizationalUnit", json!({ "OrganizationalUnitId": young })).unwrap();
    assert_eq!(unit["OrganizationalUnit"]["Name"], "Young");
    let path = format!("o-exampleorgid/r-ab12/ou-ab12-workload/{}/", young.as_str().unwrap());
    assert_eq!(unit["OrganizationalUnit"]["Path"], path);
    assert_eq!(children("ROOT"), Err("InvalidInputException:INVALID_ENUM".into()));
    let roots = call(&sandbox, MANAGEMENT, "organizations:ListRoots", json!({})).unwrap();
    assert_eq!(roots["Roots"][0]["PolicyTypes"], json!([{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }]));
}

#[test]
fn delegated_administrators_and_their_services() {
    let sandbox = open(WORLD);
    let administrators = call(&sandbox, MANAGEMENT, "organizations:ListDelegatedAdministrators", json!({})).unwrap();
    assert_eq!(ids(administrators["DelegatedAdministrators"].as_array().unwrap()), [DELEGATED]);
    let of_service = |service: &str| {
        let input = json!({ "ServicePrincipal": service });
        call(&sandbox, MANAGEMENT, "organizations:ListDelegatedAdministrators", input).unwrap()["DelegatedAdministrators"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((of_service("guardduty.amazonaws.com"), of_service("macie.amazonaws.com")), (1, 0));
    let services =
        |account: &str| call(&sandbox, MANAGEMENT, "organizations:ListDelegatedServicesForAccount", json!({ "AccountId": account }));
    let found = services(DELEGATED).unwrap()["DelegatedServices"].clone();
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_eq!(found[0]["ServicePrincipal"], "config.amazonaws.com");
    assert_eq!(services(LEAVER), Err("AccountNotRegisteredException".into()));
    assert_eq!(services(STANDALONE), Err("AccountNotFoundException".into()));
}

#[test]
fn an_unknown_operation_is_named_in_its_protocol() {
    let sandbox = open(WORLD);
    assert_eq!(call(&sandbox, MANAGEMENT, "organizations:FlyOrganization", json!({})), Err("UnknownOperationException".into()));
    assert_eq!(
        message(&sandbox, MANAGEMENT, "organizations:FlyOrganization"),
        "The sandbox has no operation organizations:FlyOrganization."
    );
    assert_eq!(query(&sandbox, MANAGEMENT, "sts:Fly", &[]), Err("InvalidAction".into()));
    let mut unsigned = request(&MANAGEMENT.into(), "organizations");
    (unsigned.authorization, unsigned.target) = (None, Some("AWSOrganizationsV20161128.ListAccounts".into()));
    let (Reply::Answer(answer), _) = sandbox.handle(&unsigned) else { panic!() };
    assert!(String::from_utf8(answer.body).unwrap().contains("MissingAuthenticationToken"));
}

#[test]
fn requests_are_counted_by_operation() {
    let sandbox = open(WORLD);
    list(&sandbox, MANAGEMENT, LIST, &json!({ "MaxResults": 3 }), "Accounts");
    assert_eq!(sandbox.requests().get(LIST), Some(&2));
}
