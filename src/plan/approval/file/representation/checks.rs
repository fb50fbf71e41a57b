//! `checks`: the gates' answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{GateResult, Verdict};
use crate::org::{Address, Enforcement, GateName, RESOURCE_TYPE};
use crate::plan::{Act, Plan, PlannedAccount};

use super::MODE;

/// The kind of object that a check is about.
const KIND: &str = "resource";

/// An entry of `checks`: one block, with the gates' answers for each of its accounts that have an act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    address: BlockAddress,
    /// The worst status of the instances.
    status: CheckStatus,
    instances: Vec<CheckInstance>,
}

/// The block of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct BlockAddress {
    #[schemars(extend("const" = KIND))]
    kind: String,
    #[schemars(extend("const" = MODE))]
    mode: String,
    #[serde(rename = "type")]
    #[schemars(extend("const" = RESOURCE_TYPE))]
    resource_type: String,
    /// The label of the block.
    name: String,
    to_display: Address,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct CheckInstance {
    address: InstanceAddress,
    /// The worst status of the mandatory gates.
    status: CheckStatus,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    problems: Vec<Problem>,
    /// Every gate; an addition to Terraform's keys.
    gates: Vec<CheckedGate>,
}

/// One account of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct InstanceAddress {
    to_display: Address,
    /// The key of an instance of a block with `for_each`; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    instance_key: Option<String>,
}

/// A gate that blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Problem {
    /// The gate's name, a colon, and its explanation.
    message: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct CheckedGate {
    gate: GateName,
    enforcement: Enforcement,
    status: CheckStatus,
    message: String,
}

/// A gate's answer in Terraform's words for checks, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum CheckStatus {
    /// The gate passes.
    Pass,
    /// The gate is unknown, or deferred to apply.
    Unknown,
    /// The gate blocks.
    Fail,
}

impl CheckStatus {
    const fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass { .. } => Self::Pass,
            Verdict::Block { .. } => Self::Fail,
            Verdict::Unknown { .. } | Verdict::Deferred { .. } => Self::Unknown,
        }
    }
}

pub fn checks(plan: &Plan) -> Vec<Check> {
    let acts: Vec<_> = plan.accounts.iter().filter_map(|account| Some((account, account.act()?))).collect();
    acts.chunk_by(|(a, _), (b, _)| a.address.label == b.address.label).filter_map(check).collect()
}

/// The check of a block, with an instance for each of its accounts that have an act.
fn check(acts: &[(&PlannedAccount, &Act)]) -> Option<Check> {
    let block = Address::new(acts.first()?.0.address.label.clone());
    let instances: Vec<_> = acts.iter().map(|(planned, act)| check_instance(planned, act)).collect();
    Some(Check {
        address: BlockAddress {
            kind: KIND.to_owned(),
            mode: MODE.to_owned(),
            resource_type: RESOURCE_TYPE.to_owned(),
            name: block.label.clone(),
            to_display: block,
        },
        status: worst(instances.iter().map(|instance| instance.status)),
        instances,
    })
}

fn check_instance(planned: &PlannedAccount, act: &Act) -> CheckInstance {
    let mandatory = act.gates.iter().filter(|result| result.enforcement == Enforcement::Mandatory);
    let problem = |result: &GateResult| Problem { message: format!("{}: {}", result.gate, result.explanation()) };
    let gate = |result: &GateResult| CheckedGate {
        gate: result.gate,
        enforcement: result.enforcement,
        status: CheckStatus::of(&result.verdict),
        message: result.explanation().to_owned(),
    };
    CheckInstance {
        address: InstanceAddress { to_display: planned.address.clone(), instance_key: planned.address.key.clone() },
        status: worst(mandatory.map(|result| CheckStatus::of(&result.verdict))),
        problems: planned.blockers().map(problem).collect(),
        gates: act.gates.iter().map(gate).collect(),
    }
}

/// The status of several checks together, as Terraform combines them.
fn worst(statuses: impl Iterator<Item = CheckStatus>) -> CheckStatus {
    statuses.max().unwrap_or(CheckStatus::Pass)
}
