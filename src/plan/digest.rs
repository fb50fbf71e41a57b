//! The digest: what a plan would do and on which facts, in one line that people can compare.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::org::{Assumptions, Enforcement, GateName, Guardrails, OrganizationId};

use super::Detachment;

/// `sha256:` and 64 hexadecimal digits over canonical JSON of the organization's id, the departures with the facts each depends on,
/// the guardrails and the enforcements.
///
/// It holds no time, version, place in a file or account that stays, so that an unrelated merge does not change it. Rehearsals have a
/// domain of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Digest(pub String);

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Digest {
    /// The digest of a plan's parts. `departures` are sorted by account id.
    #[must_use]
    pub fn of(
        sandbox: bool,
        organization: &OrganizationId,
        departures: &[Detachment],
        guardrails: &Guardrails,
        enforcements: &BTreeMap<GateName, Enforcement>,
        assumptions: &Assumptions,
    ) -> Self {
        let material = json!({
            "domain": if sandbox { "orgroster-rehearsal/1" } else { "orgroster/1" },
            "organization": organization,
            "departures": departures.iter().map(departure_material).collect::<Vec<_>>(),
            "guardrails": guardrails,
            "enforcements": enforcements,
            "assumptions": assumptions,
        });
        Self(format!("sha256:{}", sha256_hex(canonical(&material).as_bytes())))
    }
}

/// The parts of a departure that approval is about. Gate answers are left out: they follow from the facts, and carry times.
fn departure_material(detachment: &Detachment) -> Value {
    let Detachment { address: _, source: _, id, account, path, tags: _, attached: _, unit_path: _, declared, gates: _ } = detachment;
    json!({ "id": id, "account": account, "path": path, "declared": declared })
}

/// SHA-256 of bytes in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// JSON with sorted keys and no white space: one text for one value.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            let members: Vec<_> =
                sorted.into_iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_json_sorts_keys_at_every_level() {
        let value: Value = serde_json::from_str(r#"{"b": [1, {"d": null, "c": "\""}], "a": true}"#).unwrap();
        assert_eq!(canonical(&value), r#"{"a":true,"b":[1,{"c":"\"","d":null}]}"#);
    }

    #[test]
    fn sha256_is_the_published_one() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
