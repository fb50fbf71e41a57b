//! Root users of members, if the organization manages them centrally (IAM user guide, "Centralize root access for member accounts").

use std::future::Future;

use jiff::Timestamp;

use crate::org::{AccountId, RootUser};

use super::{Answering, ApiError};

/// The service whose trusted access central root access needs.
pub const IAM: &str = "iam.amazonaws.com";

/// Audits root users, from the management account or IAM's delegated administrator.
pub trait AuditRoot: Answering {
    /// Whether the organization manages root credentials centrally (iam:ListOrganizationsFeatures).
    fn manages_root(&self) -> impl Future<Output = Result<bool, ApiError>>;
    /// The root user of a member, and when it was read: one session that can only audit credentials (sts:AssumeRoot), and two reads with it
    /// (iam:GetLoginProfile, iam:ListMFADevices).
    fn root_user(&self, account: AccountId) -> impl Future<Output = Result<(RootUser, Timestamp), ApiError>>;
}
