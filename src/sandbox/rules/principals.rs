//! Service principals that can have trusted access (Organizations User Guide, AWS services that you can use with Organizations).

/// Every service that integrates with Organizations, by its principal.
const TRUSTED: &[&str] = &[
    "access-analyzer.amazonaws.com",
    "account.amazonaws.com",
    "application-signals.cloudwatch.amazonaws.com",
    "auditmanager.amazonaws.com",
    "aws-artifact-account-sync.amazonaws.com",
    "backup.amazonaws.com",
    "bedrock.amazonaws.com",
    "billing-cost-management.amazonaws.com",
    "chatbot.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "compute-optimizer.amazonaws.com",
    "config.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    "controltower.amazonaws.com",
    "cost-optimization-hub.bcm.amazonaws.com",
    "detective.amazonaws.com",
    "devops-guru.amazonaws.com",
    "ds.amazonaws.com",
    "ec2.amazonaws.com",
    "fms.amazonaws.com",
    "guardduty.amazonaws.com",
    "health.amazonaws.com",
    "iam.amazonaws.com",
    "inspector2.amazonaws.com",
    "ipam.amazonaws.com",
    "license-management.marketplace.amazonaws.com",
    "license-manager.amazonaws.com",
    "license-manager.member-account.amazonaws.com",
    "license-manager-linux-subscriptions.amazonaws.com",
    "macie.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
    "member.org.stacksets.cloudformation.amazonaws.com",
    "network-security-director.amazonaws.com",
    "networkmanager.amazonaws.com",
    "notifications.amazonaws.com",
    "observabilityadmin.amazonaws.com",
    "opsdatasync.ssm.amazonaws.com",
    "q.amazonaws.com",
    "ram.amazonaws.com",
    "reachabilityanalyzer.networkinsights.amazonaws.com",
    "reporting.trustedadvisor.amazonaws.com",
    "resource-explorer-2.amazonaws.com",
    "s3.amazonaws.com",
    "security-ir.amazonaws.com",
    "securityhub.amazonaws.com",
    "securitylake.amazonaws.com",
    "servicecatalog.amazonaws.com",
    "servicequotas.amazonaws.com",
    "ssm.amazonaws.com",
    "ssm-quicksetup.amazonaws.com",
    "sso.amazonaws.com",
    "stacksets.cloudformation.amazonaws.com",
    "storage-lens.s3.amazonaws.com",
    "tagpolicies.tag.amazonaws.com",
    "upgrade-rollout.amazonaws.com",
    "user-subscriptions.amazonaws.com",
    "wellarchitected.amazonaws.com",
];

/// The limit of delegated administrators for a service, if its documentation gives one.
const ADMINISTRATORS: &[(&str, usize)] = &[
    ("access-analyzer.amazonaws.com", 1),
    ("account.amazonaws.com", 1),
    ("auditmanager.amazonaws.com", 1),
    ("cloudtrail.amazonaws.com", 3),
    ("compute-optimizer.amazonaws.com", 1),
    ("detective.amazonaws.com", 1),
    ("devops-guru.amazonaws.com", 1),
    ("guardduty.amazonaws.com", 1),
    ("inspector2.amazonaws.com", 1),
    ("ipam.amazonaws.com", 1),
    ("macie.amazonaws.com", 1),
    ("member.org.stacksets.cloudformation.amazonaws.com", 5),
    ("securityhub.amazonaws.com", 1),
    ("securitylake.amazonaws.com", 1),
    ("ssm.amazonaws.com", 1),
    ("sso.amazonaws.com", 1),
    ("storage-lens.s3.amazonaws.com", 5),
];

/// Whether Organizations supports a service principal.
#[must_use]
pub fn is_known(principal: &str) -> bool {
    TRUSTED.contains(&principal)
}

/// The maximum number of members that may administer a service; `None` if its documentation gives none.
#[must_use]
pub fn administrators(principal: &str) -> Option<usize> {
    ADMINISTRATORS.iter().find(|(known, _)| *known == principal).map(|(_, most)| *most)
}
