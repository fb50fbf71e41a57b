//! Every integration test, in one binary so that everything is linked once.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod agreement;
mod annotations;
mod binding;
#[path = "../contract/bucket.rs"]
mod bucket;
mod cases;
mod codes;
mod credentials;
mod departing;
mod events;
mod examples;
mod forging;
mod formatting;
mod fuzzed;
#[path = "../fuzzed/configuration.rs"]
mod fuzzed_configuration;
mod hostile;
mod hostile_text;
mod imports;
mod integrations;
mod interrupts;
mod kinds;
mod pages;
mod partitions;
mod permissions;
mod properties;
mod read_role;
mod readme;
mod remote;
mod requests;
mod schemas;
mod served;
mod snapshots;
mod starting;
mod worlds;
