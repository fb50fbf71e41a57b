//! Management policies: their syntax, and what an account inherits (Organizations User Guide, management policy syntax and inheritance).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::org::AccountId;
use crate::sandbox::state::World;
use crate::sandbox::state::account::Membership;
use crate::sandbox::state::organization::{Organization, PolicyType};

use super::json;

/// The operators that set values.
const SETTING: &[&str] = &["@@assign", "@@append", "@@remove"];
/// The operator that controls which operators child policies may use.
const ALLOWED: &str = "@@operators_allowed_for_child_policies";

/// The top-level name in every policy of a type, if AWS documents it.
const fn top(kind: &PolicyType) -> Option<&'static str> {
    Some(match kind {
        PolicyType::Tag => "tags",
        PolicyType::Backup => "plans",
        PolicyType::AiServicesOptOut => "services",
        PolicyType::Chatbot => "chatbot",
        PolicyType::DeclarativeEc2 => "ec2_attributes",
        PolicyType::SecurityHub => "securityhub",
        PolicyType::Inspector => "inspector",
        PolicyType::UpgradeRollout => "upgrade_rollout",
        PolicyType::Bedrock => "bedrock",
        PolicyType::S3 => "s3_attributes",
        PolicyType::NetworkSecurityDirector => "network_security_director",
        PolicyType::ServiceControl
        | PolicyType::ResourceControl
        | PolicyType::GuardDuty
        | PolicyType::SecurityHubCspm
        | PolicyType::Other(_) => return None,
    })
}

/// Checks the syntax of a management policy.
///
/// # Errors
///
/// Returns the mistake as a phrase that completes a sentence.
pub fn check(kind: &PolicyType, document: &str) -> Result<(), String> {
    let Value::Object(members) = json::read(document)? else { return Err("it is not a JSON object".to_owned()) };
    let names: Vec<_> = members.keys().map(String::as_str).filter(|name| *name != ALLOWED).collect();
    match (names.as_slice(), top(kind)) {
        ([], _) => return Err("it sets nothing".to_owned()),
        ([name], Some(top)) if *name == top => {}
        (names, Some(top)) => return Err(format!("a policy of this type has {top:?} at its top, not {names:?}")),
        (_, None) => {}
    }
    check_level(&members)
}

fn check_level(members: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in members {
        if name == ALLOWED {
            let operators: &[&str] = &["@@all", "@@none", "@@assign", "@@append", "@@remove"];
            let listed = value
                .as_array()
                .is_some_and(|items| items.iter().all(|item| item.as_str().is_some_and(|operator| operators.contains(&operator))));
            if !listed {
                return Err(format!("{ALLOWED} must be a list of {operators:?}"));
            }
        } else if name.starts_with("@@") {
            if !SETTING.contains(&name.as_str()) {
                return Err(format!("{name:?} is not an operator; the operators are {SETTING:?} and {ALLOWED:?}"));
            }
            let scalar = |value: &Value| value.is_string() || value.is_boolean() || value.is_number();
            if !scalar(value) && !value.as_array().is_some_and(|items| items.iter().all(scalar)) {
                return Err(format!("{name} must contain a value or a list of values"));
            }
        } else {
            match value {
                Value::Object(below) => check_level(below)?,
                _ => return Err(format!("{name:?} must be an object: values are set by operators such as \"@@assign\"")),
            }
        }
    }
    Ok(())
}

/// A node of the effective policy, while the policies from the root to the account are applied to it.
#[derive(Debug, Default)]
struct Node {
    value: Option<Value>,
    /// The operators that later policies may use in this node and below; `None` means all.
    allowed: Option<Vec<String>>,
    below: BTreeMap<String, Node>,
}

/// The effective policy of a type for a member, without operators; `None` if no policy of that type applies to it.
#[must_use]
pub fn effective(kind: &PolicyType, membership: &Membership, organization: &Organization) -> Option<Value> {
    if !organization.enforces(kind) {
        return None;
    }
    let chain = organization.chain(&membership.parent);
    let above = chain.iter().filter_map(|unit| organization.units.get(*unit)).map(|unit| unit.policies.as_slice());
    let mut root = Node::default();
    let mut any = false;
    for id in above.chain([membership.policies.as_slice()]).flatten() {
        let Some(policy) = organization.policies.get(id).filter(|policy| policy.kind == *kind) else { continue };
        let Ok(Value::Object(members)) = serde_json::from_str(&policy.content) else { continue };
        root.apply(&members, None);
        any = true;
    }
    any.then(|| root.into_value()).flatten()
}

impl Node {
    /// Applies one policy; `inherited` contains the operators that the nodes above allow.
    fn apply(&mut self, members: &Map<String, Value>, inherited: Option<&[String]>) {
        let allowed = self.allowed.clone().or_else(|| inherited.map(<[String]>::to_vec));
        let may = |operator: &str| allowed.as_ref().is_none_or(|allowed| allowed.iter().any(|one| one == operator || one == "@@all"));
        for (name, value) in members {
            match name.as_str() {
                ALLOWED => {}
                operator if SETTING.contains(&operator) => {
                    if may(operator) {
                        self.set(operator, value);
                    }
                }
                _ => {
                    if let Value::Object(below) = value {
                        self.below.entry(name.clone()).or_default().apply(below, allowed.as_deref());
                    }
                }
            }
        }
        // Each policy can only narrow what the child policies may use.
        if let Some(operators) = members.get(ALLOWED).and_then(Value::as_array) {
            let listed = operators.iter().filter_map(Value::as_str);
            let kept = listed.filter(|operator| *operator == "@@none" || *operator == "@@all" || may(operator));
            let kept: Vec<_> = kept.map(str::to_owned).collect();
            let all = kept.iter().any(|operator| operator == "@@all");
            self.allowed = if all { allowed } else { Some(kept) };
        }
    }

    fn set(&mut self, operator: &str, value: &Value) {
        let items = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        match operator {
            "@@assign" => self.value = Some(value.clone()),
            "@@append" => {
                let mut list = self.value.as_ref().map(items).unwrap_or_default();
                list.extend(items(value).into_iter().filter(|item| !list.contains(item)).collect::<Vec<_>>());
                self.value = Some(Value::Array(list));
            }
            _ => {
                let removed = items(value);
                let list = self.value.as_ref().map(items).unwrap_or_default();
                self.value = Some(list.into_iter().filter(|item| !removed.contains(item)).collect());
            }
        }
    }

    fn into_value(self) -> Option<Value> {
        let below: Map<_, _> = self.below.into_iter().filter_map(|(name, node)| Some((name, node.into_value()?))).collect();
        if below.is_empty() { self.value } else { Some(Value::Object(below)) }
    }
}

/// The reason why an effective policy is not valid; `None` if it is valid. A backup plan needs regions, rules and selections, which can
/// come from policies at different levels.
fn invalid(kind: &PolicyType, effective: &Value) -> Option<String> {
    if *kind != PolicyType::Backup {
        return None;
    }
    let plans = effective.get("plans")?.as_object()?;
    plans.iter().find_map(|(plan, content)| {
        let missing = ["regions", "rules", "selections"].into_iter().find(|part| content.get(part).is_none())?;
        Some(format!("the backup plan {plan:?} has no {missing}"))
    })
}

/// The reason why the effective policy of a type is not valid for a member, as a code and a sentence.
#[must_use]
pub fn error_of(kind: &PolicyType, id: AccountId, organization: &Organization, world: &World) -> Option<(&'static str, String)> {
    let membership = world.accounts.get(&id).and_then(|account| account.membership.as_ref())?;
    let effective = effective(kind, membership, organization)?;
    invalid(kind, &effective).map(|message| ("ELEMENTS_MISSING", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_own_syntax() {
        for (kind, right) in [
            (PolicyType::Tag, r#"{"tags":{"cost":{"tag_key":{"@@assign":"Cost"},"tag_value":{"@@append":["1","2"]}}}}"#),
            (
                PolicyType::AiServicesOptOut,
                r#"{"services":{"@@operators_allowed_for_child_policies":["@@none"],"default":{"opt_out_policy":{"@@assign":"optOut"}}}}"#,
            ),
            (PolicyType::S3, r#"{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"}}}"#),
            (PolicyType::GuardDuty, r#"{"anything":{"at_all":{"@@assign":true}}}"#),
        ] {
            assert_eq!(check(&kind, right), Ok(()), "{right}");
        }
        for (kind, wrong) in [
            (PolicyType::Tag, "{}"),
            (PolicyType::Tag, "[]"),
            (PolicyType::Tag, r#"{"plans":{}}"#),
            (PolicyType::Tag, r#"{"tags":{},"plans":{}}"#),
            (PolicyType::Tag, r#"{"tags":{"cost":{"tag_key":"Cost"}}}"#),
            (PolicyType::Tag, r#"{"tags":{"cost":{"tag_key":{"@@set":"Cost"}}}}"#),
            (PolicyType::Tag, r#"{"tags":{"cost":{"tag_key":{"@@assign":{"a":1}}}}}"#),
            (PolicyType::Tag, r#"{"tags":{"@@operators_allowed_for_child_policies":["@@some"]}}"#),
            (PolicyType::Tag, r#"{"tags":{"a":{}},"tags":{"b":{}}}"#),
            (PolicyType::Backup, r#"{"Version":"2012-10-17","Statement":[]}"#),
        ] {
            assert!(check(&kind, wrong).is_err(), "{wrong}");
        }
    }

    fn applied(policies: &[&str]) -> Value {
        let mut root = Node::default();
        for policy in policies {
            let Ok(Value::Object(members)) = serde_json::from_str(policy) else { panic!("{policy}") };
            root.apply(&members, None);
        }
        root.into_value().unwrap()
    }

    #[test]
    fn later_policies_assign_append_and_remove_as_far_as_they_may() {
        let first = r#"{"tags":{"a":{"tag_key":{"@@assign":"A"},"tag_value":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":["1"]}}}}"#;
        let second = r#"{"tags":{"a":{"tag_key":{"@@assign":"B"},"tag_value":{"@@append":["2","1"],"@@remove":["1"]}}}}"#;
        assert_eq!(applied(&[first]), serde_json::json!({ "tags": { "a": { "tag_key": "A", "tag_value": ["1"] } } }));
        assert_eq!(applied(&[first, second]), serde_json::json!({ "tags": { "a": { "tag_key": "B", "tag_value": ["1", "2"] } } }));
        let closed = r#"{"tags":{"@@operators_allowed_for_child_policies":["@@none"],"a":{"tag_key":{"@@assign":"A"}}}}"#;
        assert_eq!(applied(&[closed, second])["tags"]["a"]["tag_key"], "A");
        let removing = r#"{"tags":{"a":{"tag_value":{"@@remove":"1"}}}}"#;
        assert_eq!(applied(&[second, removing])["tags"]["a"]["tag_value"], serde_json::json!(["2"]));
    }
}
