//! Removing email addresses from a plan or another document.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The replacement of an address.
const REDACTED: &str = "(redacted)";

/// The values of every `email` key. AWS accepts almost anything as an address (`[^\s@]+@[^\s@]+\.[^\s@]+`). These known addresses are
/// therefore found in a text exactly, brackets included, while others are only recognized by their form.
#[must_use]
pub fn known(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(known).collect(),
        Value::Object(members) => {
            let own = members.get("email").and_then(Value::as_str).filter(|email| email.contains('@')).map(str::to_owned);
            members.values().flat_map(known).chain(own).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// Replaces every email address in every string of the value, including keys: a tag's key may be an address.
pub fn emails(value: &mut Value, known: &BTreeSet<String>) {
    match value {
        Value::String(text) => *text = without_addresses(text, known),
        Value::Array(items) => items.iter_mut().for_each(|item| emails(item, known)),
        Value::Object(members) => {
            for (name, mut value) in std::mem::take(members) {
                emails(&mut value, known);
                members.insert(free(members, without_addresses(&name, known)), value);
            }
        }
        _ => {}
    }
}

/// Returns the name, with a number if the object already has it: two of its keys may have been addresses.
fn free(members: &Map<String, Value>, name: String) -> String {
    let numbered = (2_u32..).map(|number| format!("{name} {number}"));
    std::iter::once(name.clone()).chain(numbered).find(|name| !members.contains_key(name)).unwrap_or(name)
}

/// Returns the text with every email address replaced: known addresses exactly, others if they are recognized.
#[must_use]
pub fn without_addresses(text: &str, known: &BTreeSet<String>) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    // Longer ones first: one address may be the end of another.
    let mut known: Vec<_> = known.iter().collect();
    known.sort_by_key(|address| std::cmp::Reverse(address.len()));
    let text = known.into_iter().fold(text.to_owned(), |text, address| text.replace(address.as_str(), REDACTED));
    text.split_inclusive(is_boundary).map(redacted_word).collect()
}

/// Characters that end an address in running text.
fn is_boundary(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '\'' | ',' | ';' | ':' | '/')
}

/// Returns a word with its address replaced. Brackets around the address are not part of it, those inside it are.
fn redacted_word(word: &str) -> String {
    let bare = word.trim_end_matches(|last| is_boundary(last) || matches!(last, '>' | ')' | ']' | '.'));
    let bare = bare.trim_start_matches(['<', '(', '[']);
    let is_address = bare.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if is_address { word.replacen(bare, REDACTED, 1) } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn redacted(mut value: Value) -> Value {
        let known = known(&value);
        emails(&mut value, &known);
        value
    }

    #[test]
    fn addresses_are_replaced_wherever_they_stand_and_nothing_else_is() {
        let value = json!({ "email": "crm@example.com", "because": ["attested by a.b+c@example.com, on 2026-11-20; mail <x@y>"], "at": "o-x/@y 1@ 2" });
        let because = "attested by (redacted), on 2026-11-20; mail <(redacted)>";
        assert_eq!(redacted(value), json!({ "email": "(redacted)", "because": [because], "at": "o-x/@y 1@ 2" }));
    }

    #[test]
    fn whatever_aws_takes_for_an_address_is_replaced_whole() {
        for local in ["a(b)", "a<b>c", "[1]x", "a/b", "a:b", "a,b;c", "\"a\"b", "(x)", "<"] {
            let email = format!("{local}@example.com");
            let value =
                json!({ "email": email, "note": format!("mail <{email}>, or {email}."), "key": format!("account.x[{}]", json!(email)) });
            let expected = json!({ "email": REDACTED, "note": format!("mail <{REDACTED}>, or {REDACTED}."), "key": "" });
            let found = redacted(value);
            assert_eq!((&found["email"], &found["note"]), (&expected["email"], &expected["note"]), "{email}");
            assert!(!found.to_string().contains("example"), "{found}");
        }
        for unknown in ["a(b)@example.com", "a<b>c@example.com", "x[1]@example.com", "(a)b@example.com"] {
            assert_eq!(
                redacted(json!([format!("by {unknown}")])),
                json!([format!("by {}{REDACTED}", if unknown.starts_with('(') { "(" } else { "" })])
            );
        }
    }

    #[test]
    fn names_of_members_are_texts_too() {
        let value = json!({ "tags": { "a@example.com": "x", "b@example.com": "y", "c": "z" } });
        assert_eq!(redacted(value), json!({ "tags": { "(redacted)": "x", "(redacted) 2": "y", "c": "z" } }));
        let address = redacted(json!("account.sold[\"jane@example.com\"]"));
        assert_eq!(address, json!("account.sold[\"(redacted)\"]"));
    }
}
