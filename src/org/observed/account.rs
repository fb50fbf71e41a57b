//! A live account, as Organizations describes it.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Arn, DateTime, UnitId};

/// AWS's enumerations are in capitals; where AWS leaves a value out, it is `(absent)`.
const OPEN_ENUM: &str = r"^([A-Z][A-Z0-9_]*|\(absent\))$";

/// An open enumeration of AWS: the values known today, and whatever else AWS answers, kept verbatim.
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
                    "description": "A word of AWS: one of the examples, or one that AWS added later.",
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
    /// What it means, as a clause (Organizations user guide, "Account states").
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

    /// The last day (UTC) on which an account with this state is listed, where AWS removes it by itself. `closed_at` is when it was closed;
    /// where nobody knows, it was at the latest when it was seen.
    #[must_use]
    pub fn removed_by(&self, closed_at: Option<Timestamp>, seen_at: Timestamp) -> Option<Date> {
        let closing = match self {
            Self::PendingClosure | Self::Closed => closed_at.unwrap_or(seen_at),
            Self::PendingActivation | Self::Active | Self::Suspended | Self::Other(_) => return None,
        };
        Some(closing.checked_add(POST_CLOSURE_PERIOD).ok()?.to_zoned(TimeZone::UTC).date())
    }
}

open_enum! {
    /// `Account.JoinedMethod`: how the account became a member of this organization.
    JoinedMethod {
        /// By an invitation that it accepted; it was a standalone account, or a member of another organization.
        Invited = "INVITED",
        /// By CreateAccount in this organization.
        Created = "CREATED",
    }
}

/// Where an account stands: root and organizational unit ids from the top, as in `Account.Paths` (`o-x/r-y/ou-a/ou-b/123456789012/`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OrganizationPath(#[schemars(with = "Vec<UnitId>")] pub Vec<String>);

impl OrganizationPath {
    /// Reads `Account.Paths`' form. The organization id in front and the account id at the end are dropped.
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
    /// 12 digits.
    pub id: AccountId,
    /// The ARN; it embeds the management account's id and the organization's.
    #[schemars(with = "Arn")]
    pub arn: String,
    /// The root user's address.
    pub email: String,
    /// The account's name, not unique.
    pub name: String,
    /// `State`, or `Status` where AWS answers no `State`.
    pub state: AccountState,
    /// How it joined.
    pub joined_method: JoinedMethod,
    /// When it became a part of the organization.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub joined_at: Option<Timestamp>,
    /// Its organizational units, where AWS answers `Paths`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<OrganizationPath>,
}

/// The root or an organizational unit on a path, with its name where that was read; else its id is its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct NamedUnit {
    /// Its id.
    #[schemars(with = "UnitId")]
    pub id: String,
    /// Its name, which may hold any character, slashes included.
    pub name: String,
}

/// The root, then each organizational unit down to an account, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct UnitPath(pub Vec<NamedUnit>);

/// For people alone: a name that holds a slash reads as two names.
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
