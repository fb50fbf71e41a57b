//! Typed reading of a block's attributes and nested blocks.

mod form;
mod known;
mod names;
#[cfg(test)]
mod tests;
mod typed;

use std::collections::BTreeMap;
use std::fmt;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body};

use crate::org::{Message, SourceSpan, Spanned};

use super::{Code, Diagnostic, Diagnostics, Evaluate, Syntax, Value};

use known::Shape;
use names::Names;

pub use known::{BlockForm, KnownName};
pub use names::closest;

/// The most repetitions in one list that are reported.
const MAX_REPETITIONS: usize = 10;

/// Reads one body. Every name that is read becomes known, as an argument or as a block. [`Fields::finish`] reports all other names, and
/// names that are written as the wrong kind, with the correct form.
/// A mistake is pushed to the diagnostics, and its value counts as absent, so that one run reports all mistakes.
pub struct Fields<'a, E: Evaluate> {
    /// A name for the body, such as "The provider block".
    what: String,
    syntax: &'a Syntax,
    body: &'a Body,
    /// The place to point at if something is missing.
    header: SourceSpan,
    evaluator: &'a E,
    diagnostics: &'a mut Diagnostics,
    names: Names,
}

impl<'a, E: Evaluate> Fields<'a, E> {
    /// Reads the body of `block`.
    pub fn of_block(
        what: impl Into<String>,
        syntax: &'a Syntax,
        block: &'a Block,
        evaluator: &'a E,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        Self {
            what: what.into(),
            syntax,
            body: &block.body,
            header: header_span(syntax, block),
            evaluator,
            diagnostics,
            names: Names::default(),
        }
    }

    /// The block's header, without its body.
    #[must_use]
    pub fn header(&self) -> SourceSpan {
        self.header.clone()
    }

    /// The diagnostics, for further ones about this block.
    pub fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// The evaluator of the values.
    #[must_use]
    pub fn evaluator(&self) -> &'a E {
        self.evaluator
    }

    /// The syntax that the body is from.
    #[must_use]
    pub fn syntax(&self) -> &'a Syntax {
        self.syntax
    }

    /// The attribute's expression, if the attribute is present.
    pub fn expression(&mut self, name: &'static str) -> Option<&'a Expression> {
        self.names.add_argument(name, Shape::Any);
        self.body.get_attribute(name).map(|attribute| &attribute.value)
    }

    /// The attribute's value, if it is present and not null.
    pub fn value(&mut self, name: &'static str) -> Option<Spanned<Value>> {
        self.shaped(name, Shape::Any)
    }

    fn shaped(&mut self, name: &'static str, shape: Shape) -> Option<Spanned<Value>> {
        self.names.add_argument(name, shape);
        let attribute = self.body.get_attribute(name)?;
        let value = self.evaluator.evaluate(self.syntax, &attribute.value);
        self.diagnostics.accept(value).filter(|found| found.value != Value::Null)
    }

    /// Nested blocks of one type, in source order. Reports labels of a type that takes none. If the type takes one, the caller reads the
    /// labels.
    pub fn blocks(&mut self, form: BlockForm) -> Vec<&'a Block> {
        self.names.add_block(form);
        let found: Vec<_> = self.body.get_blocks(form.name).collect();
        for block in found.iter().filter(|block| form.label.is_none() && !block.labels.is_empty()) {
            self.diagnostics.push(superfluous_labels(self.syntax, block));
        }
        found
    }

    /// The nested block of a type that may occur once.
    pub fn block(&mut self, form: BlockForm) -> Option<&'a Block> {
        let mut blocks = self.blocks(form).into_iter();
        let first = blocks.next()?;
        for again in blocks {
            let detail = format!("{} takes only one `{}` block. Remove one of them.", self.what, form.name);
            self.diagnostics.push(
                Diagnostic::error(Code::DuplicateBlock, detail)
                    .at(header_span(self.syntax, again))
                    .also(header_span(self.syntax, first), "first declared here"),
            );
        }
        Some(first)
    }

    /// Creates a reader of a nested block.
    pub fn nested(&mut self, what: impl Into<String>, block: &'a Block) -> Fields<'_, E> {
        Fields {
            what: what.into(),
            body: &block.body,
            header: header_span(self.syntax, block),
            names: Names::default(),
            diagnostics: self.diagnostics,
            ..*self
        }
    }

    /// Creates a reader of a nested block with another evaluator.
    pub fn nested_with<'s>(&'s mut self, what: impl Into<String>, block: &'s Block, evaluator: &'s E) -> Fields<'s, E>
    where
        'a: 's,
    {
        Fields {
            what: what.into(),
            syntax: self.syntax,
            body: &block.body,
            header: header_span(self.syntax, block),
            evaluator,
            diagnostics: self.diagnostics,
            names: Names::default(),
        }
    }

    /// Reports an invalid value.
    pub fn invalid(&mut self, span: &SourceSpan, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(Code::InvalidValue, Into::<String>::into(detail)).at(span.clone()));
    }

    /// Warns of a value that is written twice in a list: the second one has no effect, so another value was probably meant. Computed values
    /// may repeat.
    fn warn_of_repetitions<T: Ord + fmt::Display>(&mut self, name: &str, items: &[Spanned<T>]) {
        let mut seen: BTreeMap<&T, &SourceSpan> = BTreeMap::new();
        let repeated = items.iter().filter_map(|item| Some((item, seen.insert(&item.value, &item.span)?)));
        for (item, first) in repeated.filter(|(item, first)| **first != item.span).take(MAX_REPETITIONS) {
            let detail = format!("`{name}` contains {:?} twice. Remove one of them, or correct it.", item.value.to_string());
            self.diagnostics
                .push(Diagnostic::warning(Code::NoEffect, detail).at(item.span.clone()).also(first.clone(), "first listed here"));
        }
    }

    /// Reports every attribute and nested block that was not read.
    pub fn finish(self) {
        let Self { what, syntax, body, diagnostics, names, .. } = self;
        for attribute in body.attributes().filter(|attribute| names.argument(attribute.key.as_str()).is_none()) {
            diagnostics.push_error(|| names.unexpected_argument(&what, attribute, syntax));
        }
        for block in body.blocks().filter(|block| names.block(block.ident.as_str()).is_none()) {
            diagnostics.push_error(|| names.unexpected_block(&what, block, syntax));
        }
    }

    /// Whether a nested block of this type is present.
    #[must_use]
    pub fn has_block(&self, form: BlockForm) -> bool {
        self.body.get_blocks(form.name).next().is_some()
    }

    /// Sets the answers to names that users know from other tools and that this body does not accept.
    pub fn answer(&mut self, foreign: &'static [(&'static str, &'static str)]) {
        self.names.answer(foreign);
    }

    /// Whether an attribute is present and not null, even if its value is wrong.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.body.get_attribute(name).is_some_and(|attribute: &Attribute| match &attribute.value {
            Expression::Null(_) => false,
            Expression::String(_) | Expression::Number(_) | Expression::Bool(_) => true,
            // Any other expression may evaluate to null. One that has no value is reported where the value is read.
            other => self.evaluator.evaluate(self.syntax, other).map_or(true, |found| found.value != Value::Null),
        })
    }

    /// Whether an attribute is set. Reports it as missing if not, unless it is written as a block, which is reported as such.
    pub fn require(&mut self, name: &'static str) -> bool {
        let present = self.is_set(name);
        self.names.add_argument(name, Shape::Any);
        if !present && self.body.get_blocks(name).next().is_none() {
            let detail = format!("{} needs `{name}`, but it is not set.", self.what);
            self.diagnostics.push(Diagnostic::error(Code::MissingAttribute, detail).at(self.header.clone()));
        }
        present
    }

    /// Whether a nested block is written as an argument. [`Fields::finish`] reports that, so it need not be reported as missing.
    #[must_use]
    pub fn is_written_as_argument(&self, form: BlockForm) -> bool {
        self.body.get_attribute(form.name).is_some()
    }
}

/// The header of a block: its type and labels.
fn header_span(syntax: &Syntax, block: &Block) -> SourceSpan {
    let start = syntax.span(&block.ident);
    let end = block.labels.last().map_or(start.end, |label| syntax.span(label).end);
    SourceSpan { end, ..start }
}

/// Reports arguments at the top level of a file, which may contain only blocks. `what` is the file, such as "A configuration".
pub fn refuse_top_level_arguments(what: &str, forms: &[BlockForm], syntax: &Syntax, diagnostics: &mut Diagnostics) {
    let mut names = Names::default();
    forms.iter().for_each(|form| names.add_block(*form));
    for attribute in syntax.body.attributes() {
        let name = attribute.key.as_str();
        diagnostics.push_error(|| {
            if names.block(name).is_some() {
                return names.unexpected_argument(what, attribute, syntax);
            }
            let detail = format!("{what} has only blocks at its top level. `{name}` is an argument: move it into the block it belongs to.");
            Diagnostic::error(Code::UnknownAttribute, detail).at(syntax.span(&attribute.key))
        });
    }
}

/// The diagnostic about a block in a body that accepts only names with values. `what` is the body, such as "A locals block".
pub fn refuse_block(what: &str, block: &Block, syntax: &Syntax) -> Diagnostic {
    let (name, span) = (block.ident.as_str(), syntax.span(&block.ident));
    let detail = Message::new(&format!("{what} contains names with their values, and no blocks. A value is set with an equals sign:"));
    let detail = detail.line("").command(&format!("{name} = {}", Shape::Map));
    names::with_equals_sign(Diagnostic::error(Code::UnknownBlock, detail).at(span.clone()), block, span)
}

/// The diagnostic about the labels of a block that takes none.
pub fn superfluous_labels(syntax: &Syntax, block: &Block) -> Diagnostic {
    let detail = format!("A block of type `{}` takes no labels, but this one has {}.", block.ident.as_str(), block.labels.len());
    Diagnostic::error(Code::WrongLabels, detail).at(syntax.span(&block.ident))
}
