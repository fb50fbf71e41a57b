//! Gates. Each gate asks one question about one account and answers it from facts alone.
//!
//! The same pure functions run at plan time, as advice, and at apply time, as enforcement on freshly read facts. A gate passes, blocks, is
//! unknown (which also blocks), or is deferred to apply because it needs a read in the account.

mod actions;
mod basis;
mod call;
mod consequence;
mod facts;
mod joining;
mod membership;
mod not_probed;
mod not_read;
mod policy;
mod remedy;
mod role_remedy;
mod row;
mod standalone;
mod table;
mod verdict;
mod who;

#[cfg(test)]
pub(crate) mod testing;

use crate::org::{Action, Enforcement, GateName, JoinedMethod};

pub use basis::{Basis, Growth};
pub use call::invitation::invitation;
pub use facts::{GateFacts, JoiningFacts, MemberAccess};
pub use joining::open_invitations;
pub use not_read::{NotRead, not_read};
pub use policy::{Call, known_keys};
pub use remedy::{Caller, Place, Remedy, Setting, Step};
pub use role_remedy::{RoleAttempt, role_remedy};
pub use row::{Check, DefaultEnforcement, Gate, Needs};
pub use table::{GATES, gate};
pub use verdict::{Because, Finding, GateResult, Verdict};
pub use who::Who;

/// Evaluates every gate that is not off, in the order in which gates are shown.
///
/// If no live account has the id, only the gates that need no live account are evaluated.
#[must_use]
pub fn evaluate(facts: &GateFacts<'_>) -> Vec<GateResult> {
    let asked = GATES.iter().filter(|gate| facts.live.is_some() || gate.needs == Needs::Organization);
    asked.filter_map(|gate| gate.evaluate(facts)).collect()
}

/// Evaluates every gate about a joining that is not off, in the order in which gates are shown.
#[must_use]
pub fn evaluate_joining(facts: &JoiningFacts<'_>) -> Vec<GateResult> {
    GATES.iter().filter_map(|gate| gate.evaluate_joining(facts)).collect()
}

impl Gate {
    /// Evaluates the gate for an account that joins. Returns `None` if the gate is off or does not concern this step.
    #[must_use]
    pub fn evaluate_joining(&self, facts: &JoiningFacts<'_>) -> Option<GateResult> {
        let default = if let DefaultEnforcement::Always(enforcement) = self.default { enforcement } else { Enforcement::Mandatory };
        let enforcement = facts.enforcements.get(&self.name).copied().unwrap_or(default);
        let (Check::Joining(check) | Check::Either(_, check)) = self.check else { return None };
        if enforcement == Enforcement::Off || !self.actions.contains(&Action::Join(facts.step)) {
            return None;
        }
        let Finding { verdict, evidence, basis } = check(facts);
        Some(GateResult { gate: self.name, enforcement, verdict, evidence, basis })
    }

    /// Evaluates the gate for an account that leaves. Returns `None` if the gate is off or does not concern this action. A gate that
    /// concerns `Leave` but not this action passes as not applicable, with the reason.
    #[must_use]
    pub fn evaluate(&self, facts: &GateFacts<'_>) -> Option<GateResult> {
        let enforcement = self.enforcement(facts);
        if enforcement == Enforcement::Off {
            return None;
        }
        let action = facts.departure.action();
        let Finding { verdict, evidence, basis } = match action.spares() {
            _ if self.actions.contains(&action) => {
                let (Check::Leaving(check) | Check::Either(check, _)) = self.check else { return None };
                check(facts)
            }
            Some(why) if self.actions.contains(&Action::Leave) => Finding::not_applicable(format!("does not apply: {why}")),
            _ => return None,
        };
        Some(GateResult { gate: self.name, enforcement, verdict, evidence, basis })
    }

    /// What the gate's answer does: the configured enforcement, or else the default.
    ///
    /// An attestation gate becomes mandatory once AWS has refused the departure for its reason, even if it was advisory. Only a gate that
    /// is off stays off.
    fn enforcement(&self, facts: &GateFacts<'_>) -> Enforcement {
        let declared = facts.enforcements.get(&self.name).copied();
        if declared != Some(Enforcement::Off) && self.name.attestation().is_some_and(|kind| facts.refused(kind).is_some()) {
            return Enforcement::Mandatory;
        }
        let invited = facts.live.is_some_and(|account| account.joined_method == JoinedMethod::Invited);
        declared.unwrap_or_else(|| match self.default {
            DefaultEnforcement::Always(enforcement) => enforcement,
            DefaultEnforcement::AsRootAccess if facts.probes.root.value().is_some_and(|root| !root.password) => Enforcement::Mandatory,
            // A failed read must not block every account.
            DefaultEnforcement::WhereReliedUpon if consequence::relied_upon::found(facts.probes).is_empty() => Enforcement::Advisory,
            DefaultEnforcement::WhereReliedUpon => Enforcement::Mandatory,
            DefaultEnforcement::AsRootAccess => gate(GateName::RootAccess).enforcement(facts),
            DefaultEnforcement::UnlessInvited if invited => Enforcement::Advisory,
            DefaultEnforcement::UnlessInvited => Enforcement::Mandatory,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::testing::Story;
    use super::*;
    use crate::org::Via;

    #[test]
    fn every_gate_answers_for_a_live_account() {
        let results = Story::new().evaluate();
        let asked: Vec<_> = results.iter().map(|result| result.gate).collect();
        let is_on = |gate: &&Gate| gate.actions.contains(&Action::Leave) && gate.name != GateName::OrganizationConditions;
        let expected: Vec<_> = GATES.iter().filter(is_on).map(|gate| gate.name).collect();
        assert_eq!(asked, expected, "organization_conditions is off by default");
    }

    #[test]
    fn attestation_gates_are_mandatory_for_created_accounts_and_advisory_for_invited_ones() {
        for (method, expected) in [(JoinedMethod::Created, Enforcement::Mandatory), (JoinedMethod::Invited, Enforcement::Advisory)] {
            let story = Story::new().live(|account| account.joined_method = method.clone());
            assert_eq!(story.result(GateName::PaymentMethod).enforcement, expected);
            assert_eq!(story.result(GateName::IamBillingAccess).enforcement, Enforcement::Advisory);
            assert_eq!(story.result(GateName::State).enforcement, Enforcement::Mandatory);
        }
    }

    #[test]
    fn a_gate_that_is_off_is_not_asked() {
        let mut story = Story::new();
        story.enforcements = BTreeMap::from([(GateName::PaymentMethod, Enforcement::Off)]);
        assert!(story.evaluate().iter().all(|result| result.gate != GateName::PaymentMethod));
    }

    #[test]
    fn removal_by_the_management_account_needs_no_role_in_the_member() {
        let story = Story::new().departure(|departure| departure.via = Via::Remove);
        assert!(matches!(story.result(GateName::MemberAccess).verdict, Verdict::Pass { .. }));
    }
}
