//! AWS's checks before an account leaves: LeaveOrganization and RemoveAccountFromOrganization (Organizations API reference).

use jiff::{SignedDuration, Timestamp};

use crate::sandbox::state::account::{Account, AccountState, JoinedMethod, Membership, PaymentMethod};
use crate::sandbox::state::organization::Organization;
use crate::sandbox::state::words::Word;
use crate::sandbox::wire::Refusal;

/// The minimum age of a created account before it can be removed (Organizations User Guide, quotas).
const MINIMUM_AGE: SignedDuration = SignedDuration::from_hours(4 * 24);

/// Checks a member as AWS does before it leaves. AWS documents no order if several refusals apply; here it is management account, state,
/// delegated administrator, waiting period, agreement, telephone, payment.
///
/// # Errors
///
/// Returns AWS's refusal with its reason.
pub fn check(account: &Account, membership: &Membership, organization: &Organization, now: Timestamp) -> Result<(), Refusal> {
    check_transfer(account, membership, organization, now)?;
    if !account.agreement_accepted {
        let message = "The account has not accepted the AWS Customer Agreement.";
        return Err(Refusal::constraint("ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA", message));
    }
    if !account.phone_verified {
        let message = "The account is missing the information that a standalone account needs: its telephone number is not verified.";
        return Err(Refusal::constraint("ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION", message));
    }
    match account.payment {
        PaymentMethod::Valid => Ok(()),
        PaymentMethod::None => {
            let message = "The member account must be configured with a valid payment method, such as a credit card.";
            Err(Refusal::constraint("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", message))
        }
        PaymentMethod::Invalid => {
            let message = "No supported payment method is associated with the account.";
            Err(Refusal::constraint("INVALID_PAYMENT_INSTRUMENT", message))
        }
    }
}

/// The part of [`check`] that also applies to an account that moves to another organization and so never becomes standalone.
///
/// # Errors
///
/// Returns AWS's refusal with its reason.
pub fn check_transfer(account: &Account, membership: &Membership, organization: &Organization, now: Timestamp) -> Result<(), Refusal> {
    if account.id == organization.management {
        let message = "You can't remove the management account from its organization. Delete the organization instead.";
        return Err(Refusal::new("MasterCannotLeaveOrganizationException", message));
    }
    if account.state != AccountState::Active {
        // AWS documents no error for this case; the User Guide only says that such an account stays until it is permanently closed.
        let message = format!("You can't remove an account whose state is {}.", account.state.as_str());
        return Err(Refusal::invalid("TARGET_NOT_SUPPORTED", message));
    }
    if !membership.delegated.is_empty() {
        let message = "The account is a delegated administrator of a service. Deregister it first.";
        return Err(Refusal::constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", message));
    }
    if membership.joined_method == JoinedMethod::Created && now.duration_since(account.created) < MINIMUM_AGE {
        let message = "A created account can't leave its organization within four days of its creation.";
        return Err(Refusal::constraint("WAIT_PERIOD_ACTIVE", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::state::organization::FeatureSet;
    use crate::sandbox::state::partition::Partition;

    fn ready() -> (Account, Membership, Organization) {
        let management = "111111111111".parse().unwrap();
        let organization = Organization::new("o-exampleorgid".into(), Partition::Aws, management, FeatureSet::All, "r-ab12".into());
        let account = Account::standalone("333333333333".parse().unwrap());
        let membership = Membership {
            organization: organization.id.clone(),
            parent: "r-ab12".into(),
            joined_method: JoinedMethod::Created,
            joined: account.created,
            tags: std::collections::BTreeMap::new(),
            delegated: std::collections::BTreeMap::new(),
            policies: Vec::new(),
        };
        (account, membership, organization)
    }

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn outcome(change: impl FnOnce(&mut Account, &mut Membership)) -> String {
        let (mut account, mut membership, organization) = ready();
        change(&mut account, &mut membership);
        match check(&account, &membership, &organization, now()) {
            Ok(()) => "free".to_owned(),
            Err(refusal) => refusal.reason.unwrap_or(refusal.code).into_owned(),
        }
    }

    #[test]
    fn each_state_has_its_reason() {
        assert_eq!(outcome(|_, _| {}), "free");
        assert_eq!(outcome(|account, _| account.id = "111111111111".parse().unwrap()), "MasterCannotLeaveOrganizationException");
        assert_eq!(outcome(|account, _| account.state = AccountState::Suspended), "TARGET_NOT_SUPPORTED");
        assert_eq!(
            outcome(|_, membership| {
                membership.delegated.insert("guardduty.amazonaws.com".into(), now());
            }),
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"
        );
        assert_eq!(outcome(|account, _| account.agreement_accepted = false), "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA");
        assert_eq!(outcome(|account, _| account.phone_verified = false), "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION");
        assert_eq!(outcome(|account, _| account.payment = PaymentMethod::None), "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED");
        assert_eq!(outcome(|account, _| account.payment = PaymentMethod::Invalid), "INVALID_PAYMENT_INSTRUMENT");
    }

    #[test]
    fn a_created_account_waits_four_days_to_the_second_and_an_invited_one_does_not() {
        let young: Timestamp = "2026-11-18T09:00:01Z".parse().unwrap();
        let old: Timestamp = "2026-11-18T09:00:00Z".parse().unwrap();
        assert_eq!(outcome(|account, _| account.created = young), "WAIT_PERIOD_ACTIVE");
        assert_eq!(outcome(|account, _| account.created = old), "free");
        let invited = outcome(|account, membership| {
            account.created = young;
            membership.joined_method = JoinedMethod::Invited;
        });
        assert_eq!(invited, "free");
    }

    #[test]
    fn of_several_refusals_the_earlier_one_is_answered() {
        let all = outcome(|account, membership| {
            membership.delegated.insert("guardduty.amazonaws.com".into(), now());
            (account.created, account.agreement_accepted, account.phone_verified) = (now(), false, false);
            account.payment = PaymentMethod::None;
        });
        assert_eq!(all, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG");
        let later = outcome(|account, _| {
            (account.created, account.agreement_accepted, account.phone_verified) = (now(), false, false);
        });
        assert_eq!(later, "WAIT_PERIOD_ACTIVE");
    }
}
