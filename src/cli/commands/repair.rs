//! `history restore` and `history repair`: recovery of a backend that lost data.

use std::path::Path;

use crate::cli::connection::backend::RunStore;
use crate::cli::connection::clock::local_now;
use crate::cli::connection::locking;
use crate::cli::{Context, Exit, failures};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::journal::{Accepted, JournalError, Ledger, LocalStore, Repair, Store};
use crate::org::{Message, counted};
use crate::render::Text;
use crate::render::text::{put, putln, text};

/// Restores what `-records-to` copied.
pub async fn restore(context: &Context, ledger: &Ledger<RunStore>, directory: &Path) -> Result<Exit, Diagnostics> {
    if !directory.is_dir() {
        let detail = format!("There is no directory {}. Give the one that `apply -records-to` wrote to.", directory.display());
        return Err(Diagnostic::error(Code::InvalidArgument, detail).into());
    }
    let holder = locking::holder(local_now(), "history restore");
    let brought = ledger.restore(&holder, LocalStore::new(directory)).await.map_err(|error| match error {
        JournalError::Ahead { .. } => {
            let detail = format!(
                "{error}: the two chains have diverged and can't be merged. Nothing was done. Keep both; to read the other one, set it as the \
                 `path` of a backend \"local\"."
            );
            Diagnostic::error(Code::BackendError, detail)
        }
        error => failures::journal(&error),
    })?;
    let place = ledger.store().location();
    context.terminal.print(&text!(
        "Restored {} and {} to {}.\n",
        counted(brought.entries as u64, "entry"),
        counted(brought.records as u64, "record"),
        place
    ));
    Ok(Exit::Done)
}

/// Shows the damage, and accepts it once it was reviewed.
pub async fn repair(context: &Context, ledger: &Ledger<RunStore>, expected: Option<&str>) -> Result<Exit, Diagnostics> {
    let failed = |error: JournalError| Diagnostics::from(failures::journal(&error));
    let Some(repair) = ledger.repair_needed().await.map_err(failed)? else {
        context.terminal.print(&Text::ours("The chain is whole. There is nothing to repair.\n"));
        return Ok(Exit::Done);
    };
    let digest = repair.digest().map_err(failed)?;
    context.terminal.print(&review(&repair, &digest));
    if !repair.refused.is_empty() {
        let detail = "An object that can't be read, or that belongs to another organization, can't be accepted. Nothing was done. Restore it from a \
                      copy, or move it out of the backend; then run the command again.";
        return Err(Diagnostic::error(Code::DamagedJournal, detail).into());
    }
    approve(context, expected, &digest).await?;
    let holder = locking::holder(local_now(), "history repair");
    ledger.repair(&holder, local_now(), &repair).await.map_err(failed)?;
    context
        .terminal
        .print(&Text::ours("Accepted. The journal and records form one chain again, and the journal lists what was accepted.\n"));
    Ok(Exit::Done)
}

async fn approve(context: &Context, expected: Option<&str>, digest: &str) -> Result<(), Diagnostic> {
    match expected {
        Some(expected) if expected == digest => Ok(()),
        Some(expected) => {
            let detail = format!("The digest of the damage is {digest}, not {expected}. Nothing was done. Review the current damage.");
            Err(Diagnostic::error(Code::DigestMismatch, detail))
        }
        None if context.terminal.is_interactive() => {
            let question = "\nAccept all of this as it is? If there is a copy, restore it instead.\n  Only 'repair' will be accepted to \
                            confirm.\n\n  Enter a value: ";
            let confirmed = context.terminal.confirm(&Text::ours(question), "repair").await;
            confirmed.map_err(|why| Diagnostic::error(Code::ApprovalDeclined, format!("{why} Nothing was done.")))
        }
        None => {
            let detail = Message::new("Nothing was done. After you have reviewed this, run:")
                .command(&format!("orgroster history repair -expect-digest={digest}"));
            Err(Diagnostic::error(Code::ApprovalRequired, detail))
        }
    }
}

/// What a reviewer must know before accepting the damage.
fn review(repair: &Repair, digest: &str) -> Text {
    let mut text = text!("These objects do not fit together:\n\n");
    for Accepted { object, what } in repair.refused.iter().chain(&repair.accepted) {
        putln!(text, "  {}: {}", object, what);
    }
    let records = counted(repair.records.len() as u64, "record");
    putln!(text, "\nA repair would accept them as they are, with {} in this order, and record that it did:\n", records);
    for record in &repair.records {
        putln!(text, "  {}  sha256:{}", record.name, record.hash);
    }
    for intent in &repair.open {
        putln!(text, "\n{}: the outcome of its departure is unknown; the next apply asks AWS.", intent.planned.address);
    }
    put!(
        text,
        "\nNothing is rewritten or removed. Intents in lost lines can't be shown here: compare the accounts that have left\n\
         with the AccountDepartedOrganization events of CloudTrail.\n\nDigest of this repair: {}\n",
        digest
    );
    text
}
