//! `import`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::args::ImportArgs;
use crate::cli::connection::workspace::Workspace;
use crate::cli::output::watch::watched;
use crate::cli::starter::{Blocks, Units, write_new};
use crate::cli::{Context, Exit, failures, signals};
use crate::diag::Diagnostics;
use crate::observe::{ObserveScope, unit_names};
use crate::org::counted;
use crate::render::Text;
use crate::render::text::text;

/// Writes a `member` block for every live member that has none. Does not overwrite files.
pub fn import(context: &mut Context, arguments: &ImportArgs) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let workspace = Workspace::open(context).await?;
        let observed = watched(context, &workspace.aws, workspace.observe(ObserveScope::Accounts)).await?;
        let declared: BTreeSet<_> = workspace.roster.accounts.iter().map(|account| account.id).collect();
        let missing: Vec<_> = observed.members().filter(|account| !declared.contains(&account.id)).cloned().collect();
        if missing.is_empty() {
            let done = "Every member of the organization has an account block. There is nothing to import.\n";
            context.terminal.print(&Text::ours(done));
            return Ok(Exit::Done);
        }
        let names = watched(context, &workspace.aws, unit_names(&workspace.aws, &missing)).await;
        let units = Units::new(observed.root.id.clone(), names.map_err(|error| failures::api(&error))?);
        let taken = workspace.roster.accounts.iter().map(|account| account.address.label.as_str()).collect();
        let blocks = Blocks::new(&missing, &units, &taken, observed.observed_at);
        let Some(path) = &arguments.out else {
            context.terminal.print(&Text::verbatim(blocks.text()));
            return Ok(Exit::Done);
        };
        signals::hold();
        let what = if path.is_dir() {
            let files = blocks.files(|name| path.join(name).symlink_metadata().is_ok());
            write_new(path, &files)?;
            described(path, &files)
        } else {
            write_new(Path::new(""), &[(path.display().to_string(), blocks.text())])?;
            path.display().to_string()
        };
        context.terminal.print(&text!(
            "Wrote {} with blocks for {}. Review them, then run orgroster plan.\n",
            what,
            counted(missing.len() as u64, "account")
        ));
        Ok(Exit::Done)
    })
}

/// For example "members.roster.hcl" or "12 files".
pub fn described(directory: &Path, files: &[(String, String)]) -> String {
    match files {
        [(name, _)] => directory.strip_prefix(".").unwrap_or(directory).join(name).display().to_string(),
        many => format!("{} files", many.len()),
    }
}
