//! Every operation with invalid answers, and every list with pages that do not end.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::api::{
    AcceptingSession, ApiError, ApiErrorKind, AssumeMember, AuditRoot, MemberSession, Operation, ReadIntegrations, ReadMember,
    ReadOrganization, ReadTrail, RemoveMember, TakeIn,
};
use crate::aws::member::AcceptingCredentials;
use crate::aws::wire::answers::{Body, body};
use crate::observe::{every_account, organization as observe};
use crate::org::MemberRole;

use super::*;

/// The body of an operation's nth answer, with its content type.
type Answer = Arc<dyn Fn(&str, usize) -> Option<(u16, &'static str, String)> + Send + Sync>;

/// Answers some operations with the test's bodies, and all others as `rest` does.
#[derive(Clone)]
struct Canned {
    answer: Answer,
    times: Arc<Mutex<BTreeMap<String, usize>>>,
    rest: Option<Pipe>,
}

impl fmt::Debug for Canned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Canned")
    }
}

/// The operation of a request, by its target, form or path.
pub fn asked(request: &HttpRequest) -> String {
    let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
    let target = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
    let action = || body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let path = || request.uri().split('?').next().and_then(|path| path.rsplit('/').next());
    let name = target.or_else(action).or_else(path).unwrap_or_default().to_lowercase();
    // The paths of RAM, Control Tower and Account Management are the operations' names in other cases, some with dashes.
    match name.replace('-', "").as_str() {
        "landingzones" => "listlandingzones".to_owned(),
        "landingzone" => "getlandingzone".to_owned(),
        "enabledbaselines" => "listenabledbaselines".to_owned(),
        other => other.to_owned(),
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = asked(&request);
        let time = {
            let mut times = self.times.lock().unwrap();
            let time = times.entry(operation.clone()).or_default();
            *time += 1;
            *time - 1
        };
        let Some((status, kind, body)) = (self.answer)(&operation, time) else {
            return self.rest.as_ref().unwrap_or_else(|| panic!("{operation} is not expected")).call(request);
        };
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        response.headers_mut().insert("content-type", kind);
        HttpConnectorFuture::ready(Ok(response))
    }
}

fn canned(rest: Option<Sandbox>, answer: impl Fn(&str, usize) -> Option<(u16, &'static str, String)> + Send + Sync + 'static) -> Aws {
    let rest = rest.map(|sandbox| Pipe { sandbox, latency: Duration::ZERO });
    let connector = Canned { answer: Arc::new(answer), times: Arc::default(), rest };
    client_of(SharedHttpConnector::new(connector), Pace::new(None))
}

/// The result of a call; here it only matters whether there is an answer.
type Called = Pin<Box<dyn Future<Output = Result<(), ApiError>>>>;
type Call = fn(Aws) -> Called;

macro_rules! call {
    ($aws:ident => $call:expr) => {
        |$aws| Box::pin(async move { $call.await.map(|_| ()) })
    };
}

fn role() -> MemberRole {
    MemberRole::default()
}

fn session(aws: Aws) -> MemberCredentials {
    MemberCredentials { aws, identity: crate::org::SessionIdentity::default() }
}

fn accepting(aws: Aws) -> AcceptingCredentials {
    AcceptingCredentials(session(aws))
}

/// A call of every operation.
const CALLS: &[(Operation, Call)] = &[
    (Operation::GetAccountInformation, call!(aws => aws.created_at_of(member(1)))),
    (Operation::GetContactInformation, call!(aws => aws.contact_information_of(member(1)))),
    (Operation::ListStackInstances, call!(aws => aws.has_stacks("us-east-1", false, "set", member(1)))),
    (Operation::ListStackSets, call!(aws => aws.stack_sets_that_delete("us-east-1", false))),
    (Operation::DescribeTrails, call!(aws => aws.organization_trails("us-east-1"))),
    (Operation::LookupEvents, call!(aws => aws.trail("aws").lookup("LeaveOrganization", at(), at()))),
    (Operation::GetLandingZone, call!(aws => aws.landing_zone_accounts("us-east-1", "arn:aws:controltower:us-east-1:1:landingzone/Z"))),
    (Operation::ListEnabledBaselines, call!(aws => aws.enabled_baselines("us-east-1", "arn:aws:organizations::1:account/o-a/1"))),
    (Operation::ListLandingZones, call!(aws => aws.landing_zones("us-east-1"))),
    (Operation::GetAccountPlanState, call!(aws => session(aws).account_plan())),
    (Operation::GetAccountAuthorizationDetails, call!(aws => session(aws).organization_conditions(&organization()))),
    (Operation::GetLoginProfile, call!(aws => aws.root_user(member(1)))),
    (Operation::GetRole, call!(aws => session(aws).role_tags("arn:aws:iam::1:role/R"))),
    (Operation::ListMFADevices, call!(aws => aws.root_user(member(1)))),
    (Operation::ListOrganizationsFeatures, call!(aws => aws.manages_root())),
    (Operation::SimulatePrincipalPolicy, call!(aws => session(aws).simulate_leaving("arn:aws:iam::1:role/R", &[]))),
    (Operation::AcceptHandshake, call!(aws => accepting(aws).accept("h-examplehandshake"))),
    (Operation::DescribeAccount, call!(aws => aws.describe_account(member(1)))),
    (Operation::DescribeEffectivePolicy, call!(aws => aws.effective_policy(member(1), "BACKUP_POLICY"))),
    (Operation::DescribeHandshake, call!(aws => aws.describe_handshake("h-examplehandshake"))),
    (Operation::DescribeOrganization, call!(aws => aws.describe_organization())),
    (Operation::DescribeOrganizationalUnit, call!(aws => aws.unit_name("ou-ab12-cdefghij"))),
    (Operation::DescribePolicy, call!(aws => aws.policy_content("p-12345678"))),
    (Operation::DescribeResourcePolicy, call!(aws => aws.resource_policy())),
    (Operation::InviteAccountToOrganization, call!(aws => AwsWriter(aws).invite(member(1)))),
    (Operation::LeaveOrganization, call!(aws => session(aws).leave())),
    (Operation::ListAWSServiceAccessForOrganization, call!(aws => aws.service_access())),
    (Operation::ListAccounts, call!(aws => every_account(&aws, member(0)))),
    (Operation::ListDelegatedAdministrators, call!(aws => aws.delegated_administrators())),
    (Operation::ListDelegatedServicesForAccount, call!(aws => aws.delegated_services(member(1)))),
    (Operation::ListHandshakesForAccount, call!(aws => session(aws).open_handshakes())),
    (Operation::ListHandshakesForOrganization, call!(aws => aws.sent_handshakes())),
    (Operation::ListOrganizationalUnitsForParent, call!(aws => aws.units_below("r-ab12"))),
    (Operation::ListParents, call!(aws => aws.parent_of("222222222222"))),
    (Operation::ListPolicies, call!(aws => aws.policies("SERVICE_CONTROL_POLICY"))),
    (Operation::ListPoliciesForTarget, call!(aws => aws.policies_at("r-ab12"))),
    (Operation::ListRoots, call!(aws => aws.root())),
    (Operation::ListTagsForResource, call!(aws => aws.tags_of(member(1)))),
    (Operation::ListTargetsForPolicy, call!(aws => aws.targets_of("p-12345678", None))),
    (Operation::MoveAccount, call!(aws => AwsWriter(aws).move_account(member(1), "r-ab12", "ou-ab12-cdefghij"))),
    (Operation::RemoveAccountFromOrganization, call!(aws => aws.writer().remove_account(member(1)))),
    (Operation::TagResource, call!(aws => AwsWriter(aws).tag_account(member(1), &BTreeMap::from([("a".into(), "b".into())])))),
    (Operation::ListPaymentInstruments, call!(aws => session(aws).payment_instruments())),
    (Operation::GetResourceShares, call!(aws => session(aws).resource_shares(&[]))),
    (Operation::ListPrincipals, call!(aws => session(aws).resource_shares(&[]))),
    (Operation::ListServiceQuotas, call!(aws => aws.account_quota())),
    (Operation::ListInstances, call!(aws => aws.identity_centers("us-east-1"))),
    (
        Operation::ListPermissionSetsProvisionedToAccount,
        call!(aws => aws.permission_sets("us-east-1", "arn:aws:sso:::instance/ssoins-1", member(1))),
    ),
    (
        Operation::AssumeRole,
        call!(aws => aws.writer().assume("arn:aws:iam::222222222222:role/R", &role(), crate::api::SessionNames::of("run"))),
    ),
    (Operation::AssumeRoot, call!(aws => aws.root_user(member(1)))),
    (Operation::GetCallerIdentity, call!(aws => aws.callers())),
    (Operation::DescribeSeverityLevels, call!(aws => session(aws).support_evidence())),
];

fn organization() -> crate::org::OrganizationId {
    "o-exampleorgid".parse().unwrap()
}

fn at() -> jiff::Timestamp {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

const PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to this network.</body></html>";
const JSON: &str = "application/x-amz-json-1.1";

/// Temporary credentials in STS's format.
const CREDENTIALS: &str = "<AssumeRootResponse><AssumeRootResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey>\
    <SessionToken>x</SessionToken><Expiration>2026-11-22T09:15:00Z</Expiration></Credentials></AssumeRootResult></AssumeRootResponse>";
const LOGIN_PROFILE: &str = "<GetLoginProfileResponse><GetLoginProfileResult><LoginProfile><UserName>root</UserName>\
    <CreateDate>2026-11-22T09:15:00Z</CreateDate></LoginProfile></GetLoginProfileResult></GetLoginProfileResponse>";

/// What precedes a call that takes more than one request: the share whose principals are listed, and the session that audits the root user.
fn before(operation: Operation, asked: &str) -> Option<String> {
    match (operation, asked) {
        (Operation::GetLoginProfile | Operation::ListMFADevices, "assumeroot") => return Some(CREDENTIALS.to_owned()),
        (Operation::ListMFADevices, "getloginprofile") => return Some(LOGIN_PROFILE.to_owned()),
        _ => {}
    }
    (operation == Operation::ListPrincipals && asked == "getresourceshares").then(|| {
        r#"{"resourceShares":[{"resourceShareArn":"arn:aws:ram:us-east-1:2:resource-share/s","name":"s","owningAccountId":"222222222222"}]}"#
            .to_owned()
    })
}

fn block_on<T>(story: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(story)
}

#[test]
fn these_tests_call_every_operation_of_the_table() {
    let called: Vec<_> = CALLS.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(called, Operation::ALL);
}

/// Each invalid answer is an error of every operation, never an empty result, a missing account, or a success.
#[test]
fn an_empty_answer_an_empty_object_and_a_page_are_errors_of_every_operation() {
    let bodies = [(JSON, ""), (JSON, "{}"), (JSON, "null"), (JSON, "[]"), (JSON, "{"), ("text/html", PAGE), ("text/xml", "<Answer/>")];
    for (operation, call) in CALLS {
        let (operation, may_be_empty) = (*operation, body(*operation) == Body::Empty);
        for (kind, text) in bodies {
            let aws = canned(None, move |asked, _| {
                Some(before(operation, asked).map_or_else(|| (200, kind, text.to_owned()), |text| (200, JSON, text)))
            });
            let answer = block_on(call(aws));
            if may_be_empty && matches!(text, "" | "{}") {
                assert_eq!(answer, Ok(()), "{operation:?} {text:?}");
                continue;
            }
            let error = answer.expect_err(&format!("{operation:?} took {text:?} for an answer"));
            assert_eq!((error.kind, error.operation.as_str()), (ApiErrorKind::Malformed, operation.action()), "{text:?}: {error}");
        }
        let aws = canned(None, |_, _| Some((200, "text/html", PAGE.to_owned())));
        let error = block_on(call(aws)).unwrap_err();
        assert!(error.message.contains("HTML"), "{error}");
        // A member that is null counts as absent.
        let Body::Json(member) = body(operation) else { continue };
        let aws =
            canned(None, move |asked, _| Some((200, JSON, before(operation, asked).unwrap_or_else(|| format!("{{\"{member}\":null}}")))));
        let error = block_on(call(aws)).expect_err(operation.action());
        assert!(error.kind == ApiErrorKind::Malformed && error.message.contains(member), "{error}");
    }
}

#[test]
fn a_page_in_place_of_a_refusal_is_named_as_one() {
    for status in [302, 403, 407, 503] {
        let aws = canned(None, move |_, _| Some((status, "text/html", PAGE.to_owned())));
        let error = block_on(aws.describe_organization()).unwrap_err();
        assert!(error.message.contains("page of HTML") && error.message.contains(&status.to_string()), "{error}");
        // Neither a refusal nor a failure of AWS: for a departure, it leaves the outcome open.
        assert!(error.kind.is_transient() && error.kind != ApiErrorKind::Throttled, "{error}");
        let aws = canned(None, move |_, _| Some((status, "text/html", PAGE.to_owned())));
        assert!(block_on(session(aws).leave()).unwrap_err().kind.is_transient());
    }
}

/// Lists, each with the names of its items and its token.
const LISTS: &[(Operation, &str, &str)] = &[
    (Operation::ListStackInstances, "", ""),
    (Operation::ListStackSets, "", ""),
    (Operation::LookupEvents, "Events", "NextToken"),
    (Operation::ListEnabledBaselines, "enabledBaselines", "nextToken"),
    (Operation::ListLandingZones, "landingZones", "nextToken"),
    (Operation::ListAWSServiceAccessForOrganization, "EnabledServicePrincipals", "NextToken"),
    (Operation::ListAccounts, "Accounts", "NextToken"),
    (Operation::ListDelegatedAdministrators, "DelegatedAdministrators", "NextToken"),
    (Operation::ListDelegatedServicesForAccount, "DelegatedServices", "NextToken"),
    (Operation::ListHandshakesForAccount, "Handshakes", "NextToken"),
    (Operation::ListHandshakesForOrganization, "Handshakes", "NextToken"),
    (Operation::ListOrganizationalUnitsForParent, "OrganizationalUnits", "NextToken"),
    (Operation::ListParents, "Parents", "NextToken"),
    (Operation::ListPolicies, "Policies", "NextToken"),
    (Operation::ListPoliciesForTarget, "Policies", "NextToken"),
    (Operation::ListRoots, "Roots", "NextToken"),
    (Operation::ListTagsForResource, "Tags", "NextToken"),
    (Operation::ListPaymentInstruments, "paymentInstrumentSummaries", "nextToken"),
    (Operation::GetResourceShares, "resourceShares", "nextToken"),
    (Operation::ListPrincipals, "principals", "nextToken"),
    (Operation::ListServiceQuotas, "Quotas", "NextToken"),
    (Operation::ListInstances, "Instances", "NextToken"),
    (Operation::ListPermissionSetsProvisionedToAccount, "PermissionSets", "NextToken"),
];

fn empty_page(operation: Operation, items: &str, token: &str, value: &str) -> (u16, &'static str, String) {
    if items.is_empty() {
        let name = operation.name();
        let body = format!("<{name}Response><{name}Result><Summaries/><NextToken>{value}</NextToken></{name}Result></{name}Response>");
        return (200, "text/xml", body);
    }
    (200, JSON, format!("{{\"{items}\":[],\"{token}\":\"{value}\"}}"))
}

#[test]
fn every_list_ends_with_an_error_where_its_token_repeats_or_its_pages_do_not_end() {
    // Every operation named List… has pages; of the others, these two do.
    let lists: BTreeSet<_> = CALLS
        .iter()
        .map(|(operation, _)| *operation)
        .filter(|operation| {
            operation.name().starts_with("List") || [Operation::LookupEvents, Operation::GetResourceShares].contains(operation)
        })
        // One page is enough: an organization has two features, and a root user at most eight devices.
        .filter(|operation| ![Operation::ListMFADevices, Operation::ListOrganizationsFeatures].contains(operation))
        // Read page by page, by `api::policies`: see below.
        .filter(|operation| *operation != Operation::ListTargetsForPolicy)
        .collect();
    assert_eq!(lists, LISTS.iter().map(|(operation, ..)| *operation).collect());
    for (operation, items, token) in LISTS {
        let (_, call) = CALLS.iter().find(|(name, _)| name == operation).unwrap();
        for repeats in [true, false] {
            let asked_for = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&asked_for);
            let aws = canned(None, move |asked, time| {
                counted.fetch_add(1, Ordering::Relaxed);
                let value = if repeats { "again".to_owned() } else { format!("page-{time}") };
                Some(before(*operation, asked).map_or_else(|| empty_page(*operation, items, token, &value), |body| (200, JSON, body)))
            });
            let error = block_on(call(aws)).expect_err(operation.action());
            assert!(error.kind == ApiErrorKind::Malformed && error.message.contains("does not end"), "{operation:?}: {error}");
            // Up to two requests may precede the list.
            assert!(asked_for.load(Ordering::Relaxed) <= if repeats { 4 } else { 103 }, "{operation:?}");
        }
    }
}

/// An observed world in which the answers of one operation are replaced.
fn observed_with(
    members: usize,
    departing: usize,
    replaced: &'static str,
    body: impl Fn(usize) -> String + Send + Sync + 'static,
) -> String {
    let world = World { members, departing, own_units: false, policies: 1, administrators: false, quotas: false };
    let aws = canned(Some(world.open()), move |asked, time| (asked == replaced).then(|| (200, JSON, body(time))));
    let declared = declared();
    match block_on(observe(&aws, &scope(&declared, &world))) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_list_that_can_not_be_whole_is_an_error_although_every_page_is_well_formed() {
    let without = observed_with(4, 2, "listaccounts", |_| r#"{"Accounts":[]}"#.into());
    assert!(without.contains("lacks the management account 111111111111"), "{without}");
    // AWS keeps at least one policy at each level. It is read by target, or with many levels by policy.
    let bare = observed_with(4, 2, "listpoliciesfortarget", |_| r#"{"Policies":[]}"#.into());
    assert!(bare.contains("keeps at least one attached"), "{bare}");
    let roots = observed_with(4, 2, "listroots", |_| r#"{"Roots":[{"Id":"r-ab12"}]}"#.into());
    assert!(roots.contains("PolicyTypes"), "{roots}");
    let lost = observed_with(4, 2, "describeorganization", |_| {
        r#"{"Organization":{"Id":"o-exampleorgid","MasterAccountId":"111111111111","Arn":"arn:aws:organizations::1:organization/o"}}"#
            .into()
    });
    assert!(lost.contains("FeatureSet"), "{lost}");
    let endless = observed_with(60, 60, "listtargetsforpolicy", |_| r#"{"Targets":[],"NextToken":"x"}"#.into());
    assert!(endless.contains("does not end"), "{endless}");
}

/// Levels that ListTargetsForPolicy leaves out are read by target, so that no level counts as one without policies.
#[test]
fn levels_that_no_policy_lists_are_asked_for_one_by_one() {
    let world = World { members: 60, departing: 60, own_units: false, policies: 0, administrators: false, quotas: false };
    let aws = canned(Some(world.open()), |asked, _| (asked == "listtargetsforpolicy").then(|| (200, JSON, r#"{"Targets":[]}"#.to_owned())));
    let declared = declared();
    let observed = block_on(observe(&aws, &scope(&declared, &world))).unwrap();
    let at = observed.policies.unwrap().at;
    assert!(at.len() > 60 && at.values().all(|policies| !policies.is_empty()), "{at:?}");
}

#[cfg(feature = "s3")]
#[test]
fn the_bucket_is_not_read_from_a_page_and_its_lists_end() {
    use crate::journal::Store;

    let bucket =
        |body: &'static str| canned(None, move |_, _| Some((200, "text/html", body.to_owned()))).s3_store("bucket", "p/", None, true);
    for body in ["", "{}", PAGE] {
        assert!(block_on(bucket(body).list("records/")).is_err(), "{body:?}");
        // An object in S3 has an ETag, whatever its contents.
        assert!(block_on(bucket(body).read("head")).is_err(), "{body:?}");
    }
    let cut = "<ListBucketResult><Name>bucket</Name><IsTruncated>true</IsTruncated></ListBucketResult>";
    let endless = "<ListBucketResult><Name>bucket</Name><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>";
    for (body, why) in [(cut, "has no token for the next page"), (endless, "does not end")] {
        let error = block_on(bucket(body).list("records/")).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}
