//! Templates: text with interpolations and directives.

use std::ops::Range;

use hcl_edit::expr::Expression;
use hcl_edit::template::{Element, HeredocTemplate, StringTemplate, Template};

use crate::diag::Code;

use super::evaluator::{Evaluator, Frame};
use super::parts::{Literals, Part, parts};
use super::problem::{Outcome, Problem, range};
use super::value::{Type, Value, convert};

impl Evaluator<'_> {
    /// Evaluates a template between quotes. A template that is a single interpolation is the value itself, of any type.
    pub(super) fn quoted(&self, template: &StringTemplate, whole: &Range<usize>) -> Outcome<Value> {
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            return self.value(&only.expr);
        }
        let parts = parts(template.iter(), Literals::Quoted { source: self.source, in_directive: false }, false);
        self.text(&parts, whole)
    }

    pub(super) fn heredoc(&self, heredoc: &HeredocTemplate, whole: &Range<usize>) -> Outcome<Value> {
        let indented = self.source.get(whole.clone()).is_some_and(|text| text.starts_with("<<-"));
        // The parser removes indentation by different rules, so the text is read from the source.
        let parts = parts(heredoc.template.iter(), Literals::Source(self.source), indented);
        self.text(&parts, whole)
    }

    /// Evaluates a template file. A file that is a single interpolation is the value itself, as between quotes.
    pub(super) fn template(&self, template: &Template, whole: &Range<usize>) -> Outcome<Value> {
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            return self.value(&only.expr);
        }
        let parts = parts(template.iter(), Literals::Source(self.source), false);
        self.text(&parts, whole)
    }

    fn text(&self, parts: &[Part<'_>], whole: &Range<usize>) -> Outcome<Value> {
        let mut text = String::new();
        let sensitive = self.write(parts, &mut text, whole)?;
        Ok(Value::from(text).marked(sensitive))
    }

    /// Writes parts, and returns whether one of them is sensitive.
    fn write(&self, parts: &[Part<'_>], text: &mut String, whole: &Range<usize>) -> Outcome<bool> {
        let mut sensitive = false;
        for part in parts {
            sensitive |= match part {
                Part::Text(literal) => {
                    self.pay_bytes(whole, literal.len())?;
                    text.push_str(literal);
                    false
                }
                Part::Interpolation(expression) => self.write_value(expression, text)?,
                Part::If { condition, then, otherwise } => {
                    let value = self.value(condition)?;
                    let taken = if self.condition(&value, &range(*condition))? { then } else { otherwise };
                    self.write(taken, text, whole)? || value.is_sensitive()
                }
                Part::For { key, value, collection, body } => {
                    let found = self.value(collection)?;
                    let mut any = found.is_sensitive();
                    for (own_key, element) in self.elements(&found, &range(*collection))? {
                        self.pay(whole, 1)?;
                        let own_key = own_key.unwrap_or_else(|| element.clone());
                        let frame = Frame { key: key.map(|name| (name, &own_key)), value: (*value, &element), outer: self.frame() };
                        any |= self.within(&frame).write(body, text, whole)?;
                    }
                    any
                }
            };
        }
        Ok(sensitive)
    }

    fn write_value(&self, expression: &Expression, text: &mut String) -> Outcome<bool> {
        let value = self.value(expression)?;
        let at = range(expression);
        if value.is_null() {
            return Err(Problem::null(
                at,
                "This value is null, which can't be part of a string. Add a default, as in `coalesce(x, \"none\")`.",
            ));
        }
        let Ok(converted) = convert(&value, &Type::String) else {
            let detail = format!(
                "A template can only contain strings, numbers and bools, not {}. Use jsonencode() or join() to make a string.",
                value.kind_with_article()
            );
            return Err(Problem::of(Code::InvalidInterpolation, at, detail));
        };
        let written = converted.as_str().unwrap_or_default();
        self.pay_bytes(&at, written.len())?;
        text.push_str(written);
        Ok(value.is_sensitive())
    }
}
