//! Attributes, indices and splats.

use std::ops::Range;

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::{Decorated, Span};

use super::evaluator::Evaluator;
use super::problem::{Outcome, Problem, range};
use super::scope::{suggestion, with_patch};
use super::value::{Kind, Number, Type, Value, convert};

type Steps<'e> = &'e [Decorated<TraversalOperator>];

impl Evaluator<'_> {
    pub(super) fn traversal(&self, traversal: &Traversal, whole: &Range<usize>) -> Outcome<Value> {
        let (value, steps) = self.start(traversal)?;
        self.steps(value, steps, whole.start)
    }

    /// The value that the steps start from. A member of a family, such as `var.name`, is one value.
    fn start<'e>(&self, traversal: &'e Traversal) -> Outcome<(Value, Steps<'e>)> {
        if let (Expression::Variable(root), [first, rest @ ..]) = (&traversal.expr, traversal.operators.as_slice()) {
            let name = match first.value() {
                TraversalOperator::GetAttr(name) => Some(name.as_str()),
                TraversalOperator::Index(Expression::String(name)) => Some(name.as_str()),
                _ => None,
            };
            let member = name.filter(|_| self.bound(root.as_str()).is_none()).and_then(|name| self.scope.member(root.as_str(), name));
            if let Some(value) = member {
                return Ok((value.clone(), rest));
            }
        }
        Ok((self.value(&traversal.expr)?, traversal.operators.as_slice()))
    }

    /// Applies steps to a value. `start` is the offset of the whole expression: the range of an error includes the value to which the
    /// failed step was applied.
    fn steps(&self, mut value: Value, steps: Steps<'_>, start: usize) -> Outcome<Value> {
        let mut rest = steps;
        while let Some((step, after)) = rest.split_first() {
            rest = after;
            let at = start..step.span().map_or(start, |span| span.end);
            let again = matches!(rest.first().map(Decorated::value), Some(TraversalOperator::LegacyIndex(_)));
            if again && matches!(step.value(), TraversalOperator::LegacyIndex(_)) {
                return Err(Problem::no_element(at, "Two indices can't be chained with points. Write them in brackets, as in `[0][1]`."));
            }
            let sensitive = value.is_sensitive();
            value = match step.value() {
                TraversalOperator::GetAttr(name) => self.attribute(&value, name.as_str(), &range(name))?,
                TraversalOperator::LegacyIndex(index) => {
                    let key = Number::from(i64::try_from(*index.value()).unwrap_or(i64::MAX)).into();
                    index_value(&value, &key, &at)?
                }
                TraversalOperator::Index(key) => {
                    let key_value = self.value(key)?;
                    let marked = key_value.is_sensitive();
                    index_value(&value, &key_value, &range(key))?.marked(marked)
                }
                TraversalOperator::FullSplat(_) => return self.splat(&value, after, start, &at),
                TraversalOperator::AttrSplat(_) => {
                    // Only steps that are written with a point belong to such a splat. An index in brackets applies to its result.
                    let is_own = |step: &&Decorated<TraversalOperator>| {
                        matches!(step.value(), TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_))
                    };
                    let own = after.iter().take_while(is_own).count();
                    let (own, remaining) = after.split_at_checked(own).unwrap_or((after, &[]));
                    rest = remaining;
                    self.splat(&value, own, start, &at)?
                }
            }
            .marked(sensitive);
        }
        Ok(value)
    }

    fn splat(&self, value: &Value, steps: Steps<'_>, start: usize, at: &Range<usize>) -> Outcome<Value> {
        let sensitive = value.is_sensitive();
        let single = [value.clone().unmarked()];
        let (elements, is_tuple) = match value.kind() {
            Kind::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                return Err(Problem::null(at.clone(), "This value is null, so it has no elements."));
            }
            // Null has no elements. Any other value that is not a list is its own only element.
            Kind::Null(_) => (&[][..], true),
            Kind::List(_, elements) | Kind::Set(_, elements) => (elements.as_slice(), false),
            Kind::Tuple(elements) => (elements.as_slice(), true),
            _ => (&single[..], true),
        };
        self.pay(at, elements.len())?;
        let results =
            elements.iter().map(|element| self.steps(element.clone().marked(sensitive), steps, start)).collect::<Outcome<Vec<_>>>()?;
        if is_tuple {
            return Ok(Value::tuple(results).marked(sensitive));
        }
        let tuple = Value::tuple(results);
        Ok(convert(&tuple, &Type::Any.list()).unwrap_or(tuple).marked(sensitive))
    }

    /// Evaluates `value.name`.
    fn attribute(&self, value: &Value, name: &str, range: &Range<usize>) -> Outcome<Value> {
        let detail = match value.kind() {
            Kind::Object(attributes) => match attributes.get(name) {
                Some(attribute) => return Ok(attribute.clone()),
                None => {
                    // The names of a sensitive object's attributes must not be shown.
                    let near = if value.is_sensitive() { None } else { self.scope.closest(name, attributes.keys()) };
                    let known = attributes.keys().filter(|_| !value.is_sensitive());
                    if let Some(hint) = known.map(String::as_str).find_map(|key| awkward(name, key, near)) {
                        return Err(Problem::no_element(range.clone(), format!("This object has no attribute named `{name}`. {hint}")));
                    }
                    let detail = format!("This object has no attribute named `{name}`.{}", suggestion(near));
                    return Err(with_patch(Problem::no_element(range.clone(), detail), range.clone(), near));
                }
            },
            Kind::Map(_, entries) => match entries.get(name) {
                Some(entry) => return Ok(entry.clone()),
                None => format!("This map has no element with the key \"{name}\"."),
            },
            Kind::Null(_) => return Err(Problem::null(range.clone(), format!("This value is null, so it has no attribute `{name}`."))),
            Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => {
                format!("A {} has no attributes. To get the attribute of each of its elements, write `[*].{name}`.", value.kind_name())
            }
            _ => format!("A {} has no attributes.", value.kind_name()),
        };
        Err(Problem::no_element(range.clone(), detail))
    }
}

/// The hint for an attribute whose name is not an identifier, such as a column of a spreadsheet, if `name` seems to mean it.
fn awkward(name: &str, key: &str, near: Option<&str>) -> Option<String> {
    if key.strip_prefix('\u{feff}') == Some(name) {
        return Some(
            "The file begins with a byte-order mark, which is part of the name of its first column. Replace file(\"…\") with trimprefix(file(\"…\"), \"\\ufeff\"), or save the file as UTF-8 without the mark."
                .to_owned(),
        );
    }
    let plain = |text: &str| text.to_lowercase().replace(|character: char| !character.is_alphanumeric(), "_");
    let is_meant = near == Some(key) || plain(key.trim()) == plain(name);
    let is_identifier = hcl_edit::Ident::try_new(key).is_ok();
    (is_meant && !is_identifier)
        .then(|| format!("There is one named {key:?}, which is not an identifier: write [{key:?}] instead of `.{name}`."))
}

/// Evaluates `value[key]`.
pub(super) fn index_value(value: &Value, key: &Value, range: &Range<usize>) -> Outcome<Value> {
    if value.is_null() {
        return Err(Problem::null(range.clone(), "This value is null, so it has no elements."));
    }
    if key.is_null() {
        return Err(Problem::null(range.clone(), "An index must not be null."));
    }
    match value.kind() {
        Kind::List(_, elements) | Kind::Tuple(elements) => {
            let index = match convert(key, &Type::Number) {
                Ok(index) => index,
                Err(_) => return Err(Problem::wrong_type(range.clone(), format!("The index of a {} is a number.", value.kind_name()))),
            };
            let Kind::Number(index) = index.kind() else { return Err(Problem::wrong_type(range.clone(), "An index is a number.")) };
            let element = index.to_i64().and_then(|index| usize::try_from(index).ok()).and_then(|index| elements.get(index));
            element.cloned().ok_or_else(|| Problem::no_element(range.clone(), no_element(value, elements.len(), index)))
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let Ok(name) = convert(key, &Type::String) else {
                return Err(Problem::wrong_type(
                    range.clone(),
                    format!("The key of a {} is a string, not {}.", value.kind_name(), key.kind_with_article()),
                ));
            };
            let what = if matches!(value.kind(), Kind::Map(..)) { "element" } else { "attribute" };
            let missing = || match name.as_str().filter(|_| !key.is_sensitive()) {
                Some(name) => format!("This {} has no {what} with the key {name:?}.", value.kind_name()),
                None => format!("This {} has no {what} with the given key.", value.kind_name()),
            };
            entries.get(name.as_str().unwrap_or_default()).cloned().ok_or_else(|| Problem::no_element(range.clone(), missing()))
        }
        Kind::Set(..) => Err(Problem::wrong_type(
            range.clone(),
            "The elements of a set have no index, because they have no order. Convert it with tolist().",
        )),
        _ => Err(Problem::wrong_type(range.clone(), format!("A {} has no elements.", value.kind_name()))),
    }
}

fn no_element(value: &Value, length: usize, index: &Number) -> String {
    if value.is_sensitive() {
        return "There is no element with the given index.".into();
    }
    if !index.is_whole() {
        return "An index is a whole number.".into();
    }
    if index.is_negative() {
        return "An index is not negative; the first element has the index 0.".into();
    }
    match length {
        0 => format!("This {} has no elements.", value.kind_name()),
        _ => format!("This {} has {length} elements, so its last index is {}.", value.kind_name(), length - 1),
    }
}
