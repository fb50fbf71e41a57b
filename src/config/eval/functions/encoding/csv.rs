//! CSV whose first row contains the names of the columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::super::budget::BYTES_OF_AN_OBJECT;
use super::super::super::value::{Type, Value};
use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};

/// Bytes of a field in memory while its row is read, in addition to its text.
const BYTES_OF_A_FIELD: usize = 32;

/// The byte-order mark that some programs write before UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Bytes that are read in one step.
const BYTES_OF_A_STEP: usize = 8;

/// Decodes CSV to a list of objects whose attributes are strings.
pub(super) fn decode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    let fields = text.bytes().filter(|byte| matches!(byte, b',' | b'\n')).count();
    arguments.pay_bytes(text.len().saturating_add(fields.saturating_mul(BYTES_OF_A_FIELD)))?;
    arguments.pay_steps(text.len() / BYTES_OF_A_STEP)?;
    let mut rows = Rows { text, line: 1 };
    let Some(header) = rows.next_row()? else {
        return Err(FunctionError::argument(0, "the string has no row with the names of the columns"));
    };
    let mut columns: BTreeMap<String, crate::config::eval::value::Attribute> = BTreeMap::new();
    for name in &header {
        if columns.insert(name.clone(), Type::String.into()).is_some() {
            return Err(FunctionError::argument(0, format!("two columns have the name {name:?}")).showing_argument());
        }
    }
    let names: usize = header.iter().map(String::len).sum();
    let mut elements = Vec::new();
    loop {
        let line = rows.line;
        let Some(row) = rows.next_row()? else { break };
        if row.len() != header.len() {
            let message = format!("line {line} has {} fields, but there are {} columns", row.len(), header.len());
            return Err(FunctionError::argument(0, message));
        }
        arguments.pay(row.len() + 1)?;
        arguments.pay_bytes(BYTES_OF_AN_OBJECT + names)?;
        elements.push(header.iter().cloned().zip(row.into_iter().map(Value::from)).collect());
    }
    Ok(Value::list(Type::Object(Arc::new(columns)), elements))
}

/// Reads rows from the start of the rest.
struct Rows<'t> {
    text: &'t str,
    line: usize,
}

impl Rows<'_> {
    fn error(&self, message: &str) -> FunctionError {
        FunctionError::argument(0, format!("line {}: {message}", self.line))
    }

    /// The next row that is not blank.
    fn next_row(&mut self) -> Result<Option<Vec<String>>, FunctionError> {
        loop {
            if let Some(rest) = self.text.strip_prefix('\n').or_else(|| self.text.strip_prefix("\r\n")) {
                self.text = rest;
                self.line += 1;
            } else if self.text.is_empty() {
                return Ok(None);
            } else {
                return self.row().map(Some);
            }
        }
    }

    fn row(&mut self) -> Result<Vec<String>, FunctionError> {
        let mut fields = Vec::new();
        loop {
            let field = if self.text.starts_with('"') { self.quoted()? } else { self.bare()? };
            fields.push(field);
            if let Some(rest) = self.text.strip_prefix(',') {
                self.text = rest;
                continue;
            }
            if let Some(rest) = self.text.strip_prefix('\n').or_else(|| self.text.strip_prefix("\r\n")) {
                self.text = rest;
                self.line += 1;
            }
            return Ok(fields);
        }
    }

    fn bare(&mut self) -> Result<String, FunctionError> {
        let end = self.text.find([',', '\n']).unwrap_or(self.text.len());
        let (field, rest) = self.text.split_at(end);
        // The carriage return of the line ending is not part of the last field.
        let (field, rest) = match field.strip_suffix('\r') {
            Some(field) if rest.starts_with('\n') || rest.is_empty() => (field, self.text.get(field.len()..).unwrap_or_default()),
            _ => (field, rest),
        };
        if field.starts_with(BYTE_ORDER_MARK) && field.contains('"') {
            return Err(self.error(
                "the string begins with a byte-order mark, so that the quote after it does not begin the field. Take the mark away: \
                 trimprefix(file(\"…\"), \"\\ufeff\") in place of file(\"…\"), or save the file as UTF-8 without a mark",
            ));
        }
        if field.contains('"') {
            return Err(self.error("a field contains a quote but does not start with one"));
        }
        self.text = rest.strip_prefix('\r').filter(|rest| rest.is_empty()).unwrap_or(rest);
        Ok(field.to_owned())
    }

    fn quoted(&mut self) -> Result<String, FunctionError> {
        let mut field = String::new();
        let mut rest = self.text.get(1..).unwrap_or_default();
        loop {
            let Some((part, after)) = rest.split_once('"') else { return Err(self.error("a quoted field is not closed")) };
            field.push_str(part);
            rest = after;
            match rest.strip_prefix('"') {
                Some(after) => {
                    field.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        self.line += field.matches('\n').count();
        if !(rest.is_empty() || rest.starts_with([',', '\n']) || rest.starts_with("\r\n")) {
            return Err(self.error("there is text after the closing quote of a field"));
        }
        self.text = rest;
        Ok(field.replace("\r\n", "\n"))
    }
}
