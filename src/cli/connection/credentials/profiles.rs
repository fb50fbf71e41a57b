//! Reads the files that AWS tools share, with line numbers, only to explain what is wrong with them. The SDK reads the files itself.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Where something is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A variable of the environment.
    Variable(&'static str),
    /// An argument of the provider block.
    Provider(&'static str),
    /// A line of a file, from 1.
    Line(PathBuf, usize),
    /// No setting: the default of AWS tools.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => formatter.write_str(name),
            Self::Provider(argument) => write!(formatter, "`{argument}` in the provider block"),
            Self::Line(path, line) => write!(formatter, "{}, line {line}", path.display()),
            Self::Default => formatter.write_str("the default"),
        }
    }
}

/// A setting of a profile.
#[derive(Debug, Clone)]
pub struct Setting {
    pub key: String,
    pub value: String,
    pub place: Place,
}

/// A section of a file.
#[derive(Debug)]
struct Section {
    kind: Kind,
    name: String,
    place: Place,
    settings: Vec<Setting>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Profile,
    SsoSession,
}

/// All settings that the files contain for one profile.
#[derive(Debug, Clone)]
pub struct Profile {
    pub name: String,
    /// The line of its first header.
    pub place: Place,
    settings: Vec<Setting>,
}

impl Profile {
    /// A setting. The credentials file has precedence over the configuration file.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|setting| setting.key == key && !setting.value.is_empty())
    }

    /// The first of these settings that is set.
    pub fn any(&self, keys: &[&str]) -> Option<&Setting> {
        keys.iter().find_map(|key| self.get(key))
    }
}

/// The configuration file and the credentials file.
#[derive(Debug)]
pub struct Profiles {
    /// Both files, each with whether it can be read.
    pub files: Vec<(PathBuf, bool)>,
    sections: Vec<Section>,
}

impl Profiles {
    /// Reads the files at the paths that the environment variables set, or else in the home directory.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let home = variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from);
        let place = |name: &str, standard: &str| match variable(name) {
            Some(path) => match (path.strip_prefix("~/"), &home) {
                (Some(rest), Some(home)) => Some(home.join(rest)),
                _ => Some(PathBuf::from(path)),
            },
            None => home.as_ref().map(|home| home.join(".aws").join(standard)),
        };
        let places = [(place("AWS_CONFIG_FILE", "config"), true), (place("AWS_SHARED_CREDENTIALS_FILE", "credentials"), false)];
        let mut read = Self { files: Vec::new(), sections: Vec::new() };
        for (path, is_config) in places.into_iter().filter_map(|(path, is_config)| Some((path?, is_config))) {
            let text = fs::read_to_string(&path);
            read.files.push((path.clone(), text.is_ok()));
            read.sections.extend(sections(&path, &text.unwrap_or_default(), is_config));
        }
        read
    }

    /// The profile with this name. `None` if the files do not contain it.
    pub fn profile(&self, name: &str) -> Option<Profile> {
        let mut sections = self.sections.iter().filter(|section| section.kind == Kind::Profile && section.name == name).peekable();
        let place = sections.peek()?.place.clone();
        Some(Profile { name: name.to_owned(), place, settings: sections.flat_map(|section| section.settings.clone()).collect() })
    }

    /// The names of the profiles, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.of_kind(Kind::Profile)
    }

    /// The names of the `sso-session` sections, sorted.
    pub fn sso_sessions(&self) -> Vec<&str> {
        self.of_kind(Kind::SsoSession)
    }

    fn of_kind(&self, kind: Kind) -> Vec<&str> {
        let names: BTreeSet<_> = self.sections.iter().filter(|section| section.kind == kind).map(|section| section.name.as_str()).collect();
        names.into_iter().collect()
    }

    /// The files with their state, for example `/home/me/.aws/config (unreadable or missing)`.
    pub fn described(&self) -> String {
        let describe = |(path, there): &(PathBuf, bool)| {
            let path = path.display();
            if *there { path.to_string() } else { format!("{path} (unreadable or missing)") }
        };
        let files: Vec<_> = self.files.iter().map(describe).collect();
        if files.is_empty() { "no file, because HOME is not set".to_owned() } else { files.join(" and ") }
    }
}

/// The sections of a file. In the configuration file, a profile other than `default` has the word `profile` before its name.
fn sections(path: &Path, text: &str, is_config: bool) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut is_known = false;
    for (index, line) in text.lines().enumerate() {
        let place = Place::Line(path.to_owned(), index + 1);
        let content = without_comment(line);
        if let Some(header) = content.trim().strip_prefix('[').and_then(|header| header.strip_suffix(']')) {
            let named = name_of(header.trim(), is_config);
            is_known = named.is_some();
            sections.extend(named.map(|(kind, name)| Section { kind, name, place, settings: Vec::new() }));
        } else if is_known
            && !line.starts_with([' ', '\t'])
            && let Some((key, value)) = content.split_once('=')
            && let Some(section) = sections.last_mut()
        {
            section.settings.push(Setting { key: key.trim().to_lowercase(), value: value.trim().to_owned(), place });
        }
    }
    sections
}

fn name_of(header: &str, is_config: bool) -> Option<(Kind, String)> {
    let name = |text: &str| text.trim().trim_matches('"').to_owned();
    match header.split_once(char::is_whitespace) {
        Some(("profile", rest)) => Some((Kind::Profile, name(rest))),
        Some(("sso-session", rest)) => Some((Kind::SsoSession, name(rest))),
        None if !is_config || header == "default" => Some((Kind::Profile, header.to_owned())),
        _ => None,
    }
}

/// The line without its comment. A comment starts at the start of a line or after white space.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with(['#', ';']) {
        return "";
    }
    let comment = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| line.find(mark)).min();
    &line[..comment.unwrap_or(line.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_have_their_lines_and_the_credentials_file_comes_first() {
        let home = tempfile::tempdir().unwrap();
        let aws = home.path().join(".aws");
        fs::create_dir(&aws).unwrap();
        let config = "# mine\n[default]\nregion = eu-west-1 ; near\n\n[profile admin]\nrole_arn=arn:aws:iam::1:role/A\ns3 =\n  max = 1\n[sso-session corp]\nsso_region = eu-west-1\n[services x]\nregion = no\n[orphan]\nregion = no\n";
        fs::write(aws.join("config"), config).unwrap();
        fs::write(aws.join("credentials"), "[admin]\nREGION = us-east-1\naws_access_key_id = AKIA#1\n").unwrap();
        let home = home.path().display().to_string();
        let read = Profiles::read(|name| (name == "HOME").then(|| home.clone()));
        assert_eq!((read.names(), read.sso_sessions()), (vec!["admin", "default"], vec!["corp"]));
        let admin = read.profile("admin").unwrap();
        assert_eq!(admin.place, Place::Line(aws.join("config"), 5));
        let region = admin.get("region").unwrap();
        assert_eq!((region.value.as_str(), &region.place), ("us-east-1", &Place::Line(aws.join("credentials"), 2)));
        assert_eq!(admin.get("aws_access_key_id").unwrap().value, "AKIA#1");
        assert_eq!(read.profile("default").unwrap().get("region").unwrap().value, "eu-west-1");
        assert!(admin.get("max").is_none() && read.profile("orphan").is_none());
    }

    #[test]
    fn without_a_home_there_is_no_file_and_variables_lead_elsewhere() {
        assert!(Profiles::read(|_| None).files.is_empty());
        let variable = |name: &str| match name {
            "HOME" => Some("/home/me".to_owned()),
            "AWS_CONFIG_FILE" => Some("~/aws.ini".to_owned()),
            _ => None,
        };
        let files: Vec<_> = Profiles::read(variable).files.into_iter().map(|(path, _)| path).collect();
        assert_eq!(files, [PathBuf::from("/home/me/aws.ini"), PathBuf::from("/home/me/.aws/credentials")]);
    }
}
