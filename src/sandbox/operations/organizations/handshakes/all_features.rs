//! From consolidated billing to all features: every invited account approves, then the management account finalizes (Organizations User
//! Guide, enabling all features).

use crate::sandbox::clock::shifted;
use crate::sandbox::operations::Call;
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::account::JoinedMethod;
use crate::sandbox::state::handshake::{APPROVAL_LIFETIME, Handshake, HandshakeAction, HandshakeState};
use crate::sandbox::state::ids;
use crate::sandbox::state::organization::FeatureSet;
use crate::sandbox::wire::{Answer, Refusal};

use super::lifecycle::{answer, check_open, end};

/// Starts the process. Accounts that the organization created don't have to approve.
pub(super) fn enable(call: &mut Call<'_>) -> Answer {
    let now = call.circumstances.now;
    let organization = call.organization()?;
    if organization.feature_set == FeatureSet::All {
        let message = "The organization already has all features enabled.";
        return Err(Refusal::handshake_constraint("ORGANIZATION_ALREADY_HAS_ALL_FEATURES", message));
    }
    if call.world.all_features_pending(&organization.id, now) {
        let message = "The organization has already begun the process to enable all features.";
        return Err(Refusal::handshake_constraint("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION", message));
    }
    let (organization, management) = (organization.id.clone(), organization.management);
    let invited = |account: &crate::sandbox::state::account::Account| {
        let membership = account.membership.as_ref().filter(|membership| membership.organization == organization);
        membership.is_some_and(|membership| membership.joined_method == JoinedMethod::Invited && account.id != management)
    };
    let approving: Vec<_> = call.world.accounts.values().filter(|account| invited(account)).map(|account| account.id).collect();
    let id = format!("h-{}", call.world.invent("handshake", ids::LOWER, 10));
    let parent = Handshake {
        id: id.clone(),
        action: HandshakeAction::EnableAllFeatures,
        parent: None,
        organization,
        management,
        account: management,
        email: None,
        notes: None,
        tags: std::collections::BTreeMap::new(),
        requested: now,
        expires: shifted(now, APPROVAL_LIFETIME),
        state: if approving.is_empty() { HandshakeState::Open } else { HandshakeState::Requested },
        ended: None,
    };
    for account in approving {
        let own = format!("h-{}", call.world.invent("handshake", ids::LOWER, 10));
        let approval = Handshake {
            id: own.clone(),
            action: HandshakeAction::ApproveAllFeatures,
            parent: Some(id.clone()),
            account,
            state: HandshakeState::Open,
            ..parent.clone()
        };
        call.world.handshakes.insert(own, approval);
    }
    call.world.handshakes.insert(id.clone(), parent);
    answer(call, &id)
}

/// Approves for an invited account. After the last approval, the management account can finalize.
pub(super) fn approve(call: &mut Call<'_>, handshake: &Handshake) -> Answer {
    check_open(handshake, HandshakeState::Accepted, call.circumstances.now)?;
    let approved = end(call, handshake, HandshakeState::Accepted)?;
    let mut siblings = call.world.handshakes.values().filter(|other| other.parent == handshake.parent);
    if siblings.all(|other| other.state == HandshakeState::Accepted)
        && let Some(parent) = handshake.parent.as_ref().and_then(|parent| call.world.handshakes.get_mut(parent))
        && parent.state == HandshakeState::Requested
    {
        parent.state = HandshakeState::Open;
    }
    Ok(approved)
}

/// Finalizes the process after every invited account has approved.
pub(super) fn finalize(call: &mut Call<'_>, handshake: &Handshake) -> Answer {
    Who::Management.check(call.caller, call.world)?;
    check_open(handshake, HandshakeState::Accepted, call.circumstances.now)?;
    call.organization_mut()?.feature_set = FeatureSet::All;
    end(call, handshake, HandshakeState::Accepted)
}

/// Cancels the whole process: no approvals remain open.
pub(super) fn withdraw(call: &mut Call<'_>, handshake: &Handshake) {
    let now = call.circumstances.now;
    for other in call.world.handshakes.values_mut().filter(|other| other.parent.as_ref() == Some(&handshake.id)) {
        if other.state_at(now) == HandshakeState::Open {
            (other.state, other.ended) = (HandshakeState::Canceled, Some(now));
        }
    }
}
