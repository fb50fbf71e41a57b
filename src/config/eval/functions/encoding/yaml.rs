//! YAML with a single document.

use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::super::super::budget::{BYTES_OF_A_LIST, BYTES_OF_AN_OBJECT};
use super::super::super::value::{Type, Value, convert};
use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};
use super::yaml_scalar::{core_type, scalar};

/// Characters before a value that are read in one step.
const BYTES_OF_A_STEP: usize = 16;

/// The most levels of nesting that are read. Each takes stack.
const MAX_DEPTH: usize = 200;

pub(super) fn decode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    arguments.pay_bytes(text.len())?;
    arguments.pay_steps(text.len())?;
    let open_end = text.rsplit('\n').next().filter(|last| !last.trim().is_empty()).map(|_| text.chars().count());
    let has_tabs = text.contains('\t');
    arguments.pay_bytes(if has_tabs { text.len().saturating_mul(size_of::<char>()) } else { 0 })?;
    let characters = text.chars().filter(|_| has_tabs).collect();
    let (parser, anchors) = (Parser::new_from_str(text), HashMap::new());
    let mut reader = Reader { arguments, parser, characters, flow: Vec::new(), anchors, open_end, end: 0 };
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
    /// The characters of the text, if it has tabs; otherwise empty.
    characters: Vec<char>,
    /// For each open collection, whether it is in brackets or braces.
    flow: Vec<bool>,
    anchors: HashMap<usize, Value>,
    /// The number of characters, if the last line has text and no line ending.
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
                self.check_tabs(&event, span)?;
                Ok(event)
            }
            Some(Err(error)) => Err(self.error(&format!("{} in line {}", error.info(), error.marker().line()))),
            None => Ok(Event::StreamEnd),
        }
    }

    /// Checks for tabs in indentation. YAML allows none before the first token of a line or after the dash of a list, because indentation
    /// determines the structure. The parser accepts some of them.
    fn check_tabs(&mut self, event: &Event<'_>, span: Span) -> Result<(), FunctionError> {
        if self.characters.is_empty() {
            return Ok(());
        }
        let start = span.start.index();
        let in_flow = self.flow.last().is_some_and(|flow| *flow);
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                self.flow.push(in_flow || matches!(self.characters.get(start), Some('[' | '{')));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.flow.pop();
                return Ok(());
            }
            Event::Scalar(..) | Event::Alias(_) => {}
            _ => return Ok(()),
        }
        // The blanks up to the start of the line, if nothing else precedes.
        let before = self.characters.get(..start).unwrap_or_default();
        let indent = before.iter().rev().take_while(|character| matches!(character, ' ' | '\t' | '-' | '?')).count();
        self.arguments.pay_steps(indent / BYTES_OF_A_STEP)?;
        let (rest, indent) = before.split_at_checked(before.len() - indent).unwrap_or_default();
        let is_indented_by_tab = matches!(rest.last(), None | Some('\n')) && indent.contains(&'\t');
        let is_block_of_tabs = match event {
            Event::Scalar(text, ScalarStyle::Literal | ScalarStyle::Folded, ..) if text.starts_with('\t') => {
                let header = self.characters.iter().skip(start).take_while(|character| !character.is_whitespace());
                !header.into_iter().any(char::is_ascii_digit)
            }
            _ => false,
        };
        if (is_indented_by_tab && !in_flow) || is_block_of_tabs {
            return Err(self.error(&format!("a tab indents text in line {}; use spaces", span.start.line())));
        }
        Ok(())
    }

    /// Checks that a collection has no tag except its own.
    fn check_tag(&self, tag: Option<&Tag>, wanted: &str) -> Result<(), FunctionError> {
        match tag.map(core_type) {
            Some(found) if found.as_deref() != Some(wanted) => Err(self.error("it has a tag that is not supported")),
            _ => Ok(()),
        }
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Returned {
        if depth > MAX_DEPTH {
            return Err(self.error("it is nested too deeply"));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                // The parser adds a line ending to a block of text that ends with the document and has none.
                let is_open = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) && self.open_end == Some(self.end);
                let text = text.strip_suffix('\n').filter(|_| is_open).unwrap_or(&text);
                let value = scalar(text, style, tag.as_deref()).map_err(|message| self.error(&message).showing_argument())?;
                self.remember(anchor, &value);
                Ok(value)
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq")?;
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
            Event::MappingStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), "map")?;
                self.arguments.pay_bytes(BYTES_OF_AN_OBJECT)?;
                let value = self.mapping(depth)?;
                self.remember(anchor, &value);
                Ok(value)
            }
            // An alias within its own anchor has no value yet.
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

    /// Counts the value of an alias against the budget each time, because aliases of aliases can multiply a small text.
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
        // A mapping's own entries override merged ones.
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
}
