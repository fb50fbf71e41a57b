//! What can be done about a denial or a doubt. The tool itself never edits a policy.

use std::collections::BTreeSet;

use serde_json::json;

use crate::gate::{GateFacts, Remedy, Setting, Step, not_probed};
use crate::org::{Probe, ReadFailure};
use crate::scp::{Denial, Effectiveness, LevelRef, Open, StatementRef, Verdict, WayOut, root_denials, ways_out};

use super::Prediction;
use super::context::is_chained;

/// The ways out of a denial, those that lead out first.
pub fn of_denial(facts: &GateFacts<'_>, prediction: &Prediction) -> Remedy {
    let Prediction { enforcement, levels, request, verdict } = prediction;
    let mut remedy = Remedy::new();
    if root_denials(verdict).iter().any(|denial| denial.aws_default) {
        remedy =
            remedy.and("AWS attaches this statement at the root of organizations that were created in its console after July 10, 2026.");
    }
    remedy = remedy.and("Ways out, each a decision of whoever administers the organization:");
    let ways = ways_out(verdict, enforcement, levels, request);
    let (useless, useful): (Vec<_>, Vec<_>) = ways.iter().partition(|way| matches!(way.effectiveness, Effectiveness::Ineffective { .. }));
    remedy = against(facts, &request.action, &distinct(&verdict.denials)).into_iter().fold(remedy, Remedy::then);
    for way in useful {
        let steps = match &way.way {
            WayOut::MoveAccount { out_of } => vec![Step::sentence(format!("Move the account out of {}.", listed(out_of)))],
            WayOut::RemoveFromManagementAccount => removal(facts),
            // It is one already.
            WayOut::DirectTransfer if facts.departure.transfer().is_some() => continue,
            WayOut::DirectTransfer => vec![Step::sentence(
                "If it is to join another organization: have that one invite it, and accept the invitation without leaving first.",
            )],
            // What is done about the statements themselves is said above.
            WayOut::CallAsExceptedPrincipal { .. }
            | WayOut::ExceptPrincipal { .. }
            | WayOut::AllowAtLevel { .. }
            | WayOut::DetachFromAccount { .. } => continue,
        };
        remedy = remedy.then(Step::Way { steps: doubted(steps, &way.effectiveness) });
    }
    for way in useless {
        let what = match &way.way {
            WayOut::MoveAccount { .. } => "Moving the account to another unit",
            WayOut::DirectTransfer if facts.departure.transfer().is_none() => "A direct transfer to another organization",
            _ => continue,
        };
        let Effectiveness::Ineffective { remaining } = &way.effectiveness else { continue };
        let levels: BTreeSet<_> = remaining.iter().map(|denial| denial.level().to_string()).collect();
        let levels = levels.into_iter().collect::<Vec<_>>().join(" and ");
        remedy = remedy.and(format!("{what} does not help by itself, because the call is denied at {levels} all the same."));
    }
    remedy
}

/// A denial, wherever its policy is attached: a statement is edited once.
struct Cause<'v> {
    denial: &'v Denial,
    at: Vec<LevelRef>,
}

fn distinct(denials: &[Denial]) -> Vec<Cause<'_>> {
    let same = |one: &Denial, other: &Denial| match (one, other) {
        (Denial::Explicit { statement: one, .. }, Denial::Explicit { statement: other, .. }) => {
            (&one.policy_id, one.position) == (&other.policy_id, other.position)
        }
        _ => one == other,
    };
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for denial in denials {
        match causes.iter_mut().find(|cause| same(cause.denial, denial)) {
            Some(cause) => cause.at.push(denial.level().clone()),
            None => causes.push(Cause { denial, at: vec![denial.level().clone()] }),
        }
    }
    causes
}

/// What can be done about the statements themselves: each by itself is a way where it is the only one; of several, none helps alone.
fn against(facts: &GateFacts<'_>, action: &str, causes: &[Cause<'_>]) -> Vec<Step> {
    match causes {
        [] => Vec::new(),
        [one] => answers(facts, action, one).into_iter().map(|steps| Step::Way { steps }).collect(),
        several => {
            let mut steps =
                vec![Step::sentence(format!("All of these together, because each of the {} denies the call by itself:", several.len()))];
            for cause in several {
                let mut parts = answers(facts, action, cause).into_iter();
                let mut part = parts.next().unwrap_or_default();
                let or = parts.flatten().map(|step| match step {
                    Step::Sentence { text } => Step::sentence(format!("Or: {text}")),
                    other => other,
                });
                part.extend(or);
                steps.push(Step::Part { steps: without_condition(part) });
            }
            if several.iter().any(|cause| matches!(cause.denial, Denial::Explicit { .. })) {
                steps.push(Step::sentence("The condition that excepts the role, in each of the statements:"));
                steps.push(excepting(facts));
            }
            vec![Step::Way { steps }]
        }
    }
}

/// The condition is the same for every statement, and said once.
fn without_condition(steps: Vec<Step>) -> Vec<Step> {
    steps.into_iter().filter(|step| !matches!(step, Step::Json { .. })).collect()
}

/// What resolves one denial, each by itself.
fn answers(facts: &GateFacts<'_>, action: &str, cause: &Cause<'_>) -> Vec<Vec<Step>> {
    match cause.denial {
        Denial::Implicit { level } => {
            vec![vec![Step::sentence(format!("Attach a policy that allows {action} to {level}."))]]
        }
        Denial::Explicit { statement, excepted_principals, .. } => {
            let except = format!("Except the role in {}, attached to {}:", named(statement), listed(&cause.at));
            let mut ways = vec![vec![Step::sentence(except), excepting(facts)]];
            if !excepted_principals.is_empty() {
                let principals = excepted_principals.join(", ");
                let name = named(statement);
                let text = format!("Set member_role to a role that {name} excepts, which may not be all that it asks for: {principals}");
                ways.push(vec![Step::sentence(text)]);
            }
            if cause.at.iter().all(|level| level.id == facts.desired.id.to_string()) {
                let StatementRef { policy_name, policy_id, .. } = statement;
                ways.push(vec![Step::sentence(format!("Detach policy {policy_name} ({policy_id}) from the account."))]);
            }
            ways
        }
    }
}

/// The statement and its policy, without the level.
fn named(statement: &StatementRef) -> String {
    let StatementRef { level: _, policy_id, policy_name, sid, position } = statement;
    let name = sid.as_ref().filter(|sid| !sid.is_empty()).cloned().unwrap_or_else(|| position.to_string());
    format!("statement {name} of policy {policy_name} ({policy_id})")
}

fn listed(levels: &[LevelRef]) -> String {
    levels.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

/// The condition that excepts the role which makes the call.
fn excepting(facts: &GateFacts<'_>) -> Step {
    let role = facts.departure.member_role.arn(&facts.observed.organization.partition, facts.desired.id);
    Step::Json { document: json!({ "Condition": { "ArnNotLike": { "aws:PrincipalArn": role } } }) }
}

fn removal(facts: &GateFacts<'_>) -> Vec<Step> {
    let mut steps = vec![
        Step::sentence("Let the management account remove it, which no service control policy can deny:"),
        Step::in_block(vec![Setting::argument("via", "remove")]),
    ];
    if !facts.guardrails.allow_remove {
        steps.push(Step::in_guardrails(vec![Setting::argument("allow_remove", true)]));
    }
    steps
}

fn doubted(mut steps: Vec<Step>, effectiveness: &Effectiveness) -> Vec<Step> {
    if *effectiveness == Effectiveness::Uncertain {
        steps.push(Step::sentence("It may not suffice."));
    }
    steps
}

/// What resolves what is undecided.
pub fn of_doubt(facts: &GateFacts<'_>, verdict: &Verdict) -> Remedy {
    let mut policies = facts.assumptions.advisory_policies.clone();
    for open in &verdict.open {
        match open {
            Open::Statement { statement: StatementRef { policy_id, .. }, .. } | Open::Policy { policy_id, .. } => {
                policies.insert(policy_id.clone());
            }
            Open::IncompletePath => return "Allow organizations:ListParents and ListPoliciesForTarget to the role that plans.".into(),
            Open::Enforcement { .. } => return "Plan again when the policy type is enabled or disabled.".into(),
        }
    }
    let tags = unread_tags(facts, verdict);
    let keys: Vec<_> = verdict.undecided_keys().into_iter().map(|key| format!("{key} ({})", argument(key))).collect();
    let first = if let Some(unreadable) = unread_policy(facts, verdict) {
        allow_reading(unreadable)
    } else if keys.is_empty() {
        Remedy::from("Correct the policy.")
    } else {
        let or = if tags.is_some() { "Or declare" } else { "Declare" };
        let declare = format!("{or} what the call will carry, in a context block of the provider block: {}.", keys.join(", "));
        tags.map_or_else(Remedy::new, |unreadable| not_probed::allow(unreadable, facts)).and(declare)
    };
    let policies: Vec<_> = policies.into_iter().collect();
    let advisory = Setting::block("gate", &["service_control_policy"], vec![Setting::argument("advisory_policies", policies)]);
    first.and("Or let AWS decide, since a refusal changes nothing:").then(Step::top_level(vec![advisory]))
}

/// Why a policy stands open that nobody could read. Correcting it would not help.
fn unread_policy<'a>(facts: &GateFacts<'a>, verdict: &Verdict) -> Option<&'a ReadFailure> {
    let texts = &facts.observed.policies.as_ref().ok()?.texts;
    verdict.open.iter().find_map(|open| match open {
        Open::Policy { policy_id, .. } => texts.get(policy_id)?.content.as_ref().err(),
        _ => None,
    })
}

/// Why the tags of the role were not read, where a statement depends on one of them and reading them would decide it.
pub fn unread_tags<'a>(facts: &GateFacts<'a>, verdict: &Verdict) -> Option<&'a ReadFailure> {
    let asks = verdict.undecided_keys().into_iter().any(|key| key.to_ascii_lowercase().starts_with("aws:principaltag/"));
    match &facts.probes.role_tags {
        Probe::Failed(unreadable) if asks && !unreadable.not_built_in && !is_chained(facts.observed) => Some(unreadable),
        _ => None,
    }
}

/// What makes the policies readable.
pub fn allow_reading(unreadable: &ReadFailure) -> Remedy {
    let allow = format!("Allow {} to the role that plans, in the management account or a delegated administrator.", unreadable.operation);
    Remedy::from(allow).and(not_probed::what_was_evaluated(&unreadable.why))
}

/// The argument of `provider.context` that declares a key. Its value is for whoever knows the call's way to AWS: a made-up one that is pasted
/// and forgotten would decide the prediction.
fn argument(key: &str) -> String {
    match key.to_ascii_lowercase().as_str() {
        "aws:sourceip" => "source_ip".to_owned(),
        "aws:vpcsourceip" => "vpc_source_ip".to_owned(),
        "aws:sourcevpc" => "source_vpc".to_owned(),
        "aws:sourcevpce" => "source_vpce".to_owned(),
        _ => format!("keys = {{ \"{key}\" = ... }}"),
    }
}
