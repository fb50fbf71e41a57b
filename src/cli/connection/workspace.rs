//! What a run works with: the configuration, the organization or a sandbox in its place, and the backend.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use crate::api::ReadOrganization;
use crate::aws::{Aws, Connection, connect};
use crate::cli::connection::backend::{AnyStore, RunStore};
use crate::cli::connection::clock::local_now;
use crate::cli::connection::credentials;
use crate::cli::output::terminal::environment;
use crate::cli::{Context, failures};
use crate::config::Bootstrap;
#[cfg(feature = "sandbox")]
use crate::config::eval::{Directory, FileError};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::drift::OrganizationDrift;
use crate::gate::{Call, known_keys};
use crate::journal::{JournalError, Ledger, LocalStore, Mirrored};
use crate::observe::{Known, ObserveError, ObserveScope, estate, observe};
#[cfg(feature = "cloudtrail")]
use crate::observe::{account_ends, change_history};
use crate::org::{AccountId, Backend, DesiredRoster, Estate, JoiningStory, Leaving, ObservedOrganization, ProviderSettings};
use crate::plan::PastAct;

/// The maximum size in bytes of a fixture that a configuration names. 50,000 accounts take less than a third of it.
#[cfg(feature = "sandbox")]
const MAX_FIXTURE: u64 = 64 << 20;

/// The file with the sandbox's state.
#[cfg(feature = "sandbox")]
const STATE: &str = "state.json";

/// A configuration, connected.
pub struct Workspace {
    /// The configuration.
    pub roster: DesiredRoster,
    /// The organization.
    pub aws: Aws,
    /// Whether the organization is a sandbox.
    pub sandbox: bool,
    /// Journal and records.
    pub ledger: Ledger<RunStore>,
    clock: Clock,
}

enum Clock {
    Local,
    #[cfg(feature = "sandbox")]
    Sandbox(crate::sandbox::Sandbox),
}

/// Reads the configuration again if it uses the plan's time. In a rehearsal, that time is the sandbox's, but the configuration that names
/// the sandbox had to be read first.
#[cfg(feature = "sandbox")]
fn at_time_of(sandbox: &crate::sandbox::Sandbox, context: &mut Context, roster: DesiredRoster) -> Result<DesiredRoster, Diagnostics> {
    if roster.plantimestamp.is_none() || context.given.time_is_chosen {
        return Ok(roster);
    }
    context.given.time = Some(sandbox.now());
    Ok(context.configuration()?.0)
}

impl Workspace {
    /// Loads the configuration of the working directory and connects to its organization. Shows warnings.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration is not valid, or if the connection fails.
    pub async fn open(context: &mut Context) -> Result<Self, Diagnostics> {
        let (roster, warnings) = context.configuration()?;
        context.report(&warnings);
        match roster.provider.sandbox.clone() {
            Some(fixture) => Self::rehearse(context, roster, &fixture.value).await,
            None => Self::connect(context, roster).await,
        }
    }

    async fn connect(context: &mut Context, roster: DesiredRoster) -> Result<Self, Diagnostics> {
        context.report(&credentials::doubtful_regions(&roster.provider));
        let aws = to_aws(&roster.provider).await?;
        let ledger = Ledger::new(Mirrored::new(store(&roster.backend, &aws)?), roster.organization.id.clone());
        Ok(Self { roster, aws, sandbox: false, ledger, clock: Clock::Local })
    }

    #[cfg(feature = "sandbox")]
    async fn rehearse(context: &mut Context, roster: DesiredRoster, fixture: &Path) -> Result<Self, Diagnostics> {
        let folder = sandbox_folder(&roster.backend);
        let account = Some(roster.organization.management_account_id);
        let (aws, sandbox) = open_sandbox(context, fixture, &folder, account).await?;
        let roster = at_time_of(&sandbox, context, roster)?;
        let ledger = Ledger::new(Mirrored::new(AnyStore::Local(LocalStore::new(folder))), roster.organization.id.clone());
        Ok(Self { roster, aws, sandbox: true, ledger, clock: Clock::Sandbox(sandbox) })
    }

    #[cfg(not(feature = "sandbox"))]
    async fn rehearse(_: &mut Context, _: DesiredRoster, _: &Path) -> Result<Self, Diagnostics> {
        Err(no_sandbox())
    }

    /// The time by the run's clock, which is the sandbox's clock in a rehearsal.
    pub fn now(&self) -> Timestamp {
        match &self.clock {
            Clock::Local => local_now(),
            #[cfg(feature = "sandbox")]
            Clock::Sandbox(sandbox) => sandbox.now(),
        }
    }

    /// Reads the requested part of the organization.
    ///
    /// # Errors
    ///
    /// Returns an error if a call fails, if it is another organization, or if the local clock is wrong.
    pub async fn observe(&self, wanted: ObserveScope<'_>) -> Result<ObservedOrganization, Diagnostics> {
        let known = self.known(&wanted).await.map_err(|error| failures::journal(&error))?;
        let keys = |observed: &ObservedOrganization, id: AccountId, departure: &Leaving| {
            known_keys(Call { observed, assumptions: &self.roster.assumptions, departure, id, now: self.now() })
        };
        let observed = observe(&self.aws, &self.roster, wanted, known, &keys, self.now()).await;
        let observed = observed.map_err(|error| match &error {
            ObserveError::Api(error) => credentials::api(error, &self.roster.provider),
            ObserveError::WrongOrganization { .. } => failures::observe(&error, &self.roster.organization),
        })?;
        #[cfg(feature = "cloudtrail")]
        let observed = self.with_ends(observed, &wanted).await;
        self.check_clock()?;
        Ok(observed)
    }

    /// The same, with what CloudTrail shows about how accounts left.
    #[cfg(feature = "cloudtrail")]
    async fn with_ends(&self, mut observed: ObservedOrganization, wanted: &ObserveScope<'_>) -> ObservedOrganization {
        let trail = self.aws.trail(&observed.organization.partition);
        observed.ends = account_ends(&trail, &self.roster, &observed, |address| wanted.is_compared(address)).await;
        observed.requests = self.aws.requests();
        observed
    }

    /// Reads what the accounts of the organization depend on.
    ///
    /// # Errors
    ///
    /// Returns an error if a call fails.
    pub async fn estate(&self, observed: &ObservedOrganization) -> Result<Estate, Diagnostics> {
        estate(&self.aws, observed).await.map_err(|error| credentials::api(&error, &self.roster.provider).into())
    }

    /// Adds who made the changes in the organization, if CloudTrail has events of them. Denied reads are a part of the answer.
    #[cfg(feature = "cloudtrail")]
    pub async fn explain(&self, drift: OrganizationDrift, observed: &ObservedOrganization) -> OrganizationDrift {
        let names: Vec<_> = drift.event_names().into_iter().collect();
        let trail = self.aws.trail(&observed.organization.partition);
        let history = change_history(&trail, observed.called_from, &names, drift.from, self.now()).await;
        drift.explained_by(&history, observed.organization.management_account_id)
    }

    /// Returns the changes in the organization as they are. Who made them is not known.
    #[cfg(not(feature = "cloudtrail"))]
    pub async fn explain(&self, drift: OrganizationDrift, _: &ObservedOrganization) -> OrganizationDrift {
        drift.unexplained(&crate::cli::build::lacks("cloudtrail"))
    }

    /// What the backend knows about departing accounts.
    async fn known(&self, wanted: &ObserveScope<'_>) -> Result<Known, JournalError> {
        let mut known = Known::default();
        let restored: Vec<_> =
            self.roster.accounts.iter().filter(|account| account.joining().is_some_and(|joining| joining.restore)).collect();
        if wanted.reads_joinings(&self.roster) && !restored.is_empty() {
            let records = self.ledger.latest_acts().await?;
            let pasts = restored.iter().filter_map(|account| records.get(&account.id));
            known.former_units = pasts.filter_map(PastAct::former_unit).map(str::to_owned).collect();
        }
        let detached = wanted.detached(&self.roster);
        if detached.is_empty() {
            return Ok(known);
        }
        known.refused = self.ledger.refused(&self.roster.organization.id, &detached).await?;
        known.departed = self.ledger.departed().await?;
        Ok(known)
    }

    /// The state of joinings according to the journal, if the configuration invites accounts.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal is damaged or can't be read.
    pub async fn joinings(&self) -> Result<BTreeMap<AccountId, JoiningStory>, Diagnostic> {
        if self.roster.accounts.iter().all(|account| account.joining().is_none()) {
            return Ok(BTreeMap::new());
        }
        self.ledger.joinings().await.map_err(|error| failures::journal(&error))
    }

    /// Compares the local clock with that of the endpoint.
    fn check_clock(&self) -> Result<(), Diagnostic> {
        if self.sandbox {
            return Ok(());
        }
        let endpoint = environment("AWS_ENDPOINT_URL_ORGANIZATIONS").or_else(|| self.aws.endpoint().map(str::to_owned));
        failures::clock(self.aws.last_clock_reading(), endpoint.as_deref()).map_or(Ok(()), Err)
    }
}

/// Connects to AWS, or to the servers that the environment's endpoint variables set in its place.
async fn to_aws(provider: &ProviderSettings) -> Result<Aws, Diagnostic> {
    credentials::check(provider)?;
    connect(Connection::Aws(provider), local_now).await.map_err(|error| credentials::connect(&error, provider))
}

/// Opens the configuration's sandbox, serves it in this process, and connects to it as the account.
#[cfg(feature = "sandbox")]
async fn open_sandbox(
    context: &mut Context,
    fixture: &Path,
    folder: &Path,
    account: Option<AccountId>,
) -> Result<(Aws, crate::sandbox::Sandbox), Diagnostics> {
    use crate::sandbox::Sandbox;

    if environment("ORGROSTER_REQUIRE_AWS").is_some() {
        let detail = "ORGROSTER_REQUIRE_AWS is set, but the provider block names a sandbox. Remove `sandbox` from the provider block.";
        return Err(Diagnostic::error(Code::SandboxRefused, detail).into());
    }
    let file = configured_fixture(context, fixture)?;
    // A malicious state file may be present, as in a backend, before the first rehearsal.
    LocalStore::new(folder).check_file(STATE).map_err(|error| failures::journal(&crate::journal::JournalError::from(error)))?;
    let sandbox = Sandbox::open(&context.sources, Some(file), Some(folder.join(STATE)))?;
    let endpoint = listen(sandbox.clone()).await?;
    let connection = Connection::Sandbox { endpoint: &endpoint, account, region: sandbox.region() };
    let provider = ProviderSettings::default();
    let aws = connect(connection, local_now).await.map_err(|error| credentials::connect(&error, &provider))?;
    Ok((aws, sandbox))
}

/// Reads the fixture that a configuration names. The configuration may come from an untrusted pull request, so its fixture is read with the
/// same limits.
#[cfg(feature = "sandbox")]
fn configured_fixture(context: &mut Context, fixture: &Path) -> Result<crate::org::FileId, Diagnostics> {
    let bytes = Directory::new(Path::new(".")).map_err(FileError::Unreadable).and_then(|here| here.read_bytes(fixture, MAX_FIXTURE));
    let bytes = bytes.map_err(|error| unreadable_fixture(fixture, &error))?;
    Ok(context.sources.add_bytes(fixture.display().to_string(), bytes)?)
}

/// The partition of a configuration's sandbox.
///
/// # Errors
///
/// Returns an error if the fixture can't be read or is not valid.
#[cfg(feature = "sandbox")]
pub fn sandbox_partition(context: &mut Context, fixture: &Path) -> Result<String, Diagnostics> {
    let file = configured_fixture(context, fixture)?;
    Ok(crate::sandbox::Sandbox::open(&context.sources, Some(file), None)?.partition().to_owned())
}

/// This build can't read a fixture.
///
/// # Errors
///
/// Returns `sandbox-refused`.
#[cfg(not(feature = "sandbox"))]
pub fn sandbox_partition(_: &mut Context, _: &Path) -> Result<String, Diagnostics> {
    Err(no_sandbox())
}

/// Why this build can't use a configuration with a sandbox.
#[cfg(not(feature = "sandbox"))]
fn no_sandbox() -> Diagnostics {
    let detail = format!("The provider block names a sandbox, and {}", crate::cli::build::lacks("sandbox"));
    Diagnostic::error(Code::SandboxRefused, detail).into()
}

/// Connects to the organization of a configuration that does not declare one yet. Also returns the time there.
///
/// # Errors
///
/// Returns an error if the connection fails.
pub async fn reach(context: &mut Context, start: &Bootstrap) -> Result<(Aws, Timestamp), Diagnostics> {
    match &start.provider.sandbox {
        None => Ok((to_aws(&start.provider).await?, local_now())),
        #[cfg(feature = "sandbox")]
        Some(fixture) => {
            let (aws, sandbox) = open_sandbox(context, &fixture.value.clone(), &sandbox_folder(&start.backend), None).await?;
            let now = sandbox.now();
            Ok((aws, now))
        }
        #[cfg(not(feature = "sandbox"))]
        Some(_) => {
            let _ = context;
            Err(no_sandbox())
        }
    }
}

/// Opens only the backend of the working directory's configuration. Connects to AWS only if the backend is there.
///
/// # Errors
///
/// Returns an error if the configuration is not valid, or if the connection fails.
pub async fn open_ledger(context: &mut Context) -> Result<(DesiredRoster, Ledger<RunStore>), Diagnostics> {
    let (roster, warnings) = context.configuration()?;
    context.report(&warnings);
    let store = match local_store(&roster) {
        Some(store) => AnyStore::Local(store),
        None => {
            let aws = to_aws(&roster.provider).await?;
            store(&roster.backend, &aws)?
        }
    };
    let organization = roster.organization.id.clone();
    Ok((roster, Ledger::new(Mirrored::new(store), organization)))
}

/// The store of a configuration's backend. `None` if it is not on this machine.
pub fn local_store(roster: &DesiredRoster) -> Option<LocalStore> {
    match &roster.backend {
        backend if roster.provider.sandbox.is_some() => Some(LocalStore::new(sandbox_folder(backend))),
        Backend::Local { path } => Some(LocalStore::new(path)),
        Backend::S3 { .. } => None,
    }
}

/// The store of a backend.
#[cfg(feature = "s3")]
fn store(backend: &Backend, aws: &Aws) -> Result<AnyStore, Diagnostics> {
    Ok(match backend {
        Backend::Local { path } => AnyStore::Local(LocalStore::new(path)),
        Backend::S3 { bucket, prefix, region } => {
            let elsewhere = environment("AWS_ENDPOINT_URL_S3").is_some();
            AnyStore::S3(aws.s3_store(bucket, prefix.as_deref().unwrap_or_default(), region.as_deref(), elsewhere))
        }
    })
}

/// The store of a backend.
#[cfg(not(feature = "s3"))]
fn store(backend: &Backend, _: &Aws) -> Result<AnyStore, Diagnostics> {
    match backend {
        Backend::Local { path } => Ok(AnyStore::Local(LocalStore::new(path))),
        Backend::S3 { .. } => {
            let detail = format!("The configuration names the backend \"s3\", and {}", crate::cli::build::lacks("s3"));
            Err(Diagnostic::error(Code::MissingFeature, detail).into())
        }
    }
}

/// The folder of the sandbox's state and its own backend, next to the configuration and separate from the real backend.
pub fn sandbox_folder(backend: &Backend) -> std::path::PathBuf {
    match backend {
        Backend::Local { path } => path.join("sandbox"),
        Backend::S3 { .. } => ".orgroster/sandbox".into(),
    }
}

#[cfg(feature = "sandbox")]
pub fn read_fixture(context: &mut Context, path: &Path) -> Result<crate::org::FileId, Diagnostics> {
    let bytes = crate::files::read_named(path, crate::config::MAX_BYTES)
        .map_err(|error| unreadable_fixture(path, &FileError::Unreadable(error)))?;
    Ok(context.sources.add_bytes(path.display().to_string(), bytes)?)
}

#[cfg(feature = "sandbox")]
fn unreadable_fixture(path: &Path, error: &FileError) -> Diagnostic {
    let why = match error {
        FileError::Unreadable(error) => error.to_string(),
        other => other.to_string(),
    };
    Diagnostic::error(Code::UnreadableFile, format!("The sandbox's fixture {} can't be read: {why}.", path.display()))
}

/// Serves the sandbox in this process, and returns its endpoint.
#[cfg(feature = "sandbox")]
async fn listen(sandbox: crate::sandbox::Sandbox) -> Result<String, Diagnostics> {
    let failed = |error: std::io::Error| Diagnostic::error(Code::Unreachable, format!("The sandbox can't listen on loopback: {error}."));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    tokio::spawn(sandbox.serve(listener));
    Ok(format!("http://{address}"))
}
