//! The names that a body takes, arguments and blocks apart, and what is said of those that it does not take.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block};

use crate::org::{Message, SourceSpan};

use super::super::{Code, Diagnostic, Syntax};
use super::form::{argument_meant, block_meant};
use super::known::{BlockForm, KnownName, Shape};

/// The names that somebody asked a body for.
#[derive(Debug, Default)]
pub(super) struct Names {
    arguments: Vec<(&'static str, Shape)>,
    blocks: Vec<BlockForm>,
    /// Names that are known from elsewhere and not taken here, and why.
    foreign: &'static [(&'static str, &'static str)],
}

impl Names {
    /// Makes the name of an argument known. The shape that is declared first counts: whoever only asks whether the argument is there knows none.
    pub(super) fn add_argument(&mut self, name: &'static str, shape: Shape) {
        match self.arguments.iter_mut().find(|(known, _)| *known == name) {
            None => self.arguments.push((name, shape)),
            Some((_, known)) if *known == Shape::Any => *known = shape,
            Some(_) => {}
        }
    }

    /// Makes a type of block known.
    pub(super) fn add_block(&mut self, form: BlockForm) {
        if self.block(form.name).is_none() {
            self.blocks.push(form);
        }
    }

    /// Answers names that are known from elsewhere.
    pub(super) fn answer(&mut self, foreign: &'static [(&'static str, &'static str)]) {
        self.foreign = foreign;
    }

    pub(super) fn argument(&self, name: &str) -> Option<Shape> {
        self.arguments.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
    }

    pub(super) fn block(&self, name: &str) -> Option<BlockForm> {
        self.blocks.iter().find(|form| form.name == name).copied()
    }

    /// What is said of an argument that is not taken. `what` is the body, as in "The provider block".
    pub(super) fn unexpected_argument(&self, what: &str, attribute: &Attribute, syntax: &Syntax) -> Diagnostic {
        let name = attribute.key.as_str();
        let span = syntax.span(&attribute.key);
        match self.block(name) {
            Some(form) => {
                let detail = Message::new(&format!(
                    "{what} does not take an argument named `{name}`: it is a block, which is written without an equals sign:"
                ));
                let detail = detail.line("").block(&block_meant(form, &attribute.value));
                let found = Diagnostic::error(Code::UnknownAttribute, detail).at(span.clone());
                if form.label.is_none() && is_body(&attribute.value, &syntax.span(&attribute.value)) {
                    let sign = SourceSpan { start: span.end, end: syntax.span(&attribute.value).start, ..span };
                    return found.patched(sign, " ");
                }
                found
            }
            None => self.unknown(Code::UnknownAttribute, "an argument", what, name, span),
        }
    }

    /// What is said of a block that is not taken.
    pub(super) fn unexpected_block(&self, what: &str, block: &Block, syntax: &Syntax) -> Diagnostic {
        let name = block.ident.as_str();
        let span = syntax.span(&block.ident);
        match self.argument(name) {
            Some(shape) => {
                let detail = Message::new(&format!(
                    "{what} does not take a block named `{name}`: it is an argument, which is written with an equals sign:"
                ));
                let detail = detail.line("").block(&argument_meant(name, shape, block));
                let found = Diagnostic::error(Code::UnknownBlock, detail).at(span.clone());
                if shape == Shape::Map { with_equals_sign(found, block, span) } else { found }
            }
            None => self.unknown(Code::UnknownBlock, "a block", what, name, span),
        }
    }

    /// The closest name of the same kind is what was meant, else the closest of the other kind; else all names are listed.
    fn unknown(&self, code: Code, kind: &str, what: &str, name: &str, span: SourceSpan) -> Diagnostic {
        let arguments: Vec<_> = self.arguments.iter().map(|(name, _)| *name).collect();
        let blocks: Vec<_> = self.blocks.iter().map(|form| form.name).collect();
        let (same, other, other_kind) =
            if code == Code::UnknownAttribute { (&arguments, &blocks, "block") } else { (&blocks, &arguments, "argument") };
        let detail = |hint: &str| format!("{what} does not take {kind} named `{name}`.{hint}");
        if let Some((_, answer)) = self.foreign.iter().find(|(foreign, _)| *foreign == name) {
            return Diagnostic::error(code, Message::new(&detail("")).ours(answer)).at(span);
        }
        if let Some(word) = closest(name, same) {
            let found = Diagnostic::error(code, detail(&format!(" Did you mean `{word}`?")));
            return found.at(span.clone()).patched(span, word).knowing(self.known());
        }
        let hint = match closest(name, other) {
            Some(word) => format!(" Did you mean the {other_kind} `{word}`?"),
            None => self.listed(),
        };
        Diagnostic::error(code, detail(&hint)).at(span).knowing(self.known())
    }

    fn known(&self) -> Vec<KnownName> {
        let arguments = self.arguments.iter().map(|(name, shape)| KnownName::Argument { name, example: shape.to_string() });
        arguments.chain(self.blocks.iter().copied().map(KnownName::Block)).collect()
    }

    /// Every name, in the order of the alphabet.
    fn listed(&self) -> String {
        let list = |kind: &str, names: Vec<&'static str>| {
            let mut names = names;
            names.sort_unstable();
            let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            if quoted.is_empty() { String::new() } else { format!(" It takes the {kind} {}.", quoted.join(", ")) }
        };
        let arguments = list("arguments", self.arguments.iter().map(|(name, _)| *name).collect());
        arguments + &list("blocks", self.blocks.iter().map(|form| form.name).collect())
    }
}

/// The finding with the equals sign as its fix, where the block is an object without it.
pub(super) fn with_equals_sign(found: Diagnostic, block: &Block, span: SourceSpan) -> Diagnostic {
    if block.labels.is_empty() && block.body.blocks().next().is_none() {
        return found.patched(SourceSpan { start: span.end, ..span }, " =");
    }
    found
}

/// The most bytes of an object that is tried as the body of a block.
const MAX_BODY: usize = 2_000;

/// Whether an object would be the body of a block as it is written: names with equals signs, each on a line, or only one.
fn is_body(value: &Expression, span: &SourceSpan) -> bool {
    let short = span.end - span.start <= MAX_BODY;
    short && value.is_object() && hcl_edit::parser::parse_body(&format!("block {}\n", value.to_string().trim())).is_ok()
}

/// " Did you mean `x`?", or nothing.
pub(super) fn did_you_mean(name: &str, known: &[&str]) -> String {
    closest(name, known).map_or_else(String::new, |word| format!(" Did you mean `{word}`?"))
}

/// Bytes of a longer name, which nobody types: comparing two takes time by the product of their lengths.
const MAX_TYPED: usize = 100;

/// The known word that is most like `name`, if one is close enough to be a slip of the finger.
#[must_use]
pub fn closest<'w>(name: &str, known: &[&'w str]) -> Option<&'w str> {
    if name.len() > MAX_TYPED {
        return None;
    }
    let name = name.to_lowercase();
    let scored = known.iter().filter(|word| word.len() <= MAX_TYPED);
    let scored = scored.map(|word| (strsim::jaro_winkler(&name, &word.to_lowercase()), *word));
    scored.filter(|(score, _)| *score >= 0.84).max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, word)| word)
}
