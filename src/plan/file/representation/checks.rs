//! `checks`: the answers of gates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{GateResult, Verdict};
use crate::org::{Address, Enforcement, GateName, RESOURCE_TYPE};
use crate::plan::{Detachment, Plan};

use super::MODE;

/// The kind of what a check is about.
const KIND: &str = "resource";

/// An entry of `checks`: one block with the accounts that it detaches, each with the answers of its gates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    address: BlockAddress,
    /// The worst of its instances.
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
    /// The worst of its mandatory gates.
    status: CheckStatus,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    problems: Vec<Problem>,
    /// Every gate, beside Terraform's keys.
    gates: Vec<CheckedGate>,
}

/// One account of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct InstanceAddress {
    to_display: Address,
    /// The key of `for_each`. As Terraform has it, it is a string or absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    instance_key: Option<String>,
}

/// A gate that blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Problem {
    /// The gate's name, a colon, and what it says.
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
    /// It passes.
    Pass,
    /// Not known yet, or deferred to apply.
    Unknown,
    /// It blocks.
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
    let mut detachments: Vec<_> = plan.departures.iter().chain(&plan.blocked).collect();
    detachments.sort_by(|a, b| a.address.cmp(&b.address));
    detachments.chunk_by(|a, b| a.address.label == b.address.label).filter_map(check).collect()
}

/// The check of a block, with an instance for each account that it detaches.
fn check(detachments: &[&Detachment]) -> Option<Check> {
    let block = Address::new(detachments.first()?.address.label.clone());
    let instances: Vec<_> = detachments.iter().map(|detachment| check_instance(detachment)).collect();
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

fn check_instance(detachment: &Detachment) -> CheckInstance {
    let mandatory = detachment.gates.iter().filter(|result| result.enforcement == Enforcement::Mandatory);
    let problem = |result: &GateResult| Problem { message: format!("{}: {}", result.gate, result.explanation()) };
    let gate = |result: &GateResult| CheckedGate {
        gate: result.gate,
        enforcement: result.enforcement,
        status: CheckStatus::of(&result.verdict),
        message: result.explanation().to_owned(),
    };
    CheckInstance {
        address: InstanceAddress { to_display: detachment.address.clone(), instance_key: detachment.address.key.clone() },
        status: worst(mandatory.map(|result| CheckStatus::of(&result.verdict))),
        problems: detachment.blockers().map(problem).collect(),
        gates: detachment.gates.iter().map(gate).collect(),
    }
}

/// The status of several together, as Terraform sums them up.
fn worst(statuses: impl Iterator<Item = CheckStatus>) -> CheckStatus {
    statuses.max().unwrap_or(CheckStatus::Pass)
}
