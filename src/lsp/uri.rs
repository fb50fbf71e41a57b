//! The URIs of files in the protocol.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const SCHEME: &str = "file://";

/// The characters to escape: all except those that may stay in a path.
const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The path of a file on this machine; `None` for anything else, such as a buffer that was never saved.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    let path = uri.0.strip_prefix(SCHEME)?;
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    // On Windows, a path begins with a drive, which has a slash before it in the URI.
    let bytes = decoded.as_bytes();
    let of_drive = bytes.len() > 2 && bytes[0] == b'/' && bytes[1].is_ascii_alphabetic() && bytes[2] == b':';
    let path = PathBuf::from(if of_drive && cfg!(windows) { &decoded[1..] } else { &decoded });
    path.is_absolute().then_some(path)
}

/// The URI of an absolute path.
pub(super) fn of(path: &Path) -> Uri {
    let text = path.to_string_lossy().replace('\\', if cfg!(windows) { "/" } else { "\\" });
    let slash = if text.starts_with('/') { "" } else { "/" };
    Uri(format!("{SCHEME}{slash}{}", utf8_percent_encode(&text, &KEPT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_has_one_uri_and_is_read_back_from_it() {
        for (text, uri) in [("/a/b.roster.hcl", "file:///a/b.roster.hcl"), ("/a b/ü%.hcl", "file:///a%20b/%C3%BC%25.hcl")] {
            assert_eq!(of(Path::new(text)), Uri(uri.to_owned()));
            assert_eq!(path(&Uri(uri.to_owned())).as_deref(), Some(Path::new(text)));
        }
        assert_eq!(path(&Uri("file://localhost/a".to_owned())), Some(PathBuf::from("/a")));
        for other in ["untitled:Untitled-1", "https://example.com/a", "file://relative", "file:///%ff"] {
            assert_eq!(path(&Uri(other.to_owned())), None, "{other}");
        }
    }
}
