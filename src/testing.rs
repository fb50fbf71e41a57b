//! Sizes of tests, which the environment may change. A test's assertions hold at every size. Defaults are small, `.ci/run` uses larger
//! sizes, and `.ci/full` uses the largest.

/// The size in the environment variable, or the default.
#[allow(clippy::disallowed_methods, reason = "the environment decides how long tests take")]
pub(crate) fn size(variable: &str, by_default: usize) -> usize {
    std::env::var(variable).ok().and_then(|size| size.parse().ok()).unwrap_or(by_default)
}

/// The number of cases for a property: `PROPTEST_CASES`, or the default.
#[allow(dead_code, reason = "each binary that includes this uses what it needs")]
pub(crate) fn cases(by_default: u32) -> u32 {
    u32::try_from(size("PROPTEST_CASES", by_default as usize)).unwrap_or(by_default)
}
