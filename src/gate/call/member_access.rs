//! Can the member role be assumed, and is the session in that account and organization?
//!
//! LeaveOrganization takes no account id: it detaches the account that owns the credentials. So the session itself must prove which account
//! it belongs to.

use crate::gate::{Finding, GateFacts, MemberAccess, RoleAttempt, not_probed, role_remedy};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let id = facts.desired.id;
    let role = facts.departure.member_role.arn(&facts.observed.organization.partition, id);
    match facts.inside {
        MemberAccess::Deferred => Finding::deferred(format!("apply assumes {role} and checks which account its session belongs to")),
        MemberAccess::Failed { error, failure, evidence } => {
            let remedy = match failure {
                Some(failure) => {
                    let with_external_id = facts.departure.member_role.external_id.is_some();
                    let caller = not_probed::caller(facts.observed);
                    role_remedy(*failure, RoleAttempt { arn: &role, setting: "member_role", with_external_id, caller: &caller })
                }
                None => format!(
                    "The role was assumed, but {} failed. Apply again; if it persists, allow the role to make that call.",
                    evidence.operation
                )
                .into(),
            };
            let remedy = remedy.and(not_probed::what_was_evaluated(error));
            Finding::blocks(format!("{role} can't be used: {error}"), remedy).seen_in(evidence.clone())
        }
        MemberAccess::Assumed { account, organization, session: _, evidence } => {
            let finding = if *account != id {
                Finding::blocks(
                    format!("the session of {role} belongs to account {account}"),
                    "Correct member_role: the role is in another account.",
                )
            } else {
                match organization {
                    Some(found) if *found == facts.declared.id => {
                        Finding::passes(format!("{role} is in account {id} of organization {found}"))
                    }
                    Some(found) => Finding::blocks(
                        format!("account {id} reports that it is in organization {found}"),
                        "The account moved to another organization. Correct the configuration.",
                    ),
                    None => Finding::blocks(
                        format!("account {id} reports that it is in no organization"),
                        "The account has already left. Plan again.",
                    ),
                }
            };
            Finding { evidence: evidence.clone(), ..finding }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::Story;
    use crate::gate::{MemberAccess, Verdict};
    use crate::org::{GateName, Provenance, RoleFailure};

    #[test]
    fn the_session_must_be_in_the_planned_account_and_organization() {
        let assumed = |account: &str, organization: Option<&str>| MemberAccess::Assumed {
            account: account.parse().unwrap(),
            organization: organization.map(|id| id.parse().unwrap()),
            session: crate::org::SessionIdentity::default(),
            evidence: vec![],
        };
        let cases = [
            (assumed("333333333333", Some("o-exampleorgid")), false),
            (assumed("444444444444", Some("o-exampleorgid")), true),
            (assumed("333333333333", Some("o-anotherorgid")), true),
            (assumed("333333333333", None), true),
        ];
        for (inside, blocks) in cases {
            let mut story = Story::new();
            story.inside = inside;
            assert_eq!(story.blocks(GateName::MemberAccess), blocks, "{:?}", story.inside);
        }
    }

    #[test]
    fn a_denial_that_names_its_authorization_id_comes_with_the_command_that_prints_what_was_evaluated() {
        let mut story = Story::new();
        let evidence = Provenance { operation: "sts:AssumeRole".into(), account: story.desired.id, at: story.now };
        let error =
            "sts:AssumeRole: AccessDenied: no, or call the GetRequestAuthorizationDetails API with the following authorization id: 1a2b3c";
        story.inside = MemberAccess::Failed { error: error.into(), failure: Some(RoleFailure::Denied), evidence };
        let said = |story: &Story| serde_json::to_string(story.result(GateName::MemberAccess).remedy().unwrap()).unwrap();
        assert!(said(&story).contains(r#"["iam-toolbox","get-request-authorization-details","--authorization-id","1a2b3c"]"#));
        story.inside = match story.inside {
            MemberAccess::Failed { failure, evidence, .. } => MemberAccess::Failed { error: "AccessDenied: no".into(), failure, evidence },
            other => other,
        };
        assert!(!said(&story).contains("iam-toolbox"));
    }

    #[test]
    fn plan_defers_and_a_failed_assumption_blocks_with_its_error() {
        let mut story = Story::new();
        assert!(matches!(story.result(GateName::MemberAccess).verdict, Verdict::Deferred { .. }));
        let evidence = Provenance { operation: "sts:AssumeRole".into(), account: story.desired.id, at: story.now };
        story.inside = MemberAccess::Failed { error: "AccessDenied: not authorized".into(), failure: Some(RoleFailure::Denied), evidence };
        assert!(story.result(GateName::MemberAccess).explanation().contains("AccessDenied: not authorized"));
        assert!(story.blocks(GateName::MemberAccess));
    }
}
