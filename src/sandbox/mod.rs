//! An AWS organization inside the binary, served on loopback with AWS's wire protocols: Organizations, Support and CloudTrail (JSON 1.1),
//! STS and IAM (query), Account Management (REST JSON).
//!
//! It is a second, independent reading of AWS's rules. It shares nothing with the gates, so that a wrong gate shows up as a refused call.
//!
//! Where AWS documents nothing, the sandbox decides: an access key id of twelve digits is the administrator of that account; temporary
//! credentials are the assumed role; any other key is the administrator of the management account. Signatures are not verified. Every
//! 12-digit account exists as a standalone account with complete sign-up.

mod clock;
mod control;
mod engine;
mod fixture;
mod generate;
mod operations;
mod rules;
mod server;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod weather;
mod wire;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::diag::{Diagnostics, SourceMap};
use crate::org::FileId;

pub use generate::generate;

use engine::{Engine, Reply};
use fixture::Fixture;
use state::words::Word;
use store::Store;
use weather::Schedule;
use wire::Incoming;

/// A world that answers AWS clients. Clones share the world.
#[derive(Debug, Clone)]
pub struct Sandbox {
    engine: Arc<Mutex<Engine>>,
    exposed: bool,
}

impl Sandbox {
    /// Opens a world.
    ///
    /// `fixture` is a file in `sources`; without it, there are accounts but no organization. `state` is the file that the world persists
    /// in: JSON with mode 0600, written completely and atomically after every change. If it exists, the world and the remaining faults are
    /// restored from it.
    ///
    /// # Errors
    ///
    /// Returns every error in the fixture (`sandbox-fixture` and the codes for HCL), or `sandbox-state` if the state file belongs to
    /// another fixture, is damaged or can't be read. The state file is then left unchanged, and the diagnostic says how to start over.
    pub fn open(sources: &SourceMap, fixture: Option<FileId>, state: Option<PathBuf>) -> Result<Self, Diagnostics> {
        let text = fixture.and_then(|file| sources.file(file)).map_or("", |file| file.text.as_str());
        let store = state.map(|path| Store::new(path, text));
        let (world, faults) = match store.as_ref().map_or(Ok(None), Store::load) {
            // The state was made from this same text, which had no errors.
            Ok(Some(saved)) => saved,
            Ok(None) => {
                let Fixture { world, faults } = fixture::read(sources, fixture)?;
                (world, faults)
            }
            Err(unusable) => {
                // If the user has just edited the fixture, its errors are more useful than those of the state file.
                fixture::read(sources, fixture)?;
                return Err(unusable);
            }
        };
        Ok(Self { engine: Arc::new(Mutex::new(Engine::new(world, Schedule::new(faults), store))), exposed: false })
    }

    /// Allows listeners on addresses that are not loopback. Anyone who reaches such an address can then read and change the world and move
    /// its clock, because nothing is verified. Loopback is the default because no other address is safe.
    #[must_use]
    pub fn exposed(mut self) -> Self {
        self.exposed = true;
        self
    }

    /// The world's clock: frozen at the fixture's `clock` until it is changed, otherwise real time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.lock().now()
    }

    /// The partition of its ARNs, such as `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        self.lock().world.partition.as_str()
    }

    /// The default region of its clients.
    #[must_use]
    pub fn region(&self) -> String {
        self.lock().world.region.clone()
    }

    /// Serves until the future is dropped, which also ends the connections.
    ///
    /// # Errors
    ///
    /// Returns `PermissionDenied` if the listener is not on loopback, unless the sandbox is [`Sandbox::exposed`].
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        let address = listener.local_addr()?;
        if !self.exposed && !address.ip().is_loopback() {
            let message = format!("{address} is not a loopback address; the sandbox would be open to the network");
            return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, message));
        }
        server::serve(self, listener).await
    }

    /// Speaks HTTP over one stream, such as an end of an in-memory pipe, until it ends.
    pub async fn serve_stream<S>(&self, stream: S)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        server::serve_stream(self.clone(), stream, std::net::Ipv4Addr::LOCALHOST.into(), Arc::default()).await;
    }

    /// How often each operation was called, by names such as `organizations:ListAccounts`.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.lock().requests.clone()
    }

    /// Calls the control endpoint without a socket, so that weather, faults and clock can be set before the first request. Returns the HTTP
    /// status and the JSON answer.
    ///
    /// `path` is the part after `/_sandbox`, such as `/weather`; `body` is JSON, or empty. `control.rs` describes the endpoint.
    #[must_use]
    pub fn control(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut engine = self.lock();
        let request = Incoming::control(method, path, body);
        let answer = control::answer(&mut engine, &request, String::new());
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    }

    fn handle(&self, request: &Incoming) -> (Reply, Timestamp) {
        let mut engine = self.lock();
        let request_id = engine.begin();
        let reply = if request.path.starts_with(control::PREFIX) {
            Reply::Answer(control::answer(&mut engine, request, request_id))
        } else {
            engine.handle(request, request_id)
        };
        (reply, engine.now())
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.lock().world.settings.latency_ms)
    }

    /// A panic while the lock was held would be a bug; the world as it is then is still the best answer.
    fn lock(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
