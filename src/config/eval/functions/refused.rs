//! Functions of Terraform that are not here on purpose, each with the reason and what to use instead.

/// The names with what is said of them.
const REFUSED: &[(&str, &str)] = &[
    (
        "abspath",
        "its result depends on where the configuration lies, so that a plan made on one machine would differ from one made on another. Paths here are relative to the configuration's directory: leave the function out",
    ),
    (
        "bcrypt",
        "its result is another one at each call, so that no plan could be compared with a later one. For a hash that stays the same use sha256()",
    ),
    ("ephemeralasnull", "no value here is ephemeral. Leave the function out; a value that must not be printed is marked with sensitive()"),
    ("list", "Terraform has removed it. Write the elements in brackets, as in `[\"a\", \"b\"]`, or convert with tolist()"),
    ("map", "Terraform has removed it. Write the elements in braces, as in `{ a = 1 }`, or convert with tomap()"),
    (
        "pathexpand",
        "functions read files of the configuration's directory only, and a home directory is another one on each machine. Write a path that is relative to the configuration's directory",
    ),
    ("rsadecrypt", "a configuration holds no private keys. Decrypt outside, and pass the result in a variable with `sensitive = true`"),
    (
        "timestamp",
        "its result is another one at each call, so that a saved plan would never match what is applied. Use plantimestamp(), which a saved plan keeps",
    ),
    (
        "uuid",
        "its result is another one at each call, so that a saved plan would never match what is applied. Use uuidv5(), as in `uuidv5(\"dns\", \"example.com\")`",
    ),
];

/// The functions of Terraform that are not here on purpose, each with the reason and what to use instead.
#[must_use]
pub const fn refused_functions() -> &'static [(&'static str, &'static str)] {
    REFUSED
}

/// Why there is no such function here, if it is one of Terraform's.
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
