//! The files of a configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap, Syntax, parse, parse_recovering};
use crate::org::{FileId, Message};

use super::blocks::block_types;
use super::eval::{Directory, FileError};
use crate::hcl::density;

/// The most bytes of all files of a configuration together. 50,000 accounts take less than half of them, and reading any files within this
/// limit takes less than 4 GB of memory.
pub const MAX_BYTES: u64 = 16 << 20;

/// The ending of configuration files.
pub const EXTENSION: &str = ".roster.hcl";

/// Reads the files of a configuration.
pub struct Reader<'d> {
    directory: &'d Path,
    /// Texts that replace files of the directory, by their names.
    open: &'d BTreeMap<String, String>,
    within: io::Result<Directory>,
    most: u64,
    /// Bytes that may still be read.
    left: u64,
    /// Marks that the remaining files may have; see [`density`].
    marks: usize,
}

impl<'d> Reader<'d> {
    /// A reader of the files of a directory, which may have at most `most` bytes together. The texts of `open` replace the files with these
    /// names.
    pub fn new(directory: &'d Path, open: &'d BTreeMap<String, String>, most: u64) -> Self {
        Self { directory, open, within: Directory::new(directory), most, left: most, marks: density::MAX_MARKS }
    }

    /// The directory's files, for functions; `None` if the directory can't be opened.
    pub fn within(&self) -> Option<Directory> {
        self.within.as_ref().ok().cloned()
    }

    /// The names of the files directly in the directory that the reader or a function has read so far.
    pub fn opened(&self) -> BTreeSet<String> {
        let mut opened = self.within.as_ref().map(Directory::opened).unwrap_or_default();
        opened.extend(self.open.keys().cloned());
        opened
    }

    /// The files of the directory with this ending, by name, including texts of `open` that have no file.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory can't be listed.
    pub fn list(&self, ending: &str) -> io::Result<Vec<PathBuf>> {
        let mut paths = list(self.directory, ending)?;
        paths.extend(self.open.keys().filter(|name| name.ends_with(ending)).map(|name| self.directory.join(name)));
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    /// Parses a file of the directory.
    pub fn parse(&mut self, path: &Path, sources: &mut SourceMap) -> Result<Syntax, Diagnostic> {
        let file = self.read(path, sources)?;
        parse(sources, file)
    }

    /// Reads a file of the directory.
    fn read(&mut self, path: &Path, sources: &mut SourceMap) -> Result<FileId, Diagnostic> {
        let unreadable =
            |why: &dyn std::fmt::Display| Diagnostic::error(Code::UnreadableFile, format!("{} can't be read: {why}.", path.display()));
        let within = self.within.as_ref().map_err(|error| unreadable(&error))?;
        let name = path.strip_prefix(self.directory).unwrap_or(path);
        let bytes = self.bytes(within, name).map_err(|error| match error {
            // A pull request could link to a file of the CI runner, and an error message would show its text.
            FileError::Outside => unreadable(&"it is a symbolic link that leads out of the configuration's directory"),
            FileError::TooLarge(_) => unreadable(&format!(
                "with it, the configuration's files have more than {} bytes, which is more than any roster needs. Remove files that are not part of the configuration",
                self.most
            )),
            FileError::Unreadable(error) => unreadable(&error),
            other => unreadable(&other),
        })?;
        self.left -= bytes.len() as u64;
        let shown = if self.directory == Path::new(".") { path.strip_prefix(".").unwrap_or(path) } else { path };
        let file = sources.add_bytes(shown.display().to_string(), bytes)?;
        self.marks -= density::checked(sources, file, self.marks)?;
        Ok(file)
    }

    /// The bytes of a file, or of the text that replaces it.
    fn bytes(&self, within: &Directory, name: &Path) -> Result<Vec<u8>, FileError> {
        match name.to_str().and_then(|name| self.open.get(name)) {
            Some(text) if text.len() as u64 > self.left => Err(FileError::TooLarge(self.left)),
            Some(text) => Ok(text.clone().into_bytes()),
            None => within.read_bytes(name, self.left),
        }
    }
}

/// Parses every configuration file of the directory, in the order of their names. Of a file with a syntax error, the parts without one are
/// returned.
pub fn parse_directory(reader: &mut Reader<'_>, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Vec<Syntax> {
    let directory = reader.directory;
    let paths = match reader.list(EXTENSION) {
        Ok(paths) => paths,
        Err(error) => {
            let detail = format!("The directory {} can't be listed: {error}.", directory.display());
            diagnostics.push(Diagnostic::error(Code::UnreadableFile, detail));
            return Vec::new();
        }
    };
    if paths.is_empty() {
        diagnostics.push(Diagnostic::error(Code::NoConfiguration, nothing_to_read(directory)));
    }
    let mut parsed = Vec::new();
    for path in paths {
        let Some(file) = diagnostics.accept(reader.read(&path, sources)) else { continue };
        let (right, wrong) = parse_recovering(sources, file, &block_types());
        parsed.extend(right);
        diagnostics.extend(wrong);
    }
    parsed
}

/// The message for a directory without configuration files, depending on the other files in it.
fn nothing_to_read(directory: &Path) -> Message {
    let mut detail = Message::new(&format!("The directory {} has no files that end in {EXTENSION}.", directory.display()));
    if let Some(terraform) = list(directory, ".tf").unwrap_or_default().first().and_then(|path| path.file_name()) {
        detail = detail.and(&format!(
            "It has Terraform files, such as {}, which orgroster does not read. Declare accounts in orgroster's own `account` blocks.",
            terraform.to_string_lossy()
        ));
    }
    let below = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let has_some = |path: &PathBuf| path.is_dir() && list(path, EXTENSION).is_ok_and(|found| !found.is_empty());
    if let Some(name) = below.filter(has_some).min().as_deref().and_then(Path::file_name) {
        let name = name.to_string_lossy();
        let detail = detail.and(&format!("Its subdirectory {name} has some. To use it, run:"));
        return detail.command(&format!("orgroster -chdir={name} plan"));
    }
    let detail = detail.and("To write a configuration for the organization of your credentials, run:");
    let detail = detail.command("orgroster init -from-organization");
    detail.paragraph("If the configuration is in another directory, specify that with -chdir=DIR.")
}

/// Whether something is missing because it could not be read or parsed.
pub fn is_partial(diagnostics: &Diagnostics) -> bool {
    let codes =
        [Code::UnreadableFile, Code::InvalidUtf8, Code::SyntaxError, Code::DuplicateArgument, Code::NoConfiguration, Code::EvaluationLimit];
    diagnostics.has_any(&codes)
}

/// The files of a directory with this ending, by name.
pub(super) fn list(directory: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // Hidden files are skipped: most are swap and backup files of editors.
        let matches = entry.file_name().to_str().is_some_and(|name| name.ends_with(ending) && !name.starts_with('.'));
        if matches && !entry.path().is_dir() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
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
        let parsed = parse_directory(&mut Reader::new(directory.path(), &BTreeMap::new(), MAX_BYTES), &mut sources, &mut diagnostics);
        let names: Vec<_> =
            parsed.iter().map(|syntax| sources.file(syntax.file).unwrap().name.rsplit('/').next().unwrap().to_owned()).collect();
        assert_eq!(names, ["a.roster.hcl", "b.roster.hcl"]);
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn an_open_text_counts_in_place_of_its_file_and_within_the_limit() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("a.roster.hcl"), "a {}\n").unwrap();
        let open = [("a.roster.hcl", "b {}\n"), ("new.roster.hcl", "c {}\n"), ("other.txt", "")];
        let open: BTreeMap<_, _> = open.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let read = |most| {
            let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
            let parsed = parse_directory(&mut Reader::new(directory.path(), &open, most), &mut sources, &mut diagnostics);
            let texts: Vec<_> = parsed.iter().map(|syntax| sources.file(syntax.file).unwrap().text.clone()).collect();
            (texts, diagnostics.has_any(&[Code::UnreadableFile]))
        };
        assert_eq!(read(10), (vec!["b {}\n".to_owned(), "c {}\n".to_owned()], false));
        assert_eq!(read(9), (vec!["b {}\n".to_owned()], true));
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
        let parsed =
            parse_directory(&mut Reader::new(directory.path(), &BTreeMap::new(), MAX_BYTES), &mut SourceMap::default(), &mut diagnostics);
        assert_eq!(parsed.len(), 1);
        let codes: Vec<_> = diagnostics.sorted().iter().map(|found| found.code).collect();
        assert_eq!(codes, [Code::UnreadableFile, Code::UnreadableFile]);
        assert!(is_partial(&diagnostics));
    }

    #[test]
    fn files_together_may_have_as_many_bytes_as_the_limit_and_not_one_more() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("a.roster.hcl"), "# 6789\n").unwrap();
        fs::write(directory.path().join("b.roster.hcl"), "#0\n").unwrap();
        fs::write(directory.path().join("c.roster.hcl"), "").unwrap();
        for (most, parsed, left) in [(10, 3, 0), (9, 2, 2), (11, 3, 1)] {
            let nothing = BTreeMap::new();
            let mut reader = Reader::new(directory.path(), &nothing, most);
            let mut diagnostics = Diagnostics::default();
            assert_eq!(parse_directory(&mut reader, &mut SourceMap::default(), &mut diagnostics).len(), parsed, "{most}");
            assert_eq!((reader.left, diagnostics.len()), (left, 3 - parsed), "{most}");
            let details: Vec<_> = diagnostics.sorted().iter().map(|found| found.detail.clone()).collect();
            assert!(details.iter().all(|detail| detail.contains("b.roster.hcl") && detail.contains("more than 9 bytes")), "{details:?}");
        }
    }
}
