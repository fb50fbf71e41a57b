//! How many errors the schemas detect: documents from the program are changed in one place at a time, and the share of refused changes of
//! each kind is compared with [`Share`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use orgroster::drift::OrganizationDrift;
use orgroster::journal::{Entry, Head, LockHolder, Record, Refusal};
use orgroster::plan::{Explained, PlanFile, Snapshot};
use orgroster::references::References;
use orgroster::render::Announcement;
use regex::RegexSet;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::departing::{Scene, ids};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");

/// Objects whose keys are data, by the last name in their path: accounts, operations, gates, names of tags, policies and units.
const MAPS: &[&str] = &[
    "accounts",
    "answers",
    "at",
    "attached",
    "closed",
    "context",
    "covers",
    "delegated_administrators",
    "delegated_services",
    "departed",
    "enforcements",
    "facts",
    "gates",
    "probes",
    "parameters",
    "policies",
    "policy_types",
    "provider_config",
    "records",
    "refused",
    "requests",
    "role_tags",
    "skipped_by_reason",
    "tags",
    "texts",
    "unit_names",
    "variables",
];

/// Places for any JSON: values of variables, and policies in remedies.
const ANYTHING: &[&str] = &["/variables/*/value", "/document"];

/// The minimum percentage of changes that a schema refuses.
struct Share {
    /// A key is removed from a document, so that the program could not have written it.
    removed: usize,
    /// A value has another type, so that the program could not have written it.
    retyped: usize,
    /// A time, date, id, address, digest or hash is replaced by other text.
    formed: usize,
}

const STATED: Share = Share { removed: 98, retyped: 100, formed: 100 };

fn run(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_orgroster")).current_dir(directory).args(arguments).env_clear().output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn example(name: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for file in fs::read_dir(format!("{EXAMPLES}/{name}")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        fs::copy(&file, directory.path().join(file.file_name().unwrap())).unwrap();
    }
    directory
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Real documents, by the name of their schema.
fn documents() -> BTreeMap<&'static str, Vec<Value>> {
    let mut documents: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let (quickstart, spreadsheet) = (example("quickstart"), example("spreadsheet"));
    let (at, instances) = (quickstart.path(), spreadsheet.path());
    run(instances, &["plan", "-var=contract=2026-117", "-out=plan.json"]);
    run(at, &["plan", "-out=plan.json"]);
    run(at, &["plan", "-baseline=plan.json", "-out=compared.json"]);
    // The small document first: each path is changed in the first document that has it, and the whole document is read after each change.
    for (directory, name) in [(instances, "plan.json"), (at, "compared.json")] {
        documents.entry("plan").or_default().push(parse(&run(directory, &["show", "-json", name])));
    }
    documents.entry("announcement").or_default().push(parse(&run(at, &["announce", "-json", "plan.json"])));
    for account in ["legacy-crm", "security-tooling", "new-lab", "old-analytics", "mistyped", "suspended-lab", "shop-production"] {
        documents.entry("explanation").or_default().push(parse(&run(at, &["explain", "-json", account])));
    }
    run(at, &["snapshot", "-whole", "-out=before.json"]);
    run(at, &["apply", "-auto-approve"]);
    for arguments in [&["snapshot", "-out=facts.json"][..], &["snapshot", "-whole", "-out=facts.json"]] {
        run(at, arguments);
        documents.entry("snapshot").or_default().push(parse(&fs::read_to_string(at.join("facts.json")).unwrap()));
    }
    let mut drift = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    let drift = drift.current_dir(at).args(["drift", "-from=before.json", "-to=facts.json", "-json"]).env_clear().output().unwrap();
    assert_eq!(drift.status.code(), Some(2));
    documents.entry("drift").or_default().push(parse(&String::from_utf8(drift.stdout).unwrap()));
    let mut drift = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    let drift = drift.current_dir(at).args(["drift", "-since=before.json", "-json"]).env_clear().output().unwrap();
    assert!(String::from_utf8_lossy(&drift.stdout).contains("\"cause\""));
    documents.entry("drift").or_default().push(parse(&String::from_utf8(drift.stdout).unwrap()));

    fs::create_dir(at.join("elsewhere")).unwrap();
    fs::write(at.join("elsewhere/accounts-config.yaml"), "accountIds:\n  - accountId: '230000000004'\n").unwrap();
    fs::write(at.join("elsewhere/binary"), b"legacy-crm@example.com\n\0").unwrap();
    let mut references = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    let references = references.current_dir(at).args(["references", "-in", "elsewhere", "-json"]).env_clear().output().unwrap();
    documents.entry("references").or_default().push(parse(&String::from_utf8(references.stdout).unwrap()));

    let refusal = format!(
        "fault {{\n operation = \"organizations:LeaveOrganization\"\n account = \"{}\"\n kind = \"error\"\n code = \"ConstraintViolationException\"\n \
         reason = \"INVALID_PAYMENT_INSTRUMENT\"\n message = \"said AWS\"\n}}\n",
        ids(3)[1]
    );
    let scene = Scene::new(3, &refusal);
    scene.orgroster(&["apply", "-auto-approve", "-parallelism=1"]).output().unwrap();
    let backend = scene.path().join(".orgroster");
    for (schema, folder) in [("record", "records"), ("refusal", "refusals")] {
        for entry in fs::read_dir(backend.join(folder)).unwrap() {
            documents.entry(schema).or_default().push(parse(&fs::read_to_string(entry.unwrap().path()).unwrap()));
        }
    }
    let journal = fs::read_to_string(backend.join("journal.jsonl")).unwrap();
    documents.insert("journal", journal.lines().map(parse).collect());
    documents.insert("head", vec![parse(&fs::read_to_string(backend.join("head")).unwrap())]);
    let created = "2026-11-22T09:00:00Z".parse().ok();
    let lock = LockHolder { id: "f3b0c442".into(), operation: "apply".into(), who: "ops@runner".into(), created };
    documents.insert("lock", vec![serde_json::to_value(lock).unwrap()]);
    documents
}

/// A place in a document: its pointer, and its path with `*` for steps that differ between documents.
#[derive(Clone)]
struct Place {
    pointer: String,
    path: String,
}

impl Place {
    fn child(&self, key: &str, is_data: bool) -> Self {
        let escaped = key.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("{}/{escaped}", self.pointer), path: format!("{}/{}", self.path, if is_data { "*" } else { key }) }
    }

    fn is_map(&self) -> bool {
        MAPS.contains(&self.path.rsplit('/').next().unwrap_or_default())
            || self.path.ends_with("/policies/*")
            || self.path.ends_with("/policy_types/*/Ok")
            || self.path.ends_with("/answers/*")
    }

    fn may_be_anything(&self) -> bool {
        ANYTHING.iter().any(|path| self.path.ends_with(path) || self.path.contains(&format!("{path}/")))
    }
}

fn places(value: &Value, here: Place, found: &mut Vec<Place>) {
    match value {
        Value::Object(fields) => {
            let is_map = here.is_map();
            fields.iter().for_each(|(key, inner)| places(inner, here.child(key, is_map), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| places(inner, here.child(&index.to_string(), true), found))
        }
        _ => {}
    }
    found.push(here);
}

fn all_places(document: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    places(document, Place { pointer: String::new(), path: String::new() }, &mut found);
    found.retain(|place| !place.may_be_anything());
    found
}

/// How the program reads a document.
#[derive(PartialEq)]
enum Reading {
    /// It reads the document and writes it back unchanged, so it could have written it.
    Written,
    /// It reads the document.
    Read,
    /// It can't read the document.
    Refused,
}

fn read(name: &str, document: &Value) -> Reading {
    fn as_type<T: Serialize + DeserializeOwned>(document: &Value) -> Reading {
        match serde_json::from_value::<T>(document.clone()) {
            Ok(read) if serde_json::to_value(&read).unwrap() == *document => Reading::Written,
            Ok(_) => Reading::Read,
            Err(_) => Reading::Refused,
        }
    }
    match name {
        "plan" => as_type::<PlanFile>(document),
        "announcement" => as_type::<Announcement>(document),
        "explanation" => as_type::<Explained>(document),
        "snapshot" => as_type::<Snapshot>(document),
        "record" => as_type::<Record>(document),
        "journal" => as_type::<Entry>(document),
        "head" => as_type::<Head>(document),
        "lock" => as_type::<LockHolder>(document),
        "refusal" => as_type::<Refusal>(document),
        "references" => as_type::<References>(document),
        "drift" => as_type::<OrganizationDrift>(document),
        other => panic!("no type of {other}"),
    }
}

/// Texts with a format.
fn forms() -> RegexSet {
    let forms = [
        r"^\d{4}-\d{2}-\d{2}(T.*Z)?$",
        r"^\d{12}$",
        r"^o-[a-z0-9]{10,}$",
        r"^(r|ou)-[a-z0-9-]+$",
        r"^(sha256:)?[0-9a-f]{64}$",
        r"^orgroster_account\.",
        r"^arn:\S+$",
        r"^records/",
    ];
    RegexSet::new(forms).unwrap()
}

/// Changes of one kind: how many are wrong, the wrong ones that the schema accepts, and the correct ones that it refuses.
#[derive(Default)]
struct Tally {
    wrong: usize,
    accepted: Vec<String>,
    too_strict: Vec<String>,
}

impl Tally {
    fn note(&mut self, refused: bool, is_right: bool, what: impl FnOnce() -> String) {
        self.wrong += usize::from(!is_right);
        match (refused, is_right) {
            (true, true) => self.too_strict.push(what()),
            (false, false) => self.accepted.push(what()),
            _ => {}
        }
    }

    #[allow(clippy::print_stdout, reason = "the share is what somebody who runs this alone wants to know")]
    fn check(&self, kind: &str, stated: usize) {
        let refused = self.wrong - self.accepted.len();
        let accepted = self.accepted.join("\n");
        let text = format!("{kind}: {refused} of {} changes are refused, stated are {stated} %; accepted:\n{accepted}", self.wrong);
        println!("{kind}: {refused} of {} changes are refused", self.wrong);
        assert!(self.wrong > 100 && refused * 100 >= stated * self.wrong, "{text}");
        assert!(self.too_strict.is_empty(), "{kind}: what the program could write is refused:\n{}", self.too_strict.join("\n"));
    }
}

#[derive(Default)]
struct Tallies {
    removed: Tally,
    retyped: Tally,
    formed: Tally,
    extended: Tally,
}

/// Makes every change to one document, once for each new path.
fn change(schema: &Schema, document: &Value, seen: &mut BTreeSet<String>, tallies: &mut Tallies) {
    let (name, forms) = (&schema.name, forms());
    let mut changed = document.clone();
    for here in all_places(document).into_iter().filter(|place| seen.insert(place.path.clone())) {
        let Place { pointer, path } = &here;
        let value = document.pointer(pointer).unwrap();
        let mut with = |other: Value| {
            *changed.pointer_mut(pointer).unwrap() = other;
            let found = (!schema.accepts(&changed), read(name, &changed));
            changed.pointer_mut(pointer).unwrap().clone_from(value);
            found
        };
        let others = [json!(null), json!(true), json!(7.5), json!("?!"), json!([[]]), json!({ "?!": [] })];
        for other in others.iter().filter(|other| std::mem::discriminant(*other) != std::mem::discriminant(value)) {
            let (refused, reading) = with(other.clone());
            tallies.retyped.note(refused, reading == Reading::Written, || format!("{name}: {path} = {other}"));
        }
        match value {
            // A fact's value can be any text, such as a policy's digest, and so can a parameter of a request.
            Value::String(text) if forms.is_match(text) && !path.ends_with("/facts/*") && !path.ends_with("/parameters/*") => {
                // The program itself accepts any text for many of them.
                let (refused, _) = with(json!("?!"));
                tallies.formed.note(refused, false, || format!("{name}: {path}, was {text}"));
            }
            Value::Object(fields) if !here.is_map() => {
                for key in fields.keys() {
                    let mut fewer = fields.clone();
                    fewer.remove(key);
                    let (refused, reading) = with(fewer.into());
                    tallies.removed.note(refused, reading == Reading::Written, || format!("{name}: {path}/{key}"));
                }
                let mut more = fields.clone();
                more.insert("of_a_later_version".to_owned(), json!({}));
                let (refused, reading) = with(more.into());
                tallies.extended.note(refused, reading != Reading::Refused, || format!("{name}: {path}"));
            }
            _ => {}
        }
    }
}

/// A schema, as the program prints it.
struct Schema {
    name: String,
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Schema {
    fn named(name: &str) -> Self {
        let mut compiler = boon::Compiler::new();
        compiler.add_resource("schema.json", parse(&run(Path::new("."), &["schema", name]))).unwrap();
        let mut schemas = boon::Schemas::new();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { name: name.to_owned(), schemas, index }
    }

    fn accepts(&self, document: &Value) -> bool {
        self.schemas.validate(document, self.index).is_ok()
    }
}

#[test]
fn wrong_documents_are_refused_and_keys_of_later_versions_are_not() {
    let mut tallies = Tallies::default();
    let documents = documents();
    let names = run(Path::new("."), &["schema"]);
    assert_eq!(documents.keys().copied().collect::<BTreeSet<_>>(), names.lines().collect(), "each schema has documents");
    for (name, documents) in &documents {
        let schema = Schema::named(name);
        let mut seen = BTreeSet::new();
        for document in documents {
            let found = schema.schemas.validate(document, schema.index).err().map(|error| error.to_string());
            assert!(found.is_none() && read(name, document) == Reading::Written, "{name}: {found:?}");
            change(&schema, document, &mut seen, &mut tallies);
        }
    }
    tallies.removed.check("keys left out", STATED.removed);
    tallies.retyped.check("values of another type", STATED.retyped);
    tallies.formed.check("texts that have a form", STATED.formed);
    assert_eq!(tallies.extended.too_strict, Vec::<String>::new(), "keys of a later version are refused");
}

/// Strict validators of JSON Schema refuse a format that the specification doesn't have, and a keyword for a type that is absent.
#[test]
fn schemas_have_only_what_strict_validators_know() {
    for name in run(Path::new("."), &["schema"]).lines() {
        let schema = parse(&run(Path::new("."), &["schema", name]));
        let description = schema["description"].as_str().unwrap();
        assert!(description.contains("Later versions may add keys"), "{name}: {description}");
        let mut wrong = Vec::new();
        lint(&schema, "", &mut wrong);
        assert!(wrong.is_empty(), "{name}: {}", wrong.join("\n"));
    }
}

fn lint(schema: &Value, path: &str, wrong: &mut Vec<String>) {
    let keywords = [
        ("properties", "object"),
        ("required", "object"),
        ("additionalProperties", "object"),
        ("patternProperties", "object"),
        ("items", "array"),
        ("prefixItems", "array"),
        ("minItems", "array"),
        ("maxItems", "array"),
        ("uniqueItems", "array"),
        ("pattern", "string"),
        ("format", "string"),
        ("minimum", "integer"),
        ("maximum", "integer"),
    ];
    match schema {
        Value::Object(fields) => {
            let types: Vec<_> = match &fields.get("type") {
                Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
                Some(Value::String(one)) => vec![one.as_str()],
                _ => Vec::new(),
            };
            let named = path.ends_with("/properties") || path.ends_with("/$defs") || path.ends_with("/patternProperties");
            for (keyword, needed) in keywords.iter().filter(|(keyword, _)| !named && fields.contains_key(*keyword)) {
                if !types.contains(needed) {
                    wrong.push(format!("{path}: {keyword} without the type {needed}"));
                }
            }
            let format = fields.get("format").and_then(Value::as_str).filter(|_| !named);
            wrong.extend(format.filter(|format| !["date-time", "date"].contains(format)).map(|format| format!("{path}: format {format}")));
            fields
                .iter()
                .filter(|(key, _)| !["const", "enum", "examples"].contains(&key.as_str()))
                .for_each(|(key, inner)| lint(inner, &format!("{path}/{key}"), wrong));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(index, inner)| lint(inner, &format!("{path}/{index}"), wrong)),
        _ => {}
    }
}
