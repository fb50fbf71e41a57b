//! The texts that the editor has open, and the results of checking their directories.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;

use crate::config::{self, EXTENSION, ExternalValues, VALUES};
use crate::diag::{Diagnostics, SourceMap};

/// A text that the editor has open.
pub(super) struct Open {
    /// The URI that the editor uses for it.
    pub(super) uri: Uri,
    pub(super) text: String,
}

/// The last check of a directory.
pub(super) struct Checked {
    pub(super) sources: SourceMap,
    pub(super) diagnostics: Diagnostics,
}

/// The open texts, and the results of their checks.
pub(super) struct Workspace {
    given: ExternalValues,
    open: BTreeMap<PathBuf, Open>,
    checked: BTreeMap<PathBuf, Checked>,
    /// Directories that changed since their last check.
    changed: BTreeSet<PathBuf>,
}

impl Workspace {
    pub(super) fn new(given: ExternalValues) -> Self {
        Self { given, open: BTreeMap::new(), checked: BTreeMap::new(), changed: BTreeSet::new() }
    }

    pub(super) fn set(&mut self, path: &Path, uri: Uri, text: String) {
        self.open.insert(path.to_owned(), Open { uri, text });
        self.touch(path);
    }

    pub(super) fn close(&mut self, path: &Path) {
        self.open.remove(path);
        self.touch(path);
    }

    /// Records that a file may have changed.
    pub(super) fn touch(&mut self, path: &Path) {
        if let Some(directory) = path.parent() {
            self.changed.insert(directory.to_owned());
        }
    }

    pub(super) fn text(&self, path: &Path) -> Option<&str> {
        self.open.get(path).map(|open| open.text.as_str())
    }

    /// The URI of a file: the editor's own if it has the file open.
    pub(super) fn uri(&self, path: &Path) -> Uri {
        self.open.get(path).map_or_else(|| super::uri::of(path), |open| open.uri.clone())
    }

    /// Checks the changed directories again and returns them. Drops directories without open files.
    pub(super) fn check_changed(&mut self) -> BTreeSet<PathBuf> {
        let changed = std::mem::take(&mut self.changed);
        for directory in &changed {
            let texts = self.texts(directory);
            if texts.is_empty() {
                self.checked.remove(directory);
            } else {
                let checked = self.check(directory, texts);
                self.checked.insert(directory.clone(), checked);
            }
        }
        changed
    }

    pub(super) fn checked(&self, directory: &Path) -> Option<&Checked> {
        self.checked.get(directory)
    }

    /// Checks the directory with another text of one of its files.
    pub(super) fn check_with(&self, path: &Path, text: String) -> Option<Checked> {
        let (directory, name) = (path.parent()?, path.file_name()?.to_str()?);
        let mut texts = self.texts(directory);
        texts.insert(name.to_owned(), text);
        Some(self.check(directory, texts))
    }

    fn check(&self, directory: &Path, texts: BTreeMap<String, String>) -> Checked {
        let given = ExternalValues { open: texts, ..self.given.clone() };
        let mut sources = SourceMap::default();
        let diagnostics = config::validate(directory, &given, &mut sources).diagnostics;
        Checked { sources, diagnostics }
    }

    /// The open texts that belong to the configuration of a directory, by file name.
    fn texts(&self, directory: &Path) -> BTreeMap<String, String> {
        let of_directory = self.open.iter().filter(|(path, _)| path.parent() == Some(directory));
        let named = of_directory.filter_map(|(path, open)| Some((path.file_name()?.to_str()?.to_owned(), open.text.clone())));
        named.filter(|(name, _)| name.ends_with(EXTENSION) || name.ends_with(VALUES)).collect()
    }
}
