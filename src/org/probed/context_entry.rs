//! Condition keys whose values in the call are known before it is made.

/// A condition key with its values, as IAM's policy simulator takes it (IAM API reference, ContextEntry).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextEntry {
    /// Such as `aws:requestedregion`; case does not matter.
    pub key: String,
    /// What its values are.
    pub kind: EntryKind,
    /// The values: several only for a list.
    pub values: Vec<String>,
}

/// What a session of a role is, as STS answers it (STS API reference, AssumeRole).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionIdentity {
    /// `AROA…:SESSION`, which conditions see as `aws:userid`.
    pub user_id: Option<String>,
    /// `SourceIdentity`, where one was set, now or earlier in a chain of roles.
    pub source_identity: Option<String>,
}

/// What the values of a condition key are (IAM API reference, ContextKeyType).
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
    /// A date with its time.
    Date,
    /// An address.
    Address,
}
