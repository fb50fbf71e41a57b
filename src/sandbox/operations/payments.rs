//! AWS Payments (API reference, version 2026-09-23): the payment instruments of the caller's account. The operation supports no other
//! account, and its list is one page.

use std::collections::BTreeMap;

use serde_json::json;

use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::account::PaymentMethod;
use crate::sandbox::state::ids;
use crate::sandbox::wire::{self, Answer, Service};

use super::{Call, Operation};

/// The operations of Payments.
pub(super) const TABLES: &[&[Operation]] =
    &[&[Operation::read(Service::Payments, "ListPaymentInstruments", Who::Anyone, list_payment_instruments)]];

fn list_payment_instruments(call: &mut Call<'_>) -> Answer {
    let caller = call.caller;
    let account = call.world.accounts.get(&caller.account);
    let standing = |payment: PaymentMethod| match payment {
        PaymentMethod::Valid => BTreeMap::from([("CARD".to_owned(), "ACTIVE".to_owned())]),
        PaymentMethod::Invalid => BTreeMap::from([("CARD".to_owned(), "INVALID".to_owned())]),
        PaymentMethod::None => BTreeMap::new(),
    };
    // The sign-up of an undeclared account is complete.
    let instruments = account.map_or_else(
        || standing(PaymentMethod::Valid),
        |account| account.payment_instruments.clone().unwrap_or_else(|| standing(account.payment)),
    );
    let summary = |(method, status): (&String, &String)| {
        let id = ids::derive(&["payment instrument", &caller.account.to_string(), method], ids::LOWER, 16);
        json!({
            "arn": caller.partition.arn("payments", caller.account, format_args!("payment-instrument:{id}")),
            "id": id,
            "paymentMethod": method,
            "status": status,
        })
    };
    wire::json(&json!({ "paymentInstrumentSummaries": instruments.iter().map(summary).collect::<Vec<_>>() }))
}
