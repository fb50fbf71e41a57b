//! Functions of points in time. None of them reads a clock: `plantimestamp` returns the time that was set for the run.

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};

use super::super::value::Value;
use super::arguments::{Arguments, FunctionError, STRING};
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("timeadd", &[STRING, STRING], time_add),
    Function::new("timecmp", &[STRING, STRING], time_compare),
    Function::new("formatdate", &[STRING, STRING], format_date),
    Function::new("plantimestamp", &[], plan_time),
];

/// The time of the plan, in UTC and without fractions of a second. It is the same at each call, and when a saved plan is applied.
fn plan_time(arguments: &Arguments<'_>) -> Returned {
    let time = arguments.host.time().ok_or_else(|| FunctionError::new("this command makes no plan, so there is no time of a plan"))?;
    let seconds = Timestamp::from_second(time.as_second()).unwrap_or(time);
    Ok(seconds.to_string().into())
}

/// A local time and its offset from UTC in minutes.
struct Instant {
    local: DateTime,
    offset: i64,
    nanoseconds: i128,
}

/// Parses a time in the strict form of RFC 3339: `2026-12-01T00:00:00Z`.
fn instant(arguments: &Arguments<'_>, index: usize) -> Result<Instant, FunctionError> {
    let text = arguments.text(index)?;
    let invalid = || FunctionError::argument(index, format!("{text:?} is not a time such as \"2026-12-01T00:00:00Z\"")).showing_argument();
    parse(text).ok_or_else(invalid)
}

fn parse(text: &str) -> Option<Instant> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix('T')?;
    let (time, rest) = rest.split_at_checked(8)?;
    let fraction = rest
        .strip_prefix('.')
        .map(|fraction| fraction.split_at(fraction.find(|character: char| !character.is_ascii_digit()).unwrap_or(fraction.len())));
    let (fraction, zone) = fraction.unwrap_or(("", rest));
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, shape)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape })
    };
    if !shape(date, "0000-00-00") || !shape(time, "00:00:00") || (rest.starts_with('.') && fraction.is_empty()) {
        return None;
    }
    let offset = match zone {
        "Z" => 0,
        _ if shape(zone, "+00:00") || shape(zone, "-00:00") => {
            let hours: i64 = zone.get(1..3)?.parse().ok()?;
            let minutes: i64 = zone.get(4..6)?.parse().ok()?;
            let offset = if hours < 24 && minutes < 60 { hours * 60 + minutes } else { return None };
            if zone.starts_with('-') { -offset } else { offset }
        }
        _ => return None,
    };
    let fraction = fraction.get(..fraction.len().min(9))?;
    let local: DateTime = format!("{date}T{time}{}{fraction}", if fraction.is_empty() { "" } else { "." }).parse().ok()?;
    // Civil time has no leap seconds. The parser would clamp one.
    if local.second() != time.get(6..)?.parse::<i8>().ok()? {
        return None;
    }
    let utc = local.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_nanosecond();
    Some(Instant { local, offset, nanoseconds: utc - i128::from(offset) * 60_000_000_000 })
}

fn time_compare(arguments: &Arguments<'_>) -> Returned {
    let order = instant(arguments, 0)?.nanoseconds.cmp(&instant(arguments, 1)?.nanoseconds);
    Ok(super::super::value::Number::from(order as i64).into())
}

fn time_add(arguments: &Arguments<'_>) -> Returned {
    let start = instant(arguments, 0)?;
    let text = arguments.text(1)?;
    let invalid =
        || FunctionError::argument(1, format!("{text:?} is not a duration such as \"36h\", \"90m\" or \"-1.5h\"")).showing_argument();
    let nanoseconds = duration(text).ok_or_else(invalid)?;
    let moved = start.local.checked_add(jiff::SignedDuration::from_nanos_i128(nanoseconds));
    let moved = moved.map_err(|_| FunctionError::new("the result is outside of the calendar"))?;
    let zone = zone(start.offset, ":", true);
    Ok(format!("{}{zone}", moved.strftime("%Y-%m-%dT%H:%M:%S")).into())
}

/// The nanoseconds of a duration: numbers with units, as in `1h30m`.
fn duration(text: &str) -> Option<i128> {
    const UNITS: &[(&str, i128)] = &[
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    while !rest.is_empty() || total == 0 {
        let end = rest.find(|character: char| !(character.is_ascii_digit() || character == '.'))?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let digits = fraction.get(..fraction.len().min(15))?;
        let part: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        let scale = 10i128.checked_pow(u32::try_from(digits.len()).ok()?)?;
        total = total.checked_add(whole.checked_mul(*unit)?)?.checked_add(part.checked_mul(*unit)? / scale)?;
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    // The range of Terraform's 64 bits: 292 years.
    let total = if negative { -total } else { total };
    i64::try_from(total).ok().map(i128::from)
}

/// The offset from UTC.
fn zone(offset: i64, separator: &str, letter: bool) -> String {
    if offset == 0 && letter {
        return "Z".into();
    }
    let sign = if offset < 0 { '-' } else { '+' };
    format!("{sign}{:02}{separator}{:02}", offset.abs() / 60, offset.abs() % 60)
}

fn format_date(arguments: &Arguments<'_>) -> Returned {
    let pattern = arguments.text(0)?;
    let instant = instant(arguments, 1)?;
    let mut text = String::new();
    let mut rest = pattern;
    arguments.pay_bytes(pattern.len().saturating_mul(8))?;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (literal, after) = quoted(rest).ok_or_else(|| FunctionError::argument(0, "a quote is not closed"))?;
            text.push_str(&literal);
            rest = after;
            continue;
        }
        let end = rest.find(|character| character != first).unwrap_or(rest.len());
        let (letters, after) = rest.split_at(end);
        match field(letters, &instant) {
            Some(field) => text.push_str(&field),
            None if first.is_ascii_alphabetic() => {
                return Err(FunctionError::argument(0, format!("{letters:?} is not a part of a time; put literal text in single quotes")));
            }
            None => text.push_str(letters),
        }
        rest = after;
    }
    Ok(Value::from(text))
}

/// The text between single quotes, and the rest. Two quotes within the text mean one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut literal = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let (part, after) = rest.split_once('\'')?;
        literal.push_str(part);
        match after.strip_prefix('\'') {
            Some(after) => {
                literal.push('\'');
                rest = after;
            }
            None => return Some((literal, after)),
        }
    }
}

fn field(letters: &str, instant: &Instant) -> Option<String> {
    let local = instant.local;
    let twelve = if local.hour() % 12 == 0 { 12 } else { local.hour() % 12 };
    let month = || local.strftime("%B").to_string();
    let weekday = || match local.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    };
    let short = |name: &str| name.chars().take(3).collect::<String>();
    Some(match letters {
        "YYYY" => format!("{:04}", local.year()),
        "YY" => format!("{:02}", local.year() % 100),
        "MMMM" => month(),
        "MMM" => short(&month()),
        "MM" => format!("{:02}", local.month()),
        "M" => local.month().to_string(),
        "DD" => format!("{:02}", local.day()),
        "D" => local.day().to_string(),
        "EEEE" => weekday().to_owned(),
        "EEE" => short(weekday()),
        "hh" => format!("{:02}", local.hour()),
        "h" => local.hour().to_string(),
        "HH" => format!("{twelve:02}"),
        "H" => twelve.to_string(),
        "AA" => if local.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        "aa" => if local.hour() < 12 { "am" } else { "pm" }.to_owned(),
        "mm" => format!("{:02}", local.minute()),
        "m" => local.minute().to_string(),
        "ss" => format!("{:02}", local.second()),
        "s" => local.second().to_string(),
        "ZZZZZ" => zone(instant.offset, ":", false),
        "ZZZZ" => zone(instant.offset, "", false),
        "ZZZ" => {
            if instant.offset == 0 {
                "UTC".into()
            } else {
                zone(instant.offset, "", false)
            }
        }
        "Z" => zone(instant.offset, ":", true),
        _ => return None,
    })
}
