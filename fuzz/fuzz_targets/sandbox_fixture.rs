//! Any text as a fixture: the result is a world or diagnostics, never a crash.
//! `cargo +nightly fuzz run sandbox_fixture fuzz/corpus/sandbox_fixture fuzz/seeds/sandbox_fixture`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orgroster::diag::SourceMap;
use orgroster::sandbox::Sandbox;

fuzz_target!(|text: &str| {
    let mut sources = SourceMap::default();
    let file = sources.add("any.sandbox.hcl", text.to_owned());
    let _ = Sandbox::open(&sources, Some(file), None);
});
