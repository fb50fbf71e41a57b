//! Looking at a member: from inside, with a session of a role, or from the management account where AWS allows it.

use jiff::Timestamp;
use tokio::join;

use crate::org::{AccountId, FailedRole, Look, Looks, Provenance, Unreadable};

use super::{ApiError, ReadMember, ReadOrganization};

/// The service whose trusted access lets the management account read members' contact data (Account Management API reference).
pub const ACCOUNT_MANAGEMENT: &str = "account.amazonaws.com";

/// What to look at from inside an account.
#[derive(Debug, Clone, Copy)]
pub struct InsideScope<'a> {
    /// The account.
    pub account: AccountId,
    /// The role that makes the call.
    pub role_arn: &'a str,
    /// Where to ask for resource shares, as [`crate::org::ProviderSettings`] has it; nothing where the organization shares none.
    pub share_regions: Option<&'a [String]>,
    /// The run's time.
    pub now: Timestamp,
}

/// Looks at everything that can be seen with a session inside the account. What fails is unreadable, and the gates say so.
pub async fn look_inside(session: &impl ReadMember, scope: InsideScope<'_>) -> Looks {
    let InsideScope { account, role_arn, share_regions, now } = scope;
    let shares = async {
        match share_regions {
            Some(regions) => look(session.resource_shares(regions).await, || seen_from(account, "ram:GetResourceShares", now)),
            None => Look::NotTaken,
        }
    };
    let (role_tags, simulation, handshakes, contact, created, support, shares) = join!(
        session.role_tags(role_arn),
        session.simulate_leaving(role_arn),
        session.open_handshakes(),
        session.contact_information(),
        session.created_at(),
        session.support_evidence(),
        shares,
    );
    let seen = |operation: &str| seen_from(account, operation, now);
    Looks {
        role_tags: look(role_tags, || seen("iam:GetRole")),
        simulation: look(simulation, || seen("iam:SimulatePrincipalPolicy")),
        handshakes: look(handshakes, || seen("organizations:ListHandshakesForAccount")),
        contact: look(contact, || seen("account:GetContactInformation")),
        created: look(created, || seen("account:GetAccountInformation")),
        support: look(support, || seen("support:DescribeSeverityLevels")),
        shares,
        ..Looks::default()
    }
}

/// What is known of an account in which the role that looks can't be used: of everything that it would have read, why it is not.
pub fn not_inside(error: &ApiError, role: &FailedRole, shares: bool) -> Looks {
    let unreadable = |operation: &str| {
        let why = error.clone().into_unreadable().why;
        Unreadable { operation: operation.to_owned(), why, role: Some(role.clone()), not_built_in: false }
    };
    Looks {
        role_tags: Look::Unreadable(unreadable("iam:GetRole")),
        simulation: Look::Unreadable(unreadable("iam:SimulatePrincipalPolicy")),
        handshakes: Look::Unreadable(unreadable("organizations:ListHandshakesForAccount")),
        contact: Look::Unreadable(unreadable("account:GetContactInformation")),
        created: Look::Unreadable(unreadable("account:GetAccountInformation")),
        support: Look::Unreadable(unreadable("support:DescribeSeverityLevels")),
        shares: if shares { Look::Unreadable(unreadable("ram:GetResourceShares")) } else { Look::NotTaken },
        ..Looks::default()
    }
}

/// Looks at what the management account may see of a member, which needs trusted access for Account Management.
pub async fn look_from_management(api: &impl ReadOrganization, account: AccountId, called_from: AccountId, now: Timestamp) -> Looks {
    let (contact, created) = join!(api.contact_information_of(account), api.created_at_of(account));
    let seen = |operation: &str| seen_from(called_from, operation, now);
    // What the management account may not see may yet be seen from inside.
    Looks {
        contact: contact.map_or(Look::NotTaken, |value| Look::Seen { value, provenance: seen("account:GetContactInformation") }),
        created: created.map_or(Look::NotTaken, |value| Look::Seen { value, provenance: seen("account:GetAccountInformation") }),
        ..Looks::default()
    }
}

pub(super) fn seen_from(account: AccountId, operation: &str, at: Timestamp) -> Provenance {
    Provenance { operation: operation.to_owned(), account, at }
}

pub(super) fn look<T>(answer: Result<T, ApiError>, provenance: impl FnOnce() -> Provenance) -> Look<T> {
    match answer {
        Ok(value) => Look::Seen { value, provenance: provenance() },
        Err(error) => Look::Unreadable(error.into_unreadable()),
    }
}
