//! `explain`.

use crate::cli::args::ExplainArgs;
use crate::cli::connection::observation::unknown_target;
use crate::cli::connection::workspace::Workspace;
use crate::cli::output::watch::watched;
use crate::cli::{Context, Exit, failures};
use crate::diag::{Code, Diagnostic, Diagnostics, closest};
use crate::gate::{Gate, gate};
use crate::observe::ObserveScope;
use crate::org::{Account, Address, DesiredRoster, GateName, json_line};
use crate::plan::{Explained, Explanation, Plan, find_target};
use crate::render::text::text;
use crate::render::{self, Text};

use super::plan::plan_at;

/// How many accounts a message lists.
const NAMED: usize = 5;

/// Explains one account, a gate, or a diagnostic code.
pub fn explain(context: &mut Context, arguments: &ExplainArgs) -> Result<Exit, Diagnostics> {
    let wanted = &arguments.account;
    let style = context.terminal.style();
    if let Some(code) = Code::named(wanted) {
        context.terminal.print(&page(code, arguments.json, style));
        return Ok(Exit::Done);
    }
    if let Ok(name) = wanted.parse::<GateName>() {
        context.terminal.print(&about_gate(gate(name), arguments.json, style));
        return Ok(Exit::Done);
    }
    if let Some(slip) = mistyped(wanted) {
        // An account's label may look like the name of a code or gate.
        let is_account = context.configuration().is_ok_and(|(roster, _)| find_target(&roster, wanted).is_ok());
        if !is_account {
            return Err(slip.into());
        }
    }
    if let Some(at) = arguments.at {
        context.given.choose_time(at);
    }
    super::block_on(async {
        let workspace = Workspace::open(context).await?;
        let address = match find(&workspace.roster, wanted) {
            Ok(address) => address,
            Err(unknown) => return Err(with_live_account(&workspace, wanted, unknown).await.into()),
        };
        let scope = match workspace.roster.account(&address) {
            // Departures are judged without the list of all accounts, but a member is compared with it.
            Some(account) if account.leaving().is_some() => ObserveScope::Acts,
            // An account's invitation counts together with those of the others.
            Some(account) if account.joining().is_some() => ObserveScope::Plan(&[]),
            _ => ObserveScope::Plan(std::slice::from_ref(&address)),
        };
        let observed = watched(context, &workspace.aws, workspace.observe(scope)).await?;
        let records = workspace.ledger.latest_acts().await.map_err(|error| failures::journal(&error))?;
        let joinings = workspace.joinings().await?;
        let (plan, _) = plan_at(context, &workspace, &observed, (&records, &joinings), &[], arguments.at.unwrap_or(workspace.now()));
        let explained = explained(&plan, &address).ok_or_else(|| nothing_known(wanted))?;
        let text = if arguments.json {
            Text::json_document(&json_line(&explained).map_err(|error| failures::unserializable(&error))?)
        } else {
            let as_if = arguments.at.map_or_else(Text::default, |at| text!("As if it were {}:\n\n", at));
            text!("{}{}", as_if, render::explanation(&explained, &context.invocation, style))
        };
        context.terminal.print(&text);
        Ok(Exit::Done)
    })
}

/// The page about a diagnostic code. It needs no configuration.
fn page(code: Code, json: bool, style: render::Style) -> Text {
    if json {
        let page = serde_json::json!({ "code": code.as_str(), "summary": code.summary(), "page": code.page().markdown() });
        return Text::json(&page);
    }
    text!("{} ({})\n\n{}", style.bold(code.summary()), code, Text::lines_of(&code.page().text(), ""))
}

/// The question that a gate answers. It needs no configuration either.
fn about_gate(gate: &Gate, json: bool, style: render::Style) -> Text {
    if json {
        let page = serde_json::json!({ "gate": gate.name, "asks": gate.asks, "who": gate.who, "documentation": gate.documentation });
        return Text::json(&page);
    }
    render::gate_page(gate, style)
}

/// Returns a diagnostic for a word that resembles a code or a gate but is not one. It needs no configuration.
fn mistyped(wanted: &str) -> Option<Diagnostic> {
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let known: Vec<_> = codes.chain(GateName::ALL.iter().map(|gate| gate.as_str())).collect();
    let name = closest(wanted, &known).filter(|_| !wanted.contains('.'))?;
    let kind = if GateName::ALL.iter().any(|gate| gate.as_str() == name) { "gate" } else { "code" };
    Some(Diagnostic::error(Code::UnknownTarget, format!("There is no {kind} {wanted:?}. Did you mean {name}?")))
}

/// Finds the address of one account.
fn find(roster: &DesiredRoster, wanted: &str) -> Result<Address, Diagnostic> {
    let address = find_target(roster, wanted).map_err(|error| unknown_target("", &error))?;
    if roster.account(&address).is_some() {
        return Ok(address);
    }
    let instances = roster.accounts.iter().filter(|account| account.address.label == address.label);
    let instances: Vec<_> = instances.map(|account| account.address.to_string()).take(NAMED).collect();
    let detail = format!("{wanted} matches more than one account. Give the address of one, such as {}.", instances.join(", "));
    Err(Diagnostic::error(Code::UnknownTarget, detail))
}

/// Extends the diagnostic for a word that matches no block: if it is the name or address of live accounts, lists them.
async fn with_live_account(workspace: &Workspace, wanted: &str, unknown: Diagnostic) -> Diagnostic {
    // If listing the accounts is not allowed, report what was already known.
    let Ok(observed) = workspace.observe(ObserveScope::Plan(&[])).await else { return unknown };
    let is_meant = |account: &&Account| [&account.name, &account.email].iter().any(|text| text.eq_ignore_ascii_case(wanted));
    let by_id = wanted.parse().ok().and_then(|id| observed.account(id));
    let found = by_id.into_iter().chain(observed.accounts.iter().filter(is_meant)).take(NAMED).map(|account| {
        let id = account.id;
        match workspace.roster.accounts.iter().find(|declared| declared.id == id) {
            Some(declared) => format!("Account {id} is {}. Use that address.", declared.address),
            None => format!("Account {id} has no block, so nothing is planned for it; `orgroster import` writes one."),
        }
    });
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        return unknown;
    }
    Diagnostic::error(Code::UnknownTarget, format!("No block matches {wanted:?}. {}", found.join(" ")))
}

fn explained(plan: &Plan, address: &Address) -> Option<Explained> {
    let found = plan.accounts.iter().find(|planned| planned.address == *address)?;
    Some(match found.act() {
        Some(_) => Explained::Act(Box::new(Explanation::of(plan, found))),
        None => Explained::unchanged(found),
    })
}

fn nothing_known(wanted: &str) -> Diagnostic {
    Diagnostic::error(Code::UnknownTarget, format!("The plan contains nothing about {wanted}."))
}
