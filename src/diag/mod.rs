//! Diagnostics: what is wrong, where, why, and how to fix it. Also the source files that they point into, and a reader of HCL
//! blocks that reports every mistake as a diagnostic.
//!
//! Nothing here writes to a terminal; `render` turns a [`Diagnostic`] into text.

mod code;
mod fields;
mod lexer;
mod mistake;
mod page;
mod parser;
mod recovery;
mod source;
mod structure;
mod syntax;
mod token;
mod value;

pub use code::Code;
pub use fields::{BlockForm, Fields, KnownName, closest, refuse_block, refuse_top_level_arguments, superfluous_labels};
pub use lexer::tokens;
pub use page::{Example, Page};
pub use parser::check_body;
pub use source::{Position, SourceFile, SourceMap};
pub use syntax::{Syntax, parse, parse_expression, parse_recovering, quoted_text};
pub use token::{LexicalError, Token, TokenKind};
pub use value::{Evaluate, Literals, Value};

use crate::org::{Address, Invocation, Message, SourceSpan};

/// The most bytes of a detail. A message may quote the whole text of a file.
const MAX_DETAIL: usize = 10_000;

/// The most diagnostics of one severity that are kept, far more than are shown. Further ones are only counted, because a hostile file may
/// have one on every line.
const MAX_KEPT: usize = 1_000;

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The command fails.
    Error,
    /// The command continues.
    Warning,
}

/// A place that a diagnostic points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: SourceSpan,
    /// The text to show there; may be empty.
    pub text: String,
}

/// A replacement, or an insertion if the span is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// The place to replace.
    pub span: SourceSpan,
    /// The new text.
    pub replacement: String,
}

/// A reference in an expression and its value, such as "local.name" and "is \"crm\"". A sensitive value is never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferredValue {
    /// The reference.
    pub traversal: String,
    /// A statement about the value, which continues the reference as a sentence.
    pub statement: String,
}

/// One diagnostic. Its code determines the summary, so that people learn to recognize it; the detail says what is wrong, why, and how to
/// fix it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The severity.
    pub severity: Severity,
    /// The kind.
    pub code: Code,
    /// Full sentences: what is wrong, why, how to fix it, and commands to copy. Only the functions of [`Message`] create its lines, so text
    /// that it quotes can't add any.
    pub detail: Message,
    /// The place that the diagnostic is about.
    pub primary: Option<Label>,
    /// Other relevant places.
    pub secondary: Vec<Label>,
    /// A certain fix, which consists of all of these edits together.
    pub patches: Vec<Patch>,
    /// The referenced values that are missing or wrong, without sensitive ones.
    pub values: Vec<ReferredValue>,
    /// The known names, if the diagnostic is about an unknown name.
    pub known: Vec<KnownName>,
    /// The account block that the diagnostic is about.
    pub address: Option<Address>,
    /// Whether it only repeats that a referenced value is missing, which is reported where that value is declared. Such a diagnostic ends
    /// the evaluation of an expression and is not collected.
    pub echo: bool,
}

impl Diagnostic {
    /// Creates an error.
    pub fn error(code: Code, detail: impl Into<Message>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            detail: detail.into().shortened(MAX_DETAIL),
            primary: None,
            secondary: Vec::new(),
            patches: Vec::new(),
            values: Vec::new(),
            known: Vec::new(),
            address: None,
            echo: false,
        }
    }

    /// Creates a warning.
    pub fn warning(code: Code, detail: impl Into<Message>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, detail) }
    }

    /// Points at `span`.
    #[must_use]
    pub fn at(self, span: SourceSpan) -> Self {
        self.labelled(span, "")
    }

    /// Points at `span` with the label `text`.
    #[must_use]
    pub fn labelled(mut self, span: SourceSpan, text: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    /// Also shows `span`, with the label `text`.
    #[must_use]
    pub fn also(mut self, span: SourceSpan, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Offers a certain fix.
    #[must_use]
    pub fn patched(mut self, span: SourceSpan, replacement: impl Into<String>) -> Self {
        self.patches.push(Patch { span, replacement: replacement.into() });
        self
    }

    /// Offers to put the text of `span` in quotes.
    #[must_use]
    pub fn patched_with_quotes(self, span: SourceSpan) -> Self {
        let edge = |offset| SourceSpan { file: span.file, start: offset, end: offset };
        self.patched(edge(span.start), "\"").patched(edge(span.end), "\"")
    }

    /// Lists the known names that could replace an unknown one.
    #[must_use]
    pub fn knowing(self, known: Vec<KnownName>) -> Self {
        Self { known, ..self }
    }

    /// Sets the account block that the diagnostic is about.
    #[must_use]
    pub fn about(mut self, address: &Address) -> Self {
        self.address = Some(address.clone());
        self
    }

    /// The fixed summary of the code.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.code.summary()
    }
}

/// Diagnostics, collected so that one run reports all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    errors: usize,
    warnings: usize,
}

impl Diagnostics {
    /// Adds one. Up to a limit for each severity they are kept; the rest are only counted.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.echo {
            return;
        }
        let count = match diagnostic.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        *count += 1;
        if *count <= MAX_KEPT {
            self.found.push(diagnostic);
        }
    }

    /// Adds an error, which is created only if it is kept. For mistakes that a hostile file can contain by the million.
    pub fn push_error(&mut self, error: impl FnOnce() -> Diagnostic) {
        if self.errors < MAX_KEPT {
            self.push(error());
        } else {
            self.errors += 1;
        }
    }

    /// Adds the error of a result and keeps its value.
    pub fn accept<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|diagnostic| self.push(diagnostic)).ok()
    }

    /// Whether at least one is an error.
    #[must_use]
    pub const fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Returns all of them as errors.
    #[must_use]
    pub fn into_errors(self) -> Self {
        let found = self.found.into_iter().map(|found| Diagnostic { severity: Severity::Error, ..found }).collect();
        Self { found, errors: self.errors + self.warnings, warnings: 0 }
    }

    /// Whether there is one with any of these codes.
    #[must_use]
    pub fn has_any(&self, codes: &[Code]) -> bool {
        self.found.iter().any(|diagnostic| codes.contains(&diagnostic.code))
    }

    /// Returns all except those with this code.
    #[must_use]
    pub fn without(&self, code: Code) -> Self {
        let mut others = self.clone();
        others.found.retain(|diagnostic| diagnostic.code != code);
        let left_out = |severity| {
            let is_it = |diagnostic: &&Diagnostic| diagnostic.code == code && diagnostic.severity == severity;
            self.found.iter().filter(is_it).count()
        };
        others.errors -= left_out(Severity::Error);
        others.warnings -= left_out(Severity::Warning);
        others
    }

    /// Returns the same diagnostics with their commands adapted to this invocation.
    #[must_use]
    pub fn called_by(&self, invocation: &Invocation) -> Self {
        let mut called = self.clone();
        called.found.iter_mut().for_each(|diagnostic| diagnostic.detail = diagnostic.detail.called_by(invocation));
        called
    }

    /// How many there are, including those that are only counted.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.errors + self.warnings
    }

    /// How many errors there are.
    #[must_use]
    pub const fn errors(&self) -> usize {
        self.errors
    }

    /// How many warnings there are.
    #[must_use]
    pub const fn warnings(&self) -> usize {
        self.warnings
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All kept diagnostics: those without a place first, then by place, code and detail, so that two runs print the same.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<_> = self.found.iter().collect();
        sorted.sort_by(|a, b| {
            let place = |diagnostic: &Diagnostic| diagnostic.primary.as_ref().map(|label| label.span.clone());
            place(a).cmp(&place(b)).then_with(|| a.code.cmp(&b.code)).then_with(|| a.detail.cmp(&b.detail))
        });
        sorted
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.found.into_iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Self::default();
        diagnostics.push(diagnostic);
        diagnostics
    }
}
