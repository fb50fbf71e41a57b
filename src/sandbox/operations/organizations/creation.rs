//! Creating and closing accounts, creating and deleting the organization.

use std::ops::Bound;

use serde_json::{Value, json};

use crate::org::AccountId;
use crate::sandbox::operations::views::{OrganizationView, epoch};
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::account::{Account, AccountState, JoinedMethod};
use crate::sandbox::state::creation::{Creation, CreationState};
use crate::sandbox::state::ids;
use crate::sandbox::state::organization::{FeatureSet, Organization};
use crate::sandbox::state::trail::Departure;
use crate::sandbox::state::words::Word;
use crate::sandbox::wire::input::invalid_pattern;
use crate::sandbox::wire::{self, Answer, Output, Refusal};

use super::{MANAGEMENT, READERS, SERVICE};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(SERVICE, "CreateOrganization", Who::Anyone, create_organization),
    Operation::write(SERVICE, "DeleteOrganization", MANAGEMENT, delete_organization),
    Operation::write(SERVICE, "CreateAccount", MANAGEMENT, create_account),
    Operation::read(SERVICE, "DescribeCreateAccountStatus", READERS, describe_status),
    Operation::read(SERVICE, "ListCreateAccountStatus", READERS, list_statuses),
    Operation::write(SERVICE, "CloseAccount", MANAGEMENT, close_account),
];

const DEFAULT_ROLE: &str = "OrganizationAccountAccessRole";

fn create_organization(call: &mut Call<'_>) -> Answer {
    let feature_set = call.input.optional_of("FeatureSet", FeatureSet::WORDS)?.unwrap_or(FeatureSet::All);
    let account = call.caller.account;
    if call.world.organization_of(account).is_some() {
        let message = "This account is already a member of an organization. An account can belong to only one organization at a time.";
        return Err(Refusal::new("AlreadyInOrganizationException", message));
    }
    let id = format!("o-{}", call.world.invent("organization", ids::LOWER, 10));
    let organization = Organization::new(id.clone(), call.world.partition, account, feature_set, ids::root(&id));
    let root = organization.root.clone();
    call.world.organizations.insert(id.clone(), organization);
    call.world.join(account, &id, &root, JoinedMethod::Invited, call.circumstances.now);
    let view = OrganizationView::of(call.organization()?, call.world);
    wire::json(&json!({ "Organization": view }))
}

fn delete_organization(call: &mut Call<'_>) -> Answer {
    let organization = call.organization()?;
    let (id, management) = (organization.id.clone(), organization.management);
    if organization.members.len() > 1 || organization.units.len() > 1 {
        let message =
            "The organization isn't empty. Remove all accounts except the management account, and delete all organizational units first.";
        return Err(Refusal::new("OrganizationNotEmptyException", message));
    }
    let now = call.circumstances.now;
    call.world.depart(management, now);
    // Deleting the organization doesn't count as a departure, so the management account can join another one without waiting.
    if let Some(account) = call.world.accounts.get_mut(&management) {
        account.departed = None;
    }
    call.world.note_departure(management, management, &id, Departure::Left, now);
    call.world.organizations.remove(&id);
    Ok(Output::Empty)
}

/// `[^\s@]+@[^\s@]+\.[^\s@]+`.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.contains(|character: char| character.is_whitespace() || character == '@');
    plain(name) && host.rsplit_once('.').is_some_and(|(host, top)| plain(host) && plain(top))
}

/// `[\w+=,.@-]{1,64}`.
fn is_role_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|character| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character))
}

fn create_account(call: &mut Call<'_>) -> Answer {
    let email = call.input.sized("Email", 6, 64)?.to_owned();
    if !is_email(&email) {
        return Err(invalid_pattern("Email"));
    }
    let name = call.input.sized("AccountName", 1, 50)?.to_owned();
    if !name.chars().all(|character| (' '..='~').contains(&character)) {
        return Err(invalid_pattern("AccountName"));
    }
    let role = call.input.optional("RoleName")?.unwrap_or(DEFAULT_ROLE).to_owned();
    if !is_role_name(&role) {
        return Err(Refusal::invalid("INVALID_ROLE_NAME", "You provided a role name that isn't valid."));
    }
    call.input.optional_of("IamUserAccessToBilling", &[("ALLOW", ()), ("DENY", ())])?;
    let tags = super::tags::read(call.input)?;
    let organization = call.organization()?;
    if call.world.taken_places(organization, call.circumstances.now) >= organization.account_quota {
        let message = "You attempted to exceed the limit on the number of accounts in an organization.";
        return Err(Refusal::constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", message));
    }
    let organization = organization.id.clone();
    let id = format!("car-{}", call.world.invent("creation", ids::LOWER, 32));
    let creation = Creation {
        id: id.clone(),
        organization,
        name,
        email,
        role,
        tags,
        state: CreationState::InProgress,
        requested: call.circumstances.now,
        completed: None,
        account: None,
        failure: None,
    };
    let view = status_view(&creation);
    call.world.creations.insert(id, creation);
    wire::json(&json!({ "CreateAccountStatus": view }))
}

/// `CreateAccountStatus`.
fn status_view(creation: &Creation) -> Value {
    let mut view = json!({
        "Id": creation.id,
        "AccountName": creation.name,
        "State": creation.state.as_str(),
        "RequestedTimestamp": epoch(creation.requested),
    });
    let Value::Object(members) = &mut view else { return view };
    let completed = creation.completed.map(|completed| Value::from(epoch(completed)));
    let account = creation.account.map(|account| Value::from(account.to_string()));
    let failure = creation.failure.clone().map(Value::from);
    for (name, value) in [("CompletedTimestamp", completed), ("AccountId", account), ("FailureReason", failure)] {
        members.extend(value.map(|value| (name.to_owned(), value)));
    }
    view
}

fn describe_status(call: &mut Call<'_>) -> Answer {
    let id = call.input.matching("CreateAccountRequestId", 36, ids::is_create_account_request)?;
    let organization = &call.organization()?.id;
    let creation = call.world.creations.get(id).filter(|creation| creation.organization == *organization);
    let not_found =
        || Refusal::new("CreateAccountStatusNotFoundException", "We can't find a create account request with the ID that you specified.");
    wire::json(&json!({ "CreateAccountStatus": status_view(creation.ok_or_else(not_found)?) }))
}

fn list_statuses(call: &mut Call<'_>) -> Answer {
    let states = call.input.strings("States")?;
    let states: Option<Vec<_>> = states.into_iter().map(CreationState::from_word).collect();
    let states = states.ok_or_else(|| Refusal::invalid("INVALID_ENUM", "You specified an invalid value for States."))?;
    let size = call.input.page_size()?;
    let organization = call.organization()?.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let creations = world.creations.range((start.bound(), Bound::Unbounded)).map(|(_, creation)| creation);
        let creations = creations.filter(|creation| creation.organization == organization);
        let creations = creations.filter(|creation| states.is_empty() || states.contains(&creation.state)).take(wanted);
        Ok(creations.map(|creation| (creation.id.clone(), status_view(creation))).collect())
    })?;
    page_answer("CreateAccountStatuses", page)
}

/// How many accounts may be closed within 30 days: 20 percent of the members, at least 250, at most 1000.
fn close_quota(members: usize) -> usize {
    (members / 5).clamp(250, 1000)
}

fn close_account(call: &mut Call<'_>) -> Answer {
    let id = call.input.account_id("AccountId")?;
    let organization = call.organization()?;
    let (account, _) = super::member(organization, call.world, id).ok_or_else(Refusal::account_not_found)?;
    if id == organization.management {
        return Err(Refusal::constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account."));
    }
    if organization.feature_set != FeatureSet::All {
        let message = "You attempted to perform an operation that requires an organization with all features enabled.";
        return Err(Refusal::constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", message));
    }
    match account.state {
        AccountState::Active | AccountState::PendingActivation => {}
        AccountState::PendingClosure => {
            return Err(Refusal::new(
                "ConflictException",
                "The request failed because it conflicts with the current state of the specified resource.",
            ));
        }
        AccountState::Closed | AccountState::Suspended => {
            return Err(Refusal::new("AccountAlreadyClosedException", "You attempted to close an account that is already closed."));
        }
    }
    let closed = organization.members.iter().filter_map(|id| call.world.accounts.get(id)).filter(|account| is_closed(account)).count();
    if closed >= close_quota(organization.members.len()) {
        let message = "You have exceeded the close account quota for the past 30 days.";
        return Err(Refusal::constraint("CLOSE_ACCOUNT_QUOTA_EXCEEDED", message));
    }
    close(call, id);
    Ok(Output::Empty)
}

const fn is_closed(account: &Account) -> bool {
    matches!(account.state, AccountState::Closed | AccountState::PendingClosure)
}

fn close(call: &mut Call<'_>, id: AccountId) {
    if let Some(account) = call.world.accounts.get_mut(&id) {
        account.state = AccountState::PendingClosure;
    }
    call.world.closing.insert(id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_the_api_pattern() {
        for right in ["a@b.c", "aws+crm@mail.example.com"] {
            assert!(is_email(right), "{right}");
        }
        for wrong in ["a", "a@b", "@b.c", "a@.c", "a b@c.d", "a@b@c.d", "a@b."] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_quota_of_closings_grows_with_the_organization() {
        assert_eq!([close_quota(10), close_quota(2000), close_quota(50_000)], [250, 400, 1000]);
    }
}
