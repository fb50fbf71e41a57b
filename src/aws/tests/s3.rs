//! The S3 store against canned answers, and against a server that `ORGROSTER_S3_ENDPOINT` names (tests/interop/s3/run).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::Credentials;
use aws_sdk_s3::config::{BehaviorVersion, Region, SharedCredentialsProvider};
use aws_smithy_http_client::Builder as HttpBuilder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::journal::contract;

use super::*;

fn store(endpoint: &str, prefix: &str) -> S3Store {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(HttpBuilder::new().build_http())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    S3Store::new(aws_sdk_s3::Client::from_conf(config), "records", prefix)
}

fn holder(id: &str) -> LockHolder {
    LockHolder { id: id.into(), operation: "apply".into(), who: "ci".into(), created: "2026-11-22T09:00:00Z".parse().unwrap() }
}

#[allow(clippy::disallowed_methods)]
fn server() -> String {
    std::env::var("ORGROSTER_S3_ENDPOINT").expect("ORGROSTER_S3_ENDPOINT names an S3 server with a bucket `records`: tests/interop/s3/run")
}

/// A request with its body, as far as one read after another gives it.
async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    loop {
        let mut part = [0; 8192];
        let read = stream.read(&mut part).await.unwrap_or(0);
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return request;
            }
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).map_or(0, |length| length.trim().parse().unwrap());
        if request.len() >= head.len() + 4 + length || read == 0 {
            return request;
        }
    }
}

/// A server that answers everything alike.
async fn canned(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            read_request(&mut stream).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    endpoint
}

/// Hands requests on to a server, one a connection, and loses the answer to the first one of a method that the server has carried out.
async fn losing(upstream: &str, method: &'static str) -> (String, Arc<AtomicUsize>) {
    let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let lost = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&lost);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (upstream, counter) = (upstream.clone(), Arc::clone(&counter));
            tokio::spawn(async move {
                let request = read_request(&mut stream).await;
                let mut server = TcpStream::connect(&upstream).await.unwrap();
                let closing = [b"connection: close\r\n".as_slice()].concat();
                let line = request.iter().position(|byte| *byte == b'\n').unwrap() + 1;
                let request_of_one = [&request[..line], &closing, &request[line..]].concat();
                server.write_all(&request_of_one).await.unwrap();
                let mut answer = Vec::new();
                let _ = server.read_to_end(&mut answer).await;
                if request.starts_with(method.as_bytes()) && counter.fetch_add(1, Ordering::Relaxed) == 0 {
                    return;
                }
                let _ = stream.write_all(&answer).await;
            });
        }
    });
    (endpoint, lost)
}

#[tokio::test]
async fn a_wrong_bucket_region_or_permission_is_named_with_its_remedy() {
    let no_bucket = "HTTP/1.1 404 Not Found\r\ncontent-type: application/xml\r\ncontent-length: 82\r\nconnection: close\r\n\r\n\
        <Error><Code>NoSuchBucket</Code><Message>There is no such bucket</Message></Error>";
    let denied = "HTTP/1.1 403 Forbidden\r\ncontent-type: application/xml\r\ncontent-length: 72\r\nconnection: close\r\n\r\n\
        <Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let moved = "HTTP/1.1 301 Moved Permanently\r\nx-amz-bucket-region: eu-west-1\r\ncontent-type: application/xml\r\ncontent-length: 75\r\n\
        connection: close\r\n\r\n<Error><Code>PermanentRedirect</Code><Message>Use another</Message></Error>";
    let cases = [
        (no_bucket, "There is no bucket \"records\"; check `bucket` in the backend block"),
        (denied, "Allow s3:GetObject on this bucket and prefix"),
        (moved, "The bucket is in another region, eu-west-1; set `region` in the backend block"),
    ];
    for (answer, expected) in cases {
        let error = store(&canned(answer).await, "p/").read("head").await.unwrap_err().to_string();
        assert!(error.starts_with("s3://records/p/head: s3:GetObject: ") && error.ends_with(expected), "{error}");
    }
}

#[test]
fn entries_are_numbered_so_that_a_list_is_in_order() {
    assert_eq!(entry_name("journal.jsonl", 7), "journal/000000000007.json");
}

#[tokio::test]
#[ignore = "needs an S3 server: tests/interop/s3/run"]
async fn the_s3_store_keeps_the_contract() {
    let endpoint = server();
    contract::check(&store(&endpoint, "contract/"), &store(&endpoint, "contract/"), true).await;
}

#[tokio::test]
#[ignore = "needs an S3 server: tests/interop/s3/run"]
async fn a_write_whose_answer_was_lost_is_recognised_by_its_own_bytes() {
    let server = server();
    let direct = store(&server, "lost/");
    let (endpoint, lost) = losing(&server, "PUT").await;
    let lock = store(&endpoint, "lost/").lock(&holder("a")).await.unwrap();
    assert_eq!(direct.holder().await.unwrap(), Some(holder("a")));
    direct.unlock(lock).await.unwrap();
    assert!(lost.load(Ordering::Relaxed) > 1, "the answer was lost, and the write repeated");

    let (endpoint, _) = losing(&server, "PUT").await;
    store(&endpoint, "lost/").create("records/a.json", b"1").await.unwrap();
    let (endpoint, _) = losing(&server, "PUT").await;
    assert!(matches!(store(&endpoint, "lost/").create("records/a.json", b"2").await, Err(StoreError::Exists(_))));
    let (endpoint, _) = losing(&server, "PUT").await;
    store(&endpoint, "lost/").append("journal.jsonl", 1, "one").await.unwrap();
    let (endpoint, _) = losing(&server, "PUT").await;
    assert!(matches!(store(&endpoint, "lost/").append("journal.jsonl", 1, "other").await, Err(StoreError::Conflict(_))));
    direct.replace("head", None, b"1").await.unwrap();
    let (endpoint, _) = losing(&server, "PUT").await;
    store(&endpoint, "lost/").replace("head", Some(b"1"), b"2").await.unwrap();
    assert_eq!(direct.read("head").await.unwrap().as_deref(), Some(&b"2"[..]));

    let (endpoint, _) = losing(&server, "DELETE").await;
    let losing = store(&endpoint, "lost/");
    let lock = losing.lock(&holder("b")).await.unwrap();
    losing.unlock(lock).await.unwrap();
    assert_eq!(direct.holder().await.unwrap(), None);
}

#[tokio::test]
#[ignore = "needs an S3 server: tests/interop/s3/run"]
async fn of_many_clients_at_once_one_gets_the_lock() {
    let endpoint = server();
    let clients: Vec<_> = (0..8).map(|number| (store(&endpoint, "race/"), holder(&format!("run-{number}")))).collect();
    let locks = futures_util::future::join_all(clients.iter().map(|(store, holder)| store.lock(holder))).await;
    assert_eq!(locks.iter().filter(|lock| lock.is_ok()).count(), 1);
}

#[tokio::test]
#[ignore = "needs an S3 server: tests/interop/s3/run"]
async fn a_journal_of_many_pages_is_read_in_order() {
    let store = store(&server(), "pages/");
    let lines: Vec<_> = (1..=1100).map(|sequence: u64| (sequence, format!("line {sequence}"))).collect();
    for chunk in lines.chunks(50) {
        let written =
            futures_util::future::join_all(chunk.iter().map(|(sequence, line)| store.append("journal.jsonl", *sequence, line))).await;
        assert!(written.iter().all(Result::is_ok));
    }
    let read: Vec<_> = store.lines("journal.jsonl").await.unwrap().into_iter().map(|line| line.text).collect();
    assert_eq!(read, lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>());
}
