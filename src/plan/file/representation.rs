//! The parts of Terraform's plan representation (JSON output format 1.2), made from a plan.
//!
//! A departure is `["delete"]`, which every reader understands; everything else is `["no-op"]`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    AccountId, AccountState, ActionReason, Address, DateTime, JoinedMethod, OrganizationPath, PROVIDER_ADDRESS, RESOURCE_TYPE,
};
use crate::plan::{AccountFacts, Drift, Plan, Unchanged};

pub(super) use checks::{Check, checks};
pub(super) use configuration::{Configuration, configuration};

mod checks;
mod configuration;

/// `planned_values`, and the `values` of a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Values {
    root_module: Module,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Module {
    resources: Vec<Resource>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Resource {
    #[serde(flatten)]
    identity: Identity,
    schema_version: u32,
    values: AccountValues,
    /// No value is sensitive.
    sensitive_values: Marks,
}

/// What names a resource everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Identity {
    address: Address,
    #[schemars(extend("const" = MODE))]
    mode: String,
    #[serde(rename = "type")]
    #[schemars(extend("const" = RESOURCE_TYPE))]
    resource_type: String,
    /// The label of the block.
    name: String,
    /// The key of `for_each`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    index: Option<String>,
    #[schemars(extend("const" = PROVIDER_ADDRESS))]
    provider_name: String,
}

/// The mode of a resource that is managed, and not only read.
const MODE: &str = "managed";

/// What is known of a live account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct AccountValues {
    id: AccountId,
    arn: String,
    name: String,
    email: String,
    state: AccountState,
    joined_method: JoinedMethod,
    #[schemars(with = "Option<DateTime>")]
    joined_timestamp: Option<Timestamp>,
    path: Option<OrganizationPath>,
    membership: MembershipValue,
}

/// What is declared of an account that drifted, or is known of it. Of one that is not in the organization only its id is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct DriftedValues {
    id: AccountId,
    membership: MembershipValue,
    #[serde(flatten)]
    facts: Option<DriftedFacts>,
}

/// What is declared of a live account that drifted, or is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct DriftedFacts {
    arn: String,
    name: String,
    email: String,
    state: AccountState,
    joined_method: JoinedMethod,
    #[schemars(with = "Option<DateTime>")]
    joined_timestamp: Option<Timestamp>,
    path: Option<OrganizationPath>,
}

/// How an account relates to the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MembershipValue {
    /// It is a member.
    Member,
    /// It is no member, or is not to be one.
    Detached,
}

/// `prior_state`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct State {
    #[schemars(regex(pattern = r"^1\.[0-9]+$"))]
    format_version: String,
    values: Values,
}

/// An entry of `resource_changes` or `resource_drift`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct ResourceChange<V> {
    #[serde(flatten)]
    identity: Identity,
    change: Change<V>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    action_reason: Option<ActionReason>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Change<V> {
    /// One action.
    #[schemars(length(equal = 1))]
    actions: Vec<ChangeAction>,
    /// The account before; null where there is none.
    before: Option<V>,
    /// The account after; null where there is none.
    after: Option<V>,
    after_unknown: Marks,
    before_sensitive: Marks,
    after_sensitive: Marks,
}

/// What happens to a resource, in Terraform's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ChangeAction {
    /// Nothing.
    NoOp,
    /// It leaves the organization, or left it.
    Delete,
    /// It is not as it was declared.
    Update,
}

/// Which values are sensitive or unknown: none, as `false` where there is no value and as an empty object where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Marks {
    /// Of no value.
    Whole(#[schemars(extend("const" = false))] bool),
    /// By name.
    Parts(BTreeMap<String, bool>),
}

impl Marks {
    const fn none() -> Self {
        Self::Parts(BTreeMap::new())
    }

    const fn none_of<V>(values: Option<&V>) -> Self {
        if values.is_some() { Self::none() } else { Self::Whole(false) }
    }
}

impl AccountValues {
    fn of(id: AccountId, facts: &AccountFacts) -> Self {
        let AccountFacts { arn, name, email, state, joined_method, joined_at, path } = facts.clone();
        Self { id, arn, name, email, state, joined_method, joined_timestamp: joined_at, path, membership: MembershipValue::Member }
    }
}

impl DriftedValues {
    fn of(id: AccountId, facts: Option<&AccountFacts>) -> Self {
        let facts = facts.cloned().map(|facts| {
            let AccountFacts { arn, name, email, state, joined_method, joined_at, path } = facts;
            DriftedFacts { arn, name, email, state, joined_method, joined_timestamp: joined_at, path }
        });
        Self { id, membership: MembershipValue::Member, facts }
    }
}

fn identity(address: &Address) -> Identity {
    Identity {
        address: address.clone(),
        mode: MODE.to_owned(),
        resource_type: RESOURCE_TYPE.to_owned(),
        name: address.label.clone(),
        index: address.key.clone(),
        provider_name: PROVIDER_ADDRESS.to_owned(),
    }
}

/// A declared account that is live.
struct LiveAccount<'a> {
    address: &'a Address,
    id: AccountId,
    facts: &'a AccountFacts,
    departs: bool,
}

/// Every declared account that is live, sorted by address.
fn live_accounts(plan: &Plan) -> Vec<LiveAccount<'_>> {
    let detachments = plan.departures.iter().map(|departure| (departure, true)).chain(plan.blocked.iter().map(|blocked| (blocked, false)));
    let detached = detachments.filter_map(|(detachment, departs)| {
        Some(LiveAccount { address: &detachment.address, id: detachment.id, facts: detachment.account.as_ref()?, departs })
    });
    let unchanged = plan.unchanged.iter().filter_map(|unchanged| {
        Some(LiveAccount { address: &unchanged.address, id: unchanged.id, facts: unchanged.account.as_ref()?, departs: false })
    });
    let mut accounts: Vec<_> = detached.chain(unchanged).collect();
    accounts.sort_by(|a, b| a.address.cmp(b.address));
    accounts
}

fn resources(plan: &Plan, keep: impl Fn(&LiveAccount<'_>) -> bool) -> Values {
    let resource = |account: LiveAccount<'_>| Resource {
        identity: identity(account.address),
        schema_version: 0,
        values: AccountValues::of(account.id, account.facts),
        sensitive_values: Marks::none(),
    };
    Values { root_module: Module { resources: live_accounts(plan).into_iter().filter(keep).map(resource).collect() } }
}

pub(super) fn planned_values(plan: &Plan) -> Values {
    resources(plan, |account| !account.departs)
}

pub(super) fn prior_state(plan: &Plan) -> State {
    State { format_version: "1.0".to_owned(), values: resources(plan, |_| true) }
}

/// What happens to each declared account that is live. An account that is out, or that is not known, has no values: a change from null to
/// null is none, and makes readers fail.
pub(super) fn resource_changes(plan: &Plan) -> Vec<ResourceChange<AccountValues>> {
    let change_of = |account: LiveAccount<'_>| {
        let before = AccountValues::of(account.id, account.facts);
        if account.departs {
            change(account.address, ChangeAction::Delete, Some(before), None, Some(ActionReason::DeleteBecauseDetached))
        } else {
            change(account.address, ChangeAction::NoOp, Some(before.clone()), Some(before), None)
        }
    };
    live_accounts(plan).into_iter().map(change_of).collect()
}

pub(super) fn resource_drift(plan: &Plan) -> Vec<ResourceChange<DriftedValues>> {
    plan.drifted().map(drift_of).collect()
}

/// What is declared before, what is live after, as Terraform has it for what changed outside of it.
fn drift_of(drifted: &Unchanged) -> ResourceChange<DriftedValues> {
    let after = DriftedValues::of(drifted.id, drifted.account.as_ref());
    let mut before = after.clone();
    let Some(declared) = &mut before.facts else {
        return change(&drifted.address, ChangeAction::Delete, Some(before), None, None);
    };
    for drift in &drifted.drift {
        match drift {
            Drift::Missing { .. } => {}
            Drift::State { .. } => declared.state = AccountState::Active,
            Drift::Name { declared: name, .. } => declared.name.clone_from(name),
            Drift::Email { declared: email, .. } => declared.email.clone_from(email),
        }
    }
    change(&drifted.address, ChangeAction::Update, Some(before), Some(after), None)
}

fn change<V>(
    address: &Address,
    action: ChangeAction,
    before: Option<V>,
    after: Option<V>,
    action_reason: Option<ActionReason>,
) -> ResourceChange<V> {
    let change = Change {
        actions: vec![action],
        before_sensitive: Marks::none_of(before.as_ref()),
        after_sensitive: Marks::none_of(after.as_ref()),
        after_unknown: Marks::none(),
        before,
        after,
    };
    ResourceChange { identity: identity(address), change, action_reason }
}
