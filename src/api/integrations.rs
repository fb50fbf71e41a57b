//! What integrated services return about accounts that leave.

use std::future::Future;

use crate::org::AccountId;

use super::{Answering, ApiError};

/// Reads integrated services, from the management account or a delegated administrator.
pub trait ReadIntegrations: Answering {
    /// The default region for reads.
    fn region(&self) -> String;
    /// Names of service-managed stack sets that delete their stacks in accounts that leave (cloudformation:ListStackSets).
    fn stack_sets_that_delete(&self, region: &str, delegated: bool) -> impl Future<Output = Result<Vec<String>, ApiError>>;
    /// Whether a stack set has a stack in an account (cloudformation:ListStackInstances).
    fn has_stacks(
        &self,
        region: &str,
        delegated: bool,
        stack_set: &str,
        account: AccountId,
    ) -> impl Future<Output = Result<bool, ApiError>>;
    /// ARNs of Identity Center's instances whose home is the region (sso:ListInstances).
    fn identity_centers(&self, region: &str) -> impl Future<Output = Result<Vec<String>, ApiError>>;
    /// ARNs of the permission sets that an instance provisioned to an account (sso:ListPermissionSetsProvisionedToAccount).
    fn permission_sets(&self, region: &str, instance: &str, account: AccountId) -> impl Future<Output = Result<Vec<String>, ApiError>>;
    /// ARNs of landing zones whose home is the region (controltower:ListLandingZones).
    fn landing_zones(&self, region: &str) -> impl Future<Output = Result<Vec<String>, ApiError>>;
    /// Accounts that a landing zone depends on, each with its purpose in the manifest (controltower:GetLandingZone).
    fn landing_zone_accounts(&self, region: &str, arn: &str) -> impl Future<Output = Result<Vec<(String, AccountId)>, ApiError>>;
    /// Names of the baselines that are enabled on an account, by its ARN (controltower:ListEnabledBaselines).
    fn enabled_baselines(&self, region: &str, account_arn: &str) -> impl Future<Output = Result<Vec<String>, ApiError>>;
    /// Names of the organization's trails (cloudtrail:DescribeTrails).
    fn organization_trails(&self, region: &str) -> impl Future<Output = Result<Vec<String>, ApiError>>;
}
