//! The common type of several types.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Attribute, Type, is_convertible};

/// The most types that are tried as the common one, if it can't be constructed. The elements of a tuple may all have different types.
const MAX_CANDIDATES: usize = 16;

/// The type to which values of all these types may convert, if there is one. Converting a single value may still fail. `any` converts to a
/// primitive type; with any other type the common type is `any`, and the values keep their types.
///
/// An object and a tuple have no common type, not even `any`.
#[must_use]
pub fn unify(types: &[Type]) -> Option<Type> {
    let mut known: Vec<&Type> = Vec::new();
    for candidate in types.iter().filter(|candidate| **candidate != Type::Any) {
        // Elements of a list mostly have one type. Comparing with the last one keeps that case linear.
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

/// The most preferred of the types to which all others may convert. Lists are preferred to sets and maps to objects, and among those the
/// ones with more general elements.
fn preferred(types: &[&Type]) -> Option<Type> {
    let mut candidates: Vec<&Type> = Vec::new();
    for candidate in types {
        // No collection converts to a tuple, and no value without parts converts to one with parts.
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

/// Whether a type is preferred to another one as the common type.
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

/// The common type of collections of one kind, from that of their elements.
fn unify_collections(types: &[&Type]) -> Option<Type> {
    let element = unify(&parts(types))?;
    Some(match types.first()? {
        Type::Map(_) => element.map(),
        Type::Set(_) => element.set(),
        _ => element.list(),
    })
}

/// The common type of tuples: element by element if they have the same length, and otherwise a list.
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

/// The common type of objects: attribute by attribute if they have the same ones, and otherwise a map.
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
