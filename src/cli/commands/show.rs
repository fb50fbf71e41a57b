//! `show`.

use crate::cli::args::ShowArgs;
use crate::cli::connection::saved::{compare_with, read_baseline, read_plan};
use crate::cli::{Context, Exit, failures};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::Unserializable;
use crate::render::{self, PageView, PlanView, Text};

/// Renders a saved plan, even a stale one.
pub fn show(context: &mut Context, arguments: &ShowArgs) -> Result<Exit, Diagnostics> {
    let mut file = read_plan(&arguments.plan)?;
    let baseline = read_baseline(arguments.baseline.as_deref())?;
    compare_with(&mut file.orgroster, baseline.as_ref())?;
    if arguments.redact_emails {
        file = file.without_emails().map_err(|error| {
            let detail = format!("-redact-emails: the addresses in {} can't be redacted: {error}.", arguments.plan.display());
            Diagnostic::error(Code::InvalidPlanFile, detail)
        })?;
    }
    let unserializable = |error: Unserializable| failures::unserializable(&error);
    let text = if arguments.json {
        Text::json_document(&file.to_json().map_err(unserializable)?)
    } else if arguments.html {
        let directory = file.orgroster.invocation.chdir.as_deref().unwrap_or_default();
        let view = PageView { plan_file: &context.place.relative_to_directory(directory, &arguments.plan) };
        render::page(&file.orgroster, view).map_err(unserializable)?
    } else if arguments.markdown {
        render::markdown(&file.orgroster, !file.variables().is_empty())
    } else if arguments.gitlab_report {
        render::gitlab_report(&file.orgroster)
    } else {
        let invocation = &context.place.relative_to_base(&file.orgroster.invocation);
        render::plan(&file.orgroster, PlanView { style: context.terminal.style(), verbose: arguments.verbose, cost: None, invocation })
    };
    context.terminal.print(&text);
    Ok(Exit::Done)
}
