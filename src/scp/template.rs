//! Values of a policy that may contain policy variables (IAM User Guide, "IAM policy elements: Variables and tags").

use std::collections::BTreeSet;

use super::context::{Context, KeyValue};
use super::glob::Token;
use super::truth::{Doubt, DoubtReason};

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// `${*}`, `${?}`, `${$}`: the literal character.
    Escaped(char),
    /// `${key}` or `${key, 'default'}`.
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// A value whose known variables have been replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolved {
    /// A variable has no value: "There is no equal or like value". The value matches no text.
    Nothing,
    /// One reading.
    Certain(Vec<Token>),
    /// Several readings. None of them matches a text that `widest` does not match, and all of them match a text that `narrowest` matches.
    Uncertain {
        /// Matches every text that any reading matches.
        widest: Vec<Token>,
        /// Matches only texts that every reading matches. `None` if there is no such pattern.
        narrowest: Option<Vec<Token>>,
        /// Why there are several.
        doubts: BTreeSet<Doubt>,
    },
}

/// How a value is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    /// The values of the variables.
    pub(super) context: &'a Context,
    /// Whether `${...}` is a variable: from version 2012-10-17.
    pub(super) variables: bool,
    /// Whether `*` and `?` are wildcards.
    pub(super) wildcards: bool,
}

/// Replaces the variables of a value.
///
/// # Errors
/// Returns a message if a `${` does not begin a valid variable.
pub(super) fn resolve(value: &str, reading: Reading<'_>) -> Result<Resolved, String> {
    let parts = if reading.variables { parse(value)? } else { vec![Part::Text(value.to_owned())] };
    let mut building = Building { reading, widest: Vec::new(), narrowest: Some(Vec::new()), doubts: BTreeSet::new(), nothing: false };
    for part in parts {
        match part {
            Part::Text(text) => building.text(&text),
            Part::Escaped(character) => building.push(Token::Char(character)),
            Part::Variable { key, default } => building.variable(&key, default.as_deref()),
        }
    }
    let Building { widest, narrowest, doubts, nothing, .. } = building;
    Ok(match (nothing, narrowest) {
        (true, _) => Resolved::Nothing,
        (false, Some(tokens)) if doubts.is_empty() => Resolved::Certain(tokens),
        (false, narrowest) => Resolved::Uncertain { widest, narrowest, doubts },
    })
}

/// The keys of the variables in a value. Empty if the value is not well formed.
pub(super) fn variable_keys(value: &str) -> Vec<String> {
    let parts = parse(value).unwrap_or_default();
    parts.into_iter().filter_map(|part| if let Part::Variable { key, .. } = part { Some(key) } else { None }).collect()
}

struct Building<'a> {
    reading: Reading<'a>,
    widest: Vec<Token>,
    narrowest: Option<Vec<Token>>,
    doubts: BTreeSet<Doubt>,
    nothing: bool,
}

impl Building<'_> {
    fn push(&mut self, token: Token) {
        self.widest.push(token);
        if let Some(narrowest) = &mut self.narrowest {
            narrowest.push(token);
        }
    }

    fn text(&mut self, text: &str) {
        for character in text.chars() {
            self.push(if self.reading.wildcards { Token::wildcard(character) } else { Token::Char(character) });
        }
    }

    fn variable(&mut self, key: &str, default: Option<&str>) {
        match (self.reading.context.value(key), default) {
            (KeyValue::Known(values), _) if values.len() == 1 && !Context::is_multivalued(key) => self.substitute(key, &values[0]),
            // "You can use any available single-valued context key as a policy variable, but not a multivalued one."
            (KeyValue::Known(values), _) if !values.is_empty() => self.anything(key, DoubtReason::MultipleValues),
            (KeyValue::Unknowable | KeyValue::KnownOrAbsent(_), _) => self.anything(key, DoubtReason::Unknowable),
            (KeyValue::Known(_) | KeyValue::Absent, Some(default)) => self.substitute(key, default),
            (KeyValue::Known(_) | KeyValue::Absent, None) => self.nothing = true,
        }
    }

    /// AWS does not document whether a wildcard in a variable's value acts as a wildcard. Both readings are kept: the literal character is
    /// the narrower one.
    fn substitute(&mut self, key: &str, value: &str) {
        for character in value.chars() {
            let wide = if self.reading.wildcards { Token::wildcard(character) } else { Token::Char(character) };
            self.widest.push(wide);
            if let Some(narrowest) = &mut self.narrowest {
                narrowest.push(Token::Char(character));
            }
            if wide != Token::Char(character) {
                let reason = DoubtReason::Undocumented("whether a wildcard in the value of a variable is one".to_owned());
                self.doubts.insert(Doubt { key: key.to_owned(), reason });
            }
        }
    }

    fn anything(&mut self, key: &str, reason: DoubtReason) {
        self.widest.push(Token::Any);
        self.narrowest = None;
        self.doubts.insert(Doubt { key: key.to_owned(), reason });
    }
}

fn parse(value: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some(start) = rest.find("${") {
        if start > 0 {
            parts.push(Part::Text(rest[..start].to_owned()));
        }
        let (part, after) =
            variable(&rest[start + 2..]).ok_or_else(|| format!("{value:?} contains a ${{ that does not begin a policy variable"))?;
        parts.push(part);
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

/// Parses the variable whose `${` ends just before `text`. Returns it with the text after its `}`.
fn variable(text: &str) -> Option<(Part, &str)> {
    let end = text.find([',', '}'])?;
    let key = text[..end].trim();
    if text[end..].starts_with('}') {
        let mut characters = key.chars();
        let part = match (characters.next()?, characters.next()) {
            (special @ ('*' | '?' | '$'), None) => Part::Escaped(special),
            _ => Part::Variable { key: well_formed(key)?.to_owned(), default: None },
        };
        return Some((part, &text[end + 1..]));
    }
    let quoted = text[end + 1..].trim_start().strip_prefix('\'')?;
    let (default, after) = quoted.split_once('\'')?;
    let after = after.trim_start().strip_prefix('}')?;
    Some((Part::Variable { key: well_formed(key)?.to_owned(), default: Some(default.to_owned()) }, after))
}

/// The key, if it has a prefix and contains no other variable.
fn well_formed(key: &str) -> Option<&str> {
    (key.contains(':') && !key.contains(['$', '{', '\''])).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(value: &str, wildcards: bool) -> Result<Resolved, String> {
        let mut context = Context::new();
        context.insert("aws:PrincipalTag/team", KeyValue::known("a*"));
        context.insert("aws:PrincipalAccount", KeyValue::known("333333333333"));
        resolve(value, Reading { context: &context, variables: true, wildcards })
    }

    fn literal(text: &str) -> Vec<Token> {
        text.chars().map(Token::Char).collect()
    }

    #[test]
    fn variables_defaults_and_escapes_are_replaced() {
        assert_eq!(resolved("x-${aws:principalaccount}-y", false), Ok(Resolved::Certain(literal("x-333333333333-y"))));
        assert_eq!(resolved("${aws:CalledViaFirst, 'a } b'}!", false), Ok(Resolved::Certain(literal("a } b!"))));
        assert_eq!(resolved("${*}${?}${$}", true), Ok(Resolved::Certain(literal("*?$"))));
        assert_eq!(resolved("${aws:CalledViaFirst}", false), Ok(Resolved::Nothing));
    }

    #[test]
    fn a_wildcard_out_of_a_variable_has_two_readings() {
        assert_eq!(resolved("${aws:PrincipalTag/team}", false), Ok(Resolved::Certain(literal("a*"))));
        let Ok(Resolved::Uncertain { widest, narrowest, .. }) = resolved("${aws:PrincipalTag/team}", true) else { panic!("one reading") };
        assert_eq!(widest, [Token::Char('a'), Token::Any]);
        assert_eq!(narrowest, Some(literal("a*")));
    }

    #[test]
    fn what_begins_no_variable_is_an_error() {
        for wrong in ["${", "${aws:x", "${}", "${x}", "${aws:x, y}", "${aws:x, 'y}", "${aws:x,}", "${aws:PrincipalTag/${aws:y}}"] {
            assert!(resolved(wrong, false).is_err(), "{wrong}");
        }
        assert!(resolved("$ {aws:x} $$ }{", false).is_ok());
    }
}
