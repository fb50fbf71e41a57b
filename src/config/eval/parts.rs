//! The parts of a template, without the blanks that `~` and `<<-` remove.
//!
//! Both work on the text line by line, across the boundaries of directives. So a template is first flattened, and nested again later.

use std::iter::Peekable;
use std::vec::IntoIter;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, Strip};

use crate::diag::quoted_text;

/// A part of a template.
pub(super) enum Part<'t> {
    Text(String),
    Interpolation(&'t Expression),
    If { condition: &'t Expression, then: Vec<Part<'t>>, otherwise: Vec<Part<'t>> },
    For { key: Option<&'t str>, value: &'t str, collection: &'t Expression, body: Vec<Part<'t>> },
}

/// The source of the text of literals.
#[derive(Clone, Copy)]
pub(super) enum Literals<'t> {
    /// Between quotes: one piece, with escapes replaced. The parser replaces them, except within directives, where the text is read from
    /// the source.
    Quoted { source: &'t str, in_directive: bool },
    /// From the source, line by line. Only `${` and `%{` can be escaped there.
    Source(&'t str),
}

impl Literals<'_> {
    fn in_directive(self) -> Self {
        match self {
            Self::Quoted { source, .. } => Self::Quoted { source, in_directive: true },
            Self::Source(_) => self,
        }
    }
}

/// A template without nesting.
enum Flat<'t> {
    Text(String),
    Interpolation(&'t Expression, Strip),
    If(&'t Expression, Strip),
    Else(Strip),
    EndIf(Strip),
    For { key: Option<&'t str>, value: &'t str, collection: &'t Expression, strip: Strip },
    EndFor(Strip),
}

impl Flat<'_> {
    fn strip(&self) -> Strip {
        match self {
            Self::Text(_) => Strip::None,
            Self::Interpolation(_, strip) | Self::If(_, strip) | Self::Else(strip) | Self::EndIf(strip) | Self::EndFor(strip) => *strip,
            Self::For { strip, .. } => *strip,
        }
    }
}

/// The parts of a template. `indented` removes the blanks that all its lines start with.
pub(super) fn parts<'t>(elements: impl Iterator<Item = &'t Element>, literals: Literals<'_>, indented: bool) -> Vec<Part<'t>> {
    let mut flat = Vec::new();
    elements.for_each(|element| flatten(element, literals, &mut flat));
    strip(&mut flat);
    if indented {
        unindent(&mut flat);
    }
    nest(&mut flat.into_iter().peekable())
}

fn flatten<'t>(element: &'t Element, literals: Literals<'_>, flat: &mut Vec<Flat<'t>>) {
    match element {
        Element::Literal(text) => match literals {
            Literals::Quoted { in_directive: false, .. } => flat.push(Flat::Text(text.to_string())),
            Literals::Quoted { source, .. } => {
                let written = text.span().and_then(|span| source.get(span));
                flat.push(Flat::Text(written.and_then(quoted_text).unwrap_or_else(|| text.to_string())));
            }
            Literals::Source(source) => {
                let raw = text.span().and_then(|span| source.get(span)).unwrap_or_else(|| text.as_str());
                let raw = raw.replace("$${", "${").replace("%%{", "%{");
                flat.extend(raw.split_inclusive('\n').map(|line| Flat::Text(line.to_owned())));
            }
        },
        Element::Interpolation(interpolation) => flat.push(Flat::Interpolation(&interpolation.expr, interpolation.strip)),
        Element::Directive(directive) => flatten_directive(directive, literals.in_directive(), flat),
    }
}

fn flatten_directive<'t>(directive: &'t Directive, literals: Literals<'_>, flat: &mut Vec<Flat<'t>>) {
    match directive {
        Directive::If(directive) => {
            flat.push(Flat::If(&directive.if_expr.cond_expr, directive.if_expr.strip));
            directive.if_expr.template.iter().for_each(|element| flatten(element, literals, flat));
            if let Some(otherwise) = &directive.else_expr {
                flat.push(Flat::Else(otherwise.strip));
                otherwise.template.iter().for_each(|element| flatten(element, literals, flat));
            }
            flat.push(Flat::EndIf(directive.endif_expr.strip));
        }
        Directive::For(directive) => {
            let start = &directive.for_expr;
            let key = start.key_var.as_ref().map(|key| key.as_str());
            flat.push(Flat::For { key, value: start.value_var.as_str(), collection: &start.collection_expr, strip: start.strip });
            start.template.iter().for_each(|element| flatten(element, literals, flat));
            flat.push(Flat::EndFor(directive.endfor_expr.strip));
        }
    }
}

/// Removes the blanks next to `~`: up to the end of the line, or between quotes up to the end of the text.
fn strip(flat: &mut [Flat<'_>]) {
    for at in 0..flat.len() {
        let strip = flat.get(at).map_or(Strip::None, Flat::strip);
        let before = at.checked_sub(1).filter(|_| matches!(strip, Strip::Start | Strip::Both));
        if let Some(Flat::Text(text)) = before.and_then(|before| flat.get_mut(before)) {
            text.truncate(text.trim_end().len());
        }
        let after = Some(at + 1).filter(|_| matches!(strip, Strip::End | Strip::Both));
        if let Some(Flat::Text(text)) = after.and_then(|after| flat.get_mut(after)) {
            *text = text.trim_start().to_owned();
        }
    }
}

/// Removes the blanks that all lines start with. Blank lines do not count. A line that starts with an interpolation has no blanks.
fn unindent(flat: &mut [Flat<'_>]) {
    let mut least = usize::MAX;
    let mut starts = Vec::new();
    let mut at_line_start = true;
    for (at, part) in flat.iter().enumerate() {
        match part {
            Flat::Text(text) => {
                let is_blank = text.trim_start().is_empty() && text.ends_with('\n');
                if at_line_start && !is_blank {
                    least = least.min(text.chars().take_while(|character| character.is_whitespace()).count());
                    starts.push(at);
                }
                at_line_start = text.ends_with('\n');
            }
            _ => {
                least = if at_line_start { 0 } else { least };
                at_line_start = false;
            }
        }
    }
    for at in starts {
        if let Some(Flat::Text(text)) = flat.get_mut(at) {
            *text = text.chars().skip(least).collect();
        }
    }
}

/// Nests the parts up to the end marker of their directive, and leaves the marker in place.
fn nest<'t>(flat: &mut Peekable<IntoIter<Flat<'t>>>) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    while let Some(part) = flat.next_if(|part| !matches!(part, Flat::Else(_) | Flat::EndIf(_) | Flat::EndFor(_))) {
        parts.push(match part {
            Flat::Text(text) => Part::Text(text),
            Flat::Interpolation(expression, _) => Part::Interpolation(expression),
            Flat::If(condition, _) => {
                let then = nest(flat);
                let otherwise = if flat.next_if(|part| matches!(part, Flat::Else(_))).is_some() { nest(flat) } else { Vec::new() };
                flat.next();
                Part::If { condition, then, otherwise }
            }
            Flat::For { key, value, collection, .. } => {
                let body = nest(flat);
                flat.next();
                Part::For { key, value, collection, body }
            }
            Flat::Else(_) | Flat::EndIf(_) | Flat::EndFor(_) => continue,
        });
    }
    parts
}
