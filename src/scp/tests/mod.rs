//! Tests of the prediction: tables from AWS's documentation, properties, and another implementation.

mod build;
mod generate;
mod global_keys;
mod known_role;
mod library;
mod properties;
mod remedies;
mod tables;
