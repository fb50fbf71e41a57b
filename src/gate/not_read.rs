//! Things that may depend on the organization and that no gate reads, because there are too many services for a plan to query. Each comes
//! with the command that shows it (AWS's account migration readiness list, "aws-samples/cloud-operations-best-practices"; AWS solution
//! "Account Assessment for AWS Organizations").

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::AccountId;

use super::{Caller, Remedy, Step};

/// Something that no gate reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotRead {
    /// What it is, and what happens to it.
    pub what: String,
    /// The commands that show it.
    pub how: Remedy,
}

/// The text of an item, and the words of each command with who runs it.
type Unread<'a> = (&'a str, &'a [(Caller, &'a [&'a str])]);

/// The things about an account that no gate reads.
#[must_use]
pub fn not_read(id: AccountId) -> Vec<NotRead> {
    use Caller::{ManagementAccount, Member};
    let id = id.to_string();
    let applications = format!("ApplicationAccount={id}");
    let entitled = format!("{{\"principalRole\":{{\"account\":\"{id}\"}}}}");
    let items: &[Unread<'_>] = &[
        (
            "Images and snapshots that others share with the organization: instances that use them can't be replaced",
            &[(Member, &["ec2", "describe-instance-image-metadata"])],
        ),
        (
            "Identity and trust policies that name the organization, which only the gate organization_conditions reads",
            &[(Member, &["iam", "get-account-authorization-details"])],
        ),
        ("Policies of VPC endpoints that name the organization", &[(Member, &["ec2", "describe-vpc-endpoints"])]),
        (
            "Policies of keys, buckets and queues that name the organization, here and in accounts that rely on this one",
            &[
                (Member, &["kms", "get-key-policy", "--key-id", "KEY"]),
                (Member, &["s3api", "get-bucket-policy", "--bucket", "BUCKET"]),
                (Member, &["sqs", "get-queue-attributes", "--queue-url", "URL", "--attribute-names", "Policy"]),
            ],
        ),
        ("Event buses that accept events from the organization", &[(Member, &["events", "list-event-buses"])]),
        ("Copies of backups to vaults in other accounts", &[(Member, &["backup", "list-copy-jobs"])]),
        (
            "Firewall Manager policies that clean up the resources they manage when an account leaves their scope",
            &[(ManagementAccount, &["fms", "list-policies"])],
        ),
        ("Licenses that the organization grants", &[(Member, &["license-manager", "list-received-licenses"])]),
        (
            "Identity Center applications in the account, and account access manager entitlements to its roles",
            &[
                (ManagementAccount, &["sso-admin", "list-applications", "--instance-arn", "ARN", "--filter", &applications]),
                (ManagementAccount, &["account-access", "list-entitlements", "--application-arn", "ARN", "--filter", &entitled]),
            ],
        ),
    ];
    let item = |(what, commands): &Unread<'_>| NotRead {
        what: (*what).to_owned(),
        how: commands.iter().fold(Remedy::new(), |how, (caller, words)| how.then(Step::aws(*caller, words))),
    };
    items.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn everything_that_is_not_read_names_what_it_is_about_and_a_command() {
        let items = super::not_read("333333333333".parse().unwrap());
        let said = serde_json::to_string(&items).unwrap();
        assert!(items.iter().all(|item| !item.how.steps().is_empty()));
        for word in [
            "Images",
            "VPC endpoints",
            "keys, buckets and queues",
            "Event buses",
            "backups",
            "Firewall Manager",
            "Licenses",
            "Identity Center",
        ] {
            assert!(said.contains(word), "{word}");
        }
        assert!(said.contains("ApplicationAccount=333333333333"), "{said}");
    }
}
