//! Form bodies of the query protocol, and text in XML.

use serde_json::{Map, Value};

/// The parameters of a form body, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `a=b&c=d` with percent encoding. Bytes that are not UTF-8 become replacement characters.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let mut halves = pair.splitn(2, |byte| *byte == b'=');
                    (decode(halves.next().unwrap_or_default()), decode(halves.next().unwrap_or_default()))
                })
                .collect(),
        )
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The members of a list, from `NAME.member.1`. Each member has the parameters after its number; the empty name is the member's own
    /// value.
    #[must_use]
    pub fn members(&self, name: &str) -> Vec<Self> {
        let prefix = format!("{name}.member.");
        let mut members: std::collections::BTreeMap<u32, Self> = std::collections::BTreeMap::new();
        for (key, value) in &self.0 {
            let Some(rest) = key.strip_prefix(&prefix) else { continue };
            let (number, below) = rest.split_once('.').unwrap_or((rest, ""));
            let Ok(number) = number.parse() else { continue };
            members.entry(number).or_default().0.push((below.to_owned(), value.clone()));
        }
        members.into_values().collect()
    }

    /// The parameters as in CloudTrail: structures and lists with names in lower camel case, without the operation's name and without
    /// secrets; null if there are none.
    #[must_use]
    pub fn as_parameters(&self) -> Value {
        let mut root = Map::new();
        for (key, value) in self.0.iter().filter(|(key, _)| !UNSHOWN.contains(&key.as_str())) {
            let mut names = key.splitn(DEEPEST, '.').collect::<Vec<_>>();
            let Some(last) = names.pop() else { continue };
            let mut at = Some(&mut root);
            for name in names {
                let below = at.map(|at| at.entry(lowered(name)).or_insert_with(|| Value::Object(Map::new())));
                at = below.and_then(Value::as_object_mut);
            }
            // A name that has both a value and a structure is not a parameter of AWS's.
            if let Some(at) = at {
                at.insert(lowered(last), typed(last, value));
            }
        }
        if root.is_empty() { Value::Null } else { with_lists(Value::Object(root)) }
    }

    /// The members of a list of strings.
    #[must_use]
    pub fn strings(&self, name: &str) -> Vec<String> {
        self.members(name).iter().filter_map(|member| member.get("").map(str::to_owned)).collect()
    }
}

/// Parameters that events don't contain: the operation is in another field, and the others are secrets.
const UNSHOWN: &[&str] = &["Action", "Version", "Password", "OldPassword", "NewPassword", "TokenCode"];
/// The maximum number of names in a parameter: `Tags.member.1.Key` has four.
const DEEPEST: usize = 8;

/// The name of a member in CloudTrail's spelling.
#[must_use]
pub fn lowered(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_lowercase();
    }
    name
}

/// A value; a number if the API defines it so, because forms have no types.
fn typed(name: &str, value: &str) -> Value {
    let number = value.parse::<u64>().ok().filter(|_| name == "DurationSeconds");
    number.map_or_else(|| Value::from(value), Value::from)
}

/// Replaces every `{"member": {"1": …, "2": …}}` with the list that it represents.
fn with_lists(value: Value) -> Value {
    let Value::Object(mut members) = value else { return value };
    if members.len() == 1
        && let Some(Value::Object(items)) = members.get_mut("member")
    {
        let mut items: Vec<_> =
            std::mem::take(items).into_iter().filter_map(|(number, item)| Some((number.parse::<u32>().ok()?, with_lists(item)))).collect();
        items.sort_by_key(|(number, _)| *number);
        return items.into_iter().map(|(_, item)| item).collect();
    }
    Value::Object(members.into_iter().map(|(name, value)| (name, with_lists(value))).collect())
}

fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = rest.as_slice().first_chunk::<2>().and_then(|pair| std::str::from_utf8(pair).ok());
                match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    Some(decoded) => {
                        bytes.push(decoded);
                        rest.nth(1);
                    }
                    None => bytes.push(b'%'),
                }
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Escapes text for XML content.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 allows no other control characters, even escaped.
            control if control.is_control() && !matches!(control, '\t' | '\n' | '\r') => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An XML element that contains text.
#[must_use]
pub fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_percent_decoded() {
        let form = Form::read(b"Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam&Text=a+b%2&Empty=&&Odd=%zz%");
        assert_eq!(form.get("RoleArn"), Some("arn:aws:iam"));
        assert_eq!(form.get("Text"), Some("a b%2"));
        assert_eq!(form.get("Empty"), Some(""));
        assert_eq!(form.get("Odd"), Some("%zz%"));
        assert_eq!(form.get("Absent"), None);
    }

    #[test]
    fn lists_keep_the_order_of_their_numbers() {
        let form = Form::read(b"ActionNames.member.2=b&ActionNames.member.1=a&Tags.member.1.Key=k&Tags.member.1.Value=v");
        assert_eq!(form.strings("ActionNames"), ["a", "b"]);
        assert_eq!(form.members("Tags")[0].get("Value"), Some("v"));
    }

    #[test]
    fn cloudtrail_has_the_parameters_as_structures_and_no_secrets() {
        let form = Form::read(
            b"Action=A&Version=2011-06-15&TaskPolicyArn.arn=a&DurationSeconds=900&Tags.member.2.Key=k2&Tags.member.1.Key=k&\
              Tags.member.1.Value=v&Names.member.1=n&TokenCode=123456&Password=p",
        );
        let shown = serde_json::json!({
            "taskPolicyArn": { "arn": "a" },
            "durationSeconds": 900,
            "tags": [{ "key": "k", "value": "v" }, { "key": "k2" }],
            "names": ["n"],
        });
        assert_eq!(form.as_parameters(), shown);
        assert_eq!(Form::read(b"Action=A&Version=1").as_parameters(), Value::Null);
        let deep = format!("A=1&A.b=2&{}=3", "x.".repeat(100_000));
        assert!(Form::read(deep.as_bytes()).as_parameters()["a"] == "1");
    }

    #[test]
    fn text_is_escaped_for_xml() {
        assert_eq!(element("Message", "<a & \"b\">\u{1}"), "<Message>&lt;a &amp; &quot;b&quot;&gt;\u{fffd}</Message>");
    }
}
