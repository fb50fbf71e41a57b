//! Terraform's functions that are intentionally not supported, each with the reason and a replacement.

/// The names of the functions, with the reason and the replacement.
const REFUSED: &[(&str, &str)] = &[
    (
        "abspath",
        "its result depends on the path of the configuration, so a plan would differ from machine to machine. Paths are relative to the configuration's directory: leave the function out",
    ),
    ("bcrypt", "its result differs at each call, so no plan could be compared with a later one. For a stable hash, use sha256()"),
    (
        "ephemeralasnull",
        "there are no ephemeral values. Leave the function out. To keep a value from being printed, mark it with sensitive()",
    ),
    ("list", "Terraform has removed it. Write the elements in brackets, as in `[\"a\", \"b\"]`, or convert with tolist()"),
    ("map", "Terraform has removed it. Write the elements in braces, as in `{ a = 1 }`, or convert with tomap()"),
    (
        "pathexpand",
        "functions only read files in the configuration's directory, and home directories differ from machine to machine. Use a path relative to the configuration's directory",
    ),
    (
        "rsadecrypt",
        "a configuration must not contain private keys. Decrypt the value outside, and pass the result in a variable with `sensitive = true`",
    ),
    (
        "timestamp",
        "its result differs at each call, so a saved plan would never match what is applied. Use plantimestamp(), whose result a saved plan contains",
    ),
    (
        "uuid",
        "its result differs at each call, so a saved plan would never match what is applied. Use uuidv5(), as in `uuidv5(\"dns\", \"example.com\")`",
    ),
];

/// Terraform's functions that are intentionally not supported, each with the reason and a replacement.
#[must_use]
pub const fn refused_functions() -> &'static [(&'static str, &'static str)] {
    REFUSED
}

/// The reason why one of Terraform's functions is not supported; `None` for any other name.
pub(in crate::config::eval) fn reason(name: &str) -> Option<&'static str> {
    REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_function_is_both_here_and_refused() {
        let names = super::super::function_names();
        assert!(REFUSED.iter().all(|(name, _)| !names.contains(name)));
        assert!(reason("upper").is_none());
    }
}
