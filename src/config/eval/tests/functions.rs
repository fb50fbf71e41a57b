//! Tests that tables of results can't express: names of functions, templates, files, time, and behavior that many functions share.

use std::io::Read;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::diag::{Code, Diagnostic};

use super::super::{Directory, Scope, Value, console_text, function_names};
use super::{Parsed, data, evaluate, scope};

/// The functions that `terraform metadata functions` lists.
fn of_terraform() -> Vec<String> {
    let names = std::fs::read_to_string(data().join("function_names.txt")).unwrap();
    names.lines().map(str::to_owned).collect()
}

fn error(expression: &str) -> Diagnostic {
    evaluate(expression).map(|value| console_text(&value)).unwrap_err()
}

#[test]
fn every_function_of_terraform_is_here_or_refused_by_name_with_what_to_use() {
    let (names, own) = (of_terraform(), function_names());
    assert_eq!(names.len(), 118);
    assert!(own.iter().all(|name| names.iter().any(|known| known == name)), "a function that Terraform does not have");
    let refused: Vec<_> = names.iter().map(String::as_str).filter(|name| !own.contains(name)).collect();
    assert_eq!(refused, ["abspath", "bcrypt", "ephemeralasnull", "pathexpand", "rsadecrypt", "timestamp", "uuid"]);
    for name in refused.into_iter().chain(["list", "map"]) {
        for expression in [format!("{name}(\"x\")"), format!("core::{name}()")] {
            let error = error(&expression);
            let detail = error.detail.to_string();
            assert_eq!(error.code, Code::UnknownFunction, "{expression}");
            assert!(detail.starts_with(&format!("`{name}` is not available: ")), "{expression}: {detail}");
            assert!(!detail.contains("Did you mean") && error.patches.is_empty(), "{expression}: {detail}");
        }
    }
}

#[test]
fn a_misspelled_function_is_answered_with_one_that_is_here() {
    for (written, meant) in [("shal", "sha1"), ("core::lenght", "length"), ("cidr_subnet", "cidrsubnet"), ("yamlencod", "yamlencode")] {
        let error = error(&format!("{written}(\"x\")"));
        assert!(error.detail.to_string().ends_with(&format!("Did you mean `{meant}`?")), "{written}: {}", error.detail);
        assert_eq!(error.patches.first().unwrap().replacement, meant);
    }
    for name in of_terraform() {
        let misspelled = format!("{name}x");
        let detail = error(&format!("{misspelled}()")).detail.to_string();
        let proposed = detail.split("Did you mean `").nth(1).and_then(|rest| rest.split('`').next());
        assert!(proposed.is_none_or(|proposed| function_names().contains(&proposed)), "{misspelled}: {detail}");
    }
}

#[test]
fn only_the_namespace_of_terraforms_own_functions_is_known() {
    assert_eq!(console_text(&evaluate("core::upper(core::try(nope.x[0], \"a\"))").unwrap_or_else(|_| "A".into())), "\"A\"");
    for (expression, wanted) in [
        ("provider::aws::arn_parse(\"x\")", "There are no provider functions"),
        ("other::upper(\"a\")", "There are no functions in `other::`"),
        ("core::core::upper(\"a\")", "There are no functions in `core::`"),
    ] {
        let detail = error(expression).detail.to_string();
        assert!(detail.starts_with(wanted), "{expression}: {detail}");
    }
}

/// Evaluates an expression that can refer to templates.
fn with_templates(expression: &str) -> Result<String, String> {
    let parsed = Parsed::new(expression).unwrap();
    let mut scope = scope(&parsed);
    let texts = [
        ("greeting", "Hello, ${name}!"),
        ("loop", "%{ for i in n }${i},%{ endfor }"),
        ("broken", "${"),
        ("nested", "${templatestring(t, {})}"),
        ("file", "${templatefile(\"greet.tpl\", {})}"),
        ("list", "${[1, 2]}"),
        ("number", "${1 + 1}"),
        ("nothing", "${null}"),
    ];
    let mut members: std::collections::BTreeMap<_, _> = texts.map(|(name, text)| (name.to_owned(), Value::from(text))).into();
    members.insert("secret".into(), Value::from("a${x}").marked(true));
    members.insert("twelve".into(), super::super::Number::from(12).into());
    members.insert("all".into(), Value::strings(["a${x}", "b"]));
    scope.set_members("local", "local value", members);
    parsed.value(&scope).map(|value| console_text(&value)).map_err(|error| error.detail.to_string())
}

#[test]
fn templatestring_fills_in_templates_that_come_from_elsewhere() {
    for (expression, wanted) in [
        ("templatestring(local.greeting, { name = \"Ann\" })", "\"Hello, Ann!\""),
        ("templatestring(local.loop, { n = [\"x\", 2] })", "\"x,2,\""),
        ("templatestring(local.all[0], { x = true })", "\"atrue\""),
        ("templatestring(local.all[0 + 0], tomap({ x = \"y\" }))", "\"ay\""),
        ("templatestring(local.number, {})", "\"2\""),
        ("templatestring(local.secret, { x = 1 })", "(sensitive value)"),
        ("templatestring(local.greeting, { name = sensitive(\"x\") })", "(sensitive value)"),
        ("[for t in local.all : templatestring(t, { x = 1 })]", "[\n  \"a1\",\n  \"b\",\n]"),
    ] {
        assert_eq!(with_templates(expression).as_deref(), Ok(wanted), "{expression}");
    }
    for (expression, wanted) in [
        ("templatestring(\"hi\", {})", "without a function"),
        ("templatestring(\"${local.greeting}\", { name = 1 })", "without a function"),
        ("templatestring((local.greeting), { name = 1 })", "must be a reference"),
        ("templatestring(upper(\"a\"), {})", "must be a reference"),
        ("templatestring(local.broken, {})", "the template, line 1"),
        ("templatestring(local.twelve, {})", "a string is required, not a number"),
        ("templatestring(local.all, {})", "a string is required, not a list"),
        ("templatestring(local.list, {})", "must result in a string"),
        ("templatestring(local.nothing, {})", "must result in a string"),
        ("templatestring(local.greeting, {})", "uses `name`, but gets no variable of that name"),
        ("templatestring(local.greeting, { nam = 1 })", "Did you mean `nam`?"),
        ("templatestring(local.greeting, [])", "a map or object is required"),
        ("templatestring(local.greeting, { \"a b\" = 1, name = 1 })", "not a valid name"),
        ("templatestring(local.nested, { t = \"x\" })", "a template can't use another template"),
        ("templatestring(local.file, {})", "a template can't use another template"),
        ("templatestring(local.greeting)", "takes 2 arguments"),
    ] {
        let detail = with_templates(expression).unwrap_err();
        assert!(detail.contains(wanted), "{expression}: {detail}");
    }
}

#[test]
fn what_base64gzip_makes_is_the_string_compressed() {
    let long = "join(\" \", [for i in range(500) : \"account ${i} ${i * i}\"])";
    for expression in ["\"\"", "\"hello\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", long] {
        let text = evaluate(expression).unwrap();
        let packed = evaluate(&format!("base64gzip({expression})")).unwrap();
        let bytes = STANDARD.decode(packed.as_str().unwrap()).unwrap();
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_str().unwrap(), "{expression}");
        assert!(bytes.len() < 40 + unpacked.len(), "{expression}");
    }
}

#[test]
fn plantimestamp_is_the_time_that_the_run_was_given() {
    let parsed = Parsed::new("[plantimestamp(), plantimestamp()]").unwrap();
    let without = scope(&parsed);
    assert!(parsed.value(&without).unwrap_err().detail.to_string().contains("no time of a plan"));
    let timed = scope(&parsed).with_time(Some("2026-12-01T10:20:30.987Z".parse().unwrap()));
    assert!(!timed.used_time());
    let value = parsed.value(&timed.clone()).unwrap();
    assert_eq!(console_text(&value), "[\n  \"2026-12-01T10:20:30Z\",\n  \"2026-12-01T10:20:30Z\",\n]");
    assert!(timed.used_time(), "a scope and its clones belong to one run");
    let parsed = Parsed::new("1").unwrap();
    let timed = scope(&parsed).with_time(Some("2026-12-01T10:20:30Z".parse().unwrap()));
    parsed.value(&timed).unwrap();
    assert!(!timed.used_time());
}

/// Evaluates an expression that can read the files of a directory.
fn in_directory(expression: &str, directory: &std::path::Path) -> Result<String, String> {
    let parsed = Parsed::new(expression).unwrap();
    let scope = Scope::new(Arc::clone(&parsed.sources)).with_files(Arc::new(Directory::new(directory).unwrap()));
    parsed.value(&scope).map(|value| console_text(&value)).map_err(|error| error.detail.to_string())
}

#[cfg(unix)]
#[test]
fn fileset_stays_inside_the_directory() {
    use std::os::unix::fs::symlink;

    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("config");
    std::fs::create_dir_all(root.join("a/b")).unwrap();
    std::fs::create_dir_all(outer.path().join("other")).unwrap();
    for (name, folder) in [("x.csv", root.join("a")), ("y.csv", root.join("a/b")), ("z.csv", outer.path().join("other"))] {
        std::fs::write(folder.join(name), "").unwrap();
    }
    symlink("a", root.join("same")).unwrap();
    symlink("x.csv", root.join("a/link.csv")).unwrap();
    symlink("..", root.join("a/b/up")).unwrap();
    let list = |names: &[&str]| format!("toset([\n{}])", names.iter().map(|name| format!("  {name:?},\n")).collect::<String>());
    let found = |expression: &str| in_directory(expression, &root);
    // A link within the directory is followed if the pattern has a fixed depth, and not if it could form a cycle.
    assert_eq!(found("fileset(\".\", \"*/*.csv\")").unwrap(), list(&["a/link.csv", "a/x.csv", "same/link.csv", "same/x.csv"]));
    assert_eq!(found("fileset(\".\", \"**/*.csv\")").unwrap(), list(&["a/b/y.csv", "a/link.csv", "a/x.csv"]));
    assert_eq!(found("fileset(\"a/../same\", \"x.*\")").unwrap(), list(&["x.csv"]));
    for expression in [
        "fileset(\"..\", \"*\")",
        "fileset(\"../other\", \"*\")",
        "fileset(\"a\", \"../../other/*\")",
        "fileset(\".\", \"/../other/*\")",
        "fileset(\"/etc\", \"*\")",
    ] {
        assert!(found(expression).unwrap_err().contains("leads out of the"), "{expression}");
    }
    // A link that leads out is an error if it would be part of the result, and otherwise ignored.
    symlink(outer.path().join("other"), root.join("out")).unwrap();
    symlink(outer.path().join("other/z.csv"), root.join("a/out.csv")).unwrap();
    for expression in
        ["fileset(\".\", \"a/*.csv\")", "fileset(\".\", \"**/out.csv\")", "fileset(\"out\", \"*\")", "fileset(\".\", \"out/*\")"]
    {
        assert!(found(expression).unwrap_err().contains("leads out of the configuration directory"), "{expression}");
    }
    assert_eq!(found("fileset(\".\", \"**/y.csv\")").unwrap(), list(&["a/b/y.csv"]));
}

#[test]
fn a_file_in_another_encoding_is_answered_with_how_to_read_it() {
    let detail = error("file(\"binary.bin\")").detail.to_string();
    assert!(detail.contains("textdecodebase64(filebase64(\"binary.bin\"), \"windows-1252\")"), "{detail}");
    let detail = error("textdecodebase64(\"/w==\", \"cp1252\")").detail.to_string();
    assert!(detail.contains("\"windows-1252\""), "{detail}");
}

#[test]
fn a_column_whose_title_is_no_identifier_is_answered_with_what_to_write() {
    for (expression, wanted) in [
        ("csvdecode(\"account id,name\\n1,x\\n\")[0].account_id", "write [\"account id\"] instead of `.account_id`"),
        ("csvdecode(\"Account-Id \\n1\\n\")[0].account_id", "write [\"Account-Id \"] instead of `.account_id`"),
        ("csvdecode(\"\\ufeff\\\"id\\\",\\\"name\\\"\\n1,x\\n\")[0].id", "trimprefix(file(\"…\"), \"\\ufeff\")"),
        ("csvdecode(\"\\ufeffid,name\\n1,x\\n\")[0].id", "trimprefix(file(\"…\"), \"\\ufeff\")"),
        ("{ \"e-mail of owner\" = 1 }.e_mail_of_owner", "write [\"e-mail of owner\"]"),
    ] {
        let error = error(expression);
        let detail = error.detail.to_string();
        assert!(detail.contains(wanted) && error.patches.is_empty(), "{expression}: {detail}");
    }
    assert_eq!(error("{ name = 1 }.nmae").patches.first().unwrap().replacement, "name");
    let bare = "[for row in csvdecode(trimprefix(\"\\ufeffid\\n1\\n\", \"\\ufeff\")) : row.id][0]";
    assert_eq!(console_text(&evaluate(bare).unwrap()), "\"1\"");
}
