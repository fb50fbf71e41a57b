//! YAML, of which one document is read.

use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput, Tag};

use super::super::super::budget::{BYTES_OF_A_LIST, BYTES_OF_AN_OBJECT};
use super::super::super::value::{Number, Type, Value, convert};
use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};

/// Levels of nesting that are read. Each takes a part of the stack.
const MAX_DEPTH: usize = 200;

pub(super) fn decode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    arguments.pay_bytes(text.len())?;
    arguments.pay_steps(text.len())?;
    let open_end = text.rsplit('\n').next().filter(|last| !last.trim().is_empty()).map(|_| text.chars().count());
    let mut reader = Reader { arguments, parser: Parser::new_from_str(text), anchors: HashMap::new(), open_end, end: 0 };
    let mut value = Value::null();
    let mut documents = 0;
    loop {
        match reader.next()? {
            Event::StreamEnd if documents == 0 => return Err(reader.error("there is no document")),
            Event::StreamEnd => return Ok(value),
            Event::DocumentStart(_) if documents > 0 => return Err(reader.error("there is more than one document")),
            Event::DocumentStart(_) => {
                documents += 1;
                let first = reader.next()?;
                value = reader.value(first, 0)?;
            }
            _ => {}
        }
    }
}

struct Reader<'a, 'c> {
    arguments: &'a Arguments<'c>,
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Value>,
    /// The number of characters, if the last line has text and no end.
    open_end: Option<usize>,
    /// The number of characters up to the end of the last event.
    end: usize,
}

impl<'a> Reader<'a, '_> {
    fn error(&self, message: &str) -> FunctionError {
        FunctionError::argument(0, format!("the string can't be read as YAML: {message}"))
    }

    fn next(&mut self) -> Result<Event<'a>, FunctionError> {
        self.arguments.pay(1)?;
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.end = span.end.index();
                Ok(event)
            }
            Some(Err(error)) => Err(self.error(&format!("{} in line {}", error.info(), error.marker().line()))),
            None => Ok(Event::StreamEnd),
        }
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Returned {
        if depth > MAX_DEPTH {
            return Err(self.error("it is nested too deeply"));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                // The parser gives a block of text that ends with the document a line ending that it lacks.
                let is_open = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) && self.open_end == Some(self.end);
                let text = text.strip_suffix('\n').filter(|_| is_open).unwrap_or(&text);
                let value = self.scalar(text, style, tag.as_deref())?;
                self.remember(anchor, &value);
                Ok(value)
            }
            Event::SequenceStart(anchor, _) => {
                self.arguments.pay_bytes(BYTES_OF_A_LIST)?;
                let mut elements = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => elements.push(self.value(event, depth + 1)?),
                    }
                }
                let value = Value::tuple(elements);
                self.remember(anchor, &value);
                Ok(value)
            }
            Event::MappingStart(anchor, _) => {
                self.arguments.pay_bytes(BYTES_OF_AN_OBJECT)?;
                let value = self.mapping(depth)?;
                self.remember(anchor, &value);
                Ok(value)
            }
            // An alias within what its anchor names has nothing to stand for yet.
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(value) if depth + usize::try_from(value.depth()).unwrap_or(usize::MAX) > MAX_DEPTH => {
                    Err(self.error("it is nested too deeply"))
                }
                Some(value) => {
                    self.pay_for(&value)?;
                    Ok(value)
                }
                None => Err(self.error("an alias refers to itself or to nothing")),
            },
            _ => Ok(Value::null()),
        }
    }

    /// Aliases of aliases can make much of little: what they stand for is paid for each time.
    fn pay_for(&self, value: &Value) -> Result<(), FunctionError> {
        self.arguments.pay(1)?;
        value.children().try_for_each(|part| self.pay_for(part))
    }

    fn remember(&mut self, anchor: usize, value: &Value) {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
    }

    fn mapping(&mut self, depth: usize) -> Returned {
        let mut attributes = BTreeMap::new();
        let mut merged = BTreeMap::new();
        loop {
            let event = match self.next()? {
                Event::MappingEnd => break,
                event => event,
            };
            let merges = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = self.value(event, depth + 1)?;
            let event = self.next()?;
            let value = self.value(event, depth + 1)?;
            if merges {
                self.merge(&value, &mut merged)?;
                continue;
            }
            let Ok(name) = convert(&key, &Type::String) else { return Err(self.error("a key is not a string, number or bool")) };
            let Some(name) = name.as_str() else { return Err(self.error("a key is null")) };
            attributes.insert(name.to_owned(), value);
        }
        // What a mapping says itself goes before what it takes from another.
        for (name, value) in merged {
            attributes.entry(name).or_insert(value);
        }
        Ok(Value::object(attributes))
    }

    fn merge(&self, value: &Value, merged: &mut BTreeMap<String, Value>) -> Result<(), FunctionError> {
        let sources = value.elements().map_or_else(|| vec![value], |elements| elements.iter().collect());
        for source in sources {
            let Some(entries) = source.entries() else { return Err(self.error("`<<` takes a mapping or a list of mappings")) };
            self.arguments.pay(entries.len())?;
            for (name, value) in entries {
                merged.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        Ok(())
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Returned {
        let endless = [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"];
        if style == ScalarStyle::Plain && tag.is_none() && endless.contains(&text) {
            return Err(self.error(&format!("{text} is not a number that can be computed with")));
        }
        let untagged = || if style == ScalarStyle::Plain { plain(text) } else { text.into() };
        let Some(tag) = tag else { return Ok(untagged()) };
        let value = untagged();
        let wanted = match tag.suffix.as_str() {
            "str" if tag.is_yaml_core_schema() => return Ok(text.into()),
            "bool" if tag.is_yaml_core_schema() => Type::Bool,
            "int" | "float" if tag.is_yaml_core_schema() => Type::Number,
            "null" if tag.is_yaml_core_schema() => return Ok(Value::null()),
            _ => return Err(self.error("it has a tag that is not supported")),
        };
        convert(&value, &wanted).map_err(|error| self.error(&error.to_string()))
    }
}

/// A scalar without quotes: what it looks like decides what it is.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => true.into(),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => false.into(),
        _ => match (date(text), number(text)) {
            (Some(date), _) => date.into(),
            (None, Some(number)) => number.into(),
            (None, None) => text.into(),
        },
    }
}

/// A day, as in `2026-12-01`, becomes a point in time.
fn date(text: &str) -> Option<String> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, most: usize| !part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some(format!("{date}T00:00:00Z"))
}

fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let radix = |digits: &str, base: u32| num_bigint::BigInt::parse_bytes(digits.as_bytes(), base).map(Number::whole);
    // Reading takes time by the square of the length.
    let short = |digits: &&str| digits.len() <= 1_000;
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).filter(short) {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o").filter(short) {
        return radix(digits, 8);
    }
    let first = unsigned.bytes().next()?;
    if first.is_ascii_digit() || (first == b'.' && unsigned.len() > 1) { Number::parse(text) } else { None }
}
