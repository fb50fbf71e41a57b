//! One condition: an operator, a key, and the values to compare with.

use super::compare::{Scope, compare};
use super::context::{Context, KeySource, KeyValue};
use super::policy::Condition;
use super::truth::{DoubtReason, Truth};
use super::{Comparison, SetQualifier};

/// Whether the condition holds.
pub(super) fn condition(condition: &Condition, context: &Context, variables: bool) -> Truth {
    let value = context.value(&condition.key);
    if condition.values.is_empty() {
        return Truth::open(&condition.key, DoubtReason::Undocumented("what an empty list of values matches".to_owned()));
    }
    let scope = Scope { context, variables, key: &condition.key };
    match value {
        KeyValue::Unknowable => Truth::open(&condition.key, DoubtReason::Unknowable),
        KeyValue::KnownOrAbsent(found) => {
            let with = known(condition, found, scope);
            let same = with == known(condition, &[], scope);
            let contested = || DoubtReason::Undocumented("consistently whether a call like this one carries the key".to_owned());
            if same { with } else { Truth::open(&condition.key, contested()) }
        }
        KeyValue::Known(found) => known(condition, found, scope),
        KeyValue::Absent => known(condition, &[], scope),
    }
}

/// The condition if the key has these values. Without any values, the key is absent.
fn known(condition: &Condition, found: &[String], scope: Scope<'_>) -> Truth {
    match condition.operator.comparison {
        Comparison::Null => null(condition, found, scope.context),
        _ if found.is_empty() => absent(condition),
        _ => present(condition, found, scope),
    }
}

/// The key whose presence AWS's page describes in two ways.
const MULTI_FACTOR: &str = "aws:MultiFactorAuthPresent";

/// `Null` with "true" checks that the key is absent; with "false", that it is present "and its value is not null".
fn null(condition: &Condition, found: &[String], context: &Context) -> Truth {
    let without_factor = condition.key.eq_ignore_ascii_case(MULTI_FACTOR) && found.iter().all(|value| value == "false");
    if without_factor && context.source(&condition.key) == KeySource::Observed {
        let what = "whether a session without multi-factor authentication carries the key: its page describes it as present for temporary \
                    credentials and absent for federated identities, and calls Null a test to use with caution";
        return Truth::open(&condition.key, DoubtReason::Undocumented(what.to_owned()));
    }
    let is_null = match found {
        [] => Truth::True,
        values if values.iter().any(|value| !value.is_empty()) => Truth::False,
        _ => Truth::open(&condition.key, DoubtReason::EmptyValue),
    };
    Truth::any(condition.values.iter().map(|wanted| is_null.clone().negate_if(wanted.eq_ignore_ascii_case("false"))))
}

/// The key is not in the request. "The values do not match and the condition is false. If the policy condition requires that the key is
/// not matched, such as StringNotLike or ArnNotLike, and the right key is not present, the condition is true" (IAM User Guide,
/// "Condition operators"); over no values at all, `ForAllValues` is true and `ForAnyValue` false ("Single-valued vs. multivalued
/// context keys").
fn absent(condition: &Condition) -> Truth {
    let operator = condition.operator;
    match operator.qualifier {
        None => (operator.if_exists || operator.negated).into(),
        Some(SetQualifier::ForAllValues) => Truth::True,
        // The page on IfExists says true for every operator, and the page on ForAnyValue says false. Tests by others found false.
        Some(SetQualifier::ForAnyValue) if operator.if_exists => {
            Truth::open(&condition.key, DoubtReason::Undocumented("ForAnyValue with IfExists where the key is absent".to_owned()))
        }
        Some(SetQualifier::ForAnyValue) => Truth::False,
    }
}

fn present(condition: &Condition, found: &[String], scope: Scope<'_>) -> Truth {
    let operator = condition.operator;
    // The values of one key are alternatives; for a negated operator, none of them may match.
    let matched = |value: &String| Truth::any(condition.values.iter().map(|wanted| compare(operator.comparison, value, wanted, scope)));
    let satisfied = |value: &String| matched(value).negate_if(operator.negated);
    // "An empty data set, such as an empty string": as if the key were absent, for the set operators.
    let no_values = found.iter().all(String::is_empty);
    match operator.qualifier {
        Some(SetQualifier::ForAllValues) if no_values => Truth::True,
        Some(SetQualifier::ForAnyValue) if no_values => Truth::False,
        Some(SetQualifier::ForAllValues) => Truth::all(found.iter().map(satisfied)),
        Some(SetQualifier::ForAnyValue) => Truth::any(found.iter().map(satisfied)),
        None if found.len() == 1 && !Context::is_multivalued(&condition.key) => satisfied(&found[0]),
        None => match Truth::any(found.iter().map(matched)) {
            // If none of the values matches, the key does not match, however AWS treats several values here.
            Truth::False => operator.negated.into(),
            Truth::True => Truth::open(&condition.key, DoubtReason::MultipleValues),
            open @ Truth::Open(_) => open,
        },
    }
}
