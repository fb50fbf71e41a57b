//! The `.gitignore` that `init` writes, so that a local backend is not committed.

use std::path::{Component, Path, PathBuf};

use crate::cli::Context;
use crate::cli::starter::write_new;
use crate::config::eval::{Directory, FileError};
use crate::diag::Diagnostic;
use crate::org::Backend;
use crate::render::text::text;

const NAME: &str = ".gitignore";
/// The maximum size in bytes of a `.gitignore` that is read.
const MAX_BYTES: u64 = 1 << 20;

/// Writes a `.gitignore` for the backend if there is none; otherwise prints what to add to it. A backend outside the directory or in a
/// bucket can't be committed.
///
/// # Errors
///
/// Returns `output-error` if it can't be written.
/// `output-error` where it can't be written.
pub fn ignore_backend(context: &Context, backend: &Backend, rehearses: bool) -> Result<(), Diagnostic> {
    let Some(folder) = folder(backend, rehearses) else { return Ok(()) };
    let line = format!("{}/", folder.components().map(|step| step.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"));
    let here = Path::new(".");
    let read = Directory::new(here).map_err(FileError::Unreadable).and_then(|files| files.read_bytes(Path::new(NAME), MAX_BYTES));
    match read {
        Err(FileError::Missing) => {
            let text = format!(
                "# The lock, journal and departure records of orgroster. They contain names and addresses of people, so do not commit them.\n{line}\n"
            );
            write_new(here, &[(NAME.to_owned(), text)])?;
            context.terminal.print(&text!("Wrote {}, which keeps {} out of the repository.\n", NAME, line));
        }
        Ok(bytes) if is_ignored(&String::from_utf8_lossy(&bytes), &line) => {}
        Ok(_) | Err(_) => {
            context.terminal.print(&text!("Add {} to {}, so that lock, journal and departure records are not committed.\n", line, NAME));
        }
    }
    Ok(())
}

/// The folder below the working directory that a run writes to.
fn folder(backend: &Backend, rehearses: bool) -> Option<PathBuf> {
    let path = match backend {
        Backend::Local { path } => path.clone(),
        Backend::S3 { .. } if rehearses => PathBuf::from(".orgroster"),
        Backend::S3 { .. } => return None,
    };
    let steps: Vec<_> = path.components().filter(|step| *step != Component::CurDir).collect();
    let is_below = !steps.is_empty() && steps.iter().all(|step| matches!(step, Component::Normal(_)));
    is_below.then(|| steps.iter().collect())
}

/// Whether a line of a `.gitignore` matches the folder, in one of the usual forms.
fn is_ignored(text: &str, line: &str) -> bool {
    let folder = line.trim_end_matches('/');
    let named = |found: &str| {
        found.trim().trim_start_matches("**/").trim_start_matches('/').trim_end_matches("/**").trim_end_matches("/*").trim_end_matches('/')
            == folder
    };
    text.lines().any(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_people_write_are_known() {
        for text in [".orgroster/", "target\n.orgroster\n", "/.orgroster/", "**/.orgroster/", ".orgroster/*", ".orgroster/**\r\n"] {
            assert!(is_ignored(text, ".orgroster/"), "{text:?}");
        }
        for text in ["", "# .orgroster/", "!.orgroster/", ".orgroster/sandbox/", "orgroster/"] {
            assert!(!is_ignored(text, ".orgroster/"), "{text:?}");
        }
    }

    #[test]
    fn only_what_is_below_the_directory_can_be_committed() {
        let local = |path: &str| folder(&Backend::Local { path: path.into() }, false);
        assert_eq!(local("./state/orgroster"), Some(PathBuf::from("state/orgroster")));
        assert_eq!((local("../shared"), local("/var/lib/orgroster"), local(".")), (None, None, None));
        let bucket = || Backend::S3 { bucket: "b".into(), prefix: None, region: None };
        assert_eq!((folder(&bucket(), true), folder(&bucket(), false)), (Some(PathBuf::from(".orgroster")), None));
    }
}
