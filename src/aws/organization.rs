//! Reading the organization, and removing a member from it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::config::Builder;
use aws_sdk_organizations::types as sdk;
use aws_smithy_types::retry::RetryConfig;
use jiff::Timestamp;

use crate::api::{ApiError, ApiErrorKind, ClockReading, Page, ReadOrganization, Receipt, RemoveMember};
use crate::org::{
    Account, AccountId, AccountState, Caller, ContactInformation, DelegatedServices, JoinedMethod, OpenHandshake, Organization,
    OrganizationPath, PolicySummary, Root,
};

use super::error::{malformed, translate};
use super::pages::{every_page, following};
use super::{Aws, AwsWriter};

impl ReadOrganization for Aws {
    async fn callers(&self) -> Result<Vec<Caller>, ApiError> {
        const OPERATION: &str = "sts:GetCallerIdentity";
        let identity = self.sts.get_caller_identity().send().await.map_err(|error| translate(OPERATION, &error))?;
        let account = identity.account().and_then(|id| id.parse().ok()).ok_or_else(|| malformed(OPERATION, "Account"))?;
        let caller = Caller { account, arn: identity.arn.unwrap_or_default() };
        Ok(self.base_caller.clone().into_iter().chain([caller]).collect())
    }

    async fn describe_organization(&self) -> Result<Organization, ApiError> {
        const OPERATION: &str = "organizations:DescribeOrganization";
        self.pace.wait("DescribeOrganization").await;
        let answer = self.organizations.describe_organization().send().await.map_err(|error| translate(OPERATION, &error))?;
        let found = answer.organization.ok_or_else(|| malformed(OPERATION, "Organization"))?;
        let partition = found.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        Ok(Organization {
            id: found.id().and_then(|id| id.parse().ok()).ok_or_else(|| malformed(OPERATION, "Id"))?,
            management_account_id: found
                .master_account_id()
                .and_then(|id| id.parse().ok())
                .ok_or_else(|| malformed(OPERATION, "MasterAccountId"))?,
            feature_set: found.feature_set().map_or_else(String::new, |set| set.as_str().to_owned()),
            partition,
        })
    }

    async fn root(&self) -> Result<Root, ApiError> {
        let roots = every_page!(self, "ListRoots", self.organizations.list_roots(), roots);
        let root = roots.into_iter().next().ok_or_else(|| malformed("organizations:ListRoots", "root"))?;
        let types = root.policy_types.unwrap_or_default().into_iter();
        let types = types.filter_map(|found| Some((found.r#type?.as_str().to_owned(), found.status?.as_str().to_owned())));
        let id = root.id.ok_or_else(|| malformed("organizations:ListRoots", "Id"))?;
        Ok(Root { id, policy_types: types.collect() })
    }

    async fn accounts(&self, next: Option<String>) -> Result<Page<Account>, ApiError> {
        const OPERATION: &str = "organizations:ListAccounts";
        self.pace.wait("ListAccounts").await;
        let page = self.organizations.list_accounts().set_next_token(next).send().await.map_err(|error| translate(OPERATION, &error))?;
        let items = page.accounts.unwrap_or_default().into_iter().map(|account| read_account(OPERATION, account));
        Ok(Page { items: items.collect::<Result<_, _>>()?, next: following(page.next_token) })
    }

    async fn describe_account(&self, id: AccountId) -> Result<Option<Account>, ApiError> {
        const OPERATION: &str = "organizations:DescribeAccount";
        self.pace.wait("DescribeAccount").await;
        match self.organizations.describe_account().account_id(id.to_string()).send().await {
            Ok(answer) => answer.account.map(|account| read_account(OPERATION, account)).transpose(),
            Err(error) => match translate(OPERATION, &error) {
                error if error.kind == ApiErrorKind::AccountNotFound => Ok(None),
                error => Err(error),
            },
        }
    }

    async fn parent_of(&self, child: &str) -> Result<String, ApiError> {
        let parents = every_page!(self, "ListParents", self.organizations.list_parents().child_id(child), parents);
        parents.into_iter().find_map(|parent| parent.id).ok_or_else(|| malformed("organizations:ListParents", "parent"))
    }

    async fn unit_name(&self, unit: &str) -> Result<String, ApiError> {
        const OPERATION: &str = "organizations:DescribeOrganizationalUnit";
        self.pace.wait("DescribeOrganizationalUnit").await;
        let request = self.organizations.describe_organizational_unit().organizational_unit_id(unit);
        let answer = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        answer.organizational_unit.and_then(|unit| unit.name).ok_or_else(|| malformed(OPERATION, "Name"))
    }

    async fn units_below(&self, parent: &str) -> Result<BTreeMap<String, String>, ApiError> {
        let request = || self.organizations.list_organizational_units_for_parent().parent_id(parent);
        let units = every_page!(self, "ListOrganizationalUnitsForParent", request(), organizational_units);
        Ok(units.into_iter().filter_map(|unit| Some((unit.id?, unit.name?))).collect())
    }

    async fn delegated_administrators(&self) -> Result<Vec<AccountId>, ApiError> {
        let request = || self.organizations.list_delegated_administrators();
        let found = every_page!(self, "ListDelegatedAdministrators", request(), delegated_administrators);
        let id = |administrator: sdk::DelegatedAdministrator| administrator.id.and_then(|id| id.parse().ok());
        let malformed = || malformed("organizations:ListDelegatedAdministrators", "Id");
        found.into_iter().map(|administrator| id(administrator).ok_or_else(malformed)).collect()
    }

    async fn delegated_services(&self, id: AccountId) -> Result<DelegatedServices, ApiError> {
        let request = || self.organizations.list_delegated_services_for_account().account_id(id.to_string());
        let found = every_page!(self, "ListDelegatedServicesForAccount", request(), delegated_services);
        Ok(found.into_iter().filter_map(|service| service.service_principal).collect())
    }

    async fn policies(&self) -> Result<Vec<PolicySummary>, ApiError> {
        let request = || self.organizations.list_policies().filter(sdk::PolicyType::ServiceControlPolicy);
        summaries("organizations:ListPolicies", every_page!(self, "ListPolicies", request(), policies))
    }

    async fn policies_at(&self, target: &str) -> Result<Vec<PolicySummary>, ApiError> {
        let request = || self.organizations.list_policies_for_target().target_id(target).filter(sdk::PolicyType::ServiceControlPolicy);
        summaries("organizations:ListPoliciesForTarget", every_page!(self, "ListPoliciesForTarget", request(), policies))
    }

    async fn policies_of_type_at(&self, target: AccountId, policy_type: &str) -> Result<Vec<String>, ApiError> {
        let request = || self.organizations.list_policies_for_target().target_id(target.to_string()).filter(policy_type.into());
        let policies = every_page!(self, "ListPoliciesForTarget", request(), policies);
        Ok(policies.into_iter().filter_map(|policy| policy.id).collect())
    }

    async fn targets_of(&self, policy: &str, next: Option<String>) -> Result<Page<String>, ApiError> {
        const OPERATION: &str = "organizations:ListTargetsForPolicy";
        self.pace.wait("ListTargetsForPolicy").await;
        let request = self.organizations.list_targets_for_policy().policy_id(policy).set_next_token(next);
        let page = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        let items = page.targets.unwrap_or_default().into_iter().filter_map(|target| target.target_id);
        Ok(Page { items: items.collect(), next: following(page.next_token) })
    }

    async fn policy_content(&self, policy: &str) -> Result<String, ApiError> {
        const OPERATION: &str = "organizations:DescribePolicy";
        self.pace.wait("DescribePolicy").await;
        let request = self.organizations.describe_policy().policy_id(policy);
        let answer = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        answer.policy.and_then(|policy| policy.content).ok_or_else(|| malformed(OPERATION, "Content"))
    }

    async fn service_access(&self) -> Result<BTreeSet<String>, ApiError> {
        let request = || self.organizations.list_aws_service_access_for_organization();
        let found = every_page!(self, "ListAWSServiceAccessForOrganization", request(), enabled_service_principals);
        Ok(found.into_iter().filter_map(|service| service.service_principal).collect())
    }

    async fn tags_of(&self, account: AccountId) -> Result<BTreeMap<String, String>, ApiError> {
        let request = || self.organizations.list_tags_for_resource().resource_id(account.to_string());
        let tags = every_page!(self, "ListTagsForResource", request(), tags);
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn contact_information_of(&self, account: AccountId) -> Result<ContactInformation, ApiError> {
        self.contact(Some(account)).await
    }

    async fn created_at_of(&self, account: AccountId) -> Result<Timestamp, ApiError> {
        self.created(Some(account)).await
    }

    fn expect(&self, operation: &'static str, more: i64) {
        self.meter.expect(operation, more);
    }

    fn requests(&self) -> BTreeMap<String, u64> {
        self.meter.requests()
    }

    fn last_clock_reading(&self) -> Option<ClockReading> {
        self.meter.clock()
    }
}

impl Aws {
    /// Handshakes of the caller's own account that nobody has answered yet.
    pub(super) async fn handshakes_that_wait(&self) -> Result<Vec<OpenHandshake>, ApiError> {
        let request = || self.organizations.list_handshakes_for_account();
        let found = every_page!(self, "ListHandshakesForAccount", request(), handshakes);
        let text = |text: Option<&str>| text.unwrap_or("(absent)").to_owned();
        let handshake = |found: &sdk::Handshake| OpenHandshake {
            id: text(found.id()),
            action: text(found.action().map(sdk::ActionType::as_str)),
            state: text(found.state().map(sdk::HandshakeState::as_str)),
        };
        let handshakes = found.iter().map(handshake);
        Ok(handshakes.filter(|handshake| matches!(handshake.state.as_str(), "REQUESTED" | "OPEN")).collect())
    }
}

impl RemoveMember for AwsWriter {
    async fn remove_account(&self, id: AccountId) -> Result<Receipt, ApiError> {
        let Self(aws) = self;
        // Sent once: after a lost answer the executor asks before it repeats.
        let once = Builder::default().retry_config(RetryConfig::disabled());
        let request = aws.organizations.remove_account_from_organization().account_id(id.to_string());
        let answer = request.customize().config_override(once).send().await;
        let answer = answer.map_err(|error| translate("organizations:RemoveAccountFromOrganization", &error))?;
        Ok(Receipt { request_id: aws_sdk_organizations::operation::RequestId::request_id(&answer).map(str::to_owned) })
    }
}

fn summaries(operation: &str, policies: Vec<sdk::PolicySummary>) -> Result<Vec<PolicySummary>, ApiError> {
    let summary = |policy: sdk::PolicySummary| {
        Ok(PolicySummary { id: policy.id.ok_or_else(|| malformed(operation, "Id"))?, name: policy.name.unwrap_or_default() })
    };
    policies.into_iter().map(summary).collect()
}

fn read_account(operation: &str, found: sdk::Account) -> Result<Account, ApiError> {
    let state = match (found.state(), legacy_status(&found)) {
        (Some(state), _) => AccountState::from(state.as_str().to_owned()),
        (None, Some(status)) => AccountState::from(status),
        (None, None) => AccountState::Other("(absent)".to_owned()),
    };
    let joined_at = found.joined_timestamp().and_then(|at| Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok());
    let joined_method = found.joined_method().map_or_else(|| "(absent)".to_owned(), |method| method.as_str().to_owned());
    let path = found.paths.as_ref().and_then(|paths| paths.first()).map(|path| OrganizationPath::from_account_path(path));
    Ok(Account {
        id: found.id.as_deref().and_then(|id| id.parse().ok()).ok_or_else(|| malformed(operation, "Id"))?,
        arn: found.arn.unwrap_or_default(),
        email: found.email.unwrap_or_default(),
        name: found.name.unwrap_or_default(),
        state,
        joined_method: JoinedMethod::from(joined_method),
        joined_at,
        path,
    })
}

/// `Status`, which AWS retired in favour of `State`: read only where there is no `State`.
#[allow(deprecated)]
fn legacy_status(account: &sdk::Account) -> Option<String> {
    account.status().map(|status| status.as_str().to_owned())
}
