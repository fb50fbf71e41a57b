//! How this run was called, to build the commands that it prints.

use std::path::{Component, Path, PathBuf};

use crate::config::{Argument, ExternalValues};
use crate::org::{DesiredRoster, Invocation};

/// The options that a printed command needs in the directory where this run was started, as they were given.
pub fn here(chdir: Option<&Path>, given: &ExternalValues) -> Invocation {
    let option = |argument: &Argument| match argument {
        Argument::Value(text) => format!("-var={text}"),
        Argument::File(path) => format!("-var-file={}", path.display()),
    };
    Invocation {
        chdir: chdir.map(|directory| directory.display().to_string()),
        trusted_config: given.trusted_config.as_ref().map(|file| file.display().to_string()),
        variables: given.arguments.iter().map(option).collect(),
    }
}

/// Where this run works, for commands that are read elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The root of the repository around the configuration, or else the directory in which the program was started.
    base: PathBuf,
    /// The configuration's directory.
    here: PathBuf,
}

impl Place {
    /// The place of a run that was started in `started` and works in `here`. Both paths are absolute.
    pub fn new(started: &Path, here: &Path, repository: Option<PathBuf>) -> Self {
        let (started, here) = (normal(started), normal(here));
        let base = repository.filter(|root| here.starts_with(root)).or_else(|| here.starts_with(&started).then_some(started));
        Self { base: base.unwrap_or_else(|| here.clone()), here }
    }

    /// The options that a printed command needs in the base directory. No path is absolute, and no value is sensitive.
    pub fn invocation(&self, given: &ExternalValues, roster: &DesiredRoster) -> Invocation {
        let option = |argument: &Argument| match argument {
            Argument::Value(text) => format!("-var={text}"),
            Argument::File(path) => format!("-var-file={}", self.relative_to_here(path)),
        };
        let chdir = relative(&self.here, &self.base);
        let mut invocation = Invocation {
            chdir: (chdir != ".").then_some(chdir),
            trusted_config: given.trusted_config.as_ref().map(|file| self.relative_to_here(file)),
            variables: given.arguments.iter().map(option).collect(),
        };
        invocation.retain_values(|name| roster.variables.contains_key(name));
        invocation
    }

    /// The same options for a command in the directory where this run works.
    pub fn relative_to_base(&self, invocation: &Invocation) -> Invocation {
        let directory = normal(&self.base.join(invocation.chdir.as_deref().unwrap_or_default()));
        let chdir = relative(&directory, &self.here);
        Invocation { chdir: (chdir != ".").then_some(chdir), ..invocation.clone() }
    }

    /// A path relative to a directory below the base, for use as an option there.
    pub fn relative_to_directory(&self, directory: &str, path: &Path) -> String {
        relative(&normal(&self.here.join(path)), &normal(&self.base.join(directory)))
    }

    /// A path relative to the configuration's directory, for use as an option there.
    pub fn relative_to_here(&self, path: &Path) -> String {
        relative(&normal(&self.here.join(path)), &self.here)
    }
}

/// The relative path from a directory to a path. Both must be absolute and normal.
pub fn relative(path: &Path, from: &Path) -> String {
    let common = path.components().zip(from.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<_> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// The path without `.` and `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_path_is_never_absolute() {
        for (path, from, way) in [
            ("/repo/roster", "/repo", "roster"),
            ("/repo/settings.hcl", "/repo/roster/prod", "../../settings.hcl"),
            ("/tmp/plan.json", "/repo", "../tmp/plan.json"),
            ("/repo", "/repo", "."),
        ] {
            assert_eq!(relative(Path::new(path), Path::new(from)), way, "{path} from {from}");
        }
    }

    #[test]
    fn a_reader_stands_at_the_root_of_the_repository_or_where_the_program_was_started() {
        let place = |started: &str, here: &str, repository: Option<&str>| {
            let place = Place::new(Path::new(started), Path::new(here), repository.map(PathBuf::from));
            (
                relative(&place.here, &place.base),
                place.relative_to_here(Path::new("/repo/x.hcl")),
                place.relative_to_here(Path::new("../y.hcl")),
            )
        };
        let inside = ("roster".to_owned(), "../x.hcl".to_owned(), "../y.hcl".to_owned());
        assert_eq!(place("/repo/roster", "/repo/roster", Some("/repo")), inside);
        assert_eq!(place("/repo", "/repo/roster", None), inside);
        assert_eq!(place("/home", "/repo/roster", None).0, ".");
        let there = |here: &str| {
            let place = Place::new(Path::new(here), Path::new(here), Some(PathBuf::from("/repo")));
            place.relative_to_base(&Invocation { chdir: Some("roster".into()), ..Invocation::default() }).chdir
        };
        assert_eq!((there("/repo"), there("/repo/roster"), there("/repo/x")), (Some("roster".into()), None, Some("../roster".into())));
    }
}
