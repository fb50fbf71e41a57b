//! The evaluator of expressions.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::expr::{BinaryOperator, Conditional, Expression, Object, ObjectKey, UnaryOperator};

use crate::diag::Code;

use super::budget::{BYTES_OF_AN_OBJECT, Exceeded};
use super::problem::{Outcome, Problem, UNDEFINED_REFERENCE, limit, range};
use super::scope::Scope;
use super::value::{ConversionError, Kind, Number, Type, Value, convert, unify};

/// The most levels of values within a value. Code that reads a value recursively takes stack for each.
const MAX_DEPTH: u32 = 500;

/// Evaluates the expressions of one text. The variables of `for` expressions form a chain, the innermost first.
#[derive(Clone, Copy)]
pub(super) struct Evaluator<'c> {
    pub(super) scope: &'c Scope,
    /// The text to which source ranges refer, without its byte-order mark.
    pub(super) source: &'c str,
    frame: Option<&'c Frame<'c>>,
    in_template: bool,
}

/// The variables of one `for`.
pub(super) struct Frame<'c> {
    pub(super) key: Option<(&'c str, &'c Value)>,
    pub(super) value: (&'c str, &'c Value),
    pub(super) outer: Option<&'c Frame<'c>>,
}

impl<'c> Evaluator<'c> {
    pub(super) fn new(scope: &'c Scope, source: &'c str) -> Self {
        Self { scope, source, frame: None, in_template: false }
    }

    /// The same evaluator with the variables of a `for`.
    pub(super) fn within<'f>(&self, frame: &'f Frame<'f>) -> Evaluator<'f>
    where
        'c: 'f,
    {
        Evaluator { frame: Some(frame), ..*self }
    }

    /// The same evaluator for the text of a template file.
    pub(super) fn for_template(self) -> Self {
        Self { in_template: true, ..self }
    }

    /// Whether the text is that of a template file.
    pub(super) fn in_template(&self) -> bool {
        self.in_template
    }

    pub(super) fn frame(&self) -> Option<&'c Frame<'c>> {
        self.frame
    }

    /// Counts `count` elements that are made at `range` against the budget.
    pub(super) fn pay(&self, range: &Range<usize>, count: usize) -> Outcome<()> {
        let budget = self.scope.budget();
        let paid = budget.steps(count).and_then(|()| budget.bytes(count.saturating_mul(size_of::<Value>())));
        paid.map_err(|exceeded| limit(range.clone(), exceeded))
    }

    /// Counts the steps of reading something against the budget.
    pub(super) fn pay_steps(&self, range: &Range<usize>, steps: usize) -> Outcome<()> {
        self.scope.budget().steps(steps).map_err(|exceeded| limit(range.clone(), exceeded))
    }

    /// Counts `bytes` of text that are made at `range` against the budget.
    pub(super) fn pay_bytes(&self, range: &Range<usize>, bytes: usize) -> Outcome<()> {
        self.scope.budget().bytes(bytes).map_err(|exceeded| limit(range.clone(), exceeded))
    }

    /// Evaluates an expression.
    pub(super) fn value(&self, expression: &Expression) -> Outcome<Value> {
        let value = self.unchecked(expression)?;
        if value.depth() > MAX_DEPTH {
            return Err(limit(range(expression), Exceeded("values are nested too deeply")));
        }
        Ok(value)
    }

    fn unchecked(&self, expression: &Expression) -> Outcome<Value> {
        let range = range(expression);
        self.scope.budget().steps(1).map_err(|exceeded| limit(range.clone(), exceeded))?;
        match expression {
            Expression::Null(_) => Ok(Value::null()),
            Expression::Bool(value) => Ok((**value).into()),
            Expression::Number(number) => {
                // The parser's numbers have 64 bits, so the number is read from the text.
                let written = self.source.get(range.clone()).map_or_else(|| number.value().to_string(), str::to_owned);
                written_number(&written)
                    .map(Value::from)
                    .ok_or_else(|| Problem::of(Code::ImpossibleNumber, range, "This number is too large or too small."))
            }
            Expression::String(text) => Ok(text.as_str().into()),
            Expression::StringTemplate(template) => self.quoted(template, &range),
            Expression::HeredocTemplate(heredoc) => self.heredoc(heredoc, &range),
            Expression::Array(items) => {
                self.pay(&range, items.len())?;
                items.iter().map(|item| self.value(item)).collect()
            }
            Expression::Object(object) => self.object(object, &range),
            Expression::Parenthesis(inner) => self.value(inner.inner()),
            Expression::Variable(name) => self.variable(name.as_str(), &range),
            Expression::Conditional(conditional) => self.conditional(conditional, &range),
            Expression::FuncCall(call) => self.call(call, &range),
            Expression::Traversal(traversal) => self.traversal(traversal, &range),
            Expression::UnaryOp(operation) => self.unary(operation),
            Expression::BinaryOp(operation) => self.binary(operation, &range),
            Expression::ForExpr(expression) => self.for_expression(expression, &range),
        }
    }

    /// Evaluates a name without attributes.
    fn variable(&self, name: &str, range: &Range<usize>) -> Outcome<Value> {
        if let Some(value) = self.bound(name).or_else(|| self.scope.root_value(name)) {
            return Ok(value.clone());
        }
        Err(Problem::of(UNDEFINED_REFERENCE, range.clone(), format!("`{name}` is not a value by itself.")))
    }

    /// The value of a variable of an enclosing `for`.
    pub(super) fn bound(&self, name: &str) -> Option<&'c Value> {
        let mut frame = self.frame;
        while let Some(Frame { key, value, outer }) = frame {
            if value.0 == name {
                return Some(value.1);
            }
            if let Some(key) = key.filter(|key| key.0 == name) {
                return Some(key.1);
            }
            frame = *outer;
        }
        None
    }

    fn object(&self, object: &Object, range: &Range<usize>) -> Outcome<Value> {
        self.pay(range, object.len())?;
        self.pay_bytes(range, BYTES_OF_AN_OBJECT)?;
        let mut attributes = BTreeMap::new();
        let mut sensitive = false;
        for (key, value) in object.iter() {
            let (name, marked) = self.key(key)?;
            sensitive |= marked;
            attributes.insert(name, self.value(value.expr())?);
        }
        Ok(Value::object(attributes).marked(sensitive))
    }

    /// The name of an object's key, and whether it is sensitive.
    fn key(&self, key: &ObjectKey) -> Outcome<(String, bool)> {
        match key {
            ObjectKey::Ident(name) => Ok((name.to_string(), false)),
            // A bare word is the key itself.
            ObjectKey::Expression(Expression::Variable(name)) => Ok((name.to_string(), false)),
            ObjectKey::Expression(Expression::Null(_)) => Ok(("null".into(), false)),
            ObjectKey::Expression(expression) => self.key_text(expression),
        }
    }

    /// A value as the key of an object or map.
    pub(super) fn key_text(&self, expression: &Expression) -> Outcome<(String, bool)> {
        let value = self.value(expression)?;
        let range = range(expression);
        if value.is_null() {
            return Err(Problem::null(range, "A key must not be null."));
        }
        match convert(&value, &Type::String) {
            Ok(text) => Ok((text.as_str().unwrap_or_default().to_owned(), value.is_sensitive())),
            Err(_) => Err(Problem::wrong_type(range, format!("A key must be a string, not {}.", value.kind_with_article()))),
        }
    }

    /// Evaluates both branches, because the result has the type that both convert to, and is sensitive if one of them is. Errors of the
    /// branch that is not taken are ignored: they may be what the condition guards against.
    fn conditional(&self, conditional: &Conditional, whole: &Range<usize>) -> Outcome<Value> {
        let condition = self.value(&conditional.cond_expr)?;
        let holds = self.condition(&condition, &range(&conditional.cond_expr))?;
        let (taken, other) =
            if holds { (&conditional.true_expr, &conditional.false_expr) } else { (&conditional.false_expr, &conditional.true_expr) };
        let value = self.value(taken)?;
        let (other_type, other_sensitive) = match self.value(other) {
            Ok(other) => {
                self.pay_steps(whole, other.weight())?;
                (other.r#type(), other.is_sensitive())
            }
            Err(problem) if problem.fatal => return Err(problem),
            Err(_) => (evident_type(other), false),
        };
        self.pay_steps(whole, value.weight())?;
        let value = value.marked(condition.is_sensitive() || other_sensitive);
        let taken_type = value.r#type();
        // A bare null takes the type of the other branch.
        if taken_type == other_type || other_type == Type::Any {
            return Ok(value);
        }
        if taken_type == Type::Any {
            return Ok(Value::from(Kind::Null(other_type)).marked(value.is_sensitive()));
        }
        let mismatch = || {
            let (first, second) = if holds { (&taken_type, &other_type) } else { (&other_type, &taken_type) };
            let detail = format!(
                "Both results of a condition must have the same type, so that the type of the result is known. The first is {}, the second is {}.",
                type_with_article(first),
                type_with_article(second)
            );
            Problem::of(Code::InconsistentTypes, whole.clone(), detail)
        };
        let common = unify(&[taken_type.clone(), other_type.clone()]).ok_or_else(mismatch)?;
        convert(&value, &common).map_err(|_| mismatch())
    }

    /// Whether a condition is true.
    pub(super) fn condition(&self, value: &Value, range: &Range<usize>) -> Outcome<bool> {
        if value.is_null() {
            return Err(Problem::null(range.clone(), "A condition must be true or false, but this is null."));
        }
        match convert(value, &Type::Bool).map(|value| value.kind().clone()) {
            Ok(Kind::Bool(holds)) => Ok(holds),
            _ => Err(Problem::wrong_type(range.clone(), format!("A condition must be true or false, not {}.", value.kind_with_article()))),
        }
    }
}

/// The type of an expression that failed to evaluate, if its operator or template determines it.
fn evident_type(expression: &Expression) -> Type {
    match expression {
        Expression::Parenthesis(inner) => evident_type(inner.inner()),
        Expression::StringTemplate(template) if template.as_single_element().is_none() => Type::String,
        Expression::HeredocTemplate(_) => Type::String,
        Expression::UnaryOp(operation) if *operation.operator == UnaryOperator::Neg => Type::Number,
        Expression::UnaryOp(_) => Type::Bool,
        Expression::BinaryOp(operation) => match operation.operator.value() {
            BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Mul | BinaryOperator::Div | BinaryOperator::Mod => Type::Number,
            _ => Type::Bool,
        },
        _ => Type::Any,
    }
}

/// The number of a literal. Blanks or a comment may be between the sign and the digits.
fn written_number(written: &str) -> Option<Number> {
    let digits = written.trim_start_matches(|character: char| !character.is_ascii_digit());
    // A comment may contain digits, so after a minus the number is read from the end.
    let digits = if written.starts_with('-') { digits_at_end(written) } else { digits };
    let number = Number::parse(digits)?;
    Some(if written.starts_with('-') { number.negated() } else { number })
}

fn digits_at_end(written: &str) -> &str {
    let start = written.rfind(['/', ' ', '\t', '\n']).map_or(1, |blank| blank + 1);
    written.get(start..).unwrap_or_default()
}

/// "a list of string", "an object", "null".
fn type_with_article(r#type: &Type) -> String {
    match r#type {
        Type::Any => "null".into(),
        Type::Object(_) => "an object".into(),
        other => format!("a {other}"),
    }
}

/// The message for a failed conversion of a value.
pub(super) fn unsuitable(what: &str, error: &ConversionError) -> String {
    format!("{what} is not suitable: {error}.")
}
