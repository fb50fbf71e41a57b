//! Gates: one question each about one account, answered from facts alone.
//!
//! The same pure functions run at plan time, as advice, and at apply time, as enforcement on facts read afresh. A gate passes, blocks,
//! does not know (which blocks as well), or is deferred to apply because it needs a look from inside the account.

mod attested;
mod basis;
mod consequence;
mod contact_information;
mod delegated_administrator;
mod facts;
mod guide;
mod identity;
mod known_account;
mod leave_permission;
mod looked;
mod management_account;
mod member_access;
mod not_before;
mod open_handshake;
mod organization;
mod payment_method;
mod phone_verification;
mod policy;
mod protected;
mod remedy;
mod role_remedy;
mod state;
mod support_plan;
mod verdict;
mod waiting_period;

#[cfg(test)]
pub(crate) mod testing;

use crate::org::{AttestationKind, Consequence, Enforcement, GateName, JoinedMethod};

pub use basis::{Basis, Growth};
pub use facts::{GateFacts, MemberAccess};
pub use guide::{Guide, Who, guide};
pub use remedy::{Caller, Place, Remedy, Setting, Step};
pub use role_remedy::{RoleAttempt, role_remedy};
pub use verdict::{Finding, GateResult, SettledBy, Verdict};

/// The answers of every gate that is not off, in the order in which they are shown.
///
/// Where the id names no live account, only the gates that don't look at one are asked.
#[must_use]
pub fn evaluate(facts: &GateFacts<'_>) -> Vec<GateResult> {
    let without_account = [GateName::Organization, GateName::Protected, GateName::KnownAccount];
    GateName::ALL
        .iter()
        .filter(|gate| facts.live.is_some() || without_account.contains(gate))
        .filter_map(|gate| evaluate_gate(*gate, facts))
        .collect()
}

/// The answer of one gate; nothing where it is off.
#[must_use]
pub fn evaluate_gate(gate: GateName, facts: &GateFacts<'_>) -> Option<GateResult> {
    let enforcement = enforcement(gate, facts);
    if enforcement == Enforcement::Off {
        return None;
    }
    let Finding { verdict, evidence, basis } = if !facts.departure.action().is_called_by_member() && is_about_the_members_call(gate) {
        Finding::passes("does not apply: the management account makes the call, which no service control policy can deny")
    } else {
        ask(gate, facts)
    };
    Some(GateResult { gate, enforcement, verdict, evidence, basis })
}

/// Gates that ask whether the member can make the call itself.
const fn is_about_the_members_call(gate: GateName) -> bool {
    matches!(gate, GateName::MemberAccess | GateName::ServiceControlPolicy | GateName::LeavePermission | GateName::OpenHandshake)
}

/// Whether a look from inside the account can change the gate's answer, so that apply asks it again.
#[must_use]
pub const fn needs_inside(gate: GateName) -> bool {
    matches!(
        gate,
        GateName::WaitingPeriod
            | GateName::ServiceControlPolicy
            | GateName::MemberAccess
            | GateName::LeavePermission
            | GateName::OpenHandshake
            | GateName::ContactInformation
            | GateName::SupportPlan
            | GateName::PaymentMethod
            | GateName::PhoneVerification
            | GateName::ResourceShares
    )
}

fn ask(gate: GateName, facts: &GateFacts<'_>) -> Finding {
    match gate {
        GateName::Organization => organization::check(facts),
        GateName::ManagementAccount => management_account::check(facts),
        GateName::Protected => protected::check(facts),
        GateName::KnownAccount => known_account::check(facts),
        GateName::Identity => identity::check(facts),
        GateName::State => state::check(facts),
        GateName::NotBefore => not_before::check(facts),
        GateName::WaitingPeriod => waiting_period::check(facts),
        GateName::DelegatedAdministrator => delegated_administrator::check(facts),
        GateName::ServiceControlPolicy => policy::check(facts),
        GateName::MemberAccess => member_access::check(facts),
        GateName::LeavePermission => leave_permission::check(facts),
        GateName::OpenHandshake => open_handshake::check(facts),
        GateName::ContactInformation => contact_information::check(facts),
        GateName::SupportPlan => support_plan::check(facts),
        GateName::PaymentMethod => payment_method::check(facts),
        GateName::PhoneVerification => phone_verification::check(facts),
        GateName::CustomerAgreement => attested::check(AttestationKind::CustomerAgreement, facts),
        GateName::RootAccess => attested::check(AttestationKind::RootAccess, facts),
        GateName::IamBillingAccess => attested::check(AttestationKind::IamBillingAccess, facts),
        GateName::StackSets => consequence::check(Consequence::StackSets, facts),
        GateName::IdentityCenter => consequence::check(Consequence::IdentityCenter, facts),
        GateName::ResourceShares => consequence::check(Consequence::ResourceShares, facts),
        GateName::ControlTower => consequence::check(Consequence::ControlTower, facts),
        GateName::Tags => consequence::check(Consequence::Tags, facts),
        GateName::Policies => consequence::check(Consequence::Policies, facts),
        GateName::ResidualAccess => consequence::check(Consequence::ResidualAccess, facts),
        GateName::Billing => consequence::check(Consequence::Billing, facts),
        GateName::OrganizationTrail => consequence::check(Consequence::OrganizationTrail, facts),
    }
}

/// What the gate's answer does: as the configuration says, else the default.
///
/// Attestation gates are mandatory for accounts that this organization created, because CreateAccount collects nothing that a standalone
/// account needs (Organizations user guide, "Remove a member account"), and advisory for invited ones, which were standalone once.
/// IAM access to billing is advisory: older documents demand it, today's don't.
/// What AWS itself found lacking is no advice any more, whatever the default says; only a gate that is off stays off.
fn enforcement(gate: GateName, facts: &GateFacts<'_>) -> Enforcement {
    let declared = facts.enforcements.get(&gate).copied();
    if declared != Some(Enforcement::Off) && gate.attestation().is_some_and(|kind| facts.refused(kind).is_some()) {
        return Enforcement::Mandatory;
    }
    if let Some(enforcement) = declared {
        return enforcement;
    }
    if let Some(consequence) = gate.consequence() {
        return consequence::default_enforcement(consequence);
    }
    let invited = facts.live.is_some_and(|account| account.joined_method == JoinedMethod::Invited);
    match gate.attestation() {
        Some(AttestationKind::IamBillingAccess) => Enforcement::Advisory,
        Some(_) if invited => Enforcement::Advisory,
        None if invited && gate == GateName::ContactInformation => Enforcement::Advisory,
        _ => Enforcement::Mandatory,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::testing::Story;
    use super::*;
    use crate::org::Via;

    #[test]
    fn every_gate_answers_for_a_live_account() {
        let results = Story::new().evaluate();
        let asked: Vec<_> = results.iter().map(|result| result.gate).collect();
        assert_eq!(asked, GateName::ALL);
    }

    #[test]
    fn attestation_gates_are_mandatory_for_created_accounts_and_advisory_for_invited_ones() {
        for (method, expected) in [(JoinedMethod::Created, Enforcement::Mandatory), (JoinedMethod::Invited, Enforcement::Advisory)] {
            let story = Story::new().live(|account| account.joined_method = method.clone());
            assert_eq!(story.result(GateName::PaymentMethod).enforcement, expected);
            assert_eq!(story.result(GateName::IamBillingAccess).enforcement, Enforcement::Advisory);
            assert_eq!(story.result(GateName::State).enforcement, Enforcement::Mandatory);
        }
    }

    #[test]
    fn a_gate_that_is_off_is_not_asked() {
        let mut story = Story::new();
        story.enforcements = BTreeMap::from([(GateName::PaymentMethod, Enforcement::Off)]);
        assert!(story.evaluate().iter().all(|result| result.gate != GateName::PaymentMethod));
    }

    #[test]
    fn removal_by_the_management_account_needs_no_role_in_the_member() {
        let story = Story::new().departure(|departure| departure.via = Via::Remove);
        assert!(matches!(story.result(GateName::MemberAccess).verdict, Verdict::Pass { .. }));
    }
}
