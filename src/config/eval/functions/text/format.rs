//! `format` and `formatlist`: text with verbs, as in `"%s has %d"`.

use super::super::super::value::{Kind, Number, Type, Value, convert};
use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};
use super::super::encoding::to_json;
use super::numeric::{fixed, scientific, shortest};
use super::{graphemes, text_length};

/// The largest width and the most digits that one verb may specify.
const MAX_WIDTH: usize = 100_000;

/// One verb, with its flags, width and precision.
#[derive(Default)]
struct Verb {
    plus: bool,
    minus: bool,
    space: bool,
    sharp: bool,
    zero: bool,
    /// The number of the argument, counted from 1, if the verb specifies one.
    argument: Option<usize>,
    width: usize,
    precision: Option<usize>,
    letter: char,
}

pub(super) fn format(arguments: &Arguments<'_>) -> Returned {
    let text = written(arguments, arguments.text(0)?, arguments.rest(1))?;
    Ok(text.into())
}

/// One text for each element of the lists among the arguments. Other arguments are the same in each text.
pub(super) fn format_list(arguments: &Arguments<'_>) -> Returned {
    let values = arguments.rest(1);
    let mut length = None;
    for (index, value) in values.iter().enumerate() {
        let Some(elements) = value.elements() else { continue };
        if *length.get_or_insert(elements.len()) != elements.len() {
            return Err(FunctionError::argument(index + 1, "all lists must have the same length"));
        }
    }
    let count = length.unwrap_or(1);
    let mut texts = Vec::new();
    for row in 0..count {
        arguments.pay(values.len() + 1)?;
        let value = |value: &Value| value.elements().and_then(|elements| elements.get(row)).unwrap_or(value).clone();
        let row: Vec<_> = values.iter().map(value).collect();
        texts.push(Value::from(written(arguments, arguments.text(0)?, &row)?));
    }
    Ok(Value::list(Type::String, texts))
}

fn written(arguments: &Arguments<'_>, pattern: &str, values: &[Value]) -> Result<String, FunctionError> {
    let mut text = String::new();
    let mut rest = pattern;
    let mut next = 0;
    let mut used = 0;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let (verb, after) = verb(after)?;
        rest = after;
        let index = verb.argument.map_or(next, |argument| argument - 1);
        next = index + 1;
        used = used.max(next);
        let Some(value) = values.get(index) else {
            let message = format!("the verb %{} needs an argument {next}, but there are {} after the format", verb.letter, values.len());
            return Err(FunctionError::argument(0, message));
        };
        let piece = match verb.letter {
            'v' if verb.sharp || !matches!(value.kind(), Kind::String(_) | Kind::Number(_)) => to_json(arguments, value)?,
            'q' if !value.is_null() => {
                let text = quotable(&verb, value).map_err(|message| FunctionError::argument(index + 1, message))?;
                to_json(arguments, &text.into())?
            }
            _ => formatted(&verb, value).map_err(|message| FunctionError::argument(index + 1, message))?,
        };
        arguments.pay_bytes(piece.len().max(verb.width))?;
        text.push_str(&padded(&verb, &piece, value));
    }
    text.push_str(rest);
    arguments.pay_bytes(pattern.len())?;
    if used < values.len() {
        return Err(FunctionError::argument(used + 1, format!("there are {} arguments, but the format uses {used}", values.len())));
    }
    Ok(text)
}

/// Parses a verb after its `%`.
fn verb(text: &str) -> Result<(Verb, &str), FunctionError> {
    let invalid = |message: String| FunctionError::argument(0, message);
    let mut verb = Verb::default();
    let mut rest = text;
    while let Some(flag) = rest.chars().next().filter(|flag| "+- #0".contains(*flag)) {
        match flag {
            '+' => verb.plus = true,
            '-' => verb.minus = true,
            ' ' => verb.space = true,
            '#' => verb.sharp = true,
            _ => verb.zero = true,
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    let (width, after) = digits(rest)?;
    verb.width = width.unwrap_or(0);
    rest = after;
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = digits(after)?;
        verb.precision = Some(precision.unwrap_or(0));
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('[') {
        let (argument, after) = digits(after)?;
        let after = after.strip_prefix(']').ok_or_else(|| invalid("the number of an argument must end with `]`".into()))?;
        let argument = argument.filter(|argument| *argument > 0);
        verb.argument = Some(argument.ok_or_else(|| invalid("arguments are counted from 1".into()))?);
        rest = after;
    }
    let Some(letter) = rest.chars().next() else { return Err(invalid("the format ends within a verb".into())) };
    verb.letter = letter;
    let after = rest.get(letter.len_utf8()..).unwrap_or_default();
    if "vtbdoxXeEfFgGsq".contains(letter) { Ok((verb, after)) } else { Err(invalid(format!("there is no verb %{letter}"))) }
}

fn digits(text: &str) -> Result<(Option<usize>, &str), FunctionError> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return Ok((None, rest));
    }
    match digits.parse() {
        Ok(number) if number <= MAX_WIDTH => Ok((Some(number), rest)),
        _ => Err(FunctionError::argument(0, format!("{digits} is too large for a width, a precision or an argument"))),
    }
}

fn unsuitable(verb: &Verb, wanted: &str, value: &Value) -> String {
    format!("%{} takes {wanted}, not {}", verb.letter, value.kind_with_article())
}

/// The text of a value for `%s`, which `%q` puts in quotes.
fn quotable(verb: &Verb, value: &Value) -> Result<String, String> {
    let text = convert(value, &Type::String).map_err(|_| unsuitable(verb, "a string", value))?;
    Ok(text.as_str().map(|text| cut(verb, text)).unwrap_or_default())
}

/// The text of a value for every verb that does not write JSON.
fn formatted(verb: &Verb, value: &Value) -> Result<String, String> {
    let unsuitable = |wanted: &str| unsuitable(verb, wanted, value);
    let number = || match convert(value, &Type::Number).map(|number| number.kind().clone()) {
        Ok(Kind::Number(number)) => Ok(number),
        _ => Err(unsuitable("a number")),
    };
    match verb.letter {
        'v' => match value.kind() {
            Kind::Number(number) => Ok(shortest(number)),
            _ => Ok(value.as_str().unwrap_or_default().to_owned()),
        },
        _ if value.is_null() => Err(format!("null has no text for %{}", verb.letter)),
        't' => match convert(value, &Type::Bool).map(|value| value.kind().clone()) {
            Ok(Kind::Bool(value)) => Ok(value.to_string()),
            _ => Err(unsuitable("a bool")),
        },
        's' | 'q' => quotable(verb, value),
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let whole = number()?.to_whole().ok_or_else(|| unsuitable("a whole number"))?;
            let digits = match verb.letter {
                'b' => whole.magnitude().to_str_radix(2),
                'o' => whole.magnitude().to_str_radix(8),
                'x' => whole.magnitude().to_str_radix(16),
                'X' => whole.magnitude().to_str_radix(16).to_uppercase(),
                _ => whole.magnitude().to_string(),
            };
            let prefix = match verb.letter {
                'b' if verb.sharp => "0b",
                'o' if verb.sharp => "0",
                'x' if verb.sharp => "0x",
                'X' if verb.sharp => "0X",
                _ => "",
            };
            let zeros = "0".repeat(verb.precision.unwrap_or(0).saturating_sub(digits.len()));
            Ok(format!("{}{prefix}{zeros}{digits}", sign(verb, whole.sign() == num_bigint::Sign::Minus)))
        }
        _ => Ok(floating(verb, &number()?)),
    }
}

fn floating(verb: &Verb, number: &Number) -> String {
    let magnitude = number.abs();
    let text = match (verb.letter, verb.precision) {
        ('f' | 'F', precision) => fixed(&magnitude, precision.unwrap_or(6)),
        ('e' | 'E', precision) => scientific(&magnitude, precision.unwrap_or(6)),
        (_, None) => shortest(&magnitude),
        (_, Some(precision)) => super::numeric::general(&magnitude, precision.max(1)),
    };
    let text = if verb.letter.is_ascii_uppercase() { text.to_uppercase() } else { text };
    format!("{}{text}", sign(verb, number.is_negative()))
}

fn sign(verb: &Verb, negative: bool) -> &'static str {
    match (negative, verb.plus, verb.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    }
}

/// The text, cut to as many characters as the precision specifies.
fn cut(verb: &Verb, text: &str) -> String {
    match verb.precision {
        Some(precision) => graphemes(text).take(precision).collect(),
        None => text.to_owned(),
    }
}

/// The text, padded to the width with blanks, or with zeros after the sign of a number.
fn padded(verb: &Verb, text: &str, value: &Value) -> String {
    let missing = if verb.width == 0 { 0 } else { verb.width.saturating_sub(text_length(text)) };
    let is_number = "bdoxXeEfFgG".contains(verb.letter) || (verb.letter == 'v' && matches!(value.kind(), Kind::Number(_)));
    match (missing, verb.minus) {
        (0, _) => text.to_owned(),
        _ if verb.letter == 't' => text.to_owned(),
        (_, true) => format!("{text}{}", " ".repeat(missing)),
        _ if verb.zero && is_number => {
            let digits = text.trim_start_matches(['+', '-', ' ']);
            let (sign, _) = text.split_at(text.len() - digits.len());
            format!("{sign}{}{digits}", "0".repeat(missing))
        }
        _ if verb.zero => format!("{}{text}", "0".repeat(missing)),
        _ => format!("{}{text}", " ".repeat(missing)),
    }
}
