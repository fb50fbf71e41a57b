//! `show`.

use std::fs;
use std::path::Path;

use crate::cli::args::ShowArgs;
use crate::cli::{Context, Exit};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::plan::PlanFile;
use crate::render::{self, PageView, PlanView, Text};

use super::baseline;

/// Renders a saved plan, a stale one too.
pub fn show(context: &mut Context, arguments: &ShowArgs) -> Result<Exit, Diagnostics> {
    let mut file = read_plan(&arguments.plan)?;
    let baseline = baseline::read(arguments.baseline.as_deref())?;
    baseline::compare(&mut file.orgroster, baseline.as_ref())?;
    if arguments.redact_emails {
        file = file.without_emails().map_err(|error| {
            let detail = format!("-redact-emails: {} can't be shown without addresses: {error}.", arguments.plan.display());
            Diagnostic::error(Code::InvalidPlanFile, detail)
        })?;
    }
    let text = if arguments.json {
        Text::json_document(&file.to_json())
    } else if arguments.html {
        let directory = file.orgroster.invocation.chdir.as_deref().unwrap_or_default();
        render::page(&file.orgroster, PageView { plan_file: &context.place.relative_to_directory(directory, &arguments.plan) })
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

/// Reads a plan file, once.
///
/// # Errors
///
/// Why it can't be used.
pub fn read_plan(path: &Path) -> Result<PlanFile, Diagnostic> {
    let cannot = |why: String| Diagnostic::error(Code::InvalidPlanFile, format!("{} can't be used as a plan: {why}.", path.display()));
    let bytes = fs::read(path).map_err(|error| cannot(error.to_string()))?;
    PlanFile::parse(&bytes).map_err(|error| cannot(error.to_string()))
}
