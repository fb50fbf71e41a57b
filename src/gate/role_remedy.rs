//! Remedies for a role that can't be assumed, one for each cause.

use crate::org::RoleFailure;

use super::{Caller, Remedy, Step};

/// A role that could not be assumed, and who tried.
#[derive(Debug, Clone, Copy)]
pub struct RoleAttempt<'a> {
    /// The role's ARN.
    pub arn: &'a str,
    /// The block that names the role, such as `member_role`.
    pub setting: &'a str,
    /// Whether that block sets an external id.
    pub with_external_id: bool,
    /// The principal that tried: an ARN or a description.
    pub caller: &'a str,
}

/// The remedy for one cause of failure.
#[must_use]
pub fn role_remedy(failure: RoleFailure, attempt: RoleAttempt<'_>) -> Remedy {
    let RoleAttempt { arn, setting, with_external_id, caller } = attempt;
    let text = match failure {
        RoleFailure::Denied => {
            let account = arn.split(':').nth(4).unwrap_or_default();
            let external_id = if with_external_id {
                format!("that the policy requires exactly the `external_id` in {setting}")
            } else {
                format!("that the policy requires no external id (otherwise set `external_id` in {setting})")
            };
            let text = format!(
                "AWS returns the same error for several causes. Check that the role exists in account {account} with exactly this name and \
                 path, that its trust policy allows {caller} or its account, and {external_id}:"
            );
            let name = arn.rsplit('/').next().unwrap_or(arn);
            return Remedy::from(text).then(Step::aws(Caller::Member, &["iam", "get-role", "--role-name", name]));
        }
        RoleFailure::CallerNotAllowed => format!("Allow sts:AssumeRole on {arn} in the policies of {caller}."),
        RoleFailure::ExplicitlyDenied => {
            format!(
                "A policy explicitly denies sts:AssumeRole on {arn}; AWS's message says which kind of policy. Exempt {caller} from that \
                 statement."
            )
        }
        RoleFailure::RegionDisabled => {
            "STS is not active in this region for the account. Activate it under Account settings in the IAM console, or set `region` in \
             the provider block to a region that is on by default, such as us-east-1."
                .to_owned()
        }
        RoleFailure::Throttled => "STS throttled the request. Wait a minute and run the command again.".to_owned(),
        RoleFailure::Unavailable => {
            "STS was unavailable, which says nothing about the role. Run the command again. The AWS Health Dashboard shows whether STS has \
             a problem in this region."
                .to_owned()
        }
        RoleFailure::Invalid => {
            format!("Correct {setting}: STS rejects the format of its ARN, external id or session name; AWS's message says which.")
        }
        RoleFailure::OtherAccount => format!("Correct {setting}: the role is in another account."),
        RoleFailure::Other => "Look up the error code in the API reference of AssumeRole.".to_owned(),
    };
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_a_remedy_of_its_own() {
        let attempt = RoleAttempt {
            arn: "arn:aws:iam::333333333333:role/audit/Look",
            setting: "member_read_role",
            with_external_id: false,
            caller: "arn:aws:iam::111111111111:user/ci",
        };
        let all = [
            (RoleFailure::Denied, "account 333333333333 with exactly this name and path"),
            (RoleFailure::CallerNotAllowed, "in the policies of arn:aws:iam::111111111111:user/ci"),
            (RoleFailure::ExplicitlyDenied, "explicitly"),
            (RoleFailure::RegionDisabled, "Activate it"),
            (RoleFailure::Throttled, "Wait a minute"),
            (RoleFailure::Unavailable, "AWS Health Dashboard"),
            (RoleFailure::Invalid, "Correct member_read_role: STS"),
            (RoleFailure::OtherAccount, "another account"),
            (RoleFailure::Other, "API reference"),
        ];
        for (failure, part) in all {
            let said = |failure| serde_json::to_string(&role_remedy(failure, attempt)).unwrap();
            let saying = all.iter().filter(|(other, _)| said(*other).contains(part));
            assert_eq!(saying.map(|(other, _)| *other).collect::<Vec<_>>(), [failure], "{part}");
        }
        let denied = |with_external_id| {
            serde_json::to_string(&role_remedy(RoleFailure::Denied, RoleAttempt { with_external_id, ..attempt })).unwrap()
        };
        assert!(denied(true).contains("exactly the `external_id`") && denied(false).contains("set `external_id` in member_read_role"));
        assert!(denied(false).ends_with("\"words\":[\"iam\",\"get-role\",\"--role-name\",\"Look\"]}]"));
    }
}
