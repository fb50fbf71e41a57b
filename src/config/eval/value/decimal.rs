//! Numbers as text: the shortest decimal that parses to the same number.

use std::fmt;

use num_bigint::BigUint;

use super::Number;

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        let text = if self.is_whole() && self.mantissa().bits() + self.exponent().unsigned_abs() <= self.bits() {
            (self.mantissa().magnitude() << self.exponent().unsigned_abs()).to_string()
        } else {
            shortest(self)
        };
        formatter.write_str(sign)?;
        formatter.write_str(&text)
    }
}

/// The digits of the shortest decimal between the bounds half a unit of the last bit below and above the number.
fn shortest(number: &Number) -> String {
    // The mantissa with all its bits, and one more for half units.
    let shift = (number.bits() + 1).saturating_sub(number.mantissa().bits());
    let middle = number.mantissa().magnitude() << shift;
    let exponent = number.exponent() - i64::try_from(shift).unwrap_or(i64::MAX);
    // A number exactly on a bound rounds to the even mantissa.
    let inclusive = !middle.bit(1);
    let decimal = |mantissa: BigUint| {
        let power = u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX);
        let integer = if exponent >= 0 { mantissa << power } else { mantissa * BigUint::from(5u8).pow(power) };
        integer.to_string().into_bytes()
    };
    let (lower, upper) = (decimal(&middle - 1u8), decimal(&middle + 1u8));
    let middle = decimal(middle);
    let width = upper.len();
    let padded = |digits: Vec<u8>| [vec![b'0'; width - digits.len()], digits].concat();
    let (lower, middle) = (padded(lower), padded(middle));
    let digits = (1..=width).find_map(|length| short(&lower, &middle, &upper, length, inclusive)).unwrap_or(middle);
    // Negative powers of two have as many decimals as their exponent.
    let decimals = if exponent < 0 { usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX) } else { 0 };
    with_point(digits, decimals)
}

/// The decimal of `length` digits, followed by zeros, that is between the bounds and nearest to the middle.
fn short(lower: &[u8], middle: &[u8], upper: &[u8], length: usize, inclusive: bool) -> Option<Vec<u8>> {
    let (kept, dropped) = middle.split_at_checked(length)?;
    let zeros = vec![b'0'; dropped.len()];
    let down = [kept, &zeros].concat();
    let up = [incremented(kept)?, zeros].concat();
    let down_fits = if inclusive { down.as_slice() >= lower } else { down.as_slice() > lower };
    let up_fits = if inclusive { up.as_slice() <= upper } else { up.as_slice() < upper };
    let up_is_nearer = dropped.first().is_some_and(|digit| *digit >= b'5');
    match (down_fits, up_fits) {
        (true, true) => Some(if up_is_nearer { up } else { down }),
        (true, false) => Some(down),
        (false, true) => Some(up),
        (false, false) => None,
    }
}

/// The digits of the number plus one, if it has the same number of digits.
fn incremented(digits: &[u8]) -> Option<Vec<u8>> {
    let last = digits.iter().rposition(|digit| *digit != b'9');
    let mut incremented = digits.to_vec();
    for digit in incremented.iter_mut().skip(last.map_or(0, |last| last + 1)) {
        *digit = b'0';
    }
    match last.and_then(|last| incremented.get_mut(last)) {
        Some(digit) => *digit += 1,
        // All nines: no candidate of this length. The exact digits always are a candidate.
        None => return Some(vec![b':'; digits.len()]),
    }
    Some(incremented)
}

/// Inserts the point before the last `decimals` digits, and removes trailing zeros.
fn with_point(digits: Vec<u8>, decimals: usize) -> String {
    let digits = String::from_utf8(digits).unwrap_or_default();
    let padded = if digits.len() <= decimals { format!("{}{digits}", "0".repeat(decimals + 1 - digits.len())) } else { digits };
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}
