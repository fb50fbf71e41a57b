//! Condition keys whose values are known before the call.

/// A condition key with its values, in the form of IAM's policy simulator (IAM API reference, ContextEntry).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextEntry {
    /// The key, such as `aws:requestedregion`; case does not matter.
    pub key: String,
    /// The type of the values.
    pub kind: EntryKind,
    /// The values; more than one only for a list.
    pub values: Vec<String>,
}

/// The identity of a role session, as STS reports it (STS API reference, AssumeRole).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionIdentity {
    /// The user id, `AROA…:SESSION`: the value of `aws:userid` in conditions.
    pub user_id: Option<String>,
    /// The `SourceIdentity`, if one was set for this session or earlier in a chain of roles.
    pub source_identity: Option<String>,
}

/// The type of a condition key's values (IAM API reference, ContextKeyType).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Text.
    Text,
    /// Several texts.
    TextList,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A date and time.
    Date,
    /// An IP address.
    Address,
}
