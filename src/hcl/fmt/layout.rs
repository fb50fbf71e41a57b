//! The placement of blanks: the indentation of lines, the spacing within them, and the alignment of `=` and trailing comments.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::spacing::space_between;
use super::token::{Kind, Token};

/// Blanks per level of brackets.
const INDENT: usize = 2;

/// Sets the blanks before every token.
pub(super) fn lay_out(tokens: &mut [Token<'_>]) {
    let lines = lines(tokens);
    indent(tokens, &lines);
    for line in &lines {
        space(tokens, line.lead.clone());
        space(tokens, line.assignment.clone());
        if let Some(assign) = tokens.get_mut(line.assignment.clone()).and_then(|cell| cell.first_mut()) {
            assign.spaces = 1;
        }
    }
    align(tokens, &lines, |line| line.lead.clone(), |line| &line.assignment);
    align(tokens, &lines, |line| line.lead.start..line.lead.end.max(line.assignment.end), |line| &line.comment);
}

/// The cells of one line, as ranges of tokens. A heredoc belongs to the line on which it starts.
struct Line {
    /// The tokens that are in no other cell.
    lead: Range<usize>,
    /// The tokens from the `=` on, if the line contains the whole value. Empty otherwise.
    assignment: Range<usize>,
    /// The comment at the end. Empty if there is none, or if the line has nothing else.
    comment: Range<usize>,
}

fn lines(tokens: &[Token<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    let ends = tokens.iter().enumerate().filter(|(_, token)| token.ends_line()).map(|(index, _)| index + 1);
    for end in ends.chain([tokens.len()]) {
        let whole = tokens.get(start..end).unwrap_or_default();
        lines.push(cells(whole, start));
        start = end;
    }
    lines
}

/// Splits a line into cells.
fn cells(whole: &[Token<'_>], start: usize) -> Line {
    let end = start + whole.len();
    let has_comment = whole.len() > 1 && whole.last().is_some_and(|token| token.kind == Kind::Comment);
    let comment = end - usize::from(has_comment);
    let code = whole.get(..comment - start).unwrap_or_default();
    let mut assign = comment;
    if let Some(at) = code.iter().skip(1).position(|token| token.kind == Kind::Assign) {
        let value = code.get(at + 1..).unwrap_or_default();
        if value.iter().map(|token| token.kind.bracket_change()).sum::<isize>() == 0 {
            assign = start + at + 1;
        }
    }
    Line { lead: start..assign, assignment: assign..comment, comment: comment..end }
}

/// Indents the lines. A line that opens more brackets than it closes indents the following ones by one level, regardless of their number.
fn indent(tokens: &mut [Token<'_>], lines: &[Line]) {
    let mut levels: Vec<isize> = Vec::new();
    for line in lines {
        let change = net_brackets(tokens, line);
        let Some(first) = tokens.get_mut(line.lead.clone()).and_then(|lead| lead.first_mut()) else { continue };
        if first.kind == Kind::Newline {
            continue;
        }
        if change < 0 {
            close(&mut levels, -change);
        }
        first.spaces = INDENT * levels.len();
        if change > 0 {
            levels.push(change);
        }
    }
}

fn net_brackets(tokens: &[Token<'_>], line: &Line) -> isize {
    let cell = |range: &Range<usize>| tokens.get(range.clone()).unwrap_or_default().iter();
    let sum = |token: &Token<'_>| token.kind.bracket_change();
    // The text of a heredoc does not indent the lines after it.
    let lead = cell(&line.lead).position(|token| token.kind == Kind::OpenHeredoc).map_or(usize::MAX, |heredoc| heredoc + 1);
    cell(&line.lead).take(lead).map(sum).sum::<isize>() + cell(&line.assignment).map(sum).sum::<isize>()
}

/// Removes the levels whose brackets are all closed.
fn close(levels: &mut Vec<isize>, mut closed: isize) {
    while let Some(open) = levels.last_mut() {
        if closed < *open {
            *open -= closed;
            return;
        }
        closed -= *open;
        levels.pop();
        if closed == 0 {
            return;
        }
    }
}

/// Sets the blanks between the tokens of one cell.
fn space(tokens: &mut [Token<'_>], cell: Range<usize>) {
    let Some(cell) = tokens.get_mut(cell) else { return };
    for at in 1..cell.len() {
        let before = at.checked_sub(2).and_then(|at| cell.get(at));
        if let (Some(token), Some(after)) = (cell.get(at - 1), cell.get(at)) {
            let spaces = usize::from(space_between(before, token, after));
            if let Some(after) = cell.get_mut(at) {
                after.spaces = spaces;
            }
        }
    }
}

/// Aligns the cells that `cell` finds on adjacent lines: one blank after the longest text that precedes them.
fn align(tokens: &mut [Token<'_>], lines: &[Line], before: impl Fn(&Line) -> Range<usize>, cell: impl Fn(&Line) -> &Range<usize>) {
    for run in lines.chunk_by(|a, b| !cell(a).is_empty() && !cell(b).is_empty()) {
        if run.first().is_none_or(|line| cell(line).is_empty()) {
            continue;
        }
        let widths: Vec<_> = run.iter().map(|line| width(tokens.get(before(line)).unwrap_or_default())).collect();
        let widest = widths.iter().copied().max().unwrap_or_default();
        for (line, width) in run.iter().zip(widths) {
            if let Some(first) = tokens.get_mut(cell(line).start) {
                first.spaces = widest - width + 1;
            }
        }
    }
}

/// The width of tokens in columns, which are characters as a reader counts them.
fn width(tokens: &[Token<'_>]) -> usize {
    let characters = |text: &str| if text.is_ascii() { text.len() - text.matches("\r\n").count() } else { text.graphemes(true).count() };
    tokens.iter().map(|token| token.spaces + characters(&token.text)).sum()
}
