//! What this build can do, and what it lacks.

use crate::diag::{Code, Diagnostic};
use crate::org::GateName;
use crate::plan::Plan;

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
    ("references", cfg!(feature = "references")),
    ("sandbox", cfg!(feature = "sandbox")),
    ("sarif", cfg!(feature = "sarif")),
    ("man", cfg!(feature = "man")),
    ("lsp", cfg!(feature = "lsp")),
];

/// The features that this build has, or those that it lacks.
pub fn features(built_in: bool) -> Vec<&'static str> {
    FEATURES.iter().filter(|(_, on)| *on == built_in).map(|(name, _)| *name).collect()
}

/// The platform, with Go's names for operating systems and architectures. Terraform prints these names and uses them for its downloads.
pub fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        // The others have the same name.
        other => other,
    };
    format!("{system}_{architecture}")
}

/// The sentence that resolves a missing feature. It ends with the command, so that users can copy the command.
pub const USE_FULL_BUILD: &str = "Use a build with every feature: cargo install --locked --path . --features full";

/// The end of a sentence about something that needs a feature that this build lacks.
#[allow(dead_code, reason = "used for each feature that is off")]
pub fn lacks(feature: &str) -> String {
    format!("this build lacks the feature `{feature}`. {USE_FULL_BUILD}")
}

/// The feature whose client answers a gate that is deferred to apply.
const fn asked_at_apply(gate: GateName) -> Option<(&'static str, bool)> {
    match gate {
        GateName::LeavePermission => Some(("iam", cfg!(feature = "iam"))),
        GateName::ContactInformation => Some(("account", cfg!(feature = "account"))),
        GateName::ResourceShares => Some(("ram", cfg!(feature = "ram"))),
        _ => None,
    }
}

/// Returns a warning if a plan has departures that this build can't carry out, because a gate is deferred to apply and its client is not
/// built in.
pub fn cannot_apply(plan: &Plan) -> Option<Diagnostic> {
    let deferred = plan.deferred_gates();
    let mut missing: Vec<_> =
        deferred.filter_map(|result| Some((result.gate, asked_at_apply(result.gate)?))).filter(|(_, (_, built_in))| !built_in).collect();
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return None;
    }
    let needs: Vec<_> = missing.iter().map(|(gate, (feature, _))| format!("{gate} needs the feature `{feature}`")).collect();
    let detail = format!("At apply, {}, which this build lacks: the departures would be held back. {USE_FULL_BUILD}", needs.join(", "));
    Some(Diagnostic::warning(Code::MissingFeature, detail))
}
