//! `configuration`: the account blocks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Address, DateTime, Desired, Leaving, PROVIDER_ADDRESS, RESOURCE_TYPE, Via};
use crate::plan::{Plan, PlannedAccount};

use super::{MODE, MembershipValue};

/// The provider's name in a configuration.
const PROVIDER: &str = "aws";

/// `configuration`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Configuration {
    /// The providers, by name.
    provider_config: BTreeMap<String, ProviderConfiguration>,
    root_module: ConfigurationModule,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct ProviderConfiguration {
    name: String,
    #[schemars(extend("const" = PROVIDER_ADDRESS))]
    full_name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct ConfigurationModule {
    resources: Vec<Block>,
}

/// An account block. A block with `for_each` is listed once, regardless of the number of its instances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Block {
    address: Address,
    #[schemars(extend("const" = MODE))]
    mode: String,
    #[serde(rename = "type")]
    #[schemars(extend("const" = RESOURCE_TYPE))]
    resource_type: String,
    /// The label of the block.
    name: String,
    #[schemars(extend("const" = PROVIDER))]
    provider_config_key: String,
    expressions: Expressions,
    schema_version: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    for_each_expression: Option<NotConstant>,
}

/// The arguments of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Expressions {
    id: Expression<AccountId>,
    membership: Expression<MembershipValue>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reason: Option<Expression<String>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    via: Option<Expression<Via>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    not_before: Option<Expression<Instant>>,
}

/// An expression: its value, or an empty object if the value differs between instances of the block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Expression_of_{V}")]
struct Expression<V> {
    #[serde(skip_serializing_if = "Option::is_none")]
    constant_value: Option<V>,
}

/// An expression without a constant value: always an empty object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct NotConstant {}

/// A time, as the value of an expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Instant(#[schemars(with = "DateTime")] Timestamp);

impl<V: PartialEq> Expression<V> {
    const fn constant(value: V) -> Self {
        Self { constant_value: Some(value) }
    }

    /// The expression for two accounts of one block: constant if their values are equal.
    fn common(self, other: &Self) -> Self {
        if self == *other { self } else { Self { constant_value: None } }
    }

    fn common_optional(one: Option<Self>, other: Option<&Self>) -> Option<Self> {
        match (one, other) {
            (None, None) => None,
            (Some(one), Some(other)) => Some(one.common(other)),
            _ => Some(Self { constant_value: None }),
        }
    }
}

impl Expressions {
    /// The arguments that decide what happens to the account; without an act, only its id and membership.
    fn of(planned: &PlannedAccount) -> Self {
        let membership = match planned.desired {
            Desired::Member { .. } => MembershipValue::Member,
            Desired::Detached(_) => MembershipValue::Detached,
        };
        let leaving = planned.leaving().filter(|_| planned.act().is_some());
        Self {
            id: Expression::constant(planned.id),
            membership: Expression::constant(membership),
            reason: leaving.map(|leaving| Expression::constant(leaving.reason.clone())),
            via: leaving.map(|leaving| Expression::constant(leaving.via.clone())),
            not_before: leaving.and_then(|Leaving { not_before, .. }| Some(Expression::constant(Instant((*not_before)?)))),
        }
    }

    fn common(self, other: &Self) -> Self {
        Self {
            id: self.id.common(&other.id),
            membership: self.membership.common(&other.membership),
            reason: Expression::common_optional(self.reason, other.reason.as_ref()),
            via: Expression::common_optional(self.via, other.via.as_ref()),
            not_before: Expression::common_optional(self.not_before, other.not_before.as_ref()),
        }
    }
}

pub fn configuration(plan: &Plan) -> Configuration {
    let instances: Vec<_> = plan.accounts.iter().map(|planned| (&planned.address, Expressions::of(planned))).collect();
    let blocks = instances.chunk_by(|a, b| a.0.label == b.0.label);
    let provider = ProviderConfiguration { name: PROVIDER.to_owned(), full_name: PROVIDER_ADDRESS.to_owned() };
    Configuration {
        provider_config: BTreeMap::from([(PROVIDER.to_owned(), provider)]),
        root_module: ConfigurationModule { resources: blocks.filter_map(block).collect() },
    }
}

fn block(instances: &[(&Address, Expressions)]) -> Option<Block> {
    let ((address, first), others) = instances.split_first()?;
    Some(Block {
        address: Address::new(address.label.clone()),
        mode: MODE.to_owned(),
        resource_type: RESOURCE_TYPE.to_owned(),
        name: address.label.clone(),
        provider_config_key: PROVIDER.to_owned(),
        expressions: others.iter().fold(first.clone(), |common, (_, other)| common.common(other)),
        schema_version: 0,
        for_each_expression: address.key.is_some().then_some(NotConstant {}),
    })
}
