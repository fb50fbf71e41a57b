//! Invariants for any bytes as a file of a configuration. The fuzz target and its bounded run in the test suite share them.

use std::collections::BTreeSet;
use std::path::Path;

use orgroster::config::{self, ExternalValues};
use orgroster::diag::{Code, Diagnostics, SourceMap};

/// How often formatting may change its own result: Terraform's formatter removes one level of nested interpolation at a time, and they nest
/// less deep than this.
const MAX_ROUNDS: usize = 70;

/// Reads the bytes as the only file in the directory, and formats them. Both must end, every finding must point into the file, and the
/// formatter's output must have the same findings and finally be stable. Returns the codes of the findings.
pub fn check(directory: &Path, bytes: &[u8]) -> BTreeSet<Code> {
    let found = read(directory, bytes);
    if let Some(mut formatted) = std::str::from_utf8(bytes).ok().and_then(|text| config::fmt::format(text).ok()) {
        let source = String::from_utf8_lossy(bytes);
        assert_eq!(read(directory, formatted.as_bytes()), found, "the formatted text means the same:\n{formatted}\nof\n{source}");
        let mut rounds = 0;
        loop {
            let again = config::fmt::format(&formatted).expect("what the formatter wrote has no syntax error");
            if again == formatted {
                break;
            }
            assert!(rounds < MAX_ROUNDS, "the formatter never leaves alone what it wrote:\n{formatted}\n{again}");
            (formatted, rounds) = (again, rounds + 1);
        }
    }
    found
}

fn read(directory: &Path, bytes: &[u8]) -> BTreeSet<Code> {
    std::fs::write(directory.join("main.roster.hcl"), bytes).expect("the file can be written");
    let mut sources = SourceMap::default();
    let found = config::validate(directory, &ExternalValues::default(), &mut sources).diagnostics;
    points_into_its_sources(&found, &sources);
    found.sorted().iter().map(|finding| finding.code).collect()
}

fn points_into_its_sources(found: &Diagnostics, sources: &SourceMap) {
    for finding in found.sorted() {
        let labels = finding.primary.iter().chain(&finding.secondary).map(|label| &label.span);
        for span in labels.chain(finding.patches.iter().map(|patch| &patch.span)) {
            let text = sources.file(span.file).and_then(|file| file.text.get(span.start..span.end));
            assert!(text.is_some(), "{finding:?} points to nothing");
            assert!(!sources.place(span).is_empty());
        }
    }
}
