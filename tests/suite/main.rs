//! All integration tests, in one binary so that everything is linked only once.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod examples;
mod formatting;
mod fuzzed;
#[path = "../fuzzed/configuration.rs"]
mod fuzzed_configuration;
mod habits;
mod hostile;
mod hostile_text;
mod imports;
mod integrations;
mod kinds;
mod links;
mod pages;
mod reading_back;
mod readme;
mod schemas;
mod served;
mod starting;
#[path = "../../src/testing.rs"]
mod testing;
mod unread;
mod words;
mod worlds;

#[path = "../contract/bucket.rs"]
mod bucket;
mod departing;

// Tests that need every client, or whose output differs without them: a gate that apply can't read holds a departure back.
#[cfg(feature = "full")]
mod agreeing;
#[cfg(feature = "full")]
mod agreement;
#[cfg(feature = "full")]
mod agreement_on_joinings;
#[cfg(feature = "full")]
mod agreement_on_transfers;
#[cfg(feature = "full")]
mod annotations;
#[cfg(feature = "full")]
mod announced;
#[cfg(feature = "full")]
mod answers;
#[cfg(feature = "full")]
mod approvers;
#[cfg(feature = "full")]
mod approving;
#[cfg(feature = "full")]
mod backends;
#[cfg(feature = "full")]
mod binding;
#[cfg(feature = "full")]
mod codes;
#[cfg(feature = "full")]
mod credentials;
#[cfg(feature = "full")]
mod denied;
#[cfg(feature = "full")]
mod documents;
#[cfg(feature = "full")]
mod drift_between;
#[cfg(feature = "full")]
mod drifting;
#[cfg(feature = "full")]
mod drivers;
#[cfg(feature = "full")]
mod editors;
#[cfg(feature = "full")]
mod events;
#[cfg(feature = "full")]
mod explaining;
#[cfg(feature = "full")]
mod forging;
#[cfg(feature = "full")]
mod interrupts;
#[cfg(feature = "full")]
mod logging;
#[cfg(feature = "full")]
mod partitions;
#[cfg(feature = "full")]
mod permissions;
#[cfg(feature = "full")]
mod printed;
#[cfg(feature = "full")]
mod read_role;
#[cfg(feature = "full")]
mod readable;
#[cfg(feature = "full")]
mod references;
#[cfg(feature = "full")]
mod rehearsing;
#[cfg(feature = "full")]
mod remote;
#[cfg(feature = "full")]
mod requests;
#[cfg(feature = "full")]
mod snapshots;
#[cfg(feature = "full")]
mod strictness;
#[cfg(feature = "full")]
mod taking_in;
#[cfg(feature = "full")]
mod taking_in_never;
#[cfg(feature = "full")]
mod taking_in_quota;
#[cfg(feature = "full")]
mod taking_in_states;
#[cfg(feature = "full")]
mod transferring;
