//! The table of gates: one row each. Whatever the crate knows of a gate stands in its row, and what it asks in the file that the row names.

use crate::org::{Action, AttestationKind, Consequence, Enforcement, GateName, JoinStep};

use super::call::{invitation, leave_permission, member_access, open_handshake};
use super::consequence::{self, relied_upon, root_credentials};
use super::membership::{delegated_administrator, identity, known_account, management_account, not_before, organization, protected, state};
use super::row::{Check, DefaultEnforcement, Gate, Needs};
use super::standalone::{attested, contact_information, payment_method, phone_verification, support_plan, waiting_period};
use super::who::Who::{Configuration, Finance, ManagementAdministrator, MemberAdministrator, MemberRoot, OtherOrganization, Support};
use super::{joining, policy};

/// Every way to leave.
const LEAVING: &[Action] = &[Action::Leave, Action::Remove, Action::Transfer];
/// Ways to leave after which the account is in no organization.
const TO_STAND_ALONE: &[Action] = &[Action::Leave, Action::Remove];
/// Ways to leave by a call of the member's own.
const OWN_CALL: &[Action] = &[Action::Leave, Action::Transfer];
/// Leaving by LeaveOrganization.
const LEAVE_ITSELF: &[Action] = &[Action::Leave];
/// Moving to another organization.
const TRANSFER: &[Action] = &[Action::Transfer];
/// Every action.
const EVERY: &[Action] = Action::ALL;
/// Every action on an account that is a member by then.
const WITH_ACCOUNT: &[Action] = &[Action::Leave, Action::Remove, Action::Transfer, Action::Join(JoinStep::Place)];
/// Every step of joining.
const JOINING: &[Action] = &[Action::Join(JoinStep::Invite), Action::Join(JoinStep::Accept), Action::Join(JoinStep::Place)];
/// Joining while the account is not a member yet.
const TO_COME_IN: &[Action] = &[Action::Join(JoinStep::Invite), Action::Join(JoinStep::Accept)];
/// Inviting.
const INVITE: &[Action] = &[Action::Join(JoinStep::Invite)];

const MANDATORY: DefaultEnforcement = DefaultEnforcement::Always(Enforcement::Mandatory);
const OFF: DefaultEnforcement = DefaultEnforcement::Always(Enforcement::Off);
const ADVISORY: DefaultEnforcement = DefaultEnforcement::Always(Enforcement::Advisory);

const REMOVE: &str = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_remove.html";
const LEAVE: &str = "https://docs.aws.amazon.com/organizations/latest/APIReference/API_LeaveOrganization.html";
const ACCOUNT: &str = "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html";
const INTEGRATIONS: &str = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html";

/// Every gate, in the order in which they are shown.
pub const GATES: &[Gate] = &[
    Gate {
        name: GateName::Organization,
        actions: EVERY,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Either(organization::check, organization::check_joining),
        asks: "Is this the declared organization and management account?",
        who: Configuration,
        documentation: "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html",
    },
    Gate {
        name: GateName::ManagementAccount,
        actions: EVERY,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Either(management_account::check, management_account::check_joining),
        asks: "Is it the management account?",
        who: Configuration,
        documentation: LEAVE,
    },
    Gate {
        name: GateName::Protected,
        actions: LEAVING,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Leaving(protected::check),
        asks: "Is it protected, or the account that the tool runs in?",
        who: Configuration,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::KnownAccount,
        actions: LEAVING,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Leaving(known_account::check),
        asks: "Does the id exist in this organization?",
        who: Configuration,
        documentation: ACCOUNT,
    },
    Gate {
        name: GateName::Identity,
        actions: WITH_ACCOUNT,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Either(identity::check, identity::check_joining),
        asks: "Do the declared name and email equal the live ones?",
        who: Configuration,
        documentation: ACCOUNT,
    },
    Gate {
        name: GateName::State,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(state::check),
        asks: "Is its state ACTIVE?",
        who: Support,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html",
    },
    Gate {
        name: GateName::NotBefore,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(not_before::check),
        asks: "Has the declared date come?",
        who: Configuration,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::WaitingPeriod,
        actions: LEAVING,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(waiting_period::check),
        asks: "Is a created account older than four days?",
        who: ManagementAdministrator,
        documentation: LEAVE,
    },
    Gate {
        name: GateName::DelegatedAdministrator,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(delegated_administrator::check),
        asks: "Is it a delegated administrator, and for which services?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html",
    },
    Gate {
        name: GateName::ServiceControlPolicy,
        actions: OWN_CALL,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(policy::check),
        asks: "Would service control policies deny the call to the role that makes it?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
    },
    Gate {
        name: GateName::MemberAccess,
        actions: OWN_CALL,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(member_access::check),
        asks: "Can the member role be assumed, and is it in that account?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html",
    },
    Gate {
        name: GateName::LeavePermission,
        actions: LEAVE_ITSELF,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(leave_permission::check),
        asks: "Does IAM's own simulator agree that the role can make the call?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html",
    },
    Gate {
        name: GateName::OpenHandshake,
        actions: LEAVE_ITSELF,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(open_handshake::check),
        asks: "Is an invitation or a transfer pending?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListHandshakesForAccount.html",
    },
    Gate {
        name: GateName::Invitation,
        actions: TRANSFER,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(invitation::check),
        asks: "Has the organization that it moves to invited it, and until when?",
        who: OtherOrganization,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_account_migration.html",
    },
    Gate {
        name: GateName::ContactInformation,
        actions: TO_STAND_ALONE,
        needs: Needs::Inside,
        default: DefaultEnforcement::UnlessInvited,
        check: Check::Leaving(contact_information::check),
        asks: "Is the contact information complete?",
        who: MemberRoot,
        documentation: "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-primary.html",
    },
    Gate {
        name: GateName::SupportPlan,
        actions: TO_STAND_ALONE,
        needs: Needs::Inside,
        default: DefaultEnforcement::UnlessInvited,
        check: Check::Leaving(support_plan::check),
        asks: "Has a support plan been chosen?",
        who: MemberRoot,
        documentation: "https://docs.aws.amazon.com/awssupport/latest/user/changing-support-plans.html",
    },
    Gate {
        name: GateName::PaymentMethod,
        actions: TO_STAND_ALONE,
        needs: Needs::Inside,
        default: DefaultEnforcement::UnlessInvited,
        check: Check::Leaving(payment_method::check),
        asks: "Is there a valid payment method?",
        who: Finance,
        documentation: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/manage-payment-method.html",
    },
    Gate {
        name: GateName::PhoneVerification,
        actions: TO_STAND_ALONE,
        needs: Needs::Inside,
        default: DefaultEnforcement::UnlessInvited,
        check: Check::Leaving(phone_verification::check),
        asks: "Has the phone number been verified?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/accounts/latest/reference/API_SendPhoneNumberVerification.html",
    },
    Gate {
        name: GateName::CustomerAgreement,
        actions: TO_STAND_ALONE,
        needs: Needs::Account,
        default: DefaultEnforcement::UnlessInvited,
        check: Check::Leaving(|facts| attested::check(AttestationKind::CustomerAgreement, facts)),
        asks: "Has the AWS Customer Agreement been accepted?",
        who: MemberRoot,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::RootAccess,
        actions: TO_STAND_ALONE,
        needs: Needs::Account,
        default: DefaultEnforcement::UnlessInvited,
        check: Check::Leaving(|facts| attested::check(AttestationKind::RootAccess, facts)),
        asks: "Does the new owner control the root user's mailbox?",
        who: MemberRoot,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html",
    },
    Gate {
        name: GateName::RootCredentials,
        actions: TO_STAND_ALONE,
        needs: Needs::Inside,
        default: DefaultEnforcement::AsRootAccess,
        check: Check::Leaving(root_credentials::check),
        asks: "Can anybody sign in as the root user afterwards?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html",
    },
    Gate {
        name: GateName::IamBillingAccess,
        actions: TO_STAND_ALONE,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| attested::check(AttestationKind::IamBillingAccess, facts)),
        asks: "Is IAM access to billing activated?",
        who: MemberRoot,
        documentation: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/control-access-billing.html",
    },
    Gate {
        name: GateName::ReliedUpon,
        actions: LEAVING,
        needs: Needs::Account,
        default: DefaultEnforcement::WhereReliedUpon,
        check: Check::Leaving(relied_upon::check),
        asks: "Does the organization depend on it?",
        who: Configuration,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::StackSets,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::StackSets, facts)),
        asks: "Do stack sets delete resources?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html",
    },
    Gate {
        name: GateName::IdentityCenter,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::IdentityCenter, facts)),
        asks: "Do people lose access through Identity Center?",
        who: ManagementAdministrator,
        documentation: INTEGRATIONS,
    },
    Gate {
        name: GateName::ResourceShares,
        actions: LEAVING,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::ResourceShares, facts)),
        asks: "Are resources lost that others share with it?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html",
    },
    Gate {
        name: GateName::ControlTower,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::ControlTower, facts)),
        asks: "Does Control Tower manage it?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/controltower/latest/userguide/unmanage-account.html",
    },
    Gate {
        name: GateName::Protections,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::Protections, facts)),
        asks: "Which policies stop protecting it?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_effective.html",
    },
    Gate {
        name: GateName::OrganizationConditions,
        actions: LEAVING,
        needs: Needs::Inside,
        // Mostly first seen at apply, and in part.
        default: OFF,
        check: Check::Leaving(|facts| consequence::check(Consequence::OrganizationConditions, facts)),
        asks: "Which of its own policies depend on the organization?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    },
    Gate {
        name: GateName::Tags,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::Tags, facts)),
        asks: "Which tags are deleted?",
        who: Configuration,
        documentation: LEAVE,
    },
    Gate {
        name: GateName::Policies,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::Policies, facts)),
        asks: "Which policies stop applying?",
        who: ManagementAdministrator,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::ResidualAccess,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::ResidualAccess, facts)),
        asks: "Who keeps access to it?",
        who: MemberAdministrator,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::Billing,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::Billing, facts)),
        asks: "What changes about costs?",
        who: Finance,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::OrganizationTrail,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::OrganizationTrail, facts)),
        asks: "Does an organization trail stop covering it?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
    },
    Gate {
        name: GateName::FeatureSet,
        actions: TO_COME_IN,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::feature_set),
        asks: "Does the organization take accounts in?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org_support-all-features.html",
    },
    Gate {
        name: GateName::OrganizationAge,
        actions: TO_COME_IN,
        needs: Needs::Organization,
        default: ADVISORY,
        check: Check::Joining(joining::organization_age),
        asks: "Is the organization seven days old, so that accounts can move to it directly?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_account_migration.html",
    },
    Gate {
        name: GateName::JoinDecision,
        actions: INVITE,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::decision),
        asks: "Does `on` permit an invitation?",
        who: Configuration,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html",
    },
    Gate {
        name: GateName::OpenInvitation,
        actions: TO_COME_IN,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::open_invitation),
        asks: "Is no other invitation of the organization in the way?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html",
    },
    Gate {
        name: GateName::InvitationQuota,
        actions: INVITE,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::invitation_quota),
        asks: "Is there room in the account quota, and in that of a day's invitations?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
    },
    Gate {
        name: GateName::Unit,
        actions: JOINING,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::unit),
        asks: "Does the unit exist that it is placed in?",
        who: Configuration,
        documentation: "https://docs.aws.amazon.com/organizations/latest/APIReference/API_MoveAccount.html",
    },
    Gate {
        name: GateName::AcceptAccess,
        actions: TO_COME_IN,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Joining(joining::accept_access),
        asks: "Can the role that accepts be assumed, and is it in that account?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_accept-decline-invite.html",
    },
    Gate {
        name: GateName::Standing,
        actions: TO_COME_IN,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Joining(joining::standing),
        asks: "Is it in no organization, or in the one that `from` names?",
        who: Configuration,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_account_migration.html",
    },
    Gate {
        name: GateName::JoinedPolicies,
        actions: JOINING,
        needs: Needs::Organization,
        default: ADVISORY,
        check: Check::Joining(joining::joined_policies),
        asks: "Which policies apply to it from then on?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inheritance_auth.html",
    },
    Gate {
        name: GateName::Payer,
        actions: TO_COME_IN,
        needs: Needs::Organization,
        default: ADVISORY,
        check: Check::Joining(joining::payer),
        asks: "Who pays for it from then on?",
        who: Finance,
        documentation: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/consolidated-billing.html",
    },
    Gate {
        name: GateName::FreePlan,
        actions: TO_COME_IN,
        needs: Needs::Inside,
        default: ADVISORY,
        check: Check::Joining(joining::free_plan),
        asks: "Does its free plan end?",
        who: Finance,
        documentation: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/free-tier-plans.html",
    },
];

// A name without its row, or with it in another place, does not compile.
const _: () = {
    assert!(GATES.len() == GateName::ALL.len());
    let mut index = 0;
    while index < GATES.len() {
        assert!(GATES[index].name as usize == index && GateName::ALL[index] as usize == index);
        index += 1;
    }
};

/// The row of a gate.
#[must_use]
pub const fn gate(name: GateName) -> &'static Gate {
    &GATES[name as usize]
}
