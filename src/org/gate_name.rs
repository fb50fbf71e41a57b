//! Names of gates, attestations, consequences and enforcements.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Defines a closed list of names, each with the text that users write.
macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every name, in display order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name as users write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|name| name.as_str() == text).ok_or(())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.as_str())
            }
        }
    };
}

names! {
    /// A gate: one question about one account, whose answer decides whether an action may proceed.
    GateName {
        /// Do the credentials belong to the declared organization and management account?
        Organization = "organization",
        /// Is it the management account, whose membership can't change?
        ManagementAccount = "management_account",
        /// Is the account in `protected_accounts`, or does orgroster run with its credentials?
        Protected = "protected",
        /// Is there an account with this id in the organization?
        KnownAccount = "known_account",
        /// Do the declared name and email match the live account?
        Identity = "identity",
        /// Is the account's state ACTIVE?
        State = "state",
        /// Has the `not_before` date been reached?
        NotBefore = "not_before",
        /// If the organization created the account, is it at least four days old?
        WaitingPeriod = "waiting_period",
        /// Is the account a delegated administrator, and for which services?
        DelegatedAdministrator = "delegated_administrator",
        /// Do service control policies allow the role to make the call?
        ServiceControlPolicy = "service_control_policy",
        /// Can the member role be assumed, and does its session belong to the account?
        MemberAccess = "member_access",
        /// Does IAM's policy simulator confirm that the role can make the call?
        LeavePermission = "leave_permission",
        /// Is an invitation or a transfer of the account pending?
        OpenHandshake = "open_handshake",
        /// Has the target organization invited the account, and when does the invitation expire?
        Invitation = "invitation",
        /// Is the contact information complete?
        ContactInformation = "contact_information",
        /// Has a support plan been chosen?
        SupportPlan = "support_plan",
        /// Is there a valid payment method?
        PaymentMethod = "payment_method",
        /// Has the phone number been verified?
        PhoneVerification = "phone_verification",
        /// Has the AWS Customer Agreement been accepted?
        CustomerAgreement = "customer_agreement",
        /// Does the new owner control the root user's mailbox?
        RootAccess = "root_access",
        /// Can anyone sign in as the root user afterwards?
        RootCredentials = "root_credentials",
        /// Is IAM access to billing activated?
        IamBillingAccess = "iam_billing_access",
        /// Does the organization depend on the account?
        ReliedUpon = "relied_upon",
        /// Do stack sets delete resources in the account?
        StackSets = "stack_sets",
        /// Do people lose access to the account through Identity Center?
        IdentityCenter = "identity_center",
        /// Does the account lose resources that are shared with it, or stop sharing its own?
        ResourceShares = "resource_shares",
        /// Does Control Tower manage the account?
        ControlTower = "control_tower",
        /// Which policies stop protecting the account?
        Protections = "protections",
        /// Which policies in the account depend on the organization?
        OrganizationConditions = "organization_conditions",
        /// Which tags of the account does AWS delete?
        Tags = "tags",
        /// Which policies of the organization stop applying?
        Policies = "policies",
        /// Who keeps access to the account?
        ResidualAccess = "residual_access",
        /// What changes in billing?
        Billing = "billing",
        /// Does an organization trail stop recording the account?
        OrganizationTrail = "organization_trail",
        /// Can accounts join the organization now?
        FeatureSet = "feature_set",
        /// Is the organization at least seven days old, so that accounts can move to it directly?
        OrganizationAge = "organization_age",
        /// Does the `on` date permit an invitation?
        JoinDecision = "join_decision",
        /// Does another open invitation from the organization conflict with this one?
        OpenInvitation = "open_invitation",
        /// Is there room in the account quota and in the daily invitation quota?
        InvitationQuota = "invitation_quota",
        /// Does the organizational unit for the account exist?
        Unit = "unit",
        /// Can the role that accepts the invitation be assumed, and does its session belong to the account?
        AcceptAccess = "accept_access",
        /// Is the account in no organization, or in the one that `from` declares?
        Standing = "standing",
        /// Which policies apply to the account once it has joined?
        JoinedPolicies = "joined_policies",
        /// Who pays for the account once it has joined?
        Payer = "payer",
        /// Does joining end the account's free plan?
        FreePlan = "free_plan",
    }
}

names! {
    /// Something that a person can attest if no fact decides it. Each name is also the name of a gate.
    AttestationKind {
        /// A support plan was chosen.
        SupportPlan = "support_plan",
        /// A current, supported payment method is on the account.
        PaymentMethod = "payment_method",
        /// The contact phone number was verified.
        PhoneVerification = "phone_verification",
        /// The AWS Customer Agreement was accepted.
        CustomerAgreement = "customer_agreement",
        /// The root user's mailbox is under the new owner's control.
        RootAccess = "root_access",
        /// IAM access to billing is activated.
        IamBillingAccess = "iam_billing_access",
    }
}

impl AttestationKind {
    /// The gate that this kind resolves.
    #[must_use]
    pub const fn gate(self) -> GateName {
        match self {
            Self::SupportPlan => GateName::SupportPlan,
            Self::PaymentMethod => GateName::PaymentMethod,
            Self::PhoneVerification => GateName::PhoneVerification,
            Self::CustomerAgreement => GateName::CustomerAgreement,
            Self::RootAccess => GateName::RootAccess,
            Self::IamBillingAccess => GateName::IamBillingAccess,
        }
    }
}

impl GateName {
    /// Whether a `gate` block may lower the enforcement of this gate. It may not for gates that facts decide and AWS enforces, nor for
    /// gates that keep the wrong account from leaving.
    #[must_use]
    pub fn can_be_lowered(self) -> bool {
        let second_opinions = [
            Self::LeavePermission,
            Self::OpenHandshake,
            Self::ContactInformation,
            Self::RootCredentials,
            Self::ReliedUpon,
            Self::OrganizationAge,
            Self::InvitationQuota,
        ];
        self.attestation().is_some() || self.consequence().is_some() || second_opinions.contains(&self)
    }

    /// The consequence that this gate is about, if any.
    #[must_use]
    pub fn consequence(self) -> Option<Consequence> {
        Consequence::ALL.iter().copied().find(|consequence| consequence.gate() == self)
    }

    /// The kind of attestation that resolves this gate, if any.
    #[must_use]
    pub fn attestation(self) -> Option<AttestationKind> {
        AttestationKind::ALL.iter().copied().find(|kind| kind.gate() == self)
    }
}

names! {
    /// Something that an account loses by leaving or joining, or that begins then.
    Consequence {
        /// Stacks of service-managed stack sets are deleted.
        StackSets = "stack_sets",
        /// Identity Center assignments end.
        IdentityCenter = "identity_center",
        /// Resource shares of the organization end.
        ResourceShares = "resource_shares",
        /// Control Tower no longer governs it.
        ControlTower = "control_tower",
        /// Backup, S3 and declarative policies stop protecting it.
        Protections = "protections",
        /// Its identity and trust policies with conditions on the organization stop matching.
        OrganizationConditions = "organization_conditions",
        /// Tags on the account object are deleted.
        Tags = "tags",
        /// Policies of the organization stop applying.
        Policies = "policies",
        /// Roles still trust the old management account.
        ResidualAccess = "residual_access",
        /// The account loses its cost history, shared reservations and savings plans.
        Billing = "billing",
        /// The organization's trail stops covering it.
        OrganizationTrail = "organization_trail",
        /// Policies of the organization apply to an account that joins.
        JoinedPolicies = "joined_policies",
        /// The organization pays for an account that joins.
        Payer = "payer",
        /// The free plan of an account that joins ends, and its credits with it.
        FreePlan = "free_plan",
    }
}

impl Consequence {
    /// Whether this is a consequence of joining; the others are of leaving.
    #[must_use]
    pub const fn is_of_joining(self) -> bool {
        matches!(self, Self::JoinedPolicies | Self::Payer | Self::FreePlan)
    }

    /// The gate about this consequence.
    #[must_use]
    pub const fn gate(self) -> GateName {
        match self {
            Self::StackSets => GateName::StackSets,
            Self::IdentityCenter => GateName::IdentityCenter,
            Self::ResourceShares => GateName::ResourceShares,
            Self::ControlTower => GateName::ControlTower,
            Self::Protections => GateName::Protections,
            Self::OrganizationConditions => GateName::OrganizationConditions,
            Self::Tags => GateName::Tags,
            Self::Policies => GateName::Policies,
            Self::ResidualAccess => GateName::ResidualAccess,
            Self::Billing => GateName::Billing,
            Self::OrganizationTrail => GateName::OrganizationTrail,
            Self::JoinedPolicies => GateName::JoinedPolicies,
            Self::Payer => GateName::Payer,
            Self::FreePlan => GateName::FreePlan,
        }
    }

    /// The services on whose trusted access this consequence depends (Organizations user guide, "AWS services that you can use with AWS
    /// Organizations"); empty if it depends on none.
    #[must_use]
    pub const fn service_principals(self) -> &'static [&'static str] {
        match self {
            Self::StackSets => &["member.org.stacksets.cloudformation.amazonaws.com", "stacksets.cloudformation.amazonaws.com"],
            Self::IdentityCenter => &["sso.amazonaws.com"],
            Self::ResourceShares => &["ram.amazonaws.com"],
            Self::ControlTower => &["controltower.amazonaws.com"],
            Self::OrganizationTrail => &["cloudtrail.amazonaws.com"],
            Self::Protections
            | Self::OrganizationConditions
            | Self::Tags
            | Self::Policies
            | Self::ResidualAccess
            | Self::Billing
            | Self::JoinedPolicies
            | Self::Payer
            | Self::FreePlan => &[],
        }
    }

    /// The first of its services that has trusted access.
    #[must_use]
    pub fn integrated_by(self, enabled: &BTreeSet<String>) -> Option<&'static str> {
        self.service_principals().iter().copied().find(|principal| enabled.contains(*principal))
    }
}

names! {
    /// The effect of a gate that does not pass.
    Enforcement {
        /// It blocks the account.
        Mandatory = "mandatory",
        /// It is shown and does not block.
        Advisory = "advisory",
        /// It is not evaluated.
        Off = "off",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attestation_kind_is_named_like_the_gate_it_settles() {
        for kind in AttestationKind::ALL {
            assert_eq!(kind.as_str(), kind.gate().as_str());
            assert_eq!(kind.gate().attestation(), Some(*kind));
        }
    }

    #[test]
    fn every_consequence_is_named_like_its_gate() {
        for consequence in Consequence::ALL {
            assert_eq!(consequence.as_str(), consequence.gate().as_str());
            assert_eq!(consequence.gate().consequence(), Some(*consequence));
        }
    }
}
