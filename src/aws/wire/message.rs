//! AWS's messages in a form that may be shown and stored. Some messages repeat the refused request with its session token and signature,
//! and records, journals and job logs would expose these to their readers.

use crate::org::authorization_id;

/// From these words on, a message repeats the request: what was signed, and the header with the signature (Signature Version 4,
/// troubleshooting).
const REPEATS: &[&str] = &[
    "the canonical string",
    "canonical request",
    "canonicalrequest",
    "the string-to-sign",
    "string to sign",
    "stringtosign",
    "authorization header:",
    "authorization=",
    "authorization:",
];
/// Names that precede a value that is secret or leads to a secret.
const NAMES: &[&str] = &[
    "security-token",
    "securitytoken",
    "session-token",
    "sessiontoken",
    "signature",
    "credential",
    "secret-access-key",
    "secretaccesskey",
];
/// A run of this many Base64 characters is a token. ARNs are shorter between two colons.
const TOKEN: usize = 160;
/// The maximum length of a message in characters. AWS's own messages are far shorter; a proxy's page is not.
const LONGEST: usize = 1000;

const LEFT_OUT: &str = "[left out]";

/// The message without the parts that repeat the request, without tokens, and of limited length.
pub fn presentable(message: &str) -> String {
    let lower = message.to_ascii_lowercase();
    let end = REPEATS.iter().filter_map(|words| lower.find(words)).min();
    let mut text = without_tokens(&message[..end.unwrap_or(message.len())]);
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
        // The id leads to everything that was evaluated, and is at the end of a denial.
        let id = authorization_id(message).filter(|id| !text.contains(*id));
        text.extend(id.map(|id| format!(" authorization id: {id}")));
    }
    if end.is_some() { format!("{} {LEFT_OUT}", text.trim_end()).trim_start().to_owned() } else { text }
}

fn without_tokens(text: &str) -> String {
    // The id of AWS's decision is not secret, and may be as long as a token.
    let decision = authorization_id(text);
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.find(|character| !is_of_token(character)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(run);
        let is_token = run >= TOKEN && Some(word.trim_end_matches('.')) != decision;
        kept.push_str(if is_token || (run > 0 && is_named(&kept)) { LEFT_OUT } else { word });
        let other = after.find(is_of_token).unwrap_or(after.len());
        kept.push_str(&after[..other]);
        rest = &after[other..];
    }
    kept
}

const fn is_of_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '_' | '%' | '-' | '.')
}

/// Whether a name and a separator, such as `X-Amz-Security-Token:`, come right before the text.
fn is_named(before: &str) -> bool {
    let Some(name) = before.trim_end_matches([' ', '"', '\'']).strip_suffix([':', '=']) else { return false };
    let name = name.trim_end_matches(['"', '\'']).to_ascii_lowercase();
    NAMES.iter().any(|secret| name.ends_with(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_decision_is_kept_however_long_it_is_and_wherever_it_stands() {
        for (before, length) in [("", 10), ("", 200), ("x ", 256), (&*"word ".repeat(400), 64)] {
            let id = "a1".repeat(length / 2);
            let message = format!("{before}AccessDenied, with the following authorization id: {id}");
            assert_eq!(authorization_id(&presentable(&message)), Some(&*id), "{length}");
        }
        let token = "A".repeat(200);
        assert!(!presentable(&format!("no authorization. id: {token}")).contains(&token));
    }

    #[test]
    fn what_repeats_the_request_is_left_out() {
        let first = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key.";
        let whole = format!(
            "{first}\n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:sts.amazonaws.com\n\
             x-amz-security-token:FwoGZXIvYXdzEBYa\n'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n'\n"
        );
        assert_eq!(presentable(&whole), format!("{first} [left out]"));
        let header = "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261128";
        assert_eq!(presentable(header), "Authorization header requires 'Signature' parameter. [left out]");
        let bearer = "'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.";
        assert_eq!(presentable(bearer), "'x' not a valid key=value pair (missing equal-sign) in [left out]");
    }

    #[test]
    fn tokens_are_left_out_wherever_they_stand() {
        for (message, expected) in [
            ("X-Amz-Security-Token: FwoGZX/abc== is bad", "X-Amz-Security-Token: [left out]== is bad"),
            ("?X-Amz-Security-Token=FwoG%2Fabc&X-Amz-Date=2026", "?X-Amz-Security-Token=[left out]&X-Amz-Date=2026"),
            ("{\"sessionToken\":\"abc\",\"id\":\"o-1\"}", "{\"sessionToken\":\"[left out]\",\"id\":\"o-1\"}"),
            ("Credential=AKIAEXAMPLE/2026 and Signature=00ff", "Credential=[left out] and Signature=[left out]"),
        ] {
            assert_eq!(presentable(message), expected);
        }
        let token = "aB3/".repeat(60);
        assert_eq!(presentable(&format!("token {token} refused")), "token [left out] refused");
    }

    #[test]
    fn other_messages_stay_as_they_are_but_for_their_length() {
        for message in [
            "",
            "The security token included in the request is expired",
            "User: arn:aws:sts::111111111111:assumed-role/OrganizationAccountAccessRole/orgroster-20261122T090000Z-1234abcd is not authorized \
             to perform: organizations:LeaveOrganization with an explicit deny in a service control policy",
            "Die Anmeldung – „abgelaufen“ ü",
        ] {
            assert_eq!(presentable(message), message);
        }
        assert_eq!(presentable(&"é ".repeat(900)).chars().count(), LONGEST + 1);
    }
}
