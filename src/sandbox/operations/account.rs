//! AWS Account Management (API reference, version 2021-02-01).

use serde_json::json;

use crate::org::AccountId;
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::account::{Account, AccountState, AlternateContact, ContactType};
use crate::sandbox::state::ids;
use crate::sandbox::state::organization::FeatureSet;
use crate::sandbox::state::words::Word;
use crate::sandbox::wire::{self, Answer, Output, Refusal, Service};

use super::{Call, Operation};

/// The operations of Account Management.
pub(super) const TABLES: &[&[Operation]] = &[&[
    Operation::read(Service::Account, "GetContactInformation", Who::Anyone, get_contact_information),
    Operation::read(Service::Account, "GetAccountInformation", Who::Anyone, get_account_information),
    Operation::read(Service::Account, "GetPrimaryEmail", Who::Anyone, get_primary_email),
    Operation::read(Service::Account, "GetAlternateContact", Who::Anyone, get_alternate_contact),
    Operation::write(Service::Account, "SendPhoneNumberVerification", Who::Anyone, send_phone_number_verification),
    Operation::write(Service::Account, "VerifyPhoneNumber", Who::Anyone, verify_phone_number),
    Operation::write(Service::Account, "PutAccountName", Who::Anyone, put_account_name),
    Operation::write(Service::Account, "StartPrimaryEmailUpdate", Who::Anyone, start_primary_email_update),
    Operation::write(Service::Account, "AcceptPrimaryEmailUpdate", Who::Anyone, accept_primary_email_update),
    Operation::write(Service::Account, "PutAlternateContact", Who::Anyone, put_alternate_contact),
    Operation::write(Service::Account, "DeleteAlternateContact", Who::Anyone, delete_alternate_contact),
]];

/// The service principal that needs trusted access if a request contains `AccountId`.
const SERVICE_PRINCIPAL: &str = "account.amazonaws.com";

fn validation(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", message)
}

fn denied(message: &str) -> Refusal {
    Refusal::denied(message).with_status(403)
}

/// The account of the request: the caller's own, or a member of the organization that the caller manages.
fn subject(call: &Call<'_>, own_allowed: bool) -> Result<Account, Refusal> {
    let id = match call.input.optional("AccountId")? {
        Some(text) if ids::is_account(text) => text.parse::<AccountId>().ok(),
        Some(_) => return Err(validation("AccountId must be 12 digits.")),
        None if own_allowed => None,
        None => return Err(validation("AccountId is required.")),
    };
    match id {
        Some(id) => member(call, id),
        None => Ok(call.world.accounts.get(&call.caller.account).cloned().unwrap_or_else(|| Account::standalone(call.caller.account))),
    }
}

/// With `AccountId`, the caller must be the management account or the service's delegated administrator, all features must be enabled, and
/// the service must have trusted access. The management account can't pass its own id.
fn member(call: &Call<'_>, id: AccountId) -> Result<Account, Refusal> {
    let refused = || denied("The caller is not authorized to access this account.");
    let organization = call.world.organization_of(call.caller.account).ok_or_else(refused)?;
    let caller = call.world.accounts.get(&call.caller.account).and_then(|account| account.membership.as_ref());
    let delegated = caller.is_some_and(|membership| membership.delegated.contains_key(SERVICE_PRINCIPAL));
    let manages = organization.management == call.caller.account || delegated;
    let trusted = organization.feature_set == FeatureSet::All && organization.service_access.contains_key(SERVICE_PRINCIPAL);
    if !manages || !trusted || !organization.members.contains(&id) {
        return Err(refused());
    }
    if id == organization.management && id == call.caller.account {
        return Err(denied("The management account can't specify its own AccountId."));
    }
    call.world.accounts.get(&id).cloned().ok_or_else(refused)
}

/// The passcode that the sandbox sends to every telephone number and email address.
const PASSCODE: &str = "123456";
const PENDING: &str = "PENDING";

/// The verification status of a telephone number.
fn verification_status(account: &Account) -> &str {
    account.verification_status.as_deref().unwrap_or(if account.phone_verified { "VERIFIED" } else { "UNVERIFIED" })
}

/// The account whose telephone number is verified.
fn to_verify<'w>(call: &'w mut Call<'_>) -> Result<&'w mut Account, Refusal> {
    let account = subject(call, true)?;
    if !account.contact {
        return Err(Refusal::new("ResourceNotFoundException", "No contact information found for this account.").with_status(404));
    }
    let account = call.world.accounts.entry(account.id).or_insert(account);
    match verification_status(account) {
        "VERIFIED" => Err(Refusal::new("ConflictException", "The phone number is already verified.").with_status(409)),
        "NOT_SUPPORTED" => Err(validation("Phone number verification isn't available for this account.")),
        _ => Ok(account),
    }
}

fn send_phone_number_verification(call: &mut Call<'_>) -> Answer {
    to_verify(call)?.verification_status = Some(PENDING.to_owned());
    wire::json(&json!({ "Status": PENDING }))
}

fn verify_phone_number(call: &mut Call<'_>) -> Answer {
    let passcode = call.input.required("Otp").map_err(|_| validation("Otp is required."))?.to_owned();
    let account = to_verify(call)?;
    if verification_status(account) != PENDING || passcode != PASSCODE {
        return Err(validation("The one-time passcode is not valid."));
    }
    (account.phone_verified, account.verification_status) = (true, None);
    wire::json(&json!({ "Status": verification_status(account) }))
}

fn put_account_name(call: &mut Call<'_>) -> Answer {
    let name = contact_text(call, "AccountName", 50, |_| true)?;
    let account = subject(call, true)?;
    call.world.accounts.entry(account.id).or_insert(account).name = name;
    Ok(Output::Empty)
}

/// The new email address of a member: 5 to 64 characters.
fn new_address(call: &Call<'_>) -> Result<String, Refusal> {
    let address = contact_text(call, "PrimaryEmail", 64, is_address)?;
    let taken = call.world.accounts.values().any(|account| account.email.eq_ignore_ascii_case(&address));
    if taken {
        return Err(Refusal::new("ConflictException", "The email address is already in use.").with_status(409));
    }
    Ok(address)
}

/// Only for members: an account can't change its own email address with this API.
fn start_primary_email_update(call: &mut Call<'_>) -> Answer {
    subject(call, false)?;
    new_address(call)?;
    wire::json(&json!({ "Status": PENDING }))
}

fn accept_primary_email_update(call: &mut Call<'_>) -> Answer {
    let account = subject(call, false)?;
    let address = new_address(call)?;
    if call.input.required("Otp").map_err(|_| validation("Otp is required."))? != PASSCODE {
        return Err(validation("The one-time passcode is not valid."));
    }
    call.world.accounts.entry(account.id).or_insert(account).email = address;
    wire::json(&json!({ "Status": "ACCEPTED" }))
}

/// The fixture only says whether contact information exists, so its values are made up here.
fn get_contact_information(call: &mut Call<'_>) -> Answer {
    let account = subject(call, true)?;
    if !account.contact {
        return Err(Refusal::new("ResourceNotFoundException", "No contact information found for this account.").with_status(404));
    }
    wire::json(&json!({
        "ContactInformation": {
            "FullName": account.name,
            "AddressLine1": "1 Example Street",
            "City": "Seattle",
            "StateOrRegion": "WA",
            "PostalCode": "98101",
            "CountryCode": "US",
            "PhoneNumber": "+12065550100",
        },
        "VerificationStatus": verification_status(&account),
    }))
}

fn get_account_information(call: &mut Call<'_>) -> Answer {
    let account = subject(call, true)?;
    // This API has no state for a pending closure.
    let state = if account.state == AccountState::PendingClosure { AccountState::Active } else { account.state };
    wire::json(&json!({
        "AccountId": account.id.to_string(),
        "AccountName": account.name,
        "AccountCreatedDate": account.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "AccountState": state.as_str(),
    }))
}

fn get_primary_email(call: &mut Call<'_>) -> Answer {
    let account = subject(call, false)?;
    wire::json(&json!({ "PrimaryEmail": account.email }))
}

fn contact_type(call: &Call<'_>) -> Result<ContactType, Refusal> {
    let word = call.input.required("AlternateContactType").map_err(|_| validation("AlternateContactType is required."))?;
    ContactType::from_word(word).ok_or_else(|| validation("AlternateContactType must be BILLING, OPERATIONS or SECURITY."))
}

fn no_contact() -> Refusal {
    Refusal::new("ResourceNotFoundException", "No contact of the inputted alternate contact type found.").with_status(404)
}

fn get_alternate_contact(call: &mut Call<'_>) -> Answer {
    let kind = contact_type(call)?;
    let account = subject(call, true)?;
    let contact = account.alternate_contacts.get(&kind).ok_or_else(no_contact)?;
    wire::json(&json!({
        "AlternateContact": {
            "Name": contact.name,
            "Title": contact.title,
            "EmailAddress": contact.email,
            "PhoneNumber": contact.phone,
            "AlternateContactType": kind.as_str(),
        }
    }))
}

/// A text member of PutAlternateContact: 1 to `longest` characters that match `valid`.
fn contact_text(call: &Call<'_>, name: &str, longest: usize, valid: fn(&str) -> bool) -> Result<String, Refusal> {
    let text = call.input.required(name).map_err(|_| validation(format!("{name} is required.")))?;
    if (1..=longest).contains(&text.chars().count()) && valid(text) {
        return Ok(text.to_owned());
    }
    Err(validation(format!("{name} must have 1 to {longest} characters of its pattern.")))
}

/// `[\s]*[\w+=.#|!&-]+@[\w.-]+\.[\w]+[\s]*`.
fn is_address(text: &str) -> bool {
    let word = |character: char| character.is_alphanumeric() || character == '_';
    let Some((name, host)) = text.trim().split_once('@') else { return false };
    let Some((domain, top)) = host.rsplit_once('.') else { return false };
    let of = |text: &str, others: &str| !text.is_empty() && text.chars().all(|character| word(character) || others.contains(character));
    of(name, "+=.#|!&-") && of(domain, ".-") && of(top, "")
}

/// `[\s0-9()+-]+`.
fn is_phone(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || character.is_ascii_digit() || "()+-".contains(character))
}

fn put_alternate_contact(call: &mut Call<'_>) -> Answer {
    let kind = contact_type(call)?;
    let contact = AlternateContact {
        name: contact_text(call, "Name", 64, |_| true)?,
        title: contact_text(call, "Title", 50, |_| true)?,
        email: contact_text(call, "EmailAddress", 254, is_address)?,
        phone: contact_text(call, "PhoneNumber", 25, is_phone)?,
    };
    let account = subject(call, true)?;
    let known = call.world.accounts.entry(account.id).or_insert(account);
    known.alternate_contacts.insert(kind, contact);
    Ok(Output::Empty)
}

fn delete_alternate_contact(call: &mut Call<'_>) -> Answer {
    let kind = contact_type(call)?;
    let id = subject(call, true)?.id;
    let known = call.world.accounts.get_mut(&id).ok_or_else(no_contact)?;
    known.alternate_contacts.remove(&kind).ok_or_else(no_contact)?;
    Ok(Output::Empty)
}
