//! The request context: which condition keys the call is known to carry.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known about a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValue {
    /// The request carries it with these values. Without any values, it counts as absent.
    Known(Vec<String>),
    /// The request carries it with these values or not at all: AWS's own pages disagree, so only results that hold in both cases are known.
    KnownOrAbsent(Vec<String>),
    /// The request does not carry it.
    Absent,
    /// It can't be known before the call.
    Unknowable,
}

impl KeyValue {
    /// One known value.
    #[must_use]
    pub fn known(value: impl Into<String>) -> Self {
        Self::Known(vec![value.into()])
    }

    /// The value, or unknowable if there is none.
    #[must_use]
    pub fn or_unknowable(value: Option<impl Into<String>>) -> Self {
        value.map_or(Self::Unknowable, Self::known)
    }

    /// The value, or absent if there is none.
    #[must_use]
    pub fn or_absent(value: Option<impl Into<String>>) -> Self {
        value.map_or(Self::Absent, Self::known)
    }
}

/// Where the value of a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// Read from AWS, chosen by orgroster, or given by a rule of AWS.
    Observed,
    /// Declared in the user's configuration, and not verified.
    Declared,
}

/// The condition keys of one request. Key names ignore case (IAM User Guide, "IAM JSON policy elements: Condition").
///
/// A key that is not set has the value that it has in a call which a role session makes directly to `LeaveOrganization`, an action without
/// resources, tags or keys of its own (Service Authorization Reference, AWS Organizations). So keys with a service's prefix are absent, and
/// so are the global keys that only other kinds of calls carry. Every other `aws:` key is unknowable, including those that AWS adds later.
/// Among the unknowable keys are `aws:SourceIp`, `aws:VpcSourceIp`, `aws:SourceVpc` and `aws:SourceVpce`, which depend on the network path,
/// and `aws:ResourceAccount`, `aws:ResourceOrgID` and `aws:ResourceOrgPaths`, because AWS documents them for "most service actions" and not
/// for this one. `tests/global_keys.rs` lists all of AWS's keys, each with the sentence that decides it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    keys: BTreeMap<String, (KeyValue, KeySource)>,
    /// The values of all keys with a prefix, such as the tags of a principal.
    prefixes: BTreeMap<String, KeyValue>,
}

/// Global keys (lower case, without `aws:`) that a direct call of a role session without a resource and without tags does not carry.
const ABSENT: &[&str] = &[
    // Only if a service calls on behalf of a principal, or for itself.
    "calledvia",
    "calledviafirst",
    "calledvialast",
    "calledviaawsmcp",
    "principalservicename",
    "principalservicenameslist",
    "sourceaccount",
    "sourcearn",
    "sourceorgid",
    "sourceorgpaths",
    // Only in requests from a link in a browser.
    "referer",
    // Only IAM users have one.
    "username",
    // Only sessions by SAML, OpenID Connect or GetFederationToken, and only sessions of AssumeRoot.
    "federatedprovider",
    "assumedroot",
    // Only sessions that Amazon Q Developer in chat applications assumes.
    "chatbotsourcearn",
    // Only if an AWS MCP service authorizes an action of its own.
    "ismcpserviceaction",
    // Only credentials that an EC2 instance got for its instance profile, not those of a role assumed with such credentials.
    "ec2instancesourcevpc",
    "ec2instancesourceprivateipv4",
    // Only requests that pass tags.
    "tagkeys",
];

/// Global keys (lower case, without `aws:`) that AWS classifies as multivalued, however many values a request has.
const MULTIVALUED: &[&str] =
    &["calledvia", "principalorgpaths", "principalservicenameslist", "resourceorgpaths", "sourceorgpaths", "tagkeys", "vpceorgpaths"];

impl Context {
    /// Makes a context in which no key is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key. A declared value stays.
    pub fn insert(&mut self, key: &str, value: KeyValue) {
        let entry = self.keys.entry(key.to_ascii_lowercase()).or_insert((KeyValue::Unknowable, KeySource::Observed));
        if entry.1 == KeySource::Observed {
            entry.0 = value;
        }
    }

    /// Sets the value of all keys that begin with `prefix` and are not set themselves.
    pub fn insert_prefix(&mut self, prefix: &str, value: KeyValue) {
        self.prefixes.insert(prefix.to_ascii_lowercase(), value);
    }

    /// Sets a key as the user's configuration declares it. Overrides observed values, whether they are set before or after.
    pub fn declare(&mut self, key: &str, value: KeyValue) {
        self.keys.insert(key.to_ascii_lowercase(), (value, KeySource::Declared));
    }

    /// What is known about a key.
    #[must_use]
    pub fn value(&self, key: &str) -> &KeyValue {
        let key = key.to_ascii_lowercase();
        if let Some((value, _)) = self.keys.get(&key) {
            return value;
        }
        let prefix = self.prefixes.iter().find(|(prefix, _)| key.starts_with(prefix.as_str()));
        prefix.map_or_else(|| default_of(&key), |(_, value)| value)
    }

    /// The keys, in lower case, that the request is certain to carry, with their values.
    pub fn known(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.keys.iter().filter_map(|(key, (value, _))| match value {
            KeyValue::Known(values) if !values.is_empty() => Some((key.as_str(), values.as_slice())),
            _ => None,
        })
    }

    /// Where the value of a key comes from.
    #[must_use]
    pub fn source(&self, key: &str) -> KeySource {
        self.keys.get(&key.to_ascii_lowercase()).map_or(KeySource::Observed, |(_, source)| *source)
    }

    /// Whether AWS classifies a key as multivalued.
    #[must_use]
    pub fn is_multivalued(key: &str) -> bool {
        key.to_ascii_lowercase().strip_prefix("aws:").is_some_and(|global| MULTIVALUED.contains(&global))
    }
}

fn default_of(lower_case_key: &str) -> &'static KeyValue {
    let Some(global) = lower_case_key.strip_prefix("aws:") else { return &KeyValue::Absent };
    let of_tags = global.starts_with("requesttag/") || global.starts_with("resourcetag/");
    if of_tags || ABSENT.contains(&global) { &KeyValue::Absent } else { &KeyValue::Unknowable }
}
