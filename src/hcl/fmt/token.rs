//! The tokens of HCL that matter for spacing.

use std::borrow::Cow;

pub(super) use crate::diag::TokenKind as Kind;

/// A token and the number of blanks to write before it. The blanks of the source are not kept; all are determined again.
#[derive(Debug, Clone)]
pub(super) struct Token<'t> {
    /// Its kind.
    pub(super) kind: Kind,
    /// Its text.
    pub(super) text: Cow<'t, str>,
    /// The number of blanks before it.
    pub(super) spaces: usize,
}

impl<'t> Token<'t> {
    /// A token without blanks before it.
    pub(super) fn new(kind: Kind, text: impl Into<Cow<'t, str>>) -> Self {
        Self { kind, text: text.into(), spaces: 0 }
    }

    /// Whether the token ends its line.
    pub(super) fn ends_line(&self) -> bool {
        match self.kind {
            Kind::Newline => true,
            Kind::Comment => self.text.ends_with('\n'),
            _ => false,
        }
    }
}
