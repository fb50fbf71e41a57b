//! `references`.

use crate::cli::args::ReferencesArgs;
use crate::cli::{Context, Exit};
use crate::diag::Diagnostics;

/// Searches other configurations for accounts that are leaving or have left.
#[cfg(feature = "references")]
pub fn references(context: &mut Context, arguments: &ReferencesArgs) -> Result<Exit, Diagnostics> {
    super::block_on(built_in::references(context, arguments))
}

/// Reports that this build can't search.
#[cfg(not(feature = "references"))]
pub fn references(_: &mut Context, _: &ReferencesArgs) -> Result<Exit, Diagnostics> {
    use crate::diag::{Code, Diagnostic};

    let detail = format!("Other configurations can't be searched: {}", crate::cli::build::lacks("references"));
    Err(Diagnostic::error(Code::MissingFeature, detail).into())
}

#[cfg(feature = "references")]
mod built_in {
    use std::fs;
    use std::path::{Path, PathBuf};

    use crate::cli::args::ReferencesArgs;
    use crate::cli::commands::sought::{Sought, sought};
    use crate::cli::{Context, Exit, failures};
    use crate::diag::{Code, Diagnostic, Diagnostics};
    use crate::org::json_line;
    use crate::references::search;
    use crate::render::{self, Text};

    pub async fn references(context: &mut Context, arguments: &ReferencesArgs) -> Result<Exit, Diagnostics> {
        let directories = directories(&arguments.directories)?;
        let Sought { accounts, organization, records_not_read } = sought(context, arguments).await?;
        let mut found = search(&directories, accounts)
            .map_err(|error| Diagnostic::error(Code::InvalidArgument, format!("{error}. Pass some of them as arguments.")))?;
        (found.organization, found.records_not_read) = (organization, records_not_read);
        let text = if arguments.json {
            Text::json_document(&json_line(&found).map_err(|error| failures::unserializable(&error))?)
        } else if arguments.markdown {
            render::references_markdown(&found)
        } else {
            render::references(&found, context.terminal.style())
        };
        context.terminal.print(&text);
        context.note_references(&found);
        Ok(if found.is_empty() { Exit::Done } else { Exit::Acts })
    }

    /// The directories, without those that are inside another one.
    fn directories(given: &[PathBuf]) -> Result<Vec<PathBuf>, Diagnostics> {
        let mut wrong = Diagnostics::default();
        let mut all: Vec<(PathBuf, PathBuf)> = Vec::new();
        for directory in given {
            match whole(directory) {
                Ok(whole) => all.push((whole, directory.clone())),
                Err(why) => wrong.push(Diagnostic::error(Code::InvalidArgument, format!("-in: {} {why}.", directory.display()))),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let is_within = |index: usize, whole: &Path| {
            let others = all.iter().enumerate().filter(|(other, _)| *other != index);
            let mut around = others.filter(|(other, (around, _))| whole.starts_with(around) && (whole != around || *other < index));
            around.next().is_some()
        };
        let outermost = all.iter().enumerate().filter(|(index, (whole, _))| !is_within(*index, whole));
        Ok(outermost.map(|(_, (_, directory))| directory.clone()).collect())
    }

    fn whole(directory: &Path) -> Result<PathBuf, String> {
        let whole = fs::canonicalize(directory).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "does not exist".to_owned(),
            _ => format!("can't be read: {error}"),
        })?;
        if whole.is_dir() { Ok(whole) } else { Err("is not a directory. Pass the directory that contains it".to_owned()) }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_directory_within_another_is_searched_once() {
            let directory = tempfile::tempdir().unwrap();
            let [outer, inner, other] = ["a", "a/b", "ab"].map(|name| directory.path().join(name));
            fs::create_dir_all(&inner).unwrap();
            fs::create_dir(&other).unwrap();
            let given = [inner.clone(), outer.clone(), other.clone(), inner.join(".."), other.clone()];
            assert_eq!(directories(&given).unwrap(), [outer, other]);
        }
    }
}
