//! The table of gates, with one row for each gate. The row contains everything that the crate knows about the gate, and refers to the
//! function that answers it.

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
/// Ways to leave that make the account standalone.
const TO_STAND_ALONE: &[Action] = &[Action::Leave, Action::Remove];
/// Ways to leave in which the member makes the call itself.
const OWN_CALL: &[Action] = &[Action::Leave, Action::Transfer];
/// Leaving by LeaveOrganization.
const LEAVE_ITSELF: &[Action] = &[Action::Leave];
/// Moving to another organization.
const TRANSFER: &[Action] = &[Action::Transfer];
/// Every action.
const EVERY: &[Action] = Action::ALL;
/// Every action on an account that is a member at that time.
const WITH_ACCOUNT: &[Action] = &[Action::Leave, Action::Remove, Action::Transfer, Action::Join(JoinStep::Place)];
/// Every step of joining.
const JOINING: &[Action] = &[Action::Join(JoinStep::Invite), Action::Join(JoinStep::Accept), Action::Join(JoinStep::Place)];
/// The steps of joining while the account is not a member yet.
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
        asks: "Do the credentials belong to the declared organization and management account?",
        who: Configuration,
        documentation: "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html",
    },
    Gate {
        name: GateName::ManagementAccount,
        actions: EVERY,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Either(management_account::check, management_account::check_joining),
        asks: "Is it the management account, whose membership can't change?",
        who: Configuration,
        documentation: LEAVE,
    },
    Gate {
        name: GateName::Protected,
        actions: LEAVING,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Leaving(protected::check),
        asks: "Is the account in `protected_accounts`, or does orgroster run with its credentials?",
        who: Configuration,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::KnownAccount,
        actions: LEAVING,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Leaving(known_account::check),
        asks: "Is there an account with this id in the organization?",
        who: Configuration,
        documentation: ACCOUNT,
    },
    Gate {
        name: GateName::Identity,
        actions: WITH_ACCOUNT,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Either(identity::check, identity::check_joining),
        asks: "Do the declared name and email match the live account?",
        who: Configuration,
        documentation: ACCOUNT,
    },
    Gate {
        name: GateName::State,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(state::check),
        asks: "Is the account's state ACTIVE?",
        who: Support,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html",
    },
    Gate {
        name: GateName::NotBefore,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(not_before::check),
        asks: "Has the `not_before` date been reached?",
        who: Configuration,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::WaitingPeriod,
        actions: LEAVING,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(waiting_period::check),
        asks: "If the organization created the account, is it at least four days old?",
        who: ManagementAdministrator,
        documentation: LEAVE,
    },
    Gate {
        name: GateName::DelegatedAdministrator,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(delegated_administrator::check),
        asks: "Is the account a delegated administrator, and for which services?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html",
    },
    Gate {
        name: GateName::ServiceControlPolicy,
        actions: OWN_CALL,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(policy::check),
        asks: "Do service control policies allow the role to make the call?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
    },
    Gate {
        name: GateName::MemberAccess,
        actions: OWN_CALL,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(member_access::check),
        asks: "Can the member role be assumed, and does its session belong to the account?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html",
    },
    Gate {
        name: GateName::LeavePermission,
        actions: LEAVE_ITSELF,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(leave_permission::check),
        asks: "Does IAM's policy simulator confirm that the role can make the call?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html",
    },
    Gate {
        name: GateName::OpenHandshake,
        actions: LEAVE_ITSELF,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(open_handshake::check),
        asks: "Is an invitation or a transfer of the account pending?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListHandshakesForAccount.html",
    },
    Gate {
        name: GateName::Invitation,
        actions: TRANSFER,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(invitation::check),
        asks: "Has the target organization invited the account, and when does the invitation expire?",
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
        asks: "Can anyone sign in as the root user afterwards?",
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
        asks: "Does the organization depend on the account?",
        who: Configuration,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::StackSets,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::StackSets, facts)),
        asks: "Do stack sets delete resources in the account?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html",
    },
    Gate {
        name: GateName::IdentityCenter,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::IdentityCenter, facts)),
        asks: "Do people lose access to the account through Identity Center?",
        who: ManagementAdministrator,
        documentation: INTEGRATIONS,
    },
    Gate {
        name: GateName::ResourceShares,
        actions: LEAVING,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::ResourceShares, facts)),
        asks: "Does the account lose resources that are shared with it, or stop sharing its own?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html",
    },
    Gate {
        name: GateName::ControlTower,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::ControlTower, facts)),
        asks: "Does Control Tower manage the account?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/controltower/latest/userguide/unmanage-account.html",
    },
    Gate {
        name: GateName::Protections,
        actions: LEAVING,
        needs: Needs::Account,
        default: MANDATORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::Protections, facts)),
        asks: "Which policies stop protecting the account?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_effective.html",
    },
    Gate {
        name: GateName::OrganizationConditions,
        actions: LEAVING,
        needs: Needs::Inside,
        // Most of it is read only at apply, and never completely.
        default: OFF,
        check: Check::Leaving(|facts| consequence::check(Consequence::OrganizationConditions, facts)),
        asks: "Which policies in the account depend on the organization?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    },
    Gate {
        name: GateName::Tags,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::Tags, facts)),
        asks: "Which tags of the account does AWS delete?",
        who: Configuration,
        documentation: LEAVE,
    },
    Gate {
        name: GateName::Policies,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::Policies, facts)),
        asks: "Which policies of the organization stop applying?",
        who: ManagementAdministrator,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::ResidualAccess,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::ResidualAccess, facts)),
        asks: "Who keeps access to the account?",
        who: MemberAdministrator,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::Billing,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::Billing, facts)),
        asks: "What changes in billing?",
        who: Finance,
        documentation: REMOVE,
    },
    Gate {
        name: GateName::OrganizationTrail,
        actions: LEAVING,
        needs: Needs::Account,
        default: ADVISORY,
        check: Check::Leaving(|facts| consequence::check(Consequence::OrganizationTrail, facts)),
        asks: "Does an organization trail stop recording the account?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
    },
    Gate {
        name: GateName::FeatureSet,
        actions: TO_COME_IN,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::feature_set),
        asks: "Can accounts join the organization now?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org_support-all-features.html",
    },
    Gate {
        name: GateName::OrganizationAge,
        actions: TO_COME_IN,
        needs: Needs::Organization,
        default: ADVISORY,
        check: Check::Joining(joining::organization_age),
        asks: "Is the organization at least seven days old, so that accounts can move to it directly?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_account_migration.html",
    },
    Gate {
        name: GateName::JoinDecision,
        actions: INVITE,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::decision),
        asks: "Does the `on` date permit an invitation?",
        who: Configuration,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html",
    },
    Gate {
        name: GateName::OpenInvitation,
        actions: TO_COME_IN,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::open_invitation),
        asks: "Does another open invitation from the organization conflict with this one?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html",
    },
    Gate {
        name: GateName::InvitationQuota,
        actions: INVITE,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::invitation_quota),
        asks: "Is there room in the account quota and in the daily invitation quota?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
    },
    Gate {
        name: GateName::Unit,
        actions: JOINING,
        needs: Needs::Organization,
        default: MANDATORY,
        check: Check::Joining(joining::unit),
        asks: "Does the organizational unit for the account exist?",
        who: Configuration,
        documentation: "https://docs.aws.amazon.com/organizations/latest/APIReference/API_MoveAccount.html",
    },
    Gate {
        name: GateName::AcceptAccess,
        actions: TO_COME_IN,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Joining(joining::accept_access),
        asks: "Can the role that accepts the invitation be assumed, and does its session belong to the account?",
        who: MemberAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_accept-decline-invite.html",
    },
    Gate {
        name: GateName::Standing,
        actions: TO_COME_IN,
        needs: Needs::Inside,
        default: MANDATORY,
        check: Check::Joining(joining::standing),
        asks: "Is the account in no organization, or in the one that `from` declares?",
        who: Configuration,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_account_migration.html",
    },
    Gate {
        name: GateName::JoinedPolicies,
        actions: JOINING,
        needs: Needs::Organization,
        default: ADVISORY,
        check: Check::Joining(joining::joined_policies),
        asks: "Which policies apply to the account once it has joined?",
        who: ManagementAdministrator,
        documentation: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inheritance_auth.html",
    },
    Gate {
        name: GateName::Payer,
        actions: TO_COME_IN,
        needs: Needs::Organization,
        default: ADVISORY,
        check: Check::Joining(joining::payer),
        asks: "Who pays for the account once it has joined?",
        who: Finance,
        documentation: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/consolidated-billing.html",
    },
    Gate {
        name: GateName::FreePlan,
        actions: TO_COME_IN,
        needs: Needs::Inside,
        default: ADVISORY,
        check: Check::Joining(joining::free_plan),
        asks: "Does joining end the account's free plan?",
        who: Finance,
        documentation: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/free-tier-plans.html",
    },
];

// Does not compile if a name has no row, or its row is at another position.
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
