//! Scalars of YAML: their values from text, quotes and tags.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::{Date, DateTime, Time};
use num_bigint::BigInt;
use saphyr_parser::{ScalarStyle, Tag};

use super::super::super::value::{Kind, Number, Value};

/// The prefix of the names of YAML's own types.
const CORE: &str = "tag:yaml.org,2002:";

/// The most digits of a number: parsing takes time quadratic in their count.
const MAX_DIGITS: usize = 1_000;

/// The name of the YAML type that a tag denotes; `None` for any other tag.
pub(super) fn core_type(tag: &Tag) -> Option<String> {
    format!("{}{}", tag.handle, tag.suffix).strip_prefix(CORE).map(str::to_owned)
}

/// The value of a scalar, or the error message.
pub(super) fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let is_plain = style == ScalarStyle::Plain;
    let Some(tag) = tag else {
        return match is_plain {
            true if is_endless(text) => Err(format!("{text} is not a finite number")),
            true => Ok(plain(text)),
            false => Ok(text.into()),
        };
    };
    let name = core_type(tag).ok_or("it has a tag that is not supported")?;
    // As in Terraform, a quoted scalar is a string even if its tag is another type. It must still have the form of that type.
    let own = |value: Value| if is_plain { value } else { text.into() };
    let unfit = || format!("{text:?} is not a valid value for its tag, !!{name}");
    match name.as_str() {
        "str" => Ok(text.into()),
        "binary" => {
            let digits: String = text.split(['\n', '\r']).collect();
            STANDARD.decode(digits).map(|_| text.into()).map_err(|_| unfit())
        }
        "int" | "float" if is_plain && is_endless(text) => Err(format!("{text} is not a finite number")),
        "int" | "float" => match (plain(text), tagged_number(text)) {
            (_, Some(number)) => Ok(own(number.into())),
            (value, None) if value.as_str().is_none() => Ok(own(value)),
            _ => Err(unfit()),
        },
        "timestamp" if timestamp(text).is_some() => Ok(own(plain(text))),
        "bool" | "timestamp" => Some(plain(text)).filter(|value| value.as_str().is_none()).map(own).ok_or_else(unfit),
        "null" => Ok(match plain(text) {
            value if matches!(value.kind(), Kind::String(_)) => Value::null(),
            value => own(value),
        }),
        _ => Err("it has a tag that is not supported".into()),
    }
}

fn is_endless(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// The value of a scalar without quotes. Its form determines its type.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => true.into(),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => false.into(),
        _ => match (timestamp(text), number(text)) {
            (Some(time), _) => time.into(),
            (None, Some(number)) => number.into(),
            (None, None) => text.into(),
        },
    }
}

/// A day, as in `2026-12-01`, or a point in time as in RFC 3339. Fractions of a second are dropped, as in Terraform.
fn timestamp(text: &str) -> Option<String> {
    let (date, rest) = text.split_at_checked(text.find(['T', 't', ' ']).unwrap_or(text.len()))?;
    let date = civil_date(date)?;
    if rest.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let (separator, rest) = rest.split_at_checked(1)?;
    let ends_time = |character: char| !(character.is_ascii_digit() || matches!(character, ':' | '.'));
    let (time, zone) = rest.split_at_checked(rest.find(ends_time).unwrap_or(rest.len()))?;
    let time = civil_time(time)?;
    // After a blank, no zone is allowed; after a letter, one is required.
    let zone = match (separator, zone) {
        (" ", "") | ("T" | "t", "Z") => "Z",
        ("T" | "t", zone) => offset(zone)?,
        _ => return None,
    };
    let time = DateTime::from_parts(date, time).strftime("%Y-%m-%dT%H:%M:%S");
    Some(format!("{time}{zone}"))
}

/// An offset such as `+01:00`. An offset of zero is `Z`.
fn offset(zone: &str) -> Option<&str> {
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    let is_valid = |part: &str, least: u8| part.len() == 2 && digits(part, 2).is_some_and(|number| number < i16::from(least));
    let is_zero = hours == "00" && minutes == "00";
    (is_valid(hours, 24) && is_valid(minutes, 60)).then_some(if is_zero { "Z" } else { zone })
}

/// A number of at most `most` digits and no other characters.
fn digits(text: &str, most: usize) -> Option<i16> {
    let is_number = !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

fn civil_date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let year = digits(parts.next().filter(|year| year.len() == 4)?, 4)?;
    let (month, day) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn civil_time(text: &str) -> Option<Time> {
    let (time, fraction) = text.split_once('.').map_or((text, "0"), |(time, fraction)| (time, fraction));
    let mut parts = time.splitn(3, ':');
    let (hour, minute, second) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let time = Time::new(hour.try_into().ok()?, minute.try_into().ok()?, second.try_into().ok()?, 0).ok();
    time.filter(|_| is_fraction)
}

fn whole(digits: &str, base: u32) -> Option<Number> {
    if digits.len() > MAX_DIGITS { None } else { BigInt::parse_bytes(digits.as_bytes(), base).map(Number::whole) }
}

fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return whole(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return whole(digits, 8);
    }
    let first = unsigned.bytes().next()?;
    if first.is_ascii_digit() || (first == b'.' && unsigned.len() > 1) { Number::parse(text) } else { None }
}

/// A scalar whose tag is that of a number. It may be binary, and have underscores between its digits.
fn tagged_number(text: &str) -> Option<Number> {
    let written = text.replace('_', "");
    match written.strip_prefix("0b") {
        Some(digits) => whole(digits, 2),
        None => number(&written),
    }
}
