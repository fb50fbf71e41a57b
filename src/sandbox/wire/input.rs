//! Input of an operation, checked by the API's own patterns, lengths and ranges as it is read.

use serde_json::{Map, Value};

use crate::org::AccountId;
use crate::sandbox::state::ids;

use super::Refusal;
use super::form::{Form, lowered};

/// The input of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    members: Map<String, Value>,
    form: Form,
}

/// The largest page of the Organizations lists (shape `MaxResults`), which is what they answer by default.
pub const PAGE: usize = 20;

impl Input {
    /// Reads a JSON body. An empty one is an empty object: operations without input are sent that way by some clients.
    ///
    /// # Errors
    ///
    /// `SerializationException`.
    pub fn json(body: &[u8]) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Ok(Self { members: Map::new(), form: Form::default() });
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self { members, form: Form::default() }),
            Ok(_) => Err(Refusal::serialization("Start of structure or map expected.")),
            Err(error) => Err(Refusal::serialization(format!("The body is not valid JSON: {error}."))),
        }
    }

    /// The parameters of a query request.
    #[must_use]
    pub fn form(form: Form) -> Self {
        Self { members: Map::new(), form }
    }

    /// The parameters of a query request.
    #[must_use]
    pub const fn parameters(&self) -> &Form {
        &self.form
    }

    /// The input as CloudTrail shows it: member names begin in lower case; null where there is no input.
    #[must_use]
    pub fn as_parameters(&self) -> Value {
        if self.members.is_empty() {
            return self.form.as_parameters();
        }
        Value::Object(self.members.iter().map(|(name, value)| (lowered(name), with_lowered_names(value))).collect())
    }

    /// A structure's member as input of its own; empty where it is absent.
    ///
    /// # Errors
    ///
    /// `SerializationException` where it is no structure.
    pub fn structure(&self, name: &str) -> Result<Option<Self>, Refusal> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self { members: members.clone(), form: Form::default() })),
            Some(_) => Err(Refusal::serialization("Start of structure or map expected.")),
        }
    }

    /// A list of structures.
    ///
    /// # Errors
    ///
    /// `SerializationException` where it is something else.
    pub fn structures(&self, name: &str) -> Result<Vec<Self>, Refusal> {
        let items = self.list(name)?;
        items
            .iter()
            .map(|item| match item {
                Value::Object(members) => Ok(Self { members: members.clone(), form: Form::default() }),
                _ => Err(Refusal::serialization("Start of structure or map expected.")),
            })
            .collect()
    }

    /// A list of strings.
    ///
    /// # Errors
    ///
    /// `SerializationException` where it is something else.
    pub fn strings(&self, name: &str) -> Result<Vec<&str>, Refusal> {
        self.list(name)?.iter().map(|item| item.as_str().ok_or_else(not_a_string)).collect()
    }

    fn list(&self, name: &str) -> Result<&[Value], Refusal> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(Refusal::serialization("Expected list or null.")),
        }
    }

    /// A string, if it is there.
    ///
    /// # Errors
    ///
    /// `SerializationException` where it is something else.
    pub fn optional(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(not_a_string()),
        }
    }

    /// A string that must be there.
    ///
    /// # Errors
    ///
    /// `INPUT_REQUIRED`, or as [`Input::optional`].
    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.optional(name)?.ok_or_else(|| Refusal::invalid("INPUT_REQUIRED", format!("You must include a value for {name}.")))
    }

    /// Demands a member, of whatever type.
    ///
    /// # Errors
    ///
    /// `INPUT_REQUIRED`.
    pub fn demand(&self, name: &str) -> Result<(), Refusal> {
        match self.members.get(name) {
            None | Some(Value::Null) => Err(Refusal::invalid("INPUT_REQUIRED", format!("You must include a value for {name}."))),
            Some(_) => Ok(()),
        }
    }

    /// A string that must be there and that `valid` accepts.
    ///
    /// # Errors
    ///
    /// `MAX_LENGTH_EXCEEDED` or `INVALID_PATTERN`, or as [`Input::required`].
    pub fn matching(&self, name: &str, max: usize, valid: fn(&str) -> bool) -> Result<&str, Refusal> {
        let text = self.required(name)?;
        check_length(name, text, 0, max)?;
        if valid(text) { Ok(text) } else { Err(invalid_pattern(name)) }
    }

    /// A string of a length that must be there.
    ///
    /// # Errors
    ///
    /// `MIN_LENGTH_EXCEEDED` or `MAX_LENGTH_EXCEEDED`, or as [`Input::required`].
    pub fn sized(&self, name: &str, min: usize, max: usize) -> Result<&str, Refusal> {
        let text = self.required(name)?;
        check_length(name, text, min, max)?;
        Ok(text)
    }

    /// An account id that must be there.
    ///
    /// # Errors
    ///
    /// As [`Input::matching`].
    pub fn account_id(&self, name: &str) -> Result<AccountId, Refusal> {
        self.matching(name, 12, ids::is_account)?.parse().map_err(|_| invalid_pattern(name))
    }

    /// One of a closed list of words that must be there.
    ///
    /// # Errors
    ///
    /// `INVALID_ENUM`, or as [`Input::required`].
    pub fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<T, Refusal> {
        self.required(name).and_then(|text| word(name, text, words))
    }

    /// One of a closed list of words.
    ///
    /// # Errors
    ///
    /// As [`Input::one_of`].
    pub fn optional_of<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Refusal> {
        self.optional(name)?.map(|text| word(name, text, words)).transpose()
    }

    /// A whole number in a range.
    ///
    /// # Errors
    ///
    /// `MIN_VALUE_EXCEEDED` or `MAX_VALUE_EXCEEDED`; `SerializationException` for something else than a number.
    pub fn number(&self, name: &str, min: i64, max: i64) -> Result<Option<i64>, Refusal> {
        let number = match self.members.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value.as_i64().ok_or_else(|| Refusal::serialization("NUMBER_VALUE expected."))?,
        };
        if number < min {
            return Err(Refusal::invalid("MIN_VALUE_EXCEEDED", format!("You provided a value for {name} that is less than {min}.")));
        }
        if number > max {
            return Err(Refusal::invalid("MAX_VALUE_EXCEEDED", format!("You provided a value for {name} that is greater than {max}.")));
        }
        Ok(Some(number))
    }

    /// A truth value.
    ///
    /// # Errors
    ///
    /// `SerializationException` for something else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(Refusal::serialization("TRUE_VALUE or FALSE_VALUE expected.")),
        }
    }

    /// `MaxResults`: 1 to 20 (Organizations API reference).
    ///
    /// # Errors
    ///
    /// As [`Input::number`].
    pub fn page_size(&self) -> Result<usize, Refusal> {
        let size = self.number("MaxResults", 1, 20)?;
        Ok(size.and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE))
    }

    /// A time as the JSON protocols write it: seconds since the epoch, as a number.
    ///
    /// # Errors
    ///
    /// `SerializationException` for something else.
    pub fn timestamp(&self, name: &str) -> Result<Option<jiff::Timestamp>, Refusal> {
        let seconds = match self.members.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value.as_f64(),
        };
        let nanoseconds = seconds.filter(|seconds| seconds.is_finite()).map(|seconds| (seconds * 1e9) as i128);
        let instant = nanoseconds.and_then(|nanoseconds| jiff::Timestamp::from_nanosecond(nanoseconds).ok());
        instant.map(Some).ok_or_else(|| Refusal::serialization(format!("{name} must be a number of seconds since 1970.")))
    }

    /// What distinguishes one list from another: everything that is asked but the page.
    #[must_use]
    pub fn without_page(&self) -> String {
        let mut members = self.members.clone();
        members.remove("NextToken");
        members.remove("MaxResults");
        Value::Object(members).to_string()
    }
}

/// A value whose members' names begin in lower case.
fn with_lowered_names(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (lowered(name), with_lowered_names(value))).collect(),
        Value::Array(items) => items.iter().map(with_lowered_names).collect(),
        other => other.clone(),
    }
}

fn word<T: Copy>(name: &str, text: &str, words: &[(&str, T)]) -> Result<T, Refusal> {
    let found = words.iter().find(|(known, _)| *known == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let reason = if name == "PolicyType" || name == "Filter" || name == "Type" { "INVALID_ENUM_POLICY_TYPE" } else { "INVALID_ENUM" };
        Refusal::invalid(reason, format!("You specified an invalid value for {name}."))
    })
}

/// Checks a length in characters.
///
/// # Errors
///
/// `MIN_LENGTH_EXCEEDED` or `MAX_LENGTH_EXCEEDED`.
pub fn check_length(name: &str, text: &str, min: usize, max: usize) -> Result<(), Refusal> {
    let length = text.chars().count();
    if length < min {
        return Err(Refusal::invalid(
            "MIN_LENGTH_EXCEEDED",
            format!("You provided a string for {name} that is shorter than {min} characters."),
        ));
    }
    if length > max {
        return Err(Refusal::invalid(
            "MAX_LENGTH_EXCEEDED",
            format!("You provided a string for {name} that is longer than {max} characters."),
        ));
    }
    Ok(())
}

/// The refusal of a value that does not have the API's pattern.
#[must_use]
pub fn invalid_pattern(name: &str) -> Refusal {
    Refusal::invalid("INVALID_PATTERN", format!("You provided a value for {name} that doesn't match the required pattern."))
}

fn not_a_string() -> Refusal {
    Refusal::serialization("STRING_VALUE expected.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(result: Result<impl std::fmt::Debug, Refusal>) -> String {
        let refusal = result.unwrap_err();
        refusal.reason.unwrap_or(refusal.code).into_owned()
    }

    #[test]
    fn a_body_must_be_an_object_of_bounded_depth() {
        assert!(Input::json(b"").is_ok());
        assert!(Input::json(b"{}").is_ok());
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        for body in [b"[]".as_slice(), b"{", b"\xff", b"null", &deep] {
            assert_eq!(reason(Input::json(body)), "SerializationException");
        }
    }

    #[test]
    fn each_breach_of_the_api_shapes_has_its_reason() {
        let input = Input::json(br#"{"Id":"1234","Long":"1234567890123","N":0,"M":21,"E":"X","B":true,"T":1.5}"#).unwrap();
        assert_eq!(reason(input.required("Absent")), "INPUT_REQUIRED");
        assert_eq!(reason(input.account_id("Id")), "INVALID_PATTERN");
        assert_eq!(reason(input.account_id("Long")), "MAX_LENGTH_EXCEEDED");
        assert_eq!(reason(input.sized("Id", 5, 9)), "MIN_LENGTH_EXCEEDED");
        assert_eq!(reason(input.number("N", 1, 20)), "MIN_VALUE_EXCEEDED");
        assert_eq!(reason(input.number("M", 1, 20)), "MAX_VALUE_EXCEEDED");
        assert_eq!(reason(input.one_of("E", &[("Y", ())])), "INVALID_ENUM");
        assert_eq!(reason(input.required("B")), "SerializationException");
        assert_eq!(reason(input.number("E", 1, 20)), "SerializationException");
        assert_eq!(input.timestamp("T").unwrap().unwrap().as_millisecond(), 1500);
    }
}
