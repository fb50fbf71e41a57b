//! Text to roster: finds and parses the `*.roster.hcl` files of a directory, reads their blocks and checks them against each other.
//!
//! Every problem of a run is collected. What passes is a [`DesiredRoster`], which the rest of the program can trust.

mod blocks;
mod check;
pub mod eval;
mod files;
pub mod fmt;
mod version;

use std::path::Path;

use crate::diag::{Diagnostics, SourceMap};
use crate::org::DesiredRoster;

pub use files::{EXTENSION, leads_outside};

/// Reads the configuration in `directory`. Files are added to `sources` whether or not they are right, so that findings can be shown.
///
/// # Errors
///
/// Every problem found in any file, warnings included. On success the second part holds the warnings.
pub fn load(directory: &Path, sources: &mut SourceMap) -> Result<(DesiredRoster, Diagnostics), Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let parsed = files::parse_directory(directory, sources, &mut diagnostics);
    let blocks = blocks::read(&parsed, &mut diagnostics);
    // After a file that can't be read, what it declares counts as absent: saying that it is missing would mislead.
    let complete = !files::is_partial(&diagnostics);
    match check::into_roster(blocks, complete, &mut diagnostics) {
        Some(roster) if !diagnostics.has_errors() => Ok((roster, diagnostics)),
        _ => Err(diagnostics),
    }
}
