//! Where the credentials come from, found in the same way as the SDK finds them, and what is wrong on that path.

use std::fs;

use super::profiles::{Place, Profile, Profiles, Setting};

/// The source of the credentials.
#[derive(Debug, Clone)]
pub enum Source {
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a session if AWS_SESSION_TOKEN is set.
    Environment { session: bool },
    /// An access key in a profile; a session if `aws_session_token` is set.
    Keys { profile: String, place: Place, session: bool },
    /// Single sign-on of a profile.
    Sso { profile: String, place: Place },
    /// A console session of a profile (`aws login`).
    Login { profile: String, place: Place },
    /// A program that a profile runs.
    Process { profile: String, program: String, place: Place },
    /// A role that is assumed with a token from a file.
    WebIdentity { role: String, token: String, place: Place },
    /// The endpoint of a container.
    Container { address: String, variable: &'static str },
    /// The metadata service of an instance.
    Instance,
}

/// What is wrong with the settings.
#[derive(Debug, Clone)]
pub enum Defect {
    /// A named profile does not exist.
    NoProfile { name: String, named_by: Place },
    /// Half of an access key is set.
    HalfKey { present: &'static str, absent: &'static str, place: Place },
    /// `source_profile` forms a cycle.
    Circle { profiles: Vec<String>, place: Place },
    /// `role_arn` without exactly one source of credentials.
    NoStart { profile: String, place: Place },
    /// An unknown value of `credential_source`.
    UnknownStart { value: String, place: Place },
    /// An `sso-session` section does not exist.
    NoSsoSession { name: String, place: Place },
    /// A setting without another setting that it requires.
    Incomplete { profile: String, has: String, lacks: &'static str, place: Place },
    /// AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN.
    NoRole,
    /// A token file can't be read.
    NoToken { path: String, place: Place, why: String },
    /// A profile that does not configure credentials was selected explicitly.
    Empty { profile: String, place: Place },
}

/// A role that is assumed on the way.
#[derive(Debug, Clone)]
pub struct Hop {
    pub profile: String,
    pub role: Setting,
    pub mfa: Option<Setting>,
    pub with_external_id: bool,
}

/// The path to the credentials.
#[derive(Debug, Clone)]
pub struct Way {
    /// The roles of the profiles, from the selected profile back to the source.
    pub hops: Vec<Hop>,
    /// The source, or why there is none.
    pub start: Result<Source, Defect>,
}

/// The environment and the files.
pub struct Settings<'a> {
    pub profiles: &'a Profiles,
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// `profile` of the provider block. As in Terraform, it has precedence over the access key in the environment.
    pub profile: Option<&'a str>,
}

const KEY: (&str, &str) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");

impl Settings<'_> {
    fn has(&self, name: &str) -> bool {
        (self.variable)(name).is_some_and(|value| !value.trim().is_empty())
    }

    /// The selected profile, and what selects it.
    pub fn chosen(&self) -> (String, Place) {
        match (self.profile, (self.variable)("AWS_PROFILE")) {
            (Some(profile), _) => (profile.to_owned(), Place::Provider("profile")),
            (None, Some(profile)) => (profile, Place::Variable("AWS_PROFILE")),
            (None, None) => ("default".to_owned(), Place::Default),
        }
    }

    /// A setting that would silently lead to other credentials than the intended ones. The SDK ignores it.
    pub fn misleading(&self) -> Option<Defect> {
        let key = (self.has(KEY.0), self.has(KEY.1));
        let half = |present, absent| Some(Defect::HalfKey { present, absent, place: Place::Variable(present) });
        match (self.profile, key) {
            (None, (true, false)) => return half(KEY.0, KEY.1),
            (None, (false, true)) => return half(KEY.1, KEY.0),
            (None, (true, true)) => return None,
            _ => {}
        }
        let (name, named_by) = self.chosen();
        let is_missing = named_by != Place::Default && self.profiles.profile(&name).is_none();
        is_missing.then_some(Defect::NoProfile { name, named_by })
    }

    /// The path that the SDK takes.
    pub fn way(&self) -> Way {
        let mut hops = Vec::new();
        let start = self.start(&mut hops);
        Way { hops, start }
    }

    fn start(&self, hops: &mut Vec<Hop>) -> Result<Source, Defect> {
        if let Some(defect) = self.misleading() {
            return Err(defect);
        }
        if self.profile.is_none() && self.has(KEY.0) {
            return Ok(Source::Environment { session: self.has("AWS_SESSION_TOKEN") });
        }
        let (name, named_by) = self.chosen();
        if let Some(profile) = self.profiles.profile(&name) {
            match self.follow(profile, hops) {
                // A profile may contain only a region, with the credentials coming from elsewhere; but not if the provider block selects
                // it.
                Err(Defect::Empty { .. }) if !matches!(named_by, Place::Provider(_)) => {}
                found => return found,
            }
        }
        self.beyond_profiles()
    }

    fn follow(&self, first: Profile, hops: &mut Vec<Hop>) -> Result<Source, Defect> {
        let mut profile = first;
        let mut visited = vec![profile.name.clone()];
        loop {
            if visited.len() > 1 && profile.get("aws_access_key_id").is_some() && profile.get("aws_secret_access_key").is_some() {
                return base(&profile, self);
            }
            let Some(role) = profile.get("role_arn").filter(|_| profile.get("web_identity_token_file").is_none()).cloned() else {
                return base(&profile, self);
            };
            let mfa = profile.get("mfa_serial").cloned();
            let with_external_id = profile.get("external_id").is_some();
            hops.push(Hop { profile: profile.name.clone(), role: role.clone(), mfa, with_external_id });
            let source = match (profile.get("source_profile"), profile.get("credential_source")) {
                (Some(source), None) => source.clone(),
                (None, Some(source)) => return credential_source(source, self),
                (None, None) | (Some(_), Some(_)) => {
                    return Err(Defect::NoStart { profile: profile.name.clone(), place: role.place });
                }
            };
            if source.value == profile.name {
                return base(&profile, self);
            }
            if visited.contains(&source.value) {
                visited.push(source.value.clone());
                return Err(Defect::Circle { profiles: visited, place: source.place });
            }
            visited.push(source.value.clone());
            let Some(next) = self.profiles.profile(&source.value) else {
                return Err(Defect::NoProfile { name: source.value, named_by: source.place });
            };
            profile = next;
        }
    }

    fn beyond_profiles(&self) -> Result<Source, Defect> {
        if let Some(token) = (self.variable)("AWS_WEB_IDENTITY_TOKEN_FILE") {
            let Some(role) = (self.variable)("AWS_ROLE_ARN") else { return Err(Defect::NoRole) };
            return web_identity(role, token, Place::Variable("AWS_WEB_IDENTITY_TOKEN_FILE"));
        }
        Ok(self.container().unwrap_or(Source::Instance))
    }

    fn container(&self) -> Option<Source> {
        const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
        const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
        let relative = (self.variable)(RELATIVE).map(|path| (format!("http://169.254.170.2{path}"), RELATIVE));
        let (address, variable) = relative.or_else(|| Some(((self.variable)(FULL)?, FULL)))?;
        Some(Source::Container { address, variable })
    }
}

fn credential_source(source: &Setting, settings: &Settings<'_>) -> Result<Source, Defect> {
    match source.value.as_str() {
        "Environment" => Ok(Source::Environment { session: settings.has("AWS_SESSION_TOKEN") }),
        "Ec2InstanceMetadata" => Ok(Source::Instance),
        "EcsContainer" => Ok(settings.container().unwrap_or(Source::Instance)),
        value => Err(Defect::UnknownStart { value: value.to_owned(), place: source.place.clone() }),
    }
}

fn web_identity(role: String, token: String, place: Place) -> Result<Source, Defect> {
    match fs::metadata(&token).and_then(|_| fs::File::open(&token)) {
        Ok(_) => Ok(Source::WebIdentity { role, token, place }),
        Err(error) => Err(Defect::NoToken { path: token, place, why: error.to_string() }),
    }
}

/// The source of a profile without a role, or of the last profile in a chain of roles.
fn base(profile: &Profile, settings: &Settings<'_>) -> Result<Source, Defect> {
    let name = profile.name.clone();
    if let Some(source) = profile.get("credential_source") {
        return credential_source(source, settings);
    }
    if let (Some(role), Some(token)) = (profile.get("role_arn"), profile.get("web_identity_token_file")) {
        return web_identity(role.value.clone(), token.value.clone(), token.place.clone());
    }
    if let Some(set) = profile.any(&["sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "sso_region"]) {
        return sso(profile, set, settings);
    }
    if let Some(set) = profile.get("login_session") {
        return Ok(Source::Login { profile: name, place: set.place.clone() });
    }
    if let Some(set) = profile.get("credential_process") {
        // The program's arguments may be secret.
        let program = set.value.split_whitespace().next().unwrap_or_default().to_owned();
        return Ok(Source::Process { profile: name, program, place: set.place.clone() });
    }
    let (key, secret) = (profile.get("aws_access_key_id"), profile.get("aws_secret_access_key"));
    let half = |present, absent, set: &Setting| Err(Defect::HalfKey { present, absent, place: set.place.clone() });
    match (key, secret) {
        (Some(key), Some(_)) => {
            Ok(Source::Keys { profile: name, place: key.place.clone(), session: profile.get("aws_session_token").is_some() })
        }
        (Some(key), None) => half("aws_access_key_id", "aws_secret_access_key", key),
        (None, Some(secret)) => half("aws_secret_access_key", "aws_access_key_id", secret),
        (None, None) => Err(Defect::Empty { profile: name, place: profile.place.clone() }),
    }
}

fn sso(profile: &Profile, set: &Setting, settings: &Settings<'_>) -> Result<Source, Defect> {
    let lacks = |has: &Setting, lacks| {
        Err(Defect::Incomplete { profile: profile.name.clone(), has: has.key.clone(), lacks, place: has.place.clone() })
    };
    match profile.get("sso_session") {
        Some(session) if !settings.profiles.sso_sessions().contains(&session.value.as_str()) => {
            return Err(Defect::NoSsoSession { name: session.value.clone(), place: session.place.clone() });
        }
        Some(_) => {}
        None => {
            for needed in ["sso_start_url", "sso_region"] {
                if profile.get(needed).is_none() {
                    return lacks(set, needed);
                }
            }
        }
    }
    for needed in ["sso_account_id", "sso_role_name"] {
        if profile.get(needed).is_none() {
            return lacks(set, needed);
        }
    }
    Ok(Source::Sso { profile: profile.name.clone(), place: set.place.clone() })
}
