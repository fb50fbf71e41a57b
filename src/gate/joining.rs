//! Gates about accounts that join: what prevents it, and what follows from it (Organizations user guide, "Inviting an account to join your
//! organization").

mod consequence;
mod inside;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::org::{AccountId, DeclaredOrganization, Handshake, JoinUnit, ObservedOrganization, Probe, ReadFailure};

use super::{Basis, Caller, Finding, JoiningFacts, Remedy, Step, not_probed};

pub(super) use consequence::{free_plan, joined_policies, payer};
pub(super) use inside::{accept_access, standing};

const LIST_HANDSHAKES: &str = "organizations:ListHandshakesForOrganization";
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The minimum age of an organization to which an account can move directly (user guide, "Migrate an account to another organization").
const LEAST_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many invitations every organization may send within a day. If the account quota is larger, it applies instead (quotas page).
const INVITATIONS_A_DAY: usize = 20;

/// The open invitations of an account that the declared organization sent from its management account, by any principal there.
#[must_use]
pub fn open_invitations<'o>(
    observed: &'o ObservedOrganization,
    declared: &DeclaredOrganization,
    id: AccountId,
    now: Timestamp,
) -> Vec<&'o Handshake> {
    ours(observed, declared, id).filter(|found| found.is_open(now)).collect()
}

/// The invitations of an account by the declared organization, in any state.
fn ours<'o>(
    observed: &'o ObservedOrganization,
    declared: &DeclaredOrganization,
    id: AccountId,
) -> impl Iterator<Item = &'o Handshake> + use<'o> {
    let (organization, sender) = (declared.id.clone(), declared.management_account_id);
    observed.sent_handshakes.value().into_iter().flatten().filter(move |found| found.invites(id, &organization, sender))
}

/// The handshakes that the organization sent, or the finding of a gate that needs them if they could not be read.
fn sent<'o>(facts: &JoiningFacts<'o>) -> Result<&'o [Handshake], Box<Finding>> {
    match &facts.observed.sent_handshakes {
        Probe::Seen { value, .. } => Ok(value),
        Probe::Failed(unreadable) => Err(Box::new(unreadable_by(unreadable))),
        Probe::NotRun => Err(Box::new(Finding::unknown("the organization's invitations were not read", "Plan again."))),
    }
}

fn unreadable_by(unreadable: &ReadFailure) -> Finding {
    let allow = Remedy::from(format!("Grant {} to the role that plans.", unreadable.operation));
    Finding::unknown(unreadable.to_string(), allow.and(not_probed::what_was_evaluated(&unreadable.why)))
        .resting_on(Basis::unread(&unreadable.operation))
}

/// No account can join while the organization is enabling all features (API reference, InviteAccountToOrganization).
pub(super) fn feature_set(facts: &JoiningFacts<'_>) -> Finding {
    let finding = match sent(facts) {
        Err(finding) => *finding,
        Ok(sent) => match sent.iter().find(|found| found.action == "ENABLE_ALL_FEATURES" && found.is_open(facts.now)) {
            Some(pending) => Finding::blocks(
                format!("the organization is enabling all features ({}), and no account can join until that is finished", pending.id),
                Remedy::from("Finalize the change, or cancel it:").then(cancel(&pending.id)),
            ),
            None => Finding::passes(format!("the feature set is {}", facts.observed.organization.feature_set)),
        },
    };
    finding.seen_in(facts.observed.evidence(LIST_HANDSHAKES))
}

/// No API reports when an organization was created, but its management account joined it at that time.
pub(super) fn organization_age(facts: &JoiningFacts<'_>) -> Finding {
    let management = facts.observed.organization.management_account_id;
    let founded = facts.observed.account(management).and_then(|account| account.joined_at);
    let finding = match founded.and_then(|founded| Some((founded, founded.checked_add(LEAST_AGE).ok()?))) {
        None => Finding::unknown("the creation date of the organization is not known", "Look it up in the management account."),
        Some((founded, until)) if until > facts.now => Finding::blocks_until(
            until,
            format!(
                "the organization was created at {founded}: accounts can't move to it directly before {until}, but a standalone account \
                 can join"
            ),
            "If the account is a member of another organization, wait until then.",
        ),
        Some((founded, _)) => Finding::passes(format!("the organization was created at {founded}")),
    };
    finding.seen_in(facts.observed.evidence_of_account(management))
}

/// Each `on` date permits one invitation. AWS lists invitations that ended for 30 days only; the journal and the records know of older
/// ones.
pub(super) fn decision(facts: &JoiningFacts<'_>) -> Finding {
    let JoiningFacts { joining, story, .. } = facts;
    let on = joining.on;
    let begins = on.to_zoned_datetime(jiff::tz::TimeZone::UTC).map(|day| day.timestamp());
    if let Some(begins) = begins.ok().filter(|begins| *begins > facts.now) {
        return Finding::blocks_until(
            begins,
            format!("`on` is {on}, which is in the future"),
            "Set `on` to the day of the decision, in UTC.",
        );
    }
    if !open_invitations(facts.observed, facts.declared, facts.desired.id, facts.now).is_empty() {
        return Finding::passes("an invitation is open").seen_in(facts.observed.evidence(LIST_HANDSHAKES));
    }
    let ended = ours(facts.observed, facts.declared, facts.desired.id)
        .filter(|found| found.requested_at.is_some_and(|at| joining.covers(at)))
        .max_by_key(|found| found.requested_at);
    let spent = ended
        .map(|found| ended_how(found, facts.now))
        .or_else(|| {
            facts.joined.filter(|at| joining.covers(*at)).map(|at| format!("the account joined at {at}, and is no longer a member"))
        })
        .or_else(|| {
            story.last_invited.filter(|at| joining.covers(*at)).map(|at| format!("an invitation was sent at {at}, and is no longer open"))
        })
        .or_else(|| {
            let open = story.open.as_ref().filter(|open| joining.covers(open.at) && open.may_have_ended(facts.now))?;
            Some(format!("an invitation may have been sent at {}, and AWS no longer lists it", open.at))
        });
    let finding = match spent {
        None => Finding::passes(format!("decided on {on}, and no invitation was sent since")),
        Some(spent) => Finding::blocks(
            format!("`on` = {on} permits one invitation, which has been used: {spent}"),
            "To invite the account again, set `on` to a later day in its join block, in a reviewed change.",
        ),
    };
    finding.seen_in(facts.observed.evidence(LIST_HANDSHAKES))
}

/// How an invitation ended, as a clause.
fn ended_how(found: &Handshake, now: Timestamp) -> String {
    let Handshake { id, state, expires_at, .. } = found;
    match state.as_str() {
        "ACCEPTED" => format!("invitation {id} was accepted, but the account is not a member"),
        "DECLINED" => format!("invitation {id} was declined in the account"),
        "CANCELED" => format!("invitation {id} was canceled"),
        _ if state == "EXPIRED" || found.has_expired(now) => {
            format!("invitation {id} expired{}", expires_at.map_or_else(String::new, |at| format!(" at {at}")))
        }
        other => format!("invitation {id} is {other}"),
    }
}

/// orgroster does not choose between several invitations. An invitation that was sent to an email address does not identify an account.
pub(super) fn open_invitation(facts: &JoiningFacts<'_>) -> Finding {
    let sent = match sent(facts) {
        Ok(sent) => sent,
        Err(finding) => return *finding,
    };
    let open = open_invitations(facts.observed, facts.declared, facts.desired.id, facts.now);
    let address = facts.desired.email.as_deref();
    let addressed: Vec<_> =
        sent.iter().filter(|found| found.is_open(facts.now) && address.is_some_and(|address| found.invites_address(address))).collect();
    let cancelling =
        |which: &[&Handshake], sentence: &str| which.iter().fold(Remedy::from(sentence), |remedy, found| remedy.then(cancel(&found.id)));
    let finding = match (open.as_slice(), addressed.as_slice()) {
        ([], []) => Finding::passes("no other invitation is open").resting_on(Basis::left_to_apply()),
        ([one], _) => {
            let until = one.expires_at.map_or_else(String::new, |at| format!("; it can be accepted until {at}"));
            Finding::passes(format!("{} is open{until}", one.id)).resting_on(Basis::facts([(one.id.clone(), one.arn.clone())]))
        }
        ([], addressed) => Finding::blocks(
            format!("an invitation to the email address is open, which does not identify an account: {}", ids(addressed)),
            cancelling(addressed, "Cancel it and plan again, so that the account is invited by its id:"),
        ),
        (several, _) => Finding::blocks(
            format!("several invitations of the account are open: {}", ids(several)),
            cancelling(several, "Cancel all but one:"),
        ),
    };
    finding.seen_in(facts.observed.evidence(LIST_HANDSHAKES))
}

fn ids(handshakes: &[&Handshake]) -> String {
    handshakes.iter().map(|found| found.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// The command that cancels an invitation.
fn cancel(handshake: &str) -> Step {
    Step::aws(Caller::ManagementAccount, &["organizations", "cancel-handshake", "--handshake-id", handshake])
}

/// Invitations of the last day count unless they were accepted. Of the account quota, accounts count (including closed ones), and so do
/// open invitations. Invitations that the same plan sends before this one count as sent: one that is accepted at once counts until then,
/// and as an account afterwards.
pub(super) fn invitation_quota(facts: &JoiningFacts<'_>) -> Finding {
    let sent = match sent(facts) {
        Ok(sent) => sent,
        Err(finding) => return *finding,
    };
    let finding = match &facts.observed.account_quota {
        Probe::Seen { value, provenance } => {
            let quota = usize::try_from(*value).unwrap_or(usize::MAX);
            within_quota(sent, quota, facts).seen_in(provenance.clone())
        }
        Probe::Failed(unreadable) => within_least(sent, &unreadable.to_string(), facts),
        Probe::NotRun => within_least(sent, "not read", facts),
    };
    finding.seen_in(facts.observed.evidence(LIST_HANDSHAKES))
}

/// The times at which the invitations of the last day that count were sent, oldest first.
fn recent(sent: &[Handshake], now: Timestamp) -> Vec<Timestamp> {
    let counts = sent.iter().filter(|found| found.is_invitation() && found.state != "ACCEPTED");
    let mut recent: Vec<_> = counts.filter_map(|found| found.requested_at).filter(|at| now.duration_since(*at) < DAY).collect();
    recent.sort_unstable();
    recent
}

/// A clause that follows a count: the invitations that the same plan sends before this one.
fn and_ahead(ahead: usize) -> String {
    match ahead {
        0 => String::new(),
        1 => ", plus 1 invitation that this plan sends first, in order of account ids".to_owned(),
        _ => format!(", plus {ahead} invitations that this plan sends first, in order of account ids"),
    }
}

/// How many invitations count against the daily quota, as a sentence begins.
fn counting(count: usize) -> String {
    if count == 1 {
        "1 invitation of the last 24 hours counts".to_owned()
    } else {
        format!("{count} invitations of the last 24 hours count")
    }
}

/// Checks for room in both quotas.
fn within_quota(sent: &[Handshake], quota: usize, facts: &JoiningFacts<'_>) -> Finding {
    let recent = recent(sent, facts.now);
    let (a_day, ahead) = (quota.max(INVITATIONS_A_DAY), facts.ahead);
    let before = and_ahead(ahead);
    if recent.len() + ahead >= a_day {
        let reason = format!("{}{before}; AWS allows {a_day}", counting(recent.len()));
        let remedy = "Wait, or ask AWS for a higher account quota.";
        // There is room once enough of the oldest invitations are more than a day old. Those of this plan are not sent yet.
        let first = recent.get(recent.len() + ahead - a_day);
        return match first.and_then(|first| first.checked_add(DAY).ok()) {
            Some(until) => Finding::blocks_until(until, reason, remedy),
            None => Finding::blocks(reason, "Apply this plan now, and again a day later; or ask AWS for a higher account quota."),
        };
    }
    let accounts = facts.observed.accounts.len();
    let open = sent.iter().filter(|found| found.is_invitation() && found.is_open(facts.now)).count();
    if facts.observed.has_every_account() && accounts + open + ahead >= quota {
        let remedy = if accounts + open >= quota {
            Remedy::from("Cancel an invitation that is not needed, or ask AWS for a higher quota. This lists the quota and its code:")
        } else {
            Remedy::from("Ask AWS for a higher quota, or invite the more important accounts first. This lists the quota and its code:")
        };
        return Finding::blocks(
            format!("the account quota is {quota}; accounts use {accounts} and open invitations {open}{before}"),
            remedy.then(quotas()),
        );
    }
    Finding::passes(format!(
        "{} of {a_day} invitations of the last 24 hours are used; the account quota is {quota}; accounts use {accounts} and open \
         invitations {open}{before}",
        recent.len()
    ))
}

/// The finding if the account quota is not known.
fn within_least(sent: &[Handshake], why: &str, facts: &JoiningFacts<'_>) -> Finding {
    let recent = recent(sent, facts.now).len();
    let before = and_ahead(facts.ahead);
    if recent + facts.ahead < INVITATIONS_A_DAY {
        return Finding::passes(format!(
            "{}{before}; AWS allows at least {INVITATIONS_A_DAY}; the account quota is not known ({why})",
            counting(recent)
        ));
    }
    Finding::unknown(
        format!(
            "{}{before}; AWS allows the larger of {INVITATIONS_A_DAY} and the account quota, which is not known ({why})",
            counting(recent)
        ),
        Remedy::from(
            "Grant servicequotas:ListServiceQuotas to the role that plans; or wait; or look up the quota and make this gate advisory:",
        )
        .then(quotas()),
    )
}

/// The command that shows the account quota.
fn quotas() -> Step {
    Step::aws(
        Caller::ManagementAccount,
        &["service-quotas", "list-service-quotas", "--service-code", "organizations", "--region", "us-east-1"],
    )
}

/// The unit in which the account will be placed, or the finding if it is not known.
fn join_unit<'o>(facts: &JoiningFacts<'o>) -> Result<&'o JoinUnit, Box<Finding>> {
    let id = facts.unit.map_err(|why| {
        Box::new(Finding::blocks(
            why,
            "Declare `unit` and `tags` in the join block instead of `restore`, or restore the record with `orgroster history restore DIR`.",
        ))
    })?;
    match facts.observed.join_units.get(id) {
        Some(Probe::Seen { value: Some(unit), .. }) => Ok(unit),
        Some(Probe::Seen { value: None, .. }) => {
            let remedy = if facts.joining.restore {
                "Declare `unit` in the join block instead of `restore`, or create the unit again and declare it."
            } else {
                "Correct `unit` in the join block, or leave it out: the account then stays in the root."
            };
            Err(Box::new(Finding::blocks(format!("there is no unit {id} in the organization"), remedy)))
        }
        Some(Probe::Failed(unreadable)) => Err(Box::new(unreadable_by(unreadable))),
        Some(Probe::NotRun) | None => Err(Box::new(Finding::unknown(format!("unit {id} was not read"), "Plan again."))),
    }
}

pub(super) fn unit(facts: &JoiningFacts<'_>) -> Finding {
    let found = match join_unit(facts) {
        Ok(found) => found,
        Err(finding) => return *finding,
    };
    let id = facts.unit.unwrap_or_default();
    let ids: Vec<_> = found.path.0.iter().map(|unit| unit.id.as_str()).collect();
    // Declared values are approved with the block. Values from a record are not in the block.
    let restored = facts.tags.iter().filter(|_| facts.joining.restore);
    let basis: BTreeMap<_, _> = std::iter::once((format!("unit {id}"), ids.join("/")))
        .chain(restored.map(|(key, value)| (format!("tag {key}"), value.clone())))
        .collect();
    let says = if facts.joining.restore { ", as its departure record says" } else { "" };
    let finding = Finding::passes(format!("it will be placed in {} ({id}){says}", found.path)).resting_on(Basis::facts(basis));
    match facts.observed.join_units.get(id) {
        Some(Probe::Seen { provenance, .. }) => finding.seen_in(provenance.clone()),
        _ => finding,
    }
}
