//! The parts of Terraform's plan representation (JSON output format 1.2), made from a plan.
//!
//! An eligible act has its action, such as `["delete"]`; every other account has `["no-op"]`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    Account, AccountId, AccountState, ActionReason, Address, Arn, DateTime, FormatVersion, JoinedMethod, OrganizationPath,
    PROVIDER_ADDRESS, RESOURCE_TYPE, TerraformAction,
};
use crate::plan::{Act, Drift, NoChange, Plan, PlannedAccount};

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

/// The identity of a resource, which is the same in every part.
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
    /// The key of an instance of a block with `for_each`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    index: Option<String>,
    #[schemars(extend("const" = PROVIDER_ADDRESS))]
    provider_name: String,
}

/// The mode of managed resources, as opposed to data sources.
const MODE: &str = "managed";

/// The observed or declared values of an account. For an account that is not in the organization, most values are null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct AccountValues {
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

/// The relation of an account to the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MembershipValue {
    /// The account is a member.
    Member,
    /// The account is not a member, or should leave.
    Detached,
    /// The account is invited and not yet a member.
    Invited,
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
    /// The action; always exactly one.
    #[schemars(length(equal = 1))]
    actions: Vec<ChangeAction>,
    /// The account's values before the change; null if it joins.
    before: Option<V>,
    /// The account's values after the change; null if it leaves.
    after: Option<V>,
    after_unknown: NoMarks,
    before_sensitive: Sensitive,
    after_sensitive: Sensitive,
}

/// An action on a resource, in Terraform's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ChangeAction {
    /// Nothing happens.
    NoOp,
    /// The account joins the organization.
    Create,
    /// The account leaves the organization, or in drift, has left it.
    Delete,
    /// The account differs from its block; only in drift.
    Update,
}

/// The sensitive or unknown values, by name: always empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct NoMarks {}

/// The sensitive values on one side of a change: none. As in Terraform, this is `false` if that side is null, else an empty object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Sensitive {
    /// The side is null.
    Nothing(False),
    /// The sensitive values, by name.
    Parts(NoMarks),
}

/// Always `false`.
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

    /// The values that are already known for an account that joins or is invited.
    fn declared(planned: &PlannedAccount, membership: MembershipValue) -> Self {
        let (declared_name, declared_email) =
            planned.joining().map_or((None, None), |joining| (joining.name.clone(), joining.email.clone()));
        let found = Self::of(planned.id, planned.before.as_ref());
        Self { name: found.name.or(declared_name), email: found.email.or(declared_email), membership, ..found }
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

/// The act that an apply would carry out if no guardrail is exceeded.
fn eligible(account: &PlannedAccount) -> Option<&Act> {
    account.act().filter(|_| account.is_eligible())
}

/// Whether the account leaves when the plan is carried out.
fn leaves(account: &PlannedAccount) -> bool {
    eligible(account).is_some_and(|act| act.action.after().is_out())
}

fn live(planned: &PlannedAccount) -> Option<AccountValues> {
    planned.before.as_ref().map(|account| AccountValues::of(planned.id, Some(account)))
}

fn resources(plan: &Plan, values: impl Fn(&PlannedAccount) -> Option<AccountValues>) -> Values {
    let resource = |planned: &PlannedAccount| {
        let (identity, values) = (identity(&planned.address), values(planned)?);
        Some(Resource { identity, schema_version: 0, values, sensitive_values: NoMarks {} })
    };
    Values { root_module: Module { resources: plan.accounts.iter().filter_map(resource).collect() } }
}

pub(super) fn planned_values(plan: &Plan) -> Values {
    let joins = |account: &PlannedAccount| eligible(account).is_some_and(|act| act.action.is_joining());
    resources(plan, |account| match account {
        account if leaves(account) => None,
        account if joins(account) => Some(AccountValues::declared(account, MembershipValue::Member)),
        account => live(account),
    })
}

pub(super) fn prior_state(plan: &Plan) -> State {
    State { format_version: "1.0".to_owned(), values: resources(plan, live) }
}

/// The changes of declared accounts. An account that has left or is unknown has no values and is left out: tools fail on a change from null
/// to null.
pub(super) fn resource_changes(plan: &Plan) -> Vec<ResourceChange<AccountValues>> {
    plan.accounts.iter().filter_map(resource_change).collect()
}

fn resource_change(planned: &PlannedAccount) -> Option<ResourceChange<AccountValues>> {
    let before = planned.before.as_ref().map(|account| AccountValues::of(planned.id, Some(account)));
    let (action, after, reason) = match eligible(planned) {
        Some(act) => match act.action.terraform() {
            TerraformAction::Delete => (ChangeAction::Delete, None, act.action.reason()),
            TerraformAction::Create => {
                let after = AccountValues::declared(planned, MembershipValue::Member);
                return Some(change(&planned.address, ChangeAction::Create, None, Some(after), None));
            }
        },
        None if matches!(planned.no_change(), Some(NoChange::Invited { .. })) => {
            let values = AccountValues::declared(planned, MembershipValue::Invited);
            return Some(change(&planned.address, ChangeAction::NoOp, Some(values.clone()), Some(values), Some(ActionReason::Invited)));
        }
        None => (ChangeAction::NoOp, before.clone(), None),
    };
    (before.is_some() || after.is_some()).then(|| change(&planned.address, action, before, after, reason))
}

pub(super) fn resource_drift(plan: &Plan) -> Vec<ResourceChange<AccountValues>> {
    plan.drifted().map(drift_of).collect()
}

/// The drift of an account: `before` is the declaration, `after` the live account, as in Terraform for changes outside of it.
fn drift_of(drifted: &PlannedAccount) -> ResourceChange<AccountValues> {
    let after = AccountValues::of(drifted.id, drifted.before.as_ref());
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
