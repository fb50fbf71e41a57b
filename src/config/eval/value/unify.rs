//! One type for several.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Attribute, Type};

/// The type that values of all of these types convert to, if there is one. `any` converts to every other.
#[must_use]
pub fn unify(types: &[Type]) -> Option<Type> {
    let mut known: Vec<&Type> = Vec::new();
    for candidate in types.iter().filter(|candidate| **candidate != Type::Any) {
        // Elements of a list are mostly of one type; comparing with the last keeps that linear.
        if known.last() != Some(&candidate) && !(candidate.is_primitive() && known.contains(&candidate)) {
            known.push(candidate);
        }
    }
    match known.as_slice() {
        [] => return Some(Type::Any),
        [only] => return Some((*only).clone()),
        _ => {}
    }
    let all = |accepts: fn(&Type) -> bool| known.iter().all(|candidate| accepts(candidate));
    if all(Type::is_primitive) {
        return known.contains(&&Type::String).then_some(Type::String);
    }
    if all(|candidate| matches!(candidate, Type::Tuple(_))) {
        return unify_tuples(&known);
    }
    if all(|candidate| matches!(candidate, Type::Object(_))) {
        return unify_objects(&known);
    }
    if all(|candidate| matches!(candidate, Type::Map(_) | Type::Object(_))) {
        return Some(unify(&parts(&known))?.map());
    }
    if all(|candidate| matches!(candidate, Type::Set(_) | Type::Tuple(_))) {
        return Some(unify(&parts(&known))?.set());
    }
    if all(|candidate| matches!(candidate, Type::List(_) | Type::Set(_) | Type::Tuple(_))) {
        return Some(unify(&parts(&known))?.list());
    }
    None
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
