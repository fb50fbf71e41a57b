//! Errors of an evaluation, before their ranges are converted to locations in a file.

use std::ops::Range;

use hcl_edit::Span;

use crate::diag::{Code, Diagnostic, Syntax};

use super::budget::Exceeded;

/// A reference to something that does not exist.
pub(super) const UNDEFINED_REFERENCE: Code = Code::UndefinedReference;
/// A call of a function that does not exist.
pub(super) const UNKNOWN_FUNCTION: Code = Code::UnknownFunction;
/// A function that has no result for its arguments.
pub(super) const FUNCTION_FAILED: Code = Code::FunctionFailed;
/// Too many or too few arguments of a function.
pub(super) const WRONG_ARGUMENTS: Code = Code::WrongArguments;
/// Too many steps, too much memory or too deep nesting.
pub(super) const LIMIT_EXCEEDED: Code = Code::EvaluationLimit;
/// A sensitive value where it would become visible.
pub(super) const SENSITIVE_VALUE: Code = Code::SensitiveValue;

/// The result type of the evaluator. The error is boxed because it is large and rare.
pub(super) type Outcome<T> = Result<T, Box<Problem>>;

/// An error at the deepest sub-expression that caused it.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// The range in the parsed text.
    pub(super) range: Range<usize>,
    pub(super) code: Code,
    pub(super) detail: String,
    /// A range and its replacement, if the fix is certain.
    pub(super) patch: Option<(Range<usize>, String)>,
    /// Whether a limit is exceeded. `try` and `can` do not catch that.
    pub(super) fatal: bool,
    /// Whether the cause is reported elsewhere, at a declaration without a value.
    pub(super) echo: bool,
}

impl Problem {
    pub(super) fn of(code: Code, range: Range<usize>, detail: impl Into<String>) -> Box<Self> {
        Box::new(Self { range, code, detail: detail.into(), patch: None, fatal: false, echo: false })
    }

    pub(super) fn null(range: Range<usize>, detail: impl Into<String>) -> Box<Self> {
        Self::of(Code::NullValue, range, detail)
    }

    pub(super) fn no_element(range: Range<usize>, detail: impl Into<String>) -> Box<Self> {
        Self::of(Code::NoSuchElement, range, detail)
    }

    pub(super) fn wrong_type(range: Range<usize>, detail: impl Into<String>) -> Box<Self> {
        Self::of(Code::WrongType, range, detail)
    }

    pub(super) fn fatal(range: Range<usize>, detail: impl Into<String>) -> Box<Self> {
        Box::new(Self { fatal: true, ..*Self::of(LIMIT_EXCEEDED, range, detail) })
    }

    /// A reference to a declaration without a value, whose mistake is reported at the declaration.
    pub(super) fn echo(range: Range<usize>) -> Box<Self> {
        Box::new(Self { echo: true, ..*Self::of(UNDEFINED_REFERENCE, range, "What this refers to has no value.") })
    }

    pub(super) fn patched(mut self: Box<Self>, range: Range<usize>, replacement: &str) -> Box<Self> {
        self.patch = Some((range, replacement.to_owned()));
        self
    }

    /// Converts the problem to a diagnostic for a file.
    pub(super) fn diagnostic(self, syntax: &Syntax) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code, self.detail).at(syntax.range(self.range));
        diagnostic.echo = self.echo;
        match self.patch {
            Some((range, replacement)) => diagnostic.patched(syntax.range(range), replacement),
            None => diagnostic,
        }
    }
}

/// The range of an expression.
pub(super) fn range(node: &impl Span) -> Range<usize> {
    node.span().unwrap_or_default()
}

pub(super) fn limit(range: Range<usize>, Exceeded(what): Exceeded) -> Box<Problem> {
    Problem::fatal(range, format!("Evaluation stopped: {what}."))
}
