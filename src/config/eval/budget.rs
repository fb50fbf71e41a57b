//! Limits, so that a hostile configuration ends with an error and not with the machine.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use regex::Regex;

/// Compiled patterns that are kept. A configuration has a few, and uses each for many accounts.
const MAX_PATTERNS: usize = 256;

/// How much a run may evaluate. The defaults are far above any roster of 50,000 accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sub-expressions evaluated, and elements made, in one run.
    pub steps: u64,
    /// Bytes of all values made in one run, roughly.
    pub bytes: u64,
    /// Bytes of one file that a function reads.
    pub file_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 50_000_000, bytes: 2 << 30, file_bytes: 64 << 20 }
    }
}

/// A limit was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded(pub(crate) &'static str);

/// What a run has used.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    limits: Limits,
    steps: AtomicU64,
    bytes: AtomicU64,
    /// Whether any value was ever sensitive. Most configurations have none, and then no call has to look for one in its arguments.
    secrets: AtomicBool,
    patterns: Mutex<HashMap<String, Regex>>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Pays for steps.
    pub(crate) fn steps(&self, steps: usize) -> Result<(), Exceeded> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let used = self.steps.fetch_add(steps, Ordering::Relaxed).saturating_add(steps);
        if used > self.limits.steps { Err(Exceeded("the configuration takes too many steps to evaluate")) } else { Ok(()) }
    }

    /// Pays for memory, before it is taken.
    pub(crate) fn bytes(&self, bytes: usize) -> Result<(), Exceeded> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let used = self.bytes.load(Ordering::Relaxed).saturating_add(bytes);
        if used > self.limits.bytes {
            return Err(Exceeded("the configuration makes values that take too much memory"));
        }
        self.bytes.store(used, Ordering::Relaxed);
        Ok(())
    }

    /// A pattern that was compiled before.
    pub(crate) fn pattern(&self, pattern: &str) -> Option<Regex> {
        self.patterns.lock().ok()?.get(pattern).cloned()
    }

    pub(crate) fn keep_pattern(&self, pattern: &str, regex: &Regex) {
        if let Ok(mut patterns) = self.patterns.lock()
            && patterns.len() < MAX_PATTERNS
        {
            patterns.insert(pattern.to_owned(), regex.clone());
        }
    }

    pub(crate) fn saw_secret(&self) {
        self.secrets.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_secrets(&self) -> bool {
        self.secrets.load(Ordering::Relaxed)
    }
}
