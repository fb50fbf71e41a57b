//! `explain`.

use crate::cli::args::ExplainArgs;
use crate::cli::watch::watched;
use crate::cli::world::{Wanted, World};
use crate::cli::{Context, Exit, failures};
use crate::diag::{Code, Diagnostic, Diagnostics, closest};
use crate::org::{AccountId, Address};
use crate::plan::{Explanation, Plan};
use crate::render::text::text;
use crate::render::{self, Text};

use super::plan::plan_now;

/// Shows every gate of one account: what it saw, where, and what settles it; or the page about a code of a diagnostic.
pub fn explain(context: &mut Context, arguments: &ExplainArgs) -> Result<Exit, Diagnostics> {
    if let Some(code) = Code::named(&arguments.account) {
        context.terminal.print(&page(code, arguments.json, context.terminal.style()));
        return Ok(Exit::Done);
    }
    if let Some(slip) = mistyped_code(&arguments.account) {
        return Err(slip.into());
    }
    super::block_on(async {
        let world = World::open(context).await?;
        let observed = watched(context, &world.aws, world.observe(Wanted::Departures)).await?;
        let records = world.ledger.departures().await.map_err(|error| failures::journal(&error))?;
        let (plan, _) = plan_now(context, &world, &observed, &records, &[]);
        let explanation = find(&plan, &arguments.account)?;
        let text = if arguments.json {
            Text::json_document(&serde_json::to_string(&explanation).unwrap_or_default())
        } else {
            render::explanation(&explanation, context.terminal.style())
        };
        context.terminal.print(&text);
        Ok(Exit::Done)
    })
}

/// The page about a code. It needs no configuration.
fn page(code: Code, json: bool, style: render::Style) -> Text {
    if json {
        let page = serde_json::json!({ "code": code.as_str(), "summary": code.summary(), "page": code.page().markdown() });
        return Text::json(&page);
    }
    text!("{} ({})\n\n{}", style.bold(code.summary()), code, Text::lines_of(&code.page().text(), ""))
}

/// What looks like a code and is none: to say so, no configuration is needed.
fn mistyped_code(wanted: &str) -> Option<Diagnostic> {
    let known: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let code = closest(wanted, &known).filter(|_| !wanted.contains('.'))?;
    Some(Diagnostic::error(Code::UnknownTarget, format!("There is no code {wanted:?}. Did you mean {code}?")))
}

fn find(plan: &Plan, wanted: &str) -> Result<Explanation, Diagnostic> {
    let id = wanted.parse::<AccountId>().ok();
    let address = wanted.parse::<Address>().ok();
    let is_wanted = |candidate: AccountId, at: &Address| id == Some(candidate) || address.as_ref() == Some(at);
    if let Some(found) = plan.departures.iter().chain(&plan.blocked).find(|detachment| is_wanted(detachment.id, &detachment.address)) {
        return Ok(Explanation::of(plan, found));
    }
    if plan.unchanged.iter().any(|unchanged| is_wanted(unchanged.id, &unchanged.address)) {
        let detail = format!("{wanted} is not to be detached, or has left already: nothing happens to it, so no gate is asked.");
        return Err(Diagnostic::error(Code::UnknownTarget, detail));
    }
    let known: Vec<_> = plan.departures.iter().chain(&plan.blocked).map(|detachment| detachment.address.to_string()).collect();
    let words: Vec<_> = known.iter().map(String::as_str).collect();
    let hint = closest(wanted, &words).map_or_else(String::new, |word| format!(" Did you mean {word}?"));
    Err(Diagnostic::error(Code::UnknownTarget, format!("No account block has the address or id {wanted:?}.{hint}")))
}
