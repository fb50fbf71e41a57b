//! Explains why there are no credentials, or why AWS rejects them: which profile, file, line, role, endpoint or variable is at fault.
//!
//! The SDK finds the credentials. If it fails, this module reads the same settings again to say what is wrong with them.

mod profiles;
mod regions;
mod source;

use crate::api::{ApiError, ApiErrorKind, Operation};
use crate::aws::ConnectError;
use crate::cli::failures;
use crate::cli::output::terminal::environment;
use crate::diag::{Code, Diagnostic, Diagnostics, closest};
use crate::gate::{RoleAttempt, role_remedy};
use crate::org::{AssumeRole, Invocation, Message, ProviderSettings, RoleFailure, capitalized};
use crate::render::text::shell_word;
use crate::render::with_remedy;
use profiles::{Place, Profiles};
use source::{Defect, Hop, Settings, Source};

/// How many profiles a message lists.
const NAMED: usize = 12;

/// Checks for settings that would silently lead to other credentials than the intended ones.
///
/// # Errors
///
/// Returns an error if a profile does not exist, or if only half of an access key is set.
pub fn check(provider: &ProviderSettings) -> Result<(), Diagnostic> {
    let profiles = Profiles::read(environment);
    let settings = settings(provider, &profiles);
    settings.misleading().map_or(Ok(()), |defect| Err(defective(&defect, &profiles)))
}

/// Warns about unknown regions: requests would be sent to a host name that does not exist.
pub fn doubtful_regions(provider: &ProviderSettings) -> Diagnostics {
    let profiles = Profiles::read(environment);
    let effective = regions::effective(provider.region.as_deref(), &settings(provider, &profiles));
    let asked = provider.regions.iter().map(|region| (region.clone(), Place::Provider("regions")));
    let doubts = effective.into_iter().chain(asked).filter_map(|(region, place)| regions::unknown(&region, &place));
    let mut found = Diagnostics::default();
    doubts.for_each(|doubt| found.push(Diagnostic::warning(Code::UnknownRegion, doubt)));
    found
}

/// Describes a failed connection.
pub fn connect(error: &ConnectError, provider: &ProviderSettings) -> Diagnostic {
    match (error, &provider.assume_role) {
        (ConnectError::Role { error, caller }, Some(role)) if error.role_failure().is_some() => assume_role(error, role, caller),
        (ConnectError::Role { error, .. } | ConnectError::Credentials(error), _) => api(error, provider),
    }
}

/// Describes a failed call, as [`failures::api`] does. If credentials, a region or an endpoint are at fault, says which ones.
pub fn api(error: &ApiError, provider: &ProviderSettings) -> Diagnostic {
    let profiles = Profiles::read(environment);
    let settings = settings(provider, &profiles);
    let way = settings.way();
    match (error.kind, &way.start) {
        _ if error.operation == Operation::AssumeRole.action() => match (way.hops.as_slice(), &provider.assume_role) {
            (_, Some(role)) if error.message.contains(&role.role_arn) || way.hops.is_empty() => {
                assume_role(error, role, "the credentials that it starts from")
            }
            (hops, _) => role_of_profile(error, hops),
        },
        (ApiErrorKind::NoCredentials | ApiErrorKind::ExpiredCredentials, Err(defect)) => defective(defect, &profiles),
        (_, Ok(Source::WebIdentity { role, token, place })) if error.operation == "sts:AssumeRoleWithWebIdentity" => {
            web_identity(error, role, token, place)
        }
        (ApiErrorKind::NoCredentials, Ok(source)) => absent(error, source, &settings),
        (ApiErrorKind::ExpiredCredentials, Ok(source)) => expired(error, source),
        (ApiErrorKind::InvalidCredentials, Ok(source)) => invalid(error, source),
        (ApiErrorKind::Unreachable | ApiErrorKind::NoAnswer, _) => unreachable(error, provider, &settings),
        _ => failures::api(error),
    }
}

fn settings<'a>(provider: &'a ProviderSettings, profiles: &'a Profiles) -> Settings<'a> {
    Settings { profiles, variable: &environment, profile: provider.profile.as_deref() }
}

/// A failure to assume the provider block's `assume_role`.
fn assume_role(error: &ApiError, role: &AssumeRole, caller: &str) -> Diagnostic {
    let failure = error.role_failure().unwrap_or(RoleFailure::Other);
    let with_external_id = role.external_id.is_some();
    let remedy = role_remedy(failure, RoleAttempt { arn: &role.role_arn, setting: "assume_role", with_external_id, caller });
    let detail = format!("The role {} of `assume_role` in the provider block can't be assumed by {caller}: {error}.", role.role_arn);
    Diagnostic::error(code_of(failure), with_remedy(Message::new(&detail), &remedy, &Invocation::default()))
}

fn role_of_profile(error: &ApiError, hops: &[Hop]) -> Diagnostic {
    let failure = error.role_failure().unwrap_or(RoleFailure::Other);
    let Some(hop) = hops.iter().find(|hop| error.message.contains(&hop.role.value)).or(hops.first()) else { return failures::api(error) };
    let Hop { profile, role, mfa, with_external_id } = hop;
    let what = Message::new(&format!("The role {} of profile {profile:?} ({}) can't be assumed: {error}.", role.value, role.place));
    let detail = match mfa {
        Some(mfa) if code_of(failure) == Code::AccessDenied => what
            .line(&format!(
                "The profile has `mfa_serial` ({}), but orgroster never asks for a code. The AWS CLI does, and can export the session. \
                 Remove `profile` from the provider block, and run:",
                mfa.place
            ))
            .command(&format!("eval \"$(aws configure export-credentials{} --format env)\"", with_profile(profile))),
        _ => {
            let setting = format!("profile {profile:?}");
            let caller = "the credentials that the profile starts from";
            let attempt = RoleAttempt { arn: &role.value, setting: &setting, with_external_id: *with_external_id, caller };
            with_remedy(what, &role_remedy(failure, attempt), &Invocation::default())
        }
    };
    Diagnostic::error(code_of(failure), detail)
}

/// The AWS CLI option that selects a profile.
fn with_profile(profile: &str) -> String {
    format!(" --profile {}", shell_word(profile))
}

const fn code_of(failure: RoleFailure) -> Code {
    match failure {
        RoleFailure::Denied | RoleFailure::CallerNotAllowed | RoleFailure::ExplicitlyDenied | RoleFailure::OtherAccount => {
            Code::AccessDenied
        }
        RoleFailure::Throttled => Code::Throttled,
        RoleFailure::Unavailable => Code::Unreachable,
        RoleFailure::RegionDisabled | RoleFailure::Invalid | RoleFailure::Other => Code::ApiError,
    }
}

fn web_identity(error: &ApiError, role: &str, token: &str, place: &Place) -> Diagnostic {
    let remedy = match error.code.as_deref() {
        Some("ExpiredTokenException") => "The token has expired; the process that writes the file must renew it.".to_owned(),
        Some("InvalidIdentityToken") => {
            "AWS does not accept the token: its issuer must be an identity provider in the role's account, and its audience must be registered with that provider."
                .to_owned()
        }
        Some("AccessDenied" | "AccessDeniedException") => {
            format!("The trust policy of {role} must allow sts:AssumeRoleWithWebIdentity for the token's issuer, with conditions that match the token's `sub` and `aud`.")
        }
        _ if error.kind.is_transient() => "Run the command again.".to_owned(),
        _ => "Look up the error code in the API reference of AssumeRoleWithWebIdentity.".to_owned(),
    };
    let code = match error.kind {
        ApiErrorKind::AccessDenied => Code::AccessDenied,
        ApiErrorKind::ExpiredCredentials => Code::ExpiredCredentials,
        ApiErrorKind::Throttled => Code::Throttled,
        kind if kind.is_transient() => Code::Unreachable,
        _ => Code::InvalidCredentials,
    };
    Diagnostic::error(code, format!("The role {role} can't be assumed with the token in {token} ({place}): {error}. {remedy}"))
}

/// Describes the source of the credentials.
fn described(source: &Source) -> String {
    match source {
        Source::Environment { session: false } => "the access key of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
        Source::Environment { session: true } => "the session of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN".to_owned(),
        Source::Keys { profile, place, session } => {
            format!("the {} of profile {profile:?} ({place})", if *session { "session" } else { "access key" })
        }
        Source::Sso { profile, place } => format!("the single sign-on of profile {profile:?} ({place})"),
        Source::Login { profile, place } => format!("the console session of profile {profile:?} ({place})"),
        Source::Process { profile, program, place } => format!("the output of {program} for profile {profile:?} ({place})"),
        Source::WebIdentity { role, token, place } => format!("the session of {role} for the token in {token} ({place})"),
        Source::Container { address, variable } => format!("the response of the endpoint {address} of {variable}"),
        Source::Instance => "the role of this instance, from its metadata service".to_owned(),
    }
}

/// The option that makes the AWS CLI use the same credentials.
fn option(source: &Source) -> String {
    match source {
        Source::Keys { profile, .. } | Source::Sso { profile, .. } | Source::Login { profile, .. } | Source::Process { profile, .. } => {
            with_profile(profile)
        }
        Source::Environment { .. } | Source::WebIdentity { .. } | Source::Container { .. } | Source::Instance => String::new(),
    }
}

fn invalid(error: &ApiError, source: &Source) -> Diagnostic {
    let detail = format!(
        "{error}. AWS does not accept {}. Check that the key is active and complete, that it belongs to the intended partition and account, \
         and that the region, if it requires opt-in, is enabled for the account:",
        described(source)
    );
    let command = format!("aws sts get-caller-identity{}", option(source));
    Diagnostic::error(Code::InvalidCredentials, Message::new(&detail).command(&command))
}

fn expired(error: &ApiError, source: &Source) -> Diagnostic {
    let (remedy, command) = match source {
        Source::Sso { .. } => ("Sign in again:", Some("aws sso login")),
        Source::Login { .. } => ("Sign in again:", Some("aws login")),
        Source::Environment { .. } => ("Export new credentials, or unset all three variables to use a profile.", None),
        Source::Keys { .. } => ("Write new credentials there, or use a profile that renews them automatically.", None),
        Source::Process { .. } => ("The program must return new credentials.", None),
        Source::WebIdentity { .. } => ("The process that writes the token must renew it.", None),
        Source::Container { .. } | Source::Instance => ("Run the command again; the source renews the credentials.", None),
    };
    let detail = Message::new(&format!("{}: {}. {remedy}", beginning(source), error.message.trim_end_matches('.')));
    let command = command.map(|command| format!("{command}{}", option(source)));
    Diagnostic::error(Code::ExpiredCredentials, command.iter().fold(detail, |detail, command| detail.command(command)))
}

/// The description of a source, for the start of a sentence.
fn beginning(source: &Source) -> String {
    capitalized(&described(source))
}

/// The source gave no credentials, or there is no source.
fn absent(error: &ApiError, source: &Source, settings: &Settings<'_>) -> Diagnostic {
    let why = error.message.trim_end_matches('.');
    let (detail, command) = match source {
        Source::Sso { profile, place } if why.contains("ForbiddenException") => {
            let check = format!("Check sso_account_id and sso_role_name ({place}).");
            (format!("Profile {profile:?} is signed in, but its role is not available to the user: {why}. {check}"), None)
        }
        Source::Sso { profile, place } => {
            let detail = format!("Profile {profile:?} uses single sign-on ({place}), but no user is signed in: {why}. Sign in:");
            (detail, Some("aws sso login"))
        }
        Source::Login { profile, place } => {
            (format!("Profile {profile:?} uses a console session ({place}), but there is none: {why}. Sign in:"), Some("aws login"))
        }
        Source::Process { profile, program, place } => {
            let detail = format!(
                "The program {program}, which profile {profile:?} runs ({place}), returned no credentials: {why}. Run it by hand; it must print \
                 JSON with Version, AccessKeyId and SecretAccessKey, and exit with 0."
            );
            (detail, None)
        }
        Source::Container { address, variable } => {
            let detail = format!(
                "The endpoint {address}, which {variable} names, returned no credentials: {why}. It answers only inside a container that has a role; \
                 unset {variable} elsewhere."
            );
            (detail, None)
        }
        Source::Instance => return nothing(settings),
        Source::Environment { .. } | Source::Keys { .. } | Source::WebIdentity { .. } => {
            (format!("{} can't be used: {why}.", beginning(source)), None)
        }
    };
    let command = command.map(|command| format!("{command}{}", option(source)));
    Diagnostic::error(Code::NoCredentials, command.iter().fold(Message::new(&detail), |detail, command| detail.command(command)))
}

/// None of the places that AWS tools search has credentials.
fn nothing(settings: &Settings<'_>) -> Diagnostic {
    let (profile, _) = settings.chosen();
    let profiles = settings.profiles;
    let says = if profiles.profile(&profile).is_some() { "has no credentials" } else { "does not exist" };
    let instead = if profiles.names().is_empty() { String::new() } else { format!(" Existing profiles: {}.", listed(&profiles.names())) };
    let detail = format!(
        "No credentials were found: AWS_ACCESS_KEY_ID is not set; profile {profile:?} {says} in {}; AWS_WEB_IDENTITY_TOKEN_FILE and the \
         AWS_CONTAINER_CREDENTIALS variables are not set; and no instance metadata service answers.{instead} Set AWS_PROFILE or `profile` in the \
         provider block, export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or create a profile:",
        profiles.described()
    );
    Diagnostic::error(Code::NoCredentials, Message::new(&detail).command("aws configure sso"))
}

fn listed(names: &[&str]) -> String {
    let named: Vec<_> = names.iter().take(NAMED).copied().collect();
    let rest = names.len() - named.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

fn defective(defect: &Defect, profiles: &Profiles) -> Diagnostic {
    let instead = |name: &str, known: &[&str], what: &str| {
        let hint = closest(name, known).map_or_else(String::new, |near| format!(" Did you mean {near:?}?"));
        if known.is_empty() { format!(" There are no {what}.") } else { format!(" There are: {}.{hint}", listed(known)) }
    };
    let detail = match defect {
        Defect::NoProfile { name, named_by } => format!(
            "There is no profile {name:?}, which {named_by} names, in {}.{}",
            profiles.described(),
            instead(name, &profiles.names(), "profiles")
        ),
        Defect::HalfKey { present, absent, place: Place::Variable(_) } => {
            format!("{present} is set, and {absent} is not: half an access key. Set both, or unset {present} to use a profile.")
        }
        Defect::HalfKey { present, absent, place } => {
            format!("{present} is set ({place}), and {absent} is not: half an access key. Add {absent} too, or remove {present}.")
        }
        Defect::Circle { profiles, place } => {
            format!("source_profile ({place}) forms a cycle: {}. One of these profiles needs its own credentials.", profiles.join(" → "))
        }
        Defect::NoStart { profile, place } => format!(
            "Profile {profile:?} has role_arn ({place}), so it also needs either source_profile or credential_source, but not both: the caller that \
             assumes the role."
        ),
        Defect::UnknownStart { value, place } => {
            format!("credential_source ({place}) is {value:?}; it must be Environment, Ec2InstanceMetadata or EcsContainer.")
        }
        Defect::NoSsoSession { name, place } => {
            format!(
                "There is no section [sso-session {name}], which sso_session ({place}) names.{}",
                instead(name, &profiles.sso_sessions(), "such sections")
            )
        }
        Defect::Incomplete { profile, has, lacks, place } => {
            format!("Profile {profile:?} has {has} ({place}) but lacks {lacks}. Set both:")
        }
        Defect::NoRole => {
            "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not. Set AWS_ROLE_ARN to the role for the token, or unset both."
                .to_owned()
        }
        Defect::NoToken { path, place, why } => format!(
            "The token for the role is not in {path}, which {place} names: {why}. In a pod or a CI job, it is mounted there; elsewhere, unset the setting."
        ),
        Defect::Empty { profile, place } => format!(
            "Profile {profile:?} ({place}) does not configure credentials. Add an access key, sso_session, role_arn or credential_process:"
        ),
    };
    let made_by = match defect {
        Defect::Incomplete { profile, .. } | Defect::Empty { profile, .. } => Some(profile),
        _ => None,
    };
    let detail = made_by
        .iter()
        .fold(Message::new(&detail), |detail, profile| detail.command(&format!("aws configure sso{}", with_profile(profile))));
    Diagnostic::error(Code::CredentialSettings, detail)
}

fn unreachable(error: &ApiError, provider: &ProviderSettings, settings: &Settings<'_>) -> Diagnostic {
    let region = regions::effective(provider.region.as_deref(), settings);
    if let Some(doubt) = region.as_ref().and_then(|(region, place)| regions::unknown(region, place)) {
        return Diagnostic::error(Code::Unreachable, format!("{error}. {doubt} Correct the region."));
    }
    let service = format!("AWS_ENDPOINT_URL_{}", error.operation.split(':').next().unwrap_or_default().to_uppercase());
    let set = |name: &str| environment(name).map(|value| format!("{name} is {value}"));
    let proxy = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"].iter().find_map(|name| set(name));
    let said: Vec<_> = [set(&service).or_else(|| set("AWS_ENDPOINT_URL")), proxy].into_iter().flatten().collect();
    let remedy = if said.is_empty() {
        "Check the network, proxies and firewalls.".to_owned()
    } else {
        format!("{}; check that a server answers there.", said.join(", and "))
    };
    let again = if error.kind == ApiErrorKind::NoAnswer { " The request may have arrived; run the command again." } else { "" };
    Diagnostic::error(Code::Unreachable, format!("{error}. {remedy}{again}"))
}
