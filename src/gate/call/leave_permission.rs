//! Does IAM's policy simulator confirm that the role can make the call? (IAM API reference, SimulatePrincipalPolicy.) It is a second
//! opinion, which also covers the role's own policies and its permissions boundary.

use crate::gate::not_probed::{self, LATER};
use crate::gate::{Basis, Finding, GateFacts, Remedy, Setting, Step, policy};
use crate::org::{GateName, Probe, Simulation};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    match &facts.probes.simulation {
        Probe::NotRun => {
            Finding::deferred(format!("{LATER} runs IAM's policy simulator in the account")).resting_on(Basis::left_to_apply())
        }
        Probe::Failed(unreadable) => not_probed::unknown(unreadable, facts),
        Probe::Seen { value, provenance } => {
            let basis = Basis::facts([("the simulator's decision", value.decision.clone())]);
            compare(value, facts).resting_on(basis).seen_in(provenance.clone())
        }
    }
}

fn compare(simulation: &Simulation, facts: &GateFacts<'_>) -> Finding {
    let Simulation { decision, allowed_by_organizations } = simulation;
    let (allowed, predicted) = (decision == "allowed", policy::allows(facts));
    match (allowed_by_organizations, predicted) {
        (Some(simulated), Some(predicted)) if *simulated != predicted => disagreement(*simulated, predicted, facts),
        // service_control_policy already reports what is undecided, and the simulator does not know the missing keys either.
        (Some(false), None) => {
            Finding::passes("the simulator lacks the condition keys that service_control_policy leaves open, so its answer decides nothing")
        }
        (Some(false), Some(false)) => Finding::passes(
            "IAM's policy simulator agrees with service_control_policy that a policy of the organization denies it; the latter decides",
        ),
        _ if allowed => Finding::passes("IAM's policy simulator confirms that the role can make the call"),
        _ => Finding::blocks(
            format!("IAM's policy simulator returns {decision}: the role's own policies or its permissions boundary don't allow the call"),
            Remedy::from(
                "Grant the role organizations:LeaveOrganization, and iam:DeleteServiceLinkedRole for AWSServiceRoleForOrganizations. This \
                 prints the policy that it needs:",
            )
            .then(Step::orgroster(&["iam-policy", "member"])),
        ),
    }
}

/// The finding if the simulator and the evaluation in `scp` disagree about the same policies. The simulator is known to decide conditions
/// on keys that it was not given, and to present the result as certain (github.com/aws/aws-cli/issues/10525). So its answer is only advice
/// if a statement has a condition.
fn disagreement(simulated: bool, predicted: bool, facts: &GateFacts<'_>) -> Finding {
    let says = format!(
        "IAM's policy simulator says that service control policies {} the call, but orgroster's own evaluation says that they {} it",
        verb(simulated),
        verb(predicted)
    );
    let conditional: Vec<_> = policy::conditional(facts).iter().map(ToString::to_string).collect();
    if !conditional.is_empty() {
        return Finding::passes(format!(
            "{says}; the simulator's answer is only advice, because it may lack condition keys for {}",
            conditional.join(" and ")
        ));
    }
    let remedy = Remedy::from(
        "No statement about the call has a condition, so one of the two is wrong about this organization. The maintainers of this \
         configuration choose one of these ways out:",
    )
    .then(Step::Way {
        steps: vec![Step::sentence("Change the service control policies on the account's path so that both agree, and plan again.")],
    })
    .then(Step::Way { steps: not_probed::or_lower(GateName::LeavePermission, facts).steps().to_vec() })
    .then(Step::Way {
        steps: vec![
            Step::sentence("Let the management account remove the account, which no service control policy can deny:"),
            Step::in_block(vec![Setting::argument("via", "remove")]),
        ],
    });
    Finding::unknown(says, remedy)
}

const fn verb(allowed: bool) -> &'static str {
    if allowed { "allow" } else { "deny" }
}

#[cfg(test)]
mod tests {
    use crate::gate::Verdict;
    use crate::gate::testing::{Story, attach, seen};
    use crate::org::{GateName, Probe, Simulation};

    fn story(decision: &str, organizations: Option<bool>) -> Story {
        let mut story = Story::new();
        let simulation = Simulation { decision: decision.into(), allowed_by_organizations: organizations };
        story.probes.simulation = Probe::Seen { value: simulation, provenance: seen("iam:SimulatePrincipalPolicy") };
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
    fn where_both_readings_deny_service_control_policy_says_what_does() {
        let denied = story("explicitDeny", Some(false)).observed(|seen| {
            let deny = r#"{"Statement":{"Effect":"Deny","Action":"organizations:Leave*","Resource":"*"}}"#;
            attach(seen.policies.as_mut().unwrap(), "r-ab12", "Freeze", deny);
        });
        let agreed = denied.result(GateName::LeavePermission);
        assert!(matches!(agreed.verdict, Verdict::Pass { .. }) && agreed.explanation().contains("service_control_policy"), "{agreed:?}");
        assert!(denied.blocks(GateName::ServiceControlPolicy));
    }

    #[test]
    fn a_disagreement_is_advice_where_a_statement_has_a_condition_and_names_the_ways_out_where_none_has() {
        let guarded = story("explicitDeny", Some(false)).observed(|seen| {
            let deny = r#"{"Statement":{"Sid":"Guard","Effect":"Deny","Action":"*","Resource":"*",
                "Condition":{"StringNotEquals":{"aws:PrincipalAccount":"333333333333"}}}}"#;
            attach(seen.policies.as_mut().unwrap(), "r-ab12", "Guard", deny);
        });
        let advice = guarded.result(GateName::LeavePermission);
        assert!(matches!(advice.verdict, Verdict::Pass { .. }) && advice.explanation().contains("statement Guard"), "{advice:?}");
        let certain = story("explicitDeny", Some(false)).result(GateName::LeavePermission);
        let remedy = serde_json::to_string(certain.remedy().unwrap()).unwrap();
        assert!(remedy.contains("leave_permission") && remedy.contains("\"via\",\"value\":\"remove\""), "{remedy}");
    }

    #[test]
    fn plan_defers_it_and_what_the_role_may_not_ask_is_unknown() {
        assert!(Story::new().result(GateName::LeavePermission).is_deferred());
        let mut denied = Story::new();
        denied.probes.simulation = crate::gate::testing::unreadable("iam:SimulatePrincipalPolicy");
        let result = denied.result(GateName::LeavePermission);
        assert!(result.is_blocking() && result.explanation().contains("iam:SimulatePrincipalPolicy"));
    }
}
