//! The table of known kinds of places. The file's name and the keys that lead to a place determine its kind.

use super::Kind;
use super::outline::Spot;

/// A kind and its places. The first rule of the table that fits counts.
struct Rule {
    kind: Kind,
    files: Files,
    /// The keys that lead to the place, without indices. `*` matches any one key, `**` any number of keys.
    keys: &'static str,
    /// The value of `Type` in an enclosing mapping.
    of_type: Option<&'static str>,
}

/// The files that a rule is about.
enum Files {
    Any,
    /// Files with one of these names.
    Named(&'static [&'static str]),
    /// Files whose names end with one of these.
    Ending(&'static [&'static str]),
    /// Files below a directory with one of these names.
    Below(&'static [&'static str]),
}

const LZA: &str = "Landing Zone Accelerator";
const AFT: &str = "Account Factory for Terraform";
const ADF: &str = "AWS Deployment Framework";
const CFCT: &str = "Customizations for Control Tower";
const CLOUDFORMATION: &str = "CloudFormation";
const TERRAFORM: &str = "Terraform";
const ORG_FORMATION: &str = "org-formation";
const POLICY: &str = "IAM policy";

const LZA_ACCOUNTS: Files = Files::Named(&["accounts-config.yaml", "accounts-config.yml"]);
const LZA_FILES: Files = Files::Named(&[
    "accounts-config.yaml",
    "customizations-config.yaml",
    "global-config.yaml",
    "iam-config.yaml",
    "network-config.yaml",
    "organization-config.yaml",
    "replacements-config.yaml",
    "security-config.yaml",
]);
const ADF_MAPS: Files = Files::Named(&["deployment_map.yml", "deployment_map.yaml"]);
const ADF_MORE_MAPS: Files = Files::Below(&["deployment_maps"]);
const CFCT_MANIFEST: Files = Files::Named(&["manifest.yaml", "manifest.yml"]);
const TERRAFORM_FILES: Files = Files::Ending(&[".tf", ".tofu", ".tf.json"]);
const YAML_FILES: Files = Files::Ending(&[".yaml", ".yml"]);
const CLOUDFORMATION_FILES: Files = Files::Ending(&[".yaml", ".yml", ".json", ".template"]);

const fn rule(id: &'static str, tool: &'static str, what: &'static str, files: Files, keys: &'static str) -> Rule {
    Rule { kind: Kind::new(id, tool, what), files, keys, of_type: None }
}

const fn typed(id: &'static str, tool: &'static str, what: &'static str, of_type: &'static str) -> Rule {
    Rule { kind: Kind::new(id, tool, what), files: YAML_FILES, keys: "**", of_type: Some(of_type) }
}

/// The rules, from the tools' own documents: LZA's and ADF's configuration references, AFT's "Provision an account", CfCT's
/// manifest reference, and the Terraform AWS provider's resources.
const RULES: &[Rule] = &[
    rule("lza-mandatory-account", LZA, "mandatory account", LZA_ACCOUNTS, "mandatoryAccounts/**"),
    rule("lza-workload-account", LZA, "workload account", LZA_ACCOUNTS, "workloadAccounts/**"),
    rule("lza-account-id", LZA, "account id", LZA_ACCOUNTS, "accountIds/**"),
    rule("lza-deployment-target", LZA, "deployment target", LZA_FILES, "**/deploymentTargets/accounts"),
    rule("lza-excluded-account", LZA, "excluded account", LZA_FILES, "**/deploymentTargets/excludedAccounts"),
    rule("lza-share-target", LZA, "share target", LZA_FILES, "**/shareTargets/accounts"),
    rule("lza-account", LZA, "account of a resource", LZA_FILES, "**/account"),
    rule("lza-account", LZA, "account of a resource", LZA_FILES, "**/accounts"),
    rule("lza-setting", LZA, "setting", LZA_FILES, "**"),
    rule("aft-account-request", AFT, "account request", TERRAFORM_FILES, "module/*/control_tower_parameters/**"),
    rule("aft-account-request", AFT, "account request", TERRAFORM_FILES, "module/*/account_tags/**"),
    rule("aft-account-request", AFT, "account request", TERRAFORM_FILES, "module/*/change_management_parameters/**"),
    rule("adf-account", ADF, "account definition", Files::Below(&["adf-accounts"]), "**"),
    rule("adf-deployment-target", ADF, "deployment map target", ADF_MAPS, "pipelines/targets/**"),
    rule("adf-deployment-target", ADF, "deployment map target", ADF_MORE_MAPS, "pipelines/targets/**"),
    rule("adf-provider", ADF, "deployment map provider", ADF_MAPS, "pipelines/default_providers/**"),
    rule("adf-provider", ADF, "deployment map provider", ADF_MORE_MAPS, "pipelines/default_providers/**"),
    rule("adf-setting", ADF, "setting", Files::Named(&["adfconfig.yml", "adfconfig.yaml"]), "**"),
    rule("cfct-deployment-target", CFCT, "deployment target", CFCT_MANIFEST, "resources/deployment_targets/accounts"),
    rule("cfct-deployment-target", CFCT, "deployment target", CFCT_MANIFEST, "cloudformation_resources/deploy_to_account/**"),
    rule("cfct-parameter", CFCT, "parameter of a resource", CFCT_MANIFEST, "resources/parameters/**"),
    typed("org-formation-account", ORG_FORMATION, "account (OC::ORG::Account)", "OC::ORG::Account"),
    typed("org-formation-management-account", ORG_FORMATION, "management account (OC::ORG::MasterAccount)", "OC::ORG::MasterAccount"),
    typed("org-formation-unit", ORG_FORMATION, "organizational unit (OC::ORG::OrganizationalUnit)", "OC::ORG::OrganizationalUnit"),
    rule("org-formation-binding", ORG_FORMATION, "organization binding", YAML_FILES, "**/OrganizationBinding/**"),
    rule("org-formation-binding", ORG_FORMATION, "organization binding", YAML_FILES, "**/DefaultOrganizationBinding/**"),
    rule("org-formation-binding", ORG_FORMATION, "organization binding", YAML_FILES, "OrganizationBindings/**"),
    rule("policy-principal", POLICY, "principal", Files::Any, "**/Principal/**"),
    rule("policy-principal", POLICY, "principal", Files::Any, "**/NotPrincipal/**"),
    rule("policy-principal", POLICY, "principal", TERRAFORM_FILES, "**/principals/identifiers"),
    rule("policy-principal", POLICY, "principal", TERRAFORM_FILES, "**/not_principals/identifiers"),
    rule("policy-condition", POLICY, "condition", Files::Any, "**/Statement/Condition/**"),
    rule("policy-condition", POLICY, "condition", TERRAFORM_FILES, "data/aws_iam_policy_document/**/condition/values"),
    rule("policy-resource", POLICY, "resource", Files::Any, "**/Statement/Resource"),
    rule("stack-set-target", CLOUDFORMATION, "stack set deployment target", CLOUDFORMATION_FILES, "**/DeploymentTargets/Accounts"),
    rule("cloudformation-mapping", CLOUDFORMATION, "mapping", CLOUDFORMATION_FILES, "Mappings/**"),
    rule("cloudformation-parameter", CLOUDFORMATION, "parameter default", CLOUDFORMATION_FILES, "Parameters/*/Default"),
    rule("cloudformation-parameter", CLOUDFORMATION, "parameter value", CLOUDFORMATION_FILES, "**/ParameterValue"),
    rule("cloudformation-resource", CLOUDFORMATION, "property of a resource", CLOUDFORMATION_FILES, "Resources/*/Properties/**"),
    rule("terraform-account", TERRAFORM, "member account", TERRAFORM_FILES, "resource/aws_organizations_account/**"),
    rule(
        "terraform-delegated-administrator",
        TERRAFORM,
        "delegated administrator",
        TERRAFORM_FILES,
        "resource/aws_organizations_delegated_administrator/**",
    ),
    rule(
        "terraform-policy-attachment",
        TERRAFORM,
        "policy attachment",
        TERRAFORM_FILES,
        "resource/aws_organizations_policy_attachment/*/target_id",
    ),
    rule(
        "terraform-stack-set-target",
        TERRAFORM,
        "stack set instance",
        TERRAFORM_FILES,
        "resource/aws_cloudformation_stack_set_instance/**",
    ),
    rule("terraform-stack-set-target", TERRAFORM, "stack set instance", TERRAFORM_FILES, "resource/aws_cloudformation_stack_instances/**"),
    rule(
        "terraform-account-assignment",
        TERRAFORM,
        "Identity Center assignment",
        TERRAFORM_FILES,
        "resource/aws_ssoadmin_account_assignment/**",
    ),
    rule("terraform-share", TERRAFORM, "resource share", TERRAFORM_FILES, "resource/aws_ram_principal_association/**"),
    rule("terraform-provider-role", TERRAFORM, "role of a provider", TERRAFORM_FILES, "provider/*/assume_role/role_arn"),
    rule("terraform-provider-account", TERRAFORM, "account of a provider", TERRAFORM_FILES, "provider/*/allowed_account_ids"),
    rule("terraform-provider-account", TERRAFORM, "account of a provider", TERRAFORM_FILES, "provider/*/forbidden_account_ids"),
    rule("terraform-backend", TERRAFORM, "backend", TERRAFORM_FILES, "terraform/backend/**"),
    rule("terraform-import", TERRAFORM, "import block", TERRAFORM_FILES, "import/**"),
    rule("terraform-data", TERRAFORM, "data source", TERRAFORM_FILES, "data/**"),
    rule("terraform-resource", TERRAFORM, "resource", TERRAFORM_FILES, "resource/**"),
    rule("terraform-module", TERRAFORM, "module", TERRAFORM_FILES, "module/**"),
    rule("terraform-variable", TERRAFORM, "variable", TERRAFORM_FILES, "variable/**"),
    rule("terraform-local", TERRAFORM, "local value", TERRAFORM_FILES, "locals/**"),
    rule("terraform-variable", TERRAFORM, "variable", Files::Ending(&[".tfvars", ".tfvars.json"]), "**"),
    rule("terraform-state", TERRAFORM, "state", Files::Ending(&[".tfstate", ".tfstate.backup"]), "**"),
    rule("terragrunt-input", "Terragrunt", "input", Files::Named(&["terragrunt.hcl"]), "inputs/**"),
    rule("github-workflow", "GitHub Actions", "workflow", Files::Below(&[".github/workflows", ".github/actions"]), "**"),
    rule("gitlab-pipeline", "GitLab CI", "pipeline", Files::Named(&[".gitlab-ci.yml"]), "**"),
];

const COMMENT: Kind = Kind::new("comment", "", "comment");
const ARN: Kind = Kind::new("arn", "", "ARN");
const IMAGE: Kind = Kind::new("container-image", "", "container image in ECR");

/// The kind of a place, if it is known. `otherwise` is the kind that the surrounding text suggests, in case no rule fits.
pub(super) fn kind_of(file: &str, spot: Option<&Spot>, otherwise: Option<Kind>) -> Option<Kind> {
    if spot.is_some_and(|spot| spot.comment) {
        return Some(COMMENT);
    }
    let keys = spot.map(Spot::keys).unwrap_or_default();
    let types = spot.map(|spot| spot.types.as_slice()).unwrap_or_default();
    // If the keys are not known, only rules that match by the file's name alone can fit.
    let fits = |rule: &&Rule| rule.files.has(file) && rule.of_type.is_none_or(|wanted| types.iter().any(|found| found == wanted));
    let found = RULES.iter().filter(fits).find(|rule| leads(rule.keys, &keys));
    found.map(|rule| rule.kind.clone()).or(otherwise)
}

/// The kind that the text around an id suggests.
pub(super) fn by_text(before: &[u8], after: &[u8]) -> Option<Kind> {
    let ends_word = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`,;=()[]".contains(byte);
    let word = before.rsplit(ends_word).next().unwrap_or_default();
    if word.starts_with(b"arn:") && word.ends_with(b":") {
        return Some(ARN);
    }
    after.starts_with(b".dkr.ecr.").then_some(IMAGE)
}

impl Files {
    fn has(&self, file: &str) -> bool {
        let name = file.rsplit('/').next().unwrap_or_default();
        match self {
            Self::Any => true,
            Self::Named(names) => names.contains(&name),
            Self::Ending(endings) => endings.iter().any(|ending| name.ends_with(ending)),
            Self::Below(directories) => {
                let file = format!("/{file}");
                directories.iter().any(|directory| file.contains(&format!("/{directory}/")))
            }
        }
    }
}

/// Whether keys match a pattern.
fn leads(pattern: &str, keys: &[&str]) -> bool {
    let pattern: Vec<_> = pattern.split('/').collect();
    // The prefixes of the keys that the pattern so far can match. The work is at most the pattern's length times the number of keys.
    let mut reached = vec![false; keys.len() + 1];
    reached[0] = true;
    for step in pattern {
        let mut next = vec![false; keys.len() + 1];
        for at in 0..=keys.len() {
            match step {
                "**" => next[at] = reached[at] || (at > 0 && next[at - 1]),
                _ => next[at] = at > 0 && reached[at - 1] && (step == "*" || step == keys[at - 1]),
            }
        }
        reached = next;
    }
    reached[keys.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::references::outline::Step;

    fn kind(file: &str, keys: &str, of_type: Option<&str>) -> Option<String> {
        let steps = keys.split('/').filter(|key| !key.is_empty()).map(|key| Step::Key(key.to_owned())).collect();
        let spot = Spot { steps, comment: false, types: of_type.map(str::to_owned).into_iter().collect() };
        kind_of(file, Some(&spot), None).map(|kind| kind.id.into_owned())
    }

    #[test]
    fn each_tool_has_its_places() {
        for (file, keys, expected) in [
            ("lza/accounts-config.yaml", "workloadAccounts/email", Some("lza-workload-account")),
            ("accounts-config.yaml", "mandatoryAccounts/name", Some("lza-mandatory-account")),
            ("accounts-config.yaml", "accountIds/accountId", Some("lza-account-id")),
            ("x/iam-config.yaml", "roleSets/deploymentTargets/accounts", Some("lza-deployment-target")),
            ("security-config.yaml", "a/b/deploymentTargets/excludedAccounts", Some("lza-excluded-account")),
            ("network-config.yaml", "transitGateways/shareTargets/accounts", Some("lza-share-target")),
            ("network-config.yaml", "vpcs/account", Some("lza-account")),
            ("global-config.yaml", "logging/bucket", Some("lza-setting")),
            ("terraform/crm.tf", "module/crm/control_tower_parameters/AccountEmail", Some("aft-account-request")),
            ("terraform/crm.tf", "module/crm/account_tags/owner", Some("aft-account-request")),
            ("adf-accounts/crm.yml", "accounts/email", Some("adf-account")),
            ("deployment_map.yml", "pipelines/targets/path", Some("adf-deployment-target")),
            ("deployment_maps/iam.yml", "pipelines/targets", Some("adf-deployment-target")),
            ("deployment_map.yml", "pipelines/default_providers/source/properties/account_id", Some("adf-provider")),
            ("adfconfig.yml", "roles/x", Some("adf-setting")),
            ("manifest.yaml", "resources/deployment_targets/accounts", Some("cfct-deployment-target")),
            ("manifest.yaml", "resources/deployment_targets/organizational_units", None),
            ("manifest.yaml", "resources/parameters/parameter_value", Some("cfct-parameter")),
            ("tasks.yml", "Roles/DefaultOrganizationBinding/Account", Some("org-formation-binding")),
            ("stacksets.yaml", "Resources/Set/Properties/StackInstancesGroup/DeploymentTargets/Accounts", Some("stack-set-target")),
            ("template.json", "Mappings/Accounts/333333333333", Some("cloudformation-mapping")),
            ("template.json", "Parameters/Crm/Default", Some("cloudformation-parameter")),
            ("params.json", "ParameterValue", Some("cloudformation-parameter")),
            ("template.yaml", "Resources/Role/Properties/RoleName", Some("cloudformation-resource")),
            ("template.yaml", "Resources/Role/Properties/Doc/Statement/Principal/AWS", Some("policy-principal")),
            ("policy.json", "Statement/Condition/StringEquals/aws:SourceAccount", Some("policy-condition")),
            ("policy.json", "Statement/Resource", Some("policy-resource")),
            ("main.tf", "resource/aws_organizations_account/crm/email", Some("terraform-account")),
            ("main.tf.json", "resource/aws_organizations_account/crm/email", Some("terraform-account")),
            ("main.tf", "resource/aws_organizations_delegated_administrator/x/account_id", Some("terraform-delegated-administrator")),
            ("main.tf", "resource/aws_organizations_policy_attachment/x/target_id", Some("terraform-policy-attachment")),
            ("main.tf", "resource/aws_cloudformation_stack_set_instance/x/account_id", Some("terraform-stack-set-target")),
            ("main.tf", "resource/aws_ssoadmin_account_assignment/x/target_id", Some("terraform-account-assignment")),
            ("main.tf", "resource/aws_ram_principal_association/x/principal", Some("terraform-share")),
            ("main.tf", "provider/aws/assume_role/role_arn", Some("terraform-provider-role")),
            ("main.tf", "provider/aws/allowed_account_ids", Some("terraform-provider-account")),
            ("main.tf", "terraform/backend/s3/assume_role/role_arn", Some("terraform-backend")),
            ("main.tf", "data/aws_iam_policy_document/x/statement/principals/identifiers", Some("policy-principal")),
            ("main.tf", "data/aws_organizations_account/x/id", Some("terraform-data")),
            ("main.tf", "resource/aws_s3_bucket/logs/bucket", Some("terraform-resource")),
            ("main.tf", "import/id", Some("terraform-import")),
            ("main.tf", "locals/accounts/crm", Some("terraform-local")),
            ("main.tf", "variable/accounts/default", Some("terraform-variable")),
            ("prod.tfvars", "accounts", Some("terraform-variable")),
            ("prod.tfstate", "resources/instances/attributes/id", Some("terraform-state")),
            ("live/terragrunt.hcl", "inputs/account_id", Some("terragrunt-input")),
            (".github/workflows/deploy.yml", "jobs/a/steps/with/role-to-assume", Some("github-workflow")),
            (".gitlab-ci.yml", "variables/ACCOUNT", Some("gitlab-pipeline")),
            ("other.yaml", "workloadAccounts/email", None),
            ("notes.txt", "", None),
        ] {
            assert_eq!(kind(file, keys, None).as_deref(), expected, "{file} {keys}");
        }
        assert_eq!(
            kind("organization.yml", "Organization/Crm/Properties/AccountId", Some("OC::ORG::Account")).as_deref(),
            Some("org-formation-account")
        );
        let management = kind("organization.yml", "Organization/Root/Properties/AccountId", Some("OC::ORG::MasterAccount"));
        assert_eq!(management.as_deref(), Some("org-formation-management-account"));
        assert_eq!(kind("organization.yml", "Organization/Crm/Properties/AccountId", None), None);
    }

    #[test]
    fn without_keys_the_text_around_it_says_what_it_is() {
        let kind = |before: &str, after: &str| by_text(before.as_bytes(), after.as_bytes()).map(|kind| kind.id.into_owned());
        assert_eq!(kind("role = arn:aws:iam::", ":role/x"), Some("arn".to_owned()));
        assert_eq!(kind("image: ", ".dkr.ecr.us-east-1.amazonaws.com/x"), Some("container-image".to_owned()));
        assert_eq!(kind("barn: ", ""), None);
        let comment = Spot { comment: true, ..Spot::default() };
        assert_eq!(kind_of("accounts-config.yaml", Some(&comment), None), Some(COMMENT));
        assert_eq!((kind_of("notes.md", None, Some(ARN)), kind_of("notes.md", None, None)), (Some(ARN), None));
    }

    #[test]
    fn an_id_of_a_kind_means_one_tool_and_no_rule_is_behind_one_that_takes_its_places() {
        let mut tools = BTreeMap::new();
        for (index, rule) in RULES.iter().enumerate() {
            assert_eq!(*tools.entry(&rule.kind.id).or_insert(&rule.kind.tool), &rule.kind.tool, "{}", rule.kind.id);
            let file = match &rule.files {
                Files::Any => "any.txt".to_owned(),
                Files::Named(names) => names[0].to_owned(),
                Files::Ending(endings) => format!("x{}", endings[0]),
                Files::Below(directories) => format!("{}/x.yml", directories[0]),
            };
            let keys = rule.keys.replace("**", "any").replace('*', "any");
            let keys: Vec<_> = keys.split('/').collect();
            let first = RULES.iter().position(|other| other.of_type == rule.of_type && other.files.has(&file) && leads(other.keys, &keys));
            assert_eq!(first, Some(index), "{}: {}", rule.kind.id, rule.keys);
        }
    }
}
