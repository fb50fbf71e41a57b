//! `announce`.

use jiff::SignedDuration;

use crate::cli::args::AnnounceArgs;
use crate::cli::connection::saved::read_plan;
use crate::cli::{Context, Exit};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::render::{self, Announcement, Text};

/// How long after planning a plan is assumed to be applied, by default.
const USUALLY_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Prints the CloudTrail events that applying a saved plan will cause.
pub fn announce(context: &mut Context, arguments: &AnnounceArgs) -> Result<Exit, Diagnostics> {
    let plan = read_plan(&arguments.plan)?.orgroster;
    let from = arguments.from.unwrap_or(plan.planned_at);
    let until = arguments.until.unwrap_or_else(|| from.checked_add(USUALLY_WITHIN).unwrap_or(from));
    if until < from {
        let detail = format!("-until {until} is before the start of the period, {from}. Correct one of them.");
        return Err(Diagnostic::error(Code::InvalidArgument, detail).into());
    }
    let announcement = Announcement::of(&plan, from, until);
    let text = if arguments.json {
        Text::json(&serde_json::json!(announcement))
    } else if arguments.sigma {
        render::sigma(&announcement)
    } else {
        render::announcement(&announcement, context.terminal.style())
    };
    context.terminal.print(&text);
    Ok(Exit::Done)
}
