//! A live account, as Organizations describes it.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Arn, DateTime, UnitId};

/// AWS's enumerations are in capitals; a value that AWS left out is written `(absent)`.
const OPEN_ENUM: &str = r"^([A-Z][A-Z0-9_]*|\(absent\))$";

/// Defines an open enumeration of AWS: the values known today, and any other value from AWS, verbatim.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A value that this version does not know.
            Other(String),
        }

        impl $name {
            /// The value as AWS writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "description": "A value from AWS, verbatim: one of the examples, or a value that AWS added later.",
                    "type": "string",
                    "pattern": OPEN_ENUM,
                    "examples": [$($text),+],
                })
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text),
                }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

open_enum! {
    /// `Account.State` (Organizations API reference). The older `Status` is a fallback: its `SUSPENDED` also covers closed accounts.
    AccountState {
        /// Created or invited, sign-up not finished.
        PendingActivation = "PENDING_ACTIVATION",
        /// In use.
        Active = "ACTIVE",
        /// Suspended by AWS.
        Suspended = "SUSPENDED",
        /// Being closed.
        PendingClosure = "PENDING_CLOSURE",
        /// Closed, in the 90 days before AWS removes it for good.
        Closed = "CLOSED",
    }
}

/// How long a closed account stays in the organization before AWS removes it for good (Organizations user guide, "Close a member account").
const POST_CLOSURE_PERIOD: SignedDuration = SignedDuration::from_hours(90 * 24);

impl AccountState {
    /// The meaning of the state, as a clause (Organizations user guide, "Account states").
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        match self {
            Self::Active => "it is in use",
            Self::PendingActivation => "its sign-up is not finished",
            Self::Suspended => "AWS suspended it",
            Self::PendingClosure => "it is being closed",
            Self::Closed => "it was closed, and stays listed for 90 days",
            Self::Other(_) => "this version does not know it",
        }
    }

    /// The last day (UTC) on which AWS lists an account in this state; `None` if AWS does not remove accounts in this state. If `closed_at`
    /// is `None`, the account was closed at `seen_at` at the latest.
    #[must_use]
    pub fn removed_by(&self, closed_at: Option<Timestamp>, seen_at: Timestamp) -> Option<Date> {
        let closing = match self {
            Self::PendingClosure | Self::Closed => closed_at.unwrap_or(seen_at),
            Self::PendingActivation | Self::Active | Self::Suspended | Self::Other(_) => return None,
        };
        Some(closing.checked_add(POST_CLOSURE_PERIOD).ok()?.to_zoned_datetime(TimeZone::UTC).date())
    }
}

open_enum! {
    /// `Account.JoinedMethod`: how the account became a member of this organization.
    JoinedMethod {
        /// It accepted an invitation; before, it was a standalone account or a member of another organization.
        Invited = "INVITED",
        /// It was created in this organization (CreateAccount).
        Created = "CREATED",
    }
}

/// An account's place in the organization: the ids of the root and of each organizational unit from the top, as in `Account.Paths`
/// (`o-x/r-y/ou-a/ou-b/123456789012/`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OrganizationPath(#[schemars(with = "Vec<UnitId>")] pub Vec<String>);

impl OrganizationPath {
    /// Reads a path in the form of `Account.Paths`, and drops the organization id at its start and the account id at its end.
    #[must_use]
    pub fn from_account_path(path: &str) -> Self {
        let parents = path.split('/').filter(|part| part.starts_with("r-") || part.starts_with("ou-"));
        Self(parents.map(str::to_owned).collect())
    }
}

impl fmt::Display for OrganizationPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("/"))
    }
}

/// A member of the live organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The account id: 12 digits.
    pub id: AccountId,
    /// The account's ARN, which contains the ids of the management account and of the organization.
    #[schemars(with = "Arn")]
    pub arn: String,
    /// The root user's email address.
    pub email: String,
    /// The account's name; names are not unique.
    pub name: String,
    /// The account's `State`, or its `Status` if AWS sends no `State`.
    pub state: AccountState,
    /// How the account became a member.
    pub joined_method: JoinedMethod,
    /// When the account joined the organization.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub joined_at: Option<Timestamp>,
    /// The account's place in the organization; absent if AWS sends no `Paths`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<OrganizationPath>,
}

/// The root or an organizational unit on a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct NamedUnit {
    /// The id of the root or unit.
    #[schemars(with = "UnitId")]
    pub id: String,
    /// The name, which may contain any character, slashes included. If the name was not read, it is the id.
    pub name: String,
}

/// The root, then each organizational unit down to an account, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct UnitPath(pub Vec<NamedUnit>);

/// Only for people: a name that contains a slash looks like two names.
impl fmt::Display for UnitPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|unit| unit.name.as_str()).collect();
        formatter.write_str(&names.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_aws_adds_later_is_kept_verbatim() {
        assert_eq!(AccountState::from("ACTIVE".to_owned()), AccountState::Active);
        assert_eq!(AccountState::from("FROZEN".to_owned()).as_str(), "FROZEN");
        assert_eq!(JoinedMethod::from("TRANSFERRED".to_owned()), JoinedMethod::Other("TRANSFERRED".into()));
    }

    #[test]
    fn a_closed_account_is_listed_for_90_days_and_others_have_no_end() {
        let (seen, closed) = ("2026-11-28T09:00:00Z".parse().unwrap(), "2026-11-01T23:00:00Z".parse().unwrap());
        let day = |text: &str| Some(text.parse::<Date>().unwrap());
        assert_eq!(AccountState::Closed.removed_by(Some(closed), seen), day("2027-01-30"));
        assert_eq!(AccountState::PendingClosure.removed_by(None, seen), day("2027-02-26"));
        for state in [AccountState::Active, AccountState::Suspended, AccountState::PendingActivation, AccountState::Other("X".into())] {
            assert_eq!(state.removed_by(Some(closed), seen), None, "{state}");
        }
    }

    #[test]
    fn a_path_is_the_root_and_the_units() {
        let path = OrganizationPath::from_account_path("o-exampleorgid/r-ab12/ou-ab12-11111111/ou-ab12-22222222/333333333333/");
        assert_eq!(path.to_string(), "r-ab12/ou-ab12-11111111/ou-ab12-22222222");
    }
}
