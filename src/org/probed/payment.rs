//! How an account can pay.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The status of an instrument that AWS can use for payments (Payments API reference, PaymentInstrumentSummary).
const ACTIVE: &str = "ACTIVE";

/// A payment instrument, as payments:ListPaymentInstruments lists it. Its digits and its expiry are never read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct PaymentInstrument {
    /// `paymentMethod`, such as `CARD`, verbatim. An open list.
    pub method: String,
    /// `status`, such as `ACTIVE`, verbatim. An open list.
    pub status: String,
}

impl PaymentInstrument {
    /// Whether it is set up, so that AWS can use it for payments.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == ACTIVE
    }
}

impl fmt::Display for PaymentInstrument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.method, self.status)
    }
}
