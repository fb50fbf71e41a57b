//! Output for other programs: JSON, UI events, SARIF, and annotations of pull requests.

pub mod annotations;
pub mod events;
pub mod gitlab;
pub mod json;
#[cfg(feature = "sarif")]
pub mod sarif;
