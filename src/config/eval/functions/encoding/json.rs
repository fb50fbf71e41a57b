//! JSON with exact numbers, which is why it is parsed here and not by a library.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::super::budget::{BYTES_OF_A_LIST, BYTES_OF_AN_OBJECT};
use super::super::super::value::{Kind, Number, Value};
use super::super::arguments::{Arguments, FunctionError};
use super::super::{BYTES_OF_A_STEP, Returned};

/// The most levels of nesting that are read. Each takes stack.
const MAX_DEPTH: usize = 200;

pub(super) fn encode(arguments: &Arguments<'_>) -> Returned {
    Ok(to_json(arguments, arguments.value(0)?)?.into())
}

/// Encodes a value as JSON without blanks. Counts it against the budget as it is written, because a small value with shared parts can
/// become a long text.
///
/// # Errors
///
/// Returns an error if a limit is exceeded.
pub(in super::super) fn to_json(arguments: &Arguments<'_>, value: &Value) -> Result<String, FunctionError> {
    arguments.pay_steps(value.weight())?;
    let mut writer = Writer { arguments, text: String::new() };
    writer.value(value)?;
    Ok(writer.text)
}

struct Writer<'a, 'c> {
    arguments: &'a Arguments<'c>,
    text: String,
}

impl Writer<'_, '_> {
    fn push(&mut self, text: &str) -> Result<(), FunctionError> {
        // Twice the length: the text has spare capacity, and it is copied once when it becomes a value.
        self.arguments.pay_bytes(text.len().saturating_mul(2))?;
        self.text.push_str(text);
        Ok(())
    }

    fn value(&mut self, value: &Value) -> Result<(), FunctionError> {
        match value.kind() {
            Kind::Null(_) => self.push("null"),
            Kind::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Kind::Number(number) => self.push(&number.to_string()),
            Kind::String(string) => self.string(string),
            Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
                self.push("[")?;
                for (index, element) in elements.iter().enumerate() {
                    self.push(if index > 0 { "," } else { "" })?;
                    self.value(element)?;
                }
                self.push("]")
            }
            Kind::Map(_, entries) | Kind::Object(entries) => {
                self.push("{")?;
                for (index, (name, element)) in entries.iter().enumerate() {
                    self.push(if index > 0 { "," } else { "" })?;
                    self.string(name)?;
                    self.push(":")?;
                    self.value(element)?;
                }
                self.push("}")
            }
        }
    }

    /// Writes a string. As in Terraform, characters with a meaning in HTML or scripts are escaped as well.
    fn string(&mut self, string: &str) -> Result<(), FunctionError> {
        self.arguments.pay_steps(string.len() / BYTES_OF_A_STEP)?;
        self.push("\"")?;
        let is_escaped = |character: char| matches!(character, '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}');
        let mut rest = string;
        while let Some(at) = rest.find(is_escaped) {
            let (before, after) = rest.split_at(at);
            self.push(before)?;
            let character = after.chars().next().unwrap_or_default();
            match character {
                '"' => self.push("\\\"")?,
                '\\' => self.push("\\\\")?,
                '\n' => self.push("\\n")?,
                '\r' => self.push("\\r")?,
                '\t' => self.push("\\t")?,
                '\u{8}' => self.push("\\b")?,
                '\u{c}' => self.push("\\f")?,
                _ => self.push(&format!("\\u{:04x}", u32::from(character)))?,
            }
            rest = after.get(character.len_utf8()..).unwrap_or_default();
        }
        self.push(rest)?;
        self.push("\"")
    }
}

pub(super) fn decode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    arguments.pay_bytes(text.len())?;
    let mut reader = Reader { arguments, text, at: 0, depth: 0 };
    let value = reader.value()?;
    reader.blanks();
    if reader.at < text.len() { Err(reader.error("there is text after the value")) } else { Ok(value) }
}

struct Reader<'a, 'c> {
    arguments: &'a Arguments<'c>,
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_, '_> {
    fn error(&self, message: &str) -> FunctionError {
        FunctionError::argument(0, format!("the string is not JSON: {message} at byte {}", self.at))
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Whether `token` comes next. If so, moves past it.
    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn value(&mut self) -> Returned {
        self.arguments.pay(1)?;
        self.blanks();
        match self.rest().bytes().next() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(self.string()?.into()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("true") => Ok(true.into()),
            _ if self.take("false") => Ok(false.into()),
            _ if self.take("null") => Ok(Value::null()),
            None => Err(self.error("a value is missing")),
            Some(_) => Err(self.error("there is no value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Returned) -> Returned {
        if self.depth >= MAX_DEPTH {
            return Err(self.error("it is nested too deeply"));
        }
        self.at += 1;
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Returned {
        self.arguments.pay_bytes(BYTES_OF_A_LIST)?;
        let mut elements = Vec::new();
        self.blanks();
        if self.take("]") {
            return Ok(Value::tuple(elements));
        }
        loop {
            elements.push(self.value()?);
            self.blanks();
            if self.take("]") {
                return Ok(Value::tuple(elements));
            }
            if !self.take(",") {
                return Err(self.error("a comma or a closing bracket is missing"));
            }
        }
    }

    fn object(&mut self) -> Returned {
        self.arguments.pay_bytes(BYTES_OF_AN_OBJECT)?;
        let mut attributes = BTreeMap::new();
        self.blanks();
        if self.take("}") {
            return Ok(Value::object(attributes));
        }
        loop {
            self.blanks();
            if !self.rest().starts_with('"') {
                return Err(self.error("a key in quotes is missing"));
            }
            let name = Value::from(self.string()?).as_str().unwrap_or_default().to_owned();
            self.blanks();
            if !self.take(":") {
                return Err(self.error("a colon is missing"));
            }
            let value = self.value()?;
            attributes.insert(name, value);
            self.blanks();
            if self.take("}") {
                return Ok(Value::object(attributes));
            }
            if !self.take(",") {
                return Err(self.error("a comma or a closing brace is missing"));
            }
        }
    }

    /// Reads a string, which starts at a quote. `serde_json` decodes its characters.
    fn string(&mut self) -> Result<String, FunctionError> {
        let bytes = self.rest().as_bytes();
        let mut end = 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => return Err(self.error("a string is not closed")),
            }
        }
        let literal = self.rest().get(..=end).unwrap_or_default();
        let string = serde_json::from_str(&with_pairs(literal)).map_err(|_| self.error("a string is not valid"))?;
        self.at += end + 1;
        Ok(string)
    }

    fn number(&mut self) -> Returned {
        let rest = self.rest();
        let end = rest.find(|character: char| !matches!(character, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let literal = rest.get(..end).unwrap_or_default();
        match Number::parse(literal).filter(|_| is_number(literal)) {
            Some(number) => {
                self.at += end;
                Ok(number.into())
            }
            None => Err(self.error("a number is not valid, or too large,")),
        }
    }
}

/// The literal, with U+FFFD for each unpaired half of a surrogate pair, as in Terraform.
fn with_pairs(literal: &str) -> Cow<'_, str> {
    if !literal.contains("\\ud") && !literal.contains("\\uD") {
        return literal.into();
    }
    let unit = |at: usize| {
        let digits = literal.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    let (mut whole, mut at) = (String::with_capacity(literal.len()), 0);
    while let Some(next) = literal.get(at..).and_then(|rest| rest.find('\\')).map(|next| at + next) {
        whole.push_str(literal.get(at..next).unwrap_or_default());
        let (written, length) = match (unit(next), unit(next + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (literal.get(next..next + 12), 12),
            (Some(0xd800..=0xdfff), _) => (Some("\\ufffd"), 6),
            _ => (literal.get(next..next + 2), 2),
        };
        whole.push_str(written.unwrap_or_default());
        at = next + length;
    }
    whole.push_str(literal.get(at..).unwrap_or_default());
    whole.into()
}

/// Whether the text is a JSON number: no sign but minus, no leading zeros, digits on both sides of the point.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (digits, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction) && all_digits(exponent) && (whole == "0" || !whole.starts_with('0'))
}
