//! The correct form of a block that was written as an argument, or the reverse, with the written value if it fits.

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use super::known::{BlockForm, Shape};

/// The longest value, in bytes, that is repeated. For a longer one, or one of several lines, an example is shown instead.
const MAX_SHOWN: usize = 100;

/// The kind of a value, if it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Bool,
    List,
    Object,
    /// A value of unknown kind, such as a reference.
    Open,
}

impl Kind {
    fn of(value: &Expression) -> Self {
        match value {
            Expression::String(_) | Expression::StringTemplate(_) | Expression::HeredocTemplate(_) => Self::Text,
            Expression::Number(_) => Self::Number,
            Expression::Bool(_) => Self::Bool,
            Expression::Array(_) => Self::List,
            Expression::Object(_) => Self::Object,
            _ => Self::Open,
        }
    }

    /// The kind of a literal, which its beginning determines.
    fn of_example(example: &str) -> Option<Self> {
        match example.chars().next()? {
            '"' => Some(Self::Text),
            '[' => Some(Self::List),
            '{' => Some(Self::Object),
            '0'..='9' => Some(Self::Number),
            _ if matches!(example, "true" | "false") => Some(Self::Bool),
            _ => None,
        }
    }

    fn fits(self, wanted: Self) -> bool {
        self == wanted || self == Self::Open
    }
}

/// The source text of the value, if it is short.
fn written(value: &Expression) -> Option<String> {
    let text = value.to_string();
    let text = text.trim();
    (!text.contains('\n') && text.len() <= MAX_SHOWN).then(|| text.to_owned())
}

/// The block that was meant by an argument with the block's name. If possible, the argument's value becomes the block's label or the value
/// of its first argument.
pub(super) fn block_meant(form: BlockForm, value: &Expression) -> String {
    filled_in(form, value).unwrap_or_else(|| form.to_string())
}

fn filled_in(form: BlockForm, value: &Expression) -> Option<String> {
    let value_kind = Kind::of(value);
    let value = written(value)?;
    if let Some(label) = form.label {
        let body = if value == format!("\"{label}\"") { format!("  {}\n", form.body.replace("\n      ", "\n  ")) } else { String::new() };
        return (value_kind == Kind::Text).then(|| format!("{} {value} {{\n{body}}}", form.name));
    }
    let (first, rest) = form.body.split_once('\n').map_or((form.body, ""), |(first, rest)| (first, rest));
    let (name, example) = first.split_once("= ")?;
    Kind::of_example(example).filter(|wanted| value_kind.fits(*wanted))?;
    let rest: String = rest.lines().map(|line| format!("  {}\n", line.trim_start())).collect();
    Some(format!("{} {{\n  {name}= {value}\n{rest}}}", form.name))
}

/// The argument that was meant by a block with the argument's name. Its value is the only value in the block, or the block as an object.
pub(super) fn argument_meant(name: &str, shape: Shape, block: &Block) -> String {
    from_body(shape, block).map_or_else(|| format!("{name} = {shape}"), |value| format!("{name} = {value}"))
}

fn from_body(shape: Shape, block: &Block) -> Option<String> {
    if !block.labels.is_empty() || block.body.blocks().next().is_some() {
        return None;
    }
    let wanted = Kind::of_example(&shape.to_string());
    if matches!(wanted, None | Some(Kind::Object)) {
        let line =
            |attribute: &hcl_edit::structure::Attribute| Some(format!("  {} = {}\n", attribute.key.as_str(), written(&attribute.value)?));
        let lines: String = block.body.attributes().map(line).collect::<Option<_>>()?;
        return (!lines.is_empty()).then(|| format!("{{\n{lines}}}"));
    }
    let mut attributes = block.body.attributes();
    let only = attributes.next().filter(|_| attributes.next().is_none())?;
    wanted.filter(|wanted| Kind::of(&only.value).fits(*wanted)).and_then(|_| written(&only.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: BlockForm = BlockForm::new("member_role", "name = \"Admin\"");
    const ATTESTATION: BlockForm = BlockForm::new("attestation", "of = [\"payment_method\"]\n      by = \"jane@example.com\"");
    const BACKEND: BlockForm = BlockForm::labeled("backend", "s3", "bucket = \"records\"");

    #[test]
    fn a_value_that_fits_is_written_into_the_block_that_was_meant() {
        for (form, value, wanted) in [
            (ROLE, "\"X\"", "member_role {\n  name = \"X\"\n}"),
            (ROLE, "var.role", "member_role {\n  name = var.role\n}"),
            (ROLE, "true", "member_role {\n  name = \"Admin\"\n}"),
            (ROLE, "[\n\"a\"\n]", "member_role {\n  name = \"Admin\"\n}"),
            (ATTESTATION, "[\"eula\"]", "attestation {\n  of = [\"eula\"]\n  by = \"jane@example.com\"\n}"),
            (BACKEND, "\"s3\"", "backend \"s3\" {\n  bucket = \"records\"\n}"),
            (BACKEND, "\"local\"", "backend \"local\" {\n}"),
            (BACKEND, "true", "backend \"s3\" {\n  bucket = \"records\"\n}"),
        ] {
            assert_eq!(block_meant(form, &value.parse().unwrap()), wanted, "{value}");
        }
    }

    #[test]
    fn the_only_value_of_a_block_is_that_of_the_argument_that_was_meant() {
        for (shape, body, wanted) in [
            (Shape::AccountIds, "ids = [\"222222222222\"]\n", "a = [\"222222222222\"]"),
            (Shape::Integer(5), "count = 3\n", "a = 3"),
            (Shape::Integer(5), "count = \"3\"\n", "a = 5"),
            (Shape::Timestamp, "at = var.at\n", "a = var.at"),
            (Shape::Timestamp, "", "a = \"2026-12-01T00:00:00Z\""),
            (Shape::Bool, "x = true\ny = true\n", "a = true"),
            (Shape::Map, "x = 1\ny = [2]\n", "a = {\n  x = 1\n  y = [2]\n}"),
            (Shape::Map, "x {\n}\n", "a = { key = \"…\" }"),
            (Shape::Any, "x = 1\n", "a = {\n  x = 1\n}"),
            (Shape::Any, "", "a = …"),
        ] {
            let text = format!("a {{\n{body}}}\n");
            let parsed: hcl_edit::structure::Body = text.parse().unwrap();
            assert_eq!(argument_meant("a", shape, parsed.get_blocks("a").next().unwrap()), wanted, "{text}");
        }
    }
}
