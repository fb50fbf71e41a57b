//! Parses policy text into a [`Policy`].
//!
//! The parser is strict on purpose. AWS checks a policy when it is saved, so a text that does not fit the grammar means that this parser
//! and AWS disagree about the language. Then nothing in the policy can be relied upon.

use super::json::Json;
use super::policy::{Condition, Effect, Policy, Selection, Statement, Version};
use super::{Comparison, Operator};

/// Why a policy cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Its content could not be read from AWS, for this reason.
    #[error("its content could not be read: {0}")]
    Unreadable(String),
    /// The text is not JSON, or an object has the same name twice.
    #[error("not well-formed JSON: {0}")]
    Json(String),
    /// An element that service control policies do not support, such as `Principal`.
    #[error("{place}: service control policies have no element {name:?}")]
    UnknownElement {
        /// Where, such as `statement 2`.
        place: String,
        /// The element.
        name: String,
    },
    /// An element is missing.
    #[error("{place}: {element} is missing")]
    Missing {
        /// Where.
        place: String,
        /// What, such as `Effect` or `Action or NotAction`.
        element: &'static str,
    },
    /// Two elements that exclude each other.
    #[error("{place}: {element} and Not{element} exclude each other")]
    Conflict {
        /// Where.
        place: String,
        /// `Action` or `Resource`.
        element: &'static str,
    },
    /// A condition operator that is not documented.
    #[error("{place}: unknown condition operator {name:?}")]
    UnknownOperator {
        /// Where.
        place: String,
        /// The operator.
        name: String,
    },
    /// A value that the element cannot have.
    #[error("{place}: {element} should be {expected}, not {found}")]
    InvalidValue {
        /// Where.
        place: String,
        /// The element.
        element: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

type Object = Vec<(String, Json)>;

impl Policy {
    /// Parses a policy.
    ///
    /// # Errors
    /// Returns an error if the text does not fit the grammar of the policy language for service control policies.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let json = serde_json::from_str(text).map_err(|error| PolicyError::Json(error.to_string()))?;
        let mut policy = Self { version: Version::default(), id: None, statements: Vec::new() };
        let place = "policy";
        for (name, value) in object(place, "the policy", json)? {
            match name.as_str() {
                "Version" => policy.version = version(value)?,
                "Id" => policy.id = Some(string(place, "Id", value)?),
                "Statement" => policy.statements = statements(value)?,
                _ => return Err(PolicyError::UnknownElement { place: place.to_owned(), name }),
            }
        }
        if policy.statements.is_empty() {
            return Err(PolicyError::Missing { place: place.to_owned(), element: "Statement" });
        }
        Ok(policy)
    }
}

fn version(value: Json) -> Result<Version, PolicyError> {
    match string("policy", "Version", value)?.as_str() {
        "2012-10-17" => Ok(Version::V2012),
        "2008-10-17" => Ok(Version::V2008),
        other => Err(invalid("policy", "Version", "\"2012-10-17\" or \"2008-10-17\"", format!("{other:?}"))),
    }
}

fn statements(value: Json) -> Result<Vec<Statement>, PolicyError> {
    let list = match value {
        Json::List(list) => list,
        one => vec![one],
    };
    list.into_iter().enumerate().map(|(index, json)| statement(index + 1, json)).collect()
}

fn statement(position: usize, json: Json) -> Result<Statement, PolicyError> {
    let place = format!("statement {position}");
    let (mut sid, mut effect, mut conditions) = (None, None, Vec::new());
    let (mut actions, mut resources) = (None, None);
    for (name, value) in object(&place, "a statement", json)? {
        match name.as_str() {
            "Sid" => sid = Some(string(&place, "Sid", value)?),
            "Effect" => effect = Some(effect_of(&place, value)?),
            "Action" | "NotAction" => select(&place, "Action", &name, value, &mut actions)?,
            "Resource" | "NotResource" => select(&place, "Resource", &name, value, &mut resources)?,
            "Condition" => conditions = conditions_of(&place, value)?,
            _ => return Err(PolicyError::UnknownElement { place, name }),
        }
    }
    let missing = |element| PolicyError::Missing { place: place.clone(), element };
    let effect = effect.ok_or_else(|| missing("Effect"))?;
    let actions = actions.ok_or_else(|| missing("Action or NotAction"))?;
    let resources = resources.ok_or_else(|| missing("Resource or NotResource"))?;
    check_patterns(&place, "Action", &actions, "\"*\" or a service and an action, such as \"organizations:*\"", |pattern| {
        pattern.contains(':')
    })?;
    check_patterns(&place, "Resource", &resources, "\"*\" or an ARN", |pattern| pattern.starts_with("arn:"))?;
    Ok(Statement { sid, position, effect, actions, resources, conditions })
}

/// `Effect` is case-sensitive (IAM User Guide, "IAM JSON policy elements: Effect").
fn effect_of(place: &str, value: Json) -> Result<Effect, PolicyError> {
    match string(place, "Effect", value)?.as_str() {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => Err(invalid(place, "Effect", "\"Allow\" or \"Deny\"", format!("{other:?}"))),
    }
}

/// Reads `Action`, `NotAction`, `Resource` or `NotResource` (`name`) into `into`. The two forms of an `element` exclude each other.
fn select(place: &str, element: &'static str, name: &str, value: Json, into: &mut Option<Selection>) -> Result<(), PolicyError> {
    if into.is_some() {
        return Err(PolicyError::Conflict { place: place.to_owned(), element });
    }
    let items = match value {
        Json::List(list) => list,
        one => vec![one],
    };
    let patterns = items.into_iter().map(|item| string(place, name, item)).collect::<Result<Vec<_>, _>>()?;
    *into = Some(Selection { negated: name != element, patterns });
    Ok(())
}

fn check_patterns(
    place: &str,
    element: &'static str,
    selection: &Selection,
    expected: &'static str,
    well_formed: impl Fn(&str) -> bool,
) -> Result<(), PolicyError> {
    if selection.patterns.is_empty() {
        return Err(invalid(place, element, expected, "an empty list".to_owned()));
    }
    let everything = |pattern: &str| !pattern.is_empty() && pattern.chars().all(|character| character == '*');
    match selection.patterns.iter().find(|pattern| !everything(pattern) && !well_formed(pattern)) {
        None => Ok(()),
        Some(pattern) => Err(invalid(place, element, expected, format!("{pattern:?}"))),
    }
}

fn conditions_of(place: &str, value: Json) -> Result<Vec<Condition>, PolicyError> {
    let mut conditions: Vec<Condition> = Vec::new();
    for (name, keys) in object(place, "Condition", value)? {
        let operator =
            Operator::from_name(&name).ok_or_else(|| PolicyError::UnknownOperator { place: place.to_owned(), name: name.clone() })?;
        let first_of_operator = conditions.len();
        for (key, values) in object(place, &name, keys)? {
            // Key names ignore case, so two spellings of one key are a duplicate.
            let twice = conditions[first_of_operator..].iter().any(|other| other.key.eq_ignore_ascii_case(&key));
            if twice || !key.contains(':') {
                let found = if twice { format!("{key:?} twice") } else { format!("{key:?}") };
                return Err(invalid(place, &name, "condition keys with their prefix, such as \"aws:PrincipalArn\", each once", found));
            }
            let values = condition_values(place, &key, operator.comparison, values)?;
            conditions.push(Condition { operator, key, values });
        }
        if conditions.len() == first_of_operator {
            return Err(invalid(place, &name, "an object with a condition key", "an empty object".to_owned()));
        }
    }
    Ok(conditions)
}

/// "Quotation marks are optional for numeric and Boolean values" (IAM User Guide, grammar).
fn condition_values(place: &str, key: &str, comparison: Comparison, value: Json) -> Result<Vec<String>, PolicyError> {
    let items = match value {
        Json::List(list) => list,
        one => vec![one],
    };
    let values: Result<Vec<_>, _> = items
        .into_iter()
        .map(|item| match item {
            Json::Text(text) => Ok(text),
            Json::Number(number) => Ok(number),
            Json::Bool(value) => Ok(value.to_string()),
            other => Err(invalid(place, key, "a string, number or boolean", other.kind().to_owned())),
        })
        .collect();
    let values = values?;
    let null_asks_neither = |value: &String| !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false");
    if comparison == Comparison::Null && values.iter().any(null_asks_neither) {
        return Err(invalid(place, key, "\"true\" or \"false\"", format!("{values:?}")));
    }
    Ok(values)
}

fn object(place: &str, element: &str, json: Json) -> Result<Object, PolicyError> {
    match json {
        Json::Object(entries) => Ok(entries),
        other => Err(invalid(place, element, "an object", other.kind().to_owned())),
    }
}

fn string(place: &str, element: &str, json: Json) -> Result<String, PolicyError> {
    match json {
        Json::Text(text) => Ok(text),
        other => Err(invalid(place, element, "a string", other.kind().to_owned())),
    }
}

fn invalid(place: &str, element: &str, expected: &'static str, found: String) -> PolicyError {
    PolicyError::InvalidValue { place: place.to_owned(), element: element.to_owned(), expected, found }
}
