//! Functions that read files of the configuration directory.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::files::FileError;
use super::arguments::{Arguments, FunctionError, STRING};
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("file", &[STRING], |arguments| Ok(read(arguments)?.into())),
    Function::new("fileexists", &[STRING], exists),
    Function::new("filebase64", &[STRING], |arguments| {
        let bytes = read_bytes(arguments)?;
        arguments.pay_bytes(bytes.len().saturating_mul(2))?;
        Ok(STANDARD.encode(bytes).into())
    }),
];

/// The error for a path that can't be read, which is the first argument.
pub(super) fn unreadable(path: &str, error: &FileError) -> FunctionError {
    let reason = match error {
        FileError::Unreadable(source) => format!("{error}: {source}"),
        FileError::NotUtf8 => {
            format!("{error}; if it has another encoding, use textdecodebase64(filebase64({path:?}), \"windows-1252\")")
        }
        _ => error.to_string(),
    };
    FunctionError::argument(0, format!("{path:?}: {reason}")).showing_argument()
}

/// The bytes of the file at the path in the first argument.
pub(super) fn read_bytes(arguments: &Arguments<'_>) -> Result<Vec<u8>, FunctionError> {
    let path = arguments.text(0)?;
    let host = arguments.host;
    let bytes = host.files().read(path, host.budget().limits().file_bytes).map_err(|error| unreadable(path, &error))?;
    arguments.pay_bytes(bytes.len())?;
    Ok(bytes)
}

/// The text of the file at the path in the first argument.
pub(super) fn read(arguments: &Arguments<'_>) -> Result<String, FunctionError> {
    let path = arguments.text(0)?;
    let text = String::from_utf8(read_bytes(arguments)?).map_err(|_| unreadable(path, &FileError::NotUtf8))?;
    arguments.host.remember_text(path);
    Ok(text)
}

fn exists(arguments: &Arguments<'_>) -> Returned {
    let path = arguments.text(0)?;
    let found = arguments.host.files().exists(path).map_err(|error| unreadable(path, &error))?;
    Ok(found.into())
}
