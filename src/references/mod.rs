//! Where other configuration still names accounts that leave, or have left: Landing Zone Accelerator, Account Factory for Terraform, the
//! AWS Deployment Framework, Customizations for Control Tower, Terraform, org-formation, and whatever else is text.
//!
//! Files are searched as ripgrep searches them: line by line, in bounded memory, and ignore files are honoured. Only a file that has a
//! reference is read a second time, for the keys that lead to it, by which [`kinds`] knows what kind of place it is.

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
