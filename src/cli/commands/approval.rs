//! Who says that a plan may be carried out.

use crate::cli::Context;
use crate::cli::args::ApplyArgs;
use crate::diag::{Code, Diagnostic};
use crate::org::Message;
use crate::plan::{Digest, Plan};
use crate::render::text::text;

/// Refuses an apply that nobody could approve, before anything is read.
///
/// # Errors
///
/// `approval-required`.
pub fn check_possible(context: &Context, arguments: &ApplyArgs) -> Result<(), Diagnostic> {
    let approved_already = arguments.plan.is_some() || arguments.auto_approve || arguments.expect_digest.is_some();
    if approved_already || (arguments.input && !arguments.json && context.terminal.is_interactive()) {
        return Ok(());
    }
    let why = if arguments.json {
        "With -json nothing is asked."
    } else if arguments.input {
        "There is no terminal to ask for approval."
    } else {
        "-input=false forbids to ask for approval."
    };
    let commands = ["plan -out plan.json", "apply plan.json", "apply -expect-digest sha256:...", "apply -auto-approve"];
    let detail = Message::new(&format!("{why} Apply a saved plan, or name what is approved:"));
    let detail = commands.iter().fold(detail, |detail, command| detail.command(&format!("orgroster {command}")));
    Err(Diagnostic::error(Code::ApprovalRequired, detail))
}

/// The digest that was approved elsewhere, whole.
#[must_use]
pub fn expected(arguments: &ApplyArgs) -> Option<Digest> {
    let text = arguments.expect_digest.as_ref()?;
    Some(Digest(format!("sha256:{}", text.strip_prefix("sha256:").unwrap_or(text))))
}

/// Checks the digest, and asks where nothing else has approved.
///
/// # Errors
///
/// `digest-mismatch` or `approval-declined`.
pub fn obtain(context: &Context, arguments: &ApplyArgs, plan: &Plan) -> Result<(), Diagnostic> {
    if let Some(expected) = expected(arguments)
        && expected != plan.digest
    {
        let detail = format!(
            "-expect-digest asks for {expected}, and the plan is {}. Nothing was done. Review the plan above, then give its digest.",
            plan.digest
        );
        return Err(Diagnostic::error(Code::DigestMismatch, detail));
    }
    if arguments.plan.is_some() || arguments.auto_approve || arguments.expect_digest.is_some() {
        return Ok(());
    }
    let departures = plan.departures.as_slice();
    let wanted = match departures {
        [one] => format!("detach {}", one.display_name()),
        several => format!("detach {}", several.len()),
    };
    let style = context.terminal.style();
    let title =
        style.bold(if departures.len() == 1 { "Do you want to detach this account?" } else { "Do you want to detach these accounts?" });
    let question = text!(
        "\n{}\n  orgroster will do what is described above. Leaving an organization can't be undone.\n  Only '{}' will be accepted to approve.\n\n  {} ",
        title,
        wanted,
        style.bold("Enter a value:")
    );
    match context.terminal.ask(&question) {
        Some(answer) if answer == wanted => Ok(()),
        Some(_) => Err(Diagnostic::error(Code::ApprovalDeclined, format!("The answer was not '{wanted}'. Nothing was done."))),
        None => Err(Diagnostic::error(Code::ApprovalDeclined, "The input ended before an answer. Nothing was done.")),
    }
}
