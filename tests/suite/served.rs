//! A served sandbox with clients on the machine's clock, and a process with very few file descriptors.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::departing::Scene;

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(directory: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    command.current_dir(directory).args(words).env_clear().stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_generated_fixture_that_is_served_has_the_clock_of_its_clients() {
    let directory = tempfile::tempdir().unwrap();
    let fixture = program(directory.path(), &["sandbox", "generate", "-accounts", "6"]).output().unwrap();
    fs::write(directory.path().join("world.hcl"), &fixture.stdout).unwrap();
    let mut serving = program(directory.path(), &["sandbox", "serve", "-listen", "127.0.0.1:0", "world.hcl"]);
    let mut server = Server(serving.stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let endpoint = line.split_whitespace().last().unwrap().to_owned();
    let client = |words: &[&str]| {
        let mut command = program(directory.path(), words);
        command.envs([("AWS_ENDPOINT_URL", endpoint.as_str()), ("AWS_ACCESS_KEY_ID", "111111111111"), ("AWS_SECRET_ACCESS_KEY", "x")]);
        command.env("AWS_REGION", "us-east-1").output().unwrap()
    };
    for words in [["init", "-from-organization"].as_slice(), &["plan"]] {
        let output = client(words);
        assert!(output.status.success(), "{}", said(&output));
    }
}

/// Sends the request of `curl -X POST -d BODY URL`.
fn curl(command: &str) {
    let body = command.split('\'').nth(1).unwrap();
    let (host, path) = command.split("http://").nth(1).unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "POST /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_frozen_clock_on_loopback_is_taken_for_a_sandboxs_and_starts_as_is_printed() {
    let scene = Scene::new(1, "clock = \"2020-01-01T00:00:00Z\"");
    let output = scene.orgroster(&["plan", "-no-color"]).output().unwrap();
    let text = said(&output);
    assert!(!output.status.success() && text.contains("probably a sandbox whose clock is frozen"), "{text}");
    curl(text.lines().find(|line| line.contains("curl -X POST")).unwrap());
    let output = scene.orgroster(&["plan"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

/// With few file descriptors, a run reports the problem and does nothing; with more, it works. It never panics.
#[cfg(unix)]
#[test]
fn a_process_with_few_file_descriptors_says_so_instead_of_panicking() {
    let scene = Scene::new(1, "");
    let mut ends = Vec::new();
    for limit in [4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 28, 32, 36, 40, 48, 256] {
        let inner = scene.orgroster(&["plan"]);
        let mut command = Command::new("sh");
        command.current_dir(scene.path()).args(["-c", &format!("ulimit -n {limit}; exec \"$0\" plan"), env!("CARGO_BIN_EXE_orgroster")]);
        command.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = said(&output);
        assert!(!text.contains("panicked") && !text.contains("RUST_BACKTRACE"), "{limit}: {text}");
        match output.status.code() {
            Some(0) => ends.push(true),
            Some(1) => {
                assert!(text.contains("ulimit -n") || text.contains("os error 24"), "{limit}: {text}");
                ends.push(false);
            }
            other => panic!("{limit}: {other:?}: {text}"),
        }
    }
    assert!(ends.first() == Some(&false) && ends.last() == Some(&true) && ends.is_sorted(), "{ends:?}");
}
