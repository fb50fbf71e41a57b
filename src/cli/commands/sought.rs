//! Which accounts `references` searches for, from the configuration and the departure records on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::cli::args::ReferencesArgs;
use crate::cli::connection::observation::unknown_target;
use crate::cli::connection::workspace::local_store;
use crate::cli::{Context, failures};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::journal::{Ledger, LocalStore, Record};
use crate::org::{AccountId, Address, Backend, DesiredAccount, DesiredRoster, Message, OrganizationId};
use crate::plan::find_target;
use crate::references::{SoughtAccount, Status};

use super::history::damaged;

/// What to search for.
pub struct Sought {
    pub accounts: Vec<SoughtAccount>,
    /// The organization of the configuration.
    pub organization: Option<OrganizationId>,
    /// The location of the records, if they were not read.
    pub records_not_read: Option<String>,
}

/// The accounts given as arguments; by default, those that are leaving or have left.
///
/// # Errors
///
/// Returns an error if the configuration or the records are not valid, an argument matches no account, or there is no account to search
/// for.
pub async fn sought(context: &mut Context, arguments: &ReferencesArgs) -> Result<Sought, Diagnostics> {
    let roster = match context.configuration() {
        Ok((roster, warnings)) => {
            context.report(&warnings);
            roster
        }
        Err(wrong) => return without_configuration(arguments, &wrong).ok_or(wrong),
    };
    let (records, records_not_read) = records(&roster, arguments.records.as_deref()).await?;
    let known = known(&roster, &records);
    let wanted = if arguments.accounts.is_empty() {
        known.iter().filter(|(_, account)| account.status != Status::Named).map(|(id, _)| *id).collect()
    } else {
        named(&roster, &known, &arguments.accounts)?
    };
    if wanted.is_empty() {
        return Err(nothing_to_search_for().into());
    }
    let account = |id: AccountId| known.get(&id).cloned().unwrap_or_else(|| by_id(id));
    let accounts = wanted.into_iter().map(account).collect();
    Ok(Sought { accounts, organization: Some(roster.organization.id), records_not_read })
}

/// Searches by id alone. Ids mean the same without a configuration.
fn without_configuration(arguments: &ReferencesArgs, wrong: &Diagnostics) -> Option<Sought> {
    let ids: BTreeSet<AccountId> = arguments.accounts.iter().map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let is_all = wrong.has_any(&[Code::NoConfiguration]) && arguments.records.is_none() && !ids.is_empty();
    is_all.then(|| Sought { accounts: ids.into_iter().map(by_id).collect(), organization: None, records_not_read: None })
}

fn by_id(id: AccountId) -> SoughtAccount {
    SoughtAccount { id, address: None, status: Status::Named, names: BTreeSet::new(), emails: BTreeSet::new() }
}

fn nothing_to_search_for() -> Diagnostic {
    let detail = Message::new(
        "There is no account to search for: the configuration detaches none, and there are no departure records. Pass accounts:",
    )
    .command("orgroster references ACCOUNT -in DIR");
    Diagnostic::error(Code::InvalidArgument, detail)
}

/// The records of a copy or of the backend; the backend's location instead, if it is not on this machine.
async fn records(roster: &DesiredRoster, copy: Option<&Path>) -> Result<(Vec<Record>, Option<String>), Diagnostics> {
    let store = match copy {
        Some(directory) if directory.is_dir() => LocalStore::new(directory),
        Some(directory) => {
            let detail = format!("There is no directory {}. Give the one that `apply -records-to` wrote to.", directory.display());
            return Err(Diagnostic::error(Code::InvalidArgument, detail).into());
        }
        None => match local_store(roster) {
            Some(store) => store,
            None => return Ok((Vec::new(), Some(place(&roster.backend)))),
        },
    };
    let ledger = Ledger::new(store, roster.organization.id.clone());
    let chain = ledger.check(None).await.map_err(|error| failures::journal(&error))?;
    if !chain.damage.is_empty() {
        return Err(damaged(&chain.damage));
    }
    Ok((chain.records.into_iter().map(|found| found.record).collect(), None))
}

fn place(backend: &Backend) -> String {
    match backend {
        Backend::Local { path } => path.display().to_string(),
        Backend::S3 { bucket, prefix, .. } => format!("s3://{bucket}/{}", prefix.as_deref().unwrap_or_default()),
    }
}

/// Every account that is in the configuration or in a record.
fn known(roster: &DesiredRoster, records: &[Record]) -> BTreeMap<AccountId, SoughtAccount> {
    let mut known: BTreeMap<AccountId, SoughtAccount> = BTreeMap::new();
    for record in records {
        let planned = &record.planned;
        let account = known.entry(planned.id).or_insert_with(|| by_id(planned.id));
        account.status = Status::Departed;
        account.address = Some(planned.address.clone());
        account.names.extend(planned.before.iter().map(|before| before.name.clone()));
        account.emails.extend(planned.before.iter().map(|before| before.email.clone()));
    }
    for declared in &roster.accounts {
        let account = known.entry(declared.id).or_insert_with(|| by_id(declared.id));
        account.status = status(declared, account.status);
        account.address = Some(declared.address.clone());
        account.names.extend(declared.name.clone());
        account.emails.extend(declared.email.clone());
    }
    known
}

/// Why an account with a block is searched for. An account that is a member again has not left.
fn status(declared: &DesiredAccount, recorded: Status) -> Status {
    match declared.leaving() {
        None => Status::Named,
        Some(leaving) if recorded == Status::Departed || leaving.departed.is_some() => Status::Departed,
        Some(_) => Status::Departing,
    }
}

/// The accounts that the arguments mean: by address, label or id, in the configuration or else in the records.
fn named(roster: &DesiredRoster, known: &BTreeMap<AccountId, SoughtAccount>, words: &[String]) -> Result<BTreeSet<AccountId>, Diagnostics> {
    let (mut wanted, mut wrong) = (BTreeSet::new(), Diagnostics::default());
    for word in words {
        match (find_target(roster, word), word.parse::<AccountId>()) {
            (_, Ok(id)) => drop(wanted.insert(id)),
            (Ok(address), _) => wanted.extend(covered(known, &address)),
            (Err(error), _) => {
                let address = word.parse().unwrap_or_else(|_| Address::new(word));
                let recorded: Vec<_> = covered(known, &address).collect();
                if recorded.is_empty() {
                    wrong.push(unknown_target("", &error));
                }
                wanted.extend(recorded);
            }
        }
    }
    if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
}

fn covered(known: &BTreeMap<AccountId, SoughtAccount>, wanted: &Address) -> impl Iterator<Item = AccountId> {
    known.values().filter(|account| account.address.as_ref().is_some_and(|address| wanted.covers(address))).map(|account| account.id)
}
