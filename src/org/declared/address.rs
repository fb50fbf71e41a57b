//! Addresses of account blocks.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::RESOURCE_TYPE;

/// The block type in a configuration.
const BLOCK_TYPE: &str = "account";

/// The address of one account of a configuration: `account.legacy-crm`, or `account.divested["crm"]` for an instance of a block
/// with `for_each`.
///
/// This is the form for people; JSON documents have that of [`Address::resource`]. Both forms are accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    /// The block's label.
    pub label: String,
    /// The key of an instance of a block with `for_each`.
    pub key: Option<String>,
}

/// An error for a text that is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an account address; write account.NAME or account.NAME[\"KEY\"]")]
pub struct InvalidAddress(String);

/// Whether an address is among the targets. Without targets, every address is.
#[must_use]
pub fn is_targeted(targets: &[Address], address: &Address) -> bool {
    targets.is_empty() || targets.iter().any(|target| target.covers(address))
}

impl Address {
    /// Whether this address covers another one: the same address, or an instance of the block if this address has no key.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.label == other.label && (self.key.is_none() || self.key == other.key)
    }

    /// The address of a block without `for_each`.
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), key: None }
    }

    /// The address in the form of a Terraform resource: `orgroster_account.legacy-crm`.
    #[must_use]
    pub fn resource(&self) -> String {
        self.of_type(RESOURCE_TYPE)
    }

    /// The address without its type: `legacy-crm`, or `divested["crm"]`.
    #[must_use]
    pub fn name(&self) -> String {
        let key = self.key.as_ref().map_or_else(String::new, |key| format!("[{}]", serde_json::Value::from(key.as_str())));
        format!("{}{key}", self.label)
    }

    fn of_type(&self, resource_type: &str) -> String {
        format!("{resource_type}.{}", self.name())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.of_type(BLOCK_TYPE))
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidAddress(text.to_owned());
        let typed = |resource_type: &str| text.strip_prefix(resource_type)?.strip_prefix('.');
        let rest = typed(BLOCK_TYPE).or_else(|| typed(RESOURCE_TYPE)).ok_or_else(invalid)?;
        let (label, key) = match rest.split_once('[') {
            None => (rest, None),
            Some((label, index)) => {
                let quoted = index.strip_suffix(']').ok_or_else(invalid)?;
                (label, Some(serde_json::from_str(quoted).map_err(|_| invalid())?))
            }
        };
        if label.is_empty() {
            return Err(invalid());
        }
        Ok(Self { label: label.to_owned(), key })
    }
}

impl TryFrom<String> for Address {
    type Error = InvalidAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.resource()
    }
}

impl JsonSchema for Address {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "The address of one account of a configuration: orgroster_account.NAME, or orgroster_account.NAME[\"KEY\"] for an instance of a block with for_each.",
            "pattern": r#"^orgroster_account\.[^\[]+(\[".*"\])?$"#,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_what_it_prints() {
        for text in ["account.legacy-crm", r#"account.divested["crm"]"#, r#"account.divested["a \"b\" ] [c"]"#] {
            let address = text.parse::<Address>().unwrap();
            let resource = format!("orgroster_{text}");
            assert_eq!((address.to_string().as_str(), address.resource().as_str()), (text, resource.as_str()));
            assert_eq!(resource.parse::<Address>(), Ok(address.clone()));
            assert_eq!(serde_json::to_value(&address).unwrap(), resource);
        }
        for wrong in
            ["legacy-crm", "account.", "account.x[", "account.x[1]", "account.x[\"a\"", "Account.x", "orgroster_account", "aws_account.x"]
        {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
