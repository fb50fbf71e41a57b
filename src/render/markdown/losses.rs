//! The consequences of departures and joinings, each listed once, and the facts that no gate reads.

use crate::gate::{self, GateResult, NotRead, Verdict};
use crate::plan::{Plan, PlannedAccount};
use crate::render::words;

use super::accounts::names;
use super::escape::{code, prose};
use super::section::{Rank, Section};

/// Maximum number of accounts that are listed for a consequence; the rest is only counted.
const NAMED: usize = 5;

/// A consequence, and the accounts that it affects.
struct Loss<'p> {
    result: &'p GateResult,
    /// The explanation without the account's id, so that equal consequences of several accounts can be grouped.
    text: String,
    accounts: Vec<&'p PlannedAccount>,
}

/// The consequences of departures, and those of joinings.
pub fn sections(plan: &Plan) -> Vec<Section> {
    let (join, leave): (Vec<_>, Vec<_>) = plan.eligible().into_iter().partition(|planned| words::joins(planned));
    let lost = section(&leave, ["consequence of leaving", "consequences of leaving"], "Consequences of leaving");
    lost.into_iter().chain(section(&join, ["consequence of joining", "consequences of joining"], "Consequences of joining")).collect()
}

fn section(accounts: &[&PlannedAccount], noun: [&'static str; 2], title: &str) -> Option<Section> {
    let mut losses: Vec<Loss<'_>> = Vec::new();
    for planned in accounts {
        for result in planned.gates().iter().filter(|result| is_loss(result)) {
            let text = result.explanation().replace(&planned.id.to_string(), "ACCOUNT");
            match losses.iter_mut().find(|loss| loss.result.gate == result.gate && loss.text == text) {
                Some(loss) => loss.accounts.push(planned),
                None => losses.push(Loss { result, text, accounts: vec![planned] }),
            }
        }
    }
    losses.sort_by_key(|loss| loss.result.gate);
    let items: Vec<_> = losses.iter().map(|loss| item(loss, accounts.len())).collect();
    (!items.is_empty()).then(|| Section {
        rank: Rank::Losses,
        noun,
        open: format!("### {title}\n\n"),
        items,
        close: String::new(),
        whole: false,
    })
}

/// What may depend on the organization but is not read by any gate. It is the same for every account that leaves.
pub fn not_read(plan: &Plan) -> Option<Section> {
    let first = plan.eligible().into_iter().find(|planned| planned.leaving().is_some())?;
    let items: Vec<_> = gate::not_read(first.id).iter().map(|NotRead { what, how: _ }| format!("- {}\n", prose(what))).collect();
    let summary = format!("Not read by any gate, so check before the accounts leave: {}", items.len());
    let command = code(&plan.invocation.command(&["explain", &first.address.to_string()]));
    let each = format!("{command} prints the commands that check these for one account. Run it for every other account too.");
    Some(Section {
        rank: Rank::NotRead,
        noun: ["thing that no gate reads", "things that no gate reads"],
        open: format!("<details>\n<summary>{summary}</summary>\n\n"),
        items,
        close: format!("\n{each}\n\n</details>\n"),
        whole: false,
    })
}

/// Whether the gate is about a consequence that applies, may apply because it is unknown, or is acknowledged in the block.
fn is_loss(result: &GateResult) -> bool {
    result.gate.consequence().is_some() && (result.is_acknowledged() || !matches!(result.verdict, Verdict::Pass { .. }))
}

fn item(loss: &Loss<'_>, all: usize) -> String {
    let Loss { result, text, accounts } = loss;
    let text = if accounts.len() == 1 { result.explanation() } else { text };
    let who = if accounts.len() == all && all > 1 {
        format!("all {all}")
    } else {
        let named: Vec<_> = accounts.iter().take(NAMED).map(|account| code(&account.display_name())).collect();
        let rest = accounts.len() - named.len();
        format!("{}{}", named.join(", "), if rest > 0 { format!(" and {rest} more") } else { String::new() })
    };
    format!("- {} ({who}): {}\n", names(&[result.gate]), prose(text))
}
