//! Who can resolve a gate.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who can resolve a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The maintainers of the configuration, in a reviewed change.
    Configuration,
    /// An administrator of the management account.
    ManagementAdministrator,
    /// The root user of the member account, or the person who controls its mailbox.
    MemberRoot,
    /// An administrator of the member account.
    MemberAdministrator,
    /// The people who pay for the account.
    Finance,
    /// An administrator of the organization to which the account moves.
    OtherOrganization,
    /// AWS Support.
    Support,
}

impl fmt::Display for Who {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Configuration => "a maintainer of this configuration",
            Self::ManagementAdministrator => "an administrator of the management account",
            Self::MemberRoot => "the member account's root user",
            Self::MemberAdministrator => "an administrator of the member account",
            Self::Finance => "finance, with the member account's root user",
            Self::OtherOrganization => "an administrator of the target organization",
            Self::Support => "AWS Support",
        })
    }
}
