//! Form bodies of the query protocol, and text in XML.

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

    /// A parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The members of a list, `NAME.member.1` and on, each as the parameters below its number: the empty name is the member itself.
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

    /// The members of a list of strings.
    #[must_use]
    pub fn strings(&self, name: &str) -> Vec<String> {
        self.members(name).iter().filter_map(|member| member.get("").map(str::to_owned)).collect()
    }
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

/// Text as XML content.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no other control characters, not even escaped.
            control if control.is_control() && !matches!(control, '\t' | '\n' | '\r') => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An element with text.
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
    fn text_is_escaped_for_xml() {
        assert_eq!(element("Message", "<a & \"b\">\u{1}"), "<Message>&lt;a &amp; &quot;b&quot;&gt;\u{fffd}</Message>");
    }
}
