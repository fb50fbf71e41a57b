//! The digest: what a plan would do and on which facts, in one line that people can compare.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::org::{AccountId, Assumptions, Enforcement, GateName, Guardrails};

use super::{Act, Change, Plan, PlannedAccount, PlannedOrganization};

/// `sha256:` and 64 hexadecimal digits over canonical JSON of the organization, the acts with everything that each depends on (its action, what
/// is declared, the account, and what every gate rested on), the guardrails, the enforcements, and the values that were given to variables
/// from outside of the configuration's directory.
///
/// It holds no time, version, place in a file or account that stays, so that an unrelated merge does not change it. Rehearsals have a
/// domain of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Digest(#[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))] pub String);

impl Digest {
    /// Its 64 hexadecimal digits alone.
    #[must_use]
    pub fn hex(&self) -> &str {
        self.0.rsplit(':').next().unwrap_or_default()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Everything that an approval is about beside the acts.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// Whether it is a rehearsal.
    pub sandbox: bool,
    /// The organization.
    pub organization: &'a PlannedOrganization,
    /// The guardrails.
    pub guardrails: &'a Guardrails,
    /// Enforcements that the configuration sets.
    pub enforcements: &'a BTreeMap<GateName, Enforcement>,
    /// What the configuration says about policies that facts can't decide.
    pub assumptions: &'a Assumptions,
    /// Values from outside of the configuration's directory.
    pub variables: &'a BTreeMap<String, Value>,
}

impl<'a> Approval<'a> {
    /// What an approval of a plan is about.
    #[must_use]
    pub const fn of(plan: &'a Plan) -> Self {
        Self {
            sandbox: plan.sandbox,
            organization: &plan.organization,
            guardrails: &plan.guardrails,
            enforcements: &plan.enforcements,
            assumptions: &plan.assumptions,
            variables: &plan.variables,
        }
    }

    /// The digest of an approval of these accounts' acts, in whatever order they come.
    #[must_use]
    pub fn digest<'d>(&self, accounts: impl IntoIterator<Item = &'d PlannedAccount>) -> Digest {
        self.digest_of_parts(&accounts.into_iter().filter_map(|account| Some((account.id, account.approved_part()?))).collect())
    }

    /// The digest of an approval of acts that are known by their parts of it alone.
    #[must_use]
    pub fn digest_of_parts(&self, acts: &BTreeMap<AccountId, Digest>) -> Digest {
        let Self { sandbox, organization, guardrails, enforcements, assumptions, variables } = *self;
        Digest::of_json(&json!({
            "domain": if sandbox { "orgroster-rehearsal/3" } else { "orgroster/3" },
            "organization": { "id": organization.id, "management_account_id": organization.management_account_id },
            "acts": acts,
            "guardrails": guardrails,
            "enforcements": enforcements,
            "assumptions": assumptions,
            "variables": variables,
        }))
    }
}

impl PlannedAccount {
    /// The digest of what approval of its act is about; `None` where nothing is to be done to it. What gates say is left out: it follows from
    /// what they rest on, and carries times.
    #[must_use]
    pub fn approved_part(&self) -> Option<Digest> {
        let Self { address: _, source: _, id, before, desired, drift: _, change } = self;
        let Change::Act(Act { action, depends_on, kept: _, placement: _, gates: _ }) = change else { return None };
        let part = json!({ "id": id, "action": action, "account": before, "declared": desired, "depends_on": depends_on });
        Some(Digest::of_json(&part))
    }
}

impl Digest {
    /// The digest of a JSON document, whatever the order of its keys.
    pub(super) fn of_json(value: &Value) -> Self {
        let mut text = Canonical::default();
        text.value(value);
        text.digest()
    }

    /// The digest of a JSON object without one of its members.
    pub(super) fn of_json_without(object: &Map<String, Value>, left_out: &str) -> Self {
        let mut text = Canonical::default();
        text.object(object, Some(left_out));
        text.digest()
    }
}

/// SHA-256 of bytes in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// JSON with sorted keys and no white space, one text for one value, which is hashed as it grows: a plan of many accounts is large.
#[derive(Default)]
struct Canonical {
    text: Vec<u8>,
    hasher: Sha256,
}

impl Canonical {
    /// How much is kept before it is hashed, in bytes.
    const CHUNK: usize = 1 << 14;

    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(members) => self.object(members, None),
            Value::Array(items) => {
                self.text.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    self.separate(index);
                    self.value(item);
                }
                self.text.push(b']');
            }
            leaf => self.leaf(leaf),
        }
        if self.text.len() > Self::CHUNK {
            self.hasher.update(&self.text);
            self.text.clear();
        }
    }

    fn object(&mut self, members: &Map<String, Value>, left_out: Option<&str>) {
        let mut members: Vec<_> = members.iter().filter(|(key, _)| left_out != Some(key.as_str())).collect();
        // They are sorted already, unless some crate of the build asks serde_json to keep another order.
        members.sort_unstable_by_key(|(key, _)| *key);
        self.text.push(b'{');
        for (index, (key, value)) in members.into_iter().enumerate() {
            self.separate(index);
            self.leaf(key);
            self.text.push(b':');
            self.value(value);
        }
        self.text.push(b'}');
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.text.push(b',');
        }
    }

    fn leaf(&mut self, leaf: &impl Serialize) {
        // A vector takes everything, and strings, numbers and words have a form in JSON.
        let _ = serde_json::to_writer(&mut self.text, leaf);
    }

    fn digest(mut self) -> Digest {
        self.hasher.update(&self.text);
        Digest(format!("sha256:{}", hexadecimal(&self.hasher.finalize())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_json_sorts_keys_at_every_level() {
        let value: Value = serde_json::from_str(r#"{"b": [1, {"d": null, "c": "\""}], "a": true}"#).unwrap();
        let mut canonical = Canonical::default();
        canonical.value(&value);
        let text = r#"{"a":true,"b":[1,{"c":"\"","d":null}]}"#;
        assert_eq!(canonical.text, text.as_bytes());
        assert_eq!(Digest::of_json(&value).0, format!("sha256:{}", sha256_hex(text.as_bytes())));
        let without = r#"{"b":[1,{"c":"\"","d":null}]}"#;
        assert_eq!(Digest::of_json_without(value.as_object().unwrap(), "a").0, format!("sha256:{}", sha256_hex(without.as_bytes())));
    }

    #[test]
    fn a_long_document_has_the_digest_of_its_text() {
        let value = serde_json::json!({ "long": vec!["x".repeat(Canonical::CHUNK); 3], "more": { "y": "z" } });
        assert_eq!(Digest::of_json(&value).0, format!("sha256:{}", sha256_hex(value.to_string().as_bytes())));
    }

    #[test]
    fn sha256_is_the_published_one() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
