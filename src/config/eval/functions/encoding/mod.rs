//! Functions that encode and decode.

mod charsets;
mod csv;
mod gzip;
mod json;
mod yaml;
mod yaml_scalar;
mod yaml_text;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::arguments::{ANY_OR_NULL, Arguments, FunctionError, STRING};
use super::{Function, Returned};

pub(super) use json::to_json;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("jsonencode", &[ANY_OR_NULL], json::encode),
    Function::new("jsondecode", &[STRING], json::decode),
    Function::new("csvdecode", &[STRING], csv::decode),
    Function::new("yamldecode", &[STRING], yaml::decode),
    Function::new("yamlencode", &[ANY_OR_NULL], yaml_text::encode),
    Function::new("base64encode", &[STRING], base64_encode),
    Function::new("base64decode", &[STRING], base64_decode),
    Function::new("base64gzip", &[STRING], gzip::encode),
    Function::new("textencodebase64", &[STRING, STRING], charsets::encode),
    Function::new("textdecodebase64", &[STRING, STRING], charsets::decode),
    Function::new("urlencode", &[STRING], url_encode),
];

fn base64_encode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    arguments.pay_bytes(text.len().saturating_mul(2))?;
    Ok(STANDARD.encode(text).into())
}

/// The bytes of the first argument, which is Base64.
fn base64_bytes(arguments: &Arguments<'_>) -> Result<Vec<u8>, FunctionError> {
    let text = arguments.text(0)?;
    arguments.pay_bytes(text.len())?;
    // Line breaks are allowed, because tools wrap long lines.
    let text: String = text.chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
    STANDARD.decode(text).map_err(|_| FunctionError::argument(0, "the string is not Base64"))
}

fn base64_decode(arguments: &Arguments<'_>) -> Returned {
    let text = String::from_utf8(base64_bytes(arguments)?).map_err(|_| {
        FunctionError::argument(
            0,
            "the decoded bytes are not UTF-8 text. For another encoding use textdecodebase64(), as in textdecodebase64(x, \"UTF-16LE\")",
        )
    })?;
    Ok(text.into())
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
