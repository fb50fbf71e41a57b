//! Writes HCL. A document is built as a tree of the library, which encodes it, so that no name or text can become syntax. The layout is the
//! canonical one.
//!
//! The tree is that of hcl-edit, which keeps comments. The same project's hcl-rs does not support comments, and would write a text that
//! looks like a template as a template.

use std::collections::BTreeMap;

use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue, ObjectValueTerminator};
use hcl_edit::structure::{Attribute, Block, Body, Structure};
use hcl_edit::{Decorate, Ident};

use crate::org::{begins_command, escaped, is_hidden};

/// The arguments and blocks of a document or of a block, in order.
#[derive(Debug, Clone, Default)]
pub struct Document {
    body: Body,
    /// The empty lines and comments before the next argument or block.
    before: String,
}

impl Document {
    /// Whether it has no arguments and no blocks yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// Adds a comment on its own line before the next item. An empty comment becomes a line with `#` only.
    #[must_use]
    pub fn comment(mut self, text: &str) -> Self {
        self.before.push_str(comment(text).trim_end());
        self.before.push('\n');
        self
    }

    /// Adds an empty line before the next item.
    #[must_use]
    pub fn gap(mut self) -> Self {
        self.before.push('\n');
        self
    }

    /// Adds `NAME = VALUE`.
    #[must_use]
    pub fn argument(self, name: &str, value: impl Into<Expression>) -> Self {
        self.push(Attribute::new(Ident::new_sanitized(name), value))
    }

    /// Adds `NAME = VALUE # COMMENT`.
    #[must_use]
    pub fn commented(self, name: &str, value: impl Into<Expression>, text: &str) -> Self {
        let mut attribute = Attribute::new(Ident::new_sanitized(name), value);
        attribute.decor_mut().set_suffix(format!(" {}", comment(text)));
        self.push(attribute)
    }

    /// Adds an argument if there is a value.
    #[must_use]
    pub fn optional(self, name: &str, value: Option<impl Into<Expression>>) -> Self {
        match value {
            Some(value) => self.argument(name, value),
            None => self,
        }
    }

    /// Adds `KIND "LABEL" { … }`, after an empty line unless it is the first item.
    #[must_use]
    pub fn block(mut self, kind: &str, labels: &[&str], body: Self) -> Self {
        if !self.body.is_empty() && !self.before.starts_with('\n') {
            self.before.insert(0, '\n');
        }
        let mut block = Block::builder(Ident::new_sanitized(kind)).labels(labels.iter().map(|label| guarded(label))).build();
        block.body = body.body;
        self.push(block)
    }

    fn push(mut self, structure: impl Into<Structure>) -> Self {
        let mut structure = structure.into();
        if !self.before.is_empty() {
            structure.decor_mut().set_prefix(std::mem::take(&mut self.before));
        }
        self.body.push(structure);
        self
    }

    /// The text in the canonical layout. Comments after the last item are at its end.
    #[must_use]
    pub fn text(&self) -> String {
        let encoded = with_escapes(&self.body.to_string()) + &self.before;
        // The library can parse its own output, as tests show for arbitrary names. If it could not, the text would still be valid.
        super::fmt::format(&encoded).unwrap_or(encoded)
    }
}

/// A string.
#[must_use]
pub fn text(value: &str) -> Expression {
    Expression::from(guarded(value))
}

/// A noncharacter of Unicode that is used as an escape. Followed by `1`, it replaces a bracket that the library can't distinguish from the
/// start of a template. Followed by `0`, it represents itself, which no real name contains.
const GUARD: char = '\u{fdd0}';

/// The text with guards where the library overlooks the start of a template after another sign, as in `$${` or `%a${`: it looks at two or
/// three characters at once.
fn guarded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    // Whether the last three characters are signs, the last one first.
    let mut signs = [false; 3];
    for character in value.chars() {
        match character {
            '{' if signs[0] && (signs[1] || signs[2]) => text.extend([GUARD, '1']),
            GUARD => text.extend([GUARD, '0']),
            other => text.push(other),
        }
        signs = [matches!(character, '$' | '%'), signs[0], signs[1]];
    }
    text
}

/// A list of strings on one line.
pub fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Expression {
    texts.into_iter().map(|value| text(value.as_ref())).collect::<Array>().into()
}

/// An object of strings, each on its own line.
#[must_use]
pub fn map(entries: &BTreeMap<String, String>) -> Expression {
    object(entries.iter().map(|(key, value)| (key.as_str(), text(value))))
}

/// A JSON value as an expression.
#[must_use]
pub fn json(value: &serde_json::Value) -> Expression {
    use serde_json::Value;

    match value {
        Value::Null => Expression::null(),
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => number.to_string().parse().unwrap_or_else(|_| text(&number.to_string())),
        Value::String(value) => text(value),
        Value::Array(items) => items.iter().map(json).collect::<Array>().into(),
        Value::Object(members) => object(members.iter().map(|(key, value)| (key.as_str(), json(value)))),
    }
}

fn object<'k>(entries: impl Iterator<Item = (&'k str, Expression)>) -> Expression {
    let mut object = Object::new();
    for (index, (key, value)) in entries.enumerate() {
        let mut key = text(key);
        if index == 0 {
            key.decor_mut().set_prefix("\n");
        }
        let mut value = ObjectValue::new(value);
        value.set_terminator(ObjectValueTerminator::Newline);
        object.insert(ObjectKey::Expression(key), value);
    }
    object.into()
}

/// An untrusted text as a comment that can't continue on another line.
fn comment(text: &str) -> String {
    format!("# {}", escaped(text).replace(GUARD, "\\u{fdd0}"))
}

/// Escapes invisible characters and commands of CI runners. They occur only in strings, where HCL has escapes for them.
fn with_escapes(encoded: &str) -> String {
    let (mut text, mut before) = (String::with_capacity(encoded.len()), ' ');
    let mut characters = encoded.char_indices();
    while let Some((at, character)) = characters.next() {
        let is_command = before == '#' && character == '#' && begins_command(&encoded[at..]);
        before = character;
        if character == GUARD {
            // Only these two characters can follow a guard.
            let is_bracket = characters.next().is_some_and(|(_, kind)| kind == '1');
            text.push_str(if is_bracket { "\\u007b" } else { "\\ufdd0" });
        } else if (is_hidden(character) && character != '\n') || is_command {
            text.push_str(&match u32::from(character) {
                small @ 0..=0xffff => format!("\\u{small:04x}"),
                large => format!("\\U{large:08x}"),
            });
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Document {
        let inner =
            Document::default().argument("ids", list(["a", "b"])).argument("tags", map(&BTreeMap::from([("k".into(), "v".into())])));
        let head = Document::default().comment("A \n# b").comment("").argument("a", true).commented("long", 12, "why\n}");
        head.block("unit", &["x\"}\n${y}"], inner).gap().argument("last", text("${a}%{b}$${c}\u{c}\u{202e}##[add-mask]\u{e0041}"))
    }

    #[test]
    fn a_document_is_in_the_canonical_layout_and_its_names_are_no_syntax() {
        assert_eq!(
            document().text(),
            "# A \\n# b\n#\na    = true\nlong = 12 # why\\n}\n\nunit \"x\\\"}\\n$${y}\" {\n  ids = [\"a\", \"b\"]\n  tags = {\n    \"k\" = \"v\"\n  }\n}\n\n\
             last = \"$${a}%%{b}$$\\u007bc}\\u000c\\u202e#\\u0023[add-mask]\\U000e0041\"\n"
        );
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "[$%{}\"\\\\u0-9a#\\[\u{fdd0}]{0,12}"]
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(name in any_text(), key in any_text(), label in any_text(), note in any_text()) {
            let value = json!({ key.as_str(): [name.as_str(), 1.5, -3, null, true, { "x": name.as_str() }] });
            let body = Document::default().comment(&note).argument("value", super::json(&value));
            let text = Document::default().comment(&note).block("block", &[&label], body).text();
            prop_assert_eq!(&super::super::fmt::format(&text).unwrap(), &text);
            let read: Body = text.parse().unwrap();
            let block = read.get_blocks("block").next().unwrap();
            prop_assert_eq!(block.labels[0].as_str(), &label);
            prop_assert_eq!(back(&block.body.get_attribute("value").unwrap().value), value);
        }
    }

    fn back(expression: &Expression) -> Value {
        match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(flag) => json!(**flag),
            Expression::Number(number) => number.to_string().parse().unwrap(),
            Expression::String(text) => json!(text.as_str()),
            Expression::Array(items) => items.iter().map(back).collect(),
            Expression::Object(members) => members
                .iter()
                .map(|(key, value)| match key {
                    ObjectKey::Expression(Expression::String(key)) => (key.to_string(), back(value.expr())),
                    other => panic!("{other:?}"),
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Expression::UnaryOp(minus) => format!("-{}", back(&minus.expr)).parse().unwrap(),
            other => panic!("{other:?}"),
        }
    }
}
