//! `textencodebase64` and `textdecodebase64`: strings in encodings other than UTF-8.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;

use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};
use super::base64_bytes;

/// Encodings that are implemented here, because the crate lacks one direction or treats the names as those of other encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Simple {
    Utf8,
    /// With a byte-order mark.
    Utf16,
    Utf16Le,
    Utf16Be,
    /// The first 256 characters of Unicode.
    Latin1,
    Ascii,
}

#[derive(Debug, Clone, Copy)]
enum Charset {
    Simple(Simple),
    Table(&'static Encoding),
}

/// Names that IANA has registered, in lowercase; case is ignored.
const SIMPLE: &[(Simple, &[&str])] = &[
    (Simple::Utf8, &["utf-8", "csutf8"]),
    (Simple::Utf16, &["utf-16", "csutf16"]),
    (Simple::Utf16Le, &["utf-16le", "csutf16le"]),
    (Simple::Utf16Be, &["utf-16be", "csutf16be"]),
    (Simple::Latin1, &["iso-8859-1", "iso_8859-1", "iso_8859-1:1987", "iso-ir-100", "latin1", "l1", "ibm819", "cp819", "csisolatin1"]),
    (Simple::Ascii, &["us-ascii", "ansi_x3.4-1968", "ansi_x3.4-1986", "iso_646.irv:1991", "iso646-us", "us", "ibm367", "cp367", "csascii"]),
];

/// Names that are used on the web, but that IANA has not registered and Terraform does not accept.
const NOT_REGISTERED: [&str; 14] = [
    "ascii",
    "cp1252",
    "cp1251",
    "utf8",
    "unicode-1-1-utf-8",
    "windows-31j",
    "x-user-defined",
    "replacement",
    "sjis",
    "x-sjis",
    "x-gbk",
    "x-cp1252",
    "x-cp1251",
    "unicode11utf8",
];

/// The unassigned bytes of Windows' encodings, which the web's tables map to control characters.
const UNASSIGNED: std::ops::RangeInclusive<char> = '\u{80}'..='\u{9f}';

fn charset(arguments: &Arguments<'_>) -> Result<Charset, FunctionError> {
    let name = arguments.text(1)?.to_ascii_lowercase();
    if let Some((simple, _)) = SIMPLE.iter().find(|(_, names)| names.contains(&name.as_str())) {
        return Ok(Charset::Simple(*simple));
    }
    let known = Some(&name).filter(|name| !NOT_REGISTERED.contains(&name.as_str()) && name.trim() == *name);
    // The crate can only decode some encodings, and encodes UTF-8 instead.
    let known = known.and_then(|name| Encoding::for_label(name.as_bytes())).filter(|encoding| encoding.output_encoding() == *encoding);
    known.map(Charset::Table).ok_or_else(|| {
        let message = format!(
            "{name:?} is not a supported encoding. Use a name that IANA has registered, such as \"UTF-16LE\", \"ISO-8859-1\" or \"windows-1252\""
        );
        FunctionError::argument(1, message).showing_argument()
    })
}

/// Encodes a string to Base64.
pub(super) fn encode(arguments: &Arguments<'_>) -> Returned {
    let text = arguments.text(0)?;
    // No encoding needs more than four bytes for one of UTF-8, and Base64 encodes three bytes as four.
    arguments.pay_bytes(text.len().saturating_mul(6))?;
    arguments.pay_steps(text.len())?;
    let bytes = match charset(arguments)? {
        Charset::Simple(simple) => encode_simple(simple, text),
        Charset::Table(encoding) => {
            let (bytes, _, lossy) = encoding.encode(text);
            Some(bytes.into_owned()).filter(|_| !lossy)
        }
    };
    let bytes = bytes.ok_or_else(|| FunctionError::argument(0, "the string has characters that the encoding can't represent"))?;
    Ok(STANDARD.encode(bytes).into())
}

fn encode_simple(simple: Simple, text: &str) -> Option<Vec<u8>> {
    match simple {
        Simple::Utf8 => Some(text.as_bytes().to_vec()),
        Simple::Utf16 => Some("\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()),
        Simple::Utf16Le => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        Simple::Utf16Be => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        Simple::Latin1 => text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect(),
        Simple::Ascii => text.chars().map(|character| u8::try_from(u32::from(character)).ok().filter(u8::is_ascii)).collect(),
    }
}

/// Decodes a string from Base64.
pub(super) fn decode(arguments: &Arguments<'_>) -> Returned {
    let bytes = base64_bytes(arguments)?;
    arguments.pay_bytes(bytes.len().saturating_mul(3))?;
    arguments.pay_steps(bytes.len())?;
    let text = match charset(arguments)? {
        Charset::Simple(simple) => decode_simple(simple, &bytes),
        Charset::Table(encoding) => {
            let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
            let is_windows = encoding.name().starts_with("windows-");
            text.filter(|text| !is_windows || !text.contains(|character| UNASSIGNED.contains(&character))).map(Into::into)
        }
    };
    let text = text.ok_or_else(|| FunctionError::argument(0, "the bytes are not text in this encoding"))?;
    Ok(text.into())
}

fn decode_simple(simple: Simple, bytes: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], from: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<_> = pairs.iter().map(|pair| from(*pair)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    match simple {
        Simple::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
        Simple::Utf16 => match bytes {
            [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
            all => utf16(all, u16::from_be_bytes),
        },
        Simple::Utf16Le => utf16(bytes, u16::from_le_bytes),
        Simple::Utf16Be => utf16(bytes, u16::from_be_bytes),
        Simple::Latin1 => Some(bytes.iter().copied().map(char::from).collect()),
        Simple::Ascii => bytes.iter().map(|byte| Some(char::from(*byte)).filter(char::is_ascii)).collect(),
    }
}
