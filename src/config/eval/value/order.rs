//! The order of a set's elements.

use std::cmp::Ordering;

use super::{Kind, Value};

/// Orders strings by their bytes, numbers by size, `false` before `true`, and null last. Other values have an arbitrary but stable order.
pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left.kind(), right.kind()) {
        (Kind::Null(_), Kind::Null(_)) => Ordering::Equal,
        (Kind::Null(_), _) => Ordering::Greater,
        (_, Kind::Null(_)) => Ordering::Less,
        (Kind::String(left), Kind::String(right)) => left.cmp(right),
        (Kind::Number(left), Kind::Number(right)) => left.cmp(right),
        (Kind::Bool(left), Kind::Bool(right)) => left.cmp(right),
        _ => text(left).cmp(&text(right)),
    }
}

/// A text that is the same for equal values, and differs for nearly all values that differ.
pub(in super::super) fn text(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

fn write(text: &mut String, value: &Value) {
    match value.kind() {
        Kind::Null(_) => text.push('~'),
        Kind::Bool(value) => text.push(if *value { 'T' } else { 'F' }),
        Kind::Number(number) => text.push_str(&number.to_string()),
        Kind::String(string) => text.push_str(&format!("{string:?}")),
        Kind::List(_, elements) | Kind::Set(_, elements) => {
            text.push('[');
            elements.iter().for_each(|element| write_element(text, element));
            text.push(']');
        }
        Kind::Tuple(elements) => {
            text.push('<');
            elements.iter().for_each(|element| write_element(text, element));
            text.push('>');
        }
        Kind::Map(_, elements) => {
            text.push('{');
            for (name, element) in elements.iter() {
                text.push_str(&format!("{name:?}:"));
                write_element(text, element);
            }
            text.push('}');
        }
        Kind::Object(attributes) => {
            text.push('<');
            attributes.values().for_each(|attribute| write_element(text, attribute));
            text.push('>');
        }
    }
}

fn write_element(text: &mut String, value: &Value) {
    write(text, value);
    text.push(';');
}
