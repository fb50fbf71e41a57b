//! Organizations from text, served by the sandbox on loopback and read by the same code that reads AWS.

use std::collections::BTreeMap;
use std::fs;

use jiff::Timestamp;
use orgroster::aws::{Aws, Connection, connect};
use orgroster::config;
use orgroster::diag::{Diagnostics, SourceMap};
use orgroster::gate::{Call, known_keys};
use orgroster::observe::{Known, ObserveScope, observe};
use orgroster::org::{AccountId, DesiredRoster, Leaving, MemberRole, ObservedOrganization};
use orgroster::plan::{Plan, PlanFile, PlanInput, plan, sha256_hex};
use orgroster::sandbox::Sandbox;
use tokio::task::JoinHandle;

pub const MANAGEMENT: &str = "111111111111";
/// The time of the sandbox's clock.
pub const CLOCK: &str = "2026-11-22T09:00:00Z";

/// A sandbox that serves a fixture, and a client for its management account.
pub struct Served {
    pub sandbox: Sandbox,
    pub aws: Aws,
    /// The address for other clients.
    #[cfg_attr(not(feature = "full"), allow(dead_code, reason = "the tests of transfers ask by it"))]
    pub endpoint: String,
    server: JoinHandle<std::io::Result<()>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves the fixture on the current runtime.
pub async fn serve(fixture: &str) -> Served {
    let mut sources = SourceMap::default();
    let file = sources.add("world.sandbox.hcl", fixture.to_owned());
    let sandbox = Sandbox::open(&sources, Some(file), None).unwrap_or_else(|mistakes| panic!("{}\n{fixture}", texts(&mistakes)));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(sandbox.clone().serve(listener));
    let connection = Connection::Sandbox { endpoint: &endpoint, account: Some(MANAGEMENT.parse().unwrap()), region: sandbox.region() };
    let aws = connect(connection, || CLOCK.parse().unwrap()).await.unwrap();
    Served { sandbox, aws, endpoint, server }
}

pub fn texts(diagnostics: &Diagnostics) -> String {
    diagnostics.sorted().iter().map(|diagnostic| format!("{}: {}\n", diagnostic.code, diagnostic.detail)).collect()
}

/// Reads a configuration from its text.
pub fn roster(text: &str, sources: &mut SourceMap) -> DesiredRoster {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("main.roster.hcl"), text).unwrap();
    config::load(directory.path(), sources).unwrap_or_else(|mistakes| panic!("{}\n{text}", texts(&mistakes))).0
}

/// A plan and its inputs.
#[cfg_attr(not(feature = "full"), allow(dead_code, reason = "the tests of applies go on from it"))]
pub struct Planned {
    pub plan: Plan,
    pub roster: DesiredRoster,
    pub observed: ObservedOrganization,
}

/// Plans like the program; with `reader`, plan reads in members with that role.
pub async fn plan_of(served: &Served, configuration: &str, reader: Option<&str>) -> Plan {
    planned(served, configuration, reader).await.plan
}

/// Like [`plan_of`], and also returns what an apply needs.
pub async fn planned(served: &Served, configuration: &str, reader: Option<&str>) -> Planned {
    let now: Timestamp = CLOCK.parse().unwrap();
    let mut sources = SourceMap::default();
    let mut roster = roster(configuration, &mut sources);
    roster.provider.member_read_role = reader.map(|name| MemberRole { name: name.to_owned(), ..MemberRole::default() });
    let keys = |observed: &ObservedOrganization, id: AccountId, departure: &Leaving| {
        known_keys(Call { observed, assumptions: &roster.assumptions, departure, id, now })
    };
    let observed = observe(&served.aws, &roster, ObserveScope::Plan(&[]), Known::default(), &keys, now).await.unwrap();
    let input = PlanInput {
        roster: &roster,
        sources: &sources,
        observed: &observed,
        records: &BTreeMap::new(),
        joinings: &BTreeMap::new(),
        targets: &[],
        now,
        sandbox: true,
        snapshot: None,
    };
    let plan = plan(&input).0;
    keep(&plan);
    Planned { plan, roster, observed }
}

/// Writes a plan for the check against its schema in `tests/interop/readers`, which uses a foreign validator.
#[allow(clippy::disallowed_methods)]
pub fn keep(plan: &Plan) {
    let Some(directory) = std::env::var_os("ORGROSTER_PLANS") else { return };
    let json = PlanFile::of(plan).to_json().unwrap();
    fs::create_dir_all(&directory).unwrap();
    fs::write(std::path::Path::new(&directory).join(format!("{}.json", sha256_hex(json.as_bytes()))), json).unwrap();
}

/// The beginning of a configuration that allows all departures.
pub fn head() -> String {
    format!(
        "organization {{\n  id = \"o-exampleorgid\"\n  management_account_id = \"{MANAGEMENT}\"\n}}\n\
         guardrails {{\n  max_detachments = 1000\n  max_detachments_percent = 100\n}}\n"
    )
}
