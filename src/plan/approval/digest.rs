//! The digest: a hash of what a plan would do and of the facts behind it, short enough for people to compare.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::org::{AccountId, Assumptions, Enforcement, GateName, Guardrails};

use crate::plan::{Act, Change, Plan, PlannedAccount, PlannedOrganization};

/// `sha256:` followed by 64 hexadecimal digits. The hash covers the organization, the acts, the guardrails, the enforcements, the
/// assumptions about policies, and the values of variables from outside the configuration's directory. Each act includes its action, its
/// declaration, the account, and the facts behind its gates.
///
/// The hash covers no times, versions, places in files, or accounts without an act, so that an unrelated merge does not change it. Plans of
/// the sandbox never have the same digest as plans of AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Digest(#[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))] pub String);

impl Digest {
    /// The 64 hexadecimal digits without the prefix.
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

/// Everything that an approval covers in addition to the acts.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// Whether the organization is the sandbox's.
    pub sandbox: bool,
    /// The organization.
    pub organization: &'a PlannedOrganization,
    /// The guardrails.
    pub guardrails: &'a Guardrails,
    /// Enforcements that the configuration sets.
    pub enforcements: &'a BTreeMap<GateName, Enforcement>,
    /// Settings for policies that facts can't decide.
    pub assumptions: &'a Assumptions,
    /// Values of variables from outside the configuration's directory.
    pub variables: &'a BTreeMap<String, Value>,
}

impl<'a> Approval<'a> {
    /// What an approval of this plan covers.
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

    /// The digest of an approval of these accounts' acts, regardless of their order.
    #[must_use]
    pub fn digest<'d>(&self, accounts: impl IntoIterator<Item = &'d PlannedAccount>) -> Digest {
        self.digest_of_parts(&accounts.into_iter().filter_map(|account| Some((account.id, account.approved_part()?))).collect())
    }

    /// The digest of an approval, from the parts of its acts.
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
    /// The digest of what an approval of its act covers; `None` if it has no act. The gates' answers are left out: they follow from the
    /// dependencies, and contain times.
    #[must_use]
    pub fn approved_part(&self) -> Option<Digest> {
        let Self { address: _, source: _, id, before, desired, drift: _, change } = self;
        let Change::Act(Act { action, depends_on, kept: _, placement: _, gates: _ }) = change else { return None };
        let part = json!({ "id": id, "action": action, "account": before, "declared": desired, "depends_on": depends_on });
        Some(Digest::of_json(&part))
    }
}

impl Digest {
    /// The digest of a JSON document, regardless of the order of its keys.
    pub(in crate::plan) fn of_json(value: &Value) -> Self {
        let mut text = Canonical::default();
        text.value(value);
        text.digest()
    }

    /// The digest of a JSON object without one of its members.
    pub(in crate::plan) fn of_json_without(object: &Map<String, Value>, left_out: &str) -> Self {
        let mut text = Canonical::default();
        text.object(object, Some(left_out));
        text.digest()
    }
}

/// The SHA-256 hash of bytes, in lower-case hexadecimal.
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

/// Canonical JSON, with sorted keys and no white space. It is hashed in chunks, because a plan of many accounts is large.
#[derive(Default)]
struct Canonical {
    text: Vec<u8>,
    hasher: Sha256,
}

impl Canonical {
    /// The size of the buffer above which it is hashed, in bytes.
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
        // They are already sorted, unless a crate in the build enables serde_json's `preserve_order`.
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
        // Writing to a vector can't fail, and strings, numbers, booleans and null can always be written.
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
