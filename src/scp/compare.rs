//! One value of the request against one value of the policy.

use std::cmp::Ordering;
use std::net::IpAddr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::context::Context;
use super::glob::{self, Token};
use super::template::{Reading, Resolved, resolve};
use super::truth::{DoubtReason, Truth};
use super::{Comparison, Relation};

/// What a comparison needs in addition to the two values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) context: &'a Context,
    /// Whether `${...}` is a variable.
    pub(super) variables: bool,
    /// The key that is compared, to name it in doubts.
    pub(super) key: &'a str,
}

impl Scope<'_> {
    fn invalid(self, what: String) -> Truth {
        Truth::open(self.key, DoubtReason::InvalidValue(what))
    }
}

/// Whether `found`, a value of the request, matches `wanted`, a value of the policy. The caller handles negated operators.
pub(super) fn compare(comparison: Comparison, found: &str, wanted: &str, scope: Scope<'_>) -> Truth {
    match comparison {
        Comparison::StringEquals => text(found, wanted, Style { wildcards: false, ignore_case: false }, scope),
        Comparison::StringEqualsIgnoreCase => text(found, wanted, Style { wildcards: false, ignore_case: true }, scope),
        Comparison::StringLike => text(found, wanted, Style { wildcards: true, ignore_case: false }, scope),
        Comparison::Numeric(relation) => ordered(number(found), number(wanted), relation, (found, wanted, "a number"), scope),
        Comparison::Date(relation) => ordered(date(found), date(wanted), relation, (found, wanted, "a date"), scope),
        Comparison::Bool => boolean(found, wanted, scope),
        Comparison::Binary => binary(found, wanted, scope),
        Comparison::IpAddress => address(found, wanted, scope),
        Comparison::Arn => arn(found, wanted, scope),
        // `Null` is about the key, not about a value; `condition` never calls this function with it.
        Comparison::Null => scope.invalid("Null compares no values".to_owned()),
    }
}

#[derive(Clone, Copy)]
struct Style {
    wildcards: bool,
    ignore_case: bool,
}

fn text(found: &str, wanted: &str, style: Style, scope: Scope<'_>) -> Truth {
    let fold = |character: char| if style.ignore_case { character.to_lowercase().next().unwrap_or(character) } else { character };
    let found: Vec<char> = found.chars().map(fold).collect();
    let matches = |pattern: &[Token]| {
        let folded: Vec<_> =
            pattern.iter().map(|token| if let Token::Char(character) = token { Token::Char(fold(*character)) } else { *token }).collect();
        glob::matches(&folded, &found)
    };
    let reading = Reading { context: scope.context, variables: scope.variables, wildcards: style.wildcards };
    decide(resolve(wanted, reading), matches, matches, scope)
}

/// Matches a resolved value: `certain` decides about a complete pattern, and `possible` rules out texts that no reading matches.
fn decide(
    resolved: Result<Resolved, String>,
    certain: impl Fn(&[Token]) -> bool,
    possible: impl Fn(&[Token]) -> bool,
    scope: Scope<'_>,
) -> Truth {
    match resolved {
        Err(what) => scope.invalid(what),
        Ok(Resolved::Nothing) => Truth::False,
        Ok(Resolved::Certain(pattern)) => certain(&pattern).into(),
        Ok(Resolved::Uncertain { widest, .. }) if !possible(&widest) => Truth::False,
        Ok(Resolved::Uncertain { narrowest: Some(pattern), .. }) if certain(&pattern) => Truth::True,
        Ok(Resolved::Uncertain { doubts, .. }) => Truth::Open(doubts),
    }
}

/// "Each of the six colon-delimited components of the ARN is checked separately", case-sensitively, with wildcards in each.
pub(super) fn arn(found: &str, wanted: &str, scope: Scope<'_>) -> Truth {
    let reading = Reading { context: scope.context, variables: scope.variables, wildcards: true };
    let resolved = resolve(wanted, reading);
    let whole: Vec<char> = found.chars().collect();
    let as_text = |pattern: &[Token]| glob::matches(pattern, &whole);
    if let Ok(Resolved::Certain(pattern)) = &resolved {
        let components = pattern.iter().filter(|token| **token == Token::Char(':')).count() + 1;
        // AWS does not document what a pattern with fewer parts matches, including a bare "*". But no reading of it matches more than the
        // whole pattern matches against the whole text.
        if components < 6 {
            return if as_text(pattern) { scope.invalid(short_arn(wanted)) } else { Truth::False };
        }
    }
    let by_component = |pattern: &[Token]| components_match(pattern, &whole);
    decide(resolved, by_component, as_text, scope)
}

/// The doubt about a pattern that is too short for an ARN.
fn short_arn(pattern: &str) -> String {
    format!("{pattern:?} has fewer than the six parts of an ARN, and AWS does not document what it matches")
}

/// Whether a pattern of ARNs matches the lone `*` of an action without resource types. No single ARN matches that resource. AWS does not
/// document whether a pattern that covers every ARN does.
pub(super) fn arn_without_resource(pattern: &str, scope: Scope<'_>) -> Truth {
    // `arn`, partition, service, and the rest.
    let components: Vec<_> = pattern.splitn(6, ':').collect();
    let any = |component: &&str| !component.is_empty() && component.chars().all(|character| character == '*');
    let service = components.get(2).copied();
    let short = components.len() < 6 && pattern.contains('*');
    if short && service.is_none_or(|service| glob::matches_action(service, "organizations")) {
        return scope.invalid(short_arn(pattern));
    }
    if components.len() == 6 && components.iter().skip(2).all(any) {
        return scope.invalid(format!("AWS does not document whether {pattern:?} covers an action without resource types"));
    }
    Truth::False
}

/// Whether the first five components match one by one, and the sixth, which may contain colons, matches the rest.
fn components_match(pattern: &[Token], text: &[char]) -> bool {
    let patterns: Vec<_> = pattern.splitn(6, |token| *token == Token::Char(':')).collect();
    let texts: Vec<_> = text.splitn(6, |character| *character == ':').collect();
    patterns.len() == 6 && texts.len() == 6 && patterns.iter().zip(texts).all(|(pattern, text)| glob::matches(pattern, text))
}

fn ordered<T: PartialOrd>(found: Option<T>, wanted: Option<T>, relation: Relation, words: (&str, &str, &str), scope: Scope<'_>) -> Truth {
    let (found_text, wanted_text, kind) = words;
    match (found, wanted) {
        (_, None) => scope.invalid(format!("{wanted_text:?} in the policy is not {kind}")),
        (None, _) => scope.invalid(format!("{found_text:?} in the request is not {kind}")),
        (Some(found), Some(wanted)) => relation.holds(found.partial_cmp(&wanted).unwrap_or(Ordering::Less)).into(),
    }
}

/// An integer or a decimal number. Infinity and NaN are not accepted.
fn number(text: &str) -> Option<f64> {
    let decimal = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    text.bytes().all(decimal).then(|| text.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}

/// "One of the W3C implementations of the ISO 8601 date formats or epoch (UNIX) time". Four digits could be either a year or seconds since
/// 1970, so they count as neither.
fn date(text: &str) -> Option<Timestamp> {
    let midnight = |date: Date| date.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    if let Some(seconds) = number(text) {
        let four_digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let since_epoch = SignedDuration::try_from_secs_f64(seconds).ok().filter(|_| !four_digits)?;
        return Timestamp::from_duration(since_epoch).ok();
    }
    match text.len() {
        7 => format!("{text}-01").parse().ok().and_then(midnight),
        10 => text.parse().ok().and_then(midnight),
        _ => text.parse().ok(),
    }
}

/// A policy variable is not a Boolean: variables belong to string and ARN operators (IAM User Guide, "Variables and tags").
fn boolean(found: &str, wanted: &str, scope: Scope<'_>) -> Truth {
    if wanted.eq_ignore_ascii_case("true") || wanted.eq_ignore_ascii_case("false") {
        return found.eq_ignore_ascii_case(wanted).into();
    }
    if scope.variables && wanted.contains("${") {
        return scope.invalid(format!("{wanted:?} is a policy variable, which AWS documents for string and ARN operators only"));
    }
    scope.invalid(format!("{wanted:?} in the policy is neither true nor false"))
}

/// Compares byte for byte. The same bytes have one canonical base-64 text, so the texts can be compared without their padding.
fn binary(found: &str, wanted: &str, scope: Scope<'_>) -> Truth {
    let canonical = |text: &str| {
        let text = text.trim_end_matches('=').to_owned();
        let alphabet = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
        (alphabet && text.len() % 4 != 1).then_some(text)
    };
    match (canonical(found), canonical(wanted)) {
        (Some(found), Some(wanted)) => (found == wanted).into(),
        _ => scope.invalid("a value is not base 64".to_owned()),
    }
}

fn address(found: &str, wanted: &str, scope: Scope<'_>) -> Truth {
    let Some((network, prefix)) = network(wanted) else {
        return scope.invalid(format!("{wanted:?} in the policy is not an address or a range of addresses"));
    };
    let Ok(address) = found.parse::<IpAddr>() else {
        return scope.invalid(format!("{found:?} in the request is not an address"));
    };
    match (bits(address), bits(network)) {
        ((address, length), (network, same)) if length == same => {
            // A shift by all 128 bits is not allowed, so this uses `checked_shr`: a prefix of 0 matches every address of the family.
            let shift = u32::from(length - prefix);
            (address.checked_shr(shift) == network.checked_shr(shift)).into()
        }
        _ => Truth::False,
    }
}

/// `ADDRESS/PREFIX`, or one address.
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let (_, length) = bits(address);
    let prefix = match prefix {
        None => length,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
    };
    (prefix <= length).then_some((address, prefix))
}

/// An address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (address.to_bits().into(), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}
