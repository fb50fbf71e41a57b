//! A configuration that detaches accounts, and the organization on loopback that they leave. The program uses it like AWS.

#![allow(dead_code, reason = "each binary that includes this uses what it needs")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(feature = "s3")]
use futures_util::FutureExt;
#[cfg(feature = "s3")]
use orgroster::aws::{Connection, connect};
use orgroster::diag::SourceMap;
use orgroster::journal::{Chain, Ledger, LocalStore};
use orgroster::sandbox::Sandbox;
use tempfile::TempDir;

use crate::bucket::{BUCKET, Bucket};

/// A directory with a configuration, and a server that lives as long as the scene.
pub struct Scene {
    directory: TempDir,
    endpoint: String,
    accounts: Vec<String>,
    /// The backend's bucket, if it is on S3.
    bucket: Option<Bucket>,
    /// Dropping it ends the server.
    _server: tokio::sync::oneshot::Sender<()>,
}

/// The organization of a scene.
const ORGANIZATION: &str = "o-exampleorgid";

/// The prefix of a scene's backend in the bucket.
pub const PREFIX: &str = "orgroster/";

/// Ids of departing accounts.
#[must_use]
pub fn ids(count: u64) -> Vec<String> {
    (0..count).map(|number| (200_000_000_000 + number).to_string()).collect()
}

impl Scene {
    /// A scene with this many departing accounts. `sandbox` is added to the fixture's `sandbox` block: weather and faults.
    #[must_use]
    pub fn new(count: u64, sandbox: &str) -> Self {
        Self::with_provider(count, sandbox, "")
    }

    /// A scene whose backend is a bucket of S3.
    #[must_use]
    pub fn on_s3(count: u64, sandbox: &str) -> Self {
        let bucket = Bucket::serve();
        let scene = Self { bucket: Some(bucket), ..Self::new(count, sandbox) };
        let backend = format!(
            "orgroster {{\n  backend \"s3\" {{\n    bucket = \"{BUCKET}\"\n    prefix = \"{PREFIX}\"\n    region = \"us-east-1\"\n  }}\n}}\n"
        );
        fs::write(scene.path().join("backend.roster.hcl"), backend).unwrap();
        scene
    }

    /// The bucket of a scene on S3.
    #[must_use]
    pub fn bucket(&self) -> &Bucket {
        self.bucket.as_ref().unwrap()
    }

    /// A scene with these settings in the provider block.
    #[must_use]
    pub fn with_provider(count: u64, sandbox: &str, provider: &str) -> Self {
        Self::with_bystanders(count, sandbox, provider, 0)
    }

    /// A scene with members that have no block and that AWS does not let leave.
    #[must_use]
    pub fn with_bystanders(count: u64, sandbox: &str, provider: &str, bystanders: u64) -> Self {
        let accounts = ids(count);
        let text = format!("provider \"aws\" {{\n  {provider}\n}}\n{}", configuration(&accounts));
        Self::of(accounts.clone(), &text, fixture(&accounts, sandbox, bystanders))
    }

    /// A scene whose accounts move to another organization, `o-targetorgid`, which has invited each of them. `beside` contains more blocks
    /// of the fixture.
    #[must_use]
    pub fn transferring(count: u64, sandbox: &str, beside: &str) -> Self {
        let accounts = ids(count);
        let guardrails = "guardrails {\n  transfer_targets        = { \"o-targetorgid\" = \"999999999999\" }\n";
        let way = "  reason     = \"Divested\"\n  via        = \"transfer\"\n  to         = \"o-targetorgid\"\n";
        let text = configuration(&accounts).replace("guardrails {\n", guardrails).replace("  reason     = \"Divested\"\n", way);
        // The requirements of a standalone account don't apply.
        let attestation = text.find("\n  attestation {").map_or("", |begins| &text[begins..]);
        let attestation = attestation.find("  }\n").map_or("", |ends| &attestation[..ends + 4]);
        let text = text.replace(attestation, "");
        Self::of(accounts.clone(), &text, fixture(&accounts, sandbox, 0) + &target(&accounts) + beside)
    }

    /// A scene in which this many standalone accounts join, each with a role that accepts.
    #[must_use]
    pub fn joining(count: u64, sandbox: &str) -> Self {
        let accounts = ids(count);
        let head = "organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\nguardrails {\n  max_joins = 1000\n}\n";
        let mut text = head.to_owned();
        let mut world = fixture(&[], sandbox, 0).replace(
            "  root { id = \"r-ab12\" }\n",
            "  account_quota = 1000\n  root { id = \"r-ab12\" }\n  organizational_unit \"Shops\" { id = \"ou-ab12-shops0000\" }\n",
        );
        for account in &accounts {
            let _ = write!(
                text,
                "account \"a{account}\" {{\n  id = \"{account}\"\n  name = \"a{account}\"\n  membership = \"member\"\n  join {{\n    reason = \
                 \"Acquired\"\n    on = \"2026-11-20\"\n    unit = \"ou-ab12-shops0000\"\n    tags = {{ team = \"shop\" }}\n    accept_role {{ arn = \
                 \"arn:aws:iam::{account}:role/Accept\" }}\n  }}\n}}\n"
            );
            let _ = write!(
                world,
                "account \"{account}\" {{\n  name = \"a{account}\"\n  email = \"a{account}@example.com\"\n  role \"Accept\" {{ trusts = \
                 [\"111111111111\"] }}\n}}\n"
            );
        }
        Self::of(accounts, &text, world)
    }

    /// Checks the end state of every joining: each account was invited once, accepted once, is in its unit, and has one record.
    ///
    /// # Errors
    ///
    /// Returns what is wrong.
    pub fn check_joined(&self) -> Result<(), String> {
        let sent = self.ask_as("111111111111", "ListHandshakesForOrganization", &serde_json::json!({}));
        let sent = sent["Handshakes"].as_array().unwrap();
        let states: Vec<_> = sent.iter().map(|found| found["State"].as_str().unwrap()).collect();
        if states != vec!["ACCEPTED"; self.accounts.len()] {
            return Err(format!("invitations {states:?}"));
        }
        for account in &self.accounts {
            let parent = self.ask_as("111111111111", "ListParents", &serde_json::json!({ "ChildId": account }));
            if parent["Parents"][0]["Id"] != "ou-ab12-shops0000" {
                return Err(format!("{account} stands in {parent}"));
            }
        }
        let chain = self.chain();
        let recorded: Vec<_> = chain.records.iter().map(|found| found.record.planned.id.to_string()).collect();
        let mut once = recorded.clone();
        once.sort();
        if once != self.accounts || !chain.open.is_empty() || !chain.damage.is_empty() {
            return Err(format!("records {recorded:?}, open {:?}, damage {:?}", chain.open.len(), chain.damage));
        }
        Ok(())
    }

    /// A scene with this configuration and this fixture.
    #[must_use]
    pub fn of(accounts: Vec<String>, configuration: &str, fixture: String) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("main.roster.hcl"), configuration).unwrap();
        let mut sources = SourceMap::default();
        let file = sources.add("world.sandbox.hcl", fixture);
        let sandbox = Sandbox::open(&sources, Some(file), None).unwrap();
        let (endpoint, end) = serve(sandbox);
        Self { directory, endpoint, accounts, bucket: None, _server: end }
    }

    /// The configuration's directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The program, in the configuration's directory, with an environment that only leads to the scene's organization.
    #[must_use]
    pub fn orgroster(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
        command.current_dir(self.path()).args(arguments).env_clear();
        command.envs([
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "111111111111"),
            ("AWS_SECRET_ACCESS_KEY", "rehearsal"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ]);
        command.envs(self.bucket.iter().map(|bucket| ("AWS_ENDPOINT_URL_S3", bucket.endpoint.as_str())));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// How often each account departed, according to the organization's own CloudTrail.
    #[must_use]
    pub fn departures(&self) -> BTreeMap<String, usize> {
        let mut departures = BTreeMap::new();
        for (account, _) in self.departure_times() {
            *departures.entry(account).or_default() += 1;
        }
        departures
    }

    /// The accounts and the time of each departure, according to the organization's own CloudTrail.
    #[must_use]
    pub fn departure_times(&self) -> Vec<(String, jiff::Timestamp)> {
        let named = serde_json::json!([{ "AttributeKey": "EventName", "AttributeValue": "AccountDepartedOrganization" }]);
        let departure = |record: serde_json::Value| {
            let details = &record["serviceEventDetails"]["accountDepartedOrganization"];
            let time = details["departureTime"].as_str().unwrap().parse().unwrap();
            (details["accountId"].as_str().unwrap().to_owned(), time)
        };
        self.history("111111111111", &named).into_iter().map(departure).collect()
    }

    /// The event history of an account in CloudTrail's form, newest first: the events with these attributes, or all events.
    #[must_use]
    pub fn history(&self, account: &str, attributes: &serde_json::Value) -> Vec<serde_json::Value> {
        let (mut records, mut token) = (Vec::new(), serde_json::Value::Null);
        loop {
            let body = serde_json::json!({ "LookupAttributes": attributes, "NextToken": token });
            let page = ask(&self.endpoint, account, "CloudTrail_20131101.LookupEvents", "cloudtrail", &body);
            let texts = page["Events"].as_array().unwrap().iter().map(|event| event["CloudTrailEvent"].as_str().unwrap());
            records.extend(texts.map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap()));
            token = page["NextToken"].clone();
            if token.is_null() {
                return records;
            }
        }
    }

    /// How often each operation was called.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<String, u64> {
        let address = self.endpoint.strip_prefix("http://").unwrap();
        serde_json::from_value(exchange(
            address,
            &format!("GET /_sandbox/requests HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"),
        ))
        .unwrap()
    }

    /// Turns off the quotas, so that a test's own requests are answered.
    pub fn lift_quotas(&self) {
        self.set_weather("{\"throttles\": false}");
    }

    /// Changes the weather, with the body of a control request.
    pub fn set_weather(&self, body: &str) {
        self.control("POST", "weather", body);
    }

    /// Adds faults, with the body of a control request.
    pub fn add_faults(&self, body: &str) {
        self.control("POST", "faults", body);
    }

    /// Removes the faults that are still scheduled.
    pub fn clear_faults(&self) {
        self.control("DELETE", "faults", "");
    }

    /// Makes an account leave outside orgroster.
    pub fn leave_by_another_hand(&self, account: &str) {
        let address = self.endpoint.strip_prefix("http://").unwrap();
        exchange(address, &signed(address, "AWSOrganizationsV20161128.LeaveOrganization", "organizations", account, "{}"));
    }

    fn control(&self, method: &str, what: &str, body: &str) {
        let address = self.endpoint.strip_prefix("http://").unwrap();
        let head = format!("{method} /_sandbox/{what} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}", body.len());
        exchange(address, &format!("{head}\r\n\r\n{body}"));
    }

    /// A foreign client that calls LeaveOrganization for one bystander after another in a loop, with a pause between calls.
    #[must_use]
    pub fn foreign_client(&self, bystanders: u64, pause: std::time::Duration) -> Foreign {
        let (address, going) = (self.endpoint.strip_prefix("http://").unwrap().to_owned(), Arc::new(AtomicBool::new(true)));
        let goes = Arc::clone(&going);
        std::thread::spawn(move || {
            for id in (0..bystanders).map(bystander).collect::<Vec<_>>().iter().cycle().take_while(|_| goes.load(Ordering::Relaxed)) {
                let request = signed(&address, "AWSOrganizationsV20161128.LeaveOrganization", "organizations", id, "{}");
                let Ok(mut stream) = TcpStream::connect(&address) else { return };
                let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut Vec::new()));
                std::thread::sleep(pause);
            }
        });
        Foreign(going)
    }

    /// The answer to a call of the management account, such as `AWSOrganizationsV20161128.ListRoots` of `organizations`.
    #[must_use]
    pub fn ask(&self, target: &str, service: &str, body: &serde_json::Value) -> serde_json::Value {
        ask(&self.endpoint, "111111111111", target, service, body)
    }

    /// The answer to a call of another account.
    #[must_use]
    pub fn ask_as(&self, account: &str, target: &str, body: &serde_json::Value) -> serde_json::Value {
        let address = self.endpoint.strip_prefix("http://").unwrap();
        let target = format!("AWSOrganizationsV20161128.{target}");
        exchange(address, &signed(address, &target, "organizations", account, &body.to_string()))
    }

    /// Ids of the accounts in the organization with this management account.
    #[must_use]
    pub fn members_of(&self, management: &str) -> Vec<String> {
        let answer = self.ask_as(management, "ListAccounts", &serde_json::json!({}));
        answer["Accounts"].as_array().unwrap().iter().map(|account| account["Id"].as_str().unwrap().to_owned()).collect()
    }

    /// The journal, records and head of the backend, checked.
    #[must_use]
    pub fn chain(&self) -> Chain {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let Some(bucket) = &self.bucket else {
            let ledger = Ledger::new(LocalStore::new(self.path().join(".orgroster")), ORGANIZATION.parse().unwrap());
            return runtime.block_on(ledger.check(None)).unwrap();
        };
        chain_in(bucket, &runtime)
    }

    /// Checks the end state of every story: each account departed once and has one record, and nothing is open or damaged.
    ///
    /// # Errors
    ///
    /// Returns what is wrong.
    pub fn check_end(&self) -> Result<(), String> {
        let once: BTreeMap<_, _> = self.accounts.iter().map(|account| (account.clone(), 1)).collect();
        let departures = self.departures();
        if departures != once {
            return Err(format!("departures by CloudTrail: {departures:?}"));
        }
        let chain = self.chain();
        let mut recorded: Vec<_> = chain.records.iter().map(|found| found.record.planned.id.to_string()).collect();
        recorded.sort();
        if recorded != self.accounts || !chain.damage.is_empty() || !chain.open.is_empty() {
            return Err(format!("recorded {recorded:?}, damage {:?}, {} open", chain.damage, chain.open.len()));
        }
        Ok(())
    }
}

#[cfg(feature = "s3")]
fn chain_in(bucket: &Bucket, runtime: &tokio::runtime::Runtime) -> Chain {
    let account = Some("111111111111".parse().unwrap());
    let connection = Connection::Sandbox { endpoint: &bucket.endpoint, account, region: "us-east-1".to_owned() };
    // Connecting makes no request, so it needs no runtime.
    let aws = connect(connection, jiff::Timestamp::default).now_or_never().unwrap().unwrap();
    runtime.block_on(Ledger::new(aws.s3_store(BUCKET, PREFIX, None, true), ORGANIZATION.parse().unwrap()).check(None)).unwrap()
}

#[cfg(not(feature = "s3"))]
fn chain_in(_: &Bucket, _: &tokio::runtime::Runtime) -> Chain {
    panic!("this build has no S3 backend")
}

/// A foreign client. It ends when this is dropped.
pub struct Foreign(Arc<AtomicBool>);

impl Drop for Foreign {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

fn bystander(number: u64) -> String {
    (900_000_000_000 + number).to_string()
}

/// Serves a sandbox at the returned address until the returned sender is dropped.
#[must_use]
pub fn serve(sandbox: Sandbox) -> (String, tokio::sync::oneshot::Sender<()>) {
    let (ready, endpoint) = std::sync::mpsc::channel();
    let (end, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            ready.send(format!("http://{}", listener.local_addr().unwrap())).unwrap();
            tokio::select! {
                served = sandbox.serve(listener) => served.unwrap(),
                _ = ended => {}
            }
        });
    });
    (endpoint.recv().unwrap(), end)
}

/// The answer to a call of an account, such as `AWSOrganizationsV20161128.ListRoots` of `organizations`.
#[must_use]
pub fn ask(endpoint: &str, account: &str, target: &str, service: &str, body: &serde_json::Value) -> serde_json::Value {
    let address = endpoint.strip_prefix("http://").unwrap();
    exchange(address, &signed(address, target, service, account, &body.to_string()))
}

/// A request on behalf of an account.
fn signed(address: &str, target: &str, service: &str, account: &str, body: &str) -> String {
    let mut request = format!("POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nx-amz-target: {target}\r\n");
    let _ = write!(request, "content-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n", body.len());
    let scope = format!("{account}/20261122/us-east-1/{service}/aws4_request");
    let _ = write!(request, "authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00\r\n\r\n{body}");
    request
}

/// Sends a request and returns the JSON of its answer.
fn exchange(address: &str, request: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    // Some operations have an empty answer.
    if body.is_empty() { serde_json::Value::Null } else { serde_json::from_str(body).unwrap() }
}

fn configuration(accounts: &[String]) -> String {
    let mut text = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n\
                    guardrails {\n  max_detachments         = 1000\n  max_detachments_percent = 100\n}\n"
        .to_owned();
    for account in accounts {
        let _ = write!(
            text,
            "account \"a{account}\" {{\n  id         = \"{account}\"\n  name       = \"a{account}\"\n  membership = \"detached\"\n  \
             reason     = \"Divested\"\n\n  attestation {{\n    of = [\"payment_method\", \"phone_verification\", \"customer_agreement\", \
             \"support_plan\", \"root_access\"]\n    by = \"finance@example.com\"\n    on = \"2026-01-02\"\n  }}\n}}\n"
        );
    }
    text
}

/// The organization that accounts move to, with its invitations.
fn target(accounts: &[String]) -> String {
    let mut text = "organization \"o-targetorgid\" {\n  management_account_id = \"999999999999\"\n  account_quota         = 1000\n  root { id = \"r-tg12\" }\n  \
                    account \"999999999999\" {\n    name = \"target\"\n    email = \"target@example.com\"\n    joined = \"2024-03-01T10:00:00Z\"\n  }\n"
        .to_owned();
    for account in accounts {
        let _ = write!(text, "  invitation \"h-ours{account}\" {{\n    account = \"{account}\"\n  }}\n");
    }
    text + "}\n"
}

fn fixture(accounts: &[String], sandbox: &str, bystanders: u64) -> String {
    let mut text = format!(
        "sandbox {{\n{sandbox}\n}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"111111111111\"\n  root {{ id = \"r-ab12\" }}\n  \
         account \"111111111111\" {{\n    name = \"management\"\n    email = \"management@example.com\"\n  }}\n"
    );
    for account in accounts {
        let _ = write!(
            text,
            "  account \"{account}\" {{\n    name = \"a{account}\"\n    email = \"a{account}@example.com\"\n    joined = \"2024-03-01T10:00:00Z\"\n    \
             payment_method = \"valid\"\n    phone_verified = true\n    agreement_accepted = true\n    support_plan = \"basic\"\n  }}\n"
        );
    }
    for id in (0..bystanders).map(bystander) {
        let _ = write!(
            text,
            "  account \"{id}\" {{\n    name = \"b{id}\"\n    email = \"b{id}@example.com\"\n    joined = \"2024-03-01T10:00:00Z\"\n    \
             agreement_accepted = false\n  }}\n"
        );
    }
    text.push_str("}\n");
    text
}
