//! Reaches AWS: clients of JSON services, pages, pace, request counts, errors and the log of requests.

pub mod answers;
pub mod error;
pub mod json;
pub mod message;
pub mod meter;
pub mod pace;
pub mod pages;
pub mod request_log;
