//! Reading the organization, and removing a member from it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::config::Builder;
use aws_sdk_organizations::types as sdk;
use aws_smithy_types::retry::RetryConfig;
use jiff::Timestamp;

use crate::api::{Answering, ApiError, ApiErrorKind, ClockReading, Operation, Page, ReadOrganization, Receipt, RemoveMember, TakeIn};
use crate::org::{
    Account, AccountId, AccountState, Answers, Caller, ContactInformation, DelegatedServices, Handshake, JoinedMethod, Organization,
    OrganizationPath, Party, PolicySummary, Root,
};

use crate::aws::wire::error::{malformed, translate};
use crate::aws::wire::pages::every_page;
use crate::aws::{Aws, AwsWriter};

impl Answering for Aws {
    fn answers(&self) -> Answers {
        self.meter.answers()
    }

    fn answered(&self, operation: Operation, subject: Option<&str>) -> Option<Timestamp> {
        self.meter.answered(operation, subject)
    }
}

impl ReadOrganization for Aws {
    async fn callers(&self) -> Result<Vec<Caller>, ApiError> {
        const OPERATION: Operation = Operation::GetCallerIdentity;
        let identity = self.sts.get_caller_identity().send().await.map_err(|error| translate(OPERATION, &error))?;
        let account = identity.account().and_then(|id| id.parse().ok()).ok_or_else(|| malformed(OPERATION, "Account"))?;
        let arn = identity.arn.ok_or_else(|| malformed(OPERATION, "Arn"))?;
        let caller = Caller { account, arn };
        Ok(self.base_caller.clone().into_iter().chain([caller]).collect())
    }

    async fn describe_organization(&self) -> Result<Organization, ApiError> {
        const OPERATION: Operation = Operation::DescribeOrganization;
        self.pace.wait(Operation::DescribeOrganization).await;
        let answer = self.organizations.describe_organization().send().await.map_err(|error| translate(OPERATION, &error))?;
        let found = answer.organization.ok_or_else(|| malformed(OPERATION, "Organization"))?;
        let partition = found.arn().and_then(|arn| arn.split(':').nth(1)).filter(|partition| !partition.is_empty());
        Ok(Organization {
            id: found.id().and_then(|id| id.parse().ok()).ok_or_else(|| malformed(OPERATION, "Id"))?,
            management_account_id: found
                .master_account_id()
                .and_then(|id| id.parse().ok())
                .ok_or_else(|| malformed(OPERATION, "MasterAccountId"))?,
            feature_set: found.feature_set().ok_or_else(|| malformed(OPERATION, "FeatureSet"))?.as_str().to_owned(),
            partition: partition.ok_or_else(|| malformed(OPERATION, "Arn"))?.to_owned(),
        })
    }

    async fn root(&self) -> Result<Root, ApiError> {
        const OPERATION: Operation = Operation::ListRoots;
        let roots = every_page!(self, ListRoots, self.organizations.list_roots(), roots);
        let root = roots.into_iter().next().ok_or_else(|| malformed(OPERATION, "root"))?;
        let types = root.policy_types.ok_or_else(|| malformed(OPERATION, "PolicyTypes"))?;
        let read = |found: sdk::PolicyTypeSummary| Some((found.r#type?.as_str().to_owned(), found.status?.as_str().to_owned()));
        let policy_types = types.into_iter().map(read).collect::<Option<_>>().ok_or_else(|| malformed(OPERATION, "PolicyTypes"))?;
        Ok(Root { id: root.id.ok_or_else(|| malformed(OPERATION, "Id"))?, policy_types })
    }

    async fn accounts(&self, next: Option<String>) -> Result<Page<Account>, ApiError> {
        const OPERATION: Operation = Operation::ListAccounts;
        self.pace.wait(Operation::ListAccounts).await;
        let page = self.organizations.list_accounts().set_next_token(next).send().await.map_err(|error| translate(OPERATION, &error))?;
        let items = page.accounts.unwrap_or_default().into_iter().map(|account| read_account(OPERATION, account));
        Ok(Page { items: items.collect::<Result<_, _>>()?, next: page.next_token })
    }

    async fn describe_account(&self, id: AccountId) -> Result<Option<Account>, ApiError> {
        const OPERATION: Operation = Operation::DescribeAccount;
        self.pace.wait(Operation::DescribeAccount).await;
        match self.organizations.describe_account().account_id(id.to_string()).send().await {
            Ok(answer) => {
                let found = read_account(OPERATION, answer.account.ok_or_else(|| malformed(OPERATION, "Account"))?)?;
                if found.id == id { Ok(Some(found)) } else { Err(malformed(OPERATION, &format!("Id: it is {} instead of {id}", found.id))) }
            }
            Err(error) => match translate(OPERATION, &error) {
                error if error.kind == ApiErrorKind::AccountNotFound => Ok(None),
                error => Err(error),
            },
        }
    }

    async fn parent_of(&self, child: &str) -> Result<String, ApiError> {
        let parents = every_page!(self, ListParents, self.organizations.list_parents().child_id(child), parents);
        parents.into_iter().find_map(|parent| parent.id).ok_or_else(|| malformed(Operation::ListParents, "parent"))
    }

    async fn unit_name(&self, unit: &str) -> Result<String, ApiError> {
        const OPERATION: Operation = Operation::DescribeOrganizationalUnit;
        self.pace.wait(Operation::DescribeOrganizationalUnit).await;
        let request = self.organizations.describe_organizational_unit().organizational_unit_id(unit);
        let answer = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        answer.organizational_unit.and_then(|unit| unit.name).ok_or_else(|| malformed(OPERATION, "Name"))
    }

    async fn units_below(&self, parent: &str) -> Result<BTreeMap<String, String>, ApiError> {
        let request = || self.organizations.list_organizational_units_for_parent().parent_id(parent);
        let units = every_page!(self, ListOrganizationalUnitsForParent, request(), organizational_units);
        let read = |unit: sdk::OrganizationalUnit| Some((unit.id?, unit.name?));
        let units = units.into_iter().map(read).collect::<Option<_>>();
        units.ok_or_else(|| malformed(Operation::ListOrganizationalUnitsForParent, "Id or Name"))
    }

    async fn delegated_administrators(&self) -> Result<Vec<AccountId>, ApiError> {
        let request = || self.organizations.list_delegated_administrators();
        let found = every_page!(self, ListDelegatedAdministrators, request(), delegated_administrators);
        let id = |administrator: sdk::DelegatedAdministrator| administrator.id.and_then(|id| id.parse().ok());
        let malformed = || malformed(Operation::ListDelegatedAdministrators, "Id");
        found.into_iter().map(|administrator| id(administrator).ok_or_else(malformed)).collect()
    }

    async fn delegated_services(&self, id: AccountId) -> Result<DelegatedServices, ApiError> {
        let request = || self.organizations.list_delegated_services_for_account().account_id(id.to_string());
        let found = every_page!(self, ListDelegatedServicesForAccount, request(), delegated_services);
        let services = found.into_iter().map(|service| service.service_principal).collect::<Option<_>>();
        services.ok_or_else(|| malformed(Operation::ListDelegatedServicesForAccount, "ServicePrincipal"))
    }

    async fn policies(&self, policy_type: &str) -> Result<Vec<PolicySummary>, ApiError> {
        let request = || self.organizations.list_policies().filter(policy_type.into());
        summaries(Operation::ListPolicies, every_page!(self, ListPolicies, request(), policies))
    }

    async fn policies_at(&self, target: &str) -> Result<Vec<PolicySummary>, ApiError> {
        let request = || self.organizations.list_policies_for_target().target_id(target).filter(sdk::PolicyType::ServiceControlPolicy);
        summaries(Operation::ListPoliciesForTarget, every_page!(self, ListPoliciesForTarget, request(), policies))
    }

    async fn policies_of_type_at(&self, target: &str, policy_type: &str) -> Result<Vec<String>, ApiError> {
        let request = || self.organizations.list_policies_for_target().target_id(target.to_string()).filter(policy_type.into());
        let policies = every_page!(self, ListPoliciesForTarget, request(), policies);
        let ids = policies.into_iter().map(|policy| policy.id).collect::<Option<_>>();
        ids.ok_or_else(|| malformed(Operation::ListPoliciesForTarget, "Id"))
    }

    async fn targets_of(&self, policy: &str, next: Option<String>) -> Result<Page<String>, ApiError> {
        const OPERATION: Operation = Operation::ListTargetsForPolicy;
        self.pace.wait(Operation::ListTargetsForPolicy).await;
        let request = self.organizations.list_targets_for_policy().policy_id(policy).set_next_token(next);
        let page = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        let items = page.targets.unwrap_or_default().into_iter().map(|target| target.target_id).collect::<Option<_>>();
        Ok(Page { items: items.ok_or_else(|| malformed(OPERATION, "TargetId"))?, next: page.next_token })
    }

    async fn policy_content(&self, policy: &str) -> Result<String, ApiError> {
        const OPERATION: Operation = Operation::DescribePolicy;
        self.pace.wait(Operation::DescribePolicy).await;
        let request = self.organizations.describe_policy().policy_id(policy);
        let answer = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        answer.policy.and_then(|policy| policy.content).ok_or_else(|| malformed(OPERATION, "Content"))
    }

    async fn sent_handshakes(&self) -> Result<Vec<Handshake>, ApiError> {
        let request = || self.organizations.list_handshakes_for_organization();
        let found = every_page!(self, ListHandshakesForOrganization, request(), handshakes);
        read_handshakes(Operation::ListHandshakesForOrganization, &found)
    }

    async fn describe_handshake(&self, id: &str) -> Result<Option<Handshake>, ApiError> {
        const OPERATION: Operation = Operation::DescribeHandshake;
        self.pace.wait(OPERATION).await;
        match self.organizations.describe_handshake().handshake_id(id).send().await {
            Ok(answer) => {
                let found = answer.handshake.as_ref().and_then(read_handshake).filter(|found| found.id == id);
                found.map(Some).ok_or_else(|| malformed(OPERATION, "Handshake of this id"))
            }
            Err(error) => match translate(OPERATION, &error) {
                error if error.code.as_deref() == Some("HandshakeNotFoundException") => Ok(None),
                error => Err(error),
            },
        }
    }

    async fn account_quota(&self) -> Result<u64, ApiError> {
        self.quota_of_accounts().await
    }

    async fn service_access(&self) -> Result<BTreeSet<String>, ApiError> {
        let request = || self.organizations.list_aws_service_access_for_organization();
        let found = every_page!(self, ListAWSServiceAccessForOrganization, request(), enabled_service_principals);
        let services = found.into_iter().map(|service| service.service_principal).collect::<Option<_>>();
        services.ok_or_else(|| malformed(Operation::ListAWSServiceAccessForOrganization, "ServicePrincipal"))
    }

    async fn tags_of(&self, account: AccountId) -> Result<BTreeMap<String, String>, ApiError> {
        let request = || self.organizations.list_tags_for_resource().resource_id(account.to_string());
        let tags = every_page!(self, ListTagsForResource, request(), tags);
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn effective_policy(&self, account: AccountId, policy_type: &str) -> Result<Option<String>, ApiError> {
        const OPERATION: Operation = Operation::DescribeEffectivePolicy;
        self.pace.wait(OPERATION).await;
        // Pass AWS's type names through: the SDK's list of them lags behind.
        let request = self.organizations.describe_effective_policy().policy_type(policy_type.into()).target_id(account.to_string());
        match request.send().await {
            Ok(answer) => {
                let content = answer.effective_policy.and_then(|policy| policy.policy_content);
                content.map(Some).ok_or_else(|| malformed(OPERATION, "PolicyContent"))
            }
            Err(error) => match translate(OPERATION, &error) {
                error if error.code.as_deref() == Some("EffectivePolicyNotFoundException") => Ok(None),
                error => Err(error),
            },
        }
    }

    async fn resource_policy(&self) -> Result<Option<String>, ApiError> {
        const OPERATION: Operation = Operation::DescribeResourcePolicy;
        self.pace.wait(OPERATION).await;
        match self.organizations.describe_resource_policy().send().await {
            Ok(answer) => {
                let content = answer.resource_policy.and_then(|policy| policy.content);
                content.map(Some).ok_or_else(|| malformed(OPERATION, "Content"))
            }
            Err(error) => match translate(OPERATION, &error) {
                error if error.code.as_deref() == Some("ResourcePolicyNotFoundException") => Ok(None),
                error => Err(error),
            },
        }
    }

    async fn contact_information_of(&self, account: AccountId) -> Result<ContactInformation, ApiError> {
        self.contact(Some(account)).await
    }

    async fn created_at_of(&self, account: AccountId) -> Result<Timestamp, ApiError> {
        self.created(Some(account)).await
    }

    fn expect(&self, operation: Operation, more: i64) {
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
    /// Handshakes of the caller's own account that are still unanswered.
    pub(in crate::aws) async fn pending_handshakes(&self) -> Result<Vec<Handshake>, ApiError> {
        let request = || self.organizations.list_handshakes_for_account();
        let found = every_page!(self, ListHandshakesForAccount, request(), handshakes);
        let handshakes = read_handshakes(Operation::ListHandshakesForAccount, &found)?;
        Ok(handshakes.into_iter().filter(|handshake| !handshake.is_concluded()).collect())
    }
}

fn read_handshakes(operation: Operation, found: &[sdk::Handshake]) -> Result<Vec<Handshake>, ApiError> {
    let handshakes = found.iter().map(read_handshake).collect::<Option<Vec<_>>>();
    handshakes.ok_or_else(|| malformed(operation, "Id, Action or State"))
}

fn read_handshake(found: &sdk::Handshake) -> Option<Handshake> {
    let party = |found: &sdk::HandshakeParty| Party { id: found.id().to_owned(), kind: found.r#type().as_str().to_owned() };
    let time = |at: &aws_smithy_types::DateTime| Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok();
    Some(Handshake {
        id: found.id()?.to_owned(),
        action: found.action()?.as_str().to_owned(),
        state: found.state()?.as_str().to_owned(),
        arn: found.arn().unwrap_or_default().to_owned(),
        parties: found.parties().iter().map(party).collect(),
        requested_at: found.requested_timestamp().and_then(time),
        expires_at: found.expiration_timestamp().and_then(time),
    })
}

impl TakeIn for AwsWriter {
    async fn invite(&self, id: AccountId) -> Result<(String, Receipt), ApiError> {
        const OPERATION: Operation = Operation::InviteAccountToOrganization;
        let Self(aws) = self;
        let party = sdk::HandshakeParty::builder().id(id.to_string()).r#type(sdk::HandshakePartyType::Account).build();
        let party = party.map_err(|_| malformed(OPERATION, "request"))?;
        // Sent once: after a lost answer, the executor reads the state before it repeats the call.
        let once = Builder::default().retry_config(RetryConfig::disabled());
        let request = aws.organizations.invite_account_to_organization().target(party);
        let answer = request.customize().config_override(once).send().await.map_err(|error| translate(OPERATION, &error))?;
        let request_id = aws_sdk_organizations::operation::RequestId::request_id(&answer).map(str::to_owned);
        let sent = answer.handshake.as_ref().and_then(read_handshake);
        let names = |sent: &Handshake| sent.parties.iter().any(|party| party.kind == "ACCOUNT" && party.id == id.to_string());
        let invited = sent.filter(|sent| sent.is_invitation() && names(sent));
        invited.map(|sent| (sent.id, Receipt { request_id })).ok_or_else(|| malformed(OPERATION, "Handshake of this account"))
    }

    async fn tag_account(&self, id: AccountId, tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
        const OPERATION: Operation = Operation::TagResource;
        let Self(aws) = self;
        aws.pace.wait(OPERATION).await;
        let tag = |(key, value): (&String, &String)| sdk::Tag::builder().key(key).value(value).build();
        let tags = tags.iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(|_| malformed(OPERATION, "request"))?;
        let request = aws.organizations.tag_resource().resource_id(id.to_string()).set_tags(Some(tags));
        request.send().await.map(|_| ()).map_err(|error| translate(OPERATION, &error))
    }

    async fn move_account(&self, id: AccountId, from: &str, to: &str) -> Result<Receipt, ApiError> {
        const OPERATION: Operation = Operation::MoveAccount;
        let Self(aws) = self;
        let once = Builder::default().retry_config(RetryConfig::disabled());
        let request = aws.organizations.move_account().account_id(id.to_string()).source_parent_id(from).destination_parent_id(to);
        let answer = request.customize().config_override(once).send().await.map_err(|error| translate(OPERATION, &error))?;
        Ok(Receipt { request_id: aws_sdk_organizations::operation::RequestId::request_id(&answer).map(str::to_owned) })
    }
}

impl RemoveMember for AwsWriter {
    async fn remove_account(&self, id: AccountId) -> Result<Receipt, ApiError> {
        let Self(aws) = self;
        // Sent once: after a lost answer, the executor reads the state before it repeats the call.
        let once = Builder::default().retry_config(RetryConfig::disabled());
        let request = aws.organizations.remove_account_from_organization().account_id(id.to_string());
        let answer = request.customize().config_override(once).send().await;
        let answer = answer.map_err(|error| translate(Operation::RemoveAccountFromOrganization, &error))?;
        Ok(Receipt { request_id: aws_sdk_organizations::operation::RequestId::request_id(&answer).map(str::to_owned) })
    }
}

fn summaries(operation: Operation, policies: Vec<sdk::PolicySummary>) -> Result<Vec<PolicySummary>, ApiError> {
    let summary = |policy: sdk::PolicySummary| {
        Ok(PolicySummary { id: policy.id.ok_or_else(|| malformed(operation, "Id"))?, name: policy.name.unwrap_or_default() })
    };
    policies.into_iter().map(summary).collect()
}

fn read_account(operation: Operation, found: sdk::Account) -> Result<Account, ApiError> {
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

/// `Status`, which AWS replaced with `State`. It is read only if there is no `State`.
#[allow(deprecated)]
fn legacy_status(account: &sdk::Account) -> Option<String> {
    account.status().map(|status| status.as_str().to_owned())
}
