//! What services integrated with the organization take away. Whether a service is integrated, `ListAWSServiceAccessForOrganization` tells;
//! what it does with this very account only the service itself knows, and nothing here asks it.

use crate::gate::{Finding, GateFacts};
use crate::org::Consequence;

use super::accept;

/// An integration.
struct Integration {
    /// Its service principals (Organizations user guide, "AWS services that you can use with AWS Organizations").
    principals: &'static [&'static str],
    /// What may be lost.
    loss: &'static str,
    /// The IAM actions that would tell, and the command that does.
    actions: &'static str,
    /// How to look.
    command: &'static str,
}

fn integration(consequence: Consequence) -> Option<Integration> {
    Some(match consequence {
        Consequence::StackSets => Integration {
            principals: &["member.org.stacksets.cloudformation.amazonaws.com", "stacksets.cloudformation.amazonaws.com"],
            loss: "service-managed stack sets delete their stacks, with the resources in them, unless they retain stacks on account removal",
            actions: "cloudformation:ListStackSets, ListStackInstances and DescribeStackSet",
            command: "aws cloudformation list-stack-instances --stack-set-name NAME --stack-instance-account ACCOUNT",
        },
        Consequence::IdentityCenter => Integration {
            principals: &["sso.amazonaws.com"],
            loss: "people lose their Identity Center access to the account",
            actions: "sso:ListPermissionSetsProvisionedToAccount and sso:ListAccountAssignments",
            command: "aws sso-admin list-permission-sets-provisioned-to-account --instance-arn ARN --account-id ACCOUNT",
        },
        Consequence::ResourceShares => Integration {
            principals: &["ram.amazonaws.com"],
            loss: "resources shared through the organization are lost, unless their share retains sharing when an account leaves",
            actions: "ram:GetResourceShares and ram:ListResources",
            command: "aws ram get-resource-shares --resource-owner OTHER-ACCOUNTS",
        },
        Consequence::ControlTower => Integration {
            principals: &["controltower.amazonaws.com"],
            loss: "an account that Control Tower still manages leaves the landing zone drifted",
            actions: "controltower:ListEnabledBaselines",
            command: "aws controltower list-enabled-baselines --include-children",
        },
        Consequence::OrganizationTrail => Integration {
            principals: &["cloudtrail.amazonaws.com"],
            loss: "an organization trail, if there is one, stops recording the account",
            actions: "cloudtrail:DescribeTrails",
            command: "aws cloudtrail describe-trails --query 'trailList[?IsOrganizationTrail]'",
        },
        _ => return None,
    })
}

pub fn check(consequence: Consequence, facts: &GateFacts<'_>) -> Finding {
    let Some(integration) = integration(consequence) else { return Finding::passes("it is no integration") };
    let finding = match &facts.observed.service_access {
        Err(unreadable) => Finding::unknown(
            unreadable.to_string(),
            format!("Allow {} to the role that plans. {}", unreadable.operation, accept(consequence)),
        ),
        Ok(enabled) => match integration.principals.iter().find(|principal| enabled.contains(**principal)) {
            None => Finding::passes(format!("{} has no trusted access in the organization", integration.principals.join(" and "))),
            Some(principal) => Finding::unknown(
                format!(
                    "{principal} has trusted access, and what it holds of this account was not read ({}): {}",
                    integration.actions, integration.loss
                ),
                format!(
                    "Look, then decide. {}\n    {}",
                    accept(consequence),
                    integration.command.replace("ACCOUNT", &facts.desired.id.to_string())
                ),
            ),
        },
    };
    finding.seen_in(facts.observed.provenance("ListAWSServiceAccessForOrganization"))
}
