//! The places in other configuration that still name accounts that should leave or have left: Landing Zone Accelerator, Account Factory for
//! Terraform, the AWS Deployment Framework, Customizations for Control Tower, Terraform, org-formation, and any other text.
//!
//! Files are searched like ripgrep searches them: line by line, in bounded memory, and with ignore files. A file that contains a reference
//! is read a second time for the keys that lead to the reference. From these, [`kinds`] determines the kind of place.

#[cfg(feature = "references")]
mod forms;
#[cfg(feature = "references")]
pub mod kinds;
#[cfg(feature = "references")]
mod outline;
mod report;
#[cfg(feature = "references")]
mod search;
#[cfg(feature = "references")]
mod skips;

pub use report::{Kind, Matched, Reference, References, Searched, Skipped, SoughtAccount, Status, WhySkipped};
#[cfg(feature = "references")]
pub use search::{SearchError, search};
