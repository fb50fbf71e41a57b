//! `fileset`: the paths of the files that match a pattern.

use globset::{GlobBuilder, GlobMatcher};

use super::super::files::{EntryKind, clean};
use super::super::value::{Type, Value};
use super::arguments::{Arguments, FunctionError, STRING};
use super::files::unreadable;
use super::{Function, Returned};

/// The most entries that are listed of one directory.
const MAX_ENTRIES: u64 = 100_000;

/// Steps of listing one entry, which includes reading its type and matching its name.
const STEPS_OF_AN_ENTRY: usize = 16;

/// Bytes of an entry in addition to its name.
const BYTES_OF_AN_ENTRY: usize = 64;

/// The longest pattern that is compiled.
const MAX_PATTERN: usize = 1_000;

/// Characters with a special meaning in a pattern.
const META: [char; 4] = ['*', '?', '[', '{'];

pub(super) const FUNCTIONS: &[Function] = &[Function::new("fileset", &[STRING, STRING], file_set)];

/// A pattern, split at the last slash before its first special character.
struct Pattern {
    /// The directory of all matches, with a slash at its end; empty if it is the listed directory itself.
    prefix: String,
    matcher: GlobMatcher,
    /// How many directories below the prefix a match can be; `None` (unlimited) with `**`.
    depth: Option<usize>,
}

fn pattern(arguments: &Arguments<'_>) -> Result<Pattern, FunctionError> {
    let text = arguments.text(1)?;
    let invalid = |why: &str| FunctionError::argument(1, format!("the pattern {text:?} is not valid: {why}")).showing_argument();
    if text.len() > MAX_PATTERN {
        return Err(FunctionError::argument(1, format!("the pattern has more than {MAX_PATTERN} bytes")));
    }
    // A slash at the start is ignored, as in Terraform: the pattern is relative to the directory.
    let cleaned = clean(&format!("./{text}"));
    if cleaned == ".." || cleaned.starts_with("../") {
        return Err(invalid("it leads out of the directory that is listed"));
    }
    let literal = cleaned.find(META).or_else(|| cleaned.find('\\')).unwrap_or(cleaned.len());
    let prefix = cleaned.get(..literal).and_then(|literal| Some(literal.rfind('/')? + 1)).unwrap_or_default();
    let rest = cleaned.get(prefix..).unwrap_or_default();
    let mut builder = GlobBuilder::new(&cleaned);
    let glob = builder.literal_separator(true).backslash_escape(true).empty_alternates(true).build();
    let matcher = glob.map_err(|error| invalid(&error.kind().to_string()))?.compile_matcher();
    let depth = if rest.contains("**") { None } else { Some(rest.matches('/').count()) };
    Ok(Pattern { prefix: cleaned.get(..prefix).unwrap_or_default().to_owned(), matcher, depth })
}

/// The paths of the regular files below the directory that match the pattern, relative to the directory.
fn file_set(arguments: &Arguments<'_>) -> Returned {
    let path = arguments.text(0)?;
    let pattern = pattern(arguments)?;
    let files = arguments.host.files();
    let at = |below: &str| clean(&format!("{}/{below}", if path.is_empty() { "." } else { path }));
    let mut found = Vec::new();
    let mut waiting = vec![(pattern.prefix.clone(), 0)];
    while let Some((directory, depth)) = waiting.pop() {
        let entries = files.list(&at(&directory), MAX_ENTRIES).map_err(|error| unreadable(path, &error))?;
        arguments.pay_steps(entries.len().saturating_mul(STEPS_OF_AN_ENTRY))?;
        for entry in entries {
            let below = format!("{directory}{}", entry.name);
            arguments.pay_bytes(below.len() + BYTES_OF_AN_ENTRY)?;
            let is_match = pattern.matcher.is_match(&below);
            let leads_on = pattern.depth.is_none_or(|most| depth < most);
            // With `**`, a link to a directory is not followed, as in Terraform, because it could form a cycle.
            let is_followed = entry.kind == EntryKind::Link && (is_match || leads_on && pattern.depth.is_some());
            let kind = match entry.kind {
                EntryKind::Link if is_followed => files.follow(&at(&below)).map_err(|error| unreadable(&below, &error))?,
                kind => kind,
            };
            if kind == EntryKind::File && is_match {
                arguments.pay(1)?;
                found.push(Value::from(below));
            } else if kind == EntryKind::Directory && leads_on && (entry.kind == EntryKind::Directory || pattern.depth.is_some()) {
                waiting.push((format!("{below}/"), depth + 1));
            }
        }
    }
    Ok(Value::set(Type::String, found))
}
