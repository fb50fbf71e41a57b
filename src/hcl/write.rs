//! Writing HCL. A document is built as the library's own tree and encoded by it, so that no name, whatever it holds, becomes syntax; its
//! layout is the canonical one.
//!
//! The tree is that of hcl-edit, which keeps comments. The other half of that project, hcl-rs, has none, and writes a text that looks like
//! a template as one.

use std::collections::BTreeMap;

use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue, ObjectValueTerminator};
use hcl_edit::structure::{Attribute, Block, Body, Structure};
use hcl_edit::{Decorate, Ident};

use crate::org::{begins_command, escaped, is_hidden};

/// Arguments and blocks of a document or of a block, in their order.
#[derive(Debug, Clone, Default)]
pub struct Document {
    body: Body,
    /// What precedes the next argument or block: empty lines and comments.
    before: String,
}

impl Document {
    /// Whether no argument and no block is in it yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// A comment on a line of its own, before what comes next. An empty one is a line without text.
    #[must_use]
    pub fn comment(mut self, text: &str) -> Self {
        self.before.push_str(comment(text).trim_end());
        self.before.push('\n');
        self
    }

    /// An empty line before what comes next.
    #[must_use]
    pub fn gap(mut self) -> Self {
        self.before.push('\n');
        self
    }

    /// `NAME = VALUE`.
    #[must_use]
    pub fn argument(self, name: &str, value: impl Into<Expression>) -> Self {
        self.push(Attribute::new(Ident::new_sanitized(name), value))
    }

    /// `NAME = VALUE # COMMENT`.
    #[must_use]
    pub fn commented(self, name: &str, value: impl Into<Expression>, text: &str) -> Self {
        let mut attribute = Attribute::new(Ident::new_sanitized(name), value);
        attribute.decor_mut().set_suffix(format!(" {}", comment(text)));
        self.push(attribute)
    }

    /// An argument, where there is a value.
    #[must_use]
    pub fn optional(self, name: &str, value: Option<impl Into<Expression>>) -> Self {
        match value {
            Some(value) => self.argument(name, value),
            None => self,
        }
    }

    /// `KIND "LABEL" { … }`, after an empty line unless it comes first.
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

    /// The text, in the canonical layout. Comments that nothing follows are at its end.
    #[must_use]
    pub fn text(&self) -> String {
        let encoded = with_escapes(&self.body.to_string()) + &self.before;
        // What the library encoded is read by the library, which is tested for any name; a text that could not be laid out is still right.
        super::fmt::format(&encoded).unwrap_or(encoded)
    }
}

/// A text.
#[must_use]
pub fn text(value: &str) -> Expression {
    Expression::from(guarded(value))
}

/// Stands for a bracket that the library can't distinguish from the start of a template, and is followed by `1`; `0` follows the character
/// itself, which no name has: it is none of Unicode's characters.
const GUARD: char = '\u{fdd0}';

/// The text with a guard where the library, which looks at two or three characters at once, passes over the start of a template that follows
/// another sign: `$${`, `%a${` and the like.
fn guarded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    // Whether the last characters are signs, the last one first.
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

/// A list of texts on one line.
pub fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Expression {
    texts.into_iter().map(|value| text(value.as_ref())).collect::<Array>().into()
}

/// An object of texts, each on a line of its own.
#[must_use]
pub fn map(entries: &BTreeMap<String, String>) -> Expression {
    object(entries.iter().map(|(key, value)| (key.as_str(), text(value))))
}

/// A value as JSON has it.
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

/// A text that others may have written as a comment that ends with its line.
fn comment(text: &str) -> String {
    format!("# {}", escaped(text).replace(GUARD, "\\u{fdd0}"))
}

/// Characters that nobody sees, and what a CI runner takes for a command, stand in strings only, where HCL has escapes for them.
fn with_escapes(encoded: &str) -> String {
    let (mut text, mut before) = (String::with_capacity(encoded.len()), ' ');
    let mut characters = encoded.char_indices();
    while let Some((at, character)) = characters.next() {
        let is_command = before == '#' && character == '#' && begins_command(&encoded[at..]);
        before = character;
        if character == GUARD {
            // No other character follows a guard.
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
