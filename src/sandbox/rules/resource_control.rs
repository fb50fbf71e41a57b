//! The denials of resource control policies. They limit what any principal, of any account, may do with a resource of a member account
//! (Organizations User Guide, resource control policies). Of the services here, STS supports them for assuming roles.

use serde_json::Value;

use crate::org::AccountId;
use crate::sandbox::state::World;
use crate::sandbox::state::organization::{Organization, PolicyType};

use super::document::statements;
use super::policy::{Question, Verdict, decide};

/// The ARN of the policy that denies a request on a resource of `owner`. Resources of the management account are exempt.
#[must_use]
pub fn denial(owner: AccountId, world: &World, question: &Question<'_>) -> Option<String> {
    let membership = world.accounts.get(&owner)?.membership.as_ref()?;
    let organization = world.organizations.get(&membership.organization)?;
    if organization.management == owner || !organization.enforces(&PolicyType::ResourceControl) {
        return None;
    }
    let units = organization.chain(&membership.parent);
    let above = units.iter().filter_map(|unit| organization.units.get(*unit)).flat_map(|unit| &unit.policies);
    above.chain(&membership.policies).find_map(|id| denies(id, organization, question))
}

fn denies(id: &str, organization: &Organization, question: &Question<'_>) -> Option<String> {
    let policy = organization.policies.get(id).filter(|policy| policy.kind == PolicyType::ResourceControl && !policy.aws_managed)?;
    let document = serde_json::from_str::<Value>(&policy.content).ok()?;
    // The grammar requires that these policies apply to every principal.
    let statements: Vec<_> = statements(&document).into_iter().map(without_principal).collect();
    let document = serde_json::json!({ "Version": "2012-10-17", "Statement": statements });
    (decide(&document.to_string(), question) == Verdict::Denied).then(|| organization.policy_arn(policy))
}

fn without_principal(statement: &Value) -> Value {
    let mut members = statement.as_object().cloned().unwrap_or_default();
    members.remove("Principal");
    Value::Object(members)
}
