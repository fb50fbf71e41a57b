//! Gates about what AWS requires of an account that becomes standalone.

pub(super) mod attested;
pub(super) mod contact_information;
pub(super) mod payment_method;
pub(super) mod phone_verification;
pub(super) mod support_plan;
pub(super) mod waiting_period;
