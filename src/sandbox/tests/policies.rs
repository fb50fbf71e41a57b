//! Service control policies: written, attached, and enforced on every principal of a member.

use super::*;

const LEAVE: &str = "organizations:LeaveOrganization";
const DENY_LEAVE: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyLeaving","Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}"#;

fn create(sandbox: &Sandbox, name: &str, content: &str) -> Result<String, Refused> {
    let input = json!({ "Name": name, "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content });
    let answer = call(sandbox, MANAGEMENT, "organizations:CreatePolicy", input)?;
    Ok(answer["Policy"]["PolicySummary"]["Id"].as_str().unwrap().to_owned())
}

fn attach(sandbox: &Sandbox, policy: &str, target: &str) -> Result<Value, Refused> {
    call(sandbox, MANAGEMENT, "organizations:AttachPolicy", json!({ "PolicyId": policy, "TargetId": target }))
}

fn detach(sandbox: &Sandbox, policy: &str, target: &str) -> Result<Value, Refused> {
    call(sandbox, MANAGEMENT, "organizations:DetachPolicy", json!({ "PolicyId": policy, "TargetId": target }))
}

#[test]
fn a_denial_at_any_level_is_enforced_and_named_by_its_arn() {
    for level in ["r-ab12", "ou-ab12-workload", LEAVER] {
        let sandbox = open(WORLD);
        let policy = create(&sandbox, "DenyLeave", DENY_LEAVE).unwrap();
        attach(&sandbox, &policy, level).unwrap();
        assert_eq!(call(&sandbox, LEAVER, LEAVE, json!({})), Err("AccessDeniedException".into()), "{level}");
        let expected = format!(
            "User: arn:aws:iam::333333333333:user/administrator is not authorized to perform: organizations:LeaveOrganization with an explicit deny in a \
             service control policy: arn:aws:organizations::111111111111:policy/o-exampleorgid/service_control_policy/{policy}"
        );
        assert_eq!(message(&sandbox, LEAVER, LEAVE), expected);
        // The management account is exempt, so it can remove members that a policy forbids to leave.
        assert!(call(&sandbox, MANAGEMENT, "organizations:RemoveAccountFromOrganization", json!({ "AccountId": LEAVER })).is_ok());
    }
}

#[test]
fn a_role_can_be_excepted_by_a_condition() {
    let sandbox = open(WORLD);
    let content = DENY_LEAVE.replace(
        r#""Resource":"*""#,
        r#""Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}"#,
    );
    let policy = create(&sandbox, "DenyLeave", &content).unwrap();
    attach(&sandbox, &policy, "r-ab12").unwrap();
    assert_eq!(call(&sandbox, LEAVER, LEAVE, json!({})), Err("AccessDeniedException".into()));
    let session = assume(&sandbox, MANAGEMENT, &role_arn(LEAVER, "OrganizationAccountAccessRole"), &[]).unwrap();
    assert_eq!(call(&sandbox, &session, LEAVE, json!({})), Ok(json!({})));
}

#[test]
fn every_level_must_allow() {
    let sandbox = open(WORLD);
    let content = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let policy = create(&sandbox, "OnlyS3", content).unwrap();
    attach(&sandbox, &policy, "ou-ab12-workload").unwrap();
    assert_eq!(detach(&sandbox, &policy, LEAVER), Err("PolicyNotAttachedException".into()));
    detach(&sandbox, "p-FullAWSAccess", "ou-ab12-workload").unwrap();
    assert_eq!(
        detach(&sandbox, &policy, "ou-ab12-workload"),
        Err("ConstraintViolationException:MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED".into())
    );
    assert_eq!(call(&sandbox, LEAVER, LEAVE, json!({})), Err("AccessDeniedException".into()));
    assert!(message(&sandbox, LEAVER, LEAVE).contains(&policy));
}

#[test]
fn policies_count_only_where_their_type_is_enabled() {
    let sandbox = open(WORLD);
    let policy = create(&sandbox, "DenyLeave", DENY_LEAVE).unwrap();
    attach(&sandbox, &policy, "r-ab12").unwrap();
    let kind = json!({ "RootId": "r-ab12", "PolicyType": "SERVICE_CONTROL_POLICY" });
    assert_eq!(call(&sandbox, MANAGEMENT, "organizations:EnablePolicyType", kind.clone()), Err("PolicyTypeAlreadyEnabledException".into()));
    call(&sandbox, MANAGEMENT, "organizations:DisablePolicyType", kind.clone()).unwrap();
    assert_eq!(attach(&sandbox, &policy, "r-ab12"), Err("PolicyTypeNotEnabledException".into()));
    let attached = |target: &str| {
        let input = json!({ "TargetId": target, "Filter": "SERVICE_CONTROL_POLICY" });
        list(&sandbox, MANAGEMENT, "organizations:ListPoliciesForTarget", &input, "Policies").len()
    };
    assert_eq!(attached("r-ab12"), 0);
    call(&sandbox, MANAGEMENT, "organizations:EnablePolicyType", kind).unwrap();
    assert_eq!((attached("r-ab12"), attached(LEAVER)), (1, 1));
    assert_eq!(call(&sandbox, LEAVER, LEAVE, json!({})), Ok(json!({})));
}

#[test]
fn an_organization_for_billing_only_has_no_policies() {
    let sandbox = open(&WORLD.replacen("  root {", "  feature_set = \"CONSOLIDATED_BILLING\"\n  root {", 1));
    assert_eq!(create(&sandbox, "DenyLeave", DENY_LEAVE), Err("PolicyTypeNotAvailableForOrganizationException".into()));
    assert_eq!(
        list(&sandbox, MANAGEMENT, "organizations:ListPolicies", &json!({ "Filter": "SERVICE_CONTROL_POLICY" }), "Policies").len(),
        0
    );
}

#[test]
fn a_policy_lives_from_creation_to_deletion() {
    let sandbox = open(WORLD);
    let policy = create(&sandbox, "DenyLeave", DENY_LEAVE).unwrap();
    assert_eq!(create(&sandbox, "DenyLeave", DENY_LEAVE), Err("DuplicatePolicyException".into()));
    assert_eq!(create(&sandbox, "Other", "{}"), Err("MalformedPolicyDocumentException".into()));
    let long = DENY_LEAVE.replace("DenyLeaving", &"x".repeat(10_240));
    assert_eq!(create(&sandbox, "Long", &long), Err("ConstraintViolationException:POLICY_CONTENT_LIMIT_EXCEEDED".into()));
    attach(&sandbox, &policy, "ou-ab12-workload").unwrap();
    assert_eq!(attach(&sandbox, &policy, "ou-ab12-workload"), Err("DuplicatePolicyAttachmentException".into()));
    assert_eq!(attach(&sandbox, &policy, STANDALONE), Err("TargetNotFoundException".into()));
    assert_eq!(attach(&sandbox, &policy, "nowhere"), Err("InvalidInputException:INVALID_PATTERN_TARGET_ID".into()));
    assert_eq!(attach(&sandbox, "p-nosuchpolicy", LEAVER), Err("PolicyNotFoundException".into()));
    let targets = list(&sandbox, MANAGEMENT, "organizations:ListTargetsForPolicy", &json!({ "PolicyId": policy }), "Targets");
    assert_eq!(targets.iter().map(|target| target["TargetId"].as_str().unwrap()).collect::<Vec<_>>(), ["ou-ab12-workload"]);
    let delete = || call(&sandbox, MANAGEMENT, "organizations:DeletePolicy", json!({ "PolicyId": policy }));
    assert_eq!(delete(), Err("PolicyInUseException".into()));
    detach(&sandbox, &policy, "ou-ab12-workload").unwrap();
    let renamed = json!({ "PolicyId": policy, "Name": "Renamed" });
    let answer = call(&sandbox, MANAGEMENT, "organizations:UpdatePolicy", renamed).unwrap();
    assert_eq!(answer["Policy"]["PolicySummary"]["Name"], "Renamed");
    assert_eq!(answer["Policy"]["Content"], DENY_LEAVE);
    delete().unwrap();
    assert_eq!(delete(), Err("PolicyNotFoundException".into()));
    let managed = json!({ "PolicyId": "p-FullAWSAccess" });
    assert_eq!(call(&sandbox, MANAGEMENT, "organizations:DeletePolicy", managed), Err("InvalidInputException:IMMUTABLE_POLICY".into()));
}

#[test]
fn targets_of_a_policy_come_in_pages() {
    let sandbox = open(WORLD);
    let input = json!({ "PolicyId": "p-FullAWSAccess", "MaxResults": 2 });
    let targets = list(&sandbox, MANAGEMENT, "organizations:ListTargetsForPolicy", &input, "Targets");
    let kinds = |kind: &str| targets.iter().filter(|target| target["Type"] == kind).count();
    assert_eq!((targets.len(), kinds("ROOT"), kinds("ORGANIZATIONAL_UNIT"), kinds("ACCOUNT")), (9, 1, 2, 6));
}

#[test]
fn at_most_ten_policies_are_attached_to_one_entity() {
    let sandbox = open(WORLD);
    for index in 0..9 {
        let policy = create(&sandbox, &format!("Policy{index}"), DENY_LEAVE).unwrap();
        attach(&sandbox, &policy, LEAVER).unwrap();
    }
    let policy = create(&sandbox, "One too many", DENY_LEAVE).unwrap();
    assert_eq!(attach(&sandbox, &policy, LEAVER), Err("ConstraintViolationException:MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED".into()));
}

#[test]
fn the_simulator_agrees_with_what_a_call_would_get() {
    let sandbox = open(WORLD);
    let role = role_arn(LEAVER, "OrganizationAccountAccessRole");
    let simulate = || {
        let parameters = [("PolicySourceArn", role.as_str()), ("ActionNames.member.1", LEAVE)];
        let answer = query(&sandbox, LEAVER, "iam:SimulatePrincipalPolicy", &parameters).unwrap();
        (inside(&answer, "EvalDecision"), inside(&answer, "AllowedByOrganizations"))
    };
    assert_eq!(simulate(), ("allowed".into(), "true".into()));
    let policy = create(&sandbox, "DenyLeave", DENY_LEAVE).unwrap();
    attach(&sandbox, &policy, "r-ab12").unwrap();
    assert_eq!(simulate(), ("explicitDeny".into(), "false".into()));
    let foreign = [("PolicySourceArn", "arn:aws:iam::666666666666:role/Operator"), ("ActionNames.member.1", LEAVE)];
    assert_eq!(query(&sandbox, LEAVER, "iam:SimulatePrincipalPolicy", &foreign), Err("NoSuchEntity".into()));
}
