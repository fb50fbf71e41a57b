//! Functions of numbers.

use num_bigint::BigInt;

use super::super::value::{Kind, MAX_DIGITS, Number};
use super::arguments::{ANY, Arguments, FunctionError, NUMBER, NUMBERS};
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abs", &[NUMBER], |arguments| Ok(arguments.number(0)?.abs().into())),
    Function::new("ceil", &[NUMBER], |arguments| Ok(arguments.number(0)?.ceil().into())),
    Function::new("floor", &[NUMBER], |arguments| Ok(arguments.number(0)?.floor().into())),
    Function::new("signum", &[NUMBER], signum),
    Function::new("min", &[], |arguments| extreme(arguments, |candidate, best| candidate < best)).variadic(NUMBER),
    Function::new("max", &[], |arguments| extreme(arguments, |candidate, best| candidate > best)).variadic(NUMBER),
    Function::new("sum", &[NUMBERS], sum),
    Function::new("parseint", &[ANY, NUMBER], parse_int),
    Function::new("log", &[NUMBER, NUMBER], log),
    Function::new("pow", &[NUMBER, NUMBER], pow),
];

fn signum(arguments: &Arguments<'_>) -> Returned {
    Ok(Number::from(arguments.integer(0)?.signum()).into())
}

fn extreme(arguments: &Arguments<'_>, better: fn(&Number, &Number) -> bool) -> Returned {
    let mut best = None;
    for index in 0..arguments.all().len() {
        let candidate = arguments.number(index)?;
        if best.is_none_or(|best| better(candidate, best)) {
            best = Some(candidate);
        }
    }
    best.cloned().map(Into::into).ok_or_else(|| FunctionError::new("at least one number is required"))
}

fn sum(arguments: &Arguments<'_>) -> Returned {
    let mut sum: Option<Number> = None;
    for element in arguments.elements(0)? {
        let Kind::Number(number) = element.kind() else { return Err(FunctionError::argument(0, "no element may be null")) };
        arguments.pay(1)?;
        sum = Some(sum.map_or_else(|| number.clone(), |sum| sum.plus(number)));
    }
    sum.map(Into::into).ok_or_else(|| FunctionError::argument(0, "the list has no elements"))
}

/// An argument in 64-bit floating point, as Terraform computes these functions.
fn float(arguments: &Arguments<'_>, index: usize) -> Result<f64, FunctionError> {
    let value = arguments.number(index)?.to_f64();
    if value.is_finite() { Ok(value) } else { Err(FunctionError::argument(index, "the number is too large for 64-bit floating point")) }
}

fn log(arguments: &Arguments<'_>) -> Returned {
    let (number, base) = (float(arguments, 0)?, float(arguments, 1)?);
    if number <= 0.0 {
        return Err(FunctionError::argument(0, "only a number greater than zero has a logarithm"));
    }
    if base <= 0.0 || base == 1.0 {
        return Err(FunctionError::argument(1, "the base must be greater than zero, and not one"));
    }
    let result = Number::from_f64(number.ln() / base.ln());
    result.map(Into::into).ok_or_else(|| FunctionError::new("the result is too large for a number"))
}

fn pow(arguments: &Arguments<'_>) -> Returned {
    let (number, power) = (float(arguments, 0)?, float(arguments, 1)?);
    let result = number.powf(power);
    let why = if result.is_nan() { "a negative number has only whole powers" } else { "the result is too large for a number" };
    Number::from_f64(result).map(Into::into).ok_or_else(|| FunctionError::new(why))
}

fn parse_int(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    let base = u32::try_from(arguments.integer(1)?).ok().filter(|base| (2..=62).contains(base));
    let base = base.ok_or_else(|| FunctionError::argument(1, "the base must be from 2 to 62"))?;
    let invalid = || FunctionError::argument(0, format!("{text:?} is not a whole number in base {base}")).showing_argument();
    // Parsing takes time quadratic in the length.
    if text.len() > MAX_DIGITS {
        return Err(FunctionError::argument(0, format!("the string has more than {MAX_DIGITS} digits")));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return Err(invalid());
    }
    let mut value = BigInt::ZERO;
    for character in digits.chars() {
        let digit = digit(character, base).ok_or_else(invalid)?;
        value = value * base + digit;
    }
    Ok(Number::whole(if negative { -value } else { value }).into())
}

/// The value of a digit. Above base 36, lowercase letters come before uppercase ones.
fn digit(character: char, base: u32) -> Option<u32> {
    let value = match character {
        '0'..='9' => u32::from(character) - u32::from('0'),
        'a'..='z' => u32::from(character) - u32::from('a') + 10,
        'A'..='Z' if base <= 36 => u32::from(character) - u32::from('A') + 10,
        'A'..='Z' => u32::from(character) - u32::from('A') + 36,
        _ => return None,
    };
    (value < base).then_some(value)
}
