//! `version`.

use serde_json::json;

use crate::cli::args::VersionArgs;
use crate::cli::build::features;
use crate::cli::{Context, Exit};
use crate::diag::Diagnostics;
use crate::org::FULL_BUILD;
use crate::render::Text;
use crate::render::text::text;

/// Prints the version, the features, and how to add those that this build lacks.
pub fn version(context: &mut Context, arguments: &VersionArgs) -> Result<Exit, Diagnostics> {
    let version = env!("CARGO_PKG_VERSION");
    let (features, missing) = (features(true), features(false));
    let platform = format!("{}_{}", std::env::consts::OS, std::env::consts::ARCH);
    let text = if arguments.json {
        Text::json(&json!({ "orgroster_version": version, "platform": platform, "features": features, "missing_features": missing }))
    } else if missing.is_empty() {
        text!("orgroster v{}\non {}, with {}\n", version, platform, features.join(", "))
    } else {
        let (features, missing) = (features.join(", "), missing.join(", "));
        text!("orgroster v{}\non {}, with {}\nwithout {}; to add them: {}\n", version, platform, features, missing, FULL_BUILD)
    };
    context.terminal.print(&text);
    Ok(Exit::Done)
}
