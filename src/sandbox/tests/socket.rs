//! The same stories over a real socket.

use std::io::{Read, Write};
use std::net::TcpStream;

use tokio::net::TcpListener;

use super::*;

fn block_on<T>(story: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(story)
}

/// Serves a world while `story` runs.
fn served<T, F: Future<Output = T>>(fixture: &str, story: impl FnOnce(std::net::SocketAddr) -> F) -> T {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = open(fixture).serve(listener);
        tokio::select! {
            ended = serving => panic!("{ended:?}"),
            told = story(address) => told,
        }
    })
}

/// Sends bytes and reads until the connection ends.
async fn exchange(address: std::net::SocketAddr, request: &[u8]) -> std::io::Result<String> {
    let request = request.to_vec();
    let exchange = move || {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(&request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

fn http(key: &str, operation: &str, body: &str) -> Vec<u8> {
    let scope = format!("Credential={key}/20261122/us-east-1/organizations/aws4_request, SignedHeaders=host, Signature=00");
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSOrganizationsV20161128.{operation}\r\nAuthorization: AWS4-HMAC-SHA256 {scope}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[test]
fn a_request_is_answered_with_the_headers_of_aws() {
    let answer = served(WORLD, |address| async move { exchange(address, &http(MANAGEMENT, "DescribeOrganization", "{}")).await.unwrap() });
    let lower = answer.to_lowercase();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    for header in ["content-type: application/x-amz-json-1.1", "x-amzn-requestid: ", "date: sun, 22 nov 2026 09:00:00 gmt"] {
        assert!(lower.contains(header), "{header} in {answer}");
    }
}

#[test]
fn leaving_is_answered_with_an_empty_body_and_may_be_sent_without_one() {
    let answer = served(WORLD, |address| async move { exchange(address, &http(LEAVER, "LeaveOrganization", "")).await.unwrap() });
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn errors_have_the_status_and_members_of_aws() {
    let answer = served(WORLD, |address| async move { exchange(address, &http("555555555555", "LeaveOrganization", "{}")).await.unwrap() });
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((body["__type"].as_str(), body["Reason"].as_str()), (Some("ConstraintViolationException"), Some("WAIT_PERIOD_ACTIVE")));
    assert!(body["Message"].is_string());
}

#[test]
fn a_scheduled_reset_ends_the_connection_before_or_after_the_effect() {
    for (kind, then) in [("reset_before_effect", "HTTP/1.1 200"), ("reset_after_effect", "HTTP/1.1 400")] {
        let fault = format!("sandbox {{\n  fault {{\n    operation = \"organizations:LeaveOrganization\"\n    kind = \"{kind}\"\n  }}");
        let world = WORLD.replacen("sandbox {", &fault, 1);
        served(&world, |address| async move {
            let first = exchange(address, &http(LEAVER, "LeaveOrganization", "")).await;
            assert_eq!(first.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset, "{kind}");
            let second = exchange(address, &http(LEAVER, "LeaveOrganization", "")).await.unwrap();
            assert!(second.starts_with(then), "{kind}: {second}");
        });
    }
}

#[test]
fn what_is_not_a_request_gets_an_error_and_the_next_one_is_answered() {
    served(WORLD, |address| async move {
        let huge = vec![b'x'; (1 << 20) + 1];
        let mut large = http(MANAGEMENT, "ListAccounts", "");
        let head = String::from_utf8(large.clone()).unwrap().replace("Content-Length: 0", &format!("Content-Length: {}", huge.len()));
        large = [head.into_bytes(), huge].concat();
        for (bytes, status) in [
            (b"NONSENSE\r\n\r\n".to_vec(), "HTTP/1.1 400"),
            (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(), "HTTP/1.1 400"),
            (http(MANAGEMENT, "ListAccounts", "{"), "HTTP/1.1 400"),
            (http(MANAGEMENT, "ListAccounts", &"[".repeat(200_000)), "HTTP/1.1 400"),
            (large, "HTTP/1.1 413"),
        ] {
            let answer = exchange(address, &bytes).await.unwrap_or_default();
            assert!(answer.starts_with(status) || answer.is_empty(), "{status}: {answer}");
        }
        let answer = exchange(address, &http(MANAGEMENT, "ListAccounts", "{}")).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    });
}

#[test]
fn other_addresses_than_loopback_need_to_be_asked_for() {
    block_on(async {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let refused = open(WORLD).serve(listener).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied);
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let address = (std::net::Ipv4Addr::LOCALHOST, address.port()).into();
        let request = http(MANAGEMENT, "ListRoots", "{}");
        tokio::select! {
            ended = open(WORLD).exposed().serve(listener) => panic!("{ended:?}"),
            answer = exchange(address, &request) => assert!(answer.unwrap().starts_with("HTTP/1.1 200")),
        }
    });
}

#[test]
fn a_thousand_connections_are_answered() {
    served(WORLD, |address| async move {
        let mut connections = Vec::new();
        for _ in 0..1000 {
            connections.push(tokio::net::TcpStream::connect(address).await.unwrap());
        }
        // All of these connections are open now; each still gets its answer.
        let request = http(MANAGEMENT, "ListRoots", "{}");
        for connection in connections {
            let mut stream = connection.into_std().unwrap();
            let request = request.clone();
            let answer = tokio::task::spawn_blocking(move || {
                stream.set_nonblocking(false)?;
                stream.write_all(&request)?;
                let mut answer = Vec::new();
                stream.read_to_end(&mut answer)?;
                std::io::Result::Ok(answer)
            });
            assert!(answer.await.unwrap().unwrap().starts_with(b"HTTP/1.1 200"));
        }
    });
}

#[test]
fn latency_is_what_every_request_takes_at_least() {
    let world = WORLD.replacen("sandbox {", "sandbox {\n  weather { latency_ms = 40 }", 1);
    served(&world, |address| async move {
        let begun = std::time::Instant::now();
        exchange(address, &http(MANAGEMENT, "ListRoots", "{}")).await.unwrap();
        assert!(begun.elapsed() >= std::time::Duration::from_millis(40), "{:?}", begun.elapsed());
    });
}

#[test]
fn the_control_endpoint_is_reached_over_the_socket() {
    served(WORLD, |address| async move {
        let request =
            b"POST /_sandbox/clock HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 21\r\n\r\n{\"advance_seconds\":60}";
        let answer = exchange(address, request).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "a truncated body is not JSON: {answer}");
        let request = String::from_utf8(request.to_vec()).unwrap().replace("Content-Length: 21", "Content-Length: 22");
        let answer = exchange(address, request.as_bytes()).await.unwrap();
        assert!(answer.contains("\"now\":\"2026-11-22T09:01:00Z\""), "{answer}");
    });
}
