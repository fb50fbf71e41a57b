//! HCL, read by tokens: even text that does not parse as a whole has blocks and arguments.

use std::ops::Range;

use crate::diag::{Token, TokenKind, tokens};

use super::{MAX_DEPTH, Position, Spot, Step};

/// What is open at the current token.
#[derive(Default)]
struct Reader<'t> {
    text: &'t str,
    /// For each open bracket, the number of steps that lead to it, and the argument whose value contains it.
    brackets: Vec<(usize, Option<String>)>,
    steps: Vec<Step>,
    /// Words since the last separator: the type and labels of a block, or the key of an argument.
    words: Vec<String>,
    /// The argument whose value is being read.
    argument: Option<String>,
    /// Between quotes, the text so far.
    quoted: Option<String>,
    /// The number of open interpolations and directives, whose contents belong to the surrounding text.
    templates: usize,
}

pub(super) fn spots(text: &str, positions: &[Position]) -> Vec<Option<Spot>> {
    let offsets = offsets(text, positions);
    let mut spots = vec![None; positions.len()];
    let mut reader = Reader { text, ..Reader::default() };
    let (all, _) = tokens(text);
    let mut next = 0;
    for token in &all {
        let Range { start, end } = token.range;
        while let Some(offset) = offsets.get(next).copied().filter(|offset| *offset < end) {
            spots[next] = if offset < start || token.kind == TokenKind::Comment {
                Some(Spot { comment: true, ..Spot::default() })
            } else {
                reader.spot()
            };
            next += 1;
        }
        reader.token(token);
    }
    spots
}

/// Positions as byte offsets in the text.
fn offsets(text: &str, positions: &[Position]) -> Vec<usize> {
    let mut lines = text.split_inclusive('\n').scan(0, |start, line| {
        let this = (*start, line);
        *start += line.len();
        Some(this)
    });
    let (mut number, mut line) = (0, (text.len(), ""));
    let offset = |position: &Position| {
        while number < position.line {
            number += 1;
            line = lines.next().unwrap_or((text.len(), ""));
        }
        let (start, line) = line;
        let column = usize::try_from(position.column - 1).unwrap_or(usize::MAX);
        start + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
    };
    positions.iter().map(offset).collect()
}

impl Reader<'_> {
    fn spot(&self) -> Option<Spot> {
        let words = self.argument.as_slice().iter().chain(self.words.iter().filter(|_| self.argument.is_none()));
        let steps: Vec<_> = self.steps.iter().cloned().chain(words.map(|word| Step::key(word))).collect();
        (steps.len() <= MAX_DEPTH).then_some(Spot { steps, ..Spot::default() })
    }

    fn token(&mut self, token: &Token) {
        let text = self.text.get(token.range.clone()).unwrap_or_default();
        match token.kind {
            TokenKind::OpenInterpolation | TokenKind::OpenDirective => self.templates += 1,
            TokenKind::CloseTemplate => self.templates = self.templates.saturating_sub(1),
            // The contents of a template are part of the surrounding text.
            _ if self.templates > 0 => {}
            TokenKind::OpenQuote => self.quoted = Some(String::new()),
            TokenKind::QuotedText => self.quoted.iter_mut().for_each(|quoted| quoted.push_str(text)),
            TokenKind::CloseQuote => {
                let quoted = self.quoted.take();
                self.word(quoted);
            }
            TokenKind::Identifier | TokenKind::Number => self.word(Some(text.to_owned())),
            TokenKind::Assign => self.assign(),
            // Within a value, a conditional expression also contains a colon.
            TokenKind::Colon if self.argument.is_none() => self.assign(),
            TokenKind::Newline | TokenKind::Comma => self.separate(),
            TokenKind::OpenBrace | TokenKind::OpenBracket | TokenKind::OpenParenthesis => self.open(token.kind),
            TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::CloseParenthesis => self.close(),
            // A comment up to the end of the line also ends the line.
            TokenKind::Comment if text.ends_with('\n') => self.separate(),
            _ => {}
        }
    }

    fn assign(&mut self) {
        self.argument = self.words.pop();
        self.words.clear();
    }

    fn word(&mut self, word: Option<String>) {
        self.words.extend(word);
        if self.words.len() > MAX_DEPTH {
            self.words.remove(0);
        }
    }

    fn separate(&mut self) {
        self.argument = None;
        self.words.clear();
    }

    fn open(&mut self, kind: TokenKind) {
        self.brackets.push((self.steps.len(), self.argument.clone()));
        let labels = std::mem::take(&mut self.words);
        let is_block = self.argument.is_none() && kind == TokenKind::OpenBrace;
        let names = self.argument.take().into_iter().chain(labels.into_iter().filter(|_| is_block));
        // Deeper places have no path.
        if self.steps.len() <= MAX_DEPTH {
            self.steps.extend(names.map(|name| Step::key(&name)));
        }
    }

    fn close(&mut self) {
        self.separate();
        if let Some((length, argument)) = self.brackets.pop() {
            self.steps.truncate(length);
            self.argument = argument;
        }
    }
}
