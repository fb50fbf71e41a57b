//! How to reach AWS, and where journal and records live.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{OrganizationId, Spanned};

/// `provider "aws"`: how to reach the organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderSettings {
    /// Named profile of the shared AWS configuration.
    pub profile: Option<String>,
    /// Region for regional endpoints such as STS's.
    pub region: Option<String>,
    /// A role to assume first, usually in the management account.
    pub assume_role: Option<AssumeRole>,
    /// The role to assume in each member.
    pub member_role: MemberRole,
    /// The role to read with in each member, where plan may read there.
    pub member_read_role: Option<MemberRole>,
    /// Whether plan may open root sessions in members, to audit the root user's credentials. Apply always does.
    pub root_audit: bool,
    /// Condition keys that the tool can't see, as [`crate::org::Assumptions`] has them.
    pub context: BTreeMap<String, BTreeSet<String>>,
    /// Regions in which integrated services are asked what they hold of an account; empty for the one that the credentials lead to.
    pub regions: Vec<String>,
    /// The fixture of the embedded organization to use instead of AWS, relative to the configuration.
    pub sandbox: Option<Spanned<PathBuf>>,
    /// Share of AWS's documented request quotas to use, in percent (1 to 100).
    pub api_share_percent: u32,
}

/// A role to assume, with what its trust policy asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: String,
    /// External id.
    pub external_id: Option<String>,
    /// Session name; `orgroster` where absent.
    pub session_name: Option<String>,
}

/// The role that the tool assumes in a member account to make the call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct MemberRole {
    /// Role name with its path, such as `OrganizationAccountAccessRole` or `break-glass/Leaver`, or a whole ARN.
    pub name: String,
    /// External id that its trust policy asks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub external_id: Option<String>,
    /// Whether sessions that leave carry the plan's digest as their source identity, which the trust policy must allow
    /// (`sts:SetSourceIdentity`).
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub source_identity: bool,
}

impl Default for MemberRole {
    /// The role that CreateAccount makes by default (Organizations API reference, CreateAccount).
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

/// Where lock, journal and departure records live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// A folder, relative to the configuration.
    Local {
        /// The folder.
        path: PathBuf,
    },
    /// A prefix of an S3 bucket.
    S3 {
        /// Bucket name.
        bucket: String,
        /// Key prefix, ending in `/` unless empty. `None` until [`Backend::of`] says whose it is.
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

/// What a prefix begins with that the configuration does not give.
const DEFAULT_PREFIX: &str = "orgroster/";

impl Backend {
    /// The backend of an organization: its id is part of the default prefix, so that two organizations with one bucket don't meet.
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
