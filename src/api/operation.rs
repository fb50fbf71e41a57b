//! Every AWS operation that orgroster calls: its name, its quota, and who needs permission to call it.

/// A credential that orgroster works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Plans, in the management account or a delegated administrator account.
    Plan,
    /// Applies, in the management account.
    Apply,
    /// Removes members (`via = "remove"`), in addition to applying.
    Remove,
    /// The role in a member account that makes the call.
    Member,
    /// The same role when it accepts the invitation of another organization (`via = "transfer"`).
    MemberTransfer,
    /// The same role when `verify -member` reads CloudTrail's event of the call.
    MemberTrail,
    /// The role in a member account that only reads.
    MemberRead,
    /// Any session in a member account, which can read its own identity.
    MemberIdentity,
    /// Invites accounts and places them, in addition to applying (`join`).
    Join,
    /// The role in an account that accepts our invitation.
    Accept,
    /// The same role when it reads its account's plan before anything is sent.
    JoinRead,
}

/// The resource of a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// `*`: the action has no resource types, or its resources are not known in advance.
    Any,
    /// The member role, in any account.
    MemberRole,
    /// The role that reads, in any account.
    MemberReadRole,
    /// The role that AWS Organizations creates in each member.
    ServiceLinkedRole,
    /// Invitations of the organizations that transfers may lead to, or of our own.
    Invitation,
    /// The roles that accept our invitations.
    AcceptRole,
    /// The root user of any member, only for the task of auditing its credentials.
    RootUser,
}

/// Requests that AWS admits from one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Per second, in the long run.
    pub rate: u32,
    /// At once.
    pub burst: u32,
}

const READERS: &[Duty] = &[Duty::Plan, Duty::Apply, Duty::Remove, Duty::Join];
const INSIDE: &[Duty] = &[Duty::Member, Duty::MemberRead];
const ACCEPTING: &[Duty] = &[Duty::MemberTransfer, Duty::Accept];
const EVERYWHERE: &[Duty] = &[Duty::Plan, Duty::Apply, Duty::Remove, Duty::Join, Duty::Member, Duty::MemberRead, Duty::Accept];
const CONTACT: &[Duty] = &[Duty::Plan, Duty::Apply, Duty::Remove, Duty::Join, Duty::Member, Duty::MemberRead];
/// No role needs permission: every caller has it (STS API reference, GetCallerIdentity), or the session is made for it.
const NOBODY: &[Duty] = &[];

const WHERE_IT_IS: &[Duty] =
    &[Duty::Plan, Duty::Apply, Duty::Remove, Duty::Join, Duty::Member, Duty::MemberTransfer, Duty::MemberIdentity, Duty::Accept];

/// Declares the operations: service, name, requests per second and burst if the operation is paced, who needs it, and on which resource.
macro_rules! operations {
    ($($service:literal $name:ident $([$rate:literal / $burst:literal])?: $duties:expr $(, $resource:ident)?;)*) => {
        /// An operation, named as in AWS's API references.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", $service, ":", stringify!($name), "`.")] $name,)*
        }

        impl Operation {
            /// All operations, sorted by service and name.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The prefix of the service's IAM actions.
            #[must_use]
            pub const fn service(self) -> &'static str {
                match self { $(Self::$name => $service,)* }
            }

            /// The operation's name alone.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Service and name. This is also the IAM action that the operation needs.
            #[must_use]
            pub const fn action(self) -> &'static str {
                match self { $(Self::$name => concat!($service, ":", stringify!($name)),)* }
            }

            /// The quota that AWS admits. `None` if the operation is not paced, because a run makes few of these requests. Acts have a
            /// separate pace, which uses the same rates.
            #[must_use]
            pub const fn quota(self) -> Option<Quota> {
                match self { $(Self::$name => operations!(@quota $($rate, $burst)?),)* }
            }

            /// Who needs permission to call the operation.
            #[must_use]
            pub const fn duties(self) -> &'static [Duty] {
                match self { $(Self::$name => $duties,)* }
            }

            /// The resource of the permission.
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
// services document none; orgroster makes few requests to them, so a slow pace is enough.
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
    // Reads every user, group, role and policy, if the gate `organization_conditions` is on.
    "iam" GetAccountAuthorizationDetails [5 / 5]: INSIDE;
    // About the root user, in a session that may only audit it; the same applies to ListMFADevices.
    "iam" GetLoginProfile [5 / 5]: NOBODY;
    // About the role that makes the call, even if another role reads; the same applies to SimulatePrincipalPolicy.
    "iam" GetRole: INSIDE, MemberRole;
    "iam" ListMFADevices [5 / 5]: NOBODY;
    "iam" ListOrganizationsFeatures [5 / 5]: READERS;
    "iam" SimulatePrincipalPolicy: INSIDE, MemberRole;
    // The limit is for all accounts of an organization together; the same applies to LeaveOrganization (its API reference). Each account
    // calls either one once.
    "organizations" AcceptHandshake [5 / 5]: ACCEPTING, Invitation;
    "organizations" DescribeAccount [20 / 30]: READERS;
    "organizations" DescribeEffectivePolicy [2 / 2]: READERS;
    // The only invitation, which is accepted next.
    "organizations" DescribeHandshake [1 / 2]: &[Duty::Join];
    "organizations" DescribeOrganization [1 / 2]: WHERE_IT_IS;
    "organizations" DescribeOrganizationalUnit [2 / 2]: READERS;
    "organizations" DescribePolicy [2 / 2]: READERS;
    "organizations" DescribeResourcePolicy [2 / 2]: READERS;
    "organizations" InviteAccountToOrganization [3 / 5]: &[Duty::Join];
    // AWS's pages disagree about whether accepting an invitation as a member needs it (user guide, "Accepting or declining an invitation").
    "organizations" LeaveOrganization [5 / 5]: &[Duty::Member, Duty::MemberTransfer, Duty::Accept];
    "organizations" ListAWSServiceAccessForOrganization [1 / 3]: READERS;
    "organizations" ListAccounts [8 / 12]: READERS;
    "organizations" ListDelegatedAdministrators [5 / 8]: READERS;
    "organizations" ListDelegatedServicesForAccount [1 / 3]: READERS;
    "organizations" ListHandshakesForAccount [5 / 8]: INSIDE;
    // The sent invitations. Plan needs them only if the configuration invites accounts.
    "organizations" ListHandshakesForOrganization [5 / 8]: &[Duty::Plan, Duty::Join];
    // `init -from-organization` and `import` show the names of units.
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
    // Called in each member for the member itself.
    "payments" ListPaymentInstruments [5 / 5]: INSIDE;
    "ram" GetResourceShares [5 / 5]: INSIDE;
    "ram" ListPrincipals [5 / 5]: INSIDE;
    // How many accounts the organization may have and invite. Plan needs it only if the configuration invites accounts.
    "servicequotas" ListServiceQuotas [5 / 5]: &[Duty::Plan, Duty::Join];
    "sso" ListInstances [5 / 5]: READERS;
    "sso" ListPermissionSetsProvisionedToAccount [5 / 5]: READERS;
    "sts" AssumeRole: NOBODY;
    // Plan needs it only if the configuration allows it to audit root users.
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
    /// The operation with this service and name, in the form of [`Operation::service`] and [`Operation::name`].
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
    /// The resource.
    pub resource: Resource,
    /// The duties that need it.
    pub duties: &'static [Duty],
}

/// Permissions that do not belong to a single operation: different duties assume different roles.
const OTHERS: &[Permission] = &[
    // When the account leaves, Organizations deletes its role on behalf of the caller.
    Permission { action: "iam:DeleteServiceLinkedRole", resource: Resource::ServiceLinkedRole, duties: &[Duty::Member] },
    // The organization that the account moves to has Organizations create the role in the account, on behalf of the principal that accepts.
    Permission { action: "iam:CreateServiceLinkedRole", resource: Resource::ServiceLinkedRole, duties: ACCEPTING },
    Permission { action: "sts:AssumeRole", resource: Resource::MemberRole, duties: &[Duty::Apply] },
    Permission { action: "sts:AssumeRole", resource: Resource::AcceptRole, duties: &[Duty::Join] },
    // Apply plans again, and must see the same facts as the approved plan.
    Permission { action: "sts:AssumeRole", resource: Resource::MemberReadRole, duties: &[Duty::Plan, Duty::Apply] },
];

/// Every permission that a duty needs.
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
