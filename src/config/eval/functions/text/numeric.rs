//! Numbers as text with a given number of digits. The functions work on decimal digits, of which there may be thousands.

use super::super::super::value::Number;

/// The significant digits without a point, and the index of the digit before which the point is. An index outside of the digits means
/// that zeros are missing between the point and the digits.
fn decimal(number: &Number) -> (Vec<u8>, i64) {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    let point = length(whole) - (length(&digits) - length(significant));
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() { (vec![b'0'], 1) } else { (significant.bytes().collect(), point) }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// The first `count` digits, rounded half to even. A carry out of the first digit moves the point.
fn rounded((digits, point): (Vec<u8>, i64), count: i64) -> (Vec<u8>, i64) {
    let Ok(count) = usize::try_from(count) else { return (vec![b'0'], 1) };
    let Some((kept, dropped)) = digits.split_at_checked(count).filter(|(_, dropped)| !dropped.is_empty()) else { return (digits, point) };
    let half = dropped.first() == Some(&b'5') && dropped.iter().skip(1).all(|digit| *digit == b'0');
    let odd = kept.last().is_some_and(|digit| digit % 2 == 1);
    let up = if half { odd } else { dropped.first().is_some_and(|digit| *digit >= b'5') };
    let mut kept = kept.to_vec();
    if !up {
        return (kept, point);
    }
    while let Some(last) = kept.pop() {
        if last < b'9' {
            kept.push(last + 1);
            return (kept, point);
        }
    }
    (vec![b'1'], point + 1)
}

fn digit(digits: &[u8], index: i64) -> char {
    usize::try_from(index).ok().and_then(|index| digits.get(index)).map_or('0', |digit| char::from(*digit))
}

/// With `precision` digits after the point.
pub(super) fn fixed(number: &Number, precision: usize) -> String {
    let precision = i64::try_from(precision).unwrap_or(i64::MAX);
    let exact = decimal(number);
    let count = exact.1 + precision;
    let (digits, point) = rounded(exact, count);
    let digits = if count < 0 { vec![b'0'] } else { digits };
    let point = if count < 0 { 1 } else { point };
    let whole: String = if point > 0 { (0..point).map(|index| digit(&digits, index)).collect() } else { "0".into() };
    let fraction: String = (point..point + precision).map(|index| digit(&digits, index)).collect();
    if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") }
}

/// With one digit before the point, `precision` after it, and an exponent.
pub(super) fn scientific(number: &Number, precision: usize) -> String {
    let precision = i64::try_from(precision).unwrap_or(i64::MAX);
    let (digits, point) = rounded(decimal(number), precision + 1);
    with_exponent(&digits, point, precision)
}

fn with_exponent(digits: &[u8], point: i64, precision: i64) -> String {
    let exponent = point - 1;
    let fraction: String = (1..=precision).map(|index| digit(digits, index)).collect();
    let dot = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}{dot}{fraction}e{sign}{:02}", digit(digits, 0), exponent.abs())
}

/// As short as possible, with an exponent if the number is very small or has more than six digits before the point.
pub(super) fn shortest(number: &Number) -> String {
    let (digits, point) = decimal(&number.abs());
    let sign = if number.is_negative() { "-" } else { "" };
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    if !(-4..6).contains(&(point - 1)) {
        return format!("{sign}{}", with_exponent(&digits, point, count - 1));
    }
    number.to_string()
}

/// With at most `precision` digits.
pub(super) fn general(number: &Number, precision: usize) -> String {
    let precision = i64::try_from(precision).unwrap_or(i64::MAX);
    let (digits, point) = rounded(decimal(number), precision);
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    if point - 1 < -4 || point > precision {
        return with_exponent(&digits, point, count - 1);
    }
    let text = fixed(number, usize::try_from((precision - point).max(0)).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
