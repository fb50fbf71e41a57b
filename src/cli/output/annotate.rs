//! Findings for the code forge that runs orgroster. They are collected while a command runs, so that the most important ones come first.

use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::FileId;
use crate::plan::Plan;
#[cfg(feature = "references")]
use crate::references::References;
#[cfg(feature = "sarif")]
use crate::render::sarif;
use crate::render::{Text, annotations};

#[cfg(feature = "sarif")]
use crate::cli::failures;
use crate::cli::line::invocation::normal;
use crate::cli::output::terminal::environment;
use crate::cli::{Context, build};

/// Where to write the reports of a command's findings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reports<'a> {
    /// The name of the command.
    pub command: &'static str,
    /// The path of GitLab's code quality report.
    pub code_quality: Option<&'a Path>,
    /// The path of the SARIF log.
    pub sarif: Option<&'a Path>,
}

impl Reports<'_> {
    /// Rejects a report that this build can't write, before anything is done.
    ///
    /// # Errors
    ///
    /// Returns `missing-feature`.
    pub(in crate::cli) fn supported(self) -> Result<(), Diagnostic> {
        if self.sarif.is_some() && !cfg!(feature = "sarif") {
            return Err(Diagnostic::error(Code::MissingFeature, format!("-sarif: {}", build::lacks("sarif"))));
        }
        Ok(())
    }
}

impl Context {
    /// Keeps findings for the code forge.
    pub(crate) fn note(&self, diagnostics: &Diagnostics) {
        let kept = annotations::of_diagnostics(diagnostics, &self.sources);
        self.not_kept.set(self.not_kept.get() + diagnostics.len() - kept.len());
        self.annotations.borrow_mut().extend(kept);
    }

    /// Keeps the blocked departures of a plan for the code forge.
    pub(crate) fn note_blocked(&self, plan: &Plan) {
        self.annotations.borrow_mut().extend(annotations::of_blocked(plan));
    }

    /// Keeps references to leaving accounts for the code forge.
    #[cfg(feature = "references")]
    pub(crate) fn note_references(&self, found: &References) {
        self.not_kept.set(self.not_kept.get() + usize::try_from(found.not_listed).unwrap_or(usize::MAX));
        self.annotations.borrow_mut().extend(annotations::of_references(found));
    }

    /// Writes the kept findings, whether the command failed or not. GitHub's runner also reads workflow commands from standard error, so
    /// standard output remains as its readers expect.
    ///
    /// # Errors
    ///
    /// Returns `output-error` if a report can't be written.
    pub(crate) fn annotate(&self, reports: Reports<'_>, failed: bool) -> Result<(), Diagnostic> {
        let kept = self.annotations.take();
        let root = repository();
        let in_repository = |file: &str| relative(root.as_deref(), file);
        if environment("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
            self.terminal.error(&annotations::github(&kept, in_repository));
        }
        let fallback = self.sources.file(FileId(0)).map_or("main.roster.hcl", |file| file.name.as_str());
        if let Some(path) = reports.code_quality {
            write("-gitlab-code-quality", path, &annotations::code_quality(&kept, fallback, in_repository))?;
        }
        #[cfg(feature = "sarif")]
        if let Some(path) = reports.sarif {
            let directory = in_repository(".");
            let directory = if directory == "." { "" } else { &directory };
            let run = sarif::Run { command: reports.command, directory, failed, not_kept: self.not_kept.get() };
            let log = sarif::sarif(&kept, run, sarif::GITHUB, fallback, in_repository);
            write("-sarif", path, &log.map_err(|error| failures::unserializable(&error))?)?;
        }
        #[cfg(not(feature = "sarif"))]
        let _ = (failed, reports.command);
        Ok(())
    }
}

fn write(flag: &str, path: &Path, report: &Text) -> Result<(), Diagnostic> {
    let failed = |error| Diagnostic::error(Code::OutputError, format!("{flag}: {} can't be written: {error}.", path.display()));
    std::fs::write(path, report.as_str()).map_err(failed)
}

/// The root of the repository that contains the working directory.
pub(in crate::cli) fn repository() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|directory| directory.join(".git").exists()).map(Path::to_path_buf)
}

/// A file's path relative to the repository's root, with slashes. Unchanged if the file is not below the root.
fn relative(root: Option<&Path>, file: &str) -> String {
    let whole = std::env::current_dir().ok().map(|here| normal(&here.join(file)));
    let below = root.zip(whole).and_then(|(root, whole)| whole.strip_prefix(root).map(Path::to_path_buf).ok());
    let Some(below) = below else { return file.to_owned() };
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
