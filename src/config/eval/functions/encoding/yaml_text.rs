//! YAML as Terraform writes it: strings in double quotes, and strings of several lines as blocks.

use std::collections::BTreeMap;

use super::super::super::value::{Kind, Value};
use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};

/// Blanks per level of indentation.
const INDENT: usize = 2;

/// The column after which a quoted string wraps at its next blank.
const WIDTH: usize = 80;

/// The most bytes of a key that is on the same line as its colon.
const MAX_KEY: usize = 128;

/// The most bytes that one byte of a string becomes, as in `\x01`.
const MAX_OF_A_BYTE: usize = 4;

pub(super) fn encode(arguments: &Arguments<'_>) -> Returned {
    let value = arguments.value(0)?;
    arguments.pay_for_all()?;
    let mut writer = Writer { arguments, text: String::new(), column: 0 };
    match value.kind() {
        Kind::Null(_) | Kind::Bool(_) | Kind::Number(_) => {
            writer.node(value, 0)?;
            // A document that is only such a scalar needs an end marker, because more text could follow.
            writer.push("\n...");
        }
        Kind::String(text) => writer.string(text, INDENT, true)?,
        _ => writer.node(value, 0)?,
    }
    writer.end_line();
    Ok(writer.text.into())
}

struct Writer<'a, 'c> {
    arguments: &'a Arguments<'c>,
    text: String,
    /// Characters on the last line.
    column: usize,
}

impl Writer<'_, '_> {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    fn end_line(&mut self) {
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.column = 0;
    }

    /// Starts a line.
    fn line(&mut self, indent: usize) -> Result<(), FunctionError> {
        self.arguments.pay_bytes(indent + 1)?;
        self.end_line();
        self.push(&" ".repeat(indent));
        Ok(())
    }

    /// Writes a value to the current line. Its further lines are indented by `indent`.
    fn node(&mut self, value: &Value, indent: usize) -> Result<(), FunctionError> {
        match value.kind() {
            Kind::Null(_) => self.push("null"),
            Kind::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Kind::Number(number) => {
                let digits = number.to_string();
                self.arguments.pay_bytes(digits.len())?;
                self.push(&digits);
            }
            Kind::String(text) => self.string(text, indent, true)?,
            Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => self.sequence(elements, indent)?,
            Kind::Map(_, entries) | Kind::Object(entries) => self.mapping(entries, indent)?,
        }
        Ok(())
    }

    fn sequence(&mut self, elements: &[Value], indent: usize) -> Result<(), FunctionError> {
        if elements.is_empty() {
            self.push("[]");
        }
        for (index, element) in elements.iter().enumerate() {
            if index > 0 {
                self.line(indent)?;
            }
            self.push("- ");
            self.node(element, indent + INDENT)?;
        }
        Ok(())
    }

    fn mapping(&mut self, entries: &BTreeMap<String, Value>, indent: usize) -> Result<(), FunctionError> {
        if entries.is_empty() {
            self.push("{}");
        }
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 {
                self.line(indent)?;
            }
            if key.len() > MAX_KEY || key.contains(is_break) {
                self.push("? ");
                self.string(key, indent + INDENT, true)?;
                self.line(indent)?;
                self.push(": ");
                self.node(value, indent + INDENT)?;
                continue;
            }
            self.string(key, indent + INDENT, false)?;
            self.push(":");
            match value.kind() {
                // A sequence is not indented more than its key.
                Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) if !elements.is_empty() => {
                    self.line(indent)?;
                    self.node(value, indent)?;
                }
                Kind::Map(_, entries) | Kind::Object(entries) if !entries.is_empty() => {
                    self.line(indent + INDENT)?;
                    self.node(value, indent + INDENT)?;
                }
                _ => {
                    self.push(" ");
                    self.node(value, indent + INDENT)?;
                }
            }
        }
        Ok(())
    }

    /// Writes a string. Its further lines are indented by `indent`. `folds` means that a quoted string may wrap.
    fn string(&mut self, text: &str, indent: usize, folds: bool) -> Result<(), FunctionError> {
        let lines = text.matches(is_break).count();
        let indents = indent.saturating_mul(lines + text.len() / WIDTH + 1);
        self.arguments.pay_bytes(text.len().saturating_mul(MAX_OF_A_BYTE).saturating_add(indents))?;
        if text.contains('\n') && may_be_block(text) {
            self.block(text, indent)
        } else {
            self.quoted(text, indent, folds)
        }
        Ok(())
    }

    /// Writes a string of several lines as a block.
    fn block(&mut self, text: &str, indent: usize) {
        self.push("|");
        if text.starts_with(|first| first == ' ' || is_break(first)) {
            self.push(&INDENT.to_string());
        }
        match text.strip_suffix(is_break) {
            None => self.push("-"),
            Some(rest) if rest.is_empty() || rest.ends_with(is_break) => self.push("+"),
            Some(_) => {}
        }
        self.end_line();
        let mut at_start = true;
        for character in text.chars() {
            if !is_break(character) && std::mem::take(&mut at_start) {
                self.text.push_str(&" ".repeat(indent));
            }
            at_start |= is_break(character);
            self.text.push(character);
        }
    }

    /// Writes a string in double quotes.
    fn quoted(&mut self, text: &str, indent: usize, folds: bool) {
        self.push("\"");
        let mut after_blank = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let is_within = at > 0 && characters.peek().is_some();
            if character == ' ' && folds && !after_blank && is_within && self.column > WIDTH {
                self.end_line();
                self.push(&" ".repeat(indent));
                if characters.peek().is_some_and(|(_, next)| *next == ' ') {
                    self.push("\\");
                }
            } else {
                self.push(&escaped(character));
            }
            after_blank = character == ' ';
        }
        self.push("\"");
    }
}

/// Whether a character ends a line in YAML 1.1.
fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character is written unchanged. Terraform escapes characters of more than 16 bits.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Whether a string of several lines can be written as a block. It can't if a line ends in a blank, which would be lost.
fn may_be_block(text: &str) -> bool {
    let ends_in_blank = text.split(is_break).any(|line| line.ends_with(' '));
    text.chars().all(is_printable) && !ends_in_blank
}

fn escaped(character: char) -> String {
    match character {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\0' => "\\0".into(),
        '\u{7}' => "\\a".into(),
        '\u{8}' => "\\b".into(),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\u{b}' => "\\v".into(),
        '\u{c}' => "\\f".into(),
        '\r' => "\\r".into(),
        '\u{1b}' => "\\e".into(),
        '\u{85}' => "\\N".into(),
        '\u{2028}' => "\\L".into(),
        '\u{2029}' => "\\P".into(),
        other if is_printable(other) => other.into(),
        other => match u32::from(other) {
            code @ ..=0xff => format!("\\x{code:02X}"),
            code @ ..=0xffff => format!("\\u{code:04X}"),
            code => format!("\\U{code:08X}"),
        },
    }
}
