//! Values as `terraform console` prints them.

use std::collections::BTreeMap;

use super::{Kind, Type, Value};

/// The text of a value, without its sensitive parts.
#[must_use]
pub fn console_text(value: &Value) -> String {
    write(value, 0)
}

fn write(value: &Value, indent: usize) -> String {
    if value.is_sensitive() {
        return "(sensitive value)".into();
    }
    match value.kind() {
        Kind::Null(r#type) => match r#type {
            Type::Any => "null".into(),
            Type::Bool => "tobool(null)".into(),
            Type::Number => "tonumber(null)".into(),
            Type::String => "tostring(null)".into(),
            Type::List(element) | Type::Set(element) | Type::Map(element) => {
                format!("to{}(null) /* of {element} */", r#type.kind_name())
            }
            other => format!("null /* {other} */"),
        },
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::String(text) if text.contains('\n') => heredoc(text, indent),
        Kind::String(text) => quoted(text),
        Kind::List(_, elements) => format!("tolist({})", sequence(elements, indent)),
        Kind::Set(_, elements) => format!("toset({})", sequence(elements, indent)),
        Kind::Tuple(elements) => sequence(elements, indent),
        Kind::Map(_, entries) => format!("tomap({})", mapping(entries, indent)),
        Kind::Object(entries) => mapping(entries, indent),
    }
}

fn sequence(elements: &[Value], indent: usize) -> String {
    if elements.is_empty() {
        return "[]".into();
    }
    let inner = " ".repeat(indent + 2);
    let lines: String = elements.iter().map(|element| format!("{inner}{},\n", write(element, indent + 2))).collect();
    format!("[\n{lines}{}]", " ".repeat(indent))
}

fn mapping(entries: &BTreeMap<String, Value>, indent: usize) -> String {
    if entries.is_empty() {
        return "{}".into();
    }
    let inner = " ".repeat(indent + 2);
    let lines: String = entries.iter().map(|(name, value)| format!("{inner}{} = {}\n", quoted(name), write(value, indent + 2))).collect();
    format!("{{\n{lines}{}}}", " ".repeat(indent))
}

/// A string of several lines as a heredoc, with a marker that is not one of its lines.
fn heredoc(text: &str, indent: usize) -> String {
    let mut marker = "EOT".to_owned();
    while text.split('\n').any(|line| line.trim() == marker) {
        marker.push('_');
    }
    let operator = if indent > 0 { "<<-" } else { "<<" };
    let blanks = " ".repeat(indent);
    let lines: String = text.split('\n').map(|line| format!("\n{blanks}{line}")).collect();
    format!("{operator}{marker}{lines}\n{blanks}{marker}")
}

/// Whether a character is invisible.
fn is_hidden(character: char) -> bool {
    let formats = ['\u{ad}', '\u{feff}'];
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || formats.contains(&character)
}

/// A string as a literal.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            hidden if hidden.is_ascii_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(hidden))),
            hidden if is_hidden(hidden) => quoted.push_str(&format!("\\u{:04x}", u32::from(hidden))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
