//! The parts of Terraform's plan representation (JSON output format 1.2), made from a plan.
//!
//! An eligible act is what its action says, such as `["delete"]`; everything else is `["no-op"]`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    Account, AccountId, AccountState, ActionReason, Address, Arn, DateTime, FormatVersion, JoinedMethod, OrganizationPath,
    PROVIDER_ADDRESS, RESOURCE_TYPE, TerraformAction,
};
use crate::plan::{Act, Drift, Plan, PlannedAccount};

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
    sensitive_values: NoMarks,
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
    #[schemars(with = "Arn")]
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

/// What is declared of an account that drifted, or is known of it: of one that is not in the organization, its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct DriftedValues {
    id: AccountId,
    #[schemars(with = "Option<Arn>")]
    arn: Option<String>,
    name: Option<String>,
    email: Option<String>,
    state: Option<AccountState>,
    joined_method: Option<JoinedMethod>,
    #[schemars(with = "Option<DateTime>")]
    joined_timestamp: Option<Timestamp>,
    path: Option<OrganizationPath>,
    membership: MembershipValue,
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
    #[schemars(with = "FormatVersion")]
    format_version: String,
    values: Values,
}

/// An entry of `resource_changes` or `resource_drift`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ResourceChange_of_{V}")]
pub(super) struct ResourceChange<V> {
    #[serde(flatten)]
    identity: Identity,
    change: ChangeValues<V>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    action_reason: Option<ActionReason>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ChangeValues_of_{V}")]
struct ChangeValues<V> {
    /// One action.
    #[schemars(length(equal = 1))]
    actions: Vec<ChangeAction>,
    /// The account before; null where there is none.
    before: Option<V>,
    /// The account after; null where there is none.
    after: Option<V>,
    after_unknown: NoMarks,
    before_sensitive: Sensitive,
    after_sensitive: Sensitive,
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

/// Which values are sensitive or unknown, by name: none is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct NoMarks {}

/// Which values of one side of a change are sensitive: none is. As Terraform has it, that is `false` where there is no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Sensitive {
    /// There is no value.
    Nothing(False),
    /// By name.
    Parts(NoMarks),
}

/// `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "bool", into = "bool")]
#[schemars(with = "bool", extend("const" = false))]
struct False;

impl From<False> for bool {
    fn from(_: False) -> Self {
        false
    }
}

impl TryFrom<bool> for False {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Err("no value is sensitive") } else { Ok(Self) }
    }
}

impl Sensitive {
    fn none_of<V>(values: Option<&V>) -> Self {
        values.map_or(Self::Nothing(False), |_| Self::Parts(NoMarks {}))
    }
}

impl AccountValues {
    fn of(account: &Account) -> Self {
        let Account { id, arn, name, email, state, joined_method, joined_at, path } = account.clone();
        Self { id, arn, name, email, state, joined_method, joined_timestamp: joined_at, path, membership: MembershipValue::Member }
    }
}

impl DriftedValues {
    fn of(id: AccountId, account: Option<&Account>) -> Self {
        Self {
            id,
            arn: account.map(|account| account.arn.clone()),
            name: account.map(|account| account.name.clone()),
            email: account.map(|account| account.email.clone()),
            state: account.map(|account| account.state.clone()),
            joined_method: account.map(|account| account.joined_method.clone()),
            joined_timestamp: account.and_then(|account| account.joined_at),
            path: account.and_then(|account| account.path.clone()),
            membership: MembershipValue::Member,
        }
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

/// The act that an apply would carry out if no guardrail stood against it.
fn eligible(account: &PlannedAccount) -> Option<&Act> {
    account.act().filter(|_| account.is_eligible())
}

/// Whether the account is gone once the plan is carried out.
fn leaves(account: &PlannedAccount) -> bool {
    eligible(account).is_some_and(|act| act.action.after().is_out())
}

fn resources(plan: &Plan, keep: impl Fn(&PlannedAccount) -> bool) -> Values {
    let resource = |planned: &PlannedAccount| {
        Some(Resource {
            identity: identity(&planned.address),
            schema_version: 0,
            values: AccountValues::of(planned.before.as_ref()?),
            sensitive_values: NoMarks {},
        })
    };
    Values { root_module: Module { resources: plan.accounts.iter().filter(|account| keep(account)).filter_map(resource).collect() } }
}

pub(super) fn planned_values(plan: &Plan) -> Values {
    resources(plan, |account| !leaves(account))
}

pub(super) fn prior_state(plan: &Plan) -> State {
    State { format_version: "1.0".to_owned(), values: resources(plan, |_| true) }
}

/// What happens to each declared account that is live. An account that is out, or that is not known, has no values: a change from null to
/// null is none, and makes readers fail.
pub(super) fn resource_changes(plan: &Plan) -> Vec<ResourceChange<AccountValues>> {
    plan.accounts.iter().filter_map(resource_change).collect()
}

fn resource_change(planned: &PlannedAccount) -> Option<ResourceChange<AccountValues>> {
    let before = planned.before.as_ref().map(AccountValues::of);
    let (action, after, reason) = match eligible(planned) {
        Some(act) => match act.action.terraform() {
            TerraformAction::Delete => (ChangeAction::Delete, None, act.action.reason()),
        },
        None => (ChangeAction::NoOp, before.clone(), None),
    };
    (before.is_some() || after.is_some()).then(|| change(&planned.address, action, before, after, reason))
}

pub(super) fn resource_drift(plan: &Plan) -> Vec<ResourceChange<DriftedValues>> {
    plan.drifted().map(drift_of).collect()
}

/// What is declared before, what is live after, as Terraform has it for what changed outside of it.
fn drift_of(drifted: &PlannedAccount) -> ResourceChange<DriftedValues> {
    let after = DriftedValues::of(drifted.id, drifted.before.as_ref());
    let mut before = after.clone();
    for drift in &drifted.drift {
        match drift {
            Drift::Missing { .. } => return change(&drifted.address, ChangeAction::Delete, Some(before), None, None),
            Drift::State { .. } => before.state = Some(AccountState::Active),
            Drift::Name { declared, .. } => before.name = Some(declared.clone()),
            Drift::Email { declared, .. } => before.email = Some(declared.clone()),
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
    let change = ChangeValues {
        actions: vec![action],
        before_sensitive: Sensitive::none_of(before.as_ref()),
        after_sensitive: Sensitive::none_of(after.as_ref()),
        after_unknown: NoMarks {},
        before,
        after,
    };
    ResourceChange { identity: identity(address), change, action_reason }
}
