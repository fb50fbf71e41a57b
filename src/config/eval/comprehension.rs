//! `for` expressions, and iteration over the elements of a value.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::expr::{Expression, ForExpr};

use crate::diag::Code;

use super::evaluator::{Evaluator, Frame};
use super::problem::{Outcome, Problem, range};
use super::value::{Kind, Number, Value};

/// The result of a `for` expression so far.
enum Made {
    Tuple(Vec<Value>),
    Object(BTreeMap<String, Value>),
    /// An object of tuples.
    Groups(BTreeMap<String, Vec<Value>>),
}

impl Evaluator<'_> {
    pub(super) fn for_expression(&self, expression: &ForExpr, whole: &Range<usize>) -> Outcome<Value> {
        let collection = self.value(&expression.intro.collection_expr)?;
        let key_name = expression.intro.key_var.as_ref().map(|name| name.as_str());
        let value_name = expression.intro.value_var.as_str();
        let mut sensitive = collection.is_sensitive();
        let mut made = match (&expression.key_expr, expression.grouping) {
            (None, _) => Made::Tuple(Vec::new()),
            (Some(_), false) => Made::Object(BTreeMap::new()),
            (Some(_), true) => Made::Groups(BTreeMap::new()),
        };
        for (key, value) in self.elements(&collection, &range(&expression.intro.collection_expr))? {
            self.pay(whole, 1)?;
            let key = key.unwrap_or_else(|| value.clone());
            let frame = Frame { key: key_name.map(|name| (name, &key)), value: (value_name, &value), outer: self.frame() };
            let inner = self.within(&frame);
            if let Some(condition) = &expression.cond {
                let holds = inner.value(&condition.expr)?;
                sensitive |= holds.is_sensitive();
                if !inner.condition(&holds, &range(&condition.expr))? {
                    continue;
                }
            }
            let key = expression.key_expr.as_ref();
            sensitive |= inner.add(&mut made, key, &expression.value_expr)?;
        }
        let value = match made {
            Made::Tuple(elements) => Value::tuple(elements),
            Made::Object(attributes) => Value::object(attributes),
            Made::Groups(groups) => groups.into_iter().map(|(name, elements)| (name, Value::tuple(elements))).collect(),
        };
        Ok(value.marked(sensitive))
    }

    /// Adds one result, and returns whether its key is sensitive.
    fn add(&self, made: &mut Made, key: Option<&Expression>, value: &Expression) -> Outcome<bool> {
        let Some(key_expression) = key else {
            let value = self.value(value)?;
            if let Made::Tuple(elements) = made {
                elements.push(value);
            }
            return Ok(false);
        };
        let (key, sensitive) = self.key_text(key_expression)?;
        let value = self.value(value)?;
        match made {
            Made::Object(attributes) if attributes.contains_key(&key) => {
                let named = if sensitive { "the same key".to_owned() } else { format!("the key {key:?}") };
                let detail = format!(
                    "Two elements have {named}. If that is intended, write `...` after the value, so that each key has a list of all its values."
                );
                return Err(Problem::of(Code::DuplicateKey, range(key_expression), detail));
            }
            Made::Object(attributes) => drop(attributes.insert(key, value)),
            Made::Groups(groups) => groups.entry(key).or_default().push(value),
            Made::Tuple(elements) => elements.push(value),
        }
        Ok(sensitive)
    }

    /// The elements of a collection with their keys. An element of a set has no key, because it is its own.
    pub(super) fn elements(&self, collection: &Value, at: &Range<usize>) -> Outcome<Vec<(Option<Value>, Value)>> {
        let count = collection.len();
        self.pay(at, count)?;
        // The elements of a sensitive collection are sensitive, so that no message shows them either.
        let marked = |value: Value| value.marked(collection.is_sensitive());
        match collection.kind() {
            Kind::List(_, elements) | Kind::Tuple(elements) => {
                let keyed = |(index, element): (usize, &Value)| (Some(Number::counted(index).into()), marked(element.clone()));
                Ok(elements.iter().enumerate().map(keyed).collect())
            }
            Kind::Set(_, elements) => Ok(elements.iter().map(|element| (None, marked(element.clone()))).collect()),
            Kind::Map(_, entries) | Kind::Object(entries) => {
                let keyed = |(name, element): (&String, &Value)| (Some(marked(name.as_str().into())), marked(element.clone()));
                Ok(entries.iter().map(keyed).collect())
            }
            Kind::Null(_) => Err(Problem::null(at.clone(), "This value is null, so it has no elements to iterate over.")),
            _ => Err(Problem::wrong_type(
                at.clone(),
                format!("Only collections have elements to iterate over; this is {}.", collection.kind_with_article()),
            )),
        }
    }
}
