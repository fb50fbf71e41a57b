//! Identifiers in AWS's formats, derived from a seed so that runs are repeatable.

use sha2::{Digest, Sha256};

/// The letters and digits in ids of Organizations.
pub const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// The alphabet of IAM's unique ids and access keys.
pub const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8] = b"0123456789abcdef";

/// Returns `length` characters of `alphabet`, which depend only on `parts`.
#[must_use]
pub fn derive(parts: &[&str], alphabet: &[u8], length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut block: u32 = 0;
    while text.len() < length {
        let mut hasher = Sha256::new();
        hasher.update(block.to_be_bytes());
        for part in parts {
            // The length prefix distinguishes ("ab", "c") from ("a", "bc").
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        let wanted = length - text.len();
        let characters = hasher.finalize();
        text.extend(
            characters.iter().take(wanted).filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len())).map(|byte| *byte as char),
        );
        block += 1;
    }
    text
}

/// The SHA-256 of the parts, as 64 hexadecimal digits.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A UUID that looks random, for request and event ids.
#[must_use]
pub fn uuid(parts: &[&str]) -> String {
    let hex = derive(parts, HEX, 32);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// The id of a root, `r-` and 4 characters.
#[must_use]
pub fn root(organization: &str) -> String {
    format!("r-{}", derive(&["root", organization], LOWER, 4))
}

/// The id of an organizational unit; its second part is that of the root's id.
#[must_use]
pub fn unit(root: &str, path: &str) -> String {
    let suffix = root.strip_prefix("r-").unwrap_or(root);
    format!("ou-{suffix}-{}", derive(&["unit", root, path], LOWER, 8))
}

/// Whether `text` is `prefix` followed by `length` characters for which `allowed` is true.
#[must_use]
pub fn is_prefixed(text: &str, prefix: &str, length: std::ops::RangeInclusive<usize>, allowed: fn(u8) -> bool) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| length.contains(&rest.len()) && rest.bytes().all(allowed))
}

/// `[a-z0-9]`.
#[must_use]
pub fn lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// `OrganizationId`: `^o-[a-z0-9]{10,32}$`.
#[must_use]
pub fn is_organization(text: &str) -> bool {
    is_prefixed(text, "o-", 10..=32, lower_alphanumeric)
}

/// `RootId`: `^r-[0-9a-z]{4,32}$`.
#[must_use]
pub fn is_root(text: &str) -> bool {
    is_prefixed(text, "r-", 4..=32, lower_alphanumeric)
}

/// `OrganizationalUnitId`: `^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`.
#[must_use]
pub fn is_unit(text: &str) -> bool {
    let Some((root, unit)) = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-')) else { return false };
    is_prefixed(root, "", 4..=32, lower_alphanumeric) && is_prefixed(unit, "", 8..=32, lower_alphanumeric)
}

/// `PolicyId`: `^p-[0-9a-zA-Z_]{8,128}$`.
#[must_use]
pub fn is_policy(text: &str) -> bool {
    is_prefixed(text, "p-", 8..=128, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `ResourcePolicyId`: `^rp-[0-9a-zA-Z_]{4,128}$`.
#[must_use]
pub fn is_resource_policy(text: &str) -> bool {
    is_prefixed(text, "rp-", 4..=128, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `AccountId`: `^\d{12}$`.
#[must_use]
pub fn is_account(text: &str) -> bool {
    is_prefixed(text, "", 12..=12, |byte| byte.is_ascii_digit())
}

/// `HandshakeId`: `^h-[0-9a-z]{8,32}$`.
#[must_use]
pub fn is_handshake(text: &str) -> bool {
    is_prefixed(text, "h-", 8..=32, lower_alphanumeric)
}

/// `CreateAccountRequestId`: `^car-[a-z0-9]{8,32}$`.
#[must_use]
pub fn is_create_account_request(text: &str) -> bool {
    is_prefixed(text, "car-", 8..=32, lower_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_follow_the_api_patterns_and_depend_on_their_parts_only() {
        let root = root("o-exampleorgid");
        let unit = unit(&root, "Workloads/Prod");
        assert!(is_root(&root) && is_unit(&unit), "{root} {unit}");
        assert_eq!(unit, super::unit(&root, "Workloads/Prod"));
        assert_ne!(unit, super::unit(&root, "Workloads/Test"));
        assert_ne!(derive(&["ab", "c"], LOWER, 8), derive(&["a", "bc"], LOWER, 8));
        assert_eq!(derive(&["long"], LOWER, 100).len(), 100);
        assert_eq!(uuid(&["x"]).len(), 36);
    }

    #[test]
    fn ids_outside_the_api_patterns_are_distinguished() {
        for (check, right, wrong) in [
            (is_organization as fn(&str) -> bool, "o-exampleorgid", "o-EXAMPLEORGID"),
            (is_root, "r-ab12", "r-ab1"),
            (is_unit, "ou-ab12-workload", "ou-ab12-short"),
            (is_policy, "p-FullAWSAccess", "p-short"),
            (is_resource_policy, "rp-a1B_", "rp-abc"),
            (is_account, "012345678901", "12345678901"),
            (is_handshake, "h-examplehandshake", "h-EXAMPLE00"),
            (is_create_account_request, "car-examplerequest", "car-short"),
        ] {
            assert!(check(right) && !check(wrong) && !check(""), "{right} {wrong}");
        }
    }
}
