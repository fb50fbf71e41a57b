//! A run against a sandbox with AWS's documented quotas, without a socket and on paused time: what the pace lets pass, no quota refuses.

#![cfg(feature = "sandbox")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

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

use crate::api::{Accounts, InsideScope, ReadMember, Scope, VisitMember, look_at_integrations, look_inside, observe};
use crate::diag::SourceMap;
use crate::org::{AccountId, DeclaredOrganization, MemberRole, SourceSpan};
use crate::sandbox::Sandbox;

use super::*;

/// Sends each request through a pipe of its own.
#[derive(Debug, Clone)]
struct Pipe(Sandbox);

impl HttpConnector for Pipe {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sandbox = self.0.clone();
        HttpConnectorFuture::new(async move { exchange(sandbox, request).await.map_err(|error| ConnectorError::other(error.into(), None)) })
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

fn client(sandbox: Sandbox, pace: Pace) -> Aws {
    let connector = Pipe(sandbox);
    let http = http_client_fn(move |_: &HttpConnectorSettings, _: &RuntimeComponents| SharedHttpConnector::new(connector.clone()));
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

/// With AWS's quotas or without: members, of which every third administers a service, in as many units, with policies at the root.
fn world(members: usize, policies: usize, quotas: bool) -> Sandbox {
    let mut text = format!("sandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n  weather {{\n    throttles = {quotas}\n  }}\n}}\n");
    text.push_str("organization \"o-exampleorgid\" {\n  \
                    management_account_id = \"111111111111\"\n  service_access = [\"controltower.amazonaws.com\", \"cloudtrail.amazonaws.com\"]\n  \
                    root {\n    id = \"r-ab12\"\n  }\n  account \"111111111111\" {\n    name = \"management\"\n    email = \"m@example.com\"\n  }\n");
    for index in 0..members {
        let (id, services) = (member(index), if index % 3 == 0 { "\"config.amazonaws.com\"" } else { "" });
        let _ = writeln!(
            text,
            "  organizational_unit \"u{index}\" {{\n    account \"{id}\" {{\n      name = \"a{index}\"\n      email = \"{id}@example.com\"\n      \
             delegated_services = [{services}]\n    }}\n  }}"
        );
    }
    for index in 0..policies {
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

/// Reads everything that a plan of these departures depends on, from inside as well; and returns how many requests that took, those that
/// were sent again after a throttle included. Nothing where a request was throttled for good.
async fn requests(members: usize, policies: usize, percent: Option<u32>, quotas: bool) -> Option<u64> {
    let sandbox = world(members, policies, quotas);
    let aws = client(sandbox.clone(), Pace::new(percent));
    let declared = DeclaredOrganization {
        id: "o-exampleorgid".parse().unwrap(),
        management_account_id: "111111111111".parse().unwrap(),
        span: SourceSpan::new(crate::org::FileId(0), 0..0),
    };
    let detached: BTreeSet<_> = (0..members).map(member).collect();
    let now = "2026-11-22T09:00:00Z".parse().unwrap();
    let scope = Scope { declared: &declared, accounts: Accounts::All, detached: detached.clone(), leaving: detached.clone(), now };
    let observed = observe(&aws, &scope).await.ok()?;
    assert_eq!(observed.policies.as_ref().unwrap().texts.len(), policies + 1);
    look_at_integrations(&aws, &observed, &detached, &[]).await;
    let role = MemberRole::default();
    let visits = detached.iter().map(|id| async {
        let role_arn = role.arn("aws", *id);
        let session = aws.visit(&role_arn, &role, "orgroster-plan").await.unwrap();
        assert_eq!(session.account().await.unwrap(), *id);
        look_inside(&session, InsideScope { account: *id, role_arn: &role_arn, share_regions: None, now }).await
    });
    let looks = futures_util::future::join_all(visits).await;
    Some(sandbox.requests().values().sum()).filter(|_| looks.iter().all(|looks| looks.handshakes.value().is_some()))
}

#[tokio::test(start_paused = true)]
async fn a_paced_run_draws_no_throttle() {
    // Few departures are read target by target, many policy by policy: ListPoliciesForTarget, or ListPolicies and ListTargetsForPolicy.
    for (members, policies) in [(8, 5), (30, 12)] {
        let unhindered = requests(members, policies, None, false).await;
        assert!(unhindered.is_some());
        for percent in [60, 100] {
            assert_eq!(requests(members, policies, Some(percent), true).await, unhindered, "{members} departures at {percent} %");
        }
        assert_ne!(requests(members, policies, None, true).await, unhindered, "without a pace the same run is throttled");
    }
}
