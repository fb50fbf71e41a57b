//! All of AWS's global condition keys (IAM User Guide, "AWS global condition context keys", as of November 2026), and the cross-service
//! keys of role sessions on the same page. Each has the value that orgroster's own call carries, and the statement of the page that decides
//! it.

use std::collections::BTreeMap;

use super::known_role::role;
use crate::scp::{Context, KeyValue};

/// The expected value of a key.
enum Is {
    /// This value.
    Known(&'static str),
    /// Not in the request.
    Absent,
    /// "false", or not in the request.
    FalseOrAbsent,
    /// Not known before the call.
    Unknowable,
}

use Is::{Absent, FalseOrAbsent, Known, Unknowable};

/// The key, its expected value, and the sentence from AWS or the fact that decides it.
const KEYS: &[(&str, Is, &str)] = &[
    // Properties of the principal.
    ("aws:PrincipalArn", Known("arn:aws:iam::333333333333:role/break-glass/Leaver"), "the ARN of the role, not of the session"),
    ("aws:PrincipalAccount", Known("333333333333"), "included for all requests"),
    ("aws:PrincipalOrgPaths", Known("o-exampleorgid/r-ab12/ou-ab12-11111111/"), "included if the principal is a member of an organization"),
    ("aws:PrincipalOrgID", Known("o-exampleorgid"), "included if the principal is a member of an organization"),
    ("aws:PrincipalTag/cost", Known("7"), "included for a role with attached tags or session tags"),
    ("aws:PrincipalTag/none", Absent, "one key for each attached tag, and the role's tags were read"),
    ("aws:PrincipalIsAWSService", Known("false"), "present for all signed requests; true only for a service principal"),
    ("aws:PrincipalServiceName", Absent, "not present if the call is made directly by an IAM principal"),
    ("aws:PrincipalServiceNamesList", Absent, "not present if the call is made directly by an IAM principal"),
    ("aws:PrincipalType", Known("AssumedRole"), "included for all requests"),
    ("aws:userid", Known("AROAEXAMPLEROLE:orgroster"), "the role's id and the session's name"),
    ("aws:username", Absent, "requests of IAM roles do not include it"),
    // Properties of a role session.
    ("aws:AssumedRoot", Absent, "only when the principal uses credentials from AssumeRoot"),
    ("aws:FederatedProvider", Absent, "in the session of a role that was assumed with an OIDC provider; this one is assumed by AssumeRole"),
    ("aws:TokenIssueTime", Known("2026-11-22T09:59:00Z"), "included when the principal uses temporary credentials"),
    ("aws:SignInSessionArn", Unknowable, "when the request originates from a Sign-In session, which the caller's own login may be"),
    ("aws:MultiFactorAuthAge", Absent, "the session was not requested with multi-factor authentication"),
    ("aws:MultiFactorAuthPresent", Known("false"), "denies temporary credentials that do not include MFA"),
    ("aws:ChatbotSourceArn", Absent, "included by Amazon Q Developer in chat applications when it assumes a role session"),
    ("aws:Ec2InstanceSourceVpc", Absent, "when signing with an EC2 role credential, which a role assumed with it is not"),
    ("aws:Ec2InstanceSourcePrivateIPv4", Absent, "when signing with an EC2 role credential, which a role assumed with it is not"),
    ("aws:SourceIdentity", Known("ci"), "present for all actions of the session"),
    ("ec2:RoleDelivery", Absent, "whenever the role session is created by an EC2 instance; this one is created by AssumeRole"),
    ("ec2:SourceInstanceArn", Absent, "whenever the role session is created by an EC2 instance; this one is created by AssumeRole"),
    ("glue:RoleAssumedBy", Absent, "when AWS Glue makes the request"),
    ("glue:CredentialIssuingService", Absent, "when the request comes from a Glue job with its service role"),
    ("codebuild:BuildArn", Absent, "requests of a role assumed by CodeBuild; this one is assumed by the tool"),
    ("codebuild:ProjectArn", Absent, "requests of a role assumed by CodeBuild; this one is assumed by the tool"),
    ("lambda:SourceFunctionArn", Absent, "the function that the role's credentials were delivered to; these were delivered to none"),
    ("ssm:SourceInstanceArn", Absent, "whenever role credentials are delivered to a managed instance; these were delivered to none"),
    ("identitystore:UserId", Absent, "when the caller is a user in IAM Identity Center; the caller is the role's session"),
    // Properties of the network.
    ("aws:SourceIp", Unknowable, "included, except when the requester uses a VPC endpoint"),
    ("aws:SourceVpc", Unknowable, "only if the requester uses a VPC endpoint"),
    ("aws:SourceVpcArn", Unknowable, "only if the requester uses a VPC endpoint"),
    ("aws:SourceVpce", Unknowable, "only if the requester uses a VPC endpoint"),
    ("aws:VpceAccount", Unknowable, "only if the requester uses a VPC endpoint"),
    ("aws:VpceOrgID", Unknowable, "only if the requester uses a VPC endpoint"),
    ("aws:VpceOrgPaths", Unknowable, "only if the requester uses a VPC endpoint"),
    ("aws:VpcSourceIp", Unknowable, "only if the requester uses a VPC endpoint"),
    // Properties of the resource.
    ("aws:ResourceAccount", Unknowable, "for most service actions; nothing is said of an action without resources"),
    ("aws:ResourceOrgID", Unknowable, "if the resource's account is in an organization; nothing is said of an action without resources"),
    ("aws:ResourceOrgPaths", Unknowable, "if the resource's account is in an organization; nothing is said of an action without resources"),
    ("aws:ResourceTag/team", Absent, "when the requested resource has tags; no resource is requested"),
    // Properties of the request.
    ("aws:CalledVia", Absent, "not present when the principal makes the call directly"),
    ("aws:CalledViaFirst", Absent, "not present when the principal makes the call directly"),
    ("aws:CalledViaLast", Absent, "not present when the principal makes the call directly"),
    ("aws:CalledViaAWSMCP", Absent, "not present when the principal makes the call directly"),
    ("aws:ViaAWSService", Known("false"), "always included; false when the principal makes the call directly"),
    ("aws:ViaAWSMCPService", FalseOrAbsent, "false when the principal makes the call directly, but included when an MCP server calls"),
    ("aws:CurrentTime", Known("2026-11-22T10:00:00Z"), "always included"),
    ("aws:EpochTime", Known("1795341600"), "always included"),
    ("aws:referer", Absent, "not included for programmatic requests"),
    ("aws:RequestedRegion", Known("us-east-1"), "always included"),
    ("aws:RequestTag/team", Absent, "when tags are passed in the request; LeaveOrganization has no input"),
    ("aws:TagKeys", Absent, "if the operation supports passing tags; LeaveOrganization has no input"),
    ("aws:SecureTransport", Known("true"), "always included"),
    ("aws:SourceAccount", Absent, "only when the call is made directly by a service principal"),
    ("aws:SourceArn", Absent, "only when the call is made directly by a service principal"),
    ("aws:SourceOrgID", Absent, "only when the call is made directly by a service principal"),
    ("aws:SourceOrgPaths", Absent, "only when the call is made directly by a service principal"),
    ("aws:UserAgent", Known("orgroster/1"), "always included; what the client sends"),
    ("aws:IsMcpServiceAction", Absent, "only when the MCP service authorizes an MCP service action"),
    // Not on the list: a key that AWS adds later is not known.
    ("aws:AddedLater", Unknowable, "not documented yet"),
];

#[test]
fn each_global_key_is_what_aws_says_of_a_direct_call() {
    let mut role = role();
    role.user_id = Some("AROAEXAMPLEROLE:orgroster".to_owned());
    role.user_agent = Some("orgroster/1".to_owned());
    let context = Context::for_assumed_role(&role);
    let mut seen = BTreeMap::new();
    for (key, is, why) in KEYS {
        let expected = match is {
            Known(value) => KeyValue::known(*value),
            Absent => KeyValue::Absent,
            FalseOrAbsent => KeyValue::KnownOrAbsent(vec!["false".to_owned()]),
            Unknowable => KeyValue::Unknowable,
        };
        assert_eq!(context.value(key), &expected, "{key}: {why}");
        assert_eq!(context.value(&key.to_uppercase()), &expected, "{key} in another case");
        assert_eq!(seen.insert(key.to_lowercase(), ()), None, "{key} is listed twice");
    }
}

#[test]
fn the_list_of_global_keys_is_the_one_that_is_gone_through_here() {
    use crate::org::{GLOBAL_CONDITION_KEYS, is_global_condition_key};

    let global = |key: &&str| key.starts_with("aws:") && *key != "aws:AddedLater";
    let here: Vec<_> = KEYS.iter().map(|(key, ..)| *key).filter(global).collect();
    assert!(here.iter().all(|key| is_global_condition_key(key) && is_global_condition_key(&key.to_uppercase())));
    let lacks = |key: &&&str| !here.iter().any(|found| found.starts_with(**key));
    assert_eq!(GLOBAL_CONDITION_KEYS.iter().filter(lacks).count(), 0);
    for key in ["aws:AddedLater", "aws:PrincipalTag/", "aws:PrincipalTag", "ec2:RoleDelivery"] {
        assert!(!is_global_condition_key(key), "{key}");
    }
}

/// A key that is false or absent decides only conditions with the same result in both cases.
#[test]
fn what_depends_on_a_contested_presence_stays_open() {
    use super::build::{at_account, full_access, leave, policy};
    use crate::scp::Decision;
    use serde_json::json;

    for (condition, decision) in [
        (json!({"Bool": {"aws:ViaAWSMCPService": "true"}}), Decision::Allowed),
        (json!({"BoolIfExists": {"aws:ViaAWSMCPService": "false"}}), Decision::Denied),
        (json!({"BoolIfExists": {"aws:ViaAWSMCPService": "true"}}), Decision::Unknown),
        (json!({"Bool": {"aws:ViaAWSMCPService": "false"}}), Decision::Unknown),
        (json!({"Null": {"aws:ViaAWSMCPService": "true"}}), Decision::Unknown),
        (json!({"Null": {"aws:ViaAWSMCPService": "false"}}), Decision::Unknown),
        (json!({"StringEquals": {"aws:CalledViaAWSMCP": "aws-mcp.amazonaws.com"}}), Decision::Allowed),
        (json!({"Null": {"aws:ChatbotSourceArn": "false"}}), Decision::Allowed),
        (json!({"Null": {"aws:MultiFactorAuthPresent": "true"}}), Decision::Unknown),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}), Decision::Denied),
    ] {
        let deny = policy("deny", &json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}));
        let verdict = leave(&at_account(vec![policy("full", &full_access()), deny]), Context::for_assumed_role(&role()));
        assert_eq!(verdict.decision, decision, "{condition}");
        assert_eq!(verdict.open.is_empty(), decision != Decision::Unknown, "{condition}");
    }
}

#[test]
fn the_doubts_say_why() {
    use super::build::{at_account, leave, policy};
    use serde_json::json;

    for (condition, sentence) in [
        (json!({"Null": {"aws:MultiFactorAuthPresent": "false"}}), "calls Null a test to use with caution"),
        (
            json!({"ArnLike": {"aws:PrincipalArn": "*"}}),
            "\"*\" has fewer than the six parts of an ARN, and AWS does not document what it matches",
        ),
        (
            json!({"Bool": {"aws:SecureTransport": "${aws:ViaAWSService}"}}),
            "is a policy variable, which AWS documents for string and ARN operators only",
        ),
    ] {
        let allow = policy("allow", &json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}));
        let verdict = leave(&at_account(vec![allow]), Context::for_assumed_role(&role()));
        let [open] = verdict.open.as_slice() else { panic!("{condition}: {verdict:#?}") };
        assert!(open.to_string().contains(sentence), "{open}");
    }
}
