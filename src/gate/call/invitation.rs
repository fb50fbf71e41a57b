//! Has the target organization invited the account, and when does the invitation expire? An account that moves directly accepts the
//! invitation while it is still a member here (Organizations user guide, "Migrate an account to another organization").
//!
//! Any organization may invite any account. So an invitation counts only if its sender and its parties are those of the organization in
//! `transfer_targets`.

use jiff::Timestamp;

use crate::gate::not_probed::{self, LATER};
use crate::gate::{Basis, Caller, Finding, GateFacts, Remedy, Setting, Step};
use crate::org::{AccountId, Handshake, Probe, Transfer};

/// Which of the open handshakes of an account a transfer may accept.
#[derive(Debug, PartialEq, Eq)]
enum Choice<'h> {
    /// The only invitation that may be accepted.
    One(&'h Handshake),
    /// None. `expired` are the invitations of the target organization that have expired.
    Missing { expired: Vec<&'h Handshake> },
    /// Several. The block must name one of them.
    Several(Vec<&'h Handshake>),
}

/// The invitation that an account may accept to move where its block says: the only open one of the target organization. Returns `None` if
/// there is none, or more than one.
#[must_use]
pub fn invitation<'h>(open: &'h [Handshake], account: AccountId, transfer: &Transfer, now: Timestamp) -> Option<&'h Handshake> {
    match choose(open, account, transfer, now) {
        Choice::One(invitation) => Some(invitation),
        Choice::Missing { .. } | Choice::Several(_) => None,
    }
}

fn choose<'h>(open: &'h [Handshake], account: AccountId, transfer: &Transfer, now: Timestamp) -> Choice<'h> {
    let Transfer { to, management_account_id, handshake } = transfer;
    let of_target = open.iter().filter(|found| found.invites(account, to, *management_account_id));
    let (expired, valid): (Vec<_>, Vec<_>) = of_target.partition(|found| found.has_expired(now));
    let wanted: Vec<_> = valid.into_iter().filter(|found| handshake.as_ref().is_none_or(|pinned| found.id == *pinned)).collect();
    match wanted.as_slice() {
        [one] => Choice::One(one),
        [] => Choice::Missing { expired },
        _ => Choice::Several(wanted),
    }
}

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let Some(transfer) = facts.departure.transfer() else {
        return Finding::not_applicable("does not apply: the account accepts no invitation");
    };
    match &facts.probes.handshakes {
        Probe::NotRun => Finding::deferred(format!("{LATER} reads the invitation from {} in the account", transfer.to))
            .resting_on(Basis::left_to_apply()),
        Probe::Failed(unreadable) => not_probed::unknown(unreadable, facts),
        Probe::Seen { value, provenance } => answer(facts, transfer, value).seen_in(provenance.clone()),
    }
}

fn answer(facts: &GateFacts<'_>, transfer: &Transfer, open: &[Handshake]) -> Finding {
    let Transfer { to, handshake, .. } = transfer;
    match choose(open, facts.desired.id, transfer, facts.now) {
        Choice::One(Handshake { id, arn, expires_at, .. }) => {
            let until = expires_at.map_or_else(String::new, |at| format!("; the invitation can be accepted until {at}"));
            Finding::passes(format!("{to} invited the account ({id}){until}")).resting_on(Basis::facts([(id.clone(), arn.clone())]))
        }
        Choice::Missing { expired } => {
            let which = handshake.as_ref().map_or_else(String::new, |pinned| format!(" with the id {pinned}, which the block requires"));
            let expired: Vec<_> =
                expired.iter().map(|found| format!("{} expired at {}", found.id, found.expires_at.unwrap_or_default())).collect();
            let expired = if expired.is_empty() { String::new() } else { format!(" ({})", expired.join(", ")) };
            let strangers: Vec<_> = open.iter().filter(|found| found.is_invitation()).map(|found| found.arn.as_str()).collect();
            let strangers = if strangers.is_empty() || !expired.is_empty() || handshake.is_some() {
                String::new()
            } else {
                format!("; invitations from other senders are never accepted: {}", strangers.join(", "))
            };
            Finding::blocks(format!("there is no open invitation from {to}{which}{expired}{strangers}"), invite(facts, transfer))
        }
        Choice::Several(found) => {
            let ids: Vec<_> = found.iter().map(|found| found.id.as_str()).collect();
            Finding::blocks(
                format!("{to} sent several open invitations: {}", ids.join(", ")),
                Remedy::from("Name the invitation to accept in the block:")
                    .then(Step::in_block(vec![Setting::argument("handshake", ids.first().copied().unwrap_or_default())])),
            )
        }
    }
}

/// The command that the target organization runs.
fn invite(facts: &GateFacts<'_>, transfer: &Transfer) -> Remedy {
    let Transfer { to, management_account_id, .. } = transfer;
    let target = format!("Id={},Type=ACCOUNT", facts.desired.id);
    let words = ["organizations", "invite-account-to-organization", "--target", &target];
    Remedy::from(format!("Have {to} invite the account, from its management account {management_account_id}:"))
        .then(Step::aws(Caller::OtherOrganization, &words))
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::{NOW, Story, seen, unreadable};
    use crate::org::{GateName, Handshake, Party, Probe, Transfer, Via};

    const GATE: GateName = GateName::Invitation;

    pub fn invitation(id: &str, organization: &str, sender: &str) -> Handshake {
        let party = |id: &str, kind: &str| Party { id: id.into(), kind: kind.into() };
        Handshake {
            id: id.into(),
            action: "INVITE".into(),
            state: "OPEN".into(),
            arn: format!("arn:aws:organizations::{sender}:handshake/{organization}/invite/{id}"),
            parties: vec![party(organization, "ORGANIZATION"), party("333333333333", "ACCOUNT")],
            expires_at: Some("2026-12-07T09:00:00Z".parse().unwrap()),
            requested_at: None,
        }
    }

    fn ours(id: &str) -> Handshake {
        invitation(id, "o-targetorgid", "999999999999")
    }

    fn story(open: Vec<Handshake>, handshake: Option<&str>) -> Story {
        let transfer = Transfer {
            to: "o-targetorgid".parse().unwrap(),
            management_account_id: "999999999999".parse().unwrap(),
            handshake: handshake.map(str::to_owned),
        };
        let mut story = Story::new().departure(|departure| departure.via = Via::Transfer(transfer));
        story.probes.handshakes = Probe::Seen { value: open, provenance: seen("organizations:ListHandshakesForAccount") };
        story
    }

    #[test]
    fn the_one_open_invitation_of_the_target_passes_whoever_else_invites() {
        let stranger = invitation("h-strangers0", "o-strangerorg", "888888888888");
        let forged = Handshake { arn: ours("h-forged000").arn, ..stranger.clone() };
        let result = story(vec![stranger, forged, ours("h-ours00000")], None).result(GATE);
        assert!(!result.is_blocking() && result.explanation().contains("h-ours00000"), "{result:?}");
        assert!(result.explanation().contains("2026-12-07"));
        assert!(serde_json::to_string(&result.basis).unwrap().contains("h-ours00000"), "the approval covers this invitation only");
    }

    #[test]
    fn none_blocks_with_the_command_of_the_other_organization() {
        let mut expired = ours("h-expired00");
        expired.expires_at = Some(NOW);
        let stranger = invitation("h-strangers0", "o-strangerorg", "888888888888");
        for (open, says) in [(vec![], "no open invitation"), (vec![stranger], "never accepted"), (vec![expired], "h-expired00 expired at")]
        {
            let result = story(open, None).result(GATE);
            assert!(result.is_blocking() && result.explanation().contains(says), "{says}: {result:?}");
            let remedy = serde_json::to_string(result.remedy().unwrap()).unwrap();
            assert!(remedy.contains("invite-account-to-organization") && remedy.contains("Id=333333333333,Type=ACCOUNT"), "{remedy}");
        }
    }

    #[test]
    fn of_several_the_block_names_one() {
        let open = || vec![ours("h-first0000"), ours("h-second000")];
        assert!(story(open(), None).blocks(GATE));
        let pinned = story(open(), Some("h-second000")).result(GATE);
        assert!(!pinned.is_blocking() && pinned.explanation().contains("h-second000"), "{pinned:?}");
        assert!(story(open(), Some("h-third0000")).blocks(GATE));
    }

    #[test]
    fn plan_defers_it_and_what_may_not_be_read_is_unknown() {
        let mut story = story(vec![], None);
        story.probes.handshakes = Probe::NotRun;
        assert!(story.result(GATE).is_deferred());
        story.probes.handshakes = unreadable("organizations:ListHandshakesForAccount");
        assert!(story.blocks(GATE));
    }

    #[test]
    fn only_a_transfer_is_asked_for_an_invitation_and_it_needs_nothing_that_a_standalone_account_does() {
        assert!(Story::new().evaluate().iter().all(|result| result.gate != GATE));
        let results = story(vec![ours("h-ours00000")], None).evaluate();
        assert!(results.iter().all(|result| result.gate != GateName::OpenHandshake || !result.is_blocking()));
        for gate in [
            GateName::PaymentMethod,
            GateName::PhoneVerification,
            GateName::CustomerAgreement,
            GateName::SupportPlan,
            GateName::ContactInformation,
            GateName::RootCredentials,
        ] {
            let result = results.iter().find(|result| result.gate == gate).unwrap();
            assert!(result.explanation().contains("never a standalone account"), "{result:?}");
        }
        let blocking: Vec<_> = results.iter().filter(|result| result.is_blocking()).map(|result| result.gate).collect();
        assert_eq!(blocking, []);
    }
}
