//! What can be done about a denial or a doubt, in words. The tool itself never edits a policy.

use crate::gate::GateFacts;
use crate::org::escaped;
use crate::scp::{Effectiveness, Open, Remedy, StatementRef, Verdict, WayOut, root_denials, ways_out};

use super::Prediction;

/// The ways out of a denial, those that lead out first.
pub fn of_denial(facts: &GateFacts<'_>, prediction: &Prediction) -> String {
    let Prediction { enforcement, levels, request, verdict } = prediction;
    let mut lines = Vec::new();
    if root_denials(verdict).iter().any(|denial| denial.aws_default) {
        lines.push("AWS attaches this statement at the root of organizations that are created in its console, since June 2026.".to_owned());
    }
    let ways = ways_out(verdict, enforcement, levels, request);
    let (useless, useful): (Vec<_>, Vec<_>) =
        ways.iter().partition(|remedy| matches!(remedy.effectiveness, Effectiveness::Ineffective { .. }));
    lines.push("Ways out, each a decision of whoever administers the organization:".to_owned());
    lines.extend(useful.iter().map(|remedy| format!("  - {}", escaped(&describe(facts, remedy)))));
    lines.extend(useless.iter().map(|remedy| format!("  - no help: {}", escaped(&why_not(remedy)))));
    lines.join("\n")
}

/// What settles what stands open.
pub fn of_doubt(verdict: &Verdict) -> String {
    let mut policies: Vec<&str> = Vec::new();
    for open in &verdict.open {
        match open {
            Open::Statement { statement: StatementRef { policy_id, .. }, .. } | Open::Policy { policy_id, .. } => policies.push(policy_id),
            Open::IncompletePath => return "Allow organizations:ListParents and ListPoliciesForTarget to the role that plans.".to_owned(),
            Open::Enforcement { .. } => return "Plan again when the policy type is enabled or disabled.".to_owned(),
        }
    }
    policies.sort_unstable();
    policies.dedup();
    let keys: Vec<_> = verdict.undecided_keys().into_iter().map(str::to_owned).collect();
    let declare =
        if keys.is_empty() { "Correct the policy".to_owned() } else { format!("Declare {} in provider.context", keys.join(", ")) };
    let list = policies.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ");
    let declare = escaped(&declare);
    format!(
        "{declare}, or let AWS decide, since a refusal changes nothing:\n    gate \"service_control_policy\" {{ advisory_policies = [{list}] }}"
    )
}

fn describe(facts: &GateFacts<'_>, remedy: &Remedy) -> String {
    let role = facts.departure.member_role.arn(&facts.observed.organization.partition, facts.desired.id);
    let text = match &remedy.way {
        WayOut::CallAsExceptedPrincipal { statement, principals } => {
            format!("set member_role to a role that {} excepts: {}", statement.policy_name, principals.join(", "))
        }
        WayOut::ExceptPrincipal { statement } => {
            format!(
                "except the role in policy {}: \"Condition\": {{\"ArnNotLike\": {{\"aws:PrincipalArn\": \"{role}\"}}}}",
                statement.policy_name
            )
        }
        WayOut::AllowAtLevel { level } => format!("attach a policy that allows organizations:LeaveOrganization to {level}"),
        WayOut::DetachFromAccount { statement } => {
            format!("detach policy {} ({}) from the account", statement.policy_name, statement.policy_id)
        }
        WayOut::MoveAccount { out_of } => {
            let units: Vec<_> = out_of.iter().map(ToString::to_string).collect();
            format!("move the account out of {}", units.join(" and "))
        }
        WayOut::RemoveFromManagementAccount => {
            "via = \"remove\": the management account removes it, which no service control policy can deny (needs allow_remove)".to_owned()
        }
        WayOut::DirectTransfer => {
            "if it is to join another organization: have that one invite it, and accept the invitation without leaving first".to_owned()
        }
    };
    if remedy.effectiveness == Effectiveness::Uncertain { format!("{text} (may not suffice)") } else { text }
}

fn why_not(remedy: &Remedy) -> String {
    let what = match &remedy.way {
        WayOut::MoveAccount { .. } => "moving the account to another unit",
        WayOut::DirectTransfer => "a direct transfer to another organization",
        _ => "this way",
    };
    let Effectiveness::Ineffective { remaining } = &remedy.effectiveness else { return what.to_owned() };
    let remaining: Vec<_> = remaining.iter().map(|denial| denial.level().to_string()).collect();
    format!("{what}, because it is denied at {} all the same", remaining.join(" and "))
}
