//! The parts of Terraform's plan representation (JSON output format 1.2), made from a plan.
//!
//! A departure is `["delete"]`, which every reader understands; everything else is `["no-op"]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::gate::{GateResult, Verdict};
use crate::org::{AccountId, AccountState, Address, Departure, Enforcement, GateName};
use crate::plan::{AccountFacts, Detachment, Drift, Plan, Unchanged, UnchangedReason};

const PROVIDER: &str = "orgroster.dev/orgroster/aws";
const RESOURCE_TYPE: &str = "account";

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
    values: Map<String, Value>,
    sensitive_values: Map<String, Value>,
}

/// What names a resource everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Identity {
    address: Address,
    mode: String,
    #[serde(rename = "type")]
    resource_type: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    index: Option<String>,
    provider_name: String,
}

/// `prior_state`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct State {
    format_version: String,
    values: Values,
}

/// An entry of `resource_changes` or `resource_drift`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct ResourceChange {
    #[serde(flatten)]
    identity: Identity,
    change: Change,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    action_reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Change {
    actions: Vec<String>,
    before: Value,
    after: Value,
    after_unknown: Value,
    before_sensitive: Value,
    after_sensitive: Value,
}

/// `configuration`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Configuration {
    provider_config: Value,
    root_module: ConfigurationModule,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct ConfigurationModule {
    resources: Vec<Value>,
}

/// An entry of `checks`: one block with the accounts that it detaches, each with the answers of its gates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Check {
    address: Value,
    status: String,
    instances: Vec<CheckInstance>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct CheckInstance {
    address: Value,
    status: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    problems: Vec<Value>,
    /// Every gate, beside Terraform's keys.
    gates: Vec<CheckedGate>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct CheckedGate {
    gate: GateName,
    enforcement: Enforcement,
    status: String,
    message: String,
}

fn identity(address: &Address) -> Identity {
    Identity {
        address: address.clone(),
        mode: "managed".to_owned(),
        resource_type: RESOURCE_TYPE.to_owned(),
        name: address.label.clone(),
        index: address.key.clone(),
        provider_name: PROVIDER.to_owned(),
    }
}

fn live_values(id: AccountId, facts: &AccountFacts, membership: &str) -> Map<String, Value> {
    let AccountFacts { arn, name, email, state, joined_method, joined_at, path } = facts;
    let values = json!({
        "id": id, "arn": arn, "name": name, "email": email, "state": state, "joined_method": joined_method,
        "joined_timestamp": joined_at, "path": path, "membership": membership,
    });
    values.as_object().cloned().unwrap_or_default()
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
        values: live_values(account.id, account.facts, "member"),
        sensitive_values: Map::new(),
    };
    Values { root_module: Module { resources: live_accounts(plan).into_iter().filter(keep).map(resource).collect() } }
}

pub(super) fn planned_values(plan: &Plan) -> Values {
    resources(plan, |account| !account.departs)
}

pub(super) fn prior_state(plan: &Plan) -> State {
    State { format_version: "1.0".to_owned(), values: resources(plan, |_| true) }
}

pub(super) fn resource_changes(plan: &Plan) -> Vec<ResourceChange> {
    let live = live_accounts(plan).into_iter().map(|account| {
        let before = Value::Object(live_values(account.id, account.facts, "member"));
        if account.departs {
            change(account.address, "delete", before, Value::Null, Some("delete_because_detached"))
        } else {
            change(account.address, "no-op", before.clone(), before, None)
        }
    });
    let absent_blocked = plan.blocked.iter().filter(|blocked| blocked.account.is_none()).map(|blocked| &blocked.address);
    let absent_unchanged = plan.unchanged.iter().filter(|unchanged| unchanged.account.is_none()).map(|unchanged| &unchanged.address);
    let absent = absent_blocked.chain(absent_unchanged).map(|address| change(address, "no-op", Value::Null, Value::Null, None));
    let mut changes: Vec<_> = live.chain(absent).collect();
    changes.sort_by(|a, b| a.identity.address.cmp(&b.identity.address));
    changes
}

pub(super) fn resource_drift(plan: &Plan) -> Vec<ResourceChange> {
    plan.drifted().map(drift_of).collect()
}

/// What is declared before, what is live after, as Terraform has it for what changed outside of it.
fn drift_of(drifted: &Unchanged) -> ResourceChange {
    let Some(facts) = &drifted.account else {
        return change(&drifted.address, "delete", json!({ "id": drifted.id, "membership": "member" }), Value::Null, None);
    };
    let after = live_values(drifted.id, facts, "member");
    let mut before = after.clone();
    for drift in &drifted.drift {
        let (name, declared) = match drift {
            Drift::Missing { .. } => continue,
            Drift::State { .. } => ("state", AccountState::Active.as_str()),
            Drift::Name { declared, .. } => ("name", declared.as_str()),
            Drift::Email { declared, .. } => ("email", declared.as_str()),
        };
        before.insert(name.to_owned(), declared.into());
    }
    change(&drifted.address, "update", Value::Object(before), Value::Object(after), None)
}

fn change(address: &Address, action: &str, before: Value, after: Value, reason: Option<&str>) -> ResourceChange {
    let sensitive = |value: &Value| if value.is_null() { Value::Bool(false) } else { json!({}) };
    let change = Change {
        actions: vec![action.to_owned()],
        before_sensitive: sensitive(&before),
        after_sensitive: sensitive(&after),
        after_unknown: json!({}),
        before,
        after,
    };
    ResourceChange { identity: identity(address), change, action_reason: reason.map(str::to_owned) }
}

pub(super) fn configuration(plan: &Plan) -> Configuration {
    let detached = plan.departures.iter().chain(&plan.blocked).map(|detachment| {
        let Departure { reason, not_before, via, member_role: _, attestations: _, acknowledge: _, departed: _ } = &detachment.declared;
        let constant = |value: Value| json!({ "constant_value": value });
        let mut expressions = json!({
            "id": constant(json!(detachment.id)), "membership": constant(json!("detached")), "reason": constant(json!(reason)), "via": constant(json!(via)),
        });
        if let Some(not_before) = not_before {
            expressions["not_before"] = constant(json!(not_before));
        }
        (&detachment.address, expressions)
    });
    let unchanged = plan.unchanged.iter().map(|unchanged| {
        let detached =
            !matches!(unchanged.reason, UnchangedReason::Member | UnchangedReason::ManagementAccount | UnchangedReason::MissingMember);
        let membership = if detached { "detached" } else { "member" };
        (&unchanged.address, json!({ "id": { "constant_value": unchanged.id }, "membership": { "constant_value": membership } }))
    });
    let mut instances: Vec<_> = detached.chain(unchanged).collect();
    instances.sort_by(|a, b| a.0.cmp(b.0));
    let blocks = instances.chunk_by(|a, b| a.0.label == b.0.label);
    Configuration {
        provider_config: json!({ "aws": { "name": "aws", "full_name": PROVIDER } }),
        root_module: ConfigurationModule { resources: blocks.filter_map(block).collect() },
    }
}

/// A block, which stands once however many accounts `for_each` makes of it. What differs between these is not constant, and an expression
/// that is not is an empty object there.
fn block(instances: &[(&Address, Value)]) -> Option<Value> {
    let (address, first) = instances.first()?;
    let mut expressions = first.as_object().cloned().unwrap_or_default();
    for (_, other) in instances {
        let others = other.as_object().into_iter().flatten().map(|(name, _)| name.clone());
        let names: Vec<_> = expressions.keys().cloned().chain(others).collect();
        for name in names {
            if expressions.get(&name) != other.get(&name) {
                expressions.insert(name, json!({}));
            }
        }
    }
    let mut resource = json!({
        "address": Address::new(address.label.clone()), "mode": "managed", "type": RESOURCE_TYPE, "name": address.label,
        "provider_config_key": "aws", "expressions": expressions, "schema_version": 0,
    });
    if address.key.is_some() {
        resource["for_each_expression"] = json!({});
    }
    Some(resource)
}

pub(super) fn checks(plan: &Plan) -> Vec<Check> {
    let mut detachments: Vec<_> = plan.departures.iter().chain(&plan.blocked).collect();
    detachments.sort_by(|a, b| a.address.cmp(&b.address));
    detachments.chunk_by(|a, b| a.address.label == b.address.label).filter_map(check).collect()
}

/// The check of a block, with an instance for each account that it detaches.
fn check(detachments: &[&Detachment]) -> Option<Check> {
    let block = Address::new(detachments.first()?.address.label.clone());
    let instances: Vec<_> = detachments.iter().map(|detachment| check_instance(detachment)).collect();
    Some(Check {
        address: json!({ "kind": "resource", "mode": "managed", "type": RESOURCE_TYPE, "name": block.label, "to_display": block }),
        status: worst(instances.iter().map(|instance| instance.status.as_str())),
        instances,
    })
}

fn check_instance(detachment: &Detachment) -> CheckInstance {
    let mandatory = detachment.gates.iter().filter(|result| result.enforcement == Enforcement::Mandatory);
    let problem = |result: &GateResult| json!({ "message": format!("{}: {}", result.gate, result.explanation()) });
    let gate = |result: &GateResult| CheckedGate {
        gate: result.gate,
        enforcement: result.enforcement,
        status: status_of(&result.verdict).to_owned(),
        message: result.explanation().to_owned(),
    };
    // As Terraform has it, the key is a string or absent.
    let mut address = json!({ "to_display": detachment.address });
    if let Some(key) = &detachment.address.key {
        address["instance_key"] = json!(key);
    }
    CheckInstance {
        address,
        status: worst(mandatory.map(|result| status_of(&result.verdict))),
        problems: detachment.blockers().map(problem).collect(),
        gates: detachment.gates.iter().map(gate).collect(),
    }
}

/// The status of several together, as Terraform sums them up.
fn worst<'s>(statuses: impl Iterator<Item = &'s str>) -> String {
    let found: Vec<_> = statuses.collect();
    ["fail", "unknown"].into_iter().find(|status| found.contains(status)).unwrap_or("pass").to_owned()
}

/// A gate's answer in Terraform's words for checks.
const fn status_of(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass { .. } => "pass",
        Verdict::Block { .. } => "fail",
        Verdict::Unknown { .. } | Verdict::Deferred { .. } => "unknown",
    }
}
