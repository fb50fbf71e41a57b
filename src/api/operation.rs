//! Every operation of AWS that this program calls: its name, what it may cost, and who needs to be allowed to call it.

/// A credential that the program works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Plans, in the management account or a delegated administrator.
    Plan,
    /// Applies, from the management account.
    Apply,
    /// Removes members (`via = "remove"`), beside what it needs to apply.
    Remove,
    /// The role in a member that makes the call.
    Member,
    /// The same role when it accepts the invitation of another organization (`via = "transfer"`).
    MemberTransfer,
    /// The same role when `verify -member` reads what CloudTrail has of the call.
    MemberTrail,
    /// The role in a member that only reads.
    MemberRead,
    /// Any session in a member, which says where it is.
    MemberIdentity,
    /// Invites accounts and places them, beside what it needs to apply (`join`).
    Join,
    /// The role in an account that accepts our invitation.
    Accept,
    /// The same role when it says, before anything is sent, which plan its account is on.
    JoinRead,
}

/// What a permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// `*`: the action has no resource types, or what it will read is not known before.
    Any,
    /// The member role, in any account.
    MemberRole,
    /// The role that reads, in any account.
    MemberReadRole,
    /// The role that AWS Organizations makes in each member.
    ServiceLinkedRole,
    /// Invitations of the organizations that transfers may lead to, or of ours.
    Invitation,
    /// The roles that accept our invitations.
    AcceptRole,
    /// The root user of any member, for an audit of its credentials and no other task.
    RootUser,
}

/// Requests that AWS admits from one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// A second, in the long run.
    pub rate: u32,
    /// At once.
    pub burst: u32,
}

const READERS: &[Duty] = &[Duty::Plan, Duty::Apply, Duty::Remove, Duty::Join];
const INSIDE: &[Duty] = &[Duty::Member, Duty::MemberRead];
const ACCEPTING: &[Duty] = &[Duty::MemberTransfer, Duty::Accept];
const EVERYWHERE: &[Duty] = &[Duty::Plan, Duty::Apply, Duty::Remove, Duty::Join, Duty::Member, Duty::MemberRead, Duty::Accept];
const CONTACT: &[Duty] = &[Duty::Plan, Duty::Apply, Duty::Remove, Duty::Join, Duty::Member, Duty::MemberRead];
/// Needs no permission of any role: everybody may (STS API reference, GetCallerIdentity), or a session that is made for it.
const NOBODY: &[Duty] = &[];

const WHERE_IT_IS: &[Duty] =
    &[Duty::Plan, Duty::Apply, Duty::Remove, Duty::Join, Duty::Member, Duty::MemberTransfer, Duty::MemberIdentity, Duty::Accept];

/// Declares the operations: service, name, requests a second and burst where there is a pace, and who needs it on what.
macro_rules! operations {
    ($($service:literal $name:ident $([$rate:literal / $burst:literal])?: $duties:expr $(, $resource:ident)?;)*) => {
        /// An operation, named as in AWS's API references.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", $service, ":", stringify!($name), "`.")] $name,)*
        }

        impl Operation {
            /// All of them, by service and name.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The prefix of the service's IAM actions.
            #[must_use]
            pub const fn service(self) -> &'static str {
                match self { $(Self::$name => $service,)* }
            }

            /// Its name alone.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Service and name, which is also the IAM action that it needs.
            #[must_use]
            pub const fn action(self) -> &'static str {
                match self { $(Self::$name => concat!($service, ":", stringify!($name)),)* }
            }

            /// What AWS admits; `None` where nothing is paced, because a run makes few of these requests. Acts have a pace of their own, which
            /// keeps to the same rates.
            #[must_use]
            pub const fn quota(self) -> Option<Quota> {
                match self { $(Self::$name => operations!(@quota $($rate, $burst)?),)* }
            }

            /// Who needs to be allowed to call it.
            #[must_use]
            pub const fn duties(self) -> &'static [Duty] {
                match self { $(Self::$name => $duties,)* }
            }

            /// What the permission is about.
            #[must_use]
            pub const fn resource(self) -> Resource {
                match self { $(Self::$name => operations!(@resource $($resource)?),)* }
            }
        }
    };
    (@quota $rate:literal, $burst:literal) => { Some(Quota { rate: $rate, burst: $burst }) };
    (@quota) => { None };
    (@resource $resource:ident) => { Resource::$resource };
    (@resource) => { Resource::Any };
}

// Quotas: Organizations user guide, "Quotas and service limits"; CloudTrail API reference, LookupEvents, and user guide, quotas. The other
// services document none; what is asked of them is little, and so it may take its time.
operations! {
    "account" GetAccountInformation: EVERYWHERE;
    "account" GetContactInformation: CONTACT;
    "cloudformation" ListStackInstances [5 / 5]: READERS;
    "cloudformation" ListStackSets [5 / 5]: READERS;
    "cloudtrail" DescribeTrails [10 / 10]: READERS;
    // `verify` matches departures with CloudTrail.
    "cloudtrail" LookupEvents [2 / 2]: &[Duty::Plan, Duty::Apply, Duty::Remove, Duty::MemberTrail];
    "controltower" GetLandingZone [5 / 5]: READERS;
    "controltower" ListEnabledBaselines [5 / 5]: READERS;
    "controltower" ListLandingZones [5 / 5]: READERS;
    // Joining ends the free plan.
    "freetier" GetAccountPlanState [5 / 5]: &[Duty::JoinRead];
    // Of every user, group, role and policy, where `organization_conditions` is asked for.
    "iam" GetAccountAuthorizationDetails [5 / 5]: INSIDE;
    // Of the root user, in a session that may do nothing but audit it; so is ListMFADevices.
    "iam" GetLoginProfile [5 / 5]: NOBODY;
    // About the role that makes the call, also where another role reads; so is SimulatePrincipalPolicy.
    "iam" GetRole: INSIDE, MemberRole;
    "iam" ListMFADevices [5 / 5]: NOBODY;
    "iam" ListOrganizationsFeatures [5 / 5]: READERS;
    "iam" SimulatePrincipalPolicy: INSIDE, MemberRole;
    // Of all accounts of an organization together; so is LeaveOrganization (its API reference). An account itself does either once.
    "organizations" AcceptHandshake [5 / 5]: ACCEPTING, Invitation;
    "organizations" DescribeAccount [20 / 30]: READERS;
    "organizations" DescribeEffectivePolicy [2 / 2]: READERS;
    // Of the one invitation that is accepted next.
    "organizations" DescribeHandshake [1 / 2]: &[Duty::Join];
    "organizations" DescribeOrganization [1 / 2]: WHERE_IT_IS;
    "organizations" DescribeOrganizationalUnit [2 / 2]: READERS;
    "organizations" DescribePolicy [2 / 2]: READERS;
    "organizations" DescribeResourcePolicy [2 / 2]: READERS;
    "organizations" InviteAccountToOrganization [3 / 5]: &[Duty::Join];
    // AWS's pages disagree whether accepting an invitation as a member needs it (user guide, "Accepting or declining an invitation").
    "organizations" LeaveOrganization [5 / 5]: &[Duty::Member, Duty::MemberTransfer, Duty::Accept];
    "organizations" ListAWSServiceAccessForOrganization [1 / 3]: READERS;
    "organizations" ListAccounts [8 / 12]: READERS;
    "organizations" ListDelegatedAdministrators [5 / 8]: READERS;
    "organizations" ListDelegatedServicesForAccount [1 / 3]: READERS;
    "organizations" ListHandshakesForAccount [5 / 8]: INSIDE;
    // Who was invited: plan needs it only where the configuration takes accounts in.
    "organizations" ListHandshakesForOrganization [5 / 8]: &[Duty::Plan, Duty::Join];
    // `init -from-organization` and `import` name the units.
    "organizations" ListOrganizationalUnitsForParent [5 / 8]: &[Duty::Plan];
    "organizations" ListParents [5 / 8]: READERS;
    "organizations" ListPolicies [5 / 8]: READERS;
    "organizations" ListPoliciesForTarget [5 / 8]: READERS;
    "organizations" ListRoots [1 / 2]: READERS;
    "organizations" ListTagsForResource [10 / 15]: READERS;
    "organizations" ListTargetsForPolicy [5 / 8]: READERS;
    "organizations" MoveAccount [2 / 3]: &[Duty::Join];
    "organizations" RemoveAccountFromOrganization [2 / 2]: &[Duty::Remove];
    "organizations" TagResource [4 / 6]: &[Duty::Join];
    // Asked in each member for itself.
    "payments" ListPaymentInstruments [5 / 5]: INSIDE;
    "ram" GetResourceShares [5 / 5]: INSIDE;
    "ram" ListPrincipals [5 / 5]: INSIDE;
    // How many accounts the organization may have, and invite: plan needs it only where the configuration takes accounts in.
    "servicequotas" ListServiceQuotas [5 / 5]: &[Duty::Plan, Duty::Join];
    "sso" ListInstances [5 / 5]: READERS;
    "sso" ListPermissionSetsProvisionedToAccount [5 / 5]: READERS;
    "sts" AssumeRole: NOBODY;
    // Plan needs it only where the configuration lets it audit root users.
    "sts" AssumeRoot [5 / 5]: READERS, RootUser;
    "sts" GetCallerIdentity: NOBODY;
    "support" DescribeSeverityLevels: INSIDE;
}

impl AsRef<str> for Operation {
    fn as_ref(&self) -> &str {
        self.action()
    }
}

impl Operation {
    /// The operation with this service and name, as [`Operation::service`] and [`Operation::name`] have them.
    #[must_use]
    pub fn find(service: &str, name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name && operation.service() == service)
    }
}

/// A permission that a duty needs.
#[derive(Debug, Clone, Copy)]
pub struct Permission {
    /// `service:Action`.
    pub action: &'static str,
    /// On what.
    pub resource: Resource,
    /// Who needs it.
    pub duties: &'static [Duty],
}

/// Permissions that are not those of an operation by itself: roles are assumed by different duties for different ones.
const OTHERS: &[Permission] = &[
    // Organizations deletes its role when the account leaves, on behalf of the caller.
    Permission { action: "iam:DeleteServiceLinkedRole", resource: Resource::ServiceLinkedRole, duties: &[Duty::Member] },
    // The organization that it moves to has Organizations make the role in it, on behalf of the principal that accepts.
    Permission { action: "iam:CreateServiceLinkedRole", resource: Resource::ServiceLinkedRole, duties: ACCEPTING },
    Permission { action: "sts:AssumeRole", resource: Resource::MemberRole, duties: &[Duty::Apply] },
    Permission { action: "sts:AssumeRole", resource: Resource::AcceptRole, duties: &[Duty::Join] },
    // Apply plans again, and must see what was seen when the plan was approved.
    Permission { action: "sts:AssumeRole", resource: Resource::MemberReadRole, duties: &[Duty::Plan, Duty::Apply] },
];

/// Every permission that some duty needs.
pub fn permissions() -> impl Iterator<Item = Permission> {
    let of = |operation: &Operation| Permission { action: operation.action(), resource: operation.resource(), duties: operation.duties() };
    Operation::ALL.iter().map(of).filter(|permission| !permission.duties.is_empty()).chain(OTHERS.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_in_order_and_found_by_their_names() {
        assert!(Operation::ALL.is_sorted_by_key(|operation| operation.action()));
        for operation in Operation::ALL {
            assert_eq!(Operation::find(operation.service(), operation.name()), Some(*operation));
            assert_eq!(operation.action(), format!("{}:{}", operation.service(), operation.name()));
        }
        assert_eq!(Operation::find("ram", "ListAccounts"), None);
    }
}
