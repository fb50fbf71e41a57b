//! `version`.

use serde_json::json;

use crate::cli::args::VersionArgs;
use crate::cli::build::{features, platform};
use crate::cli::{Context, Exit};
use crate::diag::Diagnostics;
use crate::org::{FULL_BUILD, TERRAFORM_VERSION};
use crate::render::Text;
use crate::render::text::text;

/// Prints the version, the features, and how to add the features that this build lacks.
pub fn version(context: &mut Context, arguments: &VersionArgs) -> Result<Exit, Diagnostics> {
    let version = env!("CARGO_PKG_VERSION");
    let (features, missing) = (features(true), features(false));
    let platform = platform();
    let text = if arguments.json {
        // The keys of `terraform version -json`, for programs that read it. There is no provider to select, and no check for a newer
        // version.
        Text::pretty_json(&json!({
            "terraform_version": TERRAFORM_VERSION, "platform": platform, "provider_selections": {}, "terraform_outdated": false,
            "orgroster_version": version, "features": features, "missing_features": missing,
        }))
    } else if missing.is_empty() {
        text!("orgroster v{}\non {}, with {}\n", version, platform, features.join(", "))
    } else {
        let (features, missing) = (features.join(", "), missing.join(", "));
        text!("orgroster v{}\non {}, with {}\nwithout {}; to add them: {}\n", version, platform, features, missing, FULL_BUILD)
    };
    context.terminal.print(&text);
    Ok(Exit::Done)
}
