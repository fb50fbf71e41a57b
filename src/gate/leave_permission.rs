//! Does IAM's own policy simulator agree that the role can make the call? (IAM API reference, SimulatePrincipalPolicy.) A second opinion,
//! which also covers the role's own policies and its permissions boundary.

use crate::org::{Look, Simulation};

use super::looked::{self, LATER};
use super::{Basis, Finding, GateFacts, Remedy, Step, policy};

pub(super) fn check(facts: &GateFacts<'_>) -> Finding {
    match &facts.looks.simulation {
        Look::NotTaken => {
            Finding::deferred(format!("{LATER} asks IAM's policy simulator in the account")).resting_on(Basis::left_to_apply())
        }
        Look::Unreadable(unreadable) => looked::unknown(unreadable, facts),
        Look::Seen { value, provenance } => {
            let basis = Basis::facts([("the simulator's decision", value.decision.clone())]);
            compare(value, policy::allows(facts)).resting_on(basis).seen_in(provenance.clone())
        }
    }
}

fn compare(simulation: &Simulation, predicted: Option<bool>) -> Finding {
    let Simulation { decision, allowed_by_organizations } = simulation;
    let allowed = decision == "allowed";
    match (allowed_by_organizations, predicted) {
        (Some(simulated), Some(predicted)) if *simulated != predicted => Finding::unknown(
            format!(
                "two readings disagree: IAM's simulator says that service control policies {} the call, the evaluation here says that they {} it",
                verb(*simulated),
                verb(predicted)
            ),
            "Look at the policies that service_control_policy names; condition keys that only the real call carries may make the difference.",
        ),
        // What stands open there is said there; the simulator does not know the missing keys either.
        (Some(false), None) => {
            Finding::passes("the simulator answers without the keys that service_control_policy leaves open, so it settles nothing here")
        }
        _ if allowed => Finding::passes("IAM's policy simulator answers that the role may make the call"),
        _ => Finding::blocks(
            format!("IAM's policy simulator answers {decision}: the role's own policies or its permissions boundary don't allow the call"),
            Remedy::from(
                "Allow organizations:LeaveOrganization, and iam:DeleteServiceLinkedRole for AWSServiceRoleForOrganizations, to the role. \
                 The policy that it needs:",
            )
            .then(Step::orgroster(&["iam-policy", "member"])),
        ),
    }
}

const fn verb(allowed: bool) -> &'static str {
    if allowed { "allow" } else { "deny" }
}

#[cfg(test)]
mod tests {
    use crate::gate::Verdict;
    use crate::gate::testing::{Story, attach, seen};
    use crate::org::{GateName, Look, Simulation};

    fn story(decision: &str, organizations: Option<bool>) -> Story {
        let mut story = Story::new();
        let simulation = Simulation { decision: decision.into(), allowed_by_organizations: organizations };
        story.looks.simulation = Look::Seen { value: simulation, provenance: seen("iam:SimulatePrincipalPolicy") };
        story
    }

    #[test]
    fn the_simulators_denial_blocks_and_a_disagreement_about_policies_is_unknown() {
        let verdict = |story: Story| story.result(GateName::LeavePermission).verdict;
        assert!(matches!(verdict(story("allowed", Some(true))), Verdict::Pass { .. }));
        assert!(matches!(verdict(story("allowed", None)), Verdict::Pass { .. }));
        assert!(matches!(verdict(story("implicitDeny", Some(true))), Verdict::Block { .. }));
        assert!(matches!(verdict(story("explicitDeny", Some(false))), Verdict::Unknown { .. }));
        let denied = story("allowed", Some(true)).observed(|seen| {
            let deny = r#"{"Statement":{"Effect":"Deny","Action":"organizations:Leave*","Resource":"*"}}"#;
            attach(seen.policies.as_mut().unwrap(), "r-ab12", "Freeze", deny);
        });
        assert!(matches!(verdict(denied), Verdict::Unknown { .. }));
    }

    #[test]
    fn plan_defers_it_and_what_the_role_may_not_ask_is_unknown() {
        assert!(Story::new().result(GateName::LeavePermission).is_deferred());
        let mut denied = Story::new();
        denied.looks.simulation = crate::gate::testing::unreadable("iam:SimulatePrincipalPolicy");
        let result = denied.result(GateName::LeavePermission);
        assert!(result.is_blocking() && result.explanation().contains("iam:SimulatePrincipalPolicy"));
    }
}
