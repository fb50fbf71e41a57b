//! `fmt`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::args::FmtArgs;
use crate::cli::output::aside::write_aside;
use crate::cli::{Context, Exit};
use crate::config::MAX_BYTES;
use crate::config::{fmt as canonical, syntax_errors};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::files::{Refused, read_named};
use crate::hcl::density;
use crate::org::{SourceSpan, sentence};
use crate::render::text::text;
use crate::render::{self, Text};

/// The endings of files that `fmt` finds in a directory. A file named on the command line may end in just `.hcl`.
const ENDINGS: &[&str] = &[".roster.hcl", ".rostervars.hcl", ".sandbox.hcl"];

/// Rewrites files in the canonical format. A file with a syntax error is reported and left unchanged, and the others are still formatted.
pub fn fmt(context: &mut Context, arguments: &FmtArgs) -> Result<Exit, Diagnostics> {
    let mut run = Run { context, arguments, changed: false, failed: Diagnostics::default() };
    if arguments.targets.iter().any(|target| target == Path::new("-")) {
        run.standard_input()?;
    } else if arguments.targets.is_empty() {
        run.directory(Path::new("."));
    } else {
        arguments.targets.iter().for_each(|target| run.target(target));
    }
    let Run { changed, failed, .. } = run;
    context.report(&failed);
    if failed.has_errors() {
        return Ok(Exit::Acts);
    }
    Ok(if changed && arguments.check { Exit::HeldBack } else { Exit::Done })
}

struct Run<'a> {
    context: &'a mut Context,
    arguments: &'a FmtArgs,
    changed: bool,
    failed: Diagnostics,
}

impl Run<'_> {
    fn standard_input(&mut self) -> Result<(), Diagnostics> {
        if self.arguments.targets.len() > 1 {
            return Err(
                Diagnostic::error(Code::InvalidArgument, "`-` means standard input, and can't be combined with other targets.").into()
            );
        }
        if self.arguments.recursive {
            return Err(Diagnostic::error(Code::InvalidArgument, "-recursive can't be combined with standard input.").into());
        }
        let name = Path::new("<stdin>");
        let bytes = self.context.terminal.input().map_err(|error| unreadable(name, &error))?;
        let Some((text, formatted)) = self.formatted(name, bytes) else { return Ok(()) };
        self.changed = text != formatted;
        if self.arguments.diff && self.changed {
            self.show_difference(name, &text, &formatted);
        } else if !self.arguments.check && !self.arguments.diff {
            // A terminal, or the next program in a pipe, expects whole lines.
            let whole = formatted.strip_suffix('\n').unwrap_or(&formatted).to_owned() + "\n";
            self.context.terminal.print(&Text::verbatim(whole));
        }
        Ok(())
    }

    fn target(&mut self, path: &Path) {
        if path.is_dir() {
            return self.directory(path);
        }
        let is_hcl = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(".hcl"));
        if path.exists() && !is_hcl {
            let detail = format!("{} can't be formatted: its name does not end in .hcl.", path.display());
            return self.failed.push(Diagnostic::error(Code::InvalidArgument, detail));
        }
        self.file(path);
    }

    fn directory(&mut self, directory: &Path) {
        let entries = match entries(directory) {
            Ok(entries) => entries,
            Err(error) => return self.failed.push(unreadable(directory, &error)),
        };
        for path in entries {
            // A symbolic link to a directory could lead anywhere, even back here.
            if path.is_dir() {
                if self.arguments.recursive && !path.is_symlink() {
                    self.directory(&path);
                }
            } else if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| ENDINGS.iter().any(|end| name.ends_with(end))) {
                self.file(&path);
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let shown = path.strip_prefix(".").unwrap_or(path);
        let bytes = match read(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.failed.push(unreadable(shown, &error)),
        };
        let Some((text, formatted)) = self.formatted(shown, bytes) else { return };
        if text == formatted {
            return;
        }
        self.changed = true;
        if self.arguments.list {
            self.context.terminal.print(&text!("{}\n", shown.display()));
        }
        if self.arguments.write
            && !self.arguments.check
            && let Err(error) = replace(path, formatted.as_bytes())
        {
            let detail = format!("{} can't be written: {error}.", shown.display());
            self.failed.push(Diagnostic::error(Code::OutputError, detail));
        }
        if self.arguments.diff {
            self.show_difference(shown, &text, &formatted);
        }
    }

    /// The text of a file and its canonical form. `None` if it can't be formatted, which is reported.
    fn formatted(&mut self, name: &Path, bytes: Vec<u8>) -> Option<(String, String)> {
        let file = self.context.sources.add_bytes(name.display().to_string(), bytes);
        let file = self.failed.accept(file)?;
        // Reading the text again for its errors would take the memory that the formatter refuses to take.
        self.failed.accept(density::checked(&self.context.sources, file, density::MAX_MARKS))?;
        let text = self.context.sources.file(file)?.text.clone();
        match canonical::format(&text) {
            Ok(formatted) => Some((text, formatted)),
            Err(error) => {
                let errors = syntax_errors(&self.context.sources, file);
                if !errors.is_empty() {
                    self.failed.extend(errors);
                    return None;
                }
                let end = text[error.offset..].chars().next().map_or(error.offset, |character| error.offset + character.len_utf8());
                let span = SourceSpan { file, start: error.offset, end };
                self.failed.push(Diagnostic::error(Code::SyntaxError, sentence(&error.message)).at(span));
                None
            }
        }
    }

    fn show_difference(&self, name: &Path, before: &str, after: &str) {
        let name = name.display().to_string();
        self.context.terminal.print(&render::unified_difference(&name, before, after, self.context.terminal.style()));
    }
}

/// Reads the bytes of a regular file. Opening a pipe would block, and a device could be endless.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.is_file() { read_named(path, MAX_BYTES) } else { Err(Refused::NotAFile.into()) }
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::UnreadableFile, format!("{} can't be read: {error}.", path.display()))
}

/// The entries of a directory, sorted by name, without hidden files and editors' backups.
fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| !name.starts_with('.') && !name.ends_with('~')) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Replaces the contents of a file. A symbolic link stays one, and permissions stay the same.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let real = path.canonicalize()?;
    write_aside(&real, bytes, Some(real.metadata()?.permissions()))?.persist(&real)?;
    Ok(())
}
