//! Is an invitation or a transfer pending? If so, leaving may be the wrong action: an account that should join another organization accepts
//! the invitation while it is still a member (Organizations user guide, "Migrate an account to another organization").

use crate::gate::not_probed::{self, LATER};
use crate::gate::{Basis, Caller, Finding, GateFacts, Remedy, Step};
use crate::org::{Handshake, Probe};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    match &facts.probes.handshakes {
        Probe::NotRun => Finding::deferred(format!("{LATER} reads the open handshakes in the account")).resting_on(Basis::left_to_apply()),
        Probe::Failed(unreadable) => not_probed::unknown(unreadable, facts),
        Probe::Seen { value, provenance } => {
            let pending: Vec<_> = value.iter().filter(|handshake| moves_the_account(handshake)).collect();
            let finding = if pending.is_empty() {
                Finding::passes("no invitation and no transfer is pending")
            } else {
                let list: Vec<_> = pending.iter().map(|handshake| format!("{} ({})", handshake.id, handshake.action)).collect();
                let first = Remedy::from(
                    "If the account should join the organization that invites it, accept the invitation instead of leaving first. \
                     Otherwise decline it in the account:",
                );
                let decline = |handshake: &&Handshake| {
                    Step::aws(Caller::Member, &["organizations", "decline-handshake", "--handshake-id", &handshake.id])
                };
                Finding::blocks(
                    format!("handshakes are pending: {}", list.join(", ")),
                    pending.iter().map(decline).fold(first, Remedy::then),
                )
            };
            let basis = Basis::facts(pending.iter().map(|handshake| (handshake.id.clone(), handshake.action.clone())));
            finding.resting_on(basis).seen_in(provenance.clone())
        }
    }
}

/// Whether a handshake moves the account. Handshakes that enable features of the whole organization don't.
fn moves_the_account(handshake: &Handshake) -> bool {
    handshake.action == "INVITE" || handshake.action.contains("TRANSFER")
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::{Story, seen};
    use crate::org::{GateName, Handshake, Probe};

    #[test]
    fn a_pending_invitation_or_transfer_blocks_and_other_handshakes_do_not() {
        for (actions, blocks) in
            [(vec![], false), (vec!["INVITE"], true), (vec!["TRANSFER_RESPONSIBILITY"], true), (vec!["ENABLE_ALL_FEATURES"], false)]
        {
            let handshake =
                |action: &&str| Handshake { id: "h-1".into(), action: (*action).to_owned(), state: "OPEN".into(), ..Handshake::default() };
            let mut story = Story::new();
            let value = actions.iter().map(handshake).collect();
            story.probes.handshakes = Probe::Seen { value, provenance: seen("organizations:ListHandshakesForAccount") };
            assert_eq!(story.blocks(GateName::OpenHandshake), blocks, "{actions:?}");
        }
    }
}
