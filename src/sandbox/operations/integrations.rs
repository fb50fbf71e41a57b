//! The operations of integrated services that report what they keep about an account: CloudFormation StackSets (API reference, version
//! 2010-05-15), IAM Identity Center (2020-07-20), Resource Access Manager (2018-01-04) and Control Tower (2018-05-10). Lists are short, so
//! each is one page.

use serde_json::json;

use crate::org::AccountId;
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::rules::caller::Caller;
use crate::sandbox::state::integrations::{Integrations, Share};
use crate::sandbox::state::organization::Organization;
use crate::sandbox::state::words::Word;
use crate::sandbox::wire::form::element;
use crate::sandbox::wire::{self, Answer, Output, Refusal, Service};

use super::{Call, Operation};

/// The operations of these services.
pub(super) const TABLES: &[&[Operation]] = &[&[
    Operation::read(Service::CloudFormation, "ListStackSets", Who::ManagementOrDelegated, list_stack_sets),
    Operation::read(Service::CloudFormation, "ListStackInstances", Who::ManagementOrDelegated, list_stack_instances),
    Operation::read(Service::IdentityCenter, "ListInstances", Who::ManagementOrDelegated, list_instances),
    Operation::read(Service::IdentityCenter, "ListPermissionSetsProvisionedToAccount", Who::ManagementOrDelegated, permission_sets),
    Operation::read(Service::Ram, "GetResourceShares", Who::Anyone, get_resource_shares),
    Operation::read(Service::Ram, "ListPrincipals", Who::Anyone, list_principals),
    Operation::read(Service::ControlTower, "ListLandingZones", Who::Management, list_landing_zones),
    Operation::read(Service::ControlTower, "GetLandingZone", Who::Management, get_landing_zone),
    Operation::read(Service::ControlTower, "ListEnabledBaselines", Who::Management, list_enabled_baselines),
]];

/// The state of the services, if the request is signed for their home region and the service has trusted access.
pub(super) fn at_home<'w>(call: &'w Call<'_>, principal: &str) -> Option<&'w Integrations> {
    let organization = call.world.organization_of(call.caller.account)?;
    let trusted = organization.service_access.keys().any(|service| service.ends_with(principal));
    (trusted && organization.integrations.region == call.caller.region).then_some(&organization.integrations)
}

fn list_stack_sets(call: &mut Call<'_>) -> Answer {
    let sets = at_home(call, "stacksets.cloudformation.amazonaws.com").map(|held| &held.stack_sets).into_iter().flatten();
    let members = sets.map(|(name, set)| {
        let retains = if set.automatic { element("RetainStacksOnAccountRemoval", &set.retains_stacks.to_string()) } else { String::new() };
        let automatic = element("Enabled", &set.automatic.to_string());
        let content = [
            element("StackSetName", name),
            element("StackSetId", &format!("{name}:00000000-0000-0000-0000-000000000000")),
            element("Status", "ACTIVE"),
            element("PermissionModel", "SERVICE_MANAGED"),
            format!("<AutoDeployment>{automatic}{retains}</AutoDeployment>"),
        ];
        format!("<member>{}</member>", content.concat())
    });
    Ok(Output::Xml(format!("<Summaries>{}</Summaries>", members.collect::<String>())))
}

fn list_stack_instances(call: &mut Call<'_>) -> Answer {
    let form = call.input.parameters();
    let name = form.get("StackSetName").unwrap_or_default();
    let held = at_home(call, "stacksets.cloudformation.amazonaws.com");
    let Some(set) = held.and_then(|held| held.stack_sets.get(name)) else {
        return Err(Refusal::new("StackSetNotFoundException", format!("StackSet {name} not found")).with_status(404));
    };
    let wanted = form.get("StackInstanceAccount");
    let accounts = set.accounts.iter().map(AccountId::to_string).filter(|id| wanted.is_none_or(|wanted| wanted == id));
    let region = &call.caller.region;
    let members = accounts
        .map(|id| format!("<member>{}{}{}</member>", element("Region", region), element("Account", &id), element("Status", "CURRENT")));
    Ok(Output::Xml(format!("<Summaries>{}</Summaries>", members.collect::<String>())))
}

/// The ARN of the organization's instance of Identity Center.
fn instance_arn(organization: &Organization) -> String {
    organization.partition.arn("sso", "", format_args!("instance/ssoins-{}", organization.id.trim_start_matches("o-")))
}

fn list_instances(call: &mut Call<'_>) -> Answer {
    let here = at_home(call, "sso.amazonaws.com").and_then(|_| call.world.organization_of(call.caller.account));
    let instances = here.map(|organization| {
        json!({ "InstanceArn": instance_arn(organization), "OwnerAccountId": organization.management.to_string(), "Status": "ACTIVE" })
    });
    wire::json(&json!({ "Instances": instances.into_iter().collect::<Vec<_>>() }))
}

fn permission_sets(call: &mut Call<'_>) -> Answer {
    let account = call.input.account_id("AccountId")?;
    let instance = call.input.required("InstanceArn")?.to_owned();
    let organization = call.organization()?;
    let (Some(held), true) = (at_home(call, "sso.amazonaws.com"), instance == instance_arn(organization)) else {
        return Err(Refusal::new("ResourceNotFoundException", "The instance is not found."));
    };
    let provisioned = held.permission_sets.iter().filter(|(_, accounts)| accounts.contains(&account));
    let sets: Vec<_> = provisioned.map(|(name, _)| format!("{}/{name}", instance.replace("instance", "permissionSet"))).collect();
    wire::json(&json!({ "PermissionSets": sets }))
}

fn share_arn(name: &str, share: &Share, caller: &Caller) -> String {
    format!("arn:{}:ram:{}:{}:resource-share/{name}", caller.partition.as_str(), caller.region, share.owner)
}

fn get_resource_shares(call: &mut Call<'_>) -> Answer {
    let own = call.input.required("resourceOwner")? == "SELF";
    let (account, caller) = (call.caller.account, call.caller);
    let shares = at_home(call, "ram.amazonaws.com").map(|held| &held.resource_shares).into_iter().flatten();
    let shares = shares.filter(|(_, share)| if own { share.owner == account } else { share.accounts.contains(&account) });
    let views = shares.map(|(name, share)| {
        json!({
            "resourceShareArn": share_arn(name, share, caller),
            "name": name,
            "owningAccountId": share.owner.to_string(),
            "allowExternalPrincipals": false,
            "status": "ACTIVE",
            "resourceShareConfiguration": { "retainSharingOnAccountLeaveOrganization": share.retained },
        })
    });
    wire::json(&json!({ "resourceShares": views.collect::<Vec<_>>() }))
}

fn list_principals(call: &mut Call<'_>) -> Answer {
    let own = call.input.required("resourceOwner")? == "SELF";
    let (account, caller) = (call.caller.account, call.caller);
    let shares = at_home(call, "ram.amazonaws.com").map(|held| &held.resource_shares).into_iter().flatten();
    let shares = shares.filter(|(_, share)| own && share.owner == account);
    let principals = shares.flat_map(|(name, share)| {
        let arn = share_arn(name, share, caller);
        share.accounts.iter().map(move |id| json!({ "id": id.to_string(), "resourceShareArn": arn, "external": false }))
    });
    wire::json(&json!({ "principals": principals.collect::<Vec<_>>() }))
}

/// The common prefix of Control Tower's ARNs.
fn control_tower(call: &Call<'_>, held: &Integrations) -> String {
    format!("arn:{}:controltower:{}", call.world.partition.as_str(), held.region)
}

fn list_landing_zones(call: &mut Call<'_>) -> Answer {
    let zone = at_home(call, "controltower.amazonaws.com")
        .map(|held| json!({ "arn": format!("{}:{}:landingzone/SANDBOX", control_tower(call, held), call.caller.account) }));
    wire::json(&json!({ "landingZones": zone.into_iter().collect::<Vec<_>>() }))
}

/// The manifest contains the accounts that a landing zone is built on.
fn get_landing_zone(call: &mut Call<'_>) -> Answer {
    let wanted = call.input.required("landingZoneIdentifier")?.to_owned();
    let zone = |held: &Integrations| format!("{}:{}:landingzone/SANDBOX", control_tower(call, held), call.caller.account);
    let held = at_home(call, "controltower.amazonaws.com").filter(|held| zone(held) == wanted);
    let held = held.ok_or_else(|| Refusal::new("ResourceNotFoundException", "The landing zone is not found.").with_status(404))?;
    let mut manifest = serde_json::Map::new();
    let accounts = [("centralizedLogging", held.log_archive), ("securityRoles", held.audit)];
    for (purpose, account) in accounts {
        manifest.extend(account.map(|account| (purpose.to_owned(), json!({ "accountId": account.to_string() }))));
    }
    manifest.extend(held.central_backup.map(|account| {
        ("backup".to_owned(), json!({ "configurations": { "centralBackup": { "accountId": account.to_string() } }, "enabled": true }))
    }));
    manifest.insert("governedRegions".to_owned(), json!([held.region]));
    wire::json(&json!({ "landingZone": { "arn": wanted, "version": "3.3", "status": "ACTIVE", "manifest": manifest } }))
}

fn list_enabled_baselines(call: &mut Call<'_>) -> Answer {
    let filter = call.input.structure("filter")?;
    let targets = filter.as_ref().map_or(Ok(Vec::new()), |filter| filter.strings("targetIdentifiers"))?;
    let organization = call.organization()?;
    let Some(held) = at_home(call, "controltower.amazonaws.com") else {
        return Err(Refusal::new("ValidationException", "There is no landing zone in this region."));
    };
    let baseline = |account: &AccountId| {
        let target = organization.account_arn(*account);
        json!({
            "arn": format!("{}:{}:enabledbaseline/{account}", control_tower(call, held), organization.management),
            "baselineIdentifier": format!("{}::baseline/17BSJV3IGJ2QSGA2", control_tower(call, held)),
            "targetIdentifier": target,
            "statusSummary": { "status": "SUCCEEDED" },
        })
    };
    let asked = |account: &&AccountId| targets.is_empty() || targets.contains(&organization.account_arn(**account).as_str());
    wire::json(&json!({ "enabledBaselines": held.enrolled.iter().filter(asked).map(baseline).collect::<Vec<_>>() }))
}
