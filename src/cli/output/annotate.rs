//! Findings for the forge that runs us: they are collected while a command runs, so that the most important ones go first.

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

/// Where reports of a command's findings are to be written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reports<'a> {
    /// The command.
    pub command: &'static str,
    /// GitLab's code quality report.
    pub code_quality: Option<&'a Path>,
    /// A log in SARIF.
    pub sarif: Option<&'a Path>,
}

impl Reports<'_> {
    /// Refuses what this build can't write, before anything is done.
    ///
    /// # Errors
    ///
    /// `missing-feature`.
    pub(in crate::cli) fn supported(self) -> Result<(), Diagnostic> {
        if self.sarif.is_some() && !cfg!(feature = "sarif") {
            return Err(Diagnostic::error(Code::MissingFeature, format!("-sarif: {}", build::lacks("sarif"))));
        }
        Ok(())
    }
}

impl Context {
    /// Keeps findings for the forge.
    pub(crate) fn note(&self, diagnostics: &Diagnostics) {
        let kept = annotations::of_diagnostics(diagnostics, &self.sources);
        self.not_kept.set(self.not_kept.get() + diagnostics.len() - kept.len());
        self.annotations.borrow_mut().extend(kept);
    }

    /// Keeps the blocked departures of a plan for the forge.
    pub(crate) fn note_blocked(&self, plan: &Plan) {
        self.annotations.borrow_mut().extend(annotations::of_blocked(plan));
    }

    /// Keeps references to accounts that leave for the forge.
    #[cfg(feature = "references")]
    pub(crate) fn note_references(&self, found: &References) {
        self.not_kept.set(self.not_kept.get() + usize::try_from(found.not_listed).unwrap_or(usize::MAX));
        self.annotations.borrow_mut().extend(annotations::of_references(found));
    }

    /// Hands over what was kept, of a command that has failed or not. GitHub's runner reads workflow commands from standard error as well, so
    /// that standard output stays what its readers expect.
    ///
    /// # Errors
    ///
    /// `output-error` where a report can't be written.
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

/// The root of the repository around the working directory.
pub(in crate::cli) fn repository() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|directory| directory.join(".git").exists()).map(Path::to_path_buf)
}

/// The path of a file of the working directory from the repository's root, with slashes; as it is where it is not below one.
fn relative(root: Option<&Path>, file: &str) -> String {
    let whole = std::env::current_dir().ok().map(|here| normal(&here.join(file)));
    let below = root.zip(whole).and_then(|(root, whole)| whole.strip_prefix(root).map(Path::to_path_buf).ok());
    let Some(below) = below else { return file.to_owned() };
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
