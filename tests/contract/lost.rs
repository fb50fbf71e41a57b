//! S3 with a faulty network or bucket.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use orgroster::aws::S3Store;
use orgroster::journal::{Store, StoreError};

use super::bucket::{Bucket, Faults};
use super::{holder, runtime, s3, s3_in};

/// Forwards requests to a server, one per connection, and loses the answer to the first request with this method after the server has
/// carried it out.
fn losing(upstream: &str, method: &'static str) -> (S3Store, Arc<AtomicUsize>) {
    let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("http://{} lost/", listener.local_addr().unwrap());
    let lost = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&lost);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (upstream, counter) = (upstream.clone(), Arc::clone(&counter));
            std::thread::spawn(move || {
                let request = read_request(&mut stream);
                let Some(line) = request.iter().position(|byte| *byte == b'\n') else { return };
                let mut server = TcpStream::connect(&upstream).unwrap();
                let of_one = [&request[..=line], b"connection: close\r\n", &request[line + 1..]].concat();
                server.write_all(&of_one).unwrap();
                let _ = server.shutdown(std::net::Shutdown::Write);
                let mut answer = Vec::new();
                let _ = server.read_to_end(&mut answer);
                if request.starts_with(method.as_bytes()) && counter.fetch_add(1, Ordering::Relaxed) == 0 {
                    return;
                }
                let _ = stream.write_all(&answer);
            });
        }
    });
    (s3(&place), lost)
}

/// A request with its body, as one read after another returns it.
fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    loop {
        let mut part = [0; 8192];
        let read = stream.read(&mut part).unwrap_or(0);
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let length = text.split_once("\r\n\r\n").map(|(head, _)| {
            let body = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            head.len() + 4 + body.map_or(0, |length| length.trim().parse::<usize>().unwrap())
        });
        if read == 0 || length.is_some_and(|length| request.len() >= length) {
            return request;
        }
    }
}

/// A write whose answer was lost is sent again, and recognized by its own bytes.
pub fn check(server: &str) {
    let direct = s3(&format!("{server} lost/"));
    runtime().block_on(async {
        let (store, lost) = losing(server, "PUT");
        let lock = store.lock(&holder("a")).await.unwrap();
        assert_eq!(direct.holder().await.unwrap(), Some(holder("a")));
        direct.unlock(lock).await.unwrap();
        assert!(lost.load(Ordering::Relaxed) > 1, "the answer was lost, and the write repeated");

        losing(server, "PUT").0.create("records/a.json", b"1").await.unwrap();
        assert!(matches!(losing(server, "PUT").0.create("records/a.json", b"2").await, Err(StoreError::Exists(_))));
        losing(server, "PUT").0.append("journal.jsonl", 1, "one").await.unwrap();
        assert!(matches!(losing(server, "PUT").0.append("journal.jsonl", 1, "other").await, Err(StoreError::Conflict(_))));
        direct.replace("head", None, b"1").await.unwrap();
        losing(server, "PUT").0.replace("head", Some(b"1"), b"2").await.unwrap();
        assert_eq!(direct.read("head").await.unwrap().as_deref(), Some(&b"2"[..]));

        let (store, lost) = losing(server, "DELETE");
        let lock = store.lock(&holder("b")).await.unwrap();
        store.unlock(lock).await.unwrap();
        assert!(lost.load(Ordering::Relaxed) > 1, "the answer was lost, and the removal repeated");
        assert_eq!(direct.holder().await.unwrap(), None);
    });
}

/// Errors of bucket, region or permission are reported with their remedy.
pub fn remedies() {
    let bucket = Bucket::serve();
    let store = s3(&format!("{} p/", bucket.endpoint));
    let read = || runtime().block_on(store.read("head")).unwrap_err().to_string();
    bucket.set(Faults { denied: Some("GET"), ..Faults::default() });
    let denied = read();
    bucket.set(Faults { region: Some("eu-west-1"), ..Faults::default() });
    let moved = read();
    for (found, expected) in [
        (denied, "Allow s3:GetObject on this bucket and prefix"),
        (moved, "The bucket is in another region, eu-west-1; set `region` in the backend block"),
    ] {
        assert!(found.starts_with("s3://records/p/head: s3:GetObject: ") && found.ends_with(expected), "{found}");
    }
    bucket.set(Faults { denied: Some("PUT"), ..Faults::default() });
    let put = runtime().block_on(store.create("records/a.json", b"1")).unwrap_err().to_string();
    assert!(put.ends_with("Allow s3:PutObject on this bucket and prefix"), "{put}");
    bucket.set(Faults::default());
    let elsewhere = runtime().block_on(s3_in(&bucket.endpoint, "others", "p/").read("head")).unwrap_err().to_string();
    assert!(elsewhere.ends_with("There is no bucket \"others\"; check `bucket` in the backend block"), "{elsewhere}");
}

/// An impostor that answers 200 without S3's content is not believed.
pub fn hollow() {
    let bucket = Bucket::serve();
    let store = s3(&format!("{} p/", bucket.endpoint));
    let run = runtime();
    run.block_on(store.create("records/a.json", b"1")).unwrap();
    let lock = run.block_on(store.lock(&holder("a"))).unwrap();
    let no_checksum = "s3:PutObject: the answer does not contain the SHA-256 checksum of what was sent";
    bucket.set(Faults { hollow: Some(("PUT", "")), ..Faults::default() });
    for (name, written) in [
        ("records/b.json", run.block_on(store.create("records/b.json", b"1"))),
        ("head", run.block_on(store.replace("head", None, b"1"))),
        ("journal/000000000001.json", run.block_on(store.append("journal.jsonl", 1, "one"))),
    ] {
        let text = written.unwrap_err().to_string();
        assert!(text.starts_with(&format!("s3://records/p/{name}: {no_checksum}")), "{text}");
    }
    bucket.set(Faults { hollow: Some(("GET", "")), ..Faults::default() });
    for text in [
        run.block_on(store.read("records/a.json")).map(|_| ()).unwrap_err().to_string(),
        run.block_on(store.list("records/")).map(|_| ()).unwrap_err().to_string(),
        run.block_on(store.lines("journal.jsonl")).map(|_| ()).unwrap_err().to_string(),
        run.block_on(store.holds(&lock)).unwrap_err().to_string(),
    ] {
        assert!(text.contains("s3:GetObject: ") || text.contains("s3:ListBucket: "), "{text}");
    }
    bucket.set(Faults::default());
    run.block_on(store.unlock(lock)).unwrap();
    assert_eq!(bucket.keys(), ["p/records/a.json"]);
    // A lock that exists, but whose answer proves nothing, blocks no other client.
    bucket.set(Faults { unproven: true, ..Faults::default() });
    let text = run.block_on(store.lock(&holder("b"))).unwrap_err().to_string();
    assert!(text.contains(no_checksum), "{text}");
    assert_eq!(bucket.keys(), ["p/records/a.json"]);
    let text = run.block_on(store.create("records/c.json", b"1")).unwrap_err().to_string();
    assert!(text.contains(no_checksum), "{text}");
}

/// A list ends if it claims to continue without a token, or continues with nothing.
pub fn endless() {
    let bucket = Bucket::serve();
    let store = s3(&format!("{} p/", bucket.endpoint));
    for (fault, expected) in [
        (Faults { list: Some("<IsTruncated>true</IsTruncated>"), ..Faults::default() }, "the list is truncated and has no token"),
        (
            Faults {
                list: Some("<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>"),
                ..Faults::default()
            },
            "the list does not end",
        ),
    ] {
        bucket.set(fault);
        let text = runtime().block_on(store.list("records/")).unwrap_err().to_string();
        assert!(text.contains(expected), "{text}");
    }
}
