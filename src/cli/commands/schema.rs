//! `schema` and `completion`: what editors and shells need.

use crate::cli::args::{CompletionArgs, SchemaArgs};
use crate::cli::line::completion;
use crate::cli::{Context, Exit};
use crate::diag::{Code, Diagnostic, Diagnostics, closest};
use crate::render::Text;
use crate::render::text::text;

/// The schemas by name, for the files that orgroster writes and for the `-json` output of `explain`, `announce`, `references` and `drift`. They
/// are made from the types by a test, so that a release contains their text instead of their generator.
const SCHEMAS: &[(&str, &str)] = &[
    ("plan", include_str!("../../../schema/plan.schema.json")),
    ("announcement", include_str!("../../../schema/announcement.schema.json")),
    ("explanation", include_str!("../../../schema/explanation.schema.json")),
    ("snapshot", include_str!("../../../schema/snapshot.schema.json")),
    ("record", include_str!("../../../schema/record.schema.json")),
    ("journal", include_str!("../../../schema/journal.schema.json")),
    ("head", include_str!("../../../schema/head.schema.json")),
    ("lock", include_str!("../../../schema/lock.schema.json")),
    ("refusal", include_str!("../../../schema/refusal.schema.json")),
    ("references", include_str!("../../../schema/references.schema.json")),
    ("drift", include_str!("../../../schema/drift.schema.json")),
];

/// Prints the JSON Schema of a file that orgroster writes, or the names of all schemas.
pub fn schema(context: &mut Context, arguments: &SchemaArgs) -> Result<Exit, Diagnostics> {
    let names: Vec<_> = SCHEMAS.iter().map(|(name, _)| *name).collect();
    let Some(wanted) = &arguments.name else {
        context.terminal.print(&Text::lines_of(&names.join("\n"), ""));
        return Ok(Exit::Done);
    };
    let Some((_, schema)) = SCHEMAS.iter().find(|(name, _)| name == wanted) else {
        let hint = closest(wanted, &names).map_or_else(String::new, |word| format!(" Did you mean {word:?}?"));
        let detail = format!("There is no schema named {wanted:?}; there are {}.{hint}", names.join(", "));
        return Err(Diagnostic::error(Code::InvalidArgument, detail).into());
    };
    context.terminal.print(&Text::json_document(schema));
    Ok(Exit::Done)
}

/// Prints a shell's completion script, or the addresses that it offers. There are no addresses if the configuration can't be read.
pub fn completion(context: &mut Context, arguments: &CompletionArgs) -> Result<Exit, Diagnostics> {
    let text = match arguments.shell {
        Some(shell) => Text::verbatim(completion::script(shell)),
        None => {
            let roster = context.configuration().map(|(roster, _)| roster);
            let accounts = roster.map(|roster| roster.accounts).unwrap_or_default();
            accounts.iter().map(|account| text!("{}\n", account.address)).collect()
        }
    };
    context.terminal.print(&text);
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use schemars::generate::SchemaSettings;
    use schemars::transform::RecursiveTransform;
    use schemars::{JsonSchema, Schema};
    use serde_json::{Value, json};

    use super::*;
    use crate::drift::OrganizationDrift;
    use crate::journal::{Entry, Head, LockHolder, Record, Refusal};
    use crate::plan::{Explained, PlanFile, Snapshot};
    use crate::references::References;
    use crate::render::Announcement;

    /// `ORGROSTER_WRITE_SCHEMAS=1` writes them again.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "whether the schemas are regenerated is the environment's affair")]
    fn the_schemas_are_those_of_the_types() {
        let types = [
            ("plan", documents::<PlanFile>()),
            ("announcement", documents::<Announcement>()),
            ("explanation", documents::<Explained>()),
            ("snapshot", documents::<Snapshot>()),
            ("record", documents::<Record>()),
            ("journal", documents::<Entry>()),
            ("head", documents::<Head>()),
            ("lock", documents::<LockHolder>()),
            ("refusal", documents::<Refusal>()),
            ("references", documents::<References>()),
            ("drift", documents::<OrganizationDrift>()),
        ];
        assert_eq!(types.len(), SCHEMAS.len());
        for ((name, schema), (embedded, text)) in types.iter().zip(SCHEMAS) {
            assert_eq!(name, embedded);
            let generated = Text::pretty_json(schema.as_value());
            if env::var_os("ORGROSTER_WRITE_SCHEMAS").is_some() {
                fs::write(format!("{}/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR")), generated.as_str()).unwrap();
            } else {
                assert!(generated.as_str() == *text, "{name} is not current: ORGROSTER_WRITE_SCHEMAS=1 cargo test --lib schemas");
            }
        }
    }

    /// A sentence that every schema has in addition to its type's description.
    const OPEN: &str = "Later versions may add keys that this schema does not list: ignore them.";

    /// The schema of documents of a type as they are written. What is always written is required.
    fn documents<T: JsonSchema>() -> Schema {
        let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(RecursiveTransform(only_what_is_written));
        let mut schema = settings.into_generator().into_root_schema_for::<T>();
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        schema.insert("description".to_owned(), format!("{description} {OPEN}").into());
        schema
    }

    /// Removes what our documents never contain, and what strict validators reject.
    fn only_what_is_written(schema: &mut Schema) {
        // JSON Schema has no such formats; `minimum` is enough.
        if schema.get("format").and_then(Value::as_str).is_some_and(|format| format.contains("int")) {
            schema.remove("format");
        }
        let required: Vec<Value> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
        // An optional property is omitted, never null.
        for (_, property) in properties.iter_mut().filter(|(name, _)| !required.contains(&json!(name))) {
            without_null(property);
        }
    }

    fn without_null(schema: &mut Value) {
        let Some(schema) = schema.as_object_mut() else { return };
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
            any.retain(|one| one != &json!({ "type": "null" }));
            if let [Value::Object(only)] = any.as_slice() {
                let only = only.clone();
                schema.remove("anyOf");
                schema.extend(only.into_iter().filter(|(key, _)| key != "description"));
            }
        }
    }
}
