//! Rewrites conditions of policies so that `iam-rs` evaluates them as IAM does (IAM User Guide, condition operators).
//!
//! Cases that the library does not support are decided here: absent keys, `Null`, and values that don't have the operator's type, which
//! match nothing. All other values are converted to the one form of their type that the library reads.

use std::net::IpAddr;

use iam_rs::{Arn, Context, ContextValue};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// The parts of an operator's name.
struct Name<'n> {
    /// `ForAllValues`, `ForAnyValue`, or nothing.
    set: &'n str,
    /// The name without set and `IfExists`.
    bare: &'n str,
    if_exists: bool,
}

impl<'n> Name<'n> {
    fn read(operator: &'n str) -> Self {
        let (set, plain) = operator.split_once(':').unwrap_or(("", operator));
        let bare = plain.strip_suffix("IfExists");
        Self { set, bare: bare.unwrap_or(plain), if_exists: bare.is_some() }
    }

    fn negated(&self) -> bool {
        self.bare.contains("Not")
    }
}

/// The families of operators with typed values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    Bool,
    Numeric,
    Date,
    Address,
}

impl Typed {
    fn of(bare: &str) -> Option<Self> {
        match bare {
            "Bool" => Some(Self::Bool),
            "IpAddress" | "NotIpAddress" => Some(Self::Address),
            other if other.starts_with("Numeric") => Some(Self::Numeric),
            other if other.starts_with("Date") => Some(Self::Date),
            _ => None,
        }
    }

    /// Converts a value to the form that the library reads; `None` if it doesn't have this type.
    fn normal(self, text: &str) -> Option<String> {
        match self {
            Self::Bool => Some(text.to_ascii_lowercase()).filter(|text| matches!(text.as_str(), "true" | "false")),
            Self::Numeric => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| text.to_owned()),
            Self::Date => date(text).map(|instant| instant.to_string()),
            Self::Address => is_network(text).then(|| text.to_owned()),
        }
    }

    const fn named(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Numeric => "a number",
            Self::Date => "a date",
            Self::Address => "an address or a range of addresses",
        }
    }
}

/// Every comparison in operator names.
const COMPARISONS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
];

/// Checks that every operator exists and every value has its operator's type.
///
/// # Errors
///
/// Returns the mistake as a phrase that completes a sentence.
pub fn check(conditions: &Value) -> Result<(), String> {
    for (operator, key, values) in entries(conditions)? {
        let name = Name::read(operator);
        let null = name.bare == "Null";
        let known = COMPARISONS.contains(&name.bare) && matches!(name.set, "" | "ForAllValues" | "ForAnyValue");
        if !known || (null && (name.if_exists || !name.set.is_empty())) {
            return Err(format!("{operator:?} is not a condition operator"));
        }
        let texts = texts(values).ok_or_else(|| format!("the values of {key} must be strings, numbers or booleans"))?;
        let typed = if null { Some(Typed::Bool) } else { Typed::of(name.bare) };
        let Some(typed) = typed else { continue };
        // The value of a variable is not known when the policy is written.
        if let Some(wrong) = texts.iter().find(|text| !text.contains("${") && typed.normal(text).is_none()) {
            return Err(format!("{wrong:?}, which {operator} compares with {key}, is not {}", typed.named()));
        }
    }
    Ok(())
}

/// The operator, key and values of each condition.
fn entries(conditions: &Value) -> Result<Vec<(&str, &str, &Value)>, String> {
    let Value::Object(operators) = conditions else { return Err("Condition must be an object".to_owned()) };
    let mut entries = Vec::new();
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else { return Err(format!("{operator} must contain condition keys")) };
        entries.extend(keys.iter().map(|(key, values)| (operator.as_str(), key.as_str(), values)));
    }
    Ok(entries)
}

/// A condition in the form that the library gets.
enum Rewritten {
    /// The condition is true, without asking the library.
    Holds,
    /// The condition is false, without asking the library.
    Fails,
    /// The operator and values for the library.
    As(String, Vec<String>),
}

/// Rewrites the conditions into the form that the library evaluates as IAM does; `None` if one of them is false.
///
/// # Errors
///
/// Returns the mistake as a phrase that completes a sentence.
pub(super) fn rewrite(conditions: &Value, context: &Context) -> Result<Option<Map<String, Value>>, String> {
    let mut rewritten = Map::new();
    for (operator, key, values) in entries(conditions)? {
        let texts = texts(values).ok_or_else(|| format!("the values of {key} must be strings, numbers or booleans"))?;
        match rewrite_one(operator, key, texts, context) {
            Rewritten::Holds => {}
            Rewritten::Fails => return Ok(None),
            Rewritten::As(operator, values) => {
                let slot = rewritten.entry(operator).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(slot) = slot {
                    slot.insert(key.to_owned(), values.into());
                }
            }
        }
    }
    Ok(Some(rewritten))
}

fn rewrite_one(operator: &str, key: &str, values: Vec<String>, context: &Context) -> Rewritten {
    let name = Name::read(operator);
    let found = context.get(key);
    let decided = |holds: bool| if holds { Rewritten::Holds } else { Rewritten::Fails };
    if name.bare == "Null" {
        let absent = found.is_none().to_string();
        return decided(values.iter().any(|value| value.eq_ignore_ascii_case(&absent)));
    }
    let Some(found) = found else {
        // With no values, `ForAllValues` is true and `ForAnyValue` is false, even for a negated comparison.
        return decided(match name.set {
            "ForAllValues" => true,
            "ForAnyValue" => name.if_exists,
            _ => name.if_exists || name.negated(),
        });
    };
    let mut values: Vec<_> = values.iter().map(|value| replace_variables(value, context)).collect();
    let typed = Typed::of(name.bare);
    if let Some(typed) = typed {
        values = values.iter().filter_map(|value| typed.normal(value)).collect();
        if values.is_empty() {
            return decided(name.negated());
        }
    }
    if name.bare.starts_with("Arn") {
        return decided(arns_match(&name, &values, found));
    }
    // Keys with several values are strings. For other keys, a set operator equals the plain one, because the key is present here.
    let plain = name.set.is_empty() || typed.is_some() || name.bare.starts_with("Binary");
    Rewritten::As(if plain { name.bare.to_owned() } else { format!("{}:{}", name.set, name.bare) }, values)
}

/// The values of a condition as strings.
fn texts(values: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match values {
        Value::Array(values) => values.iter().map(text).collect(),
        value => text(value).map(|text| vec![text]),
    }
}

/// Evaluates the operators for ARNs. The library compares ARNs as whole strings, and `ArnEquals` even without wildcards.
fn arns_match(name: &Name<'_>, patterns: &[String], found: &ContextValue) -> bool {
    let found = match found {
        ContextValue::String(arn) => std::slice::from_ref(arn),
        ContextValue::StringList(arns) => arns.as_slice(),
        _ => return name.negated(),
    };
    let satisfied = |arn: &String| patterns.iter().any(|pattern| arn_matches(arn, pattern)) != name.negated();
    match (name.set, name.negated()) {
        ("ForAllValues", _) | ("", true) => found.iter().all(satisfied),
        _ => found.iter().any(satisfied),
    }
}

/// Compares the six parts of an ARN, each with wildcards. A lone `*` is not an ARN, but is widely used for every ARN.
fn arn_matches(arn: &str, pattern: &str) -> bool {
    if !pattern.is_empty() && pattern.chars().all(|character| character == '*') {
        return true;
    }
    let (arn, pattern): (Vec<_>, Vec<_>) = (arn.splitn(6, ':').collect(), pattern.splitn(6, ':').collect());
    arn.len() == 6 && pattern.len() == 6 && arn.iter().zip(&pattern).all(|(part, pattern)| Arn::wildcard_match(part, pattern))
}

/// Parses a date of the W3C's profile of ISO 8601, from a year to fractions of a second, or seconds since 1970.
fn date(text: &str) -> Option<Timestamp> {
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 if text.contains('-') => format!("{text}-01"),
        10 if text.contains('-') => text.to_owned(),
        _ => return text.parse().ok().or_else(|| seconds(text)),
    };
    let midnight = day.parse::<Date>().ok()?.to_zoned_datetime(TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

fn seconds(text: &str) -> Option<Timestamp> {
    let seconds: f64 = text.parse().ok().filter(|seconds: &f64| seconds.abs() < 1e12)?;
    Timestamp::from_millisecond((seconds * 1000.0) as i64).ok()
}

/// Whether the text is `ADDRESS/PREFIX` or one address.
fn is_network(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    prefix.is_none_or(|prefix| prefix.parse::<u8>().is_ok_and(|prefix| prefix <= longest))
}

/// A value that no context contains: the replacement for a pattern that can't match.
const IMPOSSIBLE: &str = "\u{0}";

/// Replaces `${key}` and `${key, 'default'}`. A variable with neither value nor default produces a text that matches nothing.
pub(super) fn replace_variables(text: &str, context: &Context) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        replaced.push_str(before);
        let Some((variable, behind)) = after.split_once('}') else {
            replaced.push_str("${");
            rest = after;
            continue;
        };
        replaced.push_str(&variable_value(variable, context));
        rest = behind;
    }
    replaced.push_str(rest);
    replaced
}

fn variable_value(variable: &str, context: &Context) -> String {
    // `${*}`, `${?}` and `${$}` are escapes for the characters themselves.
    if matches!(variable, "*" | "?" | "$") {
        return variable.to_owned();
    }
    let (key, default) = variable.split_once(',').map_or((variable, None), |(key, default)| (key, Some(default.trim())));
    match context.get(key.trim()) {
        Some(ContextValue::String(value)) => value.clone(),
        Some(ContextValue::Boolean(value)) => value.to_string(),
        Some(ContextValue::Number(value)) => value.to_string(),
        _ => default.map_or(IMPOSSIBLE, |default| default.trim_matches('\'')).to_owned(),
    }
}
