//! Effects on requests in transit: faults, throttling, latency. They are measured in real time, because they test the client's pace.

mod fault;
pub mod throttle;

pub use fault::{Effect, Fault, FaultKind, Schedule};
