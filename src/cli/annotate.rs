//! Findings for the forge that runs us: they are collected while a command runs, so that the most important ones go first.

use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::FileId;
use crate::plan::Plan;
use crate::render::annotations;

use super::Context;
use super::invocation::normal;
use super::terminal::environment;

impl Context {
    /// Keeps findings for the forge.
    pub(crate) fn note(&self, diagnostics: &Diagnostics) {
        self.annotations.borrow_mut().extend(annotations::of_diagnostics(diagnostics, &self.sources));
    }

    /// Keeps the blocked departures of a plan for the forge.
    pub(crate) fn note_blocked(&self, plan: &Plan) {
        self.annotations.borrow_mut().extend(annotations::of_blocked(plan));
    }

    /// Hands over what was kept. GitHub's runner reads workflow commands from standard error as well, so that standard output stays what its
    /// readers expect.
    ///
    /// # Errors
    ///
    /// `output-error` where the report can't be written.
    pub(crate) fn annotate(&self, code_quality: Option<&Path>) -> Result<(), Diagnostic> {
        let kept = self.annotations.take();
        let root = repository();
        let in_repository = |file: &str| relative(root.as_deref(), file);
        if environment("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
            self.terminal.error(&annotations::github(&kept, in_repository));
        }
        let Some(path) = code_quality else { return Ok(()) };
        let fallback = self.sources.file(FileId(0)).map_or("main.roster.hcl", |file| file.name.as_str());
        std::fs::write(path, annotations::code_quality(&kept, fallback, in_repository).as_str()).map_err(|error| {
            Diagnostic::error(Code::OutputError, format!("-gitlab-code-quality: {} can't be written: {error}.", path.display()))
        })
    }
}

/// The root of the repository around the working directory.
pub(super) fn repository() -> Option<PathBuf> {
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
