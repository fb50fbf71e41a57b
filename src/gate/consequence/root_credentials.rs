//! Can anyone sign in as the root user after the account leaves? If an organization manages root access centrally, members' root users have
//! no credentials unless someone created them, and a password can't be recovered. Outside of the organization, no one can create one (IAM
//! user guide, "Centralize root access for member accounts").

use crate::gate::not_probed::{self, LATER};
use crate::gate::standalone::attested;
use crate::gate::{Basis, Caller, Finding, GateFacts, Remedy, Step, Verdict};
use crate::org::{AttestationKind, Probe, Provenance, ReadFailure, RootUser, root_task};

/// The operations that the caller makes itself. All others are made in a root session, whose task policy AWS writes.
const BEFORE_THE_ROOT_SESSION: &[&str] =
    &["iam:ListOrganizationsFeatures", "sts:AssumeRoot", "organizations:ListAWSServiceAccessForOrganization"];

/// The service whose trusted access central root access needs.
const IAM: &str = "iam.amazonaws.com";

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let access = facts.observed.evidence("organizations:ListAWSServiceAccessForOrganization");
    match &facts.observed.service_access {
        Err(unreadable) => resolved_by_attestation(unknown(unreadable), facts).seen_in(access),
        Ok(services) if !services.contains(IAM) => {
            Finding::not_applicable(format!("does not apply: {IAM} has no trusted access, so the organization does not manage root users"))
                .seen_in(access)
        }
        Ok(_) => match &facts.probes.central_root {
            Probe::Seen { value: false, provenance } => {
                Finding::not_applicable("does not apply: the organization does not manage root credentials centrally")
                    .seen_in(provenance.clone())
            }
            Probe::Seen { value: true, provenance } => resolved_by_attestation(audited(facts), facts).seen_in(provenance.clone()),
            Probe::Failed(unreadable) => resolved_by_attestation(unknown(unreadable), facts),
            Probe::NotRun => {
                let finding = Finding::unknown("it was not read whether the organization manages root credentials", "Plan again.");
                resolved_by_attestation(finding, facts)
            }
        },
    }
}

/// Lets an attestation of root access resolve a finding that does not pass.
fn resolved_by_attestation(finding: Finding, facts: &GateFacts<'_>) -> Finding {
    if finding.is_pass() {
        return finding;
    }
    let word = attested::check(AttestationKind::RootAccess, facts);
    match (word.verdict, finding.verdict) {
        (verdict @ Verdict::Pass { .. }, _) => Finding { verdict, ..finding },
        (Verdict::Unknown { remedy: attest, .. }, Verdict::Block { reason, remedy, eligible_at }) => {
            Finding { verdict: Verdict::Block { reason, remedy: or_attest(remedy, attest), eligible_at }, ..finding }
        }
        (Verdict::Unknown { remedy: attest, .. }, Verdict::Unknown { missing, keys, remedy }) => {
            Finding { verdict: Verdict::Unknown { missing, keys, remedy: or_attest(remedy, attest) }, ..finding }
        }
        (_, verdict) => Finding { verdict, ..finding },
    }
}

fn or_attest(remedy: Remedy, attest: Remedy) -> Remedy {
    remedy.and("Or, if the root user's password can be reset through its mailbox anyway:").and(attest)
}

fn audited(facts: &GateFacts<'_>) -> Finding {
    match &facts.probes.root {
        Probe::NotRun => {
            Finding::deferred(format!("{LATER} audits the root user's credentials with a root session that can do nothing else"))
                .resting_on(Basis::left_to_apply())
        }
        Probe::Failed(unreadable) => unknown(unreadable),
        Probe::Seen { value, provenance } => seen(*value, provenance, facts),
    }
}

fn seen(root: RootUser, provenance: &Provenance, facts: &GateFacts<'_>) -> Finding {
    let RootUser { password, mfa_devices } = root;
    let finding = if password {
        let devices = match mfa_devices {
            0 => "no MFA device".to_owned(),
            1 => "1 MFA device, which is needed to sign in".to_owned(),
            several => format!("{several} MFA devices, one of which is needed to sign in"),
        };
        Finding::passes(format!("the root user has a password and {devices}"))
    } else {
        let reason = "the root user has no password, and outside of the organization no one can create one";
        Finding::blocks(reason, make_one(facts)).resting_on(Basis::names(["a root user without a password"]))
    };
    finding.seen_in(provenance.clone())
}

/// The commands that create a password, which only the organization can do.
fn make_one(facts: &GateFacts<'_>) -> Remedy {
    let id = facts.desired.id.to_string();
    let task = format!("arn={}", root_task(&facts.observed.organization.partition, "IAMCreateRootUserPassword"));
    let assume = ["sts", "assume-root", "--target-principal", &id, "--task-policy-arn", &task, "--duration-seconds", "900"];
    Remedy::from("While the account is still in the organization, open a root session in it that can create a password:")
        .then(Step::aws(Caller::ManagementAccount, &assume))
        .and("With the three values that it returns as AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, create it:")
        .then(Step::aws(Caller::RootSession, &["iam", "create-login-profile"]))
        .and("Then have the owner of the root user's mailbox set it with \"Forgot password\" on the sign-in page.")
}

fn unknown(unreadable: &ReadFailure) -> Finding {
    let remedy = if unreadable.not_built_in {
        not_probed::build_with_every_client()
    } else if BEFORE_THE_ROOT_SESSION.contains(&unreadable.operation.as_str()) {
        Remedy::from(format!("Grant {} to the role that plans and applies. This prints the policy that it needs:", unreadable.operation))
            .then(Step::orgroster(&["iam-policy", "apply"]))
            .and(not_probed::what_was_evaluated(&unreadable.why))
    } else {
        Remedy::from(format!(
            "The root session's own policy allows {}, so a policy of the organization denies it. Exempt the account's root user in that \
             policy until the audit is done.",
            unreadable.operation
        ))
        .and(not_probed::what_was_evaluated(&unreadable.why))
    };
    Finding::unknown(unreadable.to_string(), remedy).resting_on(Basis::unread(&unreadable.operation))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::gate::testing::{Story, seen, unreadable};
    use crate::gate::{Because, GateResult, Verdict};
    use crate::org::{Attestation, AttestationKind, Enforcement, GateName, JoinedMethod, Probe, RootUser};

    const GATE: GateName = GateName::RootCredentials;

    fn look<T>(value: T) -> Probe<T> {
        Probe::Seen { value, provenance: seen("iam:GetLoginProfile") }
    }

    fn root(password: bool, mfa_devices: u32) -> Probe<RootUser> {
        look(RootUser { password, mfa_devices })
    }

    /// A story in an organization that manages root users centrally.
    fn managed(central: Probe<bool>, root: Probe<RootUser>) -> Story {
        let mut story = Story::new().observed(|seen| seen.service_access = Ok(BTreeSet::from(["iam.amazonaws.com".to_owned()])));
        (story.probes.central_root, story.probes.root) = (central, root);
        story
    }

    fn attested(story: Story) -> Story {
        story.departure(|departure| {
            departure.attestations.push(Attestation {
                of: BTreeSet::from([AttestationKind::RootAccess]),
                by: "it-security@example.com".into(),
                on: "2026-11-20".parse().unwrap(),
                evidence: None,
                expires: None,
            });
        })
    }

    fn remedy(result: &GateResult) -> String {
        serde_json::to_string(result.remedy().unwrap()).unwrap()
    }

    #[test]
    fn without_central_management_it_passes_with_its_reason() {
        for story in [Story::new(), managed(look(false), Probe::NotRun)] {
            let result = story.result(GATE);
            assert!(matches!(result.verdict, Verdict::Pass { because: Because::NotApplicable, .. }), "{result:?}");
        }
    }

    #[test]
    fn a_root_user_without_a_password_blocks_until_one_is_made_or_access_is_attested() {
        let bare = managed(look(true), root(false, 0));
        let result = bare.result(GATE);
        assert!(matches!(result.verdict, Verdict::Block { .. }) && result.is_blocking());
        let said = remedy(&result);
        for part in
            ["assume-root", "arn=arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword", "create-login-profile", "attestation"]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(matches!(attested(bare).result(GATE).verdict, Verdict::Pass { .. }));
        let made = managed(look(true), root(true, 2)).result(GATE);
        assert!(matches!(made.verdict, Verdict::Pass { .. }) && made.explanation().contains("2 MFA devices"), "{made:?}");
        assert!(managed(look(true), root(true, 0)).blocks(GateName::RootAccess), "a password does not show who controls the mailbox");
    }

    #[test]
    fn what_plan_may_not_open_is_deferred_and_what_is_denied_is_unknown_with_its_permission() {
        assert!(managed(look(true), Probe::NotRun).result(GATE).is_deferred());
        for story in
            [managed(look(true), unreadable("sts:AssumeRoot")), managed(unreadable("iam:ListOrganizationsFeatures"), Probe::NotRun)]
        {
            let result = story.result(GATE);
            assert!(matches!(result.verdict, Verdict::Unknown { .. }) && result.is_blocking(), "{result:?}");
            assert!(remedy(&result).contains("Grant sts:AssumeRoot") || remedy(&result).contains("Grant iam:ListOrganizationsFeatures"));
            assert!(matches!(attested(story).result(GATE).verdict, Verdict::Pass { .. }));
        }
        // AWS writes the policy of the root session, which allows the call: only the organization can deny it.
        let within = managed(look(true), unreadable("iam:GetLoginProfile")).result(GATE);
        assert!(
            within.is_blocking() && remedy(&within).contains("a policy of the organization") && !remedy(&within).contains("iam-policy")
        );
    }

    #[test]
    fn what_is_unknown_weighs_as_much_as_root_access_and_what_is_seen_always() {
        let invited = |story: Story| story.live(|account| account.joined_method = JoinedMethod::Invited);
        let unknown = invited(managed(look(true), unreadable("sts:AssumeRoot"))).result(GATE);
        assert_eq!(unknown.enforcement, Enforcement::Advisory);
        assert_eq!(invited(managed(look(true), root(false, 0))).result(GATE).enforcement, Enforcement::Mandatory);
        let mut lowered = managed(look(true), root(false, 0));
        lowered.enforcements.insert(GATE, Enforcement::Advisory);
        assert!(!lowered.blocks(GATE));
    }
}
