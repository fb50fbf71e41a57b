//! A bucket on loopback: the few operations of S3 that the backend uses, with S3's conditions (API reference: GetObject, PutObject,
//! DeleteObject, ListObjectsV2). `tests/interop/s3/run` replaces it with moto's S3, as an independent check.

#![allow(dead_code, reason = "each binary that includes this uses what it needs")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The name of the bucket.
pub const BUCKET: &str = "records";
/// The number of keys in one page of a list.
const PAGE: usize = 1000;

/// Faults of the bucket.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Carries out this many requests with this method and this text in their path, without an answer.
    pub lost: Option<(&'static str, &'static str, usize)>,
    /// Denies requests with this method.
    pub denied: Option<&'static str>,
    /// Answers requests with this method and this text in their path with an empty 200, without carrying them out.
    pub hollow: Option<(&'static str, &'static str)>,
    /// Carries out writes, but leaves the checksum out of their answers.
    pub unproven: bool,
    /// Additional content of every list, after the bucket's name.
    pub list: Option<&'static str>,
    /// The bucket's region, if it is not the one that the request was signed for.
    pub region: Option<&'static str>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes and ETag, by key.
    objects: BTreeMap<String, (Vec<u8>, String)>,
    writes: u64,
    faults: Faults,
}

/// A server that lives as long as the process.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    state: Arc<Mutex<State>>,
}

struct Request {
    method: String,
    /// Path and query as sent.
    target: String,
    path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

struct Answer {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Bucket {
    /// Serves an empty bucket.
    #[must_use]
    pub fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let bucket = Self { endpoint, state: Arc::default() };
        let served = bucket.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = served.clone();
                std::thread::spawn(move || served.connection(stream));
            }
        });
        bucket
    }

    /// Sets the faults from now on.
    pub fn set(&self, faults: Faults) {
        self.state.lock().unwrap().faults = faults;
    }

    /// The existing keys.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.state.lock().unwrap().objects.keys().cloned().collect()
    }

    /// Puts an object into the bucket, as another client could.
    pub fn plant(&self, key: &str, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap();
        state.writes += 1;
        let etag = format!("\"{:032x}\"", state.writes);
        state.objects.insert(key.to_owned(), (bytes.to_vec(), etag));
    }

    /// Removes an object, as another client could.
    pub fn remove(&self, key: &str) {
        self.state.lock().unwrap().objects.remove(key);
    }

    /// An object's text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.state.lock().unwrap().objects.get(key).map(|(bytes, _)| String::from_utf8(bytes.clone()).unwrap())
    }

    fn connection(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some(request) = read(&mut reader) {
            let Some(answer) = self.answer(&request) else { return };
            let mut text = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\nx-amz-request-id: BUCKET\r\n", answer.status, answer.body.len());
            for (name, value) in &answer.headers {
                let _ = write!(text, "{name}: {value}\r\n");
            }
            text.push_str("\r\n");
            let sent = stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(&answer.body));
            if sent.is_err() {
                return;
            }
        }
    }

    /// `None` if the answer is lost.
    fn answer(&self, request: &Request) -> Option<Answer> {
        let mut state = self.state.lock().unwrap();
        if state.faults.denied == Some(&request.method) {
            return Some(error("403 Forbidden", "AccessDenied"));
        }
        if state.faults.hollow.is_some_and(|(method, part)| method == request.method && request.target.contains(part)) {
            return Some(Answer { status: "200 OK", headers: Vec::new(), body: Vec::new() });
        }
        if let Some(region) = state.faults.region {
            let moved = error("301 Moved Permanently", "PermanentRedirect");
            return Some(Answer { headers: vec![("x-amz-bucket-region", region.to_owned())], ..moved });
        }
        let answer = state.carry_out(request);
        if let Some((method, part, times)) = &mut state.faults.lost
            && *method == request.method
            && request.path.contains(*part)
            && *times > 0
        {
            *times -= 1;
            return None;
        }
        Some(answer)
    }
}

impl State {
    fn carry_out(&mut self, request: &Request) -> Answer {
        let path = request.path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        if bucket != BUCKET {
            return error("404 Not Found", "NoSuchBucket");
        }
        let found = self.objects.get(key).cloned();
        let header = |name: &str| request.headers.get(name).map(String::as_str);
        match request.method.as_str() {
            "GET" if request.query.contains_key("list-type") => match self.faults.list {
                Some(said) => xml(format!("<ListBucketResult><Name>{BUCKET}</Name>{said}</ListBucketResult>")),
                None => self.list(&request.query),
            },
            "GET" => match found {
                Some((bytes, etag)) => Answer { status: "200 OK", headers: vec![("etag", etag)], body: bytes },
                None => error("404 Not Found", "NoSuchKey"),
            },
            "PUT" => {
                if header("if-none-match") == Some("*") && found.is_some() {
                    return error("412 Precondition Failed", "PreconditionFailed");
                }
                match (header("if-match"), found) {
                    (Some(_), None) => return error("404 Not Found", "NoSuchKey"),
                    (Some(wanted), Some((_, etag))) if wanted != etag => return error("412 Precondition Failed", "PreconditionFailed"),
                    _ => {}
                }
                self.writes += 1;
                let etag = format!("\"{:032x}\"", self.writes);
                self.objects.insert(key.to_owned(), (request.body.clone(), etag.clone()));
                let checksum = header("x-amz-checksum-sha256")
                    .filter(|_| !self.faults.unproven)
                    .map(|checksum| ("x-amz-checksum-sha256", checksum.to_owned()));
                Answer { status: "200 OK", headers: [("etag", etag)].into_iter().chain(checksum).collect(), body: Vec::new() }
            }
            "DELETE" => {
                match (header("if-match"), found) {
                    (Some(_), None) => return error("404 Not Found", "NoSuchKey"),
                    (Some(wanted), Some((_, etag))) if wanted != etag => return error("412 Precondition Failed", "PreconditionFailed"),
                    _ => {}
                }
                self.objects.remove(key);
                Answer { status: "204 No Content", headers: Vec::new(), body: Vec::new() }
            }
            _ => error("501 Not Implemented", "NotImplemented"),
        }
    }

    fn list(&self, query: &BTreeMap<String, String>) -> Answer {
        let field = |name: &str| query.get(name).cloned().unwrap_or_default();
        let (prefix, after) = (field("prefix"), field("continuation-token"));
        let keys: Vec<_> = self.objects.keys().filter(|key| key.starts_with(&prefix) && **key > after).collect();
        let page = &keys[..keys.len().min(PAGE)];
        let mut text = format!("<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>{}</IsTruncated>", keys.len() > PAGE);
        if keys.len() > PAGE {
            let _ = write!(text, "<NextContinuationToken>{}</NextContinuationToken>", page[PAGE - 1]);
        }
        for key in page {
            let _ = write!(text, "<Contents><Key>{key}</Key></Contents>");
        }
        text.push_str("</ListBucketResult>");
        xml(text)
    }
}

fn xml(text: String) -> Answer {
    Answer { status: "200 OK", headers: vec![("content-type", "application/xml".to_owned())], body: text.into_bytes() }
}

fn error(status: &'static str, code: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>said the bucket</Message></Error>").into_bytes();
    Answer { status, headers: vec![("content-type", "application/xml".to_owned())], body }
}

/// A request with its body; `None` at the end of the connection.
fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    assert!(!headers.contains_key("transfer-encoding"), "bodies have a length");
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.to_owned(), decoded(value))).collect();
    Some(Request { method, path: decoded(path), query, headers, body, target: target.clone() })
}

/// Decodes percent encoding.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}
