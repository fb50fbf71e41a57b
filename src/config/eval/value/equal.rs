//! Equality of values.

use super::{Kind, Type, Value};

/// Whether two values are equal: they have the same type and equal parts. All nulls are equal, but within other values only nulls of the
/// same type are.
pub(in crate::config::eval) fn equal(left: &Value, right: &Value) -> bool {
    let same = |left: &Value, right: &Value| match (left.kind(), right.kind()) {
        (Kind::Null(left), Kind::Null(right)) => left == right || *left == Type::Any || *right == Type::Any,
        _ => equal(left, right),
    };
    let all = |left: &[Value], right: &[Value]| left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right));
    match (left.kind(), right.kind()) {
        (Kind::Null(_), Kind::Null(_)) => true,
        (Kind::Bool(left), Kind::Bool(right)) => left == right,
        (Kind::Number(left), Kind::Number(right)) => left == right,
        (Kind::String(left), Kind::String(right)) => left == right,
        (Kind::List(a, left), Kind::List(b, right)) | (Kind::Set(a, left), Kind::Set(b, right)) => a == b && all(left, right),
        (Kind::Tuple(left), Kind::Tuple(right)) => all(left, right),
        (Kind::Map(_, left), Kind::Map(_, right)) | (Kind::Object(left), Kind::Object(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|((a, left), (b, right))| a == b && same(left, right))
        }
        _ => false,
    }
}
