//! The names that a body accepts, arguments and blocks apart, and the diagnostics about names that it does not accept.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block};

use crate::org::{Message, SourceSpan};

use super::super::{Code, Diagnostic, Syntax};
use super::form::{argument_meant, block_meant};
use super::known::{BlockForm, KnownName, Shape};

/// The names that a body accepts.
#[derive(Debug, Default)]
pub(super) struct Names {
    arguments: Vec<(&'static str, Shape)>,
    blocks: Vec<BlockForm>,
    /// Names that users know from other tools and that the body does not accept, each with an answer.
    foreign: &'static [(&'static str, &'static str)],
}

impl Names {
    /// Makes the name of an argument known. The first shape other than [`Shape::Any`] counts; a check of mere presence declares no shape.
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

    /// Sets the answers to names that users know from other tools.
    pub(super) fn answer(&mut self, foreign: &'static [(&'static str, &'static str)]) {
        self.foreign = foreign;
    }

    pub(super) fn argument(&self, name: &str) -> Option<Shape> {
        self.arguments.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
    }

    pub(super) fn block(&self, name: &str) -> Option<BlockForm> {
        self.blocks.iter().find(|form| form.name == name).copied()
    }

    /// The diagnostic about an argument that is not accepted. `what` is the body, such as "The provider block".
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

    /// The diagnostic about a block that is not accepted.
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

    /// The diagnostic about an unknown name. It suggests the closest name of the same kind, or else of the other kind, or lists all names.
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

    /// A sentence that lists every name, in alphabetical order.
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

/// The diagnostic with an equals sign as its fix, if the block would then be an object.
pub(super) fn with_equals_sign(found: Diagnostic, block: &Block, span: SourceSpan) -> Diagnostic {
    if block.labels.is_empty() && block.body.blocks().next().is_none() {
        return found.patched(SourceSpan { start: span.end, ..span }, " =");
    }
    found
}

/// The most bytes of an object that is parsed as the body of a block.
const MAX_BODY: usize = 2_000;

/// Whether the text of an object is also valid as a block body: names with equals signs, each on its own line, or only one name.
fn is_body(value: &Expression, span: &SourceSpan) -> bool {
    let short = span.end - span.start <= MAX_BODY;
    short && value.is_object() && hcl_edit::parser::parse_body(&format!("block {}\n", value.to_string().trim())).is_ok()
}

/// " Did you mean `x`?", or an empty string.
pub(super) fn did_you_mean(name: &str, known: &[&str]) -> String {
    closest(name, known).map_or_else(String::new, |word| format!(" Did you mean `{word}`?"))
}

/// The most bytes of a name that is compared. People type no longer ones, and a comparison takes time proportional to the product of both
/// lengths.
const MAX_TYPED: usize = 100;

/// The known word that is most similar to `name`, if one is close enough to be a typing error.
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
