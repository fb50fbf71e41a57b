//! Services that are integrated with the organization. The SDK crate of each is a cargo feature. Without it, it is unknown what the service
//! has in an account.

use crate::api::{ApiError, ReadIntegrations};
use crate::org::{AccountId, ResourceShares};

use crate::aws::Aws;
use crate::aws::services::inside::where_built;

/// Used if the credentials set no region.
const DEFAULT_REGION: &str = "us-east-1";

#[cfg_attr(
    not(all(feature = "cloudformation", feature = "ssoadmin", feature = "ram", feature = "controltower", feature = "cloudtrail")),
    allow(clippy::unused_async, unused_variables)
)]
impl ReadIntegrations for Aws {
    fn region(&self) -> String {
        self.sdk.region().map_or_else(|| DEFAULT_REGION.to_owned(), ToString::to_string)
    }

    async fn stack_sets_that_delete(&self, region: &str, delegated: bool) -> Result<Vec<String>, ApiError> {
        where_built!("cloudformation", ListStackSets, cloudformation::stack_sets_that_delete(self, region, delegated).await)
    }

    async fn has_stacks(&self, region: &str, delegated: bool, stack_set: &str, account: AccountId) -> Result<bool, ApiError> {
        where_built!("cloudformation", ListStackInstances, cloudformation::has_stacks(self, region, delegated, stack_set, account).await)
    }

    async fn identity_centers(&self, region: &str) -> Result<Vec<String>, ApiError> {
        where_built!("ssoadmin", ListInstances, ssoadmin::instances(self, region).await)
    }

    async fn permission_sets(&self, region: &str, instance: &str, account: AccountId) -> Result<Vec<String>, ApiError> {
        where_built!("ssoadmin", ListPermissionSetsProvisionedToAccount, ssoadmin::permission_sets(self, region, instance, account).await)
    }

    async fn landing_zones(&self, region: &str) -> Result<Vec<String>, ApiError> {
        where_built!("controltower", ListLandingZones, controltower::landing_zones(self, region).await)
    }

    async fn landing_zone_accounts(&self, region: &str, arn: &str) -> Result<Vec<(String, AccountId)>, ApiError> {
        where_built!("controltower", GetLandingZone, controltower::landing_zone_accounts(self, region, arn).await)
    }

    async fn enabled_baselines(&self, region: &str, account_arn: &str) -> Result<Vec<String>, ApiError> {
        where_built!("controltower", ListEnabledBaselines, controltower::baselines(self, region, account_arn).await)
    }

    async fn organization_trails(&self, region: &str) -> Result<Vec<String>, ApiError> {
        where_built!("cloudtrail", DescribeTrails, cloudtrail::organization_trails(self, region).await)
    }
}

#[cfg_attr(not(feature = "ram"), allow(clippy::unused_async, unused_variables))]
impl Aws {
    /// Resource shares that the caller's account receives or owns.
    pub(in crate::aws) async fn shares(&self, regions: &[String]) -> Result<ResourceShares, ApiError> {
        let regions = if regions.is_empty() { vec![self.region()] } else { regions.to_vec() };
        where_built!("ram", GetResourceShares, ram::shares(self, regions).await)
    }
}

/// The client of a service's SDK crate in a region.
#[cfg(any(feature = "cloudformation", feature = "ssoadmin", feature = "ram", feature = "controltower", feature = "cloudtrail"))]
macro_rules! client {
    ($crate_name:ident, $aws:expr, $region:expr) => {{
        let region = aws_config::Region::new($region.to_owned());
        let config = $crate_name::config::Builder::from(&$aws.sdk).region(region).interceptor($aws.meter.clone()).build();
        $crate_name::Client::from_conf(config)
    }};
}

#[cfg(feature = "cloudformation")]
mod cloudformation {
    use aws_sdk_cloudformation::types::{CallAs, PermissionModels, StackSetStatus, StackSetSummary};

    use crate::api::{ApiError, Operation};
    use crate::aws::Aws;
    use crate::aws::wire::error::{malformed, translate};
    use crate::aws::wire::pages::every_page;
    use crate::org::AccountId;

    /// The role in which service-managed stack sets are listed: management account or delegated administrator.
    const fn call_as(delegated: bool) -> CallAs {
        if delegated { CallAs::DelegatedAdmin } else { CallAs::SelfValue }
    }

    /// Without automatic deployment, StackSets deletes nothing in an account that leaves (CloudFormation API reference, AutoDeployment).
    pub(super) async fn stack_sets_that_delete(aws: &Aws, region: &str, delegated: bool) -> Result<Vec<String>, ApiError> {
        let client = client!(aws_sdk_cloudformation, aws, region);
        let request = || client.list_stack_sets().status(StackSetStatus::Active).call_as(call_as(delegated));
        let sets = every_page!(aws, ListStackSets, request(), summaries);
        let deletes = |set: &StackSetSummary| {
            let automatic = set.auto_deployment().filter(|deployment| deployment.enabled() == Some(true));
            set.permission_model() == Some(&PermissionModels::ServiceManaged)
                && automatic.is_some_and(|deployment| deployment.retain_stacks_on_account_removal() != Some(true))
        };
        let names = sets.into_iter().filter(deletes).map(|set| set.stack_set_name).collect::<Option<_>>();
        names.ok_or_else(|| malformed(Operation::ListStackSets, "StackSetName"))
    }

    pub(super) async fn has_stacks(
        aws: &Aws,
        region: &str,
        delegated: bool,
        stack_set: &str,
        account: AccountId,
    ) -> Result<bool, ApiError> {
        let client = client!(aws_sdk_cloudformation, aws, region);
        let request = || {
            let request = client.list_stack_instances().stack_set_name(stack_set).call_as(call_as(delegated));
            request.stack_instance_account(account.to_string())
        };
        Ok(!every_page!(aws, ListStackInstances, request(), summaries).is_empty())
    }
}

#[cfg(feature = "ssoadmin")]
mod ssoadmin {
    use crate::api::{ApiError, Operation};
    use crate::aws::Aws;
    use crate::aws::wire::error::{malformed, translate};
    use crate::aws::wire::pages::every_page;
    use crate::org::AccountId;

    pub(super) async fn instances(aws: &Aws, region: &str) -> Result<Vec<String>, ApiError> {
        let client = client!(aws_sdk_ssoadmin, aws, region);
        let instances = every_page!(aws, ListInstances, client.list_instances(), instances);
        let arns = instances.into_iter().map(|instance| instance.instance_arn).collect::<Option<_>>();
        arns.ok_or_else(|| malformed(Operation::ListInstances, "InstanceArn"))
    }

    pub(super) async fn permission_sets(aws: &Aws, region: &str, instance: &str, account: AccountId) -> Result<Vec<String>, ApiError> {
        let client = client!(aws_sdk_ssoadmin, aws, region);
        let request = || client.list_permission_sets_provisioned_to_account().instance_arn(instance).account_id(account.to_string());
        Ok(every_page!(aws, ListPermissionSetsProvisionedToAccount, request(), permission_sets))
    }
}

#[cfg(feature = "controltower")]
mod controltower {
    use std::collections::HashMap;

    use aws_smithy_types::Document;

    use aws_sdk_controltower::types::EnabledBaselineFilter;

    use crate::api::{ApiError, Operation};
    use crate::aws::Aws;
    use crate::aws::wire::error::{malformed, translate};
    use crate::aws::wire::pages::every_page;
    use crate::org::AccountId;

    /// A landing zone is listed only in its home region (Control Tower API reference, ListLandingZones).
    pub(super) async fn landing_zones(aws: &Aws, region: &str) -> Result<Vec<String>, ApiError> {
        let client = client!(aws_sdk_controltower, aws, region);
        let zones = every_page!(aws, ListLandingZones, client.list_landing_zones(), landing_zones);
        let arns = zones.into_iter().map(|zone| zone.arn).collect::<Option<_>>();
        arns.ok_or_else(|| malformed(Operation::ListLandingZones, "arn"))
    }

    /// A manifest contains accounts as `accountId` in their purpose's section, such as `centralizedLogging`.
    pub(super) async fn landing_zone_accounts(aws: &Aws, region: &str, arn: &str) -> Result<Vec<(String, AccountId)>, ApiError> {
        const OPERATION: Operation = Operation::GetLandingZone;
        aws.pace.wait(OPERATION).await;
        let client = client!(aws_sdk_controltower, aws, region);
        let answer = client.get_landing_zone().landing_zone_identifier(arn).send().await.map_err(|error| translate(OPERATION, &error))?;
        let manifest = answer.landing_zone.ok_or_else(|| malformed(OPERATION, "landingZone"))?.manifest;
        let members = manifest.as_object().ok_or_else(|| malformed(OPERATION, "manifest"))?;
        let mut accounts = Vec::new();
        accounts_of("", members, &mut accounts)?;
        accounts.sort();
        Ok(accounts)
    }

    /// Accounts at any depth, such as that of `backup.configurations.centralBackup`: the manifest's layout depends on the landing zone's
    /// version.
    fn accounts_of(purpose: &str, members: &HashMap<String, Document>, accounts: &mut Vec<(String, AccountId)>) -> Result<(), ApiError> {
        for (name, member) in members {
            if name == "accountId" {
                let id = member.as_string().and_then(|id| id.parse().ok());
                accounts.push((format!("{purpose} account"), id.ok_or_else(|| malformed(Operation::GetLandingZone, "accountId"))?));
            } else if let Some(inner) = member.as_object() {
                let path = if purpose.is_empty() { name.clone() } else { format!("{purpose}.{name}") };
                accounts_of(&path, inner, accounts)?;
            }
        }
        Ok(())
    }

    /// The baselines of accounts are listed as children of their units' baselines.
    pub(super) async fn baselines(aws: &Aws, region: &str, account_arn: &str) -> Result<Vec<String>, ApiError> {
        let client = client!(aws_sdk_controltower, aws, region);
        let filter = EnabledBaselineFilter::builder().target_identifiers(account_arn).build();
        let request = || client.list_enabled_baselines().filter(filter.clone()).include_children(true);
        let baselines = every_page!(aws, ListEnabledBaselines, request(), enabled_baselines);
        Ok(baselines.into_iter().map(|baseline| baseline.baseline_identifier).collect())
    }
}

#[cfg(feature = "cloudtrail")]
mod cloudtrail {
    use crate::api::{ApiError, Operation};
    use crate::aws::Aws;
    use crate::aws::wire::error::{malformed, translate};

    pub(super) async fn organization_trails(aws: &Aws, region: &str) -> Result<Vec<String>, ApiError> {
        const OPERATION: Operation = Operation::DescribeTrails;
        aws.pace.wait(Operation::DescribeTrails).await;
        let client = client!(aws_sdk_cloudtrail, aws, region);
        let answer = client.describe_trails().send().await.map_err(|error| translate(OPERATION, &error))?;
        let trails = answer.trail_list.unwrap_or_default().into_iter().filter(|trail| trail.is_organization_trail == Some(true));
        trails.map(|trail| trail.name).collect::<Option<_>>().ok_or_else(|| malformed(OPERATION, "Name"))
    }
}

#[cfg(feature = "ram")]
mod ram {
    use std::collections::BTreeSet;

    use aws_sdk_ram::types::{ResourceOwner, ResourceShareStatus};

    use crate::api::{ApiError, Operation};
    use crate::aws::Aws;
    use crate::aws::wire::error::{malformed, translate};
    use crate::aws::wire::pages::every_page;
    use crate::org::{ResourceShare, ResourceShares};

    pub(super) async fn shares(aws: &Aws, regions: Vec<String>) -> Result<ResourceShares, ApiError> {
        let mut shares = Vec::new();
        for region in &regions {
            shares.extend(shares_of(aws, region, ResourceOwner::OtherAccounts).await?);
            shares.extend(shares_of(aws, region, ResourceOwner::SelfValue).await?);
        }
        Ok(ResourceShares { shares, regions })
    }

    async fn shares_of(aws: &Aws, region: &str, owner: ResourceOwner) -> Result<Vec<ResourceShare>, ApiError> {
        let client = client!(aws_sdk_ram, aws, region);
        let request = || client.get_resource_shares().resource_owner(owner.clone()).resource_share_status(ResourceShareStatus::Active);
        let found = every_page!(aws, GetResourceShares, request(), resource_shares);
        // Only the owner of a share can list its principals.
        let shared_inside = if owner == ResourceOwner::SelfValue && !found.is_empty() {
            let request = || client.list_principals().resource_owner(ResourceOwner::SelfValue);
            let principals = every_page!(aws, ListPrincipals, request(), principals);
            let inside = principals.into_iter().filter(|principal| principal.external != Some(true));
            inside.filter_map(|principal| principal.resource_share_arn).collect()
        } else {
            BTreeSet::new()
        };
        let share = |share: aws_sdk_ram::types::ResourceShare| {
            let owner = share.owning_account_id().and_then(|id| id.parse().ok());
            Ok(ResourceShare {
                owner: owner.ok_or_else(|| malformed(Operation::GetResourceShares, "owningAccountId"))?,
                region: region.to_owned(),
                retained: share
                    .resource_share_configuration()
                    .and_then(|configuration| configuration.retain_sharing_on_account_leave_organization())
                    .unwrap_or_default(),
                shared_inside: share.resource_share_arn().is_some_and(|arn| shared_inside.contains(arn)),
                name: share.name.unwrap_or_else(|| "a share without a name".to_owned()),
            })
        };
        found.into_iter().map(share).collect()
    }
}
