//! One statement against the request.

use super::compare::{Scope, arn, arn_without_resource};
use super::condition::condition;
use super::evaluate::Request;
use super::glob::matches_action;
use super::policy::{Selection, Statement, Version};
use super::template;
use super::truth::Truth;
use super::verdict::Unusual;

/// The resource of an action without resource types (Service Authorization Reference, "Resource types").
const NO_RESOURCE: &str = "*";

impl Statement {
    /// Whether `Action` or `NotAction` covers the action. Case is ignored, and wildcards may be anywhere.
    #[must_use]
    pub fn covers_action(&self, action: &str) -> bool {
        let listed = self.actions.patterns.iter().any(|pattern| matches_action(pattern, action));
        listed != self.actions.negated
    }

    /// Whether `Action` names the action itself, without wildcards.
    #[must_use]
    pub fn names_action(&self, action: &str) -> bool {
        !self.actions.negated && self.actions.patterns.iter().any(|pattern| pattern.eq_ignore_ascii_case(action))
    }

    /// The context keys that the statement depends on, including those in policy variables, as written.
    pub fn keys(&self, version: Version) -> impl Iterator<Item = String> {
        let values = self.conditions.iter().flat_map(|condition| &condition.values).chain(&self.resources.patterns);
        let variables = values.filter(move |_| version == Version::V2012).flat_map(|value| template::variable_keys(value));
        self.conditions.iter().map(|condition| condition.key.clone()).chain(variables)
    }

    /// Whether the statement applies to the request.
    pub(super) fn applies(&self, request: &Request, version: Version) -> Truth {
        if !self.covers_action(&request.action) {
            return Truth::False;
        }
        let variables = version == Version::V2012;
        let conditions = self.conditions.iter().map(|each| condition(each, &request.context, variables));
        Truth::all(conditions.chain([covers_resource(&self.resources, request, variables)]))
    }

    /// Whether the statement covers an action without resource types and has a resource element that AWS advises against for such an
    /// action.
    pub(super) fn unusual(&self, request: &Request) -> Option<Unusual> {
        let about = self.covers_action(&request.action) && request.resource == NO_RESOURCE;
        match (about, self.resources.negated) {
            (true, true) => Some(Unusual::NotResource),
            (true, false) if !self.resources.patterns.iter().any(|pattern| is_everything(pattern)) => Some(Unusual::SpecificResource),
            _ => None,
        }
    }
}

fn is_everything(pattern: &str) -> bool {
    pattern.chars().all(|character| character == '*')
}

/// Whether the resource element covers the request. An ARN is matched part by part. The lone `*` of an action without resource types is not
/// an ARN, and only `*` matches it.
fn covers_resource(selection: &Selection, request: &Request, variables: bool) -> Truth {
    let scope = Scope { context: &request.context, variables, key: "Resource" };
    let listed = selection.patterns.iter().map(|pattern| match (is_everything(pattern), request.resource.as_str()) {
        (true, _) => Truth::True,
        (false, NO_RESOURCE) => arn_without_resource(pattern, scope),
        (false, resource) => arn(resource, pattern, scope),
    });
    Truth::any(listed).negate_if(selection.negated)
}
