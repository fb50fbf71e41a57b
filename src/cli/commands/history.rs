//! `history list` and `history show`.

use serde_json::json;

use crate::cli::args::{HistoryArgs, HistoryCommand};
use crate::cli::connection::workspace::open_ledger;
use crate::cli::{Context, Exit, failures};
use crate::diag::{Code, Diagnostic, Diagnostics, closest};
use crate::journal::{Chain, Damage, StoredRecord};
use crate::org::Message;
use crate::render::{self, Text};

use super::repair::{repair, restore};

/// Shows departure records. Damage to them is reported, and the readable ones are shown.
pub fn history(context: &mut Context, arguments: &HistoryArgs) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let (_, ledger) = open_ledger(context).await?;
        match &arguments.command {
            Some(HistoryCommand::Restore { directory }) => return restore(context, &ledger, directory).await,
            Some(HistoryCommand::Repair { expect_digest }) => return repair(context, &ledger, expect_digest.as_deref()).await,
            None | Some(HistoryCommand::List | HistoryCommand::Show { .. }) => {}
        }
        let chain = ledger.check(None).await.map_err(|error| failures::journal(&error))?;
        match &arguments.command {
            Some(HistoryCommand::Show { account }) => show(context, arguments, &chain, account)?,
            _ => list(context, arguments, &chain),
        }
        if chain.damage.is_empty() {
            return Ok(Exit::Done);
        }
        Err(damaged(&chain.damage))
    })
}

/// One diagnostic for each object that was changed or is missing.
pub fn damaged(damage: &[Damage]) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.extend(damage.iter().map(|found| Diagnostic::error(Code::DamagedJournal, format!("{}: {}.", found.object, found.what))));
    diagnostics
}

fn list(context: &Context, arguments: &HistoryArgs, chain: &Chain) {
    if arguments.json {
        let records: Vec<_> = chain.records.iter().map(json_of).collect();
        let open: Vec<_> = chain
            .open
            .iter()
            .map(|intent| json!({ "account": intent.planned.id, "action": intent.action, "address": intent.planned.address, "run": intent.run, "intended_at": intent.at }))
            .collect();
        let head = format!("sha256:{}", chain.head());
        let document = json!({ "format_version": "1.0", "records": records, "open": open, "head": head });
        return context.terminal.print(&Text::json(&document));
    }
    context.terminal.print(&render::history(chain, context.terminal.style()));
}

fn show(context: &Context, arguments: &HistoryArgs, chain: &Chain, wanted: &str) -> Result<(), Diagnostic> {
    let fits = |found: &&StoredRecord| {
        let planned = &found.record.planned;
        planned.id.to_string() == wanted || planned.address.to_string() == wanted || planned.display_name() == wanted
    };
    // The latest departure, if an account left more than once.
    let Some(found) = chain.records.iter().rev().find(fits) else {
        let names: Vec<_> = chain.records.iter().map(|found| found.record.planned.address.to_string()).collect();
        let words: Vec<_> = names.iter().map(String::as_str).collect();
        let hint = closest(wanted, &words).map_or_else(String::new, |name| format!(" Did you mean {name}?"));
        let detail =
            Message::new(&format!("No record is about {wanted:?}.{hint} To list all records, run:")).command("orgroster history list");
        return Err(Diagnostic::error(Code::NotRecorded, detail));
    };
    if arguments.json {
        let document = json!({ "format_version": "1.0", "record": json_of(found), "undo": render::undo(&found.record) });
        context.terminal.print(&Text::json(&document));
    } else {
        context.terminal.print(&render::record(found, context.terminal.style()));
    }
    Ok(())
}

fn json_of(found: &StoredRecord) -> serde_json::Value {
    let verified = found.verified.as_ref().map(|(verification, entry)| json!({ "finding": verification, "entry": entry }));
    json!({ "name": found.name, "hash": found.hash, "record": found.record, "verified": verified })
}
