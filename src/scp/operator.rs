//! Condition operators and their names (IAM User Guide, "IAM JSON policy elements: Condition operators").

/// A condition operator: its comparison, and the modifiers in its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:`.
    pub qualifier: Option<SetQualifier>,
    /// What is compared, and how.
    pub comparison: Comparison,
    /// Whether it is the `Not` form of the comparison.
    pub negated: bool,
    /// Whether it ends in `IfExists`.
    pub if_exists: bool,
}

/// How a multivalued key is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetQualifier {
    /// Every value of the request must satisfy the comparison.
    ForAllValues,
    /// At least one value of the request must satisfy the comparison.
    ForAnyValue,
}

/// The comparison of one value of the request with one value of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same text.
    StringEquals,
    /// The same text without regard to case.
    StringEqualsIgnoreCase,
    /// A text with `*` and `?`.
    StringLike,
    /// Decimal numbers.
    Numeric(Relation),
    /// Dates and times, ISO 8601 or seconds since 1970.
    Date(Relation),
    /// `true` or `false`.
    Bool,
    /// Bytes, in base 64.
    Binary,
    /// An address in a range of addresses.
    IpAddress,
    /// An ARN, part by part, with `*` and `?`. `ArnEquals` and `ArnLike` are the same.
    Arn,
    /// Whether the key is absent.
    Null,
}

/// How a value of the request relates to the value of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Equal.
    Equal,
    /// The request's is less (earlier).
    Less,
    /// The request's is less (earlier) or equal.
    LessOrEqual,
    /// The request's is greater (later).
    Greater,
    /// The request's is greater (later) or equal.
    GreaterOrEqual,
}

impl Relation {
    /// Whether the relation holds, given how the request's value compares with the policy's value.
    pub(super) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Operator {
    /// Returns the operator of this name. Names are case-sensitive, because AWS documents no other spelling.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (qualifier, rest) = if let Some(rest) = name.strip_prefix("ForAllValues:") {
            (Some(SetQualifier::ForAllValues), rest)
        } else if let Some(rest) = name.strip_prefix("ForAnyValue:") {
            (Some(SetQualifier::ForAnyValue), rest)
        } else {
            (None, name)
        };
        let (base, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
        let (comparison, negated) = comparison(base)?;
        // "You can add IfExists to the end of any condition operator name except the Null condition". A set qualifier makes no sense for an
        // absent key.
        if comparison == Comparison::Null && (if_exists || qualifier.is_some()) {
            return None;
        }
        Some(Self { qualifier, comparison, negated, if_exists })
    }
}

/// The comparison of an operator's bare name, and whether the name negates it.
fn comparison(base: &str) -> Option<(Comparison, bool)> {
    Some(match base {
        "StringEquals" => (Comparison::StringEquals, false),
        "StringNotEquals" => (Comparison::StringEquals, true),
        "StringEqualsIgnoreCase" => (Comparison::StringEqualsIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (Comparison::StringEqualsIgnoreCase, true),
        "StringLike" => (Comparison::StringLike, false),
        "StringNotLike" => (Comparison::StringLike, true),
        "NumericEquals" => (Comparison::Numeric(Relation::Equal), false),
        "NumericNotEquals" => (Comparison::Numeric(Relation::Equal), true),
        "NumericLessThan" => (Comparison::Numeric(Relation::Less), false),
        "NumericLessThanEquals" => (Comparison::Numeric(Relation::LessOrEqual), false),
        "NumericGreaterThan" => (Comparison::Numeric(Relation::Greater), false),
        "NumericGreaterThanEquals" => (Comparison::Numeric(Relation::GreaterOrEqual), false),
        "DateEquals" => (Comparison::Date(Relation::Equal), false),
        "DateNotEquals" => (Comparison::Date(Relation::Equal), true),
        "DateLessThan" => (Comparison::Date(Relation::Less), false),
        "DateLessThanEquals" => (Comparison::Date(Relation::LessOrEqual), false),
        "DateGreaterThan" => (Comparison::Date(Relation::Greater), false),
        "DateGreaterThanEquals" => (Comparison::Date(Relation::GreaterOrEqual), false),
        "Bool" => (Comparison::Bool, false),
        "BinaryEquals" => (Comparison::Binary, false),
        "IpAddress" => (Comparison::IpAddress, false),
        "NotIpAddress" => (Comparison::IpAddress, true),
        "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
        "Null" => (Comparison::Null, false),
        _ => return None,
    })
}
