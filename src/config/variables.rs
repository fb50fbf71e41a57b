//! `variable` blocks, and the values of variables.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{Expression, FuncCall};
use hcl_edit::structure::Block;
use hcl_edit::visit::{self, Visit};
use jiff::Timestamp;

use crate::diag::{BlockForm, Code, Diagnostic, Diagnostics, Fields, Literals, SourceMap, Syntax, closest, parse_expression};
use crate::org::{Message, SourceSpan, Spanned};

use super::blocks::labels;
use super::eval::{Kind, Scope, Type, Value, convert, parse_type, references};
use super::external_values::{Assignment, ExternalValues, Raw, TERRAFORM_PREFIX, VARIABLE_PREFIX, ValueSource};
use super::habits;

/// How messages name a variable.
const WHAT: &str = "input variable";

/// Names that Terraform reserves for arguments of module blocks.
const RESERVED: [&str; 9] = ["count", "depends_on", "for_each", "lifecycle", "locals", "provider", "providers", "source", "version"];

const VALIDATION: BlockForm =
    BlockForm::new("validation", "condition     = length(var.NAME) > 0\n      error_message = \"NAME must not be empty.\"");

/// A `variable` block.
pub struct Declaration<'a> {
    syntax: &'a Syntax,
    label: SourceSpan,
    /// `None` if no type is declared, or if the declared type is not valid.
    r#type: Option<Type>,
    /// Whether a text from outside is the value itself, rather than an expression that has to be parsed.
    is_text: bool,
    default: Option<&'a Expression>,
    sensitive: bool,
    nullable: bool,
    validations: Vec<Validation<'a>>,
}

struct Validation<'a> {
    block: SourceSpan,
    condition: &'a Expression,
    message: &'a Expression,
}

/// All declarations by name.
pub type Declarations<'a> = BTreeMap<String, Declaration<'a>>;

/// Reads every `variable` block. `constants` is a scope without names.
pub fn declared<'a>(files: &'a [Syntax], constants: &Scope, diagnostics: &mut Diagnostics) -> Declarations<'a> {
    let mut declarations = Declarations::new();
    for syntax in files {
        for block in syntax.body.get_blocks("variable") {
            let Some([label]) = labels(syntax, block, diagnostics) else { continue };
            let declaration = read(syntax, block, &label, constants, diagnostics);
            if let Some(first) = declarations.get(&label.value) {
                let detail = format!("There are two variables named `{}`. Give one of them another name.", label.value);
                let diagnostic = Diagnostic::error(Code::DuplicateName, detail).at(label.span);
                diagnostics.push(diagnostic.also(first.label.clone(), "first declared here"));
            } else {
                declarations.insert(label.value, declaration);
            }
        }
    }
    declarations
}

fn read<'a>(
    syntax: &'a Syntax,
    block: &'a Block,
    label: &Spanned<String>,
    constants: &Scope,
    diagnostics: &mut Diagnostics,
) -> Declaration<'a> {
    let mut fields = Fields::of_block(format!("The variable block {:?}", label.value), syntax, block, &Literals, diagnostics);
    if label.value.parse::<hcl_edit::Ident>().is_err() {
        let detail = format!("A variable's name must be an identifier, such as `ticket_id`; {:?} is not one.", label.value);
        fields.diagnostics().push(Diagnostic::error(Code::InvalidName, detail).at(label.span.clone()));
    }
    if RESERVED.contains(&label.value.as_str()) {
        let detail = format!(
            "A variable can't be named {:?}: Terraform reserves the name for its module blocks, and so does orgroster. Rename the variable.",
            label.value
        );
        fields.diagnostics().push(Diagnostic::error(Code::InvalidName, detail).at(label.span.clone()));
    }
    fields.answer(habits::IN_VARIABLE);
    let (r#type, is_text) = match fields.expression("type") {
        None => (None, true),
        Some(expression) => {
            let parsed = fields.diagnostics().accept(parse_type(syntax, expression));
            let is_text = parsed.as_ref().is_some_and(Type::is_primitive);
            (parsed, is_text)
        }
    };
    setting(&mut fields, block, "description", &Type::String, constants);
    fields.expression("default");
    let default = block.body.get_attribute("default").map(|attribute| &attribute.value);
    // A `sensitive` that can't be read counts as true, so that no secret is shown.
    let flag = |value: Option<Value>| value.map(|value| *value.kind() == Kind::Bool(true));
    let sensitive = flag(setting(&mut fields, block, "sensitive", &Type::Bool, constants)).unwrap_or(block.body.has_attribute("sensitive"));
    let nullable = flag(setting(&mut fields, block, "nullable", &Type::Bool, constants)).unwrap_or(true);
    fields.blocks(VALIDATION);
    let validations = block.body.get_blocks(VALIDATION.name).filter_map(|block| read_validation(block, label, &mut fields)).collect();
    fields.finish();
    Declaration { syntax, label: label.span.clone(), r#type, is_text, default, sensitive, nullable, validations }
}

/// Reads an argument of a `variable` block: a constant that is not null, converted to `wanted`.
fn setting(fields: &mut Fields<'_, Literals>, block: &Block, name: &'static str, wanted: &Type, constants: &Scope) -> Option<Value> {
    let syntax = fields.syntax();
    fields.expression(name)?;
    let written = &block.body.get_attribute(name)?.value;
    let refused = |why: String| Diagnostic::error(Code::WrongType, format!("`{name}` is not suitable: {why}.")).at(syntax.span(written));
    let value = constant(syntax, written, constants).and_then(|value| {
        if value.is_null() {
            return Err(refused("it must not be null. Remove it to use the default".into()));
        }
        convert(&value, wanted).map_err(|error| refused(error.to_string()))
    });
    fields.diagnostics().accept(value)
}

fn read_validation<'a>(block: &'a Block, label: &Spanned<String>, parent: &mut Fields<'_, Literals>) -> Option<Validation<'a>> {
    let syntax = parent.syntax();
    let mut fields = parent.nested_with("The validation block", block, &Literals);
    let condition = block.body.get_attribute("condition").map(|attribute| &attribute.value);
    let message = block.body.get_attribute("error_message").map(|attribute| &attribute.value);
    // The reader accepts literals only, so these attributes are read here, as expressions.
    for name in ["condition", "error_message"] {
        if fields.expression(name).is_none() {
            fields.require(name);
        }
    }
    let header = fields.header();
    let is_own = |reference: super::eval::Reference| reference.root == "var" && reference.name.is_some_and(|(name, _)| name == label.value);
    if let Some(condition) = condition.filter(|condition| !references(condition).into_iter().any(is_own)) {
        let detail =
            format!("The condition for variable {:?} must refer to var.{} in order to test incoming values.", label.value, label.value);
        fields.invalid(&syntax.span(condition), detail);
    }
    fields.finish();
    Some(Validation { block: header, condition: condition?, message: message? })
}

/// Parses the texts that are expressions. Adds them to `sources`, so that diagnostics can show them, except those of sensitive variables.
pub fn parse_texts(
    assignments: Vec<Assignment>,
    declarations: &Declarations<'_>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Vec<Assignment> {
    let mut parse_one = |assignment: Assignment| {
        let Some(declaration) = declarations.get(&assignment.name).filter(|declaration| !declaration.is_text) else {
            return Some(assignment);
        };
        let Raw::Text(text) = &assignment.raw else { return Some(assignment) };
        let file = sources.add(format!("<value for var.{}>", assignment.name), text.trim().to_owned());
        match parse_expression(sources, file) {
            Ok((syntax, value)) => {
                let raw = Raw::Expression { syntax: Rc::new(syntax), key: None, value: Box::new(value) };
                Some(Assignment { raw, ..assignment })
            }
            Err(error) => {
                let given = assignment.by.describe(&assignment.name);
                let detail = format!(
                    "The value from {given} is not a valid expression for the type of var.{}. Write lists as [\"a\", \"b\"] and maps as {{ key = \"value\" }}.",
                    assignment.name
                );
                let at = if declaration.sensitive { Some(declaration.label.clone()) } else { error.primary.map(|label| label.span) };
                let diagnostic = Diagnostic::error(Code::InvalidVariable, detail);
                diagnostics.push(match at {
                    Some(span) => diagnostic.at(span),
                    None => diagnostic,
                });
                None
            }
        }
    };
    assignments.into_iter().filter_map(&mut parse_one).collect()
}

/// The variables of a configuration, with their values.
#[derive(Default)]
pub struct Variables {
    /// The result of `plantimestamp`, if it was called.
    pub plantimestamp: Option<Timestamp>,
    /// The values that may be shown, by name.
    pub shown: BTreeMap<String, serde_json::Value>,
    /// Those of `shown` whose value is not in the directory.
    pub given: BTreeMap<String, serde_json::Value>,
    /// The names of variables without a default and without a value.
    pub missing: Vec<String>,
}

/// Determines the value of every variable and adds it to the scope. `constants` is a scope without names. A variable without a value is
/// marked as failed, and reported unless `may_lack`.
pub fn resolve(
    declarations: &Declarations<'_>,
    assignments: Vec<Assignment>,
    constants: &Scope,
    scope: &mut Scope,
    may_lack: bool,
    diagnostics: &mut Diagnostics,
) -> Variables {
    let mut last = BTreeMap::new();
    for assignment in assignments {
        if declarations.contains_key(&assignment.name) {
            last.insert(assignment.name.clone(), assignment);
        } else if !scope.is_partial() {
            diagnostics.extend(undeclared(&assignment, declarations));
        }
    }
    let mut variables = Variables::default();
    let mut members = BTreeMap::new();
    for (name, declaration) in declarations {
        match value_of(name, declaration, last.get(name), constants) {
            Ok(Some(value)) => {
                if !declaration.sensitive && !value.has_sensitive() {
                    let shown = json_of(&value);
                    if last.get(name).is_some_and(|assignment| assignment.by.is_outside()) {
                        variables.given.insert(name.clone(), shown.clone());
                    }
                    variables.shown.insert(name.clone(), shown);
                }
                members.insert(name.clone(), value.marked(declaration.sensitive));
            }
            Ok(None) => {
                scope.set_failed("var", name);
                variables.missing.push(name.clone());
                if !may_lack && !scope.is_partial() {
                    let detail = format!(
                        "The variable {name:?} is not set and has no default value. Set it with -var {name}=VALUE, -var-file=FILE, a file that ends in {}, or the environment variable {}{name}.",
                        super::external_values::AUTOMATIC,
                        super::external_values::VARIABLE_PREFIX,
                    );
                    diagnostics.push(Diagnostic::error(Code::MissingVariable, detail).at(declaration.label.clone()));
                }
            }
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                scope.set_failed("var", name);
            }
        }
    }
    scope.set_members("var", WHAT, members);
    variables
}

/// Warns of variables that the environment sets only for Terraform.
pub fn warn_of_terraform(declarations: &Declarations<'_>, given: &ExternalValues, diagnostics: &mut Diagnostics) {
    for (name, declaration) in declarations {
        if given.terraform.contains(name) && !given.environment.contains_key(name) {
            let detail = format!(
                "The environment variable {TERRAFORM_PREFIX}{name} is set, but it has no effect here: only Terraform reads it. To set var.{name}, use {VARIABLE_PREFIX}{name}."
            );
            diagnostics.push(Diagnostic::warning(Code::NoEffect, detail).at(declaration.label.clone()));
        }
    }
}

/// As in Terraform: an undeclared variable is an error on the command line, a warning in a file, and ignored in the environment, which may
/// serve many configurations.
fn undeclared(assignment: &Assignment, declarations: &Declarations<'_>) -> Option<Diagnostic> {
    let name = &assignment.name;
    let known: Vec<_> = declarations.keys().map(String::as_str).collect();
    let hint = closest(name, &known).map_or_else(String::new, |word| format!(" Did you mean `{word}`?"));
    match (&assignment.raw, assignment.by) {
        (_, ValueSource::CommandLine) => {
            let detail = format!(
                "A variable named {name:?} was assigned on the command line, but no variable of that name is declared.{hint} To use this value, add a `variable` block to the configuration."
            );
            Some(Diagnostic::error(Code::UndeclaredVariable, detail))
        }
        (Raw::Expression { key: Some(key), .. }, ValueSource::File | ValueSource::Directory) => {
            let detail = format!(
                "No variable named {name:?} is declared, but this file gives it a value.{hint} To use this value, add a `variable` block to the configuration."
            );
            Some(Diagnostic::warning(Code::UndeclaredVariable, detail).at(key.clone()))
        }
        _ => None,
    }
}

/// The value of a variable; `None` if it needs one and has none.
fn value_of(
    name: &str,
    declaration: &Declaration<'_>,
    assignment: Option<&Assignment>,
    constants: &Scope,
) -> Result<Option<Value>, Diagnostic> {
    if let Some(assignment) = assignment {
        let given = given_value(name, declaration, assignment, constants)?;
        if declaration.nullable || !given.is_null() {
            return Ok(Some(given));
        }
    }
    let Some(default) = declaration.default else { return Ok(None) };
    let value = constant(declaration.syntax, default, constants)?;
    let converted = converted(declaration, &value).map_err(|why| {
        let detail = format!("The default value of var.{name} does not fit its type: {why}.");
        Diagnostic::error(Code::InvalidVariable, detail).at(declaration.syntax.span(default))
    })?;
    if converted.is_null() && !declaration.nullable {
        let detail =
            format!("The default value of var.{name} is null, but `nullable = false` allows no null. Set another default, or remove it.");
        return Err(Diagnostic::error(Code::InvalidVariable, detail).at(declaration.syntax.span(default)));
    }
    Ok(Some(converted))
}

fn given_value(name: &str, declaration: &Declaration<'_>, assignment: &Assignment, constants: &Scope) -> Result<Value, Diagnostic> {
    let (value, place) = match &assignment.raw {
        Raw::Text(text) => (Value::from(text.as_str()), None),
        Raw::Expression { syntax, value, .. } => {
            let found = constant(syntax, value, constants);
            // The line of a sensitive value must not be shown.
            let found = found.map_err(|error| if declaration.sensitive { error.at(declaration.label.clone()) } else { error });
            (found?, Some(syntax.span(&**value)))
        }
    };
    converted(declaration, &value).map_err(|why| {
        let given = assignment.by.describe(name);
        let detail = format!("The value from {given} is not suitable for var.{name}: {why}.");
        let place = place.filter(|_| !declaration.sensitive).unwrap_or_else(|| declaration.label.clone());
        Diagnostic::error(Code::InvalidVariable, detail).at(place)
    })
}

fn converted(declaration: &Declaration<'_>, value: &Value) -> Result<Value, String> {
    match &declaration.r#type {
        None => Ok(value.clone()),
        Some(wanted) => convert(value, wanted).map_err(|error| error.to_string()),
    }
}

/// The value of a constant expression, which has no references and no function calls.
fn constant(syntax: &Syntax, expression: &Expression, constants: &Scope) -> Result<Value, Diagnostic> {
    let mut calls = Calls(None);
    calls.visit_expr(expression);
    if let Some(span) = calls.0 {
        let detail = "Functions can't be called here: the value of a variable must be a constant. Call the function in a `locals` block.";
        return Err(Diagnostic::error(Code::UnsupportedExpression, detail).at(syntax.range(span)));
    }
    if let Some(reference) = references(expression).into_iter().next() {
        let detail =
            "Other values can't be referred to here: the value of a variable must be a constant. If this is a string, write it in quotes.";
        return Err(Diagnostic::error(Code::UnsupportedExpression, detail).at(syntax.range(reference.root_range)));
    }
    constants.value(syntax, expression)
}

/// Finds the location of the first function call.
struct Calls(Option<std::ops::Range<usize>>);

impl Visit for Calls {
    fn visit_func_call(&mut self, node: &FuncCall) {
        let range = hcl_edit::Span::span(&node.name.name).unwrap_or_default();
        self.0.get_or_insert(range);
        visit::visit_func_call(self, node);
    }
}

/// Checks the values against the `validation` blocks. The scope contains everything that a condition may refer to.
pub fn validate(declarations: &Declarations<'_>, scope: &Scope, sources: &SourceMap, diagnostics: &mut Diagnostics) {
    for (name, declaration) in declarations {
        for validation in &declaration.validations {
            let Some(condition) = diagnostics.accept(scope.value(declaration.syntax, validation.condition)) else { continue };
            let at = declaration.syntax.span(validation.condition);
            match convert(&condition, &Type::Bool).as_ref().map(Value::kind) {
                Ok(Kind::Bool(true)) => {}
                Ok(Kind::Bool(false)) => diagnostics.extend(refusal(name, declaration, validation, scope, sources)),
                Ok(_) => diagnostics.push(Diagnostic::error(Code::WrongType, "The condition is null. It must be true or false.").at(at)),
                Err(error) => {
                    diagnostics.push(Diagnostic::error(Code::WrongType, format!("The condition must be true or false: {error}.")).at(at));
                }
            }
        }
    }
}

fn refusal(
    name: &str,
    declaration: &Declaration<'_>,
    validation: &Validation<'_>,
    scope: &Scope,
    sources: &SourceMap,
) -> Option<Diagnostic> {
    let message = match scope.value(declaration.syntax, validation.message) {
        Ok(message) if message.has_sensitive() => "The error message contains a sensitive value, so it is not shown.".to_owned(),
        Ok(message) => match convert(&message, &Type::String).as_ref().map(|text| text.as_str().map(str::to_owned)) {
            Ok(Some(text)) => text,
            _ => "The error message of the rule is not a string.".to_owned(),
        },
        Err(error) if error.echo => return None,
        Err(error) => return Some(error),
    };
    let place = sources.place(&validation.block);
    // Terraform allows messages of several lines.
    let mut lines = message.lines();
    let detail = lines.by_ref().take(1).fold(Message::default(), |detail, first| detail.line(first));
    let detail = lines.fold(detail, Message::quote).paragraph(&format!("var.{name} was checked by the validation rule at {place}."));
    Some(
        Diagnostic::error(Code::InvalidVariable, detail)
            .at(declaration.label.clone())
            .also(declaration.syntax.span(validation.condition), "this is false"),
    )
}

/// A value as JSON. Use it only for values that may be shown.
fn json_of(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;

    match value.kind() {
        Kind::Null(_) => Json::Null,
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or(Json::Null),
        Kind::String(text) => Json::String(text.to_string()),
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => Json::Array(elements.iter().map(json_of).collect()),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            Json::Object(entries.iter().map(|(name, value)| (name.clone(), json_of(value))).collect())
        }
    }
}
