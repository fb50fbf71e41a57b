//! The files of a configuration.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap, Syntax, parse};

/// What the name of every configuration file ends in.
pub const EXTENSION: &str = ".roster.hcl";

/// Parses every configuration file of `directory`, in the order of their names.
pub fn parse_directory(directory: &Path, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Vec<Syntax> {
    let paths = match list(directory) {
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
    paths.iter().filter_map(|path| diagnostics.accept(parse_file(directory, path, sources))).collect()
}

/// Whether a file was left out because it could not be read or parsed.
pub fn is_partial(diagnostics: &Diagnostics) -> bool {
    let codes = [Code::UnreadableFile, Code::InvalidUtf8, Code::SyntaxError, Code::NoConfiguration];
    diagnostics.sorted().iter().any(|diagnostic| codes.contains(&diagnostic.code))
}

fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // Hidden files are editors' swap and backup files.
        let matches = entry.file_name().to_str().is_some_and(|name| name.ends_with(EXTENSION) && !name.starts_with('.'));
        if matches && !entry.path().is_dir() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn parse_file(directory: &Path, path: &Path, sources: &mut SourceMap) -> Result<Syntax, Diagnostic> {
    let bytes =
        fs::read(path).map_err(|error| Diagnostic::error(Code::UnreadableFile, format!("{} can't be read: {error}.", path.display())))?;
    let shown = if directory == Path::new(".") { path.strip_prefix(".").unwrap_or(path) } else { path };
    let file = sources.add_bytes(shown.display().to_string(), bytes)?;
    parse(sources, file)
}
