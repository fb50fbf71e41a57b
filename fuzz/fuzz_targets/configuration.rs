//! Any bytes as a configuration: the result is a roster or diagnostics, never a crash or an endless run. `fuzz/run configuration`.
#![no_main]

#[path = "../../tests/fuzzed/configuration.rs"]
mod configuration;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));

fuzz_target!(|bytes: &[u8]| {
    configuration::check(DIRECTORY.path(), bytes);
});
