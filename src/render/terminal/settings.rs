//! Pieces of configuration as text in the canonical format.

use std::fmt::Write as _;

use serde_json::Value;

use crate::gate::{Place, Setting};

/// The lines of a piece of configuration, ready to paste into the account's block or outside all blocks.
pub(in crate::render) fn lines(place: Place, body: &[Setting]) -> Vec<String> {
    let mut text = String::new();
    match place {
        Place::AccountBlock | Place::TopLevel => settings(&mut text, body, 0),
        Place::Guardrails => {
            let block = Setting::block("guardrails", &[], body.to_vec());
            settings(&mut text, &[block], 0);
        }
    }
    text.lines().map(str::to_owned).collect()
}

fn settings(text: &mut String, body: &[Setting], depth: usize) {
    let indent = "  ".repeat(depth);
    // The equals signs of consecutive arguments are aligned.
    let width = |setting: &Setting| if let Setting::Argument { name, .. } = setting { name.chars().count() } else { 0 };
    let width = body.iter().map(width).max().unwrap_or(0);
    for (index, setting) in body.iter().enumerate() {
        match setting {
            Setting::Argument { name, value, comment } => {
                let comment = comment.as_ref().map_or_else(String::new, |comment| format!(" # {comment}"));
                let _ = writeln!(text, "{indent}{name:<width$} = {}{comment}", expression(value));
            }
            Setting::Block { kind, labels, body } => {
                if index > 0 {
                    text.push('\n');
                }
                let labels: String = labels.iter().map(|label| format!("{} ", quoted(label))).collect();
                let _ = writeln!(text, "{indent}{kind} {labels}{{");
                settings(text, body, depth + 1);
                let _ = writeln!(text, "{indent}}}");
            }
        }
    }
}

fn expression(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(expression).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<_> = members.iter().map(|(key, value)| format!("{} = {}", quoted(key), expression(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text as a literal in which nothing is read as an escape, a template or a line break.
fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                literal.push(character);
                literal.push(character);
            }
            control if control.is_control() => {
                let _ = write!(literal, "\\u{:04x}", u32::from(control));
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_piece_of_configuration_is_in_the_canonical_format_whatever_it_contains() {
        let attestation = vec![
            Setting::argument("of", json!(["payment_method", "root_access"])),
            Setting::commented("by", "you@example.com", "who checked it"),
            Setting::argument("expires", "2026-11-22"),
        ];
        let body = vec![
            Setting::argument("name", "a\"b\\c ${d} %{e} $f\n\u{1b}"),
            Setting::argument("allow_remove", true),
            Setting::block("attestation", &[], attestation),
        ];
        let text = lines(Place::AccountBlock, &body).join("\n") + "\n";
        let expected = "name         = \"a\\\"b\\\\c $${d} %%{e} $f\\n\\u001b\"\nallow_remove = true\n\nattestation {\n  \
                        of      = [\"payment_method\", \"root_access\"]\n  by      = \"you@example.com\" # who checked it\n  \
                        expires = \"2026-11-22\"\n}\n";
        assert_eq!(text, expected);
        assert_eq!(crate::config::fmt::format(&text).unwrap(), text);
        let gate =
            lines(Place::TopLevel, &[Setting::block("gate", &["iam_billing_access"], vec![Setting::argument("enforcement", "off")])]);
        assert_eq!(gate, ["gate \"iam_billing_access\" {", "  enforcement = \"off\"", "}"]);
        assert_eq!(lines(Place::Guardrails, &[Setting::argument("allow_remove", true)])[0], "guardrails {");
    }
}
