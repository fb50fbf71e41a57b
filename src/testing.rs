//! Sizes of tests that the environment may change. Whatever a test asserts holds at every size: its default is small, `.ci/run` takes larger
//! ones, and `.ci/full` the largest.

/// A size: as the variable says, else the default.
#[allow(clippy::disallowed_methods, reason = "how long a test takes is the environment's affair")]
pub(crate) fn size(variable: &str, by_default: usize) -> usize {
    std::env::var(variable).ok().and_then(|size| size.parse().ok()).unwrap_or(by_default)
}

/// How many cases a property is tried with: as `PROPTEST_CASES` says, else the default.
#[allow(dead_code, reason = "each binary that includes this uses what it needs")]
pub(crate) fn cases(by_default: u32) -> u32 {
    u32::try_from(size("PROPTEST_CASES", by_default as usize)).unwrap_or(by_default)
}
