//! Functions of strings.

mod format;
mod numeric;
mod patterns;
mod regexes;

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

use super::super::value::Value;
use super::arguments::{ANY_OR_NULL, Arguments, FunctionError, NUMBER, STRING, STRINGS};
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("upper", &[STRING], |arguments| mapped(arguments, upper)),
    Function::new("lower", &[STRING], |arguments| mapped(arguments, lower)),
    Function::new("title", &[STRING], |arguments| mapped(arguments, title)),
    Function::new("trimspace", &[STRING], |arguments| mapped(arguments, |text| text.trim().to_owned())),
    Function::new("chomp", &[STRING], |arguments| mapped(arguments, |text| text.trim_end_matches(['\n', '\r']).to_owned())),
    Function::new("strrev", &[STRING], |arguments| mapped(arguments, |text| graphemes(text).rev().collect())),
    Function::new("trim", &[STRING, STRING], trim),
    Function::new("trimprefix", &[STRING, STRING], trim_prefix),
    Function::new("trimsuffix", &[STRING, STRING], trim_suffix),
    Function::new("startswith", &[STRING, STRING], |arguments| Ok(arguments.text(0)?.starts_with(arguments.text(1)?).into())),
    Function::new("endswith", &[STRING, STRING], |arguments| Ok(arguments.text(0)?.ends_with(arguments.text(1)?).into())),
    Function::new("strcontains", &[STRING, STRING], |arguments| Ok(arguments.text(0)?.contains(arguments.text(1)?).into())),
    Function::new("replace", &[STRING, STRING, STRING], replace),
    Function::new("split", &[STRING, STRING], split),
    Function::new("join", &[STRING], join).variadic(STRINGS),
    Function::new("substr", &[STRING, NUMBER, NUMBER], substr),
    Function::new("indent", &[NUMBER, STRING], indent),
    Function::new("regex", &[STRING, STRING], regexes::regex),
    Function::new("regexall", &[STRING, STRING], regexes::regex_all),
    Function::new("format", &[STRING], format::format).variadic(ANY_OR_NULL),
    Function::new("formatlist", &[STRING], format::format_list).variadic(ANY_OR_NULL),
];

/// The characters of a text as a reader counts them (grapheme clusters).
pub(super) fn graphemes(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.graphemes(true)
}

/// The number of characters of a text.
pub(super) fn text_length(text: &str) -> usize {
    // In ASCII, only a line ending of two bytes is a character of more than one byte.
    if text.is_ascii() { text.len() - text.matches("\r\n").count() } else { graphemes(text).count() }
}

fn mapped(arguments: &Arguments<'_>, change: impl Fn(&str) -> String) -> Returned {
    let text = arguments.text(0)?;
    arguments.pay_bytes(text.len())?;
    Ok(change(text).into())
}

/// A character in another case, or the same one if that would be several characters: the length of a string must not change.
fn single(mut changed: impl Iterator<Item = char>, character: char) -> char {
    match (changed.next(), changed.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

fn upper(text: &str) -> String {
    text.chars().map(|character| single(character.to_uppercase(), character)).collect()
}

fn lower(text: &str) -> String {
    // The only letter whose lowercase form has two characters.
    text.chars().map(|character| if character == 'İ' { 'i' } else { single(character.to_lowercase(), character) }).collect()
}

fn title(text: &str) -> String {
    let mut within_word = false;
    let change = |character: char| {
        let changed = if within_word { character } else { single(character.to_uppercase(), character) };
        within_word = character.is_alphanumeric() || character == '_';
        changed
    };
    text.chars().map(change).collect()
}

fn trim(arguments: &Arguments<'_>) -> Returned {
    let (text, cut) = (arguments.text(0)?, arguments.text(1)?);
    arguments.pay_steps(cut.len())?;
    let cut: HashSet<_> = cut.chars().collect();
    Ok(text.trim_matches(|character| cut.contains(&character)).into())
}

fn trim_prefix(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    Ok(text.strip_prefix(arguments.text(1)?).unwrap_or(text).into())
}

fn trim_suffix(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    Ok(text.strip_suffix(arguments.text(1)?).unwrap_or(text).into())
}

/// Replaces text, or the matches of a pattern between slashes.
fn replace(arguments: &Arguments<'_>) -> Returned {
    let (text, wanted, replacement) = (arguments.text(0)?, arguments.text(1)?, arguments.text(2)?);
    if let Some(pattern) = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        return regexes::replace(arguments, text, pattern, replacement);
    }
    let count = text.matches(wanted).count();
    arguments.pay_bytes(text.len().saturating_add(count.saturating_mul(replacement.len())))?;
    Ok(text.replace(wanted, replacement).into())
}

fn split(arguments: &Arguments<'_>) -> Returned {
    let (separator, text) = (arguments.text(0)?, arguments.text(1)?);
    // Counted before the parts are made: they can take far more memory than the text.
    arguments.pay(text.matches(separator).count() + 1)?;
    arguments.pay_bytes(text.len())?;
    let parts: Vec<&str> = match (separator, text) {
        ("", "") => Vec::new(),
        ("", _) => text.split("").filter(|part| !part.is_empty()).collect(),
        _ => text.split(separator).collect(),
    };
    Ok(Value::strings(parts))
}

fn join(arguments: &Arguments<'_>) -> Returned {
    let separator = arguments.text(0)?;
    let mut all = Vec::new();
    if arguments.all().len() < 2 {
        return Err(FunctionError::new("at least one list is required"));
    }
    for index in 1..arguments.all().len() {
        all.extend(arguments.texts(index)?);
    }
    let bytes = all.iter().map(|text| text.len() + separator.len()).fold(0usize, usize::saturating_add);
    arguments.pay(all.len())?;
    arguments.pay_bytes(bytes)?;
    Ok(all.join(separator).into())
}

/// A part of a string, counted in characters as a reader counts them. A negative offset counts from the end, and a negative length means
/// the whole rest. So does a length of zero after a negative offset, as in Terraform.
fn substr(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    let (offset, length) = (arguments.integer(1)?, arguments.integer(2)?);
    let total = text_length(text);
    arguments.pay_bytes(text.len())?;
    let start = match usize::try_from(offset) {
        Ok(start) => start,
        Err(_) => total.saturating_sub(usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    let taken = match usize::try_from(length) {
        Ok(taken) if taken > 0 || offset >= 0 => taken,
        _ => usize::MAX,
    };
    Ok(graphemes(text).skip(start).take(taken).collect::<String>().into())
}

fn indent(arguments: &Arguments<'_>) -> Returned {
    let width = usize::try_from(arguments.integer(0)?).map_err(|_| FunctionError::argument(0, "the width must not be negative"))?;
    let text = arguments.text(1)?;
    let lines = text.matches('\n').count();
    arguments.pay_bytes(lines.saturating_mul(width).saturating_add(text.len()))?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(if lines == 0 { 0 } else { width }))).into())
}
