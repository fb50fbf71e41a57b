//! The input of an operation. Reading it checks the API's patterns, lengths and ranges.

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

/// The largest page of the Organizations lists (shape `MaxResults`), which is also the default.
pub const PAGE: usize = 20;

impl Input {
    /// Reads a JSON body. An empty body counts as an empty object, because some clients send it for operations without input.
    ///
    /// # Errors
    ///
    /// Returns `SerializationException` if the body is not a JSON object.
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

    /// The input as in CloudTrail, with member names in lower camel case; null if there is no input.
    #[must_use]
    pub fn as_parameters(&self) -> Value {
        if self.members.is_empty() {
            return self.form.as_parameters();
        }
        Value::Object(self.members.iter().map(|(name, value)| (lowered(name), with_lowered_names(value))).collect())
    }

    /// Returns a structure as its own input; `None` if it is absent.
    ///
    /// # Errors
    ///
    /// Returns `SerializationException` if the member is not a structure.
    pub fn structure(&self, name: &str) -> Result<Option<Self>, Refusal> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self { members: members.clone(), form: Form::default() })),
            Some(_) => Err(Refusal::serialization("Start of structure or map expected.")),
        }
    }

    /// Returns a list of structures.
    ///
    /// # Errors
    ///
    /// Returns `SerializationException` if the member has another type.
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

    /// Returns a list of strings.
    ///
    /// # Errors
    ///
    /// Returns `SerializationException` if the member has another type.
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

    /// Returns an optional string.
    ///
    /// # Errors
    ///
    /// Returns `SerializationException` if the member has another type.
    pub fn optional(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(not_a_string()),
        }
    }

    /// Returns a required string.
    ///
    /// # Errors
    ///
    /// Returns `INPUT_REQUIRED` if it is absent, or an error of [`Input::optional`].
    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.optional(name)?.ok_or_else(|| Refusal::invalid("INPUT_REQUIRED", format!("You must include a value for {name}.")))
    }

    /// Checks that a member is present, with any type.
    ///
    /// # Errors
    ///
    /// Returns `INPUT_REQUIRED` if it is absent.
    pub fn demand(&self, name: &str) -> Result<(), Refusal> {
        match self.members.get(name) {
            None | Some(Value::Null) => Err(Refusal::invalid("INPUT_REQUIRED", format!("You must include a value for {name}."))),
            Some(_) => Ok(()),
        }
    }

    /// Returns a required string that matches `valid`.
    ///
    /// # Errors
    ///
    /// Returns `MAX_LENGTH_EXCEEDED`, `INVALID_PATTERN`, or an error of [`Input::required`].
    pub fn matching(&self, name: &str, max: usize, valid: fn(&str) -> bool) -> Result<&str, Refusal> {
        let text = self.required(name)?;
        check_length(name, text, 0, max)?;
        if valid(text) { Ok(text) } else { Err(invalid_pattern(name)) }
    }

    /// Returns a required string with a length in a range.
    ///
    /// # Errors
    ///
    /// Returns `MIN_LENGTH_EXCEEDED`, `MAX_LENGTH_EXCEEDED`, or an error of [`Input::required`].
    pub fn sized(&self, name: &str, min: usize, max: usize) -> Result<&str, Refusal> {
        let text = self.required(name)?;
        check_length(name, text, min, max)?;
        Ok(text)
    }

    /// Returns a required account id.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Input::matching`].
    pub fn account_id(&self, name: &str) -> Result<AccountId, Refusal> {
        self.matching(name, 12, ids::is_account)?.parse().map_err(|_| invalid_pattern(name))
    }

    /// Returns the value of a required word in a closed list.
    ///
    /// # Errors
    ///
    /// Returns `INVALID_ENUM`, or an error of [`Input::required`].
    pub fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<T, Refusal> {
        self.required(name).and_then(|text| word(name, text, words))
    }

    /// Returns the value of an optional word in a closed list.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Input::one_of`].
    pub fn optional_of<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Refusal> {
        self.optional(name)?.map(|text| word(name, text, words)).transpose()
    }

    /// Returns an optional whole number in a range.
    ///
    /// # Errors
    ///
    /// Returns `MIN_VALUE_EXCEEDED` or `MAX_VALUE_EXCEEDED`, or `SerializationException` if it is not a number.
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

    /// Returns an optional boolean.
    ///
    /// # Errors
    ///
    /// Returns `SerializationException` if the member has another type.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(Refusal::serialization("TRUE_VALUE or FALSE_VALUE expected.")),
        }
    }

    /// Returns `MaxResults`: 1 to 20 (Organizations API reference).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Input::number`].
    pub fn page_size(&self) -> Result<usize, Refusal> {
        let size = self.number("MaxResults", 1, 20)?;
        Ok(size.and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE))
    }

    /// Returns an optional time in the form of the JSON protocols: seconds since the epoch, as a number.
    ///
    /// # Errors
    ///
    /// Returns `SerializationException` if the member has another type.
    pub fn timestamp(&self, name: &str) -> Result<Option<jiff::Timestamp>, Refusal> {
        let seconds = match self.members.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value.as_f64(),
        };
        let nanoseconds = seconds.filter(|seconds| seconds.is_finite()).map(|seconds| (seconds * 1e9) as i128);
        let instant = nanoseconds.and_then(|nanoseconds| jiff::Timestamp::from_nanosecond(nanoseconds).ok());
        instant.map(Some).ok_or_else(|| Refusal::serialization(format!("{name} must be a number of seconds since 1970.")))
    }

    /// The parts of the input that distinguish one list from another: all members except those for the page.
    #[must_use]
    pub fn without_page(&self) -> String {
        let mut members = self.members.clone();
        members.remove("NextToken");
        members.remove("MaxResults");
        Value::Object(members).to_string()
    }
}

/// The value with member names in lower camel case.
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
/// Returns `MIN_LENGTH_EXCEEDED` or `MAX_LENGTH_EXCEEDED`.
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

/// The refusal of a value that does not match the API's pattern.
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
