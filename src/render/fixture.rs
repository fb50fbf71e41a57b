//! A snapshot as a fixture of the sandbox, so that departures and joinings can be rehearsed on a copy.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::hcl::{Document, list, map, text};
use crate::org::{Account, AccountId, JoinedMethod, ObservedOrganization, PaymentInstrument, Probes, SupportEvidence};
use crate::plan::{JoiningAccount, Snapshot};

use super::Text;

/// The policy that AWS and the sandbox attach everywhere.
const FULL_ACCESS: &str = "p-FullAWSAccess";
/// The role that CreateAccount creates, in AWS and in the sandbox.
const ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

/// The fixture's text. Facts that no AWS API reports have the sandbox's defaults, and ids replace names that were not read. `clock` freezes
/// the sandbox's time.
#[must_use]
pub fn fixture(snapshot: &Snapshot, clock: Option<Timestamp>) -> Text {
    let observed = snapshot.observed();
    let organization = &observed.organization;
    let sandbox = Document::default()
        .optional("clock", clock.map(|clock| text(&clock.to_string())))
        .argument("partition", text(&organization.partition));
    let document = head(observed).gap().block("sandbox", &[], sandbox);
    let root = Document::default().argument("id", text(&observed.root.id));
    let mut body = Document::default()
        .argument("management_account_id", text(&organization.management_account_id.to_string()))
        .argument("feature_set", text(&organization.feature_set));
    if organization.feature_set == "ALL" {
        body = body.argument("enabled_policy_types", list(observed.root.policy_types.keys()));
    }
    body = body.optional("service_access", observed.service_access.as_ref().ok().map(list)).block("root", &[], root);
    let tree = Tree { snapshot, observed, roles: snapshot.member_roles().collect(), places: places(observed) };
    body = policies(tree.level(body, std::slice::from_ref(&observed.root.id)), observed);
    let joining: Vec<_> = snapshot.joining_accounts().filter(|joining| observed.account(joining.id).is_none()).collect();
    body = invitations(body, observed, &joining, clock);
    let document = document.block("organization", &[organization.id.as_str()], body);
    Text::document(joining.into_iter().fold(document, |document, account| outside(document, account, observed)).text())
}

/// The comment at the head: what the copy contains, and what it lacks.
fn head(observed: &ObservedOrganization) -> Document {
    let document = Document::default()
        .comment(&format!("A copy of organization {} as it was at {}.", observed.organization.id, observed.observed_at))
        .comment("")
        .comment(
            "No AWS API reports whether an account has accepted the agreement. Payment methods and verified phone numbers are included",
        )
        .comment("only if they were read. Set `payment_method`, `phone_verified` and `agreement_accepted` to what you know.")
        .comment("The roles are those in the configuration. They have administrator access and trust the management account.");
    without_full_access(observed).into_iter().fold(document, |document, level| {
        document.comment(&format!(
            "{level} has no FullAWSAccess attached, but in this copy it does. Detach it with any AWS client before a rehearsal."
        ))
    })
}

/// Levels that were read and lack the policy that allows everything.
fn without_full_access(observed: &ObservedOrganization) -> Vec<&String> {
    let Ok(attached) = &observed.policies else { return Vec::new() };
    attached.at.iter().filter(|(_, policies)| !policies.contains(FULL_ACCESS)).map(|(level, _)| level).collect()
}

struct Tree<'a> {
    snapshot: &'a Snapshot,
    observed: &'a ObservedOrganization,
    roles: BTreeMap<AccountId, &'a str>,
    /// The names of the units in which accounts should be placed, and of the units above them, by their paths of ids.
    places: BTreeMap<Vec<String>, &'a str>,
}

/// The names of the units in which accounts should be placed, and of the units above them, by their paths of ids.
fn places(observed: &ObservedOrganization) -> BTreeMap<Vec<String>, &str> {
    let paths = observed.join_units.values().filter_map(|unit| Some(&unit.value()?.as_ref()?.path.0));
    let prefixes = paths.flat_map(|path| (1..=path.len()).map(|depth| &path[..depth]));
    prefixes.filter_map(|path| Some((path.iter().map(|unit| unit.id.clone()).collect(), path.last()?.name.as_str()))).collect()
}

/// The invitations that the organization sent to accounts that should join. Without a clock, open invitations have no dates: they are sent
/// when the copy starts.
fn invitations(body: Document, observed: &ObservedOrganization, joining: &[JoiningAccount<'_>], clock: Option<Timestamp>) -> Document {
    let now = clock.unwrap_or(observed.observed_at);
    let sent = observed.sent_handshakes.value().into_iter().flatten().filter(|found| found.is_invitation());
    sent.fold(body, |body, found| {
        let party = |kind: &str| found.parties.iter().find(|party| party.kind == kind).map(|party| party.id.as_str());
        // An invitation to an email address counts only if an account in the copy has that address.
        let email = party("EMAIL").filter(|email| joining.iter().any(|joining| joining.email == Some(email)));
        if party("ACCOUNT").is_none() && email.is_none() {
            return body;
        }
        let state = if !found.is_concluded() && found.has_expired(now) { "EXPIRED" } else { found.state.as_str() };
        let dated = clock.is_some() || !found.is_open(now);
        let at = |at: Option<Timestamp>| at.filter(|_| dated).map(|at| text(&at.to_string()));
        let invitation = Document::default()
            .optional("account", party("ACCOUNT").map(text))
            .optional("email", email.map(text))
            .argument("state", text(state))
            .optional("requested", at(found.requested_at))
            .optional("expires", at(found.expires_at));
        body.block("invitation", &[&found.id], invitation)
    })
}

/// An account outside the organization, as its block declares it.
fn outside(document: Document, account: JoiningAccount<'_>, observed: &ObservedOrganization) -> Document {
    let JoiningAccount { id, name, email, accept_role } = account;
    let id = id.to_string();
    let unknown = format!("{id}@account.invalid");
    let mut body = Document::default().argument("name", text(name.unwrap_or(&id))).argument("email", text(email.unwrap_or(&unknown)));
    if let Some((path, name)) = accept_role.and_then(|arn| arn.split_once(":role")?.1.rsplit_once('/')) {
        let role = Document::default()
            .argument("trusts", list([observed.organization.management_account_id.to_string()]))
            .optional("path", (!path.is_empty()).then(|| text(&format!("{path}/"))));
        body = body.block("role", &[name], role);
    }
    document.gap().block("account", &[&id], body)
}

impl Tree<'_> {
    /// Adds the accounts directly at a path, then the units below it.
    fn level(&self, body: Document, path: &[String]) -> Document {
        let observed = self.observed;
        let at = |account: &Account| account.path.as_ref().map_or_else(|| vec![observed.root.id.clone()], |path| path.0.clone());
        let here = observed.accounts.iter().filter(|account| at(account) == path);
        let body = here.fold(body, |body, account| body.block("account", &[&account.id.to_string()], self.account(account)));
        let paths = observed.accounts.iter().map(at).chain(self.places.keys().cloned());
        let below = paths.filter(|other| other.len() > path.len() && other.starts_with(path));
        let units: BTreeSet<String> = below.map(|other| other[path.len()].clone()).collect();
        units.into_iter().fold(body, |body, unit| {
            let inside = Document::default().argument("id", text(&unit));
            let path: Vec<_> = path.iter().chain([&unit]).cloned().collect();
            let name = observed.unit_names.get(&unit).map(String::as_str).or_else(|| self.places.get(&path).copied()).unwrap_or(&unit);
            body.block("organizational_unit", &[name], self.level(inside, &path))
        })
    }

    fn account(&self, account: &Account) -> Document {
        // A snapshot does not contain the email addresses of accounts that the configuration does not declare.
        let email = if account.email.is_empty() { format!("{}@account.invalid", account.id) } else { account.email.clone() };
        let nothing = Probes::default();
        let probes = self.observed.probes.get(&account.id).unwrap_or(&nothing);
        let lacks_contact = probes.contact.value().is_some_and(|contact| !contact.missing.is_empty());
        let status = probes.contact.value().and_then(|contact| contact.verification.as_deref());
        let instruments = probes.payment.value();
        let active = instruments.is_some_and(|instruments| instruments.iter().any(PaymentInstrument::is_active));
        let by_method = |instrument: &PaymentInstrument| (instrument.method.clone(), instrument.status.clone());
        let instruments = instruments.map(|instruments| instruments.iter().map(by_method).collect::<BTreeMap<_, _>>());
        let services = self.observed.delegated_administrators.get(&account.id).filter(|services| !services.is_empty());
        let tags = self.observed.tags.get(&account.id).and_then(|tags| tags.as_ref().ok()).filter(|tags| !tags.is_empty());
        let body = Document::default()
            .argument("name", text(&account.name))
            .argument("email", text(&email))
            .argument("state", text(account.state.as_str()))
            .argument("joined_method", text(account.joined_method.as_str()))
            .optional("joined", account.joined_at.map(|at| text(&at.to_string())))
            .optional("created", probes.created.value().map(|at| text(&at.to_string())))
            .optional("contact_information", lacks_contact.then_some(false))
            .optional("phone_verified", (status == Some("VERIFIED")).then_some(true))
            .optional("verification_status", status.filter(|status| *status != "VERIFIED").map(text))
            .optional("payment_method", active.then(|| text("valid")))
            .optional("payment_instruments", instruments.as_ref().map(map))
            .optional("support_plan", (probes.support.value() == Some(&SupportEvidence::PaidPlan)).then(|| text("business")))
            .optional("delegated_services", services.map(list))
            .optional("tags", tags.map(map));
        self.with_role(body, account, probes)
    }

    /// Adds the role that the configuration names, unless CreateAccount creates it anyway.
    fn with_role(&self, body: Document, account: &Account, probes: &Probes) -> Document {
        let Some((path, name)) = self.roles.get(&account.id).and_then(|arn| arn.split_once(":role")?.1.rsplit_once('/')) else {
            return body;
        };
        if account.joined_method == JoinedMethod::Created && name == ACCESS_ROLE && path.is_empty() {
            return body;
        }
        let management = self.snapshot.observed().organization.management_account_id.to_string();
        let tags = probes.role_tags.value().filter(|tags| !tags.is_empty());
        let role = Document::default()
            .argument("trusts", list([management]))
            .optional("path", (!path.is_empty()).then(|| text(&format!("{path}/"))))
            .optional("tags", tags.map(map));
        body.block("role", &[name], role)
    }
}

fn policies(body: Document, observed: &ObservedOrganization) -> Document {
    let Ok(attached) = &observed.policies else { return body };
    attached.texts.iter().filter(|(id, _)| *id != FULL_ACCESS).fold(body, |body, (id, policy)| {
        let Ok(content) = &policy.content else { return body };
        let targets = attached.at.iter().filter(|(_, policies)| policies.contains(id)).map(|(level, _)| level);
        let policy =
            Document::default().argument("name", text(&policy.name)).argument("targets", list(targets)).argument("content", text(content));
        body.block("policy", &[id], policy)
    })
}
