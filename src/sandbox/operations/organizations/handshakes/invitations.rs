//! Inviting an account, and accepting: the account joins, and leaves its previous organization.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::org::AccountId;
use crate::sandbox::clock::shifted;
use crate::sandbox::operations::Call;
use crate::sandbox::rules::context::of_tags;
use crate::sandbox::rules::{joining, leaving};
use crate::sandbox::state::account::{AccountState, JoinedMethod};
use crate::sandbox::state::handshake::{Handshake, HandshakeAction, HandshakeState, LIFETIME};
use crate::sandbox::state::ids;
use crate::sandbox::state::organization::FeatureSet;
use crate::sandbox::state::trail::Departure;
use crate::sandbox::state::words::Word;
use crate::sandbox::wire::input::check_length;
use crate::sandbox::wire::{self, Answer, Refusal};

use super::lifecycle::{check_open, end, view};
use crate::sandbox::operations::organizations::{member, tags};

/// The period in which invitations are counted.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The invited account, and the email address if the invitation has one.
fn invited(call: &Call<'_>) -> Result<(AccountId, Option<String>), Refusal> {
    let target =
        call.input.structure("Target")?.ok_or_else(|| Refusal::invalid("INPUT_REQUIRED", "You must include a value for Target."))?;
    let id = target.sized("Id", 1, 64)?.to_owned();
    match target.required("Type")? {
        "ACCOUNT" => match id.parse() {
            Ok(account) => Ok((account, None)),
            Err(_) => Err(Refusal::invalid("INVALID_PATTERN", "You provided an account ID that doesn't match the required pattern.")),
        },
        "EMAIL" => {
            let account = call.world.account_with(&id);
            let unknown =
                || Refusal::invalid("INVALID_EMAIL_ADDRESS_TARGET", "You specified an email address that no account in the sandbox has.");
            account.map(|account| (account, Some(id))).ok_or_else(unknown)
        }
        _ => Err(Refusal::invalid(
            "INVALID_PARTY_TYPE_TARGET",
            "You specified the wrong type of entity (account, organization, or email) as a party.",
        )),
    }
}

pub(super) fn invite(call: &mut Call<'_>) -> Answer {
    let tags = tags::read(call.input)?;
    let tagged = of_tags(&tags);
    call.authorize_with(&call.operation.action(), "*", &tagged)?;
    if !tags.is_empty() {
        call.authorize_with("organizations:TagResource", "*", &tagged)?;
    }
    let (account, email) = invited(call)?;
    let notes = call.input.optional("Notes")?.map(str::to_owned);
    if let Some(notes) = &notes {
        check_length("Notes", notes, 0, 1024)?;
    }
    check_inviting(call, account)?;
    let now = call.circumstances.now;
    let organization = call.organization()?;
    let (organization, management) = (organization.id.clone(), organization.management);
    let id = format!("h-{}", call.world.invent("handshake", ids::LOWER, 10));
    let handshake = Handshake {
        id: id.clone(),
        action: HandshakeAction::Invite,
        parent: None,
        organization,
        management,
        account,
        email,
        notes,
        tags,
        requested: now,
        expires: shifted(now, LIFETIME),
        state: HandshakeState::Open,
        ended: None,
    };
    let view = view(&handshake, call.world, now);
    call.world.handshakes.insert(id, handshake);
    wire::json(&json!({ "Handshake": view }))
}

/// Checks whether an organization may invite an account (API reference, InviteAccountToOrganization, and the reasons of
/// HandshakeConstraintViolationException).
fn check_inviting(call: &Call<'_>, account: AccountId) -> Result<(), Refusal> {
    let now = call.circumstances.now;
    let organization = call.organization()?;
    let management = call.world.accounts.get(&organization.management);
    if management.is_some_and(|management| !management.email_verified) {
        let message = "You can't invite an existing account to your organization until you verify that you own the email address \
                       associated with the management account.";
        return Err(Refusal::new("AccountOwnerNotVerifiedException", message));
    }
    if call.world.all_features_pending(&organization.id, now) {
        let message = "You can't issue new invitations to join an organization while it's in the process of enabling all features.";
        return Err(Refusal::handshake_constraint("INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", message));
    }
    if organization.members.contains(&account) {
        return Err(already_in("The account that you are trying to invite is already in this organization."));
    }
    // AWS documents no error for this case; a closed account can't take part in anything.
    if call.world.accounts.get(&account).is_some_and(|account| account.state != AccountState::Active) {
        return Err(Refusal::invalid("TARGET_NOT_SUPPORTED", "You can't invite an account that is suspended or closed."));
    }
    if call.world.open_invitations(&organization.id, now).any(|handshake| handshake.account == account) {
        let message = "A handshake with the same action and target already exists.";
        return Err(Refusal::new("DuplicateHandshakeException", message));
    }
    // Accepted invitations do not count (Organizations User Guide, quotas).
    let counted = call
        .world
        .invitations(&organization.id)
        .filter(|handshake| handshake.state != HandshakeState::Accepted && now.duration_since(handshake.requested) < DAY);
    if counted.count() as u64 >= call.world.invitation_quota(organization) {
        let message = "You attempted to exceed the number of handshakes that you can send in one day.";
        return Err(Refusal::handshake_constraint("HANDSHAKE_RATE_LIMIT_EXCEEDED", message));
    }
    if call.world.taken_places(organization, now) >= organization.account_quota {
        return Err(Refusal::handshake_constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", TOO_MANY_ACCOUNTS));
    }
    Ok(())
}

const TOO_MANY_ACCOUNTS: &str = "You attempted to exceed the limit on the number of accounts in an organization. Invitations that wait for an \
                                 answer and closed accounts count.";

fn already_in(message: &str) -> Refusal {
    Refusal::handshake_constraint("ALREADY_IN_AN_ORGANIZATION", message)
}

/// The account joins. If it is a member of another organization, the same call makes it leave that one.
pub(super) fn accept(call: &mut Call<'_>, handshake: &Handshake) -> Answer {
    let now = call.circumstances.now;
    check_open(handshake, HandshakeState::Accepted, now)?;
    check_organization(call, handshake)?;
    check_account(call, now)?;
    check_source(call, now)?;
    check_role(call, handshake)?;
    leave(call, now);
    let Some(organization) = call.world.organizations.get(&handshake.organization) else { return Err(gone()) };
    let (root, management) = (organization.root.clone(), organization.management);
    call.world.join(handshake.account, &handshake.organization, &root, JoinedMethod::Invited, now);
    if let Some(membership) = call.world.accounts.get_mut(&handshake.account).and_then(|account| account.membership.as_mut()) {
        membership.tags.clone_from(&handshake.tags);
    }
    call.world.note_arrival(handshake.account, management, &handshake.organization, JoinedMethod::Invited.as_str(), now);
    end(call, handshake, HandshakeState::Accepted)
}

fn gone() -> Refusal {
    Refusal::new("HandshakeNotFoundException", "The organization that invited the account doesn't exist any more.")
}

/// Checks that the inviting organization can still add the account.
fn check_organization(call: &Call<'_>, handshake: &Handshake) -> Result<(), Refusal> {
    let now = call.circumstances.now;
    let organization = call.world.organizations.get(&handshake.organization).ok_or_else(gone)?;
    if organization.members.contains(&handshake.account) {
        return Err(already_in("The account is already a member of the organization that invited it."));
    }
    // The accepted invitation no longer counts.
    if call.world.taken_places(organization, now) > organization.account_quota {
        return Err(Refusal::handshake_constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", TOO_MANY_ACCOUNTS));
    }
    let founded = member(organization, call.world, organization.management).map(|(_, membership)| membership.joined);
    let transfers = call.world.organization_of(handshake.account).is_some();
    if transfers && founded.is_some_and(|founded| now.duration_since(founded) < call.world.settings.transfer_target_age()) {
        // The User Guide describes the rule, but no error for it.
        let message = "An account can't move directly to an organization that was created less than seven days ago.";
        return Err(Refusal::constraint("WAIT_PERIOD_ACTIVE", message));
    }
    Ok(())
}

/// Checks that the account itself may join.
fn check_account(call: &Call<'_>, now: Timestamp) -> Result<(), Refusal> {
    let Some(account) = call.world.accounts.get(&call.caller.account) else { return Ok(()) };
    if account.state != AccountState::Active {
        return Err(Refusal::wrong_caller());
    }
    joining::check(account, call.world.settings.rejoin_wait(), now)
}

/// A member leaves its organization under the same conditions as with LeaveOrganization, except those for becoming standalone
/// (Organizations User Guide, migrating an account).
fn check_source(call: &Call<'_>, now: Timestamp) -> Result<(), Refusal> {
    let Some(organization) = call.world.organization_of(call.caller.account) else { return Ok(()) };
    let Some((account, membership)) = member(organization, call.world, call.caller.account) else { return Ok(()) };
    leaving::check_transfer(account, membership, organization, now)?;
    // AWS's pages contradict each other: the page about accepting requires the permission from members, the page about migrating does not.
    if call.world.settings.transfer_asks_leave {
        call.authorize("organizations:LeaveOrganization", "*")?;
    }
    Ok(())
}

/// An organization with all features has a service-linked role in every account. Accepting creates it if it does not exist yet
/// (Organizations User Guide, service-linked roles).
fn check_role(call: &Call<'_>, handshake: &Handshake) -> Result<(), Refusal> {
    const SERVICE: &str = "organizations.amazonaws.com";
    let organization = call.world.organizations.get(&handshake.organization);
    let exists = call.world.accounts.get(&call.caller.account).is_some_and(|account| account.service_linked_role);
    if exists || organization.is_none_or(|organization| organization.feature_set != FeatureSet::All) {
        return Ok(());
    }
    let role = format_args!("role/aws-service-role/{SERVICE}/AWSServiceRoleForOrganizations");
    let role = call.world.partition.arn("iam", call.caller.account, role);
    let named = iam_rs::Context::new().with_string("iam:AWSServiceName", SERVICE);
    call.authorize_with("iam:CreateServiceLinkedRole", &role, &named).map_err(|refusal| {
        Refusal::new("AccessDeniedForDependencyException", refusal.message).because("ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE")
    })
}

fn leave(call: &mut Call<'_>, now: Timestamp) {
    let account = call.caller.account;
    let Some(organization) = call.world.organization_of(account) else { return };
    let (organization, management) = (organization.id.clone(), organization.management);
    call.world.depart(account, now);
    call.world.note_departure(account, management, &organization, Departure::Left, now);
}
