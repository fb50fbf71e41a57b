//! `verify`.

use std::fmt;
use std::time::Duration;

use serde_json::json;

use crate::cli::args::VerifyArgs;
use crate::cli::world::open_ledger;
use crate::cli::{Context, Exit, failures, locking};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::journal::{Chain, RecordedDeparture, Store, Verification};

use super::history::damaged;

/// Checks the chain; then looks for departures that are not yet proven in CloudTrail, and journals what it says.
pub fn verify(context: &mut Context, arguments: &VerifyArgs) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let timeout = locking::duration("-lock-timeout", &arguments.lock_timeout)?;
        let (_, ledger) = open_ledger(context).await?;
        let chain = ledger.check(arguments.head.as_deref()).await.map_err(|error| failures::journal(&error))?;
        if !arguments.json {
            context.terminal.print(&text(&chain, &ledger.store().location()));
        }
        if !chain.damage.is_empty() {
            if arguments.json {
                context.terminal.print(&format!("{}\n", document(&chain, &Tally::default())));
            }
            return Err(damaged(&chain.damage));
        }
        let unproven = chain.records.iter().any(is_unproven);
        let tally = if unproven { ask_cloudtrail(context, arguments, &chain, timeout).await? } else { Tally::of(&chain) };
        if arguments.json {
            context.terminal.print(&format!("{}\n", document(&chain, &tally)));
        } else if !chain.records.is_empty() {
            context.terminal.print(&tally.to_string());
        }
        match tally.contradicted.is_empty() {
            true => Ok(Exit::Done),
            false => Err(tally.contradictions()),
        }
    })
}

/// Departures by what CloudTrail says of them.
#[derive(Debug, Default)]
struct Tally {
    proven: Vec<String>,
    pending: Vec<String>,
    contradicted: Vec<String>,
}

impl Tally {
    fn of(chain: &Chain) -> Self {
        let mut tally = Self::default();
        for found in &chain.records {
            tally.count(found, found.verified.as_ref().map(|(verification, _)| *verification));
        }
        tally
    }

    fn count(&mut self, found: &RecordedDeparture, verification: Option<Verification>) {
        let list = match verification {
            Some(Verification::Proven) => &mut self.proven,
            Some(Verification::Contradicted) => &mut self.contradicted,
            None => &mut self.pending,
        };
        list.push(found.name.clone());
    }

    fn contradictions(&self) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        diagnostics.extend(self.contradicted.iter().map(|name| {
            let detail = format!(
                "{name}: CloudTrail shows another departure of this account than the recorded one. `orgroster history show -json` has the events."
            );
            Diagnostic::error(Code::ContradictedRecord, detail)
        }));
        diagnostics
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { proven, pending, contradicted } = self;
        writeln!(formatter, "CloudTrail: {} proven, {} pending, {} contradicted.", proven.len(), pending.len(), contradicted.len())?;
        for name in pending {
            writeln!(formatter, "{name} is pending: CloudTrail shows events after some minutes, and for 90 days.")?;
        }
        Ok(())
    }
}

fn is_unproven(found: &RecordedDeparture) -> bool {
    !matches!(found.verified, Some((Verification::Proven, _)))
}

#[cfg(not(feature = "cloudtrail"))]
async fn ask_cloudtrail(_: &mut Context, _: &VerifyArgs, chain: &Chain, _: Duration) -> Result<Tally, Diagnostics> {
    Ok(Tally::of(chain))
}

/// Takes the lock only when there is something to write down.
#[cfg(feature = "cloudtrail")]
async fn ask_cloudtrail(context: &mut Context, arguments: &VerifyArgs, chain: &Chain, timeout: Duration) -> Result<Tally, Diagnostics> {
    use crate::api::{DEPARTED, LEAVE, ReadOrganization, ReadTrail};
    use crate::cli::world::World;

    let world = World::open(context).await?;
    let organization = world.aws.describe_organization().await.map_err(|error| failures::api(&error))?;
    let unproven: Vec<_> = chain.records.iter().filter(|found| is_unproven(found)).collect();
    let windows: Vec<_> = unproven.iter().map(|found| found.record.window()).collect();
    let from = windows.iter().map(|(from, _)| *from).min().unwrap_or(world.now());
    let to = windows.iter().map(|(_, to)| *to).max().unwrap_or(world.now());
    let trail = world.aws.trail(&organization.partition);
    let events = trail.lookup(DEPARTED, from, to).await.map_err(|error| failures::api(&error))?;

    let mut tally = Tally::default();
    let mut news = Vec::new();
    for found in &chain.records {
        if !is_unproven(found) {
            tally.count(found, Some(Verification::Proven));
            continue;
        }
        let record = &found.record;
        let detachment = &record.detachment;
        let mut member = None;
        if arguments.member && record.leaves_by_itself() {
            let role = &detachment.declared.member_role;
            let arn = role.arn(&organization.partition, detachment.id);
            let (from, to) = record.window();
            let session = world.aws.writer().member_trail(&arn, role, "orgroster-verify", &organization.partition).await;
            let own = session.map_err(|error| failures::api(&error))?.lookup(LEAVE, from, to).await;
            member = Some(own.map_err(|error| failures::api(&error))?);
        }
        let weighed = record.weigh(&events, member.as_deref());
        tally.count(found, weighed.as_ref().map(|(verification, _)| *verification));
        let known = found.verified.as_ref().map(|(verification, _)| *verification);
        news.extend(weighed.filter(|(verification, _)| Some(*verification) != known).map(|weighed| (found, weighed)));
    }
    if !news.is_empty() {
        let run = locking::begin(context, &world, timeout, "verify").await?;
        let mut written = Ok(());
        for (found, (verification, events)) in news {
            written = run.verified(world.now(), found.record.detachment.id, &found.name, verification, events).await;
            if written.is_err() {
                break;
            }
        }
        run.release().await.map_err(|error| failures::journal(&error))?;
        written.map_err(|error| failures::journal(&error))?;
    }
    Ok(tally)
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
        "open": chain.open.iter().map(|intent| intent.detachment.id).collect::<Vec<_>>(),
        "damage": damage,
        "proven": tally.proven,
        "pending": tally.pending,
        "contradicted": tally.contradicted,
    })
}

fn text(chain: &Chain, place: &str) -> String {
    let mut text = format!("{place}: {} entries, {} records.\n", chain.entries, chain.records.len());
    for place in &chain.torn {
        text += &format!("{place} was left unfinished by a crash; nothing was lost with it.\n");
    }
    for intent in &chain.open {
        text += &format!("{}: what became of its departure is not known; the next apply asks AWS.\n", intent.detachment.address);
    }
    if chain.damage.is_empty() {
        text += "The chain is whole.\n";
        if !chain.records.is_empty() {
            text += &format!("Head sha256:{}\n", chain.head());
        }
    }
    text
}
