//! Payment instruments of an account.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The status of an instrument with which AWS can make payments (Payments API reference, PaymentInstrumentSummary).
const ACTIVE: &str = "ACTIVE";

/// A payment instrument (payments:ListPaymentInstruments). Its number and its expiry are never read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct PaymentInstrument {
    /// The `paymentMethod`, such as `CARD`, verbatim. AWS may add values.
    pub method: String,
    /// The `status`, such as `ACTIVE`, verbatim. AWS may add values.
    pub status: String,
}

impl PaymentInstrument {
    /// Whether AWS can use the instrument for payments.
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
