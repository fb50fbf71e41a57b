//! The files and directories that a search leaves out on purpose and does not report.

use std::ffi::OsStr;

/// Directories of version control, and of tools that keep copies of other files.
const DIRECTORIES: &[&str] = &[".git", ".hg", ".svn", ".jj", ".terraform", ".terragrunt-cache", ".orgroster"];

/// The roster's own files.
const ROSTER: &str = ".roster.hcl";

/// Whether a file or directory with that name belongs to the roster's own configuration, or to no configuration.
pub(super) fn is_left_out(name: &OsStr, is_directory: bool) -> bool {
    let name = name.to_string_lossy();
    if is_directory { DIRECTORIES.contains(&name.as_ref()) } else { name.ends_with(ROSTER) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_roster_and_version_control_are_left_out() {
        let left_out = |name: &str, is_directory| is_left_out(OsStr::new(name), is_directory);
        assert!(left_out(".git", true) && left_out(".terraform", true) && left_out("main.roster.hcl", false));
        assert!(!left_out(".git", false) && !left_out(".github", true) && !left_out("main.tf", false) && !left_out("x.roster.hcl", true));
    }
}
