//! What is read in an account before its call, and how the gates answer then.

use crate::api::{ApiError, AuditRoot, MemberIdentity, ReadMember, SessionNames};
use crate::gate::{self, Call, GateFacts, GateResult, MemberAccess, Needs};
use crate::journal::Store;
use crate::observe::{MemberProbe, asks_root, audit_root, probe_member};
use crate::org::{AccountId, DesiredAccount, Enforcement, Leaving, MemberRole, Probes, Provenance};
use crate::plan::Act;

use super::executor::Executor;
use super::steps::source_identity;
use super::{Outcome, Refusal};

impl<R, W, S: Store> Executor<'_, R, W, S> {
    /// Reads a session's own identity.
    pub(super) async fn identify(&self, session: &impl MemberIdentity) -> MemberAccess {
        let account = match session.account().await {
            Ok(account) => account,
            Err(error) => return self.failed(&error),
        };
        let seen = |operation: &str| Provenance { operation: operation.to_owned(), account, at: (self.context.clock)() };
        match session.organization().await {
            Ok(organization) => MemberAccess::Assumed {
                account,
                organization,
                session: session.identity(),
                evidence: vec![seen("sts:GetCallerIdentity"), seen("organizations:DescribeOrganization")],
            },
            Err(error) => self.failed(&error),
        }
    }

    /// The identity and location of a session, or why there is no session. If the run's own credentials failed, nothing is known about the
    /// account.
    pub(super) async fn entered<M: MemberIdentity>(&self, session: Result<M, ApiError>) -> Result<(Option<M>, MemberAccess), Outcome> {
        match session {
            Ok(session) => {
                let access = self.identify(&session).await;
                Ok((Some(session), access))
            }
            Err(error) if error.kind.concerns_credentials() => Err(Outcome::Refused(Refusal::from(&error))),
            Err(error) => Ok((None, self.failed(&error))),
        }
    }

    /// The session name, which leads from AWS's logs back to the run: 2 to 64 of the characters that STS allows.
    pub(super) fn session_name(&self) -> String {
        let run: String =
            self.run.id().chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').take(53).collect();
        format!("orgroster-{run}")
    }

    /// The names of a role's session in AWS's logs.
    pub(super) fn names<'n>(&'n self, session: &'n str, role: &MemberRole) -> SessionNames<'n> {
        SessionNames { session, source_identity: source_identity(role, self.context.digest) }
    }

    /// The access after a session could not be made or identified.
    pub(super) fn failed(&self, error: &ApiError) -> MemberAccess {
        let evidence =
            Provenance { operation: error.operation.clone(), account: self.context.observed.called_from, at: (self.context.clock)() };
        MemberAccess::Failed { error: error.to_string(), failure: error.role_failure(), evidence }
    }

    /// Reads what only the account shows, once the session is known to be in the account and its organization.
    pub(super) async fn probe(
        &self,
        session: Option<&impl ReadMember>,
        (id, leaving): (AccountId, &Leaving),
        access: &MemberAccess,
        role: &str,
    ) -> Probes {
        match (session, access) {
            (Some(session), MemberAccess::Assumed { account, organization: Some(organization), .. })
                if *account == id && *organization == self.context.organization.id =>
            {
                let (roster, observed) = (self.context.roster, self.context.observed);
                let now = (self.context.clock)();
                let known = gate::known_keys(Call { observed, assumptions: &roster.assumptions, departure: leaving, id, now });
                Box::pin(probe_member(session, MemberProbe::of(roster, observed, (id, leaving), role, (&known, now)))).await
            }
            _ => Probes::default(),
        }
    }

    /// The plan's gates, updated with what was read in the account. If the account's own session may not read something, the observation
    /// from the start of the run is kept: the plan was based on it, so the apply is too.
    pub(super) fn gates_now(
        &self,
        desired: &DesiredAccount,
        (act, leaving): (&Act, &Leaving),
        inside: &MemberAccess,
        probed: Probes,
    ) -> Vec<GateResult> {
        let roster = self.context.roster;
        let observed = self.context.observed;
        let probes = probed.or(observed.probes.get(&desired.id).cloned().unwrap_or_default());
        let facts = GateFacts {
            now: (self.context.clock)(),
            declared: &roster.organization,
            guardrails: &roster.guardrails,
            enforcements: &roster.gates,
            assumptions: &roster.assumptions,
            desired,
            departure: leaving,
            observed,
            live: observed.account(desired.id),
            inside,
            probes: &probes,
        };
        let mut gates = act.gates.clone();
        for result in &mut gates {
            let gate = gate::gate(result.gate);
            if gate.needs == Needs::Inside
                && let Some(answer) = gate.evaluate(&facts)
            {
                *result = answer;
            }
        }
        act.within_approval(gates)
    }
}

impl<R: AuditRoot, W, S: Store> Executor<'_, R, W, S> {
    /// Audits the root user if a gate needs it, unless the run's own observation did.
    pub(super) async fn audit(&self, (id, leaving): (AccountId, &Leaving)) -> Probes {
        let (roster, observed) = (self.context.roster, self.context.observed);
        let seen = observed.probes.get(&id).cloned().unwrap_or_default();
        if seen.root.is_seen() || !asks_root(roster, observed, (id, leaving), &seen, (self.context.clock)()) {
            return Probes::default();
        }
        Probes { root: audit_root(self.read, id).await, ..Probes::default() }
    }
}

/// The gate that prevents the call. At apply there is no later read, so a gate that is still deferred prevents it too.
pub(super) fn against(gates: &[GateResult]) -> Option<&GateResult> {
    let deferred = |result: &&GateResult| result.enforcement == Enforcement::Mandatory && result.is_deferred();
    gates.iter().find(|result| result.is_blocking()).or_else(|| gates.iter().find(deferred))
}
