//! Any text as a configuration: a roster or diagnostics, never a crash and never a run without end. `cargo +nightly fuzz run configuration fuzz/corpus/configuration fuzz/seeds/configuration -- -max_len=10000000 -timeout=60`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orgroster::config::{self, Given};
use orgroster::diag::SourceMap;

fuzz_target!(|text: &[u8]| {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("main.roster.hcl"), text).expect("a file");
    let mut sources = SourceMap::default();
    let found = config::validate(directory.path(), &Given::default(), &mut sources).diagnostics;
    for finding in found.sorted() {
        let _ = finding.primary.as_ref().map(|label| sources.place(&label.span));
    }
});
