//! Runs against a sandbox with AWS's documented quotas, without a socket and with time paused.

#![cfg(feature = "sandbox")]

#[cfg(feature = "full")]
mod acts;
#[cfg(feature = "full")]
mod answers;
mod declared;
#[cfg(feature = "full")]
mod evidence;
mod floor;
mod paced;

#[cfg(feature = "full")]
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_organizations::config::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use crate::diag::SourceMap;
use crate::observe::{Accounts, Scope};
use crate::org::{AccountId, DeclaredOrganization, SourceSpan};
use crate::sandbox::Sandbox;

use super::wire::meter::Meter;
use super::wire::pace::Pace;
use super::*;

/// Sends each request through a separate pipe, and delays its answer.
#[derive(Debug, Clone)]
struct Pipe {
    sandbox: Sandbox,
    latency: Duration,
}

impl HttpConnector for Pipe {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { sandbox, latency } = self.clone();
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(latency).await;
            exchange(sandbox, request).await.map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

async fn exchange(sandbox: Sandbox, request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let path = request.uri().splitn(4, '/').nth(3).unwrap_or_default().to_owned();
    let body = request.body().bytes().unwrap_or_default();
    let mut head = format!("{} /{path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", request.method(), body.len());
    for (name, value) in request.headers().iter().filter(|(name, _)| *name != "content-length") {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let (mut ours, theirs) = duplex(1 << 20);
    ours.write_all(format!("{head}\r\n").as_bytes()).await?;
    ours.write_all(body).await?;
    let mut answer = Vec::new();
    let (_, read) = tokio::join!(sandbox.serve_stream(theirs), ours.read_to_end(&mut answer));
    read?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status: u16 = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    let mut response = HttpResponse::new(status.try_into().map_err(std::io::Error::other)?, SdkBody::from(body));
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        response.headers_mut().insert(name.to_owned(), value.to_owned());
    }
    Ok(response)
}

/// A client of the management account, for which each answer takes `latency`.
fn client(sandbox: Sandbox, pace: Pace, latency: Duration) -> Aws {
    client_of(SharedHttpConnector::new(Pipe { sandbox, latency }), pace)
}

/// A client of the management account whose requests go to `connector`.
fn client_of(connector: SharedHttpConnector, pace: Pace) -> Aws {
    let http = http_client_fn(move |_: &HttpConnectorSettings, _: &RuntimeComponents| connector.clone());
    let sdk = aws_config::SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://sandbox")
        .disable_clock_skew_correction(true)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("111111111111", "x", None, None, "test")))
        .build();
    let meter = Meter::new(|| "2026-11-22T09:00:00Z".parse().unwrap(), pace.clone());
    Aws::new(sdk, http, meter, pace)
}

fn member(index: usize) -> AccountId {
    format!("2{index:011}").parse().unwrap()
}

/// An organization with AWS's quotas. Its departing accounts are the last of its members, so that they are last in the account list.
struct World {
    members: usize,
    departing: usize,
    /// Whether each departing account has its own unit; all other accounts share units of 50.
    own_units: bool,
    /// Policies at the root, in addition to FullAWSAccess.
    policies: usize,
    /// Whether every third departing account is a delegated administrator.
    administrators: bool,
    quotas: bool,
}

impl World {
    fn departing(&self) -> BTreeSet<AccountId> {
        (self.members - self.departing..self.members).map(member).collect()
    }

    fn unit_of(&self, index: usize) -> String {
        let stays = self.members - self.departing;
        if self.own_units && index >= stays { format!("own-{index}") } else { format!("shared-{}", index / 50) }
    }

    fn open(&self) -> Sandbox {
        let quotas = self.quotas;
        let mut text = format!("sandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n  weather {{\n    throttles = {quotas}\n  }}\n}}\n");
        text.push_str("organization \"o-exampleorgid\" {\n  \
                        management_account_id = \"111111111111\"\n  service_access = [\"controltower.amazonaws.com\", \"cloudtrail.amazonaws.com\"]\n  \
                        root {\n    id = \"r-ab12\"\n  }\n  account \"111111111111\" {\n    name = \"management\"\n    email = \"m@example.com\"\n  }\n");
        let departing = self.departing();
        let mut unit = String::new();
        for index in 0..self.members {
            if self.unit_of(index) != unit {
                text.push_str(if unit.is_empty() { "" } else { "  }\n" });
                unit = self.unit_of(index);
                let _ = writeln!(text, "  organizational_unit \"{unit}\" {{");
            }
            let id = member(index);
            let administers = self.administrators && index % 3 == 0 && departing.contains(&id);
            let services = if administers { "\"config.amazonaws.com\"" } else { "" };
            let _ = writeln!(
                text,
                "    account \"{id}\" {{\n      name = \"a{index}\"\n      email = \"{id}@example.com\"\n      delegated_services = [{services}]\n    }}"
            );
        }
        text.push_str(if unit.is_empty() { "" } else { "  }\n" });
        for index in 0..self.policies {
            let content = r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
            let _ = writeln!(
                text,
                "  policy \"p-policy{index:03}\" {{\n    name = \"p{index}\"\n    targets = [\"r-ab12\"]\n    content = <<-JSON\n      {content}\n    JSON\n  }}"
            );
        }
        let mut sources = SourceMap::default();
        let file = sources.add("world.sandbox.hcl", text + "}\n");
        Sandbox::open(&sources, Some(file), None).unwrap()
    }
}

fn declared() -> DeclaredOrganization {
    DeclaredOrganization {
        id: "o-exampleorgid".parse().unwrap(),
        management_account_id: "111111111111".parse().unwrap(),
        span: SourceSpan::new(crate::org::FileId(0), 0..0),
    }
}

/// What a plan observes if every account is declared.
fn scope<'a>(declared: &'a DeclaredOrganization, world: &World) -> Scope<'a> {
    Scope {
        declared,
        accounts: Accounts::All,
        expected: world.members,
        detached: world.departing(),
        departed: BTreeSet::new(),
        leaving: world.departing(),
        reads_joinings: false,
        join_units: BTreeSet::new(),
        now: "2026-11-22T09:00:00Z".parse().unwrap(),
    }
}
