//! Settings for reaching AWS, and for storing the journal and the records.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{OrganizationId, Spanned};

/// The `provider "aws"` block: how to reach the organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderSettings {
    /// A profile of the shared AWS configuration.
    pub profile: Option<String>,
    /// The region of regional endpoints, such as STS's.
    pub region: Option<String>,
    /// A role to assume first, usually in the management account.
    pub assume_role: Option<AssumeRole>,
    /// The role to assume in each member.
    pub member_role: MemberRole,
    /// The role with which plan reads in each member; `None` if plan may not read there.
    pub member_read_role: Option<MemberRole>,
    /// Whether plan may open root sessions in members, to audit the root user's credentials. Apply always does.
    pub root_audit: bool,
    /// Values of condition keys that the program can't read, as in [`crate::org::Assumptions`].
    pub context: BTreeMap<String, BTreeSet<String>>,
    /// Regions in which integrated services are queried about an account; if empty, the region of the credentials.
    pub regions: Vec<String>,
    /// The fixture of the embedded organization to use instead of AWS, relative to the configuration.
    pub sandbox: Option<Spanned<PathBuf>>,
    /// The share of AWS's documented request quotas to use, in percent (1 to 100).
    pub api_share_percent: u32,
}

/// A role to assume, with the values that its trust policy requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumeRole {
    /// The ARN of the role.
    pub role_arn: String,
    /// The external id.
    pub external_id: Option<String>,
    /// The session name; `orgroster` if absent.
    pub session_name: Option<String>,
}

/// The role that orgroster assumes in a member account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct MemberRole {
    /// The role's name with its path, such as `OrganizationAccountAccessRole` or `break-glass/Leaver`, or its ARN.
    pub name: String,
    /// The external id that the role's trust policy requires.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub external_id: Option<String>,
    /// Whether the session that makes the call has the plan's digest as its source identity. The trust policy must allow
    /// `sts:SetSourceIdentity`.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub source_identity: bool,
}

impl Default for MemberRole {
    /// The role that CreateAccount creates by default (Organizations API reference, CreateAccount).
    fn default() -> Self {
        Self { name: "OrganizationAccountAccessRole".to_owned(), external_id: None, source_identity: false }
    }
}

impl MemberRole {
    /// The role's ARN in one account of one partition (`aws`, `aws-cn`, `aws-us-gov`).
    #[must_use]
    pub fn arn(&self, partition: &str, account: crate::org::AccountId) -> String {
        if self.name.starts_with("arn:") {
            self.name.clone()
        } else {
            format!("arn:{partition}:iam::{account}:role/{}", self.name.trim_start_matches('/'))
        }
    }
}

/// Where the lock, the journal and the records are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// A folder, relative to the configuration's directory.
    Local {
        /// The folder.
        path: PathBuf,
    },
    /// A prefix of an S3 bucket.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The key prefix, ending in `/` unless empty. `None` until [`Backend::of`] sets the default.
        prefix: Option<String>,
        /// The bucket's region.
        region: Option<String>,
    },
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { path } => write!(formatter, "{}", path.display()),
            Self::S3 { bucket, prefix, .. } => write!(formatter, "s3://{bucket}/{}", prefix.as_deref().unwrap_or(DEFAULT_PREFIX)),
        }
    }
}

/// The start of the default prefix, for a configuration without one.
const DEFAULT_PREFIX: &str = "orgroster/";

impl Backend {
    /// The backend of an organization. Its id is part of the default prefix, so that two organizations can share a bucket.
    #[must_use]
    pub fn of(self, organization: &OrganizationId) -> Self {
        match self {
            Self::S3 { bucket, prefix, region } => {
                let prefix = prefix.or_else(|| Some(format!("{DEFAULT_PREFIX}{organization}/")));
                Self::S3 { bucket, prefix, region }
            }
            local @ Self::Local { .. } => local,
        }
    }
}

impl Default for Backend {
    fn default() -> Self {
        Self::Local { path: PathBuf::from(".orgroster") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_role_is_a_name_with_path_or_an_arn() {
        let account = "333333333333".parse().unwrap();
        let role = |name: &str| MemberRole { name: name.into(), ..MemberRole::default() }.arn("aws-cn", account);
        assert_eq!(role("OrganizationAccountAccessRole"), "arn:aws-cn:iam::333333333333:role/OrganizationAccountAccessRole");
        assert_eq!(role("/break-glass/Leaver"), "arn:aws-cn:iam::333333333333:role/break-glass/Leaver");
        assert_eq!(role("arn:aws:iam::333333333333:role/X"), "arn:aws:iam::333333333333:role/X");
    }
}
