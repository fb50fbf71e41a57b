//! AWS's checks before an account joins an organization: AcceptHandshake of an invitation (Organizations API reference).

use jiff::{SignedDuration, Timestamp};

use crate::sandbox::state::account::{Account, JoinedMethod, PaymentMethod};
use crate::sandbox::wire::Refusal;

/// Checks the account as AWS does. `wait` is the minimum time between two changes of its membership.
///
/// # Errors
///
/// Returns AWS's refusal with its reason.
pub fn check(account: &Account, wait: SignedDuration, now: Timestamp) -> Result<(), Refusal> {
    // The creation of an account in an organization does not count as a change of its membership.
    let joined = account.membership.as_ref().filter(|membership| membership.joined_method == JoinedMethod::Invited);
    let changed = account.departed.max(joined.map(|membership| membership.joined));
    if changed.is_some_and(|changed| now.duration_since(changed) < wait) {
        let message = "You attempted to change the membership of your account too quickly after its previous change. Try again later.";
        return Err(Refusal::handshake_constraint("ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED", message));
    }
    // AWS requires no payment method from a member that moves directly (Organizations User Guide, migrating an account).
    if account.membership.is_none() && account.payment != PaymentMethod::Valid {
        let message = "You can't complete the operation with an account that doesn't have a payment instrument associated with it.";
        return Err(Refusal::handshake_constraint("PAYMENT_INSTRUMENT_REQUIRED", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::state::account::Membership;

    fn outcome(change: impl FnOnce(&mut Account)) -> String {
        let mut account = Account::standalone("333333333333".parse().unwrap());
        change(&mut account);
        match check(&account, SignedDuration::from_hours(1), at("2026-11-22T09:00:00Z")) {
            Ok(()) => "joins".to_owned(),
            Err(refusal) => refusal.reason.unwrap_or(refusal.code).into_owned(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn member(method: JoinedMethod, joined: &str) -> Option<Membership> {
        Some(Membership {
            organization: "o-exampleorgid".into(),
            parent: "r-ab12".into(),
            joined_method: method,
            joined: at(joined),
            tags: std::collections::BTreeMap::new(),
            delegated: std::collections::BTreeMap::new(),
            policies: Vec::new(),
        })
    }

    #[test]
    fn a_change_of_membership_is_followed_by_a_wait_and_creation_is_none() {
        let limit = "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED";
        assert_eq!(outcome(|account| account.departed = Some(at("2026-11-22T08:00:01Z"))), limit);
        assert_eq!(outcome(|account| account.departed = Some(at("2026-11-22T08:00:00Z"))), "joins");
        assert_eq!(outcome(|account| account.membership = member(JoinedMethod::Invited, "2026-11-22T08:30:00Z")), limit);
        assert_eq!(outcome(|account| account.membership = member(JoinedMethod::Created, "2026-11-22T08:30:00Z")), "joins");
    }

    #[test]
    fn a_standalone_account_needs_a_payment_method_to_join_and_a_member_does_not() {
        assert_eq!(outcome(|account| account.payment = PaymentMethod::None), "PAYMENT_INSTRUMENT_REQUIRED");
        assert_eq!(outcome(|account| account.payment = PaymentMethod::Invalid), "PAYMENT_INSTRUMENT_REQUIRED");
        let moves = outcome(|account| {
            account.payment = PaymentMethod::None;
            account.membership = member(JoinedMethod::Created, "2024-01-01T00:00:00Z");
        });
        assert_eq!(moves, "joins");
    }
}
