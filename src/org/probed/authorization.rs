//! Authorization ids in AWS's denials.

/// The words that precede the id in a denial (IAM user guide, "Troubleshoot access denied error messages with authorization ID").
const NAMED: &str = "authorization id:";
/// The maximum length of an id (IAM Toolbox API reference, GetRequestAuthorizationPolicy).
const LONGEST: usize = 256;

/// Returns the id of AWS's stored evaluation, if the denial contains one. Only letters and digits are taken from the message.
#[must_use]
pub fn authorization_id(message: &str) -> Option<&str> {
    let start = message.to_ascii_lowercase().find(NAMED)? + NAMED.len();
    let rest = message.get(start..)?.trim_start();
    let id = &rest[..rest.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(rest.len())];
    (1..=LONGEST).contains(&id.len()).then_some(id)
}

#[cfg(test)]
mod tests {
    use crate::org::authorization_id;

    #[test]
    fn the_id_stands_behind_its_name_and_nothing_else_is_one() {
        let denial = "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: organizations:LeaveOrganization with an explicit \
                      deny in a service control policy. Go to https://us-east-1.console.aws.amazon.com/iam/home#/authorization-details/1a2b3c \
                      for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: 1a2b3c4d5e";
        for (message, id) in [
            (denial.to_owned(), Some("1a2b3c4d5e")),
            (format!("{denial}."), Some("1a2b3c4d5e")),
            ("Authorization ID: abc; rm -rf /".to_owned(), Some("abc")),
            ("authorization id: ".to_owned(), None),
            ("authorization id: \u{1b}[2J".to_owned(), None),
            (format!("authorization id: {}", "a".repeat(257)), None),
            ("not authorized, without an id".to_owned(), None),
        ] {
            assert_eq!(authorization_id(&message), id, "{message}");
        }
    }
}
