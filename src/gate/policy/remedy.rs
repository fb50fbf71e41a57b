//! Remedies for a denial or an undecided prediction. orgroster itself never edits a policy.

use std::collections::BTreeSet;

use serde_json::json;

use crate::gate::{GateFacts, Remedy, Setting, Step, not_probed};
use crate::org::{Probe, ReadFailure};
use crate::scp::{Denial, Effectiveness, LevelRef, Open, StatementRef, Verdict, WayOut, root_denials, ways_out};

use super::Prediction;
use super::context::is_chained;

/// The ways out of a denial, with those that help first.
pub fn of_denial(facts: &GateFacts<'_>, prediction: &Prediction) -> Remedy {
    let Prediction { enforcement, levels, request, verdict } = prediction;
    let mut remedy = Remedy::new();
    if root_denials(verdict).iter().any(|denial| denial.aws_default) {
        remedy =
            remedy.and("AWS attaches this statement at the root of organizations that were created in the console after July 10, 2026.");
    }
    remedy = remedy.and("The administrators of the organization choose one of these ways out:");
    let ways = ways_out(verdict, enforcement, levels, request);
    let (useless, useful): (Vec<_>, Vec<_>) = ways.iter().partition(|way| matches!(way.effectiveness, Effectiveness::Ineffective { .. }));
    remedy = against(facts, &request.action, &distinct(&verdict.denials)).into_iter().fold(remedy, Remedy::then);
    for way in useful {
        let steps = match &way.way {
            WayOut::MoveAccount { out_of } => vec![Step::sentence(format!("Move the account out of {}.", listed(out_of)))],
            WayOut::RemoveFromManagementAccount => removal(facts),
            // It already is a direct transfer.
            WayOut::DirectTransfer if facts.departure.transfer().is_some() => continue,
            WayOut::DirectTransfer => vec![Step::sentence(
                "If the account should join another organization, have that organization invite it, and accept the invitation \
                 without leaving first.",
            )],
            // `against` covers the statements themselves.
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
        remedy = remedy.and(format!("{what} does not help by itself, because {levels} would still deny the call."));
    }
    remedy
}

/// A denial with all levels to which its policy is attached, because a statement is edited once.
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

/// The ways that change the statements themselves. For one denial, each answer is a way out by itself. Several denials must all be
/// resolved.
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
                steps.push(Step::sentence("The condition that exempts the role, to add to each of the statements:"));
                steps.push(excepting(facts));
            }
            vec![Step::Way { steps }]
        }
    }
}

/// Removes the condition, which is the same for every statement and is given once.
fn without_condition(steps: Vec<Step>) -> Vec<Step> {
    steps.into_iter().filter(|step| !matches!(step, Step::Json { .. })).collect()
}

/// The answers to one denial. Each resolves it by itself.
fn answers(facts: &GateFacts<'_>, action: &str, cause: &Cause<'_>) -> Vec<Vec<Step>> {
    match cause.denial {
        Denial::Implicit { level } => {
            vec![vec![Step::sentence(format!("To {level}, attach a policy that allows {action}."))]]
        }
        Denial::Explicit { statement, excepted_principals, .. } => {
            let except = format!("Exempt the role from {}, attached to {}:", named(statement), listed(&cause.at));
            let mut ways = vec![vec![Step::sentence(except), excepting(facts)]];
            if !excepted_principals.is_empty() {
                let principals = excepted_principals.join(", ");
                let name = named(statement);
                let text = format!(
                    "Set member_role to a role that {name} exempts, although the statement may have further conditions: {principals}"
                );
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

/// The condition that exempts the role that makes the call.
fn excepting(facts: &GateFacts<'_>) -> Step {
    let role = facts.departure.member_role.arn(&facts.observed.organization.partition, facts.desired.id);
    Step::Json { document: json!({ "Condition": { "ArnNotLike": { "aws:PrincipalArn": role } } }) }
}

fn removal(facts: &GateFacts<'_>) -> Vec<Step> {
    let mut steps = vec![
        Step::sentence("Let the management account remove the account, which no service control policy can deny:"),
        Step::in_block(vec![Setting::argument("via", "remove")]),
    ];
    if !facts.guardrails.allow_remove {
        steps.push(Step::in_guardrails(vec![Setting::argument("allow_remove", true)]));
    }
    steps
}

fn doubted(mut steps: Vec<Step>, effectiveness: &Effectiveness) -> Vec<Step> {
    if *effectiveness == Effectiveness::Uncertain {
        steps.push(Step::sentence("This may not be enough."));
    }
    steps
}

/// The remedy for an undecided prediction.
pub fn of_doubt(facts: &GateFacts<'_>, verdict: &Verdict) -> Remedy {
    let mut policies = facts.assumptions.advisory_policies.clone();
    for open in &verdict.open {
        match open {
            Open::Statement { statement: StatementRef { policy_id, .. }, .. } | Open::Policy { policy_id, .. } => {
                policies.insert(policy_id.clone());
            }
            Open::IncompletePath => {
                return "Grant organizations:ListParents and organizations:ListPoliciesForTarget to the role that plans.".into();
            }
            Open::Enforcement { .. } => return "Plan again once the policy type is enabled or disabled.".into(),
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
        let declare = format!("{or} the values that the call will carry, in a context block of the provider block: {}.", keys.join(", "));
        tags.map_or_else(Remedy::new, |unreadable| not_probed::allow(unreadable, facts)).and(declare)
    };
    let policies: Vec<_> = policies.into_iter().collect();
    let advisory = Setting::block("gate", &["service_control_policy"], vec![Setting::argument("advisory_policies", policies)]);
    first.and("Or let AWS decide, because a refusal changes nothing:").then(Step::top_level(vec![advisory]))
}

/// Why an undecided policy could not be read. Correcting the policy would not help.
fn unread_policy<'a>(facts: &GateFacts<'a>, verdict: &Verdict) -> Option<&'a ReadFailure> {
    let texts = &facts.observed.policies.as_ref().ok()?.texts;
    verdict.open.iter().find_map(|open| match open {
        Open::Policy { policy_id, .. } => texts.get(policy_id)?.content.as_ref().err(),
        _ => None,
    })
}

/// Why the role's tags were not read, if a statement depends on one of them and reading it would decide the statement.
pub fn unread_tags<'a>(facts: &GateFacts<'a>, verdict: &Verdict) -> Option<&'a ReadFailure> {
    let asks = verdict.undecided_keys().into_iter().any(|key| key.to_ascii_lowercase().starts_with("aws:principaltag/"));
    match &facts.probes.role_tags {
        Probe::Failed(unreadable) if asks && !unreadable.not_built_in && !is_chained(facts.observed) => Some(unreadable),
        _ => None,
    }
}

/// The remedy that makes the policies readable.
pub fn allow_reading(unreadable: &ReadFailure) -> Remedy {
    let allow =
        format!("Grant {} to the role that plans, in the management account or a delegated administrator account.", unreadable.operation);
    Remedy::from(allow).and(not_probed::what_was_evaluated(&unreadable.why))
}

/// The argument of `provider.context` that declares a key. It has no value, because only someone who knows the call's network path to AWS
/// can give it: a made-up value that is pasted and forgotten would decide the prediction.
fn argument(key: &str) -> String {
    match key.to_ascii_lowercase().as_str() {
        "aws:sourceip" => "source_ip".to_owned(),
        "aws:vpcsourceip" => "vpc_source_ip".to_owned(),
        "aws:sourcevpc" => "source_vpc".to_owned(),
        "aws:sourcevpce" => "source_vpce".to_owned(),
        _ => format!("keys = {{ \"{key}\" = ... }}"),
    }
}
