//! Functions of paths. They work on the text only and read no files.

use super::super::files::clean;
use super::arguments::{Arguments, STRING};
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] =
    &[Function::new("basename", &[STRING], base_name), Function::new("dirname", &[STRING], directory_name)];

/// The last part of a path.
fn base_name(arguments: &Arguments<'_>) -> Returned {
    let path = arguments.text(0)?;
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    Ok(match (path, name) {
        ("", _) => ".",
        (_, "") => "/",
        (_, name) => name,
    }
    .into())
}

/// The path without its last part, in its shortest form.
fn directory_name(arguments: &Arguments<'_>) -> Returned {
    let path = arguments.text(0)?;
    arguments.pay_bytes(path.len())?;
    Ok(clean(path.rfind('/').and_then(|slash| path.get(..=slash)).unwrap_or_default()).into())
}
