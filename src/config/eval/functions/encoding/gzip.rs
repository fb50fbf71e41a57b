//! `base64gzip`: a compressed string as Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};

/// A header of RFC 1952 that sets only the method: no name, no time, no system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The last block of Deflate, which is empty. Terraform ends its data with the same block.
const LAST_BLOCK: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// Bytes that are compressed in one step.
const BYTES_OF_A_STEP: usize = 8;

/// The most bytes in addition to the compressed ones: header, last block, checksum and the overhead of a block.
const OVERHEAD: usize = 64;

/// Compresses a string. It decompresses to the same text as Terraform's result; the bytes are equal only for texts without repetitions.
pub(super) fn encode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?.as_bytes();
    arguments.pay_steps(text.len() / BYTES_OF_A_STEP)?;
    // Data that can't be compressed grows by a few bytes per block, and Base64 encodes three bytes as four.
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

/// The text as blocks of Deflate, none of which is marked as the last.
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
