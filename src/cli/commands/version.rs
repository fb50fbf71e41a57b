//! `version`.

use serde_json::json;

use crate::cli::args::VersionArgs;
use crate::cli::{Context, Exit};
use crate::diag::Diagnostics;
use crate::render::Text;
use crate::render::text::text;

/// Features of the build that change what the program can do.
const FEATURES: &[(&str, bool)] = &[
    ("aws", cfg!(feature = "aws")),
    ("s3", cfg!(feature = "s3")),
    ("iam", cfg!(feature = "iam")),
    ("account", cfg!(feature = "account")),
    ("support", cfg!(feature = "support")),
    ("cloudtrail", cfg!(feature = "cloudtrail")),
    ("cloudformation", cfg!(feature = "cloudformation")),
    ("controltower", cfg!(feature = "controltower")),
    ("ram", cfg!(feature = "ram")),
    ("ssoadmin", cfg!(feature = "ssoadmin")),
    ("sandbox", cfg!(feature = "sandbox")),
];

/// Prints the version and the features.
pub fn version(context: &mut Context, arguments: &VersionArgs) -> Result<Exit, Diagnostics> {
    let version = env!("CARGO_PKG_VERSION");
    let features: Vec<_> = FEATURES.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let platform = format!("{}_{}", std::env::consts::OS, std::env::consts::ARCH);
    let text = if arguments.json {
        Text::json(&json!({ "orgroster_version": version, "platform": platform, "features": features }))
    } else {
        text!("orgroster v{}\non {}, with {}\n", version, platform, features.join(", "))
    };
    context.terminal.print(&text);
    Ok(Exit::Done)
}
