//! Properties of every hierarchy and every context.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::build::{at_account, full_access, leave, policy, policy_text};
use super::generate::{context_of, keys, levels, organization, statement};
use crate::scp::glob::{Token, matches};
use crate::scp::{AttachedPolicy, Decision, Denial, KeyValue, Open, Policy, Verdict};

/// A verdict without the positions of statements in their policies.
fn essence(verdict: &Verdict) -> (Decision, BTreeSet<String>) {
    let denials = verdict.denials.iter().map(|denial| match denial {
        Denial::Explicit { statement, .. } => format!("deny {} {:?}", statement.level, statement.sid),
        Denial::Implicit { level } => format!("implicit {level}"),
    });
    let open = verdict.open.iter().map(|open| match open {
        Open::Statement { statement, doubts, .. } => format!("open {} {:?} {doubts:?}", statement.level, statement.sid),
        other => other.to_string(),
    });
    (verdict.decision, denials.chain(open).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::testing::cases(150), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_deny_never_allows(organization in organization(), keys in keys(), added in statement("Deny"), at in 0..3_usize) {
        let context = context_of(&keys);
        let before = leave(&levels(&organization), context.clone()).decision;
        let mut with = levels(&organization);
        with[at].policies.push(policy("added", &added));
        let after = leave(&with, context).decision;
        prop_assert!(before == Decision::Allowed || after != Decision::Allowed, "{before:?} became allowed");
        prop_assert!(before != Decision::Denied || after == Decision::Denied, "denied became {after:?}");
    }

    #[test]
    fn a_malformed_policy_is_never_allowed(organization in organization(), keys in keys(), at in 0..3_usize) {
        let mut with = levels(&organization);
        with[at].policies.push(AttachedPolicy::new("p-bad", "bad", r#"{"Statement": {"Effect": "Allow"}}"#));
        prop_assert_ne!(leave(&with, context_of(&keys)).decision, Decision::Allowed);
    }

    /// Knowing less never changes a decision, except to unknown. In particular, more unknown keys never turn denied into allowed, or
    /// allowed into denied.
    #[test]
    fn what_is_decided_without_a_key_is_decided_the_same_with_it(organization in organization(), keys in keys(), forgotten in any::<Index>()) {
        let levels = levels(&organization);
        let mut less = keys.clone();
        *forgotten.get_mut(&mut less) = KeyValue::Unknowable;
        let knowing = leave(&levels, context_of(&keys)).decision;
        let ignorant = leave(&levels, context_of(&less)).decision;
        prop_assert!(ignorant == Decision::Unknown || ignorant == knowing, "{knowing:?} became {ignorant:?}");
    }

    /// The same for one statement, so that nothing else can hide a difference, and for each key in turn.
    #[test]
    fn a_statement_decided_without_a_key_is_decided_the_same_with_it(statement in statement("Deny"), keys in keys()) {
        let levels = at_account(vec![policy("full", &full_access()), policy("one", &statement)]);
        let knowing = leave(&levels, context_of(&keys)).decision;
        for forgotten in 0..keys.len() {
            let mut less = keys.clone();
            less[forgotten] = KeyValue::Unknowable;
            let ignorant = leave(&levels, context_of(&less)).decision;
            prop_assert!(ignorant == Decision::Unknown || ignorant == knowing, "{knowing:?} became {ignorant:?} without key {forgotten}");
        }
    }

    #[test]
    fn splitting_a_policy_changes_nothing(organization in organization(), keys in keys(), at in 0..3_usize, cut in any::<Index>()) {
        let context = context_of(&keys);
        let mut split = levels(&organization);
        let (first, second) = organization[at].split_at(cut.index(organization[at].len()));
        let parts = [first, second].into_iter().filter(|part| !part.is_empty());
        split[at].policies = parts.map(|part| policy("part", &json!(part))).collect();
        prop_assert_eq!(essence(&leave(&split, context.clone())), essence(&leave(&levels(&organization), context)));
    }

    #[test]
    fn order_does_not_matter(organization in organization(), keys in keys()) {
        let context = context_of(&keys);
        let verdict = leave(&levels(&organization), context.clone());
        let reversed = organization.clone().map(|statements| statements.into_iter().rev().collect());
        prop_assert_eq!(essence(&leave(&levels(&reversed), context.clone())), essence(&verdict));
        let mut policies = levels(&organization);
        for level in &mut policies {
            level.policies.push(policy("other", &json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})));
            level.policies.push(AttachedPolicy::new("p-bad", "bad", "{"));
        }
        let forward = leave(&policies, context.clone());
        policies.iter_mut().for_each(|level| level.policies.reverse());
        prop_assert_eq!(leave(&policies, context), forward);
    }

    /// The reasons match the decision.
    #[test]
    fn a_verdict_has_what_its_decision_needs(organization in organization(), keys in keys()) {
        let verdict = leave(&levels(&organization), context_of(&keys));
        prop_assert_eq!(verdict.decision == Decision::Denied, !verdict.denials.is_empty());
        prop_assert!(verdict.decision != Decision::Unknown || !verdict.undecided_keys().is_empty());
        prop_assert!(verdict.decision != Decision::Allowed || (verdict.open.is_empty() && verdict.allows.len() >= 3));
        let text = serde_json::to_string(&verdict).unwrap();
        prop_assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
    }

    #[test]
    fn no_text_is_too_odd_to_be_read(text in ".{0,60}", noise in any::<Vec<u8>>(), cut in any::<Index>()) {
        let _ = Policy::parse(&text);
        let _ = Policy::parse(&String::from_utf8_lossy(&noise));
        let whole = policy_text(&json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:a": text}}}));
        prop_assert!(Policy::parse(&whole).is_ok());
        let end = (0..=cut.index(whole.len())).rev().find(|end| whole.is_char_boundary(*end)).unwrap();
        prop_assert!(Policy::parse(&whole[..end]).is_err());
    }

    #[test]
    fn patterns_match_as_their_definition_says(pattern in "[ab?*]{0,9}", text in "[ab]{0,9}") {
        let tokens: Vec<_> = pattern.chars().map(Token::wildcard).collect();
        let text: Vec<_> = text.chars().collect();
        prop_assert_eq!(matches(&tokens, &text), by_definition(&tokens, &text));
    }
}

/// The meaning of `*` and `?`, without regard to speed.
fn by_definition(pattern: &[Token], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, _) => text.is_empty(),
        (Some((Token::Any, rest)), None) => by_definition(rest, text),
        (Some((Token::Any, rest)), Some((_, shorter))) => by_definition(rest, text) || by_definition(pattern, shorter),
        (Some(_), None) => false,
        (Some((token, rest)), Some((first, shorter))) => {
            (*token == Token::One || *token == Token::Char(*first)) && by_definition(rest, shorter)
        }
    }
}
