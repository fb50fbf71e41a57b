//! Plans, diagnostics and reports as text. Output for a terminal is a [`Text`], which only `cli` writes and which contains no unescaped
//! text from outside.

mod announce;
mod fixture;
mod html;
mod machine;
mod markdown;
mod style;
mod terminal;
mod terms;
pub mod text;
pub mod words;

pub use announce::{Announcement, ExpectedEvent, announcement, sigma};
pub use fixture::fixture;
pub use html::{PageView, page};
pub use machine::gitlab::gitlab_report;
pub use machine::json::validation;
#[cfg(feature = "sarif")]
pub use machine::sarif;
pub use machine::{annotations, events};
pub use markdown::{markdown, organization_drift_markdown, references_markdown};
pub use style::Style;
pub use terminal::apply::{Summary, not_begun, outcome_line, summary};
pub use terminal::cost::reading;
pub use terminal::diagnostics::diagnostics;
pub use terminal::difference::{difference, differences, held_back, unified_difference};
pub use terminal::explain::{explanation, gate_page};
pub use terminal::history::{history, record, undo};
pub use terminal::organization_drift::organization_drift;
pub use terminal::plan::{PlanView, plan};
pub use terminal::references::references;
pub use terminal::remedy::message as with_remedy;
pub use text::Text;
