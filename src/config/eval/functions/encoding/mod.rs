//! Functions that encode and decode.

mod csv;
mod json;
mod yaml;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::arguments::{ANY_OR_NULL, Arguments, FunctionError, STRING};
use super::{Function, Returned};

pub(super) use json::to_json;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("jsonencode", &[ANY_OR_NULL], json::encode),
    Function::new("jsondecode", &[STRING], json::decode),
    Function::new("csvdecode", &[STRING], csv::decode),
    Function::new("yamldecode", &[STRING], yaml::decode),
    Function::new("base64encode", &[STRING], base64_encode),
    Function::new("base64decode", &[STRING], base64_decode),
    Function::new("sha256", &[STRING], sha256),
    Function::new("urlencode", &[STRING], url_encode),
];

fn base64_encode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    arguments.pay_bytes(text.len().saturating_mul(2))?;
    Ok(STANDARD.encode(text).into())
}

fn base64_decode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    arguments.pay_bytes(text.len())?;
    // Line ends are allowed, because tools break long lines.
    let text: String = text.chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
    let bytes = STANDARD.decode(text).map_err(|_| FunctionError::argument(0, "the string is not Base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| FunctionError::argument(0, "the decoded bytes are not UTF-8 text"))?;
    Ok(text.into())
}

fn sha256(arguments: &Arguments<'_>) -> Returned {
    let digest = Sha256::digest(arguments.text(0)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

fn url_encode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    arguments.pay_bytes(text.len().saturating_mul(3))?;
    let encode = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        b' ' => "+".into(),
        _ => format!("%{byte:02X}"),
    };
    Ok(text.bytes().map(encode).collect::<String>().into())
}
