//! Addresses of account blocks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The address of one account of a configuration: `account.legacy-crm`, or `account.divested["crm"]` for an instance of a block
/// with `for_each`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Address {
    /// The block's label.
    pub label: String,
    /// The key of `for_each`.
    pub key: Option<String>,
}

/// A text that is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an account address; write account.NAME or account.NAME[\"KEY\"]")]
pub struct InvalidAddress(String);

impl Address {
    /// The address of a block without `for_each`.
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), key: None }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            None => write!(formatter, "account.{}", self.label),
            Some(key) => write!(formatter, "account.{}[{}]", self.label, serde_json::Value::from(key.as_str())),
        }
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidAddress(text.to_owned());
        let rest = text.strip_prefix("account.").ok_or_else(invalid)?;
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
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_what_it_prints() {
        for text in ["account.legacy-crm", r#"account.divested["crm"]"#, r#"account.divested["a \"b\" ] [c"]"#] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for wrong in ["legacy-crm", "account.", "account.x[", "account.x[1]", "account.x[\"a\"", "Account.x"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
