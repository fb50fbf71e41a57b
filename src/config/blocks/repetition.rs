//! `for_each`, which expands one block to several, and `dynamic` blocks within a block.

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use crate::config::eval::{Kind, Number, Scope, Type, Value};
use crate::diag::{BlockForm, Code, Diagnostic, Syntax};
use crate::org::{Message, SourceSpan};

use super::Fields;

/// Columns that are usually unique in each row, the most likely first.
const KEY_COLUMNS: [&str; 3] = ["name", "key", "id"];

/// The most bytes of an expression that a message repeats.
const MAX_ROWS: usize = 80;

/// The instances of a block with `for_each`: keys and values, in the order of the keys.
///
/// # Errors
///
/// Returns an error if the value is neither a map nor a set of strings.
pub fn instances(syntax: &Syntax, for_each: &Expression, scope: &Scope) -> Result<Vec<(String, Value)>, Diagnostic> {
    let value = scope.value(syntax, for_each)?;
    let refused_with = |detail: Message| Err(Diagnostic::error(Code::InvalidForEach, detail).at(syntax.span(for_each)));
    let refused = |detail: &str| refused_with(Message::new(detail));
    if value.is_sensitive() {
        return refused(
            "The keys of `for_each` appear in addresses, plans and records, so they can't come from a sensitive value. \
             If the keys may be shown, wrap them in nonsensitive().",
        );
    }
    let range = for_each.span().unwrap_or_default();
    let keys = value.entries().map(|entries| entries.keys().map(String::as_str).collect::<Vec<_>>());
    let keys = keys.unwrap_or_else(|| value.elements().unwrap_or_default().iter().map(|key| key.as_str().unwrap_or_default()).collect());
    scope.pay_for_accounts(keys.into_iter(), syntax, range)?;
    if let Some(columns) = columns(&value) {
        return refused_with(by_column(syntax, for_each, scope, &value, columns));
    }
    match value.kind() {
        Kind::Null(_) => refused("The value is null. `for_each` takes a map or a set of strings."),
        Kind::Map(_, entries) | Kind::Object(entries) => Ok(entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect()),
        Kind::Set(element, elements) if *element == Type::String || elements.is_empty() => {
            let keys: Option<Vec<_>> = elements.iter().map(|element| element.as_str().map(str::to_owned)).collect();
            match keys {
                Some(keys) => Ok(keys.into_iter().map(|key| (key.clone(), Value::from(key))).collect()),
                None => refused("A set for `for_each` must not contain null, because its elements are the keys of the instances."),
            }
        }
        Kind::Set(element, _) => refused(&format!(
            "`for_each` takes a map or a set of strings, but this is a set of type {element}. Convert its elements with tostring()."
        )),
        Kind::List(..) | Kind::Tuple(_) => refused(&format!(
            "`for_each` takes a map or a set of strings, but this is a {}. If an element is removed from a list, the indices of all later elements \
             change, and so would the addresses of their accounts. Make it a set with toset(), or a map with a for expression.",
            value.kind_name()
        )),
        _ => refused(&format!("`for_each` takes a map or a set of strings, but this is {}.", value.kind_with_article())),
    }
}

/// The attributes of the objects that are the elements of a list or a set, such as the rows of a file.
fn columns(value: &Value) -> Option<&BTreeMap<String, Value>> {
    if value.entries().is_some() {
        return None;
    }
    value.elements()?.first()?.entries()
}

/// The error for a list of rows, with the fix: a map by a column whose values are unique.
fn by_column(syntax: &Syntax, for_each: &Expression, scope: &Scope, value: &Value, columns: &BTreeMap<String, Value>) -> Message {
    let rows = match for_each {
        Expression::FuncCall(call) if call.name.name.as_str() == "toset" => call.args.iter().next().unwrap_or(for_each),
        other => other,
    };
    let rows = scope.text(syntax, rows.span().unwrap_or_default());
    let rows = if rows.len() > MAX_ROWS || rows.contains('\n') { "…" } else { rows };
    let is_column = |name: &&str| columns.get(*name).is_some_and(|value| value.as_str().is_some());
    let named = KEY_COLUMNS.iter().copied().find(is_column);
    let column = named.or_else(|| columns.keys().map(String::as_str).find(is_column)).unwrap_or("name");
    let column = if hcl_edit::Ident::try_new(column).is_ok() { format!(".{column}") } else { format!("[{column:?}]") };
    Message::new(&format!(
        "`for_each` takes a map or a set of strings, but this is a {} of objects. Make it a map whose keys are an attribute that no two objects share:",
        value.kind_name()
    ))
    .command(&format!("for_each = {{ for row in {rows} : row{column} => row }}"))
}

const CONTENT: BlockForm = BlockForm::new("content", "on = \"2026-11-20\"");

/// A nested block, and the scope of its values if it comes from a `dynamic` block.
pub struct Nested<'a> {
    pub block: &'a Block,
    pub scope: Option<Scope>,
}

/// The nested blocks of a type in the order of the text, including those from `dynamic` blocks.
pub fn nested_blocks<'a>(fields: &mut Fields<'a>, form: BlockForm) -> Vec<Nested<'a>> {
    let syntax = fields.syntax();
    let name = form.name;
    let mut found: Vec<_> = fields.blocks(form);
    found.extend(fields.blocks(BlockForm::labeled("dynamic", name, "for_each = local.facts\n      content {\n      }")));
    found.sort_by_key(|block| syntax.span(&block.ident).start);
    let mut nested = Vec::new();
    for block in found {
        if block.ident.as_str() == name {
            nested.push(Nested { block, scope: None });
        } else if is_of_type(block, name, fields) {
            nested.extend(expanded(block, name, fields));
        }
    }
    nested
}

/// Whether a `dynamic` block makes blocks of the type. Reports the block if not.
fn is_of_type(block: &Block, name: &str, fields: &mut Fields<'_>) -> bool {
    let labels: Vec<_> = block.labels.iter().map(|label| label.as_str()).collect();
    if labels == [name] {
        return true;
    }
    let span = fields.syntax().span(&block.ident);
    let detail =
        format!("The label of a dynamic block is the type of the blocks that it makes. The only one allowed here is dynamic \"{name}\".");
    fields.diagnostics().push(Diagnostic::error(Code::WrongLabels, detail).at(span));
    false
}

fn expanded<'a>(block: &'a Block, name: &str, parent: &mut Fields<'a>) -> Vec<Nested<'a>> {
    let scope = parent.evaluator();
    let syntax = parent.syntax();
    let mut fields = parent.nested("The dynamic block", block);
    let written = |name: &str| block.body.get_attribute(name).map(|attribute| &attribute.value);
    fields.require("for_each");
    let for_each = fields.expression("for_each").and_then(|_| written("for_each"));
    let iterator = match fields.expression("iterator") {
        None => Some(name.to_owned()),
        Some(Expression::Variable(iterator)) => Some(iterator.to_string()),
        Some(other) => {
            let detail = "`iterator` must be a name without quotes, by which the `content` block refers to the element.";
            fields.diagnostics().push(Diagnostic::error(Code::InvalidName, detail).at(syntax.span(other)));
            None
        }
    };
    let content = fields.block(CONTENT).and_then(|_| block.body.get_blocks(CONTENT.name).next());
    if content.is_none() && !fields.is_written_as_argument(CONTENT) {
        let header = fields.header();
        let detail = "The dynamic block needs a `content` block with the body of each block that it makes.";
        fields.diagnostics().push(Diagnostic::error(Code::MissingBlock, detail).at(header));
    }
    let elements = for_each.and_then(|for_each| {
        let found = scope.value(syntax, for_each).and_then(|value| {
            scope.pay_for_elements(value.len(), syntax, for_each.span().unwrap_or_default())?;
            elements(&value, || syntax.span(for_each))
        });
        fields.diagnostics().accept(found)
    });
    fields.finish();
    let (Some(elements), Some(iterator), Some(content)) = (elements, iterator, content) else { return Vec::new() };
    let within = |(key, value): (Value, Value)| {
        let mut scope = scope.clone();
        scope.set_value(&iterator, [("key".to_owned(), key), ("value".to_owned(), value)].into_iter().collect());
        Nested { block: content, scope: Some(scope) }
    };
    elements.into_iter().map(within).collect()
}

/// The keys and values of any collection. An element of a set is its own key.
fn elements(value: &Value, span: impl Fn() -> SourceSpan) -> Result<Vec<(Value, Value)>, Diagnostic> {
    let refused = |detail: String| Err(Diagnostic::error(Code::InvalidForEach, detail).at(span()));
    if value.is_sensitive() {
        return refused(
            "The number of blocks would reveal something of a sensitive value. If it may be shown, wrap the value in nonsensitive()."
                .into(),
        );
    }
    match value.kind() {
        Kind::Map(_, entries) | Kind::Object(entries) => {
            Ok(entries.iter().map(|(key, value)| (Value::from(key.as_str()), value.clone())).collect())
        }
        Kind::Set(_, elements) => Ok(elements.iter().map(|element| (element.clone(), element.clone())).collect()),
        Kind::List(_, elements) | Kind::Tuple(elements) => {
            let index = |index: usize| Number::parse(&index.to_string()).map_or_else(Value::null, Value::from);
            Ok(elements.iter().enumerate().map(|(at, element)| (index(at), element.clone())).collect())
        }
        Kind::Null(_) => refused("The value is null. `for_each` of a dynamic block takes a list, set, tuple, map or object.".into()),
        _ => refused(format!("`for_each` of a dynamic block takes a list, set, tuple, map or object, not {}.", value.kind_with_article())),
    }
}
