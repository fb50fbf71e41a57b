//! What people read on a terminal: plans, explanations, reports, diagnostics and history.

pub mod apply;
pub mod baseline;
pub mod cost;
pub mod diagnostics;
pub mod difference;
pub mod drift;
pub mod explain;
pub mod history;
pub mod organization_drift;
pub mod plan;
pub mod references;
pub mod remedy;
pub mod settings;
