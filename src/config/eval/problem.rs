//! What goes wrong in an evaluation, before its place is turned into one of a file.

use std::ops::Range;

use hcl_edit::Span;

use crate::diag::{Code, Diagnostic, Syntax};

use super::budget::Exceeded;

/// A reference to nothing.
pub(super) const UNDEFINED_REFERENCE: Code = Code::UndefinedReference;
/// A call of nothing.
pub(super) const UNKNOWN_FUNCTION: Code = Code::UnknownFunction;
/// A function that has no result for its arguments.
pub(super) const FUNCTION_FAILED: Code = Code::FunctionFailed;
/// More or fewer arguments than a function takes.
pub(super) const WRONG_ARGUMENTS: Code = Code::WrongArguments;
/// More steps, memory or nesting than there may be.
pub(super) const LIMIT_EXCEEDED: Code = Code::EvaluationLimit;
/// A sensitive value where it would be written.
pub(super) const SENSITIVE_VALUE: Code = Code::SensitiveValue;

/// A result within the evaluator. The error is boxed because it is large and rare.
pub(super) type Outcome<T> = Result<T, Box<Problem>>;

/// An error at the deepest sub-expression that caused it.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// The place in the parsed text.
    pub(super) range: Range<usize>,
    pub(super) code: Code,
    pub(super) detail: String,
    /// A certain fix.
    pub(super) patch: Option<(Range<usize>, String)>,
    /// Whether a limit is exceeded, which `try` and `can` do not make good.
    pub(super) fatal: bool,
    /// Whether what is referred to has no value, which was reported there.
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

    /// A reference to what has no value because of a mistake that is reported where it is declared.
    pub(super) fn echo(range: Range<usize>) -> Box<Self> {
        Box::new(Self { echo: true, ..*Self::of(UNDEFINED_REFERENCE, range, "What this refers to has no value.") })
    }

    pub(super) fn patched(mut self: Box<Self>, range: Range<usize>, replacement: &str) -> Box<Self> {
        self.patch = Some((range, replacement.to_owned()));
        self
    }

    /// The diagnostic for a file.
    pub(super) fn diagnostic(self, syntax: &Syntax) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code, self.detail).at(syntax.range(self.range));
        diagnostic.echo = self.echo;
        match self.patch {
            Some((range, replacement)) => diagnostic.patched(syntax.range(range), replacement),
            None => diagnostic,
        }
    }
}

/// Where an expression is.
pub(super) fn range(node: &impl Span) -> Range<usize> {
    node.span().unwrap_or_default()
}

pub(super) fn limit(range: Range<usize>, Exceeded(what): Exceeded) -> Box<Problem> {
    Problem::fatal(range, format!("Evaluation stopped: {what}."))
}
