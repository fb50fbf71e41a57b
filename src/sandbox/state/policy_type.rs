//! Policy types: those that AWS documents, and those that AWS adds later.

use serde::{Deserialize, Serialize};

use crate::diag::closest;

/// Declares the documented types with their names.
macro_rules! policy_types {
    ($($(#[$meta:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// `PolicyType` of the Organizations API.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum PolicyType {
            $($(#[$meta])* #[serde(rename = $word)] $variant,)+
            /// A type that AWS does not document yet, with its name in the fixture.
            #[serde(untagged)]
            Other(String),
        }

        impl PolicyType {
            /// The documented types with their names.
            pub const DOCUMENTED: &'static [(&'static str, &'static Self)] = &[$(($word, &Self::$variant),)+];

            /// The name of the type.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }
    };
}

policy_types! {
    /// Service control policies.
    ServiceControl = "SERVICE_CONTROL_POLICY",
    /// Resource control policies.
    ResourceControl = "RESOURCE_CONTROL_POLICY",
    /// Tag policies.
    Tag = "TAG_POLICY",
    /// Backup policies.
    Backup = "BACKUP_POLICY",
    /// Policies to opt out of AI services' use of content.
    AiServicesOptOut = "AISERVICES_OPT_OUT_POLICY",
    /// Chat applications policies.
    Chatbot = "CHATBOT_POLICY",
    /// Declarative policies for EC2.
    DeclarativeEc2 = "DECLARATIVE_POLICY_EC2",
    /// Security Hub policies.
    SecurityHub = "SECURITYHUB_POLICY",
    /// Inspector policies.
    Inspector = "INSPECTOR_POLICY",
    /// Upgrade rollout policies.
    UpgradeRollout = "UPGRADE_ROLLOUT_POLICY",
    /// Bedrock policies.
    Bedrock = "BEDROCK_POLICY",
    /// S3 policies.
    S3 = "S3_POLICY",
    /// Network security director policies.
    NetworkSecurityDirector = "NETWORK_SECURITY_DIRECTOR_POLICY",
    /// GuardDuty policies.
    GuardDuty = "GUARDDUTY_POLICY",
    /// Security Hub CSPM policies.
    SecurityHubCspm = "SECURITYHUB_CSPM_POLICY",
}

/// The shortest part of a name in which a typing error can be distinguished from another name.
const SHORTEST_SLIP: usize = 4;

impl PolicyType {
    /// The type with this name in a fixture: a documented one, or one that AWS may add, if the name has the form of AWS's types. `None` if
    /// it has neither, or looks like a typing error.
    #[must_use]
    pub fn of_fixture(word: &str) -> Option<Self> {
        let documented = Self::DOCUMENTED.iter().find(|(known, _)| *known == word).map(|(_, kind)| (*kind).clone());
        documented.or_else(|| (is_well_formed(word) && !is_slip(word)).then(|| Self::Other(word.to_owned())))
    }

    /// The policy of this type that AWS provides and attaches everywhere, by its id, which is also its name; `None` if there is none.
    #[must_use]
    pub const fn full_access(&self) -> Option<&'static str> {
        match self {
            Self::ServiceControl => Some("p-FullAWSAccess"),
            Self::ResourceControl => Some("p-RCPFullAWSAccess"),
            _ => None,
        }
    }

    /// Whether the type limits permissions. AWS calls such policies authorization policies.
    #[must_use]
    pub const fn is_authorization(&self) -> bool {
        matches!(self, Self::ServiceControl | Self::ResourceControl)
    }
}

/// Whether the name consists of parts of capital letters and digits, one of which is `POLICY`.
fn is_well_formed(word: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    word.split('_').all(is_part) && word.split('_').count() > 1 && word.split('_').any(|part| part == "POLICY")
}

/// Whether the name has the parts of a documented type except for one, which is similar.
fn is_slip(word: &str) -> bool {
    let parts: Vec<_> = word.split('_').collect();
    PolicyType::DOCUMENTED.iter().any(|(known, _)| {
        let known: Vec<_> = known.split('_').collect();
        let others: Vec<_> = parts.iter().zip(&known).filter(|(part, known)| part != known).collect();
        match others.as_slice() {
            [(part, known_part)] if parts.len() == known.len() => part.len() >= SHORTEST_SLIP && closest(part, &[known_part]).is_some(),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_aws_adds_is_taken_and_a_slip_of_the_finger_is_not() {
        for (word, kind) in [
            ("TAG_POLICY", Some(PolicyType::Tag)),
            ("DECLARATIVE_POLICY_ECS", Some(PolicyType::Other("DECLARATIVE_POLICY_ECS".to_owned()))),
            ("TIME_TRAVEL_POLICY", Some(PolicyType::Other("TIME_TRAVEL_POLICY".to_owned()))),
            ("BAKUP_POLICY", None),
            ("TAGS_POLICY", None),
            ("BACKUP_POLCY", None),
            ("POLICY", None),
            ("time_travel_policy", None),
            ("TIME__POLICY", None),
            ("", None),
        ] {
            assert_eq!(PolicyType::of_fixture(word), kind, "{word}");
        }
        for (word, kind) in PolicyType::DOCUMENTED {
            assert_eq!((kind.as_str(), serde_json::to_value(kind).unwrap()), (*word, serde_json::json!(word)));
        }
    }

    #[test]
    fn every_type_is_saved_as_its_word() {
        for word in ["S3_POLICY", "TIME_TRAVEL_POLICY"] {
            let kind: PolicyType = serde_json::from_value(serde_json::json!(word)).unwrap();
            assert_eq!((kind.as_str(), serde_json::to_value(&kind).unwrap()), (word, serde_json::json!(word)));
        }
    }
}
