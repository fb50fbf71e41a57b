//! Session policies and the output of `iam-policy`, generated from the table of operations.

use std::collections::BTreeMap;

pub use crate::api::{Duty, Resource};
use crate::api::{Permission, permissions};
use crate::org::{AccountId, OrganizationId, root_task};

/// The service-linked role of AWS Organizations, in any account.
pub const SERVICE_LINKED_ROLE: &str = "arn:*:iam::*:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations";

/// The names of roles, with their paths, for the resources of a policy.
#[derive(Debug, Clone, Copy)]
pub struct RoleNames<'a> {
    /// The member role.
    pub member: &'a str,
    /// The role that reads, if there is one.
    pub member_read: Option<&'a str>,
    /// Whether plan may audit root users.
    pub root_audit: bool,
    /// Whether sessions that leave have a source identity.
    pub source_identity: bool,
    /// Whether the identity and trust policies of members are read, as the gate `organization_conditions` requires.
    pub conditions: bool,
    /// Organizations whose invitations are accepted, each with its management account: the allowed targets of transfers, or our own
    /// organization for the role that accepts in a joining account.
    pub transfer_targets: &'a BTreeMap<OrganizationId, AccountId>,
    /// Whether the configuration invites accounts, so that plan reads the invitations.
    pub joins: bool,
    /// ARNs of the roles that accept our invitations.
    pub accept_roles: &'a [String],
}

/// The least-privilege identity policy for a duty. The role that leaves is also the one whose trail is read.
#[must_use]
pub fn policy(duty: Duty, roles: RoleNames<'_>) -> serde_json::Value {
    let arn = |name: &str| {
        if name.starts_with("arn:") { name.to_owned() } else { format!("arn:*:iam::*:role/{}", name.trim_start_matches('/')) }
    };
    let invitations: Vec<_> = roles.transfer_targets.iter().map(|(to, sender)| invitations_of(to, *sender)).collect();
    let resources = [
        (Resource::Any, Some("*".to_owned()), "Read"),
        (Resource::MemberRole, Some(arn(roles.member)), "MemberRole"),
        (Resource::MemberReadRole, roles.member_read.map(arn), "MemberReadRole"),
        (Resource::ServiceLinkedRole, Some(SERVICE_LINKED_ROLE.to_owned()), "ServiceLinkedRole"),
        (Resource::Invitation, (!invitations.is_empty()).then(String::new), "AcceptInvitation"),
        (Resource::AcceptRole, (!roles.accept_roles.is_empty()).then(String::new), "AcceptRole"),
        (Resource::RootUser, (duty != Duty::Plan || roles.root_audit).then(|| "arn:*:iam::*:root".to_owned()), "RootAudit"),
    ];
    let duties: &[Duty] = match duty {
        Duty::Member if invitations.is_empty() => &[Duty::Member, Duty::MemberTrail],
        Duty::Member => &[Duty::Member, Duty::MemberTrail, Duty::MemberTransfer],
        Duty::Accept => &[Duty::Accept, Duty::JoinRead, Duty::MemberTrail],
        _ => &[duty],
    };
    let statement = |(resource, arn, sid): (Resource, Option<String>, &str)| {
        let is_asked = |action: &str| match action {
            "iam:GetAccountAuthorizationDetails" => roles.conditions,
            "organizations:ListHandshakesForOrganization" | "servicequotas:ListServiceQuotas" => roles.joins || duty == Duty::Join,
            _ => true,
        };
        let needed = permissions()
            .filter(|permission| is_asked(permission.action))
            .filter(|permission| permission.resource == resource && duties.iter().any(|duty| permission.duties.contains(duty)));
        let mut actions: Vec<_> = needed.map(|permission| permission.action).collect();
        if roles.source_identity && actions.contains(&"sts:AssumeRole") && resource == Resource::MemberRole {
            actions.push("sts:SetSourceIdentity");
        }
        let sid = format!("{sid}{}", if resource == Resource::Any && duty == Duty::Member { "AndLeave" } else { "" });
        (!actions.is_empty()).then_some(())?;
        let mut statement = serde_json::json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": arn? });
        if resource == Resource::Invitation {
            statement["Resource"] = serde_json::json!(invitations);
        }
        if resource == Resource::AcceptRole {
            statement["Resource"] = serde_json::json!(roles.accept_roles);
        }
        if resource == Resource::RootUser {
            let task = root_task("*", "IAMAuditRootUserCredentials");
            statement["Condition"] = serde_json::json!({ "ArnLike": { "sts:TaskPolicyArn": task } });
        }
        Some(statement)
    };
    let statements: Vec<_> = resources.into_iter().filter_map(statement).collect();
    serde_json::json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The statements for the S3 backend: plan reads departure records, and apply writes the lock, the journal and the records. Only the lock
/// is ever removed.
#[must_use]
pub fn backend_statements(duty: Duty, bucket: &str, prefix: &str) -> Vec<serde_json::Value> {
    let objects: &[&str] = match duty {
        Duty::Plan => &["s3:GetObject"],
        Duty::Apply | Duty::Remove | Duty::Join => &["s3:GetObject", "s3:PutObject"],
        Duty::Accept
        | Duty::JoinRead
        | Duty::Member
        | Duty::MemberTransfer
        | Duty::MemberTrail
        | Duty::MemberRead
        | Duty::MemberIdentity => {
            return Vec::new();
        }
    };
    let mut statements = vec![
        serde_json::json!({ "Sid": "Backend", "Effect": "Allow", "Action": objects, "Resource": format!("arn:*:s3:::{bucket}/{prefix}*") }),
        serde_json::json!({ "Sid": "BackendList", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": format!("arn:*:s3:::{bucket}") }),
    ];
    if duty != Duty::Plan {
        let lock = format!("arn:*:s3:::{bucket}/{prefix}lock");
        statements.push(serde_json::json!({ "Sid": "BackendLock", "Effect": "Allow", "Action": ["s3:DeleteObject"], "Resource": lock }));
    }
    statements
}

/// The ARN pattern of the invitations that an organization sends.
fn invitations_of(organization: &OrganizationId, sender: AccountId) -> String {
    format!("arn:*:organizations::{sender}:handshake/{organization}/invite/h-*")
}

/// The policy of a session in a member that accepts only the invitation with this ARN.
pub fn accepting_policy(invitation: &str) -> String {
    let needed = permissions().filter(|permission| permission.duties.contains(&Duty::MemberTransfer));
    let statement = |permission: Permission| {
        let resource = match permission.resource {
            Resource::Invitation => invitation,
            Resource::ServiceLinkedRole => SERVICE_LINKED_ROLE,
            _ => "*",
        };
        serde_json::json!({ "Effect": "Allow", "Action": permission.action, "Resource": resource })
    };
    let statements: Vec<_> = needed.map(statement).collect();
    serde_json::json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// The policy of a session in a member: what the duty needs, whatever the role may do, and permission to read its own identity.
pub fn session_policy(duty: Duty) -> String {
    policy_of_session(&[duty, Duty::MemberIdentity])
}

/// The policy of a session that only reads, in a member or in a joining account.
pub fn visiting_policy() -> String {
    policy_of_session(&[Duty::MemberRead, Duty::JoinRead, Duty::MemberIdentity])
}

fn policy_of_session(duties: &[Duty]) -> String {
    let needed = permissions().filter(|permission| duties.iter().any(|duty| permission.duties.contains(duty)));
    let (linked, plain): (Vec<_>, Vec<_>) = needed.partition(|permission| permission.resource == Resource::ServiceLinkedRole);
    let actions = |permissions: &[Permission]| permissions.iter().map(|permission| permission.action).collect::<Vec<_>>();
    let mut statements = vec![serde_json::json!({ "Effect": "Allow", "Action": actions(&plain), "Resource": "*" })];
    if !linked.is_empty() {
        statements.push(serde_json::json!({ "Effect": "Allow", "Action": actions(&linked), "Resource": SERVICE_LINKED_ROLE }));
    }
    serde_json::json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_may_leave_only_if_that_is_its_duty_and_its_policy_is_short_enough_for_sts() {
        let member = session_policy(Duty::Member);
        let read = session_policy(Duty::MemberRead);
        assert!(member.contains("organizations:LeaveOrganization") && member.contains("iam:DeleteServiceLinkedRole"));
        assert!(!read.contains("LeaveOrganization") && !read.contains("Delete"));
        // STS API reference, AssumeRole: 2,048 characters.
        assert!(member.len() <= 2048 && read.len() <= 2048);
    }

    #[test]
    fn a_session_accepts_the_one_invitation_that_its_policy_names() {
        let arn = "arn:aws:organizations::999999999999:handshake/o-targetorgid/invite/h-examplehandshake";
        let policy: serde_json::Value = serde_json::from_str(&accepting_policy(arn)).unwrap();
        let of = |action: &str| policy["Statement"].as_array().unwrap().iter().find(|statement| statement["Action"] == action).cloned();
        assert_eq!(of("organizations:AcceptHandshake").unwrap()["Resource"], arn);
        assert_eq!(of("iam:CreateServiceLinkedRole").unwrap()["Resource"], SERVICE_LINKED_ROLE);
        assert!(of("organizations:DescribeOrganization").is_some() && of("organizations:DeclineHandshake").is_none());
        assert!(!session_policy(Duty::Member).contains("AcceptHandshake") && !session_policy(Duty::MemberRead).contains("AcceptHandshake"));
    }

    #[test]
    fn the_member_role_accepts_invitations_of_the_targets_alone() {
        let targets = BTreeMap::from([("o-targetorgid".parse().unwrap(), "999999999999".parse().unwrap())]);
        let names = |transfer_targets| RoleNames {
            member: "Leaver",
            member_read: None,
            root_audit: false,
            source_identity: false,
            conditions: false,
            transfer_targets,
            joins: false,
            accept_roles: &[],
        };
        let text = policy(Duty::Member, names(&targets)).to_string();
        assert!(text.contains("arn:*:organizations::999999999999:handshake/o-targetorgid/invite/h-*"), "{text}");
        let without = policy(Duty::Member, names(&BTreeMap::new())).to_string();
        assert!(!without.contains("AcceptHandshake") && !without.contains("CreateServiceLinkedRole"));
    }

    #[test]
    fn only_the_duty_to_remove_removes_and_only_the_duty_to_apply_assumes_the_member_role() {
        let none = BTreeMap::new();
        let names = |member_read| RoleNames {
            member: "Leaver",
            member_read,
            root_audit: false,
            source_identity: false,
            conditions: false,
            transfer_targets: &none,
            joins: false,
            accept_roles: &[],
        };
        let text = |duty| policy(duty, names(None)).to_string();
        let all = [Duty::Plan, Duty::Apply, Duty::Remove, Duty::Member, Duty::MemberRead, Duty::Join, Duty::Accept];
        for duty in all {
            assert_eq!(text(duty).contains("RemoveAccountFromOrganization"), duty == Duty::Remove);
            // AWS's pages disagree about whether a member that accepts needs it.
            assert_eq!(text(duty).contains("organizations:LeaveOrganization"), matches!(duty, Duty::Member | Duty::Accept));
            let takes_in = ["InviteAccountToOrganization", "MoveAccount", "TagResource"];
            assert!(takes_in.iter().all(|call| text(duty).contains(call) == (duty == Duty::Join)), "{duty:?}");
            assert_eq!(text(duty).contains("\"sts:AssumeRole\""), duty == Duty::Apply);
            assert_eq!(text(duty).contains("sts:AssumeRoot"), matches!(duty, Duty::Apply | Duty::Remove | Duty::Join));
        }
        let reading = policy(Duty::Plan, names(Some("audit/Look"))).to_string();
        assert!(reading.contains("arn:*:iam::*:role/audit/Look"));
    }

    /// Evaluates with another implementation of IAM's rules.
    fn allows(duty: Duty, action: &str, resource: &str) -> bool {
        let statements = backend_statements(duty, "records", "orgroster/");
        let document = serde_json::json!({ "Version": "2012-10-17", "Statement": statements }).to_string().replace("arn:*:", "arn:aws:");
        let policy: iam_rs::IAMPolicy = serde_json::from_str(&document).unwrap();
        let principal = iam_rs::Principal::Aws(iam_rs::PrincipalId::String("arn:aws:iam::111111111111:role/Applier".into()));
        let request = iam_rs::IAMRequest::new(principal, action, iam_rs::Arn::parse(resource).unwrap());
        iam_rs::PolicyEvaluator::with_policies(vec![policy]).evaluate(&request).unwrap().decision == iam_rs::Decision::Allow
    }

    #[test]
    fn the_backends_objects_can_be_read_and_written_and_only_the_lock_removed() {
        let objects = "arn:aws:s3:::records/orgroster/";
        let cases = [
            ("s3:GetObject", "head", [true, true]),
            ("s3:PutObject", "journal/1.json", [false, true]),
            ("s3:PutObject", "lock", [false, true]),
            ("s3:DeleteObject", "lock", [false, true]),
            ("s3:DeleteObject", "records/333333333333.json", [false, false]),
            ("s3:PutObjectAcl", "head", [false, false]),
        ];
        for (action, name, [plan, apply]) in cases {
            let answers = [Duty::Plan, Duty::Apply, Duty::Remove].map(|duty| allows(duty, action, &format!("{objects}{name}")));
            assert_eq!(answers, [plan, apply, apply], "{action} {name}");
        }
        for duty in [Duty::Plan, Duty::Apply, Duty::Remove] {
            assert!(allows(duty, "s3:ListBucket", "arn:aws:s3:::records"));
            assert!(
                !allows(duty, "s3:ListBucket", "arn:aws:s3:::others") && !allows(duty, "s3:GetObject", "arn:aws:s3:::records/other/head")
            );
        }
        assert!(
            backend_statements(Duty::Member, "records", "").is_empty() && backend_statements(Duty::MemberRead, "records", "").is_empty()
        );
    }
}
