//! What each gate asks, who can settle it, and where AWS documents it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::GateName;

/// Who can settle a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Whoever maintains the configuration, in a reviewed change.
    Configuration,
    /// An administrator of the management account.
    ManagementAdministrator,
    /// The root user of the member account, or whoever controls its mailbox.
    MemberRoot,
    /// An administrator of the member account.
    MemberAdministrator,
    /// Whoever pays for the account.
    Finance,
    /// AWS Support.
    Support,
}

impl fmt::Display for Who {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Configuration => "whoever maintains this configuration",
            Self::ManagementAdministrator => "an administrator of the management account",
            Self::MemberRoot => "the member account's root user",
            Self::MemberAdministrator => "an administrator of the member account",
            Self::Finance => "finance, with the member account's root user",
            Self::Support => "AWS Support",
        })
    }
}

/// A gate, explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// The question.
    pub asks: &'static str,
    /// Who can settle it.
    pub who: Who,
    /// AWS's documentation.
    pub documentation: &'static str,
}

const REMOVE: &str = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_remove.html";
const LEAVE: &str = "https://docs.aws.amazon.com/organizations/latest/APIReference/API_LeaveOrganization.html";
const ACCOUNT: &str = "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html";
const INTEGRATIONS: &str = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html";

/// The guide of a gate.
#[must_use]
pub const fn guide(gate: GateName) -> Guide {
    use Who::{Configuration, Finance, ManagementAdministrator, MemberAdministrator, MemberRoot, Support};
    let (asks, who, documentation) = match gate {
        GateName::Organization => (
            "Is this the declared organization and management account?",
            Configuration,
            "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html",
        ),
        GateName::ManagementAccount => ("Is it the management account?", Configuration, LEAVE),
        GateName::Protected => ("Is it protected, or the account that the tool runs in?", Configuration, REMOVE),
        GateName::KnownAccount => ("Does the id exist in this organization?", Configuration, ACCOUNT),
        GateName::Identity => ("Do the declared name and email equal the live ones?", Configuration, ACCOUNT),
        GateName::State => (
            "Is its state ACTIVE?",
            Support,
            "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html",
        ),
        GateName::NotBefore => ("Has the declared date come?", Configuration, REMOVE),
        GateName::WaitingPeriod => ("Is a created account older than four days?", ManagementAdministrator, LEAVE),
        GateName::DelegatedAdministrator => (
            "Is it a delegated administrator, and for which services?",
            ManagementAdministrator,
            "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html",
        ),
        GateName::ServiceControlPolicy => (
            "Would service control policies deny the call to the role that makes it?",
            ManagementAdministrator,
            "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
        ),
        GateName::MemberAccess => (
            "Can the member role be assumed, and is it in that account?",
            MemberAdministrator,
            "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html",
        ),
        GateName::LeavePermission => (
            "Does IAM's own simulator agree that the role can make the call?",
            MemberAdministrator,
            "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html",
        ),
        GateName::OpenHandshake => (
            "Is an invitation or a transfer pending?",
            MemberAdministrator,
            "https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListHandshakesForAccount.html",
        ),
        GateName::ContactInformation => (
            "Is the contact information complete?",
            MemberRoot,
            "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-primary.html",
        ),
        GateName::SupportPlan => (
            "Has a support plan been chosen?",
            MemberRoot,
            "https://docs.aws.amazon.com/awssupport/latest/user/changing-support-plans.html",
        ),
        GateName::PaymentMethod => (
            "Is there a valid payment method?",
            Finance,
            "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/manage-payment-method.html",
        ),
        GateName::PhoneVerification => (
            "Has the phone number been verified?",
            ManagementAdministrator,
            "https://docs.aws.amazon.com/accounts/latest/reference/API_SendPhoneNumberVerification.html",
        ),
        GateName::CustomerAgreement => ("Has the AWS Customer Agreement been accepted?", MemberRoot, REMOVE),
        GateName::RootAccess => (
            "Does the new owner control the root user's mailbox?",
            MemberRoot,
            "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html",
        ),
        GateName::IamBillingAccess => (
            "Is IAM access to billing activated?",
            MemberRoot,
            "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/control-access-billing.html",
        ),
        GateName::StackSets => (
            "Do stack sets delete resources?",
            ManagementAdministrator,
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html",
        ),
        GateName::IdentityCenter => ("Do people lose access through Identity Center?", ManagementAdministrator, INTEGRATIONS),
        GateName::ResourceShares => (
            "Are resources lost that others share with it?",
            ManagementAdministrator,
            "https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html",
        ),
        GateName::ControlTower => (
            "Does Control Tower manage it?",
            ManagementAdministrator,
            "https://docs.aws.amazon.com/controltower/latest/userguide/unmanage-account.html",
        ),
        GateName::Tags => ("Which tags are deleted?", Configuration, LEAVE),
        GateName::Policies => ("Which policies stop applying?", ManagementAdministrator, REMOVE),
        GateName::ResidualAccess => ("Who keeps access to it?", MemberAdministrator, REMOVE),
        GateName::Billing => ("What changes about costs?", Finance, REMOVE),
        GateName::OrganizationTrail => (
            "Does an organization trail stop covering it?",
            ManagementAdministrator,
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
        ),
    };
    Guide { asks, who, documentation }
}
