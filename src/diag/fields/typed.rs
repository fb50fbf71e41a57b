//! Reads arguments by type. A wrong value is reported and counts as absent.

use std::ops::RangeInclusive;
use std::str::FromStr;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Body};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::org::{AccountId, SourceSpan, Spanned};

use super::known::Shape;
use super::names::did_you_mean;
use super::{Code, Diagnostic, Evaluate, Fields, Syntax, Value, closest};

impl<E: Evaluate> Fields<'_, E> {
    /// Reads a string.
    pub fn string(&mut self, name: &'static str) -> Option<Spanned<String>> {
        self.string_of(name, Shape::Text)
    }

    fn string_of(&mut self, name: &'static str, shape: Shape) -> Option<Spanned<String>> {
        let found = self.shaped(name, shape)?;
        self.expect_string(name, found)
    }

    /// Reads a string that must not be blank.
    pub fn text(&mut self, name: &'static str) -> Option<Spanned<String>> {
        self.text_of(name, Shape::Text)
    }

    fn text_of(&mut self, name: &'static str, shape: Shape) -> Option<Spanned<String>> {
        let found = self.string_of(name, shape)?;
        if found.value.trim().is_empty() {
            self.invalid(&found.span, format!("`{name}` must not be empty."));
            return None;
        }
        Some(found)
    }

    /// Reads a name that AWS stores unchanged: at least one character of any kind, as the patterns of names in the Organizations API allow
    /// (`[\s\S]*` for a policy, printable ASCII with spaces for an account).
    pub fn name(&mut self, name: &'static str) -> Option<Spanned<String>> {
        let found = self.string(name)?;
        if found.value.is_empty() {
            self.invalid(&found.span, format!("`{name}` must not be empty."));
            return None;
        }
        Some(found)
    }

    /// Reads a required string that must not be blank.
    pub fn required_text(&mut self, name: &'static str) -> Option<Spanned<String>> {
        self.required(name, |fields| fields.text(name))
    }

    /// Reads a required argument with `read`.
    pub fn required<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let found = read(self);
        if found.is_none() {
            self.require(name);
        }
        found
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self, name: &'static str) -> Option<Spanned<bool>> {
        let found = self.shaped(name, Shape::Bool)?;
        match found.value {
            Value::Bool(value) => Some(Spanned::new(value, found.span)),
            ref other => self.wrong_type(name, "true or false", other, found.span.clone()),
        }
    }

    /// Reads a whole number within `range`.
    pub fn integer(&mut self, name: &'static str, range: RangeInclusive<u32>) -> Option<Spanned<u32>> {
        let found = self.shaped(name, Shape::Integer(*range.end()))?;
        let Value::Number(text) = &found.value else {
            return self.wrong_type(name, "a whole number", &found.value, found.span.clone());
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => Some(Spanned::new(number, found.span)),
            _ => {
                self.invalid(
                    &found.span,
                    format!("`{name}` must be a whole number from {} to {}, not {text}.", range.start(), range.end()),
                );
                None
            }
        }
    }

    /// Reads a number within `range`.
    pub fn number(&mut self, name: &'static str, range: RangeInclusive<f64>) -> Option<Spanned<f64>> {
        let found = self.shaped(name, Shape::Number(*range.end()))?;
        let Value::Number(text) = &found.value else {
            return self.wrong_type(name, "a number", &found.value, found.span.clone());
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => Some(Spanned::new(number, found.span)),
            _ => {
                self.invalid(&found.span, format!("`{name}` must be a number from {} to {}, not {text}.", range.start(), range.end()));
                None
            }
        }
    }

    /// Reads a list of strings; empty if it is absent.
    pub fn strings(&mut self, name: &'static str) -> Vec<Spanned<String>> {
        let Some(found) = self.shaped(name, Shape::Texts) else { return Vec::new() };
        let Value::List(items) = found.value else {
            return self.wrong_type(name, "a list of strings", &found.value, found.span).unwrap_or_default();
        };
        let strings: Vec<_> = items.into_iter().filter_map(|item| self.expect_string(name, item)).collect();
        self.warn_of_repetitions(name, &strings);
        strings
    }

    /// Reads a map, in the order of the source; its values may be anything.
    pub fn map(&mut self, name: &'static str) -> Option<Vec<(Spanned<String>, Spanned<Value>)>> {
        let found = self.shaped(name, Shape::Map)?;
        match found.value {
            Value::Map(entries) => Some(entries),
            ref other => self.wrong_type(name, "a map", other, found.span.clone()),
        }
    }

    /// Reads an account id: 12 digits in quotes. A number is refused even with 12 digits, because a leading zero would be lost.
    pub fn account_id(&mut self, name: &'static str) -> Option<Spanned<AccountId>> {
        let found = self.shaped(name, Shape::AccountId)?;
        self.expect_account_id(found)
    }

    /// Reads a required account id.
    pub fn required_account_id(&mut self, name: &'static str) -> Option<Spanned<AccountId>> {
        self.required(name, |fields| fields.account_id(name))
    }

    /// Reads a list of account ids; empty if it is absent.
    pub fn account_ids(&mut self, name: &'static str) -> Vec<Spanned<AccountId>> {
        let Some(found) = self.shaped(name, Shape::AccountIds) else { return Vec::new() };
        let Value::List(items) = found.value else {
            return self.wrong_type(name, "a list of account ids", &found.value, found.span).unwrap_or_default();
        };
        let ids: Vec<_> = items.into_iter().filter_map(|item| self.expect_account_id(item)).collect();
        self.warn_of_repetitions(name, &ids);
        ids
    }

    /// Reads one of a closed list of words.
    pub fn one_of<T: Copy>(&mut self, name: &'static str, choices: &[(&'static str, T)]) -> Option<Spanned<T>> {
        if self.is_unquoted(name, choices) {
            return None;
        }
        let found = self.string_of(name, choices.first().map_or(Shape::Text, |(word, _)| Shape::Choice(word)))?;
        self.expect_choice(&format!("`{name}`"), &found, choices).map(|choice| Spanned::new(choice, found.span))
    }

    /// Reads one of an open list of words. `read` accepts the listed words, and other words that may be valid too.
    pub fn one_of_open<T: Clone>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, &T)],
        read: fn(&str) -> Option<T>,
    ) -> Option<Spanned<T>> {
        if self.is_unquoted(name, choices) {
            return None;
        }
        let found = self.string_of(name, choices.first().map_or(Shape::Text, |(word, _)| Shape::Choice(word)))?;
        self.expect_open_choice(&format!("`{name}`"), &found, choices, read).map(|choice| Spanned::new(choice, found.span))
    }

    /// Converts `found` with `read`. If `read` does not accept it, reports the closest of `choices`.
    pub fn expect_open_choice<T: Clone>(
        &mut self,
        what: &str,
        found: &Spanned<String>,
        choices: &[(&str, &T)],
        read: fn(&str) -> Option<T>,
    ) -> Option<T> {
        read(&found.value).or_else(|| self.expect_choice(what, found, choices).cloned())
    }

    /// Whether a word of the list is written without its quotes. Reports it if so.
    fn is_unquoted<T>(&mut self, name: &'static str, choices: &[(&'static str, T)]) -> bool {
        let Some(Expression::Variable(written)) = self.body.get_attribute(name).map(|attribute| &attribute.value) else { return false };
        let Some((word, _)) = choices.iter().find(|(word, _)| *word == written.as_str()) else { return false };
        self.names.add_argument(name, Shape::Choice(word));
        let span = self.syntax.span(written);
        let detail =
            format!("`{name}` is a string, and strings are written in quotes: \"{word}\". Without them, {word} is a reference to a value.");
        self.diagnostics.push(Diagnostic::error(Code::InvalidValue, detail).at(span.clone()).patched_with_quotes(span));
        true
    }

    /// Finds `found` among `choices`, or reports the closest.
    pub fn expect_choice<T: Copy>(&mut self, what: &str, found: &Spanned<String>, choices: &[(&str, T)]) -> Option<T> {
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == found.value) {
            return Some(*value);
        }
        let (body, syntax) = (self.body, self.syntax);
        self.diagnostics.push_error(|| {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            let quoted = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
            let detail = format!("{what} must be one of {quoted}, not {:?}.{}", found.value, did_you_mean(&found.value, &words));
            let diagnostic = Diagnostic::error(Code::InvalidValue, detail).at(found.span.clone());
            match closest(&found.value, &words).filter(|_| is_literal(body, syntax, &found.span)) {
                Some(word) => diagnostic.patched(found.span.clone(), format!("\"{word}\"")),
                None => diagnostic,
            }
        });
        None
    }

    /// Reads a string that `T` parses; `T`'s error describes what is wrong.
    pub fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, name: &'static str) -> Option<Spanned<T>> {
        let found = self.text(name)?;
        match found.value.parse() {
            Ok(value) => Some(Spanned::new(value, found.span)),
            Err(error) => {
                self.invalid(&found.span, format!("`{name}`: {error}."));
                None
            }
        }
    }

    /// Reads a time in RFC 3339 format, such as `2026-12-01T00:00:00Z`.
    pub fn timestamp(&mut self, name: &'static str) -> Option<Spanned<Timestamp>> {
        let found = self.text_of(name, Shape::Timestamp)?;
        if let Ok(instant) = found.value.parse() {
            return Some(Spanned::new(instant, found.span));
        }
        let detail = format!("`{name}` must be a time with its offset, such as \"2026-12-01T00:00:00Z\", not {:?}.", found.value);
        self.invalid(&found.span, detail);
        None
    }

    /// Reads a date, such as `2026-12-01`.
    pub fn date(&mut self, name: &'static str) -> Option<Spanned<Date>> {
        let found = self.text_of(name, Shape::Date)?;
        // A date with a time would also parse, and its time would be dropped silently.
        match found.value.parse() {
            Ok(date) if found.value.len() == "2026-12-01".len() => Some(Spanned::new(date, found.span)),
            _ => {
                self.invalid(&found.span, format!("`{name}` must be a day, such as \"2026-12-01\", not {:?}.", found.value));
                None
            }
        }
    }

    fn expect_string(&mut self, name: &str, found: Spanned<Value>) -> Option<Spanned<String>> {
        match found.value {
            Value::String(text) => Some(Spanned::new(text, found.span)),
            ref other => self.wrong_type(name, "a string", other, found.span.clone()),
        }
    }

    /// Converts a value to an account id: 12 digits in quotes.
    pub fn expect_account_id(&mut self, found: Spanned<Value>) -> Option<Spanned<AccountId>> {
        let text = match found.value {
            Value::String(text) => text,
            Value::Number(number) => {
                let (body, syntax, evaluator) = (self.body, self.syntax, self.evaluator);
                self.diagnostics.push_error(|| {
                    let detail = if is_literal(body, syntax, &found.span) {
                        "An account id is a string of 12 digits. As a number it would lose its leading zeros and become another account's id. Quote it.".to_owned()
                    } else {
                        number_from_elsewhere(&number, &evaluator.places_of_number(&number))
                    };
                    let diagnostic = Diagnostic::error(Code::UnquotedAccountId, detail).at(found.span.clone());
                    // Fewer digits are not an account id in quotes either.
                    let is_complete = found.span.end - found.span.start == "123456789012".len() && is_literal(body, syntax, &found.span);
                    if is_complete { diagnostic.patched_with_quotes(found.span) } else { diagnostic }
                });
                return None;
            }
            ref other => return self.wrong_type("an account id", "a string of 12 digits", other, found.span.clone()),
        };
        match text.parse() {
            Ok(id) => Some(Spanned::new(id, found.span)),
            Err(_) => {
                let detail = format!("An account id is exactly 12 digits, such as \"123456789012\"; {text:?} is not.");
                self.diagnostics.push(Diagnostic::error(Code::InvalidAccountId, detail).at(found.span));
                None
            }
        }
    }

    fn wrong_type<T>(&mut self, name: &str, wanted: &str, found: &Value, span: SourceSpan) -> Option<T> {
        let detail = format!("`{name}` must be {wanted}, not a {}.", found.type_name());
        self.diagnostics.push(Diagnostic::error(Code::WrongType, detail).at(span));
        None
    }
}

/// The message about an id that is a number because of an expression. `places` are where data files contain the number.
fn number_from_elsewhere(number: &str, places: &[String]) -> String {
    let why = "YAML and JSON read digits without quotes as a number, which has no leading zeros and may be another account's id";
    match places {
        [] => format!(
            "An account id is a string of 12 digits, and this value is the number {number}. {why}: quote the id where it comes from, or convert it before it becomes a number."
        ),
        [place] => {
            format!("An account id is a string of 12 digits, and this value is the number {number} ({place}). {why}: quote it there.")
        }
        places => format!(
            "An account id is a string of 12 digits, and this value is the number {number} ({}). {why}: quote it there.",
            places.join("; ")
        ),
    }
}

/// Whether the value at `span` is a literal there, so that replacing its text fixes it.
fn is_literal(body: &Body, syntax: &Syntax, span: &SourceSpan) -> bool {
    let is_it =
        |expression: &Expression| matches!(expression, Expression::String(_) | Expression::Number(_)) && syntax.span(expression) == *span;
    let around = |attribute: &&Attribute| {
        let value = syntax.span(&attribute.value);
        value.start <= span.start && span.end <= value.end
    };
    body.attributes().find(around).is_some_and(|attribute| match &attribute.value {
        // A list can be as long as the file.
        Expression::Array(items) => {
            let is_before = |at: usize| items.get(at).is_some_and(|item| syntax.span(item).start < span.start);
            items.get(partition_point(items.len(), is_before)).is_some_and(is_it)
        }
        other => is_it(other),
    })
}

/// The first index below `count` for which `is_before` is false, or `count`.
fn partition_point(count: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = from + (to - from) / 2;
        (from, to) = if is_before(middle) { (middle + 1, to) } else { (from, middle) };
    }
    from
}
