//! Limits, so that a hostile configuration ends with an error and does not exhaust the machine.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use regex::Regex;

/// The most compiled patterns that are cached. A configuration has a few, and uses each for many accounts.
const MAX_PATTERNS: usize = 32;

/// The most names that are compared with misspelled ones in one run. With more mistakes than that, suggestions are left out.
const MAX_COMPARED: u64 = 200_000;

/// Bytes of a list or an object in addition to its elements, including the spare capacity that is allocated with it.
pub(crate) const BYTES_OF_A_LIST: usize = 300;
pub(crate) const BYTES_OF_AN_OBJECT: usize = 1_000;

/// Bytes of an entry of a map or an object in addition to its name and its value.
pub(crate) const BYTES_OF_AN_ENTRY: usize = 64;

/// How much a run may evaluate. The defaults are far above any roster of 50,000 accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sub-expressions evaluated, and elements made, in one run.
    pub steps: u64,
    /// Bytes of all values made in one run, roughly.
    pub bytes: u64,
    /// Bytes of one file that a function reads.
    pub file_bytes: u64,
    /// Accounts that the blocks declare, counting each instance of `for_each`.
    pub accounts: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 50_000_000, bytes: 256 << 20, file_bytes: 16 << 20, accounts: 200_000 }
    }
}

/// A compiled pattern, and the cost of its use.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) regex: Regex,
    /// Steps per byte that is searched.
    pub(crate) price: usize,
    /// The most bytes that a match can have; `None` if there is no limit.
    pub(crate) longest: Option<usize>,
}

/// A limit was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded(pub(crate) &'static str);

/// The steps, bytes and other resources that a run has used.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    limits: Limits,
    steps: AtomicU64,
    bytes: AtomicU64,
    accounts: AtomicU64,
    compared: AtomicU64,
    /// Whether any value was ever sensitive. Most configurations have no sensitive values, and then calls need not search their arguments.
    secrets: AtomicBool,
    /// Whether any value depends on the run's time.
    timed: AtomicBool,
    patterns: Mutex<HashMap<String, Pattern>>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Counts steps against the budget.
    pub(crate) fn steps(&self, steps: usize) -> Result<(), Exceeded> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let used = self.steps.fetch_add(steps, Ordering::Relaxed).saturating_add(steps);
        if used > self.limits.steps { Err(Exceeded("the configuration takes too many steps to evaluate")) } else { Ok(()) }
    }

    /// Counts memory against the budget, before it is allocated.
    pub(crate) fn bytes(&self, bytes: usize) -> Result<(), Exceeded> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let used = self.bytes.load(Ordering::Relaxed).saturating_add(bytes);
        if used > self.limits.bytes {
            return Err(Exceeded("the configuration makes values that take too much memory"));
        }
        self.bytes.store(used, Ordering::Relaxed);
        Ok(())
    }

    /// Counts accounts against the budget, before they are made.
    pub(crate) fn accounts(&self, accounts: usize) -> Result<(), Exceeded> {
        let accounts = u64::try_from(accounts).unwrap_or(u64::MAX);
        let declared = self.accounts.load(Ordering::Relaxed).saturating_add(accounts);
        if declared > self.limits.accounts {
            return Err(Exceeded("the configuration declares more accounts than any organization has"));
        }
        self.accounts.store(declared, Ordering::Relaxed);
        Ok(())
    }

    /// Whether that many names may still be compared with a misspelled one. If not, the suggestion is left out without an error.
    pub(crate) fn may_compare(&self, names: usize) -> bool {
        let names = u64::try_from(names).unwrap_or(u64::MAX);
        self.compared.fetch_add(names.min(MAX_COMPARED), Ordering::Relaxed).saturating_add(names) <= MAX_COMPARED
    }

    /// A cached pattern.
    pub(crate) fn pattern(&self, pattern: &str) -> Option<Pattern> {
        self.patterns.lock().ok()?.get(pattern).cloned()
    }

    pub(crate) fn keep_pattern(&self, pattern: &str, compiled: &Pattern) {
        if let Ok(mut patterns) = self.patterns.lock()
            && patterns.len() < MAX_PATTERNS
        {
            patterns.insert(pattern.to_owned(), compiled.clone());
        }
    }

    pub(crate) fn saw_secret(&self) {
        self.secrets.store(true, Ordering::Relaxed);
    }

    pub(crate) fn tell_time(&self) {
        self.timed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn used_time(&self) -> bool {
        self.timed.load(Ordering::Relaxed)
    }

    pub(crate) fn has_secrets(&self) -> bool {
        self.secrets.load(Ordering::Relaxed)
    }
}
