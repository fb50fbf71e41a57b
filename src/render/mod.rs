//! Plans, diagnostics and reports as text. What is for a terminal is a [`Text`], which `cli` alone writes and which holds no raw text of
//! others.

pub mod annotations;
mod announce;
mod apply;
mod baseline;
mod cost;
mod diagnostics;
mod difference;
mod drift;
pub mod events;
mod explain;
mod fixture;
mod gitlab;
mod history;
mod html;
mod json;
mod markdown;
mod organization_drift;
mod plan;
mod references;
mod remedy;
#[cfg(feature = "sarif")]
pub mod sarif;
mod settings;
mod style;
mod terms;
pub mod text;
pub mod words;

pub use announce::{Announcement, ExpectedEvent, announcement, sigma};
pub use apply::{Summary, not_begun, outcome_line, summary};
pub use cost::reading;
pub use diagnostics::diagnostics;
pub use difference::{difference, differences, held_back, unified_difference};
pub use explain::{explanation, gate_page};
pub use fixture::fixture;
pub use gitlab::gitlab_report;
pub use history::{history, record, undo};
pub use html::{PageView, page};
pub use json::validation;
pub use markdown::{markdown, organization_drift_markdown, references_markdown};
pub use organization_drift::organization_drift;
pub use plan::{PlanView, plan};
pub use references::references;
pub use remedy::message as with_remedy;
pub use style::Style;
pub use text::Text;
