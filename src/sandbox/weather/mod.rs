//! What happens to requests on their way: faults, throttles, latency. Measured in real time, since it is the client's pace that it tests.

mod fault;
pub mod throttle;

pub use fault::{Effect, Fault, FaultKind, Schedule};
