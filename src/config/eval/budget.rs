//! Limits, so that a hostile configuration ends with an error and not with the machine.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use regex::Regex;

/// Compiled patterns that are kept. A configuration has a few, and uses each for many accounts.
const MAX_PATTERNS: usize = 32;

/// Names that are compared with what is misspelled in one run. Whoever misspells more needs no suggestions.
const MAX_COMPARED: u64 = 200_000;

/// Bytes that a list or an object takes beside its elements: room for some more of them is made with it.
pub(crate) const BYTES_OF_A_LIST: usize = 300;
pub(crate) const BYTES_OF_AN_OBJECT: usize = 1_000;

/// Bytes that an entry of a map or an object takes beside its name and its value.
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
    /// Accounts that the blocks declare, those of `for_each` one by one.
    pub accounts: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 50_000_000, bytes: 256 << 20, file_bytes: 16 << 20, accounts: 200_000 }
    }
}

/// A compiled pattern, and what its use costs.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) regex: Regex,
    /// Steps for each byte that is searched.
    pub(crate) price: usize,
    /// The most bytes that a match has, where there is a most.
    pub(crate) longest: Option<usize>,
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
    accounts: AtomicU64,
    compared: AtomicU64,
    /// Whether any value was ever sensitive. Most configurations have none, and then no call has to look for one in its arguments.
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

    /// Counts accounts, before they are made.
    pub(crate) fn accounts(&self, accounts: usize) -> Result<(), Exceeded> {
        let accounts = u64::try_from(accounts).unwrap_or(u64::MAX);
        let declared = self.accounts.load(Ordering::Relaxed).saturating_add(accounts);
        if declared > self.limits.accounts {
            return Err(Exceeded("the configuration declares more accounts than any organization has"));
        }
        self.accounts.store(declared, Ordering::Relaxed);
        Ok(())
    }

    /// Whether so many names may still be compared with a misspelled one. No error follows if not: a suggestion is left out.
    pub(crate) fn may_compare(&self, names: usize) -> bool {
        let names = u64::try_from(names).unwrap_or(u64::MAX);
        self.compared.fetch_add(names.min(MAX_COMPARED), Ordering::Relaxed).saturating_add(names) <= MAX_COMPARED
    }

    /// A pattern that was compiled before.
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
