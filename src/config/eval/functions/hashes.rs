//! Functions of hashes, of strings and of files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::{Builder, Uuid};

use super::arguments::{Arguments, FunctionError, STRING};
use super::files::read_bytes;
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("md5", &[STRING], |arguments| of_text::<Md5>(arguments, hexadecimal)),
    Function::new("sha1", &[STRING], |arguments| of_text::<Sha1>(arguments, hexadecimal)),
    Function::new("sha256", &[STRING], |arguments| of_text::<Sha256>(arguments, hexadecimal)),
    Function::new("sha512", &[STRING], |arguments| of_text::<Sha512>(arguments, hexadecimal)),
    Function::new("base64sha256", &[STRING], |arguments| of_text::<Sha256>(arguments, base64)),
    Function::new("base64sha512", &[STRING], |arguments| of_text::<Sha512>(arguments, base64)),
    Function::new("filemd5", &[STRING], |arguments| of_file::<Md5>(arguments, hexadecimal)),
    Function::new("filesha1", &[STRING], |arguments| of_file::<Sha1>(arguments, hexadecimal)),
    Function::new("filesha256", &[STRING], |arguments| of_file::<Sha256>(arguments, hexadecimal)),
    Function::new("filesha512", &[STRING], |arguments| of_file::<Sha512>(arguments, hexadecimal)),
    Function::new("filebase64sha256", &[STRING], |arguments| of_file::<Sha256>(arguments, base64)),
    Function::new("filebase64sha512", &[STRING], |arguments| of_file::<Sha512>(arguments, base64)),
    Function::new("uuidv5", &[STRING, STRING], uuid_v5),
];

/// How the bytes of a hash are encoded.
type Written = fn(&[u8]) -> String;

fn hexadecimal(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base64(hash: &[u8]) -> String {
    STANDARD.encode(hash)
}

/// Bytes that are hashed in one step. There are few, because hashing is slow per byte.
const HASHED_BYTES_OF_A_STEP: usize = 4;

/// The hash of a string in UTF-8.
fn of_text<D: Digest>(arguments: &Arguments<'_>, written: Written) -> Returned {
    arguments.pay_steps(arguments.text(0)?.len() / HASHED_BYTES_OF_A_STEP)?;
    Ok(written(&D::digest(arguments.text(0)?)).into())
}

/// The hash of a file's bytes.
fn of_file<D: Digest>(arguments: &Arguments<'_>, written: Written) -> Returned {
    let bytes = read_bytes(arguments)?;
    arguments.pay_steps(bytes.len() / HASHED_BYTES_OF_A_STEP)?;
    Ok(written(&D::digest(bytes)).into())
}

/// A UUID of version 5 (RFC 9562). The same namespace and name always give the same UUID.
fn uuid_v5(arguments: &Arguments<'_>) -> Returned {
    let (namespace, name) = (arguments.text(0)?, arguments.text(1)?);
    let namespace = match namespace {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other).map_err(|_| {
            FunctionError::argument(0, format!("the namespace must be \"dns\", \"url\", \"oid\", \"x500\" or a UUID, not {other:?}"))
                .showing_argument()
        })?,
    };
    arguments.pay_steps(name.len() / HASHED_BYTES_OF_A_STEP)?;
    let hash = Sha1::new().chain_update(namespace.as_bytes()).chain_update(name).finalize();
    let bytes = hash.first_chunk::<16>().copied().unwrap_or_default();
    Ok(Builder::from_sha1_bytes(bytes).into_uuid().to_string().into())
}
