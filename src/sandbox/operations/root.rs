//! Root users of members (IAM API reference, "Centralize root access for member accounts"; STS API reference, AssumeRoot): the
//! organization's root features, sessions for one task each, and the credentials of a root user.

use iam_rs::ContextValue;
use jiff::SignedDuration;
use serde_json::json;

use crate::org::AccountId;
use crate::sandbox::clock::shifted;
use crate::sandbox::rules::authorize::{Who, authorize};
use crate::sandbox::rules::caller::Session;
use crate::sandbox::rules::context;
use crate::sandbox::rules::policy::Question;
use crate::sandbox::state::account::{Account, JoinedMethod};
use crate::sandbox::state::organization::{FeatureSet, RootFeature};
use crate::sandbox::state::words::Word;
use crate::sandbox::wire::form::element;
use crate::sandbox::wire::{Answer, Output, Refusal, Service};

use super::sts::credentials;
use super::{Call, Operation};

/// The operations of IAM and STS on root users. Those on credentials require a root session.
pub(super) const TABLES: &[&[Operation]] = &[&[
    Operation::read(Service::Iam, "ListOrganizationsFeatures", Who::Management, list_features),
    Operation::write(Service::Iam, "EnableOrganizationsRootCredentialsManagement", Who::Management, |call| {
        set_feature(call, RootFeature::Credentials, true)
    }),
    Operation::write(Service::Iam, "DisableOrganizationsRootCredentialsManagement", Who::Management, |call| {
        set_feature(call, RootFeature::Credentials, false)
    }),
    Operation::write(Service::Iam, "EnableOrganizationsRootSessions", Who::Management, |call| {
        set_feature(call, RootFeature::Sessions, true)
    }),
    Operation::write(Service::Iam, "DisableOrganizationsRootSessions", Who::Management, |call| {
        set_feature(call, RootFeature::Sessions, false)
    }),
    Operation::read(Service::Iam, "GetLoginProfile", Who::Anyone, get_login_profile).in_history(),
    Operation::read(Service::Iam, "ListMFADevices", Who::Anyone, list_mfa_devices).in_history(),
    Operation::write(Service::Iam, "CreateLoginProfile", Who::Anyone, create_login_profile),
    Operation::write(Service::Iam, "DeleteLoginProfile", Who::Anyone, delete_login_profile),
    Operation::read(Service::Sts, "AssumeRoot", Who::Management, assume_root).unchecked().in_history(),
]];

/// The service principal whose trusted access all of them need.
const SERVICE_PRINCIPAL: &str = "iam.amazonaws.com";
/// The longest `DurationSeconds` of a root session.
const LONGEST: u32 = 900;

/// The tasks of root sessions, and the actions that each allows (IAM User Guide, AWS managed policies for root tasks).
const TASKS: &[(&str, &[&str])] = &[
    (
        "IAMAuditRootUserCredentials",
        &["iam:GetLoginProfile", "iam:ListMFADevices", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed", "iam:ListSigningCertificates"],
    ),
    ("IAMCreateRootUserPassword", &["iam:CreateLoginProfile", "iam:GetLoginProfile"]),
    ("IAMDeleteRootUserCredentials", &["iam:DeleteLoginProfile", "iam:GetLoginProfile", "iam:ListMFADevices"]),
];

/// Checks that the caller's organization can have the root features.
fn trusted(call: &Call<'_>) -> Result<(), Refusal> {
    let organization = call.organization()?;
    if organization.feature_set != FeatureSet::All {
        return Err(
            Refusal::new("OrganizationNotInAllFeaturesModeException", "The organization must have all features enabled.").with_status(409)
        );
    }
    if organization.service_access.contains_key(SERVICE_PRINCIPAL) {
        return Ok(());
    }
    Err(Refusal::new("ServiceAccessNotEnabledException", "Trusted access for AWS Identity and Access Management is not enabled.")
        .with_status(409))
}

fn features(call: &Call<'_>) -> Answer {
    let organization = call.organization()?;
    let features: String = organization.root_features.iter().map(|feature| element("member", feature.as_str())).collect();
    Ok(Output::Xml(format!("{}<EnabledFeatures>{features}</EnabledFeatures>", element("OrganizationId", &organization.id))))
}

fn list_features(call: &mut Call<'_>) -> Answer {
    trusted(call)?;
    features(call)
}

fn set_feature(call: &mut Call<'_>, feature: RootFeature, on: bool) -> Answer {
    trusted(call)?;
    let features_now = &mut call.organization_mut()?.root_features;
    if on {
        features_now.insert(feature);
    } else {
        features_now.remove(&feature);
    }
    features(call)
}

/// Creates a session of the root user for one task. The target is a member of the caller's organization, which must have enabled the root
/// feature that the task needs. The caller's policies may limit the task.
fn assume_root(call: &mut Call<'_>) -> Answer {
    let form = call.input.parameters();
    let target = form.get("TargetPrincipal").unwrap_or_default();
    // The target is an account id, or the ARN of the account's root user.
    let id = target.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next()).unwrap_or(target);
    let id: AccountId = id.parse().map_err(|_| invalid("TargetPrincipal must be the id of an account, or the ARN of its root user."))?;
    let task_arn = form.get("TaskPolicyArn.arn").unwrap_or_default().to_owned();
    let seconds = form.get("DurationSeconds").map_or(Ok(LONGEST), str::parse).ok().filter(|seconds| *seconds <= LONGEST);
    let seconds = seconds.ok_or_else(|| invalid("DurationSeconds must be at most 900."))?;
    let partition = call.world.partition;
    let task = TASKS.iter().find(|(name, _)| task_arn == partition.arn("iam", "aws", format_args!("policy/root-task/{name}")));
    let (_, actions) = task.ok_or_else(|| invalid("TaskPolicyArn is not the ARN of a policy for a root task."))?;
    let root = partition.arn("iam", id, "root");
    let mut context = context::of_request(call.caller, call.world, call.circumstances);
    context.insert("sts:TaskPolicyArn".to_owned(), ContextValue::String(task_arn));
    let question = Question { action: "sts:AssumeRoot", resource: &root, context: &context };
    authorize(call.caller, call.world, &question).map_err(|refusal| refusal.with_status(403))?;
    let organization = call.organization()?;
    let managed = organization.root_features.contains(&RootFeature::Credentials);
    if !managed || !organization.members.contains(&id) || id == organization.management {
        let message = format!("User: {} is not authorized to perform: sts:AssumeRoot on resource: {root}", call.caller.arn());
        return Err(Refusal::denied(message).with_status(403));
    }
    let issued = call.circumstances.now;
    let policy = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": actions, "Resource": "*" } });
    let session = Session {
        account: id,
        role: String::new(),
        name: String::new(),
        policies: vec![policy.to_string()],
        source_identity: None,
        tags: std::collections::BTreeMap::new(),
        multi_factor: false,
        root: true,
        issued,
        expires: shifted(issued, SignedDuration::from_secs(i64::from(seconds))),
    };
    call.record_session(&session, None);
    Ok(Output::Xml(credentials(&session, call.world)))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new("ValidationError", message)
}

/// The account whose root user makes the request. Only a root user may omit the user name.
fn root_account(call: &Call<'_>) -> Result<Account, Refusal> {
    let account = call.caller.account;
    if call.caller.session().is_none_or(|session| !session.root) {
        return Err(invalid("Must specify userName when calling with non-User credentials"));
    }
    Ok(call.world.accounts.get(&account).cloned().unwrap_or_else(|| Account::standalone(account)))
}

/// Whether a root user has a password. Accounts that were created while the organization managed root credentials have none.
fn has_password(account: &Account, call: &Call<'_>) -> bool {
    let membership = account.membership.as_ref();
    let created = membership.is_some_and(|membership| membership.joined_method == JoinedMethod::Created);
    let managed =
        call.world.organization_of(account.id).is_some_and(|organization| organization.root_features.contains(&RootFeature::Credentials));
    account.root_password.unwrap_or(!(created && managed))
}

fn login_profile(account: &Account) -> Answer {
    let created = account.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let content = [element("UserName", "root"), element("CreateDate", &created), element("PasswordResetRequired", "false")];
    Ok(Output::Xml(format!("<LoginProfile>{}</LoginProfile>", content.concat())))
}

fn no_profile(account: &Account) -> Refusal {
    Refusal::new("NoSuchEntity", format!("Login Profile for User {} cannot be found.", account.id)).with_status(404)
}

fn get_login_profile(call: &mut Call<'_>) -> Answer {
    let account = root_account(call)?;
    if has_password(&account, call) { login_profile(&account) } else { Err(no_profile(&account)) }
}

fn list_mfa_devices(call: &mut Call<'_>) -> Answer {
    let account = root_account(call)?;
    let serial = |index| call.caller.partition.arn("iam", account.id, format_args!("mfa/root-{index}"));
    let created = account.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let device = |index: u32| {
        let content = [element("UserName", "root"), element("SerialNumber", &serial(index)), element("EnableDate", &created)];
        format!("<member>{}</member>", content.concat())
    };
    let devices: String = (1..=account.root_mfa_devices).map(device).collect();
    Ok(Output::Xml(format!("<MFADevices>{devices}</MFADevices>{}", element("IsTruncated", "false"))))
}

fn create_login_profile(call: &mut Call<'_>) -> Answer {
    let account = root_account(call)?;
    if has_password(&account, call) {
        let message = format!("Login Profile for user {} already exists.", account.id);
        return Err(Refusal::new("EntityAlreadyExists", message).with_status(409));
    }
    set_password(call, account, true)
}

fn delete_login_profile(call: &mut Call<'_>) -> Answer {
    let account = root_account(call)?;
    if !has_password(&account, call) {
        return Err(no_profile(&account));
    }
    set_password(call, account, false)?;
    Ok(Output::Empty)
}

fn set_password(call: &mut Call<'_>, account: Account, password: bool) -> Answer {
    let known = call.world.accounts.entry(account.id).or_insert(account);
    known.root_password = Some(password);
    login_profile(known)
}
