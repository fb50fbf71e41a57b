//! The operations, one table per service: the requirements on the caller, and the implementation.

mod account;
mod cloudtrail;
mod free_tier;
mod iam;
mod integrations;
mod organizations;
mod payments;
mod record;
mod root;
mod service_quotas;
mod sts;
mod support;
mod views;

use iam_rs::Context;
use serde::Serialize;

use crate::diag::closest;
use crate::sandbox::rules::authorize::{Who, authorize};
use crate::sandbox::rules::caller::Caller;
use crate::sandbox::rules::context::{self, Circumstances};
use crate::sandbox::rules::delegation::{can_be_delegated, delegates};
use crate::sandbox::rules::pages::{Pages, Start, Wanted};
use crate::sandbox::rules::policy::Question;
use crate::sandbox::state::World;
use crate::sandbox::state::organization::Organization;
use crate::sandbox::wire::input::Input;
use crate::sandbox::wire::{Answer, Refusal, Service};

/// An operation of a service.
#[derive(Debug)]
pub struct Operation {
    /// Its service.
    pub service: Service,
    /// Its name.
    pub name: &'static str,
    /// The kind of account that the caller must belong to.
    pub who: Who,
    /// Whether policies are checked with the resource `*` before it runs. The other operations check permissions themselves, or need none.
    pub checked: bool,
    /// Whether it can change the world.
    pub writes: bool,
    /// Whether CloudTrail's history contains it although it changes nothing. AWS's history contains every read; here it contains reads that
    /// begin sessions, and reads about root users, which alarms watch for.
    pub in_history: bool,
    /// Runs the operation. It must change nothing if it refuses.
    pub run: fn(&mut Call<'_>) -> Answer,
}

impl Operation {
    const fn read(service: Service, name: &'static str, who: Who, run: fn(&mut Call<'_>) -> Answer) -> Self {
        Self { service, name, who, checked: true, writes: false, in_history: false, run }
    }

    const fn write(service: Service, name: &'static str, who: Who, run: fn(&mut Call<'_>) -> Answer) -> Self {
        Self { writes: true, ..Self::read(service, name, who, run) }
    }

    const fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    const fn in_history(mut self) -> Self {
        self.in_history = true;
        self
    }

    /// `service:Operation`, which is also its IAM action.
    #[must_use]
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.prefix(), self.name)
    }
}

/// Every operation.
fn all() -> impl Iterator<Item = &'static Operation> {
    [
        organizations::TABLES,
        sts::TABLES,
        iam::TABLES,
        account::TABLES,
        support::TABLES,
        payments::TABLES,
        free_tier::TABLES,
        service_quotas::TABLES,
        root::TABLES,
        cloudtrail::TABLES,
        integrations::TABLES,
    ]
    .into_iter()
    .flatten()
    .copied()
    .flatten()
}

/// The operation with this name.
#[must_use]
pub fn find(service: Service, name: &str) -> Option<&'static Operation> {
    all().find(|operation| operation.service == service && operation.name == name)
}

/// Whether `service:Operation` exists.
#[must_use]
pub fn exists(action: &str) -> bool {
    all().any(|operation| operation.action() == action)
}

/// The `service:Operation` that is most similar to `action`.
#[must_use]
pub fn closest_name(action: &str) -> Option<String> {
    let names: Vec<_> = all().map(Operation::action).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    closest(action, &names).map(str::to_owned)
}

/// A running request.
#[derive(Debug)]
pub struct Call<'c> {
    /// The world.
    pub world: &'c mut World,
    /// The tokens of paginated lists.
    pub pages: &'c mut Pages,
    /// The caller.
    pub caller: &'c Caller,
    /// The input of the request.
    pub input: &'c Input,
    /// The operation.
    pub operation: &'static Operation,
    /// The request's circumstances.
    pub circumstances: Circumstances<'c>,
    /// The request's id.
    pub request_id: &'c str,
}

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// Its items.
    pub items: Vec<T>,
    /// The token of the next page.
    pub next: Option<String>,
}

impl Call<'_> {
    /// Checks the caller's permissions and kind of account, then runs the operation.
    ///
    /// # Errors
    ///
    /// Returns the refusal of the check or the operation.
    pub fn run(&mut self) -> Answer {
        let Operation { writes, in_history, run, .. } = *self.operation;
        let event = self.world.trail.len();
        if writes || in_history {
            self.record();
        }
        let answer = self.permit().and_then(|()| run(self));
        match &answer {
            Ok(answer) => self.record_response(event, answer),
            // An operation that refuses has recorded no events of its own, so the call's event is the last.
            Err(_) if writes => self.world.trail.truncate(event),
            Err(refusal) if in_history => self.record_refusal(event, refusal),
            Err(_) => {}
        }
        answer
    }

    /// Checks the caller's permissions and kind of account.
    fn permit(&self) -> Result<(), Refusal> {
        if self.operation.checked {
            self.authorize(&self.operation.action(), "*")?;
        }
        match self.operation.who.check(self.caller, self.world) {
            Err(refusal) if !self.is_delegated() => Err(refusal),
            _ => Ok(()),
        }
    }

    /// Whether the organization's resource policy delegates to the caller an operation of the management account.
    fn is_delegated(&self) -> bool {
        let Some(organization) = self.world.organization_of(self.caller.account) else { return false };
        let context = context::of_request(self.caller, self.world, self.circumstances);
        let action = self.operation.action();
        self.operation.service == Service::Organizations
            && can_be_delegated(self.operation.name)
            && delegates(organization, self.caller, &Question { action: &action, resource: "*", context: &context })
    }

    /// Checks the caller's permissions for an action on a resource.
    ///
    /// # Errors
    ///
    /// Returns `AccessDeniedException` if they don't allow it.
    pub fn authorize(&self, action: &str, resource: &str) -> Result<(), Refusal> {
        self.authorize_with(action, resource, &Context::new())
    }

    /// Checks the caller's permissions for an action on a resource, with condition keys specific to this request.
    ///
    /// # Errors
    ///
    /// Returns `AccessDeniedException` if they don't allow it.
    pub fn authorize_with(&self, action: &str, resource: &str, own: &Context) -> Result<(), Refusal> {
        let mut context = context::of_request(self.caller, self.world, self.circumstances);
        context.extend(own.clone());
        authorize(self.caller, self.world, &Question { action, resource, context: &context })
    }

    /// The caller's organization.
    ///
    /// # Errors
    ///
    /// Returns `AWSOrganizationsNotInUseException` if the caller's account is in none.
    pub fn organization(&self) -> Result<&Organization, Refusal> {
        self.world.organization_of(self.caller.account).ok_or_else(Refusal::not_in_use)
    }

    /// The caller's organization, for changes.
    ///
    /// # Errors
    ///
    /// Returns `AWSOrganizationsNotInUseException` if the caller's account is in none.
    pub fn organization_mut(&mut self) -> Result<&mut Organization, Refusal> {
        let id = self.organization()?.id.clone();
        self.world.organizations.get_mut(&id).ok_or_else(Refusal::not_in_use)
    }

    /// Returns one page. `list` returns the items from a start position with their keys, sorted by key; it may return more than the page
    /// needs.
    ///
    /// # Errors
    ///
    /// Returns an error if the token or page size is not valid, or if `list` refuses.
    pub fn page<T, F>(&mut self, size: usize, list: F) -> Result<Page<T>, Refusal>
    where
        F: FnOnce(&World, &Start, usize) -> Result<Vec<(String, T)>, Refusal>,
    {
        let token = self.input.optional("NextToken")?;
        let name = format!("{} {} {}", self.caller.account, self.operation.name, self.input.without_page());
        let wanted = Wanted { list: name, token, empty_first: self.world.settings.empty_pages };
        let start = self.pages.start(&wanted)?;
        if start.empty {
            let next = Some(self.pages.next(&wanted, String::new()));
            return Ok(Page { items: Vec::new(), next });
        }
        let mut items = list(self.world, &start, size + 1)?;
        let more = items.len() > size;
        items.truncate(size);
        let last = items.last().map(|(key, _)| key.clone());
        let next = last.filter(|_| more).map(|last| self.pages.next(&wanted, last));
        Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), next })
    }
}

/// A page as the JSON answer `{"NAME": [...], "NextToken": …}`.
fn page_answer<T: Serialize>(name: &str, page: Page<T>) -> Answer {
    let Page { items, next } = page;
    let mut body = format!("{{{}:", serde_json::Value::from(name));
    let items = serde_json::to_string(&items).map_err(|error| Refusal::service(format!("The answer has no JSON form: {error}.")))?;
    body.push_str(&items);
    if let Some(next) = next {
        body.push_str(&format!(",\"NextToken\":{}", serde_json::Value::from(next)));
    }
    body.push('}');
    Ok(crate::sandbox::wire::Output::Json(body))
}
