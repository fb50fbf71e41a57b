//! Do service control policies allow the role to make the call? (Organizations user guide, "SCP evaluation".)
//!
//! Leaving requires `organizations:LeaveOrganization`. Moving requires `organizations:AcceptHandshake` on the invitation. AWS's pages
//! disagree on whether moving also requires the other action: "Accepting or declining an invitation" of the user guide says so, and
//! "Migrate an account" does not. So a policy that denies only the other action is advice, because a refused acceptance changes nothing.

mod context;
mod levels;
mod remedy;

use std::collections::BTreeSet;

use crate::org::{ReadFailure, SERVICE_CONTROL_POLICY, Transfer};
use crate::scp::{
    Caller, Context, Decision, Enforcement, Level, Open, PolicyTypeStatus, Request, StatementRef, Verdict, conditional_statements, evaluate,
};

pub use context::{Call, known_keys};

use super::{Basis, Finding, GateFacts, MemberAccess, invitation};

/// A prediction and its inputs.
struct Prediction {
    enforcement: Enforcement,
    levels: Vec<Level>,
    request: Request,
    verdict: Verdict,
}

/// The action that the role needs.
#[derive(Debug, Clone)]
enum Asked {
    /// LeaveOrganization.
    Leave,
    /// AcceptHandshake on the invitation with this ARN.
    Accept(String),
}

impl Asked {
    /// The action that the account's call certainly requires.
    fn of(facts: &GateFacts<'_>) -> Self {
        facts.departure.transfer().map_or(Self::Leave, |transfer| Self::Accept(invitation_arn(facts, transfer)))
    }

    fn request(&self, context: Context) -> Request {
        match self {
            Self::Leave => Request::leave_organization(context),
            Self::Accept(arn) => Request::accept_handshake(arn, context),
        }
    }
}

/// The ARN of the invitation. Until the invitation is read, its id is made up: policies refer to organizations and accounts, and hardly
/// ever to one invitation. Apply predicts again with the real ARN.
fn invitation_arn(facts: &GateFacts<'_>, transfer: &Transfer) -> String {
    let Transfer { to, management_account_id, handshake } = transfer;
    let seen = facts.probes.handshakes.value().and_then(|open| invitation(open, facts.desired.id, transfer, facts.now));
    let partition = &facts.observed.organization.partition;
    let id = handshake.as_deref().unwrap_or("h-00000000");
    seen.map_or_else(
        || format!("arn:{partition}:organizations::{management_account_id}:handshake/{to}/invite/{id}"),
        |seen| seen.arn.clone(),
    )
}

pub(super) fn check(facts: &GateFacts<'_>) -> Finding {
    let roots = facts.observed.evidence("organizations:ListRoots");
    match predict(facts, &Asked::of(facts)) {
        Err(unreadable) => unknown_policies(unreadable).seen_in(roots),
        Ok(prediction) => {
            let finding = answer(facts, &prediction);
            let finding = if finding.is_pass() { advised(facts).unwrap_or(finding) } else { finding }.seen_in(roots);
            let finding = if finding.basis.is_empty() { finding.resting_on(role_tags(facts)) } else { finding };
            let Ok(attached) = &facts.observed.policies else { return finding };
            if prediction.verdict.exemption.is_some() || attached.operation.is_empty() {
                return finding;
            }
            let attachments = facts.observed.evidence(&attached.operation);
            finding.seen_in(attachments).seen_in(facts.observed.evidence("organizations:DescribePolicy"))
        }
    }
}

/// The finding for a transfer if accepting is allowed but leaving is not: apply processes the account alone, and AWS decides.
fn advised(facts: &GateFacts<'_>) -> Option<Finding> {
    facts.departure.transfer()?;
    let Prediction { verdict, .. } = predict(facts, &Asked::Leave).ok()?;
    let says = match verdict.decision {
        Decision::Allowed => return None,
        Decision::Denied => format!("is denied: {}", verdict.denials.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        Decision::Unknown => format!("is not decided: {}", open(&verdict)),
    };
    Some(Finding::tried(format!(
        "accepting the invitation is allowed, but organizations:LeaveOrganization {says}. AWS's pages disagree on whether accepting \
         requires it, so apply processes this account alone; a refusal changes nothing"
    )))
}

/// The facts that the answer rests on in addition to the policies, which the plan keeps by level: the role's tags, which a statement may
/// test.
fn role_tags(facts: &GateFacts<'_>) -> Basis {
    if facts.role_tags_may_come() {
        return Basis::left_to_apply();
    }
    Basis::facts(facts.role_tags().into_iter().flatten().map(|(key, value)| (format!("the role's tag {key}"), value.clone())))
}

/// Whether service control policies allow the role to make the call; `None` if that is not decided. `leave_permission` compares it with
/// IAM's policy simulator.
pub(super) fn allows(facts: &GateFacts<'_>) -> Option<bool> {
    match predict(facts, &Asked::of(facts)).ok()?.verdict.decision {
        Decision::Allowed => Some(true),
        Decision::Denied => Some(false),
        Decision::Unknown => None,
    }
}

/// The statements with conditions that decide about the call. If there is one, another evaluation may come to another answer.
pub(super) fn conditional(facts: &GateFacts<'_>) -> Vec<StatementRef> {
    predict(facts, &Asked::of(facts))
        .map_or_else(|_| Vec::new(), |prediction| conditional_statements(&prediction.levels, &prediction.request))
}

fn predict<'a>(facts: &GateFacts<'a>, asked: &Asked) -> Result<Prediction, &'a ReadFailure> {
    let enforcement = enforcement(facts);
    let levels = levels::of(facts)?;
    let predict = |request: Request| {
        let verdict = evaluate(&enforcement, &levels, &request);
        Prediction { enforcement: enforcement.clone(), levels: levels.clone(), request, verdict }
    };
    let predictions = context::alternatives(facts).into_iter().map(|context| predict(asked.request(context)));
    // All declared alternatives must be allowed, so the worst of them is the answer.
    let worst = predictions.max_by_key(|prediction| match prediction.verdict.decision {
        Decision::Allowed => 0,
        Decision::Unknown => 1,
        Decision::Denied => 2,
    });
    Ok(worst.unwrap_or_else(|| predict(asked.request(context::observed(facts)))))
}

fn enforcement(facts: &GateFacts<'_>) -> Enforcement {
    let organization = &facts.observed.organization;
    let role = facts.departure.member_role.arn(&organization.partition, facts.desired.id);
    Enforcement {
        caller: Caller::of(&role, facts.desired.id, organization.management_account_id),
        feature_set: organization.feature_set.clone(),
        policy_type: PolicyTypeStatus::from_status(facts.observed.root.policy_types.get(SERVICE_CONTROL_POLICY).map(String::as_str)),
    }
}

fn answer(facts: &GateFacts<'_>, prediction: &Prediction) -> Finding {
    let verdict = &prediction.verdict;
    match verdict.decision {
        Decision::Allowed => Finding::passes(why_allowed(verdict)),
        Decision::Denied => {
            let denials: Vec<_> = verdict.denials.iter().map(ToString::to_string).collect();
            Finding::blocks(format!("{}{}", denials.join("; "), declared(verdict)), remedy::of_denial(facts, prediction))
        }
        Decision::Unknown if is_advisory(facts, verdict) => Finding::passes(format!(
            "not decided, but the policy is in advisory_policies, and a refusal changes nothing: {}",
            open(verdict)
        )),
        Decision::Unknown if depends_on_session_alone(verdict, facts) => {
            let what = "depends on the role's session, which apply creates and reads";
            Finding::deferred(format!("{what}: {}", open(verdict))).resting_on(Basis::left_to_apply())
        }
        Decision::Unknown => {
            let tags = remedy::unread_tags(facts, verdict).map_or_else(String::new, |unreadable| format!("; {unreadable}"));
            let missing = format!("{}{}{tags}", open(verdict), declared(verdict));
            Finding::unknown_keys(verdict.undecided_keys().into_iter().map(Into::into).collect(), missing, remedy::of_doubt(facts, verdict))
        }
    }
}

fn why_allowed(verdict: &Verdict) -> String {
    match verdict.exemption {
        Some(exemption) => exemption.to_string(),
        None => format!("every level from the root to the account allows the call, and none denies it{}", declared(verdict)),
    }
}

fn open(verdict: &Verdict) -> String {
    verdict.open.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The declared keys that the answer rests on, as a clause.
fn declared(verdict: &Verdict) -> String {
    let keys: Vec<_> = verdict
        .declared
        .iter()
        .map(|declared| {
            let values = if declared.values.is_empty() { "absent".to_owned() } else { declared.values.join(", ") };
            format!("{} = {values}", declared.key)
        })
        .collect();
    if keys.is_empty() { String::new() } else { format!(" (declared in provider.context, not observed: {})", keys.join("; ")) }
}

/// Whether everything that is undecided belongs to policies in `advisory_policies`.
fn is_advisory(facts: &GateFacts<'_>, verdict: &Verdict) -> bool {
    let advisory = &facts.assumptions.advisory_policies;
    verdict.open.iter().all(|open| match open {
        Open::Statement { statement, .. } => advisory.contains(&statement.policy_id),
        Open::Policy { policy_id, .. } => advisory.contains(policy_id),
        Open::IncompletePath | Open::Enforcement { .. } => false,
    })
}

/// Whether everything that is undecided is a value that apply will know: the role's tags, or the unique id or source identity of its
/// session.
fn depends_on_session_alone(verdict: &Verdict, facts: &GateFacts<'_>) -> bool {
    let statements = verdict.open.iter().all(|open| matches!(open, Open::Statement { .. }));
    let keys: BTreeSet<_> = verdict.undecided_keys().into_iter().map(str::to_ascii_lowercase).collect();
    let comes = |key: &String| match key.as_str() {
        "aws:userid" => *facts.inside == MemberAccess::Deferred,
        "aws:sourceidentity" => *facts.inside == MemberAccess::Deferred && facts.departure.member_role.source_identity,
        key => key.starts_with("aws:principaltag/") && facts.role_tags_may_come(),
    };
    statements && !keys.is_empty() && keys.iter().all(comes)
}

fn unknown_policies(unreadable: &ReadFailure) -> Finding {
    let missing = format!("{unreadable}, so the policies on the account's path are not known");
    Finding::unknown(missing, remedy::allow_reading(unreadable))
}

#[cfg(test)]
mod tests;
