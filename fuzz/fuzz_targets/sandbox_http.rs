//! Any bytes on a connection to the sandbox: the result is an answer or the end of the connection, never a crash.
//! `cargo +nightly fuzz run sandbox_http fuzz/corpus/sandbox_http fuzz/seeds/sandbox_http`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orgroster::diag::SourceMap;
use orgroster::sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const FIXTURE: &str = include_str!("../../src/sandbox/tests/world.sandbox.hcl");

fuzz_target!(|bytes: &[u8]| {
    let mut sources = SourceMap::default();
    let file = sources.add("world.sandbox.hcl", FIXTURE.to_owned());
    let sandbox = Sandbox::open(&sources, Some(file), None).expect("the fixture is valid");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let talk = async {
            // The server may close the connection before it has read everything.
            let _ = client.write_all(bytes).await;
            let _ = client.shutdown().await;
            let mut answer = Vec::new();
            let _ = client.read_to_end(&mut answer).await;
        };
        tokio::join!(sandbox.serve_stream(server), talk);
    });
});
