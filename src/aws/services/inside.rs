//! Reads that need their own SDK crates: IAM, Account Management and Support. Each is a cargo feature. Without it, the read fails, and the
//! gate that needs it is unknown.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::api::{ApiError, Operation};
use crate::org::{AccountId, ContactInformation, ContextEntry, OrganizationConditions, OrganizationId, Simulation, SupportEvidence};

use crate::aws::Aws;

/// The call, if its crate is built in; otherwise the error that it is not.
macro_rules! where_built {
    ($feature:literal, $operation:ident, $call:expr) => {{
        #[cfg(feature = $feature)]
        {
            $call
        }
        #[cfg(not(feature = $feature))]
        {
            Err($crate::aws::services::inside::not_built_in($crate::api::Operation::$operation, $feature))
        }
    }};
}

pub(in crate::aws) use where_built;

#[allow(dead_code, reason = "used for each feature that is off")]
pub(in crate::aws) fn not_built_in(operation: Operation, feature: &str) -> ApiError {
    let message = format!("this orgroster was built without the feature `{feature}`");
    ApiError {
        operation: operation.action().to_owned(),
        kind: crate::api::ApiErrorKind::NotBuiltIn,
        code: None,
        reason: None,
        message,
        request_id: None,
    }
}

#[cfg_attr(not(all(feature = "iam", feature = "account", feature = "support")), allow(clippy::unused_async, unused_variables))]
impl Aws {
    /// Tags of a role. GetRole also returns them, so ListRoleTags is not needed.
    pub(in crate::aws) async fn tags_of_role(&self, role_arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        where_built!("iam", GetRole, iam::role_tags(self, role_arn).await)
    }

    /// The policy simulator's answer about LeaveOrganization.
    pub(in crate::aws) async fn simulation(&self, role_arn: &str, known: &[ContextEntry]) -> Result<Simulation, ApiError> {
        where_built!("iam", SimulatePrincipalPolicy, iam::simulate(self, role_arn, known).await)
    }

    /// Identity and trust policies of the caller's account that depend on an organization.
    pub(in crate::aws) async fn organization_conditions(&self, organization: &OrganizationId) -> Result<OrganizationConditions, ApiError> {
        where_built!("iam", GetAccountAuthorizationDetails, crate::aws::services::conditions::read(self, organization.as_str()).await)
    }

    /// What is missing from the contact information of an account; by default, the caller's own.
    pub(in crate::aws) async fn contact(&self, of: Option<AccountId>) -> Result<ContactInformation, ApiError> {
        where_built!("account", GetContactInformation, account::contact(self, of).await)
    }

    /// When an account was created; by default, the caller's own.
    pub(in crate::aws) async fn created(&self, of: Option<AccountId>) -> Result<Timestamp, ApiError> {
        where_built!("account", GetAccountInformation, account::created(self, of).await)
    }

    /// The name of the caller's own account.
    pub(in crate::aws) async fn name(&self) -> Result<String, ApiError> {
        where_built!("account", GetAccountInformation, account::name(self).await)
    }

    /// Whether the Support API is open.
    pub(in crate::aws) async fn support(&self) -> Result<SupportEvidence, ApiError> {
        where_built!("support", DescribeSeverityLevels, support::evidence(self).await)
    }
}

#[cfg(feature = "iam")]
mod iam {
    use std::collections::BTreeMap;

    use crate::api::{ApiError, Operation};
    use crate::aws::Aws;
    use crate::aws::wire::error::{malformed, translate};
    use aws_sdk_iam::types::{ContextEntry as SimulatedKey, ContextKeyTypeEnum};

    use crate::org::{ContextEntry, EntryKind, Simulation};

    fn client(aws: &Aws) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::from_conf(aws_sdk_iam::config::Builder::from(&aws.sdk).interceptor(aws.meter.clone()).build())
    }

    pub(super) async fn role_tags(aws: &Aws, role_arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        const OPERATION: Operation = Operation::GetRole;
        let name = role_arn.rsplit('/').next().unwrap_or(role_arn);
        let answer = client(aws).get_role().role_name(name).send().await.map_err(|error| translate(OPERATION, &error))?;
        let role = answer.role.ok_or_else(|| malformed(OPERATION, "Role"))?;
        Ok(role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect())
    }

    /// A context key with its values, in the simulator's form.
    fn simulated(entry: &ContextEntry) -> SimulatedKey {
        let kind = match entry.kind {
            EntryKind::Text => ContextKeyTypeEnum::String,
            EntryKind::TextList => ContextKeyTypeEnum::StringList,
            EntryKind::Number => ContextKeyTypeEnum::Numeric,
            EntryKind::Boolean => ContextKeyTypeEnum::Boolean,
            EntryKind::Date => ContextKeyTypeEnum::Date,
            EntryKind::Address => ContextKeyTypeEnum::Ip,
        };
        let entry = SimulatedKey::builder().context_key_name(&entry.key).set_context_key_values(Some(entry.values.clone()));
        entry.context_key_type(kind).build()
    }

    /// Without the call's known context, the simulator decides conditions on absent keys, and reports the result as certain.
    pub(super) async fn simulate(aws: &Aws, role_arn: &str, known: &[ContextEntry]) -> Result<Simulation, ApiError> {
        const OPERATION: Operation = Operation::SimulatePrincipalPolicy;
        let request = client(aws).simulate_principal_policy().policy_source_arn(role_arn).action_names("organizations:LeaveOrganization");
        let request = request.set_context_entries(Some(known.iter().map(simulated).collect()));
        let answer = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        let result = answer.evaluation_results().first().ok_or_else(|| malformed(OPERATION, "EvaluationResults"))?;
        let detail = result.organizations_decision_detail();
        Ok(Simulation {
            decision: result.eval_decision().as_str().to_owned(),
            allowed_by_organizations: detail.map(aws_sdk_iam::types::OrganizationsDecisionDetail::allowed_by_organizations),
        })
    }
}

#[cfg(feature = "account")]
mod account {
    use jiff::Timestamp;

    use crate::api::{ApiError, Operation};
    use crate::aws::Aws;
    use crate::aws::wire::error::{malformed, translate};
    use crate::org::{AccountId, ContactInformation};

    fn client(aws: &Aws) -> aws_sdk_account::Client {
        aws_sdk_account::Client::from_conf(aws_sdk_account::config::Builder::from(&aws.sdk).interceptor(aws.meter.clone()).build())
    }

    /// The parts that a standalone account needs (Organizations user guide, "Remove a member account").
    pub(super) async fn contact(aws: &Aws, of: Option<AccountId>) -> Result<ContactInformation, ApiError> {
        const OPERATION: Operation = Operation::GetContactInformation;
        let request = client(aws).get_contact_information().set_account_id(of.map(|id| id.to_string()));
        let (found, verification) = match request.send().await {
            Ok(answer) => {
                let verification = answer.verification_status().map(|status| status.as_str().to_owned());
                (answer.contact_information.ok_or_else(|| malformed(OPERATION, "ContactInformation"))?, verification)
            }
            Err(error) => match translate(OPERATION, &error) {
                error if error.code.as_deref() == Some("ResourceNotFoundException") => {
                    return Ok(ContactInformation { missing: vec!["all of it".to_owned()], verification: None });
                }
                error => return Err(error),
            },
        };
        let parts = [
            ("FullName", found.full_name()),
            ("AddressLine1", found.address_line1()),
            ("City", found.city()),
            ("PostalCode", found.postal_code()),
            ("CountryCode", found.country_code()),
            ("PhoneNumber", found.phone_number()),
        ];
        let missing = parts.iter().filter(|(_, value)| value.trim().is_empty());
        Ok(ContactInformation { missing: missing.map(|(name, _)| (*name).to_owned()).collect(), verification })
    }

    pub(super) async fn created(aws: &Aws, of: Option<AccountId>) -> Result<Timestamp, ApiError> {
        const OPERATION: Operation = Operation::GetAccountInformation;
        let request = client(aws).get_account_information().set_account_id(of.map(|id| id.to_string()));
        let answer = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        let created = answer.account_created_date().and_then(|at| Timestamp::from_second(at.secs()).ok());
        created.ok_or_else(|| malformed(OPERATION, "AccountCreatedDate"))
    }

    pub(super) async fn name(aws: &Aws) -> Result<String, ApiError> {
        const OPERATION: Operation = Operation::GetAccountInformation;
        let answer = client(aws).get_account_information().send().await.map_err(|error| translate(OPERATION, &error))?;
        answer.account_name.ok_or_else(|| malformed(OPERATION, "AccountName"))
    }
}

#[cfg(feature = "support")]
mod support {
    use crate::api::{ApiError, Operation};
    use crate::aws::Aws;
    use crate::aws::wire::error::{malformed, translate};
    use crate::org::SupportEvidence;

    pub(super) async fn evidence(aws: &Aws) -> Result<SupportEvidence, ApiError> {
        const OPERATION: Operation = Operation::DescribeSeverityLevels;
        let client =
            aws_sdk_support::Client::from_conf(aws_sdk_support::config::Builder::from(&aws.sdk).interceptor(aws.meter.clone()).build());
        match client.describe_severity_levels().send().await {
            // The severity levels of the support plan. An answer without any does not prove that there is no plan.
            Ok(answer) if answer.severity_levels().is_empty() => Err(malformed(OPERATION, "severityLevels")),
            Ok(_) => Ok(SupportEvidence::PaidPlan),
            Err(error) => match translate(OPERATION, &error) {
                // AWS's answer to a permitted caller if something on the way requests a dry run.
                error if error.code.as_deref() == Some("DryRunOperationException") => Ok(SupportEvidence::PaidPlan),
                error if error.code.as_deref() == Some("SubscriptionRequiredException") => Ok(SupportEvidence::FreePlanOrNone),
                error => Err(error),
            },
        }
    }
}
