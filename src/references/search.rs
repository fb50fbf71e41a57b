//! Searching directories.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkFinish, SinkMatch};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::forms::{Forms, Hit};
use super::kinds::{by_text, kind_of};
use super::outline::{Format, Position, Spot, spots};
use super::skips::is_left_out;
use super::{Kind, Matched, Reference, References, Searched, Skipped, SoughtAccount, WhySkipped};

/// The most bytes of a line.
const MAX_LINE: usize = 16 << 20;
/// The most bytes of a file whose structure is read.
const MAX_OUTLINE: u64 = 4 << 20;
/// The most references of one file that are listed.
const MAX_OF_FILE: usize = 1_000;
/// The most references, and the most skipped files, that are listed.
const MAX_LISTED: usize = 10_000;
const MAX_SKIPPED: usize = 1_000;
/// The most references of one line that the next one is compared with.
const MAX_COMPARED: usize = 64;

/// Why a search could not start.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// There are more ids, names and email addresses than one search can handle.
    #[error("there are too many accounts for one search: {0}")]
    TooMany(String),
}

/// Searches directories for accounts. Files that ignore files (`.gitignore`, `.ignore`) list are left out, hidden files are searched, and
/// links are not followed.
///
/// # Errors
///
/// Returns an error if there are too many accounts for one search.
pub fn search(directories: &[PathBuf], accounts: Vec<SoughtAccount>) -> Result<References, SearchError> {
    let forms = Forms::new(&accounts).map_err(|error| SearchError::TooMany(error.to_string()))?;
    let found = Mutex::new(Found::default());
    if let Some(walk) = walk(directories) {
        walk.build_parallel().run(|| {
            let mut searcher = searcher();
            let (forms, found) = (&forms, &found);
            Box::new(move |entry| {
                let outcome = match entry {
                    Ok(entry) => visit(&mut searcher, forms, &entry),
                    Err(error) => Some(unreadable(&error)),
                };
                if let Some(outcome) = outcome {
                    // The data is consistent even in a poisoned lock: a panic ends the process.
                    found.lock().unwrap_or_else(PoisonError::into_inner).add(outcome);
                }
                WalkState::Continue
            })
        });
    }
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(found.report(directories, accounts))
}

fn walk(directories: &[PathBuf]) -> Option<WalkBuilder> {
    // A directory may be named `-`, which the walker would take for standard input.
    let root = |directory: &PathBuf| if directory == Path::new("-") { Path::new("./-").to_owned() } else { directory.clone() };
    let (first, others) = directories.split_first()?;
    let mut walk = WalkBuilder::new(root(first));
    for directory in others {
        walk.add(root(directory));
    }
    // Hidden directories such as `.github` are configuration. Personal ignore settings differ between people, so they don't count.
    walk.hidden(false).follow_links(false).require_git(false).git_global(false);
    walk.filter_entry(|entry| {
        let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.depth() == 0 || !is_left_out(entry.file_name(), is_directory)
    });
    Some(walk)
}

fn searcher() -> Searcher {
    SearcherBuilder::new().line_number(true).heap_limit(Some(MAX_LINE)).binary_detection(BinaryDetection::quit(0)).build()
}

/// The result for one file.
struct Outcome {
    file: String,
    /// The references that are listed.
    references: Vec<Place>,
    /// How many more references the file contains.
    more: u64,
    /// Its size in bytes, if it was searched to its end.
    bytes: Option<u64>,
    skipped: Option<(WhySkipped, Option<String>)>,
}

/// A reference; its hit contains the index of the account.
struct Place {
    hit: Hit,
    position: Position,
    kind: Option<Kind>,
    path: Option<String>,
}

/// All results so far.
#[derive(Default)]
struct Found {
    /// References by file. Those of the first files by path are kept, whatever the order in which files are searched.
    files: BTreeMap<String, Vec<Place>>,
    /// How many references `files` contains.
    listed: usize,
    /// The first file whose references are no longer kept.
    cut: Option<String>,
    not_listed: u64,
    searched: Searched,
    skipped: BTreeMap<String, Skipped>,
}

impl Found {
    fn add(&mut self, outcome: Outcome) {
        let Outcome { file, references, more, bytes, skipped } = outcome;
        self.not_listed += more;
        self.searched.files += u64::from(bytes.is_some());
        self.searched.bytes += bytes.unwrap_or_default();
        if let Some((why, error)) = skipped {
            *self.searched.skipped_by_reason.entry(why).or_default() += 1;
            self.skipped.insert(file.clone(), Skipped { file: file.clone(), why, error });
            if self.skipped.len() > MAX_SKIPPED {
                self.skipped.pop_last();
            }
        }
        if references.is_empty() {
            return;
        }
        if self.cut.as_ref().is_some_and(|cut| file >= *cut) {
            self.not_listed += references.len() as u64;
            return;
        }
        self.listed += references.len();
        self.files.insert(file, references);
        while self.listed > MAX_LISTED
            && let Some((file, references)) = self.files.pop_last()
        {
            self.listed -= references.len();
            self.not_listed += references.len() as u64;
            self.cut = Some(file);
        }
    }

    fn report(self, directories: &[PathBuf], accounts: Vec<SoughtAccount>) -> References {
        let Self { files, not_listed, mut searched, skipped, .. } = self;
        searched.directories = directories.iter().map(|directory| directory.display().to_string()).collect();
        let reference = |file: &str, place: Place| {
            let account = accounts.get(place.hit.account)?.id;
            let Position { line, column } = place.position;
            let Place { hit: Hit { matched, .. }, kind, path, .. } = place;
            Some(Reference { file: file.to_owned(), line, column, account, matched, kind, path })
        };
        let all = files.into_iter().flat_map(|(file, places)| places.into_iter().map(move |place| (file.clone(), place)));
        let references = all.filter_map(|(file, place)| reference(&file, place)).collect();
        let mut report = References::about(accounts);
        (report.references, report.not_listed) = (references, not_listed);
        (report.searched, report.skipped) = (searched, skipped.into_values().collect());
        report
    }
}

/// A path as it is shown: with slashes, and without `./`.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/").replacen("//", "/", 1)
}

fn unreadable(error: &ignore::Error) -> Outcome {
    let file = path_of(error).map_or_else(String::new, shown);
    let why = error.io_error().map_or_else(|| error.to_string(), io::Error::to_string);
    Outcome { file, references: Vec::new(), more: 0, bytes: None, skipped: Some((WhySkipped::Unreadable, Some(why))) }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// Searches an entry of the walk; `None` for a directory.
fn visit(searcher: &mut Searcher, forms: &Forms, entry: &DirEntry) -> Option<Outcome> {
    let file = shown(entry.path());
    let skipped = |why, error| Outcome { file: file.clone(), references: Vec::new(), more: 0, bytes: None, skipped: Some((why, error)) };
    let kind = entry.file_type()?;
    if kind.is_dir() {
        return None;
    }
    if kind.is_symlink() {
        return Some(skipped(WhySkipped::Link, None));
    }
    if !kind.is_file() {
        return Some(skipped(WhySkipped::Special, None));
    }
    let mut lines = Lines { forms, sightings: Vec::new(), more: 0, bytes: 0, is_binary: false };
    let searched = File::open(entry.path()).and_then(|opened| searcher.search_file(forms, &opened, &mut lines));
    let Lines { sightings, more, bytes, is_binary, .. } = lines;
    let why = match searched {
        Ok(()) if is_binary => Some((WhySkipped::Binary, None)),
        Ok(()) => None,
        // The searcher's own error: a line does not fit into its buffer.
        Err(error) if error.kind() == io::ErrorKind::Other && error.raw_os_error().is_none() => Some((WhySkipped::LongLine, None)),
        Err(error) => Some((WhySkipped::Unreadable, Some(error.to_string()))),
    };
    let references = places(entry.path(), &file, sightings);
    Some(Outcome { file, references, more, bytes: why.is_none().then_some(bytes), skipped: why })
}

/// A hit in a file, before the keys that lead to it are known.
struct Sighting {
    hit: Hit,
    position: Position,
    /// The kind that the surrounding text suggests.
    kind: Option<Kind>,
}

/// Receives the matching lines of one file.
struct Lines<'f> {
    forms: &'f Forms,
    sightings: Vec<Sighting>,
    more: u64,
    bytes: u64,
    is_binary: bool,
}

impl Sink for Lines<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let text = found.bytes();
        let (mut at, mut column) = (0, 1);
        for hit in self.forms.hits(text) {
            if self.sightings.len() >= MAX_OF_FILE {
                self.more += 1;
                continue;
            }
            // Each character has exactly one byte that is not a continuation byte of UTF-8.
            column += text[at..hit.start].iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
            at = hit.start;
            let position = Position { line: found.line_number().unwrap_or(1), column };
            let kind = if hit.matched == Matched::Id { by_text(&text[..hit.start], &text[hit.end..]) } else { None };
            self.sightings.push(Sighting { hit, position, kind });
        }
        Ok(true)
    }

    fn finish(&mut self, _: &Searcher, finish: &SinkFinish) -> io::Result<()> {
        self.bytes = finish.byte_count();
        self.is_binary = finish.binary_byte_offset().is_some();
        Ok(())
    }
}

/// Adds to hits the keys that lead to them, and their kinds. If a line names an account twice in one place, that is one reference.
fn places(path: &Path, file: &str, sightings: Vec<Sighting>) -> Vec<Place> {
    if sightings.is_empty() {
        return Vec::new();
    }
    let positions: Vec<_> = sightings.iter().map(|sighting| sighting.position).collect();
    let spots = match structured(path, file) {
        Some((format, text)) => spots(format, &text, &positions),
        None => vec![None; positions.len()],
    };
    let place = |(sighting, spot): (Sighting, Option<Spot>)| {
        let Sighting { hit, position, kind } = sighting;
        Place { hit, position, kind: kind_of(file, spot.as_ref(), kind), path: spot.and_then(|spot| spot.path()) }
    };
    let mut places: Vec<Place> = Vec::with_capacity(positions.len());
    for place in sightings.into_iter().zip(spots).map(place) {
        let same_line = places.iter().rev().take_while(|other| other.position.line == place.position.line).take(MAX_COMPARED);
        let is_same =
            |other: &Place| (other.hit.account, other.hit.matched, &other.path) == (place.hit.account, place.hit.matched, &place.path);
        if !same_line.into_iter().any(is_same) {
            places.push(place);
        }
    }
    places
}

/// The format and text of a file, if its structure can be read.
fn structured(path: &Path, file: &str) -> Option<(Format, String)> {
    let format = Format::of(file)?;
    let mut text = String::new();
    let read = File::open(path).and_then(|opened| opened.take(MAX_OUTLINE + 1).read_to_string(&mut text));
    (read.is_ok() && text.len() as u64 <= MAX_OUTLINE).then_some((format, text))
}
