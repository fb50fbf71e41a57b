//! Taking email addresses out of a plan.

use serde_json::Value;

/// What stands where an address stood.
const REDACTED: &str = "(redacted)";

/// Replaces every email address in every text of the value, keys excepted.
pub fn emails(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('@') => *text = without_addresses(text),
        Value::Array(items) => items.iter_mut().for_each(emails),
        Value::Object(members) => members.values_mut().for_each(emails),
        _ => {}
    }
}

fn without_addresses(text: &str) -> String {
    text.split_inclusive(is_boundary)
        .map(|word| {
            let bare = word.trim_end_matches(is_boundary);
            if is_address(bare) { word.replacen(bare, REDACTED, 1) } else { word.to_owned() }
        })
        .collect()
}

/// Characters that can't be part of an address in running text.
fn is_boundary(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '\'' | ',' | ';' | ':' | '<' | '>' | '(' | ')' | '[' | ']' | '/')
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_are_replaced_wherever_they_stand_and_nothing_else_is() {
        let mut value = json!({ "email": "crm@example.com", "because": ["attested by a.b+c@example.com, on 2026-11-20; mail <x@y>"], "at": "o-x/@y 1@ 2" });
        emails(&mut value);
        let because = "attested by (redacted), on 2026-11-20; mail <(redacted)>";
        assert_eq!(value, json!({ "email": "(redacted)", "because": [because], "at": "o-x/@y 1@ 2" }));
    }
}
