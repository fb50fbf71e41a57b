//! Operators.

use std::ops::Range;

use hcl_edit::expr::{BinaryOp, BinaryOperator, Expression, UnaryOp, UnaryOperator};

use crate::diag::Code;

use super::evaluator::{Evaluator, unsuitable};
use super::problem::{Outcome, Problem, range};
use super::value::{Kind, Number, Type, Value, convert, equal};

/// Digits of a string that are parsed as a number in one step.
const DIGITS_OF_A_STEP: usize = 4;

impl Evaluator<'_> {
    pub(super) fn unary(&self, operation: &UnaryOp) -> Outcome<Value> {
        let operand = self.value(&operation.expr)?;
        let sensitive = operand.is_sensitive();
        let range = range(&operation.expr);
        let value: Value = match *operation.operator {
            UnaryOperator::Neg => number(&operand, &range)?.negated().into(),
            UnaryOperator::Not => (!boolean(&operand, &range)?).into(),
        };
        Ok(value.marked(sensitive))
    }

    pub(super) fn binary(&self, operation: &BinaryOp, whole: &Range<usize>) -> Outcome<Value> {
        let left = self.value(&operation.lhs_expr)?;
        let right = self.value(&operation.rhs_expr)?;
        let sensitive = left.has_sensitive() || right.has_sensitive();
        // A string is parsed as a number each time.
        let digits = |value: &Value| value.as_str().map_or(0, str::len);
        self.pay_steps(whole, (digits(&left) + digits(&right)) / DIGITS_OF_A_STEP)?;
        let value = match operation.operator.value() {
            BinaryOperator::Eq => self.equal(&left, &right, whole)?.into(),
            BinaryOperator::NotEq => (!self.equal(&left, &right, whole)?).into(),
            // Both sides are always evaluated, as in Terraform 1.11.
            BinaryOperator::And => (boolean(&left, &range(&operation.lhs_expr))? & boolean(&right, &range(&operation.rhs_expr))?).into(),
            BinaryOperator::Or => (boolean(&left, &range(&operation.lhs_expr))? | boolean(&right, &range(&operation.rhs_expr))?).into(),
            arithmetic => arithmetical(*arithmetic, (&operation.lhs_expr, &left), (&operation.rhs_expr, &right), whole)?,
        };
        Ok(value.marked(sensitive))
    }

    fn equal(&self, left: &Value, right: &Value, whole: &Range<usize>) -> Outcome<bool> {
        if !left.is_empty() && !right.is_empty() {
            self.pay_steps(whole, left.weight())?;
        }
        Ok(equal(left, right))
    }
}

fn arithmetical(
    operator: BinaryOperator,
    (left_expression, left): (&Expression, &Value),
    (right_expression, right): (&Expression, &Value),
    whole: &Range<usize>,
) -> Outcome<Value> {
    let left = number(left, &range(left_expression))?;
    let right_range = range(right_expression);
    let right = number(right, &right_range)?;
    let finite = |result: Option<Number>| {
        result.ok_or_else(|| Problem::of(Code::ImpossibleNumber, whole.clone(), "The result is too large or too small for a number."))
    };
    if matches!(operator, BinaryOperator::Div | BinaryOperator::Mod) && right.is_zero() {
        return Err(Problem::of(Code::ImpossibleNumber, right_range, "Division by zero is not possible."));
    }
    Ok(match operator {
        BinaryOperator::Plus => left.plus(&right).into(),
        BinaryOperator::Minus => left.minus(&right).into(),
        BinaryOperator::Mul => finite(left.times(&right))?.into(),
        BinaryOperator::Div => finite(left.divided_by(&right))?.into(),
        BinaryOperator::Mod => finite(left.remainder(&right))?.into(),
        BinaryOperator::Less => (left < right).into(),
        BinaryOperator::LessEq => (left <= right).into(),
        BinaryOperator::Greater => (left > right).into(),
        BinaryOperator::GreaterEq => (left >= right).into(),
        BinaryOperator::Eq | BinaryOperator::NotEq | BinaryOperator::And | BinaryOperator::Or => {
            return Err(Problem::wrong_type(whole.clone(), "This operator does not compute numbers. This is a bug in orgroster."));
        }
    })
}

fn number(value: &Value, range: &Range<usize>) -> Outcome<Number> {
    match operand(value, &Type::Number, range)?.kind() {
        Kind::Number(number) => Ok(number.clone()),
        _ => Err(Problem::wrong_type(range.clone(), "A number is required.")),
    }
}

fn boolean(value: &Value, range: &Range<usize>) -> Outcome<bool> {
    match operand(value, &Type::Bool, range)?.kind() {
        Kind::Bool(value) => Ok(*value),
        _ => Err(Problem::wrong_type(range.clone(), "A bool is required.")),
    }
}

fn operand(value: &Value, wanted: &Type, range: &Range<usize>) -> Outcome<Value> {
    if value.is_null() {
        return Err(Problem::null(range.clone(), "An operand must not be null."));
    }
    convert(value, wanted).map_err(|error| Problem::wrong_type(range.clone(), unsuitable("This operand", &error)))
}
