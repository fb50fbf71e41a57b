//! Declared members that are missing or differ from their declarations.

use crate::org::{AccountState, counted};
use crate::plan::{Drift, Plan, PlannedAccount};

use crate::render::text::{put, putln, quoted, text};
use crate::render::{Style, Text};

/// Shows drift where Terraform shows it, before all actions.
pub(in crate::render) fn section(text: &mut Text, plan: &Plan, style: Style) {
    if plan.drifted().next().is_none() {
        return;
    }
    let head = text!("{} Members are not as declared. Apply does not correct this:", style.bold("Drift:"));
    putln!(text, "{}\n", style.wrapped(&head, "  "));
    for drifted in plan.drifted() {
        let head = text!("  # {} {} ({}{})", style.bold(&drifted.address), style.yellow("has drifted"), drifted.id, name(drifted));
        putln!(text, "{}", style.wrapped(&head, "    "));
        for drift in &drifted.drift {
            putln!(text, "{}", style.wrapped(&text!("    {}", describe(drift)), "      "));
        }
        put!(text, "\n");
    }
}

fn name(drifted: &PlannedAccount) -> Text {
    drifted.before.as_ref().map_or_else(Text::default, |account| text!(" {}", quoted(&account.name)))
}

/// Describes a difference in a clause.
pub(in crate::render) fn describe(drift: &Drift) -> String {
    match drift {
        Drift::Missing { departed: None } => "it is declared as a member but is not in the organization".to_owned(),
        Drift::Missing { departed: Some(departed) } if departed.is_final() => {
            format!("AWS removed it for good at {}, after it had been closed for 90 days", departed.at)
        }
        Drift::Missing { departed: Some(departed) } => {
            let how = departed.method.as_ref().map_or_else(String::new, |method| format!(" ({method})"));
            format!("it is declared as a member but left the organization at {}{how}", departed.at)
        }
        Drift::State { state, removed_by } => {
            let until = removed_by.map_or_else(String::new, |day| format!("; AWS removes it for good by {day} at the latest"));
            format!("its state is {state}: {}{until}", state.meaning())
        }
        Drift::Name { declared, live } => format!("the declared name is {declared:?}, the live name is {live:?}"),
        Drift::Email { declared, live } => format!("the declared email is {declared:?}, the live email is {live:?}"),
    }
}

/// The state of an account, with the date by which AWS removes it if there is one.
pub(in crate::render) fn state(state: &AccountState, removed_by: Option<jiff::civil::Date>) -> String {
    removed_by.map_or_else(|| state.to_string(), |day| format!("{state}, removed by AWS by {day} at the latest"))
}

/// `1 member missing, 2 members not as declared`.
pub(in crate::render) fn counts(plan: &Plan) -> String {
    let missing = plan.drifted().filter(|drifted| drifted.before.is_none()).count();
    let other = plan.drifted().count() - missing;
    let parts = [(missing, "missing"), (other, "not as declared")];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{} {what}", counted(*count as u64, "member"))).collect();
    parts.join(", ")
}
