//! Joining: AWS and the journal alone determine the next step.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::gate::{self, JoiningFacts, MemberAccess, open_invitations};
use crate::org::{Account, Action, DesiredAccount, Handshake, JoinStep, Joining, JoiningStory, OrganizationPath, Placement, Probe};

use super::path::PathFacts;
use super::{Act, Change, Dependencies, Kept, NoChange, PastAct, PlanInput, PlannedAccount};

/// The facts on which the next step depends.
#[derive(Debug, Clone, Copy)]
struct Seen<'a> {
    /// Whether the account is a member.
    is_member: bool,
    /// Whether the journal has an open joining of the account.
    is_joining: bool,
    /// This organization's open invitations of the account.
    open: &'a [&'a Handshake],
    /// Whether a role in the account accepts.
    accepts: bool,
}

/// The next step, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Next {
    Nothing(NoChange),
    Step(JoinStep),
}

/// The next step in each state of an account. Its gates decide whether the step is permitted.
fn next(seen: Seen<'_>) -> Next {
    let Seen { is_member, is_joining, open, accepts } = seen;
    match (is_member, is_joining, open) {
        (true, true, _) => Next::Step(JoinStep::Place),
        (true, false, _) => Next::Nothing(NoChange::Member),
        (false, _, [one]) if !accepts => Next::Nothing(NoChange::Invited { handshake: one.id.clone(), until: one.expires_at }),
        (false, _, [_]) => Next::Step(JoinStep::Accept),
        // With several open invitations none is chosen, and a gate blocks.
        (false, _, _) => Next::Step(JoinStep::Invite),
    }
}

/// Checks all invitations of one plan together against AWS's quotas: in the order of account ids, each one counts those before it that
/// would be sent. `planned` has the accounts of the roster in its order, each planned as if its invitation were the only one.
pub(super) fn count_together(input: &PlanInput<'_>, planned: &mut [PlannedAccount]) {
    let invites =
        |planned: &PlannedAccount| planned.is_eligible() && planned.act().is_some_and(|act| act.action == Action::Join(JoinStep::Invite));
    let declared = input.roster.accounts.iter().filter_map(|account| Some((account, account.joining()?)));
    let declared: BTreeMap<_, _> = declared.map(|(account, joining)| (account.id, (account, joining))).collect();
    let mut invited: Vec<_> = planned.iter_mut().filter(|planned| invites(planned)).collect();
    invited.sort_unstable_by_key(|planned| planned.id);
    let mut ahead = 0;
    for planned in invited {
        if let Some((account, joining)) = declared.get(&planned.id).filter(|_| ahead > 0) {
            planned.change = change(input, account, joining, ahead);
        }
        ahead += usize::from(planned.is_eligible());
    }
}

/// The change of an account with a `join` block. `ahead` is the number of invitations that the same plan sends before this one.
pub(super) fn change(input: &PlanInput<'_>, account: &DesiredAccount, joining: &Joining, ahead: usize) -> Change {
    let PlanInput { roster, observed, now, .. } = *input;
    let live = observed.account(account.id);
    let nothing = JoiningStory::default();
    let story = input.joinings.get(&account.id).unwrap_or(&nothing);
    let open = open_invitations(observed, &roster.organization, account.id, now);
    let seen = Seen { is_member: live.is_some(), is_joining: story.open.is_some(), open: &open, accepts: joining.accept_role.is_some() };
    match next(seen) {
        Next::Nothing(why) => Change::None(why),
        Next::Step(step) => Change::Act(act(input, account, (joining, story, step), (live, ahead))),
    }
}

/// The departure that `restore` undoes: the latest one from this organization, unless a joining follows it.
pub(super) fn departure_to_restore(past: Option<&PastAct>) -> Option<&PastAct> {
    past.filter(|past| past.action.after().is_out())
}

impl PastAct {
    /// The unit of a departed account before it left, if its record contains it.
    #[must_use]
    pub fn former_unit(&self) -> Option<&str> {
        let named = self.kept.unit_path.as_ref().and_then(|path| path.0.last()).map(|unit| unit.id.as_str());
        named.or_else(|| self.path.as_ref().and_then(|OrganizationPath(path)| path.last()).map(String::as_str))
    }
}

/// The unit in which the account should be placed, and its tags.
fn destination<'a>(
    input: &PlanInput<'a>,
    account: &DesiredAccount,
    joining: &'a Joining,
) -> (Result<&'a str, &'static str>, BTreeMap<String, String>) {
    if !joining.restore {
        return (Ok(joining.unit.as_deref().unwrap_or(&input.observed.root.id)), joining.tags.clone());
    }
    let Some(past) = departure_to_restore(input.records.get(&account.id)) else {
        // The account may have a record of a joining after its departure: its placing took effect, and only the outcome was lost.
        return (
            Err("`restore` needs a departure record of this organization without a later joining, and there is none"),
            BTreeMap::new(),
        );
    };
    let unit = past.former_unit().ok_or("its departure record does not contain its unit");
    (unit, past.kept.tags.clone())
}

fn act(
    input: &PlanInput<'_>,
    account: &DesiredAccount,
    (joining, story, step): (&Joining, &JoiningStory, JoinStep),
    (live, ahead): (Option<&Account>, usize),
) -> Act {
    let PlanInput { roster, observed, now, .. } = *input;
    let (unit, tags) = destination(input, account, joining);
    let joined: Option<Timestamp> = input.records.get(&account.id).filter(|past| past.action.is_joining()).map(|past| past.effective_at);
    let gates = gate::evaluate_joining(&JoiningFacts {
        now,
        declared: &roster.organization,
        enforcements: &roster.gates,
        desired: account,
        joining,
        step,
        observed,
        ahead,
        story,
        joined,
        unit,
        tags: &tags,
        live,
        inside: &MemberAccess::Deferred,
        own_name: None,
        account_plan: &Probe::NotRun,
    });
    let path = |unit: &str| observed.join_units.get(unit)?.value()?.as_ref().map(|found| found.path.clone());
    Act {
        action: Action::Join(step),
        depends_on: Dependencies::of(&PathFacts::default(), &gates),
        kept: Kept::default(),
        placement: unit.ok().map(|unit| Placement { unit: unit.to_owned(), path: path(unit), tags }),
        gates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake(id: &str) -> Handshake {
        Handshake { id: id.into(), expires_at: Some("2026-12-07T09:00:00Z".parse().unwrap()), ..Handshake::default() }
    }

    #[test]
    fn the_next_step_follows_from_what_is_seen() {
        let (one, two) = (handshake("h-one"), handshake("h-two"));
        let invited = || Next::Nothing(NoChange::Invited { handshake: "h-one".into(), until: one.expires_at });
        let (none, single, both): (&[&Handshake], &[&Handshake], &[&Handshake]) = (&[], &[&one], &[&one, &two]);
        let cases = [
            // Member, open joining in the journal, open invitations, role that accepts.
            (false, false, none, false, Next::Step(JoinStep::Invite)),
            (false, false, none, true, Next::Step(JoinStep::Invite)),
            (false, true, none, true, Next::Step(JoinStep::Invite)),
            (false, false, single, false, invited()),
            (false, true, single, false, invited()),
            (false, false, single, true, Next::Step(JoinStep::Accept)),
            (false, true, single, true, Next::Step(JoinStep::Accept)),
            (false, false, both, false, Next::Step(JoinStep::Invite)),
            (false, true, both, true, Next::Step(JoinStep::Invite)),
            (true, true, none, false, Next::Step(JoinStep::Place)),
            (true, true, single, true, Next::Step(JoinStep::Place)),
            (true, false, none, true, Next::Nothing(NoChange::Member)),
            (true, false, single, false, Next::Nothing(NoChange::Member)),
        ];
        for (is_member, is_joining, open, accepts, expected) in cases {
            let seen = Seen { is_member, is_joining, open, accepts };
            assert_eq!(next(seen), expected, "{seen:?}");
        }
    }
}
