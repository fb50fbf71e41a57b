//! The data of the page: the plan's content, with its meaning already decided.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::gate::{self, GateResult, Verdict, not_read};
use crate::org::{Account, AccountId, Action, Attestation, Consequence, Enforcement, GateName, Invocation, OrganizationPath, Provenance};
use crate::plan::{
    Act, BaselineStatus, Comparison, FormerBlock, NoChange, Plan, PlanDifference, PlannedAccount, PlannedOrganization, SourceLine,
    Unmanaged,
};

use super::PageView;
use crate::render::terminal::drift;
use crate::render::terminal::plan::{unusual_settings, why_unchanged};
use crate::render::terminal::remedy::{self, Line};
use crate::render::terms;
use crate::render::words::{approver_options, since_baseline};

/// A whole page.
#[derive(Serialize)]
pub(super) struct View<'p> {
    version: &'p str,
    digest: &'p str,
    sandbox: bool,
    /// When the snapshot was taken, if the plan was made from one.
    snapshot: Option<Timestamp>,
    organization: &'p PlannedOrganization,
    planned_at: Timestamp,
    /// False with `-target`.
    complete: bool,
    /// Safety settings that differ from the defaults.
    settings: Vec<String>,
    /// Guardrails that the acts exceed.
    exceeded: Vec<String>,
    carry_out: CarryOut,
    baseline: Option<BaselineView<'p>>,
    gates: Vec<Gate>,
    /// What may depend on the organization but is not read by any gate. It is the same for every account that should leave.
    not_read: Vec<String>,
    /// The command that prints how to check each of these. An account's id follows it.
    explain: String,
    units: Vec<Unit>,
    accounts: Vec<Entry<'p>>,
}

/// How the plan is carried out.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum CarryOut {
    /// With this command.
    Command(String),
    /// Not at all, for this reason.
    Not(&'static str),
}

/// The effect of a change: what it introduces, withdraws and alters.
#[derive(Serialize)]
struct BaselineView<'p> {
    digest: &'p str,
    /// How many acts are new, pending and withdrawn.
    counts: String,
    planned_at: Timestamp,
    withdrawn: &'p [FormerBlock],
    undeclared: &'p [FormerBlock],
    changes: &'p [PlanDifference],
}

/// The status of an account's act compared with the baseline.
#[derive(Serialize)]
struct SinceView {
    kind: BaselineStatus,
    text: &'static str,
}

/// A gate that was evaluated for at least one account.
#[derive(Serialize)]
struct Gate {
    name: GateName,
    group: GateGroup,
    asks: &'static str,
    who: String,
    documentation: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum GateGroup {
    Fact,
    Attestation,
    Consequence,
}

/// The root or an organizational unit that has accounts, or units with accounts.
#[derive(Serialize)]
struct Unit {
    id: String,
    /// The unit's name, if it was read. Only units above accounts that should leave are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Index of the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<usize>,
}

/// What happens to an account.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Fate {
    Departing,
    Joining,
    Blocked,
    Unmanaged,
    Unchanged,
}

/// An account of the plan.
#[derive(Serialize)]
struct Entry<'p> {
    id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    fate: Fate,
    /// The reason, as a clause.
    note: String,
    /// Index of its unit; absent if it is in none or AWS did not return it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<usize>,
    /// Whether it is in the organization.
    live: bool,
    /// Whether it is declared as a member but is missing or differs from its declaration.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    drifted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<SinceView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<ActView<'p>>,
}

/// The act on an account.
#[derive(Serialize)]
struct ActView<'p> {
    action: Action,
    /// The act's name.
    noun: &'static str,
    /// Whether it is a joining.
    joins: bool,
    source: &'p Option<SourceLine>,
    account: &'p Option<Account>,
    reason: &'p str,
    /// Its declared attributes and how it is done, without tags, which have their own list.
    terms: Vec<Term>,
    not_before: Option<Timestamp>,
    acknowledged: Vec<Consequence>,
    attestations: &'p [Attestation],
    tags: &'p BTreeMap<String, String>,
    /// When the account becomes eligible just by waiting.
    eligible_at: Option<Timestamp>,
    gates: Vec<Answer<'p>>,
}

/// A declared attribute of an act.
#[derive(Serialize)]
struct Term {
    name: &'static str,
    text: String,
}

/// A gate's answer.
#[derive(Serialize)]
struct Answer<'p> {
    gate: GateName,
    standing: Standing,
    enforcement: Enforcement,
    explanation: &'p str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remedy: Vec<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eligible_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "<[Provenance]>::is_empty")]
    evidence: &'p [Provenance],
}

/// What a gate's answer does to the act.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    Passes,
    Blocks,
    /// A fact is missing, which also blocks.
    Unknown,
    /// The gate is shown but does not block.
    Advises,
    Deferred,
}

impl<'p> View<'p> {
    /// The view of a plan.
    pub(super) fn of(plan: &'p Plan, page: PageView<'_>) -> Self {
        let mut units = Units::default();
        let acts = plan.acts();
        acts.iter().for_each(|planned| units.learn_names(planned));
        let acting = acts.into_iter().filter_map(|planned| Some((planned, planned.act()?)));
        let mut accounts: Vec<_> = acting.map(|(planned, act)| Entry::acting(plan, planned, act, &mut units)).collect();
        accounts.extend(plan.unmanaged.iter().map(|account| Entry::unmanaged(account, &mut units)));
        accounts.extend(plan.unchanged().map(|(account, why)| Entry::unchanged(account, why, &mut units)));
        Self {
            version: &plan.version,
            digest: &plan.digest.0,
            sandbox: plan.sandbox,
            snapshot: plan.snapshot,
            organization: &plan.organization,
            planned_at: plan.planned_at,
            complete: plan.complete,
            settings: unusual_settings(plan),
            exceeded: plan.exceeded.iter().map(ToString::to_string).collect(),
            carry_out: carry_out(plan, page),
            baseline: plan.baseline.as_ref().zip(since_baseline(plan)).map(|(comparison, (introduced, others))| {
                let Comparison { digest, planned_at, accounts: _, withdrawn, undeclared, changes } = comparison;
                let counts = format!("{introduced}, {others}");
                BaselineView { digest: &digest.0, planned_at: *planned_at, counts, withdrawn, undeclared, changes }
            }),
            gates: gates(plan),
            not_read: plan
                .acts()
                .into_iter()
                .find(|planned| planned.leaving().is_some())
                .map(|planned| not_read(planned.id))
                .unwrap_or_default()
                .into_iter()
                .map(|item| item.what)
                .collect(),
            explain: plan.invocation.command(&["explain"]),
            units: units.list,
            accounts,
        }
    }
}

impl<'p> Entry<'p> {
    fn acting(plan: &Plan, planned: &'p PlannedAccount, act: &'p Act, units: &mut Units) -> Self {
        let PlannedAccount { address, source, id, before, desired: _, drift: _, change: _ } = planned;
        let Act { action, depends_on: _, kept, placement, gates } = act;
        let blockers: Vec<_> = planned.blockers().map(|result| result.gate.as_str()).collect();
        Self {
            id: *id,
            name: before.as_ref().map(|account| account.name.as_str()).or_else(|| planned.joining()?.name.as_deref()),
            address: Some(address.to_string()),
            fate: match blockers.as_slice() {
                [] if action.is_joining() => Fate::Joining,
                [] => Fate::Departing,
                _ => Fate::Blocked,
            },
            note: if blockers.is_empty() { planned.reason().to_owned() } else { blockers.join(", ") },
            unit: before.as_ref().and_then(|account| units.of(account.path.as_ref())),
            live: before.is_some(),
            drifted: false,
            since: plan.since_baseline(*id).map(|since| SinceView { kind: since, text: since.describe() }),
            act: Some(ActView {
                action: *action,
                noun: action.verbs().noun,
                joins: action.is_joining(),
                source,
                account: before,
                reason: planned.reason(),
                terms: terms(planned, act),
                not_before: planned.leaving().and_then(|leaving| leaving.not_before),
                acknowledged: planned.acknowledged().collect(),
                attestations: planned.leaving().map_or(&[], |leaving| &leaving.attestations),
                tags: placement.as_ref().map_or(&kept.tags, |placement| &placement.tags),
                eligible_at: planned.eligible_at(),
                gates: gates.iter().map(|result| answer(result, &plan.invocation)).collect(),
            }),
        }
    }

    fn unmanaged(account: &'p Unmanaged, units: &mut Units) -> Self {
        let Unmanaged { id, name, state, removed_by, path } = account;
        Self {
            id: *id,
            name: Some(name),
            address: None,
            fate: Fate::Unmanaged,
            note: format!("has no account block and is {}", drift::state(state, *removed_by)),
            unit: units.of(path.as_ref()),
            live: true,
            drifted: false,
            since: None,
            act: None,
        }
    }

    fn unchanged(unchanged: &'p PlannedAccount, why: &NoChange, units: &mut Units) -> Self {
        let PlannedAccount { address, source: _, id, before: account, desired: _, drift, change: _ } = unchanged;
        Self {
            id: *id,
            name: account.as_ref().map(|account| account.name.as_str()),
            address: Some(address.to_string()),
            fate: Fate::Unchanged,
            note: why_unchanged(unchanged, why),
            unit: account.as_ref().and_then(|account| units.of(account.path.as_ref())),
            live: account.is_some(),
            drifted: !drift.is_empty(),
            since: None,
            act: None,
        }
    }
}

/// The declared attributes of an act, without the tags.
fn terms(planned: &PlannedAccount, act: &Act) -> Vec<Term> {
    let declared = terms::declared(planned, act).into_iter().filter(|(name, _)| *name != "tags");
    declared.map(|(name, text)| Term { name, text }).collect()
}

fn carry_out(plan: &Plan, page: PageView<'_>) -> CarryOut {
    if plan.snapshot.is_some() {
        CarryOut::Not("A plan made from a snapshot is for review and can't be applied.")
    } else if plan.eligible().is_empty() {
        CarryOut::Not("There is nothing to carry out.")
    } else if plan.as_if {
        CarryOut::Not("A plan that was made as if it were another time can't be applied.")
    } else if plan.is_applyable() {
        CarryOut::Command(plan.invocation.apply(&approver_options(plan), page.plan_file))
    } else {
        CarryOut::Not("Nothing would be carried out, because a guardrail is exceeded.")
    }
}

fn answer<'p>(result: &'p GateResult, invocation: &Invocation) -> Answer<'p> {
    let GateResult { gate, enforcement, verdict, evidence, basis: _ } = result;
    let standing = match verdict {
        Verdict::Pass { .. } => Standing::Passes,
        Verdict::Deferred { .. } => Standing::Deferred,
        Verdict::Block { .. } if result.is_blocking() => Standing::Blocks,
        Verdict::Unknown { .. } if result.is_blocking() => Standing::Unknown,
        Verdict::Block { .. } | Verdict::Unknown { .. } => Standing::Advises,
    };
    Answer {
        gate: *gate,
        standing,
        enforcement: *enforcement,
        explanation: result.explanation(),
        remedy: result.remedy().map(|remedy| remedy::lines(remedy, invocation)).unwrap_or_default(),
        eligible_at: result.eligible_at(),
        evidence,
    }
}

/// The gates that were evaluated, in the order in which they are shown everywhere.
fn gates(plan: &Plan) -> Vec<Gate> {
    let answers = || plan.accounts.iter().flat_map(PlannedAccount::gates);
    let asked = gate::GATES.iter().filter(|gate| answers().any(|result| result.gate == gate.name));
    let described = |gate: &gate::Gate| {
        let group = match (gate.name.attestation(), gate.name.consequence()) {
            (Some(_), _) => GateGroup::Attestation,
            (None, Some(_)) => GateGroup::Consequence,
            (None, None) => GateGroup::Fact,
        };
        Gate { name: gate.name, group, asks: gate.asks, who: gate.who.to_string(), documentation: gate.documentation }
    };
    asked.map(described).collect()
}

/// The root and the organizational units, each after the one above it.
#[derive(Default)]
struct Units {
    list: Vec<Unit>,
    by_id: BTreeMap<String, usize>,
    names: BTreeMap<String, String>,
}

impl Units {
    /// Remembers the names of the units above an account.
    fn learn_names(&mut self, planned: &PlannedAccount) {
        let known = planned.unit_path().into_iter().flat_map(|path| &path.0).filter(|unit| unit.id != unit.name);
        self.names.extend(known.map(|unit| (unit.id.clone(), unit.name.clone())));
    }

    /// The index of the unit at the end of a path.
    fn of(&mut self, path: Option<&OrganizationPath>) -> Option<usize> {
        path?.0.iter().fold(None, |parent, id| {
            let index = match self.by_id.get(id) {
                Some(index) => *index,
                None => {
                    self.list.push(Unit { id: id.clone(), name: self.names.get(id).cloned(), parent });
                    self.by_id.insert(id.clone(), self.list.len() - 1);
                    self.list.len() - 1
                }
            };
            Some(index)
        })
    }
}
