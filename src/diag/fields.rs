//! Typed reading of a block's attributes and nested blocks.

use std::ops::RangeInclusive;
use std::str::FromStr;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::org::{AccountId, SourceSpan, Spanned};

use super::{Code, Diagnostic, Diagnostics, Evaluate, Syntax, Value};

/// Reads one body. Every name that is asked for becomes known; [`Fields::finish`] reports the rest as unknown, with the closest known one.
/// A mistake is pushed to the diagnostics and reads as absent, so that one run reports all of them.
pub struct Fields<'a, E: Evaluate> {
    /// What the body is, as in "the provider block".
    what: String,
    syntax: &'a Syntax,
    body: &'a Body,
    /// Where to point when something is missing.
    header: SourceSpan,
    evaluator: &'a E,
    diagnostics: &'a mut Diagnostics,
    known: Vec<&'static str>,
}

impl<'a, E: Evaluate> Fields<'a, E> {
    /// Reads the body of `block`.
    pub fn of_block(
        what: impl Into<String>,
        syntax: &'a Syntax,
        block: &'a Block,
        evaluator: &'a E,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        Self { what: what.into(), syntax, body: &block.body, header: header_span(syntax, block), evaluator, diagnostics, known: Vec::new() }
    }

    /// The block's header, without its body.
    #[must_use]
    pub fn header(&self) -> SourceSpan {
        self.header.clone()
    }

    /// Where further findings about this block go.
    pub fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// What the values are evaluated with.
    #[must_use]
    pub fn evaluator(&self) -> &'a E {
        self.evaluator
    }

    /// The file that the body is in.
    #[must_use]
    pub fn syntax(&self) -> &'a Syntax {
        self.syntax
    }

    /// The attribute's expression, if the attribute is there.
    pub fn expression(&mut self, name: &'static str) -> Option<&'a Expression> {
        self.known.push(name);
        self.body.get_attribute(name).map(|attribute| &attribute.value)
    }

    /// The attribute's value, if it is there and not null.
    pub fn value(&mut self, name: &'static str) -> Option<Spanned<Value>> {
        self.known.push(name);
        let attribute = self.body.get_attribute(name)?;
        let value = self.evaluator.evaluate(self.syntax, &attribute.value);
        self.diagnostics.accept(value).filter(|found| found.value != Value::Null)
    }

    /// A string.
    pub fn string(&mut self, name: &'static str) -> Option<Spanned<String>> {
        let found = self.value(name)?;
        self.expect_string(name, found)
    }

    /// A string that must not be blank.
    pub fn text(&mut self, name: &'static str) -> Option<Spanned<String>> {
        let found = self.string(name)?;
        if found.value.trim().is_empty() {
            self.invalid(&found.span, format!("`{name}` must not be empty."));
            return None;
        }
        Some(found)
    }

    /// A string that must be there and not blank.
    pub fn required_text(&mut self, name: &'static str) -> Option<Spanned<String>> {
        self.require(name).then(|| self.text(name)).flatten()
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &'static str) -> Option<Spanned<bool>> {
        let found = self.value(name)?;
        match found.value {
            Value::Bool(value) => Some(Spanned::new(value, found.span)),
            ref other => self.wrong_type(name, "true or false", other, found.span.clone()),
        }
    }

    /// A whole number within `range`.
    pub fn integer(&mut self, name: &'static str, range: RangeInclusive<u32>) -> Option<Spanned<u32>> {
        let found = self.value(name)?;
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

    /// A number within `range`.
    pub fn number(&mut self, name: &'static str, range: RangeInclusive<f64>) -> Option<Spanned<f64>> {
        let found = self.value(name)?;
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

    /// A list of strings, empty where it is absent.
    pub fn strings(&mut self, name: &'static str) -> Vec<Spanned<String>> {
        let Some(found) = self.value(name) else { return Vec::new() };
        let Value::List(items) = found.value else {
            return self.wrong_type(name, "a list of strings", &found.value, found.span).unwrap_or_default();
        };
        items.into_iter().filter_map(|item| self.expect_string(name, item)).collect()
    }

    /// An account id: 12 digits in quotes. A number is refused even with 12 digits, because its leading zero would be lost.
    pub fn account_id(&mut self, name: &'static str) -> Option<Spanned<AccountId>> {
        let found = self.value(name)?;
        self.expect_account_id(found)
    }

    /// An account id that must be there.
    pub fn required_account_id(&mut self, name: &'static str) -> Option<Spanned<AccountId>> {
        self.require(name).then(|| self.account_id(name)).flatten()
    }

    /// A list of account ids, empty where it is absent.
    pub fn account_ids(&mut self, name: &'static str) -> Vec<Spanned<AccountId>> {
        let Some(found) = self.value(name) else { return Vec::new() };
        let Value::List(items) = found.value else {
            return self.wrong_type(name, "a list of account ids", &found.value, found.span).unwrap_or_default();
        };
        items.into_iter().filter_map(|item| self.expect_account_id(item)).collect()
    }

    /// One of a closed list of words.
    pub fn one_of<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<Spanned<T>> {
        let found = self.string(name)?;
        self.expect_choice(&format!("`{name}`"), &found, choices).map(|choice| Spanned::new(choice, found.span))
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

    /// A string that `T` reads; `T`'s error says what is wrong.
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

    /// An instant as RFC 3339 writes it, such as `2026-12-01T00:00:00Z`.
    pub fn timestamp(&mut self, name: &'static str) -> Option<Spanned<Timestamp>> {
        let found = self.text(name)?;
        if let Ok(instant) = found.value.parse() {
            return Some(Spanned::new(instant, found.span));
        }
        let detail = format!("`{name}` must be a time with its offset, such as \"2026-12-01T00:00:00Z\", not {:?}.", found.value);
        self.invalid(&found.span, detail);
        None
    }

    /// A day, such as `2026-12-01`.
    pub fn date(&mut self, name: &'static str) -> Option<Spanned<Date>> {
        let found = self.text(name)?;
        // A date-time would parse as a date with its time dropped in silence.
        match found.value.parse() {
            Ok(date) if found.value.len() == "2026-12-01".len() => Some(Spanned::new(date, found.span)),
            _ => {
                self.invalid(&found.span, format!("`{name}` must be a day, such as \"2026-12-01\", not {:?}.", found.value));
                None
            }
        }
    }

    /// Nested blocks of one type, in source order.
    pub fn blocks(&mut self, name: &'static str) -> Vec<&'a Block> {
        self.known.push(name);
        self.body.get_blocks(name).collect()
    }

    /// The nested block of a type that may occur once.
    pub fn block(&mut self, name: &'static str) -> Option<&'a Block> {
        let mut blocks = self.blocks(name).into_iter();
        let first = blocks.next()?;
        for again in blocks {
            let detail = format!("{} takes one `{name}` block. Remove one of them.", self.what);
            self.diagnostics.push(
                Diagnostic::error(Code::DuplicateBlock, detail)
                    .at(header_span(self.syntax, again))
                    .also(header_span(self.syntax, first), "first declared here"),
            );
        }
        Some(first)
    }

    /// A reader of a nested block of this one.
    pub fn nested(&mut self, what: impl Into<String>, block: &'a Block) -> Fields<'_, E> {
        Fields {
            what: what.into(),
            body: &block.body,
            header: header_span(self.syntax, block),
            known: Vec::new(),
            diagnostics: self.diagnostics,
            ..*self
        }
    }

    /// A reader of a nested block whose values are evaluated with something else.
    pub fn nested_with<'s>(&'s mut self, what: impl Into<String>, block: &'s Block, evaluator: &'s E) -> Fields<'s, E>
    where
        'a: 's,
    {
        Fields {
            what: what.into(),
            syntax: self.syntax,
            body: &block.body,
            header: header_span(self.syntax, block),
            evaluator,
            diagnostics: self.diagnostics,
            known: Vec::new(),
        }
    }

    /// Says that a setting is wrong.
    pub fn invalid(&mut self, span: &SourceSpan, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(Code::InvalidValue, detail).at(span.clone()));
    }

    /// Reports every attribute and nested block that nobody asked for.
    pub fn finish(self) {
        let known = self.known;
        for attribute in self.body.attributes().filter(|attribute| !known.contains(&attribute.key.as_str())) {
            let (name, span) = (attribute.key.as_str(), self.syntax.span(&attribute.key));
            self.diagnostics.push_error(|| unknown(Code::UnknownAttribute, "an argument", &self.what, name, span, &known));
        }
        for block in self.body.blocks().filter(|block| !known.contains(&block.ident.as_str())) {
            let (name, span) = (block.ident.as_str(), self.syntax.span(&block.ident));
            self.diagnostics.push_error(|| unknown(Code::UnknownBlock, "a block", &self.what, name, span, &known));
        }
    }

    /// Whether an attribute is there and not null, whatever its value.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.body.get_attribute(name).is_some_and(|attribute: &Attribute| match &attribute.value {
            Expression::Null(_) => false,
            Expression::String(_) | Expression::Number(_) | Expression::Bool(_) => true,
            // Whatever else it is can turn out to be null. What has no value is reported where the value is read.
            other => self.evaluator.evaluate(self.syntax, other).map_or(true, |found| found.value != Value::Null),
        })
    }

    /// Whether an attribute is set; reports it as missing otherwise.
    pub fn require(&mut self, name: &'static str) -> bool {
        let present = self.is_set(name);
        if !present {
            self.known.push(name);
            let detail = format!("{} needs `{name}`, but it is not set.", self.what);
            self.diagnostics.push(Diagnostic::error(Code::MissingAttribute, detail).at(self.header.clone()));
        }
        present
    }

    fn expect_string(&mut self, name: &str, found: Spanned<Value>) -> Option<Spanned<String>> {
        match found.value {
            Value::String(text) => Some(Spanned::new(text, found.span)),
            ref other => self.wrong_type(name, "a string", other, found.span.clone()),
        }
    }

    fn expect_account_id(&mut self, found: Spanned<Value>) -> Option<Spanned<AccountId>> {
        let text = match found.value {
            Value::String(text) => text,
            Value::Number(_) => {
                let (body, syntax) = (self.body, self.syntax);
                self.diagnostics.push_error(|| {
                    let detail = "An account id is a string of 12 digits. As a number it would lose its leading zeros, and so name another account. Quote it.";
                    let diagnostic = Diagnostic::error(Code::UnquotedAccountId, detail).at(found.span.clone());
                    // Fewer digits are no account id in quotes either.
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

/// The header of a block: its type and labels.
fn header_span(syntax: &Syntax, block: &Block) -> SourceSpan {
    let start = syntax.span(&block.ident);
    let end = block.labels.last().map_or(start.end, |label| syntax.span(label).end);
    SourceSpan { end, ..start }
}

fn unknown(code: Code, kind: &str, what: &str, name: &str, span: SourceSpan, known: &[&'static str]) -> Diagnostic {
    let detail = format!("{what} does not take {kind} named `{name}`.{}", did_you_mean(name, known));
    let diagnostic = Diagnostic::error(code, detail).at(span.clone());
    match closest(name, known) {
        Some(word) => diagnostic.patched(span, word),
        None => diagnostic,
    }
}

fn did_you_mean(name: &str, known: &[&str]) -> String {
    closest(name, known).map_or_else(String::new, |word| format!(" Did you mean `{word}`?"))
}

/// Whether the value at `span` is written there, so that another text in its place is a mend.
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

/// How many of the first `count` places come before the first one that `is_before` does not hold for.
fn partition_point(count: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = from + (to - from) / 2;
        (from, to) = if is_before(middle) { (middle + 1, to) } else { (from, middle) };
    }
    from
}

/// Bytes of a longer name, which nobody types: comparing two takes time by the product of their lengths.
const LONGEST_TYPED: usize = 100;

/// The known word that is most like `name`, if one is close enough to be a slip of the finger.
#[must_use]
pub fn closest<'w>(name: &str, known: &[&'w str]) -> Option<&'w str> {
    if name.len() > LONGEST_TYPED {
        return None;
    }
    let name = name.to_lowercase();
    let scored = known.iter().filter(|word| word.len() <= LONGEST_TYPED);
    let scored = scored.map(|word| (strsim::jaro_winkler(&name, &word.to_lowercase()), *word));
    scored.filter(|(score, _)| *score >= 0.84).max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Literals, SourceMap, parse};

    fn codes(text: &str, read: impl FnOnce(&mut Fields<'_, Literals>)) -> Vec<(Code, String)> {
        let mut sources = SourceMap::default();
        let file = sources.add("a.hcl", text.to_owned());
        let syntax = parse(&sources, file).unwrap();
        let mut diagnostics = Diagnostics::default();
        let block = syntax.body.blocks().next().unwrap();
        let mut fields = Fields::of_block("The test block", &syntax, block, &Literals, &mut diagnostics);
        read(&mut fields);
        fields.finish();
        diagnostics.sorted().into_iter().map(|found| (found.code, found.detail.clone())).collect()
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_closest_known_one() {
        let found = codes("b {\n  nmae = \"x\"\n}\n", |fields| {
            fields.string("name");
        });
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, Code::UnknownAttribute);
        assert!(found[0].1.ends_with("Did you mean `name`?"), "{}", found[0].1);
    }

    #[test]
    fn an_unquoted_account_id_is_refused_even_with_twelve_digits() {
        let found = codes("b {\n  id = 123456789012\n}\n", |fields| assert!(fields.account_id("id").is_none()));
        assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [Code::UnquotedAccountId]);
    }

    #[test]
    fn null_reads_as_absent_and_is_missing_where_required() {
        let found = codes("b {\n  name = null\n}\n", |fields| assert!(fields.required_text("name").is_none()));
        assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [Code::MissingAttribute]);
    }

    #[test]
    fn all_mistakes_of_a_block_are_reported() {
        let text = "b {\n  n = 11\n  d = \"2026-12-01T00:00:00Z\"\n  t = \"tomorrow\"\n  l = [1, \"x\"]\n  f = nope\n}\n";
        let found = codes(text, |fields| {
            fields.integer("n", 0..=10);
            fields.date("d");
            fields.timestamp("t");
            assert_eq!(fields.strings("l").len(), 1);
            fields.string("f");
        });
        let codes: Vec<_> = found.iter().map(|found| found.0).collect();
        assert_eq!(codes, [Code::InvalidValue, Code::InvalidValue, Code::InvalidValue, Code::WrongType, Code::UnsupportedExpression]);
    }
}
