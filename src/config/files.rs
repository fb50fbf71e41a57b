//! The files of a configuration.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap, Syntax, parse, parse_recovering};
use crate::org::FileId;

use super::blocks::BLOCK_TYPES;

/// The most bytes of one file: 50,000 accounts take less than a fifth of them.
const MOST_BYTES: u64 = 32 << 20;

/// What the name of every configuration file ends in.
pub const EXTENSION: &str = ".roster.hcl";

/// Parses every configuration file of `directory`, in the order of their names. A file with a syntax error gives the parts without one.
pub fn parse_directory(directory: &Path, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Vec<Syntax> {
    let paths = match list(directory, EXTENSION) {
        Ok(paths) => paths,
        Err(error) => {
            let detail = format!("The directory {} can't be listed: {error}.", directory.display());
            diagnostics.push(Diagnostic::error(Code::UnreadableFile, detail));
            return Vec::new();
        }
    };
    if paths.is_empty() {
        let detail = format!(
            "The directory {} has no files that end in {EXTENSION}. Change to the directory of your configuration, or name it with -chdir=DIR.",
            directory.display()
        );
        diagnostics.push(Diagnostic::error(Code::NoConfiguration, detail));
    }
    let mut parsed = Vec::new();
    for path in paths {
        let Some(file) = diagnostics.accept(read_file(directory, &path, sources)) else { continue };
        let (right, wrong) = parse_recovering(sources, file, BLOCK_TYPES);
        parsed.extend(right);
        diagnostics.extend(wrong);
    }
    parsed
}

/// Whether something was left out because it could not be read or parsed.
pub fn is_partial(diagnostics: &Diagnostics) -> bool {
    let codes = [Code::UnreadableFile, Code::InvalidUtf8, Code::SyntaxError, Code::DuplicateArgument, Code::NoConfiguration];
    diagnostics.sorted().iter().any(|diagnostic| codes.contains(&diagnostic.code))
}

/// The files of a directory whose names end so, by name.
pub(super) fn list(directory: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // Hidden files are editors' swap and backup files.
        let matches = entry.file_name().to_str().is_some_and(|name| name.ends_with(ending) && !name.starts_with('.'));
        if matches && !entry.path().is_dir() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether a file is, after all symbolic links, outside `directory`.
///
/// # Errors
///
/// One of the two does not exist or can't be followed.
pub fn leads_outside(directory: &Path, path: &Path) -> io::Result<bool> {
    Ok(!fs::canonicalize(path)?.starts_with(fs::canonicalize(directory)?))
}

/// Parses a file of the directory.
pub(super) fn parse_file(directory: &Path, path: &Path, sources: &mut SourceMap) -> Result<Syntax, Diagnostic> {
    let file = read_file(directory, path, sources)?;
    parse(sources, file)
}

/// Reads a file of the directory.
fn read_file(directory: &Path, path: &Path, sources: &mut SourceMap) -> Result<FileId, Diagnostic> {
    let unreadable =
        |why: &dyn std::fmt::Display| Diagnostic::error(Code::UnreadableFile, format!("{} can't be read: {why}.", path.display()));
    // A pull request could link to a file of the runner, whose text an error would then show.
    if leads_outside(directory, path).map_err(|error| unreadable(&error))? {
        return Err(unreadable(&"it is a symbolic link that leads out of the configuration's directory"));
    }
    // Opening a pipe would wait for whoever writes to it.
    if !fs::metadata(path).map_err(|error| unreadable(&error))?.is_file() {
        return Err(unreadable(&"it is not a regular file"));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| unreadable(&error))?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MOST_BYTES {
        let why = format!("it is larger than {MOST_BYTES} bytes. Split it into several files");
        return Err(unreadable(&why));
    }
    let shown = if directory == Path::new(".") { path.strip_prefix(".").unwrap_or(path) } else { path };
    sources.add_bytes(shown.display().to_string(), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_ending_in_the_order_of_their_names() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["b.roster.hcl", "a.roster.hcl", ".swap.roster.hcl", "other.hcl", "organization.sandbox.hcl"] {
            fs::write(directory.path().join(name), "").unwrap();
        }
        fs::create_dir(directory.path().join("folder.roster.hcl")).unwrap();
        let mut sources = SourceMap::default();
        let mut diagnostics = Diagnostics::default();
        let parsed = parse_directory(directory.path(), &mut sources, &mut diagnostics);
        let names: Vec<_> =
            parsed.iter().map(|syntax| sources.file(syntax.file).unwrap().name.rsplit('/').next().unwrap().to_owned()).collect();
        assert_eq!(names, ["a.roster.hcl", "b.roster.hcl"]);
        assert!(diagnostics.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_unreadable_or_leads_outside_is_reported_and_the_others_are_read() {
        let directory = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("nowhere", directory.path().join("a.roster.hcl")).unwrap();
        fs::write(directory.path().join("b.roster.hcl"), "").unwrap();
        let mut diagnostics = Diagnostics::default();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "top = \"secret\"").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), directory.path().join("c.roster.hcl")).unwrap();
        let parsed = parse_directory(directory.path(), &mut SourceMap::default(), &mut diagnostics);
        assert_eq!(parsed.len(), 1);
        let codes: Vec<_> = diagnostics.sorted().iter().map(|found| found.code).collect();
        assert_eq!(codes, [Code::UnreadableFile, Code::UnreadableFile]);
        assert!(is_partial(&diagnostics));
    }
}
