//! One type for several.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Attribute, Type, is_convertible};

/// As many types are tried as the one for all, where none can be made of them. Elements of a tuple could have as many as there are elements.
const MAX_CANDIDATES: usize = 16;

/// The type that values of all of these types may convert to, if there is one; whether each does is for its conversion to say. `any` converts
/// to a primitive type, and makes everything else `any`: such values stay what they are.
///
/// An object and a tuple have no type in common, not even `any`.
#[must_use]
pub fn unify(types: &[Type]) -> Option<Type> {
    let mut known: Vec<&Type> = Vec::new();
    for candidate in types.iter().filter(|candidate| **candidate != Type::Any) {
        // Elements of a list are mostly of one type; comparing with the last keeps that linear.
        if known.last() != Some(&candidate) && !(candidate.is_primitive() && known.contains(&candidate)) {
            known.push(candidate);
        }
    }
    let has_any = types.contains(&Type::Any);
    let all = |accepts: fn(&Type) -> bool| known.iter().all(|candidate| accepts(candidate));
    if known.is_empty() {
        return Some(Type::Any);
    }
    if all(Type::is_primitive) {
        let only = known.first().filter(|_| known.len() == 1).map(|only| Type::clone(only));
        let text = || known.contains(&&Type::String).then_some(Type::String);
        return only.or_else(text).or_else(|| has_any.then_some(Type::Any));
    }
    let is_list = |candidate: &Type| matches!(candidate, Type::List(_));
    let is_map = |candidate: &Type| matches!(candidate, Type::Map(_));
    if all(is_list) || all(is_map) || all(|candidate| matches!(candidate, Type::Set(_))) {
        return if has_any { Some(Type::Any) } else { unify_collections(&known) };
    }
    if all(|candidate| matches!(candidate, Type::Object(_))) {
        return if has_any { Some(Type::Any) } else { unify_objects(&known) };
    }
    if all(|candidate| matches!(candidate, Type::Tuple(_))) {
        return if has_any { Some(Type::Any) } else { unify_tuples(&known) };
    }
    let some = |accepts: fn(&Type) -> bool| known.iter().any(|candidate| accepts(candidate));
    if some(|candidate| matches!(candidate, Type::Object(_))) && some(|candidate| matches!(candidate, Type::Tuple(_))) {
        return None;
    }
    if all(|candidate| matches!(candidate, Type::Map(_) | Type::Object(_)))
        && let Some(element) = unify(&parts(&known))
    {
        return Some(element.map());
    }
    if some(is_list)
        && all(|candidate| matches!(candidate, Type::List(_) | Type::Tuple(_)))
        && let Some(element) = unify(&parts(&known))
    {
        return Some(element.list());
    }
    preferred(&known).or_else(|| has_any.then_some(Type::Any))
}

/// The first of the types to which all others may convert. Lists come before sets and maps before objects, and within those the more general
/// elements before others.
fn preferred(types: &[&Type]) -> Option<Type> {
    let mut candidates: Vec<&Type> = Vec::new();
    for candidate in types {
        // No collection converts to a tuple, and nothing that has no parts converts to what has some.
        if candidates.len() < MAX_CANDIDATES && !matches!(candidate, Type::Tuple(_)) && !candidates.contains(candidate) {
            candidates.push(candidate);
        }
    }
    let more_general = |candidate: &Type| candidates.iter().filter(|other| is_more_general(other, candidate)).count();
    let mut ranked: Vec<_> = candidates.iter().map(|candidate| (more_general(candidate), *candidate)).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let accepts = |wanted: &Type| types.iter().all(|other| is_convertible(other, wanted));
    ranked.into_iter().map(|(_, candidate)| candidate).find(|candidate| accepts(candidate)).cloned()
}

/// Whether a type is preferred to another one as the type for both.
fn is_more_general(general: &Type, other: &Type) -> bool {
    match (general, other) {
        (Type::String, other) => other.is_primitive() && *other != Type::String,
        (Type::List(general), Type::List(other)) | (Type::Set(general), Type::Set(other)) | (Type::Map(general), Type::Map(other)) => {
            is_more_general(general, other)
        }
        (Type::List(_), Type::Set(_)) | (Type::Map(_), Type::Object(_)) => true,
        (general, Type::Any) => *general != Type::Any,
        _ => false,
    }
}

/// The types of the elements and attributes of all the types.
fn parts(types: &[&Type]) -> Vec<Type> {
    let mut parts = Vec::new();
    for whole in types {
        match whole {
            Type::List(element) | Type::Set(element) | Type::Map(element) => parts.push(Type::clone(element)),
            Type::Tuple(elements) => parts.extend(elements.iter().cloned()),
            Type::Object(attributes) => parts.extend(attributes.values().map(|attribute| attribute.r#type.clone())),
            Type::Any | Type::Bool | Type::Number | Type::String => {}
        }
    }
    parts
}

/// Collections of one kind by their elements.
fn unify_collections(types: &[&Type]) -> Option<Type> {
    let element = unify(&parts(types))?;
    Some(match types.first()? {
        Type::Map(_) => element.map(),
        Type::Set(_) => element.set(),
        _ => element.list(),
    })
}

/// Tuples of one length element by element; others as a list.
fn unify_tuples(types: &[&Type]) -> Option<Type> {
    let tuples: Vec<&[Type]> =
        types.iter().filter_map(|candidate| if let Type::Tuple(elements) = candidate { Some(&**elements) } else { None }).collect();
    let length = tuples.first()?.len();
    if tuples.iter().any(|elements| elements.len() != length) {
        return Some(unify(&parts(types))?.list());
    }
    let element = |at: usize| unify(&tuples.iter().filter_map(|elements| elements.get(at).cloned()).collect::<Vec<_>>());
    Some(Type::Tuple((0..length).map(element).collect::<Option<_>>()?))
}

/// Objects with the same attributes one by one; others as a map.
fn unify_objects(types: &[&Type]) -> Option<Type> {
    let objects: Vec<&BTreeMap<String, Attribute>> =
        types.iter().filter_map(|candidate| if let Type::Object(attributes) = candidate { Some(&**attributes) } else { None }).collect();
    let first = objects.first()?;
    if objects.iter().any(|attributes| !attributes.keys().eq(first.keys())) {
        return Some(unify(&parts(types))?.map());
    }
    let attribute = |name: &String| {
        let types: Vec<_> = objects.iter().filter_map(|attributes| Some(attributes.get(name)?.r#type.clone())).collect();
        Some((name.clone(), Attribute::from(unify(&types)?)))
    };
    Some(Type::Object(Arc::new(first.keys().map(attribute).collect::<Option<_>>()?)))
}
