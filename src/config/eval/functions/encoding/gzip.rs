//! `base64gzip`: a string compressed, as Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};

/// A header of RFC 1952 that says nothing but the method: no name, no time, no system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The last block of Deflate, which has no bytes. Terraform ends its data with one of this form.
const LAST_BLOCK: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// Bytes that are compressed in the time of one step.
const BYTES_OF_A_STEP: usize = 8;

/// Bytes beside the compressed ones, at most: header, last block, checksum and what a block needs.
const OVERHEAD: usize = 64;

/// The same text as Terraform compresses; the bytes are the same where a text has nothing that repeats.
pub(super) fn encode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?.as_bytes();
    arguments.pay_steps(text.len() / BYTES_OF_A_STEP)?;
    // What can't be compressed grows by a few bytes for each block, and Base64 makes four of three.
    arguments.pay_bytes(text.len().saturating_mul(3).saturating_add(OVERHEAD))?;
    let mut bytes = HEADER.to_vec();
    bytes.extend(deflated(text).ok_or_else(|| FunctionError::new("the string can't be compressed"))?);
    bytes.extend(LAST_BLOCK);
    let mut checksum = Crc::new();
    checksum.update(text);
    bytes.extend(checksum.sum().to_le_bytes());
    bytes.extend(checksum.amount().to_le_bytes());
    Ok(STANDARD.encode(bytes).into())
}

/// The text in blocks of Deflate, none of which is the last.
fn deflated(text: &[u8]) -> Option<Vec<u8>> {
    let mut compressed = Vec::with_capacity(text.len() + text.len() / 8 + OVERHEAD);
    let mut compress = Compress::new(Compression::default(), false);
    loop {
        let read = usize::try_from(compress.total_in()).ok()?;
        let status = compress.compress_vec(text.get(read..)?, &mut compressed, FlushCompress::Sync).ok()?;
        if status == Status::BufError || compressed.len() < compressed.capacity() {
            return Some(compressed);
        }
        compressed.reserve(OVERHEAD);
    }
}
