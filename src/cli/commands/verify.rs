//! `verify`.

use std::time::Duration;

#[cfg(feature = "cloudtrail")]
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::api::JOINED;
use crate::cli::args::VerifyArgs;
use crate::cli::connection::locking;
use crate::cli::connection::workspace::open_ledger;
use crate::cli::{Context, Exit, failures};
use crate::diag::{Code, Diagnostic, Diagnostics};
#[cfg(feature = "cloudtrail")]
use crate::journal::HISTORY;
#[cfg(feature = "cloudtrail")]
use crate::journal::Record;
use crate::journal::{Chain, Store, StoredRecord, Verification};
#[cfg(feature = "cloudtrail")]
use crate::org::OrganizationId;
use crate::org::TrailEvent;
use crate::org::counted;
use crate::render::Text;
use crate::render::text::{put, putln, text};

use super::history::damaged;

/// Checks the chain, then looks in CloudTrail for acts that are not proven yet, and journals the results.
pub fn verify(context: &mut Context, arguments: &VerifyArgs) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let timeout = locking::duration("-lock-timeout", &arguments.lock_timeout)?;
        let (_, ledger) = open_ledger(context).await?;
        let chain = ledger.check(arguments.head.as_deref()).await.map_err(|error| failures::journal(&error))?;
        if !arguments.json {
            context.terminal.print(&report(&chain, &ledger.store().location()));
        }
        if !chain.damage.is_empty() {
            if arguments.json {
                context.terminal.print(&Text::json(&document(&chain, &Tally::default())));
            }
            return Err(damaged(&chain.damage));
        }
        // Without records there is nothing to prove, but there may be departures that no record explains.
        let (tally, failed) = ask_cloudtrail(context, arguments, &chain, timeout).await?;
        if arguments.json {
            context.terminal.print(&Text::json(&document(&chain, &tally)));
        } else if !chain.records.is_empty() || !tally.unexplained.is_empty() {
            context.terminal.print(&tally.text());
        }
        let mut wrong = tally.contradictions();
        wrong.extend(failed);
        if wrong.is_empty() { Ok(Exit::Done) } else { Err(wrong) }
    })
}

/// Recorded acts by their result in CloudTrail.
#[derive(Debug, Default)]
struct Tally {
    proven: Vec<String>,
    pending: Vec<String>,
    contradicted: Vec<String>,
    /// Acts without a result that CloudTrail's event history no longer shows, each with the event to look for elsewhere.
    unverifiable: Vec<(String, String)>,
    /// Departures and joinings that CloudTrail shows but no record explains.
    unexplained: Vec<TrailEvent>,
}

impl Tally {
    #[cfg(not(feature = "cloudtrail"))]
    fn of(chain: &Chain) -> Self {
        let mut tally = Self::default();
        for found in &chain.records {
            tally.count(found, known(found));
        }
        tally
    }

    fn count(&mut self, found: &StoredRecord, verification: Option<Verification>) {
        let list = match verification {
            Some(Verification::Proven) => &mut self.proven,
            Some(Verification::Contradicted) => &mut self.contradicted,
            None => &mut self.pending,
        };
        list.push(found.name.clone());
    }

    #[cfg(feature = "cloudtrail")]
    fn count_beyond(&mut self, found: &StoredRecord) {
        let Record { effective_at, planned, .. } = &found.record;
        let wanted = format!("the event {} of account {} at about {effective_at}", found.record.action.trail_event(), planned.id);
        self.unverifiable.push((found.name.clone(), wanted));
    }

    fn text(&self) -> Text {
        let Self { proven, pending, contradicted, unverifiable, unexplained } = self;
        let mut text = text!("CloudTrail: {} proven, {} pending, {} contradicted", proven.len(), pending.len(), contradicted.len());
        if !unverifiable.is_empty() {
            put!(text, ", {} beyond its event history", unverifiable.len());
        }
        putln!(text, ".");
        for name in pending {
            putln!(text, "{} is pending: CloudTrail shows events some minutes after they happen. Run verify again later.", name);
        }
        for TrailEvent { account, at, method, id, name, .. } in unexplained {
            let how = method.as_ref().map_or_else(String::new, |method| format!(" ({method})"));
            let what = if name == JOINED { "joined" } else { "departed" };
            putln!(text, "Account {} {} at {}{}, but no record explains it: event {}.", account, what, at, how, id);
        }
        for (name, wanted) in unverifiable {
            putln!(
                text,
                "{} can no longer be verified here: CloudTrail's event history covers 90 days. Look for {} in the management account's trail log files or CloudTrail Lake event data store.",
                name,
                wanted
            );
        }
        text
    }

    fn contradictions(&self) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        diagnostics.extend(self.contradicted.iter().map(|name| {
            let detail = format!(
                "{name}: CloudTrail shows a different event for this account than the record. `orgroster history show -json` prints the events."
            );
            Diagnostic::error(Code::ContradictedRecord, detail)
        }));
        diagnostics
    }
}

fn known(found: &StoredRecord) -> Option<Verification> {
    found.verified.as_ref().map(|(verification, _)| *verification)
}

/// Whether CloudTrail can add something: a proof or, with `member`, the account's own call to a proof that was found without it.
#[cfg(feature = "cloudtrail")]
fn is_asked_about(found: &StoredRecord, member: bool) -> bool {
    match &found.verified {
        Some((Verification::Proven, entry)) => member && found.record.own_role().is_some() && !entry.shows_the_members_call(),
        _ => true,
    }
}

#[cfg(not(feature = "cloudtrail"))]
async fn ask_cloudtrail(_: &mut Context, _: &VerifyArgs, chain: &Chain, _: Duration) -> Result<(Tally, Diagnostics), Diagnostics> {
    let mut missing = Diagnostics::default();
    if !chain.records.is_empty() {
        let detail = format!("CloudTrail was not queried about the records: {}", crate::cli::build::lacks("cloudtrail"));
        missing.push(Diagnostic::warning(Code::MissingFeature, detail));
    }
    Ok((Tally::of(chain), missing))
}

/// A result from CloudTrail about an act, that is not recorded yet.
#[cfg(feature = "cloudtrail")]
type News<'c> = (&'c StoredRecord, (Verification, Vec<crate::org::TrailEvent>));

/// Queries CloudTrail about acts that are not proven, and records new results. Failures in members are reported in addition to the results.
#[cfg(feature = "cloudtrail")]
async fn ask_cloudtrail(
    context: &mut Context,
    arguments: &VerifyArgs,
    chain: &Chain,
    timeout: Duration,
) -> Result<(Tally, Diagnostics), Diagnostics> {
    use crate::api::{DEPARTED, ReadOrganization, ReadTrail};
    use crate::cli::connection::workspace::Workspace;

    let workspace = Workspace::open(context).await?;
    let now = workspace.now();
    let (mut tally, mut failed, mut asked) = (Tally::default(), Diagnostics::default(), Vec::new());
    for found in &chain.records {
        match known(found) {
            _ if is_asked_about(found, arguments.member) && !found.record.is_beyond_event_history(now) => asked.push(found),
            None => tally.count_beyond(found),
            known => tally.count(found, known),
        }
    }
    // Read the whole event history: a departure that no record explains may be from any day.
    let from = now.checked_sub(HISTORY).unwrap_or(Timestamp::MIN);
    let to = now.checked_add(SignedDuration::from_mins(5)).unwrap_or(now);
    let partition = workspace.aws.describe_organization().await.map_err(|error| failures::api(&error))?.partition;
    let trail = workspace.aws.trail(&partition);
    let mut events = trail.lookup(DEPARTED, from, to).await.map_err(|error| failures::api(&error))?;
    // If no block and no record is about a joining, joinings are not ours to explain: CreateAccount adds accounts all the time.
    let takes_in = chain.records.iter().any(|found| found.record.action.is_joining())
        || workspace.roster.accounts.iter().any(|account| account.joining().is_some());
    if takes_in {
        let joined = trail.lookup(JOINED, from, to).await.map_err(|error| failures::api(&error))?;
        events.extend(joined.into_iter().filter(|event| event.method.as_deref().is_none_or(|method| method != "CREATED")));
    }
    tally.unexplained = unexplained(chain, &events, &workspace.roster.organization.id);
    let mut news: Vec<News<'_>> = Vec::new();
    for found in asked {
        let member = match found.record.own_role().filter(|_| arguments.member) {
            Some(role) => own_history(&workspace, found, role, &partition).await.map(Some).unwrap_or_else(|error| {
                failed.push(error.about(&found.record.planned.address));
                None
            }),
            None => None,
        };
        let matched = found.record.match_events(&events, member.as_deref());
        let finding = matched.as_ref().map(|(verification, _)| *verification);
        // A departure that the management account's history proves stays proven while the member's own history does not show the call yet.
        tally.count(found, finding.or(known(found)));
        news.extend(matched.filter(|_| member.is_some() || finding != known(found)).map(|matched| (found, matched)));
    }
    write_down(context, &workspace, timeout, news).await?;
    Ok((tally, failed))
}

/// Departures and joinings that no record of the account explains at that time.
#[cfg(feature = "cloudtrail")]
fn unexplained(chain: &Chain, events: &[TrailEvent], organization: &OrganizationId) -> Vec<TrailEvent> {
    let is_ours = |event: &&TrailEvent| event.organization.as_ref().is_none_or(|id| id == organization.as_str());
    let is_recorded = |event: &TrailEvent| {
        chain.records.iter().any(|found| {
            let (from, to) = found.record.window();
            let same = found.record.planned.id == event.account && found.record.action.trail_event() == event.name;
            same && (from..=to).contains(&event.at)
        })
    };
    let mut found: Vec<_> = events.iter().filter(is_ours).filter(|event| !is_recorded(event)).cloned().collect();
    found.sort_by_key(|event| event.at);
    found
}

/// The account's own calls to leave or join, around the time of the act.
#[cfg(feature = "cloudtrail")]
async fn own_history(
    workspace: &crate::cli::connection::workspace::Workspace,
    found: &StoredRecord,
    role: &crate::org::MemberRole,
    partition: &str,
) -> Result<Vec<crate::org::TrailEvent>, Diagnostic> {
    use crate::api::ReadTrail;

    let (from, to) = found.record.window();
    let session =
        workspace.aws.writer().member_trail(&role.arn(partition, found.record.planned.id), role, "orgroster-verify", partition).await;
    let session = session.map_err(|error| failures::api(&error))?;
    session.lookup(found.record.own_operation(), from, to).await.map_err(|error| failures::api(&error))
}

/// Takes the lock only if there is something to record.
#[cfg(feature = "cloudtrail")]
async fn write_down(
    context: &Context,
    workspace: &crate::cli::connection::workspace::Workspace,
    timeout: Duration,
    news: Vec<News<'_>>,
) -> Result<(), Diagnostics> {
    if news.is_empty() {
        return Ok(());
    }
    let run = locking::begin(context, workspace, timeout, "verify").await?;
    let mut written = Ok(());
    for (found, (verification, events)) in news {
        written = run.verified(workspace.now(), found.record.planned.id, &found.name, verification, events).await;
        if written.is_err() {
            break;
        }
    }
    run.release().await.map_err(|error| failures::journal(&error))?;
    Ok(written.map_err(|error| failures::journal(&error))?)
}

fn document(chain: &Chain, tally: &Tally) -> serde_json::Value {
    let damage: Vec<_> = chain.damage.iter().map(|found| json!({ "object": found.object, "what": found.what })).collect();
    json!({
        "format_version": "1.0",
        "whole": chain.damage.is_empty(),
        "entries": chain.entries,
        "records": chain.records.len(),
        "head": format!("sha256:{}", chain.head()),
        "torn": chain.torn,
        "open": chain.open.iter().map(|intent| intent.planned.id).collect::<Vec<_>>(),
        "damage": damage,
        "proven": tally.proven,
        "pending": tally.pending,
        "contradicted": tally.contradicted,
        "unverifiable": tally.unverifiable.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "unexplained": tally.unexplained,
    })
}

fn report(chain: &Chain, place: &str) -> Text {
    let mut text = text!("{}: {}, {}.\n", place, counted(chain.entries, "entry"), counted(chain.records.len() as u64, "record"));
    for place in &chain.torn {
        putln!(text, "{} was left unfinished by a crash; nothing was lost.", place);
    }
    for intent in &chain.open {
        if intent.waits_for_answer() {
            putln!(text, "{}: invited, waiting for its answer.", intent.planned.address);
        } else {
            let noun = intent.action.verbs().noun;
            putln!(text, "{}: the outcome of its {} is unknown; the next apply asks AWS.", intent.planned.address, noun);
        }
    }
    if chain.damage.is_empty() {
        putln!(text, "The chain is whole.");
        if !chain.records.is_empty() {
            putln!(text, "Head sha256:{}", chain.head());
        }
    }
    text
}
